"""What a type checker must understand of `codex.api`. Checked by pyright, never run."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from pathlib import Path
from typing import Any

from typing_extensions import assert_type

from codexkit import AsyncCodex, Codex, protocol, types


def sync(codex: Codex) -> None:
    assert_type(codex.api, protocol.Api)
    goal = codex.api.thread.goal.set(thread_id="t", objective="x", status="active").goal
    assert_type(goal.status, types.ThreadGoalStatus)
    codex.api.thread.goal.set(thread_id="t", status=types.ThreadGoalStatus.paused)
    codex.api.turn.start(thread_id="t", input=[{"type": "text", "text": "x"}], timeout=3)
    text = types.TextUserInput(type="text", text="x")
    codex.api.turn.start(thread_id="t", input=[text], extra={"brand_new": 1}, effort="brand-new")
    codex.api.account.login.start(type="apiKey", api_key="k")
    codex.api.thread.start(cwd=Path(), approval_policy="never")
    codex.api.thread.section.move(thread_id="t", section_id=None)
    assert_type(codex.api.command.exec(command=["ls"]).exit_code, int)
    codex.api.command.exec.terminate(process_id="p")
    codex.api.external_agent_config.import_.read_histories()

    codex.api.thread.goal.set()  # pyright: ignore[reportCallIssue]
    codex.api.thread.goal.set(threadid="t")  # pyright: ignore[reportCallIssue]
    codex.api.thread.list(sort_direction="up")  # pyright: ignore[reportArgumentType]
    codex.api.thread.list(limit="3")  # pyright: ignore[reportArgumentType]
    codex.api.account.login.start(type="apiKey")  # pyright: ignore[reportArgumentType, reportCallIssue]
    codex.api.thread.gaol()  # pyright: ignore[reportAttributeAccessIssue]
    codex.api.thread.section.move(thread_id="t")  # pyright: ignore[reportCallIssue]


async def asynchronous(codex: AsyncCodex) -> None:
    assert_type(codex.api, protocol.AsyncApi)
    answer = await codex.api.thread.loaded.list(limit=3)
    assert_type(answer, types.ThreadLoadedListResponse)
    assert_type(answer.data, list[str])


def decide(method: str, params: dict[str, Any]) -> Any:
    if method == "item/tool/call":
        call = protocol.request_params(method, params)
        assert_type(call, types.DynamicToolCallParams)
        return protocol.request_answer(method, {"contentItems": [], "success": True})
    known: protocol.ServerRequestMethod = "currentTime/read"
    assert_type(protocol.request_params("brand/new", params), Any)
    return {"method": known}
