"""The shapes of JSON values: each gives its JSON Schema and converts values that follow it.

:mod:`codexkit._schema` makes them of type hints. Nothing here reads a hint.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    Path = tuple["str | int", ...]


class ConvertError(ValueError):
    """A JSON value is not what the type wants.

    Attributes:
        path: Where in the value: keys and indices from its root.
        rule: What it breaks: a keyword of JSON Schema, ``pydantic:<type>``, or the exception of a class's own check.
        message: What is wrong.
    """

    def __init__(self, path: Path, rule: str, message: str) -> None:
        """Make the error; arguments are the attributes."""
        super().__init__(message)
        self.path = path
        self.rule = rule
        self.message = message


class Definitions:
    """What stands in ``$defs``: the named shapes that a schema refers to."""

    def __init__(self) -> None:
        """No definitions yet."""
        self.schemas: dict[str, Any] = {}
        self._names: dict[int, str] = {}

    def refer(self, shape: Named) -> dict[str, Any]:
        """A reference to a shape; its definition is made with the first one."""
        name = self._names.get(id(shape))
        if name is None:
            name = self._names[id(shape)] = self._free(shape.name)
            self.schemas[name] = {}
            body = self.schemas[name] = shape.body(self)
            if name != shape.name and self.schemas.get(shape.name) == body:
                # Pydantic has described the same class.
                del self.schemas[name]
                name = self._names[id(shape)] = shape.name
        return _reference(name)

    def holds(self, shape: Named) -> bool:
        """Whether the shape was referred to."""
        return id(shape) in self._names

    def adopt(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        """A reference to a schema made by others, whose own ``$defs`` become ours."""
        return _reference(self._take({**schema.pop("$defs", {}), name: schema})[name])

    def merge(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A schema made by others, whose own ``$defs`` become ours."""
        theirs = schema.pop("$defs", {})
        return _renamed(schema, self._take(theirs))

    def _take(self, theirs: dict[str, Any]) -> dict[str, str]:
        names = {}
        for name, schema in theirs.items():
            same = self.schemas.get(name) == schema
            names[name] = name if same else self._free(name)
            self.schemas.setdefault(names[name], schema)
        for name in names.values():
            self.schemas[name] = _renamed(self.schemas[name], names)
        return names

    def _free(self, name: str) -> str:
        name = "".join(c if c.isalnum() or c in "_-" else "_" for c in name)
        found, number = name, 1
        while found in self.schemas:
            number += 1
            found = f"{name}_{number}"
        return found


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _renamed(schema: Any, names: dict[str, str]) -> Any:
    """The schema with other names in its references."""
    if isinstance(schema, list):
        return [_renamed(part, names) for part in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {key: _renamed(part, names) for key, part in schema.items()}
    target = changed.get("$ref")
    if isinstance(target, str):
        name = target.removeprefix("#/$defs/")
        if name != target and name in names:
            changed["$ref"] = f"#/$defs/{names[name]}"
    return changed


def _kind(value: Any) -> str:
    """What JSON calls the value's type."""
    names = {bool: "boolean", int: "integer", float: "number", str: "string", dict: "object"}
    return "null" if value is None else names.get(type(value), "array")


def wrong(path: Path, expected: str, value: Any) -> ConvertError:
    """The error for a value of another type."""
    return ConvertError(path, "type", f"expected {expected}, not {_kind(value)}")


class Shape:
    """One shape. This one is any JSON value."""

    hashable = False
    """Whether what it converts to can be in a set."""

    def schema(self, defs: Definitions) -> dict[str, Any]:
        """Its JSON Schema within a document that has these definitions."""
        del defs
        return {}

    def convert(self, value: Any, path: Path) -> Any:
        """The instance for a JSON value that is found at a path."""
        del path
        return value


class Plain(Shape):
    """``null``, a boolean, a number or a string as Python has it."""

    hashable = True

    def __init__(self, word: str) -> None:
        """The shape of a JSON type."""
        self.word = word

    def schema(self, defs: Definitions) -> dict[str, Any]:
        del defs
        return {"type": self.word}

    def convert(self, value: Any, path: Path) -> Any:
        kind = _kind(value)
        if kind == self.word:
            return value
        if self.word == "number" and kind == "integer":
            return float(value)
        # JSON has one kind of numbers: 1.0 is an integer.
        if self.word == "integer" and kind == "number" and value.is_integer():
            return int(value)
        raise wrong(path, self.word, value)


class Text(Shape):
    """A string that is parsed."""

    hashable = True

    def __init__(self, keywords: dict[str, Any], parse: Callable[[str], Any]) -> None:
        """A string with these keywords; ``parse`` raises ``ValueError`` for a bad one."""
        self.keywords = keywords
        self.parse = parse

    def schema(self, defs: Definitions) -> dict[str, Any]:
        del defs
        return {"type": "string", **self.keywords}

    def convert(self, value: Any, path: Path) -> Any:
        if not isinstance(value, str):
            raise wrong(path, "string", value)
        try:
            return self.parse(value)
        except ValueError as error:
            rule = next(iter(self.keywords), "type")
            raise ConvertError(path, rule, str(error)) from None


class Words(Shape):
    """One of some values."""

    hashable = True

    def __init__(self, values: Mapping[Any, Any] | Sequence[tuple[Any, Any]]) -> None:
        """Pairs of JSON values and what each converts to."""
        self.values = [*(values.items() if hasattr(values, "items") else values)]  # type: ignore[union-attr]

    def schema(self, defs: Definitions) -> dict[str, Any]:
        del defs
        plain = [value for value, _ in self.values]
        found: dict[str, Any] = {"const": plain[0]} if len(plain) == 1 else {"enum": plain}
        kinds = {_kind(value) for value in plain}
        return {**found, "type": kinds.pop()} if len(kinds) == 1 else found

    def convert(self, value: Any, path: Path) -> Any:
        for plain, meant in self.values:
            if plain == value and isinstance(plain, bool) == isinstance(value, bool):
                return meant
        listed = ", ".join(repr(plain) for plain, _ in self.values)
        rule = "const" if len(self.values) == 1 else "enum"
        raise ConvertError(path, rule, f"{value!r} is not one of: {listed}")


class Either(Shape):
    """One of several shapes."""

    def __init__(self, members: list[Shape]) -> None:
        """In the order in which they are tried."""
        self.members = members
        self.hashable = all(member.hashable for member in members)

    def schema(self, defs: Definitions) -> dict[str, Any]:
        return {"anyOf": [member.schema(defs) for member in self.members]}

    def convert(self, value: Any, path: Path) -> Any:
        deepest: ConvertError | None = None
        for member in self.members:
            try:
                return member.convert(value, path)
            except ConvertError as error:
                if deepest is None or len(error.path) > len(deepest.path):
                    deepest = error
        if deepest is not None and len(deepest.path) > len(path):
            raise deepest
        raise ConvertError(
            path, "anyOf", f"{_kind(value)} fits none of the types that are possible"
        )


class Array(Shape):
    """An array of any length."""

    def __init__(self, items: Shape, make: Callable[[Iterable[Any]], Any], unique: bool) -> None:
        """Items of a shape, and what is made of them."""
        self.items = items
        self.make = make
        self.unique = unique
        self.hashable = make is frozenset or (make is tuple and items.hashable)

    def schema(self, defs: Definitions) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "array", "items": self.items.schema(defs)}
        return {**found, "uniqueItems": True} if self.unique else found

    def convert(self, value: Any, path: Path) -> Any:
        if not isinstance(value, list):
            raise wrong(path, "array", value)
        return self.make(
            [self.items.convert(item, (*path, index)) for index, item in enumerate(value)]
        )


class Row(Shape):
    """An array with a shape for each place."""

    def __init__(self, places: list[Shape]) -> None:
        """The shapes of its items."""
        self.places = places
        self.hashable = all(place.hashable for place in places)

    def schema(self, defs: Definitions) -> dict[str, Any]:
        size = len(self.places)
        found: dict[str, Any] = {"type": "array", "minItems": size, "maxItems": size}
        if self.places:
            found["prefixItems"] = [place.schema(defs) for place in self.places]
        return found

    def convert(self, value: Any, path: Path) -> Any:
        if not isinstance(value, list):
            raise wrong(path, "array", value)
        if len(value) != len(self.places):
            rule = "minItems" if len(value) < len(self.places) else "maxItems"
            raise ConvertError(path, rule, f"expected {len(self.places)} items, not {len(value)}")
        pairs = zip(self.places, value, strict=True)
        return tuple(place.convert(item, (*path, i)) for i, (place, item) in enumerate(pairs))


class Map(Shape):
    """An object with any keys."""

    def __init__(self, values: Shape) -> None:
        """The shape of its values."""
        self.values = values

    def schema(self, defs: Definitions) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.values.schema(defs)}

    def convert(self, value: Any, path: Path) -> Any:
        if not isinstance(value, dict):
            raise wrong(path, "object", value)
        return {key: self.values.convert(item, (*path, key)) for key, item in value.items()}


class Named(Shape):
    """A shape that stands in ``$defs`` where it is used within another one."""

    name = ""

    def body(self, defs: Definitions) -> dict[str, Any]:
        """The schema itself."""
        raise NotImplementedError

    def schema(self, defs: Definitions) -> dict[str, Any]:
        return defs.refer(self)


class Alias(Named):
    """Another shape under a name, which may occur within itself."""

    def __init__(self, name: str) -> None:
        """The name; ``target`` is set when it is known."""
        self.name = name
        self.target: Shape = Shape()

    def body(self, defs: Definitions) -> dict[str, Any]:
        return self.target.schema(defs)

    def convert(self, value: Any, path: Path) -> Any:
        return self.target.convert(value, path)


class NamedWords(Named):
    """The values of an enum."""

    hashable = True

    def __init__(self, name: str, description: str | None, words: Words) -> None:
        """Its name, what is said of it, its values."""
        self.name = name
        self.description = description
        self.words = words

    def body(self, defs: Definitions) -> dict[str, Any]:
        said = {} if self.description is None else {"description": self.description}
        return {**self.words.schema(defs), "title": self.name, **said}

    def convert(self, value: Any, path: Path) -> Any:
        return self.words.convert(value, path)


class Member:
    """One member of an :class:`Object`."""

    __slots__ = ("extra", "required", "shape")

    def __init__(self, shape: Shape, required: bool, extra: dict[str, Any]) -> None:
        """Its shape, whether it must be there, and what else its schema says."""
        self.shape = shape
        self.required = required
        self.extra = extra


class Object(Named):
    """An object with certain members and no others."""

    def __init__(self, name: str, description: str | None, make: Callable[..., Any]) -> None:
        """``make`` gets the members that are there as keyword arguments; ``members`` are filled in later."""
        self.name = name
        self.description = description
        self.make = make
        self.members: dict[str, Member] = {}

    def body(self, defs: Definitions) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "object", "title": self.name}
        if self.description is not None:
            found["description"] = self.description
        found["properties"] = {
            name: {**member.shape.schema(defs), **member.extra}
            for name, member in self.members.items()
        }
        found["required"] = [name for name, member in self.members.items() if member.required]
        return {**found, "additionalProperties": False}

    def convert(self, value: Any, path: Path) -> Any:
        if not isinstance(value, dict):
            raise wrong(path, "object", value)
        for name, member in self.members.items():
            if member.required and name not in value:
                raise ConvertError(path, "required", f"{name!r} is missing")
        for name in value:
            if name not in self.members:
                raise ConvertError(path, "additionalProperties", f"{name!r} is not expected")
        given = {
            name: member.shape.convert(value[name], (*path, name))
            for name, member in self.members.items()
            if name in value
        }
        try:
            return self.make(**given)
        except ConvertError:
            raise
        # What the class's own checks raise.
        except (ValueError, AssertionError) as error:
            rule = f"{self.name}:{type(error).__name__}"
            raise ConvertError(path, rule, str(error) or "the value is refused") from error


class Pydantic(Named):
    """What pydantic describes and converts."""

    def __init__(self, name: str | None, schema: dict[str, Any], adapter: Any, kind: Any) -> None:
        """A name for ``$defs`` or ``None``, the schema, and the function that reads JSON text."""
        self.name = name or ""
        self.own = schema
        self.validate_json = adapter
        self.hashable = getattr(kind, "__hash__", None) is not None

    def body(self, defs: Definitions) -> dict[str, Any]:
        return defs.merge({**self.own})

    def schema(self, defs: Definitions) -> dict[str, Any]:
        if not self.name:
            return self.body(defs)
        own = {**self.own}
        if set(own) == {"$ref", "$defs"}:
            # Recursive: its definition is among its own.
            return defs.merge(own)
        return defs.adopt(self.name, own)

    def convert(self, value: Any, path: Path) -> Any:
        from json import dumps

        try:
            # As JSON text, so that strict models take a date or a tuple, too.
            return self.validate_json(dumps(value))
        except ValueError as error:
            listed = getattr(error, "errors", None)
            if listed is None:
                raise
            first = listed(include_url=False)[0]
            where = tuple(part for part in first["loc"] if _leads(part))
            raise ConvertError(
                (*path, *where), f"pydantic:{first['type']}", first["msg"]
            ) from error


def _leads(part: Any) -> bool:
    """Whether a part of pydantic's location is a key or an index, and not a member of a union."""
    return isinstance(part, int) or part.isidentifier()


class Refined(Shape):
    """A shape that more is said of."""

    def __init__(
        self,
        inner: Shape,
        keywords: dict[str, Any],
        lengths: dict[str, int],
        checks: list[tuple[str, Any]],
    ) -> None:
        """Keywords for the schema; limits of the length; comparisons that JSON Schema has no word for."""
        self.inner = inner
        self.keywords = keywords
        self.lengths = lengths
        self.checks = checks
        self.hashable = inner.hashable

    def schema(self, defs: Definitions) -> dict[str, Any]:
        found = self.inner.schema(defs)
        named: dict[str, Any] = {}
        for kind in _kinds(found):
            for end, limit in self.lengths.items():
                named[end + _LENGTHS.get(kind, "Length")] = limit
        return {**found, **named, **self.keywords}

    def convert(self, value: Any, path: Path) -> Any:
        made = self.inner.convert(value, path)
        for rule, bound in self.checks:
            if made is not None and not COMPARISONS[rule](made, bound):
                raise ConvertError(path, rule, f"{value!r} is not {_SAID[rule]} {bound!s}")
        return made


_LENGTHS = {"string": "Length", "array": "Items", "object": "Properties"}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "ge": lambda value, bound: value >= bound,
    "gt": lambda value, bound: value > bound,
    "le": lambda value, bound: value <= bound,
    "lt": lambda value, bound: value < bound,
}
_SAID = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def _kinds(schema: dict[str, Any]) -> list[str]:
    """The types that have a length among those a schema allows."""
    parts = schema.get("anyOf", [schema])
    return [part["type"] for part in parts if part.get("type") in _LENGTHS]
