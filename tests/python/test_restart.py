"""Engines that end by themselves and are started again."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from codexkit import (
    AsyncCodex,
    Codex,
    CodexConfig,
    InvalidArgumentError,
    Restart,
    Sandbox,
    TransportClosedError,
)
from conftest import command, faulty, reply, rule

QUICK = Restart(initial_delay_s=0.02, max_delay_s=0.04)
MARKER = "codexkit/restarted"


def kill(pid: int | None) -> None:
    assert pid
    os.kill(pid, signal.SIGKILL)


def slow() -> dict[str, Any]:
    waits = command("touch began; sleep 300", yield_time_ms=30_000)
    return {"rules": [rule("wait", reply(waits))], "replies": ["at once"], "repeat": "last"}


def test_a_killed_engine_comes_back(codex: Any, project: Path) -> None:
    client = codex(slow(), restart=QUICK)
    thread = client.thread_start(cwd=project, sandbox=Sandbox.full_access)
    assert thread.run("hello").final_response == "at once"
    turn = thread.turn("wait")
    events = []
    for event in turn.stream():
        if event.method == "item/started" and event.params["item"]["type"] == "commandExecution":
            kill(client.pid)
        events.append(event)
    told = next(event.params for event in events if event.method == MARKER)
    assert (told["signal"], told["attempt"], told["turnId"]) == (9, 1, turn.id)
    assert told["lastItemId"]
    assert events[-1].method == "turn/completed"
    result = turn.run()
    assert result.status.value == "interrupted"
    assert client.stats()["restarts"] == 1
    assert thread.run("hello again").final_response == "at once"


def test_a_killed_engine_comes_back_async(scripted: Any, project: Path) -> None:
    _model, config = scripted(slow(), restart=True)

    async def main() -> None:
        async with AsyncCodex(config) as client:
            thread = await client.thread_start(cwd=project, sandbox=Sandbox.full_access)
            turn = await thread.turn("wait")
            methods = []
            async for event in turn.stream():
                if event.method == "item/started" and "commandExecution" in repr(event.params):
                    kill(client.pid)
                methods.append(event.method)
            assert MARKER in methods
            assert (await thread.run("hello")).final_response == "at once"

    asyncio.run(main())


def test_without_it_the_end_of_the_engine_is_the_clients() -> None:
    config = faulty({"faults": [{"on": "model/list", "do": [{"die": {"exit": 4}}]}]})
    with Codex(config) as client:
        for _ in range(2):
            with pytest.raises(TransportClosedError):
                client.request("model/list")


def test_who_waits_is_told_and_the_client_goes_on() -> None:
    config = faulty({"faults": [{"on": "model/list", "do": [{"die": {"exit": 4}}]}]}, restart=QUICK)
    with Codex(config) as client:
        with pytest.raises(TransportClosedError) as failed:
            client.request("model/list")
        assert failed.value.exit_code == 4
        assert "restarted" in str(failed.value)
        assert client.thread_start().run("go").final_response


@pytest.mark.parametrize(
    ("restart", "argument"),
    [
        ("yes", "restart"),
        (Restart(max_attempts=0), "restart.max_attempts"),
        (Restart(max_delay_s=-1), "restart.max_delay"),
        (Restart(initial_delay_s="soon"), "restart.initial_delay_s"),  # type: ignore[arg-type]
    ],
)
def test_what_makes_no_sense_is_refused(restart: Any, argument: str) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        Codex(CodexConfig(restart=restart))
    assert refused.value.argument == argument
