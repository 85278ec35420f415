"""The same program as sync.py, line by line: both clients have the same names."""

import asyncio

from codexkit import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        turn = await thread.turn("Say hello in one sentence.")
        methods = [event.method async for event in turn.stream()]
        result = await turn.run()
        print("First and last event:", methods[0], methods[-1])
        print("Answer:", result.final_response)


asyncio.run(main())
