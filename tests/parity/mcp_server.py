"""A small MCP server over stdio for the parity scenarios: echo, fail, ask (elicits), destroy.

It speaks just enough of the protocol for the engine to list and call its tools, and uses no package.
"""

from __future__ import annotations

import json
import sys
from typing import Any

Json = dict[str, Any]

_SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}}
_READ_ONLY = {"readOnlyHint": True, "destructiveHint": False, "openWorldHint": False}
_TOOLS = [
    {"name": "echo", "description": "echo", "inputSchema": _SCHEMA, "annotations": _READ_ONLY},
    {"name": "fail", "description": "fail", "inputSchema": _SCHEMA, "annotations": _READ_ONLY},
    {"name": "ask", "description": "ask", "inputSchema": _SCHEMA, "annotations": _READ_ONLY},
    {
        "name": "destroy",
        "description": "destroy",
        "inputSchema": _SCHEMA,
        "annotations": {"readOnlyHint": False, "destructiveHint": True, "openWorldHint": False},
    },
]
_FORM = {
    "message": "Who are you?",
    "requestedSchema": {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
    },
}


def _send(message: Json) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def _text(text: str, error: bool = False) -> Json:
    return {"content": [{"type": "text", "text": text}], "isError": error}


def _call(request_id: Any, params: Json, waiting: Json) -> None:
    name = params["name"]
    text = params.get("arguments", {}).get("text", "")
    if name == "ask":
        waiting["elicitation"] = request_id
        _send({"id": "elicitation", "method": "elicitation/create", "params": _FORM})
    elif name == "fail":
        _send({"id": request_id, "result": _text("it failed", error=True)})
    else:
        _send({"id": request_id, "result": _text(f"{name}: {text}")})


def main() -> None:
    """Answer messages until stdin ends."""
    waiting: Json = {}
    for line in sys.stdin:
        message = json.loads(line)
        method, request_id = message.get("method"), message.get("id")
        if method == "initialize":
            result = {
                "protocolVersion": message["params"]["protocolVersion"],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "fake", "version": "1.0.0"},
            }
            _send({"id": request_id, "result": result})
        elif method == "tools/list":
            _send({"id": request_id, "result": {"tools": _TOOLS}})
        elif method == "tools/call":
            _call(request_id, message["params"], waiting)
        elif method is None and request_id in waiting:
            answer = json.dumps(message.get("result"), sort_keys=True)
            _send({"id": waiting.pop(request_id), "result": _text(f"asked: {answer}")})
        elif method is not None and request_id is not None:
            _send({"id": request_id, "result": {}})


if __name__ == "__main__":
    main()
