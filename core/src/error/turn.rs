//! A turn that did not end well, as one error: the only place where a result becomes one.

use std::sync::Arc;

use serde_json::Value;

use super::words::{Meaning, resets_at};
use super::{Error, ErrorKind, Result};
use crate::redact::redact;
use crate::thread::fold::TurnResult;

impl TurnResult {
    /// Why the turn gave no result: it failed, or it was ended by the answer `cancel` to a request for approval.
    /// `None` for one that was completed, and for one that was interrupted otherwise.
    #[must_use]
    pub fn error(&self) -> Option<Error> {
        match (self.status.as_str(), &self.denied) {
            ("failed", _) => Some(Error::of_turn(self)),
            ("interrupted", Some(_)) => Some(Error::denied(self)),
            _ => None,
        }
    }

    /// The result, or the error that stands for it.
    ///
    /// # Errors
    /// `turn_failed` and its relatives: `overloaded`, `rate_limited`, `usage_limit`, `context_window`,
    /// `authentication`, `approval_denied`. [`Error::turn`] has the result.
    pub fn into_result(self) -> Result<Self> {
        match self.error() {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }

    /// As [`TurnResult::error`], but a turn that was interrupted or ended with an unknown status is an error, too.
    #[must_use]
    pub fn unless_completed(&self) -> Option<Error> {
        if self.status == "completed" {
            return None;
        }
        let other = || {
            let message = format!("the turn ended as {}", self.status);
            Error::about(ErrorKind::TurnFailed, message, self)
        };
        Some(self.error().unwrap_or_else(other))
    }
}

impl Error {
    fn of_turn(result: &TurnResult) -> Self {
        let error: Value = (result.error.as_ref())
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        let meaning = Meaning::of_turn(&error);
        let said = error["message"].as_str().filter(|said| !said.is_empty());
        let message = said.unwrap_or("the turn failed and the engine gave no reason");
        let limits: Value = (result.rate_limits.as_ref())
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        let limited = matches!(meaning.kind, ErrorKind::RateLimited | ErrorKind::UsageLimit);
        let info = Some(&error["codexErrorInfo"]).filter(|info| !info.is_null());
        Self::about(meaning.kind, redact(message), result)
            .meaning(meaning)
            .with(|inner| {
                inner.codex_error_info = info.cloned();
                inner.resets_at = limited.then(|| resets_at(&limits)).flatten();
            })
    }

    fn denied(result: &TurnResult) -> Self {
        let asked = result.denied.as_deref().unwrap_or("approval");
        let asked = asked.replace('_', " ");
        let message =
            format!("the turn was ended because its request for approval ({asked}) was cancelled");
        Self::about(ErrorKind::ApprovalDenied, message, result)
    }

    fn about(kind: ErrorKind, message: impl Into<String>, result: &TurnResult) -> Self {
        Self::new(kind, message).with(|inner| inner.turn = Some(Arc::new(result.clone())))
    }
}
