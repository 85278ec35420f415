"""A block that has a client and a thread, asynchronous."""

import asyncio

import codexkit
from codexkit import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        # the block


asyncio.run(main())
