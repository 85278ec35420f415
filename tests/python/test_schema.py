"""Type hints as JSON Schema, and JSON values as instances: `codexkit._schema`."""

from __future__ import annotations

import datetime as dt
import enum
import subprocess
import sys
import typing
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import (
    Annotated,
    Any,
    Final,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    Optional,
    TypedDict,
    TypeVar,
    Union,
)

import jsonschema
import pydantic
import pytest
from annotated_types import Ge, MaxLen
from pydantic import BaseModel, Field
from typing_extensions import Doc, NotRequired, Required, TypeAliasType

from codexkit import InvalidArgumentError, _schema
from codexkit._schema import ConvertError, Struct, convert, read, schema_of

T = TypeVar("T")


class Color(enum.Enum):
    """What it is painted in."""

    red = "r"
    green = "g"


class Level(int, enum.Enum):
    low = 1
    high = 2


@dataclass
class Point:
    """A place."""

    x: int
    y: Annotated[float, "from the top"] = 0.5


@dataclass
class Tree:
    value: str
    children: list[Tree] = field(default_factory=list)
    parent: Tree | None = None


@dataclass(frozen=True)
class Pair(Generic[T]):
    first: T
    rest: list[T] = field(default_factory=list, metadata={"description": "the others"})


@dataclass
class Range:
    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


class Movie(TypedDict):
    title: str
    year: NotRequired[int]


class Loose(TypedDict, total=False):
    a: Required[int]
    b: Annotated[str, "the second"]


class Looser(Loose):
    c: bool


class Spot(NamedTuple):
    x: int
    y: int = 3


class Reply(BaseModel):
    """An answer."""

    text: str = Field(description="what is said", min_length=1)
    when: dt.datetime | None = None
    color: Color = Color.red


class Knot(BaseModel):
    next: Knot | None = None


class Strict(BaseModel):
    model_config = pydantic.ConfigDict(strict=True)
    day: dt.date
    pair: tuple[int, int]


@dataclass
class Mixed:
    reply: Reply
    knots: list[Knot]
    where: Point
    also: Point
    options: dict[str, Color]


@pydantic.dataclasses.dataclass
class Checked:
    size: int = Field(gt=0)


UserId = NewType("UserId", int)
Json = TypeAliasType("Json", "dict[str, Json] | list[Json] | str | int | None")
Even = Annotated[int, pydantic.AfterValidator(lambda value: _even(value))]


def _even(value: int) -> int:
    if value % 2:
        raise ValueError("odd")
    return value


STRING = {"type": "string"}
# The hint, its schema, and pairs of a JSON value and what it becomes.
SIMPLE: list[tuple[Any, dict[str, Any], list[tuple[Any, Any]]]] = [
    (None, {"type": "null"}, [(None, None)]),
    (bool, {"type": "boolean"}, [(True, True)]),
    (int, {"type": "integer"}, [(3, 3), (3.0, 3)]),
    (float, {"type": "number"}, [(3, 3.0), (0.5, 0.5)]),
    (str, STRING, [("a", "a")]),
    (Any, {}, [({"a": [1]}, {"a": [1]})]),
    (object, {}, [(None, None)]),
    (
        bytes,
        {"type": "string", "contentEncoding": "base64"},
        [("aGk=", b"hi")],
    ),
    (
        dt.datetime,
        {"type": "string", "format": "date-time"},
        [("2026-01-02T03:04:05.5Z", dt.datetime(2026, 1, 2, 3, 4, 5, 500000, dt.timezone.utc))],
    ),
    (dt.date, {"type": "string", "format": "date"}, [("2026-01-02", dt.date(2026, 1, 2))]),
    (dt.time, {"type": "string", "format": "time"}, [("03:04:05", dt.time(3, 4, 5))]),
    (uuid.UUID, {"type": "string", "format": "uuid"}, [("0" * 32, uuid.UUID(int=0))]),
    (Path, {"type": "string", "format": "path"}, [("a/b", Path("a/b"))]),
    (Literal["a"], {"const": "a", "type": "string"}, [("a", "a")]),
    (Literal["a", 1, None], {"enum": ["a", 1, None]}, [("a", "a"), (1, 1), (None, None)]),
    (Literal[Color.red], {"const": "r", "type": "string"}, [("r", Color.red)]),
    (Optional[int], {"anyOf": [{"type": "integer"}, {"type": "null"}]}, [(1, 1), (None, None)]),  # noqa: UP045
    (int | str, {"anyOf": [{"type": "integer"}, STRING]}, [(1, 1), ("a", "a")]),
    (Union[int, str], {"anyOf": [{"type": "integer"}, STRING]}, [(1, 1), ("a", "a")]),  # noqa: UP007
    (list[str], {"type": "array", "items": STRING}, [(["a"], ["a"])]),
    (list, {"type": "array", "items": {}}, [([1, "a"], [1, "a"])]),
    (typing.List[str], {"type": "array", "items": STRING}, [(["a"], ["a"])]),  # noqa: UP006
    (Sequence[str], {"type": "array", "items": STRING}, [(["a"], ["a"])]),
    (tuple[str, ...], {"type": "array", "items": STRING}, [(["a"], ("a",))]),
    (
        tuple[str, int],
        {
            "type": "array",
            "minItems": 2,
            "maxItems": 2,
            "prefixItems": [STRING, {"type": "integer"}],
        },
        [(["a", 1], ("a", 1))],
    ),
    (tuple[()], {"type": "array", "minItems": 0, "maxItems": 0}, [([], ())]),
    (set[int], {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}, [([1], {1})]),
    (
        frozenset[int],
        {"type": "array", "items": {"type": "integer"}, "uniqueItems": True},
        [([1], frozenset({1}))],
    ),
    (
        dict[str, int],
        {"type": "object", "additionalProperties": {"type": "integer"}},
        [({"a": 1}, {"a": 1})],
    ),
    (Mapping[str, Any], {"type": "object", "additionalProperties": {}}, [({"a": 1}, {"a": 1})]),
    (dict, {"type": "object", "additionalProperties": {}}, [({}, {})]),
    (UserId, {"type": "integer"}, [(3, 3)]),
    (Final[int], {"type": "integer"}, [(3, 3)]),
    (Annotated[int, "how many"], {"type": "integer", "description": "how many"}, [(3, 3)]),
    (Annotated[str, Doc("said")], {"type": "string", "description": "said"}, [("a", "a")]),
    (Annotated[int, object(), 5], {"type": "integer"}, [(3, 3)]),
    (
        Annotated[int, Field(description="n", ge=1, lt=9, multiple_of=2)],
        {
            "type": "integer",
            "description": "n",
            "minimum": 1,
            "exclusiveMaximum": 9,
            "multipleOf": 2,
        },
        [(2, 2)],
    ),
    (
        Annotated[str, Field(pattern="^a", min_length=2)],
        {"type": "string", "pattern": "^a", "minLength": 2},
        [("ab", "ab")],
    ),
    (
        Annotated[list[str], MaxLen(3)],
        {"type": "array", "items": STRING, "maxItems": 3},
        [(["a"], ["a"])],
    ),
    (
        Annotated[dict[str, int], Field(max_length=2)],
        {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 2},
        [({}, {})],
    ),
    (
        Annotated[str, Field(json_schema_extra={"format": "email"}, examples=["a@b"])],
        {"type": "string", "format": "email", "examples": ["a@b"]},
        [("a@b", "a@b")],
    ),
]


@pytest.mark.parametrize(("hint", "schema", "pairs"), SIMPLE, ids=lambda value: str(value)[:40])
def test_simple_types(hint: Any, schema: dict[str, Any], pairs: list[tuple[Any, Any]]) -> None:
    assert schema_of(hint) == schema
    jsonschema.Draft202012Validator.check_schema(schema)
    for value, expected in pairs:
        jsonschema.validate(value, schema, jsonschema.Draft202012Validator)
        made = convert(hint, value)
        assert made == expected
        assert type(made) is type(expected)


def test_a_dataclass() -> None:
    assert schema_of(Point) == {
        "type": "object",
        "title": "Point",
        "description": "A place.",
        "properties": {
            "x": {"type": "integer"},
            "y": {"type": "number", "description": "from the top", "default": 0.5},
        },
        "required": ["x"],
        "additionalProperties": False,
    }
    assert convert(Point, {"x": 1}) == Point(1)
    assert convert(Point, {"x": 1, "y": 2}) == Point(1, 2.0)


def test_a_recursive_dataclass_refers_to_itself() -> None:
    schema = schema_of(Tree)
    assert schema["$ref"] == "#/$defs/Tree"
    tree = schema["$defs"]["Tree"]
    assert tree["properties"]["children"] == {
        "type": "array",
        "items": {"$ref": "#/$defs/Tree"},
        "default": [],
    }
    assert tree["properties"]["parent"]["anyOf"][0] == {"$ref": "#/$defs/Tree"}
    assert "description" not in tree
    value = {"value": "a", "children": [{"value": "b"}]}
    jsonschema.validate(value, schema)
    assert convert(Tree, value) == Tree("a", [Tree("b")])


def test_a_generic_dataclass() -> None:
    schema = schema_of(Pair[int])
    assert schema["properties"]["first"] == {"type": "integer"}
    assert schema["properties"]["rest"] == {
        "type": "array",
        "items": {"type": "integer"},
        "description": "the others",
        "default": [],
    }
    assert convert(Pair[int], {"first": 1}) == Pair(1)
    assert schema_of(tuple[Pair[int], Pair[str]])["$defs"].keys() == {"Pair", "Pair_2"}


def test_typed_dicts_know_what_is_required_under_future_annotations() -> None:
    assert schema_of(Movie)["required"] == ["title"]
    assert schema_of(Loose)["required"] == ["a"]
    assert schema_of(Looser)["required"] == ["a", "c"]
    assert schema_of(Looser)["properties"]["b"] == {"type": "string", "description": "the second"}
    assert convert(Movie, {"title": "a"}) == {"title": "a"}


def test_named_tuples_are_objects() -> None:
    schema = schema_of(Spot)
    assert (schema["required"], schema["properties"]["y"]["default"]) == (["x"], 3)
    assert "description" not in schema
    assert convert(Spot, {"x": 1}) == Spot(1, 3)
    assert convert(set[Spot], [{"x": 1}]) == {Spot(1)}


def test_enums() -> None:
    assert schema_of(Color) == {
        "enum": ["r", "g"],
        "type": "string",
        "title": "Color",
        "description": "What it is painted in.",
    }
    assert convert(Color, "g") is Color.green
    assert convert(dict[str, Level], {"a": 2}) == {"a": Level.high}


def test_pydantic_models_say_what_they_are() -> None:
    schema = schema_of(Reply)
    theirs = Reply.model_json_schema()
    assert schema == theirs
    made = convert(Reply, {"text": "hi", "when": "2026-01-01T00:00:00Z", "color": "g"})
    assert made == Reply(
        text="hi", when=dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc), color=Color.green
    )
    assert schema_of(Knot) == Knot.model_json_schema()
    assert convert(Knot, {"next": {"next": None}}) == Knot(next=Knot())
    strict = convert(Strict, {"day": "2026-01-01", "pair": [1, 2]})
    assert strict == Strict(day=dt.date(2026, 1, 1), pair=(1, 2))
    assert schema_of(Checked)["properties"]["size"]["exclusiveMinimum"] == 0
    assert convert(Checked, {"size": 3}).size == 3


def test_everything_within_a_dataclass() -> None:
    schema = schema_of(Mixed)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$defs"].keys() == {"Reply", "Color", "Knot", "Point"}
    assert schema["properties"]["reply"] == {"$ref": "#/$defs/Reply"}
    assert schema["properties"]["also"] == schema["properties"]["where"]
    value = {
        "reply": {"text": "a"},
        "knots": [{}],
        "where": {"x": 1},
        "also": {"x": 2},
        "options": {"a": "r"},
    }
    jsonschema.validate(value, schema)
    assert convert(Mixed, value) == Mixed(
        Reply(text="a"), [Knot()], Point(1), Point(2), {"a": Color.red}
    )


def test_models_of_one_name_are_two_definitions() -> None:
    one = pydantic.create_model("Same", a=(int, ...), knot=(Knot, ...))
    two = pydantic.create_model("Same", b=(str, ...), knot=(Knot, ...))
    schema = schema_of(tuple[one, two])
    assert schema["prefixItems"] == [{"$ref": "#/$defs/Same"}, {"$ref": "#/$defs/Same_2"}]
    assert schema["$defs"].keys() == {"Knot", "Same", "Same_2"}
    jsonschema.validate([{"a": 1, "knot": {}}, {"b": "x", "knot": {}}], schema)


def test_pydantics_validators_in_annotated_run() -> None:
    assert schema_of(Even) == {"type": "integer"}
    assert convert(list[Even], [2, 4]) == [2, 4]
    with pytest.raises(ConvertError) as caught:
        convert(list[Even], [2, 3])
    assert (caught.value.path, caught.value.rule) == ((1,), "pydantic:value_error")


def test_limits_that_json_schema_has_no_word_for_are_checked() -> None:
    hint = Annotated[dt.date, Ge(dt.date(2026, 1, 1))]
    assert schema_of(hint) == {"type": "string", "format": "date"}
    assert convert(hint, "2026-01-01") == dt.date(2026, 1, 1)
    with pytest.raises(ConvertError, match="at least 2026-01-01"):
        convert(hint, "2025-01-01")


def test_an_alias_may_be_recursive() -> None:
    recursive = TypeAliasType("recursive", list[Union[int, "recursive"]])  # type: ignore[misc]
    with pytest.raises(InvalidArgumentError, match="recursive"):
        schema_of(recursive)  # a name in quotes outside of a class means nothing
    whole = TypeAliasType("whole", dict[str, int])
    assert schema_of(list[whole])["items"] == {"$ref": "#/$defs/whole"}
    assert convert(list[whole], [{"a": 1}]) == [{"a": 1}]


def test_a_struct_stands_for_a_functions_parameters() -> None:
    struct = Struct(
        "move",
        {
            "to": _schema.Field(Point, description="where to"),
            "fast": _schema.Field(bool, required=False, default=False),
        },
        description="Moves it.",
    )
    schema = schema_of(struct, "tool")
    assert schema["properties"]["to"] == {"$ref": "#/$defs/Point", "description": "where to"}
    assert schema["properties"]["fast"] == {"type": "boolean", "default": False}
    assert (schema["required"], schema["description"]) == (["to"], "Moves it.")
    assert read(struct).convert({"to": {"x": 1}}) == {"to": Point(1)}


class Holder:
    pass


@dataclass
class Bad:
    fine: int
    wrong: list[Callable[[], int]]


@dataclass
class Unknown:
    what: Nowhere  # type: ignore[name-defined]  # noqa: F821


class Complexes(enum.Enum):
    one = (1, 2)


# A hint, and what the error says.
REFUSED: list[tuple[Any, str]] = [
    (Holder, "Holder cannot become a JSON Schema"),
    (3, "3 cannot"),
    ("int", "'int' cannot"),
    (complex, "complex cannot"),
    (Callable[[], int], "Callable"),
    (Bad, "Bad.wrong: "),
    (Unknown, "Nowhere"),
    (dict[int, str], "keys of a JSON object are strings"),
    (set[list[int]], "cannot be in a set"),
    (set[Point], "cannot be in a set"),
    (Literal[b"x"], "Literal"),
    (Complexes, "its values"),
    (T, "~T"),
    (type[int], "type"),
    (list["Point"], "name in quotes"),
    (Annotated[Holder, pydantic.AfterValidator(lambda value: value)], "pydantic says"),
    (pydantic.create_model("Odd", f=(Callable[[], int], ...)), "pydantic says"),
]


@pytest.mark.parametrize(("hint", "said"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_is_no_type_is_refused(hint: Any, said: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        schema_of(hint, "output_type")
    assert caught.value.argument == "output_type"
    assert said in str(caught.value)
    assert "accepted are" in str(caught.value)


# A hint, a value that is not one, and the path and the rule of the error.
MISFITS: list[tuple[Any, Any, tuple[Any, ...], str]] = [
    (int, "1", (), "type"),
    (int, True, (), "type"),
    (int, 1.5, (), "type"),
    (bool, 1, (), "type"),
    (float, None, (), "type"),
    (str, [], (), "type"),
    (dt.date, "yesterday", (), "format"),
    (dt.date, 3, (), "type"),
    (bytes, "?", (), "contentEncoding"),
    (Literal["a"], "b", (), "const"),
    (Literal[1, 2], True, (), "enum"),
    (Color, "blue", (), "enum"),
    (int | str, None, (), "anyOf"),
    (Point | Movie, {"title": 3}, ("title",), "type"),
    (list[int], {"a": 1}, (), "type"),
    (list[int], [1, "a"], (1,), "type"),
    (tuple[int, int], [1], (), "minItems"),
    (tuple[int, int], [1, 2, 3], (), "maxItems"),
    (tuple[int, int], [1, "b"], (1,), "type"),
    (dict[str, int], {"a": "b"}, ("a",), "type"),
    (dict[str, int], [], (), "type"),
    (Point, [], (), "type"),
    (Point, {}, (), "required"),
    (Point, {"x": 1, "z": 1}, (), "additionalProperties"),
    (Tree, {"value": "a", "children": [{"value": 1}]}, ("children", 0, "value"), "type"),
    (Range, {"low": 2, "high": 1}, (), "Range:ValueError"),
    (Reply, {"text": ""}, ("text",), "pydantic:string_too_short"),
    (list[Reply], [{"text": "a", "color": "blue"}], (0, "color"), "pydantic:enum"),
]


@pytest.mark.parametrize(("hint", "value", "path", "rule"), MISFITS)
def test_a_value_that_does_not_fit_says_where(hint: Any, value: Any, path: Any, rule: str) -> None:
    with pytest.raises(ConvertError) as caught:
        convert(hint, value)
    assert (caught.value.path, caught.value.rule) == (path, rule)
    assert caught.value.message


def test_local_classes_can_name_themselves() -> None:
    @dataclass
    class Local:
        more: list[Local]

    assert convert(Local, {"more": [{"more": []}]}) == Local([Local([])])


def test_pydantic_is_not_imported() -> None:
    program = (
        "import sys, dataclasses\nfrom codexkit._schema import schema_of\n"
        "A = dataclasses.make_dataclass('A', [('x', int)])\nschema_of(A)\n"
        "assert not any(name.startswith('pydantic') for name in sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", program], check=True, cwd=Path(_schema.__file__).parents[1]
    )
