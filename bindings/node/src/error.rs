//! One native error: its message is the JSON of a core error, which `node/src/errors.ts` turns into a class.

use codexkit::Error;

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
