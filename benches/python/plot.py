"""Draws the scale curves: reads their figures and writes a PNG for each beside them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

# A colour for each language, a dash for the official SDKs: readable without colours, too.
COLOURS = {"Python, Codex": "tab:blue", "AsyncCodex": "tab:cyan", "Rust": "tab:red"}


def colour(name: str) -> str:
    """The colour of a consumer's language."""
    for part, found in COLOURS.items():
        if part in name:
            return found
    return "tab:green"


def draw(curve: dict, machine: dict, to: Path) -> None:
    """Draws one of them, with logarithmic axes."""
    figure, axes = plt.subplots(figsize=(6.4, 3.8), dpi=80)
    for name, points in curve["lines"].items():
        axes.plot(
            [x for x, _ in points],
            [y for _, y in points],
            label=name,
            color=colour(name),
            linestyle="--" if name.startswith("official") else "-",
            marker="o",
            markersize=3,
        )
    axes.set(xscale="log", yscale="log", xlabel=curve["x"], ylabel=curve["y"])
    axes.set_title(curve["title"], fontsize=10)
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(fontsize=7)
    note = f"{machine['cores']} cores, {machine['os']} {machine['arch']}, load {machine['load']}"
    figure.text(0.99, 0.01, note, fontsize=6, ha="right", color="gray")
    figure.tight_layout()
    figure.savefig(to)
    plt.close(figure)


def main() -> None:
    path = Path(sys.argv[1])
    figures = json.loads(path.read_text())
    for curve in figures["curves"]:
        draw(curve, figures["machine"], path.with_name(curve["file"]))


if __name__ == "__main__":
    main()
