"""One turn of the Python package on the engine that is given, for ``cargo xtask matrix``."""

from __future__ import annotations

import asyncio
import sys

import pytest

from codexkit import AsyncCodex, Codex, EngineVersionError
from codexkit.testing import ScriptedModel

SCRIPT = {"replies": [{"items": [{"message": "Hello!"}]}], "repeat": "last"}


def sync_turn(engine: str, version: str) -> None:
    """A turn of the sync client; its events and its result."""
    with ScriptedModel(SCRIPT) as model, Codex(model.config(codex_bin=engine)) as codex:
        found = codex.metadata.server_info.version
        assert found == version, f"the engine says that it is {found}"
        turn = codex.thread_start().turn("Hi")
        methods = [event.method for event in turn.stream()]
        assert methods[-1] == "turn/completed", methods
        assert codex.thread_start().run("Hi").final_response == "Hello!"
        if version == "0.154.0":
            with pytest.raises(EngineVersionError) as caught:
                codex.request("memory/status", {})
            assert caught.value.needed_version == "0.155.0"


async def async_turn(engine: str) -> None:
    """A turn of the async client."""
    with ScriptedModel(SCRIPT) as model:
        async with AsyncCodex(model.config(codex_bin=engine)) as codex:
            thread = await codex.thread_start()
            assert (await thread.run("Hi")).final_response == "Hello!"


if __name__ == "__main__":
    sync_turn(sys.argv[1], sys.argv[2])
    asyncio.run(async_turn(sys.argv[1]))
    print("ok")
