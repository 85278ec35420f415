"""Reads K turns at once with the blocking client, a thread a turn; the same program for both SDKs."""

from __future__ import annotations

import importlib
import threading
from time import monotonic_ns

from meter import DELTAS, Reading, config_for, report, settings, stamp


def read_delta(stream: object, reading: Reading) -> None:
    """Reads each event's method, and the text of deltas."""
    events = iter(stream)
    event = next(events)
    reading.first = stamp()
    count = 1
    chars = len(event.payload.delta) if event.method in DELTAS else 0
    for event in events:
        count += 1
        if event.method in DELTAS:
            chars += len(event.payload.delta)
    reading.last = stamp()
    reading.events, reading.chars = count, chars


def read_dict(stream: object, reading: Reading) -> None:
    """Reads each event's whole payload as a dict."""
    events = iter(stream)
    event = next(events)
    reading.first = stamp()
    count = 1
    chars = len(event.params["delta"]) if event.method in DELTAS else 0
    for event in events:
        count += 1
        params = event.params
        if event.method in DELTAS:
            chars += len(params["delta"])
    reading.last = stamp()
    reading.events, reading.chars = count, chars


def read_late(stream: object, reading: Reading) -> None:
    """Takes the time at which each delta arrives; its text is the time at which it was sent."""
    late = reading.late
    reading.first = stamp()
    for event in stream:
        if event.method == "item/agentMessage/delta":
            now = monotonic_ns()
            late.append(now - int(event.payload.delta))
    reading.last = stamp()
    reading.events = len(late)


READERS = {"delta": read_delta, "dict": read_dict, "late": read_late}


def round_of_turns(threads: list, prompt: str, read: object) -> list[Reading]:
    """Starts a turn on every thread and reads all of them to their ends."""
    turns = [thread.turn(prompt) for thread in threads]
    readings = [Reading() for _ in turns]
    if len(turns) == 1:
        read(turns[0].stream(), readings[0])
        return readings
    workers = [
        threading.Thread(target=read, args=(turn.stream(), reading))
        for turn, reading in zip(turns, readings, strict=True)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return readings


def main() -> None:
    given = settings()
    sdk = importlib.import_module(given["module"])
    read = READERS[given["read"]]
    with sdk.Codex(config_for(sdk, given)) as codex:
        threads = [codex.thread_start() for _ in range(given["turns"])]
        round_of_turns(threads, f"warm up events={given['warm']}", read)
        report(round_of_turns(threads, f"go events={given['events']}", read))


if __name__ == "__main__":
    main()
