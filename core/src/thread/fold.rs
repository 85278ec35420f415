//! The fold of a turn's events into its result. It sees every event, read or unread, and keeps only what
//! the result needs: completed items, the last usage, the terminal turn object.
//!
//! It must not depend on the reader: a lagging stream leaves it exact.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::protocol::lenient;
use crate::redact::redact_json;
use crate::telemetry::Ending;
use crate::thread::event::Event;

/// What a turn came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TurnResult {
    /// The turn's id.
    pub id: String,
    /// The thread that the turn ran on.
    pub thread_id: String,
    /// `completed`, `interrupted` or `failed`; or a word of a newer engine, as it came.
    pub status: String,
    /// The engine's turn error (`message`, `codexErrorInfo`, `additionalDetails`), if there was one; what looks like a
    /// secret is left out of it.
    pub error: Option<Box<RawValue>>,
    /// When the turn started, in seconds since the Unix epoch.
    pub started_at: Option<i64>,
    /// When the turn ended, in seconds since the Unix epoch.
    pub completed_at: Option<i64>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// The text of the last final answer; commentary never counts.
    pub final_response: Option<String>,
    /// The completed items in the order of their completion, as the engine sent them.
    pub items: Vec<Box<RawValue>>,
    /// `{last, total, modelContextWindow}`: `last` is this turn's last model response, `total` the thread's.
    pub usage: Option<Box<RawValue>>,
    /// The engine never said that the turn had ended; it was found out with `thread/read`.
    pub recovered: bool,
    /// What a request for approval was about that was answered with `cancel`, which ends the turn: its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied: Option<String>,
    /// The account's limits as they were last told (`account/rateLimits/updated`), if the turn failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limits: Option<Box<RawValue>>,
}

impl TurnResult {
    /// The result as one JSON object with camelCase keys.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "null".to_owned())
    }

    /// A result from its JSON form.
    ///
    /// # Errors
    /// `invalid_argument` for what is none.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| Error::invalid_argument("turn", error))
    }
}

#[derive(Default)]
pub(crate) struct Fold {
    items: Vec<Event>,
    first_usage: Option<Event>,
    usage: Option<Event>,
    completed: Option<Event>,
}

#[derive(Deserialize)]
struct ItemParams {
    item: Box<RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UsageParams {
    token_usage: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct CompletedParams {
    turn: TurnObject,
}

/// The terminal turn object, member by member: one that changes its type must not hide the others.
#[derive(Default, Deserialize)]
#[serde(transparent)]
struct TurnObject(BTreeMap<String, Box<RawValue>>);

impl TurnObject {
    fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        lenient::from_str(self.0.get(name)?.get()).ok()
    }
}

#[derive(Deserialize)]
struct MessageItem {
    #[serde(rename = "type")]
    tag: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    phase: Option<String>,
}

impl Fold {
    /// Whether the event matters here.
    pub(crate) fn wants(event: &Event) -> bool {
        matches!(
            event.method(),
            "item/completed" | "thread/tokenUsage/updated" | "turn/completed"
        )
    }

    /// The completed items so far.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Event> {
        self.items.iter()
    }

    /// Whether the event is the usage that was told last.
    pub(crate) fn has_usage(&self, event: &Event) -> bool {
        event.method() == "thread/tokenUsage/updated"
            && self
                .usage
                .as_ref()
                .is_some_and(|usage| usage.params() == event.params())
    }

    /// Whether the model has given an answer so far.
    pub(crate) fn has_answer(&self) -> bool {
        let mut items = self.items.iter().rev();
        items.any(|event| {
            lenient::from_str::<ItemParams>(event.params())
                .is_ok_and(|params| final_response(&[params.item]).is_some())
        })
    }

    /// Takes in one event; true when it is the turn's last.
    pub(crate) fn observe(&mut self, event: &Event) -> bool {
        match event.method() {
            "item/completed" => self.items.push(event.detach()),
            "thread/tokenUsage/updated" => {
                let report = event.detach();
                self.first_usage.get_or_insert_with(|| report.clone());
                self.usage = Some(report);
            }
            "turn/completed" => {
                self.completed = Some(event.detach());
                return true;
            }
            _ => {}
        }
        false
    }

    /// What an observer is told of the end.
    pub(crate) fn ending(&self) -> Ending {
        Ending {
            completed: self.completed.clone(),
            first_usage: self.first_usage.clone(),
            usage: self.usage.clone(),
            ..Ending::default()
        }
    }

    /// The result, once the last event was seen.
    pub(crate) fn result(&self, id: &str, thread_id: &str) -> Option<TurnResult> {
        let completed = self.completed.as_ref()?;
        let mut turn = lenient::from_str::<CompletedParams>(completed.params())
            .map_or_else(|_| TurnObject::default(), |params| params.turn);
        let mut items: Vec<Box<RawValue>> = self
            .items
            .iter()
            .filter_map(|event| lenient::from_str::<ItemParams>(event.params()).ok())
            .map(|params| params.item)
            .collect();
        if completed.is_recovered()
            && let Some(all) = turn.get::<Vec<Box<RawValue>>>("items")
            && items.len() < all.len()
        {
            items = all;
        }
        Some(TurnResult {
            id: id.to_owned(),
            thread_id: thread_id.to_owned(),
            status: turn.get("status").unwrap_or_default(),
            started_at: turn.get("startedAt"),
            completed_at: turn.get("completedAt"),
            duration_ms: turn.get("durationMs"),
            error: error_of(&mut turn),
            final_response: final_response(&items),
            usage: self.usage.as_ref().and_then(|event| {
                lenient::from_str::<UsageParams>(event.params())
                    .ok()
                    .and_then(|params| params.token_usage)
            }),
            items,
            recovered: completed.is_recovered(),
            denied: None,
            rate_limits: None,
        })
    }
}

/// What the engine says of a failed turn, without what looks like a secret: a provider's answer may quote the key.
fn error_of(turn: &mut TurnObject) -> Option<Box<RawValue>> {
    let raw = turn.0.remove("error")?;
    (raw.get() != "null").then(|| redact_json(raw))
}

/// The limits in an `account/rateLimits/updated`.
pub(crate) fn rate_limits(report: &Event) -> Option<Box<RawValue>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Params {
        rate_limits: Box<RawValue>,
    }
    let params = lenient::from_str::<Params>(report.params()).ok()?;
    Some(params.rate_limits)
}

/// The last message marked as the final answer, else the last one that is not commentary.
fn final_response(items: &[Box<RawValue>]) -> Option<String> {
    let mut unmarked = None;
    for item in items.iter().rev() {
        let Ok(message) = lenient::from_str::<MessageItem>(item.get()) else {
            continue;
        };
        if message.tag != "agentMessage" {
            continue;
        }
        match message.phase.as_deref() {
            Some("final_answer") => return Some(message.text),
            Some("commentary") => {}
            // A phase that a newer engine invents is no reason to lose the answer.
            _ if unmarked.is_none() => unmarked = Some(message.text),
            _ => {}
        }
    }
    unmarked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::scan::scan;

    fn event(line: &str) -> Event {
        Event::new(line, &scan(line).expect("a valid line"))
    }

    fn fold(lines: &[&str]) -> Option<TurnResult> {
        let mut fold = Fold::default();
        for line in lines {
            fold.observe(&event(line));
        }
        fold.result("u", "t")
    }

    fn message(text: &str, phase: &str) -> String {
        format!(
            r#"{{"method":"item/completed","params":{{"item":{{"type":"agentMessage","id":"i","text":"{text}","phase":{phase}}},"threadId":"t","turnId":"u"}}}}"#
        )
    }

    const END: &str = r#"{"method":"turn/completed","params":{"threadId":"t","turn":{"id":"u","status":"completed","items":[],"error":null,"durationMs":7}}}"#;

    #[test]
    fn the_final_answer_goes_before_what_is_said_later() {
        let (first, second) = (
            message("answer", "\"final_answer\""),
            message("after", "null"),
        );
        let result = fold(&[&first, &second, END]).expect("ended");
        assert_eq!(result.final_response.as_deref(), Some("answer"));
        assert_eq!(
            (
                result.items.len(),
                result.duration_ms,
                result.error.is_none()
            ),
            (2, Some(7), true)
        );
    }

    #[test]
    fn commentary_is_no_answer_and_an_unknown_phase_is() {
        let only = message("hm", "\"commentary\"");
        assert_eq!(fold(&[&only, END]).expect("ended").final_response, None);
        let new = message("yes", "\"epilogue\"");
        assert_eq!(
            fold(&[&new, &only, END])
                .expect("ended")
                .final_response
                .as_deref(),
            Some("yes")
        );
    }

    #[test]
    fn a_member_of_an_unknown_type_hides_no_other() {
        let end = r#"{"method":"turn/completed","params":{"turn":{"id":"u","status":"completed","items":null,"durationMs":1.5,"startedAt":5,"startedAt":6,"completedAt":"2030"}}}"#;
        let result = fold(&[end]).expect("ended");
        assert_eq!(result.status, "completed");
        assert_eq!((result.started_at, result.duration_ms), (Some(6), None));
    }

    #[test]
    fn nothing_is_told_before_the_end() {
        assert!(fold(&[&message("x", "null")]).is_none());
    }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod properties;
