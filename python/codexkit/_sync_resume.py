"""What goes on from a continuation token: the part of the synchronous client that :mod:`codexkit._auto` does."""

from __future__ import annotations

from ._check import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from . import _native
    from ._auto import (
        AutoRun,
        AutoRunResult,
        Check,
        Hook,
        RetryPolicy,
        TokenPrices,
    )
    from ._auto_hooks import AfterApproval, AfterTool, BeforeApproval, BeforeTool
    from ._sync_thread import Thread


class Resuming:
    """The base of the client; it has the engine."""

    if TYPE_CHECKING:

        @property
        def _native(self) -> _native.Client: ...

    def auto_resume(
        self,
        token: str,
        *,
        thread: Thread | None = None,
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
        """Go on with a run from its continuation token.

        The token may be of another process, and of another language. What was done since it was given is
        found on the thread and not done again; a turn that was cut off is repeated and counted once.

        Args:
            token: The token, as ``continuation`` gave it.
            thread: The thread, if it is resumed already; by default it is resumed here, as it was stored.
            until: When the task is done: a function of the last turn's result that returns ``True``, or
                ``False``, or the text of the next prompt; a :class:`ShellCheck`, :class:`VerdictCheck` or
                :class:`GoalCheck`; ``"answer"``; by default as the token says. A function has to be given again.
            max_turns: Turns at most. A repeated turn counts once.
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
            InvalidArgumentError: For a token that is damaged or of something else, and for an argument
                that cannot be right; and when a function returned what has no meaning.
            JsonRpcError: If the engine cannot resume the thread.
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
        resumed = None if thread is None else thread._native
        native = self._native.auto_resume(
            text("token", token), plan.options, resumed, None, plan.checks(None)
        )
        return finish(native, plan)

    def auto_resume_streamed(
        self,
        token: str,
        *,
        thread: Thread | None = None,
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
        """Go on with a run from its continuation token, and give its events.

        The token may be of another process, and of another language. What was done since it was given is
        found on the thread and not done again; a turn that was cut off is repeated and counted once.

        Args:
            token: The token, as ``continuation`` gave it.
            thread: The thread, if it is resumed already; by default it is resumed here, as it was stored.
            until: When the task is done: a function of the last turn's result that returns ``True``, or
                ``False``, or the text of the next prompt; a :class:`ShellCheck`, :class:`VerdictCheck` or
                :class:`GoalCheck`; ``"answer"``; by default as the token says. A function has to be given again.
            max_turns: Turns at most. A repeated turn counts once.
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
            InvalidArgumentError: For a token that is damaged or of something else, and for an argument
                that cannot be right.
            JsonRpcError: If the engine cannot resume the thread.
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
        resumed = None if thread is None else thread._native
        native = self._native.auto_resume(
            text("token", token), plan.options, resumed, None, plan.checks(None)
        )
        return AutoRun(native, plan)
