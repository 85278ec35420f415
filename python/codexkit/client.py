"""The low-level synchronous client: the protocol's methods one by one, and its notifications.

Most programs want :class:`codexkit.Codex`. This one is for those who route events themselves, and for
programs written for the official SDK's ``CodexClient``. It stands on the same native client;
:mod:`codexkit.async_client` is the same with coroutines.
"""

from __future__ import annotations

from _thread import allocate_lock
from contextlib import suppress

from ._check import check, seconds, text
from ._config import CodexConfig, options_json
from ._engine_path import (
    RUNTIME_PKG_NAME,
    CodexBinResolverOps,
    default_codex_home,
    resolve_codex_bin,
)
from ._goal import (
    START_TIMEOUT_S,
    GoalOperation,
    check_can_start,
    check_has_no_goal,
    goal_params,
    other_active_turn,
)
from ._low_level import LowLevel, converted
from ._retry import retry_on_overload
from ._routes import TURN_COMPLETED, params_dict, wire_items
from ._types import response
from .errors import CodexError, InvalidRequestError, TransportClosedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType
    from typing import Any, TypeVar, overload

    from typing_extensions import Self

    from ._approvals import ApprovalHandler as ApprovalHandler
    from ._native import Event
    from .models import InitializeResponse
    from .types import (
        AccountLoginCompletedNotification,
        AgentMessageDeltaNotification,
        CancelLoginAccountResponse,
        GetAccountResponse,
        LoginAccountResponse,
        LogoutAccountResponse,
        ModelListResponse,
        ThreadArchiveResponse,
        ThreadCompactStartResponse,
        ThreadForkResponse,
        ThreadGoalClearResponse,
        ThreadGoalGetResponse,
        ThreadGoalSetResponse,
        ThreadGoalStatus,
        ThreadListResponse,
        ThreadReadResponse,
        ThreadResumeResponse,
        ThreadSetNameResponse,
        ThreadStartResponse,
        ThreadUnarchiveResponse,
        TurnCompletedNotification,
        TurnInterruptResponse,
        TurnStartResponse,
        TurnSteerResponse,
    )

    ModelT = TypeVar("ModelT")
else:
    from ._names import offers

    __getattr__ = offers(
        __name__,
        "types",
        "models",
        "errors",
        "_approvals",
        "",
        "generated.notification_registry",
        SDK_VERSION="__version__",
    )

__all__ = [
    "RUNTIME_PKG_NAME",
    "ApprovalHandler",
    "CodexBinResolverOps",
    "CodexClient",
    "CodexConfig",
    "default_codex_home",
    "resolve_codex_bin",
    "retry_on_overload",
]


class CodexClient(LowLevel):
    """One engine, and the protocol's methods by name.

    A ``with`` block starts and closes it::

        with CodexClient() as client:
            client.initialize()
            thread = client.thread_start().thread
            for delta in client.stream_text(thread.id, "Describe this project."):
                print(delta.delta, end="")

    Requests have the deadlines of the configuration. Several threads may share a client; each turn, login
    and goal has one reader. Ctrl-C while one waits for an event of a turn interrupts the turn.
    """

    def __init__(
        self,
        config: CodexConfig | None = None,
        approval_handler: ApprovalHandler | None = None,
    ) -> None:
        """Prepare a client; :meth:`start` starts the engine.

        Args:
            config: How to find and start the engine.
            approval_handler: Called with the method and the parameters when the engine asks for
                something, on a thread of its own; returns the answer as a dict. Without one, and when
                it raises, requests are declined.
        """
        super().__init__(config, approval_handler)
        self._starting = allocate_lock()

    def __enter__(self) -> Self:
        """Start the engine."""
        self.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """End the engine."""
        self.close()

    def start(self) -> None:
        """Start the engine and introduce the application to it; nothing if it runs.

        Raises:
            InvalidArgumentError: For a bad option.
            EngineNotFoundError: If there is no engine.
            EngineVersionError: If it is too old.
            SpawnError: If it cannot be started.
            CodexTimeoutError: If it does not answer.
        """
        with self._starting:
            if self._connection is None:
                from ._native import connect

                options = options_json(self.config)
                self._started(connect(options, self._asker(None)))

    def close(self) -> None:
        """End the engine: gracefully, then by force. :meth:`start` starts another."""
        native = self._stopped()
        if native is not None:
            native.close()

    def initialize(self) -> InitializeResponse:
        """What the engine said of itself; the handshake was made by :meth:`start`.

        Returns:
            The engine's answer to ``initialize``.
        """
        return self._initialized()

    if TYPE_CHECKING:

        @overload
        def request(
            self,
            method: str,
            params: Mapping[str, Any] | None = None,
            *,
            response_model: None = None,
            timeout: float | None = None,
        ) -> Any: ...
        @overload
        def request(
            self,
            method: str,
            params: Mapping[str, Any] | None = None,
            *,
            response_model: type[ModelT],
            timeout: float | None = None,
        ) -> ModelT: ...

    def request(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        response_model: Any = None,
        timeout: float | None = None,
    ) -> Any:
        """Call any method of the engine.

        Args:
            method: The protocol's method, as in ``skills/list``.
            params: Its parameters with the wire's names.
            response_model: A class with ``model_validate`` for the answer; without one it is given as
                plain dicts and lists.
            timeout: Seconds to wait for the answer; the client's ``request_timeout`` without it.

        Returns:
            The answer.

        Raises:
            InvalidArgumentError: For a bad argument.
            JsonRpcError: If the engine refuses.
            CodexTimeoutError: If it does not answer.
            TransportClosedError: If it is gone, or not started.
        """
        answer = self._native.request(text("method", method), params, seconds("timeout", timeout))
        return converted(method, answer, response_model)

    def _call(self, method: str, params: dict[str, Any] | None) -> Any:
        return response(method, self._native.request(method, params))

    def notify(self, method: str, params: Mapping[str, Any] | None = None) -> None:
        """Send the engine a notification.

        Args:
            method: The protocol's method.
            params: Its parameters with the wire's names.
        """
        self._native.notify(text("method", method), params)

    def next_notification(self) -> Event:
        """Wait for the next notification that belongs to no turn.

        Returns:
            The notification.

        Raises:
            TransportClosedError: Once the client is closed or the engine gone.
        """
        for event in self._native.notifications():
            if event.turn_id is None:
                return event
        raise TransportClosedError("the client is closed; create a new one")

    def next_login_notification(self, login_id: str) -> Event:
        """Wait for the next notification about a login that was registered.

        Args:
            login_id: The login.

        Returns:
            The notification.

        Raises:
            RuntimeError: If the login was not registered.
            TransportClosedError: Once the client is closed or the engine gone.
        """
        return next(self._login_route(login_id))

    def next_turn_notification(self, turn_id: str) -> Event:
        """Wait for the next event of a turn that was started here or registered.

        Args:
            turn_id: The turn.

        Returns:
            The event.

        Raises:
            RuntimeError: If the turn was not registered.
            TransportClosedError: After the turn's last event, and once the engine is gone.
        """
        try:
            return self._read(turn_id, next(self._turn_route(turn_id)))
        except StopIteration:
            raise self._over(turn_id) from None

    def next_goal_notification(self, state: GoalOperation) -> Event:
        """Wait for the next event of a goal's operation.

        Args:
            state: The operation.

        Returns:
            The event, as the engine sent it: each turn of the goal has its own id.

        Raises:
            TransportClosedError: After the last event, and once the engine is gone.
        """
        try:
            return next(state.route)
        except StopIteration:
            self.unregister_goal_operation(state)
            raise self._over(state.thread_id) from None

    def account_login_start(self, params: Any) -> LoginAccountResponse:
        """Start a login (``account/login/start``); its notifications are kept from now on.

        Args:
            params: A ``LoginAccountParams``, one of its kinds, or a dict.

        Returns:
            The engine's answer, of the kind that was asked for.
        """
        events = self._native.subscribe()
        answer = self._call("account/login/start", params_dict(params))
        self._login_started(answer, events)
        return answer

    def account_login_cancel(self, login_id: str) -> CancelLoginAccountResponse:
        """Give a login up (``account/login/cancel``).

        Args:
            login_id: The login.

        Returns:
            The engine's answer.
        """
        return self._call("account/login/cancel", {"loginId": check("login_id", login_id)})

    def account_read(self, params: Any = None) -> GetAccountResponse:
        """The account in use (``account/read``).

        Args:
            params: A ``GetAccountParams`` or a dict.

        Returns:
            The engine's answer.
        """
        return self._call("account/read", params_dict(params))

    def account_logout(self) -> LogoutAccountResponse:
        """Forget the login (``account/logout``).

        Returns:
            The engine's answer.
        """
        return self._call("account/logout", None)

    def thread_start(self, params: Any = None) -> ThreadStartResponse:
        """Start a conversation (``thread/start``).

        Args:
            params: A ``ThreadStartParams`` or a dict.

        Returns:
            The engine's answer.
        """
        thread = self._native.thread_start(params_dict(params))
        return response("thread/start", thread.start_response())

    def thread_resume(self, thread_id: str, params: Any = None) -> ThreadResumeResponse:
        """Go on with a stored conversation (``thread/resume``).

        Args:
            thread_id: The thread.
            params: A ``ThreadResumeParams`` or a dict.

        Returns:
            The engine's answer.
        """
        thread = self._native.thread_resume(text("thread_id", thread_id), params_dict(params))
        return response("thread/resume", thread.start_response())

    def thread_list(self, params: Any = None) -> ThreadListResponse:
        """List stored conversations, a page at a time (``thread/list``).

        Args:
            params: A ``ThreadListParams`` or a dict.

        Returns:
            The engine's answer.
        """
        return self._call("thread/list", params_dict(params))

    def thread_read(self, thread_id: str, include_turns: bool = False) -> ThreadReadResponse:
        """Read a stored conversation without loading it (``thread/read``).

        Args:
            thread_id: The thread.
            include_turns: Whether to read its turns and their items, too.

        Returns:
            The engine's answer.
        """
        return response(
            "thread/read",
            self._native.thread_read(
                text("thread_id", thread_id), check("include_turns", include_turns)
            ),
        )

    def thread_fork(self, thread_id: str, params: Any = None) -> ThreadForkResponse:
        """Start a conversation with the history of another (``thread/fork``).

        Args:
            thread_id: The thread.
            params: A ``ThreadForkParams`` or a dict.

        Returns:
            The engine's answer.
        """
        thread = self._native.thread_fork(text("thread_id", thread_id), params_dict(params))
        return response("thread/fork", thread.start_response())

    def thread_archive(self, thread_id: str) -> ThreadArchiveResponse:
        """Put a stored conversation away (``thread/archive``).

        Args:
            thread_id: The thread.

        Returns:
            The engine's answer.
        """
        return response("thread/archive", self._native.thread_archive(text("thread_id", thread_id)))

    def thread_unarchive(self, thread_id: str) -> ThreadUnarchiveResponse:
        """Get a conversation back from the archive (``thread/unarchive``).

        Args:
            thread_id: The thread.

        Returns:
            The engine's answer.
        """
        return response(
            "thread/unarchive", self._native.thread_unarchive(text("thread_id", thread_id))
        )

    def thread_set_name(self, thread_id: str, name: str) -> ThreadSetNameResponse:
        """Name a thread (``thread/name/set``).

        Args:
            thread_id: The thread.
            name: The name.

        Returns:
            The engine's answer.
        """
        return response(
            "thread/name/set",
            self._native.thread(text("thread_id", thread_id)).set_name(check("name", name)),
        )

    def thread_compact(self, thread_id: str) -> ThreadCompactStartResponse:
        """Start to summarise a thread's history (``thread/compact/start``).

        Args:
            thread_id: The thread.

        Returns:
            The engine's answer.
        """
        return response(
            "thread/compact/start", self._native.thread(text("thread_id", thread_id)).compact()
        )

    def thread_goal_get(self, thread_id: str) -> ThreadGoalGetResponse:
        """The goal of a thread (``thread/goal/get``).

        Args:
            thread_id: The thread.

        Returns:
            The engine's answer; ``goal`` is ``None`` when there is none.
        """
        return self._call("thread/goal/get", {"threadId": thread_id})

    def thread_goal_clear(self, thread_id: str) -> ThreadGoalClearResponse:
        """Remove a thread's goal (``thread/goal/clear``).

        Args:
            thread_id: The thread.

        Returns:
            The engine's answer.
        """
        return self._call("thread/goal/clear", {"threadId": thread_id})

    def thread_goal_set(
        self,
        thread_id: str,
        *,
        objective: str | None = None,
        status: ThreadGoalStatus | str | None = None,
        token_budget: int | None = None,
    ) -> ThreadGoalSetResponse:
        """Set or change a thread's goal (``thread/goal/set``).

        Args:
            thread_id: The thread.
            objective: What is to be reached.
            status: The goal's status.
            token_budget: The tokens that may be used before the engine gives the goal up.

        Returns:
            The engine's answer.
        """
        params = goal_params(text("thread_id", thread_id), objective, status, token_budget)
        return self._call("thread/goal/set", params)

    def pause_goal(self, thread_id: str) -> ThreadGoalSetResponse:
        """Pause a thread's goal: the engine starts no further turns for it.

        Args:
            thread_id: The thread.

        Returns:
            The engine's answer.
        """
        return self.thread_goal_set(thread_id, status="paused")

    def start_goal_operation(self, thread_id: str, objective: str) -> tuple[GoalOperation, str]:
        """Give a thread a goal and wait for the first turn that the engine starts for it.

        Args:
            thread_id: A thread that is stored and idle.
            objective: What is to be reached.

        Returns:
            The operation, for :meth:`next_goal_notification`, and the first turn's id.

        Raises:
            InvalidRequestError: If the thread is busy, or kept in memory only.
            CodexTimeoutError: If no turn is started within 30 s; the goal is paused then.
        """
        check_can_start(self.thread_read(thread_id).thread)
        state = self.reserve_goal_operation(thread_id)
        try:
            self.thread_goal_clear(thread_id)
            state.activate_turn_routing()
            self.thread_goal_set(thread_id, objective=objective, status="active")
            return state, self._first_turn(state)
        except BaseException:
            self.cancel_goal_operation(state)
            self.unregister_goal_operation(state)
            raise

    def _first_turn(self, state: GoalOperation) -> str:
        seen = []
        while state.logical_turn_id is None:
            try:
                seen.append(state.route.next_within(START_TIMEOUT_S, "the goal's first turn"))
            except StopIteration:
                raise CodexError("the goal ended before a turn was started for it") from None
        state.route.put_back(seen)
        return state.logical_turn_id

    def cancel_goal_operation(self, state: GoalOperation) -> None:
        """Pause a goal and interrupt its turn. What the engine refuses is passed over.

        Args:
            state: The operation.
        """
        with suppress(CodexError):
            self.pause_goal(state.thread_id)
        turn_id = state.turn_for_interrupt()
        try:
            if turn_id is not None:
                self.turn_interrupt(state.thread_id, turn_id)
        except InvalidRequestError as error:
            other = other_active_turn(error)
            if other not in (None, turn_id):
                with suppress(CodexError):
                    self.turn_interrupt(state.thread_id, other)
        except CodexError:
            pass

    def turn_start(
        self,
        thread_id: str,
        input_items: list[dict[str, Any]] | dict[str, Any] | str,
        params: Any = None,
    ) -> TurnStartResponse:
        """Start a turn, or join the one that runs (``turn/start``); its events are kept from before.

        Args:
            thread_id: The thread.
            input_items: A text, or the protocol's inputs.
            params: A ``TurnStartParams`` or a dict, with further parameters.

        Returns:
            The engine's answer. Read the events with :meth:`next_turn_notification`.
        """
        check_has_no_goal(self._goals, thread_id)
        thread = self._native.thread(text("thread_id", thread_id))
        turn = thread.turn(wire_items(input_items), params_dict(params))
        self._turn_started(turn)
        return response("turn/start", turn.start_response())

    def turn_interrupt(self, thread_id: str, turn_id: str) -> TurnInterruptResponse:
        """Stop a turn (``turn/interrupt``).

        Args:
            thread_id: The thread.
            turn_id: The turn.

        Returns:
            The engine's answer.
        """
        turn = self._own_turn(turn_id)
        if turn is not None:
            turn.interrupt()
            return response("turn/interrupt", {})
        return self._call("turn/interrupt", {"threadId": thread_id, "turnId": turn_id})

    def turn_steer(
        self,
        thread_id: str,
        expected_turn_id: str,
        input_items: list[dict[str, Any]] | dict[str, Any] | str,
    ) -> TurnSteerResponse:
        """Give a running turn more to go on (``turn/steer``).

        Args:
            thread_id: The thread.
            expected_turn_id: The turn that is meant.
            input_items: A text, or the protocol's inputs.

        Returns:
            The engine's answer.

        Raises:
            InvalidRequestError: If that turn does not run.
        """
        items = wire_items(input_items)
        turn = self._own_turn(expected_turn_id)
        if turn is not None:
            return response("turn/steer", turn.steer(items))
        params = {"threadId": thread_id, "expectedTurnId": expected_turn_id, "input": items}
        return self._call("turn/steer", params)

    def model_list(self, include_hidden: bool = False) -> ModelListResponse:
        """The models the engine knows (``model/list``).

        Args:
            include_hidden: Whether to list those meant not to be chosen, too.

        Returns:
            The engine's answer.
        """
        return self._call("model/list", {"includeHidden": check("include_hidden", include_hidden)})

    def request_with_retry_on_overload(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        response_model: Any = None,
        max_attempts: int = 3,
        initial_delay_s: float = 0.25,
        max_delay_s: float = 2.0,
    ) -> Any:
        """:meth:`request`, repeated while the server is overloaded.

        Args:
            method: The protocol's method.
            params: Its parameters with the wire's names.
            response_model: A class with ``model_validate`` for the answer.
            max_attempts: How often it is sent at most.
            initial_delay_s: The pause after the first attempt; it doubles with each.
            max_delay_s: The longest pause.

        Returns:
            The answer.
        """
        return retry_on_overload(
            lambda: self.request(method, params, response_model=response_model),
            max_attempts=max_attempts,
            initial_delay_s=initial_delay_s,
            max_delay_s=max_delay_s,
        )

    def wait_for_turn_completed(
        self, turn_id: str, *, timeout: float | None = None
    ) -> TurnCompletedNotification:
        """Read a turn's events up to the last.

        Args:
            turn_id: The turn.
            timeout: Seconds to wait at most; without it, as long as the turn runs.

        Returns:
            The payload of ``turn/completed``.

        Raises:
            CodexTimeoutError: If it has not come in time. The turn runs on.
            TransportClosedError: If the engine goes away.
        """
        done = self._completed.get(turn_id)
        if done is not None:
            return done
        self.register_turn_notifications(turn_id)
        if timeout is not None:
            return self._turn_completed_within(turn_id, timeout)
        try:
            while True:
                event = self.next_turn_notification(turn_id)
                if event.method == TURN_COMPLETED:
                    return event.payload
        finally:
            self.unregister_turn_notifications(turn_id)

    def wait_for_login_completed(
        self, login_id: str, *, timeout: float | None = None
    ) -> AccountLoginCompletedNotification:
        """Wait until a login has succeeded or failed.

        Args:
            login_id: The login.
            timeout: Seconds to wait at most; without it, as long as the engine takes.

        Returns:
            The payload of ``account/login/completed``.

        Raises:
            CodexTimeoutError: If it has not come in time. The login goes on.
            TransportClosedError: If the engine goes away.
        """
        self.register_login_notifications(login_id)
        route = self._login_route(login_id)
        event = next(route) if timeout is None else route.next_within(timeout, "the login's end")
        self.unregister_login_notifications(login_id)
        return event.payload

    def stream_text(
        self, thread_id: str, text: str, params: Any = None
    ) -> Iterator[AgentMessageDeltaNotification]:
        """Run a turn with a text and give the pieces of the agent's messages as they come.

        Args:
            thread_id: The thread.
            text: The prompt.
            params: A ``TurnStartParams`` or a dict, with further parameters.

        Yields:
            The payloads of ``item/agentMessage/delta``.
        """
        turn_id = self.turn_start(thread_id, text, params).turn.id
        try:
            while True:
                event = self.next_turn_notification(turn_id)
                if event.method == "item/agentMessage/delta":
                    yield event.payload
                elif event.method == TURN_COMPLETED:
                    return
        finally:
            self.unregister_turn_notifications(turn_id)
