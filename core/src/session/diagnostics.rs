//! What was not as it should be, kept in a bounded ring, so that nothing is survived silently.
//!
//! Excerpts are short: a diagnostic is a hint where to look, not a log of what was said.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Serialize;

use crate::redact::redact;
use crate::telemetry::Telemetry;
use crate::thread::queue::Wakeups;

/// What a diagnostic is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DiagnosticKind {
    /// A line with nothing in it.
    BlankLine,
    /// A line that is not JSON.
    MalformedLine,
    /// A line that is not UTF-8; its bad bytes were replaced.
    InvalidUtf8,
    /// A line longer than the limit; it was skipped.
    LineTooLong,
    /// JSON that is not a message of the protocol.
    UnexpectedMessage,
    /// An answer to a request that nobody waits for any more.
    LateResponse,
    /// A request of the engine that was answered with the fail-closed default.
    Declined,
    /// A handler of the application failed, answered nonsense or was too slow.
    Handler,
    /// A turn's end was missed and recovered.
    Recovered,
    /// Something about the engine's process.
    Engine,
    /// The connection to a remote engine was lost or made again.
    Connection,
}

/// One thing that was not as it should be.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Diagnostic {
    /// What it is about.
    pub kind: DiagnosticKind,
    /// What happened.
    pub message: String,
    /// The beginning of the line concerned, if one is.
    pub excerpt: String,
}

/// Longer excerpts are cut.
const EXCERPT_CHARS: usize = 200;
const LONGEST_SECRET: usize = 2048;

impl Diagnostic {
    pub(crate) fn new(kind: DiagnosticKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            excerpt: String::new(),
        }
    }

    pub(crate) fn line(kind: DiagnosticKind, message: impl Into<String>, line: &str) -> Self {
        Self {
            excerpt: excerpt(line),
            ..Self::new(kind, message)
        }
    }
}

/// The beginning of a line, without secrets.
fn excerpt(line: &str) -> String {
    // More than is kept: of a secret that is cut in two the first half would be told.
    let head: String = line.chars().take(EXCERPT_CHARS + LONGEST_SECRET).collect();
    redact(&head).chars().take(EXCERPT_CHARS).collect()
}

/// The newest diagnostics, and how many there were in all.
#[derive(Default)]
pub(crate) struct Ring {
    entries: VecDeque<Diagnostic>,
    total: u64,
    /// Who is told of each, once no lock is held.
    telemetry: Option<Arc<Telemetry>>,
    fresh: Vec<Diagnostic>,
}

impl Ring {
    const KEPT: usize = 256;

    pub(crate) fn told_to(telemetry: Arc<Telemetry>) -> Self {
        Self {
            telemetry: Some(telemetry),
            ..Self::default()
        }
    }

    /// What telling the newest ones takes.
    pub(crate) fn take_fresh(&mut self) -> Wakeups {
        let mut wakeups = Wakeups::default();
        let Some(telemetry) = self.telemetry.as_ref().filter(|_| !self.fresh.is_empty()) else {
            return wakeups;
        };
        let (telemetry, fresh) = (telemetry.clone(), std::mem::take(&mut self.fresh));
        wakeups.told.push(Box::new(move || {
            for diagnostic in &fresh {
                telemetry.diagnostic(diagnostic);
            }
        }));
        wakeups
    }

    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        tracing::debug!(kind = ?diagnostic.kind, message = %redact(&diagnostic.message), "diagnostic");
        self.total += 1;
        let telemetry = self.telemetry.as_ref();
        if telemetry.is_some_and(|telemetry| telemetry.is_on()) && self.fresh.len() < Self::KEPT {
            self.fresh.push(diagnostic.clone());
        }
        if self.entries.len() == Self::KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(diagnostic);
    }

    pub(crate) fn entries(&self) -> Vec<Diagnostic> {
        self.entries.iter().cloned().collect()
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }
}
