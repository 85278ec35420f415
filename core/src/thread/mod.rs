//! Threads and turns: what an application holds.

mod as_tool;
pub(crate) mod event;
pub(crate) mod fold;
pub(crate) mod handoff;
pub(crate) mod hooks;
pub(crate) mod input;
pub(crate) mod queue;
pub(crate) mod setup;
pub mod simple;
pub(crate) mod state;
pub(crate) mod text;
mod turn;
pub(crate) mod usage;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::client::Codex;
use crate::error::{Error, ErrorKind, Result};
use crate::guardrails;
use crate::protocol::{JsonObject, lenient, raw};
use crate::session::family::Agent;
use crate::telemetry::{TurnTrace, within};
use crate::thread::fold::TurnResult;
use crate::thread::queue::{EventStream, Keep};
use crate::thread::setup::Setup;
use crate::thread::state::TurnState;
pub use crate::thread::turn::Turn;

/// A conversation with the engine. Clones are the same thread; it keeps the client alive.
#[derive(Clone)]
pub struct Thread(Arc<Inner>);

struct Inner {
    codex: Codex,
    id: String,
    answer: Option<Box<RawValue>>,
    setup: Arc<Setup>,
}

impl Thread {
    pub(crate) fn new(
        codex: Codex,
        id: String,
        answer: Option<Box<RawValue>>,
        setup: Arc<Setup>,
    ) -> Self {
        Self(Arc::new(Inner {
            codex,
            id,
            answer,
            setup,
        }))
    }

    pub(crate) fn from_answer(
        codex: Codex,
        method: &str,
        answer: Box<RawValue>,
        setup: Arc<Setup>,
    ) -> Result<Self> {
        #[derive(Deserialize)]
        struct Answer {
            thread: Named,
        }
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        match lenient::from_str::<Answer>(answer.get()) {
            Ok(named) => Ok(Self::new(codex, named.thread.id, Some(answer), setup)),
            Err(error) => Err(Error::new(
                ErrorKind::Protocol,
                format!("{method}: the engine's answer names no thread: {error}"),
            )),
        }
    }

    /// The thread's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The client that the thread belongs to.
    #[must_use]
    pub fn codex(&self) -> &Codex {
        &self.0.codex
    }

    /// The engine's whole answer to `thread/start`, `thread/resume` or `thread/fork`.
    #[must_use]
    pub fn start_response(&self) -> Option<&RawValue> {
        self.0.answer.as_deref()
    }

    /// Starts a turn (`turn/start`). Its events are kept from before the request is sent, so that none
    /// is lost however late they are read. On a busy thread the engine joins the turn that runs.
    ///
    /// `input` are the protocol's user inputs, `params` the further parameters of `turn/start`.
    /// Dropping the future before it is done interrupts the turn that it may have started.
    ///
    /// # Errors
    /// `invalid_argument` for an empty prompt, an unknown input or a missing file; `rpc`, `timeout`, `closed`.
    pub async fn turn(&self, input: Vec<Value>, params: JsonObject) -> Result<Turn> {
        self.turn_with(input, params, Setup::default()).await
    }

    /// The same, with what the turn has of its own: who answers its approvals, before those of the thread.
    ///
    /// # Errors
    /// As [`Thread::turn`].
    pub async fn turn_with(
        &self,
        input: Vec<Value>,
        params: JsonObject,
        setup: Setup,
    ) -> Result<Turn> {
        self.start(input, params, Keep::All, setup).await
    }

    /// Runs a turn to its end and gives what it came to. It keeps no events.
    ///
    /// Dropping the future interrupts the turn. A turn that failed is `Ok` with `status` `failed`.
    ///
    /// # Errors
    /// As [`Thread::turn`].
    pub async fn run(&self, input: Vec<Value>, params: JsonObject) -> Result<TurnResult> {
        self.run_with(input, params, Setup::default()).await
    }

    /// The same, with what the turn has of its own.
    ///
    /// # Errors
    /// As [`Thread::turn`].
    pub async fn run_with(
        &self,
        input: Vec<Value>,
        params: JsonObject,
        setup: Setup,
    ) -> Result<TurnResult> {
        let turn = self.start(input, params, Keep::Nothing, setup).await?;
        turn.result_or_interrupt().await
    }

    async fn start(
        &self,
        input: Vec<Value>,
        params: JsonObject,
        keep: Keep,
        setup: Setup,
    ) -> Result<Turn> {
        let setups = self.setups(Arc::new(setup));
        let input = guardrails::check_input(&setups, input).await?;
        self.start_checked(input, params, keep, setups).await
    }

    /// What the guardrails and handlers of a turn are, the turn's first.
    pub(crate) fn setups(&self, turn: Arc<Setup>) -> [Arc<Setup>; 2] {
        [turn, self.0.setup.clone()]
    }

    /// Starts a turn whose input the guardrails have let pass.
    pub(crate) async fn start_checked(
        &self,
        input: Vec<Value>,
        mut params: JsonObject,
        keep: Keep,
        setups: [Arc<Setup>; 2],
    ) -> Result<Turn> {
        input::check(&input, &params, self.codex().files())?;
        input::check_cwd(&params, self.codex().files())?;
        let session = self.codex().session();
        let trace = self.trace(&input, &params, &setups[0]);
        params.insert("threadId".to_owned(), self.id().into());
        params.insert("input".to_owned(), Value::Array(input));
        let state = TurnState::new(self.id(), keep, session.options.queue)
            .with_setups(setups)
            .with_trace(trace.clone());
        let (state, params) = (Arc::new(state), raw(&params.into()));
        let started = within(trace.scope(), session.start_turn(&state, &params)).await;
        let (reader, answer) = started.inspect_err(|error| trace.refused(error))?;
        Ok(Turn::new(self.codex().clone(), state, reader, answer))
    }

    /// The span of a turn that is about to start.
    pub(crate) fn trace(
        &self,
        input: &[Value],
        params: &JsonObject,
        setup: &Setup,
    ) -> Arc<TurnTrace> {
        #[derive(Deserialize)]
        struct Answer {
            model: String,
        }
        let telemetry = &self.codex().session().options.telemetry;
        let answer = self.0.answer.as_deref().filter(|_| telemetry.is_on());
        let model = answer.and_then(|answer| lenient::from_str::<Answer>(answer.get()).ok());
        TurnTrace::begin(
            telemetry,
            self.id(),
            (input, params),
            model.map(|answer| answer.model),
            setup.trace_context.clone(),
        )
    }

    /// The sub-agents that the engine has spawned for this thread's agent, in the order of their spawning; theirs are
    /// theirs. [`Codex::thread`] gives a handle on one.
    #[must_use]
    pub fn children(&self) -> Vec<Agent> {
        self.codex().session().agents(Some(self.id()))
    }

    /// What the engine tells of this thread and of the sub-agents below it and no turn's reader claims, from now on and
    /// with a cursor of its own: for a sub-agent, or an agent that has some, all that they do. The newest few thousand
    /// are kept, older ones are dropped and counted.
    #[must_use]
    pub fn subscribe(&self) -> EventStream {
        self.codex().session().listen(Some(self.id()))
    }

    /// Reads the thread (`thread/read`).
    ///
    /// # Errors
    /// As [`Codex::request`].
    pub async fn read(&self, include_turns: bool) -> Result<Box<RawValue>> {
        self.codex().thread_read(self.id(), include_turns).await
    }

    /// Names the thread (`thread/name/set`).
    ///
    /// # Errors
    /// As [`Codex::request`].
    pub async fn set_name(&self, name: &str) -> Result<Box<RawValue>> {
        self.codex().thread_set_name(self.id(), name).await
    }

    /// Starts compacting the thread's context (`thread/compact/start`).
    ///
    /// # Errors
    /// As [`Codex::request`].
    pub async fn compact(&self) -> Result<Box<RawValue>> {
        self.codex().thread_compact(self.id()).await
    }

    /// Puts the thread into the archive (`thread/archive`).
    ///
    /// # Errors
    /// As [`Codex::request`].
    pub async fn archive(&self) -> Result<Box<RawValue>> {
        self.codex().thread_archive(self.id()).await
    }

    /// Takes the thread out of the archive (`thread/unarchive`).
    ///
    /// # Errors
    /// As [`Codex::request`].
    pub async fn unarchive(&self) -> Result<Box<RawValue>> {
        self.codex().thread_unarchive(self.id()).await
    }
}
