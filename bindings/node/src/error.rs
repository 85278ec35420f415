//! One native error: its message is the JSON of a core error, which `node/src/errors.ts` turns into a class.

use codexkit::{Error, TurnResult};
use napi_derive::napi;
use serde_json::value::RawValue;

/// The error as JavaScript gets it.
pub(crate) fn to_napi(error: &Error) -> napi::Error {
    napi::Error::from_reason(error.to_json())
}

/// Shorthand for the results of calls that answer at once.
pub(crate) trait OrThrow<T> {
    /// The value, or the error as JavaScript gets it.
    fn or_throw(self) -> napi::Result<T>;
}

impl<T> OrThrow<T> for codexkit::Result<T> {
    fn or_throw(self) -> napi::Result<T> {
        self.map_err(|error| to_napi(&error))
    }
}

/// What a turn that was not completed is as an error (JSON), given its result; none if it was completed.
#[napi]
#[allow(
    dead_code,
    clippy::needless_pass_by_value,
    reason = "napi hands strings over by value, and exports nothing from a build of tests"
)]
pub(crate) fn turn_error(result: String) -> napi::Result<Option<String>> {
    let result = TurnResult::from_json(&result).or_throw()?;
    Ok(result.unless_completed().map(|error| error.to_json()))
}

/// What a JSON-RPC error answer is (JSON). `data` is JSON.
#[napi]
#[allow(
    dead_code,
    clippy::needless_pass_by_value,
    reason = "napi hands strings over by value, and exports nothing from a build of tests"
)]
pub(crate) fn answer_error(code: i64, message: String, data: String) -> String {
    Error::of_answer(code, &message, RawValue::from_string(data).ok()).to_json()
}

/// The whole text of an error that is made in JavaScript, and what to do about its kind.
#[napi]
#[allow(
    dead_code,
    clippy::needless_pass_by_value,
    reason = "napi hands strings over by value, and exports nothing from a build of tests"
)]
pub(crate) fn describe_error(kind: String, message: String) -> Vec<String> {
    let (text, hint) = codexkit::describe_error(&kind, &message);
    vec![text, hint.to_owned()]
}
