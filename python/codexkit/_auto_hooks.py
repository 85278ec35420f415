"""The hooks of an auto-run within a turn: what they are told, and what they say as the core reads it."""

from __future__ import annotations

from ._record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, TypeAlias

    from .approvals import ApprovalRequest, Decision

    ApprovalAnswer: TypeAlias = Decision | str | dict[str, Any] | None
    BeforeApproval: TypeAlias = Callable[
        [ApprovalRequest], ApprovalAnswer | Awaitable[ApprovalAnswer]
    ]
    AfterApproval: TypeAlias = Callable[
        [ApprovalRequest, Decision], ApprovalAnswer | Awaitable[ApprovalAnswer]
    ]
    ToolAnswer: TypeAlias = dict[str, Any] | None
    BeforeTool: TypeAlias = Callable[["AutoRunToolCall"], ToolAnswer | Awaitable[ToolAnswer]]
    AfterTool: TypeAlias = Callable[
        ["AutoRunToolCall", "AutoRunToolResult"], ToolAnswer | Awaitable[ToolAnswer]
    ]

WITHIN_TURNS = ("before_approval", "after_approval", "before_tool", "after_tool")
_APPROVALS = WITHIN_TURNS[:2]


class AutoRunHandoff(Record):
    """An agent handed the conversation over to another one.

    Attributes:
        turn: The turn after which it did.
        from_thread_id: The thread whose agent did.
        to_thread_id: The thread whose agent goes on.
        name: What that agent is called.
        message: What it was told.
    """

    __slots__ = ("from_thread_id", "message", "name", "to_thread_id", "turn")

    def __init__(
        self, turn: int, from_thread_id: str, to_thread_id: str, name: str, message: str
    ) -> None:
        """Make one; applications get theirs. Arguments are the attributes."""
        self.turn = turn
        self.from_thread_id = from_thread_id
        self.to_thread_id = to_thread_id
        self.name = name
        self.message = message


def handoff(made: dict[str, Any]) -> AutoRunHandoff:
    """A handoff as the core tells of it.

    Args:
        made: Its fields.

    Returns:
        The handoff.
    """
    return AutoRunHandoff(
        made["turn"], made["fromThreadId"], made["toThreadId"], made["name"], made["message"]
    )


class AutoRunToolCall(Record):
    """A call of a tool of the application's, as a hook is told of it.

    Attributes:
        tool: The tool's name.
        namespace: The tool's group.
        arguments: What it is called with.
        call_id: The call's own id.
        thread_id: The thread whose turn calls.
        turn_id: The turn that calls.
    """

    __slots__ = ("arguments", "call_id", "namespace", "thread_id", "tool", "turn_id")

    def __init__(
        self,
        tool: str,
        namespace: str | None,
        arguments: dict[str, Any],
        call_id: str,
        thread_id: str,
        turn_id: str,
    ) -> None:
        """Make one; applications get theirs. Arguments are the attributes."""
        self.tool = tool
        self.namespace = namespace
        self.arguments = arguments
        self.call_id = call_id
        self.thread_id = thread_id
        self.turn_id = turn_id


class AutoRunToolResult(Record):
    """What a call of a tool came to, as a hook is told of it.

    Attributes:
        text: The text of all its parts.
        content: The parts: ``{"type": "text", "text": ...}``, ``{"type": "json", "value": ...}`` or
            ``{"type": "image", "url": ...}``.
        is_error: Whether the tool failed.
    """

    __slots__ = ("content", "is_error", "text")

    def __init__(self, text: str, content: list[dict[str, Any]], is_error: bool) -> None:
        """Make one; applications get theirs. Arguments are the attributes."""
        self.text = text
        self.content = content
        self.is_error = is_error


def told(what: str, params: dict[str, Any]) -> tuple[Any, ...]:
    """What a hook is called with.

    Args:
        what: The hook.
        params: What the core says of it.

    Returns:
        The function's arguments.
    """
    if what in _APPROVALS:
        from ._responders import request_of
        from .approvals import Decision

        request = request_of({**params["request"], "subject": "approval"})
        if what == "before_approval":
            return (request,)
        decided = params["decision"]
        rule = decided.get("rule")
        rule = None if rule is None else tuple(rule)
        return request, Decision(decided["decision"], rule, decided.get("reason"))
    fields = params["call"]
    call = AutoRunToolCall(
        fields["tool"],
        fields["namespace"],
        fields["arguments"],
        fields["callId"],
        params["threadId"],
        params["turnId"],
    )
    if what == "before_tool":
        return (call,)
    result = params["result"]
    return call, AutoRunToolResult(params["text"], result["content"], result["isError"])


def said(what: str, answer: Any) -> Any:
    """What a hook returned, as the core reads it.

    Args:
        what: The hook.
        answer: What it returned.

    Returns:
        The same as JSON's objects; what has no meaning is left for the core to refuse.
    """
    if what in _APPROVALS:
        from ._responders import reply
        from .approvals import Decision

        return reply(answer) if isinstance(answer, Decision) else answer
    if isinstance(answer, dict) and isinstance(answer.get("result"), AutoRunToolResult):
        result = answer["result"]
        return {**answer, "result": {"content": result.content, "isError": result.is_error}}
    return answer
