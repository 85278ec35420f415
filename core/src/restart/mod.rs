//! An engine of our own that is started again when it ends by itself: spawned, watched, and spawned anew.
//!
//! The task here decides when to start and when to give up. How a process is started and ended is the engine's
//! business, what is said to a new one the session's.

mod options;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::sync::oneshot;

pub use crate::restart::options::RestartPolicy;

use crate::clock;
use crate::engine::process::{Descriptors, Engine, Watcher};
use crate::engine::stderr::OutputTail;
use crate::error::{Error, ErrorKind, Result};
use crate::lasting::{HasEnded, Lasting, Wish, Wishes, lasting};
use crate::remote::{backoff, client_closed, random};
use crate::session::restore::{Greeting, Return, restore};
use crate::spawner::Spawner;

/// What is done with a new engine, and when there is none any more.
pub(crate) struct Again {
    pub(crate) policy: RestartPolicy,
    /// The params of `initialize`.
    pub(crate) hello: Box<RawValue>,
    pub(crate) greeting: Box<Greeting>,
    pub(crate) initialize_timeout: Duration,
}

/// The handle on an engine that is started again. It does not own it; the supervising task does.
pub(crate) struct Restarted {
    lasting: Lasting,
    current: Arc<Mutex<Arc<Engine>>>,
    descriptors: Descriptors,
}

impl Restarted {
    fn current(&self) -> Arc<Engine> {
        lock(&self.current).clone()
    }

    pub(crate) fn started(&self) {
        self.lasting.started();
    }

    /// The engine's process id; none while it is being restarted.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.current().pid()
    }

    /// What the newest engine wrote last.
    pub(crate) fn stderr(&self) -> OutputTail {
        self.current().stderr.clone()
    }

    /// Takes no lock: it is for use after a fork.
    pub(crate) fn descriptors(&self) -> Vec<i32> {
        self.descriptors.open()
    }

    pub(crate) fn close(&self) {
        self.lasting.close();
    }

    /// Kills the tree, before this returns.
    pub(crate) fn kill(&self) {
        // In this order, so that no engine begins to run in between.
        self.lasting.cut();
        self.current().kill();
    }

    pub(crate) async fn ended(&self) {
        self.lasting.ended().await;
    }
}

fn lock(current: &Mutex<Arc<Engine>>) -> MutexGuard<'_, Arc<Engine>> {
    current.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells the supervising task how an engine ended: whether somebody had asked for it, and the error.
struct Tells(oneshot::Sender<(bool, Error)>);

impl Tells {
    fn watcher() -> (Box<dyn Watcher>, End) {
        let (sender, receiver) = oneshot::channel();
        (Box::new(Self(sender)), receiver)
    }
}

impl Watcher for Tells {
    /// Its last words may still come; what they are is told with its end.
    fn breaking(&self, _error: &Error) {}

    fn ended(self: Box<Self>, wanted: bool, error: Error) {
        let _ = self.0.send((wanted, error));
    }
}

/// Starts the first engine, and watches over it and those that follow.
pub(crate) fn supervise(spawner: Spawner, again: Again) -> Result<Restarted> {
    let (lasting, wishes, has_ended) = lasting();
    let (watcher, end) = Tells::watcher();
    let engine = Arc::new(spawner.spawn(watcher)?);
    let current = Arc::new(Mutex::new(engine));
    let (session, descriptors) = (spawner.session().clone(), spawner.descriptors());
    let supervisor = Supervisor {
        spawner,
        again,
        wishes,
        current: current.clone(),
    };
    session.runtime().spawn(supervisor.run(end, has_ended));
    Ok(Restarted {
        lasting,
        current,
        descriptors,
    })
}

struct Supervisor {
    spawner: Spawner,
    again: Again,
    wishes: Wishes,
    current: Arc<Mutex<Arc<Engine>>>,
}

/// Where an engine's end is told.
type End = oneshot::Receiver<(bool, Error)>;

/// The restarts in a row.
struct Tries {
    made: u32,
    /// How the last engine ended, or why there is none.
    last: Error,
}

impl Supervisor {
    async fn run(mut self, end: End, has_ended: HasEnded) {
        let error = self.serve_all(end).await;
        self.spawner.session().fail(&error);
        has_ended.tell();
    }

    /// Serves one engine after the other; gives what ended the client.
    async fn serve_all(&mut self, mut end: End) -> Error {
        let mut tries = Tries {
            made: 0,
            last: client_closed(),
        };
        loop {
            let since = clock::now();
            let (wanted, error) = self.until_end(&mut end, &tries).await;
            if wanted || self.wishes.is_closing() {
                return client_closed();
            }
            if self.wishes.now() == Wish::Starting {
                return error;
            }
            if clock::now() - since > self.again.policy.max_delay {
                tries.made = 0;
            }
            self.spawner
                .session()
                .disconnected(&being_restarted(&error));
            tries.last = error;
            end = match self.start(&mut tries).await {
                Ok(end) => end,
                Err(error) => return error,
            };
        }
    }

    /// Waits for an engine's end. After a restart, the session is picked up first.
    async fn until_end(&mut self, end: &mut End, tries: &Tries) -> (bool, Error) {
        let engine = lock(&self.current).clone();
        let (session, again) = (self.spawner.session(), &self.again);
        let picking_up = async {
            if tries.made > 0 {
                let how = Return::engine(tries.made, &tries.last, &again.greeting);
                let hello = &again.hello;
                if let Err(error) = restore(session, &how, hello, again.initialize_timeout).await {
                    return error;
                }
            }
            std::future::pending().await
        };
        let unusable = tokio::select! {
            told = &mut *end => return told.unwrap_or_else(|_| (true, client_closed())),
            () = self.wishes.closing() => None,
            error = picking_up => Some(error),
        };
        engine.stop_gracefully();
        let told = tokio::select! {
            told = &mut *end => told,
            () = self.wishes.cut() => {
                engine.kill();
                end.await
            }
        };
        match (told, unusable) {
            // It was ended because it was of no use, which is more to the point than how.
            (Ok((_, gone)), Some(error)) => (false, useless(&error, &gone)),
            (Ok((_, error)), None) => (true, error),
            (Err(_), _) => (true, client_closed()),
        }
    }

    /// Starts an engine, as the policy allows. An error is the client's end.
    async fn start(&mut self, tries: &mut Tries) -> Result<End> {
        let policy = self.again.policy;
        while tries.made < policy.max_attempts {
            let pause =
                backoff::delay(policy.initial_delay, policy.max_delay, tries.made, random());
            tries.made += 1;
            tokio::select! {
                () = self.wishes.closing() => return Err(client_closed()),
                () = tokio::time::sleep(pause) => {}
            }
            match self.spawn() {
                Ok(end) => return Ok(end),
                Err(error) if error.kind() == ErrorKind::Spawn => tries.last = error,
                Err(error) => return Err(error),
            }
        }
        Err(given_up(&tries.last, policy.max_attempts))
    }

    fn spawn(&mut self) -> Result<End> {
        let mut current = lock(&self.current);
        if self.wishes.is_closing() {
            return Err(client_closed());
        }
        let (watcher, end) = Tells::watcher();
        *current = Arc::new(self.spawner.spawn(watcher)?);
        Ok(end)
    }
}

/// What those hear who waited for an answer.
fn being_restarted(ended: &Error) -> Error {
    let message = format!(
        "{}, and is being restarted; whether it did what it was asked for last is not known: look before asking again",
        ended.brief()
    );
    about(ended, ended, message)
}

fn given_up(last: &Error, attempts: u32) -> Error {
    let message = format!(
        "{}, was restarted {attempts} times in a row and is not started again; see `stderr_tail`, and make a new client when the cause is mended",
        last.brief()
    );
    about(last, last, message)
}

fn useless(error: &Error, gone: &Error) -> Error {
    let message = format!(
        "the engine could not be used after its restart ({})",
        error.brief()
    );
    about(gone, error, message)
}

/// An error with the facts of another one.
fn about(facts: &Error, cause: &Error, message: String) -> Error {
    Error::new(ErrorKind::Closed, message)
        .with_exit(
            facts.exit_code(),
            facts.signal(),
            facts.stderr_tail().unwrap_or_default().to_owned(),
        )
        .caused_by(cause.clone())
}
