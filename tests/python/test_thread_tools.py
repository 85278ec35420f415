"""Threads as tools of other threads, on the real engine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codexkit import AsyncCodex, Codex, InvalidArgumentError, ToolRegistry
from codexkit.approvals import Decision
from conftest import command, reply, rule


def asks(tool: str, *inputs: str) -> dict[str, Any]:
    """The model asks an agent, once for each input."""
    return reply(*({"call": {"name": tool, "arguments": {"input": input}}} for input in inputs))


def read(model: Any, prompt: str) -> list[str]:
    """What the model read of the calls of a prompt."""
    of_prompt = [request for request in model.requests if request["prompt"] == prompt]
    items = of_prompt[-1]["body"]["input"]
    return [item["output"] for item in items if item["type"] == "function_call_output"]


TWO = {
    "rules": [
        rule("question 1", reply("answer 1")),
        rule("question 2", reply("answer 2")),
        rule("question 3", reply("answer 3")),
        rule("go", asks("expert", "question 1", "question 2"), reply("done")),
    ]
}
ASKING = {"approval_policy": "on-request", "approvals_reviewer": "user"}
ESCALATED = {
    "rules": [
        rule(
            "touch it",
            reply(
                command(
                    "touch made.txt", sandbox_permissions="require_escalated", justification="x"
                )
            ),
            reply("touched"),
        ),
        rule("go", asks("expert", "touch it"), reply("done")),
    ]
}


def test_an_agent_asks_another_one(scripted: Any) -> None:
    model, config = scripted(TWO)
    with Codex(config) as codex:
        expert = codex.thread_start().as_tool("expert", "Knows a lot.")
        assert (expert.name, expert.description, expert.timeout) == ("expert", "Knows a lot.", None)
        assert list(expert.parameters["properties"]) == ["input"]
        thread = codex.thread_start(tools=ToolRegistry([expert]))
        assert thread.run("go").final_response == "done"
        assert read(model, "go") == ["answer 1", "answer 2"]
        assert expert("question 3") == "answer 3"


async def test_an_agent_asks_another_one_async(scripted: Any) -> None:
    model, config = scripted(TWO)
    async with AsyncCodex(config) as codex:
        expert = (await codex.thread_start()).as_tool("expert", "Knows a lot.", namespace=None)
        thread = await codex.thread_start(tools=[expert])
        assert (await thread.run("go")).final_response == "done"
        assert read(model, "go") == ["answer 1", "answer 2"]
        assert await expert("question 3") == "answer 3"


def test_the_threads_own_handler_decides_in_its_calls(scripted: Any, tmp_path: Path) -> None:
    seen: list[Any] = []

    def decide(request: Any) -> Decision | str:
        seen.append(request.thread_id)
        return "accept"

    _, config = scripted(ESCALATED)
    own: dict[str, Any] = {"cwd": str(tmp_path), "config": ASKING}
    with Codex(config) as codex:
        asked = codex.thread_start(**own, on_approval=decide)
        name = asked.id
        expert = asked.as_tool("expert", "Touches files.")
        del asked  # the tool keeps what the thread has of its own
        assert codex.thread_start(**own, tools=[expert]).run("go").final_response == "done"
    assert seen == [name]
    assert (tmp_path / "made.txt").exists()


async def test_an_async_threads_own_handler_decides(scripted: Any, tmp_path: Path) -> None:
    async def decide(request: Any) -> Decision | str:
        await asyncio.sleep(0)
        return "accept"

    _, config = scripted(ESCALATED)
    own: dict[str, Any] = {"cwd": str(tmp_path), "config": ASKING}
    async with AsyncCodex(config) as codex:
        asked = await codex.thread_start(**own, on_approval=decide)
        thread = await codex.thread_start(**own, tools=[asked.as_tool("expert", "Touches files.")])
        assert (await thread.run("go")).final_response == "done"
    assert (tmp_path / "made.txt").exists()


def test_a_circle_of_two_clients_is_refused(scripted: Any) -> None:
    script = {
        "rules": [
            rule("to b", asks("ask_a", "back to a"), reply("b is done")),
            rule("go", asks("ask_b", "to b"), reply("a is done")),
        ]
    }
    (model_a, config_a), (model_b, config_b) = scripted(script), scripted(script)
    with Codex(config_a) as first, Codex(config_b) as second:
        known = ToolRegistry([first.thread_start().as_tool("ask_a", "Asks A.")])
        b = second.thread_start(tools=known)
        a = first.thread_start(tools=[b.as_tool("ask_b", "Asks B.")])
        known.replace(a.as_tool("ask_a", "Asks A."))
        assert a.run("go").final_response == "a is done"
        assert read(model_a, "go") == ["b is done"]
        (refusal,) = read(model_b, "to b")
        assert "waits for you" in refusal


def test_an_interrupted_caller_interrupts_its_call(scripted: Any) -> None:
    script = {"rules": [rule("wait", {"hang": True}), rule("go", asks("expert", "wait"))]}
    model, config = scripted(script)
    with Codex(config) as codex:
        expert = codex.thread_start().as_tool("expert", "Knows a lot.")
        turn = codex.thread_start(tools=[expert]).turn("go")
        eventually(lambda: any(it["prompt"] == "wait" for it in model.requests))
        turn.interrupt()
        asked = next(it for it in model.requests if it["prompt"] == "wait")
        eventually(lambda: model.requests[asked["n"] - 1]["outcome"] == "client_gone")


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until it holds."""
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("argument", "given"),
    [
        ("name", {"name": "no spaces"}),
        ("name", {"name": None}),
        ("description", {"description": " "}),
        ("description", {"description": 3}),
        ("namespace", {"namespace": "mcp__x"}),
        ("timeout", {"timeout": 0}),
    ],
)
def test_what_cannot_work_is_refused_at_once(
    scripted: Any, argument: str, given: dict[str, Any]
) -> None:
    _, config = scripted({"replies": []})
    with Codex(config) as codex:
        thread = codex.thread_start()
        with pytest.raises(InvalidArgumentError) as raised:
            thread.as_tool(**{"name": "expert", "description": "Knows a lot.", **given})
        assert raised.value.argument == argument
