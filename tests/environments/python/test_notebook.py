"""Notebooks: cells of a real IPython kernel, driven as Jupyter drives it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from conftest import PRELUDE, eventually


def test_a_notebook_runs_from_top_to_bottom(environment: dict[str, str], tmp_path: Path) -> None:
    """Top-level await, the synchronous client beside a running loop, one client in several cells."""
    cells = [
        PRELUDE,
        """
        async with AsyncCodex(config) as codex:
            result = await (await codex.thread_start()).run("Hi")
        print(result.final_response)
        """,
        """
        with Codex(config) as codex:
            print(codex.thread_start().run("Hi").final_response)
        """,
        """
        codex = AsyncCodex(config)
        thread = await codex.thread_start()
        """,
        """
        turn = await thread.turn("Hi")
        async for event in turn.stream():
            if event.method == "item/agentMessage/delta":
                print(event.payload.delta)
        """,
        """
        answers = await asyncio.gather(*(turn.run() for turn in [turn]), thread.read())
        print(answers[0].final_response)
        await codex.close()
        """,
    ]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(textwrap.dedent(cell)) for cell in cells]
    )
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=environment)
    printed = [
        "".join(output.get("text", "") for output in cell.outputs).strip()
        for cell in notebook.cells
    ]
    assert printed == ["", "Hello.", "Hello.", "", "Hello.", "Hello."]


class Kernel:
    """A kernel, and what its cells print and raise."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(env=environment, cwd=str(folder))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str, meanwhile: Callable[[str], Any] = lambda _: None) -> tuple[str, str]:
        """Runs a cell; `meanwhile` sees each text that it prints. Gives all it printed, and its error."""
        id = self.client.execute(textwrap.dedent(code))
        printed, error = "", ""
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != id:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                printed += content["text"]
                meanwhile(content["text"])
            elif message["msg_type"] == "error":
                error = content["ename"]
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return printed, error

    def stop(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(environment: dict[str, str], tmp_path: Path) -> Iterator[Kernel]:
    kernel = Kernel(environment, tmp_path)
    yield kernel
    kernel.stop()


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_interrupting_a_cell_interrupts_the_turn(kernel: Kernel, kind: str) -> None:
    begin, wait, look = {
        "sync": (
            "codex = Codex(config); thread = codex.thread_start()",
            """
            turn = thread.turn("slowly")
            for event in turn.stream():
                if event.method == "item/agentMessage/delta":
                    say(event.payload.delta)
            """,
            "say(turn.run().status.value, thread.run('Hi').final_response)",
        ),
        "async": (
            "codex = AsyncCodex(config); thread = await codex.thread_start()",
            """
            turn = await thread.turn("slowly")
            async for event in turn.stream():
                if event.method == "item/agentMessage/delta":
                    say(event.payload.delta)
            """,
            "say((await turn.run()).status.value, (await thread.run('Hi')).final_response)",
        ),
    }[kind]
    assert kernel.run(PRELUDE + begin) == ("", "")
    interrupted: list[str] = []

    def interrupt(text: str) -> None:
        if not interrupted:
            interrupted.append(text)
            kernel.manager.interrupt_kernel()

    printed, error = kernel.run(wait, interrupt)
    assert "w0" in printed
    assert error in {"KeyboardInterrupt", "CancelledError"}
    assert "w1199" not in printed
    # The turn is over, and its client and thread are as good as before.
    assert kernel.run(look) == ("interrupted Hello.\n", "")


def test_restarting_the_kernel_ends_the_engine(kernel: Kernel) -> None:
    from conftest import engine_is_gone

    printed, _ = kernel.run(PRELUDE + "codex = Codex(config); say(codex.pid)")
    kernel.manager.restart_kernel(now=True)
    assert eventually(lambda: engine_is_gone(int(printed)))
