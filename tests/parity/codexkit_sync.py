"""Parity runner for `codexkit.Codex`, driven by the steps the official SDK is driven by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import codexkit_views as views
from own_sync import OwnRun
from steps import Answers, Json, serve

import codexkit


class Ours:
    """The synchronous codexkit client behind the shared steps."""

    def __init__(self) -> None:
        self._notifications: Iterator[codexkit.Event] | None = None

    def open(self, job: Json, answers: Answers) -> codexkit.Codex:
        handler = None if job["scenario"].get("no_handler") else answers
        codex = codexkit.Codex(views.config(job), approval_handler=handler)
        self._notifications = codex.notifications()
        return codex

    def options(self, options: Json) -> Json:
        return views.options(options)

    def inputs(self, value: Any) -> Any:
        return views.inputs(value)

    def start_wire(self, codex: codexkit.Codex, params: Json) -> codexkit.Thread:
        return codex.thread_start(extra=params)

    def turn_wire(
        self, codex: codexkit.Codex, thread: codexkit.Thread, value: Any, params: Json
    ) -> codexkit.TurnHandle:
        return thread.turn(value, extra=params)

    def request(self, codex: codexkit.Codex, method: str, params: Json) -> Any:
        return codex.request(method, params)

    def next_notification(self, codex: codexkit.Codex) -> Json:
        assert self._notifications is not None
        return self.event(next(self._notifications))

    def event(self, event: Any) -> Json:
        return views.event(event)

    def answer(self, value: Any) -> Any:
        return views.dump(value)

    def fold(self, turn: Any, events: list[Any]) -> Json:
        try:
            return views.result(turn.run())
        except codexkit.TurnFailedError as failure:
            return views.result(failure.result)

    def result(self, result: Any) -> Json:
        return views.result(result)

    def error(self, error: Exception) -> Json | None:
        return views.error(error)


if __name__ == "__main__":
    serve(lambda job: OwnRun(Ours(), job).run())
