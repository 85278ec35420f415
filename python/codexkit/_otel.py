"""Telemetry as OpenTelemetry spans and metrics. Needs ``opentelemetry-api``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from ._native import telemetry_conventions
from ._version import __version__
from .telemetry import _Sink

if TYPE_CHECKING:
    from .telemetry import Span, TelemetryEvent

_PROPAGATOR = TraceContextTextMapPropagator()
_SCHEMA = f"https://opentelemetry.io/schemas/{telemetry_conventions()}"
#: What the conventions advise.
_SECONDS = [0.01 * 2**power for power in range(14)]
_TOKENS = [4**power for power in range(14)]
#: So many turns are remembered after their ends.
_LATE = 64
_OUTSIDE = {"client", "thread", "turn", "request"}


def current() -> dict[str, str] | None:
    """The current trace context of the application.

    Returns:
        Its ``traceparent`` and ``tracestate``; ``None`` outside of every span.
    """
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier or None


class OpenTelemetry(_Sink):
    """Makes OpenTelemetry's spans and metrics of the records, with their own times and parents."""

    def __init__(self, tracer_provider: Any, meter_provider: Any, captures: bool) -> None:
        """Nothing yet.

        Args:
            tracer_provider: Where spans go.
            meter_provider: Where metrics go.
            captures: Whether spans have content.
        """
        self.captures = captures
        self._tracer = trace.get_tracer("codexkit", __version__, tracer_provider, _SCHEMA)
        meter = metrics.get_meter("codexkit", __version__, meter_provider, _SCHEMA)
        self._open: dict[int, trace.Span] = {}
        #: The turns that ended last: what ends their commands comes after their end.
        self._late: dict[int, trace.Span] = {}
        self._durations = meter.create_histogram(
            "gen_ai.client.operation.duration",
            unit="s",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._first = meter.create_histogram(
            "codexkit.turn.time_to_first_event",
            unit="s",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            unit="{token}",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )
        self._turns = meter.create_counter("codexkit.turns", unit="{turn}")
        self._approvals = meter.create_counter("codexkit.approvals", unit="{approval}")
        self._requests = meter.create_counter("codexkit.requests", unit="{request}")
        self._events = meter.create_counter("codexkit.events", unit="{event}")

    def started(self, span: Span) -> None:
        """Starts one.

        Args:
            span: What began.
        """
        self._open[span.id] = self._tracer.start_span(
            span.name,
            context=self._parent(span),
            kind=trace.SpanKind.CLIENT if span.kind in _OUTSIDE else trace.SpanKind.INTERNAL,
            attributes=dict(span.attributes),
            start_time=span.start,
        )

    def _parent(self, span: Span) -> Context:
        number = -1 if span.parent is None else span.parent
        parent = self._open.get(number) or self._late.get(number)
        if parent is not None:
            return trace.set_span_in_context(parent, Context())
        return _PROPAGATOR.extract(dict(span.trace or {}), Context())

    def ended(self, span: Span) -> None:
        """Ends one.

        Args:
            span: What ended.
        """
        if span.id not in self._open:
            self.started(span)
        made = self._open.pop(span.id)
        made.set_attributes({**span.attributes, **span.content})
        if span.status == "error":
            made.set_status(trace.StatusCode.ERROR, str(span.attributes.get("error.type", "")))
        made.end(span.end)
        if span.kind == "turn":
            self._late[span.id] = made
            if len(self._late) > _LATE:
                del self._late[next(iter(self._late))]
        self._measure(span)

    def _measure(self, span: Span) -> None:
        found = span.attributes
        names = ("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model")
        labels = {name: found[name] for name in (*names, "error.type") if name in found}
        if "gen_ai.operation.name" in found and span.end is not None:
            self._durations.record((span.end - span.start) / 1e9, labels)
        if span.kind == "turn":
            self._turns.add(1, {"codexkit.turn.status": found.get("codexkit.turn.status", "")})
            if "codexkit.turn.time_to_first_event" in found:
                self._first.record(found["codexkit.turn.time_to_first_event"], labels)
            for kind in ("input", "output"):
                count = found.get(f"gen_ai.usage.{kind}_tokens")
                if count:
                    self._tokens.record(count, {**labels, "gen_ai.token.type": kind})
        elif span.kind == "approval":
            decision = found.get("codexkit.approval.decision", "")
            self._approvals.add(1, {"codexkit.approval.decision": decision})
        elif span.kind == "request":
            method, outcome = found["codexkit.request.method"], found.get("error.type", "ok")
            self._requests.add(1, {"codexkit.request.method": method, "outcome": outcome})

    def event(self, event: TelemetryEvent) -> None:
        """Counts it, and adds it to its span.

        Args:
            event: What happened.
        """
        self._events.add(1, {"codexkit.event.name": event.name})
        span = self._open.get(event.span) if event.span is not None else None
        if span is not None:
            span.add_event(event.name, {**event.attributes, **event.content}, event.time)
