//! Counters and distributions since the start of a client. They change where something ends, never with a delta.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::session::Stats;
use crate::telemetry::queue;
use crate::thread::usage::Tokens;

/// What a client has done since its start, and what it does now. Times are in seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Metrics {
    /// Turns that ended, by how: `completed`, `interrupted`, `failed`, `refused` (the engine did not start it), `lost`
    /// (the engine or connection went away), `abandoned` (the last handle was dropped), `other`.
    pub turns: BTreeMap<String, u64>,
    /// How long the turns took that began.
    pub turn_duration: Histogram,
    /// How long it took from the call to a turn's first event.
    pub time_to_first_event: Histogram,
    /// Tokens of the turns that ended.
    pub tokens: TokenCounts,
    /// Calls of the application's tools, by how they ended: `success`, `failure`, `invalid`, `timeout`, `cancelled`.
    pub tool_calls: BTreeMap<String, u64>,
    /// How long they took.
    pub tool_duration: Histogram,
    /// Questions of the engine to a person, by what was decided: `accept`, `acceptForSession`, `acceptWithRule`,
    /// `decline`, `cancel`, `answered`, `withdrawn`, `other`.
    pub approvals: BTreeMap<String, u64>,
    /// Requests to the engine, by what came of them: `ok`, or the kind of the error.
    pub requests: BTreeMap<String, u64>,
    /// Turns that an auto-run tried again.
    pub retries: u64,
    /// How often a supervised engine was started again.
    pub restarts: u64,
    /// Turns that are open now.
    pub open_turns: u64,
    /// Requests that wait for an answer now.
    pub pending_requests: u64,
    /// Events that wait in the queues of turns for their readers now.
    pub queue_depth: u64,
    /// Deltas joined to the one before, because a reader fell behind.
    pub coalesced_events: u64,
    /// Events given up in streams whose reader fell too far behind.
    pub lagged_events: u64,
    /// Notifications dropped from the ring, because nobody read them in time.
    pub dropped_notifications: u64,
    /// Diagnostics so far.
    pub diagnostics: u64,
    /// Records of telemetry dropped in this process, because they came faster than they were taken.
    pub dropped_records: u64,
}

/// Tokens, as the engine counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TokenCounts {
    /// What the model read, cached parts included.
    pub input: u64,
    /// What the model wrote, reasoning included.
    pub output: u64,
    /// How much of the input came from the provider's cache.
    pub cached_input: u64,
    /// How much of the output was reasoning.
    pub reasoning_output: u64,
}

/// A distribution of times in seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Histogram {
    /// How many there were.
    pub count: u64,
    /// All of them together.
    pub sum: f64,
    /// The upper bounds of the buckets but the last, which has none.
    pub bounds: Vec<f64>,
    /// How many were in each bucket: one more than there are bounds.
    pub counts: Vec<u64>,
}

/// The bounds that the semantic conventions advise for durations.
const BOUNDS: [f64; 14] = [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];

impl Default for Histogram {
    fn default() -> Self {
        Self {
            count: 0,
            sum: 0.0,
            bounds: BOUNDS.to_vec(),
            counts: vec![0; BOUNDS.len() + 1],
        }
    }
}

impl Metrics {
    /// Adds what the session counts anyway.
    pub(crate) fn complete(&mut self, stats: &Stats, queued: u64) {
        self.restarts = stats.restarts;
        self.open_turns = stats.open_turns;
        self.pending_requests = stats.pending_requests;
        self.queue_depth = queued;
        self.coalesced_events = stats.coalesced_deltas;
        self.lagged_events = stats.lagged_events;
        self.dropped_notifications = stats.dropped_notifications;
        self.diagnostics = stats.diagnostics;
        self.dropped_records = queue::dropped();
    }

    /// Tells the `metrics` facade what is now: it is not told with every event.
    pub(crate) fn tell_now(&self, agent: &str) {
        for (name, count) in [
            ("codexkit.queue.depth", self.queue_depth),
            ("codexkit.turns.open", self.open_turns),
            ("codexkit.requests.pending", self.pending_requests),
        ] {
            // Beyond any number that there can be, a gauge is not exact.
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            metrics::gauge!(name, "gen_ai.agent.name" => agent.to_owned()).set(count);
        }
    }
}

impl Histogram {
    fn record(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        self.count += 1;
        self.sum += seconds;
        self.counts[BOUNDS.partition_point(|bound| *bound < seconds)] += 1;
    }
}

/// Counts, and tells the `metrics` facade, which costs next to nothing where no recorder is installed.
#[derive(Debug, Default)]
pub(crate) struct Counters(Mutex<Metrics>);

impl Counters {
    fn with<T>(&self, act: impl FnOnce(&mut Metrics) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was counted so far; what is read elsewhere is 0.
    pub(crate) fn now(&self) -> Metrics {
        self.with(|metrics| metrics.clone())
    }

    pub(super) fn turn(&self, status: &'static str, took: Option<Duration>, used: Tokens) {
        self.with(|metrics| {
            add(&mut metrics.turns, status);
            if let Some(took) = took {
                metrics.turn_duration.record(took);
            }
            let tokens = &mut metrics.tokens;
            tokens.input += used.input_tokens;
            tokens.output += used.output_tokens;
            tokens.cached_input += used.cached_input_tokens;
            tokens.reasoning_output += used.reasoning_output_tokens;
        });
        metrics::counter!("codexkit.turns", "status" => status).increment(1);
        if let Some(took) = took {
            metrics::histogram!("codexkit.turn.duration").record(took);
        }
        for (kind, count) in [("input", used.input_tokens), ("output", used.output_tokens)] {
            metrics::counter!("gen_ai.client.token.usage", "gen_ai.token.type" => kind)
                .increment(count);
        }
    }

    pub(super) fn first_event(&self, after: Duration) {
        self.with(|metrics| metrics.time_to_first_event.record(after));
        metrics::histogram!("codexkit.turn.time_to_first_event").record(after);
    }

    pub(super) fn tool(&self, outcome: &'static str, took: Duration) {
        self.with(|metrics| {
            add(&mut metrics.tool_calls, outcome);
            metrics.tool_duration.record(took);
        });
        metrics::counter!("codexkit.tool.calls", "outcome" => outcome).increment(1);
        metrics::histogram!("codexkit.tool.duration").record(took);
    }

    pub(super) fn approval(&self, decision: &'static str) {
        self.with(|metrics| add(&mut metrics.approvals, decision));
        metrics::counter!("codexkit.approvals", "decision" => decision).increment(1);
    }

    pub(super) fn request(&self, outcome: &'static str) {
        self.with(|metrics| add(&mut metrics.requests, outcome));
        metrics::counter!("codexkit.requests", "outcome" => outcome).increment(1);
    }

    pub(super) fn retry(&self) {
        self.with(|metrics| metrics.retries += 1);
        metrics::counter!("codexkit.retries").increment(1);
    }

    /// What a reader that fell behind cost; the session counts it itself.
    pub(super) fn behind(coalesced: u64, lagged: u64) {
        metrics::counter!("codexkit.events.coalesced").increment(coalesced);
        metrics::counter!("codexkit.events.lagged").increment(lagged);
    }

    /// The session counts them itself.
    pub(super) fn restart() {
        metrics::counter!("codexkit.restarts").increment(1);
    }
}

fn add(counts: &mut BTreeMap<String, u64>, word: &str) {
    match counts.get_mut(word) {
        Some(count) => *count += 1,
        None => {
            counts.insert(word.to_owned(), 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_the_bucket_whose_bound_it_does_not_exceed() {
        let mut histogram = Histogram::default();
        for seconds in [0.0, 0.01, 0.011, 100.0] {
            histogram.record(Duration::from_secs_f64(seconds));
        }
        assert_eq!((histogram.count, histogram.counts.len()), (4, 15));
        assert_eq!(
            (
                histogram.counts[0],
                histogram.counts[1],
                histogram.counts[14]
            ),
            (2, 1, 1)
        );
    }

    #[test]
    fn counters_are_by_word_and_tokens_add_up() {
        let counters = Counters::default();
        let used = Tokens {
            input_tokens: 5,
            output_tokens: 3,
            cached_input_tokens: 2,
            reasoning_output_tokens: 1,
            total_tokens: 8,
        };
        counters.turn("completed", Some(Duration::from_millis(5)), used);
        counters.turn("completed", Some(Duration::from_millis(5)), used);
        counters.turn("refused", None, Tokens::default());
        let mut metrics = counters.now();
        let stats = Stats {
            restarts: 1,
            ..Stats::default()
        };
        metrics.complete(&stats, 0);
        assert_eq!(
            (metrics.turns["completed"], metrics.turns["refused"]),
            (2, 1)
        );
        assert_eq!((metrics.turn_duration.count, metrics.restarts), (2, 1));
        assert_eq!(
            (metrics.tokens.input, metrics.tokens.reasoning_output),
            (10, 2)
        );
    }
}
