//! An agent's turn is over and it hands the conversation over: the next agent is given what it has not seen, and the run
//! goes on with its thread. Who may be handed over to is `thread::handoff`'s.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::conversation::Conversation;
use super::decide::{Outcome, Point, StopReason, Verdict};
use super::driver::Driver;
use super::gate::Gate;
use super::{AutoError, AutoHandoff};
use crate::error::Result;
use crate::protocol::{JsonObject, raw};
use crate::session::recovery::turns_read;
use crate::text;
use crate::thread::Thread;
use crate::thread::handoff::Transfer;
use crate::thread::usage::{Meter, Tokens};

/// To whom the conversation is to go; a continuation token carries it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wish {
    thread_id: String,
    name: String,
    message: String,
    #[serde(default)]
    history: Option<usize>,
}

/// What a run knows of its handoffs.
#[derive(Default)]
pub(super) struct Relay {
    wish: Option<Wish>,
    /// The thread of the wish, where it is at hand.
    to: Option<Thread>,
    conversation: Conversation,
    made: Vec<AutoHandoff>,
    /// The threads that were left, by their ids: what they have of their own stays while the run may come back to them.
    left: HashMap<String, Thread>,
    /// What the threads had used when they were left.
    totals: HashMap<String, Tokens>,
}

impl Relay {
    /// As a token says.
    pub(super) fn of(wish: Option<Wish>) -> Self {
        Self {
            wish,
            ..Self::default()
        }
    }

    pub(super) fn wish(&self) -> Option<&Wish> {
        self.wish.as_ref()
    }

    pub(super) fn set(&mut self, transfer: Option<Transfer>) {
        let Some(transfer) = transfer else {
            self.wish = None;
            return;
        };
        self.wish = Some(Wish {
            thread_id: transfer.to.id().to_owned(),
            name: transfer.name,
            message: transfer.message,
            history: transfer.history,
        });
        self.to = Some(transfer.to);
    }

    pub(super) fn take_made(&mut self) -> Vec<AutoHandoff> {
        std::mem::take(&mut self.made)
    }
}

impl Driver {
    /// Goes on with the agent that the last one hands over to. What goes wrong ends the run, with a token to try again.
    pub(super) async fn hand_over(&mut self) {
        let Some(wish) = self.relay.wish.clone() else {
            // A token that says one thing and not the other was not made here.
            self.state.at = Point::Checked(Verdict::NotDone);
            return;
        };
        self.state.at = Point::Ended(Outcome::HandedOver { tried: true });
        match self.give(&wish).await {
            Ok(Some(to)) => self.follow_to(to, wish),
            Ok(None) => {} // the run is to end, and its token says where
            Err(error) => {
                self.error = Some(AutoError::of(&error));
                self.state.asked = Some(StopReason::Failed);
            }
        }
    }

    /// Gives the next agent what it has not seen, once it is idle.
    async fn give(&mut self, wish: &Wish) -> Result<Option<Thread>> {
        let to = match self.relay.to.clone() {
            Some(to) => to,
            None => {
                let codex = self.thread.codex();
                codex
                    .thread_resume(&wish.thread_id, JsonObject::new())
                    .await?
            }
        };
        self.relay.to = Some(to.clone());
        tokio::select! {
            // Also when the run is to end: an agent that is idle is told at once.
            biased;
            () = to.codex().session().until_idle(to.id()) => {}
            () = self.shared.until_over_or(self.deadline()) => return Ok(None),
        }
        let turns = self.turns().await?;
        let from = self.thread_id();
        let conversation = &mut self.relay.conversation;
        conversation.take_in(&from, &turns);
        let attachments = !conversation.knows(to.id());
        let tool = format!("transfer_to_{}", wish.name);
        let items = conversation.hand_over(&from, to.id(), &tool, wish.history);
        if !items.is_empty() {
            let params = raw(&json!({"threadId": to.id(), "items": items}));
            to.codex()
                .request("thread/inject_items", Some(params), None)
                .await?;
        }
        self.input
            .retain(|part| attachments && part["type"] != "text");
        Ok(Some(to))
    }

    /// The turns of the thread whose agent hands over.
    async fn turns(&self) -> Result<Vec<Value>> {
        let turns = match self.thread.read(true).await {
            Ok(answer) => turns_read(&answer).unwrap_or_default(),
            // The engine keeps no turns of a thread that lives in memory.
            Err(error) if error.is_answer() => Vec::new(),
            Err(error) => return Err(error),
        };
        let turns = turns
            .iter()
            .filter_map(|turn| serde_json::from_str(turn.get()).ok());
        let turns: Vec<Value> = turns.collect();
        match &self.last {
            Some(last) if turns.is_empty() => Ok(vec![json!({"id": last.id, "items": last.items})]),
            _ => Ok(turns),
        }
    }

    /// The next turn is the other agent's.
    fn follow_to(&mut self, to: Thread, wish: Wish) {
        let from_thread_id = self.thread_id();
        let message = self.hook_prompt.take().unwrap_or(wish.message);
        let note = note(&message);
        self.relay.conversation.note(&note);
        self.input.push(text(note));
        let made = AutoHandoff {
            turn: self.state.counts.turns,
            from_thread_id: from_thread_id.clone(),
            to_thread_id: to.id().to_owned(),
            name: wish.name,
            message,
        };
        let mut params = json!(made);
        params["threadId"] = from_thread_id.as_str().into();
        self.shared.tell("handedOver", &params);
        self.relay.made.push(made);
        if let Some(total) = self.meter.total {
            self.relay.totals.insert(from_thread_id.clone(), total);
        }
        self.meter = Meter::of(self.relay.totals.get(to.id()).copied());
        self.relay.set(None);
        self.relay.to = None;
        self.found.clear();
        self.found_usage = None;
        self.shared.set_thread(to.clone());
        let left = std::mem::replace(&mut self.thread, to);
        self.relay.left.insert(from_thread_id, left);
        self.gate = Gate::open(&self.shared, self.hooks);
        self.state.at = Point::Checked(Verdict::NotDone);
    }
}

/// What an agent is told that takes over.
fn note(message: &str) -> String {
    format!(
        "This conversation was handed over to you. The agent before you says:\n\n{message}\n\nGo on with it."
    )
}
