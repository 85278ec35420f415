//! The same calls in the other languages: programs that read a job and write what came of it.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::plan::{Job, Outcome};
use crate::paths;
use crate::sh::Cmd;

/// How long all calls of one language may take.
const LIMIT: Duration = Duration::from_secs(120);

/// A language with a program in tests/protocol.
#[derive(Clone, Copy, Debug)]
pub(super) enum Language {
    Python,
    PythonAsync,
    Node,
}

impl Language {
    pub(super) const ALL: [Self; 3] = [Self::Python, Self::PythonAsync, Self::Node];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::PythonAsync => "python-async",
            Self::Node => "node",
        }
    }

    fn command(self) -> Cmd {
        let script = |name: &str| paths::root().join("tests/protocol").join(name);
        let python = |name: &str| {
            Cmd::new(paths::venv_bin("python"))
                .arg(script(name))
                .env("PYTHONPATH", paths::root().join("python"))
        };
        match self {
            Self::Python => python("calls.py"),
            Self::PythonAsync => python("async_calls.py"),
            Self::Node => Cmd::new("node").arg(script("calls.mjs")),
        }
    }
}

#[derive(Deserialize)]
struct Told {
    calls: Vec<Outcome>,
}

/// Makes the calls of a job.
pub(super) fn run(language: Language, job: &Job) -> Result<Vec<Outcome>> {
    let name = format!("coverage-{}-{}.json", language.name(), std::process::id());
    let file = paths::work(&name);
    fs::write(&file, serde_json::to_string(job)?)?;
    let command = language
        .command()
        .env_remove("OPENAI_API_KEY")
        .env_remove("CODEX_API_KEY")
        .input(&file)
        .limit(LIMIT);
    let text = command.quiet();
    let _ = fs::remove_file(&file);
    let told: Told = serde_json::from_str(text?.trim()).context("the runner's answer")?;
    Ok(told.calls)
}
