"""Guardrails: functions of the application that look at what a turn is told, and at what it came to.

They fail closed: where one raises, or returns what has no meaning, the turn does not start, or its result is not given.
"""

from __future__ import annotations

from ._check import is_async, refuse
from ._inputs import wire_turn_input
from ._record import Record
from .errors import CodexError, GuardrailError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any, NoReturn, TypeAlias

    from ._inputs import RunInput
    from ._result import TurnResult

    InputRuling: TypeAlias = "RunInput | Rejection | None"
    InputGuardrail: TypeAlias = Callable[[RunInput], InputRuling | Awaitable[InputRuling]]
    OutputRuling: TypeAlias = "str | Rejection | None"
    OutputGuardrail: TypeAlias = Callable[[TurnResult], OutputRuling | Awaitable[OutputRuling]]


class Rejection(Record):
    """What a guardrail returns that does not let something pass; :func:`reject` makes it."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        """Make one.

        Args:
            reason: Why.
        """
        self.reason = reason


def reject(reason: str) -> Rejection:
    """What a guardrail returns to reject.

    Args:
        reason: Why; it is in the :class:`GuardrailError`.

    Returns:
        The rejection.
    """
    if not isinstance(reason, str) or not reason.strip():
        refuse("reason", "say why in words")
    return Rejection(reason)


class Guardrails:
    """The guardrails of a turn, checked."""

    __slots__ = ("_input", "_outcome", "_output", "_typed")

    def __init__(
        self, given_input: Any, given_output: Any, *, may_await: bool, typed: bool
    ) -> None:
        """Look at the arguments.

        Args:
            given_input: Those of the input.
            given_output: Those of the output.
            may_await: Whether they may be ``async``.
            typed: Whether the turn's answer is typed.

        Raises:
            InvalidArgumentError: For what is no function.
        """
        self._input = _functions("input_guardrails", given_input, may_await)
        self._output = _functions("output_guardrails", given_output, may_await)
        self._typed = typed
        # What they made of the turn: whoever asks again gets the same.
        self._outcome: TurnResult[Any] | GuardrailError | None = None

    def check_input(self, input: RunInput) -> Any:
        """The input that the turn may have.

        Args:
            input: What was given.

        Returns:
            It, or what a guardrail put in its place.

        Raises:
            GuardrailError: If one does not let it pass.
        """
        for guardrail in self._input:
            input = _input(guardrail, input, _call(guardrail, "input", input, None))
        return input

    async def check_input_async(self, input: RunInput) -> Any:
        """:meth:`check_input`, for guardrails that may be ``async``."""
        for guardrail in self._input:
            input = _input(guardrail, input, await _call_async(guardrail, "input", input, None))
        return input

    def check_output(self, result: TurnResult[Any]) -> TurnResult[Any]:
        """The result that may be given: the same for whoever asks again.

        Args:
            result: What the turn came to.

        Returns:
            It, perhaps with another final response.

        Raises:
            GuardrailError: If one does not let it pass.
        """
        try:
            if self._outcome is None:
                self._outcome = self.look_at(result)
        except GuardrailError as error:
            self._outcome = error
        return self._told()

    async def check_output_async(self, result: TurnResult[Any]) -> TurnResult[Any]:
        """:meth:`check_output`, for guardrails that may be ``async``."""
        try:
            if self._outcome is None:
                self._outcome = await self.look_at_async(result)
        except GuardrailError as error:
            self._outcome = error
        return self._told()

    def look_at(self, result: TurnResult[Any]) -> TurnResult[Any]:
        """What the guardrails make of a result, asked anew."""
        for guardrail in self._due(result):
            result = self._ruled(guardrail, result, _call(guardrail, "output", result, result))
        return result

    async def look_at_async(self, result: TurnResult[Any]) -> TurnResult[Any]:
        """:meth:`look_at`, for guardrails that may be ``async``."""
        for guardrail in self._due(result):
            ruling = await _call_async(guardrail, "output", result, result)
            result = self._ruled(guardrail, result, ruling)
        return result

    def _due(self, result: TurnResult[Any]) -> tuple[Any, ...]:
        return self._output if result.status == "completed" else ()

    def _told(self) -> TurnResult[Any]:
        if self._outcome is None or isinstance(self._outcome, GuardrailError):
            raise self._outcome or RuntimeError("no guardrail was asked")
        return self._outcome

    def _ruled(self, guardrail: Any, result: TurnResult[Any], ruling: Any) -> TurnResult[Any]:
        if ruling is None:
            return result
        if isinstance(ruling, str) and not self._typed:
            return result.__replace__(final_response=ruling)
        if isinstance(ruling, Rejection):
            _rejected(guardrail, "output", ruling.reason, result)
        accepted = "None or reject(...)" if self._typed else "None, a text or reject(...)"
        why = f"it returned {type(ruling).__name__}; it may return {accepted}"
        _rejected(guardrail, "output", why, result)


def _functions(name: str, given: Sequence[Any] | None, may_await: bool) -> tuple[Any, ...]:
    if given is None:
        return ()
    if not isinstance(given, (list, tuple)):
        refuse(name, f"expected a list of functions, not {type(given).__name__}")
    for function in given:
        if not callable(function) or isinstance(function, type):
            refuse(name, f"expected functions, not {function!r}")
        if not may_await and is_async(function):
            refuse(name, f"{_name(function)} is async; use AsyncCodex, or a plain function")
    return tuple(given)


def _name(guardrail: Any) -> str:
    return getattr(guardrail, "__name__", None) or type(guardrail).__name__


def _call(guardrail: Any, stage: str, given: Any, result: Any) -> Any:
    try:
        ruling = guardrail(given)
    except Exception as error:
        _raised(guardrail, stage, error, result)
    if hasattr(ruling, "__await__"):
        if hasattr(ruling, "close"):
            ruling.close()
        why = "it returned an awaitable; use AsyncCodex, or a plain function"
        _rejected(guardrail, stage, why, result)
    return ruling


async def _call_async(guardrail: Any, stage: str, given: Any, result: Any) -> Any:
    try:
        ruling = guardrail(given)
        return await ruling if hasattr(ruling, "__await__") else ruling
    except Exception as error:
        _raised(guardrail, stage, error, result)


def _input(guardrail: Any, input: Any, ruling: Any) -> Any:
    if ruling is None:
        return input
    if isinstance(ruling, Rejection):
        _rejected(guardrail, "input", ruling.reason, None)
    try:
        wire_turn_input(ruling)
    except CodexError as error:
        why = f"it returned {type(ruling).__name__}; it may return None, an input or reject(...)"
        _rejected(guardrail, "input", why, None, error)
    return ruling


def _raised(guardrail: Any, stage: str, error: Exception, result: Any) -> NoReturn:
    _rejected(guardrail, stage, f"it raised {type(error).__name__}", result, error)


def _rejected(
    guardrail: Any, stage: str, reason: str, result: Any, cause: Exception | None = None
) -> NoReturn:
    name = _name(guardrail)
    raise GuardrailError(
        # In the words of the other languages, quotes and all.
        f'the {stage} guardrail "{name}" rejected it: {reason}',
        guardrail=name,
        stage=stage,
        reason=reason,
        result=result,
    ) from cause
