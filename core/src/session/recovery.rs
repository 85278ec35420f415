//! Finds turns whose end the engine did not tell: `turn/completed` is the only terminal event, and it can
//! be missed. A thread that is idle with an open turn, or a long silence, is asked after with `thread/read`.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::protocol::{lenient, raw};
use crate::session::Session;
use crate::session::diagnostics::{Diagnostic, DiagnosticKind};
use crate::thread::event::Event;
use crate::thread::state::TurnState;

const TICK: Duration = Duration::from_secs(1);
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// Watches the open turns until there are none.
pub(super) fn watch(session: &Arc<Session>) {
    let weak = Arc::downgrade(session);
    session.runtime().spawn(async move {
        loop {
            tokio::time::sleep(TICK).await;
            let Some(session) = weak.upgrade() else {
                return;
            };
            if !session.tick() {
                return;
            }
        }
    });
}

impl Session {
    /// Looks at every open turn; false when there is none left to watch.
    fn tick(self: &Arc<Self>) -> bool {
        let open: Vec<Arc<TurnState>> = {
            let mut state = self.lock();
            let open: Vec<_> = state.shell.running().cloned().collect();
            if open.is_empty() || state.shell.closed.is_some() {
                state.shell.watching = false;
                return false;
            }
            open
        };
        for turn in open {
            if turn.should_check() {
                self.runtime().spawn(check(Arc::downgrade(self), turn));
            }
        }
        true
    }

    /// Gives every open handle of the turn its end, unless it has come in the meantime.
    fn deliver_recovered(&self, turn_id: &str, event: &Event) {
        let mut state = self.lock();
        let turns: Vec<_> = state
            .shell
            .running()
            .filter(|turn| turn.id() == turn_id)
            .cloned()
            .collect();
        if turns.is_empty() {
            return;
        }
        state.shell.diagnostics.push(Diagnostic::new(
            DiagnosticKind::Recovered,
            format!("turn {turn_id} had ended without turn/completed"),
        ));
        state.router.close_turn(turn_id);
        let mut effects = state.shell.take_effects();
        for turn in &turns {
            turn.events(&mut vec![event.clone()], &mut effects.wakeups);
        }
        drop(state);
        effects.wakeups.run();
    }
}

async fn check(session: Weak<Session>, turn: Arc<TurnState>) {
    let Some(session) = session.upgrade() else {
        return;
    };
    let params = raw(&json!({"threadId": turn.thread_id(), "includeTurns": true}));
    let answer = session
        .request("thread/read", Some(&params), Some(READ_TIMEOUT))
        .await;
    let ended = match answer {
        Ok(answer) => ended_turn(&answer, turn.id()),
        // The engine keeps no turns of an ephemeral thread.
        Err(error) if error.is_answer() => idle_thread(&session, &turn).await,
        Err(_) => None,
    };
    match ended {
        Some(ended) => {
            if let Some(event) = completed_turn(&turn, &ended) {
                session.deliver_recovered(turn.id(), &event);
            }
        }
        None => turn.checked(),
    }
}

/// What can be said of the turn when its thread does nothing any more and its turns cannot be read.
async fn idle_thread(session: &Arc<Session>, turn: &TurnState) -> Option<Box<RawValue>> {
    #[derive(Deserialize)]
    struct Answer {
        thread: Thread,
    }
    #[derive(Deserialize)]
    struct Thread {
        status: Status,
    }
    #[derive(Deserialize)]
    struct Status {
        #[serde(rename = "type")]
        tag: String,
    }
    let params = raw(&json!({"threadId": turn.thread_id(), "includeTurns": false}));
    let answer = session
        .request("thread/read", Some(&params), Some(READ_TIMEOUT))
        .await
        .ok()?;
    let status = lenient::from_str::<Answer>(answer.get())
        .ok()?
        .thread
        .status
        .tag;
    matches!(status.as_str(), "idle" | "systemError" | "notLoaded").then(|| {
        let status = turn.likely_status(&status);
        raw(&json!({"id": turn.id(), "items": [], "status": status, "error": null}))
    })
}

/// The turns in an answer to `thread/read`; `None` if it is not understood.
pub(crate) fn turns_read(answer: &RawValue) -> Option<Vec<Box<RawValue>>> {
    #[derive(Deserialize)]
    struct Answer {
        thread: Turns,
    }
    #[derive(Deserialize)]
    struct Turns {
        #[serde(default)]
        turns: Vec<Box<RawValue>>,
    }
    let answer = lenient::from_str::<Answer>(answer.get()).ok()?;
    Some(answer.thread.turns)
}

/// The end that the engine told nobody.
pub(super) fn completed_turn(turn: &TurnState, whole: &RawValue) -> Option<Event> {
    let thread_id = json!(turn.thread_id());
    Event::recovered(&format!(
        r#"{{"method":"turn/completed","params":{{"threadId":{thread_id},"turn":{whole}}}}}"#
    ))
    .ok()
}

/// The turn in a `thread/read` answer, if it is not in progress any more.
fn ended_turn(answer: &RawValue, turn_id: &str) -> Option<Box<RawValue>> {
    #[derive(Deserialize)]
    struct Head {
        id: String,
        status: String,
    }
    turns_read(answer)?.into_iter().rev().find(|turn| {
        lenient::from_str::<Head>(turn.get())
            .is_ok_and(|head| head.id == turn_id && head.status != "inProgress")
    })
}
