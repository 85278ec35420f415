//! The spans of turns that the engine starts by itself and that nobody holds: those of a goal. What is asked and called
//! in them is a part of them.

use std::sync::Arc;

use crate::session::Session;
use crate::telemetry::{Ending, TurnTrace};
use crate::thread::event::Event;

/// A turn that is watched until it ends. Dropped before, it was given up.
pub(crate) struct WatchedTurn {
    session: Arc<Session>,
    turn_id: String,
    trace: Arc<TurnTrace>,
}

impl WatchedTurn {
    pub(crate) fn begin(session: &Arc<Session>, turn_id: &str, trace: Arc<TurnTrace>) -> Self {
        let watched = &mut session.lock().shell.watched;
        watched.insert(turn_id.to_owned(), trace.scope());
        Self {
            session: session.clone(),
            turn_id: turn_id.to_owned(),
            trace,
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.turn_id
    }

    /// An event of the turn.
    pub(crate) fn event(&self, event: &Event) {
        if self.trace.wants(event) {
            self.trace.item(event);
        }
    }

    pub(crate) fn end(self, ending: &Ending) {
        self.trace.end(&self.turn_id, ending);
    }
}

impl Drop for WatchedTurn {
    fn drop(&mut self) {
        self.session.lock().shell.watched.remove(&self.turn_id);
    }
}
