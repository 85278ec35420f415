//! Takes secrets out of text that goes into errors and diagnostics.
//!
//! It knows the shapes that this field uses: API keys (`sk-...`), JSON Web Tokens, what follows `Bearer`.

use std::borrow::Cow;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::protocol::lenient;

const HIDDEN: &str = "[redacted]";

/// `text` with every secret that can be told by its shape replaced.
pub(crate) fn redact(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut after_bearer = false;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        if length == 0 {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let word = &rest[..length];
        // In JSON text, the letter of an escape stands before the word: `\nsk-...`.
        let bare = if text[..at].ends_with('\\') {
            &word[1..]
        } else {
            word
        };
        if is_secret(word) || is_secret(bare) || (after_bearer && length >= 8) {
            out.push_str(&text[copied..at]);
            out.push_str(HIDDEN);
            copied = at + length;
        }
        after_bearer = word.eq_ignore_ascii_case("bearer");
        at += length;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// JSON with every string in it redacted, names of members too; as it came where there is nothing to hide.
pub(crate) fn redact_json(raw: Box<RawValue>) -> Box<RawValue> {
    let Ok(mut value) = lenient::from_str::<Value>(raw.get()) else {
        return RawValue::from_string(Value::from(HIDDEN).to_string()).unwrap_or(raw);
    };
    if !redact_value(&mut value) {
        return raw;
    }
    RawValue::from_string(value.to_string()).unwrap_or_default()
}

/// Whether there was anything to hide.
fn redact_value(value: &mut Value) -> bool {
    match value {
        Value::String(text) => {
            let Cow::Owned(clean) = redact(text) else {
                return false;
            };
            *text = clean;
            true
        }
        Value::Array(parts) => parts
            .iter_mut()
            .fold(false, |any, part| redact_value(part) | any),
        Value::Object(fields) => {
            let mut any = false;
            if fields
                .keys()
                .any(|key| matches!(redact(key), Cow::Owned(_)))
            {
                any = true;
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(key, value)| (redact(&key).into_owned(), value))
                    .collect();
            }
            fields
                .values_mut()
                .fold(any, |any, part| redact_value(part) | any)
        }
        _ => false,
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '/' | '~')
}

/// At its beginning, or behind something in it that is no letter: a path holds secrets, too, and a `task-list` is none.
fn is_secret(word: &str) -> bool {
    let begins = |at: usize| at == 0 || !word.as_bytes()[at - 1].is_ascii_alphabetic();
    let from = |start: &str| {
        let mut found = word.match_indices(start).filter(|(at, _)| begins(*at));
        found.next().map(|(at, _)| &word[at..])
    };
    let key = from("sk-").is_some_and(|word| word.len() >= 12);
    let token = from("eyJ").is_some_and(|word| word.len() >= 24 && word.contains('.'));
    key || token
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{redact, redact_json};

    #[test]
    fn the_strings_of_json_are_cleaned() {
        for (text, clean) in [
            (r#"{"a": [1, "fine"]}"#, r#"{"a": [1, "fine"]}"#),
            (
                r#"{"a":[{"b":"key sk-proj-abcdefghijkl"}]}"#,
                r#"{"a":[{"b":"key [redacted]"}]}"#,
            ),
            (r#"["\u0073k-proj-abcdefghijkl"]"#, r#"["[redacted]"]"#),
            (r#"{"sk-proj-abcdefghijkl":1}"#, r#"{"[redacted]":1}"#),
        ] {
            let raw = RawValue::from_string(text.to_owned()).expect("JSON");
            assert_eq!(redact_json(raw).get(), clean);
        }
    }

    #[test]
    fn secrets_go_and_the_rest_stays() {
        for (text, clean) in [
            ("key sk-proj-abcdefghijkl is bad", "key [redacted] is bad"),
            (
                "Authorization: Bearer abcdefgh12345, é",
                "Authorization: Bearer [redacted], é",
            ),
            (
                r#"{"t":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.sig"}"#,
                r#"{"t":"[redacted]"}"#,
            ),
            (
                "OPENAI_API_KEY=sk-abcdefghijkl",
                "OPENAI_API_KEY=[redacted]",
            ),
            (
                r#""it broke:\nsk-abcdefghijkl""#,
                r#""it broke:\[redacted]""#,
            ),
            ("https://x/v1/sk-abcdefghijkl", "https:[redacted]"),
            ("a=1.eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx", "a=[redacted]"),
            (
                "a task-list-of-things, a disk-usage-1234567",
                "a task-list-of-things, a disk-usage-1234567",
            ),
            (
                "nothing to hide: task-list, sk-1",
                "nothing to hide: task-list, sk-1",
            ),
        ] {
            assert_eq!(redact(text), clean);
        }
    }
}
