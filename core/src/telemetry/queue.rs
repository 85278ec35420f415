//! A bounded queue of records for a language binding: whatever happens in the core goes in at once and never waits,
//! and one thread or event loop of the language takes batches out.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::clock;
use crate::telemetry::record::{Observer, Span, TelemetryEvent};
use crate::telemetry::recorder::lock;
use crate::thread::queue::Wake;

/// More records do not wait; the newest are dropped and counted.
const MOST_RECORDS: usize = 16_384;

/// Of all queues of the process.
static DROPPED: AtomicU64 = AtomicU64::new(0);

/// How many records were dropped so far.
pub(super) fn dropped() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

/// Records on their way to another language.
#[derive(Default)]
pub struct RecordQueue {
    state: Mutex<State>,
    ready: Condvar,
    on: AtomicBool,
    captures: AtomicBool,
}

#[derive(Default)]
struct State {
    records: VecDeque<Tagged>,
    /// How many went in so far.
    pushed: u64,
    wake: Option<Wake>,
    closed: bool,
}

#[derive(Serialize)]
struct Tagged {
    /// Whose it is: what the client's observer was made with.
    tag: u32,
    #[serde(flatten)]
    record: Record,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Record {
    Start(Span),
    End(Span),
    Event(TelemetryEvent),
}

impl RecordQueue {
    /// A queue that wants nothing yet.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Says whether records of all clients are wanted, and whether with their content.
    pub fn listen(&self, on: bool, captures_content: bool) {
        self.captures.store(captures_content, Ordering::Relaxed);
        self.on.store(on, Ordering::Relaxed);
    }

    /// What a client is given: it tells this queue, always if `own`, else while records are wanted.
    #[must_use]
    pub fn observer(self: &Arc<Self>, tag: u32, own: bool) -> Arc<dyn Observer> {
        Arc::new(Inlet {
            queue: self.clone(),
            tag,
            own,
        })
    }

    /// Calls `wake` whenever there is something to take after there was nothing.
    pub fn set_wake(&self, wake: Option<Wake>) {
        lock(&self.state).wake = wake;
    }

    /// How many records went in so far.
    #[must_use]
    pub fn pushed(&self) -> u64 {
        lock(&self.state).pushed
    }

    /// At most `most` records as JSON objects, oldest first.
    #[must_use]
    pub fn take(&self, most: usize) -> Vec<String> {
        let taken: Vec<Tagged> = {
            let mut state = lock(&self.state);
            let count = most.min(state.records.len());
            state.records.drain(..count).collect()
        };
        let json = |record: &Tagged| serde_json::to_string(record).unwrap_or_default();
        taken.iter().map(json).collect()
    }

    /// Waits on this thread until there is something to take; false when there is not within `timeout`.
    #[must_use]
    pub fn wait_blocking(&self, timeout: Duration) -> bool {
        let deadline = clock::deadline(timeout);
        let mut state = lock(&self.state);
        while state.records.is_empty() && !state.closed {
            let left = deadline.saturating_duration_since(clock::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.ready.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        !state.records.is_empty()
    }

    /// Nothing is taken in any more, and nobody waits.
    pub fn close(&self) {
        lock(&self.state).closed = true;
        self.ready.notify_all();
    }

    fn push(&self, tag: u32, record: Record) {
        let mut state = lock(&self.state);
        if state.closed || state.records.len() >= MOST_RECORDS {
            DROPPED.fetch_add(1, Ordering::Relaxed);
            return;
        }
        state.pushed += 1;
        state.records.push_back(Tagged { tag, record });
        if state.records.len() > 1 {
            return;
        }
        let wake = state.wake.clone();
        drop(state);
        self.ready.notify_all();
        if let Some(wake) = wake {
            wake();
        }
    }
}

/// One client's way into the queue.
struct Inlet {
    queue: Arc<RecordQueue>,
    tag: u32,
    own: bool,
}

impl Observer for Inlet {
    fn is_enabled(&self) -> bool {
        self.own || self.queue.on.load(Ordering::Relaxed)
    }

    fn captures_content(&self) -> bool {
        self.queue.captures.load(Ordering::Relaxed)
    }

    fn span_started(&self, span: &Span) {
        self.queue.push(self.tag, Record::Start(span.clone()));
    }

    fn span_ended(&self, span: &Span) {
        self.queue.push(self.tag, Record::End(span.clone()));
    }

    fn event(&self, event: &TelemetryEvent) {
        self.queue.push(self.tag, Record::Event(event.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> TelemetryEvent {
        TelemetryEvent {
            name: "codexkit.retry",
            span: None,
            time: 1,
            attributes: vec![("codexkit.events", 2_u64.into())],
            content: Vec::new(),
        }
    }

    #[test]
    fn records_are_json_and_one_wake_is_for_many() {
        let queue = RecordQueue::new();
        let wakes = Arc::new(AtomicU64::new(0));
        let counted = wakes.clone();
        queue.set_wake(Some(Arc::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        })));
        let observer = queue.observer(7, true);
        observer.event(&event());
        observer.event(&event());
        assert!(queue.wait_blocking(Duration::from_secs(5)));
        assert_eq!((wakes.load(Ordering::Relaxed), queue.pushed()), (1, 2));
        let taken = queue.take(10);
        assert_eq!(
            taken[0],
            r#"{"tag":7,"type":"event","name":"codexkit.retry","span":null,"time":1,"attributes":{"codexkit.events":2},"content":{}}"#
        );
        assert_eq!(taken.len(), 2);
    }

    #[test]
    fn what_is_too_much_is_counted_and_never_waited_for() {
        let queue = RecordQueue::new();
        let observer = queue.observer(0, true);
        let before = dropped();
        for _ in 0..MOST_RECORDS + 5 {
            observer.event(&event());
        }
        assert!(dropped() >= before + 5);
        assert_eq!(queue.take(usize::MAX).len(), MOST_RECORDS);
        queue.close();
        observer.event(&event());
        assert!(!queue.wait_blocking(Duration::from_secs(60)), "closed");
    }

    #[test]
    fn a_client_that_has_no_hook_tells_only_while_somebody_listens() {
        let queue = RecordQueue::new();
        let (of_all, own) = (queue.observer(0, false), queue.observer(1, true));
        assert!(!of_all.is_enabled() && own.is_enabled());
        queue.listen(true, true);
        assert!(of_all.is_enabled() && of_all.captures_content());
        queue.listen(false, false);
        assert!(!of_all.is_enabled() && own.is_enabled() && !own.captures_content());
    }
}
