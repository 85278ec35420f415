"""Reads K turns at once with the asyncio client, a task a turn; the same program for both SDKs.

With "lag" a further task sleeps a millisecond again and again and notes how much later it woke.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from time import monotonic_ns

from meter import DELTAS, Reading, config_for, report, settings, stamp


async def read_delta(stream: object, reading: Reading) -> None:
    """Reads each event's method, and the text of deltas."""
    events = aiter(stream)
    event = await anext(events)
    reading.first = stamp()
    count = 1
    chars = len(event.payload.delta) if event.method in DELTAS else 0
    async for event in events:
        count += 1
        if event.method in DELTAS:
            chars += len(event.payload.delta)
    reading.last = stamp()
    reading.events, reading.chars = count, chars


async def read_dict(stream: object, reading: Reading) -> None:
    """Reads each event's whole payload as a dict."""
    events = aiter(stream)
    event = await anext(events)
    reading.first = stamp()
    count = 1
    chars = len(event.params["delta"]) if event.method in DELTAS else 0
    async for event in events:
        count += 1
        params = event.params
        if event.method in DELTAS:
            chars += len(params["delta"])
    reading.last = stamp()
    reading.events, reading.chars = count, chars


async def read_late(stream: object, reading: Reading) -> None:
    """Takes the time at which each delta arrives; its text is the time at which it was sent."""
    late = reading.late
    reading.first = stamp()
    async for event in stream:
        if event.method == "item/agentMessage/delta":
            now = monotonic_ns()
            late.append(now - int(event.payload.delta))
    reading.last = stamp()
    reading.events = len(late)


READERS = {"delta": read_delta, "dict": read_dict, "late": read_late}


async def round_of_turns(threads: list, prompt: str, read: object) -> list[Reading]:
    """Starts a turn on every thread and reads all of them to their ends."""
    turns = [await thread.turn(prompt) for thread in threads]
    readings = [Reading() for _ in turns]
    await asyncio.gather(
        *(read(turn.stream(), reading) for turn, reading in zip(turns, readings, strict=True))
    )
    return readings


async def watch_lag(lags: list[float]) -> None:
    """Notes by how much a sleep of one millisecond is late."""
    while True:
        start = time.perf_counter()
        await asyncio.sleep(0.001)
        lags.append(time.perf_counter() - start - 0.001)


async def main() -> None:
    given = settings()
    sdk = importlib.import_module(given["module"])
    read = READERS[given["read"]]
    more = {}
    async with sdk.AsyncCodex(config_for(sdk, given)) as codex:
        threads = [await codex.thread_start() for _ in range(given["turns"])]
        await round_of_turns(threads, f"warm up events={given['warm']}", read)
        lags: list[float] = []
        watch = asyncio.create_task(watch_lag(lags)) if given["lag"] else None
        readings = await round_of_turns(threads, f"go events={given['events']}", read)
        if watch is not None:
            watch.cancel()
            lags.sort()
            more = {
                "lag_p50": lags[len(lags) // 2],
                "lag_p99": lags[int(len(lags) * 0.99)],
                "lag_max": lags[-1],
                "lag_samples": len(lags),
            }
        report(readings, **more)


if __name__ == "__main__":
    asyncio.run(main())
