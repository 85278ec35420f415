//! The one-shot transport: a process of `codex exec` for each turn.

use std::sync::Mutex;

use codexkit::StreamState;
use codexkit::exec::{CodexExec, ExecOptions, ExecOutcome, ExecRun, ExecTurn};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::{Value, json};

use crate::error::OrThrow;
use crate::hub::NativeHub;
use crate::runtime::{promise, runtime};
use crate::stream::End;

/// Starts processes of `codex exec`.
#[napi]
pub struct NativeExec {
    codex: CodexExec,
}

/// One process and its turn.
#[napi]
pub struct NativeExecRun {
    run: ExecRun,
    end: Mutex<End>,
}

#[napi]
impl NativeExec {
    /// Checks options (JSON) and finds the engine.
    #[napi(constructor)]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn new(options: String) -> napi::Result<Self> {
        let options = ExecOptions::from_json(&options).or_throw()?;
        let codex = CodexExec::new(options).or_throw()?;
        Ok(Self { codex })
    }

    /// Starts a process; `id` is what the hub says when there is something to read.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn start(
        &self,
        hub: &NativeHub,
        id: u32,
        prompt: String,
        turn: String,
    ) -> napi::Result<NativeExecRun> {
        let _entered = runtime().or_throw()?.enter();
        let turn = ExecTurn::from_json(&turn).or_throw()?;
        let run = self.codex.start(&prompt, turn).or_throw()?;
        run.set_wake(Some(hub.shared().wake(id)));
        Ok(NativeExecRun {
            run,
            end: Mutex::new(End::Open),
        })
    }
}

#[napi]
impl NativeExecRun {
    /// Up to `max` events that are ready, as a JSON array; null if none is.
    #[napi]
    pub fn drain(&self, max: u32) -> Option<String> {
        let mut events = Vec::new();
        let state = self.run.drain(&mut events, max as usize);
        *self.lock() = match state {
            StreamState::Open => End::Open,
            StreamState::Ended => End::Ended,
            StreamState::Failed(error) => End::Failed(error.to_json()),
        };
        if events.is_empty() {
            return None;
        }
        let texts: Vec<&str> = events.iter().map(codexkit::exec::ExecEvent::raw).collect();
        Some(format!("[{}]", texts.join(",")))
    }

    /// Null while more may come, the empty string at the end, the error's JSON if the run ended badly.
    #[napi]
    pub fn end(&self) -> Option<String> {
        match &*self.lock() {
            End::Open => None,
            End::Ended => Some(String::new()),
            End::Failed(error) => Some(error.clone()),
        }
    }

    /// Waits until the process and all that it started are gone. Promise of JSON.
    #[napi]
    pub fn outcome<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let run = self.run.clone();
        promise(
            env,
            async move { Ok(shown(&run.outcome().await?).to_string()) },
        )
    }

    /// The thread's id, once it is known.
    #[napi]
    pub fn thread_id(&self) -> Option<String> {
        self.run.thread_id()
    }

    /// The process's id while it runs.
    #[napi]
    pub fn pid(&self) -> Option<u32> {
        self.run.pid()
    }

    /// Kills the process and all that it started, now.
    #[napi]
    pub fn kill(&self) {
        self.run.cancel();
    }

    /// Has the process and all that it started killed, without waiting.
    #[napi]
    pub fn cancel(&self) {
        self.run.cancel_in_background();
    }
}

impl NativeExecRun {
    fn lock(&self) -> std::sync::MutexGuard<'_, End> {
        self.end
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn shown(outcome: &ExecOutcome) -> Value {
    json!({
        "status": outcome.status,
        "failure": outcome.failure,
        "exitCode": outcome.exit_code,
        "stderrTail": outcome.stderr_tail,
    })
}
