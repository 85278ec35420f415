"""The first event of the first turn of a fresh process with the blocking client; the same program for both SDKs."""

import time

BEGAN = time.time_ns()  # Before everything else: what comes first is the interpreter's.

import importlib  # noqa: E402

from meter import busy, report_start, settings  # noqa: E402


def main() -> None:
    given = settings()
    steps = [BEGAN]
    sdk = importlib.import_module(given["module"])
    client, config = sdk.Codex, sdk.CodexConfig
    steps.append(time.time_ns())
    more = {"prewarm": True} if given["prewarm"] else {}
    codex = client(config(codex_bin=given["engine"], **more))
    # What a program has to do of its own before its first turn.
    busy(given["work_ms"])
    steps.append(time.time_ns())
    thread = codex.thread_start(cwd=given["cwd"])
    steps.append(time.time_ns())
    events = iter(thread.turn("go").stream())
    steps.append(time.time_ns())
    next(events)
    steps.append(time.time_ns())
    report_start(steps)
    for _ in events:
        pass
    codex.close()


if __name__ == "__main__":
    main()
