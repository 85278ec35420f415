"""Everything that the result of a turn says."""

import asyncio

from codexkit import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        result = await thread.run("Which files are in this folder?")

        print("Thread:", result.thread_id)
        print("Turn:", result.id)
        print("Status:", result.status.value)
        print("Error:", result.error)
        print("Took:", result.duration_ms, "ms")
        for item in result.items:
            print("Item:", item.type)
        if result.usage:
            print("Tokens of the last response:", result.usage.last.total_tokens)
            print("Tokens of the thread:", result.usage.total.total_tokens)
        print("Answer:", result.final_response)


asyncio.run(main())
