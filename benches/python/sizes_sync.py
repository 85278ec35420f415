"""What grows with the size of a thread: the result of a turn with many items, and reading a thread with many turns.

"fold" is for codexkit; "read" is the same program for both SDKs.
"""

from __future__ import annotations

import importlib
import json
from time import perf_counter

from meter import config_for, settings


def fold(thread: object, items: int) -> float:
    """From a turn's first event, before its items, to its result."""
    turn = thread.turn("go")
    next(iter(turn.stream()))
    start = perf_counter()
    found = len(turn.run().items)
    took = perf_counter() - start
    if found < items:
        raise AssertionError(f"the result has {found} items instead of {items}")
    return took


def read(thread: object, turns: int) -> float:
    """Reads the thread with its turns."""
    start = perf_counter()
    found = len(thread.read(include_turns=True).thread.turns)
    took = perf_counter() - start
    if found != turns:
        raise AssertionError(f"the thread has {found} turns instead of {turns}")
    return took


def main() -> None:
    given = settings()
    sdk = importlib.import_module(given["module"])
    measure = fold if given["what"] == "fold" else read
    with sdk.Codex(config_for(sdk, given)) as codex:
        thread = codex.thread_start()
        times = [measure(thread, given["size"]) for _ in range(given["rounds"] + 1)]
    # The first one warms up.
    print(json.dumps({"took": sorted(times[1:])[given["rounds"] // 2]}))


if __name__ == "__main__":
    main()
