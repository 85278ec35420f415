//! JSON of models and applications: growing answers, schemas, declarations of tools.

use serde_json::Value;

use super::{as_text, choice, pieces};
use crate::output::{self, OutputSchema, Partial};
use crate::protocol::lenient;
use crate::tools::{self, ToolSpec};

/// The first byte chooses what reads the rest, the second how it is cut.
///
/// # Panics
/// When something that must hold of any text does not.
pub fn json(data: &[u8]) {
    let (kind, data) = choice(data);
    let (size, data) = choice(data);
    let text = as_text(data);
    match kind % 4 {
        0 => partial(&text, usize::from(size)),
        1 => {
            output::fuzz_find(&text);
        }
        2 => schema(&text),
        _ => declaration(&text),
    }
}

fn grown<'a>(pieces: impl Iterator<Item = &'a str>) -> Partial {
    let mut partial = Partial::new();
    for piece in pieces {
        partial.feed(piece);
    }
    partial.finish();
    partial
}

/// Cuts change nothing, and what is complete is what a parser of whole texts reads.
fn partial(text: &str, size: usize) {
    let cut = pieces(text, size);
    let (grown, whole) = (
        grown(cut.iter().map(String::as_str)),
        grown(std::iter::once(text)),
    );
    assert_eq!(
        (grown.value(), grown.is_complete()),
        (whole.value(), whole.is_complete())
    );
    if let Ok(value) = lenient::from_str::<Value>(text)
        && whole.is_complete()
    {
        assert_eq!(whole.value(), Some(value), "{text}");
    }
}

/// The first line is a schema, the rest an answer.
fn schema(text: &str) {
    let (schema, answer) = text.split_once('\n').unwrap_or((text, "{}"));
    let Ok(schema) = serde_json::from_str::<Value>(schema) else {
        return;
    };
    let mut canonical = schema.clone();
    tools::fuzz_canonical(&mut canonical);
    let Ok(schema) = OutputSchema::new(schema) else {
        return;
    };
    if let Some(strict) = schema.strict() {
        assert_eq!(strict["additionalProperties"], false, "{text}");
    }
    assert_ne!(schema.strict().is_some(), schema.not_strict().is_some());
    schema.parse(answer).ok();
}

fn declaration(text: &str) {
    let Ok(spec) = ToolSpec::from_json(text) else {
        return;
    };
    let again = ToolSpec::from_json(&spec.to_json().to_string());
    assert!(again.is_ok_and(|again| again.key() == spec.key()), "{text}");
}
