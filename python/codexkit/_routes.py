"""Parts of the engine's notifications, for the low-level clients: of one turn, one login, one goal.

Nothing is parsed and nothing is decided here but whose event it is; the events come from streams of the
native client, which stay in order.
"""

from __future__ import annotations

from .errors import CodexTimeoutError, InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from typing_extensions import Self

    from ._native import Event, EventStream

LOGIN_COMPLETED = "account/login/completed"
TURN_COMPLETED = "turn/completed"


class Route:
    """The events of a stream that belong to one thing, blocking and for asyncio."""

    __slots__ = ("_ended", "_events", "_is_last", "_is_mine", "_waiting")

    def __init__(
        self,
        events: EventStream,
        is_mine: Callable[[Event], bool],
        is_last: Callable[[Event], bool] = lambda _event: False,
    ) -> None:
        """Choose from a stream.

        Args:
            events: The stream; nobody else may read it.
            is_mine: Whether an event belongs here.
            is_last: Whether nothing can follow it.
        """
        self._events = events
        self._is_mine = is_mine
        self._is_last = is_last
        self._waiting: list[Event] = []
        self._ended = False

    def _takes(self, event: Event) -> bool:
        if not self._is_mine(event):
            return False
        self._ended = self._is_last(event)
        return True

    def keep_only(self, wanted: Callable[[Event], bool]) -> None:
        """Forget what has come and was not read yet, but for some of it.

        Args:
            wanted: Which events stay.
        """
        here = [
            *self._waiting,
            *(event for event in self._events.take(1 << 20) if self._takes(event)),
        ]
        self._waiting = [event for event in here if wanted(event)]

    def put_back(self, events: list[Event]) -> None:
        """Have events read again, before all others.

        Args:
            events: Them, in order.
        """
        self._waiting[:0] = events

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        if self._waiting:
            return self._waiting.pop(0)
        if not self._ended:
            for event in self._events:
                if self._takes(event):
                    return event
        raise StopIteration

    def next_within(self, timeout: float, what: str) -> Event:
        """The next event, with a deadline.

        Args:
            timeout: Seconds to wait at most.
            what: What is waited for, for the error.

        Returns:
            The event.

        Raises:
            StopIteration: At the end.
            CodexTimeoutError: If none comes in time.
        """
        from time import monotonic

        if self._waiting:
            return self._waiting.pop(0)
        end = monotonic() + timeout
        while not self._ended:
            event = self._events.next_within(max(1e-6, end - monotonic()))
            if event is None:
                raise CodexTimeoutError(f"{what} did not come within {timeout:g} s")
            if self._takes(event):
                return event
        raise StopIteration

    async def anext(self) -> Event:
        """The next event, for asyncio.

        Returns:
            The event.

        Raises:
            StopAsyncIteration: At the end.
        """
        if self._waiting:
            return self._waiting.pop(0)
        if not self._ended:
            async for event in self._events.events_async():
                if self._takes(event):
                    return event
        raise StopAsyncIteration


def of_turn(events: EventStream, turn_id: str) -> Route:
    """The events of a turn among others.

    Args:
        events: A stream of everything that no turn's handle claims.
        turn_id: The turn.

    Returns:
        Them, up to ``turn/completed``.
    """
    return Route(
        events,
        lambda event: event.turn_id == turn_id,
        lambda event: event.method == TURN_COMPLETED,
    )


def of_login(events: EventStream, login_id: str) -> Route:
    """The notifications about one login.

    Args:
        events: A stream of everything that no turn's handle claims.
        login_id: The login.

    Returns:
        Them; the first is usually the only one.
    """

    def is_mine(event: Event) -> bool:
        return event.method == LOGIN_COMPLETED and event.params.get("loginId") == login_id

    return Route(events, is_mine)


def everything(_event: Event) -> bool:
    """Takes every event of a stream that already is one turn's."""
    return True


def wire_items(items: Any) -> list[Any]:
    """The low-level clients' input: a text, one wire object or a list of them.

    Args:
        items: The input; the classes of :mod:`codexkit` are taken, too.

    Returns:
        The wire's objects.

    Raises:
        InvalidArgumentError: For anything else.
    """
    from ._inputs import wire_input

    return wire_input(items)


def params_dict(params: Any) -> dict[str, Any]:
    """A method's parameters as the wire has them.

    Args:
        params: A payload, any model with ``model_dump``, a dict, or ``None``.

    Returns:
        A new dict without the fields of a model that are ``None``.

    Raises:
        InvalidArgumentError: For anything else.
    """
    if params is None:
        return {}
    if hasattr(params, "model_dump"):
        params = params.model_dump(by_alias=True, exclude_none=True, mode="json")
    if not isinstance(params, dict):
        raise InvalidArgumentError(
            f"params: expected a dict or a model of codexkit.types, not {type(params).__name__}",
            argument="params",
        )
    return dict(params)
