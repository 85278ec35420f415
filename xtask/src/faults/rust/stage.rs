//! What a case has while it is played: its client, threads and turns, by the names that the steps use.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codexkit::{Codex, CodexOptions, ErrorKind, JsonObject, Result, Thread, Turn};
use serde_json::Value;

use super::handlers;

#[derive(Clone)]
pub(super) struct Stage(Arc<Inner>);

struct Inner {
    case: Value,
    held: Mutex<Held>,
    /// Steps that are played together share one client.
    starting: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Held {
    codex: Option<Codex>,
    threads: HashMap<String, Thread>,
    turns: HashMap<String, Turn>,
}

impl Stage {
    pub(super) fn new(case: Value) -> Self {
        Self(Arc::new(Inner {
            case,
            held: Mutex::default(),
            starting: tokio::sync::Mutex::default(),
        }))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn case(&self) -> &Value {
        &self.0.case
    }

    pub(super) fn options(&self) -> Result<CodexOptions> {
        let mut options = CodexOptions::from_json(&self.case()["options"].to_string())?;
        handlers::add(self, &mut options)?;
        Ok(options)
    }

    pub(super) async fn start(&self) -> Result<Codex> {
        let codex = Codex::start(self.options()?).await?;
        self.held().codex = Some(codex.clone());
        Ok(codex)
    }

    /// The client there is, if there is one.
    pub(super) fn running(&self) -> Option<Codex> {
        self.held().codex.clone()
    }

    /// The client, started by the first who needs it.
    pub(super) async fn codex(&self) -> Result<Codex> {
        let _first = self.0.starting.lock().await;
        match self.running() {
            Some(codex) => Ok(codex),
            None => self.start().await,
        }
    }

    pub(super) fn thread_params(&self) -> JsonObject {
        let params = self.case()["engine"]["thread"].as_object();
        params.cloned().unwrap_or_default()
    }

    pub(super) async fn open(&self, name: &str) -> Result<Thread> {
        let codex = self.codex().await?;
        let thread = codex.thread_start(self.thread_params()).await?;
        self.held().threads.insert(name.to_owned(), thread.clone());
        Ok(thread)
    }

    /// The thread of this name, started by the first who needs it.
    pub(super) async fn thread(&self, name: &str) -> Result<Thread> {
        let known = self.held().threads.get(name).cloned();
        match known {
            Some(thread) => Ok(thread),
            None => self.open(name).await,
        }
    }

    pub(super) fn keep_turn(&self, name: &str, turn: Turn) {
        self.held().turns.insert(name.to_owned(), turn);
    }

    pub(super) fn turn(&self, name: &str) -> Result<Turn> {
        let known = self.held().turns.get(name).cloned();
        known.ok_or_else(|| codexkit::Error::new(ErrorKind::Cancelled, "no such turn"))
    }

    pub(super) fn drop_turn(&self, name: &str) {
        self.held().turns.remove(name);
    }

    pub(super) async fn close(&self) {
        let held = std::mem::take(&mut *self.held());
        if let Some(codex) = &held.codex {
            // An engine that is gone has told so in the steps.
            let _ = codex.close().await;
        }
    }
}
