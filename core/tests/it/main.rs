//! The core against the real engine, and against a misbehaving one for what a healthy engine never does.
#![expect(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "tests")]

mod agents;
mod approvals;
mod as_tool;
mod auto;
mod auto_hooks;
mod corpus;
mod edges;
mod engine;
mod errors;
mod exec;
mod faults;
mod files;
mod handoff;
mod map;
mod mcp;
mod output;
mod prewarm;
mod remote;
mod restart;
mod support;
mod telemetry;
mod telemetry_bridges;
mod tools;
mod turns;
mod typed_tools;
mod versions;
