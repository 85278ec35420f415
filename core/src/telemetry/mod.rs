//! What a client does, told to whoever observes it: spans that begin and end, events, and counters.
//!
//! The core makes plain records. An [`Observer`] makes of them what it likes; `tracing` and the `metrics` facade get
//! theirs from `bridge`, Python and Node through a [`RecordQueue`]. With nobody observing, a line of the engine costs
//! a check of an option, and a delta nothing at all.
//!
//! Names are those of the OpenTelemetry semantic conventions for generative AI, version [`SEMANTIC_CONVENTIONS`];
//! what these have no name for begins with `codexkit.`. No prompt, answer, argument or command line is in a record,
//! unless its observer asks for content ([`Observer::captures_content`]).

mod approval;
mod bridge;
mod content;
mod context;
mod metrics;
mod queue;
mod record;
mod recorder;
mod scope;
mod turn;

pub use context::TraceContext;
pub use metrics::{Histogram, Metrics, TokenCounts};
pub use queue::RecordQueue;
pub use record::{Attribute, AttributeValue, Observer, Span, SpanKind, SpanStatus, TelemetryEvent};

pub(crate) use recorder::{Open, Telemetry};
pub(crate) use scope::{Scope, current, within};
pub(crate) use turn::{Ending, TurnTrace};

/// The version of the OpenTelemetry semantic conventions whose names are used.
pub const SEMANTIC_CONVENTIONS: &str = "1.41.0";
