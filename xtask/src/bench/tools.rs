//! What a call of a tool takes: as the replaying engine sees it, and in a warm turn on the real engine in which an instant
//! model calls a tool of the application again and again, one call after the other.

use anyhow::Result;
use serde_json::{Value, json};

use super::layout::Layout;
use super::measure::{Consumer, Program, run_all};
use super::table::{Cell, Report, Table, Unit};
use super::turn::real_engine;
use crate::paths;
use crate::scripted::Scripted;
use crate::sh::say;

/// Calls in each turn.
const CALLS: usize = 10;
/// Turns of each run: those before it is measured, and those that are.
const WARM: usize = 3;
const TURNS: usize = 12;

const CONSUMERS: [(&str, Program, &str); 5] = [
    (
        "the engine alone (raw pipe answers at once)",
        Program::Rust,
        "engine",
    ),
    ("codexkit Rust", Program::Rust, "turn"),
    (
        "codexkit Python, Codex",
        Program::Python("tools_sync.py"),
        "",
    ),
    (
        "codexkit Python, AsyncCodex",
        Program::Python("tools_async.py"),
        "",
    ),
    ("codexkit Node", Program::Node("tools_codexkit.mjs"), ""),
];

/// Calls in the one turn that the replaying engine measures, after another one to warm up.
const TIMED: usize = 300;

pub(crate) fn measure(layout: &Layout, runs: usize, report: &mut Report) -> Result<()> {
    say(&format!(
        "bench: tools, {} consumers on two engines, {runs} runs",
        CONSUMERS.len()
    ));
    round_trips(layout, runs, report)?;
    turns(layout, runs, report)
}

/// How long the client has a call for, as the engine sees it.
fn round_trips(layout: &Layout, runs: usize, report: &mut Report) -> Result<()> {
    let work = paths::work("bench/calls");
    std::fs::create_dir_all(&work)?;
    let consumer = |(at, (name, program, mode)): (usize, (_, _, _))| {
        let told = work.join(format!("{at}.json"));
        let calls = json!({
            "count": TIMED,
            "tool": "look_up",
            "arguments": {"key": "pear"},
            "pause_ms": 2,
            "report": told,
        });
        let settings = json!({
            "engine": layout.replay,
            "mode": mode,
            "tools": true,
            "package": layout.node_package,
            "cwd": work,
            "warm_turns": 1,
            "measured_turns": 1,
        });
        Consumer {
            replay: Some(json!({"events": 0, "calls": calls})),
            report: Some(told),
            ..Consumer::new(name, program, settings)
        }
    };
    let built: Vec<Consumer> = CONSUMERS.into_iter().enumerate().map(consumer).collect();
    let results = run_all(&built, layout, runs)?;
    let mut table = Table::new(
        "a call of a tool, from the engine's line with the call to the client's line with the answer",
        "The replaying engine calls a tool 300 times, with 2 ms between the calls, and takes the time itself.",
        &["p50 ms", "p99 ms", "client CPU ms per call"],
    );
    for (consumer, samples) in built.iter().zip(&results) {
        samples.expect(consumer.name, "calls_timed", TIMED as f64)?;
        let millis = |field| Cell::Figure(samples.get(field), Unit::Millis);
        let cpu = samples.of(|sample| sample["cpu"] / TIMED as f64);
        table.row(
            consumer.name,
            vec![
                millis("call_p50"),
                millis("call_p99"),
                Cell::Figure(cpu, Unit::Millis),
            ],
        );
    }
    report.add(table);
    for (consumer, samples) in built.iter().zip(&results).skip(1) {
        let what = format!("{}: a call of a tool, median", consumer.name);
        report.at_most(&what, samples.get("call_p50").median * 1000.0, 1.0, "ms");
    }
    Ok(())
}

/// The same on the real engine, whose own turns differ by more than a call takes.
fn turns(layout: &Layout, runs: usize, report: &mut Report) -> Result<()> {
    let engine = real_engine()?;
    let model = Scripted::start(&script().to_string())?;
    let mut built = Vec::new();
    for (at, (name, program, mode)) in CONSUMERS.into_iter().enumerate() {
        let place = model.place(&format!("bench/tools-{at}"))?;
        let settings = json!({
            "engine": engine,
            "mode": mode,
            "tools": true,
            "package": layout.node_package,
            "cwd": place.cwd,
            "warm_turns": WARM,
            "measured_turns": TURNS,
        });
        built.push(Consumer {
            env: vec![("CODEX_HOME", place.home.display().to_string())],
            ..Consumer::new(name, program, settings)
        });
    }
    let results = run_all(&built, layout, runs)?;
    let calls = (CALLS * (WARM + TURNS)) as f64;
    for (consumer, samples) in built.iter().zip(&results) {
        samples.expect(consumer.name, "calls", calls)?;
    }
    let whole = |at: usize| results[at].get("whole").median;
    let added = |at: usize| (whole(at) - whole(0)) / CALLS as f64 * 1000.0;
    let mut table = Table::new(
        "a warm turn with 10 calls of a tool on the real engine, instant model",
        "One call after the other. What a call adds is the whole turn less that of the engine alone, by the number of calls.",
        &["whole turn ms", "client CPU ms", "ms added per call"],
    );
    for (at, consumer) in built.iter().enumerate() {
        let millis = |field| Cell::Figure(results[at].get(field), Unit::Millis);
        let more = if at == 0 {
            Cell::Empty
        } else {
            Cell::Number(added(at))
        };
        table.row(consumer.name, vec![millis("whole"), millis("cpu"), more]);
    }
    report.add(table);
    Ok(())
}

/// Every turn of a thread is as many calls and a message.
fn script() -> Value {
    let call = json!({"items": [{"call": {"name": "look_up", "arguments": {"key": "pear"}}}]});
    let mut replies = vec![call; CALLS];
    replies.push(json!("Found, ten times."));
    json!({"replies": replies, "repeat": "cycle"})
}
