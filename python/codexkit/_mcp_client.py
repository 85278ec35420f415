"""A client of one MCP server, without an engine."""

from __future__ import annotations

from ._check import seconds, text
from ._lifecycle import Once, track
from ._mcp_servers import wire_server
from ._mcp_view import arguments_of
from ._types import converter, response
from .errors import TransportClosedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from . import _native
    from ._mcp_servers import McpServer
    from .types import (
        McpResourceReadResponse,
        McpServerToolCallResponse,
        Resource,
        ResourceTemplate,
        Tool,
    )


def _loop() -> AbstractEventLoop:
    from asyncio import get_running_loop

    return get_running_loop()


def _each(kind: str, items: list[Any]) -> list[Any]:
    convert = converter(kind)
    return items if convert is None else [convert(item) for item in items]


def _options(**given: Any) -> str:
    from ._native import dumps

    options: dict[str, Any] = {}
    for name, value in given.items():
        if value is None:
            continue
        if name.endswith("_s"):
            options[name] = seconds(name, value)
        elif name == "max_restarts":
            options[name] = value
        else:
            options[name] = text(name, value)
    return dumps(options)


class McpClient:
    """A client of one MCP server, without an engine.

    The server starts in the constructor. A ``with`` block ends it, with all that it started. When it ends
    by itself, it is started again after a pause that grows; calls that come meanwhile wait. A call that
    was on its way fails: nothing is sent twice.
    """

    def __init__(
        self,
        name: str,
        server: McpServer,
        *,
        client_name: str = "codexkit_python",
        client_version: str | None = None,
        request_timeout_s: float | None = None,
        close_timeout_s: float | None = None,
        max_restarts: int | None = None,
        restart_delay_s: float | None = None,
        max_restart_delay_s: float | None = None,
    ) -> None:
        """Start a server or connect to one, and shake hands with it.

        Args:
            name: What errors and qualified names call the server.
            server: How it is reached, and what of it is used.
            client_name: The name by which the application introduces itself.
            client_version: The application's version.
            request_timeout_s: Seconds for anything but a tool (default 30).
            close_timeout_s: Seconds for a process to end by itself (default 2).
            max_restarts: How often in a row a server that ended is started again (default 5), until it
                answers a call.
            restart_delay_s: Seconds before the first attempt (default 0.25); the pause doubles.
            max_restart_delay_s: The longest pause, in seconds (default 8).

        Raises:
            InvalidArgumentError: For a declaration that cannot work, or a variable that is not set.
            SpawnError: If the server cannot be started or reached, ends at once or asks for
                authorization.
            CodexTimeoutError: If it does not shake hands in time.
        """
        from ._native import mcp_connect

        options = _options(
            client_name=client_name,
            client_version=client_version,
            request_timeout_s=request_timeout_s,
            close_timeout_s=close_timeout_s,
            max_restarts=max_restarts,
            restart_delay_s=restart_delay_s,
            max_restart_delay_s=max_restart_delay_s,
        )
        wire = wire_server("server", server)
        self._native: _native.McpClient = mcp_connect(text("name", name), wire, options)
        track(self._native)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """The server's name."""
        return self._native.name

    @property
    def server_info(self) -> dict[str, Any]:
        """What the server said of itself: ``serverInfo``, ``capabilities``, ``protocolVersion``, ..."""
        return self._native.server_info()

    @property
    def state(self) -> str:
        """How the client is: ``ready``, ``restarting`` or ``closed``."""
        return self._native.state

    @property
    def restarts(self) -> int:
        """How often the server was started again."""
        return self._native.restarts

    @property
    def pid(self) -> int | None:
        """The process's id while one runs."""
        return self._native.pid

    @property
    def stderr_tail(self) -> str:
        """The end of what the server's processes wrote to standard error."""
        return self._native.stderr_tail()

    def list_tools(self) -> list[Tool]:
        """The server's tools that the declaration lets through (``tools/list``).

        Returns:
            All pages of them.

        Raises:
            JsonRpcError: If the server refuses.
            CodexTimeoutError: If it does not answer in time.
            TransportClosedError: If it is gone.
        """
        return _each("Tool", self._native.list_tools())

    def list_resources(self) -> list[Resource]:
        """The server's resources (``resources/list``).

        Returns:
            All pages of them.

        Raises:
            JsonRpcError: If the server refuses.
        """
        return _each("Resource", self._native.list_resources())

    def list_resource_templates(self) -> list[ResourceTemplate]:
        """The templates of the server's resources (``resources/templates/list``).

        Returns:
            All pages of them.

        Raises:
            JsonRpcError: If the server refuses.
        """
        found = self._native.list_resource_templates()
        return _each("ResourceTemplate", found)

    def list_prompts(self) -> list[dict[str, Any]]:
        """The server's prompts (``prompts/list``).

        Returns:
            All pages of them, as the protocol has them: ``name``, ``description``, ``arguments``.

        Raises:
            JsonRpcError: If the server refuses.
        """
        return self._native.list_prompts()

    def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> McpServerToolCallResponse:
        """Call a tool (``tools/call``).

        Args:
            name: The tool.
            arguments: Its arguments.
            timeout: Seconds to wait at most, instead of the declaration's.

        Returns:
            ``content``, ``structured_content`` and ``is_error``, which says that the tool failed.

        Raises:
            InvalidArgumentError: For a tool that the declaration leaves out.
            JsonRpcError: If the server refuses.
            CodexTimeoutError: If it does not answer in time.
            TransportClosedError: If it ends meanwhile (the call is not repeated), or ended too often.
        """
        answer = self._native.call_tool(
            text("name", name),
            arguments_of(arguments),
            seconds("timeout", timeout),
        )
        return response("mcpServer/tool/call", answer)

    def read_resource(self, uri: str) -> McpResourceReadResponse:
        """Read a resource (``resources/read``).

        Args:
            uri: The resource's URI.

        Returns:
            ``contents``, each with a ``uri`` and a ``text`` or a ``blob``.

        Raises:
            JsonRpcError: If the server refuses.
        """
        answer = self._native.read_resource(text("uri", uri))
        return response("mcpServer/resource/read", answer)

    def get_prompt(self, name: str, arguments: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Get a prompt with its arguments filled in (``prompts/get``).

        Args:
            name: The prompt.
            arguments: Its arguments.

        Returns:
            As the protocol has it: ``messages`` and perhaps a ``description``.

        Raises:
            JsonRpcError: If the server refuses.
        """
        return self._native.get_prompt(text("name", name), arguments_of(arguments))

    def ping(self) -> None:
        """Ask the server for a sign of life (``ping``).

        Raises:
            CodexTimeoutError: If it gives none in time.
            TransportClosedError: If it is gone.
        """
        self._native.ping()

    def close(self) -> None:
        """End the connection and the process with all that it started. May be called again."""
        self._native.close()


class AsyncMcpClient:
    """A client of one MCP server, without an engine, for asyncio.

    The server starts with the first call, or with ``async with``, which also ends it, with all that it
    started. When it ends by itself, it is started again after a pause that grows; calls that come
    meanwhile wait. A call that was on its way fails: nothing is sent twice.
    """

    def __init__(
        self,
        name: str,
        server: McpServer,
        *,
        client_name: str = "codexkit_python",
        client_version: str | None = None,
        request_timeout_s: float | None = None,
        close_timeout_s: float | None = None,
        max_restarts: int | None = None,
        restart_delay_s: float | None = None,
        max_restart_delay_s: float | None = None,
    ) -> None:
        """Prepare a client; nothing is started yet.

        Args:
            name: What errors and qualified names call the server.
            server: How it is reached, and what of it is used.
            client_name: The name by which the application introduces itself.
            client_version: The application's version.
            request_timeout_s: Seconds for anything but a tool (default 30).
            close_timeout_s: Seconds for a process to end by itself (default 2).
            max_restarts: How often in a row a server that ended is started again (default 5), until it
                answers a call.
            restart_delay_s: Seconds before the first attempt (default 0.25); the pause doubles.
            max_restart_delay_s: The longest pause, in seconds (default 8).

        Raises:
            InvalidArgumentError: For a bad option.
        """
        self._name = text("name", name)
        self._server = wire_server("server", server)
        self._options = _options(
            client_name=client_name,
            client_version=client_version,
            request_timeout_s=request_timeout_s,
            close_timeout_s=close_timeout_s,
            max_restarts=max_restarts,
            restart_delay_s=restart_delay_s,
            max_restart_delay_s=max_restart_delay_s,
        )
        self._native: _native.McpClient | None = None
        self._closed = False
        self._once = Once()

    async def _connected(self) -> _native.McpClient:
        """The server, started or connected to if it is not yet."""
        if self._native is None:
            await self._once.run(self._start, lambda: self._native is not None or self._closed)
        if self._native is None:
            raise TransportClosedError("this client is closed; make a new one")
        return self._native

    async def _start(self) -> None:
        from ._native import mcp_connect

        native = await mcp_connect(self._name, self._server, self._options, _loop())
        track(native)
        if self._closed:
            await native.close(_loop())
            return
        self._native = native

    def _there(self) -> _native.McpClient:
        if self._native is None:
            raise TransportClosedError("the client is not started")
        return self._native

    async def __aenter__(self) -> Self:
        await self._connected()
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def name(self) -> str:
        """The server's name."""
        return self._name

    @property
    def server_info(self) -> dict[str, Any]:
        """What the server said of itself: ``serverInfo``, ``capabilities``, ``protocolVersion``, ..."""
        return self._there().server_info()

    @property
    def state(self) -> str:
        """How the client is: ``ready``, ``restarting`` or ``closed``."""
        return self._there().state

    @property
    def restarts(self) -> int:
        """How often the server was started again."""
        return self._there().restarts

    @property
    def pid(self) -> int | None:
        """The process's id while one runs."""
        return self._there().pid

    @property
    def stderr_tail(self) -> str:
        """The end of what the server's processes wrote to standard error."""
        return self._there().stderr_tail()

    async def list_tools(self) -> list[Tool]:
        """The server's tools that the declaration lets through (``tools/list``).

        Returns:
            All pages of them.

        Raises:
            JsonRpcError: If the server refuses.
            CodexTimeoutError: If it does not answer in time.
            TransportClosedError: If it is gone.
        """
        return _each("Tool", await (await self._connected()).list_tools(_loop()))

    async def list_resources(self) -> list[Resource]:
        """The server's resources (``resources/list``).

        Returns:
            All pages of them.

        Raises:
            JsonRpcError: If the server refuses.
        """
        return _each("Resource", await (await self._connected()).list_resources(_loop()))

    async def list_resource_templates(self) -> list[ResourceTemplate]:
        """The templates of the server's resources (``resources/templates/list``).

        Returns:
            All pages of them.

        Raises:
            JsonRpcError: If the server refuses.
        """
        found = await (await self._connected()).list_resource_templates(_loop())
        return _each("ResourceTemplate", found)

    async def list_prompts(self) -> list[dict[str, Any]]:
        """The server's prompts (``prompts/list``).

        Returns:
            All pages of them, as the protocol has them: ``name``, ``description``, ``arguments``.

        Raises:
            JsonRpcError: If the server refuses.
        """
        return await (await self._connected()).list_prompts(_loop())

    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> McpServerToolCallResponse:
        """Call a tool (``tools/call``).

        Args:
            name: The tool.
            arguments: Its arguments.
            timeout: Seconds to wait at most, instead of the declaration's.

        Returns:
            ``content``, ``structured_content`` and ``is_error``, which says that the tool failed.

        Raises:
            InvalidArgumentError: For a tool that the declaration leaves out.
            JsonRpcError: If the server refuses.
            CodexTimeoutError: If it does not answer in time.
            TransportClosedError: If it ends meanwhile (the call is not repeated), or ended too often.
        """
        answer = await (await self._connected()).call_tool(
            text("name", name),
            arguments_of(arguments),
            seconds("timeout", timeout),
            _loop(),
        )
        return response("mcpServer/tool/call", answer)

    async def read_resource(self, uri: str) -> McpResourceReadResponse:
        """Read a resource (``resources/read``).

        Args:
            uri: The resource's URI.

        Returns:
            ``contents``, each with a ``uri`` and a ``text`` or a ``blob``.

        Raises:
            JsonRpcError: If the server refuses.
        """
        answer = await (await self._connected()).read_resource(text("uri", uri), _loop())
        return response("mcpServer/resource/read", answer)

    async def get_prompt(
        self, name: str, arguments: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Get a prompt with its arguments filled in (``prompts/get``).

        Args:
            name: The prompt.
            arguments: Its arguments.

        Returns:
            As the protocol has it: ``messages`` and perhaps a ``description``.

        Raises:
            JsonRpcError: If the server refuses.
        """
        return await (await self._connected()).get_prompt(
            text("name", name), arguments_of(arguments), _loop()
        )

    async def ping(self) -> None:
        """Ask the server for a sign of life (``ping``).

        Raises:
            CodexTimeoutError: If it gives none in time.
            TransportClosedError: If it is gone.
        """
        await (await self._connected()).ping(_loop())

    async def close(self) -> None:
        """End the connection and the process with all that it started. May be called again."""
        self._closed = True
        if self._native is not None:
            await self._native.close(_loop())
