//! What can go wrong in the test kit, as one typed error.
//!
//! A wrong script or plan is the user's to mend, so the error says where it is wrong
//! (`rules[0].replies[1].items[0].deltas`) and what was expected there.

use std::time::Duration;

/// An error of the test kit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A script (or a plan) is not JSON at all.
    #[error("the {what} is not valid JSON: {source}")]
    Json {
        /// `"script"` or `"plan"`.
        what: &'static str,
        /// Where the JSON text is broken.
        source: serde_json::Error,
    },
    /// A key of a script or plan is unknown, missing or has a wrong value.
    #[error("{what}: {path}: {message}")]
    Format {
        /// `"script"` or `"plan"`.
        what: &'static str,
        /// The bad key, written from the root: `rules[0].replies[1].items[0].deltas`.
        path: String,
        /// What is wrong with it and what is allowed.
        message: String,
    },
    /// Fewer requests than asked for came in time.
    #[error("{got} of {wanted} requests came within {timeout:?}")]
    Timeout {
        /// How many requests were waited for.
        wanted: usize,
        /// How many had come.
        got: usize,
        /// How long the wait was.
        timeout: Duration,
    },
    /// A socket, file or pipe failed.
    #[error("{context}: {source}")]
    Io {
        /// What was being done.
        context: String,
        /// The failure.
        source: std::io::Error,
    },
}

impl Error {
    /// The bad key of a script or plan, written from the root, for [`Error::Format`].
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Format { path, .. } => Some(path),
            _ => None,
        }
    }

    pub(crate) fn io(context: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io {
            context: context.into(),
            source,
        }
    }
}

/// The result of everything in the test kit.
pub type Result<T, E = Error> = std::result::Result<T, E>;
