"""A block that connects to an engine that listens on the socket engine.sock, and on ENGINE_URL with ENGINE_TOKEN."""

import asyncio  # noqa: F401 - blocks use it
import os
import re
import subprocess
import time
from pathlib import Path

from codexkit import AsyncCodex, Codex, CodexConfig, Reconnect, RemoteEngine  # noqa: F401 - the same

os.environ["ENGINE_TOKEN"] = "of-the-documentation"
Path("token").write_text(os.environ["ENGINE_TOKEN"])
auth = ["--ws-auth", "capability-token", "--ws-token-file", os.path.abspath("token")]
# One after the other: engines that begin at the same moment in a new CODEX_HOME get in each other's way.
listening = subprocess.Popen(["codex", "app-server", "--listen", "unix://engine.sock"], stderr=-3)
while not Path("engine.sock").exists() and listening.poll() is None:
    time.sleep(0.02)
guarded = subprocess.Popen(
    ["codex", "app-server", "--listen", "ws://127.0.0.1:0", *auth], stderr=-1, text=True
)
assert guarded.stderr is not None
for line in guarded.stderr:
    if found := re.search(r"listening on: (ws://\S+)", line):
        os.environ["ENGINE_URL"] = found.group(1)
        break
try:
    pass
    # the block
finally:
    listening.kill()
    guarded.kill()
