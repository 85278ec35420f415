"""The declarations of fixtures/tools in Python: they give the same schemas as in Rust and TypeScript."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from codexkit import Tool
from conftest import ROOT

FOLDER = ROOT / "fixtures" / "tools"
DECLARED: dict[str, Callable[..., Any]] = {}


def declares(function: Callable[..., Any]) -> Callable[..., Any]:
    """Takes a declaration in."""
    DECLARED[function.__name__] = function
    return function


@declares
def nothing() -> None: ...


@declares
def primitives(
    query: Annotated[str, "what to look for"], count: int, ratio: float, exact: bool
) -> None: ...


@declares
def optional(
    title: str,
    note: Annotated[str | None, "a remark"] = None,
    rank: int | None = None,
    limit: int = 10,
    factor: float = 1,
    verbose: bool = False,
    mode: str = "fast",
) -> None: ...


@declares
def choices(
    unit: Annotated[Literal["celsius", "fahrenheit"], "the unit of the answer"],
    scale: Literal["small", "large"] = "small",
    sort: Literal["up", "down"] | None = None,
) -> None: ...


@declares
def lists(
    words: Annotated[list[str], "the words"],
    rows: list[list[float]],
    counts: dict[str, int],
    extra: list[str] | None = None,
) -> None: ...


@declares
def limits(
    count: Annotated[int, Field(ge=1, le=100)],
    share: Annotated[float, Field(ge=0, le=1)],
    code: Annotated[str, Field(min_length=2, max_length=5)],
    id: Annotated[str, Field(pattern="^[a-z]+$")],
    picks: Annotated[list[str], Field(min_length=1, max_length=3)],
    page: Annotated[int, Field(ge=1)] = 1,
) -> None: ...


@dataclass
class Place:
    street: Annotated[str, "with the number"]
    zip: str | None = None


@declares
def nested(
    to: Annotated[Place, "where to"], stops: list[Place], back: Place | None = None
) -> None: ...


def test_every_declaration_is_here() -> None:
    assert sorted(DECLARED) == sorted(path.stem for path in FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_the_schema_is_the_same_as_elsewhere(name: str) -> None:
    expected = json.loads((FOLDER / f"{name}.json").read_text())["parameters"]
    made = Tool(DECLARED[name], description="Does something.")
    assert made.parameters == expected
