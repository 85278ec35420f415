"""Gives a thread a goal; the engine starts turns by itself until it is reached."""

import asyncio

from codexkit import AsyncCodex, CodexConfig


async def main() -> None:
    # Goals are a feature that has to be switched on.
    async with AsyncCodex(CodexConfig(config={"features": {"goals": True}})) as codex:
        thread = await codex.thread_start()
        goal = "Improve the test coverage of this project."
        async for event in thread.pursue(goal, token_budget=200_000):
            if event.method == "turn/started":
                print("A turn begins.")
            elif event.method == "item/completed" and event.payload.item.type == "agentMessage":
                print("Codex:", event.payload.item.text)
            elif event.method == "thread/goal/updated":
                print("Goal:", event.payload.goal.status.value)


asyncio.run(main())
