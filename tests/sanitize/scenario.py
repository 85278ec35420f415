"""What runs under `cargo xtask sanitize`: turns, streams, callbacks, errors and closing, in both clients."""

from __future__ import annotations

import asyncio
import gc
import os

from codexkit import AsyncCodex, Codex, InvalidArgumentError, Sandbox, tool
from codexkit.approvals import ApprovalRequest, Decision

ASKING = {"approval_policy": "on-request", "approvals_reviewer": "user"}
CWD = os.environ["CODEXKIT_SANITIZE_CWD"]


@tool
def look_up(key: str) -> str:
    """Looks a word up."""
    return f"{key}: found"


def accept(_: ApprovalRequest) -> Decision:
    return Decision.accept()


def fail(_: ApprovalRequest) -> Decision:
    raise RuntimeError("a handler that raises")


def blocking() -> None:
    """Turns whose events are read, half read and not read; a handler that raises; wrong arguments."""
    for on_approval in (accept, fail):
        with Codex(tools=[look_up], on_approval=on_approval) as codex:
            thread = codex.thread_start(cwd=CWD, sandbox=Sandbox.read_only, extra=ASKING)
            turn = thread.turn("busy")
            for event in turn.stream():
                _ = event.method, event.params, event.payload, repr(event)
            assert turn.run().final_response == "done"
            slow = codex.thread_start(cwd=CWD, sandbox=Sandbox.read_only).turn("slow")
            _ = next(iter(slow.stream()))
            slow.interrupt()
            assert slow.run().status.value == "interrupted"
            codex.thread_start(cwd=CWD, sandbox=Sandbox.read_only).turn("slow")
            try:
                codex.thread_resume("")
            except (InvalidArgumentError, ValueError):
                pass
            else:
                raise AssertionError("an empty id was taken")


async def waiting() -> None:
    """The same on an event loop, with turns at once and a task that is cancelled."""
    async with AsyncCodex(tools=[look_up], on_approval=accept) as codex:
        threads = [
            await codex.thread_start(cwd=CWD, sandbox=Sandbox.read_only, extra=ASKING)
            for _ in range(3)
        ]
        results = await asyncio.gather(*(thread.run("busy") for thread in threads))
        assert [result.final_response for result in results] == ["done"] * 3
        slow = asyncio.create_task(threads[0].run("slow"))
        await asyncio.sleep(0.5)
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)


def main() -> None:
    blocking()
    asyncio.run(waiting())
    gc.collect()
    print("scenario: done", flush=True)


if __name__ == "__main__":
    main()
