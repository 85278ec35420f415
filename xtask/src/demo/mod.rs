//! `cargo xtask demo`: one turn of the real engine in Rust, Python and Node, shown as it happens.
//!
//! The three programs are `examples/*/demo.*`, as a user would write them. They learn of the
//! scripted model through CODEX_HOME alone; `--live` only leaves that variable as the user has it.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::paths;
use crate::scripted::Scripted;
use crate::setup::{self, Profile};
use crate::sh::{Cmd, say, tail};
use crate::suites::path_with_engine;

mod compare;
mod login;

const SCRIPT: &str = include_str!("script.json");
const PROMPT: &str = "Look around, leave a greeting in hello.txt and tell me about it.";
const LIVE_PROMPT: &str = "Look at this folder (at most three quick commands, change nothing) and say in two sentences what the project is.";

/// Arguments of `cargo xtask demo`.
#[derive(clap::Args, Debug)]
pub(crate) struct DemoArgs {
    /// Use your own Codex login, your default model and a read-only sandbox.
    #[arg(long)]
    live: bool,
    /// What to ask; only with --live, the scripted model always says the same.
    #[arg(requires = "live")]
    prompt: Option<String>,
    /// Only these languages.
    #[arg(long, value_delimiter = ',', value_name = "NAMES", default_values = LANGUAGES, value_parser = LANGUAGES)]
    languages: Vec<String>,
}

/// The languages, in the order in which they run.
const LANGUAGES: [&str; 3] = ["rust", "python", "node"];

/// Runs the demo; the exit code tells whether the streams were the same.
pub(crate) fn run(args: &DemoArgs) -> Result<ExitCode> {
    if args.languages == ["rust"] {
        setup::python_tools()?;
    } else {
        setup::everything(Profile::Dev)?;
    }
    say("demo: building the Rust program");
    Cmd::cargo()
        .args(["build", "--quiet", "-p", "codexkit", "--example", "demo"])
        .run()?;
    if args.live {
        live(
            &args.languages,
            args.prompt.as_deref().unwrap_or(LIVE_PROMPT),
        )
    } else {
        scripted(&args.languages)
    }
}

fn scripted(languages: &[String]) -> Result<ExitCode> {
    let mut streams = Vec::new();
    for language in languages {
        // Fresh each time, and the same path: diffs name files by where they are in a repository.
        let model = Scripted::start(SCRIPT)?;
        let place = model.place("demo")?;
        say(&format!(
            "demo: {language}, the real engine with the scripted model"
        ));
        let transcript = place.home.join("transcript.jsonl");
        let command = program(language)?
            .args(["--sandbox", full_access(language), "--cwd"])
            .arg(&place.cwd)
            .arg("--transcript")
            .arg(&transcript)
            .arg(PROMPT)
            .env("CODEX_HOME", &place.home)
            // The engine runs commands in login shells: a slow profile must not change the streams.
            .env("HOME", &place.home)
            .env_remove("CODEX_BINARY");
        show(language, &command)?;
        let made = fs::read_to_string(place.cwd.join("hello.txt"))
            .context("the turn's file change did not happen")?;
        if made.trim().is_empty() {
            bail!("{language}: hello.txt is empty");
        }
        completed(language, &fs::read_to_string(&transcript)?)?;
        streams.push(compare::Stream::read(
            language,
            &transcript,
            &[(&place.cwd, "<cwd>"), (&place.home, "<home>")],
        )?);
    }
    let (events, differences) = compare::report(&streams);
    println!(
        "demo: {} languages, {events} events each, {differences} differences",
        streams.len()
    );
    Ok(if differences == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn live(languages: &[String], prompt: &str) -> Result<ExitCode> {
    say("demo: checking your Codex login");
    say(&format!("demo: {}", login::check()?));
    let mut counts = Vec::new();
    for language in languages {
        say(&format!(
            "demo: {language}, the real engine with your own model"
        ));
        let transcript = paths::work(&format!("demo-live-{language}.jsonl"));
        if let Some(dir) = transcript.parent() {
            fs::create_dir_all(dir)?;
        }
        let command = program(language)?
            .args(["--sandbox", "read-only", "--cwd"])
            .arg(paths::root())
            .arg("--transcript")
            .arg(&transcript)
            .arg(prompt);
        show(language, &command)?;
        let text = fs::read_to_string(&transcript)?;
        completed(language, &text)?;
        counts.push(text.lines().count().to_string());
    }
    println!(
        "demo: {} languages, {} events, live (a real model never says the same twice)",
        counts.len(),
        counts.join(" + ")
    );
    Ok(ExitCode::SUCCESS)
}

/// No sandbox: what the script does is known, and not every machine has one. Python's name for it is
/// the official SDK's, the others' is the wire's.
fn full_access(language: &str) -> &'static str {
    if language == "python" {
        "full-access"
    } else {
        "danger-full-access"
    }
}

/// The example program of a language.
fn program(language: &str) -> Result<Cmd> {
    let examples = paths::root().join("examples");
    Ok(match language {
        "rust" => Cmd::new(rust_example("demo")).env("PATH", path_with_engine()?),
        "python" => Cmd::new(paths::venv_bin("python"))
            .arg("-u")
            .arg(examples.join("python/demo.py"))
            .env("PYTHONPATH", paths::root().join("python"))
            .env("PYTHONDONTWRITEBYTECODE", "1"),
        _ => Cmd::new("node").arg(examples.join("node/demo.mjs")),
    })
}

/// Streams that fail alike are no success.
fn completed(language: &str, transcript: &str) -> Result<()> {
    let last: serde_json::Value =
        serde_json::from_str(transcript.lines().last().unwrap_or("null"))?;
    let turn = &last["params"]["turn"];
    if turn["status"] != "completed" {
        bail!(
            "{language}: the turn did not complete: {} {}",
            turn["status"],
            turn["error"]
        );
    }
    Ok(())
}

/// Where cargo puts a compiled example.
pub(crate) fn rust_example(name: &str) -> PathBuf {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    paths::target().join("debug/examples").join(file)
}

/// Runs a program and prints its lines as they come, behind the language's name.
fn show(language: &str, command: &Cmd) -> Result<()> {
    let done = command.watch(|is_error, line| {
        if is_error {
            eprintln!("{language:<6} ! {line}");
        } else {
            println!("{language:<6} | {line}");
        }
    })?;
    if !done.success() {
        bail!(
            "the {language} program failed ({})\n{}",
            done.status,
            tail(&done.stderr)
        );
    }
    Ok(())
}
