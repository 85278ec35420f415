"""What a turn came to."""

from __future__ import annotations

from ._record import Record
from ._types import converter
from ._typing import OutputT, Typed
from .errors import _from_native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .errors import CodexError
    from .types import ThreadItem, ThreadTokenUsage, TurnError, TurnStatus


class TurnResult(Record, Typed[OutputT]):
    """The folded result of a turn.

    Attributes:
        id: The turn's id.
        status: How it ended: ``completed``, ``interrupted`` or ``failed``.
        error: The engine's error of a failed turn.
        started_at: When it started, in seconds since the Unix epoch.
        completed_at: When it ended.
        duration_ms: How long it took.
        final_response: The text of the last final answer; ``None`` if there was none.
        items: The completed items, in the order of their completion.
        usage: ``last`` is the last model response's use of tokens, ``total`` the thread's.
        thread_id: The thread the turn ran on.
        recovered: Whether the engine never reported the end and it was found out by reading.
        parsed: The answer as an object of the ``output_type``; ``None`` without one, or if the turn was interrupted.
        attempts: The turns before it whose answers were invalid, if there were ``output_repairs``.
    """

    __slots__ = (
        "attempts",
        "completed_at",
        "duration_ms",
        "error",
        "final_response",
        "id",
        "items",
        "parsed",
        "recovered",
        "started_at",
        "status",
        "thread_id",
        "usage",
    )

    def __init__(
        self,
        id: str,
        status: TurnStatus,
        error: TurnError | None = None,
        started_at: int | None = None,
        completed_at: int | None = None,
        duration_ms: int | None = None,
        final_response: str | None = None,
        items: list[ThreadItem] | None = None,
        usage: ThreadTokenUsage | None = None,
        thread_id: str = "",
        recovered: bool = False,
        parsed: OutputT | None = None,
        attempts: list[TurnResult] | None = None,
    ) -> None:
        """Make a result; applications get theirs from ``run()``. Arguments are the attributes."""
        self.id = id
        self.status = status
        self.error = error
        self.started_at = started_at
        self.completed_at = completed_at
        self.duration_ms = duration_ms
        self.final_response = final_response
        self.items: list[ThreadItem] = [] if items is None else items
        self.usage = usage
        self.thread_id = thread_id
        self.recovered = recovered
        self.parsed: OutputT = parsed  # pyright: ignore[reportAttributeAccessIssue]
        self.attempts: list[TurnResult] = [] if attempts is None else attempts


_converters: dict[str, Any] = {}


def _typed(kind: str, value: Any) -> Any:
    convert: Any = _converters.get(kind)
    if convert is None:
        convert = _converters[kind] = converter(kind)
    return None if value is None else convert(value)


def turn_result(folded: dict[str, Any]) -> TurnResult:
    """The result from the core's fold, whatever its status.

    Args:
        folded: The fold in its JSON form.

    Returns:
        The result.
    """
    return TurnResult(
        id=folded["id"],
        status=_typed("TurnStatus", folded["status"]),
        error=_typed("TurnError", folded.get("error")),
        started_at=folded.get("startedAt"),
        completed_at=folded.get("completedAt"),
        duration_ms=folded.get("durationMs"),
        final_response=folded.get("finalResponse"),
        items=_typed("[ThreadItem", folded["items"]),
        usage=_typed("ThreadTokenUsage", folded.get("usage")),
        thread_id=folded["threadId"],
        recovered=folded["recovered"],
    )


def successful(folded: dict[str, Any]) -> TurnResult:
    """The result of a turn that did not fail.

    Args:
        folded: The fold in its JSON form.

    Returns:
        The result.

    Raises:
        TurnFailedError: If the turn's status is ``failed``, or it was ended by the answer ``cancel`` to a request for
            approval.
    """
    result = turn_result(folded)
    if folded["status"] != "completed" and (error := turn_error(folded, result)) is not None:
        raise error
    return result


def turn_error(
    folded: dict[str, Any], result: TurnResult, *, all: bool = False
) -> CodexError | None:
    """What the core makes of a turn that did not end well.

    Args:
        folded: The fold in its JSON form.
        result: The same, as a result.
        all: Whether a turn that was interrupted is an error, too.

    Returns:
        The exception; ``None`` if it is none.
    """
    from . import _native

    facts = _native.turn_error({**folded, "items": []}, all)
    return None if facts is None else _from_native(facts, result)
