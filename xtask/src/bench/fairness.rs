//! How late a timer of a millisecond fires while a stream is drained at full speed.

use anyhow::Result;
use serde_json::json;

use super::layout::Layout;
use super::measure::{Consumer, run_all};
use super::stream::{Kind, Who, consumer, name};
use super::table::{Cell, Report, Table, Unit};
use crate::sh::say;

pub(crate) fn measure(layout: &Layout, runs: usize, report: &mut Report) -> Result<()> {
    let who = [
        Who::OfficialAsync,
        Who::KitAsync,
        Who::OfficialNode,
        Who::KitNode,
    ];
    say(&format!(
        "bench: fairness, {} consumers, {runs} runs",
        who.len()
    ));
    let consumers: Vec<Consumer> = who.iter().map(|who| lagging(*who, layout)).collect();
    let results = run_all(&consumers, layout, runs)?;
    let mut table = Table::new(
        "lag of the event loop while draining one turn, delta",
        "By how many milliseconds a sleep of one millisecond is late.",
        &["p50 ms", "p99 ms", "worst ms"],
    );
    for (who, samples) in who.iter().zip(&results) {
        let cell = |field| Cell::Figure(samples.get(field), Unit::Millis);
        table.row(
            name(*who),
            vec![cell("lag_p50"), cell("lag_p99"), cell("lag_max")],
        );
    }
    report.add(table);
    let p99 = |at: usize| results[at].get("lag_p99").median * 1000.0;
    report.at_most(
        "Python async: loop lag p99 while draining",
        p99(1),
        2.0,
        "ms",
    );
    report.at_most("Node: loop lag p99 while draining", p99(3), 5.0, "ms");
    Ok(())
}

fn lagging(who: Who, layout: &Layout) -> Consumer {
    let mut consumer = consumer(who, Kind::Delta, 1, layout);
    consumer.settings["lag"] = json!(true);
    // Long enough for several hundred samples.
    if who == Who::KitAsync || who == Who::KitNode {
        consumer.settings["events"] = json!(1_000_000);
    }
    consumer
}
