"""A block that has a client and a thread, asynchronous."""

import asyncio

import codexkit  # noqa: F401 - blocks use it
from codexkit import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()  # noqa: F841 - blocks use it
        # the block


asyncio.run(main())
