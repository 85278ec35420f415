//! A client that is started on the side, while the application does something else.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::client::Codex;
use crate::error::{Error, ErrorKind, Result};
use crate::host::Host;
use crate::options::CodexOptions;

/// A client that is being started; made by [`Codex::prewarm`]. Clones share it. When the last one is dropped before the
/// client was taken, the engine ends.
#[derive(Clone)]
pub struct Prewarmed(Arc<Start>);

struct Start {
    task: AbortHandle,
    /// What is being started, as soon as there is something.
    host: Arc<OnceLock<Arc<Host>>>,
    outcome: watch::Receiver<Option<Result<Codex>>>,
    closed: AtomicBool,
}

impl Drop for Start {
    fn drop(&mut self) {
        // An engine that is on its way is killed by its guard; one that runs ends with the last handle.
        self.task.abort();
    }
}

impl Codex {
    /// Starts a client on the side: the same as [`Codex::start`], but this returns at once, and the engine gets ready
    /// while the application goes on. Whatever the start fails with is told by [`Prewarmed::client`].
    ///
    /// Must be called within a tokio runtime with a thread for it, which the client goes on using.
    #[must_use]
    pub fn prewarm(options: CodexOptions) -> Prewarmed {
        let (told, outcome) = watch::channel(None);
        let host = Arc::<OnceLock<_>>::default();
        let noted = host.clone();
        let task = tokio::spawn(async move {
            let started = Self::start_noting(options, &noted).await;
            told.send_replace(Some(started));
        });
        Prewarmed(Arc::new(Start {
            task: task.abort_handle(),
            host,
            outcome,
            closed: AtomicBool::new(false),
        }))
    }
}

impl Prewarmed {
    /// The client, once it has started. Giving this up does not give up the start.
    ///
    /// # Errors
    /// As [`Codex::start`], every time; `closed` after [`Prewarmed::close`].
    pub async fn client(&self) -> Result<Codex> {
        let mut outcome = self.0.outcome.clone();
        let told = outcome.wait_for(Option::is_some).await;
        match told.as_deref() {
            Ok(Some(started)) if !self.0.closed.load(Ordering::SeqCst) => started.clone(),
            _ => Err(Error::new(
                ErrorKind::Closed,
                "the client is closed; create a new one",
            )),
        }
    }

    /// The client, if it has started.
    fn ready(&self) -> Option<Codex> {
        let outcome = self.0.outcome.borrow();
        outcome.as_ref()?.as_ref().ok().cloned()
    }

    /// Ends the engine, however far it is; see [`Codex::close`].
    ///
    /// # Errors
    /// None today; the result leaves room.
    pub async fn close(&self) -> Result<()> {
        self.0.closed.store(true, Ordering::SeqCst);
        self.0.task.abort();
        // The end of the task: with it, an engine that was on its way has been killed.
        let mut outcome = self.0.outcome.clone();
        while outcome.changed().await.is_ok() {}
        if let Some(codex) = self.ready() {
            return codex.close().await;
        }
        if let Some(host) = self.0.host.get() {
            host.ended().await;
        }
        Ok(())
    }

    /// Kills the engine and everything it started; one that is still on its way, as soon as it is.
    pub fn kill(&self) {
        self.0.task.abort();
        if let Some(codex) = self.ready() {
            codex.kill();
        }
    }

    /// See [`Codex::inherited_descriptors`]; none before the client has started.
    #[must_use]
    pub fn inherited_descriptors(&self) -> Vec<i32> {
        self.ready()
            .map(|codex| codex.inherited_descriptors())
            .unwrap_or_default()
    }
}
