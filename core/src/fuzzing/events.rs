//! Notifications on their way to a reader: the queue with its joined deltas, the fold, the simple view, the growing
//! answer.

use std::collections::{HashMap, VecDeque};

use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::{as_text, choice};
use crate::output::{OutputSchema, PartialOutputs};
use crate::protocol::lenient;
use crate::thread::event::Event;
use crate::thread::fold::{Fold, TurnResult};
use crate::thread::queue::{EventStream, Keep, QueueLimits, StreamState, Wakeups};
use crate::thread::simple::{SimpleFold, SimpleResult};

/// Lines of notifications. The first byte chooses how little a reader's queue takes before it joins deltas.
///
/// # Panics
/// When something that must hold of any bytes does not.
pub fn events(data: &[u8]) {
    let (soft, data) = choice(data);
    let text = as_text(data);
    let events: Vec<Event> = text
        .split('\n')
        .filter_map(|line| Event::from_json(line).ok())
        .collect();
    for event in &events {
        parts(event);
    }
    queue(&events, usize::from(soft % 8));
    fold(&events);
}

/// Where its parts are must be where they are.
fn parts(event: &Event) {
    let line = event.line();
    assert!(line.get(event.params_range()).is_some());
    let ranges = [
        event.thread_id_range(),
        event.turn_id_range(),
        event.item_id_range(),
        event.delta_text(),
    ];
    for range in ranges.into_iter().flatten() {
        assert!(line.get(range).is_some(), "{line}");
    }
    for indexed in [false, true] {
        if event.is_plain_delta(indexed) {
            plain(event, indexed);
        }
    }
    assert!(Event::recovered(line).is_ok_and(|again| again.method() == event.method()));
}

/// What is put together from its parts must be what is parsed.
fn plain(event: &Event, indexed: bool) {
    let line = event.line();
    let params: Value = lenient::from_str(event.params()).unwrap_or_default();
    let contents = event.delta_contents();
    let delta: Value = lenient::from_str(&format!("\"{contents}\"")).unwrap_or_default();
    let mut made = json!({
        "threadId": event.thread_id(), "turnId": event.turn_id(), "itemId": event.item_id(), "delta": delta,
    });
    if indexed {
        made["summaryIndex"] = params["summaryIndex"].clone();
        assert!(params["summaryIndex"].is_number(), "{line}");
    }
    assert_eq!(params, made, "{line}");
}

/// The text of the deltas of each item, and the lines of all that is no delta.
fn told<'a>(
    events: impl Iterator<Item = &'a Event>,
) -> (HashMap<String, String>, Vec<String>, u64) {
    let (mut texts, mut others, mut count) = (HashMap::<_, String>::new(), Vec::new(), 0);
    for event in events {
        count += u64::from(event.merged());
        if event.is_delta() {
            let delta = event.delta_contents();
            let of = format!(
                "{} {:?} {:?}",
                event.method(),
                event.turn_id(),
                event.item_id()
            );
            texts.entry(of).or_default().push_str(delta);
        } else {
            others.push(event.line().to_owned());
        }
    }
    (texts, others, count)
}

/// However far the reader is behind: text is joined, and nothing is lost.
fn queue(events: &[Event], soft_events: usize) {
    let limits = QueueLimits {
        soft_events,
        ..QueueLimits::default()
    };
    let stream = EventStream::new(Keep::All, limits);
    let mut wakeups = Wakeups::default();
    for event in events {
        stream.push(event.clone(), &mut wakeups);
    }
    stream.end(Ok(()), &mut wakeups);
    let mut got = VecDeque::new();
    let state = stream.drain(&mut got, usize::MAX);
    assert!(matches!(state, StreamState::Ended), "{state:?}");
    assert_eq!(told(got.iter()), told(events.iter()));
    for event in &got {
        assert!(
            serde_json::from_str::<IgnoredAny>(event.line()).is_ok(),
            "{event:?}"
        );
        parts(event);
    }
}

fn fold(events: &[Event]) {
    let mut fold = Fold::default();
    let (mut simple, opening) = SimpleFold::begin("t");
    let mut result = SimpleResult::default();
    result.observe(opening);
    let schema = OutputSchema::new(json!({"type": "array", "items": {"type": "string"}}));
    let mut partial = schema.ok().map(|schema| PartialOutputs::new(&schema));
    let (mut ended, mut out) = (false, Vec::new());
    for event in events {
        ended |= fold.observe(event);
        partial.as_mut().and_then(|partial| partial.push(event));
        fold.has_answer();
        simple.push(event, &mut out);
    }
    for event in out {
        assert!(serde_json::from_str::<IgnoredAny>(&event.to_json()).is_ok());
        result.observe(event);
    }
    assert!(serde_json::from_str::<IgnoredAny>(&result.to_json()).is_ok());
    let folded = fold.result("u", "t");
    assert_eq!(folded.is_some(), ended);
    if let Some(folded) = folded {
        let again = TurnResult::from_json(&folded.to_json());
        assert!(again.is_ok_and(|again| again.to_json() == folded.to_json()));
    }
}
