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
        try:
            answer = self._handler(request.method, request.params() or {})
            if not hasattr(answer, "__await__"):
                _answer(request, answer)
            elif self._event_loop is not None:
                self._schedule(request, answer)
            else:
                import asyncio

                asyncio.run(_answer_later(request, answer))
        except BaseException as error:
            _give_up(request, error)

    def _schedule(self, request: ServerRequest, answer: Any) -> None:
        import asyncio

        event_loop = self._event_loop
        assert event_loop is not None
        asyncio.run_coroutine_threadsafe(_answer_later(request, answer), event_loop)


async def _answer_later(request: ServerRequest, answer: Any) -> None:
    try:
        _answer(request, await answer)
    except BaseException as error:
        _give_up(request, error)
        if not isinstance(error, Exception):
            raise


def _answer(request: ServerRequest, answer: Any) -> None:
    if not isinstance(answer, dict) and not hasattr(answer, "model_dump"):
        raise TypeError(f"the handler must return a dict, not {type(answer).__name__}")
    request.respond(answer)


def _give_up(request: ServerRequest, error: BaseException) -> None:
    request.decline(f"the approval handler failed with {type(error).__name__}: {error}")
