//! Guardrails: functions of the application that look at what a turn is told, and at what it came to.
//!
//! Each lets it pass, replaces it or rejects it. They fail closed: where one returns an error, the turn does not
//! start, or its result is not given. They go into a [`Setup`], of a thread or a turn.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::thread::fold::TurnResult;
use crate::thread::setup::Setup;

/// What a guardrail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling<T> {
    /// It is fine.
    Pass,
    /// This instead.
    Replace(T),
    /// No, and why.
    Reject(String),
}

/// Why a guardrail did not let something pass: the facts of an error of the kind `guardrail`.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Rejection {
    /// The guardrail's name.
    pub guardrail: String,
    /// `input` or `output`.
    pub stage: &'static str,
    /// What it said.
    pub reason: String,
    /// What the turn came to, for an output.
    pub result: Option<TurnResult>,
}

/// What a guardrail that cannot say anything failed with.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

type Answer<T> = Pin<Box<dyn Future<Output = Result<Ruling<T>, Failure>> + Send>>;

/// A function that looks at something.
pub struct Guardrail<T, R> {
    name: String,
    check: Arc<dyn Fn(T) -> Answer<R> + Send + Sync>,
}

/// Looks at a turn's input before it starts, and may replace it.
pub type InputGuardrail = Guardrail<Vec<Value>, Vec<Value>>;

/// Looks at what a turn came to, and may replace its final response.
pub type OutputGuardrail = Guardrail<TurnResult, String>;

impl<T, R> Guardrail<T, R> {
    /// A guardrail of this name.
    pub fn new<F>(name: impl Into<String>, check: impl Fn(T) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Ruling<R>, Failure>> + Send + 'static,
    {
        Self {
            name: name.into(),
            check: Arc::new(move |given| Box::pin(check(given))),
        }
    }

    async fn ask(&self, given: T) -> Result<Ruling<R>, String> {
        let ruling = (self.check)(given).await;
        ruling.map_err(|error| format!("it failed: {error}"))
    }
}

impl<T, R> Clone for Guardrail<T, R> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            check: self.check.clone(),
        }
    }
}

impl<T, R> fmt::Debug for Guardrail<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guardrail({})", self.name)
    }
}

/// The input that a turn may have, by the guardrails of these setups in their order.
pub(crate) async fn check_input(
    setups: &[Arc<Setup>],
    mut input: Vec<Value>,
) -> Result<Vec<Value>> {
    for guardrail in setups.iter().flat_map(|setup| &setup.input_guardrails) {
        match guardrail.ask(input.clone()).await {
            Ok(Ruling::Pass) => {}
            Ok(Ruling::Replace(other)) => input = other,
            Ok(Ruling::Reject(reason)) | Err(reason) => {
                return Err(Error::guardrail(Rejection {
                    guardrail: guardrail.name.clone(),
                    stage: "input",
                    reason,
                    result: None,
                }));
            }
        }
    }
    Ok(input)
}

/// The result that may be given out, by the guardrails of these setups in their order. They look at turns that completed.
pub(crate) async fn check_output(
    setups: &[Arc<Setup>],
    mut result: TurnResult,
) -> Result<TurnResult> {
    if result.status != "completed" {
        return Ok(result);
    }
    for guardrail in setups.iter().flat_map(|setup| &setup.output_guardrails) {
        match guardrail.ask(result.clone()).await {
            Ok(Ruling::Pass) => {}
            Ok(Ruling::Replace(answer)) => result.final_response = Some(answer),
            Ok(Ruling::Reject(reason)) | Err(reason) => {
                return Err(Error::guardrail(Rejection {
                    guardrail: guardrail.name.clone(),
                    stage: "output",
                    reason,
                    result: Some(result),
                }));
            }
        }
    }
    Ok(result)
}
