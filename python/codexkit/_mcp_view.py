"""What the engine says of its MCP servers, and what can be asked of them through it."""

from __future__ import annotations

from ._check import seconds, text
from ._types import converter, response
from .errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from . import _native
    from ._async import AsyncCodex
    from .types import (
        McpResourceReadResponse,
        McpServerOauthLoginCompletedNotification,
        McpServerStatus,
        McpServerToolCallResponse,
    )

_STATUS = "mcpServerStatus/list"
_CALL = "mcpServer/tool/call"
_READ = "mcpServer/resource/read"
_DONE = "McpServerOauthLoginCompletedNotification"


def _loop() -> AbstractEventLoop:
    from asyncio import get_running_loop

    return get_running_loop()


def _statuses(found: list[Any]) -> list[McpServerStatus]:
    return response(_STATUS, {"data": found, "nextCursor": None}).data


def _names(names: Any) -> list[str]:
    if isinstance(names, str) or not hasattr(names, "__iter__"):
        message = f"names: expected a list of names, not {type(names).__name__}"
        raise InvalidArgumentError(message, argument="names")
    return [text("names", name) for name in names]


def arguments_of(given: Any) -> dict[str, Any] | None:
    """The arguments of a tool or a prompt.

    Args:
        given: What the caller gave.

    Returns:
        A dict, or ``None`` for none.

    Raises:
        InvalidArgumentError: If it is no mapping with strings as keys.
    """
    if given is None:
        return None
    if not hasattr(given, "keys") or not all(isinstance(name, str) for name in given):
        message = f"arguments: expected a dict with strings as keys, not {type(given).__name__}"
        raise InvalidArgumentError(message, argument="arguments")
    return dict(given)


def _completed(wire: Any) -> McpServerOauthLoginCompletedNotification:
    convert = converter(_DONE)
    return wire if convert is None else convert(wire)


class _Login:
    """What both login handles have.

    Attributes:
        server: The server's name.
        authorization_url: What to open in a browser.
        login_id: The login's id; ``None`` with older engines.
    """

    __slots__ = ("_native", "authorization_url", "login_id", "server")

    def __init__(self, native: _native.McpLogin) -> None:
        self._native = native
        self.server = native.server
        self.authorization_url = native.authorization_url
        self.login_id = native.login_id


class McpLoginHandle(_Login):
    """A login to an MCP server: open ``authorization_url``, then :meth:`wait`.

    The protocol has no way to take a login back: it ends with its time limit.
    """

    __slots__ = ()

    def wait(self, *, timeout: float | None = None) -> McpServerOauthLoginCompletedNotification:
        """Wait until the login has succeeded or failed (``mcpServer/oauthLogin/completed``).

        Args:
            timeout: Seconds to wait at most; without it, as long as the engine takes.

        Returns:
            The notification: look at ``success`` and ``error``. Repeated calls return it again.

        Raises:
            CodexTimeoutError: If it has not come in time. The login goes on.
            TransportClosedError: If the engine goes away first.
        """
        return _completed(self._native.wait(seconds("timeout", timeout)))


class Mcp:
    """The MCP servers of an engine (``codex.mcp``) or of one of its threads (``thread.mcp``)."""

    __slots__ = ("_native",)

    def __init__(self, native: _native.Mcp) -> None:
        """Made by ``codex.mcp`` and ``thread.mcp``.

        Args:
            native: The core's view.
        """
        self._native = native

    def status(
        self, *, tools_only: bool = False, server: str | None = None
    ) -> list[McpServerStatus]:
        """The servers with their tools, resources, login and state (``mcpServerStatus/list``).

        Of a thread it waits for its servers' tools; a server's state may still be ``starting``.

        Args:
            tools_only: Whether to leave out resources and templates, which take a request to each
                server.
            server: Tell of this server alone.

        Returns:
            A status for each server, all pages of them.

        Raises:
            JsonRpcError: If the engine refuses.
        """
        found = self._native.status(
            bool(tools_only), None if server is None else text("server", server)
        )
        return _statuses(found)

    def wait_ready(
        self, names: Sequence[str] = (), *, timeout: float | None = None
    ) -> list[McpServerStatus]:
        """Wait until servers of the thread are ready for calls.

        Args:
            names: The servers; all of the thread's that are switched on without any.
            timeout: Seconds to wait at most (default 60).

        Returns:
            Their status, without resources.

        Raises:
            InvalidArgumentError: Without a thread (``codex.mcp``), and for a name that the thread has
                no server of.
            SpawnError: If one has failed to start, in the engine's words.
            CodexTimeoutError: If they are not ready in time.
        """
        found = self._native.wait_ready(_names(names), seconds("timeout", timeout))
        return _statuses(found)

    def call_tool(
        self,
        server: str,
        tool: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> McpServerToolCallResponse:
        """Call a tool of a server of the thread, without the model (``mcpServer/tool/call``).

        Args:
            server: The server's name.
            tool: The tool's name on that server.
            arguments: Its arguments.
            timeout: Seconds to wait at most; the client's ``request_timeout`` without it.

        Returns:
            ``content``, ``structured_content`` and ``is_error``, which says that the tool failed.

        Raises:
            InvalidArgumentError: Without a thread (``codex.mcp``).
            JsonRpcError: If the engine or the server refuses.
            CodexTimeoutError: If there is no answer in time.
        """
        answer = self._native.call_tool(
            text("server", server),
            text("tool", tool),
            arguments_of(arguments),
            seconds("timeout", timeout),
        )
        return response(_CALL, answer)

    def read_resource(self, server: str, uri: str) -> McpResourceReadResponse:
        """Read a resource of a server (``mcpServer/resource/read``).

        Args:
            server: The server's name.
            uri: The resource's URI.

        Returns:
            ``contents``, each with a ``uri`` and a ``text`` or a ``blob``.

        Raises:
            JsonRpcError: If the engine or the server refuses.
        """
        answer = self._native.read_resource(text("server", server), text("uri", uri))
        return response(_READ, answer)

    def reload(self) -> None:
        """Have the engine read its configuration again and start servers anew.

        It is ``config/mcpServer/reload`` of the protocol.
        """
        self._native.reload()

    def login(
        self,
        server: str,
        *,
        scopes: Sequence[str] | None = None,
        client_registration: str | None = None,
        timeout: float | None = None,
    ) -> McpLoginHandle:
        """Begin an OAuth login to a server that speaks HTTP (``mcpServer/oauth/login``).

        Args:
            server: The server's name.
            scopes: The scopes to ask for, instead of the configuration's.
            client_registration: How the engine makes itself known: ``auto``, ``cimd`` or ``dcr``.
            timeout: Seconds that the person may take.

        Returns:
            A handle with the URL to open.

        Raises:
            JsonRpcError: If the engine refuses, as for a server that is a process.
        """
        native = self._native.login(
            text("server", server),
            None if scopes is None else list(scopes),
            client_registration,
            seconds("timeout", timeout),
        )
        return McpLoginHandle(native)


class AsyncMcpLoginHandle(_Login):
    """A login to an MCP server: open ``authorization_url``, then await :meth:`wait`.

    The protocol has no way to take a login back: it ends with its time limit.
    """

    __slots__ = ()

    async def wait(
        self, *, timeout: float | None = None
    ) -> McpServerOauthLoginCompletedNotification:
        """Wait until the login has succeeded or failed (``mcpServer/oauthLogin/completed``).

        Args:
            timeout: Seconds to wait at most; without it, as long as the engine takes.

        Returns:
            The notification: look at ``success`` and ``error``. Repeated calls return it again.

        Raises:
            CodexTimeoutError: If it has not come in time. The login goes on.
            TransportClosedError: If the engine goes away first.
        """
        return _completed(await self._native.wait(seconds("timeout", timeout), _loop()))


class AsyncMcp:
    """The MCP servers of an engine (``codex.mcp``) or of one of its threads (``thread.mcp``)."""

    __slots__ = ("_connected",)

    def __init__(self, connected: Callable[[], Any]) -> None:
        """Made by ``codex.mcp`` and ``thread.mcp``.

        Args:
            connected: Gives the core's view, once the engine has started.
        """
        self._connected = connected

    async def status(
        self, *, tools_only: bool = False, server: str | None = None
    ) -> list[McpServerStatus]:
        """The servers with their tools, resources, login and state (``mcpServerStatus/list``).

        Of a thread it waits for its servers' tools; a server's state may still be ``starting``.

        Args:
            tools_only: Whether to leave out resources and templates, which take a request to each
                server.
            server: Tell of this server alone.

        Returns:
            A status for each server, all pages of them.

        Raises:
            JsonRpcError: If the engine refuses.
        """
        found = await (await self._connected()).status(
            bool(tools_only), None if server is None else text("server", server), _loop()
        )
        return _statuses(found)

    async def wait_ready(
        self, names: Sequence[str] = (), *, timeout: float | None = None
    ) -> list[McpServerStatus]:
        """Wait until servers of the thread are ready for calls.

        Args:
            names: The servers; all of the thread's that are switched on without any.
            timeout: Seconds to wait at most (default 60).

        Returns:
            Their status, without resources.

        Raises:
            InvalidArgumentError: Without a thread (``codex.mcp``), and for a name that the thread has
                no server of.
            SpawnError: If one has failed to start, in the engine's words.
            CodexTimeoutError: If they are not ready in time.
        """
        found = await (await self._connected()).wait_ready(
            _names(names), seconds("timeout", timeout), _loop()
        )
        return _statuses(found)

    async def call_tool(
        self,
        server: str,
        tool: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> McpServerToolCallResponse:
        """Call a tool of a server of the thread, without the model (``mcpServer/tool/call``).

        Args:
            server: The server's name.
            tool: The tool's name on that server.
            arguments: Its arguments.
            timeout: Seconds to wait at most; the client's ``request_timeout`` without it.

        Returns:
            ``content``, ``structured_content`` and ``is_error``, which says that the tool failed.

        Raises:
            InvalidArgumentError: Without a thread (``codex.mcp``).
            JsonRpcError: If the engine or the server refuses.
            CodexTimeoutError: If there is no answer in time.
        """
        answer = await (await self._connected()).call_tool(
            text("server", server),
            text("tool", tool),
            arguments_of(arguments),
            seconds("timeout", timeout),
            _loop(),
        )
        return response(_CALL, answer)

    async def read_resource(self, server: str, uri: str) -> McpResourceReadResponse:
        """Read a resource of a server (``mcpServer/resource/read``).

        Args:
            server: The server's name.
            uri: The resource's URI.

        Returns:
            ``contents``, each with a ``uri`` and a ``text`` or a ``blob``.

        Raises:
            JsonRpcError: If the engine or the server refuses.
        """
        answer = await (await self._connected()).read_resource(
            text("server", server), text("uri", uri), _loop()
        )
        return response(_READ, answer)

    async def reload(self) -> None:
        """Have the engine read its configuration again and start servers anew.

        It is ``config/mcpServer/reload`` of the protocol.
        """
        await (await self._connected()).reload(_loop())

    async def login(
        self,
        server: str,
        *,
        scopes: Sequence[str] | None = None,
        client_registration: str | None = None,
        timeout: float | None = None,
    ) -> AsyncMcpLoginHandle:
        """Begin an OAuth login to a server that speaks HTTP (``mcpServer/oauth/login``).

        Args:
            server: The server's name.
            scopes: The scopes to ask for, instead of the configuration's.
            client_registration: How the engine makes itself known: ``auto``, ``cimd`` or ``dcr``.
            timeout: Seconds that the person may take.

        Returns:
            A handle with the URL to open.

        Raises:
            JsonRpcError: If the engine refuses, as for a server that is a process.
        """
        native = await (await self._connected()).login(
            text("server", server),
            None if scopes is None else list(scopes),
            client_registration,
            seconds("timeout", timeout),
            _loop(),
        )
        return AsyncMcpLoginHandle(native)


def of_client(client: AsyncCodex) -> AsyncMcp:
    """The view of a client, whose engine starts with the first call.

    Args:
        client: The client.

    Returns:
        The view.
    """

    async def connected() -> _native.Mcp:
        return (await client._connected()).mcp()

    return AsyncMcp(connected)


def of_thread(native: _native.Mcp) -> AsyncMcp:
    """The view of a thread.

    Args:
        native: The native view.

    Returns:
        The view.
    """

    async def connected() -> _native.Mcp:
        return native

    return AsyncMcp(connected)
