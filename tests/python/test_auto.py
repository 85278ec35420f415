"""Auto-run: turns until a check says that the task is done, on the real engine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from codexkit import (
    AutoRunStep,
    GoalCheck,
    InvalidArgumentError,
    RetryPolicy,
    Sandbox,
    ShellCheck,
    TokenPrices,
    TurnResult,
    VerdictCheck,
)
from conftest import always, command, reply

OVERLOADED = {"end": {"failed": {"code": "server_is_overloaded", "message": "later"}}}
QUICK = RetryPolicy(initial_delay_s=0.01, max_delay_s=0.02)
OWN = "codexkit/autoRun/"


def own(events: list[Any]) -> list[str]:
    """The run's own events but the tokens."""
    names = [event.method.removeprefix(OWN) for event in events if event.method.startswith(OWN)]
    return [name for name in names if name != "continuation"]


def test_a_command_is_the_judge(codex: Any, project: Path) -> None:
    client = codex({"replies": ["one", reply(command("touch done.txt")), "two"]})
    thread = client.thread_start(cwd=project, sandbox=Sandbox.full_access)
    result = thread.auto_run("make it", until=ShellCheck("test -e done.txt", timeout=30))
    assert (result.stop_reason, result.turns, result.continuation) == ("done", 2, None)
    assert result.final_response == "two"
    assert result.last.status == "completed"
    assert [turn.tokens.total_tokens for turn in result.history] == [15, 30]
    assert result.tokens.total_tokens == 45


def test_a_function_is_the_judge_and_writes_the_prompts(scripted: Any) -> None:
    from codexkit import Codex

    model, config = scripted(always("hm"))
    seen: list[TurnResult | None] = []

    def until(result: TurnResult | None) -> bool | str:
        seen.append(result)
        return (False, "more of it", True)[len(seen) - 1]

    with Codex(config) as client:
        result = client.thread_start().auto_run("go", until=until, next_prompt="Next.")
    assert (result.stop_reason, result.turns) == ("done", 3)
    assert [turn.final_response for turn in seen if turn] == ["hm"] * 3
    assert [request["prompt"] for request in model.requests] == ["go", "Next.", "more of it"]


def test_an_async_function_is_the_judge(async_codex: Any) -> None:
    async def main() -> None:
        async def until(result: TurnResult | None) -> bool:
            await asyncio.sleep(0)
            steps.append(result)
            return len(steps) == 2

        steps: list[Any] = []
        async with async_codex(always("hm")) as client:
            thread = await client.thread_start()
            result = await thread.auto_run("go", until=until, before_turn=lambda step: None)
            assert (result.stop_reason, result.turns) == ("done", 2)

            run = thread.auto_run_streamed("go", until=lambda result: "again", max_turns=2)
            events = [event async for event in run]
            assert own(events)[-1] == "completed"
            assert "asked" not in own(events)
            assert events[0].method == OWN + "continuation"
            assert (await run.result()).stop_reason == "max_turns"

    asyncio.run(main())


def test_cancelling_the_task_interrupts_the_run(async_codex: Any) -> None:
    async def main() -> None:
        async with async_codex(always(command("sleep 60"))) as client:
            thread = await client.thread_start(sandbox=Sandbox.full_access)
            run = thread.auto_run_streamed("go")
            async for event in run:
                if event.method == "item/started" and event.item_id.startswith("call"):
                    break
            task = asyncio.create_task(run.result())
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await run.result()).stop_reason == "interrupted"

    asyncio.run(main())


def test_limits_and_cost(codex: Any) -> None:
    client = codex(always("busy"))
    thread = client.thread_start()
    result = thread.auto_run("go", max_turns=2)
    assert (result.stop_reason, result.turns, result.cost) == ("max_turns", 2, None)
    more = client.auto_resume(result.continuation, thread=thread, max_turns=3)
    assert (more.stop_reason, more.turns, len(more.history)) == ("max_turns", 3, 1)
    thread = client.thread_start()
    prices = TokenPrices(input=1_000_000, cached_input=0, output=0)
    result = thread.auto_run("go", max_cost=15, prices=prices)
    assert (result.stop_reason, result.turns, result.cost) == ("max_cost", 2, 16)


def test_failures_are_tried_again_or_told(codex: Any) -> None:
    client = codex({"replies": [OVERLOADED, "at last", OVERLOADED]})
    thread = client.thread_start()
    run = thread.auto_run_streamed("go", max_turns=1, retry=QUICK)
    names = own(list(run))
    assert names == [
        *("turnStarted", "turnCompleted", "retrying", "turnStarted", "turnCompleted"),
        "completed",
    ]
    result = run.result()
    assert [(turn.turn, turn.attempt, turn.status) for turn in result.history] == [
        (1, 1, "failed"),
        (1, 2, "completed"),
    ]
    result = thread.auto_run("go", retry=RetryPolicy(attempts=0))
    assert (result.stop_reason, result.error["codexErrorInfo"]) == ("failed", "serverOverloaded")
    assert result.continuation is not None


def test_a_verdict_is_parsed_strictly(codex: Any) -> None:
    client = codex({"replies": ["done!", '{"done": true, "reason": "all pass"}']})
    result = client.thread_start().auto_run("go", until=VerdictCheck("all tests pass"))
    assert (result.stop_reason, result.turns) == ("done", 2)


def test_the_engines_goal(codex: Any) -> None:
    done = {"call": {"name": "update_goal", "arguments": {"status": "complete"}}}
    client = codex(
        {"replies": ["on it", reply(done), "reached"]}, config={"features": {"goals": True}}
    )
    result = client.thread_start().auto_run("paint it", until=GoalCheck())
    assert (result.stop_reason, result.turns, result.final_response) == ("done", 2, "reached")


def test_hooks_change_skip_and_stop(scripted: Any) -> None:
    from codexkit import Codex

    model, config = scripted(always("busy"))
    steps: list[AutoRunStep] = []

    def before(step: AutoRunStep) -> Any:
        steps.append(step)
        return (None, {"skip": True}, "changed")[step.turn - 1]

    def after(step: AutoRunStep) -> Any:
        steps.append(step)
        return {"stop": "enough"} if step.turn == 3 else None

    with Codex(config) as client:
        result = client.thread_start().auto_run("go", before_turn=before, after_turn=after)
    assert (result.stop_reason, result.detail) == ("stopped_by_hook", "enough")
    assert (result.turns, len(result.history)) == (3, 2)
    assert [request["prompt"] for request in model.requests] == ["go", "changed"]
    assert steps[0].prompt == "go"
    assert steps[0].continuation.startswith("ckc1.")
    assert steps[1].result.final_response == "busy"
    assert steps[1].tokens.total_tokens == 15


def test_a_run_is_steered_and_stopped(codex: Any) -> None:
    script = {
        "rules": [{"when": {"user_contains": "also this"}, "replies": ["both"], "repeat": "last"}],
        "replies": [reply(command("sleep 3"))],
    }
    thread = codex(script).thread_start(sandbox=Sandbox.full_access)
    with thread.auto_run_streamed("go") as run:
        for event in run:
            if event.method == "item/started" and event.item_id.startswith("call"):
                run.steer("also this")
                run.stop()
        result = run.result()
    assert (result.stop_reason, result.final_response) == ("stopped_by_caller", "both")
    with pytest.raises(InvalidArgumentError, match="the run has ended"):
        run.steer("too late")


def test_what_a_function_raises_ends_the_run(codex: Any) -> None:
    client = codex(always("hm"))

    def until(_result: Any) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        client.thread_start().auto_run("go", until=until)
    run = client.thread_start().auto_run_streamed("go", until=until)
    with pytest.raises(ZeroDivisionError):
        list(run)
    assert run.result().stop_reason == "interrupted"


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"max_turns": 0}, "max_turns"),
        ({"max_turns": True}, "max_turns"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": "soon"}, "timeout"),
        ({"max_cost": 1.0}, "prices"),
        ({"prices": {"input": 1}}, "prices"),
        ({"retry": 3}, "retry"),
        ({"retry": RetryPolicy(factor=0.5)}, "retry.factor"),
        ({"until": "pytest"}, "until"),
        ({"until": ShellCheck("")}, "until.command"),
        ({"until": ShellCheck("true", cwd="/no/such/place")}, "until.cwd"),
        ({"until": GoalCheck(), "before_turn": print}, "before_turn"),
        ({"until": VerdictCheck(), "turn": {"output_schema": {}}}, "output_schema"),
        ({"after_turn": 3}, "after_turn"),
        ({"turn": {"modle": "x"}}, "turn"),
        ({"next_prompt": ""}, "next_prompt"),
        ({"token_key": ""}, "token_key"),
        ({"until": asyncio.sleep}, "until"),
    ],
)
def test_bad_arguments_are_refused_at_the_call(
    codex: Any, options: dict[str, Any], argument: str
) -> None:
    thread = codex(always("hm")).thread_start()
    with pytest.raises(InvalidArgumentError) as caught:
        thread.auto_run("go", **options)
    assert caught.value.argument == argument


@pytest.mark.parametrize("nonsense", [None, 42, "", object(), ["done"], {"stop": "x"}])
def test_nonsense_of_a_function_is_refused(codex: Any, nonsense: Any) -> None:
    thread = codex(always("hm")).thread_start()
    with pytest.raises(InvalidArgumentError):
        thread.auto_run("go", until=lambda _: nonsense)


def test_tokens_are_checked(codex: Any) -> None:
    client = codex(always("hm"))
    token = client.thread_start().auto_run("go", max_turns=1, token_key="secret").continuation
    assert token.startswith("ckc1s.")
    for bad, options in [
        (token, {}),
        (token, {"token_key": "other"}),
        (token[:-2] + "AA", {"token_key": "secret"}),
        ("nonsense", {}),
    ]:
        with pytest.raises(InvalidArgumentError) as caught:
            client.auto_resume(bad, **options)
        assert caught.value.argument == "token"
    result = client.auto_resume(token, token_key="secret", max_turns=2)
    assert (result.stop_reason, result.turns) == ("max_turns", 2)
