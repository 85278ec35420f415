//! Guardrails: functions of the application that look at what a turn is told, and at what it came to.
//!
//! Each lets it pass, replaces it or rejects it. They fail closed: where one returns an error, the turn does not
//! start, or its result is not given. They go into a [`Setup`], of a thread or a turn.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::error::{Error, ErrorKind, Result};
use crate::redact::redact;
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

    /// What it lets pass: nothing for the same, or something else. Its refusal has what the turn came to, for an output.
    async fn ask(
        &self,
        given: T,
        stage: &'static str,
        result: Option<&TurnResult>,
    ) -> Result<Option<R>> {
        let reason = match (self.check)(given).await {
            Ok(Ruling::Pass) => return Ok(None),
            Ok(Ruling::Replace(other)) => return Ok(Some(other)),
            Ok(Ruling::Reject(reason)) => reason,
            Err(failure) => match failure.downcast::<Judged>() {
                Ok(judged) => return Err(judged.0),
                Err(failure) => format!("it failed: {failure}"),
            },
        };
        Err(Error::guardrail(Rejection {
            guardrail: self.name.clone(),
            stage,
            reason,
            result: result.cloned(),
        }))
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
        if let Some(other) = guardrail.ask(input.clone(), "input", None).await? {
            input = other;
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
        if let Some(answer) = guardrail
            .ask(result.clone(), "output", Some(&result))
            .await?
        {
            result.final_response = Some(answer);
        }
    }
    Ok(result)
}

/// Looks at inputs and results for a binding, whose language has the functions. Called on a task of its own; it must not
/// block, but hand the check on and return. A check that is dropped has rejected.
pub trait CheckHandler: Send + Sync {
    /// Takes over one check.
    fn handle(&self, check: Check);
}

impl<F: Fn(Check) + Send + Sync> CheckHandler for F {
    fn handle(&self, check: Check) {
        self(check);
    }
}

/// One look at an input or a result, by functions of another language.
#[derive(Debug)]
pub struct Check {
    stage: &'static str,
    given: String,
    reply: oneshot::Sender<Result<Option<Value>>>,
}

impl Check {
    /// `input` or `output`.
    #[must_use]
    pub fn stage(&self) -> &'static str {
        self.stage
    }

    /// What is looked at, as JSON: the protocol's user inputs, or the turn's result.
    #[must_use]
    pub fn given(&self) -> &str {
        &self.given
    }

    /// Lets it pass, or puts something in its place: the protocol's user inputs, or a text.
    pub fn pass(self, other: Option<Value>) {
        // Whoever asked may be gone.
        let _ = self.reply.send(Ok(other));
    }

    /// Does not let it pass. The error of whoever waits for the turn is one that the binding has made already: of this
    /// kind (`invalid_output`; all else is `guardrail`), and `host` is what finds it again ([`Error::host`]).
    pub fn fail(self, kind: &str, message: &str, host: Arc<dyn Any + Send + Sync>) {
        let invalid = ErrorKind::InvalidOutput;
        let kind = if kind == invalid.as_str() {
            invalid
        } else {
            ErrorKind::Guardrail
        };
        let _ = self
            .reply
            .send(Err(Error::hosted(kind, redact(message), host)));
    }
}

/// The error is the turn's as it is.
#[derive(Debug)]
struct Judged(Error);

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Judged {}

/// The name of the guardrails of a binding, which have names of their own.
const OF_BINDING: &str = "guardrails";

async fn judged(
    handler: &dyn CheckHandler,
    stage: &'static str,
    given: String,
) -> Result<Option<Value>, Failure> {
    let (reply, replied) = oneshot::channel();
    handler.handle(Check {
        stage,
        given,
        reply,
    });
    match replied.await {
        Ok(Ok(other)) => Ok(other),
        Ok(Err(error)) => Err(Box::new(Judged(error))),
        Err(_) => Err("it was given up without an answer".into()),
    }
}

fn unfit(what: &str) -> Failure {
    let message = format!("a guardrail put something else than {what} in its place");
    Box::new(Judged(Error::new(ErrorKind::Guardrail, message)))
}

/// The guardrails of a binding, as one for the input and one for the output.
pub(crate) fn of_binding(handler: &Arc<dyn CheckHandler>) -> (InputGuardrail, OutputGuardrail) {
    let of_input = handler.clone();
    let input = InputGuardrail::new(OF_BINDING, move |input: Vec<Value>| {
        let handler = of_input.clone();
        async move {
            let given = json!(input).to_string();
            match judged(&*handler, "input", given).await? {
                None => Ok(Ruling::Pass),
                Some(Value::Array(input)) => Ok(Ruling::Replace(input)),
                Some(_) => Err(unfit("an input")),
            }
        }
    });
    let of_output = handler.clone();
    let output = OutputGuardrail::new(OF_BINDING, move |result: TurnResult| {
        let handler = of_output.clone();
        async move {
            match judged(&*handler, "output", result.to_json()).await? {
                None => Ok(Ruling::Pass),
                Some(Value::String(answer)) => Ok(Ruling::Replace(answer)),
                Some(_) => Err(unfit("a text")),
            }
        }
    });
    (input, output)
}
