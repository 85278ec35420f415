"""Type hints as JSON Schema, and JSON values as what the hints say.

For the types of answers and of tools' parameters. :func:`schema_of` gives the schema of a type, :func:`convert`
makes an instance of a JSON value; :func:`read` does the work of both once, for what is converted often.
:class:`Struct` is an object that no class stands for, as the parameters of a function.

The wire form of each type:

=====================================  ===============================================================
``None``, bool, int, float, str        themselves
``Any``, ``object``                    any JSON value
``Literal``, ``Enum``                  one of their values
``Optional``, ``Union``, ``X | Y``     ``anyOf``; converted as the first that fits
list, tuple, set, frozenset, Sequence  an array; ``tuple[A, B]`` is one of two items
dict, Mapping                          an object with any keys
dataclass, TypedDict, NamedTuple       an object without further keys; the docstring is its description
pydantic models and dataclasses        what pydantic says
datetime, date, time, UUID, Path       a string (RFC 3339 for times)
bytes                                  a string of base64
=====================================  ===============================================================

``Annotated[T, "text"]`` describes a part; pydantic's ``Field`` in ``Annotated`` adds its description and limits.
A class that is used within another one stands in ``$defs``.

Pydantic is used when the application's types are pydantic's, and never imported.
"""

from __future__ import annotations

import collections.abc as abc
import dataclasses
import enum
import inspect
import sys
import types
import typing
from typing import Any, NoReturn, Union

from ._check import refuse
from ._shapes import (
    COMPARISONS,
    Alias,
    Array,
    ConvertError,
    Definitions,
    Either,
    Map,
    Member,
    Named,
    NamedWords,
    Object,
    Plain,
    Pydantic,
    Refined,
    Row,
    Shape,
    Text,
    Words,
)

__all__ = ["ConvertError", "Field", "Reading", "Struct", "convert", "read", "schema_of"]

_ACCEPTED = (
    "None, bool, int, float, str, bytes, datetime, date, time, UUID, Path, Any, Literal, Enum, Optional and Union, "
    "list, tuple, set, frozenset, Sequence, dict and Mapping with str as keys, dataclasses, TypedDict, NamedTuple, "
    "pydantic models, and Annotated of these"
)


@dataclasses.dataclass(frozen=True)
class Field:
    """One member of a :class:`Struct`.

    Attributes:
        annotation: Its type.
        required: Whether it must be there.
        default: What the schema says it is without; ``...`` says nothing.
        description: What the schema says of it.
    """

    annotation: Any
    required: bool = True
    default: Any = ...
    description: str | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Struct:
    """An object that no class stands for; takes the place of a type in :func:`schema_of`.

    Attributes:
        name: Its title.
        fields: Its members.
        make: Makes the instance of the converted members that are there, given as keyword arguments.
        description: What the schema says of it.
    """

    name: str
    fields: dict[str, Field]
    make: abc.Callable[..., Any] = dict
    description: str | None = None


class Reading:
    """A type that was read: its schema, and the conversion of values.

    Attributes:
        schema: The JSON Schema (draft 2020-12).
    """

    def __init__(self, shape: Shape) -> None:
        """Made by :func:`read`."""
        self._shape = shape
        self.schema: dict[str, Any] = _document(shape)

    def convert(self, value: Any) -> Any:
        """The instance for a JSON value.

        Args:
            value: A value that follows the schema.

        Returns:
            The instance; where an optional member is absent, the class's own default.

        Raises:
            ConvertError: If the value is not what the type wants.
        """
        return self._shape.convert(value, ())


def read(annotation: Any, argument: str = "output_type") -> Reading:
    """Reads a type.

    Args:
        annotation: The type hint, or a :class:`Struct`.
        argument: The argument that errors name.

    Returns:
        Its schema and its conversion.

    Raises:
        InvalidArgumentError: If it is no type that JSON has a form for; the message names the part.
    """
    return Reading(_Reader(argument).read(annotation))


def schema_of(annotation: Any, argument: str = "output_type") -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a type.

    Args:
        annotation: The type hint, or a :class:`Struct`.
        argument: The argument that errors name.

    Returns:
        The schema, with ``$defs`` if classes are used within the type.

    Raises:
        InvalidArgumentError: If it is no type that JSON has a form for; the message names the part.
    """
    return read(annotation, argument).schema


def convert(annotation: Any, value: Any) -> Any:
    """The instance of a type for a JSON value.

    Args:
        annotation: The type hint, or a :class:`Struct`.
        value: A value that follows its schema.

    Returns:
        The instance; where an optional member is absent, the class's own default.

    Raises:
        InvalidArgumentError: If the type is none that JSON has a form for.
        ConvertError: If the value is not what the type wants.
    """
    return read(annotation).convert(value)


def _document(shape: Shape) -> dict[str, Any]:
    defs = Definitions()
    found = shape.body(defs) if isinstance(shape, Named) else shape.schema(defs)
    if isinstance(shape, Named) and defs.holds(shape):
        found = defs.refer(shape)
    return {**found, "$defs": defs.schemas} if defs.schemas else found


def _parse_time(parse: abc.Callable[[str], Any]) -> abc.Callable[[str], Any]:
    """What reads RFC 3339, of which Python 3.10's ``fromisoformat`` reads only a part."""

    def parsed(text: str) -> Any:
        import re

        text = re.sub(r"[zZ]$", "+00:00", text)
        return parse(re.sub(r"\.(\d+)", lambda found: "." + found[1][:6].ljust(6, "0"), text))

    return parsed


def _base64(text: str) -> bytes:
    import base64

    return base64.b64decode(text, validate=True)


def _text_shape(kind: type) -> Text | None:
    """The shape of a class whose values are strings in JSON."""
    place = f"{kind.__module__}.{kind.__qualname__}"
    if place == "datetime.datetime":
        return Text({"format": "date-time"}, _parse_time(kind.fromisoformat))  # type: ignore[attr-defined]
    if place == "datetime.date":
        return Text({"format": "date"}, kind.fromisoformat)  # type: ignore[attr-defined]
    if place == "datetime.time":
        return Text({"format": "time"}, _parse_time(kind.fromisoformat))  # type: ignore[attr-defined]
    if place == "uuid.UUID":
        return Text({"format": "uuid"}, kind)
    # `pathlib._local` is its home in Python 3.13.
    if kind.__module__.partition(".")[0] == "pathlib":
        return Text({"format": "path"}, kind)
    return Text({"contentEncoding": "base64"}, _base64) if kind is bytes else None


_PLAIN = {bool: "boolean", int: "integer", float: "number", str: "string"}
_LISTS = (list, abc.Sequence, abc.MutableSequence, abc.Collection, abc.Iterable)
_SETS = (set, frozenset, abc.Set, abc.MutableSet)
_MAPS = (dict, abc.Mapping, abc.MutableMapping)
_WRAPPERS = ("Required", "NotRequired", "ReadOnly", "Final")


class _Reader:
    """Makes shapes of type hints; one for each document, so that a class is one definition."""

    def __init__(self, argument: str) -> None:
        self._argument = argument
        self._named: dict[Any, Shape] = {}
        self._trail: list[str] = []

    def read(self, hint: Any) -> Shape:
        if hint is None or hint is type(None):
            return Plain("null")
        if hint is Any or hint is object:
            return Shape()
        if isinstance(hint, Struct):
            return self._once(hint, self._struct)
        if type(hint).__name__ == "TypeAliasType":
            return self._once(hint, self._alias)
        if hasattr(hint, "__supertype__"):
            return self.read(hint.__supertype__)
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is None:
            return self._class(hint, hint, ())
        if hasattr(hint, "__metadata__"):
            return self._annotated(hint, arguments[0], hint.__metadata__)
        if getattr(origin, "_name", None) in _WRAPPERS or origin is typing.Final:
            return self.read(arguments[0])
        if _is_literal(origin):
            return self._literal(hint, arguments)
        if origin is Union or origin is types.UnionType:
            return Either([self.read(member) for member in arguments])
        return self._class(hint, origin, arguments)

    def _refuse(self, hint: Any, why: str = "it has no form in JSON") -> NoReturn:
        said = hint.__qualname__ if isinstance(hint, type) else repr(hint)
        place = f"{self._trail[-1]}: " if self._trail else ""
        refuse(
            self._argument,
            f"{place}{said} cannot become a JSON Schema: {why}; accepted are {_ACCEPTED}",
        )

    def _once(self, key: Any, make: abc.Callable[[Any], Shape]) -> Shape:
        return self._named[key] if key in self._named else make(key)

    def _class(self, hint: Any, kind: Any, arguments: tuple[Any, ...]) -> Shape:
        if isinstance(kind, (str, typing.ForwardRef)):
            self._refuse(hint, "a name in quotes means something only in the hints of a class")
        if not isinstance(kind, type):
            self._refuse(hint)
        if kind in _PLAIN:
            return Plain(_PLAIN[kind])
        if kind in _LISTS or kind in _SETS or kind is tuple:
            return self._array(hint, kind, arguments)
        if kind in _MAPS:
            keys, values = arguments or (str, Any)
            if not isinstance(self.read(keys), Plain) or keys is not str:
                self._refuse(hint, "the keys of a JSON object are strings")
            return Map(self.read(values))
        if isinstance(kind, enum.EnumMeta):
            return self._once(kind, self._enum)
        return _text_shape(kind) or self._once(hint, lambda _: self._record(hint, kind, arguments))

    def _array(self, hint: Any, kind: type, arguments: tuple[Any, ...]) -> Shape:
        if kind is tuple and arguments and arguments[-1] is not Ellipsis:
            places = () if arguments == ((),) else arguments
            return Row([self.read(place) for place in places])
        if kind is tuple and getattr(hint, "__args__", None) == ():
            return Row([])
        items = self.read(arguments[0]) if arguments else Shape()
        if kind not in _SETS:
            return Array(items, tuple if kind is tuple else list, unique=False)
        if not items.hashable:
            self._refuse(hint, "its items cannot be in a set")
        return Array(items, frozenset if kind is frozenset else set, unique=True)

    def _literal(self, hint: Any, values: tuple[Any, ...]) -> Shape:
        pairs = [
            (value.value if isinstance(value, enum.Enum) else value, value) for value in values
        ]
        if not all(_is_plain(plain) for plain, _ in pairs):
            self._refuse(hint)
        return Words(pairs)

    def _enum(self, kind: Any) -> Shape:
        pairs = [(member.value, member) for member in kind]
        if not pairs or not all(_is_plain(plain) for plain, _ in pairs):
            self._refuse(kind, "its values are not all strings, numbers, booleans or None")
        shape = NamedWords(kind.__name__, _docstring(kind), Words(pairs))
        self._named[kind] = shape
        return shape

    def _alias(self, alias: Any) -> Shape:
        shape = self._named[alias] = Alias(alias.__name__)
        shape.target = self.read(alias.__value__)
        return shape

    def _record(self, hint: Any, kind: type, arguments: tuple[Any, ...]) -> Shape:
        if _is_pydantic(kind):
            shape = self._named[hint] = self._pydantic(hint)
            return shape
        if dataclasses.is_dataclass(kind):
            fields = self._dataclass_fields
        elif hasattr(kind, "__required_keys__"):
            fields = self._typed_dict_fields
        elif issubclass(kind, tuple) and hasattr(kind, "_field_defaults"):
            fields = self._named_tuple_fields
        else:
            self._refuse(hint)
        make = dict if hasattr(kind, "__required_keys__") else kind
        shape = self._named[hint] = Object(kind.__name__, _docstring(kind), make)
        variables = dict(zip(getattr(kind, "__parameters__", ()), arguments, strict=False))
        self._fill(shape, kind.__name__, fields(kind, _Hints(self, kind, variables)))
        if make is not dict:
            shape.hashable = kind.__hash__ is not None
        return shape

    def _struct(self, struct: Any) -> Shape:
        shape = self._named[struct] = Object(struct.name, struct.description, struct.make)
        self._fill(shape, struct.name, struct.fields)
        return shape

    def _fill(self, shape: Object, owner: str, fields: dict[str, Field]) -> None:
        for name, field in fields.items():
            self._trail.append(f"{owner}.{name}")
            extra = {} if field.description is None else {"description": field.description}
            default = _plain(field.default)
            if default is not ...:
                extra["default"] = default
            shape.members[name] = Member(self.read(field.annotation), field.required, extra)
            self._trail.pop()

    def _dataclass_fields(self, kind: Any, hints: _Hints) -> dict[str, Field]:
        found = {}
        for field in kind.__dataclass_fields__.values():
            if field._field_type is dataclasses._FIELD_INITVAR:  # type: ignore[attr-defined]
                self._refuse(kind, f"its {field.name} is an InitVar")
        for field in dataclasses.fields(kind):
            if not field.init:
                continue
            required = field.default is dataclasses.MISSING
            default = ... if required else field.default
            if field.default_factory is not dataclasses.MISSING:
                required, default = False, field.default_factory()
            said = field.metadata.get("description")
            found[field.name] = Field(hints[field.name], required, default, said)
        return found

    def _typed_dict_fields(self, kind: Any, hints: _Hints) -> dict[str, Field]:
        found = {}
        for name, hint in hints.items():
            # `from __future__ import annotations` hides the markers from `__required_keys__`.
            marker = getattr(typing.get_origin(hint), "_name", None)
            required = marker == "Required" or (
                marker != "NotRequired" and name in kind.__required_keys__
            )
            found[name] = Field(hint, required)
        return found

    def _named_tuple_fields(self, kind: Any, hints: _Hints) -> dict[str, Field]:
        defaults = kind._field_defaults
        return {
            name: Field(hints[name], name not in defaults, defaults.get(name, ...))
            for name in kind._fields
        }

    def _annotated(self, hint: Any, inner: Any, said: tuple[Any, ...]) -> Shape:
        if any(_runs_code(item) for item in said):
            return self._pydantic(hint)
        facts = _Facts()
        for item in said:
            facts.take(item)
        return facts.around(self.read(inner))

    def _pydantic(self, hint: Any) -> Shape:
        """What pydantic makes of a model, of a class that it knows, or of a hint with its validators."""
        is_model = hasattr(hint, "model_validate_json") and hasattr(hint, "model_json_schema")
        try:
            if is_model:
                name, schema, validate = (
                    hint.__name__,
                    hint.model_json_schema(),
                    hint.model_validate_json,
                )
            else:
                adapter = sys.modules["pydantic"].TypeAdapter(hint)
                name = getattr(hint, "__name__", "") if dataclasses.is_dataclass(hint) else None
                schema, validate = adapter.json_schema(), adapter.validate_json
        except Exception as error:
            # Pydantic's own errors, and whatever the hooks of the application's types raise.
            self._refuse(hint, f"pydantic says {str(error).splitlines()[0]}")
        return Pydantic(name, schema, validate, hint)


class _Hints:
    """The resolved type hints of a class, with a generic class's variables replaced."""

    def __init__(self, reader: _Reader, kind: Any, variables: dict[Any, Any]) -> None:
        self._reader = reader
        self._kind = kind
        self._variables = variables
        self._hints = self._resolved()

    def _resolved(self) -> dict[str, Any]:
        try:
            return typing.get_type_hints(self._kind, include_extras=True)
        except NameError:
            # A class within a function can at least name itself.
            own = {self._kind.__name__: self._kind}
            try:
                return typing.get_type_hints(self._kind, localns=own, include_extras=True)
            except NameError as error:
                why = f"{error}; types in its hints must be found at the top of its module"
            except TypeError as error:
                why = str(error)
        except (TypeError, SyntaxError) as error:
            why = str(error)
        self._reader._refuse(self._kind, why)

    def items(self) -> list[tuple[str, Any]]:
        return [(name, self[name]) for name in self._hints]

    def __getitem__(self, name: str) -> Any:
        if name not in self._hints:
            self._reader._refuse(self._kind, f"its {name} has no type hint")
        hint = self._hints[name]
        if isinstance(hint, typing.TypeVar):
            return self._variables.get(hint, hint)
        free = getattr(hint, "__parameters__", ())
        if free and not isinstance(hint, type):
            return hint[tuple(self._variables.get(variable, variable) for variable in free)]
        return hint


_KEYWORDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "pattern": "pattern",
}
_ENDS = {"min_length": "min", "max_length": "max"}


class _Facts:
    """What the metadata of ``Annotated`` says of a type."""

    def __init__(self) -> None:
        self._keywords: dict[str, Any] = {}
        self._lengths: dict[str, int] = {}
        self._checks: list[tuple[str, Any]] = []

    def take(self, item: Any) -> None:
        """Takes a description, pydantic's ``Field``, or one of the limits that it knows."""
        if isinstance(item, str):
            self._keywords.setdefault("description", item)
            return
        home = type(item).__module__.partition(".")[0]
        if home in ("typing_extensions", "typing") and hasattr(item, "documentation"):
            self._keywords["description"] = item.documentation
        if home not in ("pydantic", "annotated_types"):
            return
        for name in ("description", "title", "examples"):
            if getattr(item, name, None) is not None:
                self._keywords[name] = getattr(item, name)
        more = getattr(item, "json_schema_extra", None)
        if isinstance(more, dict):
            self._keywords.update(more)
        for part in [item, *getattr(item, "metadata", ())]:
            self._limits(part)

    def _limits(self, item: Any) -> None:
        for name, end in _ENDS.items():
            if getattr(item, name, None):
                self._lengths[end] = getattr(item, name)
        for name, keyword in _KEYWORDS.items():
            bound = getattr(item, name, None)
            if bound is None:
                continue
            if isinstance(bound, (int, float, str)):
                self._keywords[keyword] = bound
            elif name in COMPARISONS:
                self._checks.append((name, bound))
            else:
                self._keywords[keyword] = getattr(bound, "pattern", bound)

    def around(self, shape: Shape) -> Shape:
        """The shape with all that."""
        if not (self._keywords or self._lengths or self._checks):
            return shape
        return Refined(shape, self._keywords, self._lengths, self._checks)


def _is_literal(origin: Any) -> bool:
    return getattr(origin, "_name", None) == "Literal"


def _is_plain(value: Any) -> bool:
    return value is None or type(value) in _PLAIN or isinstance(value, (str, int))


def _is_pydantic(kind: Any) -> bool:
    """A model, a dataclass of pydantic's, or a class that tells pydantic how it is read."""
    return (hasattr(kind, "model_json_schema") and hasattr(kind, "model_validate_json")) or (
        "pydantic" in sys.modules
        and (
            hasattr(kind, "__pydantic_validator__") or hasattr(kind, "__get_pydantic_core_schema__")
        )
    )


def _runs_code(item: Any) -> bool:
    """Whether metadata is one of pydantic's validators, which only pydantic can run."""
    kind = type(item)
    return kind.__module__.partition(".")[0] == "pydantic" and (
        kind.__name__.endswith("Validator") or hasattr(item, "__get_pydantic_core_schema__")
    )


def _docstring(kind: Any) -> str | None:
    """The docstring that somebody wrote."""
    said = vars(kind).get("__doc__")
    made = (f"{kind.__name__}(", "An enumeration.")
    return inspect.cleandoc(said) if said and not said.startswith(made) else None


def _plain(value: Any) -> Any:
    """A default in its JSON form; ``...`` if it has none that is sure."""
    if isinstance(value, enum.Enum):
        value = value.value
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else ...
    if isinstance(value, (list, tuple)):
        plain = [_plain(item) for item in value]
        return ... if any(item is ... for item in plain) else plain
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        made = {key: _plain(item) for key, item in value.items()}
        return ... if any(item is ... for item in made.values()) else made
    return ...
