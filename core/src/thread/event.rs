//! One notification of the engine: its line, kept as it came, and where its parts are.
//!
//! It is made once per line and shared; whatever a caller wants to see of the payload is read from
//! the line when it is asked for, and not before. It is small, and the lines of one read share an allocation,
//! because a stream is mostly events being moved and given back.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::error::Error;
use crate::protocol::generated::methods::NOTIFICATIONS;
use crate::protocol::scan::{Envelope, MAX_LINE_BYTES, ScanError, Span, scan};
use crate::thread::text::{LONGEST, Line};

/// The method id of a notification that the generated table does not know.
pub const UNKNOWN_METHOD: u16 = u16::MAX;

/// A notification from the engine. Cloning is cheap: the line is shared.
#[derive(Clone)]
pub struct Event {
    text: Arc<String>,
    /// Where the line is in the text.
    start: u32,
    end: u32,
    parts: Parts,
    merged: u32,
    method_id: u16,
    flags: u8,
}

/// Its method only streams a piece of an item, and the piece is there.
const DELTA: u8 = 1;
/// The delta's text has escapes.
const ESCAPED: u8 = 2;
/// The engine never sent it.
const RECOVERED: u8 = 4;
/// A name or an id has escapes, even in the line's canonical form.
const ESCAPED_IDS: u8 = 8;

/// Where the parts of a line are in it.
#[derive(Clone, Copy)]
struct Parts {
    method: Span,
    params: Span,
    thread_id: Span,
    turn_id: Span,
    item_id: Span,
    delta: Span,
}

impl Parts {
    fn of(spans: &Envelope) -> Self {
        Self {
            method: spans.method,
            params: spans.params,
            thread_id: spans.thread_id,
            turn_id: spans.turn_id,
            item_id: spans.item_id,
            delta: spans.delta,
        }
    }
}

fn is_delta_method(method_id: u16) -> bool {
    NOTIFICATIONS
        .get(usize::from(method_id))
        .is_some_and(|info| info.delta_field == Some("delta"))
}

/// What stands between a delta's text and the index of the part of a summary that it belongs to.
const INDEX: &str = r#"","summaryIndex":"#;

impl Event {
    /// An event from a line that has been scanned and has a method.
    pub(crate) fn new(line: &str, spans: &Envelope) -> Self {
        Self::of(Line::whole(&Arc::new(line.to_owned())), spans)
    }

    /// The same; it shares the text of its line.
    pub(crate) fn of(line: Line<'_>, spans: &Envelope) -> Self {
        let method_id = spans.method_id.unwrap_or(UNKNOWN_METHOD);
        let is_delta = spans.delta.is_some() && is_delta_method(method_id);
        Self {
            text: line.text.clone(),
            start: line.start,
            end: line.end,
            parts: Parts::of(spans),
            merged: 1,
            method_id,
            flags: (u8::from(is_delta) * DELTA)
                | (u8::from(spans.delta_escaped) * ESCAPED)
                | (u8::from(spans.escaped_ids) * ESCAPED_IDS),
        }
    }

    /// An event that the engine failed to send and that was put together from `thread/read`.
    pub(crate) fn recovered(line: &str) -> Result<Self, ScanError> {
        let spans = scan(line)?;
        let mut event = Self::new(line, &spans);
        event.flags |= RECOVERED;
        Ok(event)
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
        Ok(Self::new(line, &spans))
    }

    /// The protocol method, as in `item/agentMessage/delta`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.part(self.parts.method).unwrap_or_default()
    }

    /// The method's place in the generated table of notifications, or [`UNKNOWN_METHOD`].
    #[must_use]
    pub fn method_id(&self) -> u16 {
        self.method_id
    }

    /// The whole line, as the engine sent it, without its newline.
    #[must_use]
    pub fn line(&self) -> &str {
        self.shown().as_str()
    }

    #[cfg(test)]
    pub(crate) fn text(&self) -> &Arc<String> {
        &self.text
    }

    fn shown(&self) -> Line<'_> {
        Line {
            text: &self.text,
            start: self.start,
            end: self.end,
        }
    }

    /// A part of the line.
    fn part(&self, span: Span) -> Option<&str> {
        let Range { start, end } = span.range()?;
        let at = self.start as usize;
        self.text.get(at + start..at + end)
    }

    /// The same event, for whoever keeps it for long: it keeps nothing else alive.
    pub(crate) fn detach(&self) -> Self {
        if self.text.len() <= 2 * self.line().len() {
            return self.clone();
        }
        let text = Arc::new(self.line().to_owned());
        Self {
            start: 0,
            end: self.end - self.start,
            text,
            ..*self
        }
    }

    /// The JSON text of `params`; `null` where there is none.
    #[must_use]
    pub fn params(&self) -> &str {
        self.part(self.parts.params).unwrap_or("null")
    }

    /// Where [`Event::params`] is in [`Event::line`]; empty where there is none.
    #[must_use]
    pub fn params_range(&self) -> Range<usize> {
        self.parts.params.range().unwrap_or(0..0)
    }

    /// The thread that the event belongs to.
    #[must_use]
    pub fn thread_id(&self) -> Option<&str> {
        self.part(self.parts.thread_id)
    }

    /// The turn that the event belongs to: `params.turnId`, or `params.turn.id`.
    #[must_use]
    pub fn turn_id(&self) -> Option<&str> {
        self.part(self.parts.turn_id)
    }

    /// The item that the event is about: `params.itemId`, or `params.item.id`.
    #[must_use]
    pub fn item_id(&self) -> Option<&str> {
        self.part(self.parts.item_id)
    }

    /// Where [`Event::thread_id`] is in the line.
    #[must_use]
    pub fn thread_id_range(&self) -> Option<Range<usize>> {
        self.parts.thread_id.range()
    }

    /// Where [`Event::turn_id`] is in the line.
    #[must_use]
    pub fn turn_id_range(&self) -> Option<Range<usize>> {
        self.parts.turn_id.range()
    }

    /// Where [`Event::item_id`] is in the line.
    #[must_use]
    pub fn item_id_range(&self) -> Option<Range<usize>> {
        self.parts.item_id.range()
    }

    /// Whether the params are exactly `{"threadId", "turnId", "itemId", "delta"}` in this order, so that they can be
    /// put together from their parts instead of being parsed. With `indexed` a `summaryIndex` comes after them.
    ///
    /// The scanner found each part behind its name; where the next part begins just as far behind as name and quotes
    /// are long, nothing else has room.
    #[must_use]
    pub fn is_plain_delta(&self, indexed: bool) -> bool {
        let Parts {
            params,
            thread_id,
            turn_id,
            item_id,
            delta,
            ..
        } = self.parts;
        let follows = |part: Span, before: u32, between: &str| {
            part.is_some() && part.start as usize == before as usize + between.len()
        };
        let four = self.flags & ESCAPED_IDS == 0
            && params.is_some()
            && follows(thread_id, params.start, r#"{"threadId":""#)
            && follows(turn_id, thread_id.end, r#"","turnId":""#)
            && follows(item_id, turn_id.end, r#"","itemId":""#)
            && follows(delta, item_id.end, r#"","delta":""#);
        if !four {
            return false;
        }
        if !indexed {
            return params.end as usize == delta.end as usize + r#""}"#.len();
        }
        let rest = Span {
            start: delta.end,
            end: params.end,
        };
        let rest = self.part(rest).and_then(|rest| rest.strip_prefix(INDEX));
        let index = rest.and_then(|rest| rest.strip_suffix('}'));
        index.is_some_and(|index| index.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// Where the contents of a delta's string are in the line, escapes and all, and whether there are any.
    #[must_use]
    pub fn delta_contents_range(&self) -> Option<(Range<usize>, bool)> {
        let range = self.parts.delta.range()?;
        Some((range, self.flags & ESCAPED != 0))
    }

    /// Where the text of a delta is in the line, if it can be taken as it stands (it has no escapes).
    #[must_use]
    pub fn delta_text(&self) -> Option<Range<usize>> {
        if self.flags & ESCAPED == 0 {
            self.parts.delta.range()
        } else {
            None
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
        self.flags & RECOVERED != 0
    }

    /// Whether the method only streams a piece of an item, so that pieces may be joined.
    pub(crate) fn is_delta(&self) -> bool {
        self.flags & DELTA != 0
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
        let Parts { params, delta, .. } = self.parts;
        let before = Span {
            start: params.start,
            end: delta.start,
        };
        let after = Span {
            start: delta.end,
            end: params.end,
        };
        Some((self.part(before)?, self.part(after)?))
    }

    /// The delta's contents as they stand in the line, escapes included.
    pub(crate) fn delta_contents(&self) -> &str {
        self.part(self.parts.delta).unwrap_or_default()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Event({})", self.line())
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
    pub(crate) fn new(first: &Event) -> Self {
        let text = first.delta_contents().to_owned();
        let (merged, escaped) = (first.merged, first.flags & ESCAPED != 0);
        Self {
            first: first.detach(),
            text,
            merged,
            escaped,
        }
    }

    pub(crate) fn accepts(&self, event: &Event) -> bool {
        // Spans are 32 bits wide; no limit of a queue may lead beyond.
        self.bytes() + event.line().len() < MAX_LINE_BYTES && self.first.continues_as(event)
    }

    pub(crate) fn push(&mut self, event: &Event) {
        self.text.push_str(event.delta_contents());
        self.merged = self.merged.saturating_add(event.merged);
        self.escaped |= event.flags & ESCAPED != 0;
    }

    /// The bytes held, for the queue's account.
    pub(crate) fn bytes(&self) -> usize {
        self.first.line().len() + self.text.len()
    }

    /// The joined event: the first one's line with the whole text in the place of its own.
    pub(crate) fn finish(self) -> Event {
        let Some(delta) = self.first.parts.delta.range() else {
            return self.first;
        };
        let old = self.first.line();
        let line = format!("{}{}{}", &old[..delta.start], self.text, &old[delta.end..]);
        let grown = line.len() - old.len();
        let text = Arc::new(line);
        Event {
            start: 0,
            end: Line::whole(&text).end,
            parts: self.first.parts.shifted(delta.end, grown),
            merged: self.merged,
            flags: self.first.flags | (u8::from(self.escaped) * ESCAPED),
            text,
            ..self.first
        }
    }
}

impl Parts {
    /// The parts after `grown` bytes were put in at `from`, the end of the delta.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "lines are limited to less than 4 GiB"
    )]
    fn shifted(mut self, from: usize, grown: usize) -> Self {
        let (from, grown) = (from as u32, grown as u32);
        for span in [
            &mut self.method,
            &mut self.params,
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
        self
    }
}

/// Events of one queue take no more memory than a few times their own lines: if they are few among the lines of
/// their texts, they get a text of their own.
pub(crate) fn unshare(events: &mut [Event]) {
    let (mut own, mut kept) = (0, 0);
    let mut last = None;
    for event in &*events {
        own += (event.end - event.start) as usize;
        let text = Arc::as_ptr(&event.text);
        if last != Some(text) {
            last = Some(text);
            kept += event.text.len();
        }
    }
    if kept <= MOST_KEPT * own + LEAST_KEPT {
        return;
    }
    let mut start = 0;
    while start < events.len() {
        start += gather(&mut events[start..]);
    }
}

/// For each byte of an event in a queue, so many bytes are kept alive at most.
const MOST_KEPT: usize = 4;
/// Below this it does not matter.
const LEAST_KEPT: usize = 1 << 10;

/// Puts the first events into a text of their own. Gives how many these are.
fn gather(events: &mut [Event]) -> usize {
    let (mut count, mut bytes) = (0, 0);
    for event in &*events {
        let length = event.line().len();
        if count > 0 && bytes + length > LONGEST {
            break;
        }
        bytes += length;
        count += 1;
    }
    let mut text = String::with_capacity(bytes);
    for event in &events[..count] {
        text.push_str(event.line());
    }
    let text = Arc::new(text);
    let mut start = 0;
    for event in &mut events[..count] {
        let length = event.end - event.start;
        event.text = text.clone();
        event.start = start;
        event.end = start + length;
        start += length;
    }
    count
}
