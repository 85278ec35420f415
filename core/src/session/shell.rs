//! The sink of the router: waiters, turns and counters, and the effects to carry out once the lock is free.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use crate::error::{Error, ErrorKind, Result};
use crate::protocol::generated::methods::id;
use crate::protocol::lenient;
use crate::session::Stats;
use crate::session::asks::Items;
use crate::session::diagnostics::{Diagnostic, Ring};
use crate::session::family::Family;
use crate::session::hash::IdHasher;
use crate::session::router::{IncomingRequest, Sink, Subscriber};
use crate::telemetry::{Scope, Telemetry};
use crate::thread::event::Event;
use crate::thread::queue::{EventStream, Wakeups};
use crate::thread::state::TurnState;
use crate::tools::Running;

pub(super) struct Shell {
    pub(super) waiters: HashMap<u64, oneshot::Sender<Result<Box<RawValue>>>>,
    pub(super) turns: HashMap<Subscriber, Reader, IdHasher>,
    /// Readers that have something staged.
    touched: Vec<Subscriber>,
    /// Empty buffers of earlier batches, where a batch was too small to be handed on in its own.
    spare: Vec<Vec<Event>>,
    pub(super) closed: Option<Error>,
    pub(super) diagnostics: Ring,
    pub(super) stats: Stats,
    /// Turns whose last event came before the answer that named them.
    pub(super) ended_early: Vec<String>,
    pub(super) watching: bool,
    /// The ids of requests of the engine that have their answer.
    pub(super) resolved: Vec<String>,
    /// The session is being picked up on a new connection: what the engine tells every new one is not told
    /// again.
    pub(super) restoring: bool,
    notifications: EventStream,
    /// Readers of their own besides the ring; gone when nobody else holds them.
    pub(super) listeners: Vec<Listener>,
    pub(super) family: Family,
    notices: Notices,
    /// The account's limits as they were told last.
    limits: Option<Event>,
    pub(super) items: Items,
    /// Calls of tools that have not ended.
    pub(super) calls: Running,
    /// The newest report of each thread's usage, by which the next turn's own is told.
    usage: HashMap<String, Event>,
    /// Where requests about turns belong that are watched without being read, by the turns' ids.
    pub(super) watched: HashMap<String, Scope>,
    effects: Effects,
}

/// A reader of what no turn claims.
pub(super) struct Listener {
    pub(super) stream: EventStream,
    /// The thread that it is about, with those of its sub-agents.
    pub(super) of: Option<String>,
}

/// Warnings that name no turn, for the simple view of the turns that they concern.
#[derive(Default)]
struct Notices {
    /// Of the configuration: they concern every turn, as `codex exec` tells them in every process.
    general: Vec<Event>,
    /// Of a thread on which no turn runs yet.
    of_threads: VecDeque<Event>,
}

/// More of each kind are not kept.
const MOST_NOTICES: usize = 64;

/// Of more threads the usage is not remembered.
const MOST_USAGES: usize = 4096;

/// A turn that is read, and its events of this batch: they are handed over together, under one lock and
/// with one wake-up.
pub(super) struct Reader {
    pub(super) turn: Arc<TurnState>,
    staged: Vec<Event>,
}

impl Reader {
    fn new(turn: Arc<TurnState>) -> Self {
        Self {
            turn,
            staged: Vec::new(),
        }
    }
}

/// What the engine tells every new connection, and every one that resumes a thread.
const REPEATED: [&str; 4] = [
    "configWarning",
    "deprecationNotice",
    "remoteControl/status/changed",
    "thread/tokenUsage/updated",
];

/// The id of the engine's request that has its answer, as it stood in the request.
fn request_id(event: &Event) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Params {
        request_id: Box<RawValue>,
    }
    lenient::from_str::<Params>(event.params())
        .ok()
        .map(|params| params.request_id.get().to_owned())
}

/// Buffers kept for later batches.
const SPARE_BUFFERS: usize = 64;

/// What to do once the session's lock is released.
#[derive(Default)]
pub(super) struct Effects {
    pub(super) wakeups: Wakeups,
    pub(super) requests: Vec<IncomingRequest>,
    pub(super) orphans: Vec<(String, String)>,
    /// Sub-agents of which more is to be read.
    pub(super) agents: Vec<String>,
    pub(super) watch: bool,
}

impl Shell {
    pub(super) fn new(notifications: EventStream, telemetry: Arc<Telemetry>) -> Self {
        Self {
            waiters: HashMap::new(),
            turns: HashMap::default(),
            touched: Vec::new(),
            spare: Vec::new(),
            closed: None,
            diagnostics: Ring::told_to(telemetry),
            stats: Stats::default(),
            ended_early: Vec::new(),
            watching: false,
            resolved: Vec::new(),
            restoring: false,
            notifications,
            listeners: Vec::new(),
            family: Family::default(),
            notices: Notices::default(),
            items: Items::default(),
            calls: Running::default(),
            usage: HashMap::new(),
            limits: None,
            watched: HashMap::new(),
            effects: Effects::default(),
        }
    }

    /// Registers the reader of a turn that is about to start.
    pub(super) fn insert(&mut self, reader: Subscriber, turn: &Arc<TurnState>) {
        if let Some(report) = self.usage.get(turn.thread_id()) {
            turn.used_before(report);
        }
        if let Some(report) = &self.limits {
            turn.limits(report);
        }
        for notice in &self.notices.general {
            turn.notice(notice);
        }
        self.notices.of_threads.retain(|notice| {
            let concerned = notice.thread_id() == Some(turn.thread_id());
            if concerned {
                turn.notice(notice);
            }
            !concerned
        });
        self.turns.insert(reader, Reader::new(turn.clone()));
    }

    fn remember_usage(&mut self, event: &Event) {
        let Some(thread_id) = event.thread_id() else {
            return;
        };
        if self.usage.len() >= MOST_USAGES && !self.usage.contains_key(thread_id) {
            self.usage.clear();
        }
        self.usage.insert(thread_id.to_owned(), event.detach());
    }

    /// Tells the account's limits to the turns that run, and keeps them for those to come. The report is sparse: one
    /// without any window clears nothing.
    fn remember_limits(&mut self, event: &Event) {
        if !event.params().contains("\"usedPercent\"") {
            return;
        }
        for Reader { turn, .. } in self.turns.values() {
            turn.limits(event);
        }
        self.limits = Some(event.detach());
    }

    /// Tells a warning to the turns that it concerns, or keeps it for those to come.
    fn notice(&mut self, event: &Event) {
        let thread = match event.method() {
            "configWarning" | "deprecationNotice" => None,
            "warning" | "guardianWarning" => event.thread_id(),
            _ => return,
        };
        let of = |turn: &TurnState| thread.is_none_or(|id| id == turn.thread_id());
        let concerned: Vec<Subscriber> = self
            .turns
            .iter()
            .filter(|(_, reader)| of(&reader.turn) && reader.turn.is_running())
            .map(|(reader, _)| *reader)
            .collect();
        for reader in &concerned {
            self.flush(*reader); // what came before stands before
            if let Some(reader) = self.turns.get(reader) {
                reader.turn.notice(event);
            }
        }
        if thread.is_none() {
            let general = &mut self.notices.general;
            let known = general.iter().any(|other| other.line() == event.line());
            if !known && general.len() < MOST_NOTICES {
                general.push(event.detach());
            }
        } else if concerned.is_empty() {
            self.notices.of_threads.push_back(event.detach());
            if self.notices.of_threads.len() > MOST_NOTICES {
                self.notices.of_threads.pop_front();
            }
        }
    }

    /// Hands over what is staged, and gives what is to be done without the lock.
    pub(super) fn take_effects(&mut self) -> Effects {
        for reader in std::mem::take(&mut self.touched) {
            self.flush(reader);
        }
        let mut effects = std::mem::take(&mut self.effects);
        let mut fresh = self.diagnostics.take_fresh();
        effects.wakeups.told.append(&mut fresh.told);
        effects
    }

    fn flush(&mut self, reader: Subscriber) {
        let Some(Reader { turn, staged }) = self.turns.get_mut(&reader) else {
            return;
        };
        turn.events(staged, &mut self.effects.wakeups);
        let buffer = std::mem::take(staged);
        if buffer.capacity() > 0 && self.spare.len() < SPARE_BUFFERS {
            self.spare.push(buffer);
        }
    }

    pub(super) fn fail(&mut self, error: &Error) {
        if self.closed.is_some() {
            return;
        }
        self.closed = Some(error.clone());
        self.fail_waiters(error);
        self.calls.close();
        for Reader { turn, .. } in self.turns.values() {
            turn.fail(error, &mut self.effects.wakeups);
        }
        let listening = self.listeners.iter().map(|listener| &listener.stream);
        for stream in listening.chain([&self.notifications]) {
            stream.end(Err(error.clone()), &mut self.effects.wakeups);
        }
    }

    /// Gives everybody who waits for an answer an error instead.
    pub(super) fn fail_waiters(&mut self, error: &Error) {
        for (_, waiter) in self.waiters.drain() {
            let _ = waiter.send(Err(error.clone()));
        }
    }

    /// What everybody's events say to the session itself.
    fn observe(&mut self, event: &Event) {
        self.items.observe(event);
        self.effects.agents.extend(self.family.observe(event));
        if event.method_id() == id::TURN_COMPLETED
            && !self.calls.is_empty()
            && let Some(turn) = event.turn_id()
        {
            self.calls.turn_ended(turn);
        }
    }

    /// Tells an event to those who read what no turn claims.
    pub(super) fn tell(&mut self, event: &Event) {
        self.listeners
            .retain(|listener| !listener.stream.is_abandoned());
        let family = &self.family;
        let concerns = |listener: &&Listener| match (&listener.of, event.thread_id()) {
            (None, _) => true,
            (Some(top), Some(thread_id)) => family.is_within(thread_id, top),
            (Some(_), None) => false,
        };
        let listening = self.listeners.iter().filter(concerns);
        for stream in listening
            .map(|listener| &listener.stream)
            .chain([&self.notifications])
        {
            stream.push(event.clone(), &mut self.effects.wakeups);
        }
    }

    /// Keeps the counters of a turn that goes away.
    pub(super) fn account(&mut self, turn: &TurnState) {
        self.stats.coalesced_deltas += turn.stream.coalesced();
        self.stats.lagged_events += turn.stream.dropped();
    }

    /// How many events wait for the readers of turns.
    pub(super) fn queued(&self) -> u64 {
        let readers = self.turns.values();
        readers
            .map(|reader| reader.turn.stream.waiting() as u64)
            .sum()
    }

    /// The turns that have not ended, one for each of their readers.
    pub(super) fn running(&self) -> impl Iterator<Item = &Arc<TurnState>> {
        self.turns
            .values()
            .map(|reader| &reader.turn)
            .filter(|turn| turn.is_running())
    }

    pub(super) fn stats_now(&self, notifications: &EventStream) -> Stats {
        let mut stats = self.stats;
        for Reader { turn, .. } in self.turns.values() {
            stats.coalesced_deltas += turn.stream.coalesced();
            stats.lagged_events += turn.stream.dropped();
        }
        stats.dropped_notifications = notifications.dropped();
        stats.diagnostics = self.diagnostics.total();
        stats.open_turns = self.running().count() as u64;
        stats.pending_requests = self.waiters.len() as u64;
        stats
    }
}

impl Sink for Shell {
    fn response(&mut self, id: u64, answer: Result<&str, Error>) {
        let Some(waiter) = self.waiters.remove(&id) else {
            return;
        };
        let answer = answer.and_then(|result| {
            RawValue::from_string(result.to_owned())
                .map_err(|_| Error::new(ErrorKind::Protocol, "the engine's answer is not JSON"))
        });
        // The caller may have given up in this very moment; then nobody misses the answer.
        let _ = waiter.send(answer);
    }

    fn bound(&mut self, reader: Subscriber, turn_id: &str) {
        // What came before belongs before.
        self.flush(reader);
        let Some(Reader { turn, .. }) = self.turns.get(&reader) else {
            return;
        };
        if turn.bind(turn_id, &mut self.effects.wakeups) {
            self.ended_early.push(turn_id.to_owned());
        } else if !self.watching {
            self.watching = true;
            self.effects.watch = true;
        }
    }

    fn turn_event(&mut self, reader: Subscriber, event: Event) {
        self.stats.turn_events += 1;
        if !event.is_delta() {
            if event.method_id() == id::THREAD_TOKEN_USAGE_UPDATED {
                self.remember_usage(&event);
            }
            self.observe(&event);
        }
        let Some(Reader { staged, .. }) = self.turns.get_mut(&reader) else {
            return;
        };
        if staged.is_empty() {
            self.touched.push(reader);
            if let Some(buffer) = self.spare.pop() {
                *staged = buffer;
            }
        }
        staged.push(event);
    }

    fn unclaimed(&mut self, event: Event) {
        if self.restoring && REPEATED.contains(&event.method()) {
            return;
        }
        self.stats.unclaimed_events += 1;
        self.observe(&event);
        if event.method_id() == id::THREAD_TOKEN_USAGE_UPDATED {
            self.remember_usage(&event);
        } else if event.method() == "account/rateLimits/updated" {
            self.remember_limits(&event);
        } else if event.turn_id().is_none() {
            self.notice(&event);
        }
        if event.method() == "serverRequest/resolved" {
            self.resolved.extend(request_id(&event));
        }
        self.tell(&event);
    }

    fn server_request(&mut self, request: IncomingRequest) {
        self.stats.server_requests += 1;
        self.effects.requests.push(request);
    }

    fn suspect(&mut self, thread_id: &str) {
        let turns = self.turns.values().map(|reader| &reader.turn);
        for turn in turns.filter(|turn| turn.thread_id() == thread_id) {
            turn.suspect();
        }
    }

    fn orphan(&mut self, thread_id: &str, turn_id: &str) {
        self.effects
            .orphans
            .push((thread_id.to_owned(), turn_id.to_owned()));
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}
