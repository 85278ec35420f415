//! Structured output: the plan of a typed question, and the answer while it grows. What is decided, core decides.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codexkit::output::{OutputFault, OutputPlan, OutputSchema, PartialOutputs, PathPart, Verdict};
use codexkit::{Error, TurnResult};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::{Value, json};

use crate::client::{array, object};
use crate::error::OrThrow;
use crate::hub::NativeHub;
use crate::runtime::promise;
use crate::stream::Intake;
use crate::turn::NativeTurn;

/// One typed question: its schema, its turns and its repairs.
#[napi]
pub struct NativeOutputPlan {
    schema: OutputSchema,
    plan: Arc<Mutex<OutputPlan>>,
}

fn lock(plan: &Mutex<OutputPlan>) -> MutexGuard<'_, OutputPlan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Null if a repair is to be started, else an object with the `value`, if the turn completed.
fn judged(plan: &Mutex<OutputPlan>, turn: TurnResult) -> codexkit::Result<String> {
    Ok(match lock(plan).judge(turn)? {
        Verdict::Done(result) => {
            let value = result.value.as_ref();
            value
                .map_or_else(|| json!({}), |value| json!({ "value": value }))
                .to_string()
        }
        Verdict::Repair => Value::Null.to_string(),
    })
}

#[napi]
impl NativeOutputPlan {
    /// A question with a schema, input, parameters of `turn/start` (JSON each) and so many repairs.
    #[napi(constructor)]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn new(
        schema: String,
        input: String,
        params: String,
        repairs: u32,
    ) -> napi::Result<NativeOutputPlan> {
        let make = || {
            let schema: Value = serde_json::from_str(&schema)
                .map_err(|error| Error::invalid_argument("output_type", error))?;
            let schema = OutputSchema::new(schema)?;
            let (input, params) = (array("input", &input)?, object("params", &params)?);
            let plan = OutputPlan::new(&schema, input, params, repairs)?;
            Ok(Self {
                schema,
                plan: Arc::new(Mutex::new(plan)),
            })
        };
        codexkit::Result::or_throw(make())
    }

    /// The input and the parameters of the turn to start next, as JSON: `[input, params]`.
    #[napi]
    pub fn next(&self) -> String {
        let (input, params) = lock(&self.plan).next_turn();
        json!([input, params]).to_string()
    }

    /// Waits for the end of a turn and judges it. Promise of JSON: null if a repair is to be started, else
    /// an object with the `value`, if the turn completed.
    #[napi]
    pub fn judge<'env>(&self, env: &'env Env, turn: &NativeTurn) -> napi::Result<Object<'env>> {
        let (plan, turn) = (Arc::clone(&self.plan), turn.inner());
        promise(env, async move { judged(&plan, turn.result().await?) })
    }

    /// Judges what a turn came to, which is given as JSON.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn judge_result(&self, turn: String) -> napi::Result<String> {
        let turn = TurnResult::from_json(&turn);
        turn.and_then(|turn| judged(&self.plan, turn)).or_throw()
    }

    /// Says that the application's own check refuses the last answer. `path` is a JSON array of keys and indices.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn reject(&self, path: String, rule: String, message: String) -> napi::Result<()> {
        let parts: Vec<PathPart> = array("path", &path)
            .or_throw()?
            .into_iter()
            .map(
                |part| match part.as_u64().and_then(|index| index.try_into().ok()) {
                    Some(index) => PathPart::Index(index),
                    None => PathPart::Key(
                        part.as_str()
                            .map_or_else(|| part.to_string(), str::to_owned),
                    ),
                },
            )
            .collect();
        let fault = OutputFault::new(&parts, &rule, &message);
        lock(&self.plan).reject(fault).or_throw()
    }

    /// The growing answer of a turn.
    #[napi]
    pub fn outputs(&self, turn: &NativeTurn, hub: &NativeHub, id: u32) -> NativeOutputStream {
        let turn = turn.inner();
        turn.events().set_wake(Some(hub.shared().wake(id)));
        NativeOutputStream {
            intake: Mutex::new((
                Intake::new(turn.events().clone()),
                PartialOutputs::new(&self.schema),
            )),
            _turn: turn,
        }
    }
}

/// The growing answer of a turn, from its events.
#[napi]
pub struct NativeOutputStream {
    intake: Mutex<(Intake, PartialOutputs)>,
    _turn: codexkit::Turn,
}

#[napi]
impl NativeOutputStream {
    /// The values that are ready, as a JSON array; null if none is.
    #[napi]
    pub fn drain(&self, max: u32) -> Option<String> {
        let mut guard = self.intake.lock().unwrap_or_else(PoisonError::into_inner);
        let (intake, outputs) = &mut *guard;
        loop {
            let events = intake.take(max as usize);
            if events.is_empty() {
                return None;
            }
            let found: Vec<Value> = events
                .iter()
                .filter_map(|event| outputs.push(event))
                .collect();
            if !found.is_empty() {
                return Some(Value::Array(found).to_string());
            }
        }
    }

    /// As `NativeStream::end`.
    #[napi]
    pub fn end(&self) -> Option<String> {
        let guard = self.intake.lock().unwrap_or_else(PoisonError::into_inner);
        guard.0.end()
    }
}
