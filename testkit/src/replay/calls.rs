//! Calls of a tool, one after the other, and how long the client takes for each: from the call's line to the answer's.

use super::lines::{self, Ids};
use super::plan::Calls;
use serde_json::{Value, json};
use std::io::{BufRead as _, StdinLock};
use std::time::{Duration, Instant};

/// So many lines of something else may come before the answer of a call.
const OTHER_LINES: usize = 10_000;

/// Calls the tool as often as the plan says, and writes down how long the calls took. `called` counts those of all turns.
pub(super) fn make(
    plan: &Calls,
    ids: &Ids<'_>,
    input: &mut StdinLock<'_>,
    called: &mut usize,
) -> std::io::Result<()> {
    let mut took = Vec::with_capacity(plan.count);
    for _ in 0..plan.count {
        // So that the client is asleep, as it is while a model thinks.
        std::thread::sleep(plan.pause);
        took.push(call(plan, ids, input, *called)?);
        *called += 1;
    }
    took.sort_unstable();
    match &plan.report {
        Some(path) => std::fs::write(path, report(&took).to_string()),
        None => Ok(()),
    }
}

fn call(
    plan: &Calls,
    ids: &Ids<'_>,
    input: &mut StdinLock<'_>,
    number: usize,
) -> std::io::Result<Duration> {
    let call_id = format!("call_{number}");
    let params = json!({
        "threadId": ids.thread, "turnId": ids.turn, "callId": call_id,
        "namespace": null, "tool": plan.tool, "arguments": plan.arguments,
    });
    let id = format!("tool-{number}");
    let request = json!({"id": id, "method": "item/tool/call", "params": params});
    let item = |status: &str, success: Value| {
        json!({
            "type": "dynamicToolCall", "id": call_id, "namespace": null, "tool": plan.tool,
            "arguments": plan.arguments, "status": status, "contentItems": null, "success": success,
            "durationMs": null,
        })
    };
    let told = |method: &str, item: Value| {
        let params = json!({"item": item, "threadId": ids.thread, "turnId": ids.turn});
        lines::notification(method, &params)
    };
    super::write(told("item/started", item("inProgress", Value::Null)).as_bytes())?;
    let request = format!("{request}\n");
    let start = Instant::now();
    super::write(request.as_bytes())?;
    let mut line = String::new();
    for _ in 0..OTHER_LINES {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        let took = start.elapsed();
        let answer: Value = serde_json::from_str(&line)?;
        if answer["id"] == *id {
            let success = answer["result"]["success"].clone();
            super::write(told("item/completed", item("completed", success)).as_bytes())?;
            return Ok(took);
        }
    }
    Err(std::io::Error::other("the client does not answer the call"))
}

/// What is written down: times in seconds.
fn report(sorted: &[Duration]) -> Value {
    let at = |part: usize| {
        let index = sorted.len() * part / 1000;
        let value = sorted.get(index.min(sorted.len().saturating_sub(1)));
        value.map(Duration::as_secs_f64)
    };
    json!({
        "calls_timed": sorted.len(),
        "call_p50": at(500),
        "call_p99": at(990),
        "call_max": at(1000),
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_report_has_the_median_and_the_tail() {
        let sorted: Vec<_> = (1..=100).map(Duration::from_secs).collect();
        let report = report(&sorted);
        let at = |name: &str| report[name].as_f64().unwrap();
        assert_eq!(
            (at("call_p50"), at("call_p99"), at("call_max")),
            (51.0, 100.0, 100.0)
        );
        assert!(super::report(&[])["call_p50"].is_null());
    }
}
