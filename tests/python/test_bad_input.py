"""Arguments that cannot be right: refused at the call, by name, before anything is sent."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

import codexkit
from codexkit import (
    AsyncCodex,
    Codex,
    CodexConfig,
    ExternalMessage,
    ImageInput,
    InvalidArgumentError,
    LocalImageInput,
    Sandbox,
    TextInput,
    Thread,
    types,
)
from codexkit.async_client import AsyncCodexClient
from codexkit.client import CodexClient
from conftest import always

# Method of a client, its arguments, the argument that is named, and what the message must say.
CLIENT = [
    ("thread_start", {"sandbox": "read-only"}, "sandbox", "Sandbox.read_only"),
    ("thread_start", {"approval_mode": "auto_review"}, "approval_mode", "ApprovalMode.deny_all"),
    ("thread_start", {"personality": "grumpy"}, "personality", "none, friendly, pragmatic"),
    ("thread_start", {"personality": 3}, "personality", "none, friendly, pragmatic"),
    ("thread_start", {"session_start_source": "later"}, "session_start_source", "startup, clear"),
    ("thread_start", {"thread_source": 3}, "thread_source", "user, subagent"),
    ("thread_start", {"model": 5}, "model", "a string, not int"),
    ("thread_start", {"base_instructions": ["x"]}, "base_instructions", "a string, not list"),
    ("thread_start", {"ephemeral": "yes"}, "ephemeral", "True or False"),
    ("thread_start", {"config": [("a", 1)]}, "config", "a dict"),
    ("thread_start", {"config": {1: 2}}, "config", "strings as keys"),
    ("thread_start", {"cwd": "/no/such/folder"}, "cwd", "existing directory"),
    ("thread_start", {"cwd": 3}, "cwd", "a path, not int"),
    ("thread_start", {"cwd": b"/tmp"}, "cwd", "a path"),
    ("thread_start", {"extra": ["x"]}, "extra", "a dict"),
    ("thread_start", {"extra": {3: "x"}}, "extra", "a dict"),
    ("thread_start", {"extra": {"x": object()}}, None, "object"),
    ("thread_resume", {"thread_id": ""}, "thread_id", "empty"),
    ("thread_resume", {"thread_id": None}, "thread_id", "a string, not NoneType"),
    ("thread_resume", {"thread_id": "x", "include_turns": 1}, "include_turns", "True or False"),
    ("thread_fork", {"thread_id": 7}, "thread_id", "a string, not int"),
    ("thread_fork", {"thread_id": "x", "sandbox": {}}, "sandbox", "Sandbox.full_access"),
    ("thread_archive", {"thread_id": " "}, "thread_id", "empty"),
    ("thread_unarchive", {"thread_id": 1}, "thread_id", "a string"),
    ("thread_list", {"limit": -1}, "limit", "at least 0"),
    ("thread_list", {"limit": "10"}, "limit", "at least 0"),
    ("thread_list", {"sort_key": "size"}, "sort_key", "created_at, updated_at"),
    ("thread_list", {"sort_direction": "up"}, "sort_direction", "asc, desc"),
    ("thread_list", {"source_kinds": ["cli", "fax"]}, "source_kinds", "'fax' is not one of: cli"),
    ("thread_list", {"source_kinds": "cli"}, "source_kinds", "a list"),
    ("thread_list", {"model_providers": [3]}, "model_providers", "a list of strings"),
    ("thread_list", {"archived": "no"}, "archived", "True or False"),
    ("thread_list", {"cursor": 3}, "cursor", "a string"),
    ("models", {"include_hidden": 1}, "include_hidden", "True or False"),
    ("account", {"refresh_token": "x"}, "refresh_token", "True or False"),
    ("login_api_key", {"api_key": ""}, "api_key", "empty"),
    ("login_api_key", {"api_key": 12345}, "api_key", "a string, not int"),
    ("request", {"method": ""}, "method", "empty"),
    ("request", {"method": 3}, "method", "a string"),
    ("request", {"method": "model/list", "params": object()}, None, "object"),
    ("request", {"method": "model/list", "timeout": "soon"}, "timeout", "a number of seconds"),
    ("request", {"method": "model/list", "timeout": -1}, "timeout", "at least 0"),
    ("request", {"method": "model/list", "timeout": float("nan")}, "timeout", "at least 0"),
    ("notify", {"method": None}, "method", "a string"),
]
TURN = [
    ({"input": ""}, "input", "empty"),
    ({"input": " \n"}, "input", "empty"),
    ({"input": []}, "input", "empty"),
    ({"input": 3}, "input", "TextInput"),
    ({"input": None}, "input", "TextInput"),
    ({"input": [TextInput("a"), 3.5]}, "input", "LocalImageInput"),
    ({"input": TextInput(3)}, "input[0]", "text"),  # type: ignore[arg-type]
    ({"input": ImageInput(None)}, "input[0]", "url"),  # type: ignore[arg-type]
    ({"input": {"type": "smell"}}, "input[0]", "localImage"),
    ({"input": LocalImageInput("/no/such.png")}, "input[0]", "cannot be read"),
    ({"input": ExternalMessage("", "x")}, "tool_name", "nonempty"),
    ({"input": "x", "effort": ""}, "effort", "none, minimal, low"),
    ({"input": "x", "effort": 3}, "effort", "none, minimal, low"),
    ({"input": "x", "summary": "long"}, "summary", "auto, concise, detailed, none"),
    ({"input": "x", "personality": "grumpy"}, "personality", "friendly"),
    ({"input": "x", "sandbox": "read-only"}, "sandbox", "Sandbox.workspace_write"),
    ({"input": "x", "approval_mode": "never"}, "approval_mode", "ApprovalMode.auto_review"),
    ({"input": "x", "output_schema": "{}"}, "output_schema", "a dict"),
    ({"input": "x", "model": object()}, "model", "a string"),
    ({"input": "x", "service_tier": 1}, "service_tier", "a string"),
    ({"input": "x", "source": 1}, "source", "a string"),
    ({"input": "x", "turn_service_tier": 1}, "turn_service_tier", "a string"),
    ({"input": "x", "cwd": "no/such/folder"}, "cwd", "existing directory"),
]
CONFIG = [
    ({"codex_bin": 3}, "codex_bin", "str"),
    ({"config_overrides": "a=1"}, "config_overrides", "list or tuple"),
    ({"config_overrides": [3]}, "config_overrides", "strings"),
    ({"config_overrides": ["no equals sign"]}, "config_overrides", "="),
    ({"launch_args_override": "codex"}, "launch_args_override", "list or tuple"),
    ({"env": {"A": 3}}, "env", "'A'"),
    ({"env_inherit": "no"}, "env_inherit", "bool"),
    ({"client_name": 3}, "client_name", "str"),
    ({"experimental_api": "yes"}, "experimental_api", "bool"),
    ({"config": ["a"]}, "config", "dict"),
    ({"config": {"a": object()}}, None, "object"),
    ({"capabilities": ["a"]}, "capabilities", "dict"),
    ({"capabilities": {"a": 1}}, "capabilities.a", "requestAttestation"),
    ({"cwd": 3}, "cwd", "str"),
    ({"cwd": "/no/such/folder"}, "cwd", "/no/such/folder"),
    ({"request_timeout": "1"}, "request_timeout", "float"),
    ({"request_timeout": -1}, "request_timeout", ""),
    ({"max_line_bytes": True}, "max_line_bytes", "int"),
    ({"queue_soft_events": "x"}, "queue_soft_events", "int"),
]


def refused(error: BaseException, argument: str | None, says: str) -> None:
    """An error of ours, a ``ValueError`` and a ``TypeError``, about this argument."""
    assert type(error) is InvalidArgumentError, repr(error)
    assert isinstance(error, ValueError)
    assert isinstance(error, TypeError)
    assert error.kind == "invalid_argument"
    assert says in str(error)
    if argument is not None:
        assert error.argument == argument, error
        assert str(error).startswith(argument.partition("[")[0]) or argument in str(error)


def test_sync(codex: Any) -> None:
    client: Codex = codex(always("ok"))

    def answers() -> int:
        """What the engine answered; notifications come when they like."""
        stats = client.stats()
        return stats["lines"] - stats["unclaimed_events"]

    before = answers()
    for method, arguments, argument, says in CLIENT:
        with pytest.raises(InvalidArgumentError) as caught:
            getattr(client, method)(**arguments)
        refused(caught.value, argument, says)
    assert answers() == before
    thread = client.thread_start()
    for arguments, argument, says in TURN:
        for call in (thread.run, thread.turn):
            with pytest.raises(InvalidArgumentError) as caught:
                call(**arguments)
            refused(caught.value, argument, says)
    for call, argument in (
        (lambda: thread.set_name(3), "name"),  # type: ignore[arg-type]
        (lambda: thread.read(include_turns="yes"), "include_turns"),  # type: ignore[arg-type]
        (lambda: Thread(client, ""), "id"),
        (lambda: Thread("client", "x"), "client"),  # type: ignore[arg-type]
        (lambda: Codex(approval_handler="yes"), "approval_handler"),  # type: ignore[arg-type]
        (lambda: Codex({"cwd": "/"}), "config"),  # type: ignore[arg-type]
    ):
        with pytest.raises(InvalidArgumentError) as caught:
            call()
        refused(caught.value, argument, "")
    assert thread.run("Hi", effort="high", summary="none", cwd=Path.cwd()).final_response == "ok"


async def test_async(async_codex: Any) -> None:
    async with async_codex(always("ok")) as client:
        for method, arguments, argument, says in CLIENT:
            with pytest.raises(InvalidArgumentError) as caught:
                await getattr(client, method)(**arguments)
            refused(caught.value, argument, says)
        thread = await client.thread_start()
        for arguments, argument, says in TURN:
            for call in (thread.run, thread.turn):
                with pytest.raises(InvalidArgumentError) as caught:
                    await call(**arguments)
                refused(caught.value, argument, says)
        result = await thread.run("Hi", effort=types.ReasoningEffort.high)
        assert result.final_response == "ok"
    with pytest.raises(InvalidArgumentError, match="approval_handler"):
        AsyncCodex(approval_handler=3)  # type: ignore[arg-type]


@pytest.mark.parametrize(("options", "argument", "says"), CONFIG, ids=lambda value: str(value)[:40])
def test_configurations(options: dict[str, Any], argument: str | None, says: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        Codex(CodexConfig(**options))
    refused(caught.value, argument, says)


def test_low_level(scripted: Any, project: Path) -> None:
    _, config = scripted(always("ok"))
    with CodexClient(config) as client:
        for call, argument in (
            (lambda: client.request(3, None), "method"),  # type: ignore[call-overload]
            (lambda: client.request("model/list", {}, timeout="1"), "timeout"),  # type: ignore[call-overload]
            (lambda: client.thread_start(3), "params"),
            (lambda: client.thread_start({"cwd": "/no/such"}), "cwd"),
            (lambda: client.thread_read(""), "thread_id"),
            (lambda: client.thread_resume(None), "thread_id"),  # type: ignore[arg-type]
            (lambda: client.turn_start("x", ""), "input"),
            (lambda: client.turn_start("x", 3), "input"),  # type: ignore[arg-type]
            (lambda: client.account_login_cancel(3), "login_id"),  # type: ignore[arg-type]
            (lambda: client.thread_goal_set("x", status="done"), "status"),
            (lambda: client.thread_goal_set("x", objective=3), "objective"),  # type: ignore[arg-type]
        ):
            with pytest.raises(InvalidArgumentError) as caught:
                call()
            refused(caught.value, argument, "")
        thread = client.thread_start(types.ThreadStartParams(cwd=str(project))).thread
        assert [delta.delta for delta in client.stream_text(thread.id, "Hi")] == ["ok"]
    for kind in (CodexClient, AsyncCodexClient):
        with pytest.raises(InvalidArgumentError, match="approval_handler"):
            kind(approval_handler="x")  # type: ignore[arg-type]


def test_unknown_arguments_are_pythons_own_error(codex: Any) -> None:
    client: Codex = codex(always("ok"))
    thread = client.thread_start(sandbox=Sandbox.read_only)
    for call in (client.thread_start, thread.turn, thread.run, CodexConfig, client.thread_list):
        arguments = {"input": "x"} if "input" in inspect.signature(call).parameters else {}
        with pytest.raises(TypeError, match="no_such_option"):
            call(**arguments, no_such_option=1)
    assert thread.run("Hi").final_response == "ok"


def test_retries_are_checked() -> None:
    for attempts in (0, -1, "3", 1.5):
        with pytest.raises(InvalidArgumentError, match="max_attempts"):
            codexkit.retry_on_overload(lambda: 1, max_attempts=attempts)  # type: ignore[arg-type]
