//! Carries out the steps of a run: starts turns and follows them, asks the check and the hooks, waits, tells what
//! happens, and gives a continuation token before every step.
//!
//! What to do next is `decide`'s to say.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::answers::{Answer, kind_of};
use super::check::{criteria_prompt, parse_verdict, run_command, verdict_prompt, verdict_schema};
use super::decide::{Counts, Outcome, Point, State, Step, StopReason, Verdict, decide};
use super::failure::Failure;
use super::gate::{Gate, dropped};
use super::goal::Goal;
use super::handover::Relay;
use super::options::{AutoOptions, CommandCheck, Hooks, Plan, Until};
use super::resume::{Found, number_of, result_of};
use super::shared::{Halt, Shared, Wish};
use super::token::{Body, Next, Place, milliseconds};
use super::{AutoError, AutoResult, AutoTurn};
use crate::clock;
use crate::error::{Error, ErrorKind, Result};
use crate::telemetry::Scope;
use crate::text;
use crate::thread::fold::TurnResult;
use crate::thread::handoff::Slot;
use crate::thread::queue::Keep;
use crate::thread::setup::Setup;
use crate::thread::usage::{Meter, Tokens};
use crate::thread::{Thread, Turn};

pub(super) struct Driver {
    pub(super) shared: Arc<Shared>,
    /// The thread whose agent has the conversation.
    pub(super) thread: Thread,
    pub(super) plan: Plan,
    pub(super) state: State,
    pub(super) meter: Meter,
    pub(super) relay: Relay,
    pub(super) goal: Option<Goal>,
    pub(super) hooks: Hooks,
    /// What each turn has of its own.
    pub(super) of_turns: Arc<Setup>,
    /// Keeps the hooks within turns asked.
    pub(super) gate: Option<Arc<Setup>>,
    token_key: Option<String>,
    /// Tells the turns of this run from others on the thread.
    pub(super) run: String,
    /// What the turn at hand is told.
    pub(super) input: Vec<Value>,
    pub(super) turn_id: Option<String>,
    began: Instant,
    pub(super) elapsed_before: Duration,
    pub(super) last: Option<TurnResult>,
    history: Vec<AutoTurn>,
    pub(super) error: Option<AutoError>,
    detail: Option<String>,
    /// What the after-turn hook wants the next turn to be told.
    pub(super) hook_prompt: Option<String>,
    /// Turns of this run that were found on the thread, when it goes on from a token.
    pub(super) found: Vec<Found>,
    /// The thread's usage, as told when it was resumed.
    pub(super) found_usage: Option<Value>,
}

/// The text of an input that is text only.
pub(super) fn texts(input: &[Value]) -> Option<String> {
    let parts: Option<Vec<&str>> = input
        .iter()
        .map(|part| {
            (part["type"] == "text")
                .then(|| part["text"].as_str())
                .flatten()
        })
        .collect();
    Some(parts?.join("\n\n"))
}

/// A name that no other run has.
fn fresh_run() -> (String, u64) {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let nanos = u64::try_from(clock::unix_nanos() & u128::from(u64::MAX)).unwrap_or_default();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let pid = u64::from(std::process::id());
    (
        format!("{nanos:016x}{pid:08x}{count:x}"),
        nanos ^ (pid << 32) ^ count,
    )
}

impl Driver {
    pub(super) fn new(
        shared: Arc<Shared>,
        plan: Plan,
        options: &AutoOptions,
        mut input: Vec<Value>,
    ) -> Self {
        if let Until::Verdict(check) = &plan.until
            && let Some(criteria) = &check.criteria
        {
            input.push(text(criteria_prompt(criteria)));
        }
        let (run, seed) = fresh_run();
        Self {
            state: State {
                limits: plan.limits,
                retry: plan.retry,
                counts: Counts::default(),
                elapsed: Duration::ZERO,
                seed,
                asked: None,
                at: Point::Ready { again: false },
            },
            thread: shared.thread(),
            shared,
            plan,
            meter: Meter::default(),
            relay: Relay::default(),
            goal: None,
            hooks: options.hooks,
            of_turns: Arc::new(options.setup.clone()),
            gate: None,
            token_key: options.token_key.clone(),
            run,
            input,
            turn_id: None,
            began: clock::now(),
            elapsed_before: Duration::ZERO,
            last: None,
            history: Vec::new(),
            error: None,
            detail: None,
            hook_prompt: None,
            found: Vec::new(),
            found_usage: None,
        }
    }

    pub(super) fn thread_id(&self) -> String {
        self.thread.id().to_owned()
    }

    pub(super) async fn run(mut self) {
        self.gate = Gate::open(&self.shared, self.hooks);
        let outcome = match self.guard_last().await {
            Ok(()) => self.drive().await,
            Err(error) => Err(error),
        };
        if outcome.is_err() {
            self.end_goal().await;
        }
        self.gate = None;
        self.shared.finish(outcome);
    }

    async fn drive(&mut self) -> Result<AutoResult> {
        loop {
            self.look_around();
            if let Some(Halt::Broken(error)) = self.shared.halted() {
                return Err(error);
            }
            self.publish();
            match decide(&self.state) {
                Step::StartTurn { again } if self.is_goal() => self.goal_turn(again).await?,
                Step::StartTurn { again } => self.turn(again).await?,
                Step::Check => self.check().await?,
                Step::HandOver => self.hand_over().await,
                Step::Wait { delay } => self.wait(delay).await,
                Step::Stop(reason) => return Ok(self.stopped(reason).await),
            }
        }
    }

    /// Brings what changes by itself into the state.
    fn look_around(&mut self) {
        self.state.elapsed = self.elapsed();
        let wished = match self.shared.wished() {
            Wish::GoOn => None,
            Wish::AfterTurn => Some(StopReason::StoppedByCaller),
            Wish::Now => Some(StopReason::Interrupted),
        };
        if let Some(Halt::Stop(why)) = self.shared.halted() {
            self.stop_by_hook(why);
        }
        self.state.asked = wished.or(self.state.asked);
    }

    fn elapsed(&self) -> Duration {
        self.elapsed_before
            .saturating_add(clock::now() - self.began)
    }

    fn is_goal(&self) -> bool {
        matches!(self.plan.until, Until::Goal(_))
    }

    /// When the run's time is over.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let left = self.plan.limits.timeout?.saturating_sub(self.elapsed());
        Some(clock::deadline(left))
    }

    pub(super) fn is_out_of_time(&self) -> bool {
        let max = self.plan.limits.timeout;
        max.is_some_and(|max| self.elapsed() >= max)
    }

    /// Gives the token of where the run is.
    pub(super) fn publish(&mut self) {
        let token = self.token();
        let changed = self.shared.set_continuation(token.clone());
        // That there is none any more is told with the end.
        if changed && token.is_some() {
            let params = json!({
                "threadId": self.thread_id(),
                "turn": self.state.counts.turns,
                "token": token,
            });
            self.shared.tell("continuation", &params);
        }
    }

    fn token(&self) -> Option<String> {
        let next = match &self.state.at {
            Point::Ready { again: false } | Point::Checked(Verdict::NotDone) => Next::Turn,
            Point::Ready { again: true } => Next::Again,
            Point::Ended(Outcome::Interrupted | Outcome::Failed(_)) => Next::Again,
            Point::Ended(Outcome::Completed | Outcome::Skipped) => Next::Check,
            Point::Ended(Outcome::HandedOver { .. }) => Next::Handoff,
            Point::Checked(Verdict::Done | Verdict::GoalOver(_)) => return None,
        };
        let place = Place {
            run: &self.run,
            thread_id: self.thread.id(),
            next,
            handoff: self.relay.wish(),
            input: &self.input,
            turn_id: self.turn_id.as_deref(),
            counts: self.state.counts,
            elapsed: self.elapsed(),
            seed: self.state.seed,
            total: self.meter.total,
        };
        Some(Body::new(&place, &self.plan).seal(self.token_key.as_deref()))
    }

    /// A new turn, or the last one again.
    async fn turn(&mut self, again: bool) -> Result<()> {
        let steered = self.shared.take_steered();
        if !again {
            self.begin_turn();
        }
        self.input.extend(steered);
        let mut repeated = false;
        if let Some(found) = self.take_found() {
            if found.is_over() {
                self.adopt(&found).await?;
                return Ok(());
            }
            self.state.counts.starts = found.serial + 1;
            repeated = true;
        }
        if !again && !repeated && self.hooks.before_turn && !self.before_turn().await? {
            return Ok(());
        }
        self.state.at = Point::Ready { again: true };
        let mut params = self.plan.turn.clone();
        let serial = self.state.counts.starts;
        let mark = number_of(&self.run, self.state.counts.turns, serial);
        params.insert("clientUserMessageId".to_owned(), mark.into());
        if let Until::Verdict(_) = self.plan.until {
            params.insert("outputSchema".to_owned(), verdict_schema());
        }
        let Some(input) = self.allowed_input().await? else {
            return Ok(()); // the run is to end before it is known
        };
        self.meter.begin();
        let slot = Slot::new(self.thread.id());
        let setups = self.setups(Some(slot.clone()));
        let starting = self.thread.start_checked(input, params, Keep::All, setups);
        match starting.await {
            Ok(turn) => {
                self.turn_started(turn.id(), turn.scope(), repeated);
                let result = match self.follow(&turn).await {
                    Ok(result) => self.allowed_result(result).await,
                    Err(error) => Err(error),
                };
                self.relay.set(slot.take());
                self.turn_ended(result).await
            }
            Err(error) => {
                self.turn_ended(Err(error)).await?;
                Ok(())
            }
        }
    }

    pub(super) fn begin_turn(&mut self) {
        let counts = &mut self.state.counts;
        counts.turns += 1;
        counts.failures = 0;
        counts.starts = 0;
        self.turn_id = None;
    }

    pub(super) fn turn_started(&mut self, turn_id: &str, scope: Scope, repeated: bool) {
        self.turn_id = Some(turn_id.to_owned());
        self.shared.set_current(turn_id, scope);
        self.publish();
        let params = json!({
            "threadId": self.thread_id(),
            "turnId": turn_id,
            "turn": self.state.counts.turns,
            "attempt": self.state.counts.starts + 1,
            "repeated": repeated,
            "input": self.input,
        });
        self.shared.tell("turnStarted", &params);
    }

    /// Passes a turn's events on until it ends; interrupts it when the run is to end or its time is over.
    async fn follow(&mut self, turn: &Turn) -> Result<TurnResult> {
        let deadline = self.deadline();
        let Self { shared, meter, .. } = self;
        let enough = shared.until_over_or(deadline);
        tokio::pin!(enough);
        let mut interrupted = false;
        loop {
            tokio::select! {
                event = turn.events().next() => match event {
                    Some(Ok(event)) => {
                        if event.method() == "thread/tokenUsage/updated" {
                            report(meter, event.params());
                        }
                        shared.pass(event);
                    }
                    Some(Err(_)) | None => break,
                },
                () = &mut enough, if !interrupted => {
                    interrupted = true;
                    turn.interrupt_in_background();
                }
            }
        }
        turn.outcome().await
    }

    /// Accounts for a turn that has ended, in whatever way.
    pub(super) async fn turn_ended(&mut self, result: Result<TurnResult>) -> Result<()> {
        self.shared.turn_ended();
        let used = self.meter.used();
        self.state.counts.tokens = self.state.counts.tokens.plus(used);
        if let Some(prices) = &self.plan.prices {
            self.state.counts.cost = prices.cost(self.state.counts.tokens);
        }
        let outcome = match result {
            // An error of the application's, as those of its other functions.
            Err(error) if error.host().is_some() || error.kind() == ErrorKind::Guardrail => {
                return Err(error);
            }
            Err(error) => {
                self.error = Some(AutoError::of(&error));
                Outcome::Failed(Failure::of_call(&error))
            }
            Ok(result) => self.account(result, used),
        };
        self.state.counts.starts += 1;
        if matches!(outcome, Outcome::Failed(_)) {
            self.state.counts.failures += 1;
        } else {
            self.state.counts.failures = 0;
            self.error = None;
        }
        let completed = outcome == Outcome::Completed;
        if !completed {
            self.relay.set(None);
        }
        self.state.at = Point::Ended(match outcome {
            Outcome::Completed if self.relay.wish().is_some() => {
                Outcome::HandedOver { tried: false }
            }
            outcome => outcome,
        });
        if completed && self.hooks.after_turn && self.shared.halted().is_none() {
            self.publish();
            self.after_turn().await?;
        }
        Ok(())
    }

    fn account(&mut self, result: TurnResult, used: Tokens) -> Outcome {
        let counts = self.state.counts;
        let error: Value = result
            .error
            .as_ref()
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        let outcome = match result.status.as_str() {
            "completed" => Outcome::Completed,
            "failed" => {
                self.error = Some(AutoError::of_turn(&error));
                Outcome::Failed(Failure::of_turn(&error))
            }
            _ => Outcome::Interrupted,
        };
        let turn = AutoTurn {
            turn: counts.turns,
            thread_id: self.thread_id(),
            attempt: counts.starts + 1,
            turn_id: result.id.clone(),
            status: result.status.clone(),
            final_response: result.final_response.clone(),
            tokens: used,
            duration_ms: result.duration_ms,
        };
        let mut params = json!(turn);
        params["error"] = error;
        params["totalTokens"] = counts.tokens.total_tokens.into();
        self.shared.tell("turnCompleted", &params);
        self.history.push(turn);
        self.last = Some(result);
        outcome
    }

    /// The newest of the turns that were found on the thread and are the one at hand.
    fn take_found(&mut self) -> Option<Found> {
        let counts = self.state.counts;
        let mine = |found: &&Found| found.turn == counts.turns && found.serial >= counts.starts;
        let newest = self
            .found
            .iter()
            .filter(mine)
            .max_by_key(|found| found.serial);
        let newest = newest.cloned();
        if newest.is_none() {
            self.found.clear();
        }
        newest
    }

    /// Takes the result of a turn that ended while no process of the run was there.
    async fn adopt(&mut self, found: &Found) -> Result<()> {
        let Some(result) = result_of(self.thread.id(), &found.whole) else {
            return Ok(());
        };
        self.state.counts.starts = found.serial;
        self.turn_id = Some(result.id.clone());
        self.meter.begin();
        if let Some(usage) = self.found_usage.take() {
            self.meter.report(&usage);
        }
        let params = json!({
            "threadId": self.thread_id(),
            "turnId": result.id,
            "turn": found.turn,
            "attempt": found.serial + 1,
            "status": result.status,
        });
        self.shared.tell("turnFound", &params);
        let result = self.allowed_result(result).await;
        self.turn_ended(result).await
    }

    /// Asks the hook before a turn; false when there is no turn now.
    async fn before_turn(&mut self) -> Result<bool> {
        let params = json!({
            "threadId": self.thread_id(),
            "turn": self.state.counts.turns,
            "prompt": texts(&self.input),
            "input": self.input,
            "tokens": self.state.counts.tokens,
            "continuation": self.shared.continuation(),
        });
        match self.ask_hook("before_turn", &params).await? {
            Answer::GoOn if self.state.asked.is_some() => {
                self.state.counts.turns -= 1; // nobody answered, because the run is to end
                Ok(false)
            }
            Answer::GoOn => Ok(true),
            Answer::Prompt(prompt) => {
                self.input = vec![text(prompt)];
                Ok(true)
            }
            Answer::Skip => {
                self.last = None;
                self.state.at = Point::Ended(Outcome::Skipped);
                Ok(false)
            }
            Answer::Stop(why) => {
                self.state.counts.turns -= 1; // it was not begun
                self.stop_by_hook(why);
                Ok(false)
            }
        }
    }

    async fn after_turn(&mut self) -> Result<()> {
        let params = self.about_last();
        match self.ask_hook("after_turn", &params).await? {
            Answer::GoOn | Answer::Skip => {}
            Answer::Prompt(prompt) => self.hook_prompt = Some(prompt),
            Answer::Stop(why) => self.stop_by_hook(why),
        }
        Ok(())
    }

    fn stop_by_hook(&mut self, why: String) {
        self.detail = Some(why).filter(|why| !why.is_empty());
        self.state.asked = Some(StopReason::StoppedByHook);
    }

    fn about_last(&self) -> Value {
        json!({
            "threadId": self.thread_id(),
            "turn": self.state.counts.turns,
            "result": self.last,
            "tokens": self.state.counts.tokens,
            "continuation": self.shared.continuation(),
        })
    }

    /// Asks a function of the application, which cannot hold the run beyond its time.
    async fn ask(&self, what: &'static str, params: &Value) -> Option<Value> {
        tokio::select! {
            answer = self.shared.ask(what, params) => answer,
            () = self.until_impatient() => None,
        }
    }

    async fn ask_hook(&mut self, what: &'static str, params: &Value) -> Result<Answer> {
        match self.ask(what, params).await {
            Some(answer) => Answer::of(what, answer),
            None => self.unanswered(what).map(|()| Answer::GoOn),
        }
    }

    /// A request without an answer: the run is to end, its time is over, or the application has lost it.
    fn unanswered(&mut self, what: &str) -> Result<()> {
        self.look_around();
        if self.is_out_of_time() {
            self.state.asked.get_or_insert(StopReason::Timeout);
        }
        if self.state.asked.is_some() {
            return Ok(());
        }
        Err(dropped(what))
    }

    /// Whether the task is done, and if not, what the next turn is told.
    async fn check(&mut self) -> Result<()> {
        let until = self.plan.until.clone();
        let checked = match &until {
            Until::Turns => Some((Verdict::NotDone, None, None)),
            Until::Answer => Some((Verdict::Done, None, None)),
            Until::Callback => self.ask_check().await?,
            Until::Command(check) => self.run_check(check).await?,
            Until::Verdict(_) => Some(self.read_verdict()),
            Until::Goal(_) => Some(self.look_at_goal()),
        };
        let Some((verdict, prompt, mut params)) = checked else {
            return Ok(()); // the run is to end before it is known, and its token says so
        };
        if let Verdict::GoalOver(status) = &verdict {
            self.detail = Some(format!("the goal is {status}"));
        }
        let prompt = self.hook_prompt.take().or(prompt);
        let prompt = prompt.unwrap_or_else(|| self.plan.next_prompt.clone());
        if let Some(params) = &mut params {
            params["threadId"] = self.thread_id().into();
            params["turn"] = self.state.counts.turns.into();
            params["done"] = (verdict == Verdict::Done).into();
            if verdict == Verdict::NotDone && !self.is_goal() {
                params["nextPrompt"] = prompt.as_str().into();
            }
            self.shared.tell("checked", params);
        }
        if !self.is_goal() {
            self.input = vec![text(prompt)];
        }
        self.state.at = Point::Checked(verdict);
        Ok(())
    }

    async fn ask_check(&mut self) -> Result<Option<Checked>> {
        let params = self.about_last();
        let Some(answer) = self.ask("check", &params).await else {
            self.unanswered("check")?;
            return Ok(None);
        };
        let (verdict, prompt) = match answer {
            Value::Bool(true) => (Verdict::Done, None),
            Value::Bool(false) => (Verdict::NotDone, None),
            Value::String(prompt) if !prompt.trim().is_empty() => (Verdict::NotDone, Some(prompt)),
            other => {
                return Err(Error::invalid_argument(
                    "until",
                    format!(
                        "it returned {}; return true when the task is done, and false or the next prompt when it is not",
                        kind_of(&other)
                    ),
                ));
            }
        };
        Ok(Some((verdict, prompt, Some(json!({"kind": "callback"})))))
    }

    async fn run_check(&mut self, check: &CommandCheck) -> Result<Option<Checked>> {
        let own = Duration::try_from_secs_f64(check.timeout_s).unwrap_or(Duration::MAX);
        let left = self
            .plan
            .limits
            .timeout
            .map(|max| max.saturating_sub(self.elapsed()));
        let limit = own.min(left.unwrap_or(Duration::MAX));
        if limit.is_zero() {
            self.state.asked = Some(StopReason::Timeout);
            return Ok(None);
        }
        let cwd = check.cwd.clone().or_else(|| self.folder());
        let outcome = tokio::select! {
            outcome = run_command(check, cwd.as_deref(), limit) => outcome?,
            () = self.shared.until_wished(Wish::Now) => return Ok(None),
        };
        if outcome.timed_out && limit < own {
            self.state.asked = Some(StopReason::Timeout);
            return Ok(None);
        }
        let mut params = json!(outcome);
        params["kind"] = "command".into();
        if outcome.passed() {
            return Ok(Some((Verdict::Done, None, Some(params))));
        }
        let prompt = outcome.prompt(check);
        Ok(Some((Verdict::NotDone, Some(prompt), Some(params))))
    }

    /// Where the thread works, as far as it is known.
    fn folder(&self) -> Option<PathBuf> {
        let answer: Value = self
            .thread
            .start_response()
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        let of_turn = self.plan.turn.get("cwd").and_then(Value::as_str);
        let folder = of_turn.or(answer["cwd"].as_str()).map(PathBuf::from);
        folder.filter(|folder| folder.is_dir())
    }

    fn read_verdict(&self) -> Checked {
        let answer = self
            .last
            .as_ref()
            .and_then(|last| last.final_response.as_deref());
        let verdict = parse_verdict(answer);
        let params = match &verdict {
            Ok(verdict) => json!({"kind": "verdict", "reason": verdict.reason}),
            Err(why) => json!({"kind": "verdict", "reason": null, "invalid": why}),
        };
        let done = verdict.as_ref().is_ok_and(|verdict| verdict.done);
        if done {
            return (Verdict::Done, None, Some(params));
        }
        (
            Verdict::NotDone,
            Some(verdict_prompt(&verdict)),
            Some(params),
        )
    }

    /// Waits before the turn is tried again.
    async fn wait(&mut self, delay: Duration) {
        let error = self.error.clone();
        let params = json!({
            "threadId": self.thread_id(),
            "turn": self.state.counts.turns,
            "attempt": self.state.counts.starts + 1,
            "delayMs": milliseconds(delay),
            "error": error,
        });
        self.shared.tell("retrying", &params);
        let session = self.thread.codex().session();
        session.options.telemetry.retry(&self.thread_id());
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = self.shared.until_wished(Wish::AfterTurn) => {}
        }
        self.state.at = Point::Ready { again: true };
    }

    async fn stopped(&mut self, reason: StopReason) -> AutoResult {
        self.end_goal().await;
        let token = self.token();
        self.shared.set_continuation(token.clone());
        let failed = matches!(reason, StopReason::Failed | StopReason::Refused);
        let counts = self.state.counts;
        let result = AutoResult {
            thread_id: self.thread_id().to_owned(),
            stop_reason: reason,
            detail: self.detail.take(),
            turns: counts.turns,
            tokens: counts.tokens,
            cost: self.plan.prices.map(|_| counts.cost),
            elapsed_ms: milliseconds(self.elapsed()),
            continuation: token,
            error: self.error.take().filter(|_| failed),
            last: self.last.take(),
            history: std::mem::take(&mut self.history),
            handoffs: self.relay.take_made(),
        };
        let params = json!({
            "threadId": result.thread_id,
            "stopReason": reason,
            "detail": result.detail,
            "turns": result.turns,
            "tokens": result.tokens,
            "cost": result.cost,
            "elapsedMs": result.elapsed_ms,
            "continuation": result.continuation,
            "error": result.error,
        });
        self.shared.tell("completed", &params);
        result
    }
}

/// What a check says, what the next turn is told, and what is told of it.
pub(super) type Checked = (Verdict, Option<String>, Option<Value>);

/// Takes in a report of usage.
pub(super) fn report(meter: &mut Meter, params: &str) {
    if let Ok(params) = serde_json::from_str::<Value>(params) {
        meter.report(&params["tokenUsage"]);
    }
}

impl AutoError {
    pub(super) fn of(error: &Error) -> Self {
        Self {
            kind: error.kind().as_str().to_owned(),
            message: error.message().to_owned(),
            codex_error_info: None,
        }
    }

    fn of_turn(error: &Value) -> Self {
        Self {
            kind: "turn".to_owned(),
            message: error["message"]
                .as_str()
                .unwrap_or("the turn failed")
                .to_owned(),
            codex_error_info: Some(error["codexErrorInfo"].clone()).filter(|info| !info.is_null()),
        }
    }
}
