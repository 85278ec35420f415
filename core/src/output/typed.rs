//! Answers as Rust types, by `schemars` and `serde`.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::Result;
use crate::output::fault::OutputFault;
use crate::output::plan::OutputPlan;
use crate::output::schema::OutputSchema;
use crate::protocol::JsonObject;
use crate::thread::Thread;
use crate::thread::fold::TurnResult;
use crate::thread::setup::Setup;

/// What a question for a `T` came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TypedResult<T> {
    /// The answer; `None` if the turn failed or was interrupted.
    pub parsed: Option<T>,
    /// The turn that gave it, or the last one.
    pub turn: TurnResult,
    /// The turns before it, whose answers were invalid.
    pub attempts: Vec<TurnResult>,
}

/// The schema of a type, as `schemars` derives it.
///
/// # Errors
/// `invalid_argument` if a hand-written `JsonSchema` gives no JSON Schema.
pub fn schema_for<T: JsonSchema>() -> Result<OutputSchema> {
    OutputSchema::new(schemars::schema_for!(T).to_value())
}

impl Thread {
    /// Runs a turn whose answer is a `T`. An invalid answer is followed by up to `repairs` turns that tell the model
    /// what is wrong; what `T`'s own `Deserialize` refuses counts as invalid, too.
    ///
    /// # Errors
    /// `invalid_output` when the last answer is invalid; else as [`Thread::run`].
    pub async fn run_typed<T>(
        &self,
        input: Vec<Value>,
        params: JsonObject,
        repairs: u32,
    ) -> Result<TypedResult<T>>
    where
        T: JsonSchema + DeserializeOwned,
    {
        self.run_typed_with(input, params, repairs, Setup::default())
            .await
    }

    /// The same, with what each of its turns has of its own.
    ///
    /// # Errors
    /// As [`Thread::run_typed`].
    pub async fn run_typed_with<T>(
        &self,
        input: Vec<Value>,
        params: JsonObject,
        repairs: u32,
        setup: Setup,
    ) -> Result<TypedResult<T>>
    where
        T: JsonSchema + DeserializeOwned,
    {
        let mut plan = OutputPlan::new(&schema_for::<T>()?, input, params, repairs)?;
        loop {
            let result = self.run_output_with(&mut plan, setup.clone()).await?;
            let parsed = match result.value.clone().map(serde_json::from_value).transpose() {
                Ok(parsed) => parsed,
                Err(error) => {
                    plan.reject(OutputFault::new(&[], "serde", &error.to_string()))?;
                    continue;
                }
            };
            return Ok(TypedResult {
                parsed,
                turn: result.turn.clone(),
                attempts: result.attempts.clone(),
            });
        }
    }
}
