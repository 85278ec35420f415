//! Ways to an engine: the pipes of a process, or a WebSocket over TCP, TLS or a Unix socket.
//!
//! They carry lines and know nothing of JSON. Reading never waits for writing, and neither for a consumer.

pub(crate) mod address;
pub(crate) mod framing;
pub(crate) mod pipes;
pub(crate) mod socket;
pub(crate) mod tls;
pub(crate) mod websocket;

/// A message on its way to the engine.
pub(crate) struct Outgoing {
    /// The connection that it was made for; on a later one it means nothing.
    pub(crate) connection: u64,
    /// The message as a line, with its newline.
    pub(crate) bytes: Vec<u8>,
}
