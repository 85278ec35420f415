//! Spans and events for `tracing`, target `codexkit`: a subscriber of the application sees them, and
//! `tracing-opentelemetry` exports them with names and fields as the semantic conventions have them.
//!
//! The names of `tracing` are fixed at compile time; the whole one is in the field `otel.name`. Content is never here.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use tracing::Level;
use tracing::field::Empty;

use crate::telemetry::record::{AttributeValue, Span, SpanKind, SpanStatus, TelemetryEvent};
use crate::telemetry::recorder::lock;

/// The spans that have begun, by their numbers.
static OPEN: LazyLock<Mutex<HashMap<u64, tracing::Span>>> = LazyLock::new(Mutex::default);

/// Whether a subscriber wants spans of ours.
pub(super) fn is_on() -> bool {
    tracing::span_enabled!(target: "codexkit", Level::INFO)
}

macro_rules! open {
    ($level:ident, $name:literal, $parent:expr, $span:expr, $kind:literal, [$($field:literal),*]) => {
        tracing::span!(
            target: "codexkit",
            parent: $parent,
            Level::$level,
            $name,
            "otel.name" = $span.name.as_str(),
            "otel.kind" = $kind,
            "otel.status_code" = Empty,
            "error.type" = Empty,
            "gen_ai.conversation.id" = Empty,
            "codexkit.traceparent" = Empty,
            $($field = Empty),*
        )
    };
}

pub(super) fn started(span: &Span) {
    if !is_on() {
        return;
    }
    // A span without a parent of ours is part of the caller's, if there is one.
    let parent = match span.parent {
        Some(parent) => lock(&OPEN).get(&parent).and_then(tracing::Span::id),
        None => tracing::Span::current().id(),
    };
    let made = make(span, parent);
    if made.is_disabled() {
        return;
    }
    record(&made, &span.attributes);
    if let Some(trace) = &span.trace {
        made.record("codexkit.traceparent", trace.traceparent.as_str());
    }
    lock(&OPEN).insert(span.id, made);
}

fn make(span: &Span, parent: Option<tracing::Id>) -> tracing::Span {
    match span.kind {
        SpanKind::Client => open!(
            INFO,
            "client",
            parent,
            span,
            "client",
            ["codexkit.engine.version", "codexkit.engine.source"]
        ),
        SpanKind::Thread => open!(
            INFO,
            "thread",
            parent,
            span,
            "client",
            [
                "gen_ai.operation.name",
                "gen_ai.provider.name",
                "gen_ai.agent.name",
                "gen_ai.request.model",
                "codexkit.error.code"
            ]
        ),
        SpanKind::Turn => open!(
            INFO,
            "turn",
            parent,
            span,
            "client",
            [
                "gen_ai.operation.name",
                "gen_ai.provider.name",
                "gen_ai.agent.name",
                "gen_ai.request.model",
                "gen_ai.usage.input_tokens",
                "gen_ai.usage.output_tokens",
                "gen_ai.usage.cache_read.input_tokens",
                "gen_ai.usage.reasoning.output_tokens",
                "codexkit.turn.id",
                "codexkit.turn.status",
                "codexkit.turn.time_to_first_event",
                "codexkit.error.code"
            ]
        ),
        SpanKind::Item => open!(
            DEBUG,
            "item",
            parent,
            span,
            "internal",
            [
                "codexkit.item.type",
                "codexkit.item.id",
                "codexkit.item.status"
            ]
        ),
        SpanKind::Tool => open!(
            INFO,
            "tool",
            parent,
            span,
            "internal",
            [
                "gen_ai.operation.name",
                "gen_ai.tool.name",
                "gen_ai.tool.call.id",
                "gen_ai.tool.type",
                "codexkit.turn.id"
            ]
        ),
        SpanKind::Approval => open!(
            INFO,
            "approval",
            parent,
            span,
            "internal",
            [
                "codexkit.approval.id",
                "codexkit.approval.kind",
                "codexkit.approval.decision",
                "codexkit.approval.by",
                "codexkit.turn.id",
                "codexkit.item.id"
            ]
        ),
        SpanKind::Request => open!(
            DEBUG,
            "request",
            parent,
            span,
            "client",
            ["codexkit.request.method", "codexkit.error.code"]
        ),
    }
}

fn record(span: &tracing::Span, attributes: &[(&'static str, AttributeValue)]) {
    for (name, value) in attributes {
        match value {
            AttributeValue::Text(text) => span.record(*name, text.as_str()),
            AttributeValue::Integer(number) => span.record(*name, *number),
            AttributeValue::Number(number) => span.record(*name, *number),
            AttributeValue::Flag(flag) => span.record(*name, *flag),
        };
    }
}

pub(super) fn ended(span: &Span) {
    let Some(made) = lock(&OPEN).remove(&span.id) else {
        return;
    };
    record(&made, &span.attributes);
    if span.status == SpanStatus::Error {
        made.record("otel.status_code", "ERROR");
    }
}

pub(super) fn event(event: &TelemetryEvent) {
    let parent = event
        .span
        .and_then(|span| lock(&OPEN).get(&span).and_then(tracing::Span::id));
    let facts: Vec<String> = event
        .attributes
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let (name, facts) = (event.name, facts.join(" "));
    tracing::info!(target: "codexkit", parent: parent, name, facts, "{name}");
}
