//! What clients keep in memory: for the package, for turns that are open and quiet, and for a reader that never reads.

use anyhow::{Result, bail};
use serde_json::json;

use super::layout::Layout;
use super::measure::{Consumer, Program, Samples, run_all};
use super::table::{Cell, Report, Table, Unit};
use crate::sh::say;

/// Turns that are open at the same time, above the fifty that everybody warms up with.
const TURNS: usize = 2000;
/// Events that nobody reads.
const EVENTS: usize = 200_000;
/// A queue joins deltas from 8 MiB on; as much again for what the interpreter and the allocator make of it.
const STALLED_MB: f64 = 16.0;

/// A consumer, which of the lines is that of its official SDK, its program, and the module of a Python one.
type Row = (&'static str, Option<usize>, Program, &'static str);

const CONSUMERS: [Row; 6] = [
    (
        "official Python, Codex",
        None,
        Program::Python("memory_sync.py"),
        "openai_codex",
    ),
    (
        "official Python, AsyncCodex",
        None,
        Program::Python("memory_async.py"),
        "openai_codex",
    ),
    (
        "codexkit Python, Codex",
        Some(0),
        Program::Python("memory_sync.py"),
        "codexkit",
    ),
    (
        "codexkit Python, AsyncCodex",
        Some(1),
        Program::Python("memory_async.py"),
        "codexkit",
    ),
    (
        "codexkit Node",
        None,
        Program::Node("memory_codexkit.mjs"),
        "",
    ),
    ("codexkit core (Rust)", None, Program::Rust, ""),
];

/// Those of codexkit with targets.
const OURS: [usize; 3] = [2, 3, 4];

pub(crate) fn measure(layout: &Layout, runs: usize, report: &mut Report) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("memory is read from /proc, which only Linux has");
    }
    say(&format!(
        "bench: memory, {} consumers, {runs} runs",
        CONSUMERS.len()
    ));
    let idle = collect(layout, runs, "idle", &CONSUMERS, TURNS)?;
    let stalled = collect(layout, runs, "stalled", &CONSUMERS, TURNS)?;
    report.add(table(&idle, &stalled));
    for at in OURS {
        let name = CONSUMERS[at].0;
        let got = |samples: &[Samples], field| samples[at].get(field).median;
        let what = format!("{name}: memory of an idle turn");
        report.at_most(&what, got(&idle, "turn_kb"), 4.0, "KB");
        let what = format!("{name}: memory over the bare interpreter, with an engine");
        report.at_most(&what, got(&idle, "package_mb"), 25.0, "MB");
        let what = format!("{name}: memory of {EVENTS} events that nobody reads");
        report.at_most(&what, got(&stalled, "stalled_mb"), STALLED_MB, "MB");
    }
    Ok(())
}

/// What so many open turns keep, by consumer; the official SDKs up to a thousand.
pub(crate) fn idle(
    layout: &Layout,
    runs: usize,
    turns: usize,
) -> Result<Vec<(&'static str, Samples)>> {
    let consumers: Vec<Row> = CONSUMERS
        .into_iter()
        .filter(|(name, ..)| turns <= 1000 || name.starts_with("codexkit"))
        .collect();
    let found = collect(layout, runs, "idle", &consumers, turns)?;
    let names = consumers.into_iter().map(|(name, ..)| name);
    Ok(names.zip(found).collect())
}

fn collect(
    layout: &Layout,
    runs: usize,
    what: &str,
    consumers: &[Row],
    turns: usize,
) -> Result<Vec<Samples>> {
    // With more turns to wait for than there will be, the engine begins none of them.
    let plan = json!({"turns": if what == "idle" { 1_000_000 } else { 1 }});
    let consumers: Vec<Consumer> = consumers
        .iter()
        .map(|(name, _, program, module)| {
            let settings = json!({
                "engine": layout.replay,
                "mode": "memory",
                "module": module,
                "package": layout.node_package,
                "what": what,
                "turns": turns,
                "events": EVENTS,
            });
            Consumer {
                replay: Some(plan.clone()),
                ..Consumer::new(name, *program, settings)
            }
        })
        .collect();
    run_all(&consumers, layout, runs)
}

fn table(idle: &[Samples], stalled: &[Samples]) -> Table {
    let mut table = Table::new(
        "memory",
        &format!(
            "The client's resident memory after a collection, without the engine. Package: over the bare interpreter with an engine running. Thread and turn: of {TURNS} each, handles kept, nothing happening. Stalled: {EVENTS} deltas sent, one taken."
        ),
        &[
            "import MB",
            "package MB",
            "KB a thread",
            "KB an idle turn",
            "KB both",
            "stalled MB",
            "bytes an event",
            "package against official",
            "stalled against official",
        ],
    );
    for (at, (name, official, ..)) in CONSUMERS.iter().enumerate() {
        let of = |samples: &[Samples], field| samples[at].get(field).median;
        let number = |samples: &[Samples], field| match of(samples, field) {
            value if value.is_finite() => Cell::Number(value),
            _ => Cell::Empty,
        };
        let against = |samples: &[Samples], field| {
            official.map_or(Cell::Empty, |other| {
                Cell::Ratio(of(samples, field) / samples[other].get(field).median)
            })
        };
        let each = stalled[at].of(|sample| sample["stalled_mb"] * 1048576.0 / EVENTS as f64);
        table.row(
            name,
            vec![
                number(idle, "import_mb"),
                Cell::Figure(idle[at].get("package_mb"), Unit::Megabytes),
                number(idle, "thread_kb"),
                number(idle, "turn_kb"),
                number(idle, "both_kb"),
                Cell::Figure(stalled[at].get("stalled_mb"), Unit::Megabytes),
                Cell::Number(each.median),
                against(idle, "package_mb"),
                against(stalled, "stalled_mb"),
            ],
        );
    }
    table
}
