//! Scanning lines that begin as an earlier one did.
//!
//! The lines of a stream differ from their delta's text on; what comes before, with the ids, is most of a line. How
//! the scanner stands after it depends on these bytes alone, so a line that begins with the same bytes is scanned
//! from there; and one that ends with the same bytes, too, only up to them.

use super::scan::{Envelope, ScanError, Seen, Tail, scan_noting};

/// Beginnings that are remembered: the streams of so many turns can alternate.
const SLOTS: usize = 256;
/// Longer beginnings are not worth their memory.
const LONGEST: usize = 512;

/// The beginnings of earlier lines.
#[cfg_attr(test, derive(Clone))]
#[derive(Default)]
pub(crate) struct Beginnings(Vec<Beginning>);

#[derive(Clone, Default)]
struct Beginning {
    bytes: Vec<u8>,
    seen: Option<Seen>,
    tail: Tail,
}

impl Beginnings {
    /// As [`scan`](super::scan::scan), to the letter.
    pub(crate) fn scan(&mut self, line: &str) -> Result<Envelope, ScanError> {
        let bytes = line.as_bytes();
        let slot = slot(bytes);
        if let Some(Beginning {
            bytes: same,
            seen,
            tail,
        }) = self.0.get_mut(slot)
            && let Some(seen) = seen
            && bytes.starts_with(same)
            && let Some(envelope) = seen.go_on(line, tail)
        {
            return Ok(envelope);
        }
        let mut seen = None;
        let scanned = scan_noting(line, &mut seen);
        if let Some(seen) = seen
            && seen.at <= LONGEST
            && scanned.is_ok()
        {
            self.note(slot, &bytes[..seen.at], seen);
        }
        scanned
    }

    fn note(&mut self, slot: usize, bytes: &[u8], seen: Seen) {
        if self.0.is_empty() {
            self.0.resize(SLOTS, Beginning::default());
        }
        if let Some(place) = self.0.get_mut(slot) {
            place.bytes.clear();
            place.bytes.extend_from_slice(bytes);
            place.seen = Some(seen);
            place.tail = Tail::default();
        }
    }
}

/// Where a line's beginning has its place. The end of the thread's id, which tells streams apart, is among these bytes,
/// whichever method the line has.
fn slot(line: &[u8]) -> usize {
    const IDS: std::ops::Range<usize> = 72..104;
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, _) = line.get(IDS).unwrap_or_default().as_chunks::<8>();
    let mixed = words.iter().fold(0u64, |mixed, word| {
        (mixed.rotate_left(7) ^ u64::from_le_bytes(*word)).wrapping_mul(ODD)
    });
    (mixed >> (u64::BITS - SLOTS.ilog2())) as usize
}

#[cfg(test)]
#[path = "again_tests.rs"]
mod tests;
