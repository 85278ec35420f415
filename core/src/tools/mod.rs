//! Tools: functions of the application that the model calls.
//!
//! In the order of the data: `spec` (how a tool is declared) and `canonical` (its schema, the same whatever language it
//! comes from), `registry` (which tools there are, and how they do), `offer` (how the engine gets to know of them:
//! `dynamicTools` of a new thread, else an MCP server in this process), `run` (one call: checked, limited, timed),
//! `call` (on its way to the function), `result` (and back). `typed` makes tools of Rust types. The read loop is never
//! waited for: the session calls `run` on a task of its own.

mod call;
mod canonical;
mod equip;
mod metrics;
mod offer;
mod registry;
mod result;
mod run;
mod spec;
#[cfg(feature = "schemars")]
mod typed;

#[cfg(test)]
mod canonical_tests;

pub use call::{ToolCall, ToolContext, ToolHandler};
#[cfg(feature = "derive")]
pub use codexkit_macros::Tool;
pub use metrics::ToolMetrics;
pub use registry::{Tool, ToolRegistry};
pub use result::{ToolContent, ToolError, ToolResult};
pub(crate) use run::{Called, Cancelled, Found, Running, find, missing, wait};
pub use spec::{DEFAULT_TIMEOUT, ToolSpec};
#[cfg(feature = "schemars")]
pub use typed::{CallTool, DeclareTool};

/// The common form of a schema, for the fuzz targets.
#[cfg(feature = "fuzzing")]
pub(crate) fn fuzz_canonical(schema: &mut serde_json::Value) {
    canonical::canonical(schema);
}
