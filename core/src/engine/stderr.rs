//! What a process writes: always drained, any bytes, the end of it kept. The engine's standard error is told in errors.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::redact::redact;

/// Bytes kept of a standard error.
const TAIL: usize = 64 << 10;
/// Bytes that go into an error.
const EXCERPT: usize = 4 << 10;

/// The last bytes that a process wrote. Clones are the same.
#[derive(Clone)]
pub(crate) struct OutputTail(Arc<Mutex<Tail>>);

struct Tail {
    bytes: VecDeque<u8>,
    most: usize,
    truncated: bool,
}

impl Default for OutputTail {
    fn default() -> Self {
        Self::of(TAIL)
    }
}

impl OutputTail {
    /// Keeps `most` bytes.
    pub(crate) fn of(most: usize) -> Self {
        Self(Arc::new(Mutex::new(Tail {
            bytes: VecDeque::new(),
            most,
            truncated: false,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Tail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, bytes: &[u8]) {
        let mut tail = self.lock();
        let kept = &bytes[bytes.len().saturating_sub(tail.most)..];
        tail.bytes.extend(kept);
        let excess = tail.bytes.len().saturating_sub(tail.most);
        tail.bytes.drain(..excess);
        tail.truncated |= excess > 0 || kept.len() < bytes.len();
    }

    /// The text as it came, and whether its beginning is missing.
    pub(crate) fn raw(&self) -> (String, bool) {
        let tail = self.lock();
        let bytes: Vec<u8> = tail.bytes.iter().copied().collect();
        (String::from_utf8_lossy(&bytes).into_owned(), tail.truncated)
    }

    /// The whole tail, as text without terminal colours and secrets.
    pub(crate) fn text(&self) -> String {
        let (text, truncated) = self.raw();
        // The line whose beginning is missing may begin with half a secret.
        let whole = text.split_once('\n').filter(|_| truncated);
        let text = whole.map_or(&*text, |(_, rest)| rest);
        redact(&without_escapes(text)).into_owned()
    }

    /// The last lines as the end of an error's message; empty if there are none.
    pub(crate) fn last_words(&self) -> String {
        let tail = self.excerpt();
        if tail.is_empty() {
            return tail;
        }
        format!(", the last it wrote to standard error:\n{tail}")
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

/// Reads to the end, so that the process never blocks on a full pipe.
pub(crate) async fn drain(mut from: impl AsyncRead + Unpin, tail: OutputTail) {
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
        let tail = OutputTail::default();
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
