"""The low-level clients: turns, events, logins and goals by hand, against the real engine."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from codexkit import (
    AsyncCodex,
    CodexConfig,
    CodexTimeoutError,
    EngineNotFoundError,
    InvalidRequestError,
    TransportClosedError,
    _native,
    types,
)
from codexkit.async_client import AsyncCodexClient
from codexkit.client import (
    CodexBinResolverOps,
    CodexClient,
    default_codex_home,
    resolve_codex_bin,
)
from conftest import SLOW, always, command, reply

UPDATE_GOAL = {"call": {"name": "update_goal", "arguments": {"status": "complete"}}}


def reaches_goal() -> dict[str, Any]:
    """The model works for one turn, goes on in the next, and says then that the goal is reached."""
    return {"replies": [reply("working"), reply(UPDATE_GOAL), reply("done")], "repeat": "last"}


def test_turns_and_their_events(scripted: Any, project: Path) -> None:
    _, config = scripted(always("one two"))
    with CodexClient(config) as client:
        client.start()
        assert client.initialize().serverInfo.version
        thread = client.thread_start({"cwd": str(project)}).thread
        assert isinstance(thread, types.Thread)
        started = client.turn_start(thread.id, [{"type": "text", "text": "Hi"}])
        assert isinstance(started, types.TurnStartResponse)
        turn_id = started.turn.id
        methods = []
        while not methods or methods[-1] != "turn/completed":
            methods.append(client.next_turn_notification(turn_id).method)
        assert methods[0] == "turn/started"
        assert "item/agentMessage/delta" in methods
        with pytest.raises(TransportClosedError, match="no more events"):
            client.next_turn_notification(turn_id)
        client.unregister_turn_notifications(turn_id)
        with pytest.raises(RuntimeError, match="not registered"):
            client.next_turn_notification(turn_id)
        # Read already, and still known.
        assert client.wait_for_turn_completed(turn_id).turn.id == turn_id
        second = client.turn_start(thread.id, "Again", types.TurnStartParams(model="gpt-test"))
        done = client.wait_for_turn_completed(second.turn.id)
        assert isinstance(done, types.TurnCompletedNotification)
        assert done.turn.status is types.TurnStatus.completed
        deltas = list(client.stream_text(thread.id, "And again"))
        assert "".join(delta.delta for delta in deltas) == "one two"
        assert all(isinstance(delta, types.AgentMessageDeltaNotification) for delta in deltas)
        assert client.thread_read(thread.id, include_turns=True).thread.turns
        assert client.next_notification().turn_id is None


def test_the_rest_of_the_methods(scripted: Any, project: Path) -> None:
    _, config = scripted(always("ok"))
    with CodexClient(config) as client:
        thread = client.thread_start(types.ThreadStartParams(cwd=str(project))).thread
        list(client.stream_text(thread.id, "Hi"))
        client.thread_set_name(thread.id, "named")
        assert client.thread_list({"cwd": str(project)}).data[0].name == "named"
        fork = client.thread_fork(thread.id).thread
        assert fork.id != thread.id
        client.thread_archive(fork.id)
        assert client.thread_unarchive(fork.id).thread.id == fork.id
        assert client.thread_resume(fork.id).thread.id == fork.id
        client.thread_compact(thread.id)
        assert client.model_list(include_hidden=True).data
        answer = client.request("model/list", {}, response_model=types.ModelListResponse)
        assert isinstance(answer, types.ModelListResponse)
        assert client.request("model/list", {})["data"]
        retried = client.request_with_retry_on_overload(
            "model/list", {}, response_model=types.ModelListResponse
        )
        assert retried.data
        with pytest.raises(InvalidRequestError):
            client.request("thread/read", {"threadId": "nonsense"}, response_model=types.Thread)
        client.notify("initialized", None)


def test_steering_and_interrupting(scripted: Any, project: Path) -> None:
    script = {"replies": [reply(SLOW), reply("steered"), reply(SLOW)]}
    _, config = scripted(script)
    with CodexClient(config) as client:
        thread = client.thread_start({"cwd": str(project)}).thread
        turn = client.turn_start(thread.id, "slow").turn
        with pytest.raises(CodexTimeoutError, match="did not come"):
            client.wait_for_turn_completed(turn.id, timeout=0.3)
        assert client.turn_steer(thread.id, turn.id, "this instead").turn_id == turn.id
        assert client.wait_for_turn_completed(turn.id).turn.status == "completed"
        turn = client.turn_start(thread.id, "slow").turn
        client.turn_interrupt(thread.id, turn.id)
        assert client.wait_for_turn_completed(turn.id).turn.status == "interrupted"


def test_a_turn_of_somebody_else_is_watched(scripted: Any, project: Path) -> None:
    _, config = scripted({"replies": [reply(SLOW)]})
    with CodexClient(config) as client:
        thread = client.thread_start({"cwd": str(project)}).thread
        params = {"threadId": thread.id, "input": [{"type": "text", "text": "Hi"}]}
        started = client.request("turn/start", params, response_model=types.TurnStartResponse)
        client.register_turn_notifications(started.turn.id)
        event = client.next_turn_notification(started.turn.id)
        assert event.turn_id == started.turn.id
        client.turn_interrupt(thread.id, started.turn.id)
        assert client.wait_for_turn_completed(started.turn.id).turn.status == "interrupted"


@pytest.mark.parametrize("answers", ["handler", "nobody"])
def test_approvals(scripted: Any, project: Path, answers: str) -> None:
    script = {
        "replies": [
            reply(
                command(
                    "touch asked.txt", sandbox_permissions="require_escalated", justification="j"
                )
            ),
            reply("done"),
        ]
    }
    _, config = scripted(script)
    asked = []

    def accept(method: str, params: dict[str, Any] | None) -> dict[str, Any]:
        asked.append((method, (params or {})["threadId"]))
        return {"decision": "accept"}

    handler = accept if answers == "handler" else None
    with CodexClient(config, approval_handler=handler) as client:
        params = {"cwd": str(project), "approvalPolicy": "on-request", "sandbox": "read-only"}
        thread = client.thread_start({**params, "approvalsReviewer": "user"}).thread
        turn = client.turn_start(thread.id, "Hi").turn
        client.wait_for_turn_completed(turn.id)
    if answers == "handler":
        assert asked == [("item/commandExecution/requestApproval", thread.id)]
    assert (project / "asked.txt").exists() == (answers == "handler")


def own_account(home: Path) -> CodexConfig:
    """A configuration with the engine's own provider, which is the one with accounts."""
    return CodexConfig(env={"CODEX_HOME": str(home), "HOME": str(home.parent)})


def test_logins(home: Path) -> None:
    with CodexClient(own_account(home)) as client:
        kind = types.ChatgptLoginAccountParams(type="chatgpt")
        answer = client.account_login_start(types.LoginAccountParams(root=kind))
        assert isinstance(answer.root, types.ChatgptLoginAccountResponse)
        assert answer.root.auth_url.startswith("http")
        with pytest.raises(CodexTimeoutError, match="login"):
            client.wait_for_login_completed(answer.login_id, timeout=0.1)
        client.account_login_cancel(answer.login_id)
        done = client.wait_for_login_completed(answer.login_id)
        assert (done.success, done.login_id) == (False, answer.login_id)
        with pytest.raises(RuntimeError, match="not registered"):
            client.next_login_notification(answer.login_id)
        client.account_login_start({"type": "apiKey", "apiKey": "sk-test-1234567890"})
        assert isinstance(client.account_read().account.root, types.ApiKeyAccount)
        client.account_logout()
        assert client.account_read(types.GetAccountParams(refresh_token=False)).account is None


def test_goals(scripted: Any, project: Path) -> None:
    _, config = scripted(reaches_goal())
    with CodexClient(config) as client:
        thread = client.thread_start({"cwd": str(project)}).thread
        list(client.stream_text(thread.id, "First a turn, so that the thread is stored."))
        set_to = client.thread_goal_set(
            thread.id, objective="o", status=types.ThreadGoalStatus.paused, token_budget=9000
        )
        assert (set_to.goal.objective, set_to.goal.token_budget) == ("o", 9000)
        assert client.thread_goal_get(thread.id).goal.status is types.ThreadGoalStatus.paused
        assert client.thread_goal_clear(thread.id).cleared
        state, turn_id = client.start_goal_operation(thread.id, "write a poem")
        assert state.logical_turn_id == turn_id
        with pytest.raises(InvalidRequestError, match="active goal"):
            client.turn_start(thread.id, "Hi")
        with pytest.raises(RuntimeError, match="already"):
            client.register_goal_operation(thread.id)
        methods = []
        while not state.is_finished():
            methods.append(client.next_goal_notification(state).method)
        with pytest.raises(TransportClosedError, match="no more events"):
            client.next_goal_notification(state)
        assert "turn/started" in methods
        assert methods.count("turn/started") == methods.count("turn/completed") >= 1
        assert state.is_finished()
        assert state.status is types.ThreadGoalStatus.complete
        list(client.stream_text(thread.id, "And on."))


def test_goals_that_cannot_be(scripted: Any, project: Path) -> None:
    _, config = scripted(always("ok"))
    with CodexClient(config) as client:
        thread = client.thread_start({"cwd": str(project), "ephemeral": True}).thread
        with pytest.raises(InvalidRequestError, match="persisted"):
            client.start_goal_operation(thread.id, "x")


def test_a_goal_is_cancelled(scripted: Any, project: Path) -> None:
    _, config = scripted({"replies": [reply("ok"), reply(SLOW)], "repeat": "last"})
    with CodexClient(config) as client:
        thread = client.thread_start({"cwd": str(project)}).thread
        list(client.stream_text(thread.id, "First a turn."))
        state, turn_id = client.start_goal_operation(thread.id, "write a poem")
        client.cancel_goal_operation(state)
        while not state.is_finished():
            client.next_goal_notification(state)
        assert state.completed_turn is not None
        assert (state.completed_turn.id, state.completed_turn.status) == (turn_id, "interrupted")
        assert client.thread_goal_get(thread.id).goal.status == "paused"


def test_started_closed_and_started_again(scripted: Any) -> None:
    _, config = scripted(always("ok"))
    client = CodexClient(config)
    with pytest.raises(TransportClosedError, match="not started"):
        client.model_list()
    client.start()
    client.start()
    first = client.initialize().codex_home
    client.close()
    client.close()
    with pytest.raises(TransportClosedError, match="not started"):
        client.initialize()
    client.start()
    assert client.initialize().codex_home == first
    client.close()
    with pytest.raises(EngineNotFoundError):
        CodexClient(CodexConfig(codex_bin="/no/such/codex")).start()


def test_closing_wakes_who_waits(scripted: Any, project: Path) -> None:
    _, config = scripted({"replies": [reply(SLOW)]})
    with CodexClient(config) as client:
        thread = client.thread_start({"cwd": str(project)}).thread
        turn = client.turn_start(thread.id, "slow").turn
        caught = []

        def wait() -> None:
            try:
                client.wait_for_turn_completed(turn.id)
            except TransportClosedError as error:
                caught.append(error)

        waiting = threading.Thread(target=wait)
        waiting.start()
        client.close()
        waiting.join()
    assert len(caught) == 1


def test_a_dead_engine_fails_whoever_waits(scripted: Any, project: Path) -> None:
    _, config = scripted({"replies": [reply("ok"), reply(SLOW)], "repeat": "last"})
    with CodexClient(config) as client:
        thread = client.thread_start({"cwd": str(project)}).thread
        list(client.stream_text(thread.id, "First a turn."))
        state, _ = client.start_goal_operation(thread.id, "write a poem")
        other = client.thread_start({"cwd": str(project)}).thread
        turn = client.turn_start(other.id, "slow").turn
        login = client.account_login_start({"type": "chatgpt"}).login_id
        pid = client._native.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

        def drain(read: Any, *arguments: Any) -> None:
            while True:
                read(*arguments)

        for read, arguments in (
            (client.next_turn_notification, (turn.id,)),
            (client.next_login_notification, (login,)),
            (client.next_goal_notification, (state,)),
            (client.next_notification, ()),
            (client.model_list, ()),
        ):
            with pytest.raises(TransportClosedError) as caught:
                drain(read, *arguments)
            assert caught.value.signal == signal.SIGKILL, read


def test_the_high_level_client_has_one(codex: Any, project: Path) -> None:
    client = codex(always("ok"))
    thread = client.thread_start(cwd=project)
    low = client._client
    assert low.thread_read(thread.id).thread.id == thread.id
    assert [delta.delta for delta in low.stream_text(thread.id, "Hi")] == ["ok"]


def test_where_the_engine_is(tmp_path: Path) -> None:
    here = CodexBinResolverOps(lambda: tmp_path / "installed", lambda path: path.name == "codex")
    assert resolve_codex_bin(CodexConfig(), here) == tmp_path / "installed"
    assert resolve_codex_bin(CodexConfig(codex_bin="/a/codex"), here) == Path("/a/codex")
    with pytest.raises(FileNotFoundError, match="/a/other"):
        resolve_codex_bin(CodexConfig(codex_bin="/a/other"), here)
    assert default_codex_home() == str(Path.home() / ".codex")


async def test_async_turns(scripted: Any, project: Path) -> None:
    _, config = scripted(always("one two"))
    threads = threading.active_count()
    async with AsyncCodexClient(config) as client:
        assert (await client.initialize()).server_info.version
        thread = (await client.thread_start({"cwd": str(project)})).thread
        pieces = [delta.delta async for delta in client.stream_text(thread.id, "Hi")]
        assert "".join(pieces) == "one two"
        turn = (await client.turn_start(thread.id, "Hi")).turn
        first = await client.next_turn_notification(turn.id)
        assert first.method == "turn/started"
        assert (await client.wait_for_turn_completed(turn.id, timeout=60)).turn.id == turn.id
        with pytest.raises(RuntimeError, match="not registered"):
            await client.next_turn_notification(turn.id)
        several = await asyncio.gather(*(client.thread_read(thread.id) for _ in range(20)))
        assert {answer.thread.id for answer in several} == {thread.id}
        assert (await client.model_list()).data
        answer = await client.request("model/list", {}, response_model=types.ModelListResponse)
        assert answer.data
        retried = await client.request_with_retry_on_overload("model/list", {})
        assert retried["data"]
        assert (await client.next_notification()).turn_id is None
        # The native module's own threads are not Python's.
        assert threading.active_count() == threads


async def test_async_steering_interrupting_and_approvals(scripted: Any, project: Path) -> None:
    escalated = command(
        "touch asked.txt", sandbox_permissions="require_escalated", justification="j"
    )
    _, config = scripted({"replies": [reply(SLOW), reply(escalated), reply("done")]})

    async def accept(_method: str, _params: dict[str, Any] | None) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"decision": "accept"}

    async with AsyncCodexClient(config, approval_handler=accept) as client:
        params = {"cwd": str(project), "approvalPolicy": "on-request", "sandbox": "read-only"}
        thread = (await client.thread_start({**params, "approvalsReviewer": "user"})).thread
        turn = (await client.turn_start(thread.id, "slow")).turn
        with pytest.raises(CodexTimeoutError, match="did not come"):
            await client.wait_for_turn_completed(turn.id, timeout=0.3)
        await client.turn_interrupt(thread.id, turn.id)
        assert (await client.wait_for_turn_completed(turn.id)).turn.status == "interrupted"
        turn = (await client.turn_start(thread.id, "Hi")).turn
        await client.wait_for_turn_completed(turn.id)
    assert (project / "asked.txt").exists()


async def test_async_logins(home: Path) -> None:
    async with AsyncCodexClient(own_account(home)) as client:
        answer = await client.account_login_start({"type": "chatgpt"})
        waiting = asyncio.create_task(client.wait_for_login_completed(answer.login_id))
        await client.account_login_cancel(answer.login_id)
        assert not (await waiting).success
        await client.account_login_start({"type": "apiKey", "apiKey": "sk-test-1234567890"})
        assert (await client.account_read()).account.type == "apiKey"
        await client.account_logout()


async def test_async_goals(scripted: Any, project: Path) -> None:
    _, config = scripted(reaches_goal())
    async with AsyncCodexClient(config) as client:
        thread = (await client.thread_start({"cwd": str(project)})).thread
        _ = [delta async for delta in client.stream_text(thread.id, "First a turn.")]
        state, turn_id = await client.start_goal_operation(thread.id, "write a poem")
        seen = []
        while not state.is_finished():
            seen.append(await client.next_goal_notification(state))
        with pytest.raises(TransportClosedError, match="no more events"):
            await client.next_goal_notification(state)
        assert next(event for event in seen if event.turn_id).turn_id == turn_id
        assert state.status is types.ThreadGoalStatus.complete
        assert (await client.thread_goal_get(thread.id)).goal.status == "complete"
        assert (await client.pause_goal(thread.id)).goal.status in ("paused", "complete")


@pytest.mark.parametrize("kind", [AsyncCodex, AsyncCodexClient])
def test_one_engine_however_many_loops_start_it(
    scripted: Any, monkeypatch: pytest.MonkeyPatch, kind: Any
) -> None:
    _, config = scripted(always("ok"))
    connect, started = _native.connect, []

    def counted(*arguments: Any) -> Any:
        started.append(arguments)
        return connect(*arguments)

    monkeypatch.setattr(_native, "connect", counted)
    client = kind(config)

    async def ask() -> None:
        if kind is AsyncCodexClient:
            await asyncio.gather(client.start(), client.start())
        await asyncio.gather(*(client.request("model/list", {}) for _ in range(3)))

    loops = [threading.Thread(target=asyncio.run, args=(ask(),)) for _ in range(4)]
    for loop in loops:
        loop.start()
    for loop in loops:
        loop.join()
    asyncio.run(ask())
    assert len(started) == 1
    asyncio.run(client.close())


def test_a_failed_start_is_tried_again(scripted: Any) -> None:
    _, config = scripted(always("ok"))
    broken, codex_bin = CodexConfig(codex_bin="/no/such/codex"), config.codex_bin

    async def several(client: AsyncCodexClient) -> list[BaseException | None]:
        return await asyncio.gather(*(client.start() for _ in range(3)), return_exceptions=True)

    client = AsyncCodexClient(broken)
    assert all(isinstance(error, EngineNotFoundError) for error in asyncio.run(several(client)))
    client.config = config
    client.config.codex_bin = codex_bin
    assert asyncio.run(several(client)) == [None] * 3
    asyncio.run(client.close())
