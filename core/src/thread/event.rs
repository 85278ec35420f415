//! One notification of the engine: its line, kept as it came, and where its parts are.
//!
//! It is made once per line and shared; whatever a caller wants to see of the payload is read from
//! the line when it is asked for, and not before.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::error::Error;
use crate::protocol::generated::methods::{NOTIFICATIONS, notification_id};
use crate::protocol::scan::{Envelope, MAX_LINE_BYTES, ScanError, Span, scan};

/// The method id of a notification that the generated table does not know.
pub const UNKNOWN_METHOD: u16 = u16::MAX;

/// A notification from the engine. Cloning is cheap: the line is shared.
#[derive(Clone)]
pub struct Event {
    line: Arc<str>,
    spans: Envelope,
    method_id: u16,
    recovered: bool,
    merged: u32,
}

impl Event {
    /// An event from a line that has been scanned and has a method.
    pub(crate) fn new(line: &str, spans: Envelope) -> Self {
        let method_id = spans
            .method
            .of(line)
            .and_then(|method| notification_id(method.as_bytes()))
            .unwrap_or(UNKNOWN_METHOD);
        Self {
            line: Arc::from(line),
            spans,
            method_id,
            recovered: false,
            merged: 1,
        }
    }

    /// An event that the engine failed to send and that was put together from `thread/read`.
    pub(crate) fn recovered(line: &str) -> Result<Self, ScanError> {
        let spans = scan(line)?;
        Ok(Self {
            recovered: true,
            ..Self::new(line, spans)
        })
    }

    /// An event that did not come from an engine, as the tests of an application make them. `line` is the
    /// JSON text of a notification.
    ///
    /// # Errors
    /// `invalid_argument` when it is none.
    pub fn from_json(line: &str) -> Result<Self, Error> {
        let refused = |why: &str| Error::invalid_argument("line", why);
        let spans = scan(line).map_err(|_| refused("it is not JSON, or no object"))?;
        if spans.method.of(line).is_none_or(str::is_empty) || spans.id.is_some() {
            return Err(refused("a notification has a `method` and no `id`"));
        }
        Ok(Self::new(line, spans))
    }

    /// The protocol method, as in `item/agentMessage/delta`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.spans.method.of(&self.line).unwrap_or_default()
    }

    /// The method's place in the generated table of notifications, or [`UNKNOWN_METHOD`].
    #[must_use]
    pub fn method_id(&self) -> u16 {
        self.method_id
    }

    /// The whole line, as the engine sent it, without its newline.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The JSON text of `params`; `null` where there is none.
    #[must_use]
    pub fn params(&self) -> &str {
        self.spans.params.of(&self.line).unwrap_or("null")
    }

    /// Where [`Event::params`] is in [`Event::line`]; empty where there is none.
    #[must_use]
    pub fn params_range(&self) -> Range<usize> {
        self.spans.params.range().unwrap_or(0..0)
    }

    /// The thread that the event belongs to.
    #[must_use]
    pub fn thread_id(&self) -> Option<&str> {
        self.spans.thread_id.of(&self.line)
    }

    /// The turn that the event belongs to: `params.turnId`, or `params.turn.id`.
    #[must_use]
    pub fn turn_id(&self) -> Option<&str> {
        self.spans.turn_id.of(&self.line)
    }

    /// The item that the event is about: `params.itemId`, or `params.item.id`.
    #[must_use]
    pub fn item_id(&self) -> Option<&str> {
        self.spans.item_id.of(&self.line)
    }

    /// Where [`Event::thread_id`] is in the line.
    #[must_use]
    pub fn thread_id_range(&self) -> Option<Range<usize>> {
        self.spans.thread_id.range()
    }

    /// Where [`Event::turn_id`] is in the line.
    #[must_use]
    pub fn turn_id_range(&self) -> Option<Range<usize>> {
        self.spans.turn_id.range()
    }

    /// Where [`Event::item_id`] is in the line.
    #[must_use]
    pub fn item_id_range(&self) -> Option<Range<usize>> {
        self.spans.item_id.range()
    }

    /// Whether the params are exactly `{"threadId", "turnId", "itemId", "delta"}` in this order and without
    /// escapes, so that they can be put together from their parts instead of being parsed.
    #[must_use]
    pub fn is_plain_delta(&self) -> bool {
        let parts = (
            self.thread_id(),
            self.turn_id(),
            self.item_id(),
            self.delta_text(),
        );
        let (Some(thread), Some(turn), Some(item), Some(delta)) = parts else {
            return false;
        };
        let frame = [
            r#"{"threadId":""#,
            thread,
            r#"","turnId":""#,
            turn,
            r#"","itemId":""#,
            item,
            r#"","delta":""#,
        ];
        let mut rest = self.params();
        for part in frame {
            let Some(after) = rest.strip_prefix(part) else {
                return false;
            };
            rest = after;
        }
        rest.len() == delta.len() + 2 && rest.ends_with("\"}")
    }

    /// Where the text of a delta is in the line, if it can be taken as it stands (it has no escapes).
    #[must_use]
    pub fn delta_text(&self) -> Option<Range<usize>> {
        if self.spans.delta_escaped {
            None
        } else {
            self.spans.delta.range()
        }
    }

    /// How many of the engine's notifications this event stands for; more than 1 only for deltas that
    /// were joined because their reader had fallen behind.
    #[must_use]
    pub fn merged(&self) -> u32 {
        self.merged
    }

    /// Whether the engine never sent this event and it was recovered with `thread/read`.
    #[must_use]
    pub fn is_recovered(&self) -> bool {
        self.recovered
    }

    /// Whether the method only streams a piece of an item, so that pieces may be joined.
    pub(crate) fn is_delta(&self) -> bool {
        self.spans.delta.is_some()
            && NOTIFICATIONS
                .get(usize::from(self.method_id))
                .is_some_and(|info| info.delta_field == Some("delta"))
    }

    /// Whether `later` goes on where this delta ends.
    pub(crate) fn continues_as(&self, later: &Self) -> bool {
        self.method_id == later.method_id
            && self.is_delta()
            && later.is_delta()
            && self.item_id() == later.item_id()
            && self.turn_id() == later.turn_id()
            && self.without_delta_matches(later)
    }

    /// Everything but the delta's text must be the same, so that joining loses nothing
    /// (a summary index, a stream name). `emittedAtMs` is the exception: the first one stays.
    fn without_delta_matches(&self, later: &Self) -> bool {
        let (Some(ours), Some(theirs)) = (self.around_delta(), later.around_delta()) else {
            return false;
        };
        ours == theirs
    }

    /// The text of params before and after the delta's contents.
    fn around_delta(&self) -> Option<(&str, &str)> {
        let params = self.spans.params.range()?;
        let delta = self.spans.delta.range()?;
        Some((
            self.line.get(params.start..delta.start)?,
            self.line.get(delta.end..params.end)?,
        ))
    }

    /// The delta's contents as they stand in the line, escapes included.
    pub(crate) fn delta_contents(&self) -> &str {
        self.spans.delta.of(&self.line).unwrap_or_default()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Event({})", self.line)
    }
}

/// A delta that is still growing: several events of one item joined into one.
pub(crate) struct Joining {
    first: Event,
    text: String,
    merged: u32,
    escaped: bool,
}

impl Joining {
    pub(crate) fn new(first: Event) -> Self {
        let text = first.delta_contents().to_owned();
        let (merged, escaped) = (first.merged, first.spans.delta_escaped);
        Self {
            first,
            text,
            merged,
            escaped,
        }
    }

    pub(crate) fn accepts(&self, event: &Event) -> bool {
        // Spans are 32 bits wide; no limit of a queue may lead beyond.
        self.bytes() + event.line.len() < MAX_LINE_BYTES && self.first.continues_as(event)
    }

    pub(crate) fn push(&mut self, event: &Event) {
        self.text.push_str(event.delta_contents());
        self.merged = self.merged.saturating_add(event.merged);
        self.escaped |= event.spans.delta_escaped;
    }

    /// The bytes held, for the queue's account.
    pub(crate) fn bytes(&self) -> usize {
        self.first.line.len() + self.text.len()
    }

    /// The joined event: the first one's line with the whole text in the place of its own.
    pub(crate) fn finish(self) -> Event {
        let Some(delta) = self.first.spans.delta.range() else {
            return self.first;
        };
        let old = &self.first.line;
        let line = format!("{}{}{}", &old[..delta.start], self.text, &old[delta.end..]);
        let grown = line.len() - old.len();
        Event {
            spans: self.first.spans.shifted(delta.end, grown, self.escaped),
            line: Arc::from(line),
            merged: self.merged,
            ..self.first
        }
    }
}

impl Envelope {
    /// The spans after `grown` bytes were put in at `from`, the end of the delta.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "lines are limited to less than 4 GiB"
    )]
    fn shifted(mut self, from: usize, grown: usize, delta_escaped: bool) -> Self {
        let (from, grown) = (from as u32, grown as u32);
        for span in [
            &mut self.method,
            &mut self.id,
            &mut self.params,
            &mut self.result,
            &mut self.error,
            &mut self.thread_id,
            &mut self.turn_id,
            &mut self.item_id,
            &mut self.delta,
        ] {
            if *span == Span::NONE {
                continue;
            }
            // No other span starts at the closing quote; the delta's own does when it was empty.
            if span.start > from {
                span.start += grown;
            }
            if span.end >= from {
                span.end += grown;
            }
        }
        self.delta_escaped = delta_escaped;
        self
    }
}
