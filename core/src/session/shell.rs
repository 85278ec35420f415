//! The sink of the router: waiters, turns and counters, and the effects to carry out once the lock is free.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::value::RawValue;
use tokio::sync::oneshot;

use crate::error::{Error, ErrorKind, Result};
use crate::session::Stats;
use crate::session::diagnostics::{Diagnostic, Ring};
use crate::session::router::{IncomingRequest, Sink, Subscriber};
use crate::thread::event::Event;
use crate::thread::queue::{EventStream, Wakeups};
use crate::thread::state::TurnState;

pub(super) struct Shell {
    pub(super) waiters: HashMap<u64, oneshot::Sender<Result<Box<RawValue>>>>,
    pub(super) turns: HashMap<Subscriber, Arc<TurnState>>,
    pub(super) closed: Option<Error>,
    pub(super) diagnostics: Ring,
    pub(super) stats: Stats,
    /// Turns whose last event came before the answer that named them.
    pub(super) ended_early: Vec<String>,
    pub(super) watching: bool,
    notifications: EventStream,
    /// Readers of their own besides the ring; gone when nobody else holds them.
    pub(super) listeners: Vec<EventStream>,
    effects: Effects,
}

/// What to do once the session's lock is released.
#[derive(Default)]
pub(super) struct Effects {
    pub(super) wakeups: Wakeups,
    pub(super) requests: Vec<IncomingRequest>,
    pub(super) orphans: Vec<(String, String)>,
    pub(super) watch: bool,
}

impl Shell {
    pub(super) fn new(notifications: EventStream) -> Self {
        Self {
            waiters: HashMap::new(),
            turns: HashMap::new(),
            closed: None,
            diagnostics: Ring::default(),
            stats: Stats::default(),
            ended_early: Vec::new(),
            watching: false,
            notifications,
            listeners: Vec::new(),
            effects: Effects::default(),
        }
    }

    pub(super) fn take_effects(&mut self) -> Effects {
        std::mem::take(&mut self.effects)
    }

    pub(super) fn fail(&mut self, error: &Error) {
        if self.closed.is_some() {
            return;
        }
        self.closed = Some(error.clone());
        for (_, waiter) in self.waiters.drain() {
            let _ = waiter.send(Err(error.clone()));
        }
        for turn in self.turns.values() {
            turn.fail(error, &mut self.effects.wakeups);
        }
        for stream in self.listeners.iter().chain([&self.notifications]) {
            stream.end(Err(error.clone()), &mut self.effects.wakeups);
        }
    }

    /// Keeps the counters of a turn that goes away.
    pub(super) fn account(&mut self, turn: &TurnState) {
        self.stats.coalesced_deltas += turn.stream.coalesced();
        self.stats.lagged_events += turn.stream.dropped();
    }

    pub(super) fn stats_now(&self, notifications: &EventStream) -> Stats {
        let mut stats = self.stats;
        for turn in self.turns.values() {
            stats.coalesced_deltas += turn.stream.coalesced();
            stats.lagged_events += turn.stream.dropped();
        }
        stats.dropped_notifications = notifications.dropped();
        stats.diagnostics = self.diagnostics.total();
        stats.open_turns = self.turns.values().filter(|turn| turn.is_running()).count() as u64;
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
        let Some(turn) = self.turns.get(&reader) else {
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
        if let Some(turn) = self.turns.get(&reader) {
            turn.event(event, &mut self.effects.wakeups);
        }
    }

    fn unclaimed(&mut self, event: Event) {
        self.stats.unclaimed_events += 1;
        self.listeners.retain(|stream| !stream.is_abandoned());
        for stream in &self.listeners {
            stream.push(event.clone(), &mut self.effects.wakeups);
        }
        self.notifications.push(event, &mut self.effects.wakeups);
    }

    fn server_request(&mut self, request: IncomingRequest) {
        self.stats.server_requests += 1;
        self.effects.requests.push(request);
    }

    fn suspect(&mut self, thread_id: &str) {
        for turn in self
            .turns
            .values()
            .filter(|turn| turn.thread_id() == thread_id)
        {
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
