"""Signals, forks and ends of processes: each test is a Python process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codexkit.testing import ScriptedModel
from conftest import ROOT, SLOW, alive, always

PRELUDE = """
import asyncio, json, os, signal, sys, time
from codexkit import *
from codexkit import types
# A shell's background job begins with Ctrl-C ignored, and passes that on.
signal.signal(signal.SIGINT, signal.default_int_handler)
config = CodexConfig(**json.loads(sys.argv[1]))
def say(*words):
    print(*words, flush=True)
"""


class Program:
    """A Python program in front of a scripted model, and what it prints."""

    def __init__(self, body: str, config: dict[str, Any]) -> None:
        code = PRELUDE + textwrap.dedent(body)
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, json.dumps(config)],
            env={**os.environ, "PYTHONPATH": str(ROOT / "python")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        if not line:
            _, errors = self.process.communicate(timeout=20)
            pytest.fail(f"the program ended early: {errors}")
        return line

    def rest(self) -> str:
        output, errors = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, errors
        return output + errors


@pytest.fixture
def program(home: Path) -> Iterator[Any]:
    started: list[Program] = []
    with ScriptedModel(always(SLOW)) as model:

        def start(body: str) -> Program:
            config = {
                "codex_bin": os.environ.get("CODEXKIT_TEST_ENGINE"),
                "config_overrides": model.config_overrides,
                "env": {"CODEX_HOME": str(home), "HOME": str(home.parent)},
            }
            started.append(Program(body, config))
            return started[-1]

        yield start
        for one in started:
            one.process.kill()
            one.process.communicate()


INTERRUPTED = """
def interrupted(thread):
    for _ in range(60):
        if thread.read(include_turns=True).thread.turns[-1].status == "interrupted":
            return True
        time.sleep(0.1)
    return False
"""


@pytest.mark.parametrize(
    "call", ["thread.run('Hi')", "thread.turn('Hi').run()", "list(thread.turn('Hi').stream())"]
)
def test_ctrl_c_interrupts_the_turn(program: Any, call: str) -> None:
    one = program(
        INTERRUPTED
        + f"""
with Codex(config) as codex:
    thread = codex.thread_start()
    say("ready")
    began = time.monotonic()
    try:
        {call}
    except KeyboardInterrupt:
        say("raised", time.monotonic() - began < 6)
    say("interrupted", interrupted(thread))
    say("usable", codex.models().data is not None)
"""
    )
    assert one.line() == "ready"
    time.sleep(1.5)
    one.process.send_signal(signal.SIGINT)
    assert one.rest().split("\n")[:3] == ["raised True", "interrupted True", "usable True"]


def test_ctrl_c_in_the_body_of_a_loop_interrupts_the_turn(program: Any) -> None:
    one = program(
        INTERRUPTED
        + """
with Codex(config) as codex:
    thread = codex.thread_start()
    def left(by):
        turn = thread.turn("Hi")
        for event in turn.stream():
            if event.method == "item/agentMessage/delta":
                by()
        return turn
    # What the body catches itself, and other exceptions, leave the turn running.
    def caught():
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ValueError from None
    try:
        left(caught)
    except ValueError:
        say("going on", not interrupted(thread))
    thread = codex.thread_start()
    try:
        left(lambda: signal.raise_signal(signal.SIGINT))
    except KeyboardInterrupt:
        say("interrupted", interrupted(thread))
"""
    )
    assert one.rest().split("\n")[:2] == ["going on True", "interrupted True"]


def test_ctrl_c_under_asyncio_interrupts_the_turn(program: Any) -> None:
    one = program(
        INTERRUPTED
        + """
async def main():
    async with AsyncCodex(config) as codex:
        thread = await codex.thread_start()
        say(thread.id)
        async for _ in (await thread.turn("Hi")).stream():
            pass
try:
    asyncio.run(main())
except KeyboardInterrupt:
    say("raised")
with Codex(config) as codex:
    thread_id = sys.stdin.read() or None
"""
    )
    assert one.line()
    time.sleep(1.5)
    one.process.send_signal(signal.SIGINT)
    assert one.line() == "raised"


def test_ctrl_c_while_a_request_is_answered(program: Any) -> None:
    one = program(
        """
codex = Codex(config)
say(codex.pid)
try:
    for _ in codex.notifications():
        pass
except KeyboardInterrupt:
    say("raised")
codex.close()
"""
    )
    pid = int(one.line())
    time.sleep(0.3)
    one.process.send_signal(signal.SIGINT)
    assert one.rest().strip() == "raised"
    assert not alive(pid)


@pytest.mark.parametrize(
    "end",
    [
        "",
        "del codex",
        "raise SystemExit(0)",
        "thread = codex.thread_start(); turn = thread.turn('Hi')",
    ],
)
def test_the_engine_ends_with_the_program(program: Any, end: str) -> None:
    one = program(f"codex = Codex(config)\nsay(codex.pid)\n{end}")
    pid = int(one.line())
    assert one.rest() == ""
    assert gone(pid)


def gone(pid: int, seconds: float = 8) -> bool:
    deadline = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_the_engine_ends_when_the_program_is_killed(program: Any) -> None:
    one = program(
        """
codex = Codex(config)
turn = codex.thread_start().turn("Hi")
say(codex.pid)
time.sleep(60)
"""
    )
    pid = int(one.line())
    one.process.kill()
    assert gone(pid)


def test_a_forgotten_client_takes_its_engine_with_it(program: Any) -> None:
    one = program(
        """
def use():
    codex = Codex(config)
    say(codex.pid)
use()
say("forgotten")
time.sleep(20)
"""
    )
    pid = int(one.line())
    assert one.line() == "forgotten"
    assert gone(pid)


def test_a_loop_that_ends_without_close(program: Any) -> None:
    one = program(
        """
async def main():
    codex = AsyncCodex(config)
    turn = await (await codex.thread_start()).turn("Hi")
    say(codex.pid)
    asyncio.create_task(turn.run())
    asyncio.ensure_future(turn.stream().__anext__())
    await asyncio.sleep(0.1)
asyncio.run(main())
"""
    )
    pid = int(one.line())
    output = one.rest()
    assert not re.search("Traceback|Exception ignored", output), output
    assert gone(pid)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_is_told_and_leaves_the_parent_alone(program: Any) -> None:
    one = program(
        """
import warnings
warnings.simplefilter("ignore")
codex = Codex(config)
thread = codex.thread_start()
turn = thread.turn("Hi")
child = os.fork()
if child == 0:
    for call in (codex.models, turn.run, lambda: thread.run("Hi"), lambda: next(turn.stream()),
                 lambda: Codex(config), codex.close):
        try:
            call()
        except ForkedError as error:
            say("child", error.kind)
    del codex, thread, turn
    sys.exit(0)
os.waitpid(child, 0)
say("parent", codex.models().data is not None, turn.interrupt() is not None, turn.run().status.value)
codex.close()
"""
    )
    lines = one.rest().strip().split("\n")
    assert lines[:-1] == ["child forked"] * (len(lines) - 1)
    assert len(lines) >= 6
    assert lines[-1] == "parent True True interrupted"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_does_not_keep_the_engine_alive(program: Any) -> None:
    one = program(
        """
codex = Codex(config)
say(codex.pid)
child = os.fork()
if child == 0:
    time.sleep(30)
    os._exit(0)
say(child)
os.kill(os.getpid(), signal.SIGKILL)
"""
    )
    engine, child = int(one.line()), int(one.line())
    try:
        assert gone(engine)
        assert alive(child)
    finally:
        os.kill(child, signal.SIGKILL)
