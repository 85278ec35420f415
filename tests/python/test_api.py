"""The public face: everything the official SDK has, under the same names; cheap to import."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from typing import Any

import pytest

import codexkit
from codexkit import errors, types
from conftest import ROOT

official = pytest.importorskip("openai_codex")

CLASSES = [
    "Codex",
    "AsyncCodex",
    "Thread",
    "AsyncThread",
    "TurnHandle",
    "AsyncTurnHandle",
    "ChatgptLoginHandle",
    "AsyncChatgptLoginHandle",
    "DeviceCodeLoginHandle",
    "AsyncDeviceCodeLoginHandle",
]


def test_every_official_name_is_here() -> None:
    assert set(official.__all__) <= set(codexkit.__all__)
    for name in codexkit.__all__:
        assert getattr(codexkit, name) is not None
    assert set(codexkit.__all__) <= set(dir(codexkit))
    with pytest.raises(AttributeError):
        _ = codexkit.no_such_name  # pyright: ignore[reportAttributeAccessIssue]


def test_every_official_type_is_here() -> None:
    import openai_codex.types

    for name in openai_codex.types.__all__:
        assert getattr(types, name) is not None


@pytest.mark.parametrize("name", CLASSES)
def test_methods_take_what_the_official_ones_take(name: str) -> None:
    theirs, ours = getattr(official, name), getattr(codexkit, name)
    for method, function in inspect.getmembers(theirs, inspect.isfunction):
        if method.startswith("_"):
            continue
        mine = getattr(ours, method)
        assert inspect.iscoroutinefunction(mine) == inspect.iscoroutinefunction(function), method
        wanted = inspect.signature(function).parameters
        found = inspect.signature(mine).parameters
        for parameter in wanted.values():
            assert parameter.name in found, f"{name}.{method}({parameter.name})"
            assert found[parameter.name].kind == parameter.kind
            if (name, method, parameter.name) in ON_PURPOSE:
                continue
            assert found[parameter.name].default == parameter.default


# Nothing is accepted in the user's name unless the application says so.
ON_PURPOSE = {
    ("Codex", "thread_start", "approval_mode"),
    ("AsyncCodex", "thread_start", "approval_mode"),
}


def test_the_two_clients_have_the_same_methods() -> None:
    for name in ("Codex", "Thread", "TurnHandle"):
        sync, asynchronous = getattr(codexkit, name), getattr(codexkit, "Async" + name)
        public = {member for member in dir(sync) if not member.startswith("_")}
        assert public == {member for member in dir(asynchronous) if not member.startswith("_")}
        for member in public:
            if callable(getattr(sync, member)) and member != "stream":
                ours = inspect.signature(getattr(sync, member)).parameters
                theirs = inspect.signature(getattr(asynchronous, member)).parameters
                assert list(ours) == list(theirs), member


@pytest.mark.parametrize(
    "name",
    [
        "CodexConfig",
        "TextInput",
        "ImageInput",
        "LocalImageInput",
        "SkillInput",
        "MentionInput",
        "ExternalMessage",
        "TurnResult",
    ],
)
def test_values_are_made_as_the_official_ones(name: str) -> None:
    theirs, ours = getattr(official, name), getattr(codexkit, name)
    fields = list(theirs.__dataclass_fields__)
    assert list(ours.__match_args__)[: len(fields)] == fields
    sample: Any = [f"v{number}" for number in range(len(fields))]
    made = ours(*sample)
    assert [getattr(made, field) for field in fields] == sample
    assert made == ours(*sample)
    assert made != ours("other", *sample[1:])
    assert repr(made).startswith(f"{name}({fields[0]}='v0'")


def test_modes_and_errors_are_the_official_ones() -> None:
    for name in ("ApprovalMode", "Sandbox"):
        theirs, ours = getattr(official, name), getattr(codexkit, name)
        assert {m.name: m.value for m in theirs} == {m.name: m.value for m in ours}
    for name, theirs in vars(official.errors).items():
        if isinstance(theirs, type) and issubclass(theirs, Exception):
            ours = getattr(errors, name)
            wanted = [base.__name__ for base in theirs.__mro__]
            assert [base.__name__ for base in ours.__mro__ if base.__name__ in wanted] == wanted


def modules_after(code: str) -> set[str]:
    program = f"import sys; before = set(sys.modules)\n{code}\nprint(*set(sys.modules) - before)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    run = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.split())


def test_importing_loads_next_to_nothing() -> None:
    assert modules_after("import codexkit") <= {"codexkit", "codexkit._version", "__future__"}
    heavy = {
        "asyncio",
        "dataclasses",
        "typing",
        "inspect",
        "pydantic",
        "json",
        "re",
        "enum",
        "threading",
    }
    for line in (
        "from codexkit import Codex, AsyncCodex, CodexConfig, TextInput",
        "from codexkit.client import CodexClient",
        "from codexkit.types import TurnCompletedNotification",
        "from codexkit import errors, models, types; errors.CodexError; models.Notification",
    ):
        assert not modules_after(line) & heavy, line


def test_every_public_thing_is_documented() -> None:
    for name in codexkit.__all__:
        thing = getattr(codexkit, name)
        if not isinstance(thing, type) or thing.__module__.startswith(
            ("codexkit._native", "builtins")
        ):
            continue
        assert thing.__doc__, name
        for member, value in vars(thing).items():
            if not member.startswith("_") and (
                inspect.isfunction(value) or isinstance(value, property)
            ):
                assert value.__doc__, f"{name}.{member}"
