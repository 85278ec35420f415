"""What the blocking client keeps: for the package, for open turns that nothing happens in, and for a reader that never
reads. The same program for both SDKs.
"""

from __future__ import annotations

import gc
import importlib
import json

from meter import config_for, rss_mb, settings


def now_mb() -> float:
    """Resident memory once what can be freed is."""
    gc.collect()
    return rss_mb()


def idle(codex: object, turns: int) -> dict[str, float]:
    """Opens threads, then a turn on each; the engine has been told to say nothing in them."""
    warm = [codex.thread_start() for _ in range(50)]
    kept = [thread.turn("go") for thread in warm]
    before = now_mb()
    threads = [codex.thread_start() for _ in range(turns)]
    opened = now_mb()
    kept += [thread.turn("go") for thread in threads]
    started = now_mb()
    return {
        "thread_kb": (opened - before) * 1024 / turns,
        "turn_kb": (started - opened) * 1024 / turns,
        "both_kb": (started - before) * 1024 / turns,
        "kept": len(kept),
    }


def stalled(codex: object, events: int) -> dict[str, float]:
    """Takes one event of many. The answer that is awaited comes behind all of them."""
    thread = codex.thread_start()
    before = now_mb()
    stream = iter(thread.turn(f"go events={events}").stream())
    next(stream)
    codex.models()
    return {"stalled_mb": now_mb() - before}


def main() -> None:
    given = settings()
    bare = now_mb()
    sdk = importlib.import_module(given["module"])
    # What is imported on first use is part of the package, too.
    client = sdk.Codex
    imported = now_mb()
    codex = client(config_for(sdk, given))
    codex.thread_start()
    started = now_mb()
    found = (
        idle(codex, given["turns"]) if given["what"] == "idle" else stalled(codex, given["events"])
    )
    print(json.dumps({"import_mb": imported - bare, "package_mb": started - bare, **found}))
    codex.close()


if __name__ == "__main__":
    main()
