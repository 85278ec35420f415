//! Many turns at once on one client of the real engine, each on a thread of its own, with a call of a tool, an
//! approval and an answer. Nothing may be missing at the end, or the run fails.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::layout::Layout;
use super::measure::{Consumer, Program, run_all};
use super::table::{Cell, Report, Table, Unit};
use super::turn::real_engine;
use crate::scripted::Scripted;
use crate::sh::say;

/// A run that takes longer is ended.
const LIMIT: Duration = Duration::from_secs(900);

/// So many turns are asked for at the same time: of a thousand at once the engine refuses some ("Server overloaded;
/// retry later", -32001). They are all open at the same time nevertheless.
const STARTING: usize = 32;

const CONSUMERS: [(&str, Program); 4] = [
    ("codexkit Rust", Program::Rust),
    ("codexkit Python, Codex", Program::Python("agents_sync.py")),
    (
        "codexkit Python, AsyncCodex",
        Program::Python("agents_async.py"),
    ),
    ("codexkit Node", Program::Node("agents_codexkit.mjs")),
];

/// What must be as many as there are turns.
const ALL: [&str; 4] = ["completed", "tools", "approvals", "at_once"];
/// What must not be.
const NONE: [&str; 3] = ["unread", "lost", "oddities"];

pub(crate) fn measure(
    layout: &Layout,
    runs: usize,
    turns: usize,
    report: &mut Report,
) -> Result<()> {
    let engine = real_engine()?;
    say(&format!(
        "bench: {turns} agents at once on the real engine, {} consumers, {runs} runs",
        CONSUMERS.len()
    ));
    let mut table = Table::new(
        &format!(
            "{turns} turns at once on one client of the real engine, a tool and an approval each"
        ),
        "From the start of the first turn to the end of the last; their threads are opened before. All turns are open before any of them goes on.",
        &[
            "seconds",
            "open at once",
            "completed",
            "tools called",
            "approvals answered",
            "events",
            "events lost",
            "client CPU s",
            "client peak MB",
        ],
    );
    for (at, (name, program)) in CONSUMERS.into_iter().enumerate() {
        // A model each: it keeps the requests that it had.
        let model = Scripted::start(&script().to_string())?;
        let place = model.place(&format!("bench/agents-{at}"))?;
        let settings = json!({
            "engine": engine,
            "mode": "agents",
            "package": layout.node_package,
            "cwd": place.cwd,
            "turns": turns,
            "at_once": turns,
            "starting": STARTING,
        });
        let consumer = Consumer {
            env: vec![
                ("CODEX_HOME", place.home.display().to_string()),
                // The engine runs a login shell for commands: without the profile of whoever runs this, which may
                // take a second of every turn.
                ("HOME", place.home.display().to_string()),
            ],
            limit: LIMIT,
            ..Consumer::new(name, program, settings)
        };
        for samples in run_all(&[consumer], layout, runs)? {
            for what in ALL {
                samples.expect(name, what, turns as f64)?;
            }
            for what in NONE {
                samples.expect(name, what, 0.0)?;
            }
            let cell = |field, unit| Cell::Figure(samples.get(field), unit);
            table.row(
                name,
                vec![
                    cell("wall", Unit::Seconds),
                    cell("at_once", Unit::Count),
                    cell("completed", Unit::Count),
                    cell("tools", Unit::Count),
                    cell("approvals", Unit::Count),
                    cell("events", Unit::Count),
                    cell("lost", Unit::Count),
                    cell("cpu", Unit::Seconds),
                    cell("peak_mb", Unit::Megabytes),
                ],
            );
        }
    }
    report.add(table);
    Ok(())
}

/// Each thread has one turn; its answer says whose it is.
fn script() -> Value {
    let escalated = json!({
        "cmd": "true",
        "sandbox_permissions": "require_escalated",
        "justification": "to be asked",
    });
    json!({"replies": [
        {"items": [{"call": {"name": "look_up", "arguments": {"key": "pear"}}}]},
        {"items": [{"call": {"name": "exec_command", "arguments": escalated}}]},
        {"items": [{"message": "done ${thread}"}]},
    ]})
}
