//! Who is compared, and how each is started.

use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use super::runner::{ProcessRunner, Program};
use super::rust::RustRunner;
use crate::paths;

/// A client under test, or the official one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Client {
    /// core, in this process.
    Rust,
    /// `codexkit.Codex`.
    PythonSync,
    /// `codexkit.AsyncCodex`.
    PythonAsync,
    /// The Node package.
    Node,
    /// The official Python SDK.
    #[value(skip)]
    Official,
}

impl Client {
    /// Our four.
    pub(crate) const OURS: [Self; 4] =
        [Self::Rust, Self::PythonSync, Self::PythonAsync, Self::Node];

    /// Its name in output, folders and fixtures/differences.json.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::PythonSync => "python-sync",
            Self::PythonAsync => "python-async",
            Self::Node => "node",
            Self::Official => "official",
        }
    }
}

/// A runner of either kind.
#[derive(Debug)]
pub(crate) enum Runner {
    /// In this process.
    Rust(RustRunner),
    /// A process of tests/parity.
    Process(Box<ProcessRunner>),
}

impl Runner {
    /// Run one job and return the steps of its transcript.
    pub(crate) async fn run(&mut self, job: &Value) -> Result<Vec<Value>> {
        match self {
            Self::Rust(runner) => runner.run(job).await,
            Self::Process(runner) => runner.run(job).await,
        }
    }
}

/// The runner of a client; nothing is started yet.
pub(crate) fn runner(client: Client, python: &Path, work: &Path) -> Runner {
    let tests = paths::root().join("tests/parity");
    let process = |program: &Path, script: &str| {
        let program = Program {
            program: program.to_path_buf(),
            script: tests.join(script),
            env: vec![("PYTHONPATH".to_owned(), paths::root().join("python"))],
            log: work.join(format!("{}.log", client.name())),
        };
        Runner::Process(Box::new(ProcessRunner::new(program)))
    };
    match client {
        Client::Rust => Runner::Rust(RustRunner),
        Client::PythonSync => process(python, "codexkit_sync.py"),
        Client::PythonAsync => process(python, "codexkit_async.py"),
        Client::Node => process(Path::new("node"), "node.mjs"),
        Client::Official => process(python, "official.py"),
    }
}
