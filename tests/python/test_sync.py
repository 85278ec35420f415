"""The synchronous client in front of the real engine."""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from codexkit import (
    ApprovalMode,
    ExternalMessage,
    InvalidRequestError,
    LocalImageInput,
    Notification,
    Sandbox,
    TextInput,
    TurnFailedError,
    types,
)
from conftest import SLOW, always, command, reply


def test_run_folds_the_turn(codex: Any) -> None:
    script = always({"reasoning": {"summary": ["thinking"]}}, "Hello there")
    result = codex(script).thread_start().run("Hi")
    assert result.final_response == "Hello there"
    assert result.status is types.TurnStatus.completed
    assert [item.type for item in result.items] == ["userMessage", "reasoning", "agentMessage"]
    assert isinstance(result.items[-1], types.AgentMessageThreadItem)
    assert isinstance(result.items[-1].root, types.ThreadItem)
    assert result.usage.last.total_tokens == result.usage.total.total_tokens > 0
    assert result.error is None
    assert result.duration_ms is not None
    assert result.completed_at >= result.started_at


def test_stream_gives_every_event_and_ends(codex: Any) -> None:
    turn = codex(always("Hello there friend")).thread_start().turn("Hi")
    events = list(turn.stream())
    methods = [event.method for event in events]
    assert methods[0] == "turn/started"
    assert methods[-1] == "turn/completed"
    deltas = [event.payload.delta for event in events if event.method == "item/agentMessage/delta"]
    assert "".join(deltas) == "Hello there friend"
    assert {event.turn_id for event in events} == {turn.id}
    match events[-1]:
        case Notification(
            method="turn/completed", payload=types.TurnCompletedNotification(turn=ended)
        ):
            assert ended.id == turn.id
        case other:
            pytest.fail(f"no match: {other}")
    assert turn.run().final_response == "Hello there friend"


def test_a_late_stream_replays_and_a_second_goes_on(codex: Any) -> None:
    turn = codex(always("one two three")).thread_start().turn("Hi")
    assert turn.run().final_response == "one two three"
    first = turn.stream()
    start = [next(first).method, next(first).method]
    rest = [event.method for event in turn.stream()]
    assert start == ["turn/started", "item/started"]
    assert rest[0] == "item/completed"
    assert rest[-1] == "turn/completed"
    assert list(turn.stream()) == []


def test_leaving_a_stream_early_leaves_the_turn_running(codex: Any) -> None:
    turn = codex(always("still here")).thread_start().turn("Hi")
    for event in turn.stream():
        if event.method == "turn/started":
            break
    assert turn.run().final_response == "still here"


def test_interrupt_ends_the_turn_and_may_be_repeated(codex: Any) -> None:
    turn = codex(always(SLOW)).thread_start().turn("Hi")
    for event in turn.stream():
        if event.method == "item/agentMessage/delta":
            break
    began = time.monotonic()
    assert isinstance(turn.interrupt(), types.TurnInterruptResponse)
    turn.interrupt()
    assert turn.run().status == "interrupted"
    turn.interrupt()
    assert time.monotonic() - began < 5


def test_steer_reaches_the_model(scripted: Any) -> None:
    from codexkit import Codex

    script = {
        "rules": [
            {"when": {"user_contains": "instead"}, "replies": [reply("steered")], "repeat": "last"},
            {"replies": [reply(SLOW)], "repeat": "last"},
        ]
    }
    _, config = scripted(script)
    with Codex(config) as client:
        turn = client.thread_start().turn("Hi")
        for event in turn.stream():
            if event.method == "item/agentMessage/delta":
                break
        answer = turn.steer([TextInput("do this instead")])
        assert answer.turn_id == turn.id
        assert turn.run().final_response == "steered"
        with pytest.raises(InvalidRequestError):
            turn.steer("too late")


def test_a_failed_turn_raises_with_what_there_was(codex: Any) -> None:
    script = {
        "replies": [
            reply({"message": "half", "phase": "commentary"}, command("true")),
            reply(status=400, body={"error": {"message": "no such luck"}}),
        ],
        "exhausted_status": 400,
    }
    thread = codex(script).thread_start(sandbox=Sandbox.read_only)
    turn = thread.turn("Hi")
    with pytest.raises(TurnFailedError, match="no such luck") as caught:
        turn.run()
    result = caught.value.result
    assert isinstance(caught.value, RuntimeError)
    assert result.status == "failed"
    assert any(item.type == "agentMessage" for item in result.items)
    assert caught.value.codex_error_info == result.error.codex_error_info
    assert [event.method for event in turn.stream()][-1] == "turn/completed"
    with pytest.raises(TurnFailedError):
        thread.run("again")


def test_threads_resume_fork_list_and_read(codex: Any, project: Path) -> None:
    client = codex(always("ok"))
    thread = client.thread_start(cwd=project, model="gpt-5.5")
    assert thread.start_response["cwd"] == str(project)
    thread.run("remember the fish")
    thread.set_name("fish")
    read = thread.read(include_turns=True).thread
    assert read.name == "fish"
    assert len(read.turns) == 1
    assert isinstance(read.turns[0].items[0], types.UserMessageThreadItem)

    resumed = client.thread_resume(thread.id, include_turns=False)
    assert resumed.id == thread.id
    forked = client.thread_fork(thread.id)
    assert forked.id != thread.id
    assert forked.run("go on").final_response == "ok"

    listed = client.thread_list(cwd=str(project), limit=10)
    assert thread.id in [entry.id for entry in listed.data]
    client.thread_archive(thread.id)
    assert thread.id not in [entry.id for entry in client.thread_list().data]
    assert client.thread_unarchive(thread.id).id == thread.id
    assert client.thread_resume(thread.id).run("again").final_response == "ok"


def test_compact_runs(codex: Any) -> None:
    client = codex(always("ok"))
    thread = client.thread_start()
    thread.run("Hi")
    thread.compact()
    for event in client.notifications():
        if event.method == "turn/completed":
            assert event.payload.turn.status == "completed"
            break


def test_turns_run_beside_each_other(codex: Any) -> None:
    script = {
        "rules": [
            {
                "replies": [reply({"message": "one two three four", "delay_ms": 50})],
                "repeat": "last",
            }
        ]
    }
    client = codex(script)
    results: list[str] = []

    def work() -> None:
        results.append(client.thread_start(ephemeral=True).run("Hi").final_response)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == ["one two three four"] * 8


def test_inputs_arrive_at_the_model(scripted: Any, project: Path) -> None:
    from codexkit import Codex, ImageInput

    image = project / "dot.png"
    image.write_bytes(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c"
            "63f8cfc0f01f00050001ff89993d1d0000000049454e44ae426082"
        )
    )
    model, config = scripted(always("ok"))
    with Codex(config) as client:
        thread = client.thread_start()
        thread.run(
            [
                "look",
                TextInput("here"),
                LocalImageInput(image),
                ImageInput("data:image/png;base64," + b64encode(image.read_bytes()).decode()),
            ]
        )
        content = model.requests[0]["body"]["input"][-1]["content"]
        assert [part["text"] for part in content if part.get("text") in ("look", "here")] == [
            "look",
            "here",
        ]
        assert sum(part["type"] == "input_image" for part in content) == 2
        thread.run(ExternalMessage("weather", "sunny", namespace="home"))
        assert "sunny" in str(model.requests[1]["body"]["input"])


def test_output_schema_and_turn_settings_are_sent(scripted: Any) -> None:
    from codexkit import Codex

    model, config = scripted(always('{"n": 1}'))
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
        "additionalProperties": False,
    }
    with Codex(config) as client:
        thread = client.thread_start(approval_mode=ApprovalMode.deny_all, sandbox=Sandbox.read_only)
        thread.run("Hi", output_schema=schema, effort=types.ReasoningEffort.low, summary="none")
    body = model.requests[0]["body"]
    assert body["text"]["format"]["schema"] == schema
    assert body["reasoning"]["effort"] == "low"


def escalation() -> dict[str, Any]:
    call = command("touch made", sandbox_permissions="require_escalated", justification="to test")
    return {"replies": [reply(call), reply("done")], "repeat": "last"}


ASK = {"approval_policy": "on-request", "approvals_reviewer": "user"}


def test_approvals_are_declined_without_a_handler(codex: Any, project: Path) -> None:
    client = codex(escalation())
    result = client.thread_start(cwd=project, extra=ASK).run("Hi")
    assert [item.status for item in result.items if item.type == "commandExecution"] == ["declined"]
    assert not (project / "made").exists()
    assert any(entry["kind"] == "declined" for entry in client.diagnostics())


def test_an_approval_handler_decides(codex: Any, project: Path) -> None:
    asked: list[tuple[str, Any]] = []

    def handler(method: str, params: dict[str, Any]) -> dict[str, Any]:
        asked.append((method, params["command"]))
        time.sleep(0.3)
        return {"decision": "accept"}

    client = codex(escalation(), approval_handler=handler)
    turn = client.thread_start(cwd=project, extra=ASK).turn("Hi")
    began = time.monotonic()
    client.models()
    assert time.monotonic() - began < 2
    turn.run()
    assert (project / "made").exists()
    assert asked[0][0] == "item/commandExecution/requestApproval"


@pytest.mark.parametrize("answer", [ValueError("no"), "accept", None, {"decision": object()}])
def test_a_bad_handler_declines(codex: Any, project: Path, answer: Any) -> None:
    def handler(_method: str, _params: dict[str, Any]) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = codex(escalation(), approval_handler=handler)
    result = client.thread_start(cwd=project, extra=ASK).run("Hi")
    assert result.final_response == "done"
    assert not (project / "made").exists()
    assert any("approval handler failed" in entry["message"] for entry in client.diagnostics())


def test_an_async_handler_works_with_the_synchronous_client(codex: Any, project: Path) -> None:
    async def handler(_method: str, _params: dict[str, Any]) -> dict[str, Any]:
        return {"decision": "accept"}

    codex(escalation(), approval_handler=handler).thread_start(cwd=project, extra=ASK).run("Hi")
    assert (project / "made").exists()


def test_a_handler_may_use_the_client(codex: Any, project: Path) -> None:
    def handler(_method: str, _params: dict[str, Any]) -> dict[str, Any]:
        return {"decision": "accept" if client.models().data is not None else "decline"}

    client = codex(escalation(), approval_handler=handler)
    client.thread_start(cwd=project, extra=ASK).run("Hi")
    assert (project / "made").exists()


def test_account_models_and_raw_requests(codex: Any, home: Path) -> None:
    client = codex(always("ok"))
    assert client.metadata.serverInfo.name
    assert client.metadata.user_agent == client.metadata.userAgent
    assert client.metadata.engine_version
    assert isinstance(client.models(), types.ModelListResponse)
    assert isinstance(client.account(), types.GetAccountResponse)
    client.login_api_key("sk-test")
    assert (home / "auth.json").exists()
    client.logout()
    assert not (home / "auth.json").exists()
    assert "config" in client.request("config/read", {"includeLayers": False})
    assert client.stats()["lines"] > 0
    assert client.pid is not None


def test_a_login_can_be_cancelled(codex: Any) -> None:
    handle = codex(always("ok")).login_chatgpt()
    assert handle.auth_url.startswith("http")
    assert handle.cancel().status == "canceled"
    assert handle.wait().success is False
    assert handle.wait().login_id == handle.login_id


def test_declared_capabilities_reach_the_engine(codex: Any) -> None:
    muted = "item/agentMessage/delta"
    client = codex(always("one two"), capabilities={"optOutNotificationMethods": [muted]})
    methods = [event.method for event in client.thread_start().turn("Hi").stream()]
    assert muted not in methods
    assert "item/completed" in methods
