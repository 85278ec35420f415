//! The Rust runner of the fault matrix: one process that plays all cases (`cargo xtask faults-rust`, started by the
//! driver). tests/faults has the same in Python and Node; what a step does and tells is written in fixtures/faults/README.md.

mod handlers;
mod host;
mod inside;
mod pressure;
mod stage;
mod steps;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

/// Arguments of the runner.
#[derive(clap::Args, Debug)]
pub(crate) struct RunnerArgs {
    /// The jobs that the driver wrote.
    jobs: std::path::PathBuf,
}

/// Plays the jobs of a file and prints a line of JSON for each.
pub(crate) fn run(args: &RunnerArgs) -> Result<ExitCode> {
    let jobs: Value = serde_json::from_str(&std::fs::read_to_string(&args.jobs)?)?;
    if jobs["host"].is_string() {
        return host::run(&jobs);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(groups(&jobs))?;
    Ok(ExitCode::SUCCESS)
}

async fn groups(jobs: &Value) -> Result<()> {
    let at_once = usize::try_from(jobs["at_once"].as_u64().unwrap_or(4))?;
    // What is made once for a process (threads, descriptors of the runtime) is there after a first round.
    for case in list(&jobs["warm_up"]) {
        play(case).await;
    }
    let before = inside::settled(None).await;
    say(&json!({"before": before}))?;
    for group in list(&jobs["groups"]) {
        let places = Arc::new(Semaphore::new(at_once));
        let mut playing = tokio::task::JoinSet::new();
        for case in list(group).iter().cloned() {
            let places = places.clone();
            playing.spawn(async move {
                let all = u32::try_from(at_once).unwrap_or(1);
                let wanted = if case["alone"] == true { all } else { 1 };
                let Ok(_place) = places.acquire_many(wanted).await else {
                    return json!(null);
                };
                play(&case).await
            });
        }
        while let Some(played) = playing.join_next().await {
            say(&played.context("a case panicked")?)?;
        }
        let name = &list(group).first().context("an empty group")?["group"];
        let after = inside::settled(Some(&before)).await;
        say(&json!({"after": name, "inside": after}))?;
    }
    Ok(())
}

/// Plays one case within its deadline, and closes its client.
async fn play(case: &Value) -> Value {
    let stage = stage::Stage::new(case.clone());
    let seconds = case["deadline_s"].as_u64().unwrap_or(30);
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let playing = async {
        for step in list(&case["steps"]) {
            let outcome = steps::step(&stage, step).await;
            if let Ok(mut told) = told.lock() {
                told.push(outcome);
            }
        }
    };
    let hang = tokio::time::timeout(Duration::from_secs(seconds), playing)
        .await
        .is_err();
    let closing = tokio::time::timeout(Duration::from_secs(30), stage.close());
    let unclosed = closing.await.is_err();
    let steps = told.lock().map(|told| told.clone()).unwrap_or_default();
    json!({"case": case["name"], "steps": steps, "hang": hang || unclosed})
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn say(line: &Value) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
