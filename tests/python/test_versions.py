"""Engines of other versions: what they lack is refused by name, everything else works."""

from __future__ import annotations

from typing import Any

import pytest

from codexkit import (
    AsyncCodex,
    Codex,
    CodexConfig,
    EngineVersionError,
    InvalidArgumentError,
    Sandbox,
)
from conftest import ROOT, always, command, faulty, reply

OLDEST = "0.154.0"
HELLO = always("Hello!")


@pytest.fixture
def oldest() -> str:
    """The oldest supported engine; ``cargo xtask test`` brings it."""
    path = ROOT / ".cache" / "engines" / OLDEST / "bin" / "codex"
    assert path.is_file(), f"no engine {OLDEST}: run `cargo xtask test`"
    return str(path)


def test_the_oldest_engine_runs_a_turn_with_a_command(codex: Any, oldest: str) -> None:
    script = {"replies": [reply(command("echo old")), reply("done")]}
    client = codex(script, codex_bin=oldest)
    assert client.metadata.server_info.version == OLDEST
    thread = client.thread_start(sandbox=Sandbox.full_access)
    assert thread.run("go").final_response == "done"


def test_what_the_oldest_engine_lacks_names_the_version_needed(codex: Any, oldest: str) -> None:
    client = codex(HELLO, codex_bin=oldest)
    with pytest.raises(EngineVersionError, match=r"memory/status needs engine 0\.155\.0") as caught:
        client.request("memory/status", {})
    assert caught.value.kind == "engine_version"
    assert caught.value.method == "memory/status"
    assert caught.value.argument is None
    assert caught.value.needed_version == "0.155.0"
    assert f"this is {OLDEST} ({oldest}, codex_bin)" in caught.value.message
    with pytest.raises(EngineVersionError) as caught:
        client.request("thread/start", {"daybreakEnabled": True})
    assert caught.value.argument == "daybreakEnabled"
    assert caught.value.needed_version == "0.156.0"
    # The client is none the worse for it.
    assert client.thread_start().run("Hi").final_response == "Hello!"


async def test_the_async_client_is_refused_alike(async_codex: Any, oldest: str) -> None:
    async with async_codex(HELLO, codex_bin=oldest) as client:
        with pytest.raises(EngineVersionError) as caught:
            await client.request("memory/status", {})
        assert caught.value.needed_version == "0.155.0"
        thread = await client.thread_start()
        assert (await thread.run("Hi")).final_response == "Hello!"


def test_what_an_engine_has_no_more_is_refused(codex: Any) -> None:
    client = codex(HELLO)
    with pytest.raises(EngineVersionError, match=r"removed in engine 0\.156\.0") as caught:
        client.request("thread/rollback", {"threadId": "t", "numTurns": 1})
    assert caught.value.needed_version is None


@pytest.mark.parametrize(
    ("params", "argument", "says"),
    [
        ({"approvalPolicy": "on-failure"}, "approvalPolicy", "on-request"),
        ({"approvalPolicy": "sometimes"}, "approvalPolicy", "never, on-request, untrusted"),
        ({"sandbox": "full"}, "sandbox", "danger-full-access, read-only, workspace-write"),
        ({"config": {"approval_policy": "untrusted"}}, "config.approval_policy", "on-request"),
    ],
)
def test_words_that_the_engine_does_not_take(
    codex: Any, params: dict[str, Any], argument: str, says: str
) -> None:
    client = codex(HELLO)
    with pytest.raises(InvalidArgumentError) as caught:
        client.request("thread/start", params)
    assert caught.value.argument == argument
    assert says in caught.value.message
    assert client.thread_start().run("Hi").final_response == "Hello!"


@pytest.mark.parametrize(
    "fields",
    [
        {"config_overrides": ('approval_policy="untrusted"',)},
        {"config_overrides": ('approval_policy="on-failure"',)},
    ],
)
async def test_removed_settings_are_refused_before_the_engine_starts(
    fields: dict[str, Any],
) -> None:
    config = CodexConfig(codex_bin="/no/such/engine", **fields)
    with pytest.raises(InvalidArgumentError, match="on-request"):
        Codex(config)
    with pytest.raises(InvalidArgumentError, match="on-request"):
        async with AsyncCodex(config):
            pass


def test_experimental_parts_name_the_option(codex: Any) -> None:
    client = codex(HELLO, experimental_api=False)
    with pytest.raises(InvalidArgumentError, match="thread/search") as caught:
        client.request("thread/search", {"searchTerm": "x"})
    assert caught.value.argument == "experimental_api"


def test_an_engine_newer_than_all_known_ones_decides_by_itself() -> None:
    with Codex(faulty({"version": "0.999.0"})) as client:
        client.request("thread/start", {"sandbox": "a-word-of-tomorrow"})
    with Codex(faulty({"version": "0.158.0"})) as client, pytest.raises(EngineVersionError):
        client.request("thread/sample", {"threadId": "t"})
