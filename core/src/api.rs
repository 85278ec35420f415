//! Every method of the protocol under its own name: `codex.api().thread().goal().set(...)`.
//!
//! The methods themselves are generated (`protocol/generated/api.rs`); here is what they share. What a
//! method is sent is checked against the schema first; what it answers is given as it came.

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::client::Codex;
use crate::error::{Error, Result};
use crate::protocol::{JsonObject, check, raw};

pub use crate::protocol::generated::api::*;

/// The protocol's methods of one client; made by [`Codex::api`].
///
/// ```no_run
/// # async fn example(codex: codexkit::Codex) -> codexkit::Result<()> {
/// use serde_json::json;
/// let goal = json!({"threadId": "0199…", "objective": "All tests pass"});
/// let answer = codex.api().thread().goal().set(goal).await?;
/// println!("{answer}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Api {
    codex: Codex,
    timeout: Option<Duration>,
    extra: JsonObject,
}

impl fmt::Debug for Api {
    /// Tells nothing: `extra` may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").finish_non_exhaustive()
    }
}

impl Api {
    pub(crate) fn new(codex: Codex) -> Self {
        Self {
            codex,
            timeout: None,
            extra: JsonObject::new(),
        }
    }

    /// How long the engine may take, instead of the client's `request_timeout`.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Fields that are sent beside the parameters and are not checked: what a newer engine knows and this
    /// version does not, or a null that means more than a missing field.
    #[must_use]
    pub fn with_extra(mut self, extra: JsonObject) -> Self {
        self.extra = extra;
        self
    }

    /// Calls a method by its name on the wire. `params` may be anything that [`Params`] is for.
    ///
    /// # Errors
    /// `invalid_argument` for a method that this version does not know and for parameters that it does not
    /// take, before anything is sent; else as [`Codex::request`].
    pub async fn call(&self, method: &str, params: impl Params) -> Result<Box<RawValue>> {
        let info = check::method(method)?;
        let mut params = params.into_object()?;
        check::check(info, &params, &self.extra)?;
        params.extend(self.extra.clone());
        let nothing = params.is_empty() && info.params_optional;
        let params = (!nothing).then(|| raw(&params.into()));
        self.codex.request(method, params, self.timeout).await
    }
}

/// What may be given as a method's parameters: a JSON object with the wire's names (`json!({...})` or a
/// [`JsonObject`]), or `()` for none.
pub trait Params: Send {
    /// The object.
    ///
    /// # Errors
    /// `invalid_argument` if it is none.
    fn into_object(self) -> Result<JsonObject>;
}

impl Params for JsonObject {
    fn into_object(self) -> Result<JsonObject> {
        Ok(self)
    }
}

impl Params for () {
    fn into_object(self) -> Result<JsonObject> {
        Ok(JsonObject::new())
    }
}

impl Params for Value {
    fn into_object(self) -> Result<JsonObject> {
        match self {
            Value::Object(object) => Ok(object),
            Value::Null => Ok(JsonObject::new()),
            _ => Err(Error::invalid_argument(
                "params",
                "must be an object with the protocol's names",
            )),
        }
    }
}
