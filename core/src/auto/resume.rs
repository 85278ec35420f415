//! Goes on with a run from its token: finds out which of its turns the thread has, and how they ended.
//!
//! Every turn of a run carries a mark (`clientUserMessageId`), which the engine stores. So a token that is older
//! than what happened since is as good as the newest one.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::decide::{Outcome, Point};
use super::driver::Driver;
use super::handover::Relay;
use super::options::{AutoOptions, Until};
use super::shared::Shared;
use super::token::{Body, Next};
use crate::client::Codex;
use crate::error::{Error, Result};
use crate::protocol::{JsonObject, lenient};
use crate::session::recovery::turns_read;
use crate::thread::Thread;
use crate::thread::event::Event;
use crate::thread::fold::{Fold, TurnResult};
use crate::thread::queue::EventStream;
use crate::thread::setup::Setup;
use crate::thread::usage::{Meter, Tokens};

/// A turn that still runs is asked after so often, should its end be missed.
const PATIENCE: Duration = Duration::from_secs(30);
const MARK: &str = "codexkit-auto-run";

/// The mark of a turn: its number, and how often it had been started before.
pub(super) fn number_of(run: &str, turn: u32, serial: u32) -> String {
    format!("{MARK}/{run}/{turn}/{serial}")
}

fn read_mark(mark: &str, run: &str) -> Option<(u32, u32)> {
    let rest = mark.strip_prefix(MARK)?.strip_prefix('/')?;
    let rest = rest.strip_prefix(run)?.strip_prefix('/')?;
    let (turn, serial) = rest.split_once('/')?;
    Some((turn.parse().ok()?, serial.parse().ok()?))
}

/// A turn of the run that the thread has.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) turn: u32,
    pub(super) serial: u32,
    /// Whether it is the first of the whole thread.
    is_first: bool,
    id: String,
    status: String,
    pub(super) whole: Box<RawValue>,
}

impl Found {
    /// Whether it came to an end of its own; else it was cut off.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.status.as_str(), "completed" | "failed")
    }

    fn of(whole: Box<RawValue>, run: &str, is_first: bool) -> Option<Self> {
        #[derive(Deserialize)]
        struct Head {
            id: String,
            status: String,
            #[serde(default)]
            items: Vec<Item>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Item {
            #[serde(default)]
            client_id: Option<String>,
        }
        let head: Head = lenient::from_str(whole.get()).ok()?;
        let marks = head
            .items
            .iter()
            .filter_map(|item| item.client_id.as_deref());
        let (turn, serial) = marks.filter_map(|mark| read_mark(mark, run)).next()?;
        Some(Self {
            turn,
            serial,
            is_first,
            id: head.id,
            status: head.status,
            whole,
        })
    }
}

/// The result of a turn as `thread/read` shows it.
pub(super) fn result_of(thread_id: &str, whole: &RawValue) -> Option<TurnResult> {
    #[derive(Deserialize)]
    struct Head {
        id: String,
    }
    let head: Head = lenient::from_str(whole.get()).ok()?;
    let thread = serde_json::json!(thread_id);
    let line =
        format!(r#"{{"method":"turn/completed","params":{{"threadId":{thread},"turn":{whole}}}}}"#);
    let mut fold = Fold::default();
    fold.observe(&Event::recovered(&line).ok()?);
    fold.result(&head.id, thread_id)
}

pub(super) async fn prepare(
    codex: &Codex,
    token: &str,
    options: &AutoOptions,
    thread: Option<Thread>,
) -> Result<(Arc<Shared>, Driver)> {
    let body = Body::open(token, options.token_key.as_deref())?;
    let plan = body.plan().with(options)?;
    if plan.until == Until::Callback && options.until.is_none() {
        return Err(Error::invalid_argument(
            "until",
            "the run asks a function whether it is done, which a token cannot carry; give it again",
        ));
    }
    // From before the thread is resumed: the engine then tells its usage.
    let events = codex.subscribe();
    let thread = match thread {
        Some(thread) if thread.id() == body.thread_id => thread,
        Some(_) => {
            return Err(Error::invalid_argument(
                "thread",
                format!("the token is of a run on the thread {}", body.thread_id),
            ));
        }
        None => {
            let setup = Setup::of_trace(options.setup.trace_context.clone());
            codex
                .thread_resume_with(&body.thread_id, JsonObject::new(), setup)
                .await?
        }
    };
    let found = find(&thread, &body.run, &events).await?;
    let shared = Arc::new(Shared::new(thread, options.keep_events));
    let mut driver = Driver::new(shared.clone(), plan, options, Vec::new());
    take_up(&mut driver, body, found, &events);
    Ok((shared, driver))
}

/// Puts the driver where the token says.
fn take_up(driver: &mut Driver, body: Body, found: Vec<Found>, events: &EventStream) {
    driver.state.counts = body.counts;
    driver.state.seed = body.seed;
    if body.counts.failures > driver.state.retry.attempts {
        driver.state.counts.failures = 0; // whoever goes on after a failure wants it tried anew
    }
    driver.run = body.run;
    driver.input = body.input;
    driver.turn_id = body.turn_id;
    driver.elapsed_before = Duration::from_millis(body.elapsed_ms);
    driver.meter = Meter::default();
    // Nothing was used before a thread's first turn.
    let fresh = found.iter().any(|found| found.is_first);
    driver.meter.total = body.total.or(fresh.then(Tokens::default));
    driver.found_usage = last_usage(driver.thread.id(), events);
    driver.relay = Relay::of(body.handoff);
    driver.state.at = match body.next {
        Next::Handoff => Point::Ended(Outcome::HandedOver { tried: false }),
        Next::Turn => Point::Ready { again: false },
        Next::Again => Point::Ready { again: true },
        Next::Check => {
            let of_last = found
                .iter()
                .filter(|found| found.turn == body.counts.turns)
                .max_by_key(|found| found.serial);
            driver.last = of_last.and_then(|found| result_of(driver.thread.id(), &found.whole));
            Point::Ended(match &driver.last {
                Some(_) => Outcome::Completed,
                None => Outcome::Skipped,
            })
        }
    };
    driver.found = found;
}

/// The turns of the run on the thread, all of them over.
async fn find(thread: &Thread, run: &str, events: &EventStream) -> Result<Vec<Found>> {
    loop {
        let found = match thread.read(true).await {
            Ok(answer) => turns(&answer, run),
            // The engine keeps no turns of a thread that lives in memory, or has none yet.
            Err(error) if error.is_answer() => Vec::new(),
            Err(error) => return Err(error),
        };
        let Some(running) = found.iter().find(|found| found.status == "inProgress") else {
            return Ok(found);
        };
        // A remote engine goes on without its clients.
        let _ = tokio::time::timeout(PATIENCE, ended(events, &running.id)).await;
    }
}

fn turns(answer: &RawValue, run: &str) -> Vec<Found> {
    let turns = turns_read(answer).unwrap_or_default();
    turns
        .into_iter()
        .enumerate()
        .filter_map(|(at, whole)| Found::of(whole, run, at == 0))
        .collect()
}

async fn ended(events: &EventStream, turn_id: &str) {
    while let Some(Ok(event)) = events.next().await {
        if event.method() == "turn/completed" && event.turn_id() == Some(turn_id) {
            return;
        }
    }
}

/// The newest report of the thread's usage among what was told so far.
fn last_usage(thread_id: &str, events: &EventStream) -> Option<Value> {
    let mut ready = std::collections::VecDeque::new();
    events.drain(&mut ready, usize::MAX);
    let report = ready.iter().rev().find(|event| {
        event.method() == "thread/tokenUsage/updated" && event.thread_id() == Some(thread_id)
    })?;
    let params: Value = serde_json::from_str(report.params()).ok()?;
    Some(params["tokenUsage"].clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_names_its_turn_and_no_other_run() {
        let mark = number_of("abc", 3, 1);
        assert_eq!(read_mark(&mark, "abc"), Some((3, 1)));
        for other in ["ab", "abcd", "x"] {
            assert_eq!(read_mark(&mark, other), None, "{other}");
        }
        assert_eq!(read_mark("mine", "abc"), None);
    }

    #[test]
    fn only_the_turns_of_the_run_are_found() {
        let mark = number_of("r", 2, 0);
        let answer = format!(
            r#"{{"thread":{{"turns":[
                {{"id":"a","status":"completed","items":[{{"type":"userMessage","id":"1"}}]}},
                {{"id":"b","status":"interrupted","items":[{{"type":"userMessage","id":"2","clientId":"{mark}"}}]}}
            ]}}}}"#
        );
        let answer = RawValue::from_string(answer).expect("JSON");
        let found = turns(&answer, "r");
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].turn, found[0].serial, found[0].is_over()),
            (2, 0, false)
        );
        assert!(turns(&answer, "s").is_empty());
        let result = result_of("t", &found[0].whole).expect("a result");
        assert_eq!(
            (result.id.as_str(), result.status.as_str()),
            ("b", "interrupted")
        );
    }
}
