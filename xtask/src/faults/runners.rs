//! Drives the runners: one process for each client, all at once, each with every case.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::cases::Case;
use super::prepare::{Bench, mark};
use super::{Client, Findings, leftovers};
use crate::paths;
use crate::sh::{Cmd, say};

/// What a client saw, by case.
pub(super) type Seen = BTreeMap<String, Value>;

/// A runner that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(1500);
/// How many cases run at once in each runner.
const AT_ONCE: usize = 8;

pub(super) fn play(
    bench: &Bench,
    cases: &[&Case],
    clients: &[Client],
    findings: &Findings,
) -> Result<BTreeMap<Client, Seen>> {
    if cases.is_empty() {
        return Ok(BTreeMap::new());
    }
    std::thread::scope(|scope| {
        let playing: Vec<_> = clients
            .iter()
            .map(|client| {
                (
                    *client,
                    scope.spawn(|| one(bench, cases, *client, findings)),
                )
            })
            .collect();
        playing
            .into_iter()
            .map(|(client, thread)| {
                let seen = thread.join().unwrap_or_else(|_| Ok(Seen::new()));
                Ok((client, seen.with_context(|| client.name())?))
            })
            .collect()
    })
}

fn one(bench: &Bench, cases: &[&Case], client: Client, findings: &Findings) -> Result<Seen> {
    let mut groups: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for case in cases.iter().filter(|case| client.plays(case)) {
        groups
            .entry(&case.group)
            .or_default()
            .push(bench.job(client, case)?);
    }
    let groups: Vec<_> = groups.into_values().collect();
    let jobs = json!({"at_once": AT_ONCE, "warm_up": warm_up(bench, client)?, "groups": groups});
    let file = bench.file(client, "jobs.json");
    fs::write(&file, jobs.to_string())?;
    let state = std::sync::Mutex::new((Seen::new(), Value::Null));
    let done = program(bench, client)?
        .arg(&file)
        .limit(LIMIT)
        .watch(|is_error, line| {
            if is_error {
                return;
            }
            let Ok(line) = serde_json::from_str::<Value>(line) else {
                return;
            };
            if let Ok(mut state) = state.lock() {
                take(line, &mut state, client, findings);
            }
        })?;
    let _ = fs::write(bench.file(client, "stderr.log"), &done.stderr);
    let (seen, _) = state.into_inner().unwrap_or_default();
    if !done.success() {
        let end: String = done.stderr.chars().rev().take(2000).collect();
        let end: String = end.chars().rev().collect();
        findings.add(
            "runner",
            client,
            format!("it ended with {}: {end}", done.status),
        );
    }
    let left = leftovers::files(&bench.temporary(client)?);
    if !left.is_empty() {
        findings.add(
            "runner",
            client,
            format!("temporary files are left: {}", left.join(", ")),
        );
    }
    Ok(seen)
}

/// A line of a runner: what it had `before`, a `case`, or what it has `after` a group.
fn take(line: Value, state: &mut (Seen, Value), client: Client, findings: &Findings) {
    let (seen, before) = state;
    if let Some(name) = line["case"].as_str() {
        seen.insert(name.to_owned(), line.clone());
    } else if line.get("before").is_some() {
        *before = line["before"].clone();
    } else if let Some(group) = line["after"].as_str() {
        for process in leftovers::processes(&mark(client, &format!("{group}/"))) {
            findings.add(group, client, format!("a process is left: {process}"));
        }
        for (key, now) in line["inside"].as_object().into_iter().flatten() {
            if now.as_u64() > before[key.as_str()].as_u64() {
                let was = &before[key.as_str()];
                findings.add(group, client, format!("{key}: {was} before, {now} after"));
            }
        }
        say(&format!(
            "{}: {group} ({} cases so far)",
            client.name(),
            seen.len()
        ));
    }
}

/// Cases whose outcome nobody looks at, one with a death among them.
fn warm_up(bench: &Bench, client: Client) -> Result<Vec<Value>> {
    [
        json!({"engine": {"plan": {}}, "steps": [{"do": "run"}, {"do": "turn"}, {"do": "read"}, {"do": "many", "turns": 8}]}),
        json!({
            "engine": {"plan": {"faults": [{"on": "turn/started", "do": ["die"]}]}},
            "steps": [{"do": "run"}, {"do": "run"}],
        }),
    ]
    .into_iter()
    .enumerate()
    .map(|(number, body)| {
        let case = Case {
            name: format!("warm-up/{number}"),
            group: "warm-up".to_owned(),
            body,
        };
        bench.job(client, &case)
    })
    .collect()
}

/// The runner of a client, without its arguments.
pub(super) fn program(bench: &Bench, client: Client) -> Result<Cmd> {
    let tests = paths::root().join("tests/faults");
    let python = || Cmd::new(paths::venv_bin("python")).arg(tests.join("runner.py"));
    let command = match client {
        Client::Rust => Cmd::new(std::env::current_exe()?).arg("faults-runner"),
        Client::Python => python().arg("async"),
        Client::PythonSync => python().arg("sync"),
        Client::Node => Cmd::new("node").arg(tests.join("runner.mjs")),
    };
    Ok(command
        .env("TMPDIR", bench.temporary(client)?)
        .env("PYTHONPATH", paths::root().join("python"))
        .env_remove("OPENAI_API_KEY")
        .env_remove("CODEX_API_KEY"))
}
