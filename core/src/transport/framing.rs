//! Newline framing over a growing buffer, with a limit on the length of a line.
//!
//! It copies nothing but the unfinished line at the end of a batch.

use memchr::memchr;

/// Splits what was read into lines.
pub(crate) struct Lines {
    buffer: Vec<u8>,
    /// Bytes of `buffer` that were read.
    filled: usize,
    /// Bytes at the front that were handed out as lines.
    taken: usize,
    /// Where the search for the next newline goes on, so that a long line is searched once.
    searched: usize,
    limit: usize,
    /// Inside a line beyond the limit: everything up to its newline is thrown away.
    skipping: bool,
    /// Lengths of the lines that went beyond the limit and were not reported yet.
    too_long: Vec<usize>,
}

impl Lines {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            buffer: Vec::new(),
            filled: 0,
            taken: 0,
            searched: 0,
            limit,
            skipping: false,
            too_long: Vec::new(),
        }
    }

    /// Room to read at least `least` bytes into.
    pub(crate) fn space(&mut self, least: usize) -> &mut [u8] {
        if self.buffer.len() < self.filled + least {
            self.buffer
                .resize((self.filled + least).max(self.buffer.len() * 2), 0);
        }
        &mut self.buffer[self.filled..]
    }

    /// `count` bytes were read into the space.
    pub(crate) fn filled(&mut self, count: usize) {
        self.filled += count;
    }

    /// The complete lines so far, without their newlines (and without a carriage return before it).
    pub(crate) fn complete(&mut self) -> impl Iterator<Item = &[u8]> {
        let Self {
            buffer,
            filled,
            taken,
            searched,
            skipping,
            limit,
            too_long,
        } = self;
        let filled = &buffer[..*filled];
        std::iter::from_fn(move || {
            loop {
                let start = *taken;
                let end = (*searched).max(start);
                let newline = memchr(b'\n', &filled[end..]).map(|offset| end + offset)?;
                *taken = newline + 1;
                *searched = newline + 1;
                if std::mem::take(skipping) {
                    continue;
                }
                if newline - start > *limit {
                    too_long.push(newline - start);
                    continue;
                }
                return Some(without_return(&filled[start..newline]));
            }
        })
    }

    /// Moves the unfinished line to the front. Gives the lengths of those that went beyond the limit, once.
    pub(crate) fn compact(&mut self) -> Vec<usize> {
        self.buffer.copy_within(self.taken..self.filled, 0);
        self.filled -= self.taken;
        self.taken = 0;
        self.searched = self.filled;
        if self.buffer.len() > 4 * self.filled + (4 << 20) {
            self.buffer.truncate((self.filled * 2).max(1 << 20));
            self.buffer.shrink_to_fit();
        }
        let mut too_long = std::mem::take(&mut self.too_long);
        if self.filled > self.limit || self.skipping {
            if !std::mem::replace(&mut self.skipping, true) {
                too_long.push(self.filled);
            }
            self.filled = 0;
            self.searched = 0;
        }
        too_long
    }

    /// What is left without a newline at the end of the input.
    pub(crate) fn rest(&self) -> Option<&[u8]> {
        let rest = &self.buffer[self.taken..self.filled];
        (!rest.is_empty() && !self.skipping).then(|| without_return(rest))
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Lines;

    fn split(input: &[u8], sizes: &[usize], limit: usize) -> (Vec<Vec<u8>>, usize) {
        let mut lines = Lines::new(limit);
        let (mut out, mut too_long, mut at) = (Vec::new(), 0, 0);
        let mut sizes = sizes.iter().copied().cycle();
        while at < input.len() {
            let count = sizes.next().unwrap_or(1).clamp(1, input.len() - at);
            lines.space(count)[..count].copy_from_slice(&input[at..at + count]);
            lines.filled(count);
            at += count;
            out.extend(lines.complete().map(<[u8]>::to_vec));
            too_long += lines.compact().len();
        }
        out.extend(lines.rest().map(<[u8]>::to_vec));
        (out, too_long)
    }

    #[test]
    fn a_line_beyond_the_limit_is_skipped_and_the_next_one_is_whole() {
        // In pieces, at once, and with the newline in the read that goes beyond the limit.
        for size in [3, 100, 17] {
            let (lines, too_long) = split(b"ok\n0123456789abcdef\nnext\r\nlast", &[size], 10);
            assert_eq!(lines, [b"ok".to_vec(), b"next".to_vec(), b"last".to_vec()]);
            assert_eq!(too_long, 1, "in reads of {size}");
        }
    }

    /// What the lines of an input are, said without chunks.
    fn whole(input: &[u8], limit: usize) -> (Vec<Vec<u8>>, usize) {
        let mut parts: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
        parts.pop_if(|last| last.is_empty());
        let (kept, too_long): (Vec<&[u8]>, Vec<&[u8]>) =
            parts.into_iter().partition(|part| part.len() <= limit);
        let lines = kept
            .into_iter()
            .map(|part| super::without_return(part).to_vec());
        (lines.collect(), too_long.len())
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_chunks_with_any_limit_are_the_same_lines(
            input in prop::collection::vec(prop_oneof![2 => Just(b'\n'), 1 => Just(b'\r'), 6 => any::<u8>()], 0..300),
            sizes in prop::collection::vec(1usize..40, 1..8),
            limit in 0usize..40,
        ) {
            prop_assert_eq!(split(&input, &sizes, limit), whole(&input, limit));
        }

        #[test]
        fn chunking_changes_nothing(lines in prop::collection::vec("[a-z]{0,30}", 0..20), sizes in prop::collection::vec(1usize..50, 1..8)) {
            let input = lines.iter().flat_map(|line| [line.as_bytes(), b"\n"]).collect::<Vec<_>>().concat();
            let (out, too_long) = split(&input, &sizes, 1000);
            prop_assert_eq!(out, lines.iter().map(|line| line.as_bytes().to_vec()).collect::<Vec<_>>());
            prop_assert_eq!(too_long, 0);
        }
    }
}
