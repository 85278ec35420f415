"""Every recorded notification read by the official SDK's models and by ours: the same values everywhere."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, RootModel

from codexkit import Notification, types

registry = pytest.importorskip("openai_codex.generated.notification_registry")

ROOT = Path(__file__).resolve().parents[2]


def recorded() -> Iterator[tuple[str, dict[str, Any]]]:
    """Method and parameters of each different event in the golden transcripts."""
    seen = set()
    for path in sorted((ROOT / "fixtures/golden").glob("*.json")):
        for step in json.loads(path.read_text(encoding="utf-8"))["steps"]:
            for event in step.get("events", []):
                text = json.dumps(event, sort_keys=True)
                if text not in seen:
                    seen.add(text)
                    yield event["method"], mended(event["params"])


def mended(value: Any, key: str = "") -> Any:
    """A transcript's value with numbers again where it says that there was one."""
    if isinstance(value, dict):
        return {name: mended(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [mended(item, key) for item in value]
    is_number = key.endswith(("Ms", "At", "Tokens", "Window"))
    return 1234 if is_number and isinstance(value, str) else value


EVENTS = list(recorded())


def pairs() -> Iterator[tuple[Any, Any]]:
    """The same payload as the official model and as ours, made in all ways."""
    for method, params in EVENTS:
        theirs = registry.NOTIFICATION_MODELS[method].model_validate(params)
        event = Notification(method, params)
        yield theirs, event.payload
        yield theirs, type(event.payload).model_validate(params)
        yield theirs, type(event.payload).model_validate_json(json.dumps(params))
        yield theirs, type(event.payload).model_validate(theirs)


def common(theirs: Any, ours: Any) -> Any:
    """Ours without what the official models do not have: fields of the experimental API, new fields."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return {key: common(value, ours[key]) for key, value in theirs.items() if key in ours}
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        return [common(one, other) for one, other in zip(theirs, ours, strict=True)]
    return ours


def plain(value: Any) -> Any:
    """A dump with enum members as their values."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.value if isinstance(value, enum.Enum) else value


def test_the_recorded_events_are_many() -> None:
    assert len(EVENTS) > 200
    assert len({method for method, _ in EVENTS}) > 15


@pytest.mark.parametrize(
    "options",
    [
        {"by_alias": True, "mode": "json"},
        {"by_alias": True, "mode": "json", "exclude_none": True},
        {"by_alias": False, "mode": "python"},
        {"by_alias": False, "exclude_unset": True},
        {"exclude_none": True, "exclude_unset": True},
    ],
    ids=str,
)
def test_dumps_are_alike(options: dict[str, Any]) -> None:
    different = []
    for theirs, ours in pairs():
        expected = plain(theirs.model_dump(**options))
        dumped = plain(ours.model_dump(**options))
        if common(expected, dumped) != expected:
            different.append((expected, dumped))
    assert different[:3] == []


def test_texts_are_alike() -> None:
    for theirs, ours in pairs():
        for indent in (None, 2):
            options = {"by_alias": True, "exclude_none": True, "indent": indent}
            expected = json.loads(theirs.model_dump_json(**options))
            text = ours.model_dump_json(**options)
            assert common(expected, json.loads(text)) == expected
            assert ("\n" in text) == (indent is not None and text != "{}")


def misses(theirs: Any, ours: Any, path: str) -> Iterator[str]:
    """Where reading an attribute of ours gives something else."""
    if isinstance(theirs, RootModel):
        # A list of options, say, is the plain Python value.
        root = getattr(ours, "root", ours)
        yield from misses(theirs.root, root, f"{path}.root")
    elif isinstance(theirs, BaseModel):
        if type(ours).__name__ != type(theirs).__name__:
            yield f"{path}: {type(ours).__name__} for {type(theirs).__name__}"
            return
        for name in type(theirs).model_fields:
            yield from misses(getattr(theirs, name), getattr(ours, name), f"{path}.{name}")
    elif isinstance(theirs, enum.Enum):
        if (ours.value, ours.name) != (theirs.value, theirs.name):
            yield f"{path}: {ours!r} for {theirs!r}"
    elif isinstance(theirs, list):
        if len(ours) != len(theirs):
            yield f"{path}: {len(ours)} for {len(theirs)}"
        for one, other in zip(theirs, ours, strict=False):
            yield from misses(one, other, f"{path}[]")
    elif isinstance(theirs, dict):
        for key, value in theirs.items():
            yield from misses(value, ours[key], f"{path}[{key}]")
    elif ours != theirs:
        yield f"{path}: {ours!r} for {theirs!r}"


def test_attributes_are_alike() -> None:
    found = {
        miss for theirs, ours in pairs() for miss in misses(theirs, ours, type(theirs).__name__)
    }
    assert sorted(found) == []


def test_unknown_content_keeps_the_class() -> None:
    def odd(value: Any) -> Any:
        """The same with a new field in each object, and new words for those that are of a set."""
        if isinstance(value, dict):
            changed = {key: odd(item) for key, item in value.items()}
            for key in ("status", "phase", "kind", "type"):
                if isinstance(changed.get(key), str):
                    changed[key] = "brandNew"
            return {**changed, "brandNewField": {"a": 1}}
        return [odd(item) for item in value] if isinstance(value, list) else value

    for method, params in EVENTS:
        payload = Notification(method, odd(params)).payload
        expected = registry.NOTIFICATION_MODELS[method].__name__
        assert type(payload).__name__ == expected
        assert payload.brand_new_field == {"a": 1}
        assert payload.model_dump(by_alias=True, exclude_unset=True, mode="json") == odd(params)


def test_unions_unwrap_compare_and_match() -> None:
    item = {"type": "agentMessage", "id": "i", "text": "hi", "phase": "final_answer"}
    for made in (
        types.ThreadItem.model_validate(item),
        types.ThreadItem(root=types.AgentMessageThreadItem(**item)).root,
        types.ThreadItem(root=item).root,
        types.AgentMessageThreadItem(id="i", text="hi", type="agentMessage", phase="final_answer"),
        types.AgentMessageThreadItem.model_construct(**item),
    ):
        assert isinstance(made, types.AgentMessageThreadItem)
        assert isinstance(made, types.ThreadItem)
        assert made.root is made
        assert (
            made == types.AgentMessageThreadItem.model_validate(item) == types.ThreadItem(root=item)
        )
        match made:
            case types.AgentMessageThreadItem(text=text, phase=types.MessagePhase.final_answer):
                assert text == "hi"
            case _:
                pytest.fail("no match")
    unknown = types.ThreadItem.model_validate({"type": "brandNew", "id": "i", "n": 1})
    assert type(unknown) is types.ThreadItem
    assert (unknown.type, unknown.n, unknown.root) == ("brandNew", 1, unknown)
    policy = types.AskForApproval(root=types.AskForApprovalValue.never)
    assert policy.root is types.AskForApprovalValue.never
    assert types.AskForApproval.model_validate("never") is types.AskForApprovalValue.never
    assert types.AskForApproval.model_validate("new").root == "new"
    params = types.LoginAccountParams(
        root=types.ApiKeyLoginAccountParams(api_key="k", type="apiKey")
    )
    assert isinstance(params.root, types.ApiKeyLoginAccountParams)
    assert params.model_dump(by_alias=True) == {"apiKey": "k", "type": "apiKey"}


def test_fields_can_be_set() -> None:
    params = types.ThreadStartParams(model="m")
    params.cwd = "/tmp"
    params.sandbox = types.SandboxMode.read_only
    assert params.sandbox is types.SandboxMode.read_only
    assert params.model_dump(by_alias=True, exclude_none=True, mode="json") == {
        "model": "m",
        "cwd": "/tmp",
        "sandbox": "read-only",
    }
    assert params.model_fields_set == {"model", "cwd", "sandbox"}
    for kind in (ValueError, AttributeError):
        with pytest.raises(kind, match="no field 'nonsense'"):
            params.nonsense = 1
    delta = Notification("item/agentMessage/delta", {"delta": "a", "turnId": "t"}).payload
    delta.delta = "b"
    assert (delta.delta, delta.turn_id, delta.to_dict()) == (
        "b",
        "t",
        {"delta": "b", "turnId": "t"},
    )
    turn = types.Turn(id="t", items=[], status="completed", items_view="full")
    done = types.TurnCompletedNotification(turn=turn, thread_id="x")
    done.turn.id = "other"
    assert done.model_dump(include={"turn": {"id"}}) == {"turn": {"id": "other"}}
    assert done.model_dump(exclude={"turn"}) == {"thread_id": "x"}
    assert set(dict(done)) == {"thread_id", "turn"}
    copied = done.model_copy(update={"thread_id": "y"}, deep=True)
    copied.turn.id = "third"
    assert (done.thread_id, done.turn.id, copied.thread_id) == ("x", "other", "y")
