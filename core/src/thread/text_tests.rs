//! Lines that share a text: what they read as, and how much they keep alive.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use proptest::prelude::*;

use super::{Gathered, LONGEST};
use crate::protocol::scan::scan;
use crate::thread::event::{Event, unshare};

fn gather(lines: &[Vec<u8>]) -> Vec<(String, bool)> {
    let mut lines = lines.iter().map(Vec::as_slice).peekable();
    let (mut gathered, mut out) = (Gathered::default(), Vec::new());
    while gathered.next(&mut lines) {
        // A byte that is no text becomes a character of three.
        let mended = (0..gathered.len()).any(|number| gathered.is_mended(number));
        let longest = if mended { 3 * LONGEST } else { LONGEST };
        assert!(gathered.len() == 1 || gathered.text.len() <= longest);
        for number in 0..gathered.len() {
            let line = gathered.line(number).as_str().to_owned();
            out.push((line, gathered.is_mended(number)));
        }
    }
    out
}

proptest! {
    #[test]
    fn lines_read_as_they_do_alone(
        lines in prop::collection::vec(prop_oneof![
            "[a-zé😀]{0,40}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>().prop_filter("no newline", |byte| *byte != b'\n'), 0..20),
            (0usize..40_000).prop_map(|length| vec![b'x'; length]),
        ], 0..20),
    ) {
        let alone: Vec<(String, bool)> = lines
            .iter()
            .map(|line| (String::from_utf8_lossy(line).into_owned(), std::str::from_utf8(line).is_err()))
            .collect();
        prop_assert_eq!(gather(&lines), alone);
    }
}

#[test]
fn replaced_bytes_may_make_a_text_longer() {
    let lines = [vec![b'x'; LONGEST - 100], vec![0xff; 90]];
    let gathered = gather(&lines);
    assert_eq!(gathered[1], ("\u{fffd}".repeat(90), true));
}

#[test]
fn half_a_character_takes_nothing_from_the_next_line() {
    let lines = [b"a\xc3".to_vec(), b"\xa9b".to_vec()];
    let gathered = gather(&lines);
    assert_eq!(
        gathered,
        [
            ("a\u{fffd}".to_owned(), true),
            ("\u{fffd}b".to_owned(), true)
        ]
    );
}

/// Events of one text, in which each has `others` lines of other turns before it.
fn events(count: usize, others: usize) -> Vec<Event> {
    let line = |turn: &str| {
        format!(
            r#"{{"method":"item/agentMessage/delta","params":{{"threadId":"t","turnId":"{turn}","itemId":"i","delta":"x"}}}}"#
        )
        .into_bytes()
    };
    let mut lines = Vec::new();
    for _ in 0..count {
        lines.extend((0..others).map(|_| line("other")));
        lines.push(line("u"));
    }
    let mut lines = lines.iter().map(Vec::as_slice).peekable();
    let (mut gathered, mut out) = (Gathered::default(), Vec::new());
    while gathered.next(&mut lines) {
        for number in 0..gathered.len() {
            let line = gathered.line(number);
            let event = Event::of(line, &scan(line.as_str()).unwrap());
            if event.turn_id() == Some("u") {
                out.push(event);
            }
        }
    }
    out
}

/// The bytes of all texts that the events keep alive.
fn kept(events: &[Event]) -> usize {
    let mut texts: Vec<&Arc<String>> = events.iter().map(Event::text).collect();
    texts.dedup_by(|one, other| Arc::ptr_eq(one, other));
    texts.iter().map(|text| text.len()).sum()
}

#[test]
fn a_queues_events_keep_little_else_alive() {
    for others in [0, 1, 2, 5, 50] {
        let mut events = events(400, others);
        let before: Vec<String> = events.iter().map(|event| event.line().to_owned()).collect();
        unshare(&mut events);
        let after: Vec<&str> = events.iter().map(Event::line).collect();
        assert_eq!(before, after);
        let own: usize = before.iter().map(String::len).sum();
        assert!(
            kept(&events) <= 4 * own + 1024,
            "{others}: {} of {own}",
            kept(&events)
        );
        assert!(
            events
                .iter()
                .all(|event| event.turn_id() == Some("u") && event.item_id() == Some("i"))
        );
    }
}

#[test]
fn an_event_that_is_kept_keeps_itself_alone() {
    let events = events(3, 20);
    let detached = events[1].detach();
    assert_eq!(detached.line(), events[1].line());
    assert_eq!(detached.text().len(), detached.line().len());
    assert_eq!(detached.delta_text(), events[1].delta_text());
}
