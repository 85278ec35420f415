"""Bad input: a typed error at the call, that says what is wrong, and a client that stays usable."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import codexkit
from codexkit import (
    AsyncCodex,
    Codex,
    CodexConfig,
    CodexError,
    CodexRpcError,
    CodexTimeoutError,
    EngineNotFoundError,
    EngineVersionError,
    InternalRpcError,
    InvalidArgumentError,
    InvalidParamsError,
    InvalidRequestError,
    JsonRpcError,
    LocalImageInput,
    MethodNotFoundError,
    ParseError,
    RetryLimitExceededError,
    ServerBusyError,
    SpawnError,
    TransportClosedError,
    is_retryable_error,
    retry_on_overload,
)
from codexkit.errors import map_jsonrpc_error
from conftest import always, faulty


@pytest.mark.parametrize(
    ("fields", "error", "says"),
    [
        ({"codex_bin": "/nowhere/codex"}, EngineNotFoundError, "/nowhere/codex"),
        ({"launch_args_override": []}, InvalidArgumentError, "launch_args_override"),
        ({"launch_args_override": ["/nowhere/codex"]}, SpawnError, "/nowhere/codex"),
        ({"cwd": "/nowhere/at/all"}, InvalidArgumentError, "/nowhere/at/all"),
        ({"initialize_timeout": 0}, InvalidArgumentError, "initialize_timeout"),
        ({"request_timeout": "1"}, InvalidArgumentError, "request_timeout"),
        ({"max_line_bytes": 1.5}, InvalidArgumentError, "max_line_bytes"),
        ({"client_name": ""}, InvalidArgumentError, "client_name"),
        ({"client_name": 1}, InvalidArgumentError, "client_name"),
        ({"env": {"A=B": "c"}}, InvalidArgumentError, "env"),
        ({"env": {"A": 1}}, InvalidArgumentError, "env"),
        ({"config": {"a": object()}}, InvalidArgumentError, "no JSON form"),
        ({"config": {"a": float("nan")}}, InvalidArgumentError, "JSON has no such number"),
        ({"config": ["a"]}, InvalidArgumentError, "config"),
        ({"config_overrides": "model=x"}, InvalidArgumentError, "config_overrides"),
        ({"queue_hard_events": -1}, InvalidArgumentError, "-1"),
    ],
)
def test_bad_options(fields: dict[str, Any], error: type[CodexError], says: str) -> None:
    with pytest.raises(error) as caught:
        Codex(CodexConfig(**fields))
    assert says in str(caught.value)
    assert isinstance(caught.value, CodexError)
    assert caught.value.kind


async def test_the_same_with_asyncio() -> None:
    client = AsyncCodex(CodexConfig(codex_bin="/nowhere/codex"))
    for _ in range(2):
        with pytest.raises(EngineNotFoundError, match="/nowhere/codex"):
            await client.models()
    with pytest.raises(FileNotFoundError):
        await AsyncCodex(CodexConfig(codex_bin="/nowhere/codex")).__aenter__()


def test_a_config_that_is_none(scripted: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="CodexConfig"):
        Codex({"codex_bin": "x"})  # pyright: ignore[reportArgumentType]


def test_the_engine_refuses_a_config_value(scripted: Any) -> None:
    _, config = scripted(always("ok"), config={"approval_policy": "perhaps"})
    with pytest.raises(CodexError) as caught, Codex(config) as client:
        client.thread_start()
    assert "perhaps" in str(caught.value) or "perhaps" in (caught.value.stderr_tail or "")


def test_an_old_engine() -> None:
    with pytest.raises(EngineVersionError, match=r"0\.1\.0"):
        Codex(faulty({"version": "0.1.0"}))


def test_an_engine_that_ends_at_once() -> None:
    plan = {"faults": [{"on": "boot", "do": [{"stderr": "cannot go on"}, {"die": {"exit": 7}}]}]}
    with pytest.raises(SpawnError) as caught:
        Codex(faulty(plan))
    assert caught.value.exit_code == 7
    assert "cannot go on" in (caught.value.stderr_tail or "")


def test_native_config_becomes_toml(scripted: Any) -> None:
    config = {
        "model_reasoning_effort": "high",
        "mcp_servers": {"a b": {"command": "true", "enabled": False, "args": ["x", 'y"z']}},
    }
    _, options = scripted(always("ok"), config=config)
    with Codex(options) as client:
        read = client.request("config/read", {"includeLayers": False})["config"]
    assert read["model_reasoning_effort"] == "high"
    assert read["mcp_servers"]["a b"]["args"] == ["x", 'y"z']


def test_the_environment_can_be_unset(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEXKIT_TEST_SECRET", "x")
    monkeypatch.setenv("CODEXKIT_TEST_KEPT", "y")
    _, config = scripted(always("ok"), env={"CODEXKIT_TEST_SECRET": None})
    with Codex(config) as client:
        environment = Path(f"/proc/{client.pid}/environ").read_bytes()
    assert b"CODEXKIT_TEST_SECRET" not in environment
    assert b"CODEXKIT_TEST_KEPT=y" in environment
    _, config = scripted(always("ok"), env_inherit=False, env={"PATH": os.environ["PATH"]})
    with Codex(config) as client:
        assert b"CODEXKIT_TEST_KEPT" not in Path(f"/proc/{client.pid}/environ").read_bytes()


def test_bad_calls_leave_the_client_usable(codex: Any, project: Path) -> None:
    client = codex(always("ok"))
    thread = client.thread_start()
    for bad, says in [
        ("", "empty"),
        ("  \n", "empty"),
        ([], "empty"),
        (3, "int is no input"),
        ([3], "int is no input"),
        (LocalImageInput(project / "missing.png"), "missing.png"),
        ([{"type": "nonsense"}], "nonsense"),
        ("\ud800", "lone surrogate"),
        (codexkit.ExternalMessage("", "x"), "tool_name"),
    ]:
        with pytest.raises(InvalidArgumentError, match=says):
            thread.run(bad)
        with pytest.raises(ValueError, match=says):
            thread.turn(bad)
    for name, value in [("sandbox", "read-only"), ("approval_mode", "deny_all")]:
        with pytest.raises(InvalidArgumentError, match="must be one of") as caught:
            client.thread_start(**{name: value})
        assert caught.value.argument == name
    with pytest.raises(InvalidArgumentError, match="no JSON form"):
        thread.run("Hi", output_schema={"a": {1, 2}})
    with pytest.raises(InvalidArgumentError, match="timeout"):
        client.request("model/list", {}, timeout=-1)
    with pytest.raises(InvalidRequestError) as caught:
        client.thread_resume("01a00000-0000-7000-8000-000000000000")
    assert caught.value.code == -32600
    assert caught.value.message in str(caught.value)
    with pytest.raises(CodexRpcError):
        client.request("no/such/method", {})
    assert thread.run("Hi").final_response == "ok"


def test_a_closed_client(codex: Any) -> None:
    client = codex(always("ok"))
    thread = client.thread_start()
    turn = thread.turn("Hi")
    result = turn.run()
    client.close()
    client.close()
    assert client.is_closed
    assert client.pid is None
    for call in (client.models, lambda: thread.run("Hi"), lambda: thread.turn("Hi")):
        with pytest.raises(TransportClosedError):
            call()
    assert turn.run() == result


def test_a_silent_engine() -> None:
    plan = {"faults": [{"on": "initialize", "answer": "never"}]}
    with pytest.raises(CodexTimeoutError, match="initialize"):
        Codex(faulty(plan, initialize_timeout=0.3))
    plan = {"faults": [{"on": "model/list", "answer": "never"}]}
    with Codex(faulty(plan, request_timeout=0.3)) as client:
        with pytest.raises(TimeoutError, match="model/list") as caught:
            client.models()
        assert caught.value.retryable
        with pytest.raises(CodexTimeoutError):
            client.request("model/list", {}, timeout=0.1)
        assert client.thread_start().run("Hi").status == "completed"


@pytest.mark.parametrize(
    ("code", "message", "data", "kind"),
    [
        (-32700, "m", None, ParseError),
        (-32600, "m", None, InvalidRequestError),
        (-32601, "m", None, MethodNotFoundError),
        (-32602, "m", None, InvalidParamsError),
        (-32603, "m", None, InternalRpcError),
        (-32001, "m", None, CodexRpcError),
        (-32001, "m", {"codexErrorInfo": "server_overloaded"}, ServerBusyError),
        (-32001, "m", {"a": [{"b": "serverOverloaded"}]}, ServerBusyError),
        (-32001, "Retry limit reached", None, RetryLimitExceededError),
        (-32001, "too many failed attempts", "server_overloaded", RetryLimitExceededError),
        (7, "m", None, JsonRpcError),
    ],
)
def test_json_rpc_errors(code: int, message: str, data: Any, kind: type[JsonRpcError]) -> None:
    error = map_jsonrpc_error(code, message, data)
    assert type(error) is kind
    assert (error.code, error.message, error.data) == (code, message, data)
    plan = {
        "faults": [
            {
                "on": "model/list",
                "answer": {"error": {"code": code, "message": message, "data": data}},
            }
        ]
    }
    with Codex(faulty(plan)) as client, pytest.raises(kind) as caught:
        client.models()
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.message, caught.value.data) == (code, message, data)
    assert str(caught.value).startswith(f"JSON-RPC error {code}: {message}")
    assert is_retryable_error(caught.value) == isinstance(error, ServerBusyError)


def busy() -> ServerBusyError:
    return ServerBusyError(-32001, "busy", "server_overloaded")


def test_retry_on_overload() -> None:
    answers: list[Any] = [busy(), busy(), 3]

    def op() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert retry_on_overload(op, initial_delay_s=0.001) == 3
    answers[:] = [busy(), busy(), 3]
    with pytest.raises(ServerBusyError):
        retry_on_overload(op, max_attempts=2, initial_delay_s=0.001)
    answers[:] = [ValueError("other"), 3]
    with pytest.raises(ValueError, match="other"):
        retry_on_overload(op)
    with pytest.raises(ValueError, match="max_attempts"):
        retry_on_overload(op, max_attempts=0)


async def test_retry_on_overload_with_coroutines() -> None:
    answers: list[Any] = [busy(), busy(), 3]

    async def op() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await retry_on_overload(op, initial_delay_s=0.001) == 3
    answers[:] = [busy(), busy(), 3]
    with pytest.raises(ServerBusyError):
        await retry_on_overload(op, max_attempts=2, initial_delay_s=0.001)
    answers[:] = [busy()]
    with pytest.raises(ServerBusyError):
        await retry_on_overload(op, max_attempts=1)
