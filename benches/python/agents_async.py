"""Many turns at once on one client, a task a turn: each calls a tool, asks for an approval and answers."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from meter import Agents, settings, stamp

from codexkit import AsyncCodex, AsyncThread, CodexConfig, Sandbox, tool
from codexkit.approvals import Decision
from codexkit.errors import TransportClosedError

if TYPE_CHECKING:
    from codexkit.approvals import ApprovalRequest


async def main() -> None:
    given = settings()
    agents = Agents(given["at_once"])
    gate = asyncio.Event()
    places = asyncio.Semaphore(given["at_once"])
    starts = asyncio.Semaphore(given["starting"])

    @tool
    async def look_up(key: str) -> str:
        """Looks a word up."""
        # No turn ends before all that are to be open at the same time have started.
        await gate.wait()
        agents.tools += 1
        return f"{key}: found"

    async def decide(_: ApprovalRequest) -> Decision:
        agents.approvals += 1
        return Decision.accept()

    async def work(thread: AsyncThread) -> None:
        async with places:
            async with starts:
                turn = await thread.turn("go")
            if agents.start():
                gate.set()
            read = 0
            async for _ in turn.stream():
                read += 1
            agents.end(read, (await turn.run()).final_response, f"done {thread.id}")

    async def drain(codex: AsyncCodex) -> None:
        with suppress(TransportClosedError):
            async for _ in codex.notifications():
                pass

    config = CodexConfig(codex_bin=given["engine"])
    async with AsyncCodex(config, tools=[look_up], on_approval=decide) as codex:
        draining = asyncio.create_task(drain(codex))
        opening = stamp()
        threads = [
            await codex.thread_start(
                cwd=given["cwd"],
                sandbox=Sandbox.read_only,
                extra={"approval_policy": "on-request", "approvals_reviewer": "user"},
            )
            for _ in range(given["turns"])
        ]
        start = stamp()
        await asyncio.gather(*map(work, threads))
        agents.report(start[0] - opening[0], start, stamp(), codex.stats())
        draining.cancel()


if __name__ == "__main__":
    asyncio.run(main())
