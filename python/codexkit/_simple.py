"""The generators behind ``run_streamed``: a turn's events, folded by the core into the simple model."""

from __future__ import annotations

from contextlib import suppress

from ._inputs import wire_turn_input
from ._result import successful
from .errors import CodexError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from typing import Any

    from . import _native
    from ._guardrails import Guardrails
    from .thread_events import ThreadEvent


class Start:
    """What a turn starts with, and the guardrails that look at it first and at its result last."""

    __slots__ = ("guard", "input", "params", "wire")

    def __init__(
        self, input: Any, wire: list[Any], params: dict[str, Any], guard: Guardrails | None
    ) -> None:
        """Take what was checked.

        Args:
            input: The input, as it was given.
            wire: It on the wire.
            params: The other parameters.
            guard: The guardrails.
        """
        self.input = input
        self.wire = wire
        self.params = params
        self.guard = guard

    def allowed(self, input: Any) -> tuple[list[Any], dict[str, Any]]:
        """The wire's input and parameters for an input that guardrails let pass.

        Args:
            input: The input, or what they put in its place.

        Returns:
            Both.
        """
        if input is self.input:
            return self.wire, self.params
        wire, tool_output = wire_turn_input(input)
        params = {name: value for name, value in self.params.items() if name != "toolOutput"}
        return wire, params if tool_output is None else {**params, "toolOutput": tool_output}


def streamed(
    thread: _native.Thread, start: Start, asked: Any
) -> Generator[ThreadEvent, None, None]:
    """Start the turn with the first event; interrupt it when the loop is left early."""
    guard = start.guard
    input = start.input if guard is None else guard.check_input(start.input)
    turn = thread.turn(*start.allowed(input), None, asked)
    fold = turn.simple_fold()
    try:
        yield fold.opening()
        for event in turn.events():
            yield from fold.push(event)
    except GeneratorExit:
        # The loop was left. Until the turn has ended, the next one would only join it.
        with suppress(CodexError):
            turn.interrupt()
        raise
    except BaseException:
        turn.interrupt_in_background()
        raise
    result = successful(turn.result())
    if guard is not None:
        guard.check_output(result)


async def streamed_async(
    thread: _native.Thread, start: Start, asked: Callable[[Any], Any]
) -> AsyncGenerator[ThreadEvent, None]:
    """The same with an asynchronous loop; cancelling the task interrupts the turn, too."""
    from asyncio import get_running_loop

    loop = get_running_loop()
    guard = start.guard
    input = start.input if guard is None else await guard.check_input_async(start.input)
    turn = await thread.turn(*start.allowed(input), loop, asked(loop))
    fold = turn.simple_fold()
    try:
        yield fold.opening()
        async for event in turn.events_async(True):
            for found in fold.push(event):
                yield found
    except GeneratorExit:
        with suppress(CodexError):
            await turn.interrupt(get_running_loop())
        raise
    except BaseException:
        turn.interrupt_in_background()
        raise
    result = successful(await turn.result(get_running_loop()))
    if guard is not None:
        await guard.check_output_async(result)
