"""What the tests share: a scripted model, and programs and notebooks in front of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from codexkit.testing import ScriptedModel

ROOT = Path(__file__).resolve().parents[3]

SCRIPT = {
    "rules": [
        {
            "when": {"prompt_contains": "slowly"},
            "replies": [
                {"items": [{"repeat_delta": {"count": 1200, "text": "w{i} ", "delay_ms": 25}}]}
            ],
            "repeat": "last",
        },
        {"replies": [{"items": [{"message": "Hello."}]}], "repeat": "last"},
    ]
}
"""Half a minute of words for a prompt with "slowly"; a greeting for all others."""

PRELUDE = """
import asyncio, json, os, sys, threading, time
from codexkit import *
config = CodexConfig(**json.loads(os.environ["TEST_CONFIG"]))
def say(*words):
    print(*words, flush=True)
"""
"""How every program and every notebook begins."""


@pytest.fixture(scope="session")
def model() -> Iterator[ScriptedModel]:
    """One model for all: it keeps no state but the requests."""
    with ScriptedModel(SCRIPT) as model:
        yield model


@pytest.fixture
def environment(model: ScriptedModel) -> Iterator[dict[str, str]]:
    """The environment of a program: our package, and a configuration for the scripted model."""
    # Not below the system's temporary folder, where the engine does without some of its helpers.
    work = ROOT / ".cache" / "work" / f"environments-{uuid.uuid4().hex[:12]}"
    home = work / "home"
    home.mkdir(parents=True)
    config = {
        "codex_bin": os.environ.get("CODEXKIT_TEST_ENGINE"),
        "config_overrides": model.config_overrides,
        "env": {"CODEX_HOME": str(home), "HOME": str(home)},
    }
    yield {
        **os.environ,
        "PYTHONPATH": str(ROOT / "python"),
        "TEST_CONFIG": json.dumps(config),
        # Whose notebooks and profiles a developer has must not matter.
        "HOME": str(home),
        "JUPYTER_PLATFORM_DIRS": "1",
        "IPYTHONDIR": str(work / "ipython"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    shutil.rmtree(work, ignore_errors=True)


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Callable[..., list[str]]:
    """Runs a program to its end; gives the lines that it printed. It must end well, and complain of nothing."""

    def run(body: str, *, complains: bool = False, **variables: str) -> list[str]:
        file = tmp_path / "program.py"
        file.write_text(PRELUDE + textwrap.dedent(body))
        done = subprocess.run(
            [sys.executable, str(file)],
            env={**environment, **variables},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert complains or not done.stderr, done.stderr
        return done.stdout.splitlines()

    return run


def engine_is_gone(pid: int) -> bool:
    """Whether a process has ended (a zombie has)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        if sys.platform == "linux":
            return True
        return subprocess.run(["ps", "-p", str(pid)], capture_output=True).returncode != 0
    return stat.rsplit(") ", 1)[1].startswith("Z")


def eventually(condition: Callable[[], Any]) -> bool:
    """Waits until a condition holds, for half a minute at most."""
    import time

    for _ in range(600):
        if condition():
            return True
        time.sleep(0.05)
    return False
