"""Guardrails, and the sub-agents that the engine spawns, on the real engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codexkit import (
    AsyncThread,
    GuardrailError,
    InvalidArgumentError,
    Rejection,
    Thread,
    TurnResult,
    reject,
)
from codexkit.approvals import ApprovalRequest, Decision
from conftest import always, command

ESCALATED = command("touch made", sandbox_permissions="require_escalated", justification="need it")
SPAWN = {
    "model": "gpt-5",
    "rules": [
        {
            "when": {"prompt_contains": "child task"},
            "replies": [{"items": [ESCALATED]}, "child answer"],
        },
        {
            "when": {"user_contains": "parent"},
            "replies": [
                {
                    "items": [
                        {
                            "call": {
                                "name": "spawn_agent",
                                "namespace": "multi_agent_v1",
                                "arguments": {"message": "child task please"},
                            }
                        }
                    ]
                },
                {
                    "items": [
                        {
                            "call": {
                                "name": "wait_agent",
                                "namespace": "multi_agent_v1",
                                "arguments": {"targets": ["${aid}"], "timeout_ms": 60000},
                            }
                        }
                    ],
                    "capture": {"aid": 'agent_id\\\\*":\\s*\\\\*"([^"\\\\]+)'},
                },
                "spawned",
            ],
        },
    ],
}
ASKING = {"approvalPolicy": "on-request", "approvalsReviewer": "user", "sandbox": "workspace-write"}


def test_a_sub_agent_is_a_thread_with_a_parent(codex: Any, project: Path) -> None:
    client = codex(SPAWN)
    asked: list[ApprovalRequest] = []

    def decide(request: ApprovalRequest) -> Decision:
        asked.append(request)
        return Decision.accept()

    thread = client.thread_start(cwd=project, model="gpt-5", extra=ASKING, on_approval=decide)
    assert thread.children() == []
    events = thread.subscribe()
    assert thread.run("I am the parent").final_response == "spawned"
    (child,) = thread.children()
    assert (child.parent_thread_id, child.root_thread_id) == (thread.id, thread.id)
    assert (child.depth, child.status, child.prompt) == (1, "completed", "child task please")
    assert [agent.thread_id for agent in client.agents()] == [child.thread_id]
    assert [request.thread_id for request in asked] == [child.thread_id]
    assert (project / "made").exists()
    for event in events:
        if event.thread_id == child.thread_id and event.method == "turn/completed":
            break
    read = Thread(client, child.thread_id).read(include_turns=True)
    assert "child answer" in str(read)


async def test_a_sub_agent_asynchronously(async_codex: Any, project: Path) -> None:
    async with async_codex(SPAWN) as client:
        asked: list[ApprovalRequest] = []

        async def decide(request: ApprovalRequest) -> Decision:
            asked.append(request)
            return Decision.accept()

        thread = await client.thread_start(cwd=project, model="gpt-5", extra=ASKING)
        events = thread.subscribe()
        await thread.run("I am the parent", on_approval=decide)
        (child,) = thread.children()
        assert [agent.thread_id for agent in await client.agents()] == [child.thread_id]
        assert len(asked) == 1
        async for event in events:
            if event.thread_id == child.thread_id and event.method == "turn/completed":
                break
        assert isinstance(AsyncThread(client, child.thread_id), AsyncThread)


def test_input_is_replaced_or_rejected(scripted: Any) -> None:
    from codexkit import Codex

    model, config = scripted(always("fine"))
    with Codex(config) as client:
        thread = client.thread_start()
        tidy = [lambda given: f"tidied {given}", lambda given: None]
        assert thread.run("raw", input_guardrails=tidy).final_response == "fine"
        assert thread.turn("raw", input_guardrails=tidy).run().final_response == "fine"
        assert [request["prompt"] for request in model.requests] == ["tidied raw"] * 2

        def no(given: Any) -> Rejection:
            return reject("not that")

        def broken(given: Any) -> None:
            raise ValueError("a secret")

        def odd(given: Any) -> Any:
            return 3

        async def late(given: Any) -> None: ...

        for guardrail, reason in (
            (no, "not that"),
            (broken, "it raised ValueError"),
            (odd, "it returned int"),
            (lambda given: late(given), "it returned an awaitable"),
        ):
            for start in (thread.run, thread.turn):
                with pytest.raises(GuardrailError, match=reason) as raised:
                    start("raw", input_guardrails=[guardrail])
                error = raised.value
                assert (error.stage, error.guardrail) == ("input", guardrail.__name__)
                assert error.result is None
                assert "a secret" not in str(error)
        assert len(model.requests) == 2
        for bad in (no, [3], [late], [ValueError]):
            with pytest.raises(InvalidArgumentError) as refused:
                thread.run("raw", input_guardrails=bad)
            assert refused.value.argument == "input_guardrails"


def test_output_is_replaced_or_rejected(codex: Any) -> None:
    thread = codex(always('{"n": 1}')).thread_start()

    def mask(result: TurnResult) -> str:
        return str(result.final_response).replace("1", "*")

    asked: list[TurnResult] = []

    def no(result: TurnResult) -> Rejection:
        asked.append(result)
        return reject("no")

    assert thread.run("go", output_guardrails=[mask]).final_response == '{"n": *}'
    turn = thread.turn("go", output_guardrails=[mask, no])
    for _ in range(2):
        with pytest.raises(GuardrailError) as raised:
            turn.run()
        assert (raised.value.stage, raised.value.reason) == ("output", "no")
    assert [result.final_response for result in asked] == ['{"n": *}']
    assert raised.value.result == asked[0]
    for guardrail in (lambda result: 3, lambda result: 1 / 0):
        with pytest.raises(GuardrailError):
            thread.run("go", output_guardrails=[guardrail])
    typed = thread.run("go", output_type=dict[str, int], output_guardrails=[lambda result: None])
    assert typed.parsed == {"n": 1}
    with pytest.raises(GuardrailError, match="None or reject"):
        thread.run("go", output_type=dict[str, int], output_guardrails=[mask])


async def test_guardrails_asynchronously(async_codex: Any) -> None:
    async with async_codex(always("fine")) as client:
        thread = await client.thread_start()

        async def check(result: TurnResult) -> str:
            return f"{result.final_response} by me"

        async def no(given: Any) -> Rejection:
            return reject("no")

        result = await thread.run("go", output_guardrails=[check, lambda result: None])
        assert result.final_response == "fine by me"
        turn = await thread.turn("go", output_guardrails=[check])
        assert (await turn.run()).final_response == "fine by me"
        with pytest.raises(GuardrailError):
            await thread.run("go", input_guardrails=[no])
        with pytest.raises(GuardrailError):
            await thread.turn("go", input_guardrails=[no])


def test_a_rejection_says_why() -> None:
    with pytest.raises(InvalidArgumentError):
        reject(" ")
