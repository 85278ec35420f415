"""Programs for the official SDK run with ours when one word of their imports is changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from codexkit.testing import ScriptedModel
from conftest import ROOT, SLOW, command, reply

pytest.importorskip("openai_codex")

PROGRAMS = Path(__file__).parent / "programs"
NAMES = sorted(path.stem for path in PROGRAMS.glob("*.py") if path.stem != "setup")

ESCALATED = command("touch asked.txt", sandbox_permissions="require_escalated", justification="j")
SCRIPT = {
    "rules": [
        {"when": {"user_contains": "instead"}, "replies": [reply("steered")], "repeat": "last"},
        {"when": {"prompt_contains": "slow"}, "replies": [reply(SLOW)], "repeat": "last"},
        {"when": {"prompt_contains": "escalate"}, "replies": [reply(ESCALATED), reply("done")]},
        {
            "when": {"prompt_contains": "fail"},
            "replies": [{"status": 400, "body": {"error": {"message": "the model refuses"}}}],
            "repeat": "last",
        },
        {
            "when": {"prompt_contains": "Work"},
            "replies": [reply(command("echo hi")), reply("done")],
        },
        {"replies": [reply("Hello, you.")], "repeat": "last"},
    ]
}


def run(name: str, package: str, folder: Path) -> str:
    """What a program prints with a package in the place of ``openai_codex``."""
    here = folder / package
    (here / "home").mkdir(parents=True)
    (here / "project").mkdir()
    for source in (PROGRAMS / f"{name}.py", PROGRAMS / "setup.py"):
        text = source.read_text(encoding="utf-8")
        (here / source.name).write_text(text.replace("openai_codex", package), encoding="utf-8")
    with ScriptedModel(SCRIPT) as model:
        config: dict[str, Any] = {
            "config_overrides": model.config_overrides,
            "env": {"CODEX_HOME": str(here / "home"), "HOME": str(here / "home")},
        }
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "python"),
            "PROGRAM_CONFIG": json.dumps(config),
        }
        done = subprocess.run(
            [sys.executable, str(here / f"{name}.py")],
            cwd=here / "project",
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, f"{package}: {done.stderr}\n{done.stdout}"
    return done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_the_same_is_printed(name: str, home: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        packages = ("openai_codex", "codexkit")
        outputs = pool.map(lambda package: run(name, package, home.parent / "run"), packages)
        theirs, ours = (output.splitlines() for output in outputs)
    assert len(theirs) >= 5
    assert ours == theirs
