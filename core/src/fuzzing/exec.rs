//! What `codex exec --json` writes, what a process writes to its standard error, and a map's journal.

use serde::de::IgnoredAny;

use super::{as_text, choice};
use crate::engine::stderr::OutputTail;
use crate::exec;
use crate::map;
use crate::redact::redact;

/// The first byte chooses what reads the rest.
///
/// # Panics
/// When something that must hold of any bytes does not.
pub fn exec(data: &[u8]) {
    let (kind, data) = choice(data);
    match kind % 3 {
        0 => data.split(|byte| *byte == b'\n').for_each(line),
        1 => tail(data),
        _ => map::fuzz_journal(data),
    }
}

fn line(line: &[u8]) {
    let Some(event) = exec::fuzz_line(line) else {
        return;
    };
    assert!(serde_json::from_str::<IgnoredAny>(event.raw()).is_ok());
    assert!(event.json().is_object(), "{event:?}");
    assert!(event.kind().len() <= event.raw().len());
}

fn tail(data: &[u8]) {
    let (most, data) = choice(data);
    let (size, data) = choice(data);
    let most = usize::from(most).max(1);
    let tail = OutputTail::of(most);
    for piece in data.chunks(usize::from(size).max(1)) {
        tail.push(piece);
    }
    let (raw, truncated) = tail.raw();
    let end = &data[data.len().saturating_sub(most)..];
    assert_eq!(
        (raw.as_str(), truncated),
        (&*as_text(end), data.len() > most)
    );
    for text in [
        tail.text(),
        tail.excerpt(),
        tail.last_words(),
        redact(&raw).into_owned(),
    ] {
        // What stands in a secret's place may be longer than it, and there is a sentence before the last words.
        assert!(text.len() <= 2 * raw.len() + 64, "{text}");
    }
}
