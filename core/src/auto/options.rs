//! What an auto-run is told, with defaults and checks, and its JSON form. Everything is refused here, at the
//! call, and nothing later.

use std::path::PathBuf;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::usage::Prices;
use crate::error::{Error, Result};
use crate::options::duration;
use crate::protocol::JsonObject;
use crate::telemetry::TraceContext;
use crate::thread::setup::Setup;

/// The turns that a run may have when nothing else is said: without a limit a run cannot be.
pub const DEFAULT_MAX_TURNS: u32 = 10;
const DEFAULT_COMMAND_TIMEOUT_S: f64 = 600.0;
const DEFAULT_MAX_OUTPUT: usize = 8 << 10;
const DEFAULT_NEXT_PROMPT: &str = "Go on. The task is not done yet.";

/// How a run works. What is `None` has its default, or is what the continuation token says.
#[derive(Clone, Debug, Default)]
pub struct AutoOptions {
    /// When the task is done; by default after the last turn that the limits allow.
    pub until: Option<Until>,
    /// Turns at most, [`DEFAULT_MAX_TURNS`] by default. A repeated turn counts once.
    pub max_turns: Option<u32>,
    /// No turn begins once so many tokens were used.
    pub max_tokens: Option<u64>,
    /// The run's wall time; a turn that runs when it is over is interrupted.
    pub timeout: Option<Duration>,
    /// No turn begins once so much was spent, by `prices`.
    pub max_cost: Option<f64>,
    /// What tokens cost.
    pub prices: Option<Prices>,
    /// How failed turns are repeated.
    pub retry: Option<RetryPolicy>,
    /// Which hooks are asked.
    pub hooks: Hooks,
    /// What the next turn is told when the check has nothing to say.
    pub next_prompt: Option<String>,
    /// Further parameters of each `turn/start`, keys as on the wire.
    pub turn: Option<JsonObject>,
    /// What each turn has of its own, before what the thread has: who answers, guardrails, and the trace that the spans of
    /// the run's turns belong to. Where a guardrail rejects, the run ends with that error. A continuation token carries
    /// none of it.
    pub setup: Setup,
    /// Whether the events are kept until they are read.
    pub keep_events: bool,
    /// Signs the continuation tokens (HMAC-SHA256), and refuses those that were not signed with it.
    pub token_key: Option<String>,
}

/// The hooks that a run asks, as [`AutoRequest`](super::AutoRequest)s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each hook is asked or not")]
pub struct Hooks {
    /// Before each turn.
    pub before_turn: bool,
    /// After each turn that was completed.
    pub after_turn: bool,
    /// Before anybody decides about an approval.
    pub before_approval: bool,
    /// Before a decision about an approval is sent.
    pub after_approval: bool,
    /// Before a tool of the application is called.
    pub before_tool: bool,
    /// Before the model gets the result of such a call.
    pub after_tool: bool,
}

impl Hooks {
    /// Whether there are any that are asked within a turn.
    pub(super) fn within_turns(self) -> bool {
        self.before_approval || self.after_approval || self.before_tool || self.after_tool
    }
}

/// When the task is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Until {
    /// After the last turn: the limits alone end the run.
    Turns,
    /// When a turn is completed whose agent hands over to nobody (see [`Handoff`](crate::Handoff)).
    Answer,
    /// When the application says so.
    Callback,
    /// When a shell command exits with 0.
    Command(CommandCheck),
    /// When the agent says so, in a verdict of a fixed form.
    Verdict(VerdictCheck),
    /// When the engine says that its goal is reached; the engine starts the turns.
    Goal(GoalCheck),
}

/// A shell command that exits with 0 when the task is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandCheck {
    /// What the shell runs, on this machine.
    pub command: String,
    /// Where; by default where the thread works.
    #[serde(default)]
    pub cwd: Option<PathBuf>,
    /// How many seconds it may take; then it is killed with all that it started, and has failed.
    #[serde(default = "command_timeout")]
    pub timeout_s: f64,
    /// How many bytes of the end of its output the next turn is told.
    #[serde(default = "max_output")]
    pub max_output: usize,
}

fn command_timeout() -> f64 {
    DEFAULT_COMMAND_TIMEOUT_S
}

fn max_output() -> usize {
    DEFAULT_MAX_OUTPUT
}

impl CommandCheck {
    /// A command with the defaults.
    #[must_use]
    pub fn new(command: impl Into<String>) -> Self {
        Self {
            command: command.into(),
            cwd: None,
            timeout_s: DEFAULT_COMMAND_TIMEOUT_S,
            max_output: DEFAULT_MAX_OUTPUT,
        }
    }
}

/// Each turn answers with `{"done": bool, "reason": string}`, by the turn's output schema.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictCheck {
    /// What has to be true; it is added to the first prompt.
    #[serde(default)]
    pub criteria: Option<String>,
}

/// A goal of the engine's own (`thread/goal/set`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoalCheck {
    /// The tokens that may be used before the engine gives the goal up.
    #[serde(default)]
    pub token_budget: Option<u64>,
}

/// How failed turns are repeated: after a random part of a delay that grows with each failure in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryPolicy {
    /// Repetitions of one turn at most; 0 means none.
    pub attempts: u32,
    /// The longest pause after the first failure.
    pub initial_delay: Duration,
    /// How the longest pause grows from failure to failure.
    pub factor: f64,
    /// It grows no further.
    pub max_delay: Duration,
    /// When the engine asks to wait longer than this, the run ends instead.
    pub max_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            initial_delay: Duration::from_secs(1),
            factor: 2.0,
            max_delay: Duration::from_secs(60),
            max_wait: Duration::from_secs(600),
        }
    }
}

/// What a run must not go beyond.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limits {
    pub(super) max_turns: u32,
    pub(super) max_tokens: Option<u64>,
    pub(super) timeout: Option<Duration>,
    pub(super) max_cost: Option<f64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_turns: DEFAULT_MAX_TURNS,
            max_tokens: None,
            timeout: None,
            max_cost: None,
        }
    }
}

/// A run's settings once all is said: what a continuation token carries of them.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) until: Until,
    pub(super) limits: Limits,
    pub(super) prices: Option<Prices>,
    pub(super) retry: RetryPolicy,
    pub(super) next_prompt: String,
    pub(super) turn: JsonObject,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            until: Until::Turns,
            limits: Limits::default(),
            prices: None,
            retry: RetryPolicy::default(),
            next_prompt: DEFAULT_NEXT_PROMPT.to_owned(),
            turn: JsonObject::new(),
        }
    }
}

impl Plan {
    /// The plan with what the options say, checked.
    pub(super) fn with(mut self, options: &AutoOptions) -> Result<Self> {
        let AutoOptions { until, retry, .. } = options.clone();
        self.until = until.unwrap_or(self.until);
        self.retry = retry.unwrap_or(self.retry);
        self.limits.max_turns = options.max_turns.unwrap_or(self.limits.max_turns);
        self.limits.max_tokens = options.max_tokens.or(self.limits.max_tokens);
        self.limits.timeout = options.timeout.or(self.limits.timeout);
        self.limits.max_cost = options.max_cost.or(self.limits.max_cost);
        self.prices = options.prices.or(self.prices);
        if let Some(prompt) = &options.next_prompt {
            self.next_prompt.clone_from(prompt);
        }
        if let Some(turn) = &options.turn {
            self.turn.clone_from(turn);
        }
        self.check(options.hooks, options.setup.is_guarded())?;
        Ok(self)
    }

    fn check(&self, hooks: Hooks, guarded: bool) -> Result<()> {
        let refused = |name: &str, why: &str| Err(Error::invalid_argument(name, why));
        let Limits {
            max_turns,
            max_tokens,
            timeout,
            max_cost,
        } = self.limits;
        if max_turns == 0 {
            return refused("max_turns", "0 lets nothing happen; give at least 1");
        }
        if max_tokens == Some(0) {
            return refused(
                "max_tokens",
                "0 lets nothing happen; leave it out for no limit",
            );
        }
        if timeout.is_some_and(|timeout| timeout.is_zero()) {
            return refused(
                "timeout",
                "0 lets nothing happen; leave it out for no limit",
            );
        }
        if let Some(max) = max_cost {
            if !(max.is_finite() && max > 0.0) {
                return refused(
                    "max_cost",
                    "it must be a positive number; leave it out for no limit",
                );
            }
            if self.prices.is_none() {
                return refused("prices", "a limit of cost needs the prices of tokens");
            }
        }
        if let Some(Prices {
            input,
            cached_input,
            output,
        }) = self.prices
            && [input, cached_input, output]
                .iter()
                .any(|price| !(price.is_finite() && *price >= 0.0))
        {
            return refused("prices", "a price is a number that is not negative");
        }
        if self.next_prompt.trim().is_empty() {
            return refused(
                "next_prompt",
                "it is empty; say what the next turn is to do",
            );
        }
        if self.turn.contains_key("clientUserMessageId") {
            return refused(
                "clientUserMessageId",
                "an auto-run marks its turns with it; leave it out",
            );
        }
        self.check_retry()?;
        self.check_until(hooks, guarded)
    }

    fn check_retry(&self) -> Result<()> {
        let refused = |name: &str, why: &str| Err(Error::invalid_argument(name, why));
        let RetryPolicy {
            initial_delay,
            factor,
            max_delay,
            ..
        } = self.retry;
        if !(factor.is_finite() && factor >= 1.0) {
            return refused("retry.factor", "it must be 1 or more");
        }
        if max_delay < initial_delay {
            return refused("retry.max_delay", "it is shorter than initial_delay");
        }
        Ok(())
    }

    fn check_until(&self, hooks: Hooks, guarded: bool) -> Result<()> {
        let refused = |name: &str, why: String| Err(Error::invalid_argument(name, why));
        match &self.until {
            Until::Command(check) => {
                if check.command.trim().is_empty() {
                    return refused(
                        "until.command",
                        "it is empty; give a shell command".to_owned(),
                    );
                }
                duration("until.timeout", check.timeout_s)?;
                if check.max_output == 0 {
                    return refused("until.max_output", "0 would hide why it failed".to_owned());
                }
                match &check.cwd {
                    Some(cwd) if !cwd.is_dir() => refused(
                        "until.cwd",
                        format!("{} is not an existing directory", cwd.display()),
                    ),
                    _ => Ok(()),
                }
            }
            Until::Verdict(check) => {
                if self.turn.contains_key("outputSchema") {
                    return refused(
                        "output_schema",
                        "a verdict has a schema of its own; leave one of the two out".to_owned(),
                    );
                }
                match &check.criteria {
                    Some(criteria) if criteria.trim().is_empty() => refused(
                        "until.criteria",
                        "it is empty; leave it out, or say what has to be true".to_owned(),
                    ),
                    _ => Ok(()),
                }
            }
            Until::Goal(check) => {
                if hooks.before_turn {
                    return refused(
                        "before_turn",
                        "the engine starts the turns of a goal by itself; use after_turn"
                            .to_owned(),
                    );
                }
                if guarded || !self.turn.is_empty() {
                    return refused(
                        "until",
                        "the engine starts the turns of a goal by itself, so that options of turns have no effect; set them on the thread".to_owned(),
                    );
                }
                if check.token_budget == Some(0) {
                    return refused("until.token_budget", "it must be 1 or more".to_owned());
                }
                Ok(())
            }
            Until::Turns | Until::Answer | Until::Callback => Ok(()),
        }
    }
}

/// The JSON form of [`AutoOptions`]; every field may be missing or null.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each hook is asked or not")]
struct Fields {
    until: Value,
    max_turns: Value,
    max_tokens: Value,
    timeout_s: Value,
    max_cost: Value,
    prices: Value,
    retry: Option<RetryFields>,
    before_turn: bool,
    after_turn: bool,
    before_approval: bool,
    after_approval: bool,
    before_tool: bool,
    after_tool: bool,
    next_prompt: Value,
    turn: Option<Map<String, Value>>,
    keep_events: bool,
    token_key: Value,
    trace_context: Value,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RetryFields {
    attempts: Value,
    initial_delay_s: Value,
    factor: Value,
    max_delay_s: Value,
    max_wait_s: Value,
}

impl AutoOptions {
    /// Options from their JSON form, in which the bindings hand them over.
    ///
    /// # Errors
    /// `invalid_argument` for unknown fields, wrong types and values that cannot be.
    pub fn from_json(text: &str) -> Result<Self> {
        let fields: Fields = serde_json::from_str(text)
            .map_err(|error| Error::invalid_argument("options", error))?;
        Ok(Self {
            until: given("until", fields.until)?,
            max_turns: given("max_turns", fields.max_turns)?,
            max_tokens: given("max_tokens", fields.max_tokens)?,
            timeout: span("timeout", fields.timeout_s)?,
            max_cost: given("max_cost", fields.max_cost)?,
            prices: given("prices", fields.prices)?,
            retry: fields.retry.map(RetryFields::policy).transpose()?,
            hooks: Hooks {
                before_turn: fields.before_turn,
                after_turn: fields.after_turn,
                before_approval: fields.before_approval,
                after_approval: fields.after_approval,
                before_tool: fields.before_tool,
                after_tool: fields.after_tool,
            },
            next_prompt: given("next_prompt", fields.next_prompt)?,
            turn: fields.turn,
            setup: Setup::of_trace(TraceContext::given(&fields.trace_context)?),
            keep_events: fields.keep_events,
            token_key: given("token_key", fields.token_key)?,
        })
    }
}

impl RetryFields {
    fn policy(self) -> Result<RetryPolicy> {
        let usual = RetryPolicy::default();
        let pause = |name, value: Value, usual| Ok::<_, Error>(span(name, value)?.unwrap_or(usual));
        Ok(RetryPolicy {
            attempts: given("retry.attempts", self.attempts)?.unwrap_or(usual.attempts),
            initial_delay: pause(
                "retry.initial_delay",
                self.initial_delay_s,
                usual.initial_delay,
            )?,
            factor: given("retry.factor", self.factor)?.unwrap_or(usual.factor),
            max_delay: pause("retry.max_delay", self.max_delay_s, usual.max_delay)?,
            max_wait: pause("retry.max_wait", self.max_wait_s, usual.max_wait)?,
        })
    }
}

fn given<T: DeserializeOwned>(name: &str, value: Value) -> Result<Option<T>> {
    serde_json::from_value(value).map_err(|error| Error::invalid_argument(name, error))
}

fn span(name: &str, value: Value) -> Result<Option<Duration>> {
    let seconds: Option<f64> = given(name, value)?;
    seconds.map(|seconds| duration(name, seconds)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(json: &str) -> (String, String) {
        let error = AutoOptions::from_json(json)
            .and_then(|options| Plan::default().with(&options).map(drop))
            .expect_err(json);
        (
            error.argument().unwrap_or_default().to_owned(),
            error.to_string(),
        )
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for (json, argument) in [
            (r#"{"max_turns": 0}"#, "max_turns"),
            (r#"{"max_turns": -1}"#, "max_turns"),
            (r#"{"max_turns": "3"}"#, "max_turns"),
            (r#"{"max_tokens": 0}"#, "max_tokens"),
            (r#"{"timeout_s": 0}"#, "timeout"),
            (r#"{"timeout_s": -3}"#, "timeout"),
            (
                r#"{"max_cost": 0, "prices": {"input": 1, "cached_input": 1, "output": 1}}"#,
                "max_cost",
            ),
            (r#"{"max_cost": 3}"#, "prices"),
            (
                r#"{"prices": {"input": -1, "cached_input": 1, "output": 1}}"#,
                "prices",
            ),
            (r#"{"prices": {"input": 1}}"#, "prices"),
            (r#"{"retry": {"factor": 0.5}}"#, "retry.factor"),
            (
                r#"{"retry": {"initial_delay_s": 5, "max_delay_s": 1}}"#,
                "retry.max_delay",
            ),
            (r#"{"retry": {"attempts": -1}}"#, "retry.attempts"),
            (
                r#"{"until": {"command": {"command": " "}}}"#,
                "until.command",
            ),
            (
                r#"{"until": {"command": {"command": "true", "timeout_s": 0}}}"#,
                "until.timeout",
            ),
            (
                r#"{"until": {"command": {"command": "true", "cwd": "/no/such/place"}}}"#,
                "until.cwd",
            ),
            (
                r#"{"until": {"command": {"command": "true", "max_output": 0}}}"#,
                "until.max_output",
            ),
            (r#"{"until": "tomorrow"}"#, "until"),
            (
                r#"{"until": {"verdict": {}}, "turn": {"outputSchema": {}}}"#,
                "output_schema",
            ),
            (
                r#"{"until": {"goal": {}}, "before_turn": true}"#,
                "before_turn",
            ),
            (
                r#"{"until": {"goal": {}}, "turn": {"model": "x"}}"#,
                "until",
            ),
            (r#"{"next_prompt": " "}"#, "next_prompt"),
            (
                r#"{"turn": {"clientUserMessageId": "x"}}"#,
                "clientUserMessageId",
            ),
            (r#"{"max_turn": 3}"#, "options"),
        ] {
            let (named, message) = refused(json);
            assert_eq!(named, argument, "{json}: {message}");
        }
    }

    #[test]
    fn the_default_has_a_limit() {
        let plan = Plan::default().with(&AutoOptions::default()).expect("fine");
        assert_eq!((plan.until, plan.limits.max_turns), (Until::Turns, 10));
    }
}
