"""The types of ``codex.metrics()``; all figures are counted in the core."""

from __future__ import annotations

from typing import TypedDict


class Histogram(TypedDict):
    """A distribution of times in seconds.

    Attributes:
        count: How many there were.
        sum: All of them together.
        bounds: The upper bounds of the buckets but the last, which has none.
        counts: How many were in each bucket: one more than there are bounds.
    """

    count: int
    sum: float
    bounds: list[float]
    counts: list[int]


class TokenCounts(TypedDict):
    """Tokens, as the engine counts them.

    Attributes:
        input: What the model read, cached parts included.
        output: What the model wrote, reasoning included.
        cached_input: How much of the input came from the provider's cache.
        reasoning_output: How much of the output was reasoning.
    """

    input: int
    output: int
    cached_input: int
    reasoning_output: int


class Metrics(TypedDict):
    """What a client has done since its start, and what it does now.

    Attributes:
        turns: Turns that ended, by how: ``completed``, ``interrupted``, ``failed``, ``refused`` (the engine did not start
            it), ``lost`` (the engine went away), ``abandoned`` (the last handle was dropped), ``other``.
        turn_duration: How long they took.
        time_to_first_event: How long it took from the call to a turn's first event.
        tokens: Tokens of the turns that ended.
        tool_calls: Calls of the application's tools: ``success``, ``failure``, ``invalid``, ``timeout``, ``cancelled``.
        tool_duration: How long they took.
        approvals: Questions of the engine, by what was decided.
        requests: Requests to the engine: ``ok``, or the kind of the error.
        retries: Turns that an auto-run tried again.
        restarts: How often a supervised engine was started again.
        open_turns: Turns that are open now.
        pending_requests: Requests that wait for an answer now.
        queue_depth: Events that wait for the readers of turns now.
        coalesced_events: Deltas joined to the one before, because a reader fell behind.
        lagged_events: Events given up in streams whose reader fell too far behind.
        dropped_notifications: Notifications dropped from the ring, because nobody read them in time.
        diagnostics: Diagnostics so far.
        dropped_records: Records of telemetry dropped in this process, because they came faster than they were taken.
    """

    turns: dict[str, int]
    turn_duration: Histogram
    time_to_first_event: Histogram
    tokens: TokenCounts
    tool_calls: dict[str, int]
    tool_duration: Histogram
    approvals: dict[str, int]
    requests: dict[str, int]
    retries: int
    restarts: int
    open_turns: int
    pending_requests: int
    queue_depth: int
    coalesced_events: int
    lagged_events: int
    dropped_notifications: int
    diagnostics: int
    dropped_records: int
