//! Plays a case with core: the fold over the app-server's full stream, and the one-shot transport.

use anyhow::{Context, Result};
use codexkit::exec::{CodexExec, ExecOptions, ExecTurn};
use codexkit::{Codex, CodexOptions, SimpleEvent, Thread, Turn};
use serde_json::{Map, Value, json};

use super::super::rust::wire;

/// With the app-server.
pub(super) async fn folded(job: &Value) -> Result<Vec<Value>> {
    let options = json!({
        "codex_bin": job["codex_bin"],
        "config": job["config"],
        "cwd": job["cwd"],
        "env": {"set": job["env"], "unset": ["OPENAI_API_KEY", "CODEX_API_KEY"]},
    });
    let codex = Codex::start(CodexOptions::from_json(&options.to_string())?).await?;
    let (mut steps, mut last) = (Vec::new(), None::<Thread>);
    for turn in job["turns"].as_array().into_iter().flatten() {
        let params = wire::thread(&turn["options"])?;
        let thread = match (turn["thread"].as_str(), last) {
            (Some("same"), Some(thread)) => thread,
            (Some("resume"), Some(thread)) => codex.thread_resume(thread.id(), params).await?,
            _ => codex.thread_start(params).await?,
        };
        let mut params = Map::new();
        for (name, field) in [("output_schema", "outputSchema"), ("effort", "effort")] {
            if !turn[name].is_null() {
                params.insert(field.to_owned(), turn[name].clone());
            }
        }
        let input = turn["input"].as_array().cloned().unwrap_or_default();
        steps.push(one(&thread.turn(input, params).await?).await?);
        last = Some(thread);
    }
    codex.close().await?;
    Ok(steps)
}

async fn one(turn: &Turn) -> Result<Value> {
    let (mut fold, opening) = turn.simple_fold();
    let mut events = vec![opening];
    while let Some(event) = turn.events().next().await {
        fold.push(&event?, &mut events);
    }
    let ended = turn.result().await?.status;
    let events = events.iter().map(shown).collect::<Result<Vec<_>>>()?;
    Ok(json!({"do": "turn", "ended": ended, "events": events}))
}

fn shown(event: &SimpleEvent) -> Result<Value> {
    serde_json::from_str(&event.to_json()).context("a simple event is no JSON")
}

/// With a `codex exec` process for each turn.
pub(super) async fn one_shot(job: &Value) -> Result<Vec<Value>> {
    let options = json!({
        "codex_bin": job["codex_bin"],
        "config": job["config"],
        "env": {"set": job["env"], "unset": ["OPENAI_API_KEY", "CODEX_API_KEY"]},
    });
    let codex = CodexExec::new(ExecOptions::from_json(&options.to_string())?)?;
    let (mut steps, mut thread_id) = (Vec::new(), None::<String>);
    for turn in job["turns"].as_array().into_iter().flatten() {
        if turn["thread"] == "new" {
            thread_id = None;
        }
        let sandbox = match turn["options"]["sandbox"].as_str() {
            Some("full-access") => json!("danger-full-access"),
            _ => turn["options"]["sandbox"].clone(),
        };
        let parts = turn["input"].as_array().into_iter().flatten();
        let of = |kind: &str, field: &str| -> Vec<String> {
            let parts = parts.clone().filter(|part| part["type"] == kind);
            let texts = parts.filter_map(|part| part[field].as_str());
            texts.map(str::to_owned).collect()
        };
        let options = json!({
            "thread_id": thread_id,
            "model": turn["options"]["model"],
            "sandbox_mode": sandbox,
            "ephemeral": turn["options"]["ephemeral"] == true,
            "working_directory": job["cwd"],
            "skip_git_repo_check": true,
            "output_schema": turn["output_schema"],
            "model_reasoning_effort": turn["effort"],
            "images": of("localImage", "path"),
            "timeout_s": 50.0,
        });
        let turn = ExecTurn::from_json(&options.to_string())?;
        let run = codex.start(&of("text", "text").join("\n\n"), turn)?;
        let mut events = Vec::new();
        while let Some(event) = run.next().await {
            events.push(event?.json());
        }
        let ended = run.outcome().await?.status;
        thread_id = run.thread_id();
        steps.push(json!({"do": "turn", "ended": ended, "events": events}));
    }
    Ok(steps)
}
