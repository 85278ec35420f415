"""Runs a notebook in a Jupyter kernel of its own and prints what its cells print: notebook.py FILE."""

import sys

import nbclient
import nbformat


def main(path: str) -> None:
    """Runs all cells; a cell that raises ends it with the cell's traceback."""
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            print(output.get("text", ""), end="")


main(sys.argv[1])
