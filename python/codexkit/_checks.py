"""What looks at the turns that the core starts by itself, in runs, maps and tools: guardrails, and the type of the answer.

The core asks about each input before its turn starts, and about each result before anybody gets it. It takes the error that
is raised here for the turn's own, and gives the same object back.
"""

from __future__ import annotations

from ._approvals import hand_on
from ._guardrails import Guardrails
from ._inputs import (
    ImageInput,
    LocalImageInput,
    MentionInput,
    SkillInput,
    TextInput,
    wire_turn_input,
)
from ._result import turn_result
from .errors import CodexError, GuardrailError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Mapping
    from typing import Any

    from ._native import Check
    from ._output import Output
    from ._result import TurnResult

NAMES = ("input_guardrails", "output_guardrails")
"""The options that are for these."""


class Checks:
    """Answers what the core asks about inputs and results."""

    __slots__ = ("_event_loop", "_guard", "_may_await", "_output", "parsed")

    def __init__(self, guard: Guardrails, *, may_await: bool, output: Output | None = None) -> None:
        """For these guardrails.

        Args:
            guard: The guardrails.
            may_await: Whether they may be ``async``.
            output: The type of the answers.
        """
        self._guard = guard
        self._may_await = may_await
        self._output = output
        self._event_loop: AbstractEventLoop | None = None
        # Typed answers by the ids of their turns, until somebody takes them.
        self.parsed: dict[str, Any] = {}

    def on(self, event_loop: AbstractEventLoop | None) -> Checks:
        """Itself, with where coroutines run; without a loop each gets one of its own."""
        self._event_loop = event_loop
        return self

    def __call__(self, check: Check) -> None:
        """Answers one; called by the core on a thread of its own.

        Args:
            check: What is looked at.
        """
        stage = check.stage
        hand_on(
            lambda: self._look(stage, check.given()),
            check.let_pass,
            lambda error: _fail(check, stage, error),
            self._event_loop,
        )

    def _look(self, stage: str, given: Any) -> Any:
        if self._may_await:
            return self._look_async(stage, given)
        if stage == "input":
            input = _shown(given)
            return _changed(input, self._guard.check_input(input))
        result = self._read(given)
        return self._passed(result, self._guard.look_at(result))

    async def _look_async(self, stage: str, given: Any) -> Any:
        if stage == "input":
            input = _shown(given)
            return _changed(input, await self._guard.check_input_async(input))
        result = self._read(given)
        return self._passed(result, await self._guard.look_at_async(result))

    def _read(self, turn: dict[str, Any]) -> TurnResult[Any]:
        return turn_result(turn) if self._output is None else self._output.read(turn)

    def _passed(self, result: TurnResult[Any], allowed: TurnResult[Any]) -> str | None:
        if self._output is not None:
            self.parsed[result.id] = result.parsed
        return None if allowed is result else allowed.final_response


def checks_of(given: Mapping[str, Any], *, may_await: bool) -> Checks | None:
    """What the guardrails among these options are for the core.

    Args:
        given: Options.
        may_await: Whether guardrails may be ``async``.

    Returns:
        What it calls; ``None`` if there are none.

    Raises:
        InvalidArgumentError: For what is no function.
    """
    functions = [given.get(name) for name in NAMES]
    if functions == [None, None]:
        return None
    return Checks(Guardrails(*functions, may_await=may_await, typed=False), may_await=may_await)


_SHOWN: dict[str, Any] = {
    "text": lambda part: TextInput(part["text"]),
    "image": lambda part: ImageInput(part["url"]),
    "localImage": lambda part: LocalImageInput(part["path"]),
    "skill": lambda part: SkillInput(part["name"], part["path"]),
    "mention": lambda part: MentionInput(part["name"], part["path"]),
}


def _shown(parts: list[dict[str, Any]]) -> Any:
    """An input as a guardrail sees it: a text, or a list of parts."""
    if len(parts) == 1 and parts[0].get("type") == "text":
        return parts[0]["text"]
    return [_SHOWN.get(part.get("type", ""), lambda part: part)(part) for part in parts]


def _changed(input: Any, allowed: Any) -> list[Any] | None:
    if allowed is input:
        return None
    wire, tool_output = wire_turn_input(allowed)
    if tool_output is not None:
        raise GuardrailError(
            "an input guardrail put an ExternalMessage in the place of a prompt, which only run(), turn() and "
            "run_streamed() take",
            stage="input",
            reason="it returned an ExternalMessage",
        )
    return wire


def _fail(check: Check, stage: str, error: BaseException) -> None:
    if not isinstance(error, CodexError) or error.kind not in ("guardrail", "invalid_output"):
        why = f"it could not be asked: {type(error).__name__}"
        message = f"the {stage} guardrails did not let it pass: {why}"
        wrapped = GuardrailError(message, stage=stage, reason=why)
        wrapped.__cause__ = error
        error = wrapped
    check.fail(error.kind, str(error), error)
