"""What happens to engines when the process ends or forks."""

from __future__ import annotations

from _thread import allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Future
    from weakref import WeakSet

    from ._native import Client, McpClient, Prewarmed

_clients: WeakSet[Client | McpClient | Prewarmed] | None = None


def track(client: Client | McpClient | Prewarmed) -> None:
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
        atexit.register(close_all)
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


def close_all() -> None:
    """Closes the engines of all clients that there are."""
    from .errors import CodexError

    for client in list(_clients or ()):
        try:
            client.close()
        except CodexError:
            client.kill()


class Once:
    """One start at a time, whichever event loops and threads ask for it."""

    __slots__ = ("_guard", "_running")

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._guard = allocate_lock()
        self._running: Future[None] | None = None

    async def run(self, start: Callable[[], Awaitable[None]], is_done: Callable[[], bool]) -> None:
        """Starts, unless somebody else is at it: then waits for that one.

        Args:
            start: What starts; who waited tries it when another's attempt has failed.
            is_done: Whether nothing is to be started any more.

        Raises:
            CodexError: Whatever the start of this caller raises.
        """
        from asyncio import shield, wrap_future
        from concurrent.futures import Future

        while not is_done():
            mine = None
            with self._guard:
                running = self._running
                if running is None:
                    running = self._running = mine = Future()
            if mine is None:
                await shield(wrap_future(running))
                continue
            try:
                if not is_done():
                    await start()
            finally:
                with self._guard:
                    self._running = None
                mine.set_result(None)
