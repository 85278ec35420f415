"""Many turns at once on one client, a thread a turn: each calls a tool, asks for an approval and answers."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from meter import Agents, settings, stamp

from codexkit import Codex, CodexConfig, Sandbox, Thread, tool
from codexkit.approvals import Decision
from codexkit.errors import TransportClosedError

if TYPE_CHECKING:
    from codexkit.approvals import ApprovalRequest


def main() -> None:
    given = settings()
    agents = Agents(given["at_once"])
    lock = threading.Lock()
    gate = threading.Event()
    starts = threading.Semaphore(given["starting"])

    @tool
    def look_up(key: str) -> str:
        """Looks a word up."""
        # No turn ends before all that are to be open at the same time have started.
        gate.wait()
        with lock:
            agents.tools += 1
        return f"{key}: found"

    def decide(_: ApprovalRequest) -> Decision:
        with lock:
            agents.approvals += 1
        return Decision.accept()

    def work(thread: Thread) -> None:
        with starts:
            turn = thread.turn("go")
        with lock:
            if agents.start():
                gate.set()
        read = sum(1 for _ in turn.stream())
        text = turn.run().final_response
        with lock:
            agents.end(read, text, f"done {thread.id}")

    def drain(codex: Codex) -> None:
        with suppress(TransportClosedError):
            for _ in codex.notifications():
                pass

    config = CodexConfig(codex_bin=given["engine"])
    with Codex(config, tools=[look_up], on_approval=decide) as codex:
        threading.Thread(target=drain, args=[codex], daemon=True).start()
        opening = stamp()
        threads = [
            codex.thread_start(
                cwd=given["cwd"],
                sandbox=Sandbox.read_only,
                extra={"approval_policy": "on-request", "approvals_reviewer": "user"},
            )
            for _ in range(given["turns"])
        ]
        start = stamp()
        with ThreadPoolExecutor(given["at_once"]) as pool:
            list(pool.map(work, threads))
        agents.report(start[0] - opening[0], start, stamp(), codex.stats())


if __name__ == "__main__":
    main()
