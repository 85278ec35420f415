//! The one-shot transport: a process of `codex exec --experimental-json` for each turn, as the official
//! TypeScript SDK does it.
//!
//! It is for who wants a process per turn. It can do less than a [`Codex`](crate::Codex): no deltas, no
//! approvals, no steering, and each turn pays for the engine's start. What it adds to a bare child process:
//! output that is not as it should be is survived, the whole tree of processes ends with the turn, and the
//! API key stays away from the commands that the agent runs.
//!
//! ```no_run
//! # async fn example() -> codexkit::Result<()> {
//! use codexkit::exec::{CodexExec, ExecOptions, ExecTurn};
//!
//! let codex = CodexExec::new(ExecOptions::default())?;
//! let turn = ExecTurn { skip_git_repo_check: true, ..ExecTurn::default() };
//! let run = codex.start("What does this project do?", turn)?;
//! while let Some(event) = run.next().await {
//!     println!("{}", event?.raw());
//! }
//! let outcome = run.outcome().await?;
//! println!("{} on thread {:?}", outcome.status, run.thread_id());
//! # Ok(()) }
//! ```
//!
//! Map, in the order of the data: `options` (what is asked for, and its checks), `args` (the command line),
//! `key` (what keeps the API key away from commands), `run` (the process and its end), `output` (lines to
//! events). What must not be here: anything of the app-server's protocol.

mod args;
mod key;
mod options;
mod output;
mod run;
mod schema;

use std::sync::Arc;

use serde_json::Value;

pub use options::{ExecOptions, ExecTurn};
pub use output::ExecEvent;
pub use run::{ExecOutcome, ExecRun};

use crate::engine::locate::{self, EngineInfo, locate};
use crate::engine::process::{self, Launch};
use crate::error::{Error, Result};

/// Starts one process of `codex exec` for each turn. Clones are the same.
#[derive(Clone)]
pub struct CodexExec(Arc<Inner>);

struct Inner {
    options: ExecOptions,
    engine: EngineInfo,
}

/// What a turn came to, with everything that it told.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ExecResult {
    /// Every completed item, in order, as the engine sent it.
    pub items: Vec<Value>,
    /// The text of the last agent message; empty without one.
    pub final_response: String,
    /// The usage that `turn.completed` told: the thread's total so far. Null unless the turn completed.
    pub usage: Value,
    /// How the turn and its process ended.
    pub outcome: ExecOutcome,
}

impl CodexExec {
    /// Checks the options and finds the engine; starts nothing.
    ///
    /// # Errors
    /// `invalid_argument` for options that cannot be, `engine_not_found`.
    pub fn new(options: ExecOptions) -> Result<Self> {
        options.check()?;
        let engine = locate(options.codex_bin.as_deref(), options.bundled.as_ref())?;
        Ok(Self(Arc::new(Inner { options, engine })))
    }

    /// Where the engine was found.
    #[must_use]
    pub fn engine(&self) -> &EngineInfo {
        &self.0.engine
    }

    /// Starts a process that runs one turn. Must be called within a tokio runtime.
    ///
    /// The prompt goes through the process's standard input and never onto its command line. When the last
    /// handle of the run is dropped, the process and all that it started are killed.
    ///
    /// # Errors
    /// `invalid_argument` for an empty prompt, a missing image or options that cannot be; `spawn` when the
    /// process cannot be started; `io` when the file of the output schema cannot be written.
    pub fn start(&self, prompt: &str, mut turn: ExecTurn) -> Result<ExecRun> {
        let options = &self.0.options;
        if prompt.trim().is_empty() {
            return Err(Error::invalid_argument(
                "input",
                "the prompt is empty; codex exec needs some text",
            ));
        }
        turn.check(options.cwd.as_deref())?;
        let schema = turn.output_schema.take();
        let schema = schema.map(|schema| schema::write(&schema)).transpose()?;
        let has_key = key::is_given(options);
        let launch = Launch {
            role: "engine",
            program: self.0.engine.path.clone(),
            args: args::arguments(options, &turn, schema.as_ref(), has_key)?,
            cwd: options.cwd.clone(),
            env: environment(options),
            path_dir: self.0.engine.path_dir.clone(),
        };
        let started = process::start(&launch)?;
        Ok(ExecRun::supervise(
            started,
            run::Plan {
                prompt: prompt.to_owned(),
                schema,
                hide_key: has_key,
                timeout: turn.timeout,
                max_line_bytes: options.max_line_bytes,
                queue: options.queue,
            },
        ))
    }

    /// Runs one turn to its end. Dropping the future kills the process and all that it started.
    ///
    /// A turn that failed is `Ok`; its [`ExecOutcome::status`] is `failed`.
    ///
    /// # Errors
    /// As [`CodexExec::start`] and [`ExecRun::outcome`].
    pub async fn run(&self, prompt: &str, turn: ExecTurn) -> Result<ExecResult> {
        self.start(prompt, turn)?.collect().await
    }
}

/// The engine's environment: the caller's, the key, and who asks.
fn environment(options: &ExecOptions) -> crate::EnvOptions {
    const ORIGINATOR: &str = "CODEX_INTERNAL_ORIGINATOR_OVERRIDE";
    let mut env = options.env.clone();
    let given = |name: &str| {
        env.set.iter().any(|(other, _)| other == name)
            || (env.inherit && !env.unset.iter().any(|other| other == name) && locate::is_set(name))
    };
    let names_itself = given(ORIGINATOR);
    if !names_itself {
        let name = options.client_name.clone();
        env.set.push((ORIGINATOR.to_owned(), name));
    }
    if let Some(api_key) = &options.api_key {
        env.unset.retain(|name| name != key::NAME);
        env.set.push((key::NAME.to_owned(), api_key.clone()));
    }
    env
}

/// A line of `codex exec`, for the fuzz targets.
#[cfg(feature = "fuzzing")]
pub(crate) fn fuzz_line(line: &[u8]) -> Option<ExecEvent> {
    let (event, _milestone) = output::read(line).ok()??;
    Some(ExecEvent(Arc::from(event.line())))
}
