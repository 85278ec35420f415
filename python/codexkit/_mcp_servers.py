"""MCP servers as a thread or a client gets them. Whether a declaration can work is the core's to say."""

from __future__ import annotations

from ._record import Record
from .errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike
    from typing import Any, Literal, TypeAlias

    ToolApproval: TypeAlias = Literal["approve", "auto", "prompt", "writes"]
    McpServer: TypeAlias = "StdioServer | HttpServer"


class StdioServer(Record):
    """An MCP server that is a process and speaks over its standard input and output."""

    __slots__ = (
        "args",
        "command",
        "cwd",
        "disabled_tools",
        "enabled",
        "enabled_tools",
        "env",
        "env_vars",
        "required",
        "startup_timeout_s",
        "tool_approval",
        "tool_timeout_s",
    )

    def __init__(
        self,
        command: str | PathLike[str],
        args: Sequence[str | PathLike[str]] = (),
        *,
        env: Mapping[str, str] | None = None,
        env_vars: Sequence[str] | None = None,
        cwd: str | PathLike[str] | None = None,
        startup_timeout_s: float | None = None,
        tool_timeout_s: float | None = None,
        enabled_tools: Sequence[str] | None = None,
        disabled_tools: Sequence[str] | None = None,
        enabled: bool = True,
        required: bool = False,
        tool_approval: ToolApproval | None = None,
    ) -> None:
        """Declare a server; it is checked when a thread or a client is started with it.

        Args:
            command: The program.
            args: Its arguments.
            env: Environment variables for it, with their values.
            env_vars: Variables that it gets as they are where it is started. By default it sees only
                a few (``PATH``, ``HOME``, ...).
            cwd: Its working directory.
            startup_timeout_s: Seconds to start and shake hands (the engine's default is 10).
            tool_timeout_s: Seconds that a tool may take (the engine's default is 60).
            enabled_tools: The only tools to offer.
            disabled_tools: Tools not to offer.
            enabled: Whether it is started at all.
            required: Whether a thread cannot start without it.
            tool_approval: Which tools the engine asks about before it calls them: as they say of
                themselves (``auto``), all (``prompt``), those that write (``writes``) or none
                (``approve``).
        """
        self.command = command
        self.args = args
        self.env = env
        self.env_vars = env_vars
        self.cwd = cwd
        self.startup_timeout_s = startup_timeout_s
        self.tool_timeout_s = tool_timeout_s
        self.enabled_tools = enabled_tools
        self.disabled_tools = disabled_tools
        self.enabled = enabled
        self.required = required
        self.tool_approval = tool_approval

    def __repr__(self) -> str:
        return _shown(self, {"args", "env"})

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), _fields(self))


class HttpServer(Record):
    """An MCP server that speaks streamable HTTP."""

    __slots__ = (
        "bearer_token_env_var",
        "disabled_tools",
        "enabled",
        "enabled_tools",
        "env_http_headers",
        "headers",
        "oauth_resource",
        "required",
        "scopes",
        "startup_timeout_s",
        "tool_approval",
        "tool_timeout_s",
        "url",
    )

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        bearer_token_env_var: str | None = None,
        env_http_headers: Mapping[str, str] | None = None,
        scopes: Sequence[str] | None = None,
        oauth_resource: str | None = None,
        startup_timeout_s: float | None = None,
        tool_timeout_s: float | None = None,
        enabled_tools: Sequence[str] | None = None,
        disabled_tools: Sequence[str] | None = None,
        enabled: bool = True,
        required: bool = False,
        tool_approval: ToolApproval | None = None,
    ) -> None:
        """Declare a server; it is checked when a thread or a client is started with it.

        Args:
            url: Its address, ``http://`` or ``https://``.
            headers: Headers of every request. They are not shown.
            bearer_token_env_var: The environment variable that holds the bearer token.
            env_http_headers: Headers whose values are in environment variables: header to variable.
            scopes: The scopes to ask for in an OAuth login.
            oauth_resource: The resource to name in an OAuth login (RFC 8707).
            startup_timeout_s: Seconds to start and shake hands (the engine's default is 10).
            tool_timeout_s: Seconds that a tool may take (the engine's default is 60).
            enabled_tools: The only tools to offer.
            disabled_tools: Tools not to offer.
            enabled: Whether it is used at all.
            required: Whether a thread cannot start without it.
            tool_approval: Which tools the engine asks about before it calls them: as they say of
                themselves (``auto``), all (``prompt``), those that write (``writes``) or none
                (``approve``).
        """
        self.url = url
        self.headers = headers
        self.bearer_token_env_var = bearer_token_env_var
        self.env_http_headers = env_http_headers
        self.scopes = scopes
        self.oauth_resource = oauth_resource
        self.startup_timeout_s = startup_timeout_s
        self.tool_timeout_s = tool_timeout_s
        self.enabled_tools = enabled_tools
        self.disabled_tools = disabled_tools
        self.enabled = enabled
        self.required = required
        self.tool_approval = tool_approval

    def __repr__(self) -> str:
        return _shown(self, {"headers"})

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), _fields(self))


def _fields(server: Record) -> dict[str, Any]:
    return {name: getattr(server, name) for name in server.__match_args__}


def _restore(kind: Any, fields: dict[str, Any]) -> Any:
    return kind(**fields)


def _shown(server: Record, secret: set[str]) -> str:
    """A repr without what may be a secret."""
    fields = _fields(server)
    for name in secret:
        if fields[name]:
            fields[name] = "[redacted]"
    if "url" in fields:
        fields["url"] = str(fields["url"]).split("?")[0]
    shown = ", ".join(f"{name}={value!r}" for name, value in fields.items())
    return f"{type(server).__name__}({shown})"


def wire_server(path: str, server: Any) -> dict[str, Any]:
    """A declaration as the core reads it.

    Args:
        path: What errors call it.
        server: The declaration.

    Returns:
        A dict of JSON values.

    Raises:
        InvalidArgumentError: If it is none.
    """
    if not isinstance(server, (StdioServer, HttpServer)):
        kind = type(server).__name__
        message = f"{path}: expected a StdioServer or an HttpServer, not {kind}"
        raise InvalidArgumentError(message, argument=path)
    wire = {name: value for name, value in _fields(server).items() if value is not None}
    for name in ("args", "enabled_tools", "disabled_tools", "env_vars", "scopes"):
        value = wire.get(name)
        if isinstance(value, str):
            message = f"{path}.{name}: expected a list of strings, not one"
            raise InvalidArgumentError(message, argument=f"{path}.{name}")
        if isinstance(value, tuple) and not value:
            del wire[name]
    return wire


def wire_servers(servers: Any) -> dict[str, Any]:
    """Declarations by name as the core reads them.

    Args:
        servers: The servers.

    Returns:
        A dict of JSON values.

    Raises:
        InvalidArgumentError: If they are no dict of declarations.
    """
    if not hasattr(servers, "items") or not all(isinstance(name, str) for name in servers):
        message = f"mcp_servers: expected a dict of names and servers, not {type(servers).__name__}"
        raise InvalidArgumentError(message, argument="mcp_servers")
    return {name: wire_server(f"mcp_servers.{name}", server) for name, server in servers.items()}


def with_servers(servers: Any, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a thread with MCP servers put into their ``config``.

    Args:
        servers: The servers by name.
        params: The parameters of ``thread/start``, ``thread/resume`` or ``thread/fork``.

    Returns:
        The parameters.

    Raises:
        InvalidArgumentError: For what cannot work.
    """
    from ._native import mcp_params

    return mcp_params(wire_servers(servers), params)
