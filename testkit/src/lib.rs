#![doc = include_str!("../README.md")]
//!
//! # The map of the crate
//! - [`script`]: what a scripted model answers, as data.
//! - [`model`]: the server that answers so.
//!
//! The crate knows the model's side of the wire and the engine's side; it must not use a client.

mod error;
mod fields;
pub mod model;
pub mod script;

pub use error::{Error, Result};
pub use model::ScriptedModel;
pub use script::Script;
