"""Gives a case of the fault matrix to the official Python SDK and tells what it saw: it is expected to fail.

Every step runs on a thread with a deadline, since what hangs cannot be ended; the process then leaves without ceremony.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from openai_codex import Codex, CodexConfig

PATIENCE = 6.0


def within(work: Any) -> Any:
    """What came of it: `ok`, the exception's class, or that nothing did."""
    told: list[Any] = []

    def attempt() -> None:
        try:
            told.append(work())
        except BaseException as error:
            told.append({"raised": type(error).__name__})

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return told[0] if told else {"raised": "HANG"}


class Player:
    """The few steps that the cases for it use."""

    def __init__(self, job: dict[str, Any]) -> None:
        options = job["options"]
        self.config = CodexConfig(
            launch_args_override=tuple(options["launch_args_override"]),
            env=options["env"]["set"],
        )
        self.codex: Any = None
        self.thread: Any = None

    def open(self) -> Any:
        if self.codex is None:
            self.codex = Codex(self.config)
        if self.thread is None:
            self.thread = self.codex.thread_start()
        return self.thread

    def step(self, what: dict[str, Any]) -> Any:
        name = what["do"]
        if name == "start":
            self.codex = Codex(self.config)
        elif name == "run":
            result = self.open().run("go")
            return {"status": str(result.status.value), "text": result.final_response}
        elif name in ("request", "many", "diagnostics", "closed"):
            self.open()
            self.codex.models()
        elif name == "close":
            self.codex.close()
        else:
            return {"skipped": name}
        return {"ok": name}


def main() -> None:
    player = Player(json.loads(Path(sys.argv[1]).read_text()))
    steps = json.loads(Path(sys.argv[1]).read_text())["steps"]
    saw = [within(lambda what=what: player.step(what)) for what in steps]
    sys.stdout.write(json.dumps({"saw": saw}) + "\n")
    sys.stdout.flush()
    # An engine that is stuck is not waited for; its watchdog is the plan's own end.
    os._exit(0)


if __name__ == "__main__":
    main()
