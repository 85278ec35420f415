//! What the session and a turn's handles share: the queue, the fold, and whether the turn has ended.
//!
//! It is fed by the read loop and must never wait for a reader.

mod gap;

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use crate::clock;
use crate::error::{Error, Result};
use crate::telemetry::{Scope, TurnTrace};
use crate::thread::event::Event;
use crate::thread::fold::{self, Fold, TurnResult};
use crate::thread::queue::{EventStream, Keep, QueueLimits, Wakeups, register};
use crate::thread::setup::Setup;

/// Called once when a turn has ended.
pub(crate) type Finished = Box<dyn FnOnce() + Send>;

pub(crate) struct TurnState {
    thread_id: Arc<str>,
    id: OnceLock<Arc<str>>,
    pub(crate) stream: EventStream,
    /// What the turn and its thread have of their own, the nearest first.
    setups: Vec<Arc<Setup>>,
    /// Who is told what becomes of it.
    trace: Option<Arc<TurnTrace>>,
    seen: AtomicU64,
    /// Whether events are being held, so that deltas need no lock to find out.
    gap: AtomicBool,
    inner: Mutex<Inner>,
    ended: Condvar,
}

struct Inner {
    fold: Fold,
    /// What came before the turn's id was known; only what the fold may need.
    early: Vec<Event>,
    /// What came since the connection was re-established, until it is known what was missed before.
    held: Option<Vec<Event>>,
    outcome: Outcome,
    /// The turn has ended, and observers have not been told yet: until then nobody else sees it.
    untold: bool,
    callbacks: Vec<Finished>,
    wakers: Vec<Waker>,
    watch: Watch,
    /// Warnings that concern the turn without naming it, each with the number of events before it.
    notices: Vec<(u64, Event)>,
    /// How many events were queued so far; deltas do not count.
    queued: u64,
    /// What the thread had used before the turn, as the last turn's report said.
    used_before: Option<Event>,
    /// The account's limits as they were told last.
    limits: Option<Event>,
    /// The kind of request for approval that was answered with `cancel`.
    denied: Option<String>,
}

impl Inner {
    fn is_over(&self) -> bool {
        !self.untold && !matches!(self.outcome, Outcome::Running)
    }
}

/// More warnings of one turn are not kept.
const MOST_NOTICES: usize = 256;

enum Outcome {
    Running,
    Ended,
    Failed(Error),
}

/// When to ask the engine whether a silent turn has ended.
struct Watch {
    suspect_since: Option<Instant>,
    quiet_since: Instant,
    seen: u64,
    patience: Duration,
    checking: bool,
}

/// A thread that is idle while its turn is open for so long has ended the turn without saying so.
const SUSPECT_GRACE: Duration = Duration::from_secs(2);
/// A turn without any event for so long is asked after, first.
const FIRST_PATIENCE: Duration = Duration::from_secs(30);
const LONGEST_PATIENCE: Duration = Duration::from_secs(600);

impl TurnState {
    pub(crate) fn new(thread_id: &str, keep: Keep, limits: QueueLimits) -> Self {
        Self {
            thread_id: Arc::from(thread_id),
            id: OnceLock::new(),
            stream: EventStream::new(keep, limits),
            setups: Vec::new(),
            trace: None,
            seen: AtomicU64::new(0),
            gap: AtomicBool::new(false),
            inner: Mutex::new(Inner {
                fold: Fold::default(),
                early: Vec::new(),
                held: None,
                outcome: Outcome::Running,
                untold: false,
                callbacks: Vec::new(),
                wakers: Vec::new(),
                watch: Watch {
                    suspect_since: None,
                    quiet_since: clock::now(),
                    seen: 0,
                    patience: FIRST_PATIENCE,
                    checking: false,
                },
                notices: Vec::new(),
                queued: 0,
                used_before: None,
                limits: None,
                denied: None,
            }),
            ended: Condvar::new(),
        }
    }

    pub(crate) fn with_setups(mut self, setups: impl Into<Vec<Arc<Setup>>>) -> Self {
        self.setups = setups.into();
        self
    }

    pub(crate) fn with_trace(mut self, trace: Arc<TurnTrace>) -> Self {
        self.trace = Some(trace);
        self
    }

    /// Its span, if there is one.
    pub(crate) fn span(&self) -> Option<u64> {
        self.trace.as_ref().and_then(|trace| trace.id())
    }

    /// Where requests about it belong.
    pub(crate) fn scope(&self) -> Scope {
        let trace = self.trace.as_ref();
        trace.map(|trace| trace.scope()).unwrap_or_default()
    }

    pub(crate) fn setups(&self) -> &[Arc<Setup>] {
        &self.setups
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn thread_id(&self) -> &str {
        &self.thread_id
    }

    /// The turn's id; empty until `turn/start` was answered.
    pub(crate) fn id(&self) -> &str {
        self.id.get().map_or("", |id| id)
    }

    /// Takes in events, in order; `events` is empty afterwards. What follows the turn's end is dropped.
    pub(crate) fn events(self: &Arc<Self>, events: &mut Vec<Event>, wakeups: &mut Wakeups) {
        self.seen.fetch_add(events.len() as u64, Ordering::Relaxed);
        let open = self.gap.load(Ordering::SeqCst);
        if !open && events.iter().all(Event::is_delta) {
            self.stream.push_all(events, wakeups);
            return;
        }
        let mut inner = self.lock();
        if !matches!(inner.outcome, Outcome::Running) {
            events.clear(); // told once: neither a second end nor a late one changes the outcome
            return;
        }
        if !self.hold(&mut inner, events) {
            self.take(inner, events, wakeups);
        }
    }

    /// Takes in events of a turn that runs.
    fn take(
        self: &Arc<Self>,
        mut inner: MutexGuard<'_, Inner>,
        events: &mut Vec<Event>,
        wakeups: &mut Wakeups,
    ) {
        let bound = self.id.get().is_some();
        let mut end = None;
        for (at, event) in events.iter().enumerate() {
            if event.is_delta() {
                continue;
            }
            if !bound {
                if Fold::wants(event) || self.is_traced(event) {
                    inner.early.push(event.detach());
                }
                continue;
            }
            self.observe(event, wakeups);
            if inner.fold.observe(event) {
                end = Some(at);
                break;
            }
        }
        events.truncate(end.map_or(events.len(), |at| at + 1));
        inner.queued += count(events.iter());
        let last = end.and_then(|_| events.pop());
        self.stream.push_all(events, wakeups);
        if end.is_some() {
            self.finish(inner, Outcome::Ended, last, wakeups);
        }
    }

    /// The turn's id is known: what came early for other turns is forgotten. True when its end came early.
    pub(crate) fn bind(self: &Arc<Self>, turn_id: &str, wakeups: &mut Wakeups) -> bool {
        let mut inner = self.lock();
        if self.id.set(Arc::from(turn_id)).is_err() {
            return false;
        }
        let mut queued = 0;
        self.stream.retain(|event| {
            let own = event.turn_id() == Some(turn_id);
            queued += u64::from(own && !event.is_delta());
            own
        });
        inner.queued = queued;
        for (before, _) in &mut inner.notices {
            *before = queued.min(*before);
        }
        let early = std::mem::take(&mut inner.early);
        let mut ended = false;
        for event in early
            .iter()
            .filter(|event| event.turn_id() == Some(turn_id))
        {
            self.observe(event, wakeups);
            ended |= inner.fold.observe(event);
        }
        if ended {
            self.finish(inner, Outcome::Ended, None, wakeups);
        }
        ended
    }

    fn is_traced(&self, event: &Event) -> bool {
        let trace = self.trace.as_ref();
        trace.is_some_and(|trace| trace.wants(event))
    }

    /// What is told of an event of the turn that is no delta.
    fn observe(&self, event: &Event, wakeups: &mut Wakeups) {
        let Some(trace) = &self.trace else {
            return;
        };
        if trace.is_first() {
            let (trace, now) = (trace.clone(), clock::now());
            wakeups.told.push(Box::new(move || trace.first_event(now)));
        }
        if trace.wants(event) {
            let (trace, event) = (trace.clone(), event.clone());
            wakeups.told.push(Box::new(move || trace.item(&event)));
        }
    }

    /// What is told of its end; true if there is anything.
    fn tell_end(&self, inner: &Inner, wakeups: &mut Wakeups) -> bool {
        let Some(trace) = &self.trace else {
            return false;
        };
        let mut ending = inner.fold.ending();
        ending.used_before.clone_from(&inner.used_before);
        if let Outcome::Failed(error) = &inner.outcome {
            ending.error = Some(error.clone());
        } else if trace.captures() {
            let result = inner.fold.result(self.id(), &self.thread_id);
            ending.answer = result.and_then(|result| result.final_response);
        }
        let (trace, turn_id) = (trace.clone(), self.id().to_owned());
        wakeups
            .told
            .push(Box::new(move || trace.end(&turn_id, &ending)));
        true
    }

    /// Takes in the thread's last report of usage before the turn.
    pub(crate) fn used_before(&self, report: &Event) {
        self.lock().used_before = Some(report.detach());
    }

    /// The thread's last report of usage before the turn, if this client has seen one.
    pub(crate) fn usage_before(&self) -> Option<Event> {
        self.lock().used_before.clone()
    }

    /// Takes in the account's limits.
    pub(crate) fn limits(&self, report: &Event) {
        self.lock().limits = Some(report.detach());
    }

    /// A request of the turn for approval is answered with `cancel`.
    pub(crate) fn deny(&self, kind: &str) {
        self.lock().denied = Some(kind.to_owned());
    }

    /// Takes in a warning that concerns the turn without naming it.
    pub(crate) fn notice(&self, event: &Event) {
        let mut inner = self.lock();
        if inner.notices.len() < MOST_NOTICES {
            let before = inner.queued;
            inner.notices.push((before, event.detach()));
        }
    }

    /// The warnings from the `from`-th on that came before more than `folded` events were queued.
    pub(crate) fn notices(&self, from: usize, folded: u64) -> Vec<Event> {
        let inner = self.lock();
        let due = inner.notices.iter().skip(from);
        due.take_while(|(before, _)| *before <= folded)
            .map(|(_, event)| event.clone())
            .collect()
    }

    /// The turn cannot go on: the engine or client is gone.
    pub(crate) fn fail(self: &Arc<Self>, error: &Error, wakeups: &mut Wakeups) {
        let inner = self.lock();
        if matches!(inner.outcome, Outcome::Running) {
            self.finish(inner, Outcome::Failed(error.clone()), None, wakeups);
        }
    }

    /// The turn has ended, with `last` as its last event. Observers are told first: who has the result finds its span
    /// told and its figures counted.
    fn finish(
        self: &Arc<Self>,
        mut inner: MutexGuard<'_, Inner>,
        outcome: Outcome,
        last: Option<Event>,
        wakeups: &mut Wakeups,
    ) {
        inner.outcome = outcome;
        if !self.tell_end(&inner, wakeups) {
            return self.reveal(inner, last, wakeups);
        }
        inner.untold = true;
        let turn = self.clone();
        let reveal = move |wakeups: &mut Wakeups| turn.reveal(turn.lock(), last, wakeups);
        wakeups.reveals.push(Box::new(reveal));
    }

    /// Lets everybody see that the turn has ended.
    fn reveal(&self, mut inner: MutexGuard<'_, Inner>, last: Option<Event>, wakeups: &mut Wakeups) {
        inner.untold = false;
        let how = match &inner.outcome {
            Outcome::Failed(error) => Err(error.clone()),
            Outcome::Running | Outcome::Ended => Ok(()),
        };
        wakeups.callbacks.append(&mut inner.callbacks);
        wakeups.wakers.append(&mut inner.wakers);
        drop(inner);
        self.ended.notify_all();
        if let Some(last) = last {
            self.stream.push(last, wakeups);
        }
        self.stream.end(how, wakeups);
    }

    /// How the turn must have ended, where the engine says no more than that it has.
    pub(crate) fn likely_status(&self, thread_status: &str) -> &'static str {
        match thread_status {
            "systemError" => "failed",
            _ if self.lock().fold.has_answer() => "completed",
            _ => "interrupted",
        }
    }

    /// Whether the engine has not ended the turn yet, as far as it has said so.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.lock().outcome, Outcome::Running)
    }

    /// Whether the turn has a result that everybody sees.
    pub(crate) fn is_over(&self) -> bool {
        self.lock().is_over()
    }

    /// The result, if the turn has ended.
    pub(crate) fn try_result(&self) -> Option<Result<TurnResult>> {
        self.outcome_of(&self.lock())
    }

    fn outcome_of(&self, inner: &Inner) -> Option<Result<TurnResult>> {
        match &inner.outcome {
            _ if inner.untold => None,
            Outcome::Running => None,
            Outcome::Failed(error) => Some(Err(error.clone())),
            Outcome::Ended => self.result_of(inner).map(Ok),
        }
    }

    fn result_of(&self, inner: &Inner) -> Option<TurnResult> {
        let mut result = inner.fold.result(self.id(), &self.thread_id)?;
        match result.status.as_str() {
            "failed" => result.rate_limits = inner.limits.as_ref().and_then(fold::rate_limits),
            "interrupted" => result.denied.clone_from(&inner.denied),
            _ => {}
        }
        Some(result)
    }

    pub(crate) fn wait_blocking(&self, timeout: Duration) -> Option<Result<TurnResult>> {
        let deadline = clock::deadline(timeout);
        let mut inner = self.lock();
        while !inner.is_over() {
            let left = deadline.saturating_duration_since(clock::now());
            if left.is_zero() {
                return None;
            }
            inner = self
                .ended
                .wait_timeout(inner, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        self.outcome_of(&inner)
    }

    /// Waits for the end without taking the result apart.
    pub(crate) async fn ended(&self) {
        poll_fn(|context| {
            let mut inner = self.lock();
            if inner.is_over() {
                return Poll::Ready(());
            }
            register(&mut inner.wakers, context);
            Poll::Pending
        })
        .await;
    }

    /// Calls `f` once at the end, at once if that has been.
    pub(crate) fn on_finished(&self, f: Finished) {
        let mut inner = self.lock();
        if inner.is_over() {
            drop(inner);
            f();
        } else {
            inner.callbacks.push(f);
        }
    }

    /// The id of the last item that was completed.
    pub(crate) fn last_item(&self) -> Option<String> {
        let inner = self.lock();
        let last = inner.fold.items().last();
        last.and_then(Event::item_id).map(str::to_owned)
    }

    /// The thread says that nothing runs on it any more.
    pub(crate) fn suspect(&self) {
        let mut inner = self.lock();
        inner.watch.suspect_since.get_or_insert_with(clock::now);
    }

    /// Whether it is time to ask the engine what became of the turn. The caller then asks, and says so
    /// with [`TurnState::checked`].
    pub(crate) fn should_check(&self) -> bool {
        let now = clock::now();
        let mut inner = self.lock();
        if self.id.get().is_none() || !matches!(inner.outcome, Outcome::Running) {
            return false;
        }
        let seen = self.seen.load(Ordering::Relaxed);
        let watch = &mut inner.watch;
        if seen != watch.seen {
            watch.seen = seen;
            watch.quiet_since = now;
            watch.patience = FIRST_PATIENCE;
        }
        let suspect = watch
            .suspect_since
            .is_some_and(|since| now - since >= SUSPECT_GRACE);
        let quiet = now - watch.quiet_since >= watch.patience;
        let check = (suspect || quiet) && !watch.checking;
        watch.checking |= check;
        check
    }

    /// The engine was asked and said that the turn is still running.
    pub(crate) fn checked(&self) {
        let mut inner = self.lock();
        let watch = &mut inner.watch;
        watch.checking = false;
        watch.suspect_since = None;
        watch.quiet_since = clock::now();
        watch.patience = (watch.patience * 2).min(LONGEST_PATIENCE);
    }
}

impl std::fmt::Debug for TurnState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TurnState({:?})", self.id())
    }
}

fn count<'event>(events: impl Iterator<Item = &'event Event>) -> u64 {
    events.filter(|event| !event.is_delta()).count() as u64
}
