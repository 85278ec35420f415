//! A quick hash for ids: every event of a turn is looked up twice by one.
//!
//! The ids are the engine's and our own, so nobody can choose them to collide.

use std::hash::{BuildHasherDefault, Hasher};

/// For maps whose keys are ids.
pub(crate) type IdHasher = BuildHasherDefault<IdHash>;

#[derive(Default)]
pub(crate) struct IdHash(u64);

impl IdHash {
    fn mix(&mut self, word: u64) {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        let mixed = (self.0.rotate_left(23) ^ word).wrapping_mul(ODD);
        self.0 = mixed ^ (mixed >> 32);
    }
}

impl Hasher for IdHash {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            self.mix(u64::from_le_bytes(last));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.mix(u64::from(byte));
    }

    fn write_u64(&mut self, word: u64) {
        self.mix(word);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
