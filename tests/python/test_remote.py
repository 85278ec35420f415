"""Engines that somebody else started: the same API over a WebSocket and over a Unix socket."""

from __future__ import annotations

import copy
import os
import pickle
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

import codexkit
from codexkit import (
    AsyncCodex,
    Codex,
    CodexConfig,
    InvalidArgumentError,
    Reconnect,
    RemoteEngine,
    Sandbox,
    SpawnError,
    TransportClosedError,
)
from conftest import command, reply

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the tests use Unix sockets")
TOKEN = "s3cret-token-4711"


class Engine:
    """An engine that listens, and who it was started for."""

    def __init__(self, config: CodexConfig, listen: str, *arguments: str) -> None:
        import codex_cli_bin

        binary = config.codex_bin or codex_cli_bin.bundled_codex_path()
        overrides = [word for entry in config.config_overrides for word in ("--config", entry)]
        self.process = subprocess.Popen(
            [binary, *overrides, "app-server", "--listen", listen, *arguments],
            env={**os.environ, **{k: v for k, v in (config.env or {}).items() if v is not None}},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.url = listen
        if listen.startswith("ws"):
            assert self.process.stderr is not None
            for line in self.process.stderr:
                if found := re.search(r"listening on: (ws://\S+)", line):
                    self.url = found.group(1)
                    break
        else:
            wait_for(lambda: Path(listen.removeprefix("unix://")).exists())
        threading.Thread(target=self.process.communicate, daemon=True).start()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class Proxy:
    """Leads to a Unix socket, until it is cut."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                engine = socket.socket(socket.AF_UNIX)
                engine.connect(self._path)
                self._open += [client, engine]
                for ends in ((client, engine), (engine, client)):
                    threading.Thread(target=carry, args=ends, daemon=True).start()

    def cut(self) -> None:
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._open.clear()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()


def carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen")


@pytest.fixture
def engine(scripted: Any, home: Path) -> Iterator[Callable[..., Engine]]:
    """Starts an engine in front of a script that listens."""
    with ExitStack() as stack:

        def start(script: Any, listen: str = "unix", *arguments: str) -> Engine:
            _, config = scripted(script)
            address = f"unix://{home.parent / 's'}" if listen == "unix" else "ws://127.0.0.1:0"
            started = Engine(config, address, *arguments)
            stack.callback(started.stop)
            return started

        yield start


@pytest.mark.parametrize("listen", ["unix", "ws"])
def test_a_turn_and_its_events(engine: Any, listen: str) -> None:
    running = engine({"replies": [reply("Hello there")]}, listen)
    with Codex(CodexConfig(remote=running.url)) as client:
        assert client.metadata.engine_source == "remote"
        thread = client.thread_start(cwd="/no/such/folder/here")
        methods = [event.method for event in thread.turn("hi").stream()]
        assert (methods[0], methods[-1]) == ("turn/started", "turn/completed")
        read = client.thread_resume(thread.id).read(include_turns=True)
        assert read.thread.turns[0].items[-1].text == "Hello there"
    assert running.process.poll() is None, "closing leaves the engine alone"
    with pytest.raises(TransportClosedError):
        thread.read()


async def test_two_asynchronous_clients_share_an_engine(engine: Any) -> None:
    running = engine({"replies": ["one", "two"], "repeat": "last"})
    config = CodexConfig(remote=RemoteEngine(running.url))
    async with AsyncCodex(config) as one, AsyncCodex(config) as other:
        thread = await one.thread_start()
        await thread.run("first")
        again = await other.thread_resume(thread.id)
        assert (await again.run("second")).final_response == "two"
        assert len((await thread.read(include_turns=True)).thread.turns) == 2


def test_a_turn_survives_a_lost_connection(engine: Any, project: Path) -> None:
    wait = command("touch began; while [ ! -e go ]; do sleep 0.05; done; echo done")
    running = engine({"replies": [reply(wait), reply("after all")]})
    proxy = Proxy(running.url.removeprefix("unix://"))
    remote = RemoteEngine(proxy.url, reconnect=Reconnect(initial_delay_s=0.02, max_delay_s=0.1))
    with Codex(CodexConfig(remote=remote)) as client:
        thread = client.thread_start(cwd=str(project), sandbox=Sandbox.full_access)
        turn = thread.turn("go")
        wait_for((project / "began").exists)
        proxy.cut()
        seen = []
        for event in turn.stream():
            seen.append(event.method)
            if event.method == "codexkit/reconnected":
                assert event.turn_id == turn.id
                assert event.recovered
                (project / "go").touch()
        assert "codexkit/reconnected" in seen
        assert seen[-1] == "turn/completed"
        result = turn.run()
        assert result.final_response == "after all"
        assert [item.type for item in result.items] == [
            "userMessage",
            "commandExecution",
            "agentMessage",
        ]
        assert any(one["kind"] == "connection" for one in client.diagnostics())
    proxy.close()


def test_without_a_policy_a_lost_connection_closes_the_client(engine: Any) -> None:
    running = engine({"replies": ["x"]})
    proxy = Proxy(running.url.removeprefix("unix://"))
    with Codex(CodexConfig(remote=RemoteEngine(proxy.url, reconnect=None))) as client:
        thread = client.thread_start()
        proxy.cut()
        wait_for(lambda: client.is_closed)
        with pytest.raises(TransportClosedError, match="not re-established"):
            thread.read()
    proxy.close()


def test_the_token_decides_and_is_shown_nowhere(engine: Any, home: Path) -> None:
    (home / "token").write_text(TOKEN)
    auth = ("--ws-auth", "capability-token", "--ws-token-file", str(home / "token"))
    running = engine({"replies": ["x"]}, "ws", *auth)
    with Codex(CodexConfig(remote=RemoteEngine(running.url, TOKEN))) as client:
        client.thread_list()
    for token, words in (("wrong-token-0815", "refused the bearer token"), (None, "wants a")):
        with pytest.raises(SpawnError, match=words) as caught:
            Codex(CodexConfig(remote=RemoteEngine(running.url, token)))
        assert "0815" not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize(
    ("fields", "argument"),
    [
        ({"remote": 5}, "remote"),
        ({"remote": "http://localhost:1"}, "remote.url"),
        ({"remote": "unix://"}, "remote.url"),
        ({"remote": "ws://user:pw@localhost:1"}, "remote.url"),
        ({"remote": RemoteEngine("ws://example.org", TOKEN)}, "remote.bearer_token"),
        ({"remote": RemoteEngine("ws://[::1]:1", "")}, "remote.bearer_token"),
        ({"remote": RemoteEngine(None)}, "remote.url"),  # type: ignore[arg-type]
        ({"remote": RemoteEngine("ws://[::1]:1", connect_timeout_s=0)}, "remote.connect_timeout"),
        ({"remote": RemoteEngine("ws://[::1]:1", ca_file="x")}, "remote.ca_file"),
        ({"remote": RemoteEngine("wss://[::1]:1", ca_file="/x")}, "remote.ca_file"),
        ({"remote": RemoteEngine("ws://h", reconnect=5)}, "remote.reconnect"),  # type: ignore[arg-type]
        (
            {"remote": RemoteEngine("ws://[::1]:1", reconnect=Reconnect(max_attempts=-1))},
            "remote.reconnect.max_attempts",
        ),
        ({"remote": "ws://localhost:1", "codex_bin": "codex"}, "codex_bin"),
        ({"remote": "ws://localhost:1", "config": {"model": "x"}}, "config"),
        ({"remote": "ws://localhost:1", "config_overrides": ["a=1"]}, "config_overrides"),
        ({"remote": "ws://localhost:1", "launch_args_override": ["x"]}, "launch_args_override"),
        ({"remote": "ws://localhost:1", "cwd": "/"}, "cwd"),
        ({"remote": "ws://localhost:1", "env": {"A": "b"}}, "env"),
    ],
)
def test_what_cannot_be_names_the_argument(fields: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        Codex(CodexConfig(**fields))
    assert caught.value.argument == argument, caught.value
    assert TOKEN not in str(caught.value)


def test_they_are_values() -> None:
    remote = RemoteEngine("wss://h/?token=s3cret", TOKEN, reconnect=Reconnect(3))
    assert copy.copy(remote) == pickle.loads(pickle.dumps(remote)) == remote
    assert TOKEN not in repr(CodexConfig(remote=remote))
    assert "s3cret" not in repr(remote)
    assert {"RemoteEngine", "Reconnect"} <= set(codexkit.__all__)
