//! Tests agents that drive the Codex engine, offline and deterministically.
//!
//! - [`script`]: what a scripted model answers, as data.
//!
//! The crate knows the model's side of the wire and the engine's side; it must not use a client.

mod error;
mod fields;
pub mod script;

pub use error::{Error, Result};
pub use script::Script;
