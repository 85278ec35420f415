"""``run_streamed``: the simple events. What each of them looks like is compared with the real ``codex exec`` in
the suite ``exec``; here is what the loop over them does."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from codexkit import InvalidArgumentError, TurnFailedError
from conftest import SLOW, always, command, reply

FAILS = {
    "replies": [
        reply(command("echo out")),
        {"status": 400, "body": {"error": {"message": "refused"}}},
    ]
}
SLOW_THEN_NEXT = {
    "rules": [
        {"when": {"prompt_contains": "go"}, "replies": [reply(SLOW)], "repeat": "last"},
        {"replies": [reply("next")], "repeat": "last"},
    ]
}


def kinds(events: list[Any]) -> list[str]:
    return [event["type"] for event in events]


def test_events_of_two_turns(codex: Any) -> None:
    script = {"replies": [reply(command("echo out")), reply("first"), reply("second")]}
    thread = codex(script).thread_start()
    events = list(thread.run_streamed("go"))
    items = ["item.started", "item.completed", "item.completed"]
    assert kinds(events) == ["thread.started", "turn.started", *items, "turn.completed"]
    assert events[0]["thread_id"] == thread.id
    assert events[3]["item"]["aggregated_output"] == "out\n"
    assert events[-1]["usage"] == events[-1]["thread_usage"]
    assert events[-1]["turn_id"] == events[1]["turn_id"]
    last = list(thread.run_streamed("again"))[-1]
    assert (last["usage"]["input_tokens"], last["thread_usage"]["input_tokens"]) == (10, 30)


def test_nothing_starts_before_the_first_event_and_mistakes_show_at_the_call(codex: Any) -> None:
    client = codex(always("never"))
    thread = client.thread_start()
    thread.run_streamed("go")
    assert client.stats()["turn_events"] == 0
    with pytest.raises(InvalidArgumentError):
        thread.run_streamed("go", effort=3)


def test_a_failed_turn_raises_after_its_last_event(codex: Any) -> None:
    seen: list[Any] = []
    events = codex(FAILS).thread_start().run_streamed("go")

    def read() -> None:
        for event in events:
            seen.append(event)

    with pytest.raises(TurnFailedError) as raised:
        read()
    assert kinds(seen)[-2:] == ["error", "turn.failed"]
    assert seen[-2]["will_retry"] is False
    assert "refused" in seen[-1]["error"]["message"]
    assert raised.value.result.items


def test_leaving_the_loop_interrupts_the_turn(codex: Any) -> None:
    client = codex(SLOW_THEN_NEXT)
    thread = client.thread_start()
    for event in thread.run_streamed("go"):
        if event["type"] == "turn.started":
            break
    assert thread.run("again").final_response == "next"
    statuses = [turn.status for turn in thread.read(include_turns=True).thread.turns]
    assert [str(getattr(status, "value", status)) for status in statuses] == [
        "interrupted",
        "completed",
    ]


async def test_the_asynchronous_loop(async_codex: Any) -> None:
    async with async_codex(SLOW_THEN_NEXT) as client:
        thread = await client.thread_start()
        events = [event async for event in thread.run_streamed("first")]
        assert kinds(events) == [
            "thread.started",
            "turn.started",
            "item.completed",
            "turn.completed",
        ]

        started = asyncio.Event()

        async def read() -> None:
            async for event in thread.run_streamed("go"):
                if event["type"] == "turn.started":
                    started.set()

        reading = asyncio.create_task(read())
        await started.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await client.close()

    async with async_codex(SLOW_THEN_NEXT) as client:
        thread = await client.thread_start()
        async with aclosing(thread.run_streamed("go")) as events:
            async for event in events:
                if event["type"] == "turn.started":
                    break
        assert (await thread.run("again")).final_response == "next"


async def test_the_asynchronous_loop_raises_for_a_failed_turn(async_codex: Any) -> None:
    async with async_codex(FAILS) as client:
        thread = await client.thread_start()
        with pytest.raises(TurnFailedError, match="refused"):
            _ = [event async for event in thread.run_streamed("go")]
