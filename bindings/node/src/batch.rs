//! Columnar batches: the lines of several events as one string, and one row of integers per event.
//!
//! Offsets are in UTF-16 units, JavaScript's own. A batch that is all ASCII, as nearly all are, crosses as
//! a one-byte string and its offsets are byte offsets.

use std::ops::Range;

use codexkit::{Event, UNKNOWN_METHOD};

/// Integers per event; `node/src/events.ts` reads them in this order: method id (-1 unknown), line start
/// and end, params start and end, delta start and end (-1 none), thread id start and end, turn id start
/// and end, item id start and end (-1 none), merged count, flags.
pub(crate) const COLUMNS: usize = 15;
/// The params are `{threadId, turnId, itemId, delta}` and nothing else.
const FLAG_PLAIN_DELTA: i32 = 1;
/// The event was recovered with `thread/read`.
const FLAG_RECOVERED: i32 = 2;
/// The delta's contents have escapes.
const FLAG_ESCAPED: i32 = 4;
/// As a plain delta, and `summaryIndex` after it.
const FLAG_INDEXED_DELTA: i32 = 8;
/// Text after which a batch is full, in bytes.
pub(crate) const FULL: usize = 256 << 10;

/// The text of a batch, and whether it is all ASCII: then bytes are characters, and V8 copies it as it is.
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) ascii: bool,
}

/// A batch that grows event by event.
pub(crate) struct Batch {
    text: Text,
    /// The text's length in UTF-16 units.
    units: usize,
    pub(crate) columns: Vec<i32>,
}

impl Batch {
    /// An empty batch with room for `events`, if they are about as long as the first.
    pub(crate) fn for_events(events: usize, first: Option<&Event>) -> Self {
        let bytes = first.map_or(0, |event| {
            event.line().len().saturating_mul(events).min(FULL)
        });
        Self {
            text: Text {
                text: String::with_capacity(bytes),
                ascii: true,
            },
            units: 0,
            columns: Vec::with_capacity(events * COLUMNS),
        }
    }

    /// Whether another event should wait for the next batch.
    pub(crate) fn is_full(&self, max: usize) -> bool {
        self.columns.len() >= max * COLUMNS || self.text.text.len() >= FULL
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Appends an event.
    pub(crate) fn push(&mut self, event: &Event) {
        let line = Line::new(event.line());
        self.row(event, &line);
        self.text.text.push_str(line.text);
        self.text.ascii &= line.first_wide == line.text.len();
        self.units += line.units(line.text.len());
    }

    fn row(&mut self, event: &Event, line: &Line<'_>) {
        let base = self.units;
        let columns = &mut self.columns;
        let pair = |range: Option<Range<usize>>, columns: &mut Vec<i32>| match range {
            Some(range) => {
                columns.push(as_i32(base + line.units(range.start)));
                columns.push(as_i32(base + line.units(range.end)));
            }
            None => columns.extend([-1, -1]),
        };
        let id = event.method_id();
        columns.push(if id == UNKNOWN_METHOD {
            -1
        } else {
            i32::from(id)
        });
        pair(Some(0..line.text.len()), columns);
        pair(Some(event.params_range()), columns);
        let (delta, escaped) = match event.delta_contents_range() {
            Some((range, escaped)) => (Some(range), escaped),
            None => (None, false),
        };
        pair(delta, columns);
        pair(event.thread_id_range(), columns);
        pair(event.turn_id_range(), columns);
        pair(event.item_id_range(), columns);
        columns.push(i32::try_from(event.merged()).unwrap_or(i32::MAX));
        let flags = [
            (event.is_plain_delta(false), FLAG_PLAIN_DELTA),
            (event.is_recovered(), FLAG_RECOVERED),
            (escaped, FLAG_ESCAPED),
            (event.is_plain_delta(true), FLAG_INDEXED_DELTA),
        ];
        columns.push(flags.iter().map(|(set, flag)| i32::from(*set) * flag).sum());
    }

    /// The finished text.
    pub(crate) fn into_parts(self) -> (Text, Vec<i32>) {
        (self.text, self.columns)
    }
}

/// A line, and from where on its bytes are not its UTF-16 units.
struct Line<'a> {
    text: &'a str,
    first_wide: usize,
}

impl<'a> Line<'a> {
    fn new(text: &'a str) -> Self {
        let first_wide = if text.is_ascii() {
            text.len()
        } else {
            text.bytes()
                .position(|byte| !byte.is_ascii())
                .unwrap_or(text.len())
        };
        Self { text, first_wide }
    }

    /// The UTF-16 units before a byte: one for each character, and one more for those of four bytes.
    fn units(&self, byte: usize) -> usize {
        if byte <= self.first_wide {
            return byte;
        }
        let wide = self
            .text
            .as_bytes()
            .get(self.first_wide..byte)
            .unwrap_or_default();
        let characters = wide.iter().filter(|byte| (**byte & 0xC0) != 0x80).count();
        let pairs = wide.iter().filter(|byte| **byte >= 0xF0).count();
        self.first_wide + characters + pairs
    }
}

/// Batches are far below 2^31 units: a batch is closed at [`FULL`] and a line is limited.
fn as_i32(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
