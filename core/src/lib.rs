//! codexkit: one client for the Codex agent engine.
//!
//! It starts `codex app-server` or connects to one that runs already, speaks its protocol, and gives
//! threads, turns and their events. It creates no runtime of its own: call it within tokio.
//!
//! ```no_run
//! # async fn example() -> codexkit::Result<()> {
//! use codexkit::{Codex, CodexOptions, text};
//!
//! let codex = Codex::start(CodexOptions::default()).await?;
//! let thread = codex.thread_start(Default::default()).await?;
//! let turn = thread.turn(vec![text("What does this project do?")], Default::default()).await?;
//! while let Some(event) = turn.events().next().await {
//!     println!("{}", event?.method());
//! }
//! println!("{:?}", turn.result().await?.final_response);
//! codex.close().await?;
//! # Ok(()) }
//! ```

pub mod api;
pub mod approvals;
pub mod auto;
#[cfg(feature = "benching")]
#[doc(hidden)]
pub mod benching;
mod client;
mod clock;
mod engine;
mod error;
pub mod exec;
pub mod files;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod guardrails;
mod host;
mod introduction;
mod lasting;
pub mod map;
pub mod mcp;
mod options;
pub mod output;
mod prewarm;
pub mod protocol;
mod redact;
mod remote;
mod restart;
mod session;
mod spawner;
pub mod telemetry;
mod thread;
pub mod tools;
mod transport;

pub use client::Codex;
pub use engine::config;
pub use engine::locate::{BundledEngine, EngineInfo};
pub use engine::process::EnvOptions;
pub use engine::version::{OLDEST_ENGINE, probe as probe_version};
pub use error::{Error, ErrorKind, Result, describe as describe_error};
pub use introduction::InitializeInfo;
pub use options::{CodexOptions, duration};
pub use prewarm::Prewarmed;
pub use protocol::JsonObject;
pub use remote::{ReconnectPolicy, RemoteOptions};
pub use restart::RestartPolicy;
pub use session::Stats;
pub use session::diagnostics::{Diagnostic, DiagnosticKind};
pub use session::family::Agent;
pub use session::requests::{ServerRequest, ServerRequestHandler};
pub use thread::event::{Event, UNKNOWN_METHOD};
pub use thread::fold::TurnResult;
pub use thread::handoff::Handoff;
pub use thread::queue::{EventStream, QueueLimits, StreamState, Wake};
pub use thread::setup::Setup;
pub use thread::simple::{self, SimpleEvent, SimpleFold, SimpleResult};
pub use thread::{Thread, Turn};

/// A text input for a turn.
#[must_use]
pub fn text(text: impl Into<String>) -> serde_json::Value {
    serde_json::json!({"type": "text", "text": text.into()})
}
