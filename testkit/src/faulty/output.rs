//! What the faulty engine writes: whole lines to stdout, in order, with the held-back ones.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// What kind of message a line is; a held-back one waits for the next of its kind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    Answer,
    Notification,
}

#[derive(Default)]
pub(super) struct Output {
    silent: AtomicBool,
    held: Mutex<Vec<(LineKind, String)>>,
}

impl Output {
    /// Writes a message, then the ones that waited for it.
    pub(super) fn message(&self, kind: LineKind, message: &str) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines = format!("{message}\n");
        held.retain(|(held_kind, message)| {
            let waits = *held_kind != kind;
            if !waits {
                lines.push_str(&format!("{message}\n"));
            }
            waits
        });
        // Still under the lock: lines of several threads must not overtake each other here.
        self.bytes(lines.as_bytes());
    }

    pub(super) fn hold(&self, kind: LineKind, message: String) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.push((kind, message));
    }

    pub(super) fn bytes(&self, bytes: &[u8]) {
        if self.silent.load(Ordering::Relaxed) {
            return;
        }
        let mut stdout = std::io::stdout().lock();
        // A client that is gone shows as the end of stdin; nothing else is to be done about it.
        let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
    }

    pub(super) fn silence(&self) {
        self.silent.store(true, Ordering::Relaxed);
    }

    /// Closes stdout for the reader of the pipe while this process goes on.
    #[cfg(unix)]
    pub(super) fn close() {
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.flush();
        if let Ok(null) = std::fs::File::options().write(true).open("/dev/null") {
            let _ = rustix::stdio::dup2_stdout(&null);
        }
    }

    #[cfg(not(unix))]
    pub(super) fn close() {}
}
