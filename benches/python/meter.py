"""What all Python consumers share: their settings, their clock, and the line they print at the end.

A consumer gets its settings as JSON in its one argument and prints one JSON object. Time and CPU are
taken at the first and at the last event, so that start-up is in neither.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

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

    __slots__ = ("chars", "events", "first", "last", "late")

    def __init__(self) -> None:
        self.events = 0
        self.chars = 0
        self.first = (0.0, 0.0)
        self.last = (0.0, 0.0)
        # Nanoseconds from the engine's write of each event to the reader's code.
        self.late: list[int] = []


def latency(readings: list[Reading]) -> dict[str, float]:
    """How long events took from the engine's write to the readers, in seconds."""
    late = sorted(value for reading in readings for value in reading.late)
    if not late:
        return {}

    def at(part: float) -> float:
        return late[min(int(len(late) * part), len(late) - 1)] / 1e9

    return {
        "late_p50": at(0.5),
        "late_p99": at(0.99),
        "late_max": at(1.0),
        "late_samples": len(late),
    }


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
                "peak_mb": peak_mb(),
                **latency(readings),
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


def report_turns(times: list[tuple], **more: object) -> None:
    """Prints the medians of turns, each with its start, its first event and its end."""

    def median(values: list[float]) -> float:
        return sorted(values)[len(values) // 2]

    print(
        json.dumps(
            {
                "first": median([first[0] - start[0] for start, first, _ in times]),
                "whole": median([end[0] - start[0] for start, _, end in times]),
                "cpu": median([end[1] - start[1] for start, _, end in times]),
                **more,
            }
        )
    )


def peak_mb() -> float:
    """The most memory that this process has had, in megabytes.

    getrusage counts what the parent had when it started this process, so it comes second.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def rss_mb() -> float:
    """The memory that this process has now, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)


def busy(milliseconds: int) -> None:
    """Works for so long, as a program does that imports its libraries and builds its prompt."""
    until = time.perf_counter() + milliseconds / 1000
    while time.perf_counter() < until:
        pass


# What a start is made of; each is timed from the end of the one before.
STEPS = ("process", "import", "client", "thread", "turn", "event")


def report_start(steps: list[int]) -> None:
    """Prints how long the steps of a start took, in seconds; `steps` are the ends, in nanoseconds since 1970."""
    began = int(os.environ["CODEXKIT_BENCH_STARTED"])
    found = {"whole": (steps[-1] - began) / 1e9}
    before = began
    for name, end in zip(STEPS, steps, strict=True):
        found[name] = (end - before) / 1e9
        before = end
    print(json.dumps(found), flush=True)


def report_calls(times: list[int], start: tuple, end: tuple) -> None:
    """Prints how long calls took, in seconds; `times` are nanoseconds."""
    times.sort()
    print(
        json.dumps(
            {
                "call_p50": times[len(times) // 2] / 1e9,
                "call_p99": times[int(len(times) * 0.99)] / 1e9,
                "cpu": (end[1] - start[1]) / len(times),
                "calls": len(times),
            }
        )
    )


class Agents:
    """What many turns have come to; the turns that are open at the same time, and the gate they wait at."""

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.started = self.open = self.most_open = 0
        self.completed = self.tools = self.approvals = self.read = 0

    def start(self) -> bool:
        """A turn has started. True once as many as there are to be at the same time have."""
        self.started += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        return self.started >= self.at_once

    def end(self, read: int, text: str | None, expected: str) -> None:
        """A turn has ended after so many events."""
        self.open -= 1
        self.read += read
        if text != expected:
            raise AssertionError(f"the turn ended with {text!r} instead of {expected!r}")
        self.completed += 1

    def report(self, opening: float, start: tuple, end: tuple, stats: dict[str, int]) -> None:
        """Prints it, with what the client has counted."""
        unread = stats["turn_events"] - stats["coalesced_deltas"] - self.read
        print(
            json.dumps(
                {
                    "opening": opening,
                    "wall": end[0] - start[0],
                    "cpu": end[1] - start[1],
                    "at_once": self.most_open,
                    "completed": self.completed,
                    "tools": self.tools,
                    "approvals": self.approvals,
                    "events": self.read,
                    "unread": unread,
                    "lost": stats["lagged_events"] + stats["dropped_notifications"],
                    "oddities": stats["diagnostics"],
                    "peak_mb": peak_mb(),
                }
            )
        )
