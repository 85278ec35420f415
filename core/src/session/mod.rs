//! The session with one engine: the pure router, and the shell around it that holds the waiters.
//!
//! The read loop feeds lines in batches under one lock; whatever wakes somebody else's code runs after
//! that lock is released. Writing has a task of its own, so that a full pipe in one direction never
//! blocks the other.

mod asked;
mod asks;
pub(crate) mod diagnostics;
pub(crate) mod family;
#[cfg(feature = "fuzzing")]
mod fuzz;
mod hash;
mod hooks;
pub(crate) mod link;
mod memory;
pub(crate) mod recovery;
pub(crate) mod requests;
pub(crate) mod restore;
pub(crate) mod router;
mod shell;
mod tools;
pub(crate) mod waits;
pub(crate) mod watched;

#[cfg(feature = "fuzzing")]
pub(crate) use fuzz::feed as fuzz_feed;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};

use crate::approvals::Responders;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::gate::Gate;
use crate::protocol::raw;
use crate::session::asks::Desk;
use crate::session::diagnostics::{Diagnostic, DiagnosticKind};
use crate::session::link::{Admission, Fate, Lane, Lasts, Link};
use crate::session::requests::ServerRequestHandler;
use crate::session::router::{Router, Subscriber};
use crate::session::shell::{Effects, Listener, Reader, Shell};
use crate::telemetry::{self, Metrics, Scope, Telemetry, TraceContext};
use crate::thread::queue::{EventStream, Keep, QueueLimits, Wakeups};
use crate::thread::state::TurnState;
use crate::thread::text::Gathered;
use crate::tools::ToolRegistry;
use crate::transport::Outgoing;

/// Messages that may wait for the writer before senders wait too.
pub(crate) const OUTGOING_MESSAGES: usize = 64;

/// How often a turn that is not active yet is asked for again.
const REFUSALS: u32 = 40;
/// The pause before it is repeated.
const REFUSAL_PAUSE: Duration = Duration::from_millis(25);
const CLEAN_TIMEOUT: Duration = Duration::from_secs(10);
/// So long may it take at most, once nothing can be sent any more, until it is known why.
const ENDING: Duration = Duration::from_secs(5);

/// What a session needs to know of the client's options.
pub(crate) struct SessionOptions {
    pub(crate) request_timeout: Duration,
    pub(crate) approval_timeout: Duration,
    pub(crate) experimental_api: bool,
    pub(crate) queue: QueueLimits,
    pub(crate) handler: Option<Arc<dyn ServerRequestHandler>>,
    /// Who answers approvals and questions before the handler of all requests.
    pub(crate) responders: Option<Arc<Responders>>,
    pub(crate) tools: ToolRegistry,
    /// Whether the engine's requests are answered at all; if not, another client does.
    pub(crate) answer_requests: bool,
    /// What may be lost and made good again.
    pub(crate) lasts: Lasts,
    /// The largest message that the engine takes.
    pub(crate) largest_message: usize,
    /// What is counted, and told to who observes.
    pub(crate) telemetry: Arc<Telemetry>,
}

#[cfg(any(test, feature = "fuzzing"))]
impl SessionOptions {
    /// Those of a session that nobody has set anything for.
    pub(crate) fn plain() -> Self {
        Self {
            request_timeout: Duration::from_secs(600),
            approval_timeout: Duration::from_secs(600),
            experimental_api: true,
            queue: QueueLimits::default(),
            handler: None,
            responders: None,
            tools: ToolRegistry::new(),
            answer_requests: true,
            lasts: Lasts::Once,
            largest_message: usize::MAX,
            telemetry: Telemetry::new(None, "test"),
        }
    }
}

/// Counters of a client since its start.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Lines read from the engine.
    pub lines: u64,
    /// Events handed to turns.
    pub turn_events: u64,
    /// Events that no turn claimed.
    pub unclaimed_events: u64,
    /// Events dropped from the ring of notifications, because nobody read them in time.
    pub dropped_notifications: u64,
    /// Deltas joined to the one before, in turns that have ended or were dropped and in open ones.
    pub coalesced_deltas: u64,
    /// Events given up in lagging streams.
    pub lagged_events: u64,
    /// Requests of the engine.
    pub server_requests: u64,
    /// Diagnostics so far.
    pub diagnostics: u64,
    /// Turns that are open now.
    pub open_turns: u64,
    /// Requests that wait for an answer now.
    pub pending_requests: u64,
    /// How often the engine was restarted, and the session picked up in the new one.
    pub restarts: u64,
}

pub(crate) struct Session {
    state: Mutex<State>,
    outgoing: mpsc::Sender<Outgoing>,
    /// Whether everything can be sent, or will never be again; told under the lock of `state`.
    up: watch::Sender<bool>,
    runtime: Handle,
    /// Known once the engine has said which one it is.
    gate: RwLock<Option<Arc<Gate>>>,
    pub(crate) options: SessionOptions,
    pub(crate) notifications: EventStream,
}

struct State {
    router: Router,
    shell: Shell,
    link: Link,
    desk: Desk,
    next_reader: Subscriber,
}

/// The ring of notifications that nobody asked for keeps so many.
const NOTIFICATION_LIMITS: QueueLimits = QueueLimits {
    soft_events: 4096,
    soft_bytes: 8 << 20,
    hard_events: 4096,
    hard_bytes: 8 << 20,
};

impl Session {
    pub(crate) fn new(
        options: SessionOptions,
        outgoing: mpsc::Sender<Outgoing>,
        runtime: Handle,
    ) -> Self {
        let notifications = EventStream::new(Keep::Newest, NOTIFICATION_LIMITS);
        Self {
            state: Mutex::new(State {
                router: Router::default(),
                shell: Shell::new(notifications.clone(), options.telemetry.clone()),
                link: Link::default(),
                desk: Desk::default(),
                next_reader: 0,
            }),
            outgoing,
            up: watch::Sender::new(true),
            runtime,
            gate: RwLock::default(),
            options,
            notifications,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on requests are held against what this engine has.
    pub(crate) fn set_gate(&self, gate: Gate) {
        *self.gate.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(gate));
    }

    fn gate(&self) -> Option<Arc<Gate>> {
        let gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        gate.clone()
    }

    /// Whether the engine takes tools with a new thread. Known before it is asked: a refusal would come too late.
    pub(crate) fn takes_dynamic_tools(&self) -> bool {
        let probe = raw(&json!({"dynamicTools": [{"type": "function"}]}));
        let gate = self.gate();
        gate.is_none_or(|gate| gate.check("thread/start", Some(&probe)).is_ok())
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Takes in lines (without newlines), in order.
    pub(crate) fn feed<'line>(self: &Arc<Self>, lines: impl Iterator<Item = &'line [u8]>) {
        let mut state = self.lock();
        let State {
            router,
            shell,
            link,
            desk,
            ..
        } = &mut *state;
        let mut withdrawn = Vec::new();
        let (mut lines, mut gathered) = (lines.peekable(), Gathered::default());
        while gathered.next(&mut lines) {
            for number in 0..gathered.len() {
                shell.stats.lines += 1;
                let line = gathered.line(number);
                if gathered.is_mended(number) {
                    shell.diagnostics.push(mended(line.as_str()));
                }
                router.line_of(line, shell);
                if !shell.ended_early.is_empty() {
                    for turn_id in shell.ended_early.drain(..) {
                        router.close_turn(&turn_id);
                    }
                }
                if !shell.resolved.is_empty() {
                    for id in shell.resolved.drain(..) {
                        link.asked.resolved(&id);
                        withdrawn.extend(desk.resolved(&id));
                    }
                }
            }
        }
        let effects = shell.take_effects();
        drop(state);
        for request in withdrawn {
            request.withdraw();
        }
        self.carry_out(effects);
    }

    /// Takes in an event of our own, as if the engine had told it.
    pub(crate) fn tell(self: &Arc<Self>, line: &str) {
        let mut state = self.lock();
        let State { router, shell, .. } = &mut *state;
        router.line(line, shell);
        let effects = shell.take_effects();
        drop(state);
        self.carry_out(effects);
    }

    /// Does what the lines just taken in ask for, without the lock.
    fn carry_out(self: &Arc<Self>, mut effects: Effects) {
        effects.wakeups.run();
        for request in effects.requests {
            requests::serve(self, request);
        }
        for (thread_id, turn_id) in effects.orphans {
            self.interrupt_orphan(thread_id, turn_id);
        }
        for thread_id in effects.agents {
            self.learn_later(thread_id);
        }
        if effects.watch {
            recovery::watch(self);
        }
    }

    /// A ring of its own for one more reader of unclaimed notifications, from now on: of all, or of a thread and its
    /// sub-agents.
    pub(crate) fn listen(&self, of: Option<&str>) -> EventStream {
        let stream = EventStream::new(Keep::Newest, NOTIFICATION_LIMITS);
        let mut state = self.lock();
        match &state.shell.closed {
            None => {
                let listeners = &mut state.shell.listeners;
                listeners.retain(|other| !other.stream.is_abandoned());
                listeners.push(Listener {
                    stream: stream.clone(),
                    of: of.map(str::to_owned),
                });
            }
            Some(error) => stream.end(Err(error.clone()), &mut Wakeups::default()),
        }
        stream
    }

    pub(crate) fn diagnostic(&self, diagnostic: Diagnostic) {
        let mut state = self.lock();
        state.shell.diagnostics.push(diagnostic);
        let mut told = state.shell.diagnostics.take_fresh();
        drop(state);
        told.run();
    }

    pub(crate) fn diagnostics(&self) -> Vec<Diagnostic> {
        self.lock().shell.diagnostics.entries()
    }

    pub(crate) fn stats(&self) -> Stats {
        let state = self.lock();
        state.shell.stats_now(&self.notifications)
    }

    /// The span of the turn that something belongs to, if there is one.
    pub(crate) fn turn_span(&self, thread_id: Option<&str>, turn_id: Option<&str>) -> Option<u64> {
        if !self.options.telemetry.is_on() {
            return None;
        }
        self.turn_scope(thread_id, turn_id).parent
    }

    /// Where requests about a turn belong.
    pub(crate) fn turn_scope(&self, thread_id: Option<&str>, turn_id: Option<&str>) -> Scope {
        let state = self.lock();
        let mut readers = state.router.readers(thread_id, turn_id);
        let of = |reader| Some(state.shell.turns.get(&reader)?.turn.scope());
        let watched = || state.shell.watched.get(turn_id?).cloned();
        readers.find_map(of).or_else(watched).unwrap_or_default()
    }

    /// What was counted, and what is now.
    pub(crate) fn metrics(&self) -> Metrics {
        let mut metrics = self.options.telemetry.counters.now();
        let (stats, queued) = {
            let state = self.lock();
            let queued = state.shell.queued();
            (state.shell.stats_now(&self.notifications), queued)
        };
        metrics.complete(&stats, queued);
        metrics.tell_now(&self.options.telemetry.agent);
        metrics
    }

    /// Why the session is over, if it is.
    pub(crate) fn closed(&self) -> Option<Error> {
        self.lock().shell.closed.clone()
    }

    /// Ends the session: every waiter and every open turn gets `error`, at once.
    pub(crate) fn fail(&self, error: &Error) {
        let mut state = self.lock();
        let State { router, shell, .. } = &mut *state;
        router.close(shell); // nothing can come any more
        shell.fail(error);
        self.up.send_replace(true); // who waits for a connection is to look
        let mut effects = state.shell.take_effects();
        let unanswered = state.desk.close();
        drop(state);
        drop(unanswered);
        effects.wakeups.run();
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn request(
        self: &Arc<Self>,
        method: &str,
        params: Option<&RawValue>,
        timeout: Option<Duration>,
    ) -> Result<Box<RawValue>> {
        self.request_on(Lane::Ordinary, method, params, timeout)
            .await
    }

    /// The same, for what sets up a connection, too.
    pub(crate) async fn request_on(
        self: &Arc<Self>,
        lane: Lane,
        method: &str,
        params: Option<&RawValue>,
        timeout: Option<Duration>,
    ) -> Result<Box<RawValue>> {
        let answer = self
            .call(lane, method, params, timeout, |state| {
                state.router.request(method)
            })
            .await?;
        // What picks a session up is what is remembered, and nothing new.
        if lane == Lane::Ordinary {
            self.remember(method, params, &answer);
        }
        Ok(answer)
    }

    /// Sends `turn/start`. The reader gets every event from before the request was sent; it is known
    /// to the session until [`Session::forget`]. Gives the engine's answer, too.
    pub(crate) async fn start_turn(
        self: &Arc<Self>,
        turn: &Arc<TurnState>,
        params: &RawValue,
    ) -> Result<(Subscriber, Box<RawValue>)> {
        self.check_followed(turn.thread_id())?;
        let repeated = self.repeated(turn.thread_id(), params);
        let params = repeated.as_deref().unwrap_or(params);
        let reader = {
            let mut state = self.lock();
            state.next_reader += 1;
            let reader = state.next_reader;
            state.shell.insert(reader, turn);
            reader
        };
        let registered = Registered {
            session: self,
            turn,
            reader,
            keep: false,
        };
        let answer = self
            .call(Lane::Ordinary, "turn/start", Some(params), None, |state| {
                state.router.start_turn(turn.thread_id(), reader)
            })
            .await?;
        if turn.id().is_empty() {
            return Err(Error::new(
                ErrorKind::Protocol,
                "turn/start: the engine's answer names no turn",
            ));
        }
        registered.keep();
        self.remember("turn/start", Some(params), &answer);
        if self.fate(turn.thread_id()) == Some(Fate::Unfollowed) {
            self.runtime
                .spawn(restore::follow(self.clone(), turn.clone()));
        }
        Ok((reader, answer))
    }

    /// A turn's handle is gone: nothing is kept for it any more.
    pub(crate) fn forget(&self, reader: Subscriber) {
        let mut state = self.lock();
        let Some(Reader { turn, .. }) = state.shell.turns.remove(&reader) else {
            return;
        };
        state.router.unsubscribe(turn.id(), reader);
        state.shell.account(&turn);
        drop(state);
        let (coalesced, lagged) = (turn.stream.coalesced(), turn.stream.dropped());
        let telemetry = &self.options.telemetry;
        telemetry.fell_behind(turn.span(), coalesced, lagged);
        turn.stream.discard();
    }

    async fn call(
        self: &Arc<Self>,
        lane: Lane,
        method: &str,
        params: Option<&RawValue>,
        timeout: Option<Duration>,
        register: impl FnOnce(&mut State) -> u64,
    ) -> Result<Box<RawValue>> {
        let told = self.options.telemetry.request(method);
        let answer = async {
            if let Some(gate) = self.gate() {
                gate.check(method, params)?;
            }
            self.check_size(method, params)?;
            let timeout = timeout.unwrap_or(self.options.request_timeout);
            let exchange = async {
                let (id, connection, waiter) = self.register(lane, register).await?;
                // Dropped on timeout and when the caller gives up: the answer may still come.
                let _abandon = Abandon { session: self, id };
                self.send(connection, encode(Some(id), method, params))
                    .await?;
                waiter.await.unwrap_or_else(|_| Err(self.closed_error()))
            };
            self.within(timeout, method, exchange).await
        }
        .await;
        told.end(&answer);
        answer
    }

    /// Enters a request, as soon as one can be sent. Gives its id, its connection, and where its answer comes.
    async fn register(
        &self,
        lane: Lane,
        register: impl FnOnce(&mut State) -> u64,
    ) -> Result<(u64, u64, Waiter)> {
        loop {
            let mut up = {
                let mut state = self.lock();
                if let Some(error) = &state.shell.closed {
                    return Err(error.clone());
                }
                match state.link.admits(lane) {
                    Admission::Go => {
                        let (answer, waiter) = oneshot::channel();
                        let id = register(&mut state);
                        state.shell.waiters.insert(id, answer);
                        return Ok((id, state.link.connection, waiter));
                    }
                    Admission::Wait => self.up.subscribe(),
                    Admission::Lost => return Err(lost_again()),
                }
            };
            let _ = up.wait_for(|up| *up).await;
        }
    }

    /// Sends a notification.
    pub(crate) async fn notify(&self, method: &str, params: Option<&RawValue>) -> Result<()> {
        self.notify_on(Lane::Ordinary, method, params).await
    }

    /// The same, for what sets up a connection, too.
    pub(crate) async fn notify_on(
        &self,
        lane: Lane,
        method: &str,
        params: Option<&RawValue>,
    ) -> Result<()> {
        self.check_size(method, params)?;
        let sent = async {
            let connection = self.admitted(lane).await?;
            self.send(connection, encode(None, method, params)).await
        };
        self.within(self.options.request_timeout, method, sent)
            .await
    }

    /// The connection to send on, as soon as there is one.
    async fn admitted(&self, lane: Lane) -> Result<u64> {
        loop {
            let mut up = {
                let state = self.lock();
                if let Some(error) = &state.shell.closed {
                    return Err(error.clone());
                }
                match state.link.admits(lane) {
                    Admission::Go => return Ok(state.link.connection),
                    Admission::Wait => self.up.subscribe(),
                    Admission::Lost => return Err(lost_again()),
                }
            };
            let _ = up.wait_for(|up| *up).await;
        }
    }

    /// Refuses a message that the engine would not take; over a WebSocket it would end the connection.
    fn check_size(&self, method: &str, params: Option<&RawValue>) -> Result<()> {
        const ENVELOPE: usize = 64;
        let bytes = params.map_or(0, |params| params.get().len()) + method.len() + ENVELOPE;
        let limit = self.options.largest_message;
        if bytes <= limit {
            return Ok(());
        }
        Err(Error::invalid_argument(
            "params",
            format!(
                "{method}: the message has {bytes} bytes, and a remote engine takes at most {limit}"
            ),
        ))
    }

    async fn send(&self, connection: u64, bytes: Vec<u8>) -> Result<()> {
        match self.outgoing.send(Outgoing { connection, bytes }).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.how_it_ended().await),
        }
    }

    /// Why nothing can be sent. The pipe breaks a moment before it is known how the engine ended.
    async fn how_it_ended(&self) -> Error {
        let mut up = self.up.subscribe();
        let known = async { while self.closed().is_none() && up.changed().await.is_ok() {} };
        let _ = tokio::time::timeout(ENDING, known).await;
        self.closed_error()
    }

    /// Ends `exchange` with the error of `method`'s deadline when it takes too long.
    async fn within<T>(
        &self,
        timeout: Duration,
        method: &str,
        exchange: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        match tokio::time::timeout(timeout, exchange).await {
            Ok(done) => done,
            Err(_) if self.is_connected() => Err(Error::timeout(method, timeout.as_secs_f64())),
            Err(_) => Err(self.unconnected(method, timeout)),
        }
    }

    fn closed_error(&self) -> Error {
        self.closed().unwrap_or_else(|| {
            Error::new(ErrorKind::Closed, "the client is closed; create a new one")
        })
    }

    /// Sends an answer to the engine from wherever it was found, without waiting.
    pub(crate) fn answer_later(self: &Arc<Self>, connection: u64, bytes: Vec<u8>) {
        let outgoing = self.outgoing.clone();
        match outgoing.try_send(Outgoing { connection, bytes }) {
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
            Err(mpsc::error::TrySendError::Full(message)) => {
                self.runtime
                    .spawn(async move { outgoing.send(message).await });
            }
        }
    }

    /// The engine answers `turn/start` a little before the turn is one that it can steer or interrupt, and
    /// until then refuses to: it is asked again for a while, as long as the turn is `running`.
    pub(crate) async fn request_when_active(
        self: &Arc<Self>,
        method: &str,
        params: &RawValue,
        running: impl Fn() -> bool,
    ) -> Result<Box<RawValue>> {
        let mut refused = 0;
        loop {
            match self.request(method, Some(params), None).await {
                Err(error) if error.is_answer() && running() && refused < REFUSALS => {
                    refused += 1;
                    tokio::time::sleep(REFUSAL_PAUSE).await;
                }
                other => return other,
            }
        }
    }

    /// Ends the shell commands that an interrupted turn leaves running.
    pub(crate) async fn end_commands(self: &Arc<Self>, thread_id: &str) {
        if !self.options.experimental_api {
            return;
        }
        let params = raw(&json!({"threadId": thread_id}));
        let method = "thread/backgroundTerminals/clean";
        if let Err(error) = self
            .request(method, Some(&params), Some(CLEAN_TIMEOUT))
            .await
            && error.kind() != ErrorKind::Closed
        {
            self.diagnostic(Diagnostic::new(
                DiagnosticKind::Engine,
                format!("the interrupted turn's commands could not be ended: {error}"),
            ));
        }
    }

    fn interrupt_orphan(self: &Arc<Self>, thread_id: String, turn_id: String) {
        let session = self.clone();
        self.runtime.spawn(async move {
            let params = raw(&json!({"threadId": thread_id, "turnId": turn_id}));
            let interrupted = session
                .request_when_active("turn/interrupt", &params, || true)
                .await;
            session.end_commands(&thread_id).await;
            if let Err(error) = interrupted {
                session.diagnostic(Diagnostic::new(
                    DiagnosticKind::Engine,
                    format!("turn {turn_id} was given up before it began and could not be interrupted: {error}"),
                ));
            }
        });
    }
}

fn mended(line: &str) -> Diagnostic {
    Diagnostic::line(
        DiagnosticKind::InvalidUtf8,
        "the line is not UTF-8; its bad bytes were replaced",
        line,
    )
}

/// Where the answer to a request comes.
type Waiter = oneshot::Receiver<Result<Box<RawValue>>>;

fn lost_again() -> Error {
    Error::new(
        ErrorKind::Closed,
        "the connection to the engine was lost again while it was being set up",
    )
}

/// Takes a reader out again unless its turn has started.
struct Registered<'session> {
    session: &'session Arc<Session>,
    turn: &'session Arc<TurnState>,
    reader: Subscriber,
    keep: bool,
}

impl Registered<'_> {
    fn keep(mut self) {
        self.keep = true;
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        if self.keep {
            return;
        }
        self.session.forget(self.reader);
        // The answer came, and in that moment the caller gave up.
        let alone = !self.session.lock().router.has_readers(self.turn.id());
        if !self.turn.id().is_empty() && self.turn.is_running() && alone {
            let (thread_id, turn_id) = (self.turn.thread_id(), self.turn.id());
            self.session
                .interrupt_orphan(thread_id.to_owned(), turn_id.to_owned());
        }
    }
}

/// Gives a request up when nobody waits for it any more.
struct Abandon<'session> {
    session: &'session Session,
    id: u64,
}

impl Drop for Abandon<'_> {
    fn drop(&mut self) {
        let mut state = self.session.lock();
        if state.shell.waiters.remove(&self.id).is_some() {
            state.router.abandon(self.id);
        }
    }
}

/// One message as a line. `params` is JSON already.
pub(crate) fn encode(id: Option<u64>, method: &str, params: Option<&RawValue>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Message<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<u64>,
        method: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        params: Option<&'a RawValue>,
        /// The trace that the caller is in.
        #[serde(skip_serializing_if = "Option::is_none")]
        trace: Option<TraceContext>,
    }
    let trace = id.and_then(|_| telemetry::current().trace);
    let message = Message {
        id,
        method,
        params,
        trace,
    };
    into_line(serde_json::to_vec(&message).unwrap_or_default())
}

/// A message as one line: an application's JSON may be spread over several, the transport's may not.
/// Within JSON, a newline is only ever white space.
fn into_line(mut message: Vec<u8>) -> Vec<u8> {
    for byte in &mut message {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    message.push(b'\n');
    message
}

#[cfg(test)]
#[path = "simulation_tests.rs"]
mod simulation;
