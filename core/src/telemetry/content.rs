//! Prompts and answers in the form that the semantic conventions give messages, for observers that capture content.

use serde_json::{Value, json};

/// The most of one text that is captured.
const LONGEST_TEXT: usize = 64 << 10;

/// A prompt: its texts, and what else it has by kind only. An image may be megabytes.
pub(super) fn input(input: &[Value]) -> String {
    let parts: Vec<Value> = input
        .iter()
        .map(|part| match part["text"].as_str() {
            Some(text) => json!({"type": "text", "content": bounded(text)}),
            None => json!({"type": part["type"]}),
        })
        .collect();
    json!([{"role": "user", "parts": parts}]).to_string()
}

/// An answer.
pub(super) fn output(text: &str, reason: &str) -> String {
    let parts = json!([{"type": "text", "content": bounded(text)}]);
    json!([{"role": "assistant", "parts": parts, "finish_reason": reason}]).to_string()
}

/// The beginning of a text.
pub(super) fn bounded(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
