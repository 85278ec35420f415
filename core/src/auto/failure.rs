//! What a failure means for the run: whether the turn may be repeated, and how long the engine asks to wait.

use std::time::Duration;

use serde_json::Value;

use crate::error::Error;
use crate::error::words::Meaning;
pub(super) use crate::error::words::Repeat as Kind;

/// A turn that failed, or could not be started.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Failure {
    pub(super) kind: Kind,
    /// How long the engine asks to wait.
    pub(super) hint: Option<Duration>,
}

impl Failure {
    /// From the engine's turn error.
    pub(super) fn of_turn(error: &Value) -> Self {
        let meaning = Meaning::of_turn(error);
        Self {
            kind: meaning.repeat,
            hint: meaning.retry_after,
        }
    }

    /// From an error of a call, as of `turn/start`.
    pub(super) fn of_call(error: &Error) -> Self {
        Self {
            kind: if error.repeatable() {
                Kind::Retryable
            } else {
                Kind::Final
            },
            hint: error.retry_after(),
        }
    }
}
