"""Objects and memory stay as they are over many events: nothing is kept of an event that was let go."""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path

import pytest

from codexkit import Codex, CodexConfig
from conftest import ROOT

TESTKIT = ROOT / "target" / os.environ.get("CODEXKIT_TEST_PROFILE", "debug") / "codexkit-testkit"

EVENTS = int(os.environ.get("CODEXKIT_MEMORY_EVENTS", "100000"))
"""A million with the environment variable, as `docs/reliability.md` has it."""


def rss() -> int:
    """The bytes that this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_objects_references_and_memory_are_stable_over_many_events() -> None:
    rounds = 10
    plan = {"events": EVENTS // rounds, "turns": 1, "kind": "mix"}
    config = CodexConfig(codex_bin=TESTKIT, env={"CODEXKIT_REPLAY": json.dumps(plan)})
    looks: list[tuple[int, int, int]] = []
    with Codex(config) as codex:
        thread = codex.thread_start()
        seen = 0
        for _ in range(rounds):
            turn = thread.turn(f"go events={EVENTS // rounds}")
            for event in turn.stream():
                seen += 1
                # Every way to look at an event.
                _ = (event.method, event.params, event.payload)
            turn.run()
            del turn, event
            gc.collect()
            looks.append((len(gc.get_objects()), sys.getrefcount(None), rss()))
        assert seen >= EVENTS // 2
    # The first rounds make the payload classes and fill the arenas.
    (objects, references, memory), last = looks[rounds // 2], looks[-1]
    assert last[0] - objects < 200, looks
    assert last[1] - references < 2000, looks
    assert last[2] - memory < 16 << 20, looks
