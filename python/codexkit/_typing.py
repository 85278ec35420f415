"""What the annotations of typed answers need, without the import of :mod:`typing` at run time."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike
    from typing import Any, Generic, TypedDict
    from typing import overload as overload

    from typing_extensions import TypeVar

    from ._guardrails import InputGuardrail, OutputGuardrail
    from ._modes import ApprovalMode, Sandbox
    from .approvals import OnApproval, OnElicitation, OnQuestion
    from .types import Personality, ReasoningEffort, ReasoningSummary

    OutputT = TypeVar("OutputT", default=Any)

    class Typed(Generic[OutputT]):
        """Base of what carries the type of an answer."""

    class RunOptions(TypedDict, total=False):
        """The options of a turn besides those of its answer: the overloads of ``run`` and ``turn`` share them."""

        approval_mode: ApprovalMode | None
        approval_timeout: float | None
        cwd: str | PathLike[str] | None
        effort: ReasoningEffort | str | None
        input_guardrails: Sequence[InputGuardrail] | None
        model: str | None
        on_approval: OnApproval | None
        on_elicitation: OnElicitation | None
        on_question: OnQuestion | None
        output_guardrails: Sequence[OutputGuardrail] | None
        output_schema: dict[str, Any] | None
        personality: Personality | str | None
        sandbox: Sandbox | dict[str, Any] | None
        service_tier: str | None
        source: str | None
        summary: ReasoningSummary | str | None
        trace_context: str | Mapping[str, str] | None
        turn_service_tier: str | None
        extra: Mapping[str, Any] | None

else:
    OutputT = None

    def overload(function):
        """Does nothing; only type checkers read overloads."""
        return function

    class Typed:
        """Base of what carries the type of an answer: ``TurnResult[Report]`` is ``TurnResult``."""

        __slots__ = ()

        def __class_getitem__(cls, _item):
            return cls
