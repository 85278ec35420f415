//! What the official Python SDK makes of the cases that it can be given: those with `official`, which says how it fails.
//! The official TypeScript SDK, which has no such engine, follows in official_typescript.rs.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Client;
use super::cases::Case;
use super::prepare::Bench;
use crate::paths;
use crate::sh::Cmd;

/// Plays each in a process of its own, because a client that hangs takes its process with it.
pub(super) fn run(cases: &[Case]) -> Result<ExitCode> {
    let cases: Vec<Case> = cases
        .iter()
        .filter(|case| case.body["official"].is_string())
        .cloned()
        .collect();
    let bench = Bench::new(&cases)?;
    let mut odd = 0;
    for case in &cases {
        let seen = one(&bench, case)?;
        let known = case.body["official"].as_str().unwrap_or_default();
        let fails = seen.contains(known);
        odd += usize::from(!fails);
        let word = if fails { "fails" } else { "OTHERWISE" };
        let known: Vec<_> = case.weaknesses().collect();
        println!(
            "{word:<10} {:<50} {:<24} {seen}",
            case.name,
            known.join(", ")
        );
    }
    bench.end()?;
    let (more, odd_too) = super::official_typescript::run()?;
    odd += odd_too;
    println!(
        "official: {} cases, {odd} not as recorded",
        cases.len() + more
    );
    Ok(if odd == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn one(bench: &Bench, case: &Case) -> Result<String> {
    let job = bench.job(Client::PythonSync, case)?;
    let file = bench.file(Client::PythonSync, "official.json");
    std::fs::write(&file, job.to_string())?;
    let done = Cmd::new(paths::venv_bin("python"))
        .arg(paths::root().join("tests/faults/official.py"))
        .arg(&file)
        .limit(Duration::from_secs(60))
        .watch(|_, _| {})?;
    let last = done.stdout.lines().last().unwrap_or_default();
    let told: Value = serde_json::from_str(last).with_context(|| done.stderr.clone())?;
    Ok(told["saw"].to_string())
}
