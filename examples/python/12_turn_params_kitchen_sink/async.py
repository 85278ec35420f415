"""One turn with everything that a turn can be told; the answer is JSON of a given shape."""

import asyncio
import json
from pathlib import Path

from codexkit import ApprovalMode, AsyncCodex, Sandbox
from codexkit.types import Personality, ReasoningEffort

SCHEMA = {
    "type": "object",
    "properties": {
        "summary": {"type": "string"},
        "actions": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["summary", "actions"],
    "additionalProperties": False,
}


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        result = await thread.run(
            "Plan the rollout of a feature flag.",
            approval_mode=ApprovalMode.deny_all,
            cwd=Path.cwd(),
            effort=ReasoningEffort.medium,
            model="gpt-5.5",
            output_schema=SCHEMA,
            personality=Personality.pragmatic,
            sandbox=Sandbox.read_only,
            summary="concise",
        )

        plan = json.loads(result.final_response or "{}")
        print("Status:", result.status.value)
        print("Summary:", plan["summary"])
        for action in plan["actions"]:
            print("-", action)


asyncio.run(main())
