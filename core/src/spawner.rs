//! Starts the process of an engine with the session at its pipes, once or, where it is restarted, again and again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::engine::process::{self, Descriptors, Engine, Launch, Watcher};
use crate::error::Result;
use crate::options::CodexOptions;
use crate::session::Session;
use crate::transport::Outgoing;
use crate::transport::pipes::{Messages, read_loop, write_loop};

/// What it takes to start an engine and to connect it with the session.
pub(crate) struct Spawner {
    session: Arc<Session>,
    launch: Launch,
    messages: Messages,
    descriptors: Descriptors,
    max_line_bytes: usize,
    close_timeout: Duration,
}

impl Spawner {
    pub(crate) fn new(
        session: &Arc<Session>,
        launch: Launch,
        messages: mpsc::Receiver<Outgoing>,
        options: &CodexOptions,
    ) -> Self {
        Self {
            session: session.clone(),
            launch,
            messages: Arc::new(tokio::sync::Mutex::new(messages)),
            descriptors: Descriptors::default(),
            max_line_bytes: options.max_line_bytes,
            close_timeout: options.close_timeout,
        }
    }

    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Those of the process that runs.
    pub(crate) fn descriptors(&self) -> Descriptors {
        self.descriptors.clone()
    }

    /// Starts a process, with the session at its pipes.
    pub(crate) fn spawn(&self, watcher: Box<dyn Watcher>) -> Result<Engine> {
        let started = process::start(&self.launch)?;
        let (stdin, stdout, child, stderr, identity) = started.into_parts();
        let session = &self.session;
        let runtime = session.runtime();
        let reader = runtime.spawn(read_loop(session.clone(), stdout, self.max_line_bytes));
        let writing = write_loop(
            self.messages.clone(),
            session.connection(),
            stdin,
            Arc::downgrade(session),
        );
        Ok(Engine::supervise(
            (child, stderr, identity),
            (reader, runtime.spawn(writing)),
            self.descriptors.clone(),
            runtime,
            watcher,
            self.close_timeout,
        ))
    }
}
