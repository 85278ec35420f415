"""The protocol's types, for annotations, ``isinstance`` and ``match``.

The classes are built from the engine's schema when they are first named; the stub next to this file
lists them. See :mod:`codexkit._types` for what they can do.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MODELS = frozenset({"InitializeResponse", "JsonObject", "Notification", "ServerInfo"})


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    if name in _MODELS:
        from . import models

        found = getattr(models, name)
    else:
        from ._types import resolve

        try:
            found = resolve(name)
        except KeyError:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message) from None
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    from ._types import names

    return [*names(), *_MODELS]
