//! What may differ between `codex exec` and our simple view, as data with reasons
//! (fixtures/differences-exec.json), and the comparison of everything else.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::compare;
use super::Loose;
use super::case::{Case, How};

/// One field that differs on purpose.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// The type of the events concerned.
    event: String,
    /// A field of ours, as a JSON pointer into the event.
    field: String,
    /// The field of `codex exec` that ours must equal; without it, ours is an addition.
    #[serde(default)]
    equals: Option<String>,
    /// Why.
    #[expect(dead_code, reason = "written for the reader")]
    reason: String,
    #[serde(skip)]
    used: AtomicBool,
}

/// All rules.
#[derive(Debug)]
pub(super) struct Rules(Vec<Rule>);

impl Rules {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).context("no differences-exec.json")?;
        Ok(Self(serde_json::from_str(&text)?))
    }

    /// The rules that covered nothing.
    pub(super) fn unused(&self) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .filter(|rule| !rule.used.load(Ordering::Relaxed))
            .map(|rule| format!("differences-exec.json: {} {}", rule.event, rule.field))
    }

    /// What is not as in the transcript. `exec`: ours came from a `codex exec` too, so that nothing is on
    /// purpose.
    pub(super) fn differences(
        &self,
        case: &Case,
        golden: &Value,
        ours: &[Value],
        exec: bool,
    ) -> Vec<String> {
        let mut ours = ours.to_vec();
        let mut found = Vec::new();
        for step in &mut ours {
            // How a turn ended shows in the exit code there, and in a typed error here.
            let well = step["ended"] == "completed";
            if let Some(step) = step.as_object_mut() {
                step.remove("ended");
                step.insert("exit".to_owned(), json!(i32::from(!well)));
            }
        }
        if !exec {
            found.extend(usage_per_turn(case, golden, &ours));
            for event in ours
                .iter_mut()
                .filter_map(|step| step["events"].as_array_mut())
                .flatten()
            {
                self.without_improvements(event);
            }
        }
        let mut ours = Value::from(ours);
        super::super::normalise::renumber(&mut ours);
        let mut golden = golden.clone();
        super::super::normalise::renumber(&mut golden);
        let differences = compare::with_client(&golden, &ours);
        found.extend(differences.iter().map(ToString::to_string));
        found
    }

    fn without_improvements(&self, event: &mut Value) {
        let kind = event["type"].clone();
        for rule in self.0.iter().filter(|rule| kind == rule.event.as_str()) {
            let Some((parent, name)) = rule.field.rsplit_once('/') else {
                continue;
            };
            let Some(parent) = event.pointer_mut(parent).and_then(Value::as_object_mut) else {
                continue;
            };
            let Some(value) = parent.remove(name) else {
                continue;
            };
            rule.used.store(true, Ordering::Relaxed);
            if let Some(equal) = &rule.equals
                && let Some(place) = event.pointer_mut(equal)
            {
                *place = value;
            }
        }
    }
}

/// `codex exec` tells the thread's total; ours the turn's: the difference of two turns' totals.
fn usage_per_turn(case: &Case, golden: &Value, ours: &[Value]) -> Vec<String> {
    let usage = |step: &Value| -> Option<Value> {
        let events = step["events"].as_array()?;
        let end = events
            .iter()
            .find(|event| event["type"] == "turn.completed")?;
        Some(end["usage"].clone())
    };
    let mut found = Vec::new();
    for (index, turn) in case.turns.iter().enumerate() {
        let Some(total) = usage(&golden[index]) else {
            continue;
        };
        let before = match turn.thread {
            How::New => json!({}),
            // What a turn used that failed is told by nobody.
            How::Same | How::Resume => match usage(&golden[index - 1]) {
                Some(before) => before,
                None => continue,
            },
        };
        let mut want = total.clone();
        for (name, value) in want.as_object_mut().into_iter().flatten() {
            *value =
                json!(value.as_i64().unwrap_or(0) - before[name.as_str()].as_i64().unwrap_or(0));
        }
        let got = ours.get(index).and_then(usage).unwrap_or_default();
        if got != want {
            found.push(format!(
                "/{index} usage of the turn: want {want}, got {got}"
            ));
        }
    }
    found
}

/// Commands that run beside each other start and end in any order: in cases that say so, their events
/// are sorted and named by the command.
pub(super) fn order(steps: &mut [Value], loose: Loose<'_>) {
    if loose.unordered.is_empty() {
        return;
    }
    for step in steps {
        let Some(events) = step["events"].as_array_mut() else {
            continue;
        };
        for event in events.iter_mut().filter(|event| is_command(event)) {
            event["item"]["id"] = event["item"]["command"].clone();
        }
        for run in events.chunk_by_mut(|a, b| is_command(a) && is_command(b)) {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            run.sort_by_key(|event| {
                let ended = event["type"] == "item.completed";
                (text(&event["item"]["id"]), ended)
            });
        }
    }
}

fn is_command(event: &Value) -> bool {
    event["item"]["type"] == "command_execution"
}
