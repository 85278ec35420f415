use std::collections::VecDeque;

use super::*;
use crate::thread::queue::{Keep, QueueLimits};

fn event(line: &str) -> Event {
    Event::from_json(line).expect("a notification")
}

fn item(id: &str) -> Event {
    event(&format!(
        r#"{{"method":"item/completed","params":{{"item":{{"type":"agentMessage","id":"{id}","text":"{id}"}},"threadId":"t","turnId":"u"}}}}"#
    ))
}

fn delta(id: &str) -> Event {
    event(&format!(
        r#"{{"method":"item/agentMessage/delta","params":{{"threadId":"t","turnId":"u","itemId":"{id}","delta":"x"}}}}"#
    ))
}

fn usage(total: u32) -> Event {
    event(&format!(
        r#"{{"method":"thread/tokenUsage/updated","params":{{"threadId":"t","turnId":"u","tokenUsage":{{"total":{total}}}}}}}"#
    ))
}

fn end(status: &str) -> Event {
    event(&format!(
        r#"{{"method":"turn/completed","params":{{"threadId":"t","turn":{{"id":"u","status":"{status}","items":[]}}}}}}"#
    ))
}

fn marker() -> Event {
    event(r#"{"method":"codexkit/reconnected","params":{"threadId":"t","turnId":"u","attempt":1}}"#)
}

/// A turn that has seen `before`, lost its connection, and got `after` before it was known what it missed.
fn turn(before: &[Event], after: &[Event]) -> Arc<TurnState> {
    let turn = Arc::new(TurnState::new("t", Keep::All, QueueLimits::default()));
    let mut wakeups = Wakeups::default();
    turn.bind("u", &mut wakeups);
    turn.events(&mut before.to_vec(), &mut wakeups);
    turn.open_gap(marker(), &mut wakeups);
    turn.events(&mut after.to_vec(), &mut wakeups);
    turn
}

/// What the reader sees, as methods with the items' ids.
fn seen(turn: &TurnState) -> Vec<String> {
    let mut events = VecDeque::new();
    turn.stream.drain(&mut events, usize::MAX);
    let show = |event: &Event| {
        let method = event
            .method()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        event
            .item_id()
            .map_or(method.clone(), |id| format!("{method} {id}"))
    };
    events.iter().map(show).collect()
}

fn items(turn: &TurnState) -> Vec<String> {
    let result = turn.try_result().expect("ended").expect("no failure");
    result
        .items
        .iter()
        .map(|item| item.get().split('"').nth(7).unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn what_was_missed_comes_before_what_waited_and_nothing_twice() {
    let turn = turn(&[item("a"), usage(1)], &[usage(1), delta("c"), item("c")]);
    assert_eq!(seen(&turn), ["completed a", "updated", "reconnected"]);
    let read = vec![item("a"), item("b"), item("c")];
    assert!(!turn.close_gap(read, None, &mut Wakeups::default()));
    assert_eq!(seen(&turn), ["completed b", "delta c", "completed c"]);
    turn.events(&mut vec![end("completed")], &mut Wakeups::default());
    assert_eq!(items(&turn), ["a", "b", "c"]);
}

#[test]
fn a_turn_that_ended_meanwhile_ends_once() {
    let gone = turn(&[item("a")], &[]);
    let read = || vec![item("a"), item("b")];
    assert!(gone.close_gap(read(), Some(end("interrupted")), &mut Wakeups::default()));
    assert_eq!(
        seen(&gone),
        ["completed a", "reconnected", "completed b", "completed"]
    );
    assert_eq!(items(&gone), ["a", "b"]);
    // Its end came after the thread was resumed: that one counts.
    let live = turn(&[item("a")], &[end("completed")]);
    assert!(!live.close_gap(read(), Some(end("interrupted")), &mut Wakeups::default()));
    assert_eq!(items(&live), ["a", "b"]);
    assert_eq!(
        live.try_result()
            .expect("ended")
            .expect("no failure")
            .status,
        "completed"
    );
}

#[test]
fn an_engine_that_renames_items_gives_none_twice() {
    let turn = turn(&[item("a"), item("b")], &[end("completed")]);
    let read = vec![item("item-1"), item("item-2"), item("item-3")];
    turn.close_gap(read, None, &mut Wakeups::default());
    assert_eq!(items(&turn), ["a", "b", "item-3"]);
}

#[test]
fn a_second_loss_before_the_first_is_mended_keeps_the_order() {
    let turn = turn(&[], &[item("b")]);
    turn.open_gap(marker(), &mut Wakeups::default());
    turn.events(&mut vec![item("d")], &mut Wakeups::default());
    let read = vec![item("a"), item("b"), item("c"), item("d")];
    turn.close_gap(read, None, &mut Wakeups::default());
    assert_eq!(
        seen(&turn),
        [
            "reconnected",
            "completed a",
            "completed c",
            "completed b",
            "reconnected",
            "completed d"
        ]
    );
}

#[test]
fn a_flood_passes_and_what_was_missed_follows() {
    let flood: Vec<Event> = (0..=MOST_HELD)
        .map(|number| item(&number.to_string()))
        .collect();
    let turn = turn(&[], &flood);
    assert_eq!(seen(&turn).len(), flood.len() + 1);
    turn.close_gap(
        vec![item("0"), item("missed")],
        None,
        &mut Wakeups::default(),
    );
    assert_eq!(seen(&turn), ["completed missed"]);
}
