"""The protocol's classes, built from the generated registry when they are first used.

Each struct of the schema becomes one class: attributes in snake_case, nested structs, enums and
tagged unions typed. Nothing is validated: what the schema does not know (a field, a tag, an enum's
value) stays visible as it came. The data itself lives in the native :class:`Struct`.
"""

from __future__ import annotations

from ._native import Field, Struct
from ._params import camel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ClassVar

    from typing_extensions import Self

    Converter = Callable[[Any], Any]

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


def python_name(wire: str) -> str:
    """The attribute's name for a wire field: ``turnId`` as ``turn_id``.

    Args:
        wire: The name on the wire.

    Returns:
        The name in Python.
    """
    irregular = _load().IRREGULAR.get(wire)
    if irregular is not None:
        return irregular
    if wire.islower():
        return wire
    name = ""
    before = ""
    for letter in wire:
        if letter.isupper() and (before.islower() or before.isdigit()):
            name += "_"
        name += letter.lower()
        before = letter
    return name


class Payload(Struct):
    """Base of all structs of the protocol.

    Attributes are the wire's fields in snake_case; a field that is missing reads as ``None`` or its
    default. Instances compare by their data and cannot be changed.
    """

    __slots__ = ()
    __match_args__ = ()
    __codexkit_fields__: ClassVar[dict[str, Field]] = {}

    @property
    def root(self) -> Self:
        """This object: code for the official SDK unwraps unions with ``.root``."""
        return self

    def to_dict(self) -> dict[str, Any]:
        """The object as it is on the wire.

        Returns:
            A dict with the wire's names; shared with this object, so copy it before changing it.
        """
        return self._wire()

    def model_dump(
        self,
        *,
        mode: str = "python",
        by_alias: bool = False,
        exclude_none: bool = False,
        exclude_unset: bool = False,
        **_options: Any,
    ) -> dict[str, Any]:
        """The object as nested dicts and lists.

        Args:
            mode: ``"json"`` turns enums into their values; ``"python"`` keeps the members.
            by_alias: Whether keys are the wire's names instead of snake_case.
            exclude_none: Whether fields that are ``None`` are left out.
            exclude_unset: Whether fields that did not come over the wire are left out.

        Returns:
            A new dict.
        """
        return _dump(self, mode == "json", by_alias, exclude_none, exclude_unset)

    def model_dump_json(self, **options: Any) -> str:
        """:meth:`model_dump` in JSON mode, as text.

        Args:
            options: As for :meth:`model_dump`.

        Returns:
            JSON text.
        """
        from ._native import dumps

        return dumps(self.model_dump(**{**options, "mode": "json"}))

    @classmethod
    def model_validate(cls, obj: Any) -> Self:
        """Makes an instance; nothing is validated.

        Args:
            obj: A dict with wire or snake_case names, or an instance.

        Returns:
            The instance.
        """
        if isinstance(obj, cls):
            return obj
        return cls(**obj) if cls.__codexkit_fields__ else cls(obj)

    @classmethod
    def model_validate_json(cls, json_data: str) -> Self:
        """:meth:`model_validate` from JSON text.

        Args:
            json_data: The text.

        Returns:
            The instance.
        """
        from ._native import loads

        return cls.model_validate(loads(json_data))

    def model_copy(self, *, update: dict[str, Any] | None = None) -> Self:
        """A copy, with some fields changed.

        Args:
            update: Fields by snake_case name.

        Returns:
            The copy.
        """
        wire = dict(self._wire())
        wire.update(from_fields(type(self), update or {}))
        return type(self)(wire)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._wire() == other._wire()

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __repr__(self) -> str:
        wire = self._wire()
        known = self.__codexkit_fields__
        shown = [
            f"{name}={getattr(self, name)!r}" for name, field in known.items() if field.wire in wire
        ]
        wires = {field.wire for field in known.values()}
        shown += [f"{python_name(key)}={wire[key]!r}" for key in wire if key not in wires]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(python_name(key) for key in self._wire())]

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self).__name__, self._wire())


class UnknownNotification(Payload):
    """A notification whose method this version does not know; its parameters are kept."""

    __slots__ = ()
    __match_args__ = ("params",)

    @property
    def params(self) -> dict[str, Any]:
        """The notification's parameters as they came."""
        return self._wire()


_classes["UnknownNotification"] = UnknownNotification


def _restore(name: str, wire: dict[str, Any]) -> Any:
    """What unpickling a payload calls."""
    return resolve(name)(wire)


def from_fields(cls: Any, fields: dict[str, Any] | None) -> dict[str, Any]:
    """The wire object for keyword arguments; called by ``Struct.__new__``.

    Args:
        cls: The class that is instantiated.
        fields: Values by snake_case or wire name.

    Returns:
        The wire object.
    """
    fields = fields or {}
    if "root" in fields:
        return _plain(fields["root"])
    if cls is UnknownNotification:
        return _plain(fields.get("params") or {})
    known = cls.__codexkit_fields__
    wire = {}
    for name, value in fields.items():
        field = known.get(name)
        if field is not None:
            wire[field.wire] = _plain(value)
        else:
            is_wire = any(other.wire == name for other in known.values())
            wire[name if is_wire else camel(name)] = _plain(value)
    return wire


def unknown_field(self: Payload, name: str) -> Any:
    """A field the schema does not have; called by ``Struct.__getattr__``.

    Args:
        self: The object.
        name: The attribute's name: snake_case, or the wire's own.

    Returns:
        The plain JSON value.

    Raises:
        AttributeError: If the message has no such field.
    """
    wire = self._wire()
    for key in (camel(name), name):
        if key in wire:
            known = python_name(key)
            return getattr(self, known) if known in self.__codexkit_fields__ else wire[key]
    for key in wire:
        if python_name(key) == name:
            return wire[key]
    message = f"{type(self).__name__} has no field {name!r}"
    raise AttributeError(message, name=name, obj=self)


def _plain(value: Any) -> Any:
    """A value with payloads and enum members turned into what they are on the wire."""
    if isinstance(value, Payload):
        return value._wire()
    if isinstance(value, str):
        return (
            str.__str__(value)
            if type(value) is str
            else str.__str__(getattr(value, "value", value))
        )
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _dump(value: Any, json: bool, by_alias: bool, exclude_none: bool, exclude_unset: bool) -> Any:
    options = (json, by_alias, exclude_none, exclude_unset)
    if isinstance(value, Payload):
        wire = value._wire()
        dumped = {}
        wires = set()
        for name, field in value.__codexkit_fields__.items():
            wires.add(field.wire)
            if exclude_unset and field.wire not in wire:
                continue
            item = getattr(value, name)
            if not (exclude_none and item is None):
                dumped[field.wire if by_alias else name] = _dump(item, *options)
        for key, item in wire.items():
            if key not in wires and not (exclude_none and item is None):
                dumped[key if by_alias else python_name(key)] = _dump(item, *options)
        return dumped
    if isinstance(value, list):
        return [_dump(item, *options) for item in value]
    if isinstance(value, dict):
        return {key: _dump(item, *options) for key, item in value.items()}
    if isinstance(value, str) and type(value) is not str:
        return value if not json and hasattr(value, "_value_") else _plain(value)
    return value


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
    elif name in registry.UNIONS:
        made = struct_class(name, "", (Payload,), {})
    elif name in registry.ANYOF:
        made = struct_class(name, "", (_Choice,), {})
    elif name in registry.ENUMS:
        made = _enum(name, registry.ENUMS[name].split(" "))
    elif name in registry.LITERALS:
        made = _enum(name, [registry.LITERALS[name]])
    elif name in registry.ALIASES:
        made = type(name, (_NamedString,), {"__slots__": (), "__module__": _MODULE})
    else:
        raise KeyError(name)
    return _classes.setdefault(name, made)


def struct_class(
    name: str, spec: str, bases: tuple[type, ...], defaults: dict[str, Any]
) -> type[Payload]:
    """One class for one struct.

    Args:
        name: The class's name.
        spec: Its fields in the registry's notation.
        bases: Its base classes.
        defaults: What missing fields read as, by wire name.

    Returns:
        The class.
    """
    fields: dict[str, Field] = {}
    for token in spec.split():
        wire, _, kind = token.partition(":")
        wire = wire.removesuffix("?")
        attribute = python_name(wire)
        fields[attribute] = Field(attribute, wire, kind, defaults.get(wire))
    namespace = {
        **fields,
        "__slots__": (),
        "__module__": _MODULE,
        "__match_args__": tuple(fields),
        "__codexkit_fields__": fields,
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


class _NamedString(str):
    """A string whose meaning has a name in the schema, such as an absolute path."""

    __slots__ = ()

    @property
    def root(self) -> str:
        """The string: code for the official SDK unwraps it with ``.root``."""
        return str.__str__(self)


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

        namespace = type(Enum).__prepare__("WireEnum", (str, Enum))
        namespace["_missing_"] = classmethod(missing)
        namespace["root"] = property(lambda self: self)
        base = _classes[""] = type(Enum)("WireEnum", (str, Enum), namespace)
    members = []
    for value in values:
        member = python_name(value)
        members.append(("".join(c if c.isalnum() else "_" for c in member), value))
    return base(name, members, module=_MODULE)


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
    if issubclass(made, _NamedString):
        return lambda value: made(value) if type(value) is str else value
    members = made._value2member_map_
    return lambda value: members.get(value, value) if type(value) is str else value


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
    strings = [converter(arm) for arm in arms if any(arm in table for table in named)]

    def convert(value: Any) -> Any:
        if type(value) is dict:
            for cls, needed in structs:
                if needed and all(key in value for key in needed):
                    return cls(value)
            return unions[0](value) if unions and unions[0] else other(value)
        if type(value) is list:
            return lists[0](value) if lists and lists[0] else value
        if type(value) is str:
            for attempt in strings:
                made = attempt(value) if attempt else value
                if type(made) is not str:
                    return made
        return value

    return convert
