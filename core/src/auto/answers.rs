//! What a hook between turns says. What makes no sense is an error.

use serde_json::Value;

use crate::error::{Error, Result};

/// What a hook says.
pub(super) enum Answer {
    GoOn,
    Prompt(String),
    Skip,
    Stop(String),
}

impl Answer {
    pub(super) fn of(hook: &str, answer: Value) -> Result<Self> {
        let can_skip = hook == "before_turn";
        let refused = |what: String| {
            let skip = if can_skip { ", {\"skip\": true}" } else { "" };
            Err(Error::invalid_argument(
                hook,
                format!(
                    "it returned {what}; return nothing to go on, a text as the next prompt{skip}, or {{\"stop\": \"why\"}}"
                ),
            ))
        };
        if let Some(why) = stop_of(&answer) {
            return Ok(Self::Stop(why));
        }
        match answer {
            Value::Null => Ok(Self::GoOn),
            Value::String(prompt) if !prompt.trim().is_empty() => Ok(Self::Prompt(prompt)),
            Value::Object(fields) if fields.len() == 1 => match fields.into_iter().next() {
                Some((name, Value::String(prompt)))
                    if name == "prompt" && !prompt.trim().is_empty() =>
                {
                    Ok(Self::Prompt(prompt))
                }
                Some((name, Value::Bool(true))) if name == "skip" && can_skip => Ok(Self::Skip),
                Some((name, _)) => refused(format!("an object with {name:?}")),
                None => Ok(Self::GoOn),
            },
            other => refused(kind_of(&other).to_owned()),
        }
    }
}

/// Why a hook wants the run to end, if it does.
pub(super) fn stop_of(answer: &Value) -> Option<String> {
    let fields = answer.as_object().filter(|fields| fields.len() == 1)?;
    match fields.get("stop")? {
        Value::String(why) => Some(why.clone()),
        Value::Bool(true) => Some(String::new()),
        _ => None,
    }
}

pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "an empty text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
