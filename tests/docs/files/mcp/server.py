"""A small MCP server for the guide: a tool, a resource and a prompt, over standard input and output."""

from __future__ import annotations

import json
import sys
from typing import Any

READ = {
    "name": "read",
    "description": "Reads a note.",
    "inputSchema": {"type": "object", "properties": {"name": {"type": "string"}}},
    "annotations": {"readOnlyHint": True},
}


def answer(method: str, params: dict[str, Any]) -> dict[str, Any]:
    """The result of a request."""
    if method == "initialize":
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {}, "resources": {}, "prompts": {}},
            "serverInfo": {"name": "notes", "version": "1.0.0"},
        }
    if method == "tools/call":
        text = f"Note {params['arguments']['name']}: buy milk"
        return {"content": [{"type": "text", "text": text}]}
    if method == "resources/read":
        return {"contents": [{"uri": params["uri"], "text": "buy milk"}]}
    lists = {
        "tools/list": {"tools": [READ]},
        "resources/list": {"resources": [{"uri": "note://today", "name": "today"}]},
        "resources/templates/list": {"resourceTemplates": []},
        "prompts/list": {"prompts": [{"name": "summarise"}]},
    }
    return lists.get(method, {})


for line in sys.stdin:
    message = json.loads(line)
    if "id" in message:
        result = answer(message["method"], message.get("params") or {})
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
