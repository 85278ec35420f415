"""The calls of calls.py through `AsyncCodex.api`."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from calls import DEADLINE, Json, attribute, filled, pick

from codexkit import AsyncCodex, CodexConfig, CodexError, Event, JsonRpcError
from codexkit._types import python_name


class Run:
    def __init__(self, codex: AsyncCodex, values: dict[str, Any]) -> None:
        self.codex = codex
        self.values = values
        self.events = codex.notifications().__aiter__()
        self.buffer: list[Event] = []
        self.later: list[asyncio.Task[Any]] = []

    async def call(self, method: str, params: Json) -> Any:
        found: Any = self.codex.api
        for part in method.split("/"):
            found = getattr(found, attribute(part))
        arguments = {python_name(name): value for name, value in params.items()}
        return await found(**arguments, timeout=DEADLINE)

    async def outcome(self, call: Json) -> Json:
        params = filled(call.get("params", {}), self.values)
        try:
            if call.get("background"):
                self.later.append(asyncio.create_task(self.call(call["method"], params)))
            else:
                answer = await self.call(call["method"], params)
                for name, pointer in call.get("keep", {}).items():
                    self.values[name] = pick(answer, pointer)
        except JsonRpcError as error:
            return {"outcome": "rpc", "code": error.code, "message": error.message}
        except CodexError as error:
            return {"outcome": error.kind, "message": str(error)}
        for method in call.get("wait", []):
            await asyncio.wait_for(self.wait(method, params.get("threadId")), DEADLINE)
        return {"outcome": "ok"}

    async def wait(self, method: str, thread_id: str | None) -> None:
        def fits(event: Event) -> bool:
            return event.method == method and (
                thread_id is None or event.thread_id in (None, thread_id)
            )

        while not any(fits(event) for event in self.buffer):
            self.buffer.append(await anext(self.events))
        self.buffer.remove(next(event for event in self.buffer if fits(event)))


async def main() -> None:
    job = json.load(sys.stdin)
    config = CodexConfig(
        codex_bin=job["codex_bin"], config=job["config"], cwd=job["cwd"], env=job["env"]
    )
    async with AsyncCodex(config) as codex:
        run = Run(codex, job["values"])
        calls = [{"method": call["method"], **await run.outcome(call)} for call in job["calls"]]
        await asyncio.gather(*run.later)
    json.dump({"calls": calls}, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
