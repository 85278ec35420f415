"""What all objects of the protocol can do: attributes, dumps, copies, comparison.

The interface is that of the official SDK's pydantic models as far as programs use it; nothing here
validates, and :mod:`codexkit._types` decides which class a value gets.
"""

from __future__ import annotations

from ._native import Field, Struct
from ._params import camel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, ClassVar

    from typing_extensions import Self


def python_name(wire: str) -> str:
    """The attribute's name for a wire field: ``turnId`` as ``turn_id``.

    Args:
        wire: The name on the wire.

    Returns:
        The name in Python.
    """
    from ._types import _load

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


class FieldInfo:
    """What ``model_fields`` says of a field.

    Attributes:
        alias: The name on the wire.
        annotation: The type in the generated registry's notation; empty for plain JSON.
        default: What the field reads as when it is missing.
    """

    __slots__ = ("_required", "alias", "annotation", "default")

    def __init__(self, alias: str, annotation: str, default: Any, required: bool) -> None:
        """Describe a field."""
        self.alias = alias
        self.annotation = annotation
        self.default = default
        self._required = required

    def is_required(self) -> bool:
        """Whether the engine always sends it."""
        return self._required

    def __repr__(self) -> str:
        return f"FieldInfo(alias={self.alias!r}, annotation={self.annotation!r})"


class _ModelFields:
    """Descriptor: the fields of a class by name, put together when somebody asks."""

    def __get__(self, _instance: object, owner: Any) -> dict[str, FieldInfo]:
        defaults, required = owner.__codexkit_spec__
        return {
            name: FieldInfo(
                field.wire, field.kind, defaults.get(field.wire), field.wire in required
            )
            for name, field in owner.__codexkit_fields__.items()
        }


class Payload(Struct):
    """Base of all structs of the protocol.

    Attributes are the wire's fields in snake_case; a field that is missing reads as ``None`` or its
    default. Instances compare by their data.
    """

    __slots__ = ()
    __match_args__ = ()
    __codexkit_fields__: ClassVar[dict[str, Field]] = {}
    __codexkit_spec__: ClassVar[tuple[dict[str, Any], frozenset[str]]] = ({}, frozenset())
    model_fields: ClassVar[Any] = _ModelFields()
    """The fields by name, each with its ``alias`` on the wire."""

    @property
    def root(self) -> Any:
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
        include: Any = None,
        exclude: Any = None,
        by_alias: bool | None = False,
        exclude_none: bool = False,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        **_options: Any,
    ) -> dict[str, Any]:
        """The object as nested dicts and lists.

        Args:
            mode: ``"json"`` turns enums into their values; ``"python"`` keeps the members.
            include: The only fields wanted, by snake_case name.
            exclude: Fields to leave out, by snake_case name.
            by_alias: Whether keys are the wire's names instead of snake_case.
            exclude_none: Whether fields that are ``None`` are left out.
            exclude_unset: Whether fields that did not come over the wire are left out.
            exclude_defaults: Whether fields that have their default are left out.

        Returns:
            A new dict.
        """
        options = _Options(mode == "json", bool(by_alias), exclude_none, exclude_unset)
        options.exclude_defaults = exclude_defaults
        dumped = _dump_fields(self, options, include, exclude)
        return dumped

    def model_dump_json(self, *, indent: int | None = None, **options: Any) -> str:
        """:meth:`model_dump` in JSON mode, as text.

        Args:
            indent: How far nested values are moved to the right; one line without it.
            options: As for :meth:`model_dump`.

        Returns:
            JSON text.
        """
        dumped = self.model_dump(**{**options, "mode": "json"})
        if indent is not None:
            from json import dumps as pretty

            return pretty(dumped, indent=indent, ensure_ascii=False)
        from ._native import dumps

        return dumps(dumped)

    @classmethod
    def model_validate(cls, obj: Any, **_options: Any) -> Self:
        """Makes an instance; nothing is validated.

        Args:
            obj: A dict with wire or snake_case names, an instance, or a model of the official SDK.

        Returns:
            The instance; for a union, of the class of its kind.

        Raises:
            InvalidArgumentError: If it is none of these.
        """
        if isinstance(obj, cls):
            return obj.root
        if hasattr(obj, "model_dump"):
            obj = obj.model_dump(by_alias=True, mode="json", exclude_unset=True)
        from ._types import validated

        return validated(cls, obj)

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **_options: Any) -> Self:
        """:meth:`model_validate` from JSON text.

        Args:
            json_data: The text.

        Returns:
            The instance.
        """
        from ._native import loads

        text = json_data if isinstance(json_data, str) else bytes(json_data).decode()
        return cls.model_validate(loads(text))

    @classmethod
    def model_construct(cls, _fields_set: Any = None, **values: Any) -> Self:
        """The same as calling the class: nothing is ever validated.

        Args:
            values: Fields by snake_case or wire name.

        Returns:
            The instance.
        """
        return cls(**values)

    def model_copy(self, *, update: Any = None, deep: bool = False) -> Self:
        """A copy, with some fields changed.

        Args:
            update: Fields by snake_case name.
            deep: Whether nested values are copied, too.

        Returns:
            The copy.
        """
        wire = dict(self._wire())
        if deep:
            from copy import deepcopy

            wire = deepcopy(wire)
        wire.update(from_fields(type(self), dict(update or {})))
        return type(self)(wire)

    @property
    def model_fields_set(self) -> set[str]:
        """The names of the fields that came over the wire or were set."""
        wire = self._wire()
        return {name for name, field in self.__codexkit_fields__.items() if field.wire in wire}

    @property
    def model_extra(self) -> dict[str, Any]:
        """The fields that the schema does not have, by their names on the wire."""
        wires = {field.wire for field in self.__codexkit_fields__.values()}
        return {key: value for key, value in self._wire().items() if key not in wires}

    def __setattr__(self, name: str, value: Any) -> None:
        field = self.__codexkit_fields__.get(name)
        if field is None:
            message = f"{type(self).__name__!r} object has no field {name!r}"
            raise _NoField(message)
        self._assign(field.wire, value, plain(value))

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        for name in self.__codexkit_fields__:
            yield name, getattr(self, name)

    def __eq__(self, other: object) -> bool:
        # A union's class and the class of its kind show the same object.
        if not isinstance(other, type(self)) and not isinstance(self, type(other)):
            return NotImplemented
        if not isinstance(other, Payload):
            return NotImplemented
        if self._wire() == other._wire():
            return True
        # A field that is missing reads as its default, and is the same as one that has it.
        one, two = self.root, other.root
        return (
            type(one) is type(two)
            and one.model_extra == two.model_extra
            and all(getattr(one, name) == getattr(two, name) for name in one.__codexkit_fields__)
        )

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __repr__(self) -> str:
        wire = self._wire()
        known = self.__codexkit_fields__
        shown = [
            f"{name}={getattr(self, name)!r}" for name, field in known.items() if field.wire in wire
        ]
        shown += [f"{python_name(key)}={value!r}" for key, value in self.model_extra.items()]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(python_name(key) for key in self._wire())]

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self).__name__, self._wire())


class _NoField(ValueError, AttributeError):
    """A field that a class does not have; pydantic raises ``ValueError``, Python ``AttributeError``."""


class UnknownNotification(Payload):
    """A notification whose method this version does not know; its parameters are kept."""

    __slots__ = ()
    __match_args__ = ("params",)

    @property
    def params(self) -> dict[str, Any]:
        """The notification's parameters as they came."""
        return self._wire()


class NamedString(str):
    """A string whose meaning has a name in the schema, such as an absolute path."""

    __slots__ = ()

    def __new__(cls, root: str = "") -> Self:
        """Make one."""
        return str.__new__(cls, root)

    @property
    def root(self) -> str:
        """The string: code for the official SDK unwraps it with ``.root``."""
        return str.__str__(self)

    @property
    def value(self) -> str:
        """The string, as an enum's member has it."""
        return str.__str__(self)

    def model_dump(self, **_options: Any) -> str:
        """The string.

        Returns:
            It.
        """
        return str.__str__(self)

    def model_dump_json(self, **_options: Any) -> str:
        """The string as JSON text.

        Returns:
            The text.
        """
        from ._native import dumps

        return dumps(str.__str__(self))

    @classmethod
    def model_validate(cls, obj: Any, **_options: Any) -> Self:
        """Makes one from a string.

        Args:
            obj: The string.

        Returns:
            The named string.
        """
        return cls(getattr(obj, "root", obj))


def _restore(name: str, wire: dict[str, Any]) -> Any:
    """What unpickling a payload calls."""
    from ._types import resolve

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
        return plain(fields["root"])
    if cls is UnknownNotification:
        return plain(fields.get("params") or {})
    known = cls.__codexkit_fields__
    wire = {}
    for name, value in fields.items():
        field = known.get(name)
        if field is not None:
            wire[field.wire] = plain(value)
        else:
            is_wire = any(other.wire == name for other in known.values())
            wire[name if is_wire else camel(name)] = plain(value)
    return wire


def unknown_field(self: Payload, name: str) -> Any:
    """A field that the class has no attribute for; called by ``Struct.__getattr__``.

    Args:
        self: The object.
        name: The attribute's name: snake_case, or the wire's own.

    Returns:
        The field's value, or the plain JSON value of a field that the schema does not have.

    Raises:
        AttributeError: If there is no such field.
    """
    wire = self._wire()
    keys = (camel(name), name)
    for known, field in self.__codexkit_fields__.items():
        if field.wire in keys:
            return getattr(self, known)
    for key in keys:
        if key in wire:
            return wire[key]
    for key in wire:
        if python_name(key) == name:
            return wire[key]
    message = f"{type(self).__name__} has no field {name!r}"
    raise AttributeError(message, name=name, obj=self)


def plain(value: Any) -> Any:
    """A value with payloads and enum members turned into what they are on the wire.

    Args:
        value: Any value of a field.

    Returns:
        Plain JSON values.
    """
    if isinstance(value, Payload):
        return value._wire()
    if isinstance(value, str):
        return (
            str.__str__(value)
            if type(value) is str
            else str.__str__(getattr(value, "value", value))
        )
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "model_dump"):
        return value.model_dump(by_alias=True, mode="json", exclude_none=True)
    # The official SDK's enums are no strings.
    return getattr(value, "_value_", value)


class _Options:
    """How a dump is made."""

    __slots__ = ("by_alias", "exclude_defaults", "exclude_none", "exclude_unset", "json")

    def __init__(self, json: bool, by_alias: bool, exclude_none: bool, exclude_unset: bool) -> None:
        self.json = json
        self.by_alias = by_alias
        self.exclude_none = exclude_none
        self.exclude_unset = exclude_unset
        self.exclude_defaults = False


def _part(chosen: Any, name: str) -> Any:
    """What an ``include`` or ``exclude`` says of a field: nothing, all of it, or of its parts."""
    if chosen is None or name not in chosen:
        return None
    part = chosen[name] if isinstance(chosen, dict) else True
    return True if part is ... else part


def _dump_fields(value: Payload, options: _Options, include: Any, exclude: Any) -> dict[str, Any]:
    wire = value._wire()
    defaults = value.__codexkit_spec__[0]
    dumped = {}

    def add(name: str, key: str, item: Any) -> None:
        kept, left = _part(include, name), _part(exclude, name)
        if left is True or (include is not None and kept is None):
            return
        if options.exclude_none and item is None:
            return
        if options.exclude_defaults and item == defaults.get(key):
            return
        if isinstance(item, Payload) and (left or kept not in (None, True)):
            made: Any = _dump_fields(item, options, None if kept is True else kept, left)
        else:
            made = _dump(item, options)
        dumped[key if options.by_alias else name] = made

    for name, field in value.__codexkit_fields__.items():
        if not options.exclude_unset or field.wire in wire:
            add(name, field.wire, getattr(value, name))
    for key, item in value.model_extra.items():
        add(python_name(key), key, item)
    return dumped


def _dump(value: Any, options: _Options) -> Any:
    if isinstance(value, Payload):
        return _dump_fields(value, options, None, None)
    if isinstance(value, list):
        return [_dump(item, options) for item in value]
    if isinstance(value, dict):
        return {key: _dump(item, options) for key, item in value.items()}
    if isinstance(value, str) and type(value) is not str:
        return value if not options.json and hasattr(value, "_value_") else plain(value)
    return value
