"""A goal as one operation: the engine starts turns by itself until the goal is reached or given up.

What both low-level clients share: the state that is folded from the notifications of the thread.
"""

from __future__ import annotations

from contextlib import suppress

from ._check import check, text
from ._routes import TURN_COMPLETED, Route
from .errors import CodexError, InvalidRequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import Any

    from ._native import Client, Event, EventStream
    from .types import Thread as StoredThread
    from .types import ThreadGoalStatus, Turn

SET = "thread/goal/set"
CLEAR = "thread/goal/clear"
START_TIMEOUT_S = 30.0
_INVALID_REQUEST = -32600
_ENDED = frozenset({"paused", "blocked", "usageLimited", "budgetLimited", "complete"})


class GoalOperation:
    """A goal that is being worked on, as ``start_goal_operation`` gives it.

    Attributes:
        thread_id: The thread.
        logical_turn_id: The id of the first turn, which stands for the whole operation.
        current_turn_id: The turn that runs now.
        status: The goal's status, as last reported.
        started_turn: The first turn.
        completed_turn: The last turn that ended.
        cleared: Whether the goal was removed.
    """

    def __init__(self, thread_id: str, events: EventStream, is_active: bool) -> None:
        """Watch a thread's goal; the clients do it."""
        self.thread_id = thread_id
        self.logical_turn_id: str | None = None
        self.current_turn_id: str | None = None
        self.status: ThreadGoalStatus | None = None
        self.started_turn: Turn | None = None
        self.completed_turn: Turn | None = None
        self.cleared = False
        self._is_active = is_active
        self._was_set = False
        self._finished = False
        self.route = Route(events, self._is_mine, self._observe)

    def _is_mine(self, event: Event) -> bool:
        if event.thread_id != self.thread_id:
            return False
        return _is_about_goal(event) or (self._is_active and event.turn_id is not None)

    def activate_turn_routing(self) -> None:
        """Take the thread's turns from now on: those before belong to no goal."""
        self.route.keep_only(_is_about_goal)
        self._is_active = True

    def is_finished(self) -> bool:
        """Whether the goal has ended and no turn of it runs."""
        return self._finished

    def finish(self) -> None:
        """Regard the operation as ended."""
        self._finished = True
        self.current_turn_id = None

    def _observe(self, event: Event) -> bool:
        payload = event.payload
        if event.method == "turn/started":
            self.current_turn_id = payload.turn.id
            if self.started_turn is None:
                self.logical_turn_id = payload.turn.id
                self.started_turn = payload.turn
        elif event.method == TURN_COMPLETED:
            self.completed_turn = payload.turn
            if self.current_turn_id == payload.turn.id:
                self.current_turn_id = None
        elif event.method == "thread/goal/updated":
            self.status = payload.goal.status
            if self.status == "active":
                self.cleared = False
                self._was_set = True
        elif event.method == "thread/goal/cleared":
            self.cleared = True
        # What is said of an earlier goal does not end this one.
        if self.current_turn_id is None and (self._was_set or self.completed_turn is not None):
            self._finished = self._finished or self.cleared or self.status in _ENDED
        return self._finished

    def turn_for_interrupt(self) -> str | None:
        """The turn to interrupt: the running one, or the last that is known."""
        if self.current_turn_id is not None:
            return self.current_turn_id
        last = self.completed_turn or self.started_turn
        return None if last is None else last.id


def _is_about_goal(event: Event) -> bool:
    return event.method.startswith("thread/goal/")


def check_can_start(thread: StoredThread) -> None:
    """Refuse a goal that could not run.

    Args:
        thread: The thread as ``thread/read`` gives it.

    Raises:
        InvalidRequestError: If it is busy, or kept in memory only.
    """
    if getattr(thread.status, "type", None) != "idle":
        raise InvalidRequestError(
            _INVALID_REQUEST, f"thread must be idle before starting a goal: {thread.id}"
        )
    if thread.ephemeral or thread.path is None:
        raise InvalidRequestError(
            _INVALID_REQUEST, f"thread must be persisted before starting a goal: {thread.id}"
        )


def check_has_no_goal(goals: dict[str, GoalOperation], thread_id: str) -> None:
    """Refuse a turn on a thread whose goal starts the turns.

    Args:
        goals: The operations by thread.
        thread_id: The thread.

    Raises:
        InvalidRequestError: If it has one.
    """
    goal = goals.get(thread_id)
    if goal is not None and not goal.is_finished():
        raise InvalidRequestError(
            _INVALID_REQUEST, f"thread has an active goal operation: {thread_id}"
        )


def other_active_turn(error: InvalidRequestError) -> str | None:
    """The turn that the engine says is active when it refuses to interrupt another one.

    Args:
        error: The engine's refusal.

    Returns:
        The turn's id.
    """
    before, found, after = error.message.rpartition(" but found ")
    if not found or not before.startswith("expected active turn id"):
        return None
    return after.strip("`") or None


def goal_params(
    thread_id: str, objective: Any = None, status: Any = None, token_budget: Any = None
) -> dict[str, Any]:
    """The parameters of ``thread/goal/set``.

    Args:
        thread_id: The thread.
        objective: What is to be reached.
        status: The goal's status.
        token_budget: The tokens that may be used for it.

    Returns:
        Them, without what is not given.

    Raises:
        InvalidArgumentError: For a value that cannot be right.
    """
    params = {"threadId": thread_id}
    if objective is not None:
        params["objective"] = text("objective", objective)
    if status is not None:
        params["status"] = check("status", status)
    if token_budget is not None:
        params["tokenBudget"] = check("token_budget", token_budget)
    return params


def pursue(client: Client, params: dict[str, Any]) -> Iterator[Event]:
    """Sets a goal and gives the events of its turns until it has ended.

    Args:
        client: The engine's connection.
        params: The parameters of ``thread/goal/set``.

    Yields:
        The events.
    """
    thread_id = {"threadId": params["threadId"]}
    client.request(CLEAR, thread_id)
    state = GoalOperation(params["threadId"], client.subscribe(), True)
    try:
        client.request(SET, {**params, "status": "active"})
        yield from state.route
    finally:
        if not state.is_finished():
            with suppress(CodexError):
                client.request(SET, {**thread_id, "status": "paused"})
            if state.current_turn_id is not None:
                turn = {**thread_id, "turnId": state.current_turn_id}
                with suppress(CodexError):
                    client.request("turn/interrupt", turn)


async def pursue_async(client: Client, params: dict[str, Any]) -> AsyncIterator[Event]:
    """:func:`pursue` for asyncio.

    Args:
        client: The engine's connection.
        params: The parameters of ``thread/goal/set``.

    Yields:
        The events.
    """
    from asyncio import get_running_loop

    event_loop = get_running_loop()
    thread_id = {"threadId": params["threadId"]}
    await client.request(CLEAR, thread_id, None, event_loop)
    state = GoalOperation(params["threadId"], client.subscribe(), True)
    try:
        await client.request(SET, {**params, "status": "active"}, None, event_loop)
        while True:
            try:
                event = await state.route.anext()
            except StopAsyncIteration:
                return
            yield event
    finally:
        if not state.is_finished():
            with suppress(CodexError):
                await client.request(SET, {**thread_id, "status": "paused"}, None, event_loop)
            if state.current_turn_id is not None:
                turn = {**thread_id, "turnId": state.current_turn_id}
                with suppress(CodexError):
                    await client.request("turn/interrupt", turn, None, event_loop)
