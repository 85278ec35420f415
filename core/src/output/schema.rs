//! A schema for answers: what is sent of it, and how an answer is checked.

use std::sync::Arc;

use jsonschema::Validator;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::output::fault::{self, InvalidOutput, OutputFault};
use crate::output::strict::{Strict, WRAPPER};
use crate::output::{answer, nulls, strict};

/// The argument that errors name.
const ARGUMENT: &str = "output_type";
/// A schema that has members and none of these is no schema.
const WORDS: [&str; 16] = [
    "$ref",
    "$schema",
    "allOf",
    "anyOf",
    "const",
    "enum",
    "if",
    "items",
    "not",
    "oneOf",
    "pattern",
    "prefixItems",
    "properties",
    "required",
    "type",
    "format",
];

/// A JSON Schema that answers must follow. Clones are the same schema.
#[derive(Clone)]
pub struct OutputSchema(Arc<Inner>);

struct Inner {
    schema: Value,
    validator: Validator,
    strict: Result<Strict, String>,
}

impl OutputSchema {
    /// Takes a JSON Schema (draft 2020-12 unless its `$schema` says another), with all that it refers to in it:
    /// nothing is fetched.
    ///
    /// # Errors
    /// `invalid_argument` for what is no JSON Schema.
    pub fn new(schema: Value) -> Result<Self> {
        let validator = compile(ARGUMENT, &schema)?;
        let strict = strict::strict(&schema);
        Ok(Self(Arc::new(Inner {
            schema,
            validator,
            strict,
        })))
    }

    /// The schema as it was given.
    #[must_use]
    pub fn schema(&self) -> &Value {
        &self.0.schema
    }

    /// The schema as strict structured outputs take it, which is what is sent: all properties are required and no
    /// others are allowed, optional ones can be null, unknown keywords are left out, and a root that is no object
    /// is the property `value` of one. `None` if strict mode has no form for it; [`Self::not_strict`] says why.
    #[must_use]
    pub fn strict(&self) -> Option<&Value> {
        self.0.strict.as_ref().ok().map(|strict| &strict.schema)
    }

    /// Why the schema has no strict form: the place and what is there, as an object with any keys. Such a schema
    /// is given to the model in words, and its answers are checked all the same.
    #[must_use]
    pub fn not_strict(&self) -> Option<&str> {
        self.0.strict.as_ref().err().map(String::as_str)
    }

    /// Reads an answer: finds its JSON, plain or in a fenced block, and checks it against the schema.
    ///
    /// # Errors
    /// `invalid_output` with the first fault, the text and all faults ([`Error::invalid_output`]).
    pub fn parse(&self, text: &str) -> Result<Value> {
        self.read(text).map_err(|faults| {
            Error::output(InvalidOutput {
                faults,
                raw_text: text.to_owned(),
                attempts: 0,
                result: None,
            })
        })
    }

    /// As [`Self::parse`], with the faults alone.
    pub(super) fn read(&self, text: &str) -> Result<Value, Vec<OutputFault>> {
        let found = answer::find(text).map_err(|fault| vec![fault])?;
        let value = self.meant(found);
        let faults = fault::faults(&self.0.validator, &value);
        if faults.is_empty() {
            Ok(value)
        } else {
            Err(faults)
        }
    }

    /// The application's value in what was asked for: without the wrapper and the nulls of strict mode.
    pub(super) fn meant(&self, mut value: Value) -> Value {
        let Ok(strict) = &self.0.strict else {
            return value;
        };
        if strict.wrapped
            && let Value::Object(members) = &mut value
            && members.len() == 1
            && let Some(inner) = members.remove(WRAPPER)
        {
            value = inner;
        }
        nulls::remove(&self.0.schema, &mut value);
        value
    }

    /// Whether answers come in the wrapper of a root that is no object.
    pub(super) fn is_wrapped(&self) -> bool {
        self.0.strict.as_ref().is_ok_and(|strict| strict.wrapped)
    }
}

/// What checks values against a schema. Nothing is fetched.
///
/// # Errors
/// `invalid_argument`, naming the argument, for what is no JSON Schema.
pub(crate) fn compile(argument: &str, schema: &Value) -> Result<Validator> {
    check_words(argument, schema)?;
    let refused = |why: &str| Error::invalid_argument(argument, why);
    let built = jsonschema::options()
        .should_validate_formats(true)
        .build(schema);
    built.map_err(|error| {
        let place = error.instance_path().as_str();
        let place = if place.is_empty() { "its root" } else { place };
        refused(&format!(
            "this is no JSON Schema: at {place}: {}",
            fault::bounded(&error.to_string(), 300)
        ))
    })
}

/// Refuses what has nothing of a schema: any object could be one without this.
///
/// # Errors
/// As [`compile`].
pub(crate) fn check_words(argument: &str, schema: &Value) -> Result<()> {
    let refused = |why: &str| Error::invalid_argument(argument, why);
    let Some(words) = schema.as_object() else {
        return Err(refused("expected a JSON Schema, which is an object"));
    };
    if !words.is_empty() && !WORDS.iter().any(|word| words.contains_key(*word)) {
        let keys: Vec<&str> = words.keys().take(5).map(String::as_str).collect();
        return Err(refused(&format!(
            "this is no JSON Schema: none of its keys ({}) is a word of JSON Schema, as `type` and `properties` are",
            keys.join(", ")
        )));
    }
    Ok(())
}
