"""Warm turns on the real engine with the asyncio client; the same program for both SDKs."""

from __future__ import annotations

import asyncio
import importlib

from meter import report_turns, settings, stamp


async def main() -> None:
    given = settings()
    sdk = importlib.import_module(given["module"])
    times = []
    async with sdk.AsyncCodex(sdk.CodexConfig(codex_bin=given["engine"])) as codex:
        thread = await codex.thread_start(cwd=given["cwd"])
        for _ in range(given["warm_turns"] + given["measured_turns"]):
            start = stamp()
            events = aiter((await thread.turn("go")).stream())
            await anext(events)
            first = stamp()
            async for _ in events:
                pass
            times.append((start, first, stamp()))
    report_turns(times[given["warm_turns"] :])


if __name__ == "__main__":
    asyncio.run(main())
