//! Plays a case with the real `codex exec`: one process a turn, started as the official TypeScript SDK does.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::case::{Case, CaseTurn, How};

/// How long one process may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// Runs the turns and gives a step for each: its events and how the process ended.
pub(super) async fn run(case: &Case, job: &Value, work: &Path) -> Result<Vec<Value>> {
    let (mut steps, mut thread_id) = (Vec::new(), None::<String>);
    for turn in &case.turns {
        if turn.thread == How::New {
            thread_id = None;
        }
        let (events, exit) = one(turn, thread_id.as_deref(), job, work).await?;
        if let Some(id) = events.iter().find_map(|event| event["thread_id"].as_str()) {
            thread_id = Some(id.to_owned());
        }
        steps.push(json!({"do": "turn", "exit": exit, "events": events}));
    }
    Ok(steps)
}

async fn one(
    turn: &CaseTurn,
    thread_id: Option<&str>,
    job: &Value,
    work: &Path,
) -> Result<(Vec<Value>, Option<i32>)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut command = Command::new(text(&job["codex_bin"]));
    command
        .args(arguments(turn, thread_id, job, work)?)
        .envs(
            job["env"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(k, v)| (k, text(v))),
        )
        .env_remove("OPENAI_API_KEY")
        .env_remove("CODEX_API_KEY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut child = command.spawn().context("cannot start codex exec")?;
    let mut stdin = child.stdin.take().context("no stdin")?;
    let texts: Vec<_> = turn
        .input
        .iter()
        .filter(|part| part["type"] == "text")
        .map(|part| text(&part["text"]))
        .collect();
    stdin.write_all(texts.join("\n\n").as_bytes()).await?;
    drop(stdin);
    let output = tokio::time::timeout(DEADLINE, child.wait_with_output())
        .await
        .context("codex exec took too long")??;
    let stdout = String::from_utf8(output.stdout)?;
    let events = stdout
        .split('\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).with_context(|| line.to_owned()))
        .collect::<Result<Vec<Value>>>()?;
    if events.is_empty() {
        bail!("codex exec wrote nothing ({})", output.status);
    }
    Ok((events, output.status.code()))
}

/// The arguments in the order of the official SDK.
fn arguments(
    turn: &CaseTurn,
    thread_id: Option<&str>,
    job: &Value,
    work: &Path,
) -> Result<Vec<String>> {
    let mut args: Vec<String> = vec!["exec".into(), "--experimental-json".into()];
    let mut flag = |name: &str, value: &str| args.extend([name.to_owned(), value.to_owned()]);
    for entry in job["config_overrides"].as_array().into_iter().flatten() {
        flag("--config", entry.as_str().unwrap_or_default());
    }
    if let Some(model) = turn.options["model"].as_str() {
        flag("--model", model);
    }
    if let Some(sandbox) = turn.options["sandbox"].as_str() {
        let full = sandbox == "full-access";
        flag(
            "--sandbox",
            if full { "danger-full-access" } else { sandbox },
        );
    }
    flag("--cd", job["cwd"].as_str().unwrap_or_default());
    if let Some(schema) = &turn.output_schema {
        let file = work.join("schema.json");
        std::fs::write(&file, schema.to_string())?;
        flag("--output-schema", &file.display().to_string());
    }
    if let Some(effort) = &turn.effort {
        flag("--config", &format!("model_reasoning_effort={effort:?}"));
    }
    args.push("--skip-git-repo-check".to_owned());
    if turn.options["ephemeral"] == true {
        args.push("--ephemeral".to_owned());
    }
    if let Some(id) = thread_id {
        args.extend(["resume".to_owned(), id.to_owned()]);
    }
    for part in turn
        .input
        .iter()
        .filter(|part| part["type"] == "localImage")
    {
        let path = part["path"].as_str().unwrap_or_default();
        args.extend(["--image".to_owned(), path.to_owned()]);
    }
    Ok(args)
}
