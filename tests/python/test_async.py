"""The asynchronous client in front of the real engine."""

from __future__ import annotations

import asyncio
import gc
import os
import time
import weakref
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

from codexkit import AsyncCodex, Notification, TransportClosedError, TurnFailedError, types
from conftest import SLOW, always, command, faulty, reply


async def test_run_and_stream(async_codex: Any) -> None:
    async with async_codex(always("Hello there friend")) as client:
        thread = await client.thread_start()
        turn = await thread.turn("Hi")
        events = [event async for event in turn.stream()]
        assert events[-1].method == "turn/completed"
        assert all(isinstance(event, Notification) for event in events)
        deltas = [event.payload.delta for event in events if "delta" in event.method]
        assert "".join(deltas) == "Hello there friend"
        assert (await turn.run()).final_response == "Hello there friend"
        assert [event async for event in turn.stream()] == []
        assert (await thread.run("again")).status is types.TurnStatus.completed


async def test_the_engine_starts_with_the_first_call(async_codex: Any) -> None:
    client = async_codex(always("ok"))
    with pytest.raises(RuntimeError):
        _ = client.metadata
    first, second = await asyncio.gather(client.models(), client.models())
    assert first == second
    assert client.metadata.engine_source
    await client.close()
    await client.close()
    with pytest.raises(TransportClosedError):
        await client.models()


async def test_many_turns_at_once(async_codex: Any) -> None:
    script = always({"message": "one two three four", "delay_ms": 50})
    async with async_codex(script) as client:

        async def work() -> str:
            thread = await client.thread_start(ephemeral=True)
            turn = await thread.turn("Hi")
            events = [event async for event in turn.stream()]
            assert {event.turn_id for event in events} == {turn.id}
            return (await turn.run()).final_response

        assert await asyncio.gather(*(work() for _ in range(16))) == ["one two three four"] * 16


async def first_delta(turn: Any) -> None:
    async for event in turn.stream():
        if event.method == "item/agentMessage/delta":
            return


async def interrupted(thread: Any, turn_id: str, tries: int = 50) -> bool:
    for _ in range(tries):
        turns = (await thread.read(include_turns=True)).thread.turns
        if any(turn.id == turn_id and turn.status == "interrupted" for turn in turns):
            return True
        await asyncio.sleep(0.1)
    return False


@pytest.mark.parametrize("how", ["turn.run", "thread.run", "stream", "stream, not asked to"])
async def test_cancelling_the_waiter_interrupts_the_turn(async_codex: Any, how: str) -> None:
    async with async_codex(always(SLOW)) as client:
        thread = await client.thread_start()
        began = time.monotonic()
        if how == "thread.run":
            task = asyncio.create_task(thread.run("Hi"))
            await asyncio.sleep(1.0)
            turn_id = (await thread.read(include_turns=True)).thread.turns[-1].id
            keep_on = False
        else:
            turn = await thread.turn("Hi")
            turn_id = turn.id
            await first_delta(turn)
            keep_on = how.endswith("not asked to")

            async def drain() -> None:
                async for _ in turn.stream(interrupt_on_cancel=not keep_on):
                    pass

            task = asyncio.create_task(turn.run() if how == "turn.run" else drain())
            await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        if keep_on:
            await asyncio.sleep(0.3)
            assert not await interrupted(thread, turn_id, tries=1)
            await turn.interrupt()
        assert await interrupted(thread, turn_id)
        assert time.monotonic() - began < 8


async def test_a_cancelled_stream_can_be_read_on(async_codex: Any) -> None:
    async with async_codex(always({"message": "a b c", "delay_ms": 300})) as client:
        turn = await (await client.thread_start()).turn("Hi")
        seen = []

        async def drain() -> None:
            async for event in turn.stream(interrupt_on_cancel=False):
                seen.append(event.method)

        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(drain(), 0.4)
        await drain()
        assert seen[0] == "turn/started"
        assert seen[-1] == "turn/completed"
        assert (await turn.run()).final_response == "a b c"


async def test_interrupt_steer_resume_fork_and_the_rest(async_codex: Any, project: Path) -> None:
    script = {
        "rules": [
            {"when": {"user_contains": "instead"}, "replies": [reply("steered")], "repeat": "last"},
            {"when": {"prompt_contains": "slow"}, "replies": [reply(SLOW)], "repeat": "last"},
            {"replies": [reply("ok")], "repeat": "last"},
        ]
    }
    async with async_codex(script) as client:
        thread = await client.thread_start(cwd=project)
        turn = await thread.turn("slow")
        await first_delta(turn)
        await turn.steer("this instead")
        assert (await turn.run()).final_response == "steered"
        other = await client.thread_start(cwd=project)
        turn = await other.turn("slow")
        await first_delta(turn)
        await turn.interrupt()
        await turn.interrupt()
        assert (await turn.run()).status == "interrupted"
        await other.set_name("other")
        forked = await client.thread_fork(thread.id)
        assert (await forked.run("Hi")).final_response is not None
        listed = await client.thread_list(cwd=[str(project)])
        assert {thread.id, other.id} <= {entry.id for entry in listed.data}
        await client.thread_archive(other.id)
        assert (await client.thread_unarchive(other.id)).id == other.id
        assert (await client.thread_resume(other.id)).id == other.id
        await thread.compact()
        async for event in client.notifications():
            if event.method == "turn/completed":
                break
        assert await client.request("model/list", {}) is not None


async def test_a_failed_turn_raises(async_codex: Any) -> None:
    async with async_codex(
        {"replies": [reply(status=400, body={"error": {"message": "no luck"}})]}
    ) as client:
        with pytest.raises(TurnFailedError, match="no luck") as caught:
            await (await client.thread_start()).run("Hi")
        assert caught.value.result.items[0].type == "userMessage"


@pytest.mark.parametrize("kind", ["async", "plain"])
async def test_approval_handlers(async_codex: Any, project: Path, kind: str) -> None:
    loops = []

    async def asynchronous(_method: str, _params: dict[str, Any]) -> dict[str, Any]:
        loops.append(asyncio.get_running_loop())
        await asyncio.sleep(0.05)
        return {"decision": "accept"}

    def plain(_method: str, _params: dict[str, Any]) -> dict[str, Any]:
        time.sleep(0.3)
        return {"decision": "accept"}

    call = command("touch made", sandbox_permissions="require_escalated", justification="to test")
    handler = asynchronous if kind == "async" else plain
    async with async_codex(
        {"replies": [reply(call), reply("done")]}, approval_handler=handler
    ) as client:
        extra = {"approval_policy": "on-request", "approvals_reviewer": "user"}
        thread = await client.thread_start(cwd=project, extra=extra)
        result = await thread.run("Hi")
    assert result.final_response == "done"
    assert (project / "made").exists()
    assert loops == ([asyncio.get_running_loop()] if kind == "async" else [])


def test_one_client_on_several_loops(async_codex: Any) -> None:
    client = async_codex(always("ok"))

    async def turn() -> int:
        handle = await (await client.thread_start()).turn("Hi")
        return len([event async for event in handle.stream()])

    counts = [asyncio.run(turn()) for _ in range(3)]
    assert counts[0] == counts[1] == counts[2] > 5
    asyncio.run(client.close())


class Deaf(asyncio.SelectorEventLoop):
    """A loop that watches no sockets, as Windows' proactor."""

    def add_reader(self, fd: Any, callback: Any, *args: Any) -> None:
        raise NotImplementedError


def test_a_loop_that_cannot_watch_sockets(async_codex: Any) -> None:
    client = async_codex(always("ok"))

    async def turn() -> list[str]:
        handle = await (await client.thread_start()).turn("Hi")
        methods = [event.method async for event in handle.stream()]
        await client.close()
        return methods

    loop = Deaf()
    try:
        assert loop.run_until_complete(turn())[-1] == "turn/completed"
    finally:
        loop.close()


def descriptors() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(
    not Path("/proc/self/fd").is_dir(), reason="counts descriptors as Linux shows them"
)
def test_a_loop_that_is_closed_leaves_no_descriptor(async_codex: Any) -> None:
    client = async_codex(always("ok"))

    async def turn() -> None:
        await (await client.thread_start()).run("Hi")

    asyncio.run(turn())
    before = descriptors()
    for _ in range(5):
        asyncio.run(turn())
    # Each loop would have left two.
    assert descriptors() < before + 5
    asyncio.run(client.close())


async def test_a_loop_keeps_nothing_of_whoever_waits_first(async_codex: Any) -> None:
    class Held:
        pass

    variable: ContextVar[Held] = ContextVar("variable")

    async def wait(client: AsyncCodex) -> weakref.ref[Held]:
        held = Held()
        variable.set(held)
        await client.models()
        return weakref.ref(held)

    client = async_codex(always("ok"))
    held = await asyncio.create_task(wait(client))
    deadline = time.monotonic() + 5
    while held() is not None and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
        gc.collect()
    assert held() is None
    await client.close()


def test_a_loop_that_closes_while_somebody_waits(async_codex: Any) -> None:
    client = async_codex(always(SLOW))

    async def leave() -> Any:
        turn = await (await client.thread_start()).turn("Hi")
        await first_delta(turn)
        stream = turn.stream(interrupt_on_cancel=False)
        waiting = asyncio.ensure_future(stream.__anext__())
        await asyncio.sleep(0)
        assert not waiting.done()
        return turn

    turn = asyncio.run(leave())
    time.sleep(0.3)

    async def go_on() -> str:
        await first_delta(turn)
        await turn.interrupt()
        status = (await turn.run()).status
        await client.close()
        return status

    assert asyncio.run(go_on()) == "interrupted"


async def test_a_full_stream_lets_the_loop_breathe() -> None:
    flood = {"flood": {"count": 20_000}}
    plan = {"faults": [{"on": "item/agentMessage/delta", "nth": 1, "then": [flood]}]}
    async with AsyncCodex(faulty(plan)) as client:
        turn = await (await client.thread_start()).turn("Hi")
        await turn.run()
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticker = asyncio.create_task(tick())
        events = 0
        merged = 0
        async for event in turn.stream():
            events += 1
            merged += event.merged
        ticker.cancel()
        assert merged > 20_000
        # At the latest after 1,024 events; sooner when a millisecond has gone by.
        assert ticks >= events // 1100


async def test_cancelling_a_request_forgets_it() -> None:
    plan = {"faults": [{"on": "model/list", "answer": "never"}]}
    async with AsyncCodex(faulty(plan)) as client:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.models(), 0.2)
        for _ in range(20):
            if client.stats()["pending_requests"] == 0:
                break
            await asyncio.sleep(0.05)
        assert client.stats()["pending_requests"] == 0


async def test_a_hung_engine_can_be_closed() -> None:
    plan = {
        "faults": [{"on": "turn/start", "answer": "never", "do": ["stop_reading"]}],
        "ignore_eof": True,
    }
    client = AsyncCodex(faulty(plan, close_timeout=0.5))
    thread = await client.thread_start()
    task = asyncio.create_task(thread.run("Hi"))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    await client.close()
    with pytest.raises(TransportClosedError):
        await task
    assert time.monotonic() - began < 10
