"""Repeating a call while the server says that it is overloaded."""

from __future__ import annotations

from .errors import InvalidArgumentError, is_retryable_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, TypeVar, overload

    T = TypeVar("T")

    @overload
    def retry_on_overload(
        op: Callable[[], Awaitable[T]],
        *,
        max_attempts: int = 3,
        initial_delay_s: float = 0.25,
        max_delay_s: float = 2.0,
        jitter_ratio: float = 0.2,
    ) -> Awaitable[T]: ...

    @overload
    def retry_on_overload(
        op: Callable[[], T],
        *,
        max_attempts: int = 3,
        initial_delay_s: float = 0.25,
        max_delay_s: float = 2.0,
        jitter_ratio: float = 0.2,
    ) -> T: ...


def retry_on_overload(
    op: Callable[[], Any],
    *,
    max_attempts: int = 3,
    initial_delay_s: float = 0.25,
    max_delay_s: float = 2.0,
    jitter_ratio: float = 0.2,
) -> Any:
    """Calls ``op`` until it succeeds, fails for another reason, or has been tried often enough.

    Args:
        op: A callable without arguments, plain or ``async``.
        max_attempts: How often it is called at most.
        initial_delay_s: The pause after the first attempt; it doubles with each.
        max_delay_s: The longest pause.
        jitter_ratio: How much of the pause is random, so that clients do not come back together.

    Returns:
        What ``op`` returns; a coroutine to await if ``op`` is ``async``.

    Raises:
        InvalidArgumentError: If ``max_attempts`` is less than 1.
        Exception: Whatever the last attempt raised.
    """
    if not isinstance(max_attempts, int) or max_attempts < 1:
        raise InvalidArgumentError("max_attempts must be >= 1", argument="max_attempts")
    pauses = _pauses(max_attempts - 1, initial_delay_s, max_delay_s, jitter_ratio)
    for pause in pauses:
        try:
            outcome = op()
        except Exception as error:
            if not is_retryable_error(error):
                raise
            import time

            time.sleep(pause)
        else:
            if hasattr(outcome, "__await__"):
                return _retry_async(op, outcome, [pause, *pauses])
            return outcome
    return op()


async def _retry_async(op: Callable[[], Any], first: Any, pauses: list[float]) -> Any:
    import asyncio

    outcome = first
    for pause in pauses:
        try:
            return await outcome
        except Exception as error:
            if not is_retryable_error(error):
                raise
        await asyncio.sleep(pause)
        outcome = op()
    return await outcome


def _pauses(count: int, initial: float, longest: float, jitter_ratio: float) -> Any:
    from random import uniform

    delay = initial
    for _ in range(count):
        jitter = delay * jitter_ratio
        yield max(0.0, min(longest, delay) + uniform(-jitter, jitter))
        delay = min(longest, delay * 2)
