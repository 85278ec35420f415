//! The session's side of its connection: whether there is one, what is remembered to pick up again after
//! a loss, and who may send meanwhile. It makes no connection; `remote` does and tells it here.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::protocol::lenient;
use crate::session::asked::Asked;
use crate::session::diagnostics::{Diagnostic, DiagnosticKind};
use crate::session::{Session, State};
use crate::thread::event::Event;

/// Who wants to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Anybody; waits until there is a connection.
    Ordinary,
    /// What sets up a connection; there is no point in waiting for a later one.
    Setup,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// Everything can be sent.
    #[default]
    Up,
    /// There is no connection.
    Down,
    /// There is one, and the session is being picked up on it.
    Restoring,
}

/// Whether something can be sent now.
pub(super) enum Admission {
    Go,
    Wait,
    Lost,
}

/// What became of a thread's events after a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// They come.
    Followed,
    /// They cannot come before its first turn: the engine resumes no thread without any.
    Unfollowed,
    /// They cannot come any more: an ephemeral thread cannot be resumed.
    Lost,
    /// The engine has the thread loaded no more.
    Gone,
}

/// A thread that this client has loaded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Followed {
    pub(super) ephemeral: bool,
    pub(super) fate: Fate,
}

#[derive(Default)]
pub(super) struct Link {
    /// Counts connections, so that what belongs to an earlier one can be told.
    pub(super) connection: u64,
    pub(super) phase: Phase,
    /// Which attempt made this connection; 0 for the first connection.
    pub(super) attempt: u32,
    pub(super) threads: HashMap<String, Followed>,
    pub(super) asked: Asked,
    /// Why there is no connection, as was found last.
    why: Option<Error>,
}

impl Link {
    pub(super) fn admits(&self, lane: Lane) -> Admission {
        match (self.phase, lane) {
            (Phase::Up, _) | (Phase::Restoring, Lane::Setup) => Admission::Go,
            (Phase::Down, Lane::Setup) => Admission::Lost,
            (Phase::Down | Phase::Restoring, Lane::Ordinary) => Admission::Wait,
        }
    }
}

impl Session {
    /// The number of the connection that messages are for now.
    pub(crate) fn connection(&self) -> u64 {
        self.lock().link.connection
    }

    /// Whether everybody can send.
    pub(super) fn is_connected(&self) -> bool {
        self.lock().link.phase == Phase::Up
    }

    /// The connection is gone: whoever waits for an answer gets `error`; turns stay, and what is sent from
    /// now on waits for another connection.
    pub(crate) fn disconnected(&self, error: &Error) {
        let mut state = self.lock();
        state.link.connection += 1;
        state.link.phase = Phase::Down;
        state.link.why = Some(error.clone());
        self.up.send_replace(false);
        let State { router, shell, .. } = &mut *state;
        router.disconnect(shell);
        shell.fail_waiters(error);
        shell
            .diagnostics
            .push(Diagnostic::new(DiagnosticKind::Connection, error.message()));
        let mut effects = shell.take_effects();
        drop(state);
        effects.wakeups.run();
    }

    /// An attempt to make another connection has failed.
    pub(crate) fn not_reconnected(&self, error: &Error) {
        self.lock().link.why = Some(error.clone());
    }

    /// The error of a deadline that passed while there was no connection.
    pub(super) fn unconnected(&self, method: &str, timeout: Duration) -> Error {
        let error = Error::unconnected(method, timeout.as_secs_f64());
        match self.lock().link.why.clone() {
            Some(why) => error.caused_by(why),
            None => error,
        }
    }

    /// There is a connection again, and only what sets it up may be sent.
    pub(crate) fn connected(&self, attempt: u32) {
        let mut state = self.lock();
        state.link.phase = Phase::Restoring;
        state.link.attempt = attempt;
        state.shell.restoring = true;
    }

    /// The session was picked up on the connection: everything can be sent. The readers of notifications are
    /// told that some may be missing.
    pub(super) fn restored(&self, attempt: u32) {
        let mut state = self.lock();
        state.link.phase = Phase::Up;
        state.shell.restoring = false;
        self.up.send_replace(true);
        let message = format!("the connection was re-established at attempt {attempt}");
        let shell = &mut state.shell;
        shell
            .diagnostics
            .push(Diagnostic::new(DiagnosticKind::Connection, message));
        if let Some(event) = reconnected(&json!({"attempt": attempt})) {
            shell.tell(&event);
        }
        let mut effects = shell.take_effects();
        drop(state);
        effects.wakeups.run();
    }

    /// Remembers which threads a request has loaded or let go, to resume them after a loss.
    pub(super) fn remember(&self, method: &str, params: Option<&RawValue>, answer: &RawValue) {
        #[derive(Deserialize)]
        struct Loaded {
            thread: Thread,
        }
        #[derive(Deserialize)]
        struct Thread {
            id: String,
            #[serde(default)]
            ephemeral: bool,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Let {
            thread_id: String,
        }
        if !self.options.remote {
            return;
        }
        match method {
            "thread/start" | "thread/resume" | "thread/fork" => {
                let Ok(loaded) = lenient::from_str::<Loaded>(answer.get()) else {
                    return;
                };
                let Thread { id, ephemeral } = loaded.thread;
                let fate = Fate::Followed;
                let followed = Followed { ephemeral, fate };
                self.lock().link.threads.insert(id, followed);
            }
            "thread/unsubscribe" | "thread/archive" | "thread/delete" => {
                let params = params.map_or("null", RawValue::get);
                if let Ok(gone) = lenient::from_str::<Let>(params) {
                    self.lock().link.threads.remove(&gone.thread_id);
                }
            }
            _ => {}
        }
    }

    /// Refuses a turn whose events could never come.
    pub(super) fn check_followed(&self, thread_id: &str) -> Result<()> {
        let state = self.lock();
        match state.link.threads.get(thread_id) {
            Some(Followed {
                fate: Fate::Lost, ..
            }) => Err(Error::new(
                ErrorKind::Closed,
                format!(
                    "thread {thread_id} is ephemeral, and its events cannot come any more since the connection was lost; start a new thread"
                ),
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn fate(&self, thread_id: &str) -> Option<Fate> {
        let state = self.lock();
        state.link.threads.get(thread_id).map(|thread| thread.fate)
    }
}

/// The event that says that events may be missing before it.
pub(super) fn reconnected(params: &Value) -> Option<Event> {
    let line = json!({"method": "codexkit/reconnected", "params": params}).to_string();
    Event::recovered(&line).ok()
}

/// Sends a request on the connection that is being set up.
pub(super) async fn setup_request(
    session: &Arc<Session>,
    method: &str,
    params: &Value,
    timeout: Duration,
) -> Result<Box<RawValue>> {
    let params = crate::protocol::raw(params);
    session
        .request_on(Lane::Setup, method, Some(&params), Some(timeout))
        .await
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
