"""Goals of a thread: the engine goes on by itself until one is reached or given up."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from codexkit import InvalidArgumentError, Sandbox, types
from conftest import command, reply

DONE = {"call": {"name": "update_goal", "arguments": {"status": "complete"}}}
REACHED = {"replies": [reply("first"), reply("on it"), reply(DONE), reply("reached")]}
LONG = {
    "rules": [
        {
            "when": {"user_contains": "long"},
            "replies": [reply(command("sleep 59"))],
            "repeat": "last",
        },
        {"replies": [reply("first")], "repeat": "last"},
    ]
}


def working(event: Any) -> bool:
    return event.method == "item/started" and event.payload.item.type == "commandExecution"


def test_a_goal_is_set_read_and_cleared(codex: Any, project: Path) -> None:
    thread = codex(REACHED).thread_start(cwd=project)
    thread.run("go")
    assert thread.goal() is None
    made = thread.set_goal("paint it", status=types.ThreadGoalStatus.paused, token_budget=5000)
    assert (made.objective, made.status.value, made.token_budget) == ("paint it", "paused", 5000)
    assert thread.set_goal("paint it twice").objective == "paint it twice"
    assert thread.goal().status is types.ThreadGoalStatus.paused
    assert thread.clear_goal() is True
    assert thread.clear_goal() is False
    for arguments, argument in (
        ({"objective": 3}, "objective"),
        ({"objective": " "}, "objective"),
        ({"objective": "x", "token_budget": -1}, "token_budget"),
    ):
        for call in (thread.set_goal, thread.pursue):
            with pytest.raises(InvalidArgumentError) as caught:
                call(**arguments)
            assert caught.value.argument == argument
    with pytest.raises(InvalidArgumentError, match="active, paused"):
        thread.set_goal("x", status="begun")


def test_a_goal_is_pursued_until_it_is_reached(codex: Any, project: Path) -> None:
    thread = codex(REACHED).thread_start(cwd=project)
    thread.run("go")
    thread.set_goal("an earlier one", status="paused")
    events = list(thread.pursue("paint it"))
    methods = [event.method for event in events]
    assert methods.count("turn/started") > 1
    assert methods[-1] == "turn/completed"
    last = [event for event in events if event.method == "thread/goal/updated"][-1]
    assert last.payload.goal.objective == "paint it"
    assert last.payload.goal.status is types.ThreadGoalStatus.complete
    assert thread.goal().status == "complete"


def test_a_goal_that_is_left_is_paused(codex: Any, project: Path) -> None:
    client = codex(LONG)
    thread = client.thread_start(cwd=project, sandbox=Sandbox.full_access)
    thread.run("go")
    pursued = thread.pursue("something long")
    turn_id = next(event for event in pursued if working(event)).turn_id
    low = client._client
    low.register_turn_notifications(turn_id)
    pursued.close()
    assert low.wait_for_turn_completed(turn_id, timeout=60).turn.status == "interrupted"
    assert thread.goal().status is types.ThreadGoalStatus.paused


async def test_goals_with_asyncio(async_codex: Any, project: Path) -> None:
    async with async_codex(REACHED) as client:
        thread = await client.thread_start(cwd=project)
        await thread.run("go")
        assert await thread.goal() is None
        assert (await thread.set_goal("x", status="paused")).objective == "x"
        assert await thread.clear_goal() is True
        methods = [event.method async for event in thread.pursue("paint it")]
        assert methods.count("turn/started") > 1
        assert methods[-1] == "turn/completed"
        assert (await thread.goal()).status == "complete"


async def test_a_cancelled_pursuit_is_paused(async_codex: Any, project: Path) -> None:
    async with async_codex(LONG) as client:
        thread = await client.thread_start(cwd=project, sandbox=Sandbox.full_access)
        await thread.run("go")
        begun = asyncio.Event()

        async def pursue() -> None:
            async for event in thread.pursue("something long"):
                if working(event):
                    begun.set()

        task = asyncio.create_task(pursue())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await thread.goal()).status is types.ThreadGoalStatus.paused
