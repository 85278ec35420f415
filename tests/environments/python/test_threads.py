"""Threads and processes of a program that uses a client."""

from __future__ import annotations

import os
from typing import Any

import pytest

from conftest import engine_is_gone, eventually


def test_eight_threads_share_a_client(run: Any) -> None:
    lines = run(
        """
from concurrent.futures import ThreadPoolExecutor
with Codex(config) as codex, ThreadPoolExecutor(8) as pool:
    together = threading.Barrier(8)
    def work(number):
        together.wait()
        thread = codex.thread_start()
        told = [thread.run("Hi").final_response]
        told += [event.payload.delta for event in thread.turn("Hi").stream()
                 if event.method == "item/agentMessage/delta"]
        return thread.id, "".join(told)
    told = list(pool.map(work, range(8)))
    say(len({id for id, _ in told}), *{words for _, words in told})
"""
    )
    assert lines == ["8 Hello.Hello."]


def test_a_client_may_be_made_used_and_closed_by_different_threads(run: Any) -> None:
    lines = run(
        """
def elsewhere(work):
    told = []
    thread = threading.Thread(target=lambda: told.append(work()))
    thread.start()
    thread.join()
    return told[0]
codex = elsewhere(lambda: Codex(config))
thread = elsewhere(codex.thread_start)
handle = elsewhere(lambda: thread.turn("Hi"))
stream = handle.stream()
first = elsewhere(lambda: next(stream))
rest = [event.method for event in stream]
say(first.method, rest[-1], elsewhere(handle.run).final_response)
elsewhere(codex.close)
try:
    codex.models()
except TransportClosedError:
    say("closed")
"""
    )
    assert lines == ["turn/started turn/completed Hello.", "closed"]


def test_threads_that_still_wait_when_the_interpreter_ends(run: Any) -> None:
    # Their waiting ends with an error when the client is closed at the end, and Python may print it.
    lines = run(
        """
codex = Codex(config)
started = threading.Semaphore(0)
def wait(how):
    handle = codex.thread_start().turn("slowly")
    stream = handle.stream()
    next(stream)
    started.release()
    if how == 0:
        handle.run()
    elif how == 1:
        list(stream)
    else:
        async def main():
            async with AsyncCodex(config) as own:
                await (await own.thread_start()).run("slowly")
        asyncio.run(main())
for how in range(3):
    threading.Thread(target=wait, args=(how,), daemon=True).start()
for _ in range(3):
    started.acquire()
say(codex.pid)
""",
        complains=True,
    )
    assert eventually(lambda: engine_is_gone(int(lines[0])))


def test_a_spawned_process_has_a_client_of_its_own(run: Any) -> None:
    lines = run(
        """
import multiprocessing
def work(number):
    # In a home that the parent's engine has set up.
    with Codex(config) as codex:
        return codex.thread_start().run("Hi").final_response, codex.pid
if __name__ == "__main__":
    codex = Codex(config)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        told = pool.map(work, range(2))
    pids = {codex.pid, *(pid for _, pid in told)}
    say(len(pids), *(words for words, _ in told), codex.thread_start().run("Hi").final_response)
    codex.close()
"""
    )
    assert lines == ["3 Hello. Hello. Hello."]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_worker_is_told_that_it_cannot_use_the_parents_client(run: Any) -> None:
    lines = run(
        """
import multiprocessing, warnings
warnings.simplefilter("ignore")
codex = Codex(config)
def work(number):
    try:
        codex.models()
    except ForkedError as error:
        return str(error)
with multiprocessing.get_context("fork").Pool(2) as pool:
    say(*set(pool.map(work, range(2))))
say(codex.thread_start().run("Hi").final_response)
codex.close()
"""
    )
    assert "fork" in lines[0]
    assert lines[1] == "Hello."


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_process_forked_before_the_first_client_has_one_of_its_own(run: Any) -> None:
    lines = run(
        """
import multiprocessing
from dataclasses import replace
def work(number):
    # Engines that start at the same moment disturb each other in a fresh home.
    home = os.path.join(config.env["CODEX_HOME"], str(number))
    os.mkdir(home)
    with Codex(replace(config, env={**config.env, "CODEX_HOME": home})) as codex:
        return codex.thread_start().run("Hi").final_response
with multiprocessing.get_context("fork").Pool(2) as pool:
    say(*pool.map(work, range(2)))
"""
    )
    assert lines == ["Hello. Hello."]


def test_importing_the_package_loads_itself_alone(run: Any) -> None:
    lines = run(
        """
import subprocess
code = "import sys; before = set(sys.modules); import codexkit; print(*sorted(set(sys.modules) - before))"
say(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip())
"""
    )
    assert lines == ["__future__ codexkit codexkit._version"]
