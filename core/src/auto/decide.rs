//! What a run does next. A pure function of plain data: it has no clock, no chance and no I/O; the time that
//! has passed and a seed go in as data.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::failure::{Failure, Kind};
use super::options::{Limits, RetryPolicy};
use crate::thread::usage::Tokens;

/// Everything that a decision depends on.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) limits: Limits,
    pub(super) retry: RetryPolicy,
    pub(super) counts: Counts,
    /// The time that the run has taken so far, in all processes.
    pub(super) elapsed: Duration,
    /// Chance for the jitter.
    pub(super) seed: u64,
    /// Somebody wants the run to end.
    pub(super) asked: Option<StopReason>,
    pub(super) at: Point,
}

/// What was counted so far, in all processes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Counts {
    /// Turns that were begun; a repetition is the same turn.
    pub(super) turns: u32,
    /// Failures of the turn at hand, in a row.
    pub(super) failures: u32,
    /// How often the turn at hand has been started and has ended.
    pub(super) starts: u32,
    pub(super) tokens: Tokens,
    pub(super) cost: f64,
}

/// Where the run is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Point {
    /// A turn may begin; `again` when it is one that was begun before.
    Ready { again: bool },
    /// A turn has ended.
    Ended(Outcome),
    /// The check has said what it thinks.
    Checked(Verdict),
}

/// How a turn ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    Completed,
    Interrupted,
    Failed(Failure),
    /// A hook left it out.
    Skipped,
    /// It was completed, and its agent hands the conversation over; whether that was tried.
    HandedOver {
        tried: bool,
    },
}

/// What a check says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Done,
    NotDone,
    /// The engine has ended its goal without reaching it; the word says how.
    GoalOver(String),
}

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Begin a turn, or the same one again.
    StartTurn { again: bool },
    /// Ask the check.
    Check,
    /// Go on with the agent that the last one hands over to.
    HandOver,
    /// Wait, then the same turn again.
    Wait { delay: Duration },
    /// It is over.
    Stop(StopReason),
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StopReason {
    /// The check says that the task is done.
    Done,
    /// The limit of turns.
    MaxTurns,
    /// The limit of tokens.
    MaxTokens,
    /// The limit of time.
    Timeout,
    /// The limit of cost.
    MaxCost,
    /// A turn failed and was not to be repeated, or was repeated in vain; or the engine is gone.
    Failed,
    /// The provider refuses the work by a policy.
    Refused,
    /// A turn was interrupted.
    Interrupted,
    /// A hook said so.
    StoppedByHook,
    /// The application said so.
    StoppedByCaller,
    /// The engine has ended its goal without reaching it.
    GoalEnded,
}

impl StopReason {
    /// The reason's word, the same in every language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::MaxTurns => "max_turns",
            Self::MaxTokens => "max_tokens",
            Self::Timeout => "timeout",
            Self::MaxCost => "max_cost",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Interrupted => "interrupted",
            Self::StoppedByHook => "stopped_by_hook",
            Self::StoppedByCaller => "stopped_by_caller",
            Self::GoalEnded => "goal_ended",
        }
    }
}

/// The next step.
pub(super) fn decide(state: &State) -> Step {
    if state.at == Point::Ended(Outcome::HandedOver { tried: false }) {
        // It belongs to the turn: whatever ends the run, the next agent knows what was said.
        return Step::HandOver;
    }
    if let Some(reason) = state.asked {
        return Step::Stop(reason);
    }
    match &state.at {
        Point::Ready { again } => start(state, *again),
        Point::Ended(Outcome::Completed | Outcome::Skipped) => Step::Check,
        Point::Ended(Outcome::HandedOver { .. }) => match start(state, false) {
            Step::StartTurn { .. } => Step::HandOver,
            stop => stop,
        },
        Point::Ended(Outcome::Interrupted) if out_of_time(state) => Step::Stop(StopReason::Timeout),
        Point::Ended(Outcome::Interrupted) => Step::Stop(StopReason::Interrupted),
        Point::Ended(Outcome::Failed(failure)) => failed(state, failure),
        Point::Checked(Verdict::Done) => Step::Stop(StopReason::Done),
        Point::Checked(Verdict::GoalOver(_)) => Step::Stop(StopReason::GoalEnded),
        Point::Checked(Verdict::NotDone) => start(state, false),
    }
}

fn start(state: &State, again: bool) -> Step {
    if !again && state.counts.turns >= state.limits.max_turns {
        return Step::Stop(StopReason::MaxTurns);
    }
    match used_up(state) {
        Some(reason) => Step::Stop(reason),
        None => Step::StartTurn { again },
    }
}

/// The limits that hold for repetitions, too.
fn used_up(state: &State) -> Option<StopReason> {
    let State { limits, counts, .. } = state;
    if out_of_time(state) {
        return Some(StopReason::Timeout);
    }
    if limits
        .max_tokens
        .is_some_and(|max| counts.tokens.total_tokens >= max)
    {
        return Some(StopReason::MaxTokens);
    }
    limits
        .max_cost
        .is_some_and(|max| counts.cost >= max)
        .then_some(StopReason::MaxCost)
}

fn out_of_time(state: &State) -> bool {
    state.limits.timeout.is_some_and(|max| state.elapsed >= max)
}

fn failed(state: &State, failure: &Failure) -> Step {
    match failure.kind {
        Kind::Refused => return Step::Stop(StopReason::Refused),
        Kind::Final => return Step::Stop(StopReason::Failed),
        Kind::Retryable => {}
    }
    if state.counts.failures > state.retry.attempts {
        return Step::Stop(StopReason::Failed);
    }
    if let Some(reason) = used_up(state) {
        return Step::Stop(reason);
    }
    let delay = delay(
        &state.retry,
        state.counts.failures,
        state.seed,
        failure.hint,
    );
    let too_long = failure.hint.is_some_and(|hint| hint > state.retry.max_wait);
    let too_late = state
        .limits
        .timeout
        .is_some_and(|max| state.elapsed.saturating_add(delay) >= max);
    if too_long || too_late {
        return Step::Stop(StopReason::Failed);
    }
    Step::Wait { delay }
}

/// The pause after failure number `failures` (from 1): anything up to the exponential delay, so that many runs do
/// not come back all at once, but never less than the engine asks for.
pub(super) fn delay(
    retry: &RetryPolicy,
    failures: u32,
    seed: u64,
    hint: Option<Duration>,
) -> Duration {
    let exponent = i32::try_from(failures.saturating_sub(1)).unwrap_or(i32::MAX);
    let whole = retry.initial_delay.as_secs_f64() * retry.factor.powi(exponent);
    // Infinite and undefined results of huge exponents are the longest delay.
    let whole = if whole.is_finite() {
        whole.min(retry.max_delay.as_secs_f64())
    } else {
        retry.max_delay.as_secs_f64()
    };
    let share = f64::from(u32::try_from(mixed(seed, failures) >> 32).unwrap_or(u32::MAX))
        / f64::from(u32::MAX);
    let pause = Duration::try_from_secs_f64(whole * share).unwrap_or(retry.max_delay);
    pause.max(hint.unwrap_or_default())
}

/// Spreads a seed (the finaliser of splitmix64).
fn mixed(seed: u64, step: u32) -> u64 {
    let mut word = seed.wrapping_add(u64::from(step).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
