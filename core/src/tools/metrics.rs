//! How a tool does: counted where its calls run.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::clock;

/// The calls of one tool since it was registered.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolMetrics {
    /// Calls that came, those with wrong arguments among them.
    pub calls: u64,
    /// Calls that gave a result.
    pub successes: u64,
    /// Calls that failed, for whatever reason.
    pub failures: u64,
    /// Of the failures: the arguments did not follow the schema, so that the function was not called.
    pub invalid: u64,
    /// Of the failures: the time was over.
    pub timeouts: u64,
    /// Of the failures: the turn ended, or the client was closed.
    pub cancelled: u64,
    /// Calls that run now.
    pub running: u64,
    /// Calls that wait for their place now.
    pub waiting: u64,
    /// How long the last call that ran took, in milliseconds.
    pub last_latency_ms: f64,
    /// How long the slowest took.
    pub max_latency_ms: f64,
    /// How long all took together.
    pub total_latency_ms: f64,
    /// What the last failure said, with what looks like a secret left out.
    pub last_error: Option<String>,
}

/// How a call ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Success,
    Failure,
    Invalid,
    Timeout,
    Cancelled,
}

impl End {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Invalid => "invalid",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Counts.
#[derive(Debug, Default)]
pub(super) struct Meter(Mutex<ToolMetrics>);

impl Meter {
    pub(super) fn now(&self) -> ToolMetrics {
        self.with(|metrics| metrics.clone())
    }

    fn with<T>(&self, act: impl FnOnce(&mut ToolMetrics) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Counts one call. One that is given up counts as cancelled.
pub(super) struct Count {
    meter: Arc<Meter>,
    begun: Option<Instant>,
    over: bool,
}

impl Count {
    /// A call came.
    pub(super) fn new(meter: Arc<Meter>) -> Self {
        meter.with(|metrics| {
            metrics.calls += 1;
            metrics.waiting += 1;
        });
        Self {
            meter,
            begun: None,
            over: false,
        }
    }

    /// It has its place.
    pub(super) fn begin(&mut self) {
        self.begun = Some(clock::now());
        self.meter.with(|metrics| {
            metrics.waiting -= 1;
            metrics.running += 1;
        });
    }

    /// It is over. Gives how long it ran.
    pub(super) fn end(&mut self, end: End, error: Option<String>) -> Duration {
        self.over = true;
        let took = self.begun.map(|begun| clock::now().duration_since(begun));
        self.meter.with(|metrics| {
            match took {
                Some(took) => metrics.ran(took),
                None => metrics.waiting -= 1,
            }
            metrics.ended(end, error);
        });
        took.unwrap_or_default()
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        if !self.over {
            self.end(End::Cancelled, Some("the call was given up".to_owned()));
        }
    }
}

impl ToolMetrics {
    fn ran(&mut self, took: Duration) {
        let took = took.as_secs_f64() * 1e3;
        self.running -= 1;
        self.last_latency_ms = took;
        self.max_latency_ms = self.max_latency_ms.max(took);
        self.total_latency_ms += took;
    }

    fn ended(&mut self, end: End, error: Option<String>) {
        match end {
            End::Success => {
                self.successes += 1;
                return;
            }
            End::Failure => {}
            End::Invalid => self.invalid += 1,
            End::Timeout => self.timeouts += 1,
            End::Cancelled => self.cancelled += 1,
        }
        self.failures += 1;
        self.last_error = error;
    }
}
