"""The native half of the package, written by hand after bindings/python/src.

Private but for `Event`. Every operation that takes `event_loop` blocks without one and gives an
asyncio future with one.
"""

from asyncio import AbstractEventLoop, Future
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar, final, overload

from typing_extensions import Self

from ._metrics import Metrics

__all__ = [
    "Ask",
    "AsyncEventStream",
    "AutoRequest",
    "AutoRun",
    "Check",
    "Client",
    "Event",
    "EventStream",
    "Field",
    "FileStore",
    "Handoff",
    "MapRun",
    "Mcp",
    "McpClient",
    "McpLogin",
    "OutputPlan",
    "PartialOutputs",
    "Prewarmed",
    "ScriptedModel",
    "ServerRequest",
    "SimpleFold",
    "Struct",
    "Thread",
    "Tool",
    "ToolCall",
    "ToolRegistry",
    "Turn",
    "Upload",
    "answer_error",
    "attachment_image",
    "attachment_inline_image",
    "attachment_inputs",
    "attachment_is_image",
    "attachment_mention",
    "attachment_text",
    "check_responders",
    "connect",
    "describe_error",
    "dumps",
    "loads",
    "mcp_connect",
    "mcp_params",
    "mcp_qualify",
    "mcp_tool_names",
    "prewarm",
    "telemetry_close",
    "telemetry_conventions",
    "telemetry_listen",
    "telemetry_pushed",
    "telemetry_take",
    "turn_error",
]

_Json = dict[str, Any]
_Listed = list[_Json]
_T = TypeVar("_T")
_Responders = tuple[str | None, Callable[[Ask], object] | None, str | None] | None
_Guard = Callable[[Check], object] | None

def turn_error(result: dict[str, Any], all: bool) -> dict[str, Any] | None:
    """What a turn's result is as an error, in the core's JSON form; `None` if it is none.

    With `all`, every turn that was not completed is one.
    """

def answer_error(code: int, message: str, data: Any) -> dict[str, Any]:
    """What a JSON-RPC error answer is, in the core's JSON form."""

def describe_error(kind: str, message: str) -> tuple[str, str]:
    """The whole text of an error that is made in Python, and what to do about its kind."""

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
    responders: _Responders = None,
    tools: ToolRegistry | None = None,
    observer: int = 0,
) -> Client: ...
@overload
def connect(
    options: str,
    handler: Callable[[ServerRequest], object] | None,
    event_loop: AbstractEventLoop,
    responders: _Responders = None,
    tools: ToolRegistry | None = None,
    observer: int = 0,
) -> Future[Client]: ...
def prewarm(
    options: str,
    handler: Callable[[ServerRequest], object] | None = None,
    responders: _Responders = None,
    tools: ToolRegistry | None = None,
    observer: int = 0,
) -> Prewarmed: ...
def check_responders(text: str) -> None: ...
def telemetry_listen(on: bool, captures_content: bool) -> None:
    """Says whether the records of all clients are wanted, and whether with their content."""

def telemetry_take(most: int, timeout: float) -> list[str]:
    """The oldest records as JSON texts; waits for the first one."""

def telemetry_pushed() -> int: ...
def telemetry_close() -> None: ...
def telemetry_conventions() -> str: ...

@final
class Ask:
    """One question to a person, to be answered once."""

    @property
    def index(self) -> int: ...
    def view(self) -> _Json: ...
    def on_cancelled(self, callable: Callable[..., object]) -> None: ...
    def answer(self, reply: Any) -> None: ...
    def fail(self, why: str) -> None: ...

@final
class Check:
    """One look at a turn's input or result, to be answered once."""

    @property
    def stage(self) -> Any: ...
    def given(self) -> Any: ...
    def let_pass(self, other: Any) -> None: ...
    def fail(self, kind: str, message: str, error: BaseException) -> None: ...

@final
class Tool:
    """One tool: its declaration, checked, and what is called with each `ToolCall`."""

    def __new__(cls, spec: str, callable: Callable[[ToolCall], object]) -> Self: ...
    def spec(self) -> _Json: ...
    @property
    def key(self) -> str: ...

@final
class Handoff:
    """A tool by which an agent hands its conversation over to the agent of another thread."""

    def __new__(cls, name: str, description: str, history: int | None) -> Self: ...
    def bind(self, thread: Thread, keep: bool) -> None:
        """Says whose agent it is, and may keep what the thread has of its own."""
    @property
    def thread_id(self) -> str | None: ...
    def tool(self) -> Tool: ...

@final
class ToolRegistry:
    """The tools of a client or of some threads."""

    def __new__(cls) -> Self: ...
    def register(self, tool: Tool) -> None: ...
    def replace(self, tool: Tool) -> None: ...
    def remove(self, key: str) -> bool: ...
    def describe(self, namespace: str, description: str) -> None: ...
    def metrics(self) -> dict[str, _Json]: ...

@final
class ToolCall:
    """One call, to be answered once."""

    def arguments(self) -> _Json: ...
    def context(self) -> _Json: ...
    @property
    def cancelled(self) -> bool: ...
    def on_cancelled(self, callable: Callable[..., object]) -> None: ...
    def respond(self, result: Any) -> None: ...
    def fail(self, why: str) -> None: ...

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
class Prewarmed:
    """An engine that is being started."""

    @overload
    def client(self, event_loop: None = None) -> Client: ...
    @overload
    def client(self, event_loop: AbstractEventLoop) -> Future[Client]: ...
    @overload
    def close(self, event_loop: None = None) -> None: ...
    @overload
    def close(self, event_loop: AbstractEventLoop) -> Future[None]: ...
    def kill(self) -> None: ...
    def inherited_descriptors(self) -> list[int]: ...

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
    def thread_start(
        self,
        params: _Json,
        event_loop: None = None,
        responders: _Responders = None,
        tools: ToolRegistry | None = None,
    ) -> Thread: ...
    @overload
    def thread_start(
        self,
        params: _Json,
        event_loop: AbstractEventLoop,
        responders: _Responders = None,
        tools: ToolRegistry | None = None,
    ) -> Future[Thread]: ...
    @overload
    def thread_resume(
        self,
        thread_id: str,
        params: _Json,
        event_loop: None = None,
        responders: _Responders = None,
        tools: ToolRegistry | None = None,
    ) -> Thread: ...
    @overload
    def thread_resume(
        self,
        thread_id: str,
        params: _Json,
        event_loop: AbstractEventLoop,
        responders: _Responders = None,
        tools: ToolRegistry | None = None,
    ) -> Future[Thread]: ...
    @overload
    def thread_fork(
        self,
        thread_id: str,
        params: _Json,
        event_loop: None = None,
        responders: _Responders = None,
        tools: ToolRegistry | None = None,
    ) -> Thread: ...
    @overload
    def thread_fork(
        self,
        thread_id: str,
        params: _Json,
        event_loop: AbstractEventLoop,
        responders: _Responders = None,
        tools: ToolRegistry | None = None,
    ) -> Future[Thread]: ...
    def pending_approvals(self) -> list[_Json]: ...
    @overload
    def answer_approval(self, approval_id: str, reply: Any, event_loop: None = None) -> None: ...
    @overload
    def answer_approval(
        self, approval_id: str, reply: Any, event_loop: AbstractEventLoop
    ) -> Future[None]: ...
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
    @overload
    def auto_resume(
        self,
        token: str,
        options: str,
        thread: Thread | None = None,
        event_loop: None = None,
        guard: _Guard = None,
    ) -> AutoRun: ...
    @overload
    def auto_resume(
        self,
        token: str,
        options: str,
        thread: Thread | None,
        event_loop: AbstractEventLoop,
        guard: _Guard = None,
    ) -> Future[AutoRun]: ...
    @overload
    def map(
        self,
        options: str,
        event_loop: None = None,
        responders: _Responders = None,
        guard: _Guard = None,
    ) -> MapRun: ...
    @overload
    def map(
        self,
        options: str,
        event_loop: AbstractEventLoop,
        responders: _Responders = None,
        guard: _Guard = None,
    ) -> Future[MapRun]: ...
    def agents(self) -> _Listed: ...
    def thread(self, thread_id: str) -> Thread: ...
    def mcp(self, thread_id: str | None = None) -> Mcp: ...
    def notifications(self) -> EventStream: ...
    def notifications_async(self) -> AsyncEventStream: ...
    def subscribe(self) -> EventStream: ...
    def diagnostics(self) -> list[_Json]: ...
    def stats(self) -> dict[str, int]: ...
    def metrics(self) -> Metrics: ...
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
    def turn(
        self,
        input: list[Any],
        params: _Json,
        event_loop: None = None,
        responders: _Responders = None,
    ) -> Turn: ...
    @overload
    def turn(
        self,
        input: list[Any],
        params: _Json,
        event_loop: AbstractEventLoop,
        responders: _Responders = None,
    ) -> Future[Turn]: ...
    @overload
    def run(
        self,
        input: list[Any],
        params: _Json,
        event_loop: None = None,
        responders: _Responders = None,
    ) -> _Json: ...
    @overload
    def run(
        self,
        input: list[Any],
        params: _Json,
        event_loop: AbstractEventLoop,
        responders: _Responders = None,
    ) -> Future[_Json]: ...
    def auto_run(self, input: list[Any], options: str, guard: _Guard = None) -> AutoRun: ...
    def as_tool(self, spec: str, guard: _Guard = None) -> Tool: ...
    def children(self) -> _Listed: ...
    def subscribe(self) -> EventStream: ...
    def subscribe_async(self) -> AsyncEventStream: ...
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
class AutoRun:
    """Turns of one thread, until the task is done."""

    @property
    def thread_id(self) -> str: ...
    @property
    def turn_id(self) -> str | None: ...
    @property
    def continuation(self) -> str | None: ...
    def events(self) -> EventStream: ...
    def events_async(self) -> AsyncEventStream: ...
    @overload
    def next_request(self, event_loop: None = None) -> AutoRequest | None: ...
    @overload
    def next_request(self, event_loop: AbstractEventLoop) -> Future[AutoRequest | None]: ...
    def take_request(self) -> AutoRequest | None: ...
    @overload
    def result(self, event_loop: None = None) -> _Json: ...
    @overload
    def result(self, event_loop: AbstractEventLoop) -> Future[_Json]: ...
    @overload
    def steer(self, input: list[Any], event_loop: None = None) -> None: ...
    @overload
    def steer(self, input: list[Any], event_loop: AbstractEventLoop) -> Future[None]: ...
    def stop(self) -> None: ...
    def interrupt(self) -> None: ...

@final
class MapRun:
    """Many items, each on a fresh thread."""

    @property
    def must_check(self) -> bool: ...
    def push(self, item: _Json) -> None: ...
    def finish(self) -> None: ...
    @overload
    def step(self, event_loop: None = None) -> Literal[True] | _Json | None: ...
    @overload
    def step(self, event_loop: AbstractEventLoop) -> Future[Literal[True] | _Json | None]: ...
    def progress(self) -> _Json: ...
    def interrupt(self) -> None: ...

@final
class AutoRequest:
    """A hook or a check, to be answered once."""

    @property
    def what(self) -> str: ...
    def params(self) -> _Json: ...
    def withdrawn(self, event_loop: AbstractEventLoop) -> Future[None]: ...
    def respond(self, answer: Any) -> None: ...

@final
class OutputPlan:
    """One typed question: its schema, its turns and its repairs."""

    def __new__(cls, schema: Any, input: list[Any], params: _Json, repairs: int) -> Self: ...
    @overload
    def turn(
        self, thread: Thread, event_loop: None = None, responders: _Responders = None
    ) -> Turn: ...
    @overload
    def turn(
        self, thread: Thread, event_loop: AbstractEventLoop, responders: _Responders = None
    ) -> Future[Turn]: ...
    @overload
    def run(
        self, thread: Thread, event_loop: None = None, responders: _Responders = None
    ) -> _Json: ...
    @overload
    def run(
        self, thread: Thread, event_loop: AbstractEventLoop, responders: _Responders = None
    ) -> Future[_Json]: ...
    def next_turn(self) -> tuple[list[Any], _Json]: ...
    def judge_result(self, turn: _Json) -> _Json: ...
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

def mcp_params(servers: _Json, params: _Json) -> _Json:
    """The parameters of a thread with MCP servers put into their `config`."""

def mcp_qualify(server: str, tool: str) -> str: ...
def mcp_tool_names(servers: dict[str, list[str]]) -> dict[str, tuple[str, str]]: ...
@overload
def mcp_connect(name: str, server: _Json, options: str, event_loop: None = None) -> McpClient: ...
@overload
def mcp_connect(
    name: str, server: _Json, options: str, event_loop: AbstractEventLoop
) -> Future[McpClient]: ...

@final
class Mcp:
    """The MCP servers of an engine or of one of its threads."""

    @overload
    def status(
        self, tools_only: bool, server: str | None = None, event_loop: None = None
    ) -> list[_Json]: ...
    @overload
    def status(
        self, tools_only: bool, server: str | None, event_loop: AbstractEventLoop
    ) -> Future[list[_Json]]: ...
    @overload
    def wait_ready(
        self, names: list[str], timeout: float | None = None, event_loop: None = None
    ) -> list[_Json]: ...
    @overload
    def wait_ready(
        self, names: list[str], timeout: float | None, event_loop: AbstractEventLoop
    ) -> Future[list[_Json]]: ...
    @overload
    def call_tool(
        self,
        server: str,
        tool: str,
        arguments: _Json | None = None,
        timeout: float | None = None,
        event_loop: None = None,
    ) -> _Json: ...
    @overload
    def call_tool(
        self,
        server: str,
        tool: str,
        arguments: _Json | None,
        timeout: float | None,
        event_loop: AbstractEventLoop,
    ) -> Future[_Json]: ...
    @overload
    def read_resource(self, server: str, uri: str, event_loop: None = None) -> _Json: ...
    @overload
    def read_resource(
        self, server: str, uri: str, event_loop: AbstractEventLoop
    ) -> Future[_Json]: ...
    @overload
    def reload(self, event_loop: None = None) -> None: ...
    @overload
    def reload(self, event_loop: AbstractEventLoop) -> Future[None]: ...
    @overload
    def login(
        self,
        server: str,
        scopes: list[str] | None = None,
        client_registration: str | None = None,
        timeout: float | None = None,
        event_loop: None = None,
    ) -> McpLogin: ...
    @overload
    def login(
        self,
        server: str,
        scopes: list[str] | None,
        client_registration: str | None,
        timeout: float | None,
        event_loop: AbstractEventLoop,
    ) -> Future[McpLogin]: ...

@final
class McpLogin:
    """A login to a server that a person completes."""

    @property
    def server(self) -> str: ...
    @property
    def authorization_url(self) -> str: ...
    @property
    def login_id(self) -> str | None: ...
    @overload
    def wait(self, timeout: float | None = None, event_loop: None = None) -> _Json: ...
    @overload
    def wait(self, timeout: float | None, event_loop: AbstractEventLoop) -> Future[_Json]: ...

@final
class McpClient:
    """A client of one server, without an engine."""

    @property
    def name(self) -> str: ...
    def server_info(self) -> _Json: ...
    @property
    def state(self) -> str: ...
    @property
    def restarts(self) -> int: ...
    @property
    def pid(self) -> int | None: ...
    def stderr_tail(self) -> str: ...
    @overload
    def list_tools(self, event_loop: None = None) -> list[_Json]: ...
    @overload
    def list_tools(self, event_loop: AbstractEventLoop) -> Future[list[_Json]]: ...
    @overload
    def list_resources(self, event_loop: None = None) -> list[_Json]: ...
    @overload
    def list_resources(self, event_loop: AbstractEventLoop) -> Future[list[_Json]]: ...
    @overload
    def list_resource_templates(self, event_loop: None = None) -> list[_Json]: ...
    @overload
    def list_resource_templates(self, event_loop: AbstractEventLoop) -> Future[list[_Json]]: ...
    @overload
    def list_prompts(self, event_loop: None = None) -> list[_Json]: ...
    @overload
    def list_prompts(self, event_loop: AbstractEventLoop) -> Future[list[_Json]]: ...
    @overload
    def call_tool(
        self,
        name: str,
        arguments: _Json | None = None,
        timeout: float | None = None,
        event_loop: None = None,
    ) -> _Json: ...
    @overload
    def call_tool(
        self,
        name: str,
        arguments: _Json | None,
        timeout: float | None,
        event_loop: AbstractEventLoop,
    ) -> Future[_Json]: ...
    @overload
    def read_resource(self, uri: str, event_loop: None = None) -> _Json: ...
    @overload
    def read_resource(self, uri: str, event_loop: AbstractEventLoop) -> Future[_Json]: ...
    @overload
    def get_prompt(
        self, name: str, arguments: _Json | None = None, event_loop: None = None
    ) -> _Json: ...
    @overload
    def get_prompt(
        self, name: str, arguments: _Json | None, event_loop: AbstractEventLoop
    ) -> Future[_Json]: ...
    @overload
    def ping(self, event_loop: None = None) -> None: ...
    @overload
    def ping(self, event_loop: AbstractEventLoop) -> Future[None]: ...
    @overload
    def close(self, event_loop: None = None) -> None: ...
    @overload
    def close(self, event_loop: AbstractEventLoop) -> Future[None]: ...
    def kill(self) -> None: ...
    def inherited_descriptors(self) -> list[int]: ...

@final
class FileStore:
    """A staging folder."""

    def __new__(cls, options: str) -> Self: ...
    @property
    def root(self) -> Path: ...
    @overload
    def stage_bytes(self, data: bytes, options: str, event_loop: None = None) -> _Json: ...
    @overload
    def stage_bytes(
        self, data: bytes, options: str, event_loop: AbstractEventLoop
    ) -> Future[_Json]: ...
    @overload
    def stage_path(self, path: str, options: str, event_loop: None = None) -> _Json: ...
    @overload
    def stage_path(
        self, path: str, options: str, event_loop: AbstractEventLoop
    ) -> Future[_Json]: ...
    @overload
    def stage_url(self, url: str, options: str, event_loop: None = None) -> _Json: ...
    @overload
    def stage_url(self, url: str, options: str, event_loop: AbstractEventLoop) -> Future[_Json]: ...
    @overload
    def begin(self, options: str, event_loop: None = None) -> Upload: ...
    @overload
    def begin(self, options: str, event_loop: AbstractEventLoop) -> Future[Upload]: ...
    @overload
    def list(self, event_loop: None = None) -> _Listed: ...
    @overload
    def list(self, event_loop: AbstractEventLoop) -> Future[_Listed]: ...
    @overload
    def get(self, id: str, event_loop: None = None) -> _Json | None: ...
    @overload
    def get(self, id: str, event_loop: AbstractEventLoop) -> Future[_Json | None]: ...
    @overload
    def remove(self, id: str, event_loop: None = None) -> bool: ...
    @overload
    def remove(self, id: str, event_loop: AbstractEventLoop) -> Future[bool]: ...
    @overload
    def cleanup(self, event_loop: None = None) -> _Json: ...
    @overload
    def cleanup(self, event_loop: AbstractEventLoop) -> Future[_Json]: ...
    @overload
    def reset(self, event_loop: None = None) -> int: ...
    @overload
    def reset(self, event_loop: AbstractEventLoop) -> Future[int]: ...
    def metrics(self) -> dict[str, int]: ...

@final
class Upload:
    """A file whose bytes come piece by piece."""

    @overload
    def write(self, data: bytes, event_loop: None = None) -> None: ...
    @overload
    def write(self, data: bytes, event_loop: AbstractEventLoop) -> Future[None]: ...
    @overload
    def finish(self, event_loop: None = None) -> _Json: ...
    @overload
    def finish(self, event_loop: AbstractEventLoop) -> Future[_Json]: ...
    @overload
    def abort(self, event_loop: None = None) -> None: ...
    @overload
    def abort(self, event_loop: AbstractEventLoop) -> Future[None]: ...

def attachment_inputs(fields: _Json) -> list[_Json]:
    """What an attachment is as a part of a turn's input."""

def attachment_is_image(fields: _Json) -> bool:
    """Whether the engine takes it as an image."""

def attachment_image(fields: _Json) -> _Json:
    """Its input as an image."""

@overload
def attachment_inline_image(fields: _Json, event_loop: None = None) -> _Json: ...
@overload
def attachment_inline_image(fields: _Json, event_loop: AbstractEventLoop) -> Future[_Json]: ...
def attachment_mention(fields: _Json) -> _Json:
    """Its input as a mention."""

@overload
def attachment_text(
    fields: _Json, max_bytes: int | None = None, event_loop: None = None
) -> _Json: ...
@overload
def attachment_text(
    fields: _Json, max_bytes: int | None, event_loop: AbstractEventLoop
) -> Future[_Json]: ...

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
