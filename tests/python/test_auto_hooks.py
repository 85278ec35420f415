"""The hooks of an auto-run around approvals and calls of tools, blocking and on an event loop, on the real engine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from codexkit import (
    AsyncCodex,
    AutoRunToolCall,
    AutoRunToolResult,
    Codex,
    InvalidArgumentError,
    ToolRegistry,
    tool,
)
from codexkit.approvals import ApprovalRequest, Decision
from conftest import command, reply

THREAD = {"approval_policy": "on-request", "approvals_reviewer": "user", "sandbox": "read-only"}


def asks(*commands: str) -> dict[str, Any]:
    """A script with a turn for each command, which has to be approved."""
    replies = []
    for cmd in commands:
        escalated = command(cmd, sandbox_permissions="require_escalated", justification="need it")
        replies += [reply(escalated), reply("done")]
    return {"replies": replies}


@pytest.fixture
def run(scripted: Any, project: Path) -> Any:
    """Runs one turn that asks for ``touch it.txt``; gives what the run came to."""

    def go(stream: bool = False, **hooks: Any) -> Any:
        _, options = scripted(asks("touch it.txt"))
        with Codex(options) as codex:
            thread = codex.thread_start(cwd=project, on_approval=lambda _: "accept", extra=THREAD)
            if not stream:
                return thread.auto_run("go", max_turns=1, **hooks)
            started = thread.auto_run_streamed("go", max_turns=1, **hooks)
            methods = [event.method for event in started]
            assert "codexkit/autoRun/asked" not in methods
            assert "codexkit/approval/decided" in methods
            return started.result()

    return go


@pytest.mark.parametrize("stream", [False, True])
def test_a_hook_looks_and_answers_in_place_of_others(run: Any, project: Path, stream: bool) -> None:
    seen: list[Any] = []

    def before(request: ApprovalRequest) -> None:
        seen.append(request.script)

    def after(request: ApprovalRequest, decision: Decision) -> Decision | None:
        seen.append((request.script, decision))
        return None

    result = run(stream, before_approval=before, after_approval=after)
    assert result.stop_reason == "max_turns"
    assert seen == ["touch it.txt", ("touch it.txt", Decision.accept())]
    assert (project / "it.txt").exists()


@pytest.mark.parametrize(
    "answer", ["decline", Decision.decline("not here"), {"decision": "decline"}]
)
def test_a_hook_declines_before_and_after(run: Any, project: Path, answer: Any) -> None:
    seen: list[Decision] = []

    def after(_request: ApprovalRequest, decision: Decision) -> None:
        seen.append(decision)

    run(before_approval=lambda _: answer, after_approval=after)
    assert [decision.decision for decision in seen] == ["decline"]
    run(after_approval=lambda _request, _decision: answer)
    assert not (project / "it.txt").exists()


@pytest.mark.parametrize("stream", [False, True])
def test_a_hook_stops_the_run(run: Any, project: Path, stream: bool) -> None:
    result = run(stream, before_approval=lambda _: {"stop": "too far"})
    assert (result.stop_reason, result.detail) == ("stopped_by_hook", "too far")
    assert result.continuation is not None
    assert not (project / "it.txt").exists()


@pytest.mark.parametrize("stream", [False, True])
def test_nonsense_and_what_is_raised_end_the_run(run: Any, project: Path, stream: bool) -> None:
    for answer in ("perhaps", {"stop": 3}, {"result": 1}, Decision.later()):
        with pytest.raises(InvalidArgumentError, match="before_approval"):
            run(stream, before_approval=lambda _, answer=answer: answer)

    def fail(_request: ApprovalRequest) -> None:
        raise KeyError("broken hook")

    with pytest.raises(KeyError, match="broken hook"):
        run(stream, before_approval=fail)
    assert not (project / "it.txt").exists()

    async def late(_request: ApprovalRequest) -> None: ...

    with pytest.raises(InvalidArgumentError, match="before_approval"):
        run(stream, before_approval=late)
    with pytest.raises(InvalidArgumentError, match="after_tool"):
        run(stream, after_tool="yes")


def test_hooks_of_another_run_are_not_asked(scripted: Any, project: Path) -> None:
    _, options = scripted(asks("touch one.txt", "touch two.txt"))
    with Codex(options) as codex:
        thread = codex.thread_start(cwd=project, on_approval=lambda _: "accept", extra=THREAD)
        thread.auto_run("go", max_turns=1, before_approval=lambda _: "decline")
        assert not (project / "one.txt").exists()
        thread.auto_run("go", max_turns=1)
        assert (project / "two.txt").exists()


def test_a_resumed_run_and_coroutines(scripted: Any, project: Path) -> None:
    seen: list[Any] = []

    async def before(request: ApprovalRequest) -> str:
        await asyncio.sleep(0)
        seen.append(request.script)
        return "decline"

    async def after(_request: ApprovalRequest, decision: Decision) -> Decision | None:
        seen.append(decision.decision)
        return Decision.accept() if len(seen) > 2 else None

    async def main() -> None:
        _, options = scripted(asks("touch one.txt", "touch two.txt", "touch three.txt"))
        async with AsyncCodex(options) as codex:
            thread = await codex.thread_start(cwd=project, extra=THREAD)
            hooks: Any = {"before_approval": before, "after_approval": after}
            result = await thread.auto_run("go", max_turns=1, **hooks)
            assert result.continuation is not None
            result = await codex.auto_resume(
                result.continuation, thread=thread, max_turns=2, **hooks
            )
            assert result.continuation is not None
            run = await codex.auto_resume_streamed(
                result.continuation,
                thread=thread,
                max_turns=3,
                before_approval=lambda _: {"stop": "enough"},
            )
            async for _ in run:
                pass
            assert (await run.result()).stop_reason == "stopped_by_hook"

    asyncio.run(main())
    assert seen == ["touch one.txt", "decline", "touch two.txt", "decline"]
    assert not (project / "one.txt").exists()
    assert (project / "two.txt").exists()
    assert not (project / "three.txt").exists()


@tool
def shout(text: str) -> str:
    """Says it louder."""
    return text.upper()


@pytest.fixture
def shouted(scripted: Any, project: Path) -> Any:
    """Runs one turn that calls ``shout("hello")``; gives what the run came to, and what the model read."""

    def go(**hooks: Any) -> tuple[Any, str]:
        called = {"call": {"name": "shout", "arguments": {"text": "hello"}}}
        model, options = scripted({"replies": [reply(called), reply("done")]})
        with Codex(options) as codex:
            thread = codex.thread_start(cwd=project, tools=[shout])
            result = thread.auto_run("go", max_turns=1, **hooks)
        items = model.requests[-1]["body"]["input"]
        (read,) = [item["output"] for item in items if item["type"] == "function_call_output"]
        return result, read

    return go


def test_hooks_of_tools_get_calls_and_results_and_change_them(shouted: Any) -> None:
    seen: list[Any] = []

    def before(call: AutoRunToolCall) -> dict[str, Any]:
        seen.append(call)
        return {"arguments": {"text": "changed"}}

    def after(call: AutoRunToolCall, result: AutoRunToolResult) -> dict[str, Any]:
        seen.extend([call, result])
        return {"result": AutoRunToolResult("", [{"type": "text", "text": "other"}], True)}

    result, read = shouted(before_tool=before, after_tool=after)
    assert (result.stop_reason, read) == ("max_turns", "other")
    asked, called, told = seen
    assert (asked.tool, asked.namespace, asked.arguments) == ("shout", None, {"text": "hello"})
    assert all([asked.call_id, asked.thread_id, asked.turn_id])
    assert called.arguments == {"text": "changed"}
    assert told == AutoRunToolResult("CHANGED", [{"type": "text", "text": "CHANGED"}], False)


def test_a_hook_answers_in_place_of_a_tool_or_stops(shouted: Any) -> None:
    _, read = shouted(before_tool=lambda _: {"result": "skipped"})
    assert read == "skipped"
    with pytest.raises(ValueError, match="broken hook"):
        shouted(before_tool=_breaks)


def _breaks(_call: AutoRunToolCall) -> None:
    raise ValueError("broken hook")


def test_a_hook_of_tools_stops_the_run(scripted: Any, project: Path) -> None:
    called = {"call": {"name": "shout", "arguments": {"text": "hello"}}}

    async def main() -> Any:
        _, options = scripted({"replies": [reply(called), reply("done")]})
        async with AsyncCodex(options) as codex:
            registry = ToolRegistry([shout])
            thread = await codex.thread_start(cwd=project, tools=registry)

            async def stop(_call: AutoRunToolCall) -> dict[str, Any]:
                return {"stop": "loud enough"}

            result = await thread.auto_run("go", max_turns=1, before_tool=stop)
            return result, registry.metrics()["shout"].calls

    result, calls = asyncio.run(main())
    assert (result.stop_reason, result.detail) == ("stopped_by_hook", "loud enough")
    assert calls == 0
