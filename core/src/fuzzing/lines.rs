//! What the engine writes: bytes to lines, lines to messages, messages to deliveries.

use std::collections::HashMap;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::{as_text, choice};
use crate::error::Error;
use crate::protocol::lenient::{self, replace_lone_surrogates};
use crate::protocol::scan::{ScanError, scan};
use crate::session;
use crate::session::diagnostics::Diagnostic;
use crate::session::router::{IncomingRequest, Router, Sink, Subscriber};
use crate::thread::event::Event;
use crate::transport::framing::Lines;

/// Bytes of an engine. The first two choose the limit of a line and the size of the reads.
///
/// # Panics
/// When something that must hold of any bytes does not.
pub fn lines(data: &[u8]) {
    let (limit, data) = choice(data);
    let (size, data) = choice(data);
    // Most inputs are to be read whole; a few run into the limit.
    let limit = if limit < 32 {
        usize::from(limit)
    } else {
        1 << 20
    };
    let (found, too_long) = split(data, usize::from(size).max(1), limit);
    let expected = naively(data, limit);
    assert_eq!((&found, too_long), (&expected.0, expected.1));
    for line in &found {
        agrees_with_serde(&as_text(line));
    }
    route(&found);
    session::fuzz_feed(&found);
}

fn split(input: &[u8], size: usize, limit: usize) -> (Vec<Vec<u8>>, usize) {
    let mut lines = Lines::new(limit);
    let (mut out, mut too_long) = (Vec::new(), 0);
    for piece in input.chunks(size) {
        lines.space(piece.len())[..piece.len()].copy_from_slice(piece);
        lines.filled(piece.len());
        out.extend(lines.complete().map(<[u8]>::to_vec));
        too_long += lines.compact().len();
    }
    out.extend(lines.rest().map(<[u8]>::to_vec));
    (out, too_long)
}

/// The same, written as one would say it.
fn naively(input: &[u8], limit: usize) -> (Vec<Vec<u8>>, usize) {
    let mut parts: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    if parts.last().is_some_and(|last| last.is_empty()) {
        parts.pop();
    }
    let too_long = parts.iter().filter(|part| part.len() > limit).count();
    let kept = parts.iter().filter(|part| part.len() <= limit);
    let lines = kept.map(|part| part.strip_suffix(b"\r").unwrap_or(part).to_vec());
    (lines.collect(), too_long)
}

fn agrees_with_serde(line: &str) {
    let serde = serde_json::from_str::<IgnoredAny>(line);
    match scan(line) {
        Ok(spans) => {
            assert!(serde.is_ok(), "{line}");
            for span in [
                spans.method,
                spans.id,
                spans.params,
                spans.thread_id,
                spans.turn_id,
                spans.item_id,
                spans.delta,
            ] {
                assert!(!span.is_some() || span.of(line).is_some(), "{line}");
            }
        }
        Err(ScanError::NotAnObject) => assert!(serde.is_ok(), "{line}"),
        Err(ScanError::Malformed(at)) => assert!(serde.is_err() && at <= line.len(), "{line}"),
    }
    let mended = replace_lone_surrogates(line);
    assert_eq!(replace_lone_surrogates(&mended), mended);
    if serde.is_ok() && line.len() < 4096 {
        // What is JSON to the letter can be decoded, whatever its surrogates are; numbers may still be too large.
        let decoded = lenient::from_str::<Value>(line);
        assert!(
            decoded.is_ok()
                || decoded.is_err_and(|error| error.to_string().contains("number out of range")),
            "{line}"
        );
    }
}

#[derive(Default)]
struct Seen {
    responses: HashMap<u64, u32>,
    deliveries: usize,
    notifications: usize,
}

impl Sink for Seen {
    fn response(&mut self, id: u64, _answer: Result<&str, Error>) {
        *self.responses.entry(id).or_default() += 1;
        self.deliveries += 1;
    }
    fn bound(&mut self, _reader: Subscriber, _turn_id: &str) {}
    fn turn_event(&mut self, _reader: Subscriber, event: Event) {
        assert!(event.turn_id().is_some());
        self.notifications += 1;
        self.deliveries += 1;
    }
    fn unclaimed(&mut self, _event: Event) {
        self.notifications += 1;
        self.deliveries += 1;
    }
    fn server_request(&mut self, request: IncomingRequest) {
        assert!(serde_json::from_str::<IgnoredAny>(&request.id).is_ok());
        self.deliveries += 1;
    }
    fn suspect(&mut self, _thread_id: &str) {}
    fn orphan(&mut self, _thread_id: &str, _turn_id: &str) {}
    fn diagnostic(&mut self, _diagnostic: Diagnostic) {
        self.deliveries += 1;
    }
}

/// Each line is delivered or reported, and no request is answered twice.
fn route(lines: &[Vec<u8>]) {
    let mut router = Router::default();
    let mut seen = Seen::default();
    router.request("model/list");
    router.start_turn("t", 7);
    let given_up = router.start_turn("t", 8);
    router.start_turn("thread-1", 9);
    router.abandon(given_up);
    for line in lines {
        let before = seen.deliveries;
        router.line(&as_text(line), &mut seen);
        assert!(
            seen.deliveries > before,
            "nobody hears of {:?}",
            as_text(line)
        );
    }
    router.unsubscribe("u", 7);
    router.disconnect(&mut seen);
    router.close(&mut seen);
    assert!(seen.responses.values().all(|count| *count == 1));
}
