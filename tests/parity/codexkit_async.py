"""Parity runner for `codexkit.AsyncCodex`: the same steps as sync_steps.py, as coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import codexkit_views as views
import own_parts
from own_async import OwnSteps
from steps import Actions, Json, State, answers_of, matches, pointer, serve

import codexkit


class AsyncRun(OwnSteps):
    """One scenario on one client."""

    codex: codexkit.AsyncCodex
    notifications: AsyncIterator[codexkit.Event]

    def __init__(self, job: Json) -> None:
        self.job = job
        self.state = State()
        self.answers = answers_of(job)
        self.parts = own_parts.Parts(job["scenario"], is_async=True)

    async def run(self) -> list[Json]:
        """Run every step; the last record holds what the engine asked."""
        records = []
        scenario = self.job["scenario"]
        await self._open()
        try:
            for step in scenario["steps"]:
                record = {"do": step["do"]}
                try:
                    record.update(await getattr(self, "do_" + step["do"])(step))
                except Exception as error:
                    known = views.error(error)
                    if known is None:
                        raise
                    record["error"] = known
                records.append(record)
        finally:
            await self.codex.close()
        records.append({"do": "server_requests", "asked": self.answers.asked})
        if self.parts.told:
            records.append({"do": "told", "told": self.parts.told})
        return records

    async def _open(self) -> None:
        no_handler = self.job["scenario"].get("no_handler")
        handler = None if no_handler else self._answer_request
        self.codex = codexkit.AsyncCodex(views.config(self.job), approval_handler=handler)
        await self.codex.__aenter__()
        self.notifications = self.codex.notifications()

    async def do_new_client(self, step: Json) -> Json:
        await self.codex.close()
        await self._open()
        return {}

    async def _answer_request(self, method: str, params: Json) -> Json:
        return await asyncio.to_thread(self.answers, method, params)

    async def do_thread_start(self, step: Json) -> Json:
        wire = step.get("wire")
        extra = {} if wire is None else {"extra": self.state.fill(wire)}
        return self._keep(step, await self.codex.thread_start(**self._options(step), **extra))

    async def do_thread_resume(self, step: Json) -> Json:
        thread_id = self.state.fill(step["thread"])
        return self._keep(step, await self.codex.thread_resume(thread_id, **self._options(step)))

    async def do_thread_fork(self, step: Json) -> Json:
        thread_id = self.state.fill(step["thread"])
        return self._keep(step, await self.codex.thread_fork(thread_id, **self._options(step)))

    async def do_thread_unarchive(self, step: Json) -> Json:
        thread_id = self.state.fill(step["thread"])
        return self._keep(step, await self.codex.thread_unarchive(thread_id))

    async def do_thread_archive(self, step: Json) -> Json:
        return _answer(await self.codex.thread_archive(self.state.fill(step["thread"])))

    async def do_thread_list(self, step: Json) -> Json:
        return _answer(await self.codex.thread_list(**self._options(step)))

    async def do_models(self, step: Json) -> Json:
        return _answer(await self.codex.models(**self._options(step)))

    async def do_account(self, step: Json) -> Json:
        return _answer(await self.codex.account())

    async def do_read(self, step: Json) -> Json:
        thread = self.state.threads[step["thread"]]
        return _answer(await thread.read(include_turns=step.get("include_turns", False)))

    async def do_set_name(self, step: Json) -> Json:
        return _answer(await self.state.threads[step["thread"]].set_name(step["name"]))

    async def do_compact(self, step: Json) -> Json:
        return _answer(await self.state.threads[step["thread"]].compact())

    async def do_request(self, step: Json) -> Json:
        params = self.state.fill(step.get("params", {}))
        answer = await self.codex.request(step["method"], params)
        for name, path in step.get("save", {}).items():
            self.state.saved[name] = pointer(answer, path)
        return {} if step.get("quiet") else {"answer": answer}

    async def do_turn(self, step: Json) -> Json:
        thread = self.state.threads[step["thread"]]
        value = await self.inputs(step)
        extra = {"extra": self.state.fill(step["wire"])} if "wire" in step else {}
        turn = await thread.turn(value, **self._options(step), **extra)
        self.state.turns[step["as"]] = turn
        return {"turn": turn.id, "thread": turn.thread_id}

    async def do_run(self, step: Json) -> Json:
        thread = self.state.threads[step["thread"]]
        if "output" in step:
            return await self.run_typed(step, self._options(step))
        value = await self.inputs(step)
        return {"result": views.result(await thread.run(value, **self._options(step)))}

    async def do_turn_run(self, step: Json) -> Json:
        return {"result": views.result(await self.state.turns[step["turn"]].run())}

    async def do_stream(self, step: Json) -> Json:
        turn = self.state.turns[step["turn"]]
        actions = Actions(step.get("actions", []))
        events, done = [], []
        broken = False
        async for raw in turn.stream():
            event = views.event(raw)
            events.append(event)
            for action in actions.due(event):
                if action["do"] == "break":
                    broken = True
                else:
                    done.append({"do": action["do"], **await self._action(turn, action)})
            if broken:
                break
        record: Json = {"events": events}
        if done:
            record["actions"] = done
        if not broken:
            try:
                record["result"] = views.result(await turn.run())
            except codexkit.TurnFailedError as failure:
                record["result"] = views.result(failure.result)
        return record

    async def do_steer(self, step: Json) -> Json:
        return await self._action(self.state.turns[step["turn"]], step)

    async def do_interrupt(self, step: Json) -> Json:
        return await self._action(self.state.turns[step["turn"]], step)

    async def do_wait(self, step: Json) -> Json:
        """Read the client's own notifications up to the n-th wanted one; keep the listed kinds."""
        left = step.get("n", 1)
        keep = step.get("keep", ["thread/"])
        kept = []
        while left > 0:
            event = views.event(await anext(self.notifications))
            if any(event["method"].startswith(prefix) for prefix in keep):
                kept.append(event)
            left -= matches(event, step["until"])
        return {"notifications": kept}

    async def _action(self, turn: Any, action: Json) -> Json:
        if action["do"] == "interrupt":
            return _answer(await turn.interrupt())
        if action["do"] == "steer":
            return _answer(await turn.steer(views.inputs(action["input"])))
        return await getattr(self, "do_" + action["do"])(action)

    def _options(self, step: Json) -> Json:
        filled = self.state.fill(step)
        return {**views.options(filled.get("options", {})), **self.parts.options(filled)}

    def _keep(self, step: Json, thread: codexkit.AsyncThread) -> Json:
        self.state.threads[step["as"]] = thread
        return {"thread": thread.id}


def _answer(value: Any) -> Json:
    return {"answer": views.dump(value)}


if __name__ == "__main__":
    serve(lambda job: asyncio.run(AsyncRun(job).run()))
