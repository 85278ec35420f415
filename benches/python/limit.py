"""The limit for Python: read the engine's output, split it into lines, parse each. No SDK at all.

With "parse" orjson or json; without it the lines are split and nothing else.
"""

from __future__ import annotations

import importlib
import os
import subprocess

from meter import DELTAS, Reading, report, settings, stamp


def main() -> None:
    given = settings()
    loads = importlib.import_module(given["parse"]).loads if given["parse"] else None
    engine = subprocess.Popen(
        [given["engine"], "exec", "--experimental-json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    pipe = engine.stdout.fileno()
    reading = Reading()
    count = chars = 0
    # What the engine says before the first event of the turn is start-up.
    rest = os.read(pipe, 1 << 16)
    reading.first = stamp()
    while True:
        chunk = os.read(pipe, 1 << 18)
        if not chunk:
            break
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        if loads is None:
            count += len(lines)
            continue
        for line in lines:
            event = loads(line)
            method = event.get("method")
            count += 1
            if method in DELTAS:
                chars += len(event["params"]["delta"])
    reading.last = stamp()
    reading.events, reading.chars = count, chars
    engine.wait()
    report([reading])


if __name__ == "__main__":
    main()
