//! Engines that were started by somebody else: connecting, several clients, lost connections. The real engine
//! listens; a proxy in between cuts the connections.

mod connect;
mod reconnect;
mod several;
mod tls;

use std::path::Path;
use std::time::Duration;

use codexkit::{Codex, CodexOptions, Error, Event, ReconnectPolicy, RemoteOptions, Turn};
use codexkit_testkit::listening::{Launch, Listen};
use codexkit_testkit::proxy::Proxy;
use codexkit_testkit::{ListeningEngine, ScriptedModel};
use serde_json::Value;

use crate::support::{Bench, engine};

/// A scripted model, an engine that listens, and a proxy in front of it.
pub(crate) struct Remote {
    pub(crate) bench: Bench,
    pub(crate) engine: ListeningEngine,
    pub(crate) proxy: Proxy,
    launch: Launch,
}

impl Remote {
    pub(crate) async fn new(script: Value, unix: bool) -> Self {
        Self::with(script, unix, &[]).await
    }

    /// With further arguments for the engine.
    pub(crate) async fn with(script: Value, unix: bool, arguments: &[String]) -> Self {
        let bench = Bench::new(script).await;
        let launch = launch(&bench.model, bench.folder.path(), unix, arguments);
        let engine = ListeningEngine::start(&launch).await.unwrap();
        let proxy = Proxy::start(engine.target()).await.unwrap();
        Self {
            bench,
            engine,
            proxy,
            launch,
        }
    }

    /// Ends the engine and starts another one in the same home. Behind a proxy it keeps its address only on a
    /// Unix socket.
    pub(crate) async fn restart(&mut self) {
        self.engine.kill().await;
        self.engine = ListeningEngine::start(&self.launch).await.unwrap();
    }

    /// Straight to the engine.
    pub(crate) fn direct(&self) -> CodexOptions {
        options(self.engine.url())
    }

    /// By way of the proxy, with short pauses.
    pub(crate) fn proxied(&self) -> CodexOptions {
        let mut options = options(&format!("ws://127.0.0.1:{}", self.proxy.port()));
        if let Some(remote) = &mut options.remote {
            // However long a busy machine takes for what happens meanwhile.
            remote.reconnect.max_attempts = 1000;
            remote.reconnect.initial_delay = Duration::from_millis(20);
            remote.reconnect.max_delay = Duration::from_millis(100);
        }
        options
    }
}

fn launch(model: &ScriptedModel, folder: &Path, unix: bool, arguments: &[String]) -> Launch {
    let home = folder.join("home").display().to_string();
    Launch {
        program: engine(),
        config_overrides: model.config_overrides(),
        arguments: arguments.to_vec(),
        env: vec![
            ("CODEX_HOME".to_owned(), home.clone()),
            ("HOME".to_owned(), home),
        ],
        cwd: folder.join("work"),
        listen: if unix {
            Listen::Unix(folder.join("s.sock"))
        } else {
            Listen::WebSocket
        },
    }
}

pub(crate) fn options(url: &str) -> CodexOptions {
    CodexOptions {
        remote: Some(RemoteOptions::new(url)),
        ..CodexOptions::default()
    }
}

/// Never to connect again.
pub(crate) fn once(mut options: CodexOptions) -> CodexOptions {
    if let Some(remote) = &mut options.remote {
        remote.reconnect = ReconnectPolicy::NEVER;
    }
    options
}

/// The error of a client that cannot be made.
pub(crate) async fn refusal(options: CodexOptions) -> Error {
    match Codex::start(options).await {
        Ok(_) => panic!("it connected"),
        Err(error) => error,
    }
}

/// Reads events until one is of the method.
pub(crate) async fn until(turn: &Turn, method: &str) -> Vec<Event> {
    let mut seen = Vec::new();
    while let Some(event) = turn.events().next().await {
        let event = event.unwrap();
        seen.push(event);
        if seen.last().is_some_and(|event| event.method() == method) {
            return seen;
        }
    }
    panic!("no {method} in {seen:?}");
}
