"""``prewarm``: the engine gets ready while the program goes on."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from codexkit import (
    AsyncCodex,
    Codex,
    CodexConfig,
    EngineNotFoundError,
    InvalidArgumentError,
    SpawnError,
    TransportClosedError,
)
from conftest import alive

# Says its process id, then becomes the engine.
TELLING = 'echo $$ > "$0.new"; mv "$0.new" "$0"; exec "$@"'


@pytest.fixture
def telling(scripted: Any, home: Path) -> Any:
    """A configuration that prewarms the real engine, and where the engine's process id will be."""

    def make(**fields: Any) -> tuple[CodexConfig, Path]:
        _, config = scripted({"replies": ["Ready."]}, prewarm=True, **fields)
        told = home.parent / "pid"
        overrides = [word for entry in config.config_overrides for word in ("--config", entry)]
        config.launch_args_override = [
            *("sh", "-c", TELLING, str(told), engine()),
            *(*overrides, "app-server", "--listen", "stdio://"),
        ]
        return config, told

    return make


def engine() -> str:
    import codex_cli_bin

    return os.environ.get("CODEXKIT_TEST_ENGINE") or str(codex_cli_bin.bundled_codex_path())


def pid_in(told: Path) -> int:
    deadline = time.monotonic() + 30
    while not told.exists():
        assert time.monotonic() < deadline, "no engine was started"
        time.sleep(0.02)
    return int(told.read_text())


def test_the_engine_runs_before_the_first_call(telling: Any, project: Path) -> None:
    config, told = telling()
    with Codex(config) as codex:
        pid = pid_in(told)
        assert alive(pid)
        assert not codex.is_closed
        assert codex.thread_start(cwd=project).run("go").final_response == "Ready."
        assert codex.pid == pid
        assert codex.metadata.serverInfo is not None
    assert not alive(pid)
    with pytest.raises(TransportClosedError):
        codex.models()


def test_a_client_that_is_not_used_leaves_no_process(telling: Any) -> None:
    config, told = telling()
    codex = Codex(config)
    pid = pid_in(told)
    codex.close()
    assert not alive(pid)
    assert codex.is_closed
    with pytest.raises(TransportClosedError):
        codex.models()
    codex.close()


def test_a_client_that_is_closed_at_once_leaves_no_process(telling: Any) -> None:
    config, told = telling()
    Codex(config).close()
    time.sleep(0.5)  # What was begun would have told its process id by then.
    assert not told.exists() or not alive(pid_in(told))


def test_what_the_start_fails_with_is_raised_by_the_first_call() -> None:
    for config, kind in [
        (CodexConfig(codex_bin="/nowhere/codex", prewarm=True), EngineNotFoundError),
        (CodexConfig(launch_args_override=["false"], prewarm=True), SpawnError),
    ]:
        codex = Codex(config)
        for _ in range(2):
            with pytest.raises(kind):
                codex.models()
        codex.close()


def test_what_is_wrong_with_the_options_is_said_at_once() -> None:
    wrong: Any = "yes"
    with pytest.raises(InvalidArgumentError, match="prewarm"):
        Codex(CodexConfig(prewarm=wrong))


def test_threads_that_come_at_the_same_time_wait_for_one_engine(telling: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    config, _ = telling()
    with Codex(config) as codex, ThreadPoolExecutor(4) as pool:
        pids = list(pool.map(lambda _: codex.pid, range(8)))
    assert len(set(pids)) == 1


async def test_asyncio_has_it_too(telling: Any, project: Path) -> None:
    config, told = telling()
    codex = AsyncCodex(config)
    pid = pid_in(told)
    assert alive(pid)
    async with codex:
        thread = await codex.thread_start(cwd=project)
        assert (await thread.run("go")).final_response == "Ready."
        assert codex.pid == pid
    assert not alive(pid)


async def test_asyncio_leaves_no_process(telling: Any) -> None:
    config, told = telling()
    codex = AsyncCodex(config)
    pid = pid_in(told)
    await codex.close()
    assert not alive(pid)
    with pytest.raises(TransportClosedError):
        await codex.models()


async def test_asyncio_raises_at_the_first_call() -> None:
    codex = AsyncCodex(CodexConfig(codex_bin="/nowhere/codex", prewarm=True))
    for _ in range(2):
        with pytest.raises(EngineNotFoundError):
            await codex.models()
    await codex.close()


def test_a_client_made_before_there_is_a_loop_calls_handlers_on_the_loop(
    scripted: Any, project: Path
) -> None:
    import asyncio

    asked = {
        "items": [
            {
                "call": {
                    "name": "exec_command",
                    "arguments": {
                        "cmd": "touch asked",
                        "sandbox_permissions": "require_escalated",
                        "justification": "?",
                    },
                }
            }
        ]
    }
    _, config = scripted({"replies": [asked, "Done."]}, prewarm=True)
    loops: list[object] = []

    async def decide(request: Any) -> str:
        loops.append(asyncio.get_running_loop())
        return "accept"

    codex = AsyncCodex(config, on_approval=decide)

    async def use() -> None:
        async with codex:
            thread = await codex.thread_start(cwd=project)
            assert (await thread.run("go")).final_response == "Done."
            assert loops == [asyncio.get_running_loop()]

    asyncio.run(use())
    assert (project / "asked").exists()
