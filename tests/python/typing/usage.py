"""What a type checker must understand of the public API. Checked by pyright, never run."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import Any, TypedDict

from typing_extensions import assert_type

from codexkit import (
    AsyncCodex,
    AsyncThread,
    AutoRunToolCall,
    AutoRunToolResult,
    Codex,
    CodexConfig,
    Event,
    ExternalMessage,
    InvalidOutputError,
    Notification,
    Thread,
    TurnHandle,
    TurnResult,
    retry_on_overload,
    types,
)
from codexkit.api import Thread as SameThread
from codexkit.approvals import ApprovalRequest, Decision, deny_all
from codexkit.async_client import AsyncCodexClient
from codexkit.client import CodexClient
from codexkit.generated.notification_registry import NOTIFICATION_MODELS
from codexkit.generated.v2_all import ThreadStartParams, TurnStartRequest
from codexkit.models import InitializeResponse


def sync() -> None:
    with Codex() as codex:
        assert_type(codex, Codex)
        thread = codex.thread_start(cwd=".")
        assert_type(thread, Thread)
        assert_type(Thread(codex, thread.id), Thread)
        assert_type(thread.id, str)
        result = thread.run("hello")
        assert_type(result, TurnResult[None])
        either: TurnResult = result
        assert_type(either.parsed, Any)
        assert_type(result.final_response, str | None)
        thread.run(ExternalMessage("inbox", "hello"), effort=types.ReasoningEffort.high)
        for event in thread.turn("hello").stream():
            assert_type(event, Event)
            if isinstance(event.payload, types.AgentMessageDeltaNotification):
                assert_type(event.payload.delta, str)
            match event:
                case Notification(payload=types.TurnCompletedNotification(turn=turn)):
                    assert_type(turn, types.Turn)
                case _:
                    pass


class Report(TypedDict):
    summary: str


def decide(request: ApprovalRequest) -> Decision | None:
    return Decision.decline(request.reason)


async def decide_later(request: ApprovalRequest) -> str:
    return request.available_decisions[0]


def typed() -> None:
    with Codex() as codex:
        thread = codex.thread_start()
        result = thread.run("hello", output_type=Report, output_repairs=1)
        assert_type(result, TurnResult[Report])
        assert_type(result.parsed["summary"], str)
        assert_type(result.attempts, list[TurnResult])
        assert_type(thread.run("hello", output_type=list[int]).parsed, list[int])
        assert_type(thread.run("hello", output_type={"type": "object"}).parsed, Any)
        turn = thread.turn("hello", output_type=Report)
        assert_type(turn, TurnHandle[Report])
        assert_type(turn.run().parsed, Report)
        for value in turn.partial_outputs():
            assert_type(value, Any)
        assert_type(thread.turn("hello").run().parsed, None)
        answered = thread.run("hello", on_approval=deny_all(), output_type=Report)
        assert_type(answered.parsed, Report)
        assert_type(thread.run("hello", on_approval=[decide, deny_all()]).parsed, None)
        assert_type(
            thread.turn("hello", on_approval=decide, output_type=Report).run().parsed, Report
        )
        try:
            thread.run("hello", output_type=int | None)
        except InvalidOutputError as error:
            assert_type(error.path, str)
            assert_type(error.result, TurnResult | None)


async def typed_async() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        assert_type((await thread.run("hello", output_type=Report)).parsed, Report)
        turn = await thread.turn("hello", on_approval=decide_later, output_type=Report)
        assert_type((await turn.run()).parsed, Report)
        answered = await thread.run("hello", on_approval=decide_later)
        assert_type(answered.parsed, None)
        async for value in turn.partial_outputs():
            assert_type(value, Any)


def hooked(call: AutoRunToolCall, result: AutoRunToolResult) -> dict[str, Any] | None:
    assert_type(call.arguments, dict[str, Any])
    assert_type(result.text, str)
    return {"result": result.text.upper()}


async def reviewed(request: ApprovalRequest, decision: Decision) -> Decision | str | None:
    return decision if request.kind == "command" else "decline"


def hooks(thread: Thread) -> None:
    thread.auto_run("hello", before_approval=decide, after_tool=hooked)
    thread.auto_run_streamed("hello", after_approval=reviewed)
    thread.auto_run("hello", before_tool=lambda call: {"arguments": {**call.arguments, "a": 1}})
    thread.auto_run("hello", before_tool=hooked)  # pyright: ignore[reportArgumentType]


async def asynchronous() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start(cwd=".")
        assert_type(thread, AsyncThread)
        assert_type(await thread.run("hello"), TurnResult[None])
        turn = await thread.turn("hello")
        async for event in turn.stream():
            assert_type(event, Event)
        handle = await codex.login_chatgpt()
        assert_type(await handle.wait(timeout=1), types.AccountLoginCompletedNotification)
        assert_type(await retry_on_overload(codex.models), types.ModelListResponse)


def low_level(codex: Codex) -> None:
    def accept(method: str, params: dict[str, Any]) -> dict[str, Any]:
        return {"decision": "accept", "method": method, "params": params}

    with CodexClient(CodexConfig(), approval_handler=accept) as client:
        assert_type(client.initialize(), InitializeResponse)
        thread = client.thread_start(ThreadStartParams(model="m")).thread
        assert_type(thread, types.Thread)
        for delta in client.stream_text(thread.id, "hello"):
            assert_type(delta, types.AgentMessageDeltaNotification)
        assert_type(
            client.request("model/list", {}, response_model=types.ModelListResponse),
            types.ModelListResponse,
        )
        goal, turn_id = client.start_goal_operation(thread.id, "objective")
        assert_type(turn_id, str)
        assert_type(client.next_goal_notification(goal), Event)
        assert_type(client.wait_for_turn_completed(turn_id), types.TurnCompletedNotification)
    assert_type(retry_on_overload(codex.models), types.ModelListResponse)


async def low_level_asynchronous() -> None:
    async with AsyncCodexClient() as client:
        thread = (await client.thread_start()).thread
        async for delta in client.stream_text(thread.id, "hello"):
            assert_type(delta.delta, str)
        answer = await client.request("model/list", {}, response_model=types.ModelListResponse)
        assert_type(answer, types.ModelListResponse)


def payloads(request: TurnStartRequest, thread: SameThread) -> None:
    assert_type(thread, Thread)
    assert_type(request.params, types.TurnStartParams)
    turn = types.Turn.model_validate({"id": "t"})
    assert_type(turn, types.Turn)
    assert_type(turn.model_dump(by_alias=True, exclude_none=True, mode="json"), dict[str, Any])
    assert_type(turn.model_dump_json(indent=2), str)
    assert_type(turn.model_copy(update={"id": "u"}), types.Turn)
    turn.status = types.TurnStatus.failed
    assert_type(Notification("turn/started", {}).method, str)
    assert NOTIFICATION_MODELS


def wrong(codex: Codex) -> None:
    codex.thread_start(no_such_option=1)  # pyright: ignore[reportCallIssue]
    codex.thread_start().run(17)  # pyright: ignore[reportArgumentType]
    types.Turn(id="t", no_such_field=1)  # pyright: ignore[reportCallIssue]
