"""A chat in the terminal. /exit or the end of the input ends it."""

import asyncio

from codexkit import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        print("Thread:", thread.id)

        while True:
            try:
                prompt = (await asyncio.to_thread(input, "you> ")).strip()
            except EOFError:
                break
            if prompt in ("/exit", "/quit"):
                break
            if not prompt:
                continue

            print("codex> ", end="", flush=True)
            turn = await thread.turn(prompt)
            async for event in turn.stream():
                if event.method == "item/agentMessage/delta":
                    print(event.payload.delta, end="", flush=True)
                elif event.method == "error":
                    print("\nerror>", event.payload.error.message)
                elif event.method == "turn/completed":
                    print("\nstatus>", event.payload.turn.status.value)
            usage = (await turn.run()).usage
            if usage:
                print("tokens>", usage.last.total_tokens, "of", usage.total.total_tokens)


asyncio.run(main())
