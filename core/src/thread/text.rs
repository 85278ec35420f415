//! The text that events are in: the lines of one read share an allocation.
//!
//! An allocation for each line, made on the reading thread and given back on the reader's, costs more than all
//! else that is done with a delta. What shares must not keep much more alive than itself; two rules see to that:
//! a text has at most [`LONGEST`] bytes of the engine's (or one line), and what is kept for long or waits in a
//! queue beside few others of its text gets a copy ([`Event::detach`](super::event::Event), `unshare`).

use std::sync::Arc;

/// Lines are gathered up to here; a longer one stands alone.
pub(crate) const LONGEST: usize = 16 << 10;

/// One line and the text that it is in.
#[derive(Clone, Copy)]
pub(crate) struct Line<'text> {
    pub(crate) text: &'text Arc<String>,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl<'text> Line<'text> {
    /// A text that is one line.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "lines are limited to less than 4 GiB"
    )]
    pub(crate) fn whole(text: &'text Arc<String>) -> Self {
        Self {
            text,
            start: 0,
            end: text.len() as u32,
        }
    }

    pub(crate) fn as_str(self) -> &'text str {
        let range = self.start as usize..self.end as usize;
        self.text.get(range).unwrap_or_default()
    }
}

/// Lines on their way to the router, some at a time.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) text: Arc<String>,
    /// Where each line ends; the next one begins after its newline.
    ends: Vec<u32>,
    /// The lines whose bytes were not UTF-8 and were replaced, in order.
    mended: Vec<usize>,
}

impl Gathered {
    /// Takes in the next lines. False when there is none.
    pub(crate) fn next<'line>(
        &mut self,
        lines: &mut std::iter::Peekable<impl Iterator<Item = &'line [u8]>>,
    ) -> bool {
        self.ends.clear();
        self.mended.clear();
        let Some(first) = lines.next() else {
            return false;
        };
        // While an engine thinks, lines come one at a time.
        let mut bytes = Vec::with_capacity(match lines.peek() {
            Some(_) => LONGEST.max(first.len() + 1),
            None => first.len() + 1,
        });
        self.append(&mut bytes, first);
        while let Some(line) = lines.next_if(|line| bytes.len() + line.len() < LONGEST) {
            self.append(&mut bytes, line);
        }
        if bytes.len() < bytes.capacity() / 2 {
            bytes.shrink_to_fit();
        }
        let text = String::from_utf8(bytes).unwrap_or_else(|bad| self.mend(bad.as_bytes()));
        self.text = Arc::new(text);
        true
    }

    /// The newline stays: what is half a character at the end of a line must not become one with the next line's.
    fn append(&mut self, bytes: &mut Vec<u8>, line: &[u8]) {
        bytes.extend_from_slice(line);
        self.ends.push(end_of(bytes.len()));
        bytes.push(b'\n');
    }

    /// The lines, each with the bytes that are not UTF-8 replaced.
    fn mend(&mut self, bytes: &[u8]) -> String {
        let mut text = String::new();
        let mut start = 0;
        for (number, end) in self.ends.iter_mut().enumerate() {
            let line = &bytes[start..*end as usize];
            start = *end as usize + 1;
            let mended = String::from_utf8_lossy(line);
            if matches!(mended, std::borrow::Cow::Owned(_)) {
                self.mended.push(number);
            }
            text.push_str(&mended);
            *end = end_of(text.len());
            text.push('\n');
        }
        text
    }

    /// Whether the line's bytes were not UTF-8.
    pub(crate) fn is_mended(&self, number: usize) -> bool {
        self.mended.binary_search(&number).is_ok()
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn line(&self, number: usize) -> Line<'_> {
        let before = number
            .checked_sub(1)
            .and_then(|before| self.ends.get(before));
        Line {
            text: &self.text,
            start: before.map_or(0, |end| end + 1),
            end: self.ends.get(number).copied().unwrap_or(0),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "lines are limited to less than 4 GiB"
)]
fn end_of(length: usize) -> u32 {
    length as u32
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
