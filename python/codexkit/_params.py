"""Python's keyword arguments into the parameters of the protocol's methods."""

from __future__ import annotations

from ._check import check, refuse
from ._observed import trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def camel(name: str) -> str:
    """``turn_id`` as ``turnId``; a name without underscores stays as it is.

    Args:
        name: A name in snake_case.

    Returns:
        The wire's name.
    """
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


def given(extra: Mapping[str, Any] | None, **arguments: Any) -> dict[str, Any]:
    """The arguments that were given, under the wire's names.

    Args:
        extra: Further fields by snake_case or wire name; they win.
        arguments: Arguments by snake_case name; ``None`` means not given.

    Returns:
        The parameters.

    Raises:
        InvalidArgumentError: For a value that cannot be right.
    """
    params = {
        camel(name): check(name, value) for name, value in arguments.items() if value is not None
    }
    if extra is not None:
        if not hasattr(extra, "keys") or not all(isinstance(name, str) for name in extra):
            refuse("extra", "expected a dict with the names of parameters as keys")
        params.update({camel(name): extra[name] for name in extra})
    return params


def responders(
    on_approval: Any,
    on_question: Any,
    on_elicitation: Any,
    event_loop: Any,
    timeout: float | None = None,
    trace_context: Any = None,
) -> tuple[str | None, Any, str | None] | None:
    """Who answers, and in which trace a call is made, as the native client takes it.

    Args:
        on_approval: Policies and functions for approvals.
        on_question: A function for the agent's questions.
        on_elicitation: A function for what MCP servers ask.
        event_loop: Where coroutines run.
        timeout: Seconds that the functions may take, the ``approval_timeout``.
        trace_context: The trace; ``None`` for the current one, if the application is instrumented.

    Returns:
        The order as JSON, what is called, and the trace as JSON; ``None`` if nothing was given.

    Raises:
        InvalidArgumentError: For what is neither a policy nor a function, and for no number of seconds.
    """
    told = trace(trace_context)
    given = (on_approval, on_question, on_elicitation, timeout)
    if all(one is None for one in given):
        return None if told is None else (None, None, told)
    from ._responders import Chain

    return (*Chain(*given).bound(event_loop), told)


def tools_of(tools: Any, event_loop: Any) -> Any:
    """The tools of a thread or a client, as the native client takes them.

    Args:
        tools: Tools, a registry, or ``None``.
        event_loop: Where coroutines run; without one each gets a loop of its own.

    Returns:
        The native registry; ``None`` if none was given.

    Raises:
        InvalidArgumentError: For what is no tool.
    """
    if tools is None:
        return None
    from .tools import registry_of

    return registry_of(tools, event_loop)._native


def thread_params(
    extra: Mapping[str, Any] | None,
    *,
    approval_mode: Any,
    sandbox: Any,
    include_turns: bool | None = None,
    mcp_servers: Any = None,
    **arguments: Any,
) -> dict[str, Any]:
    """The parameters of ``thread/start``, ``thread/resume`` and ``thread/fork``.

    Args:
        extra: Further fields.
        approval_mode: The approval mode or ``None``.
        sandbox: The sandbox preset or ``None``.
        include_turns: Whether the answer shall carry the thread's turns; ``None``: as the engine likes.
        mcp_servers: MCP servers by name, or ``None``.
        arguments: The fields that need no translation.

    Returns:
        The parameters.

    Raises:
        InvalidArgumentError: For a bad mode or preset.
    """
    settings: dict[str, Any] = {}
    # Imported when needed: the presets are enums, whose module is not free.
    if approval_mode is not None or sandbox is not None:
        from ._modes import approval_settings, sandbox_mode

        settings = approval_settings(approval_mode)
        arguments["sandbox"] = sandbox_mode(sandbox)
    if include_turns is not None:
        check("include_turns", include_turns)
        arguments["exclude_turns"] = not include_turns
    params = {**settings, **given(extra, **arguments)}
    if mcp_servers is None:
        return params
    from ._mcp_servers import with_servers

    return with_servers(mcp_servers, params)


def turn_params(
    extra: Mapping[str, Any] | None,
    *,
    approval_mode: Any,
    sandbox: Any,
    source: str | None,
    turn_service_tier: str | None,
    tool_output: dict[str, Any] | None,
    **arguments: Any,
) -> dict[str, Any]:
    """The parameters of ``turn/start`` but the thread and the input.

    Args:
        extra: Further fields.
        approval_mode: The approval mode or ``None``.
        sandbox: The sandbox preset, a policy, or ``None``.
        source: What started the turn.
        turn_service_tier: The service tier of this turn alone.
        tool_output: The content of an external message.
        arguments: The fields that need no translation.

    Returns:
        The parameters.

    Raises:
        InvalidArgumentError: For a bad mode or preset.
    """
    settings: dict[str, Any] = {}
    if approval_mode is not None or sandbox is not None:
        from ._modes import approval_settings, sandbox_policy

        settings = approval_settings(approval_mode)
        arguments["sandbox_policy"] = sandbox_policy(sandbox)
    for name, value in (("source", source), ("turn_service_tier", turn_service_tier)):
        if value is not None:
            check(name, value)
    arguments["turn_trigger"] = source
    arguments["service_tier_for_turn"] = turn_service_tier
    arguments["tool_output"] = tool_output
    return {**settings, **given(extra, **arguments)}
