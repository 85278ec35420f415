//! The engine's process: find it, start it, watch it, end it together with everything it started.
//!
//! Nothing here knows the protocol.

pub mod config;
pub(crate) mod locate;
pub(crate) mod process;
mod stderr;
mod tree;
pub(crate) mod version;
mod watchdog;
