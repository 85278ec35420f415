"""What the tests of the Python package share: a fresh home, scripted models, faulty engines."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from codexkit import AsyncCodex, Codex, CodexConfig
from codexkit.testing import ScriptedModel
from codexkit.tools import tool

pytest_plugins = ("codexkit.testing.pytest_plugin",)

ROOT = Path(__file__).resolve().parents[2]


def reply(*items: Any, **fields: Any) -> dict[str, Any]:
    """One answer of the model."""
    return {
        "items": [{"message": item} if isinstance(item, str) else item for item in items],
        **fields,
    }


def always(*items: Any) -> dict[str, Any]:
    """A script whose every answer is the same."""
    return {"replies": [reply(*items)], "repeat": "last"}


def rule(prompt: str, *replies: Any, **more: Any) -> dict[str, Any]:
    """What a model says to a prompt that has this in it."""
    return {"when": {"prompt_contains": prompt}, "replies": list(replies), **more}


def command(cmd: str, **arguments: Any) -> dict[str, Any]:
    """A model's call of the shell tool."""
    return {"call": {"name": "exec_command", "arguments": {"cmd": cmd, **arguments}}}


SLOW = {"repeat_delta": {"count": 400, "text": "w{i} ", "delay_ms": 25}}
"""An answer of ten seconds: something to interrupt."""


@tool
def add(a: int, b: int) -> dict[str, int]:
    """Adds two numbers.

    Args:
        a: The first.
        b: The second.
    """
    return {"sum": a + b}


@pytest.fixture
def home() -> Iterator[Path]:
    """A fresh CODEX_HOME, not below the system's temporary folder."""
    work = ROOT / ".cache" / "work" / f"python-{uuid.uuid4().hex[:12]}"
    (work / "home").mkdir(parents=True)
    yield work / "home"
    shutil.rmtree(work, ignore_errors=True)


@pytest.fixture
def project(home: Path) -> Path:
    """An empty working directory for the agent."""
    folder = home.parent / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def scripted(home: Path) -> Iterator[Callable[..., tuple[ScriptedModel, CodexConfig]]]:
    """Starts a model for a script and gives it with a configuration that talks to it."""
    with ExitStack() as stack:

        def start(script: Any, **fields: Any) -> tuple[ScriptedModel, CodexConfig]:
            model = stack.enter_context(ScriptedModel(script))
            fields.setdefault("codex_bin", os.environ.get("CODEXKIT_TEST_ENGINE"))
            # A login shell of the agent's would run the developer's own profile, however slow.
            fields["env"] = {"HOME": str(home.parent), **(fields.get("env") or {})}
            return model, model.config(home, **fields)

        yield start


@pytest.fixture
def codex(scripted: Any) -> Iterator[Callable[..., Codex]]:
    """Starts a client in front of a script."""
    with ExitStack() as stack:

        def start(script: Any, *, approval_handler: Any = None, **fields: Any) -> Codex:
            _, config = scripted(script, **fields)
            return stack.enter_context(Codex(config, approval_handler=approval_handler))

        yield start


@pytest.fixture
def async_codex(scripted: Any) -> Callable[..., AsyncCodex]:
    """Makes an asynchronous client in front of a script; the test enters it."""

    def make(script: Any, *, approval_handler: Any = None, **fields: Any) -> AsyncCodex:
        _, config = scripted(script, **fields)
        return AsyncCodex(config, approval_handler=approval_handler)

    return make


def faulty(plan: dict[str, Any], **fields: Any) -> CodexConfig:
    """A configuration whose engine is the test kit's faulty one."""
    binary = ROOT / "target" / os.environ.get("CODEXKIT_TEST_PROFILE", "debug") / "codexkit-testkit"
    launch = [str(binary), "faulty", "--plan", json.dumps(plan)]
    return CodexConfig(launch_args_override=launch, **fields)


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead but not yet collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
