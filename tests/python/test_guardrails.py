"""Guardrails and typed answers of turns that codexkit starts by itself: in streams, runs, maps and tools of threads."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from codexkit import (
    AsyncCodex,
    Codex,
    GuardrailError,
    InvalidArgumentError,
    InvalidOutputError,
    MapItem,
    Rejection,
    TurnResult,
    VerdictCheck,
    reject,
)
from conftest import always, command, reply, rule


def no_secrets(given: Any) -> Rejection | None:
    return reject("no secrets") if "secret" in str(given) else None


def louder(given: Any) -> str:
    return f"{given}!"


def polite(result: TurnResult) -> str:
    return f"{result.final_response} Thank you."


def short(result: TurnResult) -> Rejection | None:
    return reject("too long") if len(result.final_response or "") > 20 else None


async def no_secrets_async(given: Any) -> Rejection | None:
    await asyncio.sleep(0)
    return no_secrets(given)


async def polite_async(result: TurnResult) -> str:
    await asyncio.sleep(0)
    return polite(result)


def read(events: Any, into: list[Any]) -> None:
    for event in events:
        into.append(event)


def names(events: list[Any]) -> list[str]:
    return [event["type"] for event in events]


def test_a_stream_is_checked_at_both_ends(scripted: Any) -> None:
    model, config = scripted(always("a rather long answer, is it not"))
    with Codex(config) as codex:
        thread = codex.thread_start()
        events = list(
            thread.run_streamed("go", input_guardrails=[louder], output_guardrails=[polite])
        )
        assert names(events)[-1] == "turn.completed"
        assert model.requests[-1]["prompt"] == "go!"
        seen: list[Any] = []
        with pytest.raises(GuardrailError, match="too long") as raised:
            read(thread.run_streamed("go", output_guardrails=[short]), seen)
        assert raised.value.stage == "output"
        assert names(seen)[-1] == "turn.completed"
        before = len(model.requests)
        with pytest.raises(GuardrailError, match="no secrets"):
            list(thread.run_streamed("my secret", input_guardrails=[no_secrets]))
        assert len(model.requests) == before
        with pytest.raises(InvalidArgumentError, match="input_guardrails"):
            thread.run_streamed("go", input_guardrails=[3])  # type: ignore[list-item]


async def test_a_stream_is_checked_at_both_ends_async(scripted: Any) -> None:
    model, config = scripted(always("fine"))
    async with AsyncCodex(config) as codex:
        thread = await codex.thread_start()
        streamed = thread.run_streamed("go", output_guardrails=[polite_async])
        assert names([event async for event in streamed])[-1] == "turn.completed"
        streamed = thread.run_streamed("my secret", input_guardrails=[no_secrets_async])
        with pytest.raises(GuardrailError, match="no secrets"):
            async for _ in streamed:
                pass
        assert len(model.requests) == 1


def test_each_turn_of_a_run_is_checked(scripted: Any) -> None:
    model, config = scripted(always("fine"))
    with Codex(config) as codex:
        thread = codex.thread_start()
        seen: list[Any] = []

        def until(result: TurnResult | None) -> bool:
            seen.append(result and result.final_response)
            return len(seen) == 2

        turn = {"input_guardrails": [louder], "output_guardrails": [polite]}
        result = thread.auto_run("go", until=until, next_prompt="more", turn=turn)
        assert (result.stop_reason, result.final_response) == ("done", "fine Thank you.")
        assert seen == ["fine Thank you."] * 2
        assert [request["prompt"] for request in model.requests] == ["go!", "more!"]

        def later(given: Any) -> Rejection | None:
            return reject("not twice") if given == "more" else None

        with pytest.raises(GuardrailError, match="not twice") as raised:
            thread.auto_run("go", next_prompt="more", turn={"input_guardrails": [later]})
        assert (raised.value.stage, raised.value.guardrail) == ("input", "later")
        assert thread.run("go").final_response == "fine"

        def broken(result: TurnResult) -> None:
            raise ValueError("why")

        run = thread.auto_run_streamed("go", turn={"output_guardrails": [broken]})
        events: list[Any] = []
        with pytest.raises(GuardrailError) as failed:
            read(run, events)
        assert isinstance(failed.value.__cause__, ValueError)
        assert failed.value.result is not None
        assert "turn/completed" in [event.method for event in events]
        with pytest.raises(InvalidArgumentError, match="VerdictCheck"):
            thread.auto_run("go", until=VerdictCheck(), turn={"output_type": int})


async def test_each_turn_of_a_run_is_checked_async(scripted: Any) -> None:
    _, config = scripted(always("fine"))
    async with AsyncCodex(config) as codex:
        thread = await codex.thread_start()
        turn = {"output_guardrails": [polite_async]}
        result = await thread.auto_run("go", max_turns=1, turn=turn)
        assert result.final_response == "fine Thank you."
        turn = {"input_guardrails": [no_secrets_async]}
        with pytest.raises(GuardrailError, match="no secrets"):
            await thread.auto_run("secret", turn=turn)
        # A guardrail that never answers does not keep the run.
        entered = asyncio.Event()

        async def never(given: Any) -> None:
            entered.set()
            await asyncio.Event().wait()

        run = thread.auto_run_streamed("go", turn={"input_guardrails": [never]})
        await asyncio.wait_for(entered.wait(), 20)
        run.interrupt()
        assert (await asyncio.wait_for(run.result(), 20)).stop_reason == "interrupted"


def test_items_of_a_map_fail_by_their_guardrails(scripted: Any) -> None:
    _, config = scripted(always("fine"))
    with Codex(config) as codex:
        turn = {"input_guardrails": [no_secrets], "output_guardrails": [polite]}
        good, bad, last = codex.map(["go", "secret", "on"], turn=turn).collect()
        assert (good.final_response, last.final_response) == ("fine Thank you.",) * 2
        assert bad.status == "failed"
        assert isinstance(bad.error, GuardrailError)
        assert bad.error.reason == "no secrets"


@pytest.mark.parametrize("is_async", [False, True])
def test_items_of_a_map_have_typed_answers(scripted: Any, is_async: bool, tmp_path: Any) -> None:
    _, config = scripted(
        {"rules": [rule("odd", reply("three"), repeat="last"), rule("go", reply('{"n": 1}'))]}
    )
    options: dict[str, Any] = {"output_type": dict[str, int], "journal": tmp_path / "run.jsonl"}
    items = ["go", MapItem("odd")]

    async def collected() -> Any:
        async with AsyncCodex(config) as codex:
            return await (await codex.map(items, **options)).collect()

    def mapped() -> Any:
        if is_async:
            return asyncio.run(collected())
        with Codex(config) as codex:
            return codex.map(items, **options).collect()

    good, bad = mapped()
    assert (good.status, good.parsed) == ("ok", {"n": 1})
    assert (bad.status, bad.parsed) == ("failed", None)
    assert isinstance(bad.error, InvalidOutputError)
    again, _ = mapped()
    assert (again.from_journal, again.parsed) == (True, {"n": 1})
    with Codex(config) as codex, pytest.raises(InvalidArgumentError, match="map"):
        codex.map(items, turn={"output_type": int})


def test_a_thread_as_a_tool_is_checked(scripted: Any) -> None:
    asks = [{"call": {"name": "expert", "arguments": {"input": it}}} for it in ("hm", "secret")]
    model, config = scripted(
        {"rules": [rule("hm", reply("hm!")), rule("go", reply(*asks), reply("done"))]}
    )
    with Codex(config) as codex:
        guards: dict[str, Any] = {
            "input_guardrails": [no_secrets],
            "output_guardrails": [polite],
        }
        expert = codex.thread_start().as_tool("expert", "Knows a lot.", **guards)
        assert codex.thread_start(tools=[expert]).run("go").final_response == "done"
        items = model.requests[-1]["body"]["input"]
        read = [item["output"] for item in items if item["type"] == "function_call_output"]
        assert read[0] == "hm! Thank you."
        assert "no secrets" in read[1]
        with pytest.raises(GuardrailError, match="no secrets"):
            expert("secret")


ASKING = {"approval_policy": "on-request", "approvals_reviewer": "user"}


@pytest.mark.parametrize("at", ["thread", "turn"])
async def test_a_thread_and_a_turn_wait_as_long_as_they_say(scripted: Any, at: str) -> None:
    script = {
        "replies": [
            reply(command("touch x", sandbox_permissions="require_escalated", justification="x")),
            reply("it was declined"),
        ]
    }
    _, config = scripted(script)
    asked: list[Any] = []

    async def late(request: Any) -> str:
        asked.append(request)
        await asyncio.Event().wait()
        return "accept"

    own: dict[str, Any] = {"on_approval": late, "approval_timeout": 0.2}
    async with AsyncCodex(config) as codex:
        given = own if at == "thread" else {}
        thread = await codex.thread_start(config=ASKING, **given)
        given = own if at == "turn" else {}
        result = await asyncio.wait_for(thread.run("go", **given), 30)
        assert (result.final_response, len(asked)) == ("it was declined", 1)
        with pytest.raises(InvalidArgumentError, match="approval_timeout"):
            await thread.run("go", on_approval=late, approval_timeout=-1)


def test_guardrails_alone_leave_what_the_token_says(scripted: Any) -> None:
    model, config = scripted(always('{"n": 1}'))
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
        "additionalProperties": False,
    }
    with Codex(config) as codex:
        thread = codex.thread_start()
        first = thread.auto_run("go", max_turns=1, turn={"output_schema": schema})
        assert first.continuation is not None
        turn = {"input_guardrails": [louder]}
        codex.auto_resume(first.continuation, max_turns=2, turn=turn)
        assert model.requests[-1]["body"]["text"]["format"]["schema"] == schema
        assert model.requests[-1]["prompt"].endswith("!")
