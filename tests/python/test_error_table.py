"""The table of errors, fixtures/errors.json: each case is provoked, and must be what it says. The same in Rust and Node."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import codexkit
from codexkit import AsyncCodex, Codex, CodexConfig, CodexError, _native, is_retryable_error
from codexkit.testing import ScriptedModel
from conftest import ROOT, faulty

TABLE = json.loads((ROOT / "fixtures" / "errors.json").read_text())
NO_REPEATS = tuple(
    f"model_providers.scripted.{name}=0" for name in ("request_max_retries", "stream_max_retries")
)
ASKING = {"approvalPolicy": "on-request", "approvalsReviewer": "user", "sandbox": "read-only"}


@pytest.fixture(scope="module")
def options() -> Iterator[CodexConfig]:
    """How the real engine is started, with a model that answers as the table says."""
    (ROOT / ".cache" / "work").mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="errors-", dir=ROOT / ".cache" / "work"))
    with ScriptedModel(TABLE["model"]) as model:
        config = model.config(home, env={"HOME": str(home)})
        config.config_overrides = (*config.config_overrides, *NO_REPEATS)
        yield config


@pytest.fixture(scope="module")
def real(options: CodexConfig) -> Iterator[Codex]:
    """The real engine."""
    with Codex(options) as client:
        yield client


def act(codex: Codex, case: dict[str, Any], folder: Path) -> None:
    """Does what the case says."""
    do = case.get("do", {})
    if "request" in do:
        method, params, *timeout = do["request"]
        codex.request(method, params, timeout=timeout[0] if timeout else None)
    if "map" in do:
        list(codex.map(["go"], journal=do["map"]))
    if "run" in do:
        real = case.get("engine") == "real"
        thread = codex.thread_start(cwd=folder if real else None, extra=ASKING if real else None)
        more: dict[str, Any] = {}
        if "approval" in do:
            more["on_approval"] = lambda _: codexkit.approvals.Decision.cancel()
        if "schema" in do:
            more["output_type"] = do["schema"]
        thread.run(do["run"], **more)


def provoke(real: Codex | None, case: dict[str, Any], folder: Path) -> None:
    """Starts what the case names, and does there what it says."""
    if real is not None:
        act(real, case, folder)
        return
    fields = case.get("options", {})
    config = faulty(case["plan"], **fields) if "plan" in case else CodexConfig(**fields)
    with Codex(config) as codex:
        act(codex, case, folder)


def wire(value: Any) -> Any:
    """A typed value as it came."""
    return json.loads(_native.dumps(value))


def cause(error: BaseException) -> Any:
    """What an error is the consequence of, as the table has it."""
    of = error.__cause__
    if isinstance(of, CodexError):
        return {"kind": of.kind}
    return {"os": of.errno} if isinstance(of, OSError) else None


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_errors_are_what_the_table_says(
    case: dict[str, Any], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    client = request.getfixturevalue("real") if case.get("engine") == "real" else None
    with pytest.raises(CodexError) as caught:
        provoke(client, case, tmp_path)
    check(case, caught.value)


def check(case: dict[str, Any], error: Any) -> None:
    """Compares an error with its case."""
    text = str(error)
    assert type(error).__name__ == case["python"]
    assert (error.kind, getattr(error, "code", None)) == (case["kind"], case.get("code"))
    if "like" in case:
        assert re.search(case["like"], text)
    else:
        assert text == case["text"]
    assert (error.retryable, is_retryable_error(error)) == (case["retryable"], case["repeatable"])
    for fact, wanted in case.get("facts", {}).items():
        assert wire(getattr(error, fact)) == wanted, fact
    assert cause(error) == case.get("cause")
    assert error.hint
    told = f"{text} {error.message} {error.stderr_tail} {getattr(error, 'data', None)}"
    assert "sk-" not in told
    if isinstance(error, codexkit.TurnFailedError):
        assert isinstance(error, RuntimeError)
        assert (error.turn_id, error.thread_id) == (error.result.id, error.result.thread_id)


def test_the_classes_have_their_places() -> None:
    for name in {case["python"] for case in TABLE["cases"]}:
        assert issubclass(getattr(codexkit, name), CodexError)
    assert issubclass(codexkit.ServerBusyError, codexkit.OverloadedError)
    assert issubclass(codexkit.ServerBusyError, codexkit.CodexRpcError)
    assert issubclass(codexkit.TurnOverloadedError, codexkit.OverloadedError)
    assert issubclass(codexkit.TurnOverloadedError, codexkit.TurnFailedError)


async def test_the_same_with_asyncio(options: CodexConfig) -> None:
    cases = {case["name"]: case for case in TABLE["cases"]}
    async with AsyncCodex(options) as codex:
        for name in ("a thread that is full", "a usage limit with its reset"):
            thread = await codex.thread_start()
            with pytest.raises(codexkit.TurnFailedError) as caught:
                await thread.run(cases[name]["do"]["run"])
            check(cases[name], caught.value)


def test_a_failed_turn_keeps_what_there_was(real: Codex) -> None:
    turn = real.thread_start().turn("context")
    with pytest.raises(codexkit.ContextWindowError) as caught:
        turn.run()
    assert caught.value.turn_id == turn.id
    assert [item.type for item in caught.value.result.items] == ["userMessage"]


def test_what_an_application_makes_itself() -> None:
    error = codexkit.ServerBusyError(-32001, "busy", "server_overloaded")
    assert str(error) == "JSON-RPC error -32001: busy"
    assert (error.message, error.hint) == ("busy", "try again after a pause")
    assert is_retryable_error(codexkit.JsonRpcError(-32001, "m", {"a": "server_overloaded"}))
    assert not is_retryable_error(codexkit.JsonRpcError(-32001, "m"))
    assert str(CodexError("as it is")) == "as it is"
    assert str(CodexError()) == ""
