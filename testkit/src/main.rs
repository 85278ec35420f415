//! The `codexkit-testkit` command: the parts of the test kit that are processes of their own.
//!
//! Only arguments, environment and exit codes are handled here.

use clap::{Parser, Subcommand, ValueEnum};
use codexkit_testkit::faulty::{self, Plan};
use codexkit_testkit::replay::{self, Kind, ReplayPlan};
use codexkit_testkit::{Error, Result, Script, ScriptedModel};
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// Test agents that drive the Codex engine, without a key and without a network.
///
/// Where only the path of an engine can be given, set CODEXKIT_REPLAY or CODEXKIT_FAULTY to a plan
/// (JSON, or the path of a file) and use this program as the engine: it then ignores its arguments.
#[derive(Parser)]
#[command(name = "codexkit-testkit", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a scripted model: a Responses API server on 127.0.0.1.
    ///
    /// Prints `listening http://127.0.0.1:PORT/v1` and runs until stdin closes or SIGTERM comes.
    /// A script is JSON; the shortest is {"replies": ["Hello"]}. Start the real engine with
    ///
    /// --config 'model_provider="scripted"' --config 'model_providers.scripted={name="scripted",
    /// base_url="http://127.0.0.1:PORT/v1",wire_api="responses",supports_websockets=false}'
    #[command(verbatim_doc_comment)]
    Model {
        /// The script: a file of JSON.
        #[arg(long)]
        script: PathBuf,
        /// The port; a free one when absent.
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Append every request to this file, a line of JSON each.
        #[arg(long)]
        log: Option<PathBuf>,
    },
    /// Be an app-server on stdio that misbehaves where the plan says so.
    ///
    /// The plan {} is a healthy tiny engine. This one dies in the middle of the first turn:
    ///
    ///   {"faults": [{"on": "item/agentMessage/delta", "nth": 2, "do": {"die": {"exit": 3}}}]}
    ///
    /// The README of the crate lists the points and the actions.
    #[command(verbatim_doc_comment)]
    Faulty {
        /// The plan: JSON, or the path of a file.
        #[arg(long, default_value = "{}")]
        plan: String,
        /// Anything else is ignored, as if it were given to the engine.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        ignored: Vec<String>,
    },
    /// Be an app-server on stdio that writes prepared lines as fast as the pipe takes them.
    ///
    /// Every turn gets the lines; `events=N` in a prompt changes their number for that turn.
    /// With `exec` as the next word it writes thread events for clients of the one-shot mode.
    #[command(verbatim_doc_comment)]
    Replay {
        /// Recorded lines of one turn, in place of the built-in ones.
        #[arg(long)]
        lines: Option<PathBuf>,
        /// Wait for so many turns, then stream all of them at once.
        #[arg(long, default_value_t = 1)]
        turns: usize,
        /// How many lines in all.
        #[arg(long, default_value_t = 10_000)]
        events: usize,
        /// The built-in lines.
        #[arg(long, value_enum, default_value_t = LineKind::Delta)]
        kind: LineKind,
        /// Lines a second; the text of each delta is then the time it was written at.
        #[arg(long)]
        rate: Option<f64>,
        /// Anything else is ignored, but for the word `exec` in the first place.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        rest: Vec<String>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum LineKind {
    /// Deltas of a message alone.
    Delta,
    /// Items, output, reasoning, usage and deltas.
    Mix,
}

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "codexkit-testkit: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode> {
    // Before the arguments are looked at: whoever sets these gives us the engine's arguments.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Ok(plan) = std::env::var("CODEXKIT_REPLAY") {
        let plan = ReplayPlan::parse(&text_of(&plan)?)?;
        return as_engine(&arguments, None, || {
            replay::run(&plan, &arguments).map(|()| ExitCode::SUCCESS)
        });
    }
    if let Ok(plan) = std::env::var("CODEXKIT_FAULTY") {
        let plan = Plan::load(&plan)?;
        let version = plan.version.clone();
        return as_engine(&arguments, version.as_deref(), || {
            Ok(exit_code(faulty::run(plan)))
        });
    }
    match Arguments::parse().command {
        Command::Model { script, port, log } => model(&script, port, log.as_deref()),
        Command::Faulty { plan, .. } => Ok(exit_code(faulty::run(Plan::load(&plan)?))),
        Command::Replay {
            lines,
            turns,
            events,
            kind,
            rate,
            rest,
        } => {
            let mut plan = ReplayPlan::default();
            plan.lines = lines;
            plan.turns = turns.max(1);
            plan.events = events;
            plan.kind = match kind {
                LineKind::Delta => Kind::Delta,
                LineKind::Mix => Kind::Mix,
            };
            plan.rate = rate.filter(|rate| *rate > 0.0);
            replay::run(&plan, &rest)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn exit_code(code: i32) -> ExitCode {
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

/// Runs as the engine, or only says its version when asked for it.
fn as_engine(
    arguments: &[String],
    version: Option<&str>,
    run: impl FnOnce() -> Result<ExitCode>,
) -> Result<ExitCode> {
    if arguments.first().is_some_and(|word| word == "--version") {
        let version = version.unwrap_or(codexkit_testkit::ENGINE_VERSION);
        say(&format!("codex-cli {version}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    run()
}

/// JSON as it is, anything else as the path of a file.
fn text_of(text_or_path: &str) -> Result<String> {
    if text_or_path.trim_start().starts_with('{') {
        return Ok(text_or_path.to_owned());
    }
    std::fs::read_to_string(text_or_path).map_err(|source| Error::Io {
        context: format!("reading the plan {text_or_path}"),
        source,
    })
}

fn say(line: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")
        .and_then(|()| stdout.flush())
        .map_err(|source| Error::Io {
            context: "writing to stdout".to_owned(),
            source,
        })
}

fn model(script: &std::path::Path, port: u16, log: Option<&std::path::Path>) -> Result<ExitCode> {
    let text = std::fs::read_to_string(script).map_err(|source| Error::Io {
        context: format!("reading the script {}", script.display()),
        source,
    })?;
    let script = Script::parse(&text)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| Error::Io {
            context: "starting the runtime".to_owned(),
            source,
        })?;
    runtime.block_on(async {
        let model = ScriptedModel::start_with(script, port, log).await?;
        say(&format!("listening {}", model.base_url()))?;
        tokio::select! {
            () = stdin_closed() => {}
            () = told_to_stop() => {}
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// A thread of its own reads stdin: tokio's would keep the runtime from ending.
async fn stdin_closed() {
    let (sender, closed) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
        let _ = sender.send(());
    });
    let _ = closed.await;
}

#[cfg(unix)]
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn told_to_stop() {
    let _ = tokio::signal::ctrl_c().await;
}
