"""The application's answers to what the engine asks.

The native client calls :class:`Asker` on a thread of its own, never on the thread that reads from the
engine. Whatever goes wrong with the application's handler declines the request: nothing is accepted
by accident.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any, TypeAlias

    from ._native import ServerRequest

    ApprovalHandler: TypeAlias = Callable[
        [str, dict[str, Any]], Mapping[str, Any] | Awaitable[Mapping[str, Any]]
    ]
    """Answers a request of the engine: gets its method and parameters, gives the answer as a dict. It may be
    ``async``."""
else:
    from collections.abc import Callable

    ApprovalHandler = Callable[[str, dict], object]


class Asker:
    """Calls an approval handler, plain or ``async``, and sends its answer."""

    def __init__(self, handler: ApprovalHandler, event_loop: AbstractEventLoop | None) -> None:
        """Wrap a handler.

        Args:
            handler: Called with the method and the parameters; returns the answer.
            event_loop: Where coroutines run; without one each gets a loop of its own.
        """
        self._handler = handler
        self._event_loop = event_loop

    def __call__(self, request: ServerRequest) -> None:
        """Answer one request; called by the native client.

        Args:
            request: The request.
        """
        hand_on(
            lambda: self._handler(request.method, request.params() or {}),
            lambda answer: _answer(request, answer),
            lambda error: _give_up(request, error),
            self._event_loop,
        )


def hand_on(
    call: Callable[[], Any],
    send: Callable[[Any], None],
    give_up: Callable[[BaseException], None],
    event_loop: AbstractEventLoop | None,
    on_cancelled: Callable[[Callable[..., object]], object] | None = None,
) -> None:
    """Call an application's function, plain or ``async``, and send what it gives.

    Args:
        call: Calls the function.
        send: Takes its answer; what it raises is a failure, too.
        give_up: Takes what went wrong, wherever it did.
        event_loop: Where coroutines run; without one each gets a loop of its own.
        on_cancelled: Takes what is to be called when nobody waits for the answer of a coroutine any more.
    """
    try:
        answer = call()
        if not hasattr(answer, "__await__"):
            send(answer)
            return
        import asyncio

        if event_loop is None:
            asyncio.run(_later(answer, send, give_up, on_cancelled))
        else:
            later = _later(answer, send, give_up, on_cancelled)
            asyncio.run_coroutine_threadsafe(later, event_loop)
    except BaseException as error:
        give_up(error)


async def _later(
    answer: Any,
    send: Callable[[Any], None],
    give_up: Callable[[BaseException], None],
    on_cancelled: Callable[[Callable[..., object]], object] | None,
) -> None:
    try:
        if on_cancelled is not None:
            on_cancelled(_canceller())
        send(await answer)
    except BaseException as error:
        give_up(error)
        if not isinstance(error, Exception):
            raise


def _canceller() -> Callable[..., object]:
    """Cancels the task that runs now, from any thread."""
    import asyncio

    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def cancel(*_: object) -> None:
        # A task that is over, as it is after every call, is not touched; neither is a loop.
        if task is not None and not task.done() and not loop.is_closed():
            loop.call_soon_threadsafe(task.cancel)

    return cancel


def _answer(request: ServerRequest, answer: Any) -> None:
    if not isinstance(answer, dict) and not hasattr(answer, "model_dump"):
        raise TypeError(f"the handler must return a dict, not {type(answer).__name__}")
    request.respond(answer)


def _give_up(request: ServerRequest, error: BaseException) -> None:
    request.decline(f"the approval handler failed with {type(error).__name__}: {error}")
