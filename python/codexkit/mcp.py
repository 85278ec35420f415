"""MCP servers: declared in code for threads, seen through the engine, or used without one.

``thread_start(mcp_servers={"files": StdioServer("npx", ["-y", "files"])})`` gives a thread servers;
``thread.mcp`` shows what they offer and calls their tools. :class:`McpClient` needs no engine.
"""

from __future__ import annotations

from ._mcp_client import AsyncMcpClient, McpClient
from ._mcp_servers import HttpServer, StdioServer
from ._mcp_view import AsyncMcp, AsyncMcpLoginHandle, Mcp, McpLoginHandle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ._mcp_servers import McpServer as McpServer
    from ._mcp_servers import ToolApproval as ToolApproval

__all__ = [
    "AsyncMcp",
    "AsyncMcpClient",
    "AsyncMcpLoginHandle",
    "HttpServer",
    "Mcp",
    "McpClient",
    "McpLoginHandle",
    "StdioServer",
    "qualify",
    "tool_names",
]


def qualify(server: str, tool: str) -> str:
    """The one name of a server's tool among those of several servers, as the engine has it.

    Args:
        server: The server's name.
        tool: The tool's name on that server.

    Returns:
        ``mcp__SERVER__TOOL``; characters that a model's API takes in no name become ``_``.
    """
    from ._check import text
    from ._native import mcp_qualify

    return mcp_qualify(text("server", server), text("tool", tool))


def tool_names(servers: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, str]]:
    """The tools of several servers by their one name.

    Args:
        servers: The names of each server's tools.

    Returns:
        Server and tool for each name.

    Raises:
        InvalidArgumentError: If two tools would have the same name.
    """
    from ._native import mcp_tool_names

    return mcp_tool_names({server: list(tools) for server, tools in servers.items()})
