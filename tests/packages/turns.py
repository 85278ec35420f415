"""What an installed wheel must do: import only itself, and run turns of its engine, sync and async.

`cargo xtask dist --check` runs it in a fresh virtual environment. The last line that it prints is JSON.
"""

import sys

before = set(sys.modules)
import codexkit  # noqa: E402

loaded = {name.split(".")[0] for name in set(sys.modules) - before}
foreign = loaded - set(sys.stdlib_module_names) - {"codexkit"}
assert not foreign, f"import codexkit also loads {sorted(foreign)}"

import asyncio  # noqa: E402
import json  # noqa: E402
from pathlib import Path  # noqa: E402
from tempfile import mkdtemp  # noqa: E402

from codexkit import AsyncCodex, Codex, Sandbox  # noqa: E402
from codexkit.testing import ScriptedModel  # noqa: E402

SCRIPT = {
    "rules": [
        {
            "when": {"prompt_contains": "folder"},
            "replies": [
                {
                    "items": [
                        {
                            "call": {
                                "name": "exec_command",
                                "arguments": {"cmd": "mkdir made"},
                            }
                        }
                    ]
                },
                {"items": [{"message": "It is made."}]},
            ],
        },
        {"replies": [{"items": [{"message": "Hello."}]}], "repeat": "last"},
    ]
}


def sync_turn(model: ScriptedModel) -> None:
    """A turn with a command, which the installed engine runs."""
    folder = Path(mkdtemp(dir="."))
    with Codex(model.config()) as codex:
        thread = codex.thread_start(cwd=folder.resolve(), sandbox=Sandbox.full_access)
        assert thread.run("Make a folder.").final_response == "It is made."
    assert (folder / "made").is_dir()


async def async_turn(model: ScriptedModel) -> None:
    """A turn whose events are read one by one."""
    async with AsyncCodex(model.config()) as codex:
        thread = await codex.thread_start()
        turn = await thread.turn("Hi.")
        text = ""
        async for event in turn.stream():
            if event.method == "item/agentMessage/delta":
                text += event.payload.delta
        assert text == "Hello.", text


with ScriptedModel(SCRIPT) as model:
    sync_turn(model)
    asyncio.run(async_turn(model))
    with Codex(model.config()) as codex:
        engine = codex.metadata.engine_path
print(
    json.dumps(
        {
            "version": codexkit.__version__,
            "package": str(Path(codexkit.__file__).parent),
            "engine": engine,
        }
    )
)
