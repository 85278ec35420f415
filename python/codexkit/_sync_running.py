"""Runs of many turns: the part of the synchronous thread that :mod:`codexkit._auto` does."""

from __future__ import annotations

from ._inputs import wire_input

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from . import _native
    from ._auto import AutoRun, AutoRunResult, Check, Hook, RetryPolicy, TokenPrices
    from ._auto_hooks import AfterApproval, AfterTool, BeforeApproval, BeforeTool
    from ._inputs import Input


class Running:
    """The base of :class:`codexkit.Thread`."""

    __slots__ = ()

    if TYPE_CHECKING:
        _native: _native.Thread

    def auto_run(
        self,
        input: Input | str,
        *,
        until: Check | None = None,
        max_turns: int | None = None,
        max_tokens: int | None = None,
        timeout: float | None = None,
        max_cost: float | None = None,
        prices: TokenPrices | None = None,
        retry: RetryPolicy | None = None,
        before_turn: Hook | None = None,
        after_turn: Hook | None = None,
        before_approval: BeforeApproval | None = None,
        after_approval: AfterApproval | None = None,
        before_tool: BeforeTool | None = None,
        after_tool: AfterTool | None = None,
        next_prompt: str | None = None,
        turn: Mapping[str, Any] | None = None,
        token_key: str | None = None,
        trace_context: str | Mapping[str, str] | None = None,
    ) -> AutoRunResult:
        """Run turns until the task is done or a limit is reached.

        Nobody else should start turns on the thread meanwhile. Ctrl-C interrupts the run.

        Args:
            input: What the first turn is told: text, input objects or a list of them.
            until: When the task is done: a function of the last turn's result that returns ``True``, or
                ``False``, or the text of the next prompt; a :class:`ShellCheck`, :class:`VerdictCheck` or
                :class:`GoalCheck`; ``"answer"`` for when a turn ends whose agent hands over to nobody
                (:class:`Handoff`); by default the limits alone end the run.
            max_turns: Turns at most (default 10). A repeated turn counts once.
            max_tokens: No turn begins once the run has used so many.
            timeout: Seconds of wall time; a turn that runs then is interrupted.
            max_cost: No turn begins once the run has cost so much, by ``prices``.
            prices: What tokens cost.
            retry: How a turn that failed for a passing reason is tried again.
            before_turn: A function of an :class:`AutoRunStep`, called before each turn. It returns
                ``None`` to go on, a text to change the prompt, ``{"skip": True}`` to go to the check
                without the turn, or ``{"stop": "why"}``.
            after_turn: The same after each completed turn; a text is the next prompt.
            before_approval: A function of an :class:`~codexkit.approvals.ApprovalRequest`, called before anybody
                decides. It returns ``None`` to ask them, a decision in their place, or ``{"stop": "why"}``.
            after_approval: A function of the request and the decision. It returns ``None`` to send that, another
                decision, or ``{"stop": "why"}``.
            before_tool: A function of an :class:`AutoRunToolCall`, called before a tool of the application's. It
                returns ``None``, ``{"arguments": {...}}``, ``{"result": ...}`` for no call, or ``{"stop": "why"}``.
            after_tool: A function of the call and its :class:`AutoRunToolResult`. It returns ``None``,
                ``{"result": ...}`` for another result, or ``{"stop": "why"}``.
            next_prompt: What the next turn is told when the check has nothing to say.
            turn: What each turn runs with, by the names of :meth:`Thread.run`'s arguments.
            token_key: Signs the continuation tokens, and refuses others.
            trace_context: The W3C trace context that the run's turns belong to: a ``traceparent``, or a mapping with it and
                ``tracestate``; by default the current one, after :func:`codexkit.telemetry.instrument`.

        Returns:
            The result; ``stop_reason`` says why it ended. A failure of the engine is a result, too.

        Raises:
            InvalidArgumentError: For an argument that cannot be right; and when a function
                returned what has no meaning.
            GuardrailError: If a guardrail of ``turn`` does not let a prompt or a result pass.
            Exception: Whatever a function of the application raises.
        """
        from ._auto import Plan, finish

        plan = Plan(
            stream=False,
            may_await=False,
            until=until,
            max_turns=max_turns,
            max_tokens=max_tokens,
            timeout=timeout,
            max_cost=max_cost,
            prices=prices,
            retry=retry,
            before_turn=before_turn,
            after_turn=after_turn,
            before_approval=before_approval,
            after_approval=after_approval,
            before_tool=before_tool,
            after_tool=after_tool,
            next_prompt=next_prompt,
            turn=turn,
            token_key=token_key,
            trace_context=trace_context,
        )
        native = self._native.auto_run(wire_input(input), plan.options, plan.checks(None))
        return finish(native, plan)

    def auto_run_streamed(
        self,
        input: Input | str,
        *,
        until: Check | None = None,
        max_turns: int | None = None,
        max_tokens: int | None = None,
        timeout: float | None = None,
        max_cost: float | None = None,
        prices: TokenPrices | None = None,
        retry: RetryPolicy | None = None,
        before_turn: Hook | None = None,
        after_turn: Hook | None = None,
        before_approval: BeforeApproval | None = None,
        after_approval: AfterApproval | None = None,
        before_tool: BeforeTool | None = None,
        after_tool: AfterTool | None = None,
        next_prompt: str | None = None,
        turn: Mapping[str, Any] | None = None,
        token_key: str | None = None,
        trace_context: str | Mapping[str, str] | None = None,
    ) -> AutoRun:
        """Run turns until the task is done or a limit is reached, and give every event.

        Nobody else should start turns on the thread meanwhile. The run begins at once.

        Args:
            input: What the first turn is told: text, input objects or a list of them.
            until: When the task is done: a function of the last turn's result that returns ``True``, or
                ``False``, or the text of the next prompt; a :class:`ShellCheck`, :class:`VerdictCheck` or
                :class:`GoalCheck`; ``"answer"`` for when a turn ends whose agent hands over to nobody
                (:class:`Handoff`); by default the limits alone end the run.
            max_turns: Turns at most (default 10). A repeated turn counts once.
            max_tokens: No turn begins once the run has used so many.
            timeout: Seconds of wall time; a turn that runs then is interrupted.
            max_cost: No turn begins once the run has cost so much, by ``prices``.
            prices: What tokens cost.
            retry: How a turn that failed for a passing reason is tried again.
            before_turn: A function of an :class:`AutoRunStep`, called before each turn. It returns
                ``None`` to go on, a text to change the prompt, ``{"skip": True}`` to go to the check
                without the turn, or ``{"stop": "why"}``.
            after_turn: The same after each completed turn; a text is the next prompt.
            before_approval: A function of an :class:`~codexkit.approvals.ApprovalRequest`, called before anybody
                decides. It returns ``None`` to ask them, a decision in their place, or ``{"stop": "why"}``.
            after_approval: A function of the request and the decision. It returns ``None`` to send that, another
                decision, or ``{"stop": "why"}``.
            before_tool: A function of an :class:`AutoRunToolCall`, called before a tool of the application's. It
                returns ``None``, ``{"arguments": {...}}``, ``{"result": ...}`` for no call, or ``{"stop": "why"}``.
            after_tool: A function of the call and its :class:`AutoRunToolResult`. It returns ``None``,
                ``{"result": ...}`` for another result, or ``{"stop": "why"}``.
            next_prompt: What the next turn is told when the check has nothing to say.
            turn: What each turn runs with, by the names of :meth:`Thread.run`'s arguments.
            token_key: Signs the continuation tokens, and refuses others.
            trace_context: The W3C trace context that the run's turns belong to: a ``traceparent``, or a mapping with it and
                ``tracestate``; by default the current one, after :func:`codexkit.telemetry.instrument`.

        Returns:
            The run: an iterator over its events, with control over it.

        Raises:
            InvalidArgumentError: For an argument that cannot be right.
        """
        from ._auto import AutoRun, Plan

        plan = Plan(
            stream=True,
            may_await=False,
            until=until,
            max_turns=max_turns,
            max_tokens=max_tokens,
            timeout=timeout,
            max_cost=max_cost,
            prices=prices,
            retry=retry,
            before_turn=before_turn,
            after_turn=after_turn,
            before_approval=before_approval,
            after_approval=after_approval,
            before_tool=before_tool,
            after_tool=after_tool,
            next_prompt=next_prompt,
            turn=turn,
            token_key=token_key,
            trace_context=trace_context,
        )
        native = self._native.auto_run(wire_input(input), plan.options, plan.checks(None))
        return AutoRun(native, plan)
