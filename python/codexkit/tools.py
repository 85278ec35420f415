"""Tools: functions of the application that the model calls.

:func:`tool` makes one of a function, plain or ``async``; the schema comes from its type hints, the descriptions from its
docstring::

    from codexkit import Codex, tool

    @tool
    def add(a: int, b: int) -> int:
        '''Adds two numbers.

        Args:
            a: The first.
            b: The second.
        '''
        return a + b

    with Codex() as codex:
        thread = codex.thread_start(tools=[add])
        print(thread.run("What is 19 + 23?").final_response)

An exception becomes a failed result, which the model reads: the turn goes on. Functions run on threads of their own,
``async`` ones on the loop of an :class:`AsyncCodex`.
"""

from __future__ import annotations

import base64
import mimetypes
import os
from typing import TYPE_CHECKING, Any, overload

from ._check import count, refuse, seconds
from ._record import Record
from ._tool_calls import Calls
from ._tool_schema import Parameters, declared

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from . import _native

    Tools: TypeAlias = "Iterable[Tool] | ToolRegistry"
    """What is given as ``tools``: tools, or a registry that may change later."""

__all__ = ["Image", "Tool", "ToolContext", "ToolMetrics", "ToolRegistry", "tool"]

_DEFAULT: Any = object()


class Image(Record):
    """An image that a tool gives to the model; alone, or in a list beside texts and values."""

    __slots__ = ("url",)

    def __init__(self, url: str) -> None:
        """An image at an address.

        Args:
            url: An ``https:`` or ``data:`` URL.
        """
        if not isinstance(url, str) or not url.startswith(("https:", "http:", "data:")):
            refuse(
                "url",
                f"expected an https: or data: URL, not {url!r}; for files see Image.from_path",
            )
        self.url = url

    @classmethod
    def from_bytes(cls, data: bytes, media_type: str = "image/png") -> Image:
        """An image of bytes.

        Args:
            data: The content of an image file.
            media_type: What it is, as in ``image/png``.

        Returns:
            The image.
        """
        return cls(f"data:{media_type};base64,{base64.b64encode(data).decode()}")

    @classmethod
    def from_path(cls, path: str | os.PathLike[str]) -> Image:
        """An image of a file.

        Args:
            path: The file; its ending says what it is.

        Returns:
            The image.

        Raises:
            OSError: If it cannot be read.
        """
        kind = mimetypes.guess_type(os.fspath(path))[0]
        if kind is None or not kind.startswith("image/"):
            refuse("path", f"{os.fspath(path)!r} does not end like an image; use Image.from_bytes")
        with open(path, "rb") as file:
            return cls.from_bytes(file.read(), kind)


class ToolContext:
    """Where a call comes from. A tool gets it by a parameter of this type, which the model does not see."""

    __slots__ = ("_call", "call_id", "namespace", "thread_id", "tool", "turn_id")

    def __init__(
        self,
        *,
        thread_id: str = "",
        turn_id: str = "",
        call_id: str = "",
        tool: str = "",
        namespace: str | None = None,
    ) -> None:
        """A context; made for calls, and by applications in tests of their tools.

        Args:
            thread_id: The thread whose turn calls.
            turn_id: The turn that calls.
            call_id: The call's own id.
            tool: The tool's name.
            namespace: The tool's group.
        """
        self.thread_id = thread_id
        self.turn_id = turn_id
        self.call_id = call_id
        self.tool = tool
        self.namespace = namespace
        self._call: _native.ToolCall | None = None

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the result any more: the turn ended, the time is over, or the client is closed.

        ``async`` tools are cancelled then; a plain function that takes long looks here.
        """
        return self._call is not None and self._call.cancelled

    def __repr__(self) -> str:  # noqa: D105
        return f"ToolContext(tool={self.tool!r}, thread_id={self.thread_id!r}, call_id={self.call_id!r})"


class Tool:
    """A function with its declaration. Calling it calls the function."""

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        name: str | None = None,
        namespace: str | None = None,
        description: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        timeout: float | None = _DEFAULT,
        max_concurrency: int | None = None,
    ) -> None:
        """Declare a tool; :func:`tool` is the short way.

        Args:
            function: What is called, plain or ``async``.
            name: The name; by default the function's.
            namespace: The group that it belongs to.
            description: What it does, for the model; by default the beginning of the docstring.
            parameters: The JSON Schema of the arguments, instead of the type hints. The function gets them as keyword
                arguments, as they are.
            timeout: Seconds that a call may take (default 600); ``None`` is without a limit.
            max_concurrency: How many calls may run at the same time; further ones wait.

        Raises:
            InvalidArgumentError: For type hints that have no JSON Schema, names that providers do not take, no
                description, limits of zero.
        """
        if not callable(function) or isinstance(function, type):
            refuse("function", f"expected a function, not {function!r}")
        self.function = function
        self._parameters: Parameters = declared(function, parameters, ToolContext)
        self._json = _declaration(
            name if name is not None else self._parameters.name,
            description if description is not None else self._parameters.description,
            namespace,
            timeout,
            max_concurrency,
            parameters=self._parameters.schema,
            derived=parameters is None,
        )
        self._declared(self._bound(None))

    def _declared(self, native: _native.Tool) -> None:
        self._spec = native.spec()
        self.__doc__ = self.description
        self.__name__ = self.name
        self.__wrapped__ = self.function

    @property
    def name(self) -> str:
        """The name."""
        return self._spec["name"]

    @property
    def namespace(self) -> str | None:
        """The group that it belongs to."""
        return self._spec["namespace"]

    @property
    def key(self) -> str:
        """What names it in a registry: the name, or ``namespace.name``."""
        return self.name if self.namespace is None else f"{self.namespace}.{self.name}"

    @property
    def description(self) -> str:
        """What it does, as the model reads it."""
        return self._spec["description"]

    @property
    def parameters(self) -> dict[str, Any]:
        """The JSON Schema of the arguments, as the model gets it."""
        return self._spec["parameters"]

    @property
    def timeout(self) -> float | None:
        """Seconds that a call may take."""
        return self._spec["timeoutS"]

    @property
    def max_concurrency(self) -> int | None:
        """How many calls may run at the same time."""
        return self._spec["maxConcurrency"]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, as without the decorator."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:  # noqa: D105
        return f"Tool({self.key})"

    def _bound(self, home: ToolRegistry | None) -> _native.Tool:
        """The native tool, whose coroutines run where its registry says."""
        from ._native import Tool as NativeTool

        return NativeTool(self._json, Calls(self, home, ToolContext, Image))


def _declaration(
    name: str,
    description: str | None,
    namespace: str | None,
    timeout: float | None,
    max_concurrency: int | None,
    **more: Any,
) -> str:
    from ._native import dumps

    spec = {"name": name, "description": description, "namespace": namespace, **more}
    if max_concurrency is not None:
        spec["maxConcurrency"] = count("max_concurrency", max_concurrency, 1)
    spec = {key: value for key, value in spec.items() if value is not None}
    # No limit is something else than none given.
    if timeout is not _DEFAULT:
        spec["timeoutS"] = seconds("timeout", timeout)
    return dumps(spec)


class ThreadTool(Tool):
    """A thread as a tool; made by :meth:`codexkit.Thread.as_tool`. Calling it runs a turn, as the model's calls do."""

    def __init__(
        self,
        ask: Callable[[str], Any],
        native: _native.Thread,
        name: str,
        description: str,
        namespace: str | None,
        timeout: float | None,
        checks: Any = None,
    ) -> None:
        """Made by threads.

        Args:
            ask: Runs a turn and gives what it says, or a coroutine that does.
            native: The thread.
            name: The name.
            description: What the agent knows or does.
            namespace: The group that it belongs to.
            timeout: Seconds that a call may take.
            checks: The guardrails of its calls.
        """
        for argument, value in (("name", name), ("description", description)):
            if not isinstance(value, str):
                refuse(argument, f"expected a string, not {value!r}")
        self.function = ask
        self._json = _declaration(name, description, namespace, timeout, None)
        # One for all registries: they share the order of the calls.
        self._of_thread = native.as_tool(self._json, checks)
        self._declared(self._of_thread)

    def _bound(self, home: ToolRegistry | None) -> _native.Tool:
        return self._of_thread


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...
@overload
def tool(
    *,
    name: str | None = None,
    namespace: str | None = None,
    description: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    timeout: float | None = ...,
    max_concurrency: int | None = None,
) -> Callable[[Callable[..., Any]], Tool]: ...
def tool(function: Any = None, /, **options: Any) -> Any:
    """Makes a tool of a function: ``@tool``, ``@tool(timeout=10)`` or ``tool(function)``.

    The parameters' type hints give the schema: what :mod:`codexkit` accepts as an ``output_type`` (primitives, Literal,
    Enum, Optional, lists, dicts, dataclasses, TypedDict, pydantic models, ``Annotated[T, "description"]``). A default makes
    a parameter optional. A parameter of type :class:`ToolContext` gets the call's context. The docstring's beginning is
    the description, its ``Args`` (Google, NumPy or Sphinx style) describe the parameters.

    The function returns text, any JSON value, a dataclass or pydantic model, an :class:`Image`, or a list with images
    among its parts; ``None`` is an empty text.

    Args:
        function: The function, plain or ``async``.
        **options: What :class:`Tool` takes.

    Returns:
        The tool, or a decorator that gives it.

    Raises:
        InvalidArgumentError: As :class:`Tool`.
    """
    if function is None:
        return lambda function: Tool(function, **options)
    return Tool(function, **options)


class ToolMetrics(Record):
    """How a tool does, since it was registered. Times are in milliseconds."""

    __slots__ = (
        "calls",
        "cancelled",
        "failures",
        "invalid",
        "last_error",
        "last_latency_ms",
        "max_latency_ms",
        "running",
        "successes",
        "timeouts",
        "total_latency_ms",
        "waiting",
    )

    def __init__(
        self,
        *,
        calls: int,
        successes: int,
        failures: int,
        invalid: int,
        timeouts: int,
        cancelled: int,
        running: int,
        waiting: int,
        last_latency_ms: float,
        max_latency_ms: float,
        total_latency_ms: float,
        last_error: str | None,
    ) -> None:
        """Made by :meth:`ToolRegistry.metrics`.

        Args:
            calls: Calls that came.
            successes: Calls that gave a result.
            failures: Calls that failed, for whatever reason.
            invalid: Of the failures: the arguments did not follow the schema.
            timeouts: Of the failures: the time was over.
            cancelled: Of the failures: the turn ended, or the client was closed.
            running: Calls that run now.
            waiting: Calls that wait for their place now.
            last_latency_ms: How long the last call took.
            max_latency_ms: How long the slowest took.
            total_latency_ms: How long all took together.
            last_error: What the last failure said.
        """
        self.calls = calls
        self.successes = successes
        self.failures = failures
        self.invalid = invalid
        self.timeouts = timeouts
        self.cancelled = cancelled
        self.running = running
        self.waiting = waiting
        self.last_latency_ms = last_latency_ms
        self.max_latency_ms = max_latency_ms
        self.total_latency_ms = total_latency_ms
        self.last_error = last_error


class ToolRegistry:
    """The tools of a client (``codex.tools``) or of some threads. It may change at any time.

    Threads that are started, resumed or forked from now on know what is in it then. A call gets the tool that bears the
    name when it comes.
    """

    def __init__(self, tools: Iterable[Tool] = ()) -> None:
        """Make a registry.

        Args:
            tools: The first tools.

        Raises:
            InvalidArgumentError: For two of one name, and for what is no tool.
        """
        from ._native import ToolRegistry as NativeRegistry

        self._native = NativeRegistry()
        self._tools: dict[str, Tool] = {}
        self._event_loop: AbstractEventLoop | None = None
        for one in _each(tools):
            self.register(one)

    def register(self, tool: Tool) -> None:
        """Add a tool.

        Args:
            tool: The tool.

        Raises:
            InvalidArgumentError: If there is one of this name.
        """
        self._native.register(_checked(tool)._bound(self))
        self._tools[tool.key] = tool

    def replace(self, tool: Tool) -> Tool | None:
        """Put a tool in the place of the one of its name, or add it. The metrics of the name go on.

        Args:
            tool: The tool.

        Returns:
            The one that was there.
        """
        self._native.replace(_checked(tool)._bound(self))
        before = self._tools.get(tool.key)
        self._tools[tool.key] = tool
        return before

    def remove(self, key: str) -> Tool | None:
        """Take a tool out. Calls that run go on; later ones of threads that know it fail.

        Args:
            key: The name, or ``namespace.name``.

        Returns:
            The tool; ``None`` if there was none.
        """
        self._native.remove(key)
        return self._tools.pop(key, None)

    def get(self, key: str) -> Tool | None:
        """A tool.

        Args:
            key: The name, or ``namespace.name``.

        Returns:
            The tool; ``None`` if there is none.
        """
        return self._tools.get(key)

    def list(self) -> list[Tool]:
        """All tools, in the order in which they came."""
        return [*self._tools.values()]

    def metrics(self) -> dict[str, ToolMetrics]:
        """How the tools do, by name or ``namespace.name``."""
        from ._responders import snake

        found = self._native.metrics()
        return {
            key: ToolMetrics(**{snake(name): value for name, value in fields.items()})
            for key, fields in found.items()
        }

    def describe(self, namespace: str, description: str) -> None:
        """Say what a group of tools is for; the model reads it.

        Args:
            namespace: The group.
            description: What it is for.

        Raises:
            InvalidArgumentError: For an empty description.
        """
        self._native.describe(namespace, description)

    def __iter__(self) -> Iterator[Tool]:
        """The tools, in the order in which they came."""
        return iter(self._tools.values())

    def __len__(self) -> int:
        """How many there are."""
        return len(self._tools)

    def __contains__(self, key: object) -> bool:
        """Whether there is a tool of this name or ``namespace.name``."""
        return key in self._tools

    def __repr__(self) -> str:  # noqa: D105
        return f"ToolRegistry({[*self._tools]})"


def _checked(one: Any) -> Tool:
    if not isinstance(one, Tool):
        hint = "; put @tool above it" if callable(one) else ""
        refuse("tools", f"expected tools, not {one!r}{hint}")
    return one


def _each(tools: Any) -> Iterable[Tool]:
    if isinstance(tools, (str, bytes, dict)) or not hasattr(tools, "__iter__"):
        hint = "; put it into a list" if isinstance(tools, Tool) else ""
        refuse("tools", f"expected a list of tools or a ToolRegistry, not {tools!r}{hint}")
    return tools


def registry_of(tools: Any, event_loop: AbstractEventLoop | None) -> ToolRegistry:
    """The registry of what was given as ``tools``.

    Args:
        tools: Tools, or a registry.
        event_loop: Where coroutines run; without one each gets a loop of its own.

    Returns:
        The registry.

    Raises:
        InvalidArgumentError: For what is neither.
    """
    registry = tools if isinstance(tools, ToolRegistry) else ToolRegistry(tools)
    if event_loop is not None:
        registry._event_loop = event_loop
    return registry
