"""Changes a running turn: steers one, interrupts another."""

import asyncio

from codexkit import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()

        turn = await thread.turn("Count to twenty, slowly.")
        async for event in turn.stream():
            if event.method == "item/agentMessage/delta":
                await turn.steer("Stop there and sum up.")
                break
        result = await turn.run()
        print("Steered:", result.status.value)
        print("Answer:", result.final_response)

        turn = await thread.turn("Count to a hundred, slowly.")
        text = ""
        async for event in turn.stream():
            if event.method == "item/agentMessage/delta":
                text += event.payload.delta
                await turn.interrupt()
        print("Interrupted:", (await turn.run()).status.value)
        print("Until then:", text.startswith("word 0"))


asyncio.run(main())
