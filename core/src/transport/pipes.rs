//! The pipes of an engine's process: bytes to lines and back.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Mutex, mpsc};

use crate::protocol::scan::MAX_LINE_BYTES;
use crate::session::Session;
use crate::session::diagnostics::{Diagnostic, DiagnosticKind};
use crate::transport::Outgoing;
use crate::transport::framing::Lines;

/// How much is read at once: as much as a large pipe holds, so that a batch is routed under one lock.
const CHUNK: usize = 256 << 10;

/// Reads until the end of `from`, feeding the session.
pub(crate) async fn read_loop(
    session: Arc<Session>,
    mut from: impl AsyncRead + Unpin,
    max_line_bytes: usize,
) {
    let mut lines = Lines::new(max_line_bytes.min(MAX_LINE_BYTES));
    loop {
        let read = from.read(lines.space(CHUNK)).await;
        match read {
            Ok(0) => break,
            Ok(count) => {
                lines.filled(count);
                session.feed(lines.complete());
                for skipped in lines.compact() {
                    session.diagnostic(too_long(skipped, max_line_bytes));
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                session.diagnostic(Diagnostic::new(
                    DiagnosticKind::Engine,
                    format!("reading the engine's output failed: {error}"),
                ));
                break;
            }
        }
    }
    // The last line may lack its newline.
    session.feed(lines.rest().into_iter());
}

fn too_long(bytes: usize, limit: usize) -> Diagnostic {
    Diagnostic::new(
        DiagnosticKind::LineTooLong,
        format!(
            "a line of more than {limit} bytes was skipped ({bytes} seen so far); raise max_line_bytes"
        ),
    )
}

/// Messages that wait for a writer. One writes at a time; after an engine's end, the next engine's does.
pub(crate) type Messages = Arc<Mutex<mpsc::Receiver<Outgoing>>>;

/// Writes the messages of connection `connection` until the channel closes, then closes `to`, which tells the engine
/// to end. Messages for an engine that is gone are dropped: nobody waits for their answers.
pub(crate) async fn write_loop(
    messages: Messages,
    connection: u64,
    mut to: impl AsyncWrite + Unpin,
    session: std::sync::Weak<Session>,
) {
    let mut messages = messages.lock().await;
    while let Some(message) = messages.recv().await {
        if message.connection != connection {
            continue;
        }
        let written = match to.write_all(&message.bytes).await {
            Ok(()) => to.flush().await,
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            if let Some(session) = session.upgrade() {
                session.diagnostic(Diagnostic::new(
                    DiagnosticKind::Engine,
                    format!("writing to the engine failed: {error}"),
                ));
            }
            break;
        }
    }
}
