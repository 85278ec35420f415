//! Scale curves: how rates, memory and times change with the number of turns, the rate, and the size of a thread.
//!
//! The figures and their plots go to docs/images, which is all that this group writes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use anyhow::Result;
use serde_json::{Value, json};

use super::latency;
use super::layout::Layout;
use super::measure::{Consumer, Program, run_all};
use super::memory;
use super::stream::Who::{self, KitRust, KitSync, OfficialAsync, OfficialNode, OfficialSync};
use super::stream::{CLIENTS, Kind, consumer, name};
use super::table::{Cell, Report, Table};
use crate::paths;
use crate::sh::{Cmd, say};

const TURNS: [usize; 5] = [1, 10, 100, 1_000, 10_000];
/// Events a second. The last is above what the real engine sends.
const RATES: [usize; 5] = [10, 100, 1_000, 10_000, 40_000];
const ITEMS: [usize; 5] = [1, 10, 100, 1_000, 10_000];
const STORED: [usize; 5] = [1, 10, 100, 1_000, 10_000];
/// The columns of tables by these.
const POWERS: [&str; 5] = ["1", "10", "100", "1,000", "10,000"];
const AT_RATES: [&str; 5] = ["10/s", "100/s", "1,000/s", "10,000/s", "40,000/s"];

/// A line of a plot: the figure at each size.
type Lines = BTreeMap<String, Vec<(usize, f64)>>;

/// A plot.
struct Curve {
    /// The name of its file.
    file: &'static str,
    title: &'static str,
    x: &'static str,
    y: &'static str,
    columns: [&'static str; 5],
    lines: Lines,
}

pub(crate) fn measure(layout: &Layout, runs: usize, report: &mut Report) -> Result<()> {
    let curves = [
        turns(layout, runs)?,
        open_turns(layout, runs)?,
        rates(layout, runs)?,
        sizes(layout, runs, &FOLD)?,
        sizes(layout, runs, &READ)?,
    ];
    for curve in &curves {
        report.add(curve.table());
    }
    plot(&curves, report.machine())
}

/// The most turns at once that a consumer is asked for.
fn most_turns(who: Who) -> usize {
    match who {
        // A process a turn.
        OfficialNode => 10,
        // A thread a turn.
        OfficialSync | OfficialAsync => 100,
        KitSync | KitRust => 1_000,
        _ => 10_000,
    }
}

fn turns(layout: &Layout, runs: usize) -> Result<Curve> {
    let mut lines = Lines::new();
    for turns in TURNS {
        let who: Vec<Who> = CLIENTS
            .into_iter()
            .filter(|who| turns <= most_turns(*who))
            .collect();
        say(&format!("bench: curves, {turns} turn(s) at once"));
        let consumers: Vec<Consumer> = who
            .iter()
            .map(|who| consumer(*who, Kind::Delta, turns, layout))
            .collect();
        for (who, samples) in who.iter().zip(run_all(&consumers, layout, runs)?) {
            put(&mut lines, name(*who), turns, samples.rate().median);
        }
    }
    Ok(Curve {
        file: "turns.png",
        title: "Events a second against turns at once",
        x: "turns at once",
        y: "events a second",
        columns: POWERS,
        lines,
    })
}

fn open_turns(layout: &Layout, runs: usize) -> Result<Curve> {
    let mut lines = Lines::new();
    for turns in TURNS {
        say(&format!("bench: curves, memory of {turns} open turn(s)"));
        for (name, samples) in memory::idle(layout, runs, turns)? {
            let kb = samples.get("both_kb").median * turns as f64;
            // A page is the least that can be seen.
            put(&mut lines, name, turns, (kb / 1024.0).max(0.004));
        }
    }
    Ok(Curve {
        file: "memory.png",
        title: "Memory of open turns with their threads",
        x: "open turns",
        y: "MB above none",
        columns: POWERS,
        lines,
    })
}

fn rates(layout: &Layout, runs: usize) -> Result<Curve> {
    let mut lines = Lines::new();
    for rate in RATES {
        say(&format!("bench: curves, latency at {rate} events/s"));
        // Two seconds, but enough for a median.
        let events = (rate * 2).clamp(40, 20_000);
        let found = latency::collect(layout, runs, &CLIENTS, 1, rate as f64, events)?;
        for (who, samples) in found {
            let micros = samples.get("late_p50").median * 1e6;
            put(&mut lines, name(who), rate, micros);
        }
    }
    Ok(Curve {
        file: "latency.png",
        title: "Median latency against the rate, one turn",
        x: "events a second",
        y: "microseconds",
        columns: AT_RATES,
        lines,
    })
}

/// A measurement by the size of a thread.
struct Sizes {
    what: &'static str,
    sizes: [usize; 5],
    file: &'static str,
    title: &'static str,
    x: &'static str,
    consumers: &'static [(&'static str, Program, &'static str)],
}

const FOLD: Sizes = Sizes {
    what: "fold",
    sizes: ITEMS,
    file: "fold.png",
    title: "From a turn's first event to its result",
    x: "items in the turn",
    consumers: &[
        (
            "codexkit Python, Codex",
            Program::Python("sizes_sync.py"),
            "codexkit",
        ),
        ("codexkit Node", Program::Node("sizes_codexkit.mjs"), ""),
        ("codexkit core (Rust)", Program::Rust, ""),
    ],
};

const READ: Sizes = Sizes {
    what: "read",
    sizes: STORED,
    file: "read.png",
    title: "Reading a stored thread with its turns",
    x: "turns of two kilobytes",
    consumers: &[
        (
            "official Python, Codex",
            Program::Python("sizes_sync.py"),
            "openai_codex",
        ),
        (
            "codexkit Python, Codex",
            Program::Python("sizes_sync.py"),
            "codexkit",
        ),
        ("codexkit Node", Program::Node("sizes_codexkit.mjs"), ""),
        ("codexkit core (Rust)", Program::Rust, ""),
    ],
};

fn sizes(layout: &Layout, runs: usize, of: &Sizes) -> Result<Curve> {
    let work = paths::work("bench/curves");
    fs::create_dir_all(&work)?;
    let mut lines = Lines::new();
    for size in of.sizes {
        say(&format!("bench: curves, {}, {size} {}", of.what, of.x));
        let plan = if of.what == "fold" {
            let file = work.join(format!("items-{size}.jsonl"));
            fs::write(&file, items(size))?;
            json!({"turns": 1, "events": size, "lines": file})
        } else {
            json!({"turns": 1, "stored": size})
        };
        let consumers: Vec<Consumer> = of
            .consumers
            .iter()
            .map(|(name, program, module)| {
                let settings = json!({
                    "engine": layout.replay,
                    "mode": "sizes",
                    "module": module,
                    "package": layout.node_package,
                    "what": of.what,
                    "size": size,
                    "rounds": 5,
                });
                Consumer {
                    replay: Some(plan.clone()),
                    ..Consumer::new(name, *program, settings)
                }
            })
            .collect();
        for (consumer, samples) in consumers.iter().zip(run_all(&consumers, layout, runs)?) {
            let millis = samples.get("took").median * 1000.0;
            put(&mut lines, consumer.name, size, millis);
        }
    }
    Ok(Curve {
        file: of.file,
        title: of.title,
        x: of.x,
        y: "milliseconds",
        columns: POWERS,
        lines,
    })
}

/// So many completed commands, each an item of its own.
fn items(count: usize) -> String {
    let mut out = String::new();
    for number in 0..count {
        let item = json!({
            "type": "commandExecution", "id": format!("call_{number}"), "pluginId": null, "scriptPath": null,
            "command": "/bin/bash -lc 'ls -l'", "cwd": "/tmp", "processId": null, "source": "agent",
            "status": "completed", "commandActions": [], "exitCode": 0, "durationMs": 66,
            "aggregatedOutput": "-rw-r--r-- 1 user user 12345 Nov 21 06:17 file.rs\n",
        });
        let params =
            json!({"item": item, "threadId": "thread-a", "turnId": "turn-a", "completedAtMs": 1});
        let _ = writeln!(
            out,
            r#"{{"method":"item/completed","params":{params},"emittedAtMs":1}}"#
        );
    }
    out
}

fn put(lines: &mut Lines, name: &str, x: usize, y: f64) {
    lines.entry(name.to_owned()).or_default().push((x, y));
}

impl Curve {
    fn table(&self) -> Table {
        let mut table = Table::new(
            &format!("{} ({})", self.title, self.y),
            &format!("By {}; the plot is docs/images/{}.", self.x, self.file),
            &self.columns,
        );
        for (name, points) in &self.lines {
            let mut cells: Vec<Cell> = points.iter().map(|(_, y)| Cell::Number(*y)).collect();
            cells.resize(self.columns.len(), Cell::Empty);
            table.row(name, cells);
        }
        table
    }

    fn json(&self) -> Value {
        json!({
            "file": self.file,
            "title": self.title,
            "x": self.x,
            "y": self.y,
            "lines": self.lines,
        })
    }
}

/// Writes the figures, and has them drawn.
fn plot(curves: &[Curve], machine: &Value) -> Result<()> {
    let images = paths::root().join("docs/images");
    fs::create_dir_all(&images)?;
    let figures = images.join("curves.json");
    let curves: Vec<Value> = curves.iter().map(Curve::json).collect();
    let all = json!({"machine": machine, "curves": curves});
    fs::write(&figures, format!("{all}\n"))?;
    Cmd::new(paths::venv_bin("python"))
        .arg(paths::root().join("benches/python/plot.py"))
        .arg(&figures)
        .quiet()?;
    say("bench: docs/images has the plots");
    Ok(())
}
