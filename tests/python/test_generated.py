"""The generated registry against the official SDK's models: the same names, fields and values."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import time
import typing
from enum import Enum
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = ROOT / "python/codexkit/generated/registry.py"

# Classes of the official SDK that are no types of the protocol, each with the reason.
NOT_OURS = {
    "CodexAppServerProtocolV2": "the empty class that its generator makes of the whole file",
    "Indice": "an integer in a list; ours is the integer",
}
# The messages' envelopes: ours are Event and the client's methods.
ENVELOPE = re.compile(r".*(Request|ServerNotification)$")


def load() -> ModuleType:
    """The registry alone, without the package around it."""
    spec = importlib.util.spec_from_file_location("registry", REGISTRY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


registry = load()
TABLES = ("STRUCTS", "UNIONS", "ANYOF", "ENUMS", "ALIASES", "LITERALS")
OURS = {name for table in TABLES for name in getattr(registry, table)}


def python_name(wire: str) -> str:
    regular = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", wire).lower()
    return registry.IRREGULAR.get(wire, re.sub(r"[^a-z0-9]", "_", regular))


def our_fields(name: str) -> dict[str, bool]:
    """Wire name -> whether it may be missing or null, of the pinned engine's stable fields."""
    experimental = registry.EXPERIMENTAL_FIELDS.get(name, "").split()
    experimental += registry.NEWER_FIELDS.get(name, "").split()
    tokens = [token.partition(":")[0] for token in registry.STRUCTS[name].split()]
    fields = {token.rstrip("?"): token.endswith("?") for token in tokens}
    return {wire: optional for wire, optional in fields.items() if wire not in experimental}


@pytest.fixture(scope="module")
def official() -> dict[str, type]:
    """The official SDK's models by name."""
    from openai_codex.generated import v2_all as module

    found = {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    }
    plain = {name: cls for name, cls in found.items() if "[" not in name and name not in NOT_OURS}
    assert len(plain) > 800
    return {name: cls for name, cls in plain.items() if not ENVELOPE.match(name)}


def test_every_official_type_exists(official: dict[str, type]) -> None:
    assert sorted(set(official) - OURS) == []


def test_every_notification_has_the_official_name() -> None:
    from openai_codex.generated.notification_registry import NOTIFICATION_MODELS

    theirs = {method: cls.__name__ for method, cls in NOTIFICATION_MODELS.items()}
    ours = {method: registry.NOTIFICATIONS.get(method) for method in theirs}
    assert ours == theirs


def test_fields_are_the_official_ones(official: dict[str, type]) -> None:
    different = []
    for name, cls in official.items():
        if name not in registry.STRUCTS:
            continue
        fields: dict[str, typing.Any] = cls.model_fields  # type: ignore[attr-defined]
        theirs = {field.alias or attribute: attribute for attribute, field in fields.items()}
        ours = {wire: python_name(wire) for wire in our_fields(name)}
        if ours != theirs:
            different.append((name, theirs, ours))
        required = {
            field.alias or attribute
            for attribute, field in fields.items()
            if field.is_required() and type(None) not in typing.get_args(field.annotation)
        }
        if any(our_fields(name)[wire] for wire in required & set(ours)):
            different.append((name, "required", required))
    assert different == []


def test_defaults_are_the_official_ones(official: dict[str, type]) -> None:
    different = []
    for name, cls in official.items():
        if name not in registry.STRUCTS:
            continue
        fields: dict[str, typing.Any] = cls.model_fields  # type: ignore[attr-defined]
        theirs = {
            field.alias or attribute
            for attribute, field in fields.items()
            if not field.is_required() and field.get_default(call_default_factory=True) is not None
        }
        ours = set(registry.DEFAULTS.get(name, {})) & set(our_fields(name))
        if ours != theirs:
            different.append((name, theirs, ours))
    assert different == []


def test_enums_are_the_official_ones(official: dict[str, type]) -> None:
    different = []
    for name, cls in official.items():
        if not issubclass(cls, Enum):
            continue
        theirs = {member.name: member.value for member in cls}
        ours = {python_name(value): value for value in registry.ENUMS.get(name, "").split()}
        if ours != theirs:
            different.append((name, theirs, ours))
    assert different == []


def test_unions_have_the_official_arms(official: dict[str, type]) -> None:
    different = []
    for name, (_, arms) in registry.UNIONS.items():
        if name not in official:
            continue
        root = official[name].model_fields["root"].annotation  # type: ignore[attr-defined]
        theirs = [arm.__name__ for arm in typing.get_args(root) or (root,)]
        ours = [struct for arm in arms.values() for struct in arm.split("|")]
        if ours != theirs:
            different.append((name, theirs, ours))
    assert different == []


def test_no_type_refers_to_a_missing_one() -> None:
    used = {
        token.partition(":")[2].lstrip("[{")
        for text in registry.STRUCTS.values()
        for token in text.split()
    }
    used |= {
        struct
        for _, arms in registry.UNIONS.values()
        for arm in arms.values()
        for struct in arm.split("|")
    }
    used |= {arm.lstrip("[{") for arms in registry.ANYOF.values() for arm in arms}
    used |= set(registry.NOTIFICATIONS.values())
    assert sorted(used - OURS - {""}) == []


def test_the_stub_declares_every_type() -> None:
    stub = ast.parse((ROOT / "python/codexkit/types.pyi").read_text(encoding="utf-8"))
    declared = {node.name for node in stub.body if isinstance(node, ast.ClassDef)}
    declared |= {
        name.asname or name.name
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    assert sorted(OURS - declared) == []


def misfits(kind: str, value: typing.Any, path: str) -> typing.Iterator[str]:
    """Where a value is not what the registry says of its type; choices are not looked into."""
    if value is None or kind.lstrip("[{") == "":
        return
    if kind[0] == "[":
        for item in value:
            yield from misfits(kind[1:], item, path)
    elif kind[0] == "{":
        for item in value.values():
            yield from misfits(kind[1:], item, path)
    elif kind in registry.UNIONS:
        tag, arms = registry.UNIONS[kind]
        if value[tag] in arms:
            yield from misfits(arms[value[tag]].partition("|")[0], value, path)
        else:
            yield f"{path}: {kind} has no {value[tag]}"
    elif kind in registry.ENUMS:
        if value not in registry.ENUMS[kind].split():
            yield f"{path}: {kind} has no {value}"
    elif kind in registry.STRUCTS:
        tokens = [token.partition(":") for token in registry.STRUCTS[kind].split()]
        fields = {wire.rstrip("?"): inner for wire, _, inner in tokens}
        yield from (f"{path}: {kind} has no {wire}" for wire in value if wire not in fields)
        needed = [wire for wire, _, _ in tokens if not wire.endswith("?")]
        yield from (f"{path}: {kind} needs {wire}" for wire in needed if wire not in value)
        for wire, item in value.items():
            yield from misfits(fields.get(wire, ""), item, f"{path}.{wire}")


def test_recorded_events_fit_their_types() -> None:
    wrong = []
    count = 0
    for path in sorted((ROOT / "fixtures/golden").glob("*.json")):
        steps = json.loads(path.read_text(encoding="utf-8"))["steps"]
        for event in (event for step in steps for event in step.get("events", [])):
            count += 1
            payload = registry.NOTIFICATIONS[event["method"]]
            wrong += misfits(payload, event["params"], f"{path.stem}: {event['method']}")
    assert wrong == []
    assert count > 500


def test_the_registry_is_cheap_to_import() -> None:
    def once() -> float:
        start = time.perf_counter()
        load()
        return time.perf_counter() - start

    # A few milliseconds even without byte code; the bound leaves room for a busy machine.
    assert min(once() for _ in range(5)) < 0.010
