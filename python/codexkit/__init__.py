"""The Codex agent engine for Python.

Start with :class:`Codex` in synchronous programs and :class:`AsyncCodex` in asynchronous ones::

    from codexkit import Codex, Sandbox

    with Codex() as codex:
        thread = codex.thread_start(sandbox=Sandbox.workspace_write)
        result = thread.run("Describe this project.")
        print(result.final_response)

Importing this package loads nothing; every name is loaded when it is first used.
"""

from __future__ import annotations

from ._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from . import approvals as approvals
    from . import errors as errors
    from . import files as files
    from . import mcp as mcp
    from . import models as models
    from . import tools as tools
    from . import types as types
    from ._agents import Agent
    from ._approvals import ApprovalHandler
    from ._async import AsyncCodex
    from ._async_thread import AsyncThread, AsyncTurnHandle
    from ._auto import (
        AsyncAutoRun,
        AutoRun,
        AutoRunResult,
        AutoRunStep,
        AutoRunTurn,
        GoalCheck,
        RetryPolicy,
        ShellCheck,
        TokenPrices,
        VerdictCheck,
    )
    from ._auto_hooks import AutoRunHandoff, AutoRunToolCall, AutoRunToolResult
    from ._config import CodexConfig
    from ._guardrails import Rejection, reject
    from ._handoff import Handoff
    from ._inputs import (
        ExternalMessage,
        ImageInput,
        Input,
        InputItem,
        LocalImageInput,
        MentionInput,
        RunInput,
        SkillInput,
        TextInput,
    )
    from ._login import (
        AsyncChatgptLoginHandle,
        AsyncDeviceCodeLoginHandle,
        ChatgptLoginHandle,
        DeviceCodeLoginHandle,
    )
    from ._map import AsyncMapRun, MapItem, MapProgress, MapResult, MapRun
    from ._modes import ApprovalMode, Sandbox
    from ._native import Event
    from ._native import Event as Notification
    from ._remote import Reconnect, RemoteEngine, Restart
    from ._result import TurnResult
    from ._retry import retry_on_overload
    from ._sync import Codex
    from ._sync_thread import Thread, TurnHandle
    from ._types import UnknownNotification
    from .errors import (
        ApprovalDeniedError,
        AuthenticationError,
        CodexError,
        CodexRpcError,
        CodexTimeoutError,
        ContextWindowError,
        EngineNotFoundError,
        EngineVersionError,
        ForkedError,
        GuardrailError,
        InternalRpcError,
        InvalidArgumentError,
        InvalidOutputError,
        InvalidParamsError,
        InvalidRequestError,
        JsonRpcError,
        LaggedError,
        MethodNotFoundError,
        OverloadedError,
        ParseError,
        ProtocolError,
        RateLimitedError,
        RetryLimitExceededError,
        ServerBusyError,
        SpawnError,
        TransportClosedError,
        TurnFailedError,
        TurnOverloadedError,
        UsageLimitError,
        is_retryable_error,
    )
    from .tools import Tool, ToolContext, ToolRegistry, tool

__all__ = [
    "Agent",
    "ApprovalDeniedError",
    "ApprovalHandler",
    "ApprovalMode",
    "AsyncAutoRun",
    "AsyncChatgptLoginHandle",
    "AsyncCodex",
    "AsyncDeviceCodeLoginHandle",
    "AsyncMapRun",
    "AsyncThread",
    "AsyncTurnHandle",
    "AuthenticationError",
    "AutoRun",
    "AutoRunHandoff",
    "AutoRunResult",
    "AutoRunStep",
    "AutoRunToolCall",
    "AutoRunToolResult",
    "AutoRunTurn",
    "ChatgptLoginHandle",
    "Codex",
    "CodexConfig",
    "CodexError",
    "CodexRpcError",
    "CodexTimeoutError",
    "ContextWindowError",
    "DeviceCodeLoginHandle",
    "EngineNotFoundError",
    "EngineVersionError",
    "Event",
    "ExternalMessage",
    "ForkedError",
    "GoalCheck",
    "GuardrailError",
    "Handoff",
    "ImageInput",
    "Input",
    "InputItem",
    "InternalRpcError",
    "InvalidArgumentError",
    "InvalidOutputError",
    "InvalidParamsError",
    "InvalidRequestError",
    "JsonRpcError",
    "LaggedError",
    "LocalImageInput",
    "MapItem",
    "MapProgress",
    "MapResult",
    "MapRun",
    "MentionInput",
    "MethodNotFoundError",
    "Notification",
    "OverloadedError",
    "ParseError",
    "ProtocolError",
    "RateLimitedError",
    "Reconnect",
    "Rejection",
    "RemoteEngine",
    "Restart",
    "RetryLimitExceededError",
    "RetryPolicy",
    "RunInput",
    "Sandbox",
    "ServerBusyError",
    "ShellCheck",
    "SkillInput",
    "SpawnError",
    "TextInput",
    "Thread",
    "TokenPrices",
    "Tool",
    "ToolContext",
    "ToolRegistry",
    "TransportClosedError",
    "TurnFailedError",
    "TurnHandle",
    "TurnOverloadedError",
    "TurnResult",
    "UnknownNotification",
    "UsageLimitError",
    "VerdictCheck",
    "__version__",
    "is_retryable_error",
    "reject",
    "retry_on_overload",
    "tool",
]

_PLACES = {
    "_agents": "Agent",
    "_approvals": "ApprovalHandler",
    "_async": "AsyncCodex",
    "_async_thread": "AsyncThread AsyncTurnHandle",
    "_auto": "AsyncAutoRun AutoRun AutoRunResult AutoRunStep AutoRunTurn GoalCheck RetryPolicy "
    "ShellCheck TokenPrices VerdictCheck",
    "_auto_hooks": "AutoRunHandoff AutoRunToolCall AutoRunToolResult",
    "_config": "CodexConfig",
    "_guardrails": "Rejection reject",
    "_handoff": "Handoff",
    "_inputs": "ExternalMessage ImageInput Input InputItem LocalImageInput MentionInput RunInput "
    "SkillInput TextInput",
    "_login": "AsyncChatgptLoginHandle AsyncDeviceCodeLoginHandle ChatgptLoginHandle "
    "DeviceCodeLoginHandle",
    "_map": "AsyncMapRun MapItem MapProgress MapResult MapRun",
    "_modes": "ApprovalMode Sandbox",
    "_native": "Event",
    "_remote": "Reconnect RemoteEngine Restart",
    "_result": "TurnResult",
    "_retry": "retry_on_overload",
    "_sync": "Codex",
    "_sync_thread": "Thread TurnHandle",
    "_types": "UnknownNotification",
    "models": "Notification",
    "tools": "Tool ToolContext ToolRegistry tool",
}
_MODULES = frozenset(
    {
        "api",
        "approvals",
        "async_client",
        "client",
        "errors",
        "files",
        "generated",
        "mcp",
        "models",
        "retry",
        "testing",
        "thread_events",
        "tools",
        "types",
    }
)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return __import__(f"{__name__}.{name}", fromlist=[name])
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    place = next((place for place, names in _PLACES.items() if name in names.split()), "errors")
    found = getattr(__import__(f"{__name__}.{place}", fromlist=[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*__all__, *_MODULES})
