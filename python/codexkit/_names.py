"""Where names are found that other modules offer, too: programs import them from several places.

The official SDK's modules re-export what they use. Ours do so without loading any of it: a module's
``__getattr__`` asks here, once for each name.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def offers(module: str, *homes: str, **renamed: str) -> Callable[[str], Any]:
    """A module's ``__getattr__``.

    Args:
        module: The module's name.
        homes: The modules of this package in which names are looked for, in this order.
        renamed: Names that are called differently at home.

    Returns:
        The function; it keeps what it finds in the module.
    """

    def find(name: str) -> Any:
        import sys

        known = renamed.get(name, name)
        # The official low-level client imports parameter types under such names.
        known = known[2:] if known.startswith("V2") else known
        for home in homes if not name.startswith("_") else ():
            where = __import__(f"codexkit.{home}" if home else "codexkit", fromlist=[known])
            try:
                found = getattr(where, known)
            except AttributeError:
                continue
            setattr(sys.modules[module], name, found)
            return found
        message = f"module {module!r} has no attribute {name!r}"
        raise AttributeError(message)

    return find
