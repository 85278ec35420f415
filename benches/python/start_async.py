"""The first event of the first turn of a fresh process with the asyncio client; the same program for both SDKs."""

import time

BEGAN = time.time_ns()  # Before everything else: what comes first is the interpreter's.

import asyncio  # noqa: E402
import importlib  # noqa: E402

from meter import busy, report_start, settings  # noqa: E402


async def main() -> None:
    given = settings()
    steps = [BEGAN]
    sdk = importlib.import_module(given["module"])
    client, config = sdk.AsyncCodex, sdk.CodexConfig
    steps.append(time.time_ns())
    more = {"prewarm": True} if given["prewarm"] else {}
    codex = client(config(codex_bin=given["engine"], **more))
    # What a program has to do of its own before its first turn.
    busy(given["work_ms"])
    if not given["prewarm"]:
        await codex.__aenter__()
    steps.append(time.time_ns())
    thread = await codex.thread_start(cwd=given["cwd"])
    steps.append(time.time_ns())
    events = aiter((await thread.turn("go")).stream())
    steps.append(time.time_ns())
    await anext(events)
    steps.append(time.time_ns())
    report_start(steps)
    async for _ in events:
        pass
    await codex.close()


if __name__ == "__main__":
    asyncio.run(main())
