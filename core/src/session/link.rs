//! The session's side of its connection: whether there is one, what is remembered to pick up again after
//! a loss, and who may send meanwhile. It makes no connection and starts no engine; `remote` and `restart` do and tell
//! it here.

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
use crate::session::memory::Memory;
use crate::session::restore::Return;
use crate::session::{Session, State};

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
    /// A new engine has it, but with other rights than it had before.
    Changed,
}

/// A thread that this client has loaded.
#[derive(Clone, Debug)]
pub(super) struct Followed {
    pub(super) ephemeral: bool,
    pub(super) fate: Fate,
    /// What a new engine needs to know of it.
    pub(super) memory: Memory,
}

/// What may be lost and made good again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lasts {
    /// Nothing: the first loss is the end.
    #[default]
    Once,
    /// The connection to an engine that goes on.
    Connections,
    /// The engine itself.
    Engines,
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
        // An engine that is gone waits for no answer, and a new one asks anew.
        let unanswered = match self.options.lasts {
            Lasts::Engines => {
                state.shell.calls.cancel_all();
                state.desk.close()
            }
            Lasts::Once | Lasts::Connections => Vec::new(),
        };
        drop(state);
        for (request, _) in unanswered {
            request.withdraw();
        }
        effects.wakeups.run();
    }

    /// An attempt to make another connection has failed.
    pub(crate) fn not_reconnected(&self, error: &Error) {
        self.lock().link.why = Some(error.clone());
    }

    /// The error of a deadline that passed while there was no connection.
    pub(super) fn unconnected(&self, method: &str, timeout: Duration) -> Error {
        let seconds = timeout.as_secs_f64();
        let error = match self.options.lasts {
            Lasts::Engines => Error::unstarted(method, seconds),
            Lasts::Once | Lasts::Connections => Error::unconnected(method, seconds),
        };
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
    pub(super) fn restored(&self, how: &Return<'_>) {
        let mut state = self.lock();
        state.link.phase = Phase::Up;
        state.shell.restoring = false;
        self.up.send_replace(true);
        let shell = &mut state.shell;
        shell
            .diagnostics
            .push(Diagnostic::new(DiagnosticKind::Connection, how.done()));
        if let Some(event) = how.event(json!({})) {
            shell.tell(&event);
        }
        let mut effects = shell.take_effects();
        drop(state);
        effects.wakeups.run();
    }

    /// A new engine has introduced itself. Counted before turns are told of it.
    pub(super) fn count_restart(&self) {
        self.lock().shell.stats.restarts += 1;
        self.options.telemetry.restarted();
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
        if self.options.lasts == Lasts::Once {
            return;
        }
        match method {
            "thread/start" | "thread/resume" | "thread/fork" => {
                let Ok(loaded) = lenient::from_str::<Loaded>(answer.get()) else {
                    return;
                };
                let Thread { id, ephemeral } = loaded.thread;
                let followed = Followed {
                    ephemeral,
                    fate: Fate::Followed,
                    memory: match self.options.lasts {
                        Lasts::Engines => Memory::opened(params, answer),
                        Lasts::Once | Lasts::Connections => Memory::default(),
                    },
                };
                self.lock().link.threads.insert(id, followed);
            }
            "turn/start" | "thread/settings/update" if self.options.lasts == Lasts::Engines => {
                let Some(params) = params else {
                    return;
                };
                if let Ok(changed) = lenient::from_str::<Let>(params.get())
                    && let Some(thread) = self.lock().link.threads.get_mut(&changed.thread_id)
                {
                    thread.memory.changed(params);
                }
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

    /// Refuses a turn whose events could never come, or that would run with other rights than its thread had.
    pub(super) fn check_followed(&self, thread_id: &str) -> Result<()> {
        let fate = self.fate(thread_id);
        let why = match fate {
            Some(Fate::Lost) => {
                "is ephemeral, and its events cannot come any more since the connection was lost; start a new thread"
            }
            Some(Fate::Gone) => {
                "went with the engine that ended (what is ephemeral or has no turn yet cannot be loaded again); start a new thread"
            }
            Some(Fate::Changed) => {
                "has other permissions in the engine that was restarted than it had before (`diagnostics` says which); resume it with the permissions that it is to have"
            }
            Some(Fate::Followed | Fate::Unfollowed) | None => return Ok(()),
        };
        Err(Error::new(
            ErrorKind::Closed,
            format!("thread {thread_id} {why}"),
        ))
    }

    /// The parameters of a turn, with what an engine that was restarted cannot know, if anything.
    pub(super) fn repeated(&self, thread_id: &str, params: &RawValue) -> Option<Box<RawValue>> {
        let state = self.lock();
        state.link.threads.get(thread_id)?.memory.repeated(params)
    }

    pub(super) fn fate(&self, thread_id: &str) -> Option<Fate> {
        let state = self.lock();
        state.link.threads.get(thread_id).map(|thread| thread.fate)
    }
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
