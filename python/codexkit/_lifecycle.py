"""What happens to engines when the process ends or forks."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._native import Client

_clients = None


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

        from ._native import after_fork_in_child

        _clients = WeakSet()
        atexit.register(_close_all)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=after_fork_in_child)
    _clients.add(client)


def _close_all() -> None:
    from .errors import CodexError

    for client in list(_clients or ()):
        try:
            client.close()
        except CodexError:
            client.kill()
