"""What the two low-level clients share: which turns, logins and goals they read.

No method here waits for the engine; those stand twice, in ``client`` and ``async_client``.
"""

from __future__ import annotations

from ._check import handler
from ._config import CodexConfig
from ._goal import GoalOperation
from ._lifecycle import track
from ._routes import TURN_COMPLETED, Route, everything, of_login, of_turn
from .errors import (
    CodexError,
    CodexTimeoutError,
    TransportClosedError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Awaitable
    from typing import Any, TypeVar

    from . import _native
    from ._approvals import ApprovalHandler, Asker
    from .models import InitializeResponse

    T = TypeVar("T")

# Ends of turns that are remembered for those who ask for them after they were read.
_REMEMBERED = 256


class LowLevel:
    """State and routing of a low-level client."""

    def __init__(
        self, config: CodexConfig | None, approval_handler: ApprovalHandler | None
    ) -> None:
        """Prepare a client.

        Args:
            config: How to find and start the engine.
            approval_handler: Who answers the engine's requests.
        """
        self.config = CodexConfig() if config is None else config
        self._approval_handler = handler(approval_handler)
        self._connection: _native.Client | None = None
        self._forget_all()

    def _forget_all(self) -> None:
        self._turns: dict[str, tuple[_native.Turn | None, Route]] = {}
        self._logins: dict[str, Route] = {}
        self._goals: dict[str, GoalOperation] = {}
        self._completed: dict[str, Any] = {}

    @classmethod
    def _over_native(cls, config: CodexConfig | None, native: _native.Client) -> Any:
        """A client on an engine that a high-level client runs."""
        client: Any = cls(config)  # pyright: ignore[reportCallIssue]
        client._connection = native
        return client

    @property
    def _native(self) -> _native.Client:
        if self._connection is None:
            raise TransportClosedError("the client is not started; call start() or enter it")
        return self._connection

    def _asker(self, event_loop: AbstractEventLoop | None) -> Asker | None:
        if self._approval_handler is None:
            return None
        from ._approvals import Asker

        return Asker(self._approval_handler, event_loop)

    def _started(self, native: _native.Client) -> None:
        track(native)
        self._connection = native

    def _stopped(self) -> _native.Client | None:
        native, self._connection = self._connection, None
        self._forget_all()
        return native

    def _initialized(self) -> InitializeResponse:
        from .models import initialize_response

        return initialize_response(self._native.metadata())

    # Turns

    def _turn_started(self, turn: _native.Turn) -> None:
        if turn.id not in self._turns:
            self._turns[turn.id] = (turn, Route(turn.events(), everything))

    def register_turn_notifications(self, turn_id: str) -> None:
        """Keep a turn's events from now on; a turn that was started here has them kept already.

        Args:
            turn_id: The turn.
        """
        if turn_id not in self._turns:
            self._turns[turn_id] = (None, of_turn(self._native.subscribe(), turn_id))

    def unregister_turn_notifications(self, turn_id: str) -> None:
        """Keep a turn's events no longer. The turn runs on.

        Args:
            turn_id: The turn.
        """
        self._turns.pop(turn_id, None)

    def _turn_route(self, turn_id: str) -> Route:
        known = self._turns.get(turn_id)
        if known is None:
            raise _NotRegistered(f"turn {turn_id!r} is not registered for streaming")
        return known[1]

    def _own_turn(self, turn_id: str) -> _native.Turn | None:
        known = self._turns.get(turn_id)
        return None if known is None else known[0]

    def _read(self, turn_id: str, event: Any) -> Any:
        if event.method == TURN_COMPLETED:
            while len(self._completed) >= _REMEMBERED:
                del self._completed[next(iter(self._completed))]
            self._completed[turn_id] = event.payload
        return event

    def _over(self, what: str) -> TransportClosedError:
        return TransportClosedError(f"{what} has ended; there are no more events of it")

    def _turn_completed_within(self, turn_id: str, timeout: float) -> Any:
        from time import monotonic

        end = monotonic() + timeout
        while True:
            left = max(0.0, end - monotonic())
            try:
                event = self._turn_route(turn_id).next_within(left, f"the end of turn {turn_id}")
            except CodexTimeoutError:
                message = f"the end of turn {turn_id} did not come within {timeout:g} s; give a longer timeout"
                raise CodexTimeoutError(message) from None
            except StopIteration:
                raise self._over(turn_id) from None
            if self._read(turn_id, event).method == TURN_COMPLETED:
                self.unregister_turn_notifications(turn_id)
                return event.payload

    # Logins

    def _login_started(self, answer: Any, events: _native.EventStream) -> None:
        login_id = getattr(answer, "login_id", None)
        if isinstance(login_id, str):
            self._logins.setdefault(login_id, of_login(events, login_id))

    def register_login_notifications(self, login_id: str) -> None:
        """Keep a login's notifications from now on; ``account_login_start`` does it by itself.

        Args:
            login_id: The login.
        """
        if login_id not in self._logins:
            self._logins[login_id] = of_login(self._native.subscribe(), login_id)

    def unregister_login_notifications(self, login_id: str) -> None:
        """Keep a login's notifications no longer.

        Args:
            login_id: The login.
        """
        self._logins.pop(login_id, None)

    def _login_route(self, login_id: str) -> Route:
        route = self._logins.get(login_id)
        if route is None:
            raise _NotRegistered(f"login {login_id!r} is not registered for waiting")
        return route

    # Goals

    def register_goal_operation(self, thread_id: str) -> GoalOperation:
        """Keep what happens to a thread's goal and in its turns, from now on.

        Args:
            thread_id: The thread.

        Returns:
            The operation.

        Raises:
            RuntimeError: If the thread has one that has not ended.
        """
        return self._register_goal(thread_id, is_active=True)

    def reserve_goal_operation(self, thread_id: str) -> GoalOperation:
        """:meth:`register_goal_operation`, but without the turns until the operation is told to.

        Args:
            thread_id: The thread.

        Returns:
            The operation.

        Raises:
            RuntimeError: If the thread has one that has not ended.
        """
        return self._register_goal(thread_id, is_active=False)

    def _register_goal(self, thread_id: str, *, is_active: bool) -> GoalOperation:
        known = self._goals.get(thread_id)
        if known is not None and not known.is_finished():
            raise _NotRegistered(f"thread {thread_id!r} already has an active goal operation")
        state = GoalOperation(thread_id, self._native.subscribe(), is_active)
        self._goals[thread_id] = state
        return state

    def unregister_goal_operation(self, state: GoalOperation) -> None:
        """Forget a goal's operation.

        Args:
            state: The operation.
        """
        state.finish()
        if self._goals.get(state.thread_id) is state:
            del self._goals[state.thread_id]


class _NotRegistered(CodexError, RuntimeError):
    """Nobody asked for these events; a ``RuntimeError`` as in the official SDK."""


def converted(method: str, answer: Any, response_model: Any) -> Any:
    """A method's answer as the class that the caller wants.

    Args:
        method: The method.
        answer: The answer in plain dicts and lists.
        response_model: A class with ``model_validate``, or ``None``.

    Returns:
        The answer.

    Raises:
        CodexError: If it is no object.
    """
    if response_model is None:
        return answer
    if not isinstance(answer, dict):
        raise CodexError(f"{method} response must be a JSON object", method=method)
    return response_model.model_validate(answer)


async def within(timeout: float | None, what: str, coming: Awaitable[T]) -> T:
    """Awaits something, with a deadline.

    Args:
        timeout: Seconds to wait at most, or ``None``.
        what: What is awaited, for the error.
        coming: The awaitable.

    Returns:
        What it gives.

    Raises:
        CodexTimeoutError: If it does not come in time.
    """
    if timeout is None:
        return await coming
    # Before Python 3.11, asyncio's own class is another one than the built-in.
    from asyncio import TimeoutError as Late
    from asyncio import wait_for

    try:
        return await wait_for(coming, timeout)
    except Late:
        raise CodexTimeoutError(
            f"{what} did not come within {timeout:g} s; give a longer timeout"
        ) from None
