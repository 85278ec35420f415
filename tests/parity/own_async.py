"""The steps that the official SDK does not have, on `codexkit.AsyncCodex`. The same as in own_sync.py and own.mjs."""

from __future__ import annotations

import asyncio
from inspect import isawaitable
from typing import Any

import codexkit_views as views
import own_parts as parts
from steps import Json, State

import codexkit
from codexkit.files import AsyncFileStore


class OwnSteps:
    """What the asynchronous runner has besides the steps of sync_steps.py."""

    codex: codexkit.AsyncCodex
    job: Json
    parts: parts.Parts
    state: State

    async def do_tools(self, step: Json) -> Json:
        return self.parts.change_tools(step)

    async def do_as_tool(self, step: Json) -> Json:
        thread = self.state.threads[step["thread"]]
        return self.parts.keep_tool(step, thread.as_tool(step["as"], step["description"]))

    async def run_typed(self, step: Json, options: Json) -> Json:
        thread = self.state.threads[step["thread"]]
        return parts.typed(await thread.run(step["input"], **options))

    async def do_stage(self, step: Json) -> Json:
        data, name = parts.staged(step)
        file = await AsyncFileStore(self.state.fill(step["root"])).stage(data, name=name)
        self.parts.files[step["as"]] = file
        return parts.attachment(file)

    async def do_answer(self, step: Json) -> Json:
        # It is told of before anybody is asked, and so before it can be put off.
        while not (pending := await self.codex.pending_approvals()):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await self.codex.answer_approval(pending[0].id, parts.decision(step["answer"]))
        return {}

    async def do_handoff(self, step: Json) -> Json:
        return self.parts.handoff(step)

    async def do_bind(self, step: Json) -> Json:
        return self.parts.bind(step, self.state.threads[step["thread"]])

    async def do_auto_run(self, step: Json) -> Json:
        thread = self.state.threads[step["thread"]]
        options = self.parts.auto_options(step)
        return await self._follow(step, thread.auto_run_streamed(step["input"], **options))

    async def do_auto_resume(self, step: Json) -> Json:
        token = self.parts.continuations[step["run"]]
        options = self.parts.auto_options(step)
        return await self._follow(step, self.codex.auto_resume_streamed(token, **options))

    async def do_map(self, step: Json) -> Json:
        results = await self.codex.map(parts.map_items(step), **step.get("options", {}))
        return {"results": [parts.map_result(result) for result in await results.collect()]}

    async def _follow(self, step: Json, started: Any) -> Json:
        run = await started if isawaitable(started) else started
        events = [views.event(event) async for event in run]
        return self.parts.run(step, events, await run.result())

    async def inputs(self, step: Json) -> Any:
        """The input of a step, with staged files as a turn takes them."""
        value = self.state.fill(step["input"])
        if not isinstance(value, list):
            return views.inputs(value)
        return [await self._part(part) for part in value]

    async def _part(self, part: Json) -> Any:
        if part["type"] != "attachment":
            return views.inputs(part)
        file = self.parts.files[part["file"]]
        return getattr(file, "as_" + part["as"])() if "as" in part else file
