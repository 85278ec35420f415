"""Cases about the process that runs the client: a signal, its end, a fork, its event loop. See runner.py."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

from codexkit import AsyncCodex, Codex, ForkedError
from runner import config, say, told_result


def run(job: dict[str, Any], blocking: bool) -> None:
    options = config(job["options"])
    kind = job["host"]
    if blocking:
        _blocking(kind, options)
    else:
        _awaiting(kind, options)


def spoke(event: Any) -> bool:
    return event.method == "item/agentMessage/delta"


def _blocking(kind: str, options: Any) -> None:
    codex = Codex(options)
    turn = codex.thread_start().turn("go")
    for event in turn.stream():
        if spoke(event):
            break
    ready = {"ready": codex.pid}
    if kind == "sigint":
        try:
            threading.Thread(
                target=_say_once_waiting, args=(threading.get_ident(), ready), daemon=True
            ).start()
            say(told_result(turn.run()))
        except KeyboardInterrupt:
            status = told_result(_end(turn))
            codex.thread_list()
            codex.close()
            say({"ended": "interrupt", "status": status["status"], "usable": True})
    elif kind == "loop":
        say(ready)
        # No loop to close: a thread that ends with a turn running, and the client forgotten.
        del codex, turn
        with Codex(options) as second:
            say(told_result(second.thread_start().run("go")))
    else:
        _common(kind, ready, lambda: codex.models())


def _say_once_waiting(main: int, ready: dict[str, Any]) -> None:
    """Tells the suite to send its signal when the main thread waits within codexkit. Told by the main thread itself,
    the signal could come before the call, where a Ctrl-C is the program's own business."""
    waited = 0
    while waited < 5:
        frame = sys._current_frames()[main]
        waited = waited + 1 if Path(frame.f_code.co_filename).parent.name == "codexkit" else 0
        time.sleep(0.01)
    say(ready)


def _end(turn: Any) -> Any:
    from codexkit import TurnFailedError

    try:
        return turn.run()
    except TurnFailedError as error:
        return error.result


def _awaiting(kind: str, options: Any) -> None:
    kept: list[Any] = []

    async def begin() -> Any:
        codex = await AsyncCodex(options).__aenter__()
        turn = await (await codex.thread_start()).turn("go")
        async for event in turn.stream():
            if spoke(event):
                break
        kept.extend([codex, turn])
        return codex, turn

    if kind == "sigint":
        try:
            asyncio.run(_interrupted(begin))
        except KeyboardInterrupt:
            # The loop is gone with the run; another client shows that the process is fine.
            with Codex(options) as second:
                second.thread_list()
            kept[0]._native.close()
            say({"ended": "interrupt", "status": "interrupted", "usable": True})
    elif kind == "loop":

        async def closed_under_way() -> None:
            codex, turn = await begin()
            kept.append(asyncio.create_task(_read(turn)))
            await asyncio.sleep(0)
            say({"ready": codex.pid})

        loop = asyncio.new_event_loop()
        loop.run_until_complete(closed_under_way())
        warnings.simplefilter("ignore")
        for task in asyncio.all_tasks(loop):
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        loop.close()
        kept.clear()

        async def again() -> Any:
            async with AsyncCodex(options) as second:
                return await (await second.thread_start()).run("go")

        say(told_result(asyncio.run(again())))
    else:

        async def other() -> None:
            codex, _ = await begin()
            # No call of its own: an event loop does not work in a forked child.
            _common(kind, {"ready": codex.pid}, None)

        asyncio.run(other())


async def _interrupted(begin: Any) -> None:
    codex, turn = await begin()
    say({"ready": codex.pid})
    await turn.run()


async def _read(turn: Any) -> None:
    async for _ in turn.stream():
        pass


def _common(kind: str, ready: dict[str, Any], use: Any) -> None:
    if kind in ("sigkill", "sigterm"):
        say(ready)
        time.sleep(60)
    elif kind == "exit":
        say(ready)
    elif kind == "exit_code":
        say(ready)
        sys.exit(7)
    elif kind == "child":
        warnings.simplefilter("ignore")
        child = os.fork()
        if child == 0:
            try:
                if use is not None:
                    use()
                    os._exit(1)
            except ForkedError:
                pass
            time.sleep(60)
            os._exit(0)
        time.sleep(0.3)  # a child that is not told ends, and is missed
        ready["child"] = child
        say(ready)
        time.sleep(60)
