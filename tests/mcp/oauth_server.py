"""An MCP server on HTTP that wants an OAuth login, with the authorization server that grants it at once.

``oauth_server.py FILE`` writes its port to FILE. Whoever opens the authorization URL has agreed.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from server import Refused, answer


class Handler(BaseHTTPRequestHandler):
    """The server and its authorization server in one."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    @property
    def _base(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def _send(self, status: int, body: Any = None, **headers: str) -> None:
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self) -> None:
        """Metadata, and the page on which a person would agree."""
        url = urlsplit(self.path)
        if url.path.startswith("/.well-known/oauth-protected-resource"):
            resource = {"resource": f"{self._base}/mcp", "authorization_servers": [self._base]}
            self._send(200, resource)
        elif url.path.startswith("/.well-known/oauth-authorization-server"):
            ends = {f"{it}_endpoint": f"{self._base}/{it}" for it in ("token", "registration")}
            metadata = {
                "issuer": self._base,
                "authorization_endpoint": f"{self._base}/authorize",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
                **ends,
            }
            self._send(200, metadata)
        elif url.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(url.query).items()}
            granted = urlencode({"code": "agreed", "state": asked["state"]})
            self._send(302, Location=f"{asked['redirect_uri']}?{granted}")
        else:
            self._send(405)

    def do_POST(self) -> None:
        """Registration, tokens and the MCP server itself."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/registration":
            self._send(201, {**json.loads(body), "client_id": "engine"})
        elif self.path == "/token":
            self._send(200, {"access_token": "granted", "token_type": "Bearer", "expires_in": 3600})
        elif self.headers.get("Authorization") != "Bearer granted":
            where = f"{self._base}/.well-known/oauth-protected-resource"
            self._send(401, WWW_Authenticate=f'Bearer resource_metadata="{where}"')
        else:
            self._mcp(json.loads(body))

    def _mcp(self, message: dict[str, Any]) -> None:
        if "id" not in message:
            self._send(202)
            return
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": message["id"]}
        try:
            reply["result"] = answer(message["method"], message.get("params") or {})
        except Refused as error:
            reply["error"] = {"code": error.code, "message": str(error)}
        self._send(200, reply)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    part = Path(sys.argv[1] + ".part")
    part.write_text(str(server.server_address[1]))
    part.rename(sys.argv[1])
    server.serve_forever()
