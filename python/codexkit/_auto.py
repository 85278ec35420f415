"""Auto-run: turns of one thread until a check says that the task is done, or a limit is reached.

The core decides what comes next; here are the names of Python, and the calls of the application's functions.
"""

from __future__ import annotations

from ._auto_hooks import WITHIN_TURNS, AutoRunHandoff, handoff, said, told
from ._check import check as check_argument
from ._check import is_async, refuse
from ._inputs import wire_input
from ._observed import trace
from ._params import turn_params
from ._record import Record
from ._result import turn_result
from ._types import converter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Awaitable, Callable, Mapping
    from os import PathLike
    from typing import Any, Literal, TypeAlias

    from typing_extensions import Self

    from ._checks import Checks
    from ._inputs import Input
    from ._native import AutoRequest, Event
    from ._native import AutoRun as NativeRun
    from ._result import TurnResult
    from .types import TokenUsageBreakdown

    Verdict: TypeAlias = bool | str
    Predicate: TypeAlias = Callable[[TurnResult | None], Verdict | Awaitable[Verdict]]
    HookAnswer: TypeAlias = str | dict[str, Any] | None
    Hook: TypeAlias = Callable[["AutoRunStep"], HookAnswer | Awaitable[HookAnswer]]
    Check: TypeAlias = "Predicate | ShellCheck | VerdictCheck | GoalCheck | Literal['answer']"

_ASKED = "codexkit/autoRun/asked"
_TURN_OPTIONS = (
    "approval_mode",
    "cwd",
    "effort",
    "model",
    "output_schema",
    "personality",
    "sandbox",
    "service_tier",
    "source",
    "summary",
    "turn_service_tier",
)


_GUARDRAILS = ("input_guardrails", "output_guardrails")
_UNTYPED = (
    "a run has many answers, and until=VerdictCheck() gives the last one a type of its own; for a typed answer, ask for it "
    "with thread.run(..., output_type=...) after the run"
)


class ShellCheck(Record):
    """The task is done when a shell command exits with 0; the end of its output is what the next turn is told."""

    __slots__ = ("command", "cwd", "max_output", "timeout")

    def __init__(
        self,
        command: str,
        *,
        cwd: str | PathLike[str] | None = None,
        timeout: float | None = None,
        max_output: int | None = None,
    ) -> None:
        """Make a check.

        Args:
            command: What the shell runs, on this machine, as in ``pytest -q``.
            cwd: Where; by default where the thread works.
            timeout: Seconds until it is killed with all that it started, and has failed (default 600).
            max_output: Bytes of the end of its output that are kept (default 8192).
        """
        self.command = command
        self.cwd = cwd
        self.timeout = timeout
        self.max_output = max_output


class VerdictCheck(Record):
    """The task is done when the agent says so: each turn answers ``{"done": bool, "reason": str}``."""

    __slots__ = ("criteria",)

    def __init__(self, criteria: str | None = None) -> None:
        """Make a check.

        Args:
            criteria: What has to be true; it is added to the first prompt.
        """
        self.criteria = criteria


class GoalCheck(Record):
    """The task is done when the engine's own goal is reached; the engine starts the turns."""

    __slots__ = ("token_budget",)

    def __init__(self, token_budget: int | None = None) -> None:
        """Make a check.

        Args:
            token_budget: The tokens that may be used before the engine gives the goal up.
        """
        self.token_budget = token_budget


class RetryPolicy(Record):
    """How a turn that failed for a passing reason is tried again."""

    __slots__ = ("attempts", "factor", "initial_delay_s", "max_delay_s", "max_wait_s")

    def __init__(
        self,
        attempts: int | None = None,
        initial_delay_s: float | None = None,
        factor: float | None = None,
        max_delay_s: float | None = None,
        max_wait_s: float | None = None,
    ) -> None:
        """Make a policy. Each pause is a random part of a longest pause, which grows with each failure in a row.

        Args:
            attempts: Repetitions of one turn at most (default 3; 0 means none).
            initial_delay_s: The longest pause after the first failure, in seconds (default 1).
            factor: How it grows (default 2).
            max_delay_s: It grows no further (default 60).
            max_wait_s: When the engine asks to wait longer, the run ends instead (default 600).
        """
        self.attempts = attempts
        self.initial_delay_s = initial_delay_s
        self.factor = factor
        self.max_delay_s = max_delay_s
        self.max_wait_s = max_wait_s


class TokenPrices(Record):
    """What a million tokens cost, in any one currency."""

    __slots__ = ("cached_input", "input", "output")

    def __init__(self, input: float, cached_input: float, output: float) -> None:
        """Name prices.

        Args:
            input: Of input that was not cached.
            cached_input: Of input from the provider's cache.
            output: Of output, reasoning included.
        """
        self.input = input
        self.cached_input = cached_input
        self.output = output


class AutoRunStep(Record):
    """What a hook is told.

    Attributes:
        turn: The turn's number, from 1.
        prompt: Before a turn: what it is told; ``None`` if that is not text alone.
        result: After a turn: what it came to.
        tokens: What the run has used so far.
        continuation: The continuation token; store it to go on after the death of the process.
    """

    __slots__ = ("continuation", "prompt", "result", "tokens", "turn")

    def __init__(
        self,
        turn: int,
        prompt: str | None = None,
        result: TurnResult | None = None,
        tokens: TokenUsageBreakdown | None = None,
        continuation: str | None = None,
    ) -> None:
        """Make a step; applications get theirs. Arguments are the attributes."""
        self.turn = turn
        self.prompt = prompt
        self.result = result
        self.tokens = tokens
        self.continuation = continuation


class AutoRunTurn(Record):
    """One turn of a run, in short.

    Attributes:
        turn: Its number, from 1; a repetition has the same.
        thread_id: The thread that it ran on.
        attempt: How often it was tried, this time included.
        turn_id: The engine's id of it.
        status: ``completed``, ``interrupted`` or ``failed``.
        final_response: The text of its final answer.
        tokens: What it used, by itself.
        duration_ms: How long it took.
    """

    __slots__ = (
        "attempt",
        "duration_ms",
        "final_response",
        "status",
        "thread_id",
        "tokens",
        "turn",
        "turn_id",
    )

    def __init__(
        self,
        turn: int,
        thread_id: str,
        attempt: int,
        turn_id: str,
        status: str,
        final_response: str | None,
        tokens: TokenUsageBreakdown,
        duration_ms: int | None,
    ) -> None:
        """Make one; applications get theirs. Arguments are the attributes."""
        self.turn = turn
        self.thread_id = thread_id
        self.attempt = attempt
        self.turn_id = turn_id
        self.status = status
        self.final_response = final_response
        self.tokens = tokens
        self.duration_ms = duration_ms


class AutoRunResult(Record):
    """What a run came to.

    Attributes:
        thread_id: The thread it ran on; the last one, when agents handed over.
        stop_reason: Why it ended: ``done``, ``max_turns``, ``max_tokens``, ``timeout``, ``max_cost``,
            ``failed``, ``refused``, ``interrupted``, ``stopped_by_hook``, ``stopped_by_caller`` or
            ``goal_ended``.
        detail: More about why, for people.
        turns: How many turns were begun, in all processes; a repeated one counts once.
        tokens: What they used; each token once.
        cost: What that cost, where prices were given.
        elapsed_ms: The wall time, in all processes.
        continuation: Goes on with the run, for example with other limits; ``None`` when the task is done.
        error: With ``failed`` and ``refused``, what went wrong: ``kind`` (``turn``, or an error's kind),
            ``message`` and ``codexErrorInfo``.
        last: The last turn.
        history: The turns that ended in this process, repetitions too.
        handoffs: Who handed over to whom in this process.
    """

    __slots__ = (
        "continuation",
        "cost",
        "detail",
        "elapsed_ms",
        "error",
        "handoffs",
        "history",
        "last",
        "stop_reason",
        "thread_id",
        "tokens",
        "turns",
    )

    def __init__(
        self,
        thread_id: str,
        stop_reason: str,
        detail: str | None,
        turns: int,
        tokens: TokenUsageBreakdown,
        cost: float | None,
        elapsed_ms: int,
        continuation: str | None,
        error: dict[str, Any] | None,
        last: TurnResult | None,
        history: list[AutoRunTurn],
        handoffs: list[AutoRunHandoff],
    ) -> None:
        """Make a result; applications get theirs. Arguments are the attributes."""
        self.thread_id = thread_id
        self.stop_reason = stop_reason
        self.detail = detail
        self.turns = turns
        self.tokens = tokens
        self.cost = cost
        self.elapsed_ms = elapsed_ms
        self.continuation = continuation
        self.error = error
        self.last = last
        self.history = history
        self.handoffs = handoffs

    @property
    def final_response(self) -> str | None:
        """The text of the last turn's final answer."""
        return None if self.last is None else self.last.final_response


def _tokens(counters: dict[str, Any]) -> TokenUsageBreakdown:
    convert: Any = converter("TokenUsageBreakdown")
    return convert(counters)


def _turn(turn: dict[str, Any]) -> AutoRunTurn:
    return AutoRunTurn(
        turn["turn"],
        turn["threadId"],
        turn["attempt"],
        turn["turnId"],
        turn["status"],
        turn["finalResponse"],
        _tokens(turn["tokens"]),
        turn["durationMs"],
    )


def _result(folded: dict[str, Any]) -> AutoRunResult:
    last = folded["last"]
    return AutoRunResult(
        folded["threadId"],
        folded["stopReason"],
        folded["detail"],
        folded["turns"],
        _tokens(folded["tokens"]),
        folded["cost"],
        folded["elapsedMs"],
        folded["continuation"],
        folded["error"],
        None if last is None else turn_result(last),
        [_turn(turn) for turn in folded["history"]],
        [handoff(made) for made in folded["handoffs"]] if folded["handoffs"] else [],
    )


class Plan:
    """What a run is to do, checked: the options for the core, and the application's functions."""

    __slots__ = ("_checks", "_functions", "_may_await", "options")

    def __init__(self, *, stream: bool, may_await: bool, **given: Any) -> None:
        """Look at the arguments of ``auto_run`` and ``auto_resume``.

        Args:
            stream: Whether the events are wanted.
            may_await: Whether functions may be ``async``.
            given: The keyword arguments.

        Raises:
            InvalidArgumentError: For an argument that cannot be right.
        """
        self._functions: dict[str, Any] = {}
        self._may_await = may_await
        options: dict[str, Any] = {"keep_events": stream}
        for name in ("max_turns", "max_tokens", "max_cost", "next_prompt", "token_key"):
            options[name] = given[name]
        options["timeout_s"] = given["timeout"]
        options["until"] = self._until(given["until"])
        options["prices"] = _fields("prices", given["prices"], TokenPrices)
        options["retry"] = _fields("retry", given["retry"], RetryPolicy)
        options["turn"], self._checks = turn_options(given["turn"], may_await, _UNTYPED)
        for name in ("before_turn", "after_turn", *WITHIN_TURNS):
            options[name] = given[name] is not None
            if given[name] is not None:
                self._functions[name] = self._function(name, given[name])
        from ._native import dumps, loads

        # The trace is looked up at the call: the run's tasks are in none.
        told = trace(given["trace_context"])
        options["trace_context"] = None if told is None else loads(told)
        self.options = dumps(options)

    def _until(self, until: Any) -> Any:
        if until is None:
            return None
        if isinstance(until, ShellCheck):
            fields: dict[str, Any] = {"command": until.command}
            if until.cwd is not None:
                fields["cwd"] = check_argument("cwd", until.cwd)
            if until.timeout is not None:
                fields["timeout_s"] = until.timeout
            if until.max_output is not None:
                fields["max_output"] = until.max_output
            return {"command": fields}
        if isinstance(until, VerdictCheck):
            return {"verdict": {"criteria": until.criteria}}
        if until == "answer":
            return until
        if isinstance(until, GoalCheck):
            return {"goal": {"token_budget": until.token_budget}}
        self._functions["check"] = self._function("until", until)
        return "callback"

    def _function(self, name: str, given: Any) -> Any:
        if not callable(given) or isinstance(given, type):
            accepted = "a function"
            if name == "until":
                accepted += ", a ShellCheck, a VerdictCheck, a GoalCheck or 'answer'"
            refuse(name, f"expected {accepted}, not {given!r}")
        if not self._may_await and is_async(given):
            refuse(name, "it is async; use AsyncCodex, or a plain function")
        return given

    def checks(self, event_loop: AbstractEventLoop | None) -> Checks | None:
        """What looks at the turns.

        Args:
            event_loop: Where coroutines run.

        Returns:
            What the core calls; ``None`` without guardrails.
        """
        return None if self._checks is None else self._checks.on(event_loop)

    def call(self, request: AutoRequest) -> Any:
        """Calls the function that a request is for.

        Args:
            request: What the core asks.

        Returns:
            What the function returned; maybe an awaitable.
        """
        params = request.params()
        if request.what in WITHIN_TURNS:
            return self._functions[request.what](*told(request.what, params))
        result = params.get("result")
        result = None if result is None else turn_result(result)
        function = self._functions[request.what]
        if request.what == "check":
            return function(result)
        step = AutoRunStep(
            params["turn"],
            params.get("prompt"),
            result,
            _tokens(params["tokens"]),
            params["continuation"],
        )
        return function(step)

    def answer(self, request: AutoRequest) -> None:
        """Answers a request.

        Args:
            request: What the core asks.

        Raises:
            InvalidArgumentError: If the function returns an awaitable, or what has no meaning.
            Exception: Whatever the function raises.
        """
        answer = self.call(request)
        if hasattr(answer, "__await__"):
            if hasattr(answer, "close"):
                answer.close()
            name = "until" if request.what == "check" else request.what
            refuse(name, "it returned an awaitable; use AsyncCodex, or a plain function")
        request.respond(_said(request, answer))

    async def answer_async(self, request: AutoRequest) -> None:
        """:meth:`answer`, for functions that may be ``async``.

        Args:
            request: What the core asks.
        """
        answer = self.call(request)
        if hasattr(answer, "__await__"):
            answer = await _in_time(request, answer)
            if answer is _LATE:
                return
        request.respond(_said(request, answer))


_LATE = object()
"""What became of an answer for which nobody waits any more."""


async def _in_time(request: AutoRequest, awaitable: Any) -> Any:
    """The answer, or ``_LATE``: then the function was cancelled."""
    from asyncio import FIRST_COMPLETED, CancelledError, ensure_future, get_running_loop, wait

    answering = ensure_future(awaitable)
    withdrawn = request.withdrawn(get_running_loop())
    try:
        await wait((answering, withdrawn), return_when=FIRST_COMPLETED)
    except CancelledError:
        # As if it had been awaited here: it is over before whoever gave up goes on.
        answering.cancel()
        await wait((answering,))
        raise
    finally:
        withdrawn.cancel()
    if answering.done():
        return answering.result()
    answering.cancel()
    return _LATE


def _said(request: AutoRequest, answer: Any) -> Any:
    return said(request.what, answer) if request.what in WITHIN_TURNS else answer


def _fields(name: str, given: Any, kind: type[Record]) -> dict[str, Any] | None:
    if given is None:
        return None
    if not isinstance(given, kind):
        refuse(name, f"expected a {kind.__name__}, not {type(given).__name__}")
    fields = {field: getattr(given, field) for field in given.__match_args__}
    return {field: value for field, value in fields.items() if value is not None}


def turn_options(
    turn: Mapping[str, Any] | None, may_await: bool, untyped: str
) -> tuple[dict[str, Any] | None, Checks | None]:
    """The options of turns that the core starts.

    Args:
        turn: What was given.
        may_await: Whether guardrails may be ``async``.
        untyped: What to do instead of giving an ``output_type`` there.

    Returns:
        The parameters of ``turn/start``, and the guardrails.

    Raises:
        InvalidArgumentError: For an option that these turns do not take, or that cannot be right.
    """
    if turn is None:
        return None, None
    if not hasattr(turn, "keys"):
        refuse("turn", "expected a dict with the names of run()'s arguments as keys")
    for name in turn:
        if name in ("output_type", "output_repairs"):
            refuse("turn", f"it takes no {name!r}; {untyped}")
        if name not in (*_TURN_OPTIONS, *_GUARDRAILS, "extra"):
            known = ", ".join((*_TURN_OPTIONS, *_GUARDRAILS))
            refuse("turn", f"it takes no {name!r}; it takes {known}, extra")
    arguments: dict[str, Any] = {name: turn.get(name) for name in _TURN_OPTIONS}
    params = turn_params(turn.get("extra"), tool_output=None, **arguments)
    if all(turn.get(name) is None for name in _GUARDRAILS):
        return params, None
    from ._checks import checks_of

    # Guardrails alone leave the other options of a run that goes on as its token says.
    ours = all(name in _GUARDRAILS for name in turn)
    return None if ours else params, checks_of(turn, may_await=may_await)


def finish(native: NativeRun, plan: Plan) -> AutoRunResult:
    """Answers what a run asks until its end. Whatever is raised interrupts it.

    Args:
        native: The run.
        plan: Who answers.

    Returns:
        The result.
    """
    try:
        while (request := native.next_request()) is not None:
            plan.answer(request)
        return _result(native.result())
    except BaseException:
        native.interrupt()
        raise


async def finish_async(native: NativeRun, plan: Plan) -> AutoRunResult:
    """:func:`finish` for asyncio.

    Args:
        native: The run.
        plan: Who answers.

    Returns:
        The result.
    """
    from asyncio import get_running_loop

    event_loop = get_running_loop()
    try:
        while (request := await native.next_request(event_loop)) is not None:
            await plan.answer_async(request)
        return _result(await native.result(event_loop))
    except BaseException:
        native.interrupt()
        raise


class _Run:
    """What both handles have."""

    __slots__ = ("_native", "_plan")

    def __init__(self, native: NativeRun, plan: Plan) -> None:
        """Made by ``auto_run_streamed`` and ``auto_resume_streamed``."""
        self._native = native
        self._plan = plan

    @property
    def thread_id(self) -> str:
        """The thread it runs on."""
        return self._native.thread_id

    @property
    def turn_id(self) -> str | None:
        """The id of the turn that runs now."""
        return self._native.turn_id

    @property
    def continuation(self) -> str | None:
        """The newest continuation token, for ``auto_resume``; ``None`` once the task is done."""
        return self._native.continuation

    def stop(self) -> None:
        """End the run after the turn that runs now, or before the next."""
        self._native.stop()

    def interrupt(self) -> None:
        """End the run now: interrupts its turn, kills its check. May be repeated."""
        self._native.interrupt()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(thread_id={self.thread_id!r})"


class AutoRun(_Run):
    """A run, and an iterator over its events: those of all turns, and between them its own.

    The run's own are ``codexkit/autoRun/turnStarted``, ``turnCompleted``, ``turnFound``, ``checked``,
    ``retrying``, ``continuation`` and ``completed``. Functions of the application are called while the
    events are read, or in :meth:`result`. Leaving a ``with`` block early interrupts the run.
    """

    __slots__ = ("_events",)

    def __init__(self, native: NativeRun, plan: Plan) -> None:
        """Made by ``Thread.auto_run_streamed`` and ``Codex.auto_resume_streamed``."""
        super().__init__(native, plan)
        self._events = native.events()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._native.interrupt()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        try:
            while True:
                event = next(self._events)
                if event.method != _ASKED:
                    return event
                request = self._native.take_request()
                if request is not None:
                    self._plan.answer(request)
        except StopIteration:
            raise
        except BaseException:
            self._native.interrupt()
            raise

    def steer(self, input: Input | str) -> None:
        """Give the running turn more to go on (``turn/steer``); between turns, the next one.

        Args:
            input: Text, input objects or a list of them.

        Raises:
            InvalidArgumentError: For bad input, and when the run has ended.
        """
        self._native.steer(wire_input(input))

    def result(self) -> AutoRunResult:
        """Wait for the end, answering what the run asks. Works before, after and beside the iteration.

        Returns:
            The result.

        Raises:
            InvalidArgumentError: If a function returned what has no meaning.
            Exception: Whatever a function of the application raises.
        """
        return finish(self._native, self._plan)


class AsyncAutoRun(_Run):
    """:class:`AutoRun` for asyncio: an asynchronous iterator over the run's events."""

    __slots__ = ("_events",)

    def __init__(self, native: NativeRun, plan: Plan) -> None:
        """Made by ``AsyncThread.auto_run_streamed`` and ``AsyncCodex.auto_resume_streamed``."""
        super().__init__(native, plan)
        self._events = native.events_async()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_raised: object) -> None:
        self._native.interrupt()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        try:
            while True:
                event = await self._events.__anext__()
                if event.method != _ASKED:
                    return event
                request = self._native.take_request()
                if request is not None:
                    await self._plan.answer_async(request)
        except StopAsyncIteration:
            raise
        except BaseException:
            self._native.interrupt()
            raise

    async def steer(self, input: Input | str) -> None:
        """Give the running turn more to go on (``turn/steer``); between turns, the next one.

        Args:
            input: Text, input objects or a list of them.

        Raises:
            InvalidArgumentError: For bad input, and when the run has ended.
        """
        from asyncio import get_running_loop

        await self._native.steer(wire_input(input), get_running_loop())

    async def result(self) -> AutoRunResult:
        """Wait for the end, answering what the run asks. Cancelling the task interrupts the run.

        Returns:
            The result.

        Raises:
            InvalidArgumentError: If a function returned what has no meaning.
            Exception: Whatever a function of the application raises.
        """
        return await finish_async(self._native, self._plan)
