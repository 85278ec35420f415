#![doc = include_str!("../README.md")]
//!
//! # The map of the crate
//! - [`script`]: what a scripted model answers, as data; [`model`]: the server that answers so.
//! - [`faulty`]: the engine that misbehaves by plan.
//! - [`replay`]: the engine that writes prepared lines at full speed.
//! - [`listening`]: the real engine as a server; [`proxy`]: what can cut the connections to it.
//!
//! The crate knows the model's side of the wire and the engine's side; it must not use a client.

mod error;
pub mod faulty;
mod fields;
pub mod listening;
pub mod model;
pub mod proxy;
pub mod replay;
pub mod script;
mod shapes;

pub use error::{Error, Result};
pub use listening::ListeningEngine;
pub use model::ScriptedModel;
pub use proxy::Proxy;
pub use script::Script;

/// The version that the engines of this crate say they are.
pub const ENGINE_VERSION: &str = shapes::VERSION;
