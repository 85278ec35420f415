//! The protocol: what a message is made of, and the generated tables of its methods.

pub(crate) mod again;
pub(crate) mod check;
pub(crate) mod gate;
pub mod generated;
pub(crate) mod lenient;
pub(crate) mod scan;
pub(crate) mod settings;

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

pub use lenient::replace_lone_surrogates;

/// Parameters as a JSON object, keys as on the wire.
pub type JsonObject = Map<String, Value>;

/// A value as raw JSON.
pub(crate) fn raw(value: &Value) -> Box<RawValue> {
    // A `Value` has string keys only and no non-finite numbers: it can always be written.
    to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}
