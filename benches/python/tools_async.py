"""Warm turns with calls of a tool, one after the other, with the asyncio client."""

from __future__ import annotations

import asyncio

from meter import report_turns, settings, stamp

from codexkit import AsyncCodex, CodexConfig, tool


@tool
async def look_up(key: str) -> str:
    """Looks a word up.

    Args:
        key: The word.
    """
    return f"{key}: found"


async def main() -> None:
    given = settings()
    times = []
    async with AsyncCodex(CodexConfig(codex_bin=given["engine"])) as codex:
        thread = await codex.thread_start(cwd=given["cwd"], tools=[look_up])
        for _ in range(given["warm_turns"] + given["measured_turns"]):
            start = stamp()
            events = aiter((await thread.turn("go")).stream())
            await anext(events)
            first = stamp()
            async for _ in events:
                pass
            times.append((start, first, stamp()))
        calls = codex.stats()["server_requests"]
    report_turns(times[given["warm_turns"] :], calls=calls)


if __name__ == "__main__":
    asyncio.run(main())
