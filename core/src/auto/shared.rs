//! What a run's driver and its handles have in common: wishes, the turn that runs, the newest token, the open
//! request, the end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};

use super::AutoResult;
use crate::error::Result;
use crate::thread::Thread;
use crate::thread::event::Event;
use crate::thread::queue::{EventStream, Keep, Wakeups};

/// Something that only the application can say: a hook, or the check. The run waits for the answer.
#[derive(Debug)]
pub struct AutoRequest {
    what: &'static str,
    params: String,
    reply: oneshot::Sender<Value>,
}

impl AutoRequest {
    /// `before_turn`, `after_turn` or `check`.
    #[must_use]
    pub fn what(&self) -> &str {
        self.what
    }

    /// What it is about, as JSON: the turn's number, the result of the turn that ended, the continuation token.
    #[must_use]
    pub fn params(&self) -> &str {
        &self.params
    }

    /// Answers.
    ///
    /// - `check`: true when the task is done; false, or the text of the next prompt, when it is not.
    /// - `before_turn`: null to go on; a text, or `{"prompt"}`, to change what the turn is told; `{"skip": true}`
    ///   to go to the check without it; `{"stop": "why"}` to end the run.
    /// - `after_turn`: null to go on; a text, or `{"prompt"}`, for the next turn; `{"stop": "why"}`.
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

pub(super) struct Shared {
    pub(super) thread: Thread,
    pub(super) stream: EventStream,
    state: Mutex<State>,
    /// Told whenever something of the state has changed that somebody may wait for.
    changed: watch::Sender<u64>,
}

struct State {
    wish: Wish,
    current: Option<String>,
    steered: Vec<Value>,
    continuation: Option<String>,
    request: Option<AutoRequest>,
    outcome: Option<Arc<Result<AutoResult>>>,
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
            thread,
            state: Mutex::new(State {
                wish: Wish::GoOn,
                current: None,
                steered: Vec::new(),
                continuation: None,
                request: None,
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

    pub(super) fn set_current(&self, turn_id: Option<&str>) {
        self.change(|state| state.current = turn_id.map(str::to_owned));
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
        self.lock().request.take()
    }

    pub(super) async fn next_request(&self) -> Option<AutoRequest> {
        self.wait(|state| match state.request.take() {
            Some(request) => Some(Some(request)),
            None => state.outcome.is_some().then_some(None),
        })
        .await
    }

    /// Asks the application. None when the request was dropped unanswered, or the run is to end now.
    pub(super) async fn ask(&self, what: &'static str, params: &Value) -> Option<Value> {
        let (reply, answer) = oneshot::channel();
        let request = AutoRequest {
            what,
            params: params.to_string(),
            reply,
        };
        self.change(|state| state.request = Some(request));
        self.tell(
            "asked",
            &json!({"threadId": self.thread.id(), "what": what}),
        );
        tokio::select! {
            answer = answer => answer.ok(),
            () = self.until_wished(Wish::Now) => {
                self.change(|state| state.request = None);
                None
            }
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
            state.request = None;
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
