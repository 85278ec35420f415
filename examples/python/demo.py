"""One turn of the Codex engine, every event as it happens.

python examples/python/demo.py "What is in this folder?"
"""

import argparse
import asyncio
import contextlib

from codexkit import ApprovalMode, AsyncCodex, Event, Sandbox


def detail(event: Event) -> str:
    """The part of an event that one would tell a person."""
    payload = event.payload
    match event.method:
        case "turn/started" | "turn/completed":
            return payload.turn.status.value
        case "item/started" | "item/completed":
            return f"{payload.item.type} {getattr(payload.item, 'command', '')}"
        case "turn/diff/updated":
            return f"{len(payload.diff.splitlines())} lines of diff"
        case "thread/tokenUsage/updated":
            return f"{payload.token_usage.total.total_tokens} tokens"
        case _:
            delta = getattr(payload, "delta", None)
            return "" if delta is None else repr(delta)


async def main() -> None:
    arguments = argparse.ArgumentParser(description="Run one turn and print its events.")
    arguments.add_argument("prompt", nargs="?", default="Say hello.")
    arguments.add_argument("--cwd", default=".")
    arguments.add_argument("--sandbox", type=Sandbox, default=Sandbox.read_only)
    arguments.add_argument("--transcript", type=argparse.FileType("w", encoding="utf-8"))
    args = arguments.parse_args()

    async with AsyncCodex() as codex:
        thread = await codex.thread_start(
            cwd=args.cwd, sandbox=args.sandbox, approval_mode=ApprovalMode.deny_all
        )
        turn = await thread.turn(args.prompt)
        async for event in turn.stream():
            print(f"{event.method:<34} {detail(event)}")
            if args.transcript:
                args.transcript.write(event.raw + "\n")

        result = await turn.run()
        print(f"{result.status.value}: {result.final_response or ''}")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
