//! From what the process writes to events: one JSON object a line, whatever else may stand there.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::protocol::lenient;
use crate::protocol::scan::scan;
use crate::session::diagnostics::{Diagnostic, DiagnosticKind};
use crate::thread::event::Event;

/// One event of `codex exec`, its line kept as it came. Unknown types and fields are kept, too.
#[derive(Clone)]
pub struct ExecEvent(pub(super) Arc<str>);

impl ExecEvent {
    /// The JSON text of the event.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// The event as JSON. Of a key that stands there twice (`id` in a web search does), the last counts, as
    /// in the official clients.
    #[must_use]
    pub fn json(&self) -> Value {
        lenient::from_str(&self.0).unwrap_or_default()
    }

    /// The event's type, as in `item.completed`; empty if it has none.
    #[must_use]
    pub fn kind(&self) -> String {
        text(&self.json()["type"])
    }
}

impl fmt::Debug for ExecEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExecEvent({})", self.0)
    }
}

/// What a line tells of the whole turn.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Milestone {
    Nothing,
    ThreadStarted(String),
    Completed,
    Failed(String),
}

/// A line as an event, or what is wrong with it. A blank line is neither.
pub(super) fn read(line: &[u8]) -> Result<Option<(Event, Milestone)>, Diagnostic> {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Ok(None);
    }
    let value: Value = lenient::from_str(text)
        .map_err(|_| Diagnostic::line(DiagnosticKind::MalformedLine, "not JSON", text))?;
    if !value.is_object() {
        let message = "the line is JSON but not an object";
        return Err(Diagnostic::line(
            DiagnosticKind::UnexpectedMessage,
            message,
            text,
        ));
    }
    let milestone = milestone(&value);
    let event = match scan(text) {
        Ok(spans) => Event::new(text, &spans),
        // It is JSON for us, but not to the letter: put it into canonical form.
        Err(_) => {
            let canonical = value.to_string();
            let spans = scan(&canonical)
                .map_err(|_| Diagnostic::line(DiagnosticKind::MalformedLine, "not JSON", text))?;
            Event::new(&canonical, &spans)
        }
    };
    Ok(Some((event, milestone)))
}

fn milestone(event: &Value) -> Milestone {
    match event["type"].as_str() {
        Some("thread.started") => Milestone::ThreadStarted(text(&event["thread_id"])),
        Some("turn.completed") => Milestone::Completed,
        Some("turn.failed") => Milestone::Failed(text(&event["error"]["message"])),
        _ => Milestone::Nothing,
    }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn one(line: &[u8]) -> (Value, Milestone) {
        let (event, milestone) = read(line).unwrap().unwrap();
        (ExecEvent(Arc::from(event.line())).json(), milestone)
    }

    #[test]
    fn lines_that_others_stumble_over_are_events() {
        let search =
            br#"{"type":"item.started","item":{"id":"item_0","type":"web_search","id":"ws_46"}}"#;
        assert_eq!(one(search).0["item"]["id"], "ws_46");
        let (event, milestone) =
            one(b"\xef\xbb\xbf {\"type\":\"thread.started\",\"thread_id\":\"t\"} \r");
        assert_eq!(event["thread_id"], "t");
        assert_eq!(milestone, Milestone::ThreadStarted("t".to_owned()));
        let separators = "{\"type\":\"x\",\"text\":\"a\u{2028}b\u{2029}c\u{85}d\"}";
        assert_eq!(
            one(separators.as_bytes()).0["text"],
            "a\u{2028}b\u{2029}c\u{85}d"
        );
        assert_eq!(
            one(b"{\"type\":\"x\",\"text\":\"\xff\"}").0["text"],
            "\u{fffd}"
        );
        assert!(one(br#"{"type":"x","text":"\ud800"}"#).0["text"].is_string());
        assert_eq!(one(br#"{"type":"of.tomorrow","a":[1]}"#).0["a"][0], 1);
        assert_eq!(
            one(br#"{"type":"turn.failed","error":{"message":"m"}}"#).1,
            Milestone::Failed("m".to_owned())
        );
    }

    #[test]
    fn what_is_no_event_is_told_apart() {
        for blank in [&b""[..], b"   ", b"\t\r", b"\xef\xbb\xbf"] {
            assert!(read(blank).unwrap().is_none());
        }
        for odd in [
            &b"Reading prompt from stdin..."[..],
            b"[1]",
            b"{\"type\":",
            b"null",
        ] {
            assert!(read(odd).is_err(), "{odd:?}");
        }
    }
}
