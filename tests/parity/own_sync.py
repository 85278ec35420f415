"""The steps that the official SDK does not have, on `codexkit.Codex`. The same as in own_async.py and own.mjs."""

from __future__ import annotations

import time
from typing import Any

import own_parts as parts
from steps import Json
from sync_steps import Client, Run

from codexkit.files import FileStore


class OwnRun(Run):
    """One scenario on `codexkit.Codex`."""

    def __init__(self, client: Client, job: Json) -> None:
        super().__init__(client, job)
        self.parts = parts.Parts(job["scenario"], is_async=False)

    def run(self) -> list[Json]:
        """Run every step, and add what the application's functions were told."""
        records = super().run()
        return [*records, {"do": "told", "told": self.parts.told}] if self.parts.told else records

    def do_tools(self, step: Json) -> Json:
        return self.parts.change_tools(step)

    def do_as_tool(self, step: Json) -> Json:
        thread = self.state.threads[step["thread"]]
        return self.parts.keep_tool(step, thread.as_tool(step["as"], step["description"]))

    def do_run(self, step: Json) -> Json:
        if "output" not in step:
            return super().do_run(step)
        thread = self.state.threads[step["thread"]]
        return parts.typed(thread.run(step["input"], **self._options(step)))

    def do_stage(self, step: Json) -> Json:
        data, name = parts.staged(step)
        file = FileStore(self.state.fill(step["root"])).stage(data, name=name)
        self.parts.files[step["as"]] = file
        return parts.attachment(file)

    def do_answer(self, step: Json) -> Json:
        # It is told of before anybody is asked, and so before it can be put off.
        while not (pending := self.codex.pending_approvals()):
            time.sleep(0.005)
        self.codex.answer_approval(pending[0].id, parts.decision(step["answer"]))
        return {}

    def do_handoff(self, step: Json) -> Json:
        return self.parts.handoff(step)

    def do_bind(self, step: Json) -> Json:
        return self.parts.bind(step, self.state.threads[step["thread"]])

    def do_auto_run(self, step: Json) -> Json:
        thread = self.state.threads[step["thread"]]
        options = self.parts.auto_options(step)
        return self._follow(step, thread.auto_run_streamed(step["input"], **options))

    def do_auto_resume(self, step: Json) -> Json:
        token = self.parts.continuations[step["run"]]
        options = self.parts.auto_options(step)
        return self._follow(step, self.codex.auto_resume_streamed(token, **options))

    def do_map(self, step: Json) -> Json:
        with self.codex.map(parts.map_items(step), **step.get("options", {})) as results:
            return {"results": [parts.map_result(result) for result in results.collect()]}

    def do_new_client(self, step: Json) -> Json:
        self.codex.close()
        self.codex = self.client.open(self.job, self.answers)
        return {}

    def _follow(self, step: Json, run: Any) -> Json:
        events = [self.client.event(event) for event in run]
        return self.parts.run(step, events, run.result())

    def _options(self, step: Json) -> Json:
        return {**super()._options(step), **self.parts.options(self.state.fill(step))}

    def _inputs(self, step: Json) -> Any:
        value = self.state.fill(step["input"])
        if isinstance(value, list):
            return [self._part(part) for part in value]
        return super()._inputs(step)

    def _part(self, part: Json) -> Any:
        if part["type"] != "attachment":
            return self.client.inputs(part)
        file = self.parts.files[part["file"]]
        return getattr(file, "as_" + part["as"])() if "as" in part else file
