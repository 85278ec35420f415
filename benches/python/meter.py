"""What all Python consumers share: their settings, their clock, and the line they print at the end.

A consumer gets its settings as JSON in its one argument and prints one JSON object. Time and CPU are
taken at the first and at the last event, so that start-up is in neither.
"""

from __future__ import annotations

import json
import resource
import sys
import time

# The events whose text every consumer reads; of the others it reads the method alone.
DELTAS = frozenset(
    (
        "item/agentMessage/delta",
        "item/commandExecution/outputDelta",
        "item/reasoning/summaryTextDelta",
    )
)


def settings() -> dict:
    """The settings that the benchmark gave."""
    return json.loads(sys.argv[1])


def stamp() -> tuple[float, float]:
    """Now, and the CPU time that this process (all of its threads) has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), used.ru_utime + used.ru_stime


class Reading:
    """What one reader of one turn has seen."""

    __slots__ = ("chars", "events", "first", "last")

    def __init__(self) -> None:
        self.events = 0
        self.chars = 0
        self.first = (0.0, 0.0)
        self.last = (0.0, 0.0)


def report(readings: list[Reading], **more: object) -> None:
    """Prints what the readers have seen together."""
    first = min(reading.first for reading in readings)
    last = max(reading.last for reading in readings)
    print(
        json.dumps(
            {
                "events": sum(reading.events for reading in readings),
                "least": min(reading.events for reading in readings),
                "chars": sum(reading.chars for reading in readings),
                "wall": last[0] - first[0],
                "cpu": last[1] - first[1],
                "rss_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
                **more,
            }
        )
    )


def config_for(sdk: object, given: dict) -> object:
    """The configuration of either SDK: the replaying engine as the engine.

    codexkit bounds the queue of a slow reader; here every event is to be delivered by itself, as the
    official SDK does it, so the bounds are lifted.
    """
    more = {}
    if sdk.__name__ == "codexkit":
        more = dict.fromkeys(given.get("lift", ()), 1 << 40)
    return sdk.CodexConfig(codex_bin=given["engine"], **more)


def report_turns(times: list[tuple]) -> None:
    """Prints the medians of turns, each with its start, its first event and its end."""

    def median(values: list[float]) -> float:
        return sorted(values)[len(values) // 2]

    print(
        json.dumps(
            {
                "first": median([first[0] - start[0] for start, first, _ in times]),
                "whole": median([end[0] - start[0] for start, _, end in times]),
                "cpu": median([end[1] - start[1] for start, _, end in times]),
            }
        )
    )
