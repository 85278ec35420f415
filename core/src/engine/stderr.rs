//! The engine's standard error: always drained, any bytes, the end of it kept for error messages.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::redact::redact;

/// Bytes kept.
const TAIL: usize = 64 << 10;
/// Bytes that go into an error.
const EXCERPT: usize = 4 << 10;

/// The last bytes that the engine wrote to its standard error.
#[derive(Clone, Default)]
pub(crate) struct StderrTail(Arc<Mutex<VecDeque<u8>>>);

impl StderrTail {
    fn push(&self, bytes: &[u8]) {
        let mut tail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend(&bytes[bytes.len().saturating_sub(TAIL)..]);
        let excess = tail.len().saturating_sub(TAIL);
        tail.drain(..excess);
    }

    /// The whole tail, as text without terminal colours and secrets.
    pub(crate) fn text(&self) -> String {
        let tail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = tail.iter().copied().collect();
        redact(&without_escapes(&String::from_utf8_lossy(&bytes))).into_owned()
    }

    /// The last lines, short enough for an error.
    pub(crate) fn excerpt(&self) -> String {
        let text = self.text();
        let mut start = text.len().saturating_sub(EXCERPT);
        while !text.is_char_boundary(start) {
            start += 1;
        }
        text[start..].trim().to_owned()
    }
}

/// Reads to the end, so that the engine never blocks on a full pipe.
pub(crate) async fn drain(mut from: impl AsyncRead + Unpin, tail: StderrTail) {
    let mut buffer = vec![0; 16 << 10];
    loop {
        match from.read(&mut buffer).await {
            Ok(0) => return,
            Ok(count) => tail.push(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// Drops ANSI control sequences: `ESC [ ... letter`.
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
        } else if chars.next_if_eq(&'[').is_some() {
            while chars.next().is_some_and(|c| !c.is_ascii_alphabetic()) {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_bounded_and_takes_any_bytes() {
        let tail = StderrTail::default();
        tail.push(&[b'x'; TAIL]);
        tail.push(b"\xff\x1b[31mred\x1b[0m end");
        assert!(tail.text().len() <= TAIL + 16);
        assert!(
            tail.text().ends_with("red end"),
            "{:?}",
            &tail.text()[TAIL - 40..]
        );
        assert!(tail.excerpt().len() <= EXCERPT);
    }
}
