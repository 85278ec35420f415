"""What the annotations of typed answers need, without the import of :mod:`typing` at run time."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Generic
    from typing import overload as overload

    from typing_extensions import TypeVar

    OutputT = TypeVar("OutputT", default=Any)

    class Typed(Generic[OutputT]):
        """Base of what carries the type of an answer."""

else:
    OutputT = None

    def overload(function):
        """Does nothing; only type checkers read overloads."""
        return function

    class Typed:
        """Base of what carries the type of an answer: ``TurnResult[Report]`` is ``TurnResult``."""

        __slots__ = ()

        def __class_getitem__(cls, _item):
            return cls
