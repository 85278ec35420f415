//! Finds the JSON in what a model answers: the whole text, or a fenced block in it.

use serde_json::Value;

use crate::output::fault::OutputFault;
use crate::protocol::lenient;

/// The JSON value that a text holds.
pub(super) fn find(text: &str) -> Result<Value, OutputFault> {
    let plain = text.trim_start_matches('\u{feff}').trim();
    if plain.is_empty() {
        return Err(OutputFault::no_json("the answer is empty"));
    }
    let error = match lenient::from_str(plain) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    fenced(plain)
        .find_map(|block| lenient::from_str(block).ok())
        .ok_or_else(|| OutputFault::no_json(&format!("the answer is no JSON: {error}")))
}

/// The contents of the text's fenced blocks. A string in JSON holds no line break, so a fence is never within one.
fn fenced(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let opening = fence(rest)?;
        let body = opening + rest[opening..].find('\n')? + 1;
        let length = fence(&rest[body..]).unwrap_or(rest.len() - body);
        let block = &rest[body..body + length];
        // The closing fence's own line belongs to no block.
        let after = &rest[body + length..];
        rest = after.find('\n').map_or("", |end| &after[end + 1..]);
        Some(block)
    })
}

/// Where the first line begins that is a fence.
fn fence(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("```") {
            return Some(at);
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_found_plain_and_fenced() {
        for text in [
            "{\"a\": 1}",
            "\u{feff} {\"a\": 1}\n",
            "```json\n{\"a\": 1}\n```",
            "```\n{\"a\": 1}\n```\n",
            "Here it is:\n\n  ```JSON\n{\n\"a\": 1}\n  ```\nAnything else?",
            "```sh\nls\n```\nand\n```json\n{\"a\": 1}\n```",
            "```json\n{\"a\": 1}",
        ] {
            assert_eq!(find(text), Ok(json!({"a": 1})), "{text}");
        }
        let fence_in_a_string = r#"{"a": "```json\n1\n```"}"#;
        assert_eq!(find(fence_in_a_string), Ok(json!({"a": "```json\n1\n```"})));
        assert_eq!(find(r#""\ud800""#), Ok(json!("\u{fffd}")));
    }

    #[test]
    fn what_is_no_json_says_why() {
        for text in [
            "",
            " \n",
            "I cannot help with that.",
            "{\"a\": ",
            "```\nno\n```",
            "```",
        ] {
            let fault = find(text).expect_err("no JSON");
            assert_eq!((fault.rule.as_str(), fault.path.as_str()), ("json", "$"));
            assert!(!fault.message.is_empty());
        }
    }
}
