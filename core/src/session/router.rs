//! The pure router: lines of the engine go in, deliveries come out.
//!
//! It knows which requests wait for an answer and which readers belong to which turn. It does no I/O,
//! reads no clock and holds no channel; it is tested with data. What it delivers to is a [`Sink`].

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::Error;
use crate::protocol::again::Beginnings;
use crate::protocol::generated::methods::id;
use crate::protocol::lenient;
use crate::protocol::scan::{Envelope, ScanError, scan};
use crate::session::diagnostics::{Diagnostic, DiagnosticKind};
use crate::session::hash::IdHasher;
use crate::thread::event::Event;
use crate::thread::text::Line;

/// Names a reader of a turn.
pub(crate) type Subscriber = u64;

/// How many abandoned requests are remembered, so that their late answers can still be understood.
const REMEMBERED_ABANDONED: usize = 1024;

/// What the router delivers to.
pub(crate) trait Sink {
    /// The answer to request `id`.
    fn response(&mut self, id: u64, answer: Result<&str, Error>);
    /// `reader` is now known to read turn `turn_id`; comes before the answer that says so.
    fn bound(&mut self, reader: Subscriber, turn_id: &str);
    /// An event for one turn's reader.
    fn turn_event(&mut self, reader: Subscriber, event: Event);
    /// An event that no turn's reader claims.
    fn unclaimed(&mut self, event: Event);
    /// The engine asks something.
    fn server_request(&mut self, request: IncomingRequest);
    /// A thread whose open turns may have ended without saying so.
    fn suspect(&mut self, thread_id: &str);
    /// A turn runs that its caller has given up before it knew its id.
    fn orphan(&mut self, thread_id: &str, turn_id: &str);
    /// Something was not as it should be.
    fn diagnostic(&mut self, diagnostic: Diagnostic);
}

/// A request from the engine, its line kept.
#[derive(Clone, Debug)]
pub(crate) struct IncomingRequest {
    /// The id as raw JSON, to be sent back as it came.
    pub(crate) id: String,
    pub(crate) event: Event,
}

#[cfg_attr(test, derive(Clone))]
struct Pending {
    method: String,
    /// For a `turn/start`: whose thread it is and who reads the turn.
    start: Option<(Arc<str>, Subscriber)>,
    abandoned: bool,
}

#[cfg_attr(test, derive(Clone))]
#[derive(Default)]
pub(crate) struct Router {
    next_id: u64,
    pending: HashMap<u64, Pending>,
    abandoned: Vec<u64>,
    turns: HashMap<Arc<str>, Route, IdHasher>,
    /// Readers of turns whose `turn/start` is not answered yet, by thread.
    starting: HashMap<Arc<str>, Starting, IdHasher>,
    /// What was held for readers whose turn it was not, on its way to those who read everything else.
    released: Vec<Event>,
    beginnings: Beginnings,
}

/// The readers of a thread whose turns are not known yet.
#[cfg_attr(test, derive(Clone))]
#[derive(Default)]
struct Starting {
    readers: Vec<Subscriber>,
    /// The turns that they turned out to read, and who of them.
    turns: Vec<(Arc<str>, Subscriber)>,
    /// Events that go to them and to nobody else; if their turns are others, nobody would see them.
    held: VecDeque<Held>,
}

/// An event, and the readers that it went to.
#[cfg_attr(test, derive(Clone))]
struct Held {
    event: Event,
    readers: Vec<Subscriber>,
}

impl Starting {
    /// Keeps an event until it is known whose it is. Gives one that there is no more room for.
    fn hold(&mut self, event: &Event) -> Option<Event> {
        self.held.push_back(Held {
            event: event.clone(),
            readers: self.readers.clone(),
        });
        if self.held.len() <= MOST_HELD {
            return None;
        }
        self.held.pop_front().map(|held| held.event)
    }

    /// What was held for readers whose turn it was not. Who came later than an event has not got it.
    fn unread(self) -> impl Iterator<Item = Event> {
        let Self { turns, held, .. } = self;
        let is_read = move |held: &Held| {
            turns.iter().any(|(turn, reader)| {
                held.event.turn_id() == Some(turn) && held.readers.contains(reader)
            })
        };
        held.into_iter()
            .filter(move |held| !is_read(held))
            .map(|held| held.event)
    }
}

/// More events are not held: whoever reads what is unclaimed gets them, too.
const MOST_HELD: usize = 4096;

#[cfg_attr(test, derive(Clone))]
struct Route {
    thread_id: Arc<str>,
    readers: Vec<Subscriber>,
}

#[derive(Deserialize)]
struct RpcError {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
    #[serde(default)]
    data: Option<Box<RawValue>>,
}

impl Router {
    /// Registers a request and gives its id.
    pub(crate) fn request(&mut self, method: &str) -> u64 {
        self.register(method, None)
    }

    /// Registers a `turn/start`; from now on `reader` gets the events of turns that start on the thread.
    pub(crate) fn start_turn(&mut self, thread_id: &str, reader: Subscriber) -> u64 {
        let thread_id: Arc<str> = Arc::from(thread_id);
        self.starting
            .entry(thread_id.clone())
            .or_default()
            .readers
            .push(reader);
        self.register("turn/start", Some((thread_id, reader)))
    }

    fn register(&mut self, method: &str, start: Option<(Arc<str>, Subscriber)>) -> u64 {
        self.next_id += 1;
        self.pending.insert(
            self.next_id,
            Pending {
                method: method.to_owned(),
                start,
                abandoned: false,
            },
        );
        self.next_id
    }

    /// The caller of `id` waits no more.
    pub(crate) fn abandon(&mut self, id: u64) {
        let Some(pending) = self.pending.get_mut(&id) else {
            return;
        };
        pending.abandoned = true;
        if let Some((thread_id, reader)) = pending.start.clone() {
            self.stop_starting(&thread_id, reader);
        }
        self.abandoned.push(id);
        if self.abandoned.len() > REMEMBERED_ABANDONED {
            let oldest = self.abandoned.remove(0);
            self.pending.remove(&oldest);
        }
    }

    /// `reader` of the turn is gone.
    pub(crate) fn unsubscribe(&mut self, turn_id: &str, reader: Subscriber) {
        let Some(route) = self.turns.get_mut(turn_id) else {
            return;
        };
        route.readers.retain(|other| *other != reader);
        if route.readers.is_empty() {
            self.turns.remove(turn_id);
        }
    }

    /// Whether it remembers nothing of any request or turn.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
            && self.abandoned.is_empty()
            && self.turns.is_empty()
            && self.starting.is_empty()
            && self.released.is_empty()
    }

    /// How many turns have readers.
    #[cfg(test)]
    pub(crate) fn open_turns(&self) -> usize {
        self.turns.len()
    }

    /// Whether anybody reads the turn.
    pub(crate) fn has_readers(&self, turn_id: &str) -> bool {
        self.turns.contains_key(turn_id)
    }

    /// Who reads the turn, or those of the thread whose turn may be it.
    pub(crate) fn readers(
        &self,
        thread_id: Option<&str>,
        turn_id: Option<&str>,
    ) -> impl Iterator<Item = Subscriber> {
        let known = turn_id
            .and_then(|id| self.turns.get(id))
            .map(|route| &route.readers);
        let starting = || Some(&self.starting.get(thread_id?)?.readers);
        known.or_else(starting).into_iter().flatten().copied()
    }

    /// Takes in one line, without its newline.
    pub(crate) fn line(&mut self, line: &str, sink: &mut impl Sink) {
        let text = Arc::new(line.to_owned());
        self.line_of(Line::whole(&text), sink);
    }

    /// The same; the line's event shares its text.
    pub(crate) fn line_of(&mut self, line: Line<'_>, sink: &mut impl Sink) {
        self.take(line, sink);
        if !self.released.is_empty() {
            for event in self.released.drain(..) {
                sink.unclaimed(event);
            }
        }
    }

    fn take(&mut self, shared: Line<'_>, sink: &mut impl Sink) {
        let line = shared.as_str();
        match self.beginnings.scan(line) {
            Ok(spans) if spans.escaped_ids => self.unusual_line(line, sink),
            Ok(spans) => self.message(shared, &spans, sink),
            Err(ScanError::NotAnObject) => sink.diagnostic(Diagnostic::line(
                DiagnosticKind::UnexpectedMessage,
                "the line is JSON but not an object",
                line,
            )),
            Err(ScanError::Malformed(_)) if line.trim().is_empty() => {
                sink.diagnostic(Diagnostic::line(
                    DiagnosticKind::BlankLine,
                    "a blank line",
                    "",
                ));
            }
            Err(ScanError::Malformed(at)) => sink.diagnostic(Diagnostic::line(
                DiagnosticKind::MalformedLine,
                format!("not JSON at byte {at} of {}", line.len()),
                line,
            )),
        }
    }

    /// A line that spells a method or an id with escapes: it is put into canonical form first.
    fn unusual_line(&mut self, line: &str, sink: &mut impl Sink) {
        let canonical = lenient::from_str::<Value>(line).map(|value| value.to_string());
        match canonical.map(|text| scan(&text).map(|spans| (text, spans))) {
            Ok(Ok((text, spans))) => self.message(Line::whole(&Arc::new(text)), &spans, sink),
            _ => sink.diagnostic(Diagnostic::line(
                DiagnosticKind::MalformedLine,
                "the line cannot be put into canonical form",
                line,
            )),
        }
    }

    fn message(&mut self, line: Line<'_>, spans: &Envelope, sink: &mut impl Sink) {
        match (spans.method.is_some(), spans.id.is_some()) {
            (true, false) => self.notification(Event::of(line, spans), sink),
            (true, true) => {
                let id = spans.id.of(line.as_str()).unwrap_or("null").to_owned();
                sink.server_request(IncomingRequest {
                    id,
                    event: Event::of(line, spans).detach(),
                });
            }
            (false, true) => self.answer(line.as_str(), spans, sink),
            (false, false) => sink.diagnostic(Diagnostic::line(
                DiagnosticKind::UnexpectedMessage,
                "neither a method nor an id",
                line.as_str(),
            )),
        }
    }

    fn notification(&mut self, event: Event, sink: &mut impl Sink) {
        if event.method_id() == id::THREAD_STATUS_CHANGED {
            self.status_changed(&event, sink);
        }
        let Some(turn_id) = event.turn_id() else {
            return sink.unclaimed(event);
        };
        let readers = self
            .turns
            .get(turn_id)
            .map_or(&[][..], |route| &route.readers);
        let starting = event
            .thread_id()
            .and_then(|thread_id| self.starting.get_mut(thread_id));
        if let ([reader], None) = (readers, &starting)
            && event.method_id() != id::TURN_COMPLETED
        {
            // Nearly always; so that it is handed on and not copied.
            return sink.turn_event(*reader, event);
        }
        for reader in readers {
            sink.turn_event(*reader, event.clone());
        }
        let claimed = !readers.is_empty() || starting.is_some();
        if let Some(starting) = starting {
            for reader in &starting.readers {
                sink.turn_event(*reader, event.clone());
            }
            if readers.is_empty() {
                self.released.extend(starting.hold(&event));
            }
        }
        if event.method_id() == id::TURN_COMPLETED {
            self.turns.remove(turn_id);
        }
        if !claimed {
            sink.unclaimed(event);
        }
    }

    /// A thread that is no longer active has no open turn; one that is still open may have been missed.
    fn status_changed(&self, event: &Event, sink: &mut impl Sink) {
        #[derive(Deserialize)]
        struct Params {
            status: Status,
        }
        #[derive(Deserialize)]
        struct Status {
            #[serde(rename = "type")]
            tag: String,
        }
        let Some(thread_id) = event.thread_id() else {
            return;
        };
        let active = lenient::from_str::<Params>(event.params())
            .map_or(true, |params| params.status.tag == "active");
        if !active
            && self
                .turns
                .values()
                .any(|route| &*route.thread_id == thread_id)
        {
            sink.suspect(thread_id);
        }
    }

    fn answer(&mut self, line: &str, spans: &Envelope, sink: &mut impl Sink) {
        let id = spans.id.of(line).unwrap_or_default();
        let number = id.trim_matches('"').parse::<u64>().ok();
        let Some((number, pending)) =
            number.and_then(|number| Some((number, self.pending.remove(&number)?)))
        else {
            sink.diagnostic(Diagnostic::line(
                DiagnosticKind::LateResponse,
                format!("an answer to request {id}, which nobody waits for"),
                line,
            ));
            return;
        };
        let answer = read_answer(&pending.method, line, spans);
        if let Some((thread_id, reader)) = &pending.start {
            self.turn_started(thread_id, *reader, &answer, pending.abandoned, sink);
        }
        if pending.abandoned {
            self.abandoned.retain(|other| *other != number);
            sink.diagnostic(Diagnostic::line(
                DiagnosticKind::LateResponse,
                format!("the answer to {} came after its deadline", pending.method),
                line,
            ));
        } else {
            sink.response(number, answer);
        }
    }

    fn turn_started(
        &mut self,
        thread_id: &Arc<str>,
        reader: Subscriber,
        answer: &Result<&str, Error>,
        abandoned: bool,
        sink: &mut impl Sink,
    ) {
        let turn_id = answer.as_ref().ok().and_then(|result| turn_id_of(result));
        let turn_id: Option<Arc<str>> = turn_id.map(Arc::from);
        if let (false, Some(turn_id), Some(starting)) =
            (abandoned, &turn_id, self.starting.get_mut(thread_id))
        {
            starting.turns.push((turn_id.clone(), reader));
        }
        self.stop_starting(thread_id, reader);
        let Some(turn_id) = turn_id else {
            return;
        };
        if abandoned {
            // A turn that was to be joined belongs to those who read it.
            if !self.has_readers(&turn_id) {
                sink.orphan(thread_id, &turn_id);
            }
            return;
        }
        self.turns
            .entry(turn_id.clone())
            .or_insert_with(|| Route {
                thread_id: thread_id.clone(),
                readers: Vec::new(),
            })
            .readers
            .push(reader);
        sink.bound(reader, &turn_id);
    }

    /// Forgets everything; what was held goes to those who read everything else.
    pub(crate) fn close(&mut self, sink: &mut impl Sink) {
        let Self {
            starting, released, ..
        } = std::mem::take(self);
        let held = starting.into_values().flat_map(Starting::unread);
        for event in released.into_iter().chain(held) {
            sink.unclaimed(event);
        }
    }

    /// The connection is gone: no answer will come, and what was held is nobody's turn. The readers of
    /// turns that are known stay.
    pub(crate) fn disconnect(&mut self, sink: &mut impl Sink) {
        let (turns, next_id) = (std::mem::take(&mut self.turns), self.next_id);
        self.close(sink);
        self.turns = turns;
        self.next_id = next_id;
    }

    /// The reader has seen its turn's last event already (it came before the answer).
    pub(crate) fn close_turn(&mut self, turn_id: &str) {
        self.turns.remove(turn_id);
    }

    fn stop_starting(&mut self, thread_id: &Arc<str>, reader: Subscriber) {
        let Some(starting) = self.starting.get_mut(thread_id) else {
            return;
        };
        starting.readers.retain(|other| *other != reader);
        if starting.readers.is_empty()
            && let Some(starting) = self.starting.remove(thread_id)
        {
            self.released.extend(starting.unread());
        }
    }
}

fn turn_id_of(result: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Started {
        turn: Named,
    }
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    lenient::from_str::<Started>(result)
        .ok()
        .map(|started| started.turn.id)
}

fn read_answer<'line>(
    method: &str,
    line: &'line str,
    spans: &Envelope,
) -> Result<&'line str, Error> {
    let Some(error) = spans.error.of(line).filter(|error| *error != "null") else {
        return Ok(spans.result.of(line).unwrap_or("null"));
    };
    Err(match lenient::from_str::<RpcError>(error) {
        Ok(RpcError {
            code,
            message,
            data,
        }) => Error::rpc(method, code, &message, data),
        Err(_) => Error::rpc(
            method,
            -32000,
            &format!("an error of unknown shape: {error}"),
            None,
        ),
    })
}

#[cfg(test)]
#[path = "router_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "exhaustive_tests.rs"]
mod exhaustive_tests;
