"""Calls every method of the protocol through `codex.api`: reads a job from stdin, writes what came of it.

Started by `cargo xtask coverage`, which makes the same calls in Rust and Node. The job has the calls of
fixtures/protocol/calls.json, the values of their `${names}`, and how to start the engine.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

from codexkit import Codex, CodexConfig, CodexError, JsonRpcError
from codexkit._types import python_name

Json = dict[str, Any]

DEADLINE = 20.0


def filled(value: Any, values: dict[str, Any]) -> Any:
    """A value with its `${names}` replaced."""
    if isinstance(value, dict):
        return {key: filled(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, values) for item in value]
    if isinstance(value, str):
        for name, text in values.items():
            value = value.replace("${" + name + "}", text)
    return value


def attribute(name: str) -> str:
    """A part of a method's name in Python."""
    name = python_name(name)
    return f"{name}_" if name == "import" else name


def pick(answer: Any, pointer: str) -> Any:
    """The part of an answer at a JSON pointer."""
    found = answer.to_dict()
    for part in pointer.strip("/").split("/"):
        found = found[int(part)] if part.isdigit() else found[part]
    return found


class Run:
    def __init__(self, codex: Codex, values: dict[str, Any]) -> None:
        self.codex = codex
        self.values = values
        self.events: Any = codex.notifications()
        self.buffer: list[Any] = []
        self.later: list[threading.Thread] = []

    def call(self, method: str, params: Json) -> Any:
        found: Any = self.codex.api
        for part in method.split("/"):
            found = getattr(found, attribute(part))
        arguments = {python_name(name): value for name, value in params.items()}
        return found(**arguments, timeout=DEADLINE)

    def outcome(self, call: Json) -> Json:
        params = filled(call.get("params", {}), self.values)
        try:
            if call.get("background"):
                thread = threading.Thread(target=self.call, args=(call["method"], params))
                thread.start()
                self.later.append(thread)
            else:
                answer = self.call(call["method"], params)
                for name, pointer in call.get("keep", {}).items():
                    self.values[name] = pick(answer, pointer)
        except JsonRpcError as error:
            return {"outcome": "rpc", "code": error.code, "message": error.message}
        except CodexError as error:
            return {"outcome": error.kind, "message": str(error)}
        for method in call.get("wait", []):
            self.wait(method, params.get("threadId"))
        return {"outcome": "ok"}

    def wait(self, method: str, thread_id: str | None) -> None:
        """Waits for a notification of a thread; others are kept for later waits."""

        def fits(event: Any) -> bool:
            return event.method == method and (
                thread_id is None or event.thread_id in (None, thread_id)
            )

        while not any(fits(event) for event in self.buffer):
            event = self.events.next_within(DEADLINE)
            assert event is not None, f"in vain waited for {method}"
            self.buffer.append(event)
        found = next(event for event in self.buffer if fits(event))
        self.buffer.remove(found)


def main() -> None:
    job = json.load(sys.stdin)
    config = CodexConfig(
        codex_bin=job["codex_bin"], config=job["config"], cwd=job["cwd"], env=job["env"]
    )
    with Codex(config) as codex:
        run = Run(codex, job["values"])
        calls = [{"method": call["method"], **run.outcome(call)} for call in job["calls"]]
        for thread in run.later:
            thread.join(DEADLINE)
    json.dump({"calls": calls}, sys.stdout)


if __name__ == "__main__":
    main()
