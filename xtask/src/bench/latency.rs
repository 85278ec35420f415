//! How long an event takes from the engine's write to the application's code, at a rate that leaves everybody time.
//!
//! The replaying engine writes the time into each delta; consumers read the same clock (the monotonic one, which all
//! processes share) and subtract.

use anyhow::Result;
use serde_json::json;

use super::layout::Layout;
use super::measure::{Consumer, Figure, Samples, run_all};
use super::stream::Who::{
    self, KitAsync, KitNode, KitSync, LimitRust, OfficialAsync, OfficialNode, OfficialSync,
};
use super::stream::{CLIENTS, Kind, consumer, name};
use super::table::{Cell, Report, Table, Unit};
use crate::sh::say;

/// Events a second, of all turns together.
const RATE: f64 = 200.0;
/// Events in each run.
const EVENTS: usize = 600;

pub(crate) fn measure(layout: &Layout, runs: usize, report: &mut Report) -> Result<()> {
    let one = turns(layout, runs, 1, report)?;
    let many = turns(layout, runs, 50, report)?;
    for (ours, theirs, p50, p99) in [
        (KitAsync, OfficialAsync, 0.5, Some(0.6)),
        (KitSync, OfficialSync, 1.0, Some(0.6)),
        (KitNode, OfficialNode, 1.1, None),
    ] {
        for (field, wanted) in [("late_p50", Some(p50)), ("late_p99", p99)] {
            let Some(wanted) = wanted else { continue };
            let what = format!(
                "{}: latency {}, against {}",
                name(ours),
                &field["late_".len()..],
                name(theirs)
            );
            let got = median(&one, ours, field) / median(&one, theirs, field);
            report.at_most(&what, got, wanted, "x");
        }
    }
    for ours in [KitSync, KitAsync, KitNode] {
        for field in ["late_p50", "late_p99"] {
            let what = format!(
                "{}: latency {} with 50 turns, against one turn",
                name(ours),
                &field["late_".len()..]
            );
            let (many, one) = (figure(&many, ours, field), figure(&one, ours, field));
            // "No worse" cannot be told from runs of the same that differ by as much.
            let noise = one.spread().max(many.spread());
            report.at_most(&what, many.median / one.median, 1.0 + noise, "x");
        }
    }
    Ok(())
}

fn median(results: &[(Who, Samples)], who: Who, field: &str) -> f64 {
    figure(results, who, field).median
}

fn figure(results: &[(Who, Samples)], who: Who, field: &str) -> Figure {
    let found = results.iter().find(|(other, _)| *other == who);
    found.map_or_else(
        || Figure::of(vec![f64::NAN]),
        |(_, samples)| samples.get(field),
    )
}

fn turns(
    layout: &Layout,
    runs: usize,
    turns: usize,
    report: &mut Report,
) -> Result<Vec<(Who, Samples)>> {
    // A raw pipe has one turn.
    let limit = (turns == 1).then_some(LimitRust);
    let who: Vec<Who> = CLIENTS.into_iter().chain(limit).collect();
    say(&format!(
        "bench: latency, {turns} turn(s), {} consumers, {runs} runs",
        who.len()
    ));
    let results = collect(layout, runs, &who, turns, RATE, EVENTS)?;
    report.add(table(turns, &results));
    Ok(results)
}

/// Runs the consumers with so many events at a rate.
pub(crate) fn collect(
    layout: &Layout,
    runs: usize,
    who: &[Who],
    turns: usize,
    rate: f64,
    events: usize,
) -> Result<Vec<(Who, Samples)>> {
    let consumers: Vec<Consumer> = who
        .iter()
        .map(|who| paced(*who, turns, rate, events, layout))
        .collect();
    let results = run_all(&consumers, layout, runs)?;
    for (consumer, samples) in consumers.iter().zip(&results) {
        samples.expect(consumer.name, "events", events as f64)?;
    }
    Ok(who.iter().copied().zip(results).collect())
}

fn paced(who: Who, turns: usize, rate: f64, events: usize, layout: &Layout) -> Consumer {
    let mut consumer = consumer(who, Kind::Delta, turns, layout);
    consumer.settings["read"] = json!("late");
    consumer.settings["events"] = json!(events);
    consumer.settings["warm"] = json!(turns.max(20));
    // A process for each turn: each has its share of the rate.
    let (rate, each) = if who == OfficialNode {
        (rate / turns as f64, events / turns)
    } else {
        (rate, events)
    };
    consumer.replay = Some(json!({"turns": turns, "events": each, "rate": rate}));
    consumer
}

fn table(turns: usize, results: &[(Who, Samples)]) -> Table {
    let mut table = Table::new(
        &format!("latency at {RATE} events/s, {turns} turn(s)"),
        "From just before the engine's write of a delta to the reader's first line of code with its text. The rate is that of all turns together.",
        &[
            "p50 us",
            "p99 us",
            "worst us",
            "p50 against official",
            "p99 against official",
            "p50 against limit",
        ],
    );
    for (who, samples) in results {
        let micros = |field| Cell::Figure(samples.of(|sample| sample[field] * 1e6), Unit::Micros);
        let against = |other: Who, field: &str| {
            let ratio = samples.get(field).median / median(results, other, field);
            if ratio.is_finite() && other != *who {
                Cell::Ratio(ratio)
            } else {
                Cell::Empty
            }
        };
        let official = match who {
            KitSync => OfficialSync,
            KitAsync => OfficialAsync,
            KitNode => OfficialNode,
            _ => *who,
        };
        table.row(
            name(*who),
            vec![
                micros("late_p50"),
                micros("late_p99"),
                micros("late_max"),
                against(official, "late_p50"),
                against(official, "late_p99"),
                against(LimitRust, "late_p50"),
            ],
        );
    }
    table
}
