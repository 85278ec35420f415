"""The generators behind ``run_streamed``: a turn's events, folded by the core into the simple model."""

from __future__ import annotations

from ._result import successful

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import Any

    from . import _native
    from .thread_events import ThreadEvent


def streamed(
    thread: _native.Thread, input: list[Any], params: dict[str, Any]
) -> Iterator[ThreadEvent]:
    """Start the turn with the first event; interrupt it when the loop is left early."""
    turn = thread.turn(input, params)
    fold = turn.simple_fold()
    over = False
    try:
        yield fold.opening()
        for event in turn.events():
            yield from fold.push(event)
        over = True
    finally:
        if not over:
            turn.interrupt_in_background()
    successful(turn.result())


async def streamed_async(
    thread: _native.Thread, input: list[Any], params: dict[str, Any]
) -> AsyncIterator[ThreadEvent]:
    """The same with an asynchronous loop; cancelling the task interrupts the turn, too."""
    from asyncio import get_running_loop

    turn = await thread.turn(input, params, get_running_loop())
    fold = turn.simple_fold()
    over = False
    try:
        yield fold.opening()
        async for event in turn.events_async(True):
            for found in fold.push(event):
                yield found
        over = True
    finally:
        if not over:
            turn.interrupt_in_background()
    successful(await turn.result(get_running_loop()))
