"""The protocol's classes, built from the generated registry when they are first used.

Each struct of the schema becomes one class: attributes in snake_case, nested structs, enums and
tagged unions typed. Nothing is validated: what the schema does not know (a field, a tag, an enum's
value) stays visible as it came. The data itself lives in the native :class:`Struct`.
"""

from __future__ import annotations

from ._native import Field
from ._payload import (
    NamedString,
    Payload,
    UnknownNotification,
    from_fields,
    python_name,
    unknown_field,
)
from .errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Converter = Callable[[Any], Any]

__all__ = ["from_fields", "python_name", "unknown_field"]

_MODULE = "codexkit.types"
_registry: Any = None
_classes: dict[str, type] = {}
_bases: dict[str, list[str]] = {}


def _load() -> Any:
    """The generated registry, with the unions each struct belongs to."""
    global _registry
    if _registry is None:
        from .generated import registry

        for union, (_, arms) in registry.UNIONS.items():
            for arm in arms.values():
                for struct in arm.split("|"):
                    _bases.setdefault(struct, []).append(union)
        for union, arms in registry.ANYOF.items():
            for struct in arms:
                if struct.endswith(union) and struct in registry.STRUCTS:
                    _bases.setdefault(struct, []).append(union)
        _registry = registry
    return _registry


_classes["UnknownNotification"] = UnknownNotification


def payload_class(method: str) -> type[Payload]:
    """The class of a notification's payload; called by the native event.

    Args:
        method: The notification's method.

    Returns:
        The class; :class:`UnknownNotification` for a method the schema does not have.
    """
    name = _load().NOTIFICATIONS.get(method)
    return UnknownNotification if name is None else resolve(name)


def response(method: str, wire: Any) -> Any:
    """A method's answer as its class.

    Args:
        method: The client method.
        wire: The answer.

    Returns:
        The typed answer, or the value itself where the schema has no struct for it.
    """
    name = _load().RESPONSES.get(method)
    if name is None:
        return wire
    convert = converter(name)
    return wire if convert is None else convert(wire)


def names() -> list[str]:
    """The names of all protocol classes.

    Returns:
        Them, sorted.
    """
    registry = _load()
    tables = (registry.STRUCTS, registry.UNIONS, registry.ANYOF, registry.ENUMS)
    return sorted(
        {
            *_classes,
            *(name for table in tables for name in table),
            *registry.ALIASES,
            *registry.LITERALS,
        }
    )


def resolve(name: str) -> Any:
    """The class of a schema type, built on first use.

    Args:
        name: The type's name in the schema.

    Returns:
        The class.

    Raises:
        KeyError: If the schema has no such type.
    """
    known = _classes.get(name)
    if known is not None:
        return known
    registry = _load()
    if name in registry.STRUCTS:
        bases = tuple(resolve(base) for base in _bases.get(name, ())) or (Payload,)
        made = struct_class(name, registry.STRUCTS[name], bases, registry.DEFAULTS.get(name, {}))
    elif name in registry.UNIONS or name in registry.ANYOF:
        made = struct_class(name, "", (_Choice if name in registry.ANYOF else Payload,), {})
        made.root = property(_kind)  # pyright: ignore[reportAttributeAccessIssue]
    elif name in registry.ENUMS:
        made = _enum(name, registry.ENUMS[name].split(" "))
    elif name in registry.LITERALS:
        made = _enum(name, [registry.LITERALS[name]])
    elif name in registry.ALIASES:
        made = type(name, (NamedString,), {"__slots__": (), "__module__": _MODULE})
    else:
        made = _envelope(name)
    return _classes.setdefault(name, made)


def _kind(self: Any) -> Any:
    """A union's ``root``: the object as the class of its kind."""
    name = type(self).__name__
    if _load() is None or not (name in _registry.UNIONS or name in _registry.ANYOF):
        return self
    convert = converter(name)
    made = self if convert is None else convert(self._wire())
    return self if type(made) is type(self) else made


def validated(cls: Any, obj: Any) -> Any:
    """What ``model_validate`` makes of plain data.

    Args:
        cls: The class.
        obj: A dict with wire or snake_case names; for a union also what its kinds are on the wire.

    Returns:
        An instance of the class, or for a union the value of its kind.

    Raises:
        InvalidArgumentError: If it is no dict where one is needed.
    """
    name = cls.__name__
    registry = _load()
    if name in registry.UNIONS or name in registry.ANYOF:
        convert = converter(name)
        return obj if convert is None else convert(obj)
    if not isinstance(obj, dict):
        raise InvalidArgumentError(
            f"obj: {name} is made from a dict, not {type(obj).__name__}", argument="obj"
        )
    return cls(**obj) if cls.__codexkit_fields__ else cls(obj)


def _pascal(method: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in method.replace("_", "/").split("/"))


def _envelope(name: str) -> type[Payload]:
    """The class of a whole message, as ``TurnStartRequest``; the official SDK has one for each."""
    registry = _load()
    if name in ("ClientRequest", "ServerNotification"):
        return struct_class(name, "method params id? emittedAtMs?", (Payload,), {})
    for ending, methods, spec in (
        ("Request", registry.RESPONSES, "id method params?"),
        ("ServerNotification", registry.NOTIFICATIONS, "method params emittedAtMs?"),
    ):
        for method in methods if name.endswith(ending) else ():
            if _pascal(method) + ending == name:
                kind = methods[method] if ending != "Request" else registry.PARAMS.get(method, "")
                fields = " ".join(
                    f"{field}:{kind}" if field.startswith("params") and kind else field
                    for field in spec.split(" ")
                )
                union = resolve("ClientRequest" if ending == "Request" else ending)
                return struct_class(name, fields, (union,), {})
    raise KeyError(name)


class Indice(int):
    """A number in a list of positions, which has a name in the schema."""

    __slots__ = ()
    __module__ = _MODULE

    def __new__(cls, root: int = 0) -> Any:
        """Make one."""
        return int.__new__(cls, root)

    @property
    def root(self) -> int:
        """The number: code for the official SDK unwraps it with ``.root``."""
        return int(self)

    def model_dump(self, **_options: Any) -> int:
        """The number.

        Returns:
            It.
        """
        return int(self)

    def model_dump_json(self, **_options: Any) -> str:
        """The number as JSON text.

        Returns:
            The text.
        """
        return str(int(self))

    @classmethod
    def model_validate(cls, obj: Any, **_options: Any) -> Any:
        """Makes one from a number.

        Args:
            obj: The number.

        Returns:
            The named number.
        """
        return cls(obj)


_classes["Indice"] = Indice


def struct_class(
    name: str,
    spec: str,
    bases: tuple[type, ...],
    defaults: dict[str, Any],
    *,
    wire_names: bool = False,
) -> type[Payload]:
    """One class for one struct.

    Args:
        name: The class's name.
        spec: Its fields in the registry's notation.
        bases: Its base classes.
        defaults: What missing fields read as, by wire name.
        wire_names: Whether the attributes are called as on the wire.

    Returns:
        The class.
    """
    fields: dict[str, Field] = {}
    required = set()
    for token in spec.split():
        wire, _, kind = token.partition(":")
        if not wire.endswith("?"):
            required.add(wire)
        wire = wire.removesuffix("?")
        attribute = wire if wire_names else python_name(wire)
        fields[attribute] = Field(attribute, wire, kind, defaults.get(wire))
    namespace = {
        **fields,
        "__slots__": (),
        "__module__": _MODULE,
        "__match_args__": tuple(fields),
        "__codexkit_fields__": fields,
        "__codexkit_spec__": (defaults, frozenset(required)),
        "__doc__": f"The protocol's {name}.",
    }
    made: Any = type(name, bases, namespace)
    return made


class _Choice(Payload):
    """Base of types that are one of several kinds of value; objects among them are instances."""

    __slots__ = ()

    def __new__(cls, source: Any = None, /, **fields: Any) -> Any:
        if source is None and len(fields) == 1 and "root" in fields:
            return fields["root"]
        return super().__new__(cls, source, **fields)


def _enum(name: str, values: list[str]) -> type:
    """A ``str`` enum that also takes values it does not know."""
    from enum import Enum

    base: Any = _classes.get("")
    if base is None:

        def missing(cls: Any, value: object) -> Any:
            if not isinstance(value, str):
                return None
            member = str.__new__(cls, value)
            member._name_ = member._value_ = value
            return member

        def validate(cls: Any, obj: Any, **_options: Any) -> Any:
            return cls(getattr(obj, "root", obj))

        namespace = type(Enum).__prepare__("WireEnum", (str, Enum))
        namespace["_missing_"] = classmethod(missing)
        namespace["root"] = property(lambda self: self)
        namespace["model_dump"] = lambda self, **_options: self.value
        namespace["model_dump_json"] = lambda self, **_options: _json_text(self.value)
        namespace["model_validate"] = classmethod(validate)
        base = _classes[""] = type(Enum)("WireEnum", (str, Enum), namespace)
    members = []
    for value in values:
        member = python_name(value)
        members.append(("".join(c if c.isalnum() else "_" for c in member), value))
    return base(name, members, module=_MODULE)


def _json_text(value: Any) -> str:
    from ._native import dumps

    return dumps(value)


def converter(kind: str) -> Converter | None:
    """What turns a field's JSON value into its Python value.

    Args:
        kind: The field's type in the registry's notation.

    Returns:
        A function, or ``None`` when the value is taken as it is.
    """
    if kind in ("", "[", "{"):
        return None
    if kind[0] == "[":
        inner = converter(kind[1:])
        return inner and (
            lambda value: [inner(item) for item in value] if type(value) is list else value
        )
    if kind[0] == "{":
        inner = converter(kind[1:])
        return inner and (
            lambda value: (
                {key: inner(item) for key, item in value.items()} if type(value) is dict else value
            )
        )
    registry = _load()
    if kind in registry.UNIONS:
        return _union_converter(kind, *registry.UNIONS[kind])
    if kind in registry.ANYOF:
        return _choice_converter(kind, registry.ANYOF[kind])
    made = resolve(kind)
    if issubclass(made, Payload):
        return lambda value: made(value) if type(value) is dict else value
    if issubclass(made, NamedString):
        return lambda value: made(value) if type(value) is str else value
    members = made._value2member_map_
    # A word that the schema does not have still has the enum's class, a value and a name.
    return lambda value: (
        (members.get(value) or made(value)) if type(value) is str and value else value
    )


def _required(struct: str) -> list[str]:
    tokens = (token.partition(":")[0] for token in _load().STRUCTS[struct].split())
    return [token for token in tokens if not token.endswith("?")]


def _union_converter(union: str, tag: str, arms: dict[str, str]) -> Converter:
    other = resolve(union)
    made: dict[str, Converter] = {}

    def choose(kind: str) -> Converter:
        arm = arms.get(kind)
        if arm is None:
            return other
        candidates = [(resolve(struct), _required(struct)) for struct in arm.split("|")]
        first = candidates[0][0]
        if len(candidates) == 1:
            return first
        return lambda value: next(
            (cls for cls, needed in candidates if all(key in value for key in needed)), first
        )(value)

    def convert(value: Any) -> Any:
        if type(value) is not dict:
            return value
        kind = value.get(tag)
        if type(kind) is not str:
            return other(value)
        chosen = made.get(kind)
        if chosen is None:
            chosen = choose(kind)
            if kind in arms:
                made[kind] = chosen
        return chosen(value)

    return convert


def _choice_converter(choice: str, arms: tuple[str, ...]) -> Converter:
    """One of several kinds: told apart by the JSON kind of the value, objects by their keys."""
    registry = _load()
    other = resolve(choice)
    structs = [(resolve(arm), _required(arm)) for arm in arms if arm in registry.STRUCTS]
    unions = [converter(arm) for arm in arms if arm in registry.UNIONS]
    lists = [converter(arm) for arm in arms if arm[:1] == "["]
    named = (registry.ENUMS, registry.LITERALS, registry.ALIASES)
    strings = [resolve(arm) for arm in arms if any(arm in table for table in named)]

    def convert(value: Any) -> Any:
        if type(value) is dict:
            for cls, needed in structs:
                if needed and all(key in value for key in needed):
                    return cls(value)
            return unions[0](value) if unions and unions[0] else other(value)
        if type(value) is list:
            return lists[0](value) if lists and lists[0] else value
        if type(value) is str:
            for made in strings:
                members = getattr(made, "_value2member_map_", None)
                if members is None:
                    return made(value)
                if value in members:
                    return members[value]
            return NamedString(value)
        return value

    return convert
