//! Columnar batches: the lines of several events as one string, and one row of integers per event.
//!
//! Offsets are in UTF-16 units, JavaScript's own. A batch that is all ASCII, as nearly all are, crosses as
//! a one-byte string and its offsets are byte offsets.

use codexkit::Event;

/// Integers per event; `node/src/events.ts` reads them in this order: method id (-1 unknown), line start
/// and end, params start and end, delta start and end (-1 none), thread id start and end, turn id start
/// and end, item id start and end (-1 none), merged count, flags.
pub(crate) const COLUMNS: usize = 15;
/// The params are `{threadId, turnId, itemId, delta}` and nothing else, without escapes.
const FLAG_PLAIN_DELTA: i32 = 1;
/// The event was recovered with `thread/read`.
const FLAG_RECOVERED: i32 = 2;
/// Text after which a batch is full, in bytes.
pub(crate) const FULL: usize = 256 << 10;

/// The text of a batch in the form in which V8 takes it fastest.
pub(crate) enum Text {
    /// All ASCII: bytes are characters.
    Ascii(String),
    /// Anything else, in UTF-16.
    Wide(Vec<u16>),
}

/// A batch that grows event by event.
#[derive(Default)]
pub(crate) struct Batch {
    text: String,
    wide: Option<Vec<u16>>,
    pub(crate) columns: Vec<i32>,
}

impl Batch {
    /// Whether another event should wait for the next batch.
    pub(crate) fn is_full(&self, max: usize) -> bool {
        self.columns.len() >= max * COLUMNS
            || self.text.len() >= FULL
            || self.wide.as_ref().is_some_and(|wide| wide.len() >= FULL)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Appends an event.
    pub(crate) fn push(&mut self, event: &Event) {
        let line = event.line();
        let base = match (&mut self.wide, line.is_ascii()) {
            (None, true) => {
                self.text.push_str(line);
                self.text.len() - line.len()
            }
            (None, false) => {
                let mut wide: Vec<u16> = std::mem::take(&mut self.text).bytes().map(u16::from).collect();
                let base = wide.len();
                wide.extend(line.encode_utf16());
                self.wide = Some(wide);
                base
            }
            (Some(wide), _) => {
                let base = wide.len();
                wide.extend(line.encode_utf16());
                base
            }
        };
        self.row(event, base);
    }

    fn row(&mut self, event: &Event, base: usize) {
        let line = event.line();
        let ascii = line.is_ascii();
        let offset = |byte: usize| {
            let units = match line.get(..byte) {
                Some(before) if !ascii => before.encode_utf16().count(),
                _ => byte,
            };
            as_i32(base + units)
        };
        let pair = |range: Option<std::ops::Range<usize>>, columns: &mut Vec<i32>| match range {
            Some(range) => columns.extend([offset(range.start), offset(range.end)]),
            None => columns.extend([-1, -1]),
        };
        let id = event.method_id();
        self.columns.push(if id == u16::MAX { -1 } else { i32::from(id) });
        pair(Some(0..line.len()), &mut self.columns);
        pair(Some(event.params_range()), &mut self.columns);
        pair(event.delta_text(), &mut self.columns);
        pair(event.thread_id_range(), &mut self.columns);
        pair(event.turn_id_range(), &mut self.columns);
        pair(event.item_id_range(), &mut self.columns);
        self.columns.push(i32::try_from(event.merged()).unwrap_or(i32::MAX));
        let plain = if event.is_plain_delta() { FLAG_PLAIN_DELTA } else { 0 };
        let recovered = if event.is_recovered() { FLAG_RECOVERED } else { 0 };
        self.columns.push(plain | recovered);
    }

    /// The finished text.
    pub(crate) fn take_text(&mut self) -> Text {
        match self.wide.take() {
            Some(wide) => Text::Wide(wide),
            None => Text::Ascii(std::mem::take(&mut self.text)),
        }
    }
}

/// Batches are far below 2^31 units: a batch is closed at [`FULL`] and a line is limited.
fn as_i32(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
