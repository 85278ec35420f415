"""Handoffs: tools by which agents hand their conversation over to each other. An auto-run follows them."""

from __future__ import annotations

from . import _native
from ._check import count, refuse
from .errors import CodexError
from .tools import Tool, ToolRegistry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Handoff(Tool):
    """A tool, ``transfer_to_NAME``, by which an agent hands its conversation over to the agent of another thread.

    :meth:`codexkit.Thread.auto_run` and its like follow it: when the turn is over, the other thread is given what was
    said and it has not seen, and the run's next turn is that thread's. In other turns the call fails, and the model
    reads why. :meth:`codexkit.Thread.as_handoff` makes one of a thread; two agents that hand over to each other need
    one made before its thread, and :meth:`bind`.
    """

    def __init__(self, name: str, description: str, *, history: int | None = None) -> None:
        """Declare one.

        Args:
            name: What the agent is called: letters, digits, ``_`` and ``-``.
            description: What it is for, for the model that may hand over to it.
            history: How many of the newest messages that the other agent has not seen go along; by default all of
                them, with 0 none.

        Raises:
            InvalidArgumentError: For a name that providers do not take, an empty description, a negative number.
        """
        for argument, value in (("name", name), ("description", description)):
            if not isinstance(value, str):
                refuse(argument, f"expected a string, not {value!r}")
        if history is not None:
            count("history", history)
        self.function = _uncalled
        self._handoff = _native.Handoff(name, description, history)
        self._tool = self._handoff.tool()
        self._declared(self._tool)

    def bind(self, thread: Any) -> None:
        """Say whose agent it is, from now on. Keep the thread: without a handle on it the agent is not there.

        Args:
            thread: A :class:`codexkit.Thread` or :class:`codexkit.AsyncThread`.

        Raises:
            InvalidArgumentError: For what is no thread.
        """
        native = getattr(thread, "_native", None)
        if not isinstance(native, _native.Thread):
            refuse("thread", f"expected a Thread or AsyncThread, not {thread!r}")
        self._handoff.bind(native, False)

    def _keep(self, thread: Any) -> Handoff:
        """Bind it to a thread that was there first, and keep what that has of its own."""
        self._handoff.bind(thread._native, True)
        return self

    @property
    def thread_id(self) -> str | None:
        """The id of the thread that it is bound to."""
        return self._handoff.thread_id

    def _bound(self, home: ToolRegistry | None) -> _native.Tool:
        return self._tool


def _uncalled(message: str) -> None:
    raise CodexError("a handoff is the model's to call; thread.auto_run follows it")
