"""Requests that the engine answers at once, one after the other, with the asyncio client of either SDK."""

from __future__ import annotations

import asyncio
import importlib
from time import perf_counter_ns

from meter import config_for, report_calls, settings, stamp


async def main() -> None:
    given = settings()
    sdk = importlib.import_module(given["module"])
    async with sdk.AsyncCodex(config_for(sdk, given)) as codex:
        if given["call"] == "request":

            def call() -> object:
                return codex.request("model/list", {})

        else:
            call = codex.models
        for _ in range(given["warm"]):
            await call()
        times = []
        start = stamp()
        for _ in range(given["calls"]):
            before = perf_counter_ns()
            await call()
            times.append(perf_counter_ns() - before)
        report_calls(times, start, stamp())


if __name__ == "__main__":
    asyncio.run(main())
