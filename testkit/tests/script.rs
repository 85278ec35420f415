//! A wrong script is refused with the path of the bad key.

#![expect(clippy::unwrap_used, reason = "tests")]

use codexkit_testkit::{Error, Script};

#[track_caller]
fn check(script: &str, path: &str, message: &str) {
    let error = Script::parse(script).unwrap_err();
    assert_eq!(error.path(), Some(path), "{error}");
    assert!(error.to_string().contains(message), "{error}");
}

#[test]
fn unknown_keys_are_named() {
    check(r#"{"reples": []}"#, "reples", "known here: rules, replies");
    check(
        r#"{"rules": [{"when": {"promt": "x"}, "replies": []}]}"#,
        "rules[0].when.promt",
        "unknown key",
    );
    check(
        r#"{"replies": ["a", {"item": []}]}"#,
        "replies[1].item",
        "unknown key",
    );
    check(
        r#"{"replies": [{"items": [{"message": "x", "phse": "y"}]}]}"#,
        "replies[0].items[0].phse",
        "known here: message, phase",
    );
    check(
        r#"{"replies": [{"items": [{"mesage": "x"}]}]}"#,
        "replies[0].items[0]",
        "unknown item with the keys [mesage]",
    );
    check(
        r#"{"replies": [{"end": {"failed": {"kode": "x"}}}]}"#,
        "replies[0].end.failed.kode",
        "known here: code, message",
    );
}

#[test]
fn wrong_types_are_named() {
    check(r"[]", "(top level)", "expected an object, found a list");
    check(r"{}", "(top level)", "neither \"rules\" nor \"replies\"");
    check(
        r#"{"replies": "x"}"#,
        "replies",
        "expected a list, found the string \"x\"",
    );
    check(
        r#"{"replies": [], "repeat": "often"}"#,
        "repeat",
        "\"cycle\"",
    );
    check(
        r#"{"rules": [{"replies": []}], "repeat": "last"}"#,
        "repeat",
        "belongs to \"replies\"",
    );
    check(
        r#"{"rules": [{"when": {"step": -1}, "replies": []}]}"#,
        "rules[0].when.step",
        "whole number",
    );
    check(
        r#"{"rules": [{"when": {"kind": "review"}, "replies": []}]}"#,
        "rules[0].when.kind",
        "\"guardian\"",
    );
    check(
        r#"{"replies": [{"status": 99}]}"#,
        "replies[0].status",
        "HTTP status",
    );
    check(
        r#"{"replies": [{"status": 500, "items": ["x"]}]}"#,
        "replies[0]",
        "\"body\"",
    );
    check(
        r#"{"replies": [{"headers": {"a b": "x"}}]}"#,
        "replies[0].headers.a b",
        "HTTP header",
    );
    check(
        r#"{"replies": [{"headers": {"a": ["x"]}}]}"#,
        "replies[0].headers.a",
        "a string",
    );
    check(
        r#"{"replies": [{"capture": {"sid": "no group"}}]}"#,
        "replies[0].capture.sid",
        "exactly one group",
    );
    check(
        r#"{"replies": [{"capture": {"sid": "("}}]}"#,
        "replies[0].capture.sid",
        "bad expression",
    );
    check(
        r#"{"replies": [{"items": [{"call": {"name": "x", "arguments": 1}}]}]}"#,
        "replies[0].items[0].call.arguments",
        "an object or a string",
    );
    check(
        r#"{"replies": [{"items": [{"call": {}}]}]}"#,
        "replies[0].items[0].call",
        "\"name\" is missing",
    );
    check(
        r#"{"replies": [{"items": [{"event": {"x": 1}}]}]}"#,
        "replies[0].items[0].event",
        "\"type\" is missing",
    );
    check(
        r#"{"replies": [{"items": [{"sse": "x", "cut": true}]}]}"#,
        "replies[0].items[0]",
        "both",
    );
    check(
        r#"{"replies": [{"items": [{"repeat_delta": {"count": "3"}}]}]}"#,
        "replies[0].items[0].repeat_delta.count",
        "whole number",
    );
    check(
        r#"{"replies": [{"usage": {"tokens": 3}}]}"#,
        "replies[0].usage.tokens",
        "unknown key",
    );
}

#[test]
fn text_that_is_no_json_says_where() {
    let error = Script::parse("{\n  oops}").unwrap_err();
    assert!(matches!(error, Error::Json { what: "script", .. }));
    assert!(error.to_string().contains("line 2"), "{error}");
}

#[test]
fn everything_in_the_format_is_accepted() {
    let script = Script::parse(
        r#"{
        "model": "gpt-5", "models": [{"id": "gpt-5"}], "exhausted_status": 400,
        "rules": [
          {"comment": "all conditions",
           "when": {"prompt_contains": "a", "user_contains": "b", "input_contains": "c",
                    "last_input_contains": "d", "model": "e", "kind": "any", "step": 2},
           "repeat": "next",
           "replies": [
            {"comment": "all keys", "delay_ms": 1, "hang": true, "headers": {"x": 1, "y": true, "z": "s"},
             "usage": {"input_tokens": 1, "cached_tokens": 2, "output_tokens": 3, "reasoning_tokens": 4, "total_tokens": 5},
             "capture": {"sid": "session ID (\\d+)"}, "end": {"failed": {"code": "server_error"}}},
            {"status": 503, "body": {"error": {"code": "server_is_overloaded"}}},
            {"usage": {"input_tokens": 9, "input_tokens_details": {"cached_tokens": 8}}, "end": "cut"},
            {"end": {"incomplete": "max_output_tokens"}}, {"end": "none"}, {"end": "hang"}, {"end": "completed"}
           ]}],
        "repeat": "cycle",
        "replies": [{"items": [
            "short", {"message": "m", "phase": "commentary", "deltas": ["a", "b"], "delay_ms": 1, "id": "i", "done": false},
            {"message": "m", "deltas": false}, {"repeat_delta": {"count": 3, "text": "t", "delay_ms": 0}},
            {"reasoning": {"summary": ["s"], "content": ["c"]}, "delay_ms": 1},
            {"call": {"name": "n", "arguments": "{bad", "namespace": "ns", "call_id": "c"}},
            {"custom_call": {"name": "n", "input": "i", "stream": true, "call_id": "c"}, "delay_ms": 1},
            {"web_search": {"query": "q"}}, {"web_search": {"action": {"type": "open_page"}}},
            {"compaction": {}}, {"output": {"type": "x"}}, {"event": {"type": "x"}},
            {"sleep_ms": 1}, {"sse": "data: {\n\n"}, {"cut": true}, {"hang": true}]}]
        }"#,
    )
    .unwrap();
    assert_eq!(script.rules.len(), 2);
    assert_eq!(script.rules[1].replies[0].items.len(), 16);
    assert_eq!(script.rules[0].replies[2].usage.cached_tokens, 8);
}
