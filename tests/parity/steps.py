"""What every Python parity runner shares: the job loop, placeholders, event matching, errors.

A runner reads one job a line from stdin (a scenario with its folders and engine), drives the public
API of its client through the scenario's steps and writes one transcript a line to stdout. It compares
nothing and normalises nothing: that is the driver's work (xtask/src/parity).
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

_PLACEHOLDER = re.compile(r"\$\{(thread|turn|saved)\.([A-Za-z0-9_]+)\}")


@dataclass
class Answers:
    """Answers server requests as the scenario says, and remembers what was asked.

    A delay lets the engine come to rest first, where an answer would race with what it still does.

    `answers` maps a method to one answer, or to a list that is used up in order (the last one
    stays). A method without an answer raises, so that no scenario relies on a client's default.
    """

    answers: Json
    delay_ms: int = 0
    asked: list[Json] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, method: str, params: Json | None) -> Json:
        with self._lock:
            before = sum(1 for call in self.asked if call["method"] == method)
            self.asked.append({"method": method, "params": params})
        time.sleep(self.delay_ms / 1000)
        answer = self.answers[method]
        if isinstance(answer, list):
            answer = answer[min(before, len(answer) - 1)]
        return answer


def answers_of(job: Json) -> Answers:
    """The answers of a job's scenario."""
    scenario = job["scenario"]
    return Answers(scenario.get("approvals", {}), scenario.get("answer_delay_ms", 0))


@dataclass
class State:
    """The names a scenario gives to its threads, turns and saved values."""

    threads: dict[str, Any] = field(default_factory=dict)
    turns: dict[str, Any] = field(default_factory=dict)
    saved: Json = field(default_factory=dict)

    def fill(self, value: Any) -> Any:
        """Replace `${thread.a}`, `${turn.t}` and `${saved.x}`; a lone one keeps the value's type."""
        if isinstance(value, dict):
            return {self.fill(key): self.fill(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner) for inner in value]
        if not isinstance(value, str):
            return value
        whole = _PLACEHOLDER.fullmatch(value)
        if whole:
            return self._lookup(*whole.groups())
        return _PLACEHOLDER.sub(lambda match: str(self._lookup(*match.groups())), value)

    def _lookup(self, kind: str, name: str) -> Any:
        if kind == "thread":
            return self.threads[name].id
        if kind == "turn":
            return self.turns[name].id
        return self.saved[name]


def matches(event: Json, wanted: Json) -> bool:
    """Whether an event is of the wanted method (and item type, and status, if given)."""
    if event["method"] != wanted["method"]:
        return False
    params = event["params"] or {}
    if "item" in wanted and (params.get("item") or {}).get("type") != wanted["item"]:
        return False
    return "status" not in wanted or (params.get("status") or {}).get("type") == wanted["status"]


class Actions:
    """The actions of a stream step that are due at the n-th matching event."""

    def __init__(self, actions: list[Json]) -> None:
        self._waiting = [(action, action["after"].get("n", 1)) for action in actions]

    def due(self, event: Json) -> list[Json]:
        """Count this event and return what is to be done now."""
        due: list[Json] = []
        waiting = []
        for action, left in self._waiting:
            left -= matches(event, action["after"])
            if left == 0:
                due.append(action)
            else:
                waiting.append((action, left))
        self._waiting = waiting
        return due


def pointer(value: Any, path: str) -> Any:
    """Read a JSON pointer."""
    for part in path.split("/")[1:]:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def serve(run: Callable[[Json], list[Json]]) -> None:
    """Answer each job line on stdin with a transcript line on stdout, until stdin ends."""
    out = sys.stdout
    sys.stdout = sys.stderr  # what a library prints must not reach the transcript
    for line in sys.stdin:
        job = json.loads(line)
        try:
            answer: Json = {"steps": run(job)}
        except Exception as error:  # the driver reports it; the next job still runs
            answer = {"crash": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(answer) + "\n")
        out.flush()
