"""Typed answers on the real engine: `output_type`, repairs and growing answers, blocking and on an event loop."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict

import pydantic
import pytest
from pydantic import BaseModel

import codexkit
from codexkit import (
    AsyncCodex,
    Codex,
    InvalidArgumentError,
    InvalidOutputError,
    TurnFailedError,
    TurnResult,
)
from conftest import ROOT, reply


@dataclass
class Author:
    name: str
    email: str | None = None


@dataclass
class Report:
    title: Annotated[str, "what it is about"]
    status: Literal["fine", "needs work"]
    score: float
    tags: list[str]
    author: Author
    note: str | None = None


class AuthorModel(BaseModel):
    name: str
    email: str | None = None


class ReportModel(BaseModel):
    title: str = pydantic.Field(description="what it is about")
    status: Literal["fine", "needs work"]
    score: float
    tags: list[str]
    author: AuthorModel
    note: str | None = None


class AuthorDict(TypedDict):
    name: str
    email: str | None


class ReportDict(TypedDict):
    title: Annotated[str, "what it is about"]
    status: Literal["fine", "needs work"]
    score: float
    tags: list[str]
    author: AuthorDict
    note: str | None


class Even(BaseModel):
    number: int

    @pydantic.field_validator("number")
    @classmethod
    def _even(cls, value: int) -> int:
        if value % 2:
            raise ValueError("it is odd")
        return value


ANSWER = {
    "title": "t",
    "status": "fine",
    "score": 1,
    "tags": ["a"],
    "author": {"name": "n", "email": None},
    "note": None,
}


def answers(*texts: Any) -> dict[str, Any]:
    return {
        "replies": [
            reply(text if isinstance(text, str) else {"message": json.dumps(text), "deltas": True})
            for text in texts
        ],
        "repeat": "last",
    }


def normal(schema: Any, root: Any) -> Any:
    """References put in place, titles left out, choices of plain types as lists of types."""
    if isinstance(schema, list):
        return [normal(part, root) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return normal(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "anyOf" in schema and all(set(part) == {"type"} for part in schema["anyOf"]):
        return {"type": [part["type"] for part in schema["anyOf"]]}
    return {
        key: normal(part, root)
        for key, part in schema.items()
        if key != "$defs" and not (key == "title" and isinstance(part, str))
    }


def start(scripted: Any, *texts: Any) -> tuple[Any, Codex]:
    model, config = scripted(answers(*texts))
    return model, Codex(config)


@pytest.mark.parametrize(
    ("output_type", "parsed"),
    [
        (Report, Report("t", "fine", 1.0, ["a"], Author("n"))),
        (
            ReportModel,
            ReportModel(
                title="t", status="fine", score=1, tags=["a"], author=AuthorModel(name="n")
            ),
        ),
        (ReportDict, ANSWER),
    ],
)
def test_one_declaration_is_one_schema(scripted: Any, output_type: Any, parsed: Any) -> None:
    model, codex = start(scripted, ANSWER)
    with codex:
        result = codex.thread_start().run("Report.", output_type=output_type)
        assert result.parsed == parsed
        assert result.attempts == []
        sent = model.requests[0]["body"]["text"]["format"]
        assert (sent["type"], sent["strict"]) == ("json_schema", True)
        wanted = json.loads(Path(ROOT, "fixtures/schemas/report.json").read_text())
        assert normal(sent["schema"], sent["schema"]) == wanted
        assert list(sent["schema"]["properties"]) == list(wanted["properties"])


@pytest.mark.parametrize(
    ("output_type", "answer", "parsed"),
    [
        (int, {"value": 3}, 3),
        (list[Author], {"value": [{"name": "n", "email": None}]}, [Author("n")]),
        (int | None, {"value": None}, None),
        (dict[str, int], {"a": 1}, {"a": 1}),
        ({"type": "array", "items": {"type": "string"}}, {"value": ["x"]}, ["x"]),
        (Author, '```json\n{"name": "n", "email": null}\n```', Author("n")),
        (Author, '{"name": "n"}', Author("n")),
    ],
)
def test_any_type_of_answer(scripted: Any, output_type: Any, answer: Any, parsed: Any) -> None:
    _, codex = start(scripted, answer)
    with codex:
        result = codex.thread_start().run("Say.", output_type=output_type)
        assert result.parsed == parsed
        assert type(result.parsed) is type(parsed)


def test_what_strict_mode_cannot_say_is_said_in_words(scripted: Any) -> None:
    model, codex = start(scripted, {"a": 1})
    with codex:
        codex.thread_start().run("Count.", output_type=dict[str, int])
        body = model.requests[0]["body"]
        assert "format" not in body.get("text", {})
        assert "follow this JSON Schema" in json.dumps(body["input"])


def test_an_output_schema_keeps_its_meaning(scripted: Any) -> None:
    model, codex = start(scripted, "no JSON")
    with codex:
        schema = {"type": "object", "properties": {"b": {}, "a": {}}, "extra": 1}
        result = codex.thread_start().run("Say.", output_schema=schema)
        assert (result.parsed, result.final_response) == (None, "no JSON")
        sent = model.requests[0]["body"]["text"]["format"]["schema"]
        assert sent == schema
        assert list(sent["properties"]) == ["b", "a"]


def test_an_invalid_answer_says_what_is_wrong(scripted: Any) -> None:
    bad = {**ANSWER, "author": {"name": 3, "email": None}}
    _, codex = start(scripted, bad)
    with codex:
        with pytest.raises(InvalidOutputError) as caught:
            codex.thread_start().run("Report.", output_type=Report)
        error = caught.value
        assert (error.kind, error.path, error.rule) == ("invalid_output", "$.author.name", "type")
        assert error.schema_path.endswith("/properties/name/type")
        assert json.loads(error.raw_text) == bad
        assert error.attempts == 1
        assert error.result is not None
        assert (error.result.final_response, error.result.attempts) == (error.raw_text, [])
        assert isinstance(error, ValueError)


def test_an_invalid_answer_is_repaired(scripted: Any) -> None:
    model, codex = start(scripted, {"number": "x"}, {"number": 3}, {"number": 4})
    with codex:
        result = codex.thread_start().run("Even.", output_type=Even, output_repairs=2)
        assert result.parsed == Even(number=4)
        assert [turn.final_response for turn in result.attempts] == [
            '{"number": "x"}',
            '{"number": 3}',
        ]
        assert all(turn.usage is not None for turn in [result, *result.attempts])
        assert "at $.number" in json.dumps(model.requests[1]["body"]["input"])
        assert "it is odd" in json.dumps(model.requests[2]["body"]["input"])
        schemas = [request["body"]["text"]["format"]["schema"] for request in model.requests]
        assert schemas[0] == schemas[1] == schemas[2]


def test_what_is_never_valid_is_an_error(scripted: Any) -> None:
    model, codex = start(scripted, {"number": 3})
    with codex:
        with pytest.raises(InvalidOutputError) as caught:
            codex.thread_start().run("Even.", output_type=Even, output_repairs=2)
        error = caught.value
        assert (error.attempts, error.rule) == (3, "pydantic:value_error")
        assert error.path == "$.number"
        assert error.result is not None
        assert len(error.result.attempts) == 2
        assert len(model.requests) == 3


def test_a_refusal_is_an_invalid_answer(scripted: Any) -> None:
    _, codex = start(scripted, "I'm sorry, I cannot help with that.")
    with codex:
        with pytest.raises(InvalidOutputError) as caught:
            codex.thread_start().run("Report.", output_type=Report)
        assert (caught.value.path, caught.value.rule) == ("$", "json")


def test_a_failed_turn_fails_as_ever(scripted: Any) -> None:
    _, config = scripted(
        {
            "replies": [reply(end={"failed": {"code": "invalid_prompt", "message": "no"}})],
            "repeat": "last",
        }
    )
    with Codex(config) as codex, pytest.raises(TurnFailedError):
        codex.thread_start().run("Report.", output_type=Report, output_repairs=2)


DELTAS = ['{"title": "a', ' b", "tags": ["x', '", "y"], "sco', 're": 1', "2, "]
REST = '"status": "fine", "author": {"name": "n", "email": null}, "note": null}'
PARTIALS = [
    {"title": "a"},
    {"title": "a b", "tags": ["x"]},
    {"title": "a b", "tags": ["x", "y"]},
    {"title": "a b", "tags": ["x", "y"], "score": 12},
]


def growing() -> dict[str, Any]:
    whole = "".join([*DELTAS, REST])
    return {
        "replies": [
            reply(
                {"message": '{"title": "not yet"}', "phase": "commentary"},
                {"message": whole, "phase": "final_answer", "deltas": [*DELTAS, REST]},
            )
        ]
    }


def test_a_growing_answer(scripted: Any) -> None:
    _, config = scripted(growing())
    with Codex(config) as codex:
        turn = codex.thread_start().turn("Report.", output_type=Report)
        seen = list(turn.partial_outputs())
        assert seen[:4] == PARTIALS
        result = turn.run()
        assert seen[-1] == json.loads(str(result.final_response))
        assert result.parsed == Report("a b", "fine", 12.0, ["x", "y"], Author("n"))
        assert turn.run() == result


async def test_everything_on_an_event_loop(scripted: Any) -> None:
    _, config = scripted(growing())
    async with AsyncCodex(config) as codex:
        thread = await codex.thread_start()
        turn = await thread.turn("Report.", output_type=Report)
        seen = [value async for value in turn.partial_outputs()]
        assert seen[:4] == PARTIALS
        assert (await turn.run()).parsed == Report("a b", "fine", 12.0, ["x", "y"], Author("n"))


async def test_repairs_on_an_event_loop(scripted: Any) -> None:
    model, config = scripted(answers({"number": 1}, {"number": 2}, {"number": 3}))
    async with AsyncCodex(config) as codex:
        thread = await codex.thread_start()
        result = await thread.run("Even.", output_type=Even, output_repairs=1)
        assert (result.parsed, len(result.attempts)) == (Even(number=2), 1)
        with pytest.raises(InvalidOutputError) as caught:
            await thread.run("Even.", output_type=Even)
        assert caught.value.raw_text == '{"number": 3}'
        turn = await thread.turn("Even.", output_type=Even)
        with pytest.raises(InvalidOutputError):
            await turn.run()
        assert len(model.requests) == 4


async def test_cancelling_a_typed_run_interrupts_it(scripted: Any) -> None:
    slow = {"repeat_delta": {"count": 400, "text": "w{i} ", "delay_ms": 25}}
    model, config = scripted({"replies": [reply(slow), reply('{"number": 2}')]})
    async with AsyncCodex(config) as codex:
        thread = await codex.thread_start()
        task = asyncio.create_task(thread.run("Even.", output_type=Even, output_repairs=5))
        await asyncio.to_thread(model.wait_for_requests, 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (turn,) = await ended(thread)
        assert turn.status == "interrupted"
        assert len(model.requests) == 1


async def ended(thread: Any) -> list[Any]:
    for _ in range(100):
        turns = (await thread.read(include_turns=True)).thread.turns
        if all(turn.status != "inProgress" for turn in turns):
            return turns
        await asyncio.sleep(0.1)
    raise AssertionError("the turn did not end")


class Unfit:
    pass


@dataclass
class Holder:
    unfit: Unfit = field(default_factory=Unfit)


# Arguments of `run`, the argument that is named, what is said.
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"output_type": Unfit}, "output_type", "Unfit cannot become a JSON Schema"),
    ({"output_type": Holder}, "output_type", "Holder.unfit: Unfit"),
    ({"output_type": "Report"}, "output_type", "name in quotes"),
    ({"output_type": 3}, "output_type", "3 cannot"),
    ({"output_type": {"type": "text"}}, "output_type", "no JSON Schema"),
    ({"output_type": {"name": "string"}}, "output_type", "no JSON Schema"),
    ({"output_type": {"$ref": "https://example.com/s.json"}}, "output_type", "no JSON Schema"),
    ({"output_type": int, "output_schema": {"type": "object"}}, "output_type", "not both"),
    ({"output_type": int, "output_repairs": -1}, "output_repairs", "at least 0"),
    ({"output_type": int, "output_repairs": 1.5}, "output_repairs", "at least 0"),
    ({"output_repairs": 1}, "output_repairs", "there is none"),
]


def test_bad_types_are_refused_at_the_call(scripted: Any) -> None:
    model, codex = start(scripted, "x")
    with codex:
        thread = codex.thread_start()
        for arguments, argument, said in REFUSED:
            with pytest.raises(InvalidArgumentError) as caught:
                thread.run("Say.", **arguments)
            assert caught.value.argument == argument, arguments
            assert said in str(caught.value)
        with pytest.raises(InvalidArgumentError, match=r"thread\.turn"):
            thread.turn("Say.").partial_outputs()
        with pytest.raises(InvalidArgumentError, match="external message"):
            thread.run(codexkit.ExternalMessage("box", "hi"), output_type=dict[str, int])
        assert len(model.requests) <= 1  # of the turn that was started


async def test_bad_types_are_refused_on_an_event_loop(scripted: Any) -> None:
    _, config = scripted(answers("x"))
    async with AsyncCodex(config) as codex:
        thread = await codex.thread_start()
        for arguments, argument, _ in REFUSED:
            with pytest.raises(InvalidArgumentError) as caught:
                await thread.run("Say.", **arguments)
            assert caught.value.argument == argument


def test_results_can_be_annotated_at_run_time() -> None:
    assert TurnResult[int] is TurnResult
    assert codexkit.TurnHandle[int] is codexkit.TurnHandle
