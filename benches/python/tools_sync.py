"""Warm turns with calls of a tool, one after the other, with the blocking client."""

from __future__ import annotations

from meter import report_turns, settings, stamp

from codexkit import Codex, CodexConfig, tool


@tool
def look_up(key: str) -> str:
    """Looks a word up.

    Args:
        key: The word.
    """
    return f"{key}: found"


def main() -> None:
    given = settings()
    times = []
    with Codex(CodexConfig(codex_bin=given["engine"])) as codex:
        thread = codex.thread_start(cwd=given["cwd"], tools=[look_up])
        for _ in range(given["warm_turns"] + given["measured_turns"]):
            start = stamp()
            events = iter(thread.turn("go").stream())
            next(events)
            first = stamp()
            for _ in events:
                pass
            times.append((start, first, stamp()))
        calls = codex.stats()["server_requests"]
    report_turns(times[given["warm_turns"] :], calls=calls)


if __name__ == "__main__":
    main()
