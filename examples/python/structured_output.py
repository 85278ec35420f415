"""An answer of a given shape, by a JSON Schema."""

import json

from codexkit import Codex

SCHEMA = {
    "type": "object",
    "properties": {
        "summary": {"type": "string"},
        "status": {"type": "string", "enum": ["fine", "needs work"]},
    },
    "required": ["summary", "status"],
    "additionalProperties": False,
}

with Codex() as codex:
    thread = codex.thread_start()
    result = thread.run("How is this project doing?", output_schema=SCHEMA)
    report = json.loads(result.final_response or "{}")
    print("Status:", report["status"])
    print("Summary:", report["summary"])
