"""An MCP server for the tests of the client: over standard input and output, or HTTP with ``--http FILE``.

It uses no package. ``--log FILE`` notes each method as it comes, one a line. ``--fail N FILE`` ends at once, with
a word on standard error, the first N times it is started; FILE counts. ``--silent`` never answers. With ``--http``
it writes its port to FILE, and wants the header ``X-Key: sesame``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_TEXT = {"type": "object", "properties": {"text": {"type": "string"}}}
_READS = {"readOnlyHint": True}
# On pages of two, so that a client has to ask more than once.
_TOOLS = [
    {"name": name, "description": name, "inputSchema": _TEXT, "annotations": _READS}
    for name in ("echo", "fail", "crash", "slow", "spawn")
]
_RESOURCES = [{"uri": f"memo://{n}", "name": f"memo {n}"} for n in range(3)]
_TEMPLATES = [{"uriTemplate": "memo://{n}", "name": "memos"}]
_PROMPTS = [{"name": "greet", "arguments": [{"name": "who", "required": True}]}]


class Refused(Exception):
    """A JSON-RPC error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def _page(key: str, items: list[Json], params: Json) -> Json:
    start = int(params.get("cursor") or 0)
    page: Json = {key: items[start : start + 2]}
    if start + 2 < len(items):
        page["nextCursor"] = str(start + 2)
    return page


def _call(params: Json) -> Json:
    name, arguments = params["name"], params.get("arguments") or {}
    text = arguments.get("text", "")
    if name == "crash":
        sys.stderr.write(f"crashing: {text}\n")
        sys.stderr.flush()
        os._exit(3)
    if name == "spawn":
        child = subprocess.Popen(["sleep", arguments["text"]], start_new_session=True)
        text = str(child.pid)
    if name == "slow":
        time.sleep(float(arguments["text"]))
    if name == "fail":
        return {"content": [{"type": "text", "text": "it failed"}], "isError": True}
    if name not in [tool["name"] for tool in _TOOLS]:
        raise Refused(-32602, f"there is no tool {name}")
    if text.startswith("$"):
        text = os.environ.get(text[1:], "(not set)")
    return {
        "content": [{"type": "text", "text": text}],
        "structuredContent": {"text": text},
        "isError": False,
    }


def answer(method: str, params: Json) -> Json:
    """The result of a request."""
    if method == "initialize":
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {}, "resources": {}, "prompts": {}},
            "serverInfo": {"name": "memo", "version": "1.2.3"},
            "instructions": "Be kind.",
        }
    if method == "ping":
        return {}
    if method == "tools/list":
        return _page("tools", _TOOLS, params)
    if method == "tools/call":
        return _call(params)
    if method == "resources/list":
        return _page("resources", _RESOURCES, params)
    if method == "resources/templates/list":
        return _page("resourceTemplates", _TEMPLATES, params)
    if method == "resources/read":
        return {"contents": [{"uri": params["uri"], "mimeType": "text/plain", "text": "memo"}]}
    if method == "prompts/list":
        return _page("prompts", _PROMPTS, params)
    if method == "prompts/get":
        text = f"Hello {params['arguments']['who']}"
        content = {"type": "text", "text": text}
        return {"messages": [{"role": "user", "content": content}]}
    raise Refused(-32601, f"there is no method {method}")


def _respond(message: Json) -> Json | None:
    if "id" not in message or "method" not in message:
        return None
    reply: Json = {"jsonrpc": "2.0", "id": message["id"]}
    try:
        return {**reply, "result": answer(message["method"], message.get("params") or {})}
    except Refused as error:
        return {**reply, "error": {"code": error.code, "message": str(error)}}


class _Log:
    def __init__(self, path: str | None) -> None:
        self._path = path

    def note(self, message: Json) -> None:
        if self._path is not None and "method" in message:
            with Path(self._path).open("a") as log:
                log.write(message["method"] + "\n")


def _stdio(log: _Log, silent: bool) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        log.note(message)
        reply = None if silent else _respond(message)
        if reply is not None:
            # What is no message must not disturb a client.
            sys.stdout.write("starting up\n" + json.dumps(reply) + "\n")
            sys.stdout.flush()


def _http(port_file: str, log: _Log) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Nothing."""

        def _send(self, status: int, kind: str = "", body: bytes = b"") -> None:
            self.send_response(status)
            if kind:
                self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self._send(405)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("X-Key") != "sesame":
                self._send(401)
                return
            message = json.loads(body)
            log.note(message)
            reply = _respond(message)
            if reply is None:
                self._send(202)
            elif message["method"] == "tools/call":
                event = f"event: message\ndata: {json.dumps(reply)}\n\n"
                self._send(200, "text/event-stream", event.encode())
            else:
                self._send(200, "application/json", json.dumps(reply).encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    part = Path(port_file + ".part")
    part.write_text(str(server.server_address[1]))
    part.rename(port_file)
    server.serve_forever()


def _fail_first(times: int, counter: str) -> None:
    path = Path(counter)
    started = int(path.read_text()) if path.exists() else 0
    path.write_text(str(started + 1))
    if started < times:
        sys.exit(f"not yet: {started}")


def main(arguments: list[str]) -> None:
    """Serve until the input ends."""
    options = dict.fromkeys(("--log", "--http"))
    for name in options:
        if name in arguments:
            options[name] = arguments[arguments.index(name) + 1]
    if "--fail" in arguments:
        at = arguments.index("--fail")
        _fail_first(int(arguments[at + 1]), arguments[at + 2])
    log = _Log(options["--log"])
    if options["--http"]:
        _http(options["--http"], log)
    else:
        _stdio(log, "--silent" in arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
