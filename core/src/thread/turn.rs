//! A turn's handle: its events, its result, and the means to steer and stop it.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use serde_json::value::RawValue;
use tokio::sync::OnceCell;

use crate::client::Codex;
use crate::error::{ErrorKind, Result};
use crate::guardrails;
use crate::protocol::raw;
use crate::session::Session;
use crate::session::diagnostics::{Diagnostic, DiagnosticKind};
use crate::session::router::Subscriber;
use crate::telemetry::{Scope, within};
use crate::thread::fold::TurnResult;
use crate::thread::input;
use crate::thread::queue::EventStream;
use crate::thread::simple::{SimpleEvent, SimpleFold};
use crate::thread::state::TurnState;

/// A turn that was started. Clones are the same handle with the same cursor over its events. When the last
/// one is dropped, the turn goes on in the engine, and nothing is kept of it here.
#[derive(Clone)]
pub struct Turn(Arc<Handle>);

struct Handle {
    codex: Codex,
    state: Arc<TurnState>,
    reader: Subscriber,
    answer: Box<RawValue>,
    /// One interrupt at a time: the engine never answers a second one.
    interrupting: tokio::sync::Mutex<bool>,
    /// What the guardrails made of the result.
    guarded: OnceCell<Result<TurnResult>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.codex.session().forget(self.reader);
    }
}

/// How long the answer may take after the turn's end: usually it is on its way.
const INTERRUPTED_ANSWER: Duration = Duration::from_millis(250);
/// How long the interrupted turn's end is awaited before its commands are ended.
const INTERRUPTED_END: Duration = Duration::from_secs(2);
/// How long it is awaited to end those that started late.
const LATE_END: Duration = Duration::from_secs(60);

impl Turn {
    pub(crate) fn new(
        codex: Codex,
        state: Arc<TurnState>,
        reader: Subscriber,
        answer: Box<RawValue>,
    ) -> Self {
        Self(Arc::new(Handle {
            codex,
            state,
            reader,
            answer,
            interrupting: tokio::sync::Mutex::new(false),
            guarded: OnceCell::new(),
        }))
    }

    /// The turn's id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.state.id()
    }

    /// The id of the thread that it runs on.
    #[must_use]
    pub fn thread_id(&self) -> &str {
        self.0.state.thread_id()
    }

    /// The engine's whole answer to `turn/start`.
    #[must_use]
    pub fn start_response(&self) -> &RawValue {
        &self.0.answer
    }

    /// Whether the turn has not ended yet.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.0.state.is_over()
    }

    /// The turn's events, from its start to `turn/completed`. One cursor, shared by all who read.
    #[must_use]
    pub fn events(&self) -> &EventStream {
        &self.0.state.stream
    }

    /// A fold of the turn's events into the simple model of `codex exec --json`, and the event to begin with.
    /// Unlike [`SimpleFold::begin`] it also tells the warnings that concern the turn without naming it.
    #[must_use]
    pub fn simple_fold(&self) -> (SimpleFold, SimpleEvent) {
        SimpleFold::of(&self.0.state)
    }

    /// Where requests about it belong.
    pub(crate) fn scope(&self) -> Scope {
        self.0.state.scope()
    }

    /// Waits for the end and gives what the turn came to. A failed turn is `Ok` with `status` `failed`.
    ///
    /// # Errors
    /// `closed` when the engine or client is gone; `guardrail` when an output guardrail does not let it pass.
    pub async fn result(&self) -> Result<TurnResult> {
        let guard = || async {
            guardrails::check_output(self.0.state.setups(), self.outcome().await?).await
        };
        self.0.guarded.get_or_init(guard).await.clone()
    }

    /// What the turn came to, whatever the guardrails say.
    pub(crate) async fn outcome(&self) -> Result<TurnResult> {
        loop {
            self.0.state.ended().await;
            if let Some(result) = self.0.state.try_result() {
                return result;
            }
        }
    }

    /// As [`Turn::result`], but dropping the future interrupts the turn.
    ///
    /// # Errors
    /// As [`Turn::result`].
    pub async fn result_or_interrupt(&self) -> Result<TurnResult> {
        let guard = InterruptOnDrop(Some(self.clone()));
        let result = self.result().await;
        guard.disarm();
        result
    }

    /// The result, if the turn has ended; no guardrail has looked at it.
    #[must_use]
    pub fn try_result(&self) -> Option<Result<TurnResult>> {
        self.0.state.try_result()
    }

    /// Waits for the end on this thread, without the guardrails; `None` when it has not come within `timeout`.
    #[must_use]
    pub fn result_blocking(&self, timeout: Duration) -> Option<Result<TurnResult>> {
        self.0.state.wait_blocking(timeout)
    }

    /// Calls `f` once when the turn has ended, at once if it has. On the read task: it must be quick.
    pub fn on_finished(&self, f: Box<dyn FnOnce() + Send>) {
        self.0.state.on_finished(f);
    }

    /// Adds input to the running turn (`turn/steer`). Gives the engine's answer.
    ///
    /// # Errors
    /// `invalid_argument` for bad input, `rpc` when the turn has ended.
    pub async fn steer(&self, input: Vec<serde_json::Value>) -> Result<Box<RawValue>> {
        input::check(&input, &serde_json::Map::new(), self.0.codex.files())?;
        let params = raw(&json!({
            "threadId": self.thread_id(),
            "expectedTurnId": self.id(),
            "input": input,
        }));
        self.request_when_active("turn/steer", &params).await
    }

    async fn request_when_active(&self, method: &str, params: &RawValue) -> Result<Box<RawValue>> {
        let state = &self.0.state;
        let session = self.0.codex.session();
        let asked = session.request_when_active(method, params, || state.is_running());
        within(state.scope(), asked).await
    }

    /// Interrupts the turn (`turn/interrupt`) and ends the shell commands that it leaves running
    /// (`thread/backgroundTerminals/clean`). On a turn that has ended it does nothing.
    ///
    /// # Errors
    /// `rpc`, `timeout`, `closed`.
    pub async fn interrupt(&self) -> Result<()> {
        let mut interrupted = self.0.interrupting.lock().await;
        if *interrupted || !self.0.state.is_running() {
            return Ok(());
        }
        let params = raw(&json!({"threadId": self.thread_id(), "turnId": self.id()}));
        // The answer may never come if another handle of the turn was first; then its end is the answer.
        let mut asked = pin!(self.request_when_active("turn/interrupt", &params));
        let answer = tokio::select! {
            biased;
            answer = &mut asked => answer.map(drop),
            () = self.0.state.ended() => match tokio::time::timeout(INTERRUPTED_ANSWER, asked).await {
                Ok(answer) => answer.map(drop),
                Err(_) => Ok(()),
            },
        };
        match answer {
            Err(error) if error.is_answer() && !self.0.state.is_running() => {}
            other => other?,
        }
        *interrupted = true;
        drop(interrupted);
        let ended = tokio::time::timeout(INTERRUPTED_END, self.0.state.ended()).await;
        end_commands(&self.0.state, self.0.codex.session()).await;
        if ended.is_err() {
            // A command that was about to start is one that the engine can end only when the turn is over.
            self.end_commands_at_the_end();
        }
        Ok(())
    }

    fn end_commands_at_the_end(&self) {
        let (state, session) = (self.0.state.clone(), self.0.codex.session().clone());
        session.runtime().clone().spawn(async move {
            if tokio::time::timeout(LATE_END, state.ended()).await.is_ok() {
                end_commands(&state, &session).await;
            }
        });
    }

    /// Interrupts the turn without waiting: for Ctrl-C, cancellation and finalisers. What fails is found
    /// in the diagnostics.
    pub fn interrupt_in_background(&self) {
        if !self.is_running() {
            return;
        }
        let turn = self.clone();
        self.0.codex.session().runtime().spawn(async move {
            if let Err(error) = turn.interrupt().await
                && error.kind() != ErrorKind::Closed
            {
                turn.0.codex.session().diagnostic(Diagnostic::new(
                    DiagnosticKind::Engine,
                    format!("turn {} could not be interrupted: {error}", turn.id()),
                ));
            }
        });
    }
}

/// Ends the commands that a turn has left running, as a part of the turn.
async fn end_commands(state: &TurnState, session: &Arc<Session>) {
    within(state.scope(), session.end_commands(state.thread_id())).await;
}

/// Interrupts its turn unless it is disarmed.
struct InterruptOnDrop(Option<Turn>);

impl InterruptOnDrop {
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for InterruptOnDrop {
    fn drop(&mut self) {
        if let Some(turn) = self.0.take() {
            turn.interrupt_in_background();
        }
    }
}
