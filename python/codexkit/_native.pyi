"""The native half of the package, written by hand after bindings/python/src.

Private but for `Event`. Every operation that takes `event_loop` blocks without one and gives an
asyncio future with one.
"""

from asyncio import AbstractEventLoop, Future
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from typing import Any, ClassVar, Literal, TypeVar, final, overload

from typing_extensions import Self

__all__ = [
    "AsyncEventStream",
    "Client",
    "Event",
    "EventStream",
    "Field",
    "ScriptedModel",
    "ServerRequest",
    "SimpleFold",
    "Struct",
    "Thread",
    "Turn",
    "connect",
    "dumps",
    "loads",
]

_Json = dict[str, Any]
_T = TypeVar("_T")

def loads(text: str) -> Any:
    """Parses JSON; lone surrogates are kept."""

def dumps(value: Any) -> str:
    """Writes a value as a message to the engine would carry it.

    Raises `InvalidArgumentError` for what has no JSON form, lone surrogates included.
    """

@overload
def connect(
    options: str,
    handler: Callable[[ServerRequest], object] | None = None,
    event_loop: None = None,
) -> Client: ...
@overload
def connect(
    options: str,
    handler: Callable[[ServerRequest], object] | None,
    event_loop: AbstractEventLoop,
) -> Future[Client]: ...

@final
class Event:
    """A notification of the engine.

    `method` and `payload` are what `match` takes by position. Nothing is parsed before it is looked
    at.
    """

    __match_args__: ClassVar[tuple[Literal["method"], Literal["payload"]]] = ...
    def __new__(cls, method: str, payload: Any) -> Self:
        """Makes an event that no engine sent, for tests.

        `payload` is an object of `codexkit.types`, or a dict with the wire's names.
        """

    @property
    def method(self) -> str:
        """The protocol's method, as in `item/agentMessage/delta`."""

    @property
    def payload(self) -> Any:
        """The parameters as the class of `codexkit.types` for the method.

        `UnknownNotification` for a method this version does not know.
        """

    @property
    def params(self) -> _Json:
        """The parameters as plain dicts and lists, with the wire's names; made once and shared."""

    @property
    def raw(self) -> str:
        """The whole line as the engine sent it."""

    @property
    def thread_id(self) -> str | None:
        """The thread the event belongs to."""

    @property
    def turn_id(self) -> str | None:
        """The turn the event belongs to."""

    @property
    def item_id(self) -> str | None:
        """The item the event is about."""

    @property
    def merged(self) -> int:
        """How many of the engine's notifications this event stands for.

        More than 1 only for deltas that were joined because nobody read them in time.
        """

    @property
    def recovered(self) -> bool:
        """Whether the engine never sent the event and it was found out by reading the thread."""

    def to_dict(self) -> _Json:
        """The whole message as plain dicts and lists; a new one with each call."""

    def __eq__(self, other: object, /) -> bool: ...

class Struct:
    """Base of the protocol's structs: the data of one, parsed when it is first needed."""

    def __new__(cls, source: Event | _Json | None = None, /, **fields: Any) -> Self: ...
    def _wire(self) -> _Json: ...
    def _assign(self, wire_name: str, value: Any, plain: Any) -> None: ...

@final
class Field:
    """Descriptor of one wire field."""

    name: str
    wire: str
    kind: str
    def __new__(cls, name: str, wire: str, kind: str, default: Any = None) -> Self: ...
    def __get__(self, instance: object, owner: type | None = None, /) -> Any: ...

@final
class EventStream(Iterator[Event]):
    """Blocking iterator over events."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> Event: ...
    def events_async(self) -> AsyncEventStream: ...
    def close(self) -> None: ...
    def next_within(self, timeout: float) -> Event | None: ...
    def take(self, limit: int = 256) -> list[Event]: ...
    @property
    def dropped(self) -> int: ...
    @property
    def coalesced(self) -> int: ...

@final
class AsyncEventStream(AsyncIterator[Event], Awaitable[Event]):
    """The same for asyncio."""

    def __aiter__(self) -> Self: ...
    def __anext__(self) -> Awaitable[Event]: ...
    def __await__(self) -> Generator[Any, None, Event]: ...
    def aclose(self) -> Awaitable[None]: ...
    def throw(self, kind: object, value: object = None, _traceback: object = None) -> Any: ...
    @property
    def dropped(self) -> int: ...
    @property
    def coalesced(self) -> int: ...

@final
class Client:
    """One running engine."""

    def metadata(self) -> _Json: ...
    @overload
    def request(
        self, method: str, params: Any = None, timeout: float | None = None, event_loop: None = None
    ) -> Any: ...
    @overload
    def request(
        self, method: str, params: Any, timeout: float | None, event_loop: AbstractEventLoop
    ) -> Future[Any]: ...
    @overload
    def api(
        self,
        method: str,
        params: _Json,
        extra: _Json | None = None,
        timeout: float | None = None,
        event_loop: None = None,
    ) -> Any: ...
    @overload
    def api(
        self,
        method: str,
        params: _Json,
        extra: _Json | None,
        timeout: float | None,
        event_loop: AbstractEventLoop,
    ) -> Future[Any]: ...
    @overload
    def notify(self, method: str, params: Any = None, event_loop: None = None) -> None: ...
    @overload
    def notify(self, method: str, params: Any, event_loop: AbstractEventLoop) -> Future[None]: ...
    @overload
    def thread_start(self, params: _Json, event_loop: None = None) -> Thread: ...
    @overload
    def thread_start(self, params: _Json, event_loop: AbstractEventLoop) -> Future[Thread]: ...
    @overload
    def thread_resume(self, thread_id: str, params: _Json, event_loop: None = None) -> Thread: ...
    @overload
    def thread_resume(
        self, thread_id: str, params: _Json, event_loop: AbstractEventLoop
    ) -> Future[Thread]: ...
    @overload
    def thread_fork(self, thread_id: str, params: _Json, event_loop: None = None) -> Thread: ...
    @overload
    def thread_fork(
        self, thread_id: str, params: _Json, event_loop: AbstractEventLoop
    ) -> Future[Thread]: ...
    @overload
    def thread_list(self, params: _Json, event_loop: None = None) -> _Json: ...
    @overload
    def thread_list(self, params: _Json, event_loop: AbstractEventLoop) -> Future[_Json]: ...
    @overload
    def thread_read(
        self, thread_id: str, include_turns: bool = False, event_loop: None = None
    ) -> _Json: ...
    @overload
    def thread_read(
        self, thread_id: str, include_turns: bool, event_loop: AbstractEventLoop
    ) -> Future[_Json]: ...
    @overload
    def thread_archive(self, thread_id: str, event_loop: None = None) -> _Json: ...
    @overload
    def thread_archive(self, thread_id: str, event_loop: AbstractEventLoop) -> Future[_Json]: ...
    @overload
    def thread_unarchive(self, thread_id: str, event_loop: None = None) -> _Json: ...
    @overload
    def thread_unarchive(self, thread_id: str, event_loop: AbstractEventLoop) -> Future[_Json]: ...
    def thread(self, thread_id: str) -> Thread: ...
    def notifications(self) -> EventStream: ...
    def notifications_async(self) -> AsyncEventStream: ...
    def subscribe(self) -> EventStream: ...
    def diagnostics(self) -> list[_Json]: ...
    def stats(self) -> dict[str, int]: ...
    def stderr_tail(self) -> str: ...
    @property
    def is_closed(self) -> bool: ...
    @overload
    def close(self, event_loop: None = None) -> None: ...
    @overload
    def close(self, event_loop: AbstractEventLoop) -> Future[None]: ...
    def kill(self) -> None: ...
    def inherited_descriptors(self) -> list[int]: ...
    @property
    def pid(self) -> int | None: ...

@final
class Thread:
    """One conversation."""

    @property
    def id(self) -> str: ...
    def start_response(self) -> _Json | None: ...
    @overload
    def turn(self, input: list[Any], params: _Json, event_loop: None = None) -> Turn: ...
    @overload
    def turn(
        self, input: list[Any], params: _Json, event_loop: AbstractEventLoop
    ) -> Future[Turn]: ...
    @overload
    def run(self, input: list[Any], params: _Json, event_loop: None = None) -> _Json: ...
    @overload
    def run(
        self, input: list[Any], params: _Json, event_loop: AbstractEventLoop
    ) -> Future[_Json]: ...
    @overload
    def read(self, include_turns: bool = False, event_loop: None = None) -> _Json: ...
    @overload
    def read(self, include_turns: bool, event_loop: AbstractEventLoop) -> Future[_Json]: ...
    @overload
    def set_name(self, name: str, event_loop: None = None) -> _Json: ...
    @overload
    def set_name(self, name: str, event_loop: AbstractEventLoop) -> Future[_Json]: ...
    @overload
    def compact(self, event_loop: None = None) -> _Json: ...
    @overload
    def compact(self, event_loop: AbstractEventLoop) -> Future[_Json]: ...

@final
class Turn:
    """One running turn."""

    @property
    def id(self) -> str: ...
    @property
    def thread_id(self) -> str: ...
    def start_response(self) -> _Json: ...
    def events(self) -> EventStream: ...
    def events_async(self, interrupt_on_cancel: bool) -> AsyncEventStream: ...
    def simple_fold(self) -> SimpleFold: ...
    @overload
    def result(self, event_loop: None = None) -> _Json: ...
    @overload
    def result(self, event_loop: AbstractEventLoop) -> Future[_Json]: ...
    @overload
    def steer(self, input: list[Any], event_loop: None = None) -> _Json: ...
    @overload
    def steer(self, input: list[Any], event_loop: AbstractEventLoop) -> Future[_Json]: ...
    @overload
    def interrupt(self, event_loop: None = None) -> None: ...
    @overload
    def interrupt(self, event_loop: AbstractEventLoop) -> Future[None]: ...
    def interrupt_in_background(self) -> None: ...

@final
class OutputPlan:
    """One typed question: its schema, its turns and its repairs."""

    def __new__(cls, schema: Any, input: list[Any], params: _Json, repairs: int) -> Self: ...
    @overload
    def turn(self, thread: Thread, event_loop: None = None) -> Turn: ...
    @overload
    def turn(self, thread: Thread, event_loop: AbstractEventLoop) -> Future[Turn]: ...
    @overload
    def run(self, thread: Thread, event_loop: None = None) -> _Json: ...
    @overload
    def run(self, thread: Thread, event_loop: AbstractEventLoop) -> Future[_Json]: ...
    @overload
    def judge(self, turn: Turn, event_loop: None = None) -> _Json: ...
    @overload
    def judge(self, turn: Turn, event_loop: AbstractEventLoop) -> Future[_Json]: ...
    def reject(self, path: list[str | int], rule: str, message: str) -> None: ...
    def outputs(self) -> PartialOutputs: ...

@final
class PartialOutputs:
    """Folds the events of one turn into its growing answer."""

    def push(self, event: Event) -> list[Any]: ...

@final
class SimpleFold:
    """Folds the events of one turn into the simple model."""

    def opening(self) -> Any: ...
    def push(self, event: Event) -> list[Any]: ...

@final
class ServerRequest:
    """One question of the engine, to be answered once."""

    @property
    def method(self) -> str: ...
    def params(self) -> Any: ...
    def respond(self, answer: Any) -> bool: ...
    def decline(self, why: str) -> None: ...

@final
class ScriptedModel:
    """The scripted model of the test kit."""

    def __new__(cls, script: str) -> Self: ...
    @property
    def base_url(self) -> str: ...
    def config_overrides(self) -> list[str]: ...
    def requests(self) -> list[_Json]: ...
    def wait_for_requests(self, count: int, timeout: float) -> bool: ...
    def shutdown(self) -> None: ...
