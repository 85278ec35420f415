"""What clients and threads have for many agents: maps, and the sub-agents that the engine spawns. Bases of theirs."""

from __future__ import annotations

from ._params import responders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping, Sequence
    from os import PathLike
    from typing import Any

    from . import _native
    from ._agents import Agent
    from ._checks import Checks
    from ._guardrails import InputGuardrail, OutputGuardrail
    from ._handoff import Handoff
    from ._map import AsyncMapRun, Item, MapRun
    from ._native import Event
    from .approvals import OnApproval, OnElicitation, OnQuestion
    from .tools import Tool


def _agents(listed: list[dict[str, Any]]) -> list[Agent]:
    if not listed:
        return []
    from ._agents import agent

    return [agent(fields) for fields in listed]


def _checks(guards: dict[str, Any], *, may_await: bool) -> Checks | None:
    """The guardrails of a thread as a tool; their module is imported only if there are some."""
    if all(given is None for given in guards.values()):
        return None
    from ._checks import checks_of

    checks = checks_of(guards, may_await=may_await)
    if checks is None or not may_await:
        return checks
    from asyncio import get_running_loop

    try:
        return checks.on(get_running_loop())
    except RuntimeError:
        # No loop runs here: each call of a coroutine gets one of its own.
        return checks


class Agents:
    """The base of :class:`codexkit.Codex`."""

    if TYPE_CHECKING:

        @property
        def _native(self) -> _native.Client: ...

    def agents(self) -> list[Agent]:
        """The sub-agents that the engine has spawned on this client's threads, in the order of their spawning.

        What they ask is answered by whoever answers for the threads above them.

        Returns:
            The agents.
        """
        return _agents(self._native.agents())

    def map(
        self,
        items: Iterable[Item],
        *,
        concurrency: int | None = None,
        journal: str | PathLike[str] | None = None,
        stop_on_error: bool = False,
        item_timeout: float | None = None,
        thread: Mapping[str, Any] | None = None,
        turn: Mapping[str, Any] | None = None,
        output_type: Any = None,
        approval_timeout: float | None = None,
        on_approval: OnApproval | None = None,
        on_elicitation: OnElicitation | None = None,
        on_question: OnQuestion | None = None,
        trace_context: str | Mapping[str, str] | None = None,
    ) -> MapRun:
        """Run many prompts, each on a fresh thread, some at a time, and give the results as they complete.

        Items are taken from an iterator when there is room for them. The map goes on while results are taken;
        leaving it interrupts what runs. A failed item is a result like others.

        Args:
            items: Prompts, or :class:`MapItem` objects with a folder and a name.
            concurrency: How many at a time (default 4).
            journal: A file that remembers what each item came to. A later map with the same items and options goes
                on from it: what succeeded is given at once, the rest is done.
            stop_on_error: Whether the first failed item ends the map.
            item_timeout: Seconds that one item may take.
            thread: What the threads run with, by the names of :meth:`thread_start`'s arguments.
            turn: What the turns run with, by the names of :meth:`Thread.run`'s arguments. An item whose guardrail
                rejects has failed with that error.
            output_type: The type of each item's answer, as in :meth:`Thread.run`: it is ``parsed`` of the result. An item
                whose answer is not of it has failed.
            approval_timeout: Seconds for the handlers before a request is declined; by default the client's.
            on_approval: Who decides what the agents ask for.
            on_elicitation: Who answers what MCP servers ask.
            on_question: Who answers the agents' questions.
            trace_context: The W3C trace context that the threads and turns belong to: a ``traceparent``, or a mapping with it and
                ``tracestate``; by default the current one, after :func:`codexkit.telemetry.instrument`.

        Returns:
            The map: an iterator over its results.

        Raises:
            InvalidArgumentError: For an argument that cannot be right, and for a journal that is of other items or
                options, of a newer version, or in use.
        """
        from ._map import MapRun, Plan

        plan = Plan(
            items,
            may_await=False,
            concurrency=concurrency,
            journal=journal,
            stop_on_error=stop_on_error,
            item_timeout=item_timeout,
            thread=thread,
            turn=turn,
            output_type=output_type,
        )
        asked = responders(
            on_approval, on_question, on_elicitation, None, approval_timeout, trace_context
        )
        native = self._native.map(plan.options, None, asked, plan.checks(None))
        return MapRun(native, plan)._begin()


class AsyncAgents:
    """The base of :class:`codexkit.AsyncCodex`."""

    if TYPE_CHECKING:

        async def _connected(self) -> _native.Client: ...

    async def agents(self) -> list[Agent]:
        """The sub-agents that the engine has spawned on this client's threads, in the order of their spawning.

        What they ask is answered by whoever answers for the threads above them.

        Returns:
            The agents.
        """
        return _agents((await self._connected()).agents())

    async def map(
        self,
        items: Iterable[Item] | AsyncIterable[Item],
        *,
        concurrency: int | None = None,
        journal: str | PathLike[str] | None = None,
        stop_on_error: bool = False,
        item_timeout: float | None = None,
        thread: Mapping[str, Any] | None = None,
        turn: Mapping[str, Any] | None = None,
        output_type: Any = None,
        approval_timeout: float | None = None,
        on_approval: OnApproval | None = None,
        on_elicitation: OnElicitation | None = None,
        on_question: OnQuestion | None = None,
        trace_context: str | Mapping[str, str] | None = None,
    ) -> AsyncMapRun:
        """Run many prompts, each on a fresh thread, some at a time, and give the results as they complete.

        Items are taken from an iterator when there is room for them. The map goes on while results are taken;
        leaving it interrupts what runs. A failed item is a result like others.

        Args:
            items: Prompts, or :class:`MapItem` objects with a folder and a name; the iterable may be asynchronous.
            concurrency: How many at a time (default 4).
            journal: A file that remembers what each item came to. A later map with the same items and options goes
                on from it: what succeeded is given at once, the rest is done.
            stop_on_error: Whether the first failed item ends the map.
            item_timeout: Seconds that one item may take.
            thread: What the threads run with, by the names of :meth:`thread_start`'s arguments.
            turn: What the turns run with, by the names of :meth:`AsyncThread.run`'s arguments. An item whose guardrail
                rejects has failed with that error.
            output_type: The type of each item's answer, as in :meth:`AsyncThread.run`: it is ``parsed`` of the result. An
                item whose answer is not of it has failed.
            approval_timeout: Seconds for the handlers before a request is declined; by default the client's.
            on_approval: Who decides what the agents ask for.
            on_elicitation: Who answers what MCP servers ask.
            on_question: Who answers the agents' questions.
            trace_context: The W3C trace context that the threads and turns belong to: a ``traceparent``, or a mapping with it and
                ``tracestate``; by default the current one, after :func:`codexkit.telemetry.instrument`.

        Returns:
            The map: an asynchronous iterator over its results.

        Raises:
            InvalidArgumentError: For an argument that cannot be right, and for a journal that is of other items or
                options, of a newer version, or in use.
        """
        from asyncio import get_running_loop

        from ._map import AsyncMapRun, Plan

        plan = Plan(
            items,
            may_await=True,
            concurrency=concurrency,
            journal=journal,
            stop_on_error=stop_on_error,
            item_timeout=item_timeout,
            thread=thread,
            turn=turn,
            output_type=output_type,
        )
        event_loop = get_running_loop()
        asked = responders(
            on_approval, on_question, on_elicitation, event_loop, approval_timeout, trace_context
        )
        client = await self._connected()
        native = await client.map(plan.options, event_loop, asked, plan.checks(event_loop))
        return await AsyncMapRun(native, plan)._begin()


class Family:
    """The base of :class:`codexkit.Thread`."""

    __slots__ = ()

    if TYPE_CHECKING:
        _native: _native.Thread

    def as_tool(
        self,
        name: str,
        description: str,
        *,
        namespace: str | None = None,
        timeout: float | None = None,
        input_guardrails: Sequence[InputGuardrail] | None = None,
        output_guardrails: Sequence[OutputGuardrail] | None = None,
    ) -> Tool:
        """The thread as a tool, for other threads: their agents call it and read what this thread's agent says.

        A call has an ``input`` (a text), which is a turn's on this thread; its final response is the result. The thread
        remembers its calls, as it does all its turns. Calls come one after the other, and after a turn that runs. A call
        that could never begin, because the agent that asks is asked itself by way of this thread, fails at once. A call
        whose caller is interrupted interrupts the turn. Calling the tool in Python is :meth:`run`.

        Args:
            name: The tool's name: letters, digits, ``_`` and ``-``.
            description: What the agent knows or does, for the model that may ask it.
            namespace: The group that it belongs to.
            timeout: Seconds that a call may take, with its waiting for others; by default it has no limit, as the agent
                may have to ask a person.
            input_guardrails: Functions that look at what the agent is told in a call, replace it, or ``reject`` it: the
                call has failed then, and the model that called reads why.
            output_guardrails: The same for what the agent says.

        Returns:
            The tool, for ``tools`` of a client, another thread or a registry.

        Raises:
            InvalidArgumentError: For a name that providers do not take, an empty description, a timeout of zero.
        """
        from .tools import ThreadTool

        thread: Any = self

        guards = {"input_guardrails": input_guardrails, "output_guardrails": output_guardrails}

        def ask(input: str) -> str | None:
            return thread.run(input, **guards).final_response

        checks = _checks(guards, may_await=False)
        return ThreadTool(ask, self._native, name, description, namespace, timeout, checks)

    def as_handoff(self, name: str, description: str, *, history: int | None = None) -> Handoff:
        """The thread's agent as one that others hand their conversation over to; see :class:`Handoff`.

        Args:
            name: What the agent is called: letters, digits, ``_`` and ``-``. The tool is ``transfer_to_NAME``.
            description: What it is for, for the model that may hand over to it.
            history: How many of the newest messages that the agent has not seen go along; by default all of them.

        Returns:
            The handoff, for ``tools`` of a client, another thread or a registry.

        Raises:
            InvalidArgumentError: For a name that providers do not take, an empty description, a negative number.
        """
        from ._handoff import Handoff

        return Handoff(name, description, history=history)._keep(self)

    def children(self) -> list[Agent]:
        """The sub-agents that the engine has spawned for this thread's agent, in the order of their spawning.

        ``Thread(codex, agent.thread_id)`` is a handle of one.

        Returns:
            The agents; theirs are theirs.
        """
        return _agents(self._native.children())

    def subscribe(self) -> Iterator[Event]:
        """What the engine tells of this thread and of the sub-agents below it, and no turn's handle claims.

        For a sub-agent, or an agent that has some, it is all that they do, from now on. Each call has a cursor of its
        own; the oldest unread are dropped.

        Returns:
            An iterator of events that waits for the next one.

        Raises:
            TransportClosedError: While iterating, once the client is closed or the engine gone.
        """
        return self._native.subscribe()


class AsyncFamily:
    """The base of :class:`codexkit.AsyncThread`."""

    __slots__ = ()

    if TYPE_CHECKING:
        _native: _native.Thread

    def as_tool(
        self,
        name: str,
        description: str,
        *,
        namespace: str | None = None,
        timeout: float | None = None,
        input_guardrails: Sequence[InputGuardrail] | None = None,
        output_guardrails: Sequence[OutputGuardrail] | None = None,
    ) -> Tool:
        """The thread as a tool, for other threads: their agents call it and read what this thread's agent says.

        A call has an ``input`` (a text), which is a turn's on this thread; its final response is the result. The thread
        remembers its calls, as it does all its turns. Calls come one after the other, and after a turn that runs. A call
        that could never begin, because the agent that asks is asked itself by way of this thread, fails at once. A call
        whose caller is interrupted interrupts the turn. Calling the tool in Python is :meth:`run`.

        Args:
            name: The tool's name: letters, digits, ``_`` and ``-``.
            description: What the agent knows or does, for the model that may ask it.
            namespace: The group that it belongs to.
            timeout: Seconds that a call may take, with its waiting for others; by default it has no limit, as the agent
                may have to ask a person.
            input_guardrails: Functions that look at what the agent is told in a call, replace it, or ``reject`` it: the
                call has failed then, and the model that called reads why.
            output_guardrails: The same for what the agent says.

        Returns:
            The tool, for ``tools`` of a client, another thread or a registry.

        Raises:
            InvalidArgumentError: For a name that providers do not take, an empty description, a timeout of zero.
        """
        from .tools import ThreadTool

        thread: Any = self

        guards = {"input_guardrails": input_guardrails, "output_guardrails": output_guardrails}

        async def ask(input: str) -> str | None:
            return (await thread.run(input, **guards)).final_response

        checks = _checks(guards, may_await=True)
        return ThreadTool(ask, self._native, name, description, namespace, timeout, checks)

    def as_handoff(self, name: str, description: str, *, history: int | None = None) -> Handoff:
        """The thread's agent as one that others hand their conversation over to; see :class:`Handoff`.

        Args:
            name: What the agent is called: letters, digits, ``_`` and ``-``. The tool is ``transfer_to_NAME``.
            description: What it is for, for the model that may hand over to it.
            history: How many of the newest messages that the agent has not seen go along; by default all of them.

        Returns:
            The handoff, for ``tools`` of a client, another thread or a registry.

        Raises:
            InvalidArgumentError: For a name that providers do not take, an empty description, a negative number.
        """
        from ._handoff import Handoff

        return Handoff(name, description, history=history)._keep(self)

    def children(self) -> list[Agent]:
        """The sub-agents that the engine has spawned for this thread's agent, in the order of their spawning.

        ``AsyncThread(codex, agent.thread_id)`` is a handle of one.

        Returns:
            The agents; theirs are theirs.
        """
        return _agents(self._native.children())

    def subscribe(self) -> AsyncIterator[Event]:
        """What the engine tells of this thread and of the sub-agents below it, and no turn's handle claims.

        For a sub-agent, or an agent that has some, it is all that they do, from now on. Each call has a cursor of its
        own; the oldest unread are dropped.

        Returns:
            An asynchronous iterator of events that waits for the next one.

        Raises:
            TransportClosedError: While iterating, once the client is closed or the engine gone.
        """
        return self._native.subscribe_async()
