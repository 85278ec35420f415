"""Whether anybody observes clients, found out without importing what observing takes."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

#: Gives the current trace context of the application; set while it is instrumented.
ambient: Callable[[], Mapping[str, str] | None] | None = None

_logging = False


def look() -> None:
    """Begins to log, if the application has turned the logger ``codexkit`` on."""
    global _logging
    module = sys.modules.get("logging")
    if _logging or module is None or not module.getLogger("codexkit").isEnabledFor(module.INFO):
        return
    _logging = True
    from .telemetry import _log

    _log()


def trace(context: Any) -> str | None:
    """The trace context of a call as JSON.

    Args:
        context: What the caller gave; ``None`` for the current one.

    Returns:
        The JSON text; ``None`` if there is no trace.

    Raises:
        InvalidArgumentError: For what is no trace context.
    """
    look()
    if context is None and ambient is not None:
        context = ambient()
    if context is None:
        return None
    from ._check import refuse
    from ._native import dumps

    if isinstance(context, str):
        return dumps(context)
    try:
        return dumps(dict(context))
    except (TypeError, ValueError):
        refuse("trace_context", "give a traceparent, or a mapping with 'traceparent'")


def tag(on_span: Any, on_event: Any) -> int:
    """The tag of a client's records.

    Args:
        on_span: Called with each span of the client that ended.
        on_event: Called with each event.

    Returns:
        The tag; 0 if there is neither.

    Raises:
        InvalidArgumentError: For what cannot be called.
    """
    look()
    if on_span is None and on_event is None:
        return 0
    from .telemetry import _own

    return _own(on_span, on_event)


def closed(tag: int) -> None:
    """A client was closed: its functions are let go once they were told everything.

    Args:
        tag: The tag of its records.
    """
    if tag:
        from .telemetry import _own_closed

        _own_closed(tag)
