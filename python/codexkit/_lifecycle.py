"""What happens to engines when the process ends or forks."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from weakref import WeakSet

    from ._native import Client

_clients: WeakSet[Client] | None = None


def track(client: Client) -> None:
    """Has a client's engine closed when the process ends.

    Args:
        client: The native client; only a weak reference is kept.
    """
    global _clients
    if _clients is None:
        import atexit
        import os
        from weakref import WeakSet

        _clients = WeakSet()
        atexit.register(_close_all)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_let_go)
    _clients.add(client)


def _let_go() -> None:
    """In a forked child: closes its copies of the engines' pipes, or they would outlive the parent."""
    from contextlib import suppress
    from os import close

    for client in list(_clients or ()):
        for descriptor in client.inherited_descriptors():
            with suppress(OSError):
                close(descriptor)


def _close_all() -> None:
    from .errors import CodexError

    for client in list(_clients or ()):
        try:
            client.close()
        except CodexError:
            client.kill()
