//! The ways to an engine that parity plays the scenarios over. Over stdio each client starts its own
//! engine; over the others an engine is started here, as a scenario says, and the client connects to it.

use std::path::Path;

use anyhow::{Context, Result};
use codexkit_testkit::ListeningEngine;
use codexkit_testkit::listening::{Launch, Listen};
use serde_json::{Value, json};

/// How a client reaches its engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Transport {
    /// The pipes of a process of its own.
    #[default]
    Stdio,
    /// A WebSocket on 127.0.0.1.
    Ws,
    /// A Unix socket.
    Unix,
}

impl Transport {
    /// Its name, as on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Ws => "ws",
            Self::Unix => "unix",
        }
    }

    /// Starts the engine of a job and puts its address into the job; none over stdio.
    pub(crate) async fn engine(
        self,
        job: &mut Value,
        work: &Path,
    ) -> Result<Option<ListeningEngine>> {
        let listen = match self {
            Self::Stdio => return Ok(None),
            Self::Ws => Listen::WebSocket,
            Self::Unix => Listen::Unix(work.join("s")),
        };
        let text = |key: &str| job[key].as_str().unwrap_or_default().to_owned();
        let launch = Launch {
            program: text("codex_bin").into(),
            config_overrides: job["config_overrides"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|entry| Some(entry.as_str()?.to_owned()))
                .collect(),
            arguments: Vec::new(),
            env: job["env"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
                .collect(),
            cwd: text("cwd").into(),
            listen,
        };
        let engine = ListeningEngine::start(&launch)
            .await
            .context("the engine does not listen")?;
        job["remote"] = json!({"url": engine.url()});
        Ok(Some(engine))
    }
}
