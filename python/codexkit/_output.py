"""Typed answers: an ``output_type`` as a plan of the core's, and what comes of it as an object of that type."""

from __future__ import annotations

from ._check import count, refuse
from ._native import OutputPlan
from ._result import successful, turn_result
from ._schema import ConvertError, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import AsyncIterator, Callable, Iterator
    from typing import Any

    from . import _native
    from ._result import TurnResult

    Asked = tuple[str | None, Any, str | None] | None
    """Who answers in the turns: what ``_params.responders`` gives."""


class Output:
    """One typed question: the core's plan and the conversion of its answer."""

    __slots__ = ("_convert", "_plan", "_schema")

    def __init__(
        self, output_type: Any, repairs: int, input: list[Any], params: dict[str, Any]
    ) -> None:
        """Checks the type; raises ``InvalidArgumentError`` for one that cannot be."""
        if count("output_repairs", repairs) >= 2**32:
            refuse("output_repairs", f"expected a number of at least 0, not {repairs!r}")
        schema, self._convert = _schema_and_convert(output_type)
        self._schema = schema
        self._plan = OutputPlan(schema, input, params, repairs)

    def run(self, thread: _native.Thread, asked: Asked) -> TurnResult[Any]:
        """Runs the turn and its repairs."""
        while True:
            outcome = self._plan.run(thread, None, asked)
            try:
                return self._result(outcome)
            except ConvertError as error:
                self._reject(error)

    async def run_async(
        self, thread: _native.Thread, event_loop: AbstractEventLoop, asked: Asked
    ) -> TurnResult[Any]:
        """The same on an event loop."""
        while True:
            outcome = await self._plan.run(thread, event_loop, asked)
            try:
                return self._result(outcome)
            except ConvertError as error:
                self._reject(error)

    def turn(self, thread: _native.Thread, asked: Asked) -> _native.Turn:
        """Starts the turn."""
        return self._plan.turn(thread, None, asked)

    async def turn_async(
        self, thread: _native.Thread, event_loop: AbstractEventLoop, asked: Asked
    ) -> _native.Turn:
        """The same on an event loop."""
        return await self._plan.turn(thread, event_loop, asked)

    def finish(self, turn: _native.Turn) -> TurnResult[Any]:
        """Waits for the end of the turn that was started, and reads its answer."""
        return self._only(self._plan.judge(turn))

    async def finish_async(
        self, turn: _native.Turn, event_loop: AbstractEventLoop
    ) -> TurnResult[Any]:
        """The same on an event loop."""
        return self._only(await self._plan.judge(turn, event_loop))

    def start(self) -> tuple[list[Any], dict[str, Any]]:
        """The input and the parameters of the turn that asks it."""
        return self._plan.next_turn()

    def read(self, turn: dict[str, Any]) -> TurnResult[Any]:
        """Reads the answer of a turn that was started so by somebody else, one of many."""
        one = Output.__new__(Output)
        one._convert, one._schema = self._convert, self._schema
        one._plan = OutputPlan(self._schema, [], {}, 0)
        return one._only(one._plan.judge_result(turn))

    def partials(self, turn: _native.Turn) -> Iterator[Any]:
        """The growing answer, from the events of the turn."""
        outputs = self._plan.outputs()
        for event in turn.events():
            yield from outputs.push(event)

    async def partials_async(self, turn: _native.Turn) -> AsyncIterator[Any]:
        """The same on an event loop."""
        outputs = self._plan.outputs()
        async for event in turn.events_async(True):
            for value in outputs.push(event):
                yield value

    def _only(self, outcome: dict[str, Any]) -> TurnResult[Any]:
        try:
            return self._result(outcome)
        except ConvertError as error:
            self._reject(error)
            raise

    def _result(self, outcome: dict[str, Any]) -> TurnResult[Any]:
        result = successful(outcome["turn"])
        result.attempts = [turn_result(turn) for turn in outcome["attempts"]]
        if result.status == "completed":
            result.parsed = self._convert(outcome["value"])
        return result

    def _reject(self, error: ConvertError) -> None:
        """Asks the core for a repair; raises ``InvalidOutputError`` if there is none left."""
        self._plan.reject(list(error.path), error.rule, error.message)


def _schema_and_convert(output_type: Any) -> tuple[Any, Callable[[Any], Any]]:
    if isinstance(output_type, dict):
        return output_type, lambda value: value
    reading = read(output_type)
    return reading.schema, reading.convert


def output(
    output_type: Any, repairs: int, input: list[Any], params: dict[str, Any]
) -> Output | None:
    """The typed question that a turn is, if it is one.

    Args:
        output_type: The type of the answer, a JSON Schema as a dict, or ``None``.
        repairs: How many further turns may follow an invalid answer.
        input: The turn's input.
        params: The parameters of ``turn/start``.

    Returns:
        The question; ``None`` without a type.

    Raises:
        InvalidArgumentError: For a type that JSON has no form for, a schema that is none, repairs without a type.
    """
    if output_type is not None:
        return Output(output_type, repairs, input, params)
    if repairs != 0:
        refuse("output_repairs", "it is for answers with an output_type, and there is none")
    return None
