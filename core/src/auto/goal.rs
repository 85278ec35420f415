//! A goal of the engine's own as the check of a run: the engine starts the turns, the run follows, counts and ends
//! them.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::decide::{Outcome, Point, Verdict};
use super::driver::{Checked, Driver, report, texts};
use super::options::Until;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::raw;
use crate::session::watched::WatchedTurn;
use crate::telemetry::{Scope, within};
use crate::thread::Thread;
use crate::thread::event::Event;
use crate::thread::fold::Fold;
use crate::thread::queue::EventStream;

/// What is known of the goal.
pub(super) struct Goal {
    events: EventStream,
    /// The last word on it; what was said of an earlier goal does not count.
    status: Option<String>,
    /// The thread's last report of usage.
    usage: Option<Event>,
}

/// A turn that the engine has started.
struct GoalTurn {
    watched: WatchedTurn,
    fold: Fold,
    /// The thread's last report of usage before it.
    used_before: Option<Event>,
}

impl GoalTurn {
    fn id(&self) -> &str {
        self.watched.id()
    }

    /// True when it was the turn's last event.
    fn observe(&mut self, event: &Event) -> bool {
        if event.turn_id() != Some(self.id()) {
            return false;
        }
        self.watched.event(event);
        self.fold.observe(event)
    }

    /// It has ended. Whoever sees its result finds its span told.
    fn end(self, error: Option<&Error>) -> Fold {
        let mut ending = self.fold.ending();
        ending.used_before = self.used_before;
        ending.error = error.cloned();
        self.watched.end(&ending);
        self.fold
    }
}

/// What an event meant for the turn at hand.
enum Seen {
    Nothing,
    TurnStarted(String),
    TurnEnded,
    GoalOver,
}

impl Goal {
    fn observe(&mut self, event: &Event, turn: Option<&mut GoalTurn>) -> Seen {
        match event.method() {
            "turn/started" => event
                .turn_id()
                .map_or(Seen::Nothing, |id| Seen::TurnStarted(id.to_owned())),
            "thread/goal/updated" => {
                let params: Value = serde_json::from_str(event.params()).unwrap_or_default();
                self.told(params["goal"]["status"].as_str().unwrap_or_default())
            }
            "thread/goal/cleared" => self.told("cleared"),
            _ if turn.is_some_and(|turn| turn.observe(event)) => Seen::TurnEnded,
            _ => Seen::Nothing,
        }
    }

    fn told(&mut self, status: &str) -> Seen {
        if status == "active" || self.status.is_some() {
            self.status = Some(status.to_owned());
        }
        if self.is_active() {
            Seen::Nothing
        } else {
            Seen::GoalOver
        }
    }

    fn is_active(&self) -> bool {
        self.status
            .as_deref()
            .is_none_or(|status| status == "active")
    }

    fn verdict(&self) -> Verdict {
        match self.status.as_deref() {
            None | Some("active") => Verdict::NotDone,
            Some("complete") => Verdict::Done,
            Some(other) => Verdict::GoalOver(other.to_owned()),
        }
    }
}

async fn send(thread: &Thread, method: &str, mut params: Value) -> Result<Box<RawValue>> {
    params["threadId"] = thread.id().into();
    let session = thread.codex().session();
    session.request(method, Some(&raw(&params)), None).await
}

/// The status of a goal that was reached in an earlier process: it must not be set on again.
async fn reached(thread: &Thread) -> Result<Option<String>> {
    let answer = send(thread, "thread/goal/get", json!({})).await?;
    let answer: Value = serde_json::from_str(answer.get()).unwrap_or_default();
    let status = answer["goal"]["status"].as_str();
    Ok(status
        .filter(|status| *status == "complete")
        .map(str::to_owned))
}

impl Driver {
    /// Where what is asked about the goal belongs.
    fn goal_scope(&self) -> Scope {
        Scope {
            parent: None,
            trace: self.of_turns.trace_context.clone(),
        }
    }

    /// The engine has started a turn.
    fn watch(&mut self, turn_id: &str) -> GoalTurn {
        let trace = self
            .thread
            .trace(&self.input, &self.plan.turn, &self.of_turns);
        self.turn_started(turn_id, trace.scope(), false);
        let session = self.thread.codex().session();
        GoalTurn {
            watched: WatchedTurn::begin(session, turn_id, trace),
            fold: Fold::default(),
            used_before: self.goal.as_ref().and_then(|goal| goal.usage.clone()),
        }
    }

    /// Sets the goal, or sets it on again.
    async fn begin_goal(&mut self) -> Result<()> {
        let thread = self.thread.clone();
        let Until::Goal(check) = self.plan.until.clone() else {
            return Ok(());
        };
        let fresh = self.state.counts.turns <= 1 && self.turn_id.is_none();
        if fresh {
            send(&thread, "thread/goal/clear", json!({})).await?;
        }
        let events = thread.codex().subscribe();
        let status = if fresh { None } else { reached(&thread).await? };
        let over = status.is_some();
        self.goal = Some(Goal {
            events,
            status,
            usage: None,
        });
        if over {
            return Ok(());
        }
        let mut params = json!({"status": "active"});
        if fresh {
            params["objective"] = texts(&self.input).unwrap_or_default().into();
            if let Some(budget) = check.token_budget {
                params["tokenBudget"] = budget.into();
            }
        }
        send(&thread, "thread/goal/set", params).await.map(drop)
    }

    /// Follows the next turn that the engine starts for the goal.
    pub(super) async fn goal_turn(&mut self, again: bool) -> Result<()> {
        if !again {
            let known = self.turn_id.take();
            self.begin_turn();
            self.turn_id = known;
        }
        if (self.goal.is_none() || again)
            && let Err(error) = within(self.goal_scope(), self.begin_goal()).await
        {
            return self.turn_ended(Err(error)).await;
        }
        if self.goal.as_ref().is_some_and(|goal| !goal.is_active()) {
            self.goal_left(Outcome::Skipped);
            return Ok(());
        }
        self.meter.begin();
        let mut turn = None::<GoalTurn>;
        let mut interrupted = false;
        let deadline = self.deadline();
        let (shared, thread) = (self.shared.clone(), self.thread.clone());
        loop {
            let Some(goal) = &self.goal else {
                return Ok(());
            };
            let events = goal.events.clone();
            let enough = shared.until_over_or(deadline);
            tokio::select! {
                event = events.next() => match event {
                    Some(Ok(event)) => {
                        if event.thread_id() != Some(thread.id()) {
                            continue;
                        }
                        if self.take_goal_event(event, &mut turn).await? {
                            return Ok(());
                        }
                    }
                    Some(Err(error)) => {
                        if let Some(turn) = turn {
                            turn.end(Some(&error));
                        }
                        return self.turn_ended(Err(error)).await;
                    }
                    None => {
                        self.goal_left(Outcome::Interrupted);
                        return Ok(());
                    }
                },
                () = enough, if !interrupted => {
                    interrupted = true;
                    let Some(turn) = &turn else {
                        self.goal_left(Outcome::Interrupted);
                        return Ok(());
                    };
                    let _ = send(&thread, "thread/goal/set", json!({"status": "paused"})).await;
                    interrupt(&thread, turn.id(), shared.scope());
                }
            }
        }
    }

    /// True when the turn is over, or there is none to wait for.
    async fn take_goal_event(&mut self, event: Event, turn: &mut Option<GoalTurn>) -> Result<bool> {
        if event.method() == "thread/tokenUsage/updated" {
            report(&mut self.meter, event.params());
        }
        let Some(goal) = &mut self.goal else {
            return Ok(true);
        };
        let seen = goal.observe(&event, turn.as_mut());
        if event.method() == "thread/tokenUsage/updated" {
            goal.usage = Some(event.clone());
        }
        // Told before anybody sees the end.
        let ended = match seen {
            Seen::TurnEnded => turn.take(),
            _ => None,
        };
        let ended = ended.map(|turn| (turn.id().to_owned(), turn.end(None)));
        self.shared.pass(event);
        match seen {
            Seen::TurnStarted(id) if turn.is_none() => {
                self.state.at = Point::Ready { again: true };
                *turn = Some(self.watch(&id));
                Ok(false)
            }
            Seen::TurnEnded => {
                let result = ended.and_then(|(id, fold)| fold.result(&id, self.thread.id()));
                if let Some(result) = result {
                    self.turn_ended(Ok(result)).await?;
                }
                Ok(true)
            }
            Seen::GoalOver if turn.is_none() => {
                self.goal_left(Outcome::Skipped);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// The turn that was waited for does not come.
    fn goal_left(&mut self, outcome: Outcome) {
        self.state.counts.turns = self.state.counts.turns.saturating_sub(1);
        self.state.at = Point::Ended(outcome);
    }

    pub(super) fn look_at_goal(&mut self) -> Checked {
        let verdict = self.goal.as_ref().map_or(Verdict::NotDone, Goal::verdict);
        let status = self.goal.as_ref().and_then(|goal| goal.status.clone());
        let params = json!({"kind": "goal", "status": status});
        (verdict, None, Some(params))
    }

    /// Holds a goal that is still active, and ends the turn that the engine may have begun for it.
    pub(super) async fn end_goal(&mut self) {
        let Some(goal) = self.goal.take() else {
            return;
        };
        if !goal.is_active() {
            return;
        }
        let thread = self.thread.clone();
        let paused = send(&thread, "thread/goal/set", json!({"status": "paused"})).await;
        if paused.is_err_and(|error| error.kind() == ErrorKind::Closed) {
            return;
        }
        let mut ready = std::collections::VecDeque::new();
        goal.events.drain(&mut ready, usize::MAX);
        let mut running = None;
        for event in ready {
            if event.thread_id() != Some(thread.id()) {
                continue;
            }
            match event.method() {
                "turn/started" => running = event.turn_id().map(str::to_owned),
                "turn/completed" => running = None,
                _ => {}
            }
        }
        if let Some(id) = running {
            interrupt(&thread, &id, self.goal_scope());
        }
    }
}

/// Interrupts a turn that there is no handle for.
fn interrupt(thread: &Thread, turn_id: &str, scope: Scope) {
    let (thread, turn_id) = (thread.clone(), turn_id.to_owned());
    let session = thread.codex().session().clone();
    let interrupting = async move {
        let params = raw(&json!({"threadId": thread.id(), "turnId": turn_id}));
        let session = thread.codex().session();
        // A turn that has ended by itself is what was wanted.
        let _ = session
            .request_when_active("turn/interrupt", &params, || true)
            .await;
        session.end_commands(thread.id()).await;
    };
    let interrupting = within(scope, interrupting);
    session.runtime().clone().spawn(interrupting);
}
