//! The native module of the Node package: thin handles over the `codexkit` crate.
//!
//! Map, in the order of the data: `runtime` (the one tokio runtime and promises), `hub` (the one wake-up
//! per Node environment, the engine's requests, the questions to handlers and the calls of tools), `responders`, `tools`, `client`, `turn`, `output`, `exec`,
//! `files`, `map`, `mcp`, `stream` and `batch` (columnar batches of events), `testing` (the scripted model).
//!
//! What must not be here: defaults, validation, retries, wire strings. Its API is private to `node/src`,
//! which loads it, and follows that package's needs alone.

mod auto;
mod batch;
mod client;
mod error;
mod exec;
mod files;
mod hub;
mod map;
mod mcp;
mod output;
mod responders;
mod runtime;
mod stream;
mod telemetry;
mod testing;
mod tools;
mod turn;
