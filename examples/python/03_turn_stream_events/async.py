"""A turn while it happens: the text as it is written, what the agent does, what it costs."""

import asyncio

from codexkit import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        turn = await thread.turn("Which files are in this folder?")

        async for event in turn.stream():
            match event.method, event.payload:
                case "turn/started", _:
                    print("[turn started]")
                case "item/started", payload:
                    print(f"[{payload.item.type} started]")
                case "item/completed", payload:
                    print(f"\n[{payload.item.type} completed]")
                case "item/agentMessage/delta" | "item/reasoning/summaryTextDelta", payload:
                    print(payload.delta, end="", flush=True)
                case "thread/tokenUsage/updated", payload:
                    print(f"[{payload.token_usage.total.total_tokens} tokens]")
                case "turn/completed", payload:
                    print(f"[turn {payload.turn.status.value}]")


asyncio.run(main())
