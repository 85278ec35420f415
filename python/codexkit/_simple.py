"""The generators behind ``run_streamed``: a turn's events, folded by the core into the simple model."""

from __future__ import annotations

from contextlib import suppress

from ._params import responders
from ._result import successful
from .errors import CodexError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from typing import Any

    from . import _native
    from .thread_events import ThreadEvent


def streamed(
    thread: _native.Thread, input: list[Any], params: dict[str, Any], asked: Any
) -> Generator[ThreadEvent, None, None]:
    """Start the turn with the first event; interrupt it when the loop is left early."""
    turn = thread.turn(input, params, None, asked)
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
    successful(turn.result())


async def streamed_async(
    thread: _native.Thread, input: list[Any], params: dict[str, Any], asking: tuple[Any, Any, Any]
) -> AsyncGenerator[ThreadEvent, None]:
    """The same with an asynchronous loop; cancelling the task interrupts the turn, too."""
    from asyncio import get_running_loop

    loop = get_running_loop()
    turn = await thread.turn(input, params, loop, responders(*asking, loop))
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
    successful(await turn.result(get_running_loop()))
