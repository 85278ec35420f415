//! What one `codex exec` can play: a scenario as a list of plain turns.
//!
//! Scenarios of fixtures/scenarios that do more than that (approvals, steering, interrupts, requests) are
//! no cases; those of fixtures/exec always are.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::super::scenario::Scenario;

/// A scenario that `codex exec` can play, and its turns.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) scenario: Scenario,
    pub(super) turns: Vec<CaseTurn>,
    /// Written for this comparison.
    pub(super) own: bool,
}

/// One turn: one process of `codex exec`.
#[derive(Debug, Clone)]
pub(super) struct CaseTurn {
    pub(super) thread: How,
    /// The thread's options, in the official Python names.
    pub(super) options: Value,
    /// Parts: `{"type": "text"}` and `{"type": "localImage"}`.
    pub(super) input: Vec<Value>,
    pub(super) output_schema: Option<Value>,
    pub(super) effort: Option<String>,
}

/// Which thread a turn runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// A new one.
    New,
    /// The one of the turn before, by the handle that is there.
    Same,
    /// The one of the turn before, resumed.
    Resume,
}

impl How {
    fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Same => "same",
            Self::Resume => "resume",
        }
    }
}

impl CaseTurn {
    /// The turn as the runners of the packages read it.
    pub(super) fn json(&self) -> Value {
        json!({
            "thread": self.thread.name(),
            "options": self.options,
            "input": self.input,
            "output_schema": self.output_schema,
            "effort": self.effort,
        })
    }
}

/// The options of `thread_start` that `codex exec` has, too.
const THREAD_OPTIONS: &[&str] = &["approval_mode", "sandbox", "model", "ephemeral"];

impl Case {
    /// The scenario as a case; none if `codex exec` cannot play it.
    pub(super) fn of(scenario: &Scenario) -> Option<Self> {
        let turns = turns(scenario).ok()?;
        (!turns.is_empty()).then(|| Self {
            scenario: scenario.clone(),
            turns,
            own: false,
        })
    }

    /// As [`Case::of`], with the reason.
    pub(super) fn must(scenario: &Scenario) -> Result<Self> {
        let turns = turns(scenario)?;
        Ok(Self {
            scenario: scenario.clone(),
            turns,
            own: true,
        })
    }
}

fn turns(scenario: &Scenario) -> Result<Vec<CaseTurn>> {
    let whole = scenario.whole();
    if whole.get("approvals").is_some() || whole.get("no_handler").is_some() {
        bail!("it answers approvals, which codex exec never asks for");
    }
    let mut turns: Vec<CaseTurn> = Vec::new();
    let (mut thread, mut how) = (Value::Null, How::New);
    for step in whole["steps"].as_array().into_iter().flatten() {
        match step["do"].as_str().unwrap_or_default() {
            "thread_start" if step.get("wire").is_none() => {
                thread = options(&step["options"])?;
                how = How::New;
            }
            "thread_resume" if how == How::Same => how = How::Resume,
            "turn" | "run" if step.get("wire").is_none() && step["thread"].is_string() => {
                turns.push(turn(step, how, thread.clone())?);
                how = How::Same;
            }
            "stream" if step.get("actions").is_none() => {}
            "turn_run" | "read" | "thread_list" => {}
            other => bail!("{other} is nothing that codex exec does"),
        }
    }
    let streams = whole["steps"].as_array().into_iter().flatten();
    let streams = streams.filter(|step| step["do"] == "stream").count();
    if streams > turns.len() {
        bail!("it reads a turn twice");
    }
    Ok(turns)
}

fn options(given: &Value) -> Result<Value> {
    for (name, value) in given.as_object().into_iter().flatten() {
        if !THREAD_OPTIONS.contains(&name.as_str()) {
            bail!("codex exec has no {name}");
        }
        if name == "approval_mode" && value != "deny_all" {
            bail!("codex exec never asks");
        }
    }
    Ok(given.clone())
}

fn turn(step: &Value, thread: How, options: Value) -> Result<CaseTurn> {
    let input = match &step["input"] {
        Value::String(text) => vec![json!({"type": "text", "text": text})],
        Value::Array(parts) => parts.clone(),
        _ => bail!("codex exec takes text and images"),
    };
    if input
        .iter()
        .any(|part| !matches!(part["type"].as_str(), Some("text" | "localImage")))
    {
        bail!("codex exec takes text and local images");
    }
    let (mut output_schema, mut effort) = (None, None);
    for (name, value) in step["options"].as_object().into_iter().flatten() {
        match name.as_str() {
            "output_schema" => output_schema = Some(value.clone()),
            "effort" => effort = value.as_str().map(str::to_owned),
            other => bail!("codex exec has no {other} for a turn"),
        }
    }
    Ok(CaseTurn {
        thread,
        options,
        input,
        output_schema,
        effort,
    })
}
