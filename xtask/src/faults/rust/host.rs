//! Cases about the process that runs the client: a signal, its end, a child of its own, its runtime.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use codexkit::{Codex, Turn};
use serde_json::{Value, json};

use super::handlers::prompt;
use super::stage::Stage;
use super::{say, steps};

pub(super) fn run(job: &Value) -> Result<ExitCode> {
    let stage = Stage::new(job.clone());
    let runtime = new_runtime()?;
    let (codex, turn) = runtime.block_on(begin(&stage))?;
    let mut ready = json!({"ready": codex.pid()});
    match job["host"].as_str().unwrap_or_default() {
        // Whoever runs it decides what a signal means; here, as Python has it: the run ends and its turn is interrupted.
        "sigint" => {
            let outcome = runtime.block_on(async {
                // The handler stands before anybody is told.
                let mut interrupt =
                    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
                say(&ready)?;
                tokio::select! {
                    result = turn.result_or_interrupt() => return Ok(steps::told_result(&result?)),
                    _ = interrupt.recv() => {}
                }
                after_interrupt(&stage, &codex, &turn).await
            });
            say(
                &outcome.unwrap_or_else(|error: anyhow::Error| json!({"error": error.to_string()}))
            )?;
        }
        "sigkill" | "sigterm" => {
            say(&ready)?;
            std::thread::sleep(Duration::from_secs(60));
        }
        "exit" => say(&ready)?,
        "exit_code" => {
            say(&ready)?;
            std::process::exit(7);
        }
        // No fork in safe Rust: a child of this process that outlives it comes nearest.
        "child" => {
            let child = std::process::Command::new("sleep").arg("60").spawn()?;
            ready["child"] = child.id().into();
            say(&ready)?;
            std::thread::sleep(Duration::from_secs(60));
        }
        "loop" => {
            say(&ready)?;
            drop(runtime);
            drop((turn, codex));
            let runtime = new_runtime()?;
            let second = Stage::new(job.clone());
            let again = json!({"do": "run"});
            let outcome = runtime.block_on(steps::step(&second, &again));
            runtime.block_on(second.close());
            say(&outcome)?;
        }
        other => say(&json!({"error": format!("no host case is called {other:?}")}))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn new_runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start a runtime")
}

/// A client with a turn that has begun to speak.
async fn begin(stage: &Stage) -> Result<(Codex, Turn)> {
    let codex = stage.codex().await?;
    let thread = stage.thread("a").await?;
    let turn = thread.turn(prompt(), serde_json::Map::new()).await?;
    while let Some(event) = turn.events().next().await {
        if event?.method() == "item/agentMessage/delta" {
            break;
        }
    }
    Ok((codex, turn))
}

async fn after_interrupt(stage: &Stage, codex: &Codex, turn: &Turn) -> Result<Value> {
    turn.interrupt().await?;
    let status = turn.result().await?.status;
    codex.thread_list(serde_json::Map::new()).await?;
    stage.close().await;
    Ok(json!({"ended": "interrupt", "status": status, "usable": true}))
}
