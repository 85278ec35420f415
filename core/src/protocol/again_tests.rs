//! Lines scanned one after the other against the same lines scanned alone.
#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::Beginnings;
use crate::protocol::scan::scan;

/// What may stand in the parameters, in any order and more than once.
fn member() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z\"\\\\é]{0,6}".prop_map(|text| format!(r#""delta":{}"#, serde_json::to_string(&text).unwrap())),
        1 => Just(r#""delta":5"#.to_owned()),
        1 => Just(r#""delta":"unfinished"#.to_owned()),
        2 => (0u8..3).prop_map(|id| format!(r#""turnId":"u{id}""#)),
        2 => (0u8..3).prop_map(|id| format!(r#""threadId":"t{id}""#)),
        1 => (0u8..3).prop_map(|id| format!(r#""turn":{{"id":"n{id}"}}"#)),
        1 => (0u8..3).prop_map(|id| format!(r#""item":{{"id":"n{id}","more":[1]}}"#)),
        1 => Just(r#""turn\u0049d":"u""#.to_owned()),
        1 => Just(r#""summaryIndex":0"#.to_owned()),
    ]
}

fn line() -> impl Strategy<Value = String> {
    let params = prop::collection::vec(member(), 0..6);
    let pad = prop_oneof![Just(String::new()), Just("x".repeat(120))];
    (params, pad, 0u8..6).prop_map(|(params, pad, tail)| {
        let tail = [
            r#","emittedAtMs":17}"#,
            r#","params":{"delta":"again"}}"#,
            r#","id":3}"#,
            r#","params":7}"#,
            "",
            "} ",
        ][usize::from(tail)];
        format!(
            r#"{{"method":"m{pad}","params":{{{}}}{tail}"#,
            params.join(",")
        )
    })
}

proptest! {
    #[test]
    fn what_came_before_changes_nothing(lines in prop::collection::vec(line(), 1..30)) {
        let mut beginnings = Beginnings::default();
        // Twice: the second time every beginning is known.
        for line in lines.iter().chain(&lines) {
            prop_assert_eq!(beginnings.scan(line), scan(line), "{}", line);
        }
    }
}

/// What may stand behind the text of a delta; each says something else of the message, or nothing.
const TAILS: [&str; 14] = [
    r#""},"emittedAtMs":5}"#,
    r#""},"emittedAtMs":6}"#,
    r#""}}"#,
    r#"","turnId":"u"}}"#,
    r#"","turn":{"id":"n"}}}"#,
    r#"","turn":{"id":5}}}"#,
    r#"","delta":"again"}}"#,
    r#"","delta":7}}"#,
    r#"","turn\u0049d":"u"}}"#,
    r#""},"params":{"threadId":"other"}}"#,
    r#""},"params":7}"#,
    r#""},"method":"m"}"#,
    r#""},"id":3}"#,
    r#""},"id":3"#,
];

proptest! {
    #[test]
    fn lines_that_begin_and_end_alike_are_told_apart(
        parts in prop::collection::vec(("[a-z\"é]{0,4}", 0..TAILS.len()), 1..40),
        ids in 0usize..4,
    ) {
        let ids = ["", r#""turnId":"u","threadId":"t","#, r#""turn":{"id":"n"},"#, r#""tur\u006e":{"id":"n"},"#][ids];
        let mut beginnings = Beginnings::default();
        for (text, tail) in parts {
            let text = text.replace('"', "\\\"");
            let line = format!(r#"{{"method":"item/agentMessage/delta","params":{{{ids}"delta":"{text}{}"#, TAILS[tail]);
            prop_assert_eq!(beginnings.scan(&line), scan(&line), "{}", line);
        }
    }
}

#[test]
fn a_stream_is_scanned_from_its_text_on() {
    let mut beginnings = Beginnings::default();
    let line = |text: &str| {
        format!(
            r#"{{"method":"item/agentMessage/delta","params":{{"threadId":"{0}","turnId":"{0}","itemId":"i","delta":"{text}"}},"emittedAtMs":5}}"#,
            "0".repeat(36)
        )
    };
    for text in ["one", "", "t\\\"wo", "😀"] {
        let line = line(text);
        let found = beginnings.scan(&line).unwrap();
        assert_eq!(found.delta.of(&line), Some(text));
        assert_eq!(Ok(found), scan(&line));
    }
    assert!(beginnings.scan(&line("\u{1}")).is_err());
}
