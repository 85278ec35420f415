"""The Python runner of the fault matrix: one process that plays all cases, with the client that its first argument names.

`cargo xtask faults` starts it; xtask/src/faults/rust is the same in Rust. What a step does and tells is written in
fixtures/faults/README.md. The blocking client's calls run on threads, so that both clients are driven by the same code.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import codexkit
from codexkit import AsyncCodex, Codex, CodexConfig, CodexError, Restart, TurnFailedError, tool

BLOCKING = sys.argv[1] == "sync"
POOL = "case"
POOL_SIZE = 400
"""Threads for blocking calls: a case may have hundreds of turns."""

pool = ThreadPoolExecutor(POOL_SIZE, thread_name_prefix=POOL)


def say(line: Any) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def call(function: Any, *args: Any, **kwargs: Any) -> Any:
    """A call of either client."""
    if BLOCKING:
        return await asyncio.get_running_loop().run_in_executor(
            pool, lambda: function(*args, **kwargs)
        )
    return await function(*args, **kwargs)


def config(options: dict[str, Any]) -> CodexConfig:
    fields: dict[str, Any] = {}
    for key, value in options.items():
        if key == "env":
            fields["env"] = value["set"]
        elif key == "restart":
            fields["restart"] = Restart(**value)
        elif key == "queue":
            fields.update({f"queue_{name}": limit for name, limit in value.items()})
        else:
            fields[key.removesuffix("_s")] = value
    return CodexConfig(**fields)


def facts(error: BaseException) -> dict[str, Any]:
    """What of an error is the same in every language."""
    if isinstance(error, TurnFailedError):
        result = error.result
        return {
            "status": str(getattr(result.status, "value", result.status)),
            "text": result.final_response,
        }
    if not isinstance(error, CodexError):
        return {"error": f"{type(error).__name__}: {error}"}
    told: dict[str, Any] = {"error": error.kind}
    if getattr(error, "code", None) is not None:
        told["code"] = error.code
    if getattr(error, "exit_code", None) is not None:
        told["how"] = f"exit {error.exit_code}"
    if getattr(error, "signal", None) is not None:
        told["how"] = f"signal {error.signal}"
    return told


def told_result(result: Any) -> dict[str, Any]:
    status = getattr(result.status, "value", result.status)
    return {"status": status, "text": result.final_response}


class Stage:
    """What a case has while it is played."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.case = case
        self.codex: Any = None
        self.threads: dict[str, Any] = {}
        self.turns: dict[str, Any] = {}
        self.starting = asyncio.Lock()

    async def start(self) -> Any:
        options = config(self.case["options"])
        handlers = callbacks(self)
        if BLOCKING:
            self.codex = await call(Codex, options, **handlers)
        else:
            codex = AsyncCodex(options, **handlers)
            self.codex = await codex.__aenter__()
        return self.codex

    async def client(self) -> Any:
        async with self.starting:  # steps that are played together share one client
            return self.codex or await self.start()

    async def open(self, name: str) -> Any:
        codex = await self.client()
        params = self.case["engine"].get("thread")
        thread = await call(codex.thread_start, **({"extra": params} if params else {}))
        self.threads[name] = thread
        return thread

    async def thread(self, name: str) -> Any:
        return self.threads.get(name) or await self.open(name)

    async def close(self) -> None:
        codex, self.codex = self.codex, None
        self.threads.clear()
        self.turns.clear()
        if codex is not None:
            await call(codex.close)


def callbacks(stage: Stage) -> dict[str, Any]:
    """Callbacks that behave as the case says."""
    found: dict[str, Any] = {}
    handlers = stage.case.get("handlers") or {}
    word = handlers.get("approval")
    if word is not None:
        found["on_approval"] = blocking_callback(stage, word, "accept")
        if not BLOCKING:
            found["on_approval"] = awaitable_callback(stage, word, "accept")
    word = handlers.get("tool")
    if word is not None:
        work = (blocking_callback if BLOCKING else awaitable_callback)(stage, word, {"did": "it"})
        found["tools"] = [a_tool(work)]
    return found


def a_tool(work: Any) -> Any:
    if BLOCKING:

        @tool(name="my_tool", timeout=0.5)
        def my_tool(x: int = 0) -> Any:
            """Does something."""
            return work(x)

        return my_tool

    @tool(name="my_tool", timeout=0.5)
    async def my_async_tool(x: int = 0) -> Any:
        """Does something."""
        return await work(x)

    return my_async_tool


def blocking_callback(stage: Stage, word: str, answer: Any) -> Any:
    def behave(*_: Any) -> Any:
        if word == "raise":
            raise RuntimeError("a handler that fails on purpose")
        if word == "hang":
            time.sleep(3)  # three times what it may take: a thread cannot be taken back
        if word == "slow":
            time.sleep(0.7)
        if word == "reenter":
            stage.codex.thread_list()
            stage.codex.models()
        return object() if word == "nonsense" else answer

    return behave


def awaitable_callback(stage: Stage, word: str, answer: Any) -> Any:
    async def behave(*_: Any) -> Any:
        if word == "raise":
            raise RuntimeError("a handler that fails on purpose")
        if word == "hang":
            await asyncio.sleep(600)
        if word == "slow":
            await asyncio.sleep(0.7)
        if word == "reenter":
            await stage.codex.thread_list()
            await stage.codex.models()
        return object() if word == "nonsense" else answer

    return behave


async def step(stage: Stage, what: dict[str, Any]) -> Any:
    """Plays one step; an error is an outcome like any other."""
    try:
        return await STEPS[what["do"]](stage, what)
    except (Exception, KeyboardInterrupt) as error:
        return facts(error)


async def do_start(stage: Stage, _: Any) -> Any:
    await stage.start()
    return {"ok": "start"}


async def do_thread(stage: Stage, what: Any) -> Any:
    await stage.open(what.get("on", "a"))
    return {"ok": "thread"}


async def do_run(stage: Stage, what: Any) -> Any:
    thread = await stage.thread(what.get("on", "a"))
    return told_result(await call(thread.run, "go"))


async def do_turn(stage: Stage, what: Any) -> Any:
    thread = await stage.thread(what.get("on", "a"))
    stage.turns[what.get("turn", "t")] = await call(thread.turn, "go")
    return {"ok": "turn"}


async def do_read(stage: Stage, what: Any) -> Any:
    turn = stage.turns[what.get("turn", "t")]
    return await read(turn, what.get("events"), what.get("until"))


async def read(turn: Any, limit: int | None, until: str | None = None) -> Any:
    seen: list[Any] = []

    def note(event: Any) -> bool:
        seen.append(event)
        return event.method == until or (limit is not None and len(seen) >= limit)

    await each(turn, note, limit == 0)
    text = "".join(
        event.params["delta"] for event in seen if event.method == "item/agentMessage/delta"
    )
    return {"ok": "read", "last": seen[-1].method if seen else "", "text": text}


async def each(turn: Any, note: Any, nothing: bool = False) -> None:
    """Gives the turn's events to `note` until it says true."""
    if nothing:
        return
    if BLOCKING:

        def loop() -> None:
            for event in turn.stream():
                if note(event):
                    break

        await call(loop)
    else:
        async for event in turn.stream():
            if note(event):
                break


async def do_result(stage: Stage, what: Any) -> Any:
    return told_result(await call(stage.turns[what.get("turn", "t")].run))


async def do_leave(stage: Stage, what: Any) -> Any:
    stage.turns.pop(what.get("turn", "t"))
    return {"ok": "leave"}


async def do_interrupt(stage: Stage, what: Any) -> Any:
    await call(stage.turns[what.get("turn", "t")].interrupt)
    return {"ok": "interrupt"}


async def do_steer(stage: Stage, what: Any) -> Any:
    await call(stage.turns[what.get("turn", "t")].steer, "go")
    return {"ok": "steer"}


async def do_request(stage: Stage, what: Any) -> Any:
    codex = await stage.client()
    await call(codex.request, what.get("method", "model/list"), what.get("params"))
    return {"ok": "request"}


async def do_big_request(stage: Stage, what: Any) -> Any:
    codex = await stage.client()
    await call(codex.request, "no/such/method", {"x": "y" * what["bytes"]})
    return {"ok": "big_request"}


async def do_cancel(stage: Stage, what: Any) -> Any:
    """Cancels the task that plays the step: after some rounds of the loop, or some milliseconds."""
    task = asyncio.ensure_future(step(stage, what["step"]))
    if "polls" in what:
        for _ in range(what["polls"]):
            await asyncio.sleep(0)
    else:
        await asyncio.sleep(what["ms"] / 1000)
    task.cancel()
    await asyncio.wait([task])
    return {"ok": "cancel"}


async def do_together(stage: Stage, what: Any) -> Any:
    return await asyncio.gather(*(step(stage, part) for part in what["steps"]))


async def do_many(stage: Stage, what: Any) -> Any:
    codex = await stage.client()
    params = stage.case["engine"].get("thread")

    async def one() -> str:
        try:
            thread = await call(codex.thread_start, **({"extra": params} if params else {}))
            return told_result(await call(thread.run, "go"))["status"]
        except CodexError as error:
            told = facts(error)
            return told.get("error") or told["status"]

    words = await asyncio.gather(*(one() for _ in range(what["turns"])))
    return {"turns": dict(Counter(words))}


async def do_auto(stage: Stage, what: Any) -> Any:
    word = (stage.case.get("handlers") or {}).get("hook", "accept")
    answer = 42 if word == "nonsense" else None
    hook = (blocking_callback if BLOCKING else awaitable_callback)(stage, word, answer)
    if word == "nonsense":
        hook = (blocking_callback if BLOCKING else awaitable_callback)(stage, "", answer)
    thread = await stage.thread("a")
    try:
        timeout = what.get("timeout_s")
        run = await call(thread.auto_run, "go", max_turns=1, before_turn=hook, timeout=timeout)
    except Exception:
        return {"auto": "error"}
    return {"auto": "ended", "why": run.stop_reason}


async def do_close(stage: Stage, _: Any) -> Any:
    await call((await stage.client()).close)
    return {"ok": "close"}


async def do_closed(stage: Stage, _: Any) -> Any:
    return {"closed": stage.codex is None or stage.codex.is_closed}


async def do_kill(stage: Stage, what: Any) -> Any:
    pid, name = (await stage.client()).pid, what.get("signal", "KILL")
    os.kill(pid, signal.Signals["SIG" + name])
    # The threads of a process stop one after the other: until then, it still answers.
    while name == "STOP" and not is_stopped(pid):  # noqa: ASYNC110 - no event tells it
        await asyncio.sleep(0.01)
    return {"ok": "kill"}


def is_stopped(pid: int) -> bool:
    """Whether all threads of a process are stopped."""
    stats = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    return all(stat.rpartition(")")[2].split()[0] == "T" for stat in stats)


async def do_sleep(_: Stage, what: Any) -> Any:
    await asyncio.sleep(what["ms"] / 1000)
    return {"ok": "sleep"}


async def do_later(stage: Stage, what: Any) -> Any:
    await asyncio.sleep(what["ms"] / 1000)
    return await step(stage, what["step"])


async def do_quiet(stage: Stage, _: Any) -> Any:
    codex = await stage.client()
    while not codex.is_closed:
        stats = codex.stats()
        if stats["open_turns"] == 0 and stats["pending_requests"] == 0:
            break
        await asyncio.sleep(0.02)
    return {"ok": "quiet"}


async def do_restarted(stage: Stage, what: Any) -> Any:
    codex = await stage.client()
    while codex.stats()["restarts"] < what["count"]:  # noqa: ASYNC110 - there is nothing that tells
        await asyncio.sleep(0.02)
    return {"ok": "restarted", "count": codex.stats()["restarts"]}


async def do_stats(stage: Stage, _: Any) -> Any:
    stats = (await stage.client()).stats()
    some = {True: "some", False: "none"}
    return {
        "coalesced": some[stats["coalesced_deltas"] > 0],
        "lagged": some[stats["lagged_events"] > 0],
    }


async def do_diagnostics(stage: Stage, _: Any) -> Any:
    seen = (await stage.client()).diagnostics()
    return {"kinds": sorted({entry["kind"] for entry in seen})}


async def do_tail(stage: Stage, _: Any) -> Any:
    tail = (await stage.client()).stderr_tail
    return {"bounded": len(tail) < 1 << 20, "some": bool(tail)}


async def do_cycles(stage: Stage, what: Any) -> Any:
    count, at_once = what["count"], what["at_once"]

    async def some(first: int) -> None:
        for _ in range(first, count, at_once):
            one = Stage(stage.case)
            await one.start()
            await one.close()

    await asyncio.gather(*(some(number) for number in range(at_once)))
    return {"cycles": count}


async def do_pressure(stage: Stage, what: Any) -> Any:
    """Many turns at once: a third is read as it comes, a third only at the end, and a third left."""
    codex = await stage.client()
    before = rss_mib()

    async def begin() -> Any:
        thread = await call(codex.thread_start)
        return await call(thread.turn, "go")

    turns = await asyncio.gather(*(begin() for _ in range(what["turns"])))
    read, stalled = turns[0::3], turns[1::3]
    del turns
    seen = await asyncio.gather(*(drained(turn) for turn in read))
    while codex.stats()["open_turns"] > 0:  # noqa: ASYNC110 - there is nothing that tells
        await asyncio.sleep(0.02)
    grown = max(rss_mib() - before, 0)
    late = await asyncio.gather(*(drained(turn) for turn in stalled))
    text = "".join(f"f{number} " for number in range(what["flood"])) + what["text"]

    def exact(seen_of: list[Any]) -> int:
        return sum(one == (text, seen[0][1]) for one in seen_of)

    stats = codex.stats()
    return {
        "read": exact(seen),
        "stalled": exact(late),
        "coalesced": stats["coalesced_deltas"] > 0,
        "given_up": stats["lagged_events"],
        "memory": "bounded" if grown < what["mib"] else grown,
    }


async def drained(turn: Any) -> tuple[str, list[str]]:
    """The text, and the methods with runs of deltas as one."""
    texts: list[str] = []
    methods: list[str] = []

    def note(event: Any) -> bool:
        method = event.method
        if method == "item/agentMessage/delta":
            texts.append(event.params["delta"])
        if not methods or methods[-1] != method or not method.endswith("/delta"):
            methods.append(method)
        return False

    await each(turn, note)
    return "".join(texts), methods


STEPS = {
    name.removeprefix("do_"): function
    for name, function in globals().items()
    if name.startswith("do_")
}
STEPS["wait"] = STEPS["result"]


async def play(case: dict[str, Any]) -> dict[str, Any]:
    """Plays one case within its deadline, and closes its client."""
    stage = Stage(case)
    told: list[Any] = []

    async def steps() -> None:
        for what in case["steps"]:
            told.append(await step(stage, what))

    hang = await over(steps(), case.get("deadline_s", 30))
    unclosed = await over(stage.close(), 30)
    return {"case": case["name"], "steps": list(told), "hang": hang or unclosed}


async def over(work: Any, seconds: float) -> bool:
    """Whether the work did not end in this time."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait([task], timeout=seconds)
    if not done:
        task.cancel()
        await asyncio.wait([task], timeout=5)
        return True
    task.result()
    return False


def rss_mib() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 // (1 << 20)


def measure() -> dict[str, int]:
    """What this process holds; the threads of the pool are the runner's own."""
    threads = [one for one in threading.enumerate() if not one.name.startswith(POOL)]
    return {
        "descriptors": len(os.listdir("/proc/self/fd")),
        "tasks": len(asyncio.all_tasks()),
        "threads": len(threads),
        "children": sum(
            len(Path(f"/proc/self/task/{name}/children").read_text().split())
            for name in os.listdir("/proc/self/task")
            if Path(f"/proc/self/task/{name}/children").exists()
        ),
    }


async def settled(before: dict[str, int] | None) -> dict[str, int]:
    """What it holds once that is not more than before, or in vain after a while; at first the least within a second."""
    if before is None:
        least = measure()
        for _ in range(20):
            await asyncio.sleep(0.05)
            least = {key: min(count, least[key]) for key, count in measure().items()}
        return least
    end = time.monotonic() + 8
    while True:
        now = measure()
        if all(now[key] <= before[key] for key in now) or time.monotonic() > end:
            return now
        await asyncio.sleep(0.05)


async def groups(jobs: dict[str, Any]) -> None:
    for case in jobs["warm_up"]:
        await play(case)
    before = await settled(None)
    say({"before": before})
    for group in jobs["groups"]:
        places = asyncio.Semaphore(jobs["at_once"])
        alone = asyncio.Lock()

        async def placed(case: dict[str, Any], places: Any = places, alone: Any = alone) -> None:
            wanted = jobs["at_once"] if case.get("alone") else 1
            async with alone:  # or two that want all places would wait for each other
                for _ in range(wanted):
                    await places.acquire()
            try:
                say(await play(case))
            finally:
                for _ in range(wanted):
                    places.release()

        await asyncio.gather(*(placed(case) for case in group))
        say({"after": group[0]["group"], "inside": await settled(before)})


async def main(jobs: dict[str, Any]) -> None:
    asyncio.get_running_loop().set_default_executor(pool)
    await groups(jobs)


if __name__ == "__main__":
    assert codexkit is not None
    # A shell's background job begins with Ctrl-C ignored, and passes that on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    job = json.loads(Path(sys.argv[2]).read_text())
    if "host" in job:
        import host

        host.run(job, BLOCKING)
    else:
        asyncio.run(main(job))
