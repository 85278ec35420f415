"""Warm turns on the real engine with the blocking client; the same program for both SDKs."""

from __future__ import annotations

import importlib

from meter import report_turns, settings, stamp


def main() -> None:
    given = settings()
    sdk = importlib.import_module(given["module"])
    times = []
    with sdk.Codex(sdk.CodexConfig(codex_bin=given["engine"])) as codex:
        thread = codex.thread_start(cwd=given["cwd"])
        for _ in range(given["warm_turns"] + given["measured_turns"]):
            start = stamp()
            events = iter(thread.turn("go").stream())
            next(events)
            first = stamp()
            for _ in events:
                pass
            times.append((start, first, stamp()))
    report_turns(times[given["warm_turns"] :])


if __name__ == "__main__":
    main()
