//! What a call of a binding costs: requests that the replaying engine answers at once, one after the other.

use anyhow::Result;
use serde_json::json;

use super::layout::Layout;
use super::measure::{Consumer, Program, run_all};
use super::table::{Cell, Report, Table, Unit};
use crate::sh::say;

const CALLS: usize = 5000;
const WARM: usize = 500;

/// A consumer.
struct Row {
    name: &'static str,
    program: Program,
    /// The mode of a Rust consumer, the module of a Python one.
    what: &'static str,
    /// `request` as it is, or `models`, which both Python SDKs have, with its typed answer.
    call: &'static str,
    official: Option<usize>,
}

const fn row(
    name: &'static str,
    program: Program,
    what: &'static str,
    call: &'static str,
    official: Option<usize>,
) -> Row {
    Row {
        name,
        program,
        what,
        call,
        official,
    }
}

/// The row that all are compared with.
const RUST: usize = 1;

const SYNC: Program = Program::Python("calls_sync.py");
const ASYNC: Program = Program::Python("calls_async.py");

const ROWS: [Row; 9] = [
    row(
        "limit: raw pipe, a line there and back (Rust)",
        Program::Rust,
        "raw_calls",
        "request",
        None,
    ),
    row(
        "codexkit core (Rust), request",
        Program::Rust,
        "calls",
        "request",
        None,
    ),
    row(
        "official Python, Codex, models",
        SYNC,
        "openai_codex",
        "models",
        None,
    ),
    row(
        "official Python, AsyncCodex, models",
        ASYNC,
        "openai_codex",
        "models",
        None,
    ),
    row(
        "codexkit Python, Codex, models",
        SYNC,
        "codexkit",
        "models",
        Some(2),
    ),
    row(
        "codexkit Python, AsyncCodex, models",
        ASYNC,
        "codexkit",
        "models",
        Some(3),
    ),
    row(
        "codexkit Python, Codex, request",
        SYNC,
        "codexkit",
        "request",
        None,
    ),
    row(
        "codexkit Python, AsyncCodex, request",
        ASYNC,
        "codexkit",
        "request",
        None,
    ),
    row(
        "codexkit Node, request",
        Program::Node("calls_codexkit.mjs"),
        "",
        "request",
        None,
    ),
];

pub(crate) fn measure(layout: &Layout, runs: usize, report: &mut Report) -> Result<()> {
    say(&format!(
        "bench: calls, {} consumers, {runs} runs",
        ROWS.len()
    ));
    let consumers: Vec<Consumer> = ROWS.iter().map(|row| consumer(row, layout)).collect();
    let results = run_all(&consumers, layout, runs)?;
    let mut table = Table::new(
        "a call: a request that the engine answers at once",
        &format!(
            "model/list with one model, {CALLS} times, one after the other. \"models\" gives the answer typed; \"request\" as plain data."
        ),
        &[
            "p50 us",
            "p99 us",
            "CPU us/call",
            "p50 against Rust",
            "CPU against Rust",
            "p50 against official",
            "CPU against official",
        ],
    );
    for (at, row) in ROWS.iter().enumerate() {
        results[at].expect(row.name, "calls", CALLS as f64)?;
        let micros =
            |field| Cell::Figure(results[at].of(|sample| sample[field] * 1e6), Unit::Micros);
        let against = |other: Option<usize>, field| {
            let other = other.filter(|other| *other != at);
            other.map_or(Cell::Empty, |other| {
                Cell::Ratio(results[at].get(field).median / results[other].get(field).median)
            })
        };
        table.row(
            row.name,
            vec![
                micros("call_p50"),
                micros("call_p99"),
                micros("cpu"),
                against(Some(RUST), "call_p50"),
                against(Some(RUST), "cpu"),
                against(row.official, "call_p50"),
                against(row.official, "cpu"),
            ],
        );
    }
    report.add(table);
    Ok(())
}

fn consumer(row: &Row, layout: &Layout) -> Consumer {
    let settings = json!({
        "engine": layout.replay,
        "mode": row.what,
        "module": row.what,
        "call": row.call,
        "package": layout.node_package,
        "calls": CALLS,
        "warm": WARM,
    });
    Consumer {
        replay: Some(json!({"turns": 1})),
        ..Consumer::new(row.name, row.program, settings)
    }
}
