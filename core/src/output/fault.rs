//! What is wrong with an answer: where, by which rule, and in which words.

use std::fmt::Write;
use std::sync::Arc;

use jsonschema::error::ValidationErrorKind;
use jsonschema::paths::LocationSegment;
use jsonschema::{ValidationError, Validator};
use serde::Serialize;
use serde_json::{Value, json};

use crate::output::plan::OutputResult;

/// How many characters of a fault's words are kept.
const WORDS: usize = 300;
/// How many faults of one answer are told.
const FAULTS: usize = 5;

/// One part of a path into a JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathPart {
    /// A member of an object.
    Key(String),
    /// An item of an array.
    Index(usize),
}

/// One thing that is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OutputFault {
    /// Where in the answer, as a JSON path: `$.steps[0].title`.
    pub path: String,
    /// The rule that is broken: the schema's keyword (`type`, `required`, ...); `json` when the answer is no JSON;
    /// or the word of the application's own check.
    pub rule: String,
    /// Where in the schema the rule stands, as a JSON pointer. Empty for rules that stand in no schema.
    pub schema_path: String,
    /// What is wrong, in words.
    pub message: String,
}

impl OutputFault {
    /// A fault that another check than the schema's has found.
    #[must_use]
    pub fn new(path: &[PathPart], rule: &str, message: &str) -> Self {
        Self {
            path: json_path(path.iter().cloned()),
            rule: rule.to_owned(),
            schema_path: String::new(),
            message: bounded(message, WORDS),
        }
    }

    pub(super) fn no_json(message: &str) -> Self {
        Self::new(&[], "json", message)
    }

    /// One line for a person or a model.
    pub(crate) fn line(&self) -> String {
        let Self {
            path,
            rule,
            message,
            ..
        } = self;
        format!("at {path}: {message} (rule: {rule})")
    }
}

/// The facts of an [`ErrorKind::InvalidOutput`](crate::ErrorKind::InvalidOutput).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InvalidOutput {
    /// What is wrong with the last answer. At least one.
    pub faults: Vec<OutputFault>,
    /// The whole text of the last answer, as the model gave it.
    pub raw_text: String,
    /// How many turns were run for it, the repairs included; 0 where no turn was.
    pub attempts: usize,
    /// The last turn and those before it, where turns were run.
    pub result: Option<Arc<OutputResult>>,
}

impl InvalidOutput {
    /// The facts as one JSON object: the first fault's fields, `faults`, `rawText`, `attempts`, and `result` as
    /// [`OutputResult::to_json`] has it.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_value().to_string()
    }

    pub(crate) fn to_value(&self) -> Value {
        let first = self.faults.first();
        json!({
            "path": first.map(|fault| &fault.path),
            "rule": first.map(|fault| &fault.rule),
            "schemaPath": first.map(|fault| &fault.schema_path),
            "faults": self.faults,
            "rawText": self.raw_text,
            "attempts": self.attempts,
            "result": self.result.as_ref().and_then(|result| serde_json::to_value(&**result).ok()),
        })
    }
}

/// What a schema's validator finds wrong with a value.
pub(crate) fn faults(validator: &Validator, value: &Value) -> Vec<OutputFault> {
    let found = validator.iter_errors(value).take(FAULTS);
    found.map(|error| fault(deepest(&error))).collect()
}

fn fault(error: &ValidationError<'_>) -> OutputFault {
    let path = error.instance_path().into_iter().map(|part| match part {
        LocationSegment::Property(key) => PathPart::Key(key.into_owned()),
        LocationSegment::Index(index) => PathPart::Index(index),
    });
    OutputFault {
        path: json_path(path),
        rule: error.kind().keyword().to_owned(),
        schema_path: error.schema_path().as_str().to_owned(),
        message: bounded(&error.to_string(), WORDS),
    }
}

/// Of a choice that does not fit, what is wrong within the branch that came furthest: it says more than that
/// nothing fits.
fn deepest<'e>(error: &'e ValidationError<'e>) -> &'e ValidationError<'e> {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) =
        error.kind()
    else {
        return error;
    };
    let depth = |error: &ValidationError<'_>| error.instance_path().segments().count();
    let mut best = error;
    for inner in context.iter().flatten() {
        let inner = deepest(inner);
        if depth(inner) > depth(best) {
            best = inner;
        }
    }
    best
}

/// `$.steps[0]['a key']`.
fn json_path(parts: impl Iterator<Item = PathPart>) -> String {
    let mut path = String::from("$");
    for part in parts {
        // Writing to a String does not fail.
        let _ = match part {
            PathPart::Index(index) => write!(path, "[{index}]"),
            PathPart::Key(key) if is_name(&key) => write!(path, ".{key}"),
            PathPart::Key(key) => {
                let key = key.replace('\\', "\\\\").replace('\'', "\\'");
                write!(path, "['{key}']")
            }
        };
    }
    path
}

fn is_name(key: &str) -> bool {
    let mut letters = key.chars();
    letters
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}

/// The beginning of a text that may be long.
pub(crate) fn bounded(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{} ...", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_json_path() {
        let path = [
            PathPart::Key("steps".into()),
            PathPart::Index(0),
            PathPart::Key("it's a key".into()),
            PathPart::Key("größe".into()),
        ];
        let fault = OutputFault::new(&path, "type", &"x".repeat(400));
        assert_eq!(fault.path, r"$.steps[0]['it\'s a key'].größe");
        assert_eq!(fault.message.chars().count(), WORDS + 4);
        assert_eq!(OutputFault::no_json("no").path, "$");
    }
}
