//! A warm turn on the real engine, with a model that answers at once: what a client adds.

use anyhow::{Context, Result};
use serde_json::json;

use super::layout::Layout;
use super::measure::{Consumer, Program, run_all};
use super::table::{Cell, Report, Table, Unit};
use crate::paths;
use crate::scripted::{Scripted, one_message};
use crate::sh::{Cmd, say};

/// Turns that are measured in each run, after a few that are not.
const TURNS: usize = 12;

/// The path of the real engine.
pub(crate) fn real_engine() -> Result<String> {
    let path = Cmd::new(paths::venv_bin("python"))
        .args([
            "-c",
            "import codex_cli_bin; print(codex_cli_bin.bundled_codex_path())",
        ])
        .quiet()
        .context("the real engine comes with the official Python SDK")?;
    Ok(path.trim().to_owned())
}

pub(crate) fn measure(layout: &Layout, runs: usize, report: &mut Report) -> Result<()> {
    let engine = real_engine()?;
    let model = Scripted::start(&one_message("One short answer, streamed word by word."))?;
    let consumers: [(&'static str, Program, &str); 8] = [
        ("the engine alone (raw pipe)", Program::Rust, "engine"),
        (
            "official Python, Codex",
            Program::Python("turn_sync.py"),
            "openai_codex",
        ),
        (
            "official Python, AsyncCodex",
            Program::Python("turn_async.py"),
            "openai_codex",
        ),
        (
            "official TypeScript",
            Program::Node("turn_official.mjs"),
            "",
        ),
        ("codexkit Rust", Program::Rust, "turn"),
        (
            "codexkit Python, Codex",
            Program::Python("turn_sync.py"),
            "codexkit",
        ),
        (
            "codexkit Python, AsyncCodex",
            Program::Python("turn_async.py"),
            "codexkit",
        ),
        ("codexkit Node", Program::Node("turn_codexkit.mjs"), ""),
    ];
    say(&format!(
        "bench: turn on the real engine, {} consumers, {runs} runs",
        consumers.len()
    ));
    let mut built = Vec::new();
    for (at, (name, program, what)) in consumers.iter().enumerate() {
        let place = model.place(&format!("bench/turn-{at}"))?;
        let settings = json!({
            "engine": engine,
            "mode": what,
            "module": what,
            "package": layout.node_package,
            "cwd": place.cwd,
            "warm_turns": 3,
            "measured_turns": TURNS,
        });
        built.push(Consumer {
            env: vec![("CODEX_HOME", place.home.display().to_string())],
            ..Consumer::new(name, *program, settings)
        });
    }
    let results = run_all(&built, layout, runs)?;
    let mut table = Table::new(
        "a warm turn on the real engine, instant model",
        "From the call that starts the turn. The official TypeScript SDK starts a process for each turn and has no deltas.",
        &[
            "first event ms",
            "whole turn ms",
            "client CPU ms",
            "against its official",
        ],
    );
    let official = [None, None, None, None, None, Some(1), Some(2), Some(3)];
    let whole = |at: usize| results[at].get("whole").median;
    for (at, consumer) in built.iter().enumerate() {
        let millis = |field| Cell::Figure(results[at].get(field), Unit::Millis);
        table.row(
            consumer.name,
            vec![
                millis("first"),
                millis("whole"),
                millis("cpu"),
                official[at].map_or(Cell::Empty, |other| Cell::Ratio(whole(other) / whole(at))),
            ],
        );
    }
    report.add(table);
    for at in [5, 6, 7] {
        let added = (whole(at) - whole(0)) * 1000.0;
        let what = format!(
            "{}: added to the engine's own time of a warm turn",
            built[at].name
        );
        report.at_most(&what, added, 2.0, "ms");
    }
    report.at_least(
        "codexkit Node: warm turn, against the official TypeScript SDK",
        whole(3) / whole(7),
        5.0,
        "x",
    );
    Ok(())
}
