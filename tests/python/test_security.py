"""What docs/security.md says of secrets, files and the environment of commands, on the real engine."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from codexkit import Codex, CodexConfig, Sandbox
from codexkit.mcp import HttpServer
from codexkit.testing import ScriptedModel
from codexkit.types import CommandExecutionThreadItem
from conftest import ROOT, always, command, reply

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

Scripted = Callable[..., tuple[ScriptedModel, CodexConfig]]


def arguments() -> Iterator[tuple[str, bytes]]:
    """The command lines of all processes that can be seen."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                yield folder.name, (folder / "cmdline").read_bytes()
            except OSError:
                continue


@LINUX
def test_no_secret_becomes_an_argument_of_a_process(scripted: Scripted) -> None:
    secrets = {name: f"sk-{name}-0123456789abcdef" for name in ("login", "header", "environment")}
    _, config = scripted(always("ok"), env={"MY_PROVIDER_KEY": secrets["environment"]})
    server = HttpServer(
        "http://127.0.0.1:9/mcp",
        headers={"Authorization": f"Bearer {secrets['header']}"},
        required=False,
    )
    with Codex(config) as codex:
        codex.login_api_key(secrets["login"])
        codex.thread_start(mcp_servers={"away": server})
        seen = list(arguments())
        assert any(int(pid) == codex.pid and b"app-server" in line for pid, line in seen)
        for name, secret in secrets.items():
            assert not [pid for pid, line in seen if secret.encode() in line], name


@LINUX
def test_the_environment_of_commands(scripted: Scripted, project: Path) -> None:
    """A command gets the engine's environment; `env` says what the engine gets, the engine's policy what of it goes on."""

    def environment(**fields: Any) -> dict[str, str]:
        _, config = scripted(
            {"replies": [reply(command("env -0 | base64 -w0")), reply("done")]}, **fields
        )
        with Codex(config) as codex:
            result = codex.thread_start(cwd=project, sandbox=Sandbox.read_only).run("go")
        [item] = [item for item in result.items if isinstance(item, CommandExecutionThreadItem)]
        text = base64.b64decode((item.aggregated_output or "").strip()).decode()
        return dict(entry.split("=", 1) for entry in text.split("\0") if "=" in entry)

    given = {"MY_PLAIN": "plain", "MY_API_KEY": "sk-0123456789abcdef"}
    seen = environment(env=given)
    # The engine holds nothing back by itself: docs/security.md says what to do.
    assert (seen["MY_PLAIN"], seen["MY_API_KEY"]) == ("plain", given["MY_API_KEY"])
    assert "CODEXKIT_ENGINE_ID" in seen
    policy = {"shell_environment_policy": {"inherit": "core"}}
    kept = environment(env=given, config=policy)
    assert "MY_PLAIN" not in kept
    assert "MY_API_KEY" not in kept


PERMISSIONS = """
import os, sys
os.umask(0)
from codexkit import Codex
from codexkit.files import FileStore
from codexkit.testing import ScriptedModel
root, journal = sys.argv[1:]
store = FileStore(root)
store.stage(b"some bytes", name="a.txt")
store.stage(b"some bytes", name="b.txt")
with ScriptedModel({"replies": [{"items": [{"message": "ok"}]}], "repeat": "last"}) as model:
    with Codex(model.config()) as codex:
        codex.map(["one", "two"], journal=journal).collect()
"""


@pytest.mark.skipif(os.name != "posix", reason="permissions of Unix")
def test_what_is_written_is_for_the_user_alone_whatever_the_umask(home: Path) -> None:
    root, journal = home.parent / "staged", home.parent / "map.jsonl"
    env = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    subprocess.run(
        [sys.executable, "-c", PERMISSIONS, str(root), str(journal)], check=True, env=env
    )
    written = [journal, root, *root.rglob("*")]
    assert len(written) > 6
    for path in written:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, f"{path.name} has {mode:o}"
