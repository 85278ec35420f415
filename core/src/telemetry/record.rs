//! The records: spans, events, and who observes them.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::telemetry::context::TraceContext;

/// What a span is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SpanKind {
    /// A client that starts: from the call to the engine's answer.
    Client,
    /// A thread that is started, resumed or forked.
    Thread,
    /// A turn, from the call to its end.
    Turn,
    /// An item of a turn: a message, a command, a change of files.
    Item,
    /// A call of one of the application's tools.
    Tool,
    /// A question of the engine to a person.
    Approval,
    /// A request to the engine.
    Request,
}

impl SpanKind {
    /// Its name in `snake_case`, the same in every language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Thread => "thread",
            Self::Turn => "turn",
            Self::Item => "item",
            Self::Tool => "tool",
            Self::Approval => "approval",
            Self::Request => "request",
        }
    }
}

/// How a span ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SpanStatus {
    /// Nothing went wrong, or it has not ended.
    #[default]
    Ok,
    /// It failed; the attribute `error.type` says how.
    Error,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum AttributeValue {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
}

impl From<&str> for AttributeValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for AttributeValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for AttributeValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u64> for AttributeValue {
    fn from(number: u64) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<f64> for AttributeValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for AttributeValue {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => number.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
        }
    }
}

/// A name and its value.
pub type Attribute = (&'static str, AttributeValue);

/// Something that takes time. The same while it runs and when it has ended; then it has an end and more attributes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Span {
    /// Its number, once in a process.
    pub id: u64,
    /// The span that it is a part of, if that is one of codexkit's own.
    pub parent: Option<u64>,
    /// What it is about.
    pub kind: SpanKind,
    /// Its name, as in `invoke_agent codexkit`.
    pub name: String,
    /// When it began, in nanoseconds since the Unix epoch.
    pub start: u64,
    /// When it ended, in nanoseconds since the Unix epoch.
    pub end: Option<u64>,
    /// How it ended.
    pub status: SpanStatus,
    /// What is known of it, in the order in which it became known.
    #[serde(serialize_with = "as_object")]
    pub attributes: Vec<Attribute>,
    /// Prompts, answers, arguments, results. Empty for observers that do not capture content.
    #[serde(serialize_with = "as_object")]
    pub content: Vec<Attribute>,
    /// The trace that the caller said it belongs to.
    pub trace: Option<TraceContext>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TelemetryEvent {
    /// What: `codexkit.diagnostic`, `codexkit.retry`, `codexkit.restart`, `codexkit.coalesced`, `codexkit.lagged`.
    pub name: &'static str,
    /// The span that it belongs to.
    pub span: Option<u64>,
    /// When, in nanoseconds since the Unix epoch.
    pub time: u64,
    /// What is known of it.
    #[serde(serialize_with = "as_object")]
    pub attributes: Vec<Attribute>,
    /// What may quote the application or the engine. Empty for observers that do not capture content.
    #[serde(serialize_with = "as_object")]
    pub content: Vec<Attribute>,
}

fn as_object<S: Serializer>(attributes: &[Attribute], to: S) -> Result<S::Ok, S::Error> {
    let value = |value| serde_json::to_value(value).unwrap_or(Value::Null);
    let object: Map<String, Value> = attributes
        .iter()
        .map(|(name, given)| ((*name).to_owned(), value(given)))
        .collect();
    object.serialize(to)
}

impl Span {
    /// The attribute of this name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        let mut found = self.attributes.iter().filter(|(known, _)| *known == name);
        found.next().map(|(_, value)| value)
    }
}

/// Hears of a client's spans and events. Called where they happen, also on the task that reads the engine's output,
/// with no lock held: it must be quick and must not block. What panics in it is its own.
pub trait Observer: Send + Sync {
    /// Whether it wants to hear anything now. Asked often: it must be cheap.
    fn is_enabled(&self) -> bool {
        true
    }

    /// Whether it also gets prompts, answers, arguments and results. What looks like a secret is left out of them.
    fn captures_content(&self) -> bool {
        false
    }

    /// A span began.
    fn span_started(&self, _span: &Span) {}

    /// A span ended.
    fn span_ended(&self, _span: &Span) {}

    /// Something happened.
    fn event(&self, _event: &TelemetryEvent) {}
}
