//! What a run's driver, its hooks and its handles have in common: wishes, the turn that runs, the newest token, the
//! open requests, the end.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};

use super::AutoResult;
use crate::error::{Error, Result};
use crate::telemetry::Scope;
use crate::thread::Thread;
use crate::thread::event::Event;
use crate::thread::queue::{EventStream, Keep, Wakeups};

/// Something that only the application can say: a hook, or the check. The run waits for the answer.
#[derive(Debug)]
pub struct AutoRequest {
    what: &'static str,
    params: String,
    reply: oneshot::Sender<Value>,
    gone: watch::Receiver<()>,
}

impl AutoRequest {
    /// `check`, or a hook: `before_turn`, `after_turn`, `before_approval`, `after_approval`, `before_tool`, `after_tool`.
    #[must_use]
    pub fn what(&self) -> &str {
        self.what
    }

    /// What it is about, as JSON. The check and the hooks of turns: the turn's number, the result of the turn that ended,
    /// the continuation token. The hooks within a turn: `threadId`, `turnId`, and the `request` and the `decision`, or the
    /// `call` (`callId`, `namespace`, `tool`, `arguments`) and its `result` (`content`, `isError`)
    /// with its `text`.
    #[must_use]
    pub fn params(&self) -> &str {
        &self.params
    }

    /// Waits until nobody waits for the answer any more: it was given, the turn or the run has ended, or its time is over.
    pub fn withdrawn(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut gone = self.gone.clone();
        // Nothing is ever sent: the sender is dropped with the wait.
        async move { while gone.changed().await.is_ok() {} }
    }

    /// Answers.
    ///
    /// - `check`: true when the task is done; false, or the text of the next prompt, when it is not.
    /// - `before_turn`: null to go on; a text, or `{"prompt"}`, to change what the turn is told; `{"skip": true}`
    ///   to go to the check without it; `{"stop": "why"}` to end the run.
    /// - `after_turn`: null to go on; a text, or `{"prompt"}`, for the next turn; `{"stop": "why"}`.
    /// - `before_approval`: null to ask whoever is there; a decision (`"decline"`, `{"decision": "decline", "reason":
    ///   "why"}`) in their place; `{"stop": "why"}` to cancel it, and end the turn and the run.
    /// - `after_approval`: null to send the decision; another in its place; `{"stop": "why"}`.
    /// - `before_tool`: null to call the tool; `{"arguments": {...}}` to call it with others; `{"result": ...}` in place of a
    ///   call (a text, a value, or what [`ToolResult::from_json`](crate::tools::ToolResult::from_json) reads); `{"stop":
    ///   "why"}`.
    /// - `after_tool`: null to give the model the result; `{"result": ...}` to give it another; `{"stop": "why"}`.
    ///
    /// An answer that makes no sense ends the run with an `invalid_argument` error.
    pub fn respond(self, answer: Value) {
        // A run that was ended meanwhile does not care.
        let _ = self.reply.send(answer);
    }
}

/// What the application wants of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wish {
    GoOn,
    AfterTurn,
    Now,
}

/// A hook within a turn has ended the run.
#[derive(Clone, Debug)]
pub(super) enum Halt {
    /// It said so, and why.
    Stop(String),
    /// What it said makes no sense, or nothing came.
    Broken(Error),
}

pub(super) struct Shared {
    pub(super) stream: EventStream,
    state: Mutex<State>,
    /// Told whenever something of the state has changed that somebody may wait for.
    changed: watch::Sender<u64>,
}

struct State {
    /// The thread whose agent has the conversation.
    thread: Thread,
    wish: Wish,
    current: Option<String>,
    /// Where requests about it belong.
    scope: Scope,
    steered: Vec<Value>,
    continuation: Option<String>,
    requests: VecDeque<(u64, AutoRequest)>,
    /// How many requests there were.
    asked: u64,
    /// How many turns ended.
    ended: u64,
    halt: Option<Halt>,
    outcome: Option<Arc<Result<AutoResult>>>,
}

impl State {
    fn is_over(&self) -> bool {
        self.wish == Wish::Now || self.halt.is_some() || self.outcome.is_some()
    }
}

/// Why there is no answer.
pub(super) enum Unanswered {
    /// The turn or the run is over.
    TooLate,
    /// The application has lost the request.
    Dropped,
}

/// A request that somebody waits for.
struct Open<'a> {
    shared: &'a Shared,
    number: u64,
    /// Tells the request, by being dropped, that nobody waits any more.
    _waits: watch::Sender<()>,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let number = self.number;
        let mut state = self.shared.lock();
        state.requests.retain(|(other, _)| *other != number);
    }
}

impl Shared {
    pub(super) fn new(thread: Thread, keep_events: bool) -> Self {
        let keep = if keep_events {
            Keep::All
        } else {
            Keep::Nothing
        };
        let limits = thread.codex().session().options.queue;
        Self {
            stream: EventStream::new(keep, limits),
            state: Mutex::new(State {
                thread,
                wish: Wish::GoOn,
                current: None,
                scope: Scope::default(),
                steered: Vec::new(),
                continuation: None,
                requests: VecDeque::new(),
                asked: 0,
                ended: 0,
                halt: None,
                outcome: None,
            }),
            changed: watch::Sender::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Waits until `look` sees something.
    async fn wait<T>(&self, mut look: impl FnMut(&mut State) -> Option<T>) -> T {
        let mut changed = self.changed.subscribe();
        loop {
            if let Some(found) = look(&mut self.lock()) {
                return found;
            }
            // The sender lives as long as `self`.
            let _ = changed.changed().await;
        }
    }

    pub(super) fn thread(&self) -> Thread {
        self.lock().thread.clone()
    }

    pub(super) fn set_thread(&self, thread: Thread) {
        self.change(|state| state.thread = thread);
    }

    /// Wishes only grow.
    pub(super) fn wish(&self, wish: Wish) {
        self.change(|state| state.wish = state.wish.max(wish));
    }

    pub(super) fn wished(&self) -> Wish {
        self.lock().wish
    }

    /// Waits until so much is wished.
    pub(super) async fn until_wished(&self, least: Wish) {
        self.wait(|state| (state.wish >= least).then_some(())).await;
    }

    pub(super) fn current(&self) -> Option<String> {
        self.lock().current.clone()
    }

    pub(super) fn set_current(&self, turn_id: &str, scope: Scope) {
        self.change(|state| {
            state.current = Some(turn_id.to_owned());
            state.scope = scope;
        });
    }

    /// Where requests about the turn that runs belong.
    pub(super) fn scope(&self) -> Scope {
        self.lock().scope.clone()
    }

    pub(super) fn keep_for_next_turn(&self, input: Vec<Value>) {
        self.change(|state| state.steered.extend(input));
    }

    pub(super) fn take_steered(&self) -> Vec<Value> {
        std::mem::take(&mut self.lock().steered)
    }

    pub(super) fn continuation(&self) -> Option<String> {
        self.lock().continuation.clone()
    }

    /// True when it is another one than before.
    pub(super) fn set_continuation(&self, token: Option<String>) -> bool {
        let mut state = self.lock();
        let changed = state.continuation != token;
        state.continuation = token;
        changed
    }

    pub(super) fn take_request(&self) -> Option<AutoRequest> {
        self.lock().requests.pop_front().map(|(_, request)| request)
    }

    pub(super) async fn next_request(&self) -> Option<AutoRequest> {
        self.wait(|state| match state.requests.pop_front() {
            Some((_, request)) => Some(Some(request)),
            None => state.outcome.is_some().then_some(None),
        })
        .await
    }

    /// Asks the application. None when the request was dropped unanswered, or the run is to end now. Dropping the future
    /// takes the request back.
    pub(super) async fn ask(&self, what: &'static str, params: &Value) -> Option<Value> {
        let (reply, answer) = oneshot::channel();
        let (waits, gone) = watch::channel(());
        let request = AutoRequest {
            what,
            params: params.to_string(),
            reply,
            gone,
        };
        let mut number = 0;
        self.change(|state| {
            state.asked += 1;
            number = state.asked;
            state.requests.push_back((number, request));
        });
        let _open = Open {
            shared: self,
            number,
            _waits: waits,
        };
        self.tell(
            "asked",
            &json!({"threadId": self.thread().id(), "what": what}),
        );
        tokio::select! {
            answer = answer => answer.ok(),
            () = self.until_over() => None,
        }
    }

    /// The same within a turn: with its end nobody waits for the answer any more.
    pub(super) async fn ask_within_turn(
        &self,
        what: &'static str,
        params: &Value,
    ) -> std::result::Result<Value, Unanswered> {
        let ended = self.lock().ended;
        let answer = tokio::select! {
            answer = self.ask(what, params) => answer,
            () = self.wait(|state| (state.ended != ended).then_some(())) => None,
        };
        answer.ok_or_else(|| {
            let state = self.lock();
            if state.is_over() || state.ended != ended {
                Unanswered::TooLate
            } else {
                Unanswered::Dropped
            }
        })
    }

    /// A turn has ended.
    pub(super) fn turn_ended(&self) {
        self.change(|state| {
            state.current = None;
            state.ended += 1;
        });
    }

    /// Ends the run from within a turn. The first word counts.
    pub(super) fn halt(&self, halt: Halt) {
        self.change(|state| {
            state.halt.get_or_insert(halt);
        });
    }

    pub(super) fn halted(&self) -> Option<Halt> {
        self.lock().halt.clone()
    }

    /// Waits until the run is to end now, whoever says so.
    pub(super) async fn until_over(&self) {
        self.wait(|state| state.is_over().then_some(())).await;
    }

    /// The same, or until the run's time is over.
    pub(super) async fn until_over_or(&self, deadline: Option<Instant>) {
        let late = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = late => {}
            () = self.until_over() => {}
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.lock().outcome.is_some()
    }

    pub(super) async fn result(&self) -> Result<AutoResult> {
        let outcome = self.wait(|state| state.outcome.clone()).await;
        (*outcome).clone()
    }

    pub(super) fn finish(&self, outcome: Result<AutoResult>) {
        self.change(|state| {
            state.current = None;
            state.requests.clear();
            state.outcome = Some(Arc::new(outcome.clone()));
        });
        let mut wakeups = Wakeups::default();
        self.stream.end(outcome.map(drop), &mut wakeups);
        wakeups.run();
    }

    /// Passes an event on to whoever reads.
    pub(super) fn pass(&self, event: Event) {
        let mut wakeups = Wakeups::default();
        self.stream.push(event, &mut wakeups);
        wakeups.run();
    }

    /// Tells an event of the run's own.
    pub(super) fn tell(&self, name: &str, params: &Value) {
        let line = json!({"method": format!("codexkit/autoRun/{name}"), "params": params});
        if let Ok(event) = Event::from_json(&line.to_string()) {
            self.pass(event);
        }
    }
}
