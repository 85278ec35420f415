//! The queue between the read loop and one reader: bounded, lossless for everything but what it says.
//!
//! The read loop pushes and never waits. A reader drains in batches and is woken once per transition
//! from empty to not empty. When a reader falls behind, adjacent deltas of one item are joined; beyond
//! the hard limit the stream ends with [`ErrorKind::Lagged`](crate::ErrorKind). Nothing else is dropped.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::clock;
use crate::error::{Error, Result};
use crate::thread::event::{Event, Joining, unshare};

/// When a queue starts to join deltas, and when it gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueLimits {
    /// Events waiting beyond which adjacent deltas are joined.
    pub soft_events: usize,
    /// Bytes waiting beyond which adjacent deltas are joined.
    pub soft_bytes: usize,
    /// Events waiting beyond which the stream ends as lagged.
    pub hard_events: usize,
    /// Bytes waiting beyond which the stream ends as lagged.
    pub hard_bytes: usize,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self {
            soft_events: 10_000,
            soft_bytes: 8 << 20,
            hard_events: 100_000,
            hard_bytes: 256 << 20,
        }
    }
}

/// Called when a stream has something to drain after it had nothing.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// What a stream has after a drain.
#[derive(Debug)]
pub enum StreamState {
    /// More may come.
    Open,
    /// Everything was handed over and nothing will come any more.
    Ended,
    /// Everything was handed over and the stream broke off.
    Failed(Error),
}

/// What a queue does with what nobody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Every event, within the limits: a turn's stream.
    All,
    /// Nothing: a turn of which only the result is wanted.
    Nothing,
    /// The newest events; older ones are counted and dropped: notifications nobody asked for.
    Newest,
}

/// A stream of events with one cursor, shared by its clones. Handed out by
/// [`Turn::events`](crate::Turn::events) and [`Codex::notifications`](crate::Codex::notifications).
#[derive(Clone)]
pub struct EventStream(Arc<Queue>);

struct Queue {
    state: Mutex<State>,
    ready: Condvar,
    limits: QueueLimits,
}

struct State {
    keep: Keep,
    /// In the pieces they came in: a batch is handed on whole, and nothing is moved when the queue grows.
    batches: VecDeque<VecDeque<Event>>,
    /// How many events are in the batches.
    count: usize,
    bytes: usize,
    joining: Option<Joining>,
    end: Option<Result<()>>,
    wake: Option<Wake>,
    wakers: Vec<Waker>,
    /// Threads that wait for `ready`; waking nobody costs a system call all the same.
    blocked: usize,
    dropped: u64,
    coalesced: u64,
    lagged: bool,
}

/// Makes something visible, and says who is to be woken for it.
pub(crate) type Reveal = Box<dyn FnOnce(&mut Wakeups) + Send>;

/// The readers to wake after a push, once no lock is held any more.
#[derive(Default)]
pub(crate) struct Wakeups {
    /// What observers are told, before anybody is woken: who sees an end finds it told.
    pub(crate) told: Vec<Box<dyn FnOnce() + Send>>,
    /// What may be seen only then.
    pub(crate) reveals: Vec<Reveal>,
    pub(crate) wakes: Vec<Wake>,
    pub(crate) wakers: Vec<Waker>,
    pub(crate) blocked: Vec<EventStream>,
    pub(crate) callbacks: Vec<Box<dyn FnOnce() + Send>>,
}

/// Has the task of `context` woken with the others, once however often it looks.
pub(crate) fn register(wakers: &mut Vec<Waker>, context: &Context<'_>) {
    if !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
        wakers.push(context.waker().clone());
    }
}

impl Wakeups {
    pub(crate) fn run(&mut self) {
        for tell in self.told.drain(..) {
            contained(tell);
        }
        for reveal in std::mem::take(&mut self.reveals) {
            reveal(self);
        }
        for waker in self.wakers.drain(..) {
            waker.wake();
        }
        for stream in self.blocked.drain(..) {
            stream.0.ready.notify_all();
        }
        for wake in self.wakes.drain(..) {
            contained(|| wake());
        }
        for callback in self.callbacks.drain(..) {
            contained(callback);
        }
    }
}

/// Calls what an application gave. Its panic is its own: it must not end the task that reads the engine's
/// output. The panic hook has told of it.
pub(crate) fn contained(call: impl FnOnce()) {
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(call));
}

/// A batch of fewer events is filled up before there is another.
const SMALL: usize = 64;

impl State {
    fn is_empty(&self) -> bool {
        self.count == 0 && self.joining.is_none()
    }

    fn has_something(&self) -> bool {
        !self.is_empty() || self.end.is_some() || self.lagged
    }

    fn held_bytes(&self) -> usize {
        self.bytes + self.joining.as_ref().map_or(0, Joining::bytes)
    }

    fn settle_joining(&mut self) {
        if let Some(joining) = self.joining.take() {
            self.append(joining.finish());
        }
    }

    fn append(&mut self, event: Event) {
        self.bytes += event.line().len();
        self.count += 1;
        match self.batches.back_mut() {
            Some(batch) if batch.len() < SMALL || batch.len() < batch.capacity() => {
                batch.push_back(event);
            }
            _ => self.batches.push_back(VecDeque::from([event])),
        }
    }

    fn pop(&mut self) -> Option<Event> {
        if self.count == 0 {
            self.settle_joining();
        }
        let batch = self.batches.front_mut()?;
        let event = batch.pop_front()?;
        if batch.is_empty() {
            self.batches.pop_front();
        }
        self.count -= 1;
        self.bytes -= event.line().len();
        Some(event)
    }

    /// Takes a batch whole, if the queue is so far from its limits that nothing has to be looked at.
    fn take_whole(&mut self, events: &mut Vec<Event>, limits: &QueueLimits) -> bool {
        let bytes: usize = events.iter().map(|event| event.line().len()).sum();
        let fits = self.count + events.len() <= limits.soft_events.min(limits.hard_events)
            && self.bytes + bytes <= limits.soft_bytes.min(limits.hard_bytes);
        if self.joining.is_some() || self.lagged || !fits || events.len() < SMALL {
            return false;
        }
        self.count += events.len();
        self.bytes += bytes;
        self.batches.push_back(std::mem::take(events).into());
        true
    }

    fn push_all(&mut self, events: &mut Vec<Event>, limits: &QueueLimits) {
        match self.keep {
            Keep::Nothing => {}
            Keep::All => {
                if !self.take_whole(events, limits) {
                    for event in events.drain(..) {
                        self.push_bounded(event, limits);
                    }
                }
            }
            Keep::Newest => {
                for event in &*events {
                    self.push_newest(event, limits);
                }
            }
        }
    }

    fn push_bounded(&mut self, event: Event, limits: &QueueLimits) {
        let (events, bytes) = (self.count, self.held_bytes());
        if self.lagged || events >= limits.hard_events || bytes >= limits.hard_bytes {
            self.lagged = true;
            self.dropped += u64::from(event.merged());
            return;
        }
        if let Some(joining) = &mut self.joining {
            if joining.accepts(&event) {
                joining.push(&event);
                self.coalesced += 1;
                return;
            }
            self.settle_joining();
        }
        let pressed = events >= limits.soft_events || bytes >= limits.soft_bytes;
        if pressed && event.is_delta() {
            self.joining = Some(Joining::new(&event));
        } else {
            self.append(event);
        }
    }

    fn push_newest(&mut self, event: &Event, limits: &QueueLimits) {
        self.append(event.detach());
        while self.count > limits.soft_events || (self.bytes > limits.soft_bytes && self.count > 1)
        {
            self.pop();
            self.dropped += 1;
        }
    }

    fn retain(&mut self, mut keep: impl FnMut(&Event) -> bool) {
        self.settle_joining();
        for batch in &mut self.batches {
            batch.retain(&mut keep);
        }
        self.batches.retain(|batch| !batch.is_empty());
        let left = self.batches.iter().flatten();
        (self.count, self.bytes) = left.fold((0, 0), |(count, bytes), event| {
            (count + 1, bytes + event.line().len())
        });
    }

    /// Moves the oldest batch into `out`.
    fn take_batch(&mut self, out: &mut VecDeque<Event>) {
        if self.count == 0 {
            self.settle_joining();
        }
        let Some(mut batch) = self.batches.pop_front() else {
            return;
        };
        self.count -= batch.len();
        // The whole queue is the batch nearly always.
        self.bytes -= match self.count {
            0 => self.bytes,
            _ => batch.iter().map(|event| event.line().len()).sum(),
        };
        if out.is_empty() {
            std::mem::swap(out, &mut batch);
        } else {
            out.append(&mut batch);
        }
    }

    fn finished_as(&self) -> StreamState {
        if !self.is_empty() {
            return StreamState::Open;
        }
        if self.lagged {
            return StreamState::Failed(Error::lagged(self.dropped));
        }
        match &self.end {
            None => StreamState::Open,
            Some(Ok(())) => StreamState::Ended,
            Some(Err(error)) => StreamState::Failed(error.clone()),
        }
    }
}

impl EventStream {
    pub(crate) fn new(keep: Keep, limits: QueueLimits) -> Self {
        let state = State {
            keep,
            batches: VecDeque::new(),
            count: 0,
            bytes: 0,
            joining: None,
            end: None,
            wake: None,
            wakers: Vec::new(),
            blocked: 0,
            dropped: 0,
            coalesced: 0,
            lagged: false,
        };
        Self(Arc::new(Queue {
            state: Mutex::new(state),
            ready: Condvar::new(),
            limits,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event; the readers to wake are left in `wakeups`.
    pub(crate) fn push(&self, event: Event, wakeups: &mut Wakeups) {
        self.push_all(&mut vec![event], wakeups);
    }

    /// Adds events under one lock; `events` is empty afterwards.
    pub(crate) fn push_all(&self, events: &mut Vec<Event>, wakeups: &mut Wakeups) {
        let keep = self.lock().keep;
        if keep == Keep::All {
            unshare(events); // copies, so not under the lock that readers want
        }
        let mut state = self.lock();
        if state.end.is_none() {
            let was_empty = state.is_empty();
            state.push_all(events, &self.0.limits);
            if was_empty && state.keep != Keep::Nothing {
                self.collect(&mut state, wakeups);
            }
        }
        drop(state);
        events.clear();
    }

    /// Ends the stream; what is queued can still be read.
    pub(crate) fn end(&self, how: Result<()>, wakeups: &mut Wakeups) {
        let mut state = self.lock();
        if state.end.is_none() {
            state.end = Some(how);
            self.collect(&mut state, wakeups);
        }
    }

    fn collect(&self, state: &mut State, wakeups: &mut Wakeups) {
        wakeups.wakes.extend(state.wake.clone());
        wakeups.wakers.append(&mut state.wakers);
        if state.blocked > 0 {
            wakeups.blocked.push(self.clone());
        }
    }

    /// Forgets the queued events that `keep` refuses.
    pub(crate) fn retain(&self, keep: impl FnMut(&Event) -> bool) {
        self.lock().retain(keep);
    }

    /// Whether nobody holds the stream besides the one who asks.
    pub(crate) fn is_abandoned(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    /// Stops keeping events, for a handle that nobody holds any more.
    pub(crate) fn discard(&self) {
        let mut state = self.lock();
        state.keep = Keep::Nothing;
        state.batches = VecDeque::new();
        state.count = 0;
        state.joining = None;
        state.bytes = 0;
    }

    /// Moves up to `max` events that are ready into `out` and says what the stream is then.
    ///
    /// It never blocks. `Ended` and `Failed` come only once everything before the end was handed over;
    /// `Open` after exactly `max` events means that more may be ready.
    pub fn drain(&self, out: &mut VecDeque<Event>, max: usize) -> StreamState {
        let mut state = self.lock();
        if state.count < max {
            state.settle_joining();
        }
        let mut left = max;
        while let Some(batch) = state.batches.front_mut()
            && left > 0
        {
            if batch.len() <= left {
                left -= batch.len();
                state.take_batch(out);
                continue;
            }
            let before = out.len();
            out.extend(batch.drain(..left));
            state.count -= left;
            let bytes: usize = out.range(before..).map(|event| event.line().len()).sum();
            state.bytes -= bytes;
            left = 0;
        }
        state.finished_as()
    }

    /// Moves the events that came together and are the oldest into `out`, however many they are, and says what the
    /// stream is then. The quickest way to read: nothing is copied when `out` is empty.
    ///
    /// It never blocks. `Open` without any event means that none is ready.
    pub fn drain_batch(&self, out: &mut VecDeque<Event>) -> StreamState {
        let mut state = self.lock();
        state.take_batch(out);
        state.finished_as()
    }

    /// Sets what is called when the stream goes from empty to not empty, and at its end.
    ///
    /// It is called at once if there is something already. It runs on the task that reads the engine's
    /// output: it must be quick and must not block.
    pub fn set_wake(&self, wake: Option<Wake>) {
        let mut state = self.lock();
        let old = std::mem::replace(&mut state.wake, wake.clone());
        let ready = state.has_something();
        drop(state);
        drop(old); // it may be anything; nothing of the application runs under a lock
        if let (true, Some(wake)) = (ready, wake) {
            wake();
        }
    }

    /// Waits on this thread until there is something to drain or the stream has ended; false on timeout.
    #[must_use]
    pub fn wait_blocking(&self, timeout: Duration) -> bool {
        let deadline = clock::deadline(timeout);
        let mut state = self.lock();
        while !state.has_something() {
            let left = deadline.saturating_duration_since(clock::now());
            if left.is_zero() {
                return false;
            }
            state.blocked += 1;
            state = self
                .0
                .ready
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            state.blocked -= 1;
        }
        true
    }

    /// The next event; `None` at the end, an error once if the stream broke off.
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    /// `lagged` when the reader fell too far behind, `closed` when the engine or client is gone.
    pub async fn next(&self) -> Option<Result<Event>> {
        poll_fn(|context| {
            let mut state = self.lock();
            if let Some(event) = state.pop() {
                return Poll::Ready(Some(Ok(event)));
            }
            match state.finished_as() {
                StreamState::Ended => Poll::Ready(None),
                StreamState::Failed(error) => {
                    // The error is told once, then the stream is simply over.
                    state.lagged = false;
                    state.end = Some(Ok(()));
                    Poll::Ready(Some(Err(error)))
                }
                StreamState::Open => {
                    register(&mut state.wakers, context);
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// How many of the engine's notifications this stream gave up.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// How many events wait for the reader.
    pub(crate) fn waiting(&self) -> usize {
        let state = self.lock();
        state.count + usize::from(state.joining.is_some())
    }

    /// How many deltas were joined to the one before them, their text kept.
    #[must_use]
    pub fn coalesced(&self) -> u64 {
        self.lock().coalesced
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
