"""What value classes share: equality, repr and pattern matching over named fields.

Used instead of :mod:`dataclasses`, whose import alone would take most of this package's budget.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _DataclassFields:
    """Descriptor: what the functions of :mod:`dataclasses` look for, made when they do."""

    def __get__(self, _instance: object, owner: Any) -> dict[str, Any]:
        import dataclasses
        import inspect

        made = {}
        for parameter in list(inspect.signature(owner.__init__).parameters.values())[1:]:
            given = parameter.default is not parameter.empty
            field = dataclasses.field(**({"default": parameter.default} if given else {}))
            field.name, field.type = parameter.name, parameter.annotation
            # Private, and the only way to be a field without the decorator, whose import would be paid by all.
            field._field_type = dataclasses._FIELD  # type: ignore[attr-defined]
            made[parameter.name] = field
        return made


class Record:
    """Base of a class whose fields are the arguments of its constructor, in that order."""

    __slots__ = ()
    __match_args__: tuple[str, ...] = ()
    # `dataclasses.replace`, `asdict` and `fields` work, as with the official SDK's dataclasses.
    __dataclass_fields__ = _DataclassFields()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        code = cls.__init__.__code__
        cls.__match_args__ = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__match_args__)

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__name__}({fields})"

    def __replace__(self, /, **changes: Any) -> Any:
        """A copy with some fields changed; what ``copy.replace`` calls."""
        fields = {name: getattr(self, name) for name in self.__match_args__}
        return type(self)(**{**fields, **changes})

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, name) for name in self.__match_args__)
