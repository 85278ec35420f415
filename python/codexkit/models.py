"""The few protocol objects that are not the schema's own: what an event is, what a handshake gave."""

from __future__ import annotations

from ._native import Event
from ._types import Payload, UnknownNotification, struct_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    JsonScalar: TypeAlias = str | int | float | bool | None
    """A JSON value without parts."""
    JsonValue: TypeAlias = JsonScalar | dict[str, "JsonValue"] | list["JsonValue"]
    """Any JSON value."""
    JsonObject: TypeAlias = dict[str, JsonValue]
    """A JSON object."""

    class ServerInfo(Payload):
        """Which server answered: read from its user agent.

        Attributes:
            name: The name that the client gave itself, which the engine repeats.
            version: The engine's version.
        """

        name: str | None
        version: str | None

    class InitializeResponse(Payload):
        """What the engine said of itself, and which engine it is.

        Attributes:
            server_info: Name and version, as the user agent has them.
            serverInfo: The same.
            user_agent: The user agent that the engine presents to the model provider.
            userAgent: The same.
            platform_family: ``unix`` or ``windows``.
            platformFamily: The same.
            platform_os: ``linux``, ``macos``, ...
            platformOs: The same.
            codex_home: The engine's ``CODEX_HOME``.
            engine_path: The engine's executable.
            engine_source: Where it was found: ``codex_bin``, ``CODEX_BINARY``, a package or ``PATH``.
            engine_version: The engine's version.
        """

        server_info: ServerInfo
        serverInfo: ServerInfo
        user_agent: str
        userAgent: str
        platform_family: str | None
        platformFamily: str | None
        platform_os: str | None
        platformOs: str | None
        codex_home: str | None
        engine_path: str
        engine_source: str
        engine_version: str | None
else:
    JsonScalar = str | int | float | bool | None
    JsonValue = JsonScalar | dict | list
    JsonObject = dict
    ServerInfo = struct_class("ServerInfo", "name? version?", (Payload,), {})
    InitializeResponse = struct_class(
        "InitializeResponse",
        "serverInfo userAgent platformFamily? platformOs? codexHome? "
        "enginePath engineSource engineVersion?",
        (Payload,),
        {},
        wire_names=True,
    )

Notification = Event
"""The official SDK's name of :class:`codexkit.Event`."""
NotificationPayload = Payload
"""The base of all payloads."""

__all__ = [
    "InitializeResponse",
    "JsonObject",
    "JsonScalar",
    "JsonValue",
    "Notification",
    "NotificationPayload",
    "ServerInfo",
    "UnknownNotification",
    "initialize_response",
]


def initialize_response(metadata: dict[str, Any]) -> InitializeResponse:
    """The handshake's answer as an object.

    Args:
        metadata: What the native client says of itself.

    Returns:
        The answer, with the engine's path, source and version beside it.
    """
    wire = dict(metadata["raw"])
    server = {"name": metadata["server_name"], "version": metadata["server_version"]}
    wire["serverInfo"] = ServerInfo(server)
    for name in ("engine_path", "engine_source", "engine_version"):
        head, tail = name.split("_")
        wire[head + tail.capitalize()] = metadata[name]
    return InitializeResponse(wire)


def __getattr__(name: str) -> Any:
    from . import types

    return getattr(types, name)
