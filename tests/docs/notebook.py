"""Runs the code cells of a notebook one after the other, as a kernel would.

A cell may await by itself. Whether a real kernel runs a notebook as well is tested elsewhere; this needs
nothing but Python.
"""

import ast
import asyncio
import inspect
import json
import sys
from pathlib import Path


async def main(path: str, cells: list[dict]) -> None:
    """Runs the cells in one namespace and one event loop."""
    namespace = {"__name__": "__main__"}
    for number, cell in enumerate(cells):
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        name = f"{path}, cell {number}"
        code = compile(source, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        awaited = eval(code, namespace)
        if inspect.iscoroutine(awaited):
            await awaited


asyncio.run(main(sys.argv[1], json.loads(Path(sys.argv[1]).read_text("utf-8"))["cells"]))
