"""Several turns at once with asyncio; one is steered, one is interrupted."""

import asyncio

from openai_codex import AsyncCodex, AsyncThread
from openai_codex.types import ThreadReadResponse, TurnInterruptResponse, TurnSteerResponse
from setup import config


async def deltas(thread: AsyncThread, prompt: str) -> str:
    turn = await thread.turn(prompt)
    text = ""
    async for event in turn.stream():
        if event.method == "item/agentMessage/delta":
            text += event.payload.delta
    return text


async def first_delta(turn) -> None:
    stream = turn.stream()
    async for event in stream:
        if event.method == "item/agentMessage/delta":
            break
    await stream.aclose()


async def main() -> None:
    async with AsyncCodex(config()) as codex:
        threads = await asyncio.gather(*(codex.thread_start() for _ in range(3)))
        print(len({thread.id for thread in threads}))
        print(await asyncio.gather(*(deltas(thread, "Hello.") for thread in threads)))
        slow = await threads[0].turn("slow")
        await first_delta(slow)
        answer = await slow.steer("instead")
        print(isinstance(answer, TurnSteerResponse), answer.turn_id == slow.id)
        other = await threads[1].turn("slow")
        await first_delta(other)
        print(isinstance(await other.interrupt(), TurnInterruptResponse))
        read = await threads[2].read()
        print(isinstance(read, ThreadReadResponse), read.thread.id == threads[2].id)
        print((await codex.models()).data != [], codex.metadata.platformFamily)
        result = await threads[2].run("Hello again.")
        print(result.status.value, result.final_response)


asyncio.run(main())
