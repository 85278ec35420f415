//! What a map is told, and its items.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::options::duration;
use crate::protocol::JsonObject;
use crate::telemetry::TraceContext;
use crate::thread::setup::Setup;

/// How many items run at a time unless it is said otherwise.
pub const DEFAULT_CONCURRENCY: usize = 4;

/// How a map works.
#[derive(Clone, Debug)]
pub struct MapOptions {
    /// How many items run at a time; at least 1.
    pub concurrency: usize,
    /// Whether the first failed item ends the map: what runs is interrupted, and nothing more begins.
    pub stop_on_error: bool,
    /// How long one item may take.
    pub item_timeout: Option<Duration>,
    /// The file that remembers what succeeded. A later map with the same items and options goes on from it.
    pub journal: Option<PathBuf>,
    /// How many items there are, if that is known; for the progress.
    pub total: Option<u64>,
    /// The parameters of `thread/start` for every item.
    pub thread: JsonObject,
    /// Further parameters of `turn/start` for every item.
    pub turn: JsonObject,
    /// What each thread has of its own: who answers its approvals, and the trace that it and its turn belong to.
    pub setup: Setup,
}

impl Default for MapOptions {
    fn default() -> Self {
        Self {
            concurrency: DEFAULT_CONCURRENCY,
            stop_on_error: false,
            item_timeout: None,
            journal: None,
            total: None,
            thread: JsonObject::new(),
            turn: JsonObject::new(),
            setup: Setup::default(),
        }
    }
}

/// The JSON form of [`MapOptions`]; every field may be missing or null.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Fields {
    concurrency: Value,
    stop_on_error: Value,
    item_timeout_s: Value,
    journal: Value,
    total: Value,
    thread: Option<Map<String, Value>>,
    turn: Option<Map<String, Value>>,
    trace_context: Value,
}

fn given<T: serde::de::DeserializeOwned>(name: &str, value: Value) -> Result<Option<T>> {
    serde_json::from_value(value).map_err(|error| Error::invalid_argument(name, error))
}

impl MapOptions {
    /// Options from their JSON form, in which the bindings hand them over.
    ///
    /// # Errors
    /// `invalid_argument` for unknown fields, wrong types and values that cannot be.
    pub fn from_json(text: &str) -> Result<Self> {
        let fields: Fields = serde_json::from_str(text)
            .map_err(|error| Error::invalid_argument("options", error))?;
        let seconds: Option<f64> = given("item_timeout", fields.item_timeout_s)?;
        let options = Self {
            concurrency: given("concurrency", fields.concurrency)?.unwrap_or(DEFAULT_CONCURRENCY),
            stop_on_error: given("stop_on_error", fields.stop_on_error)?.unwrap_or(false),
            item_timeout: seconds
                .map(|seconds| duration("item_timeout", seconds))
                .transpose()?,
            journal: given("journal", fields.journal)?,
            total: given("total", fields.total)?,
            thread: fields.thread.unwrap_or_default(),
            turn: fields.turn.unwrap_or_default(),
            setup: Setup::of_trace(TraceContext::given(&fields.trace_context)?),
        };
        options.check()?;
        Ok(options)
    }

    pub(super) fn check(&self) -> Result<()> {
        let refused = |name: &str, why: &str| Err(Error::invalid_argument(name, why));
        if self.concurrency == 0 {
            return refused("concurrency", "0 lets nothing happen; give at least 1");
        }
        if self.item_timeout.is_some_and(|timeout| timeout.is_zero()) {
            return refused(
                "item_timeout",
                "0 lets nothing happen; leave it out for no limit",
            );
        }
        match &self.journal {
            Some(path) if path.as_os_str().is_empty() => {
                refused("journal", "it is empty; name a file, or leave it out")
            }
            _ => Ok(()),
        }
    }
}

/// One item of a map: what a fresh thread is told, and where it works.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapItem {
    /// A name of the application's for it; it comes back with the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The protocol's user inputs.
    pub input: Vec<Value>,
    /// The thread's working directory, instead of the one for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
}

impl MapItem {
    /// An item that is a prompt.
    #[must_use]
    pub fn new(prompt: impl Into<String>) -> Self {
        Self {
            input: vec![crate::text(prompt)],
            ..Self::default()
        }
    }

    /// Works in this folder.
    #[must_use]
    pub fn cwd(mut self, cwd: impl Into<String>) -> Self {
        self.cwd = Some(cwd.into());
        self
    }

    /// Has this name.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// An item from its JSON form.
    ///
    /// # Errors
    /// `invalid_argument` for what is no item.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| Error::invalid_argument("items", error))
    }
}

impl From<&str> for MapItem {
    fn from(prompt: &str) -> Self {
        Self::new(prompt)
    }
}

impl From<String> for MapItem {
    fn from(prompt: String) -> Self {
        Self::new(prompt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for (json, argument) in [
            (r#"{"concurrency": 0}"#, "concurrency"),
            (r#"{"concurrency": -1}"#, "concurrency"),
            (r#"{"concurrency": 1.5}"#, "concurrency"),
            (r#"{"item_timeout_s": 0}"#, "item_timeout"),
            (r#"{"item_timeout_s": "1"}"#, "item_timeout"),
            (r#"{"journal": ""}"#, "journal"),
            (r#"{"journal": 3}"#, "journal"),
            (r#"{"stop_on_error": "yes"}"#, "stop_on_error"),
            (r#"{"total": -1}"#, "total"),
            (r#"{"parallel": 3}"#, "options"),
        ] {
            let error = MapOptions::from_json(json).expect_err(json);
            assert_eq!(error.argument(), Some(argument), "{json}: {error}");
        }
        let options = MapOptions::from_json("{}").expect("the defaults");
        assert_eq!(options.concurrency, DEFAULT_CONCURRENCY);
    }
}
