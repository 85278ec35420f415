"""Every public name of the official SDK is here, at the same place, and can be used in the same way.

The comparison is mechanical: the official package is imported and walked. What differs on purpose is
listed below, each with its reason; nothing else may.
"""

from __future__ import annotations

import copy
import dataclasses
import enum
import importlib
import inspect
import pickle
import re
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

import pytest
from pydantic import BaseModel, RootModel

import codexkit
from codexkit import UnknownNotification

official = pytest.importorskip("openai_codex")

MODULES = [
    "",
    "api",
    "async_client",
    "client",
    "errors",
    "generated.notification_registry",
    "generated.v2_all",
    "models",
    "retry",
    "types",
]

# What the official modules import for their own use and no program would look for there.
TOOLS = {
    "BaseModel": "pydantic's; ours are no pydantic models",
    "CheckoutCapabilities": "the official SDK's look into unreleased engines",
    "MessageRouter": "the official SDK's own router",
    "require_runtime_version": "the official SDK's own version check",
    "CodexAppServerProtocolV2": "the empty class its generator makes of the whole schema",
}
# Parameters that differ, and why.
DIFFERENT = {
    ("Codex", "thread_start", "approval_mode"): "nothing is accepted in the user's name unasked",
    (
        "AsyncCodex",
        "thread_start",
        "approval_mode",
    ): "nothing is accepted in the user's name unasked",
    ("UnknownNotification", "__init__", "params"): "native; taken by position and by name (below)",
    ("CodexConfig", "__init__", "client_name"): "the engine is told which SDK it is",
    ("CodexConfig", "__init__", "client_title"): "the engine is told which SDK it is",
    ("CodexConfig", "__init__", "client_version"): "the engine is told which SDK it is",
}
# Objects of the native module.
NATIVE = ("Notification", "UnknownNotification")
# What is no generator function here and can be used like one.
ITERATORS = {("AsyncTurnHandle", "stream"): "an iterator of its own, with `aclose`"}
# Handles are made by the client; what their constructors take is the official SDK's inside.
MADE_BY_THE_CLIENT = re.compile(r"^(Async)?(Turn|ChatgptLogin|DeviceCodeLogin)Handle$")
# What pydantic does for its own sake.
PYDANTIC = {
    "construct": "deprecated by pydantic itself",
    "copy": "deprecated by pydantic itself",
    "dict": "deprecated by pydantic itself",
    "from_orm": "deprecated by pydantic itself",
    "json": "deprecated by pydantic itself",
    "parse_file": "deprecated by pydantic itself",
    "parse_obj": "deprecated by pydantic itself",
    "parse_raw": "deprecated by pydantic itself",
    "schema": "deprecated by pydantic itself",
    "schema_json": "deprecated by pydantic itself",
    "update_forward_refs": "deprecated by pydantic itself",
    "validate": "deprecated by pydantic itself",
    "model_computed_fields": "pydantic's machinery: no protocol class computes fields",
    "model_config": "pydantic's machinery",
    "model_json_schema": "pydantic's machinery: the engine's schema is in schema/",
    "model_parametrized_name": "pydantic's machinery",
    "model_post_init": "pydantic's machinery",
    "model_rebuild": "pydantic's machinery",
    "model_validate_strings": "pydantic's machinery",
}


def module(package: str, name: str) -> ModuleType:
    return importlib.import_module(f"{package}.{name}" if name else package)


def belongs(value: Any) -> bool:
    """Whether a value is the official package's and not one of its imports'."""
    if isinstance(value, (TypeVar, ParamSpec)):
        return False  # a type checker's tools
    home = getattr(value, "__module__", None)
    if inspect.isfunction(value) and "._" in str(home):
        return value.__name__ in official.__all__  # a helper of a private module
    if inspect.ismodule(value):
        return value.__name__.startswith("openai_codex")
    return home is None or str(home).startswith("openai_codex") or str(home) in ("typing", "types")


def public(name: str) -> dict[str, Any]:
    """The public names of an official module."""
    theirs = module("openai_codex", name)
    names = getattr(theirs, "__all__", None) or [
        key
        for key, value in vars(theirs).items()
        if not key.startswith("_") and "[" not in key and belongs(value)
    ]
    typing_tools = set(vars(importlib.import_module("typing")))
    return {
        key: getattr(theirs, key) for key in names if key not in TOOLS and key not in typing_tools
    }


EVERYTHING = [(place, name) for place in MODULES for name in public(place) if name != "annotations"]
CLASSES = {
    name: value for place, name in EVERYTHING if inspect.isclass(value := public(place)[name])
}
MODELS = {name: value for name, value in CLASSES.items() if issubclass(value, BaseModel)}
OTHERS = {
    name: value
    for name, value in CLASSES.items()
    if name not in MODELS and not issubclass(value, enum.Enum)
}


def test_the_walk_sees_the_official_package() -> None:
    assert len(EVERYTHING) > 1100
    assert {"Codex", "AsyncCodexClient", "CodexConfig", "Notification", "ServerBusyError"} <= set(
        CLASSES
    )


@pytest.mark.parametrize("place", MODULES)
def test_every_public_name_is_at_its_place(place: str) -> None:
    ours = module("codexkit", place)
    missing = [name for name in public(place) if not hasattr(ours, name)]
    assert missing == []


@pytest.mark.parametrize("place", MODULES)
def test_every_name_can_be_imported(place: str) -> None:
    home = f"codexkit.{place}" if place else "codexkit"
    names = [name for name in public(place) if name.isidentifier()]
    exec(f"from {home} import {', '.join(names)}", {})


def same_default(theirs: Any, ours: Any) -> bool:
    if isinstance(theirs, enum.Enum):
        return getattr(ours, "value", ours) == theirs.value
    return theirs == ours


def differences(owner: str, method: str, theirs: Any, ours: Any) -> list[str]:
    """How a callable of ours cannot be called as the official one is."""
    found = []
    if inspect.iscoroutinefunction(theirs) != inspect.iscoroutinefunction(ours):
        found.append(f"{owner}.{method}: one of them is a coroutine")
    generators = inspect.isasyncgenfunction(theirs), inspect.isasyncgenfunction(ours)
    if generators[0] != generators[1] and (owner, method) not in ITERATORS:
        found.append(f"{owner}.{method}: one of them is an asynchronous generator")
    wanted, given = parameters(theirs), parameters(ours)
    by_position = [p.name for p in given.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    for position, parameter in enumerate(wanted.values()):
        if (owner, method, parameter.name) in DIFFERENT:
            continue
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            if not any(p.kind == parameter.kind for p in given.values()):
                found.append(f"{owner}.{method} has no {parameter}")
            continue
        mine = given.get(parameter.name)
        if parameter.name.startswith("_"):
            continue  # only ever given by position, and looked at below
        if mine is None:
            found.append(f"{owner}.{method} has no {parameter.name}")
        elif mine.kind != parameter.kind:
            found.append(f"{owner}.{method}({parameter.name}): {mine.kind} for {parameter.kind}")
        elif parameter.default is not parameter.empty and not same_default(
            parameter.default, mine.default
        ):
            found.append(f"{owner}.{method}({parameter.name}) defaults to {mine.default!r}")
        elif (
            parameter.kind is parameter.POSITIONAL_OR_KEYWORD
            and by_position[: position + 1][-1] != parameter.name
        ):
            found.append(f"{owner}.{method}({parameter.name}) is at another position")
    # Ours must not need more than the official one can be given.
    needed = sum(p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD for p in given.values())
    if needed > sum(p.kind is p.POSITIONAL_OR_KEYWORD for p in wanted.values()):
        found.append(f"{owner}.{method} needs more arguments")
    return found


def parameters(function: Any) -> dict[str, inspect.Parameter]:
    """What a function, method or class takes, without ``self``."""
    found = inspect.signature(function).parameters
    return {name: parameter for name, parameter in found.items() if name != "self"}


def test_functions_take_what_the_official_ones_take() -> None:
    found = []
    for place, name in EVERYTHING:
        theirs = public(place)[name]
        if inspect.isfunction(theirs):
            found += differences(place, name, theirs, getattr(module("codexkit", place), name))
    assert found == []


def places_of(name: str) -> str:
    return next(place for place, other in EVERYTHING if other == name)


@pytest.mark.parametrize("name", OTHERS)
def test_classes_have_what_the_official_ones_have(name: str) -> None:
    theirs = OTHERS[name]
    ours = getattr(module("codexkit", places_of(name)), name)
    found = []
    for member in dir(theirs):
        if member.startswith("_"):
            continue
        if not hasattr(ours, member) and member not in fields_of(ours):
            found.append(f"{name} has no {member}")
            continue
        function = inspect.getattr_static(theirs, member)
        if inspect.isfunction(function):
            found += differences(name, member, function, getattr(ours, member))
    if dataclasses.is_dataclass(theirs) and not MADE_BY_THE_CLIENT.match(name):
        found += differences(name, "__init__", theirs.__init__, ours)
        public_fields = [f.name for f in dataclasses.fields(theirs) if not f.name.startswith("_")]
        found += [
            f"{name} has no {field}" for field in public_fields if field not in fields_of(ours)
        ]
    elif issubclass(theirs, Exception) or name.endswith(("Codex", "CodexClient")):
        found += differences(name, "__init__", theirs.__init__, ours.__init__)
    assert found == []


def fields_of(ours: Any) -> set[str]:
    """The attributes that instances of a class of ours have."""
    named = getattr(ours, "__match_args__", ())
    return {*named, *dir(ours), *getattr(ours, "model_fields", ())}


def test_models_have_what_the_official_ones_have() -> None:
    types = importlib.import_module("codexkit.generated.v2_all")
    models = importlib.import_module("codexkit.models")
    # A field may have the name of a method of pydantic's.
    methods = {name for name in dir(BaseModel) if not name.startswith("_")} - set(PYDANTIC)
    found = []
    for name, theirs in MODELS.items():
        ours = getattr(types, name, None) or getattr(models, name)
        if issubclass(theirs, RootModel):
            wanted = {"root", "model_dump", "model_dump_json", "model_validate"}
            # An integer, a text or a list is the plain Python value.
            found += [f"{name} has no {member}" for member in wanted if not hasattr(ours, member)]
            continue
        found += [f"{name} has no {member}" for member in methods if not hasattr(ours, member)]
        for field, info in theirs.model_fields.items():
            mine = ours.model_fields.get(field)
            if mine is None or mine.alias != (info.alias or field):
                found.append(f"{name} has no {field}")
    assert found == []


def test_models_take_the_official_options() -> None:
    from codexkit.types import Turn

    for method in ("model_dump", "model_dump_json", "model_validate", "model_copy"):
        theirs = inspect.signature(getattr(official.types.Turn, method)).parameters
        ours = inspect.signature(getattr(Turn, method)).parameters
        some_more = any(parameter.kind is parameter.VAR_KEYWORD for parameter in ours.values())
        assert some_more or set(theirs) <= set(ours)
        assert {n for n, p in ours.items() if p.default is p.empty} <= {
            "self",
            "obj",
            *theirs,
            "_options",
            "options",
        }


def test_errors_are_the_same_tree() -> None:
    theirs = {
        name: value
        for name, value in vars(official.errors).items()
        if inspect.isclass(value) and issubclass(value, BaseException)
    }
    ours = importlib.import_module("codexkit.errors")
    for name, kind in theirs.items():
        for other, base in theirs.items():
            mine = issubclass(getattr(ours, name), getattr(ours, other))
            assert mine == issubclass(kind, base), (name, other)
    rpc = [name for name, kind in theirs.items() if issubclass(kind, official.JsonRpcError)]
    for name in rpc:
        expected, made = (
            getattr(where, name)(-32000, "said", {"a": 1}) for where in (official.errors, ours)
        )
        assert (made.code, made.message, made.data) == (-32000, "said", {"a": 1})
        assert str(made) == str(expected)
    for name in ("CodexError", "TransportClosedError"):
        assert str(getattr(ours, name)("said")) == "said"


@pytest.mark.parametrize(
    "code", [-32700, -32600, -32601, -32602, -32603, -32000, -32050, -32099, 1]
)
@pytest.mark.parametrize("message", ["plain", "Retry limit reached", "too many failed attempts"])
@pytest.mark.parametrize(
    "data",
    [None, "server_overloaded", {"codexErrorInfo": "server_overloaded"}, {"a": [{"b": "x"}]}, 3],
)
def test_errors_are_mapped_alike(code: int, message: str, data: Any) -> None:
    from codexkit.errors import is_retryable_error, map_jsonrpc_error

    expected = official.errors.map_jsonrpc_error(code, message, data)
    made = map_jsonrpc_error(code, message, data)
    assert type(made).__name__ == type(expected).__name__
    assert is_retryable_error(made) == official.is_retryable_error(expected)


def test_enums_have_the_same_members() -> None:
    found = []
    for place, name in EVERYTHING:
        theirs = public(place)[name]
        if inspect.isclass(theirs) and issubclass(theirs, enum.Enum):
            ours = getattr(module("codexkit", place), name)
            if {m.name: m.value for m in theirs} != {m.name: m.value for m in ours}:
                found.append(name)
            elif any(ours(m.value) is not ours[m.name] for m in theirs):
                found.append(f"{name}(value)")
    assert found == []


def test_notifications_are_made_as_the_official_ones() -> None:
    from codexkit import Notification, types

    delta = {"threadId": "t", "turnId": "u", "itemId": "i", "delta": "d"}
    for payload in (delta, types.AgentMessageDeltaNotification.model_validate(delta)):
        for made in (
            Notification("item/agentMessage/delta", payload),  # type: ignore[arg-type]
            Notification(method="item/agentMessage/delta", payload=payload),
        ):
            assert isinstance(made.payload, types.AgentMessageDeltaNotification)
            assert (made.turn_id, made.payload.delta) == ("u", "d")
            assert made == Notification("item/agentMessage/delta", delta)
            assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == made
    unknown = Notification("made/up", UnknownNotification({"a": 1}))
    assert unknown.payload == UnknownNotification(params={"a": 1})
    assert unknown.payload.params == {"a": 1}
    with pytest.raises(codexkit.InvalidArgumentError):
        Notification("", {})
    with pytest.raises(codexkit.InvalidArgumentError):
        Notification("made/up", object())


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, value in OTHERS.items()
        if dataclasses.is_dataclass(value) and name in codexkit.__all__
    ],
)
def test_dataclasses_tools_take_our_values(name: str) -> None:
    theirs, ours = OTHERS[name], getattr(codexkit, name)
    if MADE_BY_THE_CLIENT.match(name) or name in ("Thread", "AsyncThread", *NATIVE):
        return
    wanted = [field.name for field in dataclasses.fields(theirs)]
    assert [field.name for field in dataclasses.fields(ours)][: len(wanted)] == wanted
    made = ours(*[f"v{number}" for number in range(len(wanted))])
    assert dataclasses.is_dataclass(made)
    assert dataclasses.asdict(made).items() >= {wanted[0]: "v0"}.items()
    assert getattr(dataclasses.replace(made, **{wanted[-1]: "new"}), wanted[-1]) == "new"
    assert dataclasses.replace(made) == made
