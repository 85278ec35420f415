//! The queue against random deltas: joining changes how many events there are, and nothing else.
#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::protocol::scan::scan;

/// What is done to the queue.
#[derive(Clone, Debug)]
enum Step {
    /// The next piece of one item's text: so many UTF-16 units, escaped or as they are.
    Delta {
        item: usize,
        units: usize,
        escaped: bool,
    },
    /// Another event, of this item.
    Other { item: usize },
    /// A reader takes so many.
    Drain { most: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0usize..3, 0usize..5, any::<bool>())
            .prop_map(|(item, units, escaped)| Step::Delta { item, units, escaped }),
        1 => (0usize..3).prop_map(|item| Step::Other { item }),
        1 => (0usize..6).prop_map(|most| Step::Drain { most }),
    ]
}

fn event(line: &str) -> Event {
    Event::new(line, &scan(line).unwrap())
}

/// The contents of a JSON string for a piece of text that may begin or end within a pair of surrogates.
fn contents(units: &[u16], escaped: bool) -> String {
    match String::from_utf16(units) {
        Ok(text) if !escaped => {
            let quoted = json!(text).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        }
        _ => units.iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    }
}

fn delta(item: usize, contents: &str, last_key: bool) -> Event {
    let delta = format!(r#""delta":"{contents}""#);
    let ids = format!(r#""threadId":"t","turnId":"u","itemId":"i{item}""#);
    let (first, second) = if last_key { (ids, delta) } else { (delta, ids) };
    event(&format!(
        r#"{{"method":"item/agentMessage/delta","params":{{{first},{second}}},"emittedAtMs":5}}"#
    ))
}

/// The sequence with adjacent deltas of one item joined: what must be the same before and after.
fn joined(events: impl IntoIterator<Item = Event>) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for event in events {
        let (name, text) = if event.is_delta() {
            let params = event.params();
            let start = params.find(r#""delta":""#).unwrap() + 9;
            let end = start
                + params[start..]
                    .find(r#"""#)
                    .map_or(0, |_| string_end(&params[start..]));
            (
                event.item_id().unwrap().to_owned(),
                params[start..end].to_owned(),
            )
        } else {
            (event.line().to_owned(), String::new())
        };
        match out.last_mut() {
            Some((last, sofar)) if event.is_delta() && *last == name => sofar.push_str(&text),
            _ => out.push((name, text)),
        }
    }
    out
}

/// Where the contents of a JSON string end.
fn string_end(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'"' => return at,
            _ => {}
        }
    }
    text.len()
}

proptest! {
    #[test]
    fn joining_keeps_text_order_and_count(
        texts in prop::collection::vec("\\PC{0,12}|[\\x00-\\x7f]{0,12}|[\u{1f600}-\u{1f64f}]{0,6}", 3),
        steps in prop::collection::vec(step(), 0..60),
        soft in 0usize..5,
        last_key in any::<bool>(),
    ) {
        let limits = QueueLimits { soft_events: soft, ..QueueLimits::default() };
        let stream = EventStream::new(Keep::All, limits);
        let mut left: Vec<Vec<u16>> = texts.iter().map(|text| text.encode_utf16().collect()).collect();
        let (mut pushed, mut got) = (Vec::new(), VecDeque::new());
        let mut wakeups = Wakeups::default();
        let ends = (0..3).map(|item| Step::Delta { item, units: usize::MAX, escaped: false });
        for step in steps.into_iter().chain(ends) {
            match step {
                Step::Delta { item, units, escaped } => {
                    let rest = &mut left[item];
                    let piece: Vec<u16> = rest.drain(..units.min(rest.len())).collect();
                    let event = delta(item, &contents(&piece, escaped), last_key);
                    pushed.push(event.clone());
                    stream.push(event, &mut wakeups);
                }
                Step::Other { item } => {
                    let line = json!({"method": "item/started", "params": {"turnId": "u", "itemId": format!("i{item}"), "n": pushed.len()}});
                    pushed.push(event(&line.to_string()));
                    stream.push(event(&line.to_string()), &mut wakeups);
                }
                Step::Drain { most } => {
                    let mut batch = VecDeque::new();
                    prop_assert!(matches!(stream.drain(&mut batch, most), StreamState::Open));
                    prop_assert!(batch.len() <= most);
                    got.append(&mut batch);
                }
            }
        }
        stream.end(Ok(()), &mut wakeups);
        let mut batch = VecDeque::new();
        prop_assert!(matches!(stream.drain(&mut batch, usize::MAX), StreamState::Ended));
        got.append(&mut batch);

        prop_assert_eq!(got.iter().map(Event::merged).sum::<u32>() as usize, pushed.len());
        prop_assert_eq!(stream.coalesced() as usize, pushed.len() - got.len());
        // A joined event is as if the engine had sent it: every span fits its line.
        for event in &got {
            let fresh = self::event(event.line());
            prop_assert_eq!(event.params_range(), fresh.params_range());
            prop_assert_eq!(event.item_id_range(), fresh.item_id_range());
            prop_assert_eq!(event.turn_id_range(), fresh.turn_id_range());
            prop_assert_eq!(event.delta_text(), fresh.delta_text());
        }
        let got = joined(got);
        prop_assert_eq!(&got, &joined(pushed));
        for (item, text) in texts.iter().enumerate() {
            let name = format!("i{item}");
            let whole: String = got.iter().filter(|(other, _)| *other == name).map(|(_, text)| text.as_str()).collect();
            let decoded: String = serde_json::from_str(&format!("\"{whole}\"")).unwrap();
            prop_assert_eq!(&decoded, text);
        }
    }

    #[test]
    fn what_a_lagging_stream_gives_up_is_counted(count in 0usize..80, hard in 1usize..40, soft in 0usize..50, every in 1usize..10) {
        let limits = QueueLimits { soft_events: soft, hard_events: hard, ..QueueLimits::default() };
        let stream = EventStream::new(Keep::All, limits);
        let mut wakeups = Wakeups::default();
        for number in 0..count {
            let next = if number % every == 0 {
                event(r#"{"method":"item/started","params":{"turnId":"u"}}"#)
            } else {
                delta(0, "x", true)
            };
            stream.push(next, &mut wakeups);
        }
        stream.end(Ok(()), &mut wakeups);
        let mut got = VecDeque::new();
        let state = stream.drain(&mut got, usize::MAX);
        let told: u64 = got.iter().map(|event| u64::from(event.merged())).sum();
        prop_assert_eq!(told + stream.dropped(), count as u64);
        match state {
            StreamState::Ended => prop_assert_eq!(stream.dropped(), 0),
            StreamState::Failed(error) => prop_assert_eq!(error.skipped(), Some(stream.dropped())),
            StreamState::Open => prop_assert!(false, "it has ended"),
        }
    }
}

#[test]
fn a_panicking_callback_harms_nobody_else() {
    let stream = EventStream::new(Keep::All, QueueLimits::default());
    stream.set_wake(Some(Arc::new(|| panic!("a callback that panics"))));
    let mut wakeups = Wakeups::default();
    stream.push(delta(0, "x", true), &mut wakeups);
    let called = Arc::new(Mutex::new(false));
    let flag = called.clone();
    wakeups
        .callbacks
        .push(Box::new(move || *flag.lock().unwrap() = true));
    wakeups.run();
    assert!(*called.lock().unwrap());
}

#[test]
fn a_wake_that_reads_when_it_is_dropped_does_not_deadlock() {
    struct Reads(EventStream);
    impl Drop for Reads {
        fn drop(&mut self) {
            let _ = self.0.dropped();
        }
    }
    let stream = EventStream::new(Keep::All, QueueLimits::default());
    let reads = Reads(stream.clone());
    stream.set_wake(Some(Arc::new(move || {
        let _ = reads.0.dropped();
    })));
    stream.set_wake(None);
}

#[test]
fn a_batch_is_handed_on_whole_and_in_order() {
    let limits = QueueLimits {
        soft_events: 300,
        ..QueueLimits::default()
    };
    let stream = EventStream::new(Keep::All, limits);
    let mut wakeups = Wakeups::default();
    let numbered = |number: usize| {
        let line = json!({"method": "item/started", "params": {"turnId": "u", "itemId": number.to_string()}});
        event(&line.to_string())
    };
    // Whole, whole, event by event beyond the limit, and alone.
    for batch in [0..100, 100..250, 250..350, 350..351] {
        let mut events: Vec<Event> = batch.map(numbered).collect();
        stream.push_all(&mut events, &mut wakeups);
        assert!(events.is_empty());
    }
    assert_eq!(stream.waiting(), 351);
    let (mut got, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let mut batch = VecDeque::new();
        assert!(matches!(stream.drain_batch(&mut batch), StreamState::Open));
        if batch.is_empty() {
            break;
        }
        sizes.push(batch.len());
        got.extend(batch);
    }
    assert_eq!(sizes[..2], [100, 150]);
    let ids: Vec<String> = (0..351).map(|number| number.to_string()).collect();
    assert!(
        got.iter()
            .map(|event| event.item_id().unwrap())
            .eq(ids.iter().map(String::as_str))
    );
    assert_eq!((stream.waiting(), stream.lock().bytes), (0, 0));
}

#[test]
fn the_bytes_of_what_is_left_are_known() {
    let stream = EventStream::new(Keep::All, QueueLimits::default());
    let mut wakeups = Wakeups::default();
    let one = delta(0, "x", true);
    let bytes = one.line().len();
    stream.push_all(&mut vec![one; 200], &mut wakeups);
    let mut out = VecDeque::new();
    stream.drain(&mut out, 30);
    assert_eq!((out.len(), stream.lock().bytes), (30, 170 * bytes));
    stream.drain(&mut out, 1000);
    assert_eq!((out.len(), stream.lock().bytes), (200, 0));
}
