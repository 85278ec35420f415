//! The core's stages, each by itself, with criterion; and all of them together behind a pipe.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::layout::Layout;
use super::measure::{Figure, run_all};
use super::stream::Who::{KitRust, LimitRust};
use super::stream::{Kind, consumer, name};
use super::table::{Cell, Report, Table, Unit};
use crate::paths;
use crate::sh::{Cmd, say};

/// Lines in each iteration of benches/criterion/core.rs.
const LINES: f64 = 1000.0;

/// A stage, whether it is part of the way of a line, and what it does.
const STAGES: [(&str, bool, &str); 7] = [
    ("split", true, "split into lines"),
    ("scan", false, "scan for method and ids (part of route)"),
    (
        "route",
        true,
        "route: gather, scan, make the event, find its reader",
    ),
    ("fold", true, "fold into the result"),
    ("queue", true, "queue, a batch under one lock"),
    ("drain", true, "drain in batches"),
    ("free", true, "free the event"),
];
const KINDS: [&str; 2] = ["delta", "mix"];

pub(crate) fn measure(layout: &Layout, runs: usize, report: &mut Report) -> Result<()> {
    say("bench: core, its stages with criterion");
    let out = paths::cache().join("bench/criterion");
    Cmd::cargo()
        .args([
            "bench",
            "--quiet",
            "-p",
            "codexkit-bench",
            "--bench",
            "core",
        ])
        .args(["--features", "stages", "--profile", &layout.profile])
        .args(["--", "--warm-up-time", "1", "--measurement-time", "3"])
        .env("CRITERION_HOME", out.display().to_string())
        .quiet()?;
    stages(&out, report)?;
    together(layout, runs, report)
}

fn stages(out: &Path, report: &mut Report) -> Result<()> {
    let mut table = Table::new(
        "core: what each stage costs by itself",
        "Nanoseconds an event, medians of criterion; a thousand recorded lines of one turn an iteration, all in one thread and in the caches. The sum has no pipe, no lock that somebody else holds, and no second thread.",
        &["delta ns", "mix ns", "delta, part of the sum"],
    );
    let mut sums = [0.0; KINDS.len()];
    let mut rows = Vec::new();
    for (stage, counts, what) in STAGES {
        let mut each = [0.0; KINDS.len()];
        for (kind, (each, sum)) in KINDS.iter().zip(each.iter_mut().zip(&mut sums)) {
            *each = median(&out.join(kind).join(stage))? / LINES;
            if counts {
                *sum += *each;
            }
        }
        rows.push((what, counts, each));
    }
    for (what, counts, each) in rows {
        let part = if counts {
            Cell::Ratio(each[0] / sums[0])
        } else {
            Cell::Empty
        };
        table.row(
            what,
            vec![Cell::Number(each[0]), Cell::Number(each[1]), part],
        );
    }
    table.row(
        "all but the pipe",
        vec![
            Cell::Number(sums[0]),
            Cell::Number(sums[1]),
            Cell::Ratio(1.0),
        ],
    );
    report.add(table);
    report.at_least(
        "core: split, route, fold, queue, drain, free; events a second of a core",
        1e9 / sums[0],
        5e6,
        "/s",
    );
    Ok(())
}

/// What criterion found, in nanoseconds an iteration.
fn median(of: &Path) -> Result<f64> {
    let path = of.join("new/estimates.json");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("criterion has not written {}", path.display()))?;
    let found: Value = serde_json::from_str(&text)?;
    found["median"]["point_estimate"]
        .as_f64()
        .with_context(|| format!("no median in {}", path.display()))
}

/// The same with the pipe, the threads and the reader.
fn together(layout: &Layout, runs: usize, report: &mut Report) -> Result<()> {
    let mut table = Table::new(
        "core: all stages behind a pipe, one turn",
        "The core as the bindings use it, reading what the replaying engine writes, against read + split + find ids.",
        &[
            "events/s",
            "CPU us/event",
            "events/s of CPU",
            "against limit",
        ],
    );
    for kind in [Kind::Delta, Kind::Mix] {
        let consumers = [KitRust, LimitRust].map(|who| consumer(who, kind, 1, layout));
        let results = run_all(&consumers, layout, runs)?;
        let rate = |at: usize| results[at].rate().median;
        for (at, who) in [KitRust, LimitRust].into_iter().enumerate() {
            let of_cpu = Figure::of(vec![1e6 / results[at].cpu_us().median]);
            table.row(
                &format!("{}, {}", name(who), format!("{kind:?}").to_lowercase()),
                vec![
                    Cell::Figure(results[at].rate(), Unit::PerSecond),
                    Cell::Figure(results[at].cpu_us(), Unit::Micros),
                    Cell::Figure(of_cpu, Unit::PerSecond),
                    if at == 0 {
                        Cell::Ratio(rate(0) / rate(1))
                    } else {
                        Cell::Empty
                    },
                ],
            );
        }
    }
    report.add(table);
    Ok(())
}
