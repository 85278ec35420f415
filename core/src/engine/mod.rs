//! The engine's process: find it, start it, watch it, end it together with everything it started.
//!
//! Nothing here knows the protocol.

pub mod config;
pub(crate) mod locate;
pub(crate) mod process;
pub(crate) mod stderr;
pub(crate) mod tree;
pub(crate) mod version;
pub(crate) mod watchdog;
