"""The Python part of `cargo xtask soak`: full load until the time is over.

One thread reads replayed turns at full speed, one of them stalled; the other runs turns of the real engine with a tool,
an approval and an interrupt, and opens and closes its client. Every few seconds a line of JSON says how far it is.
"""

from __future__ import annotations

import gc
import json
import os
import threading
import time
from typing import TYPE_CHECKING

from meter import settings

from codexkit import Codex, CodexConfig, Sandbox, tool
from codexkit.approvals import Decision

if TYPE_CHECKING:
    from codexkit import Turn
    from codexkit.approvals import ApprovalRequest

ASKING = {"approval_policy": "on-request", "approvals_reviewer": "user"}


class Counts:
    """What was done so far; one lock for all threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.turns = self.events = self.tools = self.approvals = self.interrupts = self.opened = 0

    def add(self, **more: int) -> None:
        with self.lock:
            for name, count in more.items():
                setattr(self, name, getattr(self, name) + count)

    def line(self) -> str:
        with self.lock:
            counts = {name: value for name, value in vars(self).items() if name != "lock"}
        return json.dumps({**counts, "objects": len(gc.get_objects())})


def replayed(given: dict, counts: Counts, end: float) -> None:
    """Turns of the replaying engine at full speed; of three at once one is never read."""

    def read(turn: Turn) -> None:
        counts.add(events=sum(1 for _ in turn.stream()))

    while time.monotonic() < end:
        env = {"CODEXKIT_REPLAY": json.dumps(given["replay"])}
        with Codex(CodexConfig(codex_bin=given["replay_engine"], env=env)) as codex:
            counts.add(opened=1)
            threads = [codex.thread_start() for _ in range(3)]
            for _ in range(10):
                turns = [thread.turn(f"go events={given['events']}") for thread in threads]
                readers = [threading.Thread(target=read, args=(turn,)) for turn in turns[1:]]
                for reader in readers:
                    reader.start()
                for reader in readers:
                    reader.join()
                # The stalled one: its result comes all the same.
                turns[0].run()
                counts.add(turns=3)
                if time.monotonic() >= end:
                    break


def real(given: dict, counts: Counts, end: float) -> None:
    """Turns of the real engine with the scripted model."""

    @tool
    def look_up(key: str) -> str:
        """Looks a word up."""
        counts.add(tools=1)
        return f"{key}: found"

    def decide(_: ApprovalRequest) -> Decision:
        counts.add(approvals=1)
        return Decision.accept()

    while time.monotonic() < end:
        config = CodexConfig(codex_bin=given["engine"])
        with Codex(config, tools=[look_up], on_approval=decide) as codex:
            counts.add(opened=1)
            for _ in range(10):
                thread = codex.thread_start(
                    cwd=given["cwd"], sandbox=Sandbox.read_only, extra=ASKING
                )
                done = thread.run("busy")
                if done.final_response != "done":
                    raise SystemExit(f"a turn ended with {done.final_response!r}")
                slow = thread.turn("slow")
                counts.add(events=len([next(iter(slow.stream()))]))
                slow.interrupt()
                slow.run()
                counts.add(turns=2, interrupts=1)
                if time.monotonic() >= end:
                    break


def main() -> None:
    given = settings()
    counts = Counts()
    end = time.monotonic() + given["seconds"]
    failed: list[BaseException] = []

    def guarded(work: object) -> None:
        try:
            work(given, counts, end)
        except BaseException as error:
            failed.append(error)

    workers = [threading.Thread(target=guarded, args=(work,)) for work in (replayed, real)]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        workers[0].join(timeout=5)
        workers[1].join(timeout=0.01)
        print(counts.line(), flush=True)
    if failed:
        print(f"{failed!r}", flush=True)
        os._exit(1)


if __name__ == "__main__":
    main()
