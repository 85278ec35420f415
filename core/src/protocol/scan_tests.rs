//! The scanner against data, and against `serde_json` as the judge of what is JSON.
#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{ScanError, scan};

#[test]
fn finds_the_ids_of_a_delta() {
    let line = r#"{"method":"item/agentMessage/delta","params":{"threadId":"t1","turnId":"u1","itemId":"i1","delta":"hé"},"emittedAtMs":5}"#;
    let found = scan(line).unwrap();
    assert_eq!(found.method.of(line), Some("item/agentMessage/delta"));
    assert_eq!(found.thread_id.of(line), Some("t1"));
    assert_eq!(found.turn_id.of(line), Some("u1"));
    assert_eq!(found.item_id.of(line), Some("i1"));
    assert_eq!(found.delta.of(line), Some("hé"));
    assert!(!found.delta_escaped && !found.escaped_ids);
}

#[test]
fn takes_nested_ids_only_where_the_flat_one_is_missing() {
    let line = r#"{"params":{"turn":{"id":"nested","items":[{"id":"x"}]},"threadId":"t","item":{"id":"i"}},"method":"turn/completed"}"#;
    let found = scan(line).unwrap();
    assert_eq!(found.turn_id.of(line), Some("nested"));
    assert_eq!(found.item_id.of(line), Some("i"));
    let both = r#"{"method":"m","params":{"turn":{"id":"nested"},"turnId":"flat"}}"#;
    assert_eq!(scan(both).unwrap().turn_id.of(both), Some("flat"));
}

#[test]
fn the_last_of_duplicate_keys_wins() {
    let line = r#"{"method":"a","method":"b","id":1,"id":"two"}"#;
    let found = scan(line).unwrap();
    assert_eq!(found.method.of(line), Some("b"));
    assert_eq!(found.id.of(line), Some(r#""two""#));
}

#[test]
fn tells_what_is_not_a_message() {
    for line in [
        "",
        "{",
        "nonsense",
        "{\"a\":}",
        "{\"a\":01}",
        "{} x",
        "{\"a\":\"\u{1}\"}",
        "{\"a\":\"\\x\"}",
    ] {
        assert!(
            matches!(scan(line), Err(ScanError::Malformed(_))),
            "{line:?}"
        );
    }
    for line in ["[1]", "null", "\"text\"", " 12 "] {
        assert_eq!(scan(line), Err(ScanError::NotAnObject), "{line:?}");
    }
}

#[test]
fn lone_surrogates_are_let_through() {
    assert!(scan(r#"{"method":"m","params":{"delta":"\ud800"}}"#).is_ok());
}

#[test]
fn depth_is_limited_without_exhausting_the_stack() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(scan(&deep), Err(ScanError::Malformed(_))));
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let keys = prop_oneof![
            Just("turnId".to_owned()),
            Just("turn".to_owned()),
            Just("id".to_owned()),
            Just("params".to_owned()),
            Just("method".to_owned()),
            "[a-z\"\\\\]{0,6}"
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(keys, inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn agrees_with_serde_on_valid_values(value in json()) {
        let line = value.to_string();
        match scan(&line) {
            Ok(found) => {
                prop_assert!(value.is_object());
                if !found.escaped_ids {
                    prop_assert_eq!(found.method.of(&line), value["method"].as_str());
                    let turn = value["params"]["turnId"].as_str().or_else(|| value["params"]["turn"]["id"].as_str());
                    prop_assert_eq!(found.turn_id.of(&line), turn);
                }
            }
            Err(error) => prop_assert_eq!(error, ScanError::NotAnObject),
        }
    }

    #[test]
    fn agrees_with_serde_on_damaged_text(value in json(), cut in any::<prop::sample::Index>(), with in "[\\x00-\\x7f]{0,2}") {
        let mut line = value.to_string();
        let mut at = cut.index(line.len() + 1);
        while !line.is_char_boundary(at) { at -= 1; }
        line.insert_str(at, &with);
        let ours = !matches!(scan(&line), Err(ScanError::Malformed(_)));
        let serde = serde_json::from_str::<IgnoredAny>(&line).is_ok();
        prop_assert_eq!(ours, serde, "{}", line);
    }
}
