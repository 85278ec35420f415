"""Event loops: uvloop, several one after another, several at once."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

TURN = """
async def turn(codex):
    handle = await (await codex.thread_start()).turn("Hi")
    text = "".join([event.payload.delta async for event in handle.stream()
                    if event.method == "item/agentMessage/delta"])
    return text, (await handle.run()).final_response
"""

has_uvloop = pytest.mark.skipif(
    importlib.util.find_spec("uvloop") is None, reason="there is no uvloop for this platform"
)


@has_uvloop
def test_uvloop_runs_turns_and_interrupts_a_cancelled_one(run: Any) -> None:
    lines = run(
        TURN
        + """
import uvloop
async def main():
    async with AsyncCodex(config) as codex:
        say(type(asyncio.get_running_loop()).__module__)
        say(*await asyncio.gather(*(turn(codex) for _ in range(4))))
        thread = await codex.thread_start()
        handle = await thread.turn("slowly")
        async for event in handle.stream():
            if event.method == "item/agentMessage/delta":
                break
        waiting = asyncio.ensure_future(handle.run())
        await asyncio.sleep(0)
        waiting.cancel()
        try:
            await waiting
        except asyncio.CancelledError:
            say("cancelled")
        async for event in handle.stream():
            pass
        say((await handle.run()).status.value)
uvloop.run(main())
"""
    )
    assert lines[0] == "uvloop"
    assert lines[1] == " ".join(["('Hello.', 'Hello.')"] * 4)
    assert lines[2:] == ["cancelled", "interrupted"]


@has_uvloop
def test_uvloop_and_asyncio_in_one_process(run: Any) -> None:
    lines = run(
        TURN
        + """
import uvloop
async def main():
    async with AsyncCodex(config) as codex:
        say(*await turn(codex))
asyncio.run(main())
uvloop.run(main())
asyncio.run(main())
"""
    )
    assert lines == ["Hello. Hello."] * 3


def test_a_client_for_each_of_several_loops(run: Any) -> None:
    lines = run(
        TURN
        + """
async def main():
    async with AsyncCodex(config) as codex:
        return *await turn(codex), codex.pid
told = [asyncio.run(main()) for _ in range(3)]
say(len({pid for *_, pid in told}), *{words for *words, _ in map(tuple, map(lambda t: (t[:2], t[2]), told)) for words in words})
"""
    )
    assert lines == ["3 ('Hello.', 'Hello.')"]


def test_one_client_and_one_thread_on_several_loops(run: Any) -> None:
    # The engine belongs to the client, not to the loop: what one loop began another goes on with.
    lines = run(
        """
codex = AsyncCodex(config)
async def begin():
    return await codex.thread_start()
thread = asyncio.run(begin())
async def go_on():
    return (await thread.run("Hi")).final_response, codex.pid
told = {asyncio.run(go_on()) for _ in range(3)}
say(len(told), told.pop()[0])
asyncio.run(codex.close())
"""
    )
    assert lines == ["1 Hello."]


def test_one_client_on_two_loops_at_once(run: Any) -> None:
    lines = run(
        TURN
        + """
from concurrent.futures import ThreadPoolExecutor
codex = AsyncCodex(config)
async def several():
    return await asyncio.gather(*(turn(codex) for _ in range(3)))
with ThreadPoolExecutor(2) as pool:
    for told in [job.result() for job in [pool.submit(asyncio.run, several()) for _ in range(2)]]:
        say(*told)
asyncio.run(codex.close())
"""
    )
    assert lines == [" ".join(["('Hello.', 'Hello.')"] * 3)] * 2


def test_a_loop_in_debug_mode_has_nothing_to_say(run: Any) -> None:
    # It would complain of calls from wrong threads, of callbacks that take long, of what is never awaited.
    lines = run(
        TURN
        + """
import warnings
warnings.simplefilter("error")
async def main():
    asyncio.get_running_loop().slow_callback_duration = 5
    async with AsyncCodex(config) as codex:
        say(*await turn(codex))
asyncio.run(main(), debug=True)
""",
        PYTHONDEVMODE="1",
    )
    assert lines == ["Hello. Hello."]
