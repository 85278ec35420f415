//! What a call of a tool adds: a warm turn on the real engine in which an instant model calls a tool of the
//! application again and again, one call after the other.

use anyhow::Result;
use serde_json::{Value, json};

use super::layout::Layout;
use super::measure::{Consumer, LIMIT, Program, run_all};
use super::table::{Cell, Report, Table, Unit};
use super::turn::real_engine;
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

pub(crate) fn measure(layout: &Layout, runs: usize, report: &mut Report) -> Result<()> {
    let engine = real_engine()?;
    let model = Scripted::start(&script().to_string())?;
    say(&format!(
        "bench: tools on the real engine, {} consumers, {runs} runs",
        CONSUMERS.len()
    ));
    let mut built = Vec::new();
    for (at, (name, program, mode)) in CONSUMERS.into_iter().enumerate() {
        let place = model.place(&format!("bench/tools-{at}"))?;
        built.push(Consumer {
            name,
            program,
            settings: json!({
                "engine": engine,
                "mode": mode,
                "tools": true,
                "package": layout.node_package,
                "cwd": place.cwd,
                "warm_turns": WARM,
                "measured_turns": TURNS,
            }),
            replay: None,
            env: vec![("CODEX_HOME", place.home.display().to_string())],
            limit: LIMIT,
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
    for (at, consumer) in built.iter().enumerate().skip(1) {
        let what = format!("{}: added by a call of a tool", consumer.name);
        report.at_most(&what, added(at), 1.0, "ms");
    }
    Ok(())
}

/// Every turn of a thread is as many calls and a message.
fn script() -> Value {
    let call = json!({"items": [{"call": {"name": "look_up", "arguments": {"key": "pear"}}}]});
    let mut replies = vec![call; CALLS];
    replies.push(json!("Found, ten times."));
    json!({"replies": replies, "repeat": "cycle"})
}
