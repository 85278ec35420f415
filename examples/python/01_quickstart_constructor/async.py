"""The first turn: start an engine, ask it something, print the answer."""

import asyncio

from codexkit import AsyncCodex, Sandbox


async def main() -> None:
    async with AsyncCodex() as codex:
        print("Engine:", codex.metadata.engine_version)

        thread = await codex.thread_start(sandbox=Sandbox.read_only)
        result = await thread.run("Say hello in one sentence.")
        print("Status:", result.status.value)
        print("Answer:", result.final_response)


asyncio.run(main())
