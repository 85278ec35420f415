"""Goes on with a conversation of before: only its id has to be kept."""

import asyncio

from codexkit import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        await thread.run("Tell me a fact about Saturn.")
        saved = thread.id
        print("Saved:", saved)

    # Another program, another day: the engine has the thread on disk.
    async with AsyncCodex() as codex:
        thread = await codex.thread_resume(saved)
        result = await thread.run("And one more.")
        print("Resumed:", thread.id == saved)
        print("Answer:", result.final_response)


asyncio.run(main())
