"""A thread's life: named, listed, read, archived, brought back, resumed, forked, compacted."""

import asyncio

from codexkit import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        await thread.run("Say something about planning.")
        await thread.run("Say it more simply.")

        await thread.set_name("planning")
        listed = await codex.thread_list(limit=20)
        print("Listed:", [stored.name for stored in listed.data])
        stored = (await thread.read(include_turns=True)).thread
        print("Turns:", len(stored.turns))

        await codex.thread_archive(thread.id)
        print("Archived:", len((await codex.thread_list(archived=True)).data))
        print("Active:", len((await codex.thread_list()).data))
        await codex.thread_unarchive(thread.id)

        resumed = await codex.thread_resume(thread.id)
        print("Resumed:", (await resumed.run("Go on.")).status.value)

        fork = await codex.thread_fork(thread.id)
        result = await fork.run("Take another view.")
        print("Forked:", result.status.value, fork.id != thread.id)

        await resumed.compact()
        async for event in codex.notifications():
            if event.method == "turn/completed":
                print("Compacted:", event.payload.turn.status.value)
                break


asyncio.run(main())
