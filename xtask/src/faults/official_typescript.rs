//! What the official TypeScript SDK makes of what was measured of it, on the real engine: tests/faults/official.mjs plays
//! each weakness, and fixtures/faults/official-typescript.txt says how it fails.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::paths;
use crate::scripted::Scripted;
use crate::sh::Cmd;

const LIMIT: Duration = Duration::from_secs(60);

/// A weakness, and how it shows.
pub(super) struct Weakness {
    pub(super) number: String,
    demonstration: String,
    known: String,
}

/// All of the list.
pub(super) fn list() -> Result<Vec<Weakness>> {
    let file = paths::root().join("fixtures/faults/official-typescript.txt");
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let parts = line.split_once(": ").zip(line.split_once(" | "));
            let ((number, rest), (_, known)) = parts.with_context(|| line.to_owned())?;
            let (demonstration, _) = rest.split_once(" | ").with_context(|| line.to_owned())?;
            Ok(Weakness {
                number: number.to_owned(),
                demonstration: demonstration.to_owned(),
                known: known.to_owned(),
            })
        })
        .collect()
}

/// Plays each in a process of its own, because some crash it. Returns how many there were, and how many did not fail as
/// they are known to.
pub(super) fn run() -> Result<(usize, usize)> {
    let model = Scripted::start(&script().to_string())?;
    let (list, mut odd) = (list()?, 0);
    for weakness in &list {
        let seen = one(&model, weakness)?;
        let fails = seen.contains(&weakness.known);
        odd += usize::from(!fails);
        let word = if fails { "fails" } else { "OTHERWISE" };
        println!(
            "{word:<10} {:<50} {:<24} {seen}",
            weakness.demonstration, weakness.number
        );
    }
    Ok((list.len(), odd))
}

fn one(model: &Scripted, weakness: &Weakness) -> Result<String> {
    let place = model.place(&format!("official-{}", weakness.demonstration))?;
    let done = Cmd::new("node")
        .arg(paths::root().join("tests/faults/official.mjs"))
        .arg(&weakness.demonstration)
        .env("CODEX_HOME", &place.home)
        .env("HOME", &place.home)
        .env("CODEXKIT_CWD", &place.cwd)
        .env("CODEX_BINARY", crate::bench::real_engine()?)
        .limit(LIMIT)
        .watch(|_, _| {})?;
    let told = done.stdout.lines().last().unwrap_or_default();
    if let Ok(told) = serde_json::from_str::<Value>(told) {
        let saw = told["saw"].as_str().and_then(|saw| saw.lines().next());
        return Ok(saw.unwrap_or_default().to_owned());
    }
    let error = done.stderr.lines().find(|line| line.contains("Error"));
    Ok(format!(
        "the process crashed: {}",
        error.unwrap_or_default().trim()
    ))
}

/// What the model says to the prompts of the demonstrations.
fn script() -> Value {
    let call = |command: &str| json!({"items": [{"call": {"name": "exec_command", "arguments": {"cmd": command}}}]});
    let rule = |prompt: &str, replies: &[Value]| json!({"when": {"prompt_contains": prompt}, "replies": replies, "repeat": "last"});
    let pieces = json!({"items": [{"message": "one two", "deltas": ["one ", "two"]}]});
    let slow =
        json!({"items": [{"repeat_delta": {"count": 400, "text": "w{i} ", "delay_ms": 25}}]});
    json!({"rules": [
        rule("slow", &[slow]),
        rule("print the key", &[call("echo key=$CODEX_API_KEY"), json!("done")]),
        rule("leave 7351", &[call("bash -c 'sleep 7351 & sleep 7351 & wait'")]),
        rule("in pieces", &[pieces]),
        {"replies": ["hello"], "repeat": "last"},
    ]})
}
