//! Auto-run: turns of one thread, one after the other, until a check says that the task is done or a limit is
//! reached.
//!
//! In the order of the data: `options` (what a run is told), `token` (where it is, for another process), `decide`
//! with `failure` and `usage` (the pure decision and what it looks at), `driver` with `check`, `answers` and `goal` (carries
//! the steps out), `gate` (the hooks within a turn), `guards` (the guardrails), `handover` with `conversation` (another
//! agent's turn comes next), `resume` (goes on from a token), `shared` (what all of them and the
//! handles have in common).
//! Callbacks of an application are asked as [`AutoRequest`]s and never called from here.

mod answers;
mod check;
mod conversation;
mod decide;
mod driver;
mod failure;
mod gate;
mod goal;
mod guards;
mod handover;
mod options;
mod resume;
mod shared;
mod token;
mod usage;

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

pub use self::decide::StopReason;
pub use self::options::{
    AutoOptions, CommandCheck, DEFAULT_MAX_TURNS, GoalCheck, Hooks, RetryPolicy, Until,
    VerdictCheck,
};
pub use self::shared::AutoRequest;
pub use self::usage::Prices;
pub use crate::thread::usage::Tokens;

use self::driver::Driver;
use self::options::Plan;
use self::shared::{Shared, Wish};
use crate::client::Codex;
use crate::error::{Error, Result};
use crate::protocol::{JsonObject, raw};
use crate::telemetry::within;
use crate::thread::fold::TurnResult;
use crate::thread::queue::EventStream;
use crate::thread::{Thread, input};

/// A run. Clones are the same run with the same cursor over its events; when the last one is dropped, the run is
/// interrupted.
#[derive(Clone)]
pub struct AutoRun(Arc<Handle>);

struct Handle(Arc<Shared>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.wish(Wish::Now);
    }
}

/// What a run came to.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AutoResult {
    /// The thread that it ran on: the last one, when agents handed over.
    pub thread_id: String,
    /// Why it ended.
    pub stop_reason: StopReason,
    /// More about why, for people: what a hook or the check said, the status of a goal.
    pub detail: Option<String>,
    /// How many turns were begun, in all processes; a repeated one counts once.
    pub turns: u32,
    /// What they used.
    pub tokens: Tokens,
    /// What that cost, where prices were given.
    pub cost: Option<f64>,
    /// The wall time, in milliseconds, in all processes.
    pub elapsed_ms: u64,
    /// Goes on with the run, for example with other limits; none when the task is done.
    pub continuation: Option<String>,
    /// What went wrong, when the reason is `failed` or `refused`.
    pub error: Option<AutoError>,
    /// The last turn.
    pub last: Option<TurnResult>,
    /// The turns that ended in this process, in their order, repetitions too.
    pub history: Vec<AutoTurn>,
    /// Who handed over to whom in this process, in their order.
    pub handoffs: Vec<AutoHandoff>,
}

/// An agent handed the conversation over to another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AutoHandoff {
    /// The turn after which it did.
    pub turn: u32,
    /// The thread whose agent did.
    pub from_thread_id: String,
    /// The thread whose agent goes on.
    pub to_thread_id: String,
    /// What that agent is called.
    pub name: String,
    /// What it was told.
    pub message: String,
}

impl AutoResult {
    /// The result as one JSON object with camelCase keys.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "null".to_owned())
    }
}

/// One turn of a run, in short.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AutoTurn {
    /// Its number, from 1; a repetition has the same.
    pub turn: u32,
    /// The thread that it ran on.
    pub thread_id: String,
    /// How often it was tried, this time included.
    pub attempt: u32,
    /// The engine's id of it.
    pub turn_id: String,
    /// `completed`, `interrupted` or `failed`.
    pub status: String,
    /// The text of its final answer.
    pub final_response: Option<String>,
    /// What it used, by itself.
    pub tokens: Tokens,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
}

/// What ended a run as `failed`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AutoError {
    /// `turn` for a turn that failed, else the kind of the [`Error`].
    pub kind: String,
    /// What was said.
    pub message: String,
    /// The engine's own word for it.
    pub codex_error_info: Option<Value>,
}

impl AutoRun {
    fn start(shared: Arc<Shared>, driver: Driver) -> Self {
        let runtime = shared.thread().codex().session().runtime().clone();
        runtime.spawn(driver.run());
        Self(Arc::new(Handle(shared)))
    }

    fn shared(&self) -> &Shared {
        &self.0.0
    }

    /// The thread that it runs on: the newest, when agents hand over.
    #[must_use]
    pub fn thread_id(&self) -> String {
        self.shared().thread().id().to_owned()
    }

    /// The id of the turn that runs now.
    #[must_use]
    pub fn turn_id(&self) -> Option<String> {
        self.shared().current()
    }

    /// Every event of every turn, and between them the run's own (`codexkit/autoRun/...`); empty unless
    /// `keep_events` was set. One cursor, shared by all who read.
    #[must_use]
    pub fn events(&self) -> &EventStream {
        &self.shared().stream
    }

    /// The newest continuation token; none before the first step and once the task is done.
    #[must_use]
    pub fn continuation(&self) -> Option<String> {
        self.shared().continuation()
    }

    /// The next thing that the application is asked: a hook, or the check. Waits for it; none when the run has
    /// ended. The run waits for the answer.
    pub async fn next_request(&self) -> Option<AutoRequest> {
        self.shared().next_request().await
    }

    /// What the application is asked now, if anything. An event `codexkit/autoRun/asked` says when.
    #[must_use]
    pub fn take_request(&self) -> Option<AutoRequest> {
        self.shared().take_request()
    }

    /// Waits for the end. With a callback or hooks somebody has to answer [`AutoRun::next_request`], or it never
    /// comes; [`AutoRun::result_with`] does.
    ///
    /// # Errors
    /// `invalid_argument` for an answer that makes no sense, `cancelled` for a request that was dropped. What
    /// goes wrong with the engine is a result, with the stop reason `failed` and a continuation.
    pub async fn result(&self) -> Result<AutoResult> {
        self.shared().result().await
    }

    /// Answers every request with what `answer` gives, and waits for the end.
    ///
    /// # Errors
    /// As [`AutoRun::result`].
    pub async fn result_with<F>(
        &self,
        mut answer: impl FnMut(&AutoRequest) -> F,
    ) -> Result<AutoResult>
    where
        F: Future<Output = Value>,
    {
        while let Some(request) = self.next_request().await {
            let given = answer(&request).await;
            request.respond(given);
        }
        self.result().await
    }

    /// Gives the running turn further input (`turn/steer`). Between turns it is kept for the next one.
    ///
    /// # Errors
    /// `invalid_argument` for bad input, and when the run has ended; `closed`.
    pub async fn steer(&self, input: Vec<Value>) -> Result<()> {
        let shared = self.shared();
        let thread = shared.thread();
        let codex = thread.codex();
        input::check(&input, &JsonObject::new(), codex.files())?;
        if shared.has_ended() {
            return Err(Error::invalid_argument(
                "input",
                "the run has ended; start another one",
            ));
        }
        if let Some(turn_id) = shared.current() {
            let params = json!({
                "threadId": self.thread_id(),
                "expectedTurnId": turn_id,
                "input": input,
            });
            let running = || shared.current().as_deref() == Some(turn_id.as_str());
            let session = codex.session();
            let params = raw(&params);
            let asked = session.request_when_active("turn/steer", &params, running);
            let answer = within(shared.scope(), asked).await;
            match answer {
                Ok(_) => return Ok(()),
                // The turn has ended meanwhile.
                Err(error) if error.is_answer() => {}
                Err(error) => return Err(error),
            }
        }
        shared.keep_for_next_turn(input);
        Ok(())
    }

    /// Ends the run after the turn that runs now, or before the next.
    pub fn stop(&self) {
        self.shared().wish(Wish::AfterTurn);
    }

    /// Ends the run now: interrupts its turn, kills its check.
    pub fn interrupt(&self) {
        self.shared().wish(Wish::Now);
    }
}

impl Thread {
    /// Runs turns until the task is done or a limit is reached.
    ///
    /// `input` is what the first turn is told. Nobody else should start turns on the thread meanwhile.
    ///
    /// # Errors
    /// `invalid_argument` for input and options that cannot be.
    pub fn auto_run(&self, input: Vec<Value>, options: &AutoOptions) -> Result<AutoRun> {
        let plan = Plan::default().with(options)?;
        input::check(&input, &JsonObject::new(), self.codex().files())?;
        input::check_cwd(&plan.turn, self.codex().files())?;
        if matches!(plan.until, Until::Goal(_)) && driver::texts(&input).is_none() {
            return Err(Error::invalid_argument(
                "input",
                "a goal is told in words; give text only",
            ));
        }
        check_key(options)?;
        let shared = Arc::new(Shared::new(self.clone(), options.keep_events));
        let driver = Driver::new(shared.clone(), plan, options, input);
        Ok(AutoRun::start(shared, driver))
    }
}

impl Codex {
    /// Goes on with a run from its continuation token, which may be of another process and of another language.
    /// What `options` says replaces what the token says; a callback and hooks have to be given again.
    ///
    /// The thread is resumed (`thread/resume`) unless `thread` is a handle on it. What was done since the token was
    /// given is found on the thread and not done again; a turn that was cut off is repeated, and counted once.
    ///
    /// # Errors
    /// `invalid_argument` for a token that is damaged, changed, or of something else; else as
    /// [`Codex::thread_resume`].
    pub async fn auto_resume(
        &self,
        token: &str,
        options: &AutoOptions,
        thread: Option<Thread>,
    ) -> Result<AutoRun> {
        check_key(options)?;
        let (shared, driver) = resume::prepare(self, token, options, thread).await?;
        Ok(AutoRun::start(shared, driver))
    }
}

fn check_key(options: &AutoOptions) -> Result<()> {
    match &options.token_key {
        Some(key) if key.is_empty() => Err(Error::invalid_argument(
            "token_key",
            "it is empty; leave it out, or give a secret",
        )),
        _ => Ok(()),
    }
}

/// A continuation token, or with a `{` at its beginning the inside of one, for the fuzz targets.
///
/// # Panics
/// When a token that was understood is not the same when it is written and read again.
#[cfg(feature = "fuzzing")]
pub(crate) fn fuzz_token(text: &str) {
    token::fuzz(text);
}
