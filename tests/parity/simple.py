"""Plays cases with ``run_streamed`` of the Python package; every other one with ``AsyncCodex``.

A job a line on stdin, a transcript a line on stdout; see xtask/src/parity/exec.
"""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from typing import Any

from codexkit import (
    ApprovalMode,
    AsyncCodex,
    Codex,
    CodexConfig,
    LocalImageInput,
    Sandbox,
    TextInput,
    TurnFailedError,
)


def config(job: dict[str, Any]) -> CodexConfig:
    """The client's configuration."""
    return CodexConfig(
        codex_bin=job["codex_bin"], config=job["config"], cwd=job["cwd"], env=job["env"]
    )


def options(turn: dict[str, Any]) -> dict[str, Any]:
    """The thread's options."""
    kinds = {"approval_mode": ApprovalMode, "sandbox": Sandbox}
    given = turn["options"].items()
    return {name: kinds.get(name, lambda same: same)(value) for name, value in given}


def resumed(turn: dict[str, Any]) -> dict[str, Any]:
    """The same without what a stored thread has already."""
    return {name: value for name, value in options(turn).items() if name != "ephemeral"}


def arguments(turn: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The input and the turn's options."""
    inputs = [
        TextInput(part["text"]) if part["type"] == "text" else LocalImageInput(part["path"])
        for part in turn["input"]
    ]
    named = {name: turn[name] for name in ("output_schema", "effort") if turn[name] is not None}
    return inputs, named


def play(job: dict[str, Any]) -> list[Any]:
    """A case with the synchronous client."""
    steps, thread = [], None
    with Codex(config(job)) as codex:
        for turn in job["turns"]:
            if turn["thread"] == "new" or thread is None:
                thread = codex.thread_start(**options(turn))
            elif turn["thread"] == "resume":
                thread = codex.thread_resume(thread.id, **resumed(turn))
            events: list[Any] = []
            ended = "completed"
            inputs, named = arguments(turn)
            try:
                for event in thread.run_streamed(inputs, **named):
                    events.append(event)
            except TurnFailedError:
                ended = "failed"
            steps.append({"do": "turn", "ended": ended, "events": events})
    return steps


async def play_async(job: dict[str, Any]) -> list[Any]:
    """A case with the asynchronous client."""
    steps, thread = [], None
    async with AsyncCodex(config(job)) as codex:
        for turn in job["turns"]:
            if turn["thread"] == "new" or thread is None:
                thread = await codex.thread_start(**options(turn))
            elif turn["thread"] == "resume":
                thread = await codex.thread_resume(thread.id, **resumed(turn))
            events: list[Any] = []
            ended = "completed"
            inputs, named = arguments(turn)
            try:
                async for event in thread.run_streamed(inputs, **named):
                    events.append(event)
            except TurnFailedError:
                ended = "failed"
            steps.append({"do": "turn", "ended": ended, "events": events})
    return steps


def main() -> None:
    """Play jobs until stdin ends."""
    for number, line in enumerate(sys.stdin):
        job = json.loads(line)
        try:
            steps = asyncio.run(play_async(job)) if number % 2 else play(job)
            answer = {"steps": steps}
        except Exception:
            answer = {"crash": traceback.format_exc()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
