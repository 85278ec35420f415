//! The fold under any order of a turn's events: the result is what the completed items say, whatever stands between
//! them, and whatever the reader's queue has joined.

use std::collections::VecDeque;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::thread::queue::{EventStream, Keep, QueueLimits, Wakeups};

#[derive(Clone, Debug)]
enum Part {
    Message {
        text: String,
        phase: Option<&'static str>,
    },
    Other,
    Delta {
        item: usize,
        text: String,
    },
    Started {
        item: usize,
    },
    Usage {
        total: i64,
    },
    Unknown,
}

fn part() -> impl Strategy<Value = Part> {
    let phase = prop_oneof![
        Just(None),
        Just(Some("final_answer")),
        Just(Some("commentary")),
        Just(Some("of tomorrow"))
    ];
    prop_oneof![
        3 => (".{0,12}", phase).prop_map(|(text, phase)| Part::Message { text, phase }),
        2 => Just(Part::Other),
        6 => (0usize..3, ".{0,6}").prop_map(|(item, text)| Part::Delta { item, text }),
        1 => (0usize..3).prop_map(|item| Part::Started { item }),
        2 => any::<i64>().prop_map(|total| Part::Usage { total }),
        1 => Just(Part::Unknown),
    ]
}

fn event(number: usize, part: &Part) -> Event {
    let (method, mut params) = match part {
        Part::Message { text, phase } => (
            "item/completed",
            json!({"item": {"type": "agentMessage", "id": number.to_string(), "text": text, "phase": phase}}),
        ),
        Part::Other => (
            "item/completed",
            json!({"item": {"type": "of tomorrow", "id": number.to_string()}}),
        ),
        Part::Delta { item, text } => (
            "item/agentMessage/delta",
            json!({"itemId": item.to_string(), "delta": text}),
        ),
        Part::Started { item } => (
            "item/started",
            json!({"item": {"type": "agentMessage", "id": item.to_string(), "text": ""}}),
        ),
        Part::Usage { total } => (
            "thread/tokenUsage/updated",
            json!({"tokenUsage": {"total": total}}),
        ),
        Part::Unknown => ("of/tomorrow", json!({"items": [1]})),
    };
    params["threadId"] = "t".into();
    params["turnId"] = "u".into();
    made(&json!({"method": method, "params": params}))
}

fn made(line: &Value) -> Event {
    Event::from_json(&line.to_string()).expect("a notification")
}

fn end() -> Event {
    made(
        &json!({"method": "turn/completed", "params": {"threadId": "t", "turn": {"id": "u", "status": "completed", "items": []}}}),
    )
}

/// The answer, said without folding.
fn answer(parts: &[Part]) -> Option<&str> {
    let said = |wanted: &dyn Fn(Option<&str>) -> bool| {
        parts.iter().rev().find_map(|part| match part {
            Part::Message { text, phase } if wanted(*phase) => Some(text.as_str()),
            _ => None,
        })
    };
    said(&|phase| phase == Some("final_answer"))
        .or_else(|| said(&|phase| phase != Some("commentary")))
}

fn folded<'a>(events: impl Iterator<Item = &'a Event>) -> TurnResult {
    let mut fold = Fold::default();
    let mut ends = 0;
    for event in events {
        ends += usize::from(fold.observe(event));
    }
    assert_eq!(ends, 1, "the end is told once");
    fold.result("u", "t").expect("it has ended")
}

proptest! {
    #[test]
    fn the_result_is_what_the_items_say(parts in prop::collection::vec(part(), 0..40), soft_events in 0usize..10) {
        let mut events: Vec<Event> = parts.iter().enumerate().map(|(number, part)| event(number, part)).collect();
        events.push(end());
        let result = folded(events.iter());
        let ids: Vec<String> = result
            .items
            .iter()
            .map(|item| serde_json::from_str::<Value>(item.get()).expect("JSON")["id"].as_str().unwrap_or_default().to_owned())
            .collect();
        let completed = |part: &Part| matches!(part, Part::Message { .. } | Part::Other);
        let due: Vec<String> = (0..parts.len()).filter(|at| completed(&parts[*at])).map(|at| at.to_string()).collect();
        prop_assert_eq!(ids, due);
        prop_assert_eq!(result.final_response.as_deref(), answer(&parts));
        let usage = parts.iter().rev().find_map(|part| match part {
            Part::Usage { total } => Some(json!({"total": total})),
            _ => None,
        });
        let told = result.usage.as_ref().map(|usage| serde_json::from_str::<Value>(usage.get()).expect("JSON"));
        prop_assert_eq!(told, usage);

        // A reader that is far behind sees the same, with the text of the deltas joined.
        let stream = EventStream::new(Keep::All, QueueLimits { soft_events, ..QueueLimits::default() });
        let mut wakeups = Wakeups::default();
        for event in &events {
            stream.push(event.clone(), &mut wakeups);
        }
        let mut late = VecDeque::new();
        stream.drain(&mut late, usize::MAX);
        prop_assert_eq!(folded(late.iter()).to_json(), result.to_json());
        for item in 0..3 {
            let text = |events: &mut dyn Iterator<Item = &Event>| -> String {
                let of_item = events.filter(|event| event.is_delta() && event.item_id() == Some(&item.to_string()));
                of_item.map(|event| {
                    let params: Value = serde_json::from_str(event.params()).expect("JSON");
                    params["delta"].as_str().expect("a text").to_owned()
                }).collect()
            };
            prop_assert_eq!(text(&mut late.iter()), text(&mut events.iter()));
        }
    }
}
