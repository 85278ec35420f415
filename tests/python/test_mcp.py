"""MCP: servers from code, what the engine says of them, and the client without an engine."""

from __future__ import annotations

import asyncio
import copy
import os
import pickle
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from codexkit import (
    AsyncCodex,
    Codex,
    CodexTimeoutError,
    InvalidArgumentError,
    JsonRpcError,
    Sandbox,
    SpawnError,
    TransportClosedError,
)
from codexkit.mcp import (
    AsyncMcpClient,
    HttpServer,
    McpClient,
    StdioServer,
    qualify,
    tool_names,
)
from conftest import ROOT, alive, always, reply

SERVER = str(ROOT / "tests/mcp/server.py")


def memo(*arguments: str, **fields: Any) -> StdioServer:
    """The test server."""
    return StdioServer(sys.executable, [SERVER, *arguments], **fields)


def call(name: str, text: str) -> dict[str, Any]:
    """A model's call of a tool of the server `memo`."""
    return {"call": {"name": name, "namespace": "mcp__memo", "arguments": {"text": text}}}


def said(result: Any) -> str:
    """The text of a tool's result."""
    return result.content[0]["text"]


def held(read: Any) -> str:
    """The text of a resource."""
    return read.contents[0].text


# Servers of a thread.


def test_a_thread_has_the_servers_that_it_is_given(codex: Callable[..., Codex]) -> None:
    client = codex({"replies": [reply(call("echo", "hi")), reply("done")]})
    server = memo(env={"GIVEN": "yes"}, disabled_tools=["crash"], tool_timeout_s=20)
    thread = client.thread_start(sandbox=Sandbox.full_access, mcp_servers={"memo": server})
    (ready,) = thread.mcp.wait_ready(["memo"])
    assert ready.name == "memo"
    (status,) = thread.mcp.status()
    assert "echo" in status.tools
    assert "crash" not in status.tools
    assert [resource.uri for resource in status.resources][:2] == ["memo://0", "memo://1"]
    answer = thread.mcp.call_tool("memo", "echo", {"text": "$GIVEN"})
    assert said(answer) == "yes"
    assert answer.is_error is False
    read = thread.mcp.read_resource("memo", "memo://1")
    assert held(read) == "memo"
    result = thread.run("go")
    assert result.final_response == "done"
    assert any(item.type == "mcpToolCall" for item in result.items)
    client.mcp.reload()


def test_resumed_and_forked_threads_have_servers_too(codex: Callable[..., Codex]) -> None:
    client = codex(always("done"))
    thread = client.thread_start()
    thread.run("hello")
    forked = client.thread_fork(thread.id, mcp_servers={"memo": memo()})
    assert said(forked.mcp.call_tool("memo", "echo", {"text": "forked"})) == "forked"
    client.api.thread.unsubscribe(thread_id=thread.id)
    resumed = client.thread_resume(thread.id, mcp_servers={"memo": memo()})
    assert said(resumed.mcp.call_tool("memo", "echo", {"text": "resumed"})) == "resumed"


async def test_the_same_for_asyncio(async_codex: Callable[..., AsyncCodex]) -> None:
    async with async_codex(always("done")) as client:
        assert await client.mcp.status() == []
        thread = await client.thread_start(mcp_servers={"memo": memo()})
        (ready,) = await thread.mcp.wait_ready(timeout=60)
        assert ready.name == "memo"
        (status,) = await thread.mcp.status(tools_only=True, server="memo")
        assert "echo" in status.tools
        assert not status.resources
        assert said(await thread.mcp.call_tool("memo", "echo", {"text": "hi"})) == "hi"
        assert (await thread.mcp.read_resource("memo", "memo://1")).contents
        with pytest.raises(JsonRpcError, match="streamable HTTP"):
            await thread.mcp.login("memo")
        await client.mcp.reload()


def test_servers_of_the_client_are_for_every_thread(codex: Callable[..., Codex]) -> None:
    client = codex(always("done"), mcp_servers={"memo": memo()})
    assert client.thread_start().mcp.wait_ready()[0].name == "memo"
    with pytest.raises(InvalidArgumentError) as caught:
        codex(always("done"), mcp_servers={"memo": memo(env={"API_KEY": "sesame"})})
    assert caught.value.argument == "mcp_servers.memo.env"
    assert "sesame" not in str(caught.value)


def test_what_cannot_work_is_refused_at_the_call(codex: Callable[..., Codex]) -> None:
    client = codex(always("done"))
    bad: Any
    for bad, argument in (
        ([memo()], "mcp_servers"),
        ({"memo": {"command": "a"}}, "mcp_servers.memo"),
        ({"a b": memo()}, "mcp_servers"),
        ({"memo": memo(enabled_tools="echo")}, "mcp_servers.memo.enabled_tools"),
        ({"memo": memo(tool_timeout_s=-1)}, "mcp_servers.memo.tool_timeout_s"),
        ({"memo": HttpServer("ftp://x")}, "mcp_servers.memo.url"),
        ({"memo": memo(tool_approval="yes")}, "mcp_servers.memo.tool_approval"),
    ):
        with pytest.raises(InvalidArgumentError) as caught:
            client.thread_start(mcp_servers=bad)
        assert caught.value.argument == argument, bad
    with pytest.raises(InvalidArgumentError) as caught:
        client.thread_start(config={"mcp_servers": {"memo": {}}}, mcp_servers={"memo": memo()})
    assert caught.value.argument == "mcp_servers.memo"
    with pytest.raises(InvalidArgumentError) as caught:
        client.mcp.call_tool("memo", "echo")
    assert caught.value.argument == "thread_id"
    thread = client.thread_start(mcp_servers={"broken": StdioServer("/nonexistent/server")})
    with pytest.raises(SpawnError, match="No such file"):
        thread.mcp.wait_ready(["broken"])
    with pytest.raises(InvalidArgumentError, match="broken"):
        thread.mcp.wait_ready(["other"])


def test_declarations_are_values_and_show_no_secret() -> None:
    server = HttpServer("https://x/mcp?key=sesame", headers={"X-Key": "sesame"}, required=True)
    assert server == pickle.loads(pickle.dumps(server)) == copy.copy(server)
    assert "sesame" not in repr(server)
    process = memo(env={"KEY": "sesame"})
    assert process == pickle.loads(pickle.dumps(process))
    assert "sesame" not in repr(process)


@pytest.fixture
def tracker(tmp_path: Path) -> Iterator[str]:
    """The URL of a server that wants a login."""
    port = tmp_path / "port"
    command = [sys.executable, str(ROOT / "tests/mcp/oauth_server.py"), str(port)]
    with subprocess.Popen(command) as server:
        while not port.exists() and server.poll() is None:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port.read_text()}/mcp"
        server.kill()


OAUTH = {"mcp_oauth_credentials_store": "file"}


def test_a_login_to_a_server(codex: Callable[..., Codex], tracker: str) -> None:
    client = codex(always("done"), config=OAUTH)
    servers = {"tracker": HttpServer(tracker)}
    thread = client.thread_start(mcp_servers=servers)
    (status,) = thread.mcp.status(tools_only=True)
    assert status.auth_status == "notLoggedIn"
    login = thread.mcp.login("tracker", timeout=60)
    assert login.server == "tracker"
    assert login.authorization_url.startswith(tracker.removesuffix("/mcp"))
    with pytest.raises(CodexTimeoutError):
        login.wait(timeout=0.1)
    # What a browser does.
    urllib.request.urlopen(login.authorization_url).read()
    done = login.wait(timeout=60)
    assert done.success is True
    assert done.name == "tracker"
    assert login.wait().success is True
    again = client.thread_start(mcp_servers=servers)
    (ready,) = again.mcp.wait_ready()
    assert ready.auth_status == "oAuth"
    assert "echo" in ready.tools


async def test_a_login_for_asyncio(async_codex: Callable[..., AsyncCodex], tracker: str) -> None:
    async with async_codex(always("done"), config=OAUTH) as client:
        thread = await client.thread_start(mcp_servers={"tracker": HttpServer(tracker)})
        login = await thread.mcp.login("tracker", scopes=["read"], client_registration="dcr")
        waiting = asyncio.ensure_future(login.wait())
        opened = await asyncio.to_thread(urllib.request.urlopen, login.authorization_url)
        opened.close()
        assert (await waiting).success is True


# The client without an engine.


def test_the_client_discovers_and_calls() -> None:
    with McpClient("memo", memo()) as client:
        assert client.name == "memo"
        assert client.state == "ready"
        assert client.restarts == 0
        assert client.server_info["serverInfo"] == {"name": "memo", "version": "1.2.3"}
        tools = client.list_tools()
        assert [tool.name for tool in tools] == ["echo", "fail", "crash", "slow", "spawn"]
        assert tools[0].input_schema["type"] == "object"
        assert len(client.list_resources()) == 3
        assert client.list_resource_templates()[0].uri_template == "memo://{n}"
        assert client.list_prompts()[0]["name"] == "greet"
        result = client.call_tool("echo", {"text": "hello"})
        assert said(result) == "hello"
        assert result.structured_content == {"text": "hello"}
        assert client.call_tool("fail").is_error is True
        assert held(client.read_resource("memo://1")) == "memo"
        prompt = client.get_prompt("greet", {"who": "Ada"})
        assert prompt["messages"][0]["content"]["text"] == "Hello Ada"
        client.ping()
        with pytest.raises(JsonRpcError) as caught:
            client.call_tool("nothing")
        assert caught.value.code == -32602
    assert client.state == "closed"
    with pytest.raises(TransportClosedError):
        client.ping()
    client.close()


async def test_the_client_for_asyncio() -> None:
    async with AsyncMcpClient("memo", memo(enabled_tools=["echo", "slow"])) as client:
        assert [tool.name for tool in await client.list_tools()] == ["echo", "slow"]
        texts = [str(number) for number in range(20)]
        calls = [client.call_tool("echo", {"text": text}) for text in texts]
        assert [said(result) for result in await asyncio.gather(*calls)] == texts
        with pytest.raises(InvalidArgumentError):
            await client.call_tool("crash")
        assert len(await client.list_resources()) == 3
        assert await client.list_resource_templates()
        assert await client.list_prompts()
        assert (await client.read_resource("memo://1")).contents
        assert await client.get_prompt("greet", {"who": "Ada"})
        await client.ping()
        assert client.pid is not None
        assert client.server_info["instructions"] == "Be kind."
        with pytest.raises(CodexTimeoutError):
            await client.call_tool("slow", {"text": "30"}, timeout=0.2)
    await client.close()
    with pytest.raises(TransportClosedError):
        await client.ping()
    unused = AsyncMcpClient("memo", memo())
    await unused.close()
    with pytest.raises(TransportClosedError):
        await unused.ping()


def test_a_crash_fails_the_call_and_the_server_comes_back() -> None:
    with McpClient("memo", memo()) as client:
        first = client.pid
        with pytest.raises(TransportClosedError, match="not repeated") as caught:
            client.call_tool("crash", {"text": "on purpose"})
        assert caught.value.exit_code == 3
        assert "on purpose" in (caught.value.stderr_tail or "")
        assert said(client.call_tool("echo", {"text": "again"})) == "again"
        assert client.pid != first
        assert client.restarts == 1
        assert "on purpose" in client.stderr_tail


def test_a_server_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    with pytest.raises(SpawnError, match="not yet: 0") as caught:
        McpClient("memo", memo("--fail", "9", str(tmp_path / "counter")))
    assert caught.value.exit_code == 1
    with pytest.raises(CodexTimeoutError):
        McpClient("memo", memo("--silent", startup_timeout_s=0.3))
    with pytest.raises(SpawnError):
        McpClient("memo", HttpServer("http://127.0.0.1:1/mcp"))
    with pytest.raises(InvalidArgumentError) as refused:
        McpClient("memo", HttpServer("http://127.0.0.1:1", bearer_token_env_var="NOT_SET_HERE"))
    assert refused.value.argument == "server.bearer_token_env_var"
    with pytest.raises(InvalidArgumentError):
        McpClient("memo", "npx")  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError):
        McpClient("memo", memo(), max_restarts=-1)


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_nothing_outlives_a_program_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        "from codexkit.mcp import McpClient, StdioServer\n"
        f"client = McpClient('memo', StdioServer({sys.executable!r}, [{SERVER!r}]))\n"
        "pid = client.call_tool('spawn', {'text': '47311'}).content[0]['text']\n"
        "print(client.pid, pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    host = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert host.stdout is not None
    pids = [int(pid) for pid in host.stdout.readline().split()]
    assert len(pids) == 2
    assert all(alive(pid) for pid in pids)
    host.send_signal(signal.SIGKILL)
    host.wait()
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in pids)


def test_names_of_tools_are_told_apart() -> None:
    assert qualify("docs", "find.all") == "mcp__docs__find_all"
    names = tool_names({"docs": ["find"], "web": ["find"]})
    assert names == {"mcp__docs__find": ("docs", "find"), "mcp__web__find": ("web", "find")}
    with pytest.raises(InvalidArgumentError, match="would both be called"):
        tool_names({"a": ["b__c"], "a__b": ["c"]})
