//! Answers that grow: at any split, what is told is a beginning of what comes out in the end.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::output::{OutputSchema, Partial, PartialOutputs};
use crate::protocol::scan::scan;
use crate::thread::event::Event;

fn partial(text: &str) -> Option<Value> {
    let mut partial = Partial::new();
    partial.feed(text);
    partial.value()
}

#[test]
fn what_is_certain_is_told() {
    let cases = [
        ("", None),
        (" {", Some(json!({}))),
        (r#"{"a"#, Some(json!({}))),
        (r#"{"a":"#, Some(json!({}))),
        (r#"{"a":1"#, Some(json!({}))),
        (r#"{"a":12,"#, Some(json!({"a": 12}))),
        (r#"{"a":tr"#, Some(json!({}))),
        (r#"{"a":true "#, Some(json!({"a": true}))),
        (r#"{"a":"x"#, Some(json!({"a": "x"}))),
        (r#"{"a":"x\"#, Some(json!({"a": "x"}))),
        (r#"{"a":"x\u00e"#, Some(json!({"a": "x"}))),
        (r#"{"a":"x\ud83d"#, Some(json!({"a": "x"}))),
        (r#"{"a":"x\ud83d\ude00"#, Some(json!({"a": "x\u{1f600}"}))),
        (r#"{"a":[{"b":["c"#, Some(json!({"a": [{"b": ["c"]}]}))),
        ("[1,2", Some(json!([1]))),
        ("[1,2]", Some(json!([1, 2]))),
        ("[1,2] and more", Some(json!([1, 2]))),
        ("4", None),
        ("```json\n{\"a\": [", Some(json!({"a": []}))),
        ("Here it is:\n\n```\n[\"x", Some(json!(["x"]))),
        ("the answer `x` is\n{", None),
        (r#"{"a": nope, "b": 1}"#, Some(json!({}))),
    ];
    for (text, expected) in cases {
        assert_eq!(partial(text), expected, "{text}");
    }
    let mut number = Partial::new();
    number.feed("4");
    number.finish();
    assert_eq!(
        (number.value(), number.is_complete()),
        (Some(json!(4)), true)
    );
}

#[test]
fn depth_is_limited() {
    assert_eq!(
        partial(&"[".repeat(100_000)).map(|value| value.is_array()),
        Some(true)
    );
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\u{0}-\u{20}\"\\\\\u{1f600}a]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[a-c\"\u{e9}]{0,2}", inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Whether one value can grow to another.
fn begins(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::String(part), Value::String(whole)) => whole.starts_with(part.as_str()),
        (Value::Array(part), Value::Array(whole)) => {
            let last = part.len().saturating_sub(1);
            part.len() <= whole.len()
                && part
                    .iter()
                    .zip(whole)
                    .enumerate()
                    .all(|(index, (part, whole))| {
                        part == whole || (index == last && begins(part, whole))
                    })
        }
        (Value::Object(part), Value::Object(whole)) => {
            let open = part
                .iter()
                .filter(|(key, part)| whole.get(*key) != Some(part));
            let fits =
                open.map(|(key, part)| whole.get(key).is_some_and(|whole| begins(part, whole)));
            // Only the last member is still open.
            let fits: Vec<bool> = fits.collect();
            fits.len() <= 1 && fits.iter().all(|fits| *fits)
        }
        _ => part == whole,
    }
}

/// All characters outside of ASCII as escapes, halves of pairs on their own.
fn escaped(text: &str) -> String {
    let mut units = [0; 2];
    text.chars()
        .map(|letter| match letter.is_ascii() {
            true => letter.to_string(),
            false => {
                let units = letter.encode_utf16(&mut units);
                units.iter().map(|unit| format!("\\u{unit:04x}")).collect()
            }
        })
        .collect()
}

proptest! {
    #[test]
    fn each_prefix_grows_to_the_whole(value in values(), pretty in any::<bool>(), escape in any::<bool>(), fence in any::<bool>()) {
        let mut text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.expect("JSON");
        if escape {
            text = escaped(&text);
        }
        let expected: Value = serde_json::from_str(&text).expect("what was written");
        if fence {
            text = format!("Well:\n```json\n{text}\n```");
        }
        let mut reader = Partial::new();
        for letter in text.chars() {
            reader.feed(letter.encode_utf8(&mut [0; 4]));
            if let Some(part) = reader.value() {
                prop_assert!(begins(&part, &expected), "{part} of {expected}");
            }
        }
        reader.finish();
        prop_assert!(reader.is_complete());
        prop_assert_eq!(reader.value(), Some(expected));
    }

    #[test]
    fn pieces_make_no_difference(value in values(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5)) {
        let text = value.to_string();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).filter(|cut| text.is_char_boundary(*cut)).collect();
        cuts.sort_unstable();
        let mut reader = Partial::new();
        let mut last = 0;
        for cut in cuts {
            reader.feed(&text[last..cut]);
            prop_assert_eq!(reader.value(), partial(&text[..cut]));
            last = cut;
        }
    }

    #[test]
    fn nothing_makes_it_panic(text in "[\\[\\]{}:,\"\\\\ue0d8cft`\n 1-]{0,60}") {
        let mut reader = Partial::new();
        for letter in text.chars() {
            reader.feed(letter.encode_utf8(&mut [0; 4]));
            let _ = reader.value();
        }
        reader.finish();
        let plain = text.trim();
        if !plain.is_empty() && let Ok(expected) = serde_json::from_str::<Value>(plain) {
            prop_assert_eq!(reader.value(), Some(expected));
        }
    }
}

fn event(method: &str, params: &Value) -> Event {
    let line = json!({"method": method, "params": params}).to_string();
    let envelope = scan(&line).expect("a line");
    Event::new(line.as_str(), &envelope)
}

fn item(method: &str, id: &str, text: &str, phase: Option<&str>) -> Event {
    let item = json!({"type": "agentMessage", "id": id, "text": text, "phase": phase});
    event(
        method,
        &json!({"threadId": "t", "turnId": "u", "item": item}),
    )
}

fn delta(id: &str, text: &str) -> Event {
    let params = json!({"threadId": "t", "turnId": "u", "itemId": id, "delta": text});
    event("item/agentMessage/delta", &params)
}

#[test]
fn commentary_is_no_answer() {
    let schema = OutputSchema::new(json!({"type": "array", "items": {"type": "integer"}}))
        .expect("a schema");
    let mut outputs = PartialOutputs::new(&schema);
    let events = [
        item("item/started", "c", "", Some("commentary")),
        delta("c", "[1, 2]"),
        item("item/completed", "c", "[1, 2]", Some("commentary")),
        item("item/started", "a", "", Some("final_answer")),
        delta("a", "{\"val"),
        delta("a", "ue\": [3, "),
        delta("c", "[1, 2]"),
        delta("a", "4"),
        item(
            "item/completed",
            "a",
            "{\"value\": [3, 4, 5]}",
            Some("final_answer"),
        ),
        item("item/started", "b", "", None),
        delta("b", "[9]"),
        item("item/completed", "b", "[9]", None),
    ];
    let told: Vec<Value> = events
        .iter()
        .filter_map(|event| outputs.push(event))
        .collect();
    assert_eq!(told, [json!([3]), json!([3, 4, 5])]);
}

#[test]
fn a_message_without_deltas_is_told_at_once_and_a_later_one_begins_anew() {
    let schema =
        OutputSchema::new(json!({"type": "object", "properties": {"a": {"type": "string"}}}))
            .expect("a schema");
    let mut outputs = PartialOutputs::new(&schema);
    let events = [
        item("item/completed", "a", "{\"a\": \"x\"}", None),
        item("item/started", "b", "", None),
        delta("b", "{\"a\": \"y"),
        item("item/completed", "b", "{\"a\": \"yes\"}", None),
    ];
    let told: Vec<Value> = events
        .iter()
        .filter_map(|event| outputs.push(event))
        .collect();
    assert_eq!(
        told,
        [json!({"a": "x"}), json!({"a": "y"}), json!({"a": "yes"})]
    );
}
