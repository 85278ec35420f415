"""The protocol's classes: reading, matching, dumping, and what the schema does not know."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from codexkit import _native, models, types
from codexkit._types import converter, names, python_name, resolve

TURN = {
    "id": "t1",
    "status": "completed",
    "items": [
        {"type": "agentMessage", "id": "i1", "text": "hi", "phase": "final_answer"},
        {
            "type": "commandExecution",
            "id": "i2",
            "command": "ls",
            "cwd": "/x",
            "status": "completed",
            "commandActions": [],
        },
        {"type": "brandNew", "id": "i3", "someField": 1},
    ],
    "error": None,
}


def test_reading() -> None:
    turn = types.Turn(TURN)
    message, command, new = turn.items
    assert message.phase is types.MessagePhase.final_answer
    assert message.memory_citation is None
    assert command.cwd == "/x"
    assert command.cwd.root == "/x"
    assert type(new) is types.ThreadItem
    assert new.some_field == 1
    assert new.someField == 1
    assert turn.items is turn.items
    assert turn.items_view is types.TurnItemsView.full
    with pytest.raises(AttributeError, match="nothing"):
        _ = turn.nothing
    assert not hasattr(turn, "_private")
    assert {"id", "items", "items_view"} <= set(dir(turn))


def test_matching() -> None:
    match types.Turn(TURN):
        case types.Turn(status=types.TurnStatus.failed):
            pytest.fail("wrong arm")
        case types.Turn(status="completed", items=[types.AgentMessageThreadItem(text=text), *_]):
            assert text == "hi"


def test_dumping() -> None:
    turn = types.Turn(TURN)
    assert turn.model_dump(by_alias=True, exclude_unset=True, mode="json") == TURN
    assert turn.to_dict() == TURN
    dumped = turn.model_dump()
    assert dumped["status"] is types.TurnStatus.completed
    assert dumped["items"][2]["some_field"] == 1
    assert dumped["completed_at"] is None
    assert "completed_at" not in turn.model_dump(exclude_none=True)
    assert json.loads(turn.model_dump_json(by_alias=True, exclude_none=True))["itemsView"] == "full"


def test_making_comparing_and_copying() -> None:
    item = types.AgentMessageThreadItem(id="i1", text="hi", type="agentMessage")
    same = types.AgentMessageThreadItem({"id": "i1", "text": "hi", "type": "agentMessage"})
    assert item == same
    assert item != types.PlanThreadItem(id="i1", text="hi", type="plan")
    assert types.Turn(id="t", items=[item], status=types.TurnStatus.failed).to_dict()["items"] == [
        item.to_dict()
    ]
    assert types.AgentMessageThreadItem.model_validate(item.to_dict()) == item
    assert (
        types.AgentMessageThreadItem.model_validate_json(item.model_dump_json(exclude_none=True))
        == item
    )
    assert item.model_copy(update={"text": "ho"}).text == "ho"
    assert item.text == "hi"
    for other in (copy.copy(item), copy.deepcopy(item), pickle.loads(pickle.dumps(item))):
        assert other == item
        assert type(other) is types.AgentMessageThreadItem
    assert repr(item) == "AgentMessageThreadItem(id='i1', text='hi', type='agentMessage')"
    with pytest.raises(TypeError):
        hash(item)
    with pytest.raises(TypeError):
        types.Turn(3)


def test_enums() -> None:
    assert types.TurnStatus.in_progress == "inProgress"
    assert types.SandboxMode("danger-full-access") is types.SandboxMode.danger_full_access
    assert types.TurnStatus("invented") == "invented"
    assert types.Turn({"status": "invented"}).status == "invented"
    invented = types.Turn({"status": "invented"}).status
    assert isinstance(invented, types.TurnStatus)
    assert (invented.value, invented.name, f"{invented.root.value}") == ("invented",) * 3
    assert {"invented": 1}[invented] == 1
    assert pickle.loads(pickle.dumps(invented)) == invented
    assert types.ReasoningEffort.none.root is types.ReasoningEffort.none


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("AskForApproval", "never", "AskForApprovalValue"),
        ("AskForApproval", "invented", "NamedString"),
        ("AskForApproval", {"granular": {"mcp_elicitations": True}}, "GranularAskForApproval"),
        ("CodexErrorInfo", "serverOverloaded", "CodexErrorInfoValue"),
        (
            "CodexErrorInfo",
            {"httpConnectionFailed": {"httpStatusCode": 500}},
            "HttpConnectionFailedCodexErrorInfo",
        ),
        ("CodexErrorInfo", {"invented": {}}, "CodexErrorInfo"),
        ("SessionSource", "cli", "SessionSourceValue"),
        ("ThreadListCwdFilter", ["/a"], "list"),
        ("ThreadStatus", {"type": "idle"}, "IdleThreadStatus"),
        ("ThreadStatus", {"type": 3}, "ThreadStatus"),
        ("ThreadStatus", None, "NoneType"),
        ("UserInput", {"type": "image", "url": "x"}, "ImageUserInput"),
        ("TurnStatus", ["odd"], "list"),
        ("Turn", "odd", "str"),
    ],
)
def test_choices(kind: str, value: Any, expected: str) -> None:
    convert = converter(kind)
    assert convert is not None
    assert type(convert(value)).__name__ == expected


def test_every_type_can_be_built() -> None:
    for name in names():
        if name and name not in ("InitializeResponse", "ServerInfo"):
            made = resolve(name)
            assert made.__name__ == name
            assert getattr(types, name) is made
    with pytest.raises(AttributeError):
        _ = types.NoSuchType  # pyright: ignore[reportAttributeAccessIssue]
    assert types.Notification is models.Notification
    assert models.TurnCompletedNotification is types.TurnCompletedNotification
    assert types.AskForApproval(root=types.AskForApprovalValue.never) == "never"


def test_names() -> None:
    assert python_name("turnId") == "turn_id"
    assert python_name("async") == "async_"
    assert python_name("snake_case") == "snake_case"


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -1,
        2**62,
        2**64,
        10**40,
        1.5,
        1e300,
        "",
        "plain",
        'q"\\/\b\f\n\r\t',
        "é😀\u2028",
        [],
        {},
        [1, [2, [3]]],
        {"a": {"b": [None, {"c": "d"}]}},
        {"": 1, "é": 2},
        "\ud800x\udc00",
    ],
)
def test_json_reads_as_the_standard_library_does(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=2)):
        assert _native.loads(text) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "[1,]",
        '{"a"}',
        '{"a":1,}',
        "tru",
        "1 2",
        '"',
        '"\\',
        '"\\x"',
        '"\\u12"',
        "-",
        "01x",
        "[" * 5000,
    ],
)
def test_bad_json_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="invalid JSON"):
        _native.loads(text)


@pytest.mark.parametrize(
    "value", [None, True, -3, 2**63, 0.5, "é\n", [1, (2,)], {"a": {"b": None}}]
)
def test_json_writes_what_the_standard_library_reads(value: Any) -> None:
    assert json.loads(_native.dumps(value)) == json.loads(json.dumps(value))


def test_writing_takes_our_own_objects() -> None:
    item = types.TextUserInput(type="text", text="hi")
    assert json.loads(_native.dumps({"input": [item], "status": types.TurnStatus.failed})) == {
        "input": [{"type": "text", "text": "hi"}],
        "status": "failed",
    }


@pytest.mark.parametrize("value", [object(), {1: 2}, float("inf"), 2**65, "\ud800", {"a": b"x"}])
def test_writing_refuses_the_rest(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        _native.dumps(value)
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ValueError, match="too deeply"):
        _native.dumps(endless)


_IDS = {"threadId": "t", "turnId": "u", "itemId": "i"}


@pytest.mark.parametrize(
    "payload",
    [
        {**_IDS, "delta": "plain ü"},
        {**_IDS, "delta": 'a "quote"\n and \\ a slash'},
        {**_IDS, "delta": ""},
        {**_IDS, "itemId": 'i"2\n', "delta": "x"},
        {**_IDS, "delta": "x", "summaryIndex": 12},
        {**_IDS, "delta": "x", "more": None},
        {"delta": "first", **_IDS},
        {**_IDS, "delta": 5},
        {**_IDS, "turn": {"id": "other"}, "delta": "x"},
    ],
)
def test_the_parameters_of_a_delta_are_what_they_are_parsed(payload: dict[str, Any]) -> None:
    # Plain ones are put together from their parts; nobody may be able to tell.
    event = _native.Event("item/agentMessage/delta", payload)
    expected = json.loads(event.raw)["params"]
    assert event.params == expected == payload
    assert list(event.params) == list(expected)
    assert event.payload.delta == payload["delta"]
