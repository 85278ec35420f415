"""The asynchronous thread and turn handles; :mod:`codexkit._sync_thread` has the same without coroutines."""

from __future__ import annotations

from ._async_running import AsyncRunning
from ._check import check, connected, text
from ._inputs import wire_input, wire_turn_input
from ._many import AsyncFamily
from ._params import responders, turn_params
from ._result import successful
from ._sync_thread import _guard, _needed, _typed
from ._types import resolve, response
from ._typing import OutputT, Typed, overload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
    from os import PathLike
    from typing import Any

    from typing_extensions import Self, Unpack

    from . import _native
    from ._async import AsyncCodex
    from ._guardrails import Guardrails, InputGuardrail, OutputGuardrail
    from ._inputs import Input, RunInput
    from ._mcp_view import AsyncMcp
    from ._modes import ApprovalMode, Sandbox
    from ._native import Event
    from ._output import Output
    from ._result import TurnResult
    from ._typing import RunOptions
    from .approvals import OnApproval, OnElicitation, OnQuestion
    from .async_client import AsyncCodexClient
    from .thread_events import ThreadEvent
    from .types import (
        Personality,
        ReasoningEffort,
        ReasoningSummary,
        ThreadCompactStartResponse,
        ThreadGoal,
        ThreadGoalStatus,
        ThreadReadResponse,
        ThreadSetNameResponse,
        TurnInterruptResponse,
        TurnSteerResponse,
    )


def _running_loop() -> AbstractEventLoop:
    from asyncio import get_running_loop

    return get_running_loop()


class AsyncThread(AsyncRunning, AsyncFamily):
    """One conversation: runs turns, one after another."""

    __slots__ = ("_connection", "_native")

    def __init__(self, client: AsyncCodex | AsyncCodexClient, id: str) -> None:
        """A handle of a thread that the engine has loaded; asks the engine nothing.

        Args:
            client: A client that is started.
            id: The thread's id.
        """
        self._connection = connected(client)
        self._native = self._connection.thread(text("id", id))

    @classmethod
    def _of(cls, connection: _native.Client, native: _native.Thread) -> Self:
        """The handle for the client's ``thread_*`` methods."""
        thread = cls.__new__(cls)
        thread._connection = connection
        thread._native = native
        return thread

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def id(self) -> str:
        """The thread's id, for ``thread_resume``."""
        return self._native.id

    @property
    def mcp(self) -> AsyncMcp:
        """The thread's MCP servers: their status, and calls of their tools without the model."""
        from ._mcp_view import of_thread

        return of_thread(self._connection.mcp(self.id))

    @property
    def start_response(self) -> dict[str, Any] | None:
        """The engine's whole answer to start, resume or fork; ``None`` after ``thread_unarchive``."""
        return self._native.start_response()

    def __repr__(self) -> str:
        return f"AsyncThread(id={self.id!r})"

    @overload
    async def run(
        self,
        input: RunInput,
        *,
        output_type: None = None,
        **options: Unpack[RunOptions],
    ) -> TurnResult[None]: ...

    @overload
    async def run(
        self,
        input: RunInput,
        *,
        output_type: type[OutputT],
        output_repairs: int = 0,
        **options: Unpack[RunOptions],
    ) -> TurnResult[OutputT]: ...

    @overload
    async def run(
        self,
        input: RunInput,
        *,
        output_type: object,
        output_repairs: int = 0,
        **options: Unpack[RunOptions],
    ) -> TurnResult[Any]: ...

    async def run(
        self,
        input: RunInput,
        *,
        approval_mode: ApprovalMode | None = None,
        approval_timeout: float | None = None,
        cwd: str | PathLike[str] | None = None,
        effort: ReasoningEffort | str | None = None,
        input_guardrails: Sequence[InputGuardrail] | None = None,
        model: str | None = None,
        on_approval: OnApproval | None = None,
        on_elicitation: OnElicitation | None = None,
        on_question: OnQuestion | None = None,
        output_guardrails: Sequence[OutputGuardrail] | None = None,
        output_schema: dict[str, Any] | None = None,
        output_repairs: int = 0,
        output_type: Any = None,
        personality: Personality | str | None = None,
        sandbox: Sandbox | dict[str, Any] | None = None,
        service_tier: str | None = None,
        source: str | None = None,
        summary: ReasoningSummary | str | None = None,
        trace_context: str | Mapping[str, str] | None = None,
        turn_service_tier: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> TurnResult[Any]:
        """Run a whole turn (``turn/start``). Cancelling the task interrupts the turn.

        Args:
            input: Text, input objects or a list of them, or one :class:`ExternalMessage`.
            approval_mode: What happens when the agent asks for more than its sandbox allows;
                ``None`` keeps the thread's.
            approval_timeout: Seconds for the handlers of this turn before a request is declined; by default
                the thread's, then the client's.
            cwd: The working directory.
            effort: How much the model thinks.
            input_guardrails: Functions that look at the input first, replace it, or ``reject`` it.
            model: The model.
            on_approval: Who decides what the agent asks for in this turn, before all others: a policy or
                function of :mod:`codexkit.approvals`, or a list of both.
            on_elicitation: Who answers what MCP servers ask in this turn.
            on_question: Who answers the agent's questions in this turn.
            output_guardrails: Functions that look at the result before it is given, replace its final response, or
                ``reject`` it.
            output_schema: A JSON Schema the final answer must follow.
            output_repairs: How many further turns may tell the model what is wrong with an invalid answer.
            output_type: The type of the answer: a pydantic model, dataclass, TypedDict, any other type hint that JSON
                has a form for, or a JSON Schema as a dict. Unlike with ``output_schema``, the answer is checked.
            personality: How the agent speaks.
            sandbox: What the agent's commands may touch: a preset, or a whole policy as a dict.
            service_tier: The service tier of the thread's turns.
            source: What started this turn; a label without authority.
            summary: How reasoning is summarised.
            trace_context: The W3C trace context that the turn belongs to: a ``traceparent``, or a mapping with it and
                ``tracestate``. By default the current one of OpenTelemetry, if :mod:`codexkit.telemetry` is on.
            turn_service_tier: The service tier of this turn alone.
            extra: Further parameters of ``turn/start``, by snake_case or wire name.

        Returns:
            The result; look at ``status``, an interrupted turn is a result too. ``parsed`` is the answer as an
            object of the ``output_type``.

        Raises:
            GuardrailError: If a guardrail does not let the input or the result pass.
            InvalidArgumentError: For an argument that cannot be right, as an empty prompt or a type without a schema.
            InvalidOutputError: If the (last) answer is not of the ``output_type``.
            TurnFailedError: If the turn fails; it carries the result so far.
            JsonRpcError: If the engine refuses to start it.
            TransportClosedError: If the engine goes away.
        """
        guard = _guard(input_guardrails, output_guardrails, output_type, may_await=True)
        if guard is not None:
            input = await guard.check_input_async(input)
        wire, tool_output = wire_turn_input(input)
        params = turn_params(
            extra,
            tool_output=tool_output,
            approval_mode=approval_mode,
            cwd=cwd,
            effort=effort,
            model=model,
            output_schema=output_schema,
            personality=personality,
            sandbox=sandbox,
            service_tier=service_tier,
            source=source,
            summary=summary,
            turn_service_tier=turn_service_tier,
        )
        loop = _running_loop()
        asked = responders(
            on_approval, on_question, on_elicitation, loop, approval_timeout, trace_context
        )
        typed = _typed(output_type, output_repairs, wire, params)
        if typed is not None:
            result = await typed.run_async(self._native, loop, asked)
        else:
            result = successful(await self._native.run(wire, params, loop, asked))
        return result if guard is None else await guard.check_output_async(result)

    def run_streamed(
        self,
        input: RunInput,
        *,
        approval_mode: ApprovalMode | None = None,
        approval_timeout: float | None = None,
        cwd: str | PathLike[str] | None = None,
        effort: ReasoningEffort | str | None = None,
        input_guardrails: Sequence[InputGuardrail] | None = None,
        model: str | None = None,
        on_approval: OnApproval | None = None,
        on_elicitation: OnElicitation | None = None,
        on_question: OnQuestion | None = None,
        output_guardrails: Sequence[OutputGuardrail] | None = None,
        output_schema: dict[str, Any] | None = None,
        personality: Personality | str | None = None,
        sandbox: Sandbox | dict[str, Any] | None = None,
        service_tier: str | None = None,
        source: str | None = None,
        summary: ReasoningSummary | str | None = None,
        trace_context: str | Mapping[str, str] | None = None,
        turn_service_tier: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> AsyncGenerator[ThreadEvent, None]:
        """Run a turn and give its events in the simple model of ``codex exec --json``, without deltas.

        The turn starts when the first event is asked for. Leaving the loop early, cancelling the task included,
        interrupts it. See :mod:`codexkit.thread_events`.

        Args:
            input: Text, input objects or a list of them, or one :class:`ExternalMessage`.
            approval_mode: What happens when the agent asks for more than its sandbox allows;
                ``None`` keeps the thread's.
            approval_timeout: Seconds for the handlers of this turn before a request is declined; by default
                the thread's, then the client's.
            cwd: The working directory.
            effort: How much the model thinks.
            input_guardrails: Functions that look at the input before the turn starts, replace it, or ``reject`` it.
            model: The model.
            on_approval: Who decides what the agent asks for in this turn, before all others: a policy or
                function of :mod:`codexkit.approvals`, or a list of both.
            on_elicitation: Who answers what MCP servers ask in this turn.
            on_question: Who answers the agent's questions in this turn.
            output_guardrails: Functions that look at the result after the last event, and may ``reject`` it. What they
                put in the place of the final response does not change the events that were given before.
            output_schema: A JSON Schema the final answer must follow.
            personality: How the agent speaks.
            sandbox: What the agent's commands may touch: a preset, or a whole policy as a dict.
            service_tier: The service tier of the thread's turns.
            source: What started this turn; a label without authority.
            summary: How reasoning is summarised.
            trace_context: The W3C trace context that the turn belongs to: a ``traceparent``, or a mapping with it and
                ``tracestate``. By default the current one of OpenTelemetry, if :mod:`codexkit.telemetry` is on.
            turn_service_tier: The service tier of this turn alone.
            extra: Further parameters of ``turn/start``, by snake_case or wire name.

        Returns:
            An asynchronous generator of dicts (close it with ``contextlib.aclosing`` when leaving early); a failed turn ends with ``turn.failed`` and then raises.

        Raises:
            GuardrailError: While iterating: before the first event for the input, after the last one for the result.
            InvalidArgumentError: At the call, for an argument that cannot be right.
            TurnFailedError: While iterating, after ``turn.failed``; it carries the result so far.
            JsonRpcError: While iterating, if the engine refuses to start the turn.
            TransportClosedError: While iterating, if the engine goes away.
        """
        guard = _guard(input_guardrails, output_guardrails, None, may_await=True)
        wire, tool_output = wire_turn_input(input)
        params = turn_params(
            extra,
            tool_output=tool_output,
            approval_mode=approval_mode,
            cwd=cwd,
            effort=effort,
            model=model,
            output_schema=output_schema,
            personality=personality,
            sandbox=sandbox,
            service_tier=service_tier,
            source=source,
            summary=summary,
            turn_service_tier=turn_service_tier,
        )
        from ._simple import Start, streamed_async

        def asked(loop: Any) -> Any:
            return responders(
                on_approval, on_question, on_elicitation, loop, approval_timeout, trace_context
            )

        asked(None)  # what is wrong with them is said at the call
        return streamed_async(self._native, Start(input, wire, params, guard), asked)

    @overload
    async def turn(
        self,
        input: RunInput,
        *,
        output_type: None = None,
        **options: Unpack[RunOptions],
    ) -> AsyncTurnHandle[None]: ...

    @overload
    async def turn(
        self,
        input: RunInput,
        *,
        output_type: type[OutputT],
        **options: Unpack[RunOptions],
    ) -> AsyncTurnHandle[OutputT]: ...

    @overload
    async def turn(
        self,
        input: RunInput,
        *,
        output_type: object,
        **options: Unpack[RunOptions],
    ) -> AsyncTurnHandle[Any]: ...

    async def turn(
        self,
        input: RunInput,
        *,
        approval_mode: ApprovalMode | None = None,
        approval_timeout: float | None = None,
        cwd: str | PathLike[str] | None = None,
        effort: ReasoningEffort | str | None = None,
        input_guardrails: Sequence[InputGuardrail] | None = None,
        model: str | None = None,
        on_approval: OnApproval | None = None,
        on_elicitation: OnElicitation | None = None,
        on_question: OnQuestion | None = None,
        output_guardrails: Sequence[OutputGuardrail] | None = None,
        output_schema: dict[str, Any] | None = None,
        output_type: Any = None,
        personality: Personality | str | None = None,
        sandbox: Sandbox | dict[str, Any] | None = None,
        service_tier: str | None = None,
        source: str | None = None,
        summary: ReasoningSummary | str | None = None,
        trace_context: str | Mapping[str, str] | None = None,
        turn_service_tier: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> AsyncTurnHandle[Any]:
        """Start a turn, or join the one that is running (``turn/start``).

        Args:
            input: Text, input objects or a list of them, or one :class:`ExternalMessage`.
            approval_mode: What happens when the agent asks for more than its sandbox allows;
                ``None`` keeps the thread's.
            approval_timeout: Seconds for the handlers of this turn before a request is declined; by default
                the thread's, then the client's.
            cwd: The working directory.
            effort: How much the model thinks.
            input_guardrails: Functions that look at the input first, replace it, or ``reject`` it.
            model: The model.
            on_approval: Who decides what the agent asks for in this turn, before all others: a policy or
                function of :mod:`codexkit.approvals`, or a list of both.
            on_elicitation: Who answers what MCP servers ask in this turn.
            on_question: Who answers the agent's questions in this turn.
            output_guardrails: Functions that look at the result before it is given, replace its final response, or
                ``reject`` it.
            output_schema: A JSON Schema the final answer must follow.
            output_type: The type of the answer: a pydantic model, dataclass, TypedDict, any other type hint that JSON
                has a form for, or a JSON Schema as a dict. Unlike with ``output_schema``, the answer is checked.
            personality: How the agent speaks.
            sandbox: What the agent's commands may touch: a preset, or a whole policy as a dict.
            service_tier: The service tier of the thread's turns.
            source: What started this turn; a label without authority.
            summary: How reasoning is summarised.
            trace_context: The W3C trace context that the turn belongs to: a ``traceparent``, or a mapping with it and
                ``tracestate``. By default the current one of OpenTelemetry, if :mod:`codexkit.telemetry` is on.
            turn_service_tier: The service tier of this turn alone.
            extra: Further parameters of ``turn/start``, by snake_case or wire name.

        Returns:
            A handle to stream, steer, interrupt and await the turn.

        Raises:
            GuardrailError: If a guardrail does not let the input pass.
            InvalidArgumentError: For an argument that cannot be right, as an empty prompt.
            JsonRpcError: If the engine refuses to start it.
            TransportClosedError: If the engine is gone.
        """
        guard = _guard(input_guardrails, output_guardrails, output_type, may_await=True)
        if guard is not None:
            input = await guard.check_input_async(input)
        wire, tool_output = wire_turn_input(input)
        params = turn_params(
            extra,
            tool_output=tool_output,
            approval_mode=approval_mode,
            cwd=cwd,
            effort=effort,
            model=model,
            output_schema=output_schema,
            personality=personality,
            sandbox=sandbox,
            service_tier=service_tier,
            source=source,
            summary=summary,
            turn_service_tier=turn_service_tier,
        )
        loop = _running_loop()
        asked = responders(
            on_approval, on_question, on_elicitation, loop, approval_timeout, trace_context
        )
        typed = _typed(output_type, 0, wire, params)
        if typed is not None:
            native = await typed.turn_async(self._native, loop, asked)
            return AsyncTurnHandle(native, typed, guard)
        native = await self._native.turn(wire, params, loop, asked)
        return AsyncTurnHandle(native, None, guard)

    async def read(self, *, include_turns: bool = False) -> ThreadReadResponse:
        """Read the thread as it is stored (``thread/read``).

        Args:
            include_turns: Whether to read its turns and their items, too.

        Returns:
            The engine's answer.
        """
        answer = await self._native.read(check("include_turns", include_turns), _running_loop())
        return response("thread/read", answer)

    async def set_name(self, name: str) -> ThreadSetNameResponse:
        """Name the thread (``thread/name/set``).

        Args:
            name: The name.

        Returns:
            The engine's answer.
        """
        answer = await self._native.set_name(check("name", name), _running_loop())
        return response("thread/name/set", answer)

    async def compact(self) -> ThreadCompactStartResponse:
        """Start to summarise the history so that it takes less room (``thread/compact/start``).

        Returns:
            The engine's answer; the compaction itself runs as a turn.
        """
        answer = await self._native.compact(_running_loop())
        return response("thread/compact/start", answer)

    async def goal(self) -> ThreadGoal | None:
        """The thread's goal (``thread/goal/get``).

        Returns:
            The goal, or ``None``.
        """
        answer = await self._connection.request(
            "thread/goal/get", {"threadId": self.id}, None, _running_loop()
        )
        return response("thread/goal/get", answer).goal

    async def set_goal(
        self,
        objective: str | None = None,
        *,
        status: ThreadGoalStatus | str | None = None,
        token_budget: int | None = None,
    ) -> ThreadGoal:
        """Set or change the thread's goal (``thread/goal/set``). An active one makes the engine start turns.

        Args:
            objective: What is to be reached.
            status: The goal's status, as ``paused`` or ``active``.
            token_budget: The tokens that may be used before the engine gives the goal up.

        Returns:
            The goal.
        """
        from ._goal import goal_params

        params = goal_params(self.id, objective, status, token_budget)
        answer = await self._connection.request("thread/goal/set", params, None, _running_loop())
        return response("thread/goal/set", answer).goal

    async def clear_goal(self) -> bool:
        """Remove the thread's goal (``thread/goal/clear``).

        Returns:
            Whether there was one.
        """
        answer = await self._connection.request(
            "thread/goal/clear", {"threadId": self.id}, None, _running_loop()
        )
        return response("thread/goal/clear", answer).cleared

    def pursue(self, objective: str, *, token_budget: int | None = None) -> AsyncIterator[Event]:
        """Set a goal in place of an earlier one, and give the events of the turns that are started for it.

        The engine starts one turn after another until the goal is reached or given up; the last
        ``thread/goal/updated`` says which. Leaving the loop early, or cancelling the task, pauses the goal and
        interrupts its turn.

        Args:
            objective: What is to be reached.
            token_budget: The tokens that may be used before the engine gives the goal up.

        Returns:
            An asynchronous iterator; ``aclose`` it when the loop is left early.

        Raises:
            InvalidArgumentError: For an argument that cannot be right.
            JsonRpcError: While iterating, if the engine refuses.
            TransportClosedError: While iterating, if the engine goes away.
        """
        from ._goal import goal_params, pursue_async

        params = goal_params(self.id, text("objective", objective), None, token_budget)
        return pursue_async(self._connection, params)


class AsyncTurnHandle(Typed[OutputT]):
    """One running turn."""

    __slots__ = ("_guard", "_native", "_output")

    def __init__(
        self,
        native: _native.Turn,
        output: Output | None = None,
        guard: Guardrails | None = None,
    ) -> None:
        """Made by ``AsyncThread.turn``."""
        self._native = native
        self._output = output
        self._guard = guard

    @property
    def id(self) -> str:
        """The turn's id."""
        return self._native.id

    @property
    def thread_id(self) -> str:
        """The id of the thread it runs on."""
        return self._native.thread_id

    def __repr__(self) -> str:
        return f"AsyncTurnHandle(thread_id={self.thread_id!r}, id={self.id!r})"

    async def steer(self, input: Input | str) -> TurnSteerResponse:
        """Give the running turn more to go on (``turn/steer``).

        Args:
            input: Text, input objects or a list of them.

        Returns:
            The engine's answer.

        Raises:
            InvalidRequestError: If the turn has ended.
        """
        answer = await self._native.steer(wire_input(input), _running_loop())
        return response("turn/steer", answer)

    async def interrupt(self) -> TurnInterruptResponse:
        """Stop the turn and the commands it left running (``turn/interrupt``). May be repeated.

        Returns:
            The engine's answer.
        """
        await self._native.interrupt(_running_loop())
        return resolve("TurnInterruptResponse")({})

    def stream(self, *, interrupt_on_cancel: bool = True) -> AsyncIterator[Event]:
        """Every event of the turn, from before it started to ``turn/completed``.

        The events are kept until they are read. All streams of a handle share one cursor: a second one
        goes on where the first stopped. Leaving the loop early leaves the turn running.

        Args:
            interrupt_on_cancel: Whether cancelling the task that awaits an event interrupts the turn.

        Returns:
            An asynchronous iterator; a failed turn ends it like any other, without raising.

        Raises:
            TransportClosedError: While iterating, if the engine goes away.
            LaggedError: While iterating, if too many events were left unread.
        """
        return self._native.events_async(interrupt_on_cancel)

    def partial_outputs(self) -> AsyncIterator[Any]:
        """The answer while it grows: plain JSON values, completed as far as the text goes.

        Strings that are open are given as far as they go, open lists and dicts closed, unfinished numbers left out. The
        values are not checked. Commentary is no answer; a further message of the agent's begins a new one. It reads
        the events of the turn, with the one cursor of :meth:`stream`.

        Returns:
            An asynchronous iterator that ends with the turn; :meth:`run` gives the checked object.

        Raises:
            InvalidArgumentError: If the turn was started without ``output_type``.
            TransportClosedError: While iterating, if the engine goes away.
            LaggedError: While iterating, if too many events were left unread.
        """
        return _needed(self._output).partials_async(self._native)

    async def run(self) -> TurnResult[OutputT]:
        """Wait for the end. Works before, after and beside :meth:`stream`.

        Cancelling the task interrupts the turn.

        Returns:
            The folded result; ``parsed`` is the answer as an object of the turn's ``output_type``.

        Raises:
            GuardrailError: If an output guardrail does not let it pass.
            InvalidOutputError: If the answer is not of the ``output_type``.
            TurnFailedError: If the turn fails; it carries the result so far.
            TransportClosedError: If the engine goes away.
        """
        from asyncio import CancelledError

        try:
            if self._output is not None:
                result = await self._output.finish_async(self._native, _running_loop())
            else:
                result = successful(await self._native.result(_running_loop()))
            return result if self._guard is None else await self._guard.check_output_async(result)
        except CancelledError:
            self._native.interrupt_in_background()
            raise
