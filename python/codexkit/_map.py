"""Map: many prompts, each on a thread of its own, some at a time. The core does it; here are the names of Python."""

from __future__ import annotations

from ._check import check, refuse, seconds
from ._inputs import wire_input
from ._params import thread_params
from ._record import Record
from ._result import turn_error, turn_result
from .errors import CodexError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
    from os import PathLike
    from typing import Any, TypeAlias

    from typing_extensions import Self

    from ._checks import Checks
    from ._inputs import Input
    from ._native import MapRun as NativeRun
    from ._output import Output
    from ._result import TurnResult

_THREAD_OPTIONS = (
    "approval_mode",
    "base_instructions",
    "config",
    "cwd",
    "developer_instructions",
    "ephemeral",
    "mcp_servers",
    "model",
    "model_provider",
    "personality",
    "sandbox",
    "service_name",
    "service_tier",
    "session_start_source",
    "thread_source",
)


class MapItem(Record):
    """One item of a map: what a fresh thread is told, and where it works."""

    __slots__ = ("cwd", "id", "prompt")

    def __init__(
        self,
        prompt: Input | str,
        *,
        cwd: str | PathLike[str] | None = None,
        id: str | None = None,
    ) -> None:
        """Make an item.

        Args:
            prompt: Text, input objects or a list of them.
            cwd: The thread's working directory, instead of the one for all.
            id: A name of your own for it; it comes back with the result.
        """
        self.prompt = prompt
        self.cwd = cwd
        self.id = id


if TYPE_CHECKING:
    Item: TypeAlias = MapItem | Input | str
    """What an item may be given as: a prompt alone, or one with its folder and name."""


class MapProgress(Record):
    """Where a map is.

    Attributes:
        done: Items that succeeded, those of the journal included.
        failed: Items that failed.
        running: Items that run now.
        total: How many there are; ``None`` while the items of an iterator are not all taken.
    """

    __slots__ = ("done", "failed", "running", "total")

    def __init__(self, done: int, failed: int, running: int, total: int | None = None) -> None:
        """Make one; applications get theirs. Arguments are the attributes."""
        self.done = done
        self.failed = failed
        self.running = running
        self.total = total


class MapResult(Record):
    """What one item came to.

    Attributes:
        index: Which item it was, from 0.
        status: ``ok`` or ``failed``.
        id: The item's own name.
        thread_id: The thread it ran on, for ``thread_resume``; ``None`` if none was started.
        result: What its turn came to, if there was one.
        error: Why it failed.
        from_journal: Whether it succeeded in an earlier map with the same journal, and was not done again.
        progress: Where the map was when this was given.
    """

    __slots__ = (
        "error",
        "from_journal",
        "id",
        "index",
        "progress",
        "result",
        "status",
        "thread_id",
    )

    def __init__(
        self,
        index: int,
        status: str,
        id: str | None,
        thread_id: str | None,
        result: TurnResult | None,
        error: CodexError | None,
        from_journal: bool,
        progress: MapProgress,
    ) -> None:
        """Make a result; applications get theirs. Arguments are the attributes."""
        self.index = index
        self.status = status
        self.id = id
        self.thread_id = thread_id
        self.result = result
        self.error = error
        self.from_journal = from_journal
        self.progress = progress

    @property
    def final_response(self) -> str | None:
        """The text of the turn's final answer."""
        return None if self.result is None else self.result.final_response

    @property
    def parsed(self) -> Any:
        """The answer as an object of the ``output_type``; ``None`` without one, or if the item has failed."""
        return None if self.result is None else self.result.parsed


def _result(folded: dict[str, Any]) -> MapResult:
    turn, error = folded["turn"], folded["error"]
    result = None if turn is None else turn_result(turn)
    if turn is not None and result is not None and folded["status"] != "ok":
        error = turn_error(turn, result, all=True)
    return MapResult(
        folded["index"],
        folded["status"],
        folded["id"],
        folded["threadId"],
        result,
        error,
        folded["fromJournal"],
        _progress(folded["progress"]),
    )


def _progress(counts: dict[str, Any]) -> MapProgress:
    return MapProgress(counts["done"], counts["failed"], counts["running"], counts["total"])


def _wire(item: Any, number: int) -> dict[str, Any]:
    """An item in the core's form."""
    if not isinstance(item, MapItem):
        item = MapItem(item)
    name = f"items[{number}]"
    if item.id is not None and not isinstance(item.id, str):
        refuse(name, f"its id must be a string, not {type(item.id).__name__}")
    try:
        wire: dict[str, Any] = {"id": item.id, "input": wire_input(item.prompt)}
        if item.cwd is not None:
            wire["cwd"] = check("cwd", item.cwd)
    except CodexError as error:
        refuse(name, str(error))
    return wire


class Plan:
    """What a map is to do, checked: the options for the core, and the items."""

    __slots__ = ("_checks", "_output", "_words", "items", "options")

    def __init__(
        self,
        items: Any,
        *,
        may_await: bool,
        concurrency: Any,
        journal: Any,
        stop_on_error: Any,
        item_timeout: Any,
        thread: Any,
        turn: Any,
        output_type: Any,
    ) -> None:
        """Look at the arguments of ``map``.

        Args:
            items: The items.
            may_await: Whether they may be an asynchronous iterable.
            concurrency: How many at a time.
            journal: A file.
            stop_on_error: Whether the first failed item ends it.
            item_timeout: Seconds.
            thread: Options of threads.
            turn: Options of turns.
            output_type: The type of the answers.

        Raises:
            InvalidArgumentError: For an argument that cannot be right.
        """
        from ._auto import turn_options
        from ._native import dumps

        params, self._checks = turn_options(
            turn, may_await, "give output_type to map() itself, without repairs"
        )
        self._output: Output | None = None
        self._words: list[Any] = []
        if output_type is not None:
            params = self._typed(output_type, turn, params or {}, may_await)

        options = {
            "concurrency": concurrency,
            "stop_on_error": stop_on_error,
            "item_timeout_s": seconds("item_timeout", item_timeout),
            "journal": None if journal is None else _file(journal),
            "thread": _thread_options(thread),
            "turn": params,
        }
        # What is there already is looked at now: mistakes show where they are made.
        if isinstance(items, (list, tuple)):
            wired = [self._wire(item, number) for number, item in enumerate(items)]
            options["total"] = len(wired)
            self.items: Any = iter(wired)
        elif isinstance(items, (str, bytes, dict)):
            refuse("items", f"expected an iterable of prompts, not one {type(items).__name__}")
        elif hasattr(items, "__aiter__"):
            if not may_await:
                refuse("items", "it is asynchronous; use AsyncCodex, or a plain iterable")
            self.items = self._awaited(items)
        elif hasattr(items, "__iter__"):
            self.items = self._lazy(items)
        else:
            refuse("items", f"expected an iterable of prompts, not {type(items).__name__}")
        self.options = dumps(options)

    def _lazy(self, items: Iterable[Any]) -> Iterator[dict[str, Any]]:
        for number, item in enumerate(items):
            yield self._wire(item, number)

    async def _awaited(self, items: AsyncIterable[Any]) -> AsyncIterator[dict[str, Any]]:
        number = 0
        async for item in items:
            yield self._wire(item, number)
            number += 1

    def _wire(self, item: Any, number: int) -> dict[str, Any]:
        wire = _wire(item, number)
        return {**wire, "input": wire["input"] + self._words} if self._words else wire

    def _typed(
        self, output_type: Any, turn: Any, params: dict[str, Any], may_await: bool
    ) -> dict[str, Any]:
        """Has the answers read; gives the parameters of their turns."""
        from ._checks import NAMES, Checks
        from ._guardrails import Guardrails
        from ._output import Output

        self._output = Output(output_type, 0, [{"type": "text", "text": ""}], params)
        # A schema that strict mode has no form for is told in words, after the prompt.
        (_, *self._words), params = self._output.start()
        given = [(turn or {}).get(name) for name in NAMES]
        guard = Guardrails(*given, may_await=may_await, typed=True)
        self._checks = Checks(guard, may_await=may_await, output=self._output)
        return params

    def checks(self, event_loop: AbstractEventLoop | None) -> Checks | None:
        """What looks at the turns.

        Args:
            event_loop: Where coroutines run.

        Returns:
            What the core calls; ``None`` if nothing does.
        """
        return None if self._checks is None else self._checks.on(event_loop)

    def result(self, folded: dict[str, Any]) -> MapResult:
        """A result as it is given.

        Args:
            folded: It in the core's JSON form.

        Returns:
            The result, with its typed answer.
        """
        result = _result(folded)
        if self._output is None or self._checks is None or result.status != "ok":
            return result
        turn = folded["turn"]
        if turn["id"] in self._checks.parsed:
            parsed = self._checks.parsed.pop(turn["id"])
            answered: Any = result.result
            return result.__replace__(result=answered.__replace__(parsed=parsed))
        try:
            # It is of the journal.
            return result.__replace__(result=self._output.read(turn))
        except CodexError as error:
            return result.__replace__(status="failed", error=error)


def _file(journal: Any) -> str:
    from os import fspath

    path = fspath(journal) if hasattr(journal, "__fspath__") else journal
    if not isinstance(path, str):
        refuse("journal", f"expected a path, not {type(journal).__name__}")
    return path


def _thread_options(thread: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if thread is None:
        return None
    if not hasattr(thread, "keys"):
        refuse("thread", "expected a dict with the names of thread_start()'s arguments as keys")
    unknown = [name for name in thread if name not in (*_THREAD_OPTIONS, "extra")]
    if unknown:
        known = ", ".join(_THREAD_OPTIONS)
        refuse(
            "thread",
            f"it takes no {unknown[0]!r}; it takes {known}, extra; who answers is given to map() itself",
        )
    arguments: dict[str, Any] = {name: thread.get(name) for name in _THREAD_OPTIONS}
    return thread_params(thread.get("extra"), **arguments)


class _Run:
    """What both handles have."""

    __slots__ = ("_items", "_native", "_plan")

    def __init__(self, native: NativeRun, plan: Plan) -> None:
        """Made by ``Codex.map`` and ``AsyncCodex.map``."""
        self._native = native
        self._plan = plan
        self._items = plan.items

    @property
    def progress(self) -> MapProgress:
        """Where it is now."""
        return _progress(self._native.progress())

    def close(self) -> None:
        """Interrupt what runs, and begin nothing more. May be repeated."""
        self._native.interrupt()


class MapRun(_Run):
    """A map, and an iterator over its results as they complete.

    It goes on while results are taken. Leaving a ``with`` block early, or dropping it, interrupts what runs.
    """

    __slots__ = ()

    def _begin(self) -> Self:
        """Brings the items that the journal may know, to see whether it is theirs."""
        try:
            while self._native.must_check:
                self._feed()
        except BaseException:
            self.close()
            raise
        return self

    def _feed(self) -> None:
        for item in self._items:
            self._native.push(item)
            return
        self._native.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> MapResult:
        try:
            while True:
                step = self._native.step()
                if step is True:
                    self._feed()
                elif step is None:
                    break
                else:
                    return self._plan.result(step)
        except BaseException:
            self.close()
            raise
        raise StopIteration

    def collect(self) -> list[MapResult]:
        """Wait for the end.

        Returns:
            The results that were not taken before, in the order of the items.

        Raises:
            TransportClosedError: If the engine goes away. What succeeded is in the journal, if there is one.
        """
        return sorted(self, key=lambda result: result.index)


class AsyncMapRun(_Run):
    """:class:`MapRun` for asyncio: an asynchronous iterator over the results."""

    __slots__ = ()

    async def _begin(self) -> Self:
        """Brings the items that the journal may know, to see whether it is theirs."""
        try:
            while self._native.must_check:
                await self._feed()
        except BaseException:
            self.close()
            raise
        return self

    async def _feed(self) -> None:
        if hasattr(self._items, "__anext__"):
            try:
                item = await self._items.__anext__()
            except StopAsyncIteration:
                self._native.finish()
            else:
                self._native.push(item)
            return
        for item in self._items:
            self._native.push(item)
            return
        self._native.finish()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_raised: object) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> MapResult:
        from asyncio import get_running_loop

        event_loop = get_running_loop()
        try:
            while True:
                step = await self._native.step(event_loop)
                if step is True:
                    await self._feed()
                elif step is None:
                    break
                else:
                    return self._plan.result(step)
        except BaseException:
            self.close()
            raise
        raise StopAsyncIteration

    async def collect(self) -> list[MapResult]:
        """Wait for the end. Cancelling the task interrupts what runs.

        Returns:
            The results that were not taken before, in the order of the items.

        Raises:
            TransportClosedError: If the engine goes away. What succeeded is in the journal, if there is one.
        """
        results = [result async for result in self]
        results.sort(key=lambda result: result.index)
        return results
