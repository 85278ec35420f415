"""The steps of a scenario, driven through the synchronous API that both Python packages have.

`openai_codex` and `codexkit` share names and meanings, so one interpreter drives both: that it can is
part of what the parity suite checks. What differs (construction, events as JSON, raw calls) is in the
`Client` each runner gives.
"""

from __future__ import annotations

from typing import Any, Protocol

from steps import Actions, Answers, Json, State, answers_of, matches, pointer


class Client(Protocol):
    """What a runner provides around its package."""

    def open(self, job: Json, answers: Answers) -> Any:
        """Start a `Codex` for this job whose server requests go to `answers`."""

    def options(self, options: Json) -> Json:
        """Turn a scenario's options into keyword arguments (enums and the like)."""

    def inputs(self, value: Any) -> Any:
        """Turn a scenario's input into the package's input objects."""

    def start_wire(self, codex: Any, params: Json) -> Any:
        """Start a thread with wire parameters the public signature lacks."""

    def turn_wire(self, codex: Any, thread: Any, value: Any, params: Json) -> Any:
        """Start a turn with wire parameters the public signature lacks."""

    def request(self, codex: Any, method: str, params: Json) -> Any:
        """Send any request."""

    def next_notification(self, codex: Any) -> Json:
        """The next notification that belongs to no turn, as JSON."""

    def event(self, event: Any) -> Json:
        """An event as `{method, params}`."""

    def answer(self, value: Any) -> Any:
        """A call's answer as JSON."""

    def fold(self, turn: Any, events: list[Any]) -> Json:
        """The result of a turn that was streamed to its end."""

    def result(self, result: Any) -> Json:
        """A `TurnResult` as JSON."""

    def error(self, error: Exception) -> Json | None:
        """An error as `{kind, ...}`, or None if it is no error of the package."""


class Run:
    """One scenario on one client."""

    def __init__(self, client: Client, job: Json) -> None:
        self.client = client
        self.job = job
        self.state = State()
        self.answers = answers_of(job)

    def run(self) -> list[Json]:
        """Run every step; the last record holds what the engine asked."""
        records = []
        self.codex = self.client.open(self.job, self.answers)
        try:
            for step in self.job["scenario"]["steps"]:
                record = {"do": step["do"]}
                try:
                    record.update(getattr(self, "do_" + step["do"])(step))
                except Exception as error:
                    known = self.client.error(error)
                    if known is None:
                        raise
                    record["error"] = known
                records.append(record)
        finally:
            self.codex.close()
        records.append({"do": "server_requests", "asked": self.answers.asked})
        return records

    def do_thread_start(self, step: Json) -> Json:
        wire = step.get("wire")
        if wire is not None:
            thread = self.client.start_wire(self.codex, self.state.fill(wire))
        else:
            thread = self.codex.thread_start(**self._options(step))
        self.state.threads[step["as"]] = thread
        return {"thread": thread.id}

    def do_thread_resume(self, step: Json) -> Json:
        thread = self.codex.thread_resume(self.state.fill(step["thread"]), **self._options(step))
        self.state.threads[step["as"]] = thread
        return {"thread": thread.id}

    def do_thread_fork(self, step: Json) -> Json:
        thread = self.codex.thread_fork(self.state.fill(step["thread"]), **self._options(step))
        self.state.threads[step["as"]] = thread
        return {"thread": thread.id}

    def do_thread_unarchive(self, step: Json) -> Json:
        thread = self.codex.thread_unarchive(self.state.fill(step["thread"]))
        self.state.threads[step["as"]] = thread
        return {"thread": thread.id}

    def do_thread_archive(self, step: Json) -> Json:
        return self._answer(self.codex.thread_archive(self.state.fill(step["thread"])))

    def do_thread_list(self, step: Json) -> Json:
        return self._answer(self.codex.thread_list(**self._options(step)))

    def do_models(self, step: Json) -> Json:
        return self._answer(self.codex.models(**self._options(step)))

    def do_account(self, step: Json) -> Json:
        return self._answer(self.codex.account())

    def do_read(self, step: Json) -> Json:
        thread = self.state.threads[step["thread"]]
        return self._answer(thread.read(include_turns=step.get("include_turns", False)))

    def do_set_name(self, step: Json) -> Json:
        return self._answer(self.state.threads[step["thread"]].set_name(step["name"]))

    def do_compact(self, step: Json) -> Json:
        return self._answer(self.state.threads[step["thread"]].compact())

    def do_request(self, step: Json) -> Json:
        params = self.state.fill(step.get("params", {}))
        answer = self.client.answer(self.client.request(self.codex, step["method"], params))
        for name, path in step.get("save", {}).items():
            self.state.saved[name] = pointer(answer, path)
        return {} if step.get("quiet") else {"answer": answer}

    def do_turn(self, step: Json) -> Json:
        thread = self.state.threads[step["thread"]]
        value = self._inputs(step)
        if "wire" in step:
            turn = self.client.turn_wire(self.codex, thread, value, self.state.fill(step["wire"]))
        else:
            turn = thread.turn(value, **self._options(step))
        self.state.turns[step["as"]] = turn
        return {"turn": turn.id, "thread": turn.thread_id}

    def do_run(self, step: Json) -> Json:
        thread = self.state.threads[step["thread"]]
        value = self._inputs(step)
        return {"result": self.client.result(thread.run(value, **self._options(step)))}

    def do_turn_run(self, step: Json) -> Json:
        return {"result": self.client.result(self.state.turns[step["turn"]].run())}

    def do_stream(self, step: Json) -> Json:
        turn = self.state.turns[step["turn"]]
        actions = Actions(step.get("actions", []))
        seen, events, done = [], [], []
        stream = turn.stream()
        broken = False
        for raw in stream:
            event = self.client.event(raw)
            seen.append(raw)
            events.append(event)
            for action in actions.due(event):
                if action["do"] == "break":
                    broken = True
                else:
                    done.append({"do": action["do"], **self._action(turn, action)})
            if broken:
                break
        record: Json = {"events": events}
        if done:
            record["actions"] = done
        if not broken:
            record["result"] = self.client.fold(turn, seen)
        return record

    def do_steer(self, step: Json) -> Json:
        return self._action(self.state.turns[step["turn"]], step)

    def do_interrupt(self, step: Json) -> Json:
        return self._action(self.state.turns[step["turn"]], step)

    def do_wait(self, step: Json) -> Json:
        """Read the client's own notifications up to the n-th wanted one; keep the listed kinds."""
        left = step.get("n", 1)
        keep = step.get("keep", ["thread/"])
        kept = []
        while left > 0:
            event = self.client.next_notification(self.codex)
            if any(event["method"].startswith(prefix) for prefix in keep):
                kept.append(event)
            left -= matches(event, step["until"])
        return {"notifications": kept}

    def _action(self, turn: Any, action: Json) -> Json:
        if action["do"] == "interrupt":
            return self._answer(turn.interrupt())
        if action["do"] == "steer":
            return self._answer(turn.steer(self.client.inputs(action["input"])))
        return getattr(self, "do_" + action["do"])(action)

    def _inputs(self, step: Json) -> Any:
        return self.client.inputs(self.state.fill(step["input"]))

    def _options(self, step: Json) -> Json:
        return self.client.options(self.state.fill(step.get("options", {})))

    def _answer(self, value: Any) -> Json:
        return {"answer": self.client.answer(value)}
