"""Spans, events and logs of what clients do.

Three ways to observe, which can be combined and cost next to nothing while none is used:

* ordinary :mod:`logging`: turn the logger ``codexkit`` on at ``INFO`` (or ``DEBUG`` for items and requests) before the
  client is made;
* OpenTelemetry: :func:`instrument`, with ``pip install opentelemetry-api`` and an SDK;
* functions of your own: :func:`observe` for all clients, ``on_span`` and ``on_event`` of a client for one.

They run on one daemon thread, never on the one that reads the engine's output. Prompts, answers, arguments and command
lines are told to nobody who does not ask with ``capture_content=True``.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from . import _observed
from ._check import refuse
from ._native import (
    loads,
    telemetry_close,
    telemetry_conventions,
    telemetry_listen,
    telemetry_pushed,
    telemetry_take,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._otel import OpenTelemetry

__all__ = [
    "SEMANTIC_CONVENTIONS",
    "Observation",
    "Span",
    "TelemetryEvent",
    "flush",
    "instrument",
    "observe",
    "uninstrument",
]

SEMANTIC_CONVENTIONS: str = telemetry_conventions()
"""The version of the OpenTelemetry semantic conventions whose names are used."""


@dataclass(frozen=True)
class Span:
    """Something that took time.

    Attributes:
        id: Its number, once in a process.
        parent: The number of the span that it is a part of.
        kind: ``client``, ``thread``, ``turn``, ``item``, ``tool``, ``approval`` or ``request``.
        name: Its name, as in ``invoke_agent my_app``.
        start: When it began, in nanoseconds since the Unix epoch.
        end: When it ended.
        status: ``ok`` or ``error``; then the attribute ``error.type`` says how.
        attributes: What is known of it, by the names of the conventions.
        content: Prompts, answers, arguments and results, for those who capture content.
        trace: The ``traceparent`` and ``tracestate`` of the caller, if one was given.
    """

    id: int
    parent: int | None
    kind: str
    name: str
    start: int
    end: int | None
    status: str
    attributes: Mapping[str, Any]
    content: Mapping[str, Any] = field(default_factory=dict)
    trace: Mapping[str, str] | None = None


@dataclass(frozen=True)
class TelemetryEvent:
    """Something that happened.

    Attributes:
        name: ``codexkit.diagnostic``, ``codexkit.retry``, ``codexkit.restart``, ``codexkit.coalesced`` or
            ``codexkit.lagged``.
        span: The number of the span that it belongs to.
        time: When, in nanoseconds since the Unix epoch.
        attributes: What is known of it.
        content: What may quote somebody, for those who capture content.
    """

    name: str
    span: int | None
    time: int
    attributes: Mapping[str, Any]
    content: Mapping[str, Any] = field(default_factory=dict)


class _Sink:
    """Who is told: of the clients with this tag, or of all."""

    tag = 0
    captures = False

    def started(self, span: Span) -> None:
        """A span began."""

    def ended(self, span: Span) -> None:
        """A span ended."""

    def event(self, event: TelemetryEvent) -> None:
        """Something happened."""


class _Functions(_Sink):
    def __init__(self, on_span: Any, on_event: Any, captures: bool, tag: int = 0) -> None:
        for name, function in (("on_span", on_span), ("on_event", on_event)):
            if function is not None and not callable(function):
                refuse(name, "it cannot be called; give a function of one argument")
        self._on_span = on_span
        self._on_event = on_event
        self.captures = captures
        self.tag = tag

    def ended(self, span: Span) -> None:
        if self._on_span is not None:
            self._on_span(span)

    def event(self, event: TelemetryEvent) -> None:
        if self._on_event is not None:
            self._on_event(event)


class _Logs(_Sink):
    """Tells the loggers ``codexkit.turn``, ``codexkit.tool`` and so on."""

    def __init__(self) -> None:
        logging.getLogger("codexkit").addHandler(logging.NullHandler())

    def ended(self, span: Span) -> None:
        logger = logging.getLogger(f"codexkit.{span.kind}")
        level = logging.DEBUG if span.kind in ("item", "request") else logging.INFO
        if span.status == "error":
            level = max(level, logging.WARNING)
        if logger.isEnabledFor(level):
            took = ((span.end or span.start) - span.start) / 1e9
            extra = {
                "codexkit_kind": span.kind,
                "codexkit_name": span.name,
                "codexkit_status": span.status,
                "codexkit_duration": took,
                "codexkit_attributes": dict(span.attributes),
            }
            logger.log(level, "%s: %s in %.3f s", span.name, _outcome(span), took, extra=extra)

    def event(self, event: TelemetryEvent) -> None:
        logger = logging.getLogger("codexkit.event")
        level = logging.WARNING if event.name == "codexkit.diagnostic" else logging.INFO
        facts = " ".join(f"{name}={value}" for name, value in event.attributes.items())
        extra = {"codexkit_name": event.name, "codexkit_attributes": dict(event.attributes)}
        logger.log(level, "%s %s", event.name, facts, extra=extra)


def _outcome(span: Span) -> str:
    for name in ("error.type", "codexkit.turn.status", "codexkit.approval.decision"):
        if name in span.attributes:
            return str(span.attributes[name])
    return span.status


class _Hub:
    """The one thread that takes records from the core and hands them to the sinks."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sinks: list[_Sink] = []
        self.last_tag = 0
        #: Tags of clients that were closed, and how many records there were then.
        self.closed: list[tuple[int, int]] = []
        self._thread: threading.Thread | None = None
        self._owner = 0
        self._handed = 0
        self._progress = threading.Condition()

    def add(self, sink: _Sink) -> None:
        with self.lock:
            self.sinks = [*self.sinks, sink]
            self._listen()
            if self._thread is None or self._owner != os.getpid():
                if self._thread is None:
                    atexit.register(self.close)
                self._owner = os.getpid()
                self._thread = threading.Thread(
                    target=self._run, name="codexkit-telemetry", daemon=True
                )
                self._thread.start()

    def remove(self, sink: _Sink) -> None:
        with self.lock:
            self.sinks = [other for other in self.sinks if other is not sink]
            self._listen()

    def _listen(self) -> None:
        wanted = any(sink.tag == 0 for sink in self.sinks)
        telemetry_listen(wanted, any(sink.captures for sink in self.sinks))

    def _run(self) -> None:
        while True:
            batch = telemetry_take(512, 3600.0)
            if not batch and self._owner == 0:
                return
            for text in batch:
                self._hand_over(loads(text))
            with self._progress:
                self._handed += len(batch)
                self._progress.notify_all()
            self._forget_closed()

    def _forget_closed(self) -> None:
        """Lets go of the functions of closed clients, once they were told everything."""
        with self.lock:
            gone = {tag for tag, pushed in self.closed if pushed <= self._handed}
            if gone:
                self.closed = [one for one in self.closed if one[0] not in gone]
                self.sinks = [sink for sink in self.sinks if sink.tag not in gone]

    def _hand_over(self, record: dict[str, Any]) -> None:
        tag, what = record.pop("tag"), record.pop("type")
        content = record.pop("content")
        make = TelemetryEvent if what == "event" else Span
        plain, full = make(**record), None
        for sink in self.sinks:
            if sink.tag not in (0, tag):
                continue
            if sink.captures and content:
                full = full or make(**record, content=content)
            told: Any = full if sink.captures and full is not None else plain
            try:
                if what == "event":
                    sink.event(told)
                elif what == "start":
                    sink.started(told)
                else:
                    sink.ended(told)
            except Exception:
                logging.getLogger("codexkit").exception("an observer of telemetry raised")

    def flush(self, timeout: float) -> bool:
        if self._thread is None or self._owner != os.getpid():
            return True
        target, deadline = telemetry_pushed(), monotonic() + timeout
        with self._progress:
            while self._handed < target:
                left = deadline - monotonic()
                if left <= 0:
                    return False
                self._progress.wait(left)
        return True

    def close(self) -> None:
        """At the interpreter's end: no thread of ours may be in the native module any more."""
        if self._thread is None or self._owner != os.getpid():
            return
        from ._lifecycle import close_all

        close_all()
        self.flush(2.0)
        self._owner = 0
        telemetry_close()
        self._thread.join(2.0)


_hub = _Hub()
_instrumented: OpenTelemetry | None = None


def _log() -> None:
    _hub.add(_Logs())


def _own(on_span: Any, on_event: Any) -> int:
    with _hub.lock:
        _hub.last_tag += 1
        tag = _hub.last_tag
    _hub.add(_Functions(on_span, on_event, False, tag))
    return tag


def _own_closed(tag: int) -> None:
    with _hub.lock:
        _hub.closed.append((tag, telemetry_pushed()))


class Observation:
    """Functions that are told of all clients; see :func:`observe`. A ``with`` block stops it."""

    def __init__(self, sink: _Sink) -> None:
        """Begins.

        Args:
            sink: Who is told.
        """
        self._sink = sink
        _hub.add(sink)

    def stop(self) -> None:
        """Tell no more. What happened before is handed over first."""
        flush()
        _hub.remove(self._sink)

    def __enter__(self) -> Observation:  # noqa: D105 - as everywhere
        return self

    def __exit__(self, *_: object) -> None:  # noqa: D105 - as everywhere
        self.stop()


def observe(
    on_span: Callable[[Span], object] | None = None,
    on_event: Callable[[TelemetryEvent], object] | None = None,
    *,
    capture_content: bool = False,
) -> Observation:
    """Have functions of your own called with what every client of the process does.

    Args:
        on_span: Called with each span that ended.
        on_event: Called with each event.
        capture_content: Whether they also get prompts, answers, arguments and results, without what looks like a secret.

    Returns:
        What stops it.

    Raises:
        InvalidArgumentError: For what cannot be called.
    """
    if on_span is None and on_event is None:
        refuse("on_span", "give on_span, on_event or both")
    return Observation(_Functions(on_span, on_event, capture_content))


def instrument(
    tracer_provider: Any = None, meter_provider: Any = None, *, capture_content: bool = False
) -> None:
    """Make OpenTelemetry spans and metrics of what every client of the process does.

    From then on turns and threads belong to the trace in which they are started. Called again, it replaces what was
    there before.

    Args:
        tracer_provider: Where spans go; by default the global one.
        meter_provider: Where metrics go; by default the global one.
        capture_content: Whether spans also get prompts, answers, arguments and results, without what looks like a secret.

    Raises:
        ImportError: If ``opentelemetry-api`` is not installed.
    """
    global _instrumented
    try:
        from ._otel import OpenTelemetry, current
    except ImportError as error:
        raise ImportError(
            "codexkit.telemetry.instrument() needs OpenTelemetry: pip install opentelemetry-api"
            " (and opentelemetry-sdk, to export anything)"
        ) from error
    uninstrument()
    _instrumented = OpenTelemetry(tracer_provider, meter_provider, capture_content)
    _hub.add(_instrumented)
    _observed.ambient = current


def uninstrument() -> None:
    """Make no more OpenTelemetry spans. What happened before is handed over first."""
    global _instrumented
    if _instrumented is not None:
        flush()
        _hub.remove(_instrumented)
        _instrumented = None
        _observed.ambient = None


def flush(timeout: float = 5.0) -> bool:
    """Wait until everything that has happened so far was handed over.

    Args:
        timeout: Seconds to wait at most.

    Returns:
        Whether it was. On the thread that calls observers it never is.
    """
    if threading.current_thread().name == "codexkit-telemetry":
        return False
    return _hub.flush(timeout)
