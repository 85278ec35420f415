//! What becomes of the answers to one typed question: accepted, asked for again, or given up. The pure part: it
//! says what to start and judges what came of it, and runs nothing.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::output::fault::{InvalidOutput, OutputFault};
use crate::output::schema::OutputSchema;
use crate::protocol::JsonObject;
use crate::text;
use crate::thread::fold::TurnResult;

/// What a typed question came to.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct OutputResult {
    /// The turn that gave the answer, or the last one.
    pub turn: TurnResult,
    /// The answer, which follows the schema. `None` if the turn failed, was interrupted, or its answer is invalid.
    pub value: Option<Value>,
    /// The turns before it, whose answers were invalid.
    pub attempts: Vec<TurnResult>,
}

impl OutputResult {
    /// The result as one JSON object: `turn`, `value`, `attempts`.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "null".to_owned())
    }
}

/// What to do after a turn.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Nothing: this is the result.
    Done(Arc<OutputResult>),
    /// Start [`OutputPlan::next_turn`]: the answer was invalid, and the model is told how.
    Repair,
}

/// One typed question: its schema, the turn to start next, and the turns that gave no valid answer so far.
///
/// Start [`next_turn`](Self::next_turn), give what it came to to [`judge`](Self::judge), and go on while that says
/// [`Verdict::Repair`]. [`Thread::run_output`](crate::Thread::run_output) does so.
pub struct OutputPlan {
    schema: OutputSchema,
    input: Vec<Value>,
    params: JsonObject,
    repairs: u32,
    attempts: Vec<TurnResult>,
    accepted: Option<Arc<OutputResult>>,
}

impl OutputPlan {
    /// A question that is asked with `input` and further parameters of `turn/start`. An invalid answer is followed
    /// by up to `repairs` turns that tell the model what is wrong.
    ///
    /// # Errors
    /// `invalid_argument` if the parameters have an output schema of their own, or if the schema has to be given in
    /// words and there is no input to add them to.
    pub fn new(
        schema: &OutputSchema,
        mut input: Vec<Value>,
        mut params: JsonObject,
        repairs: u32,
    ) -> Result<Self> {
        let is_given = |key: &str| params.get(key).is_some_and(|value| !value.is_null());
        if is_given("outputSchema") {
            let why = "give it or an output schema, not both";
            return Err(Error::invalid_argument("output_type", why));
        }
        if let Some(strict) = schema.strict() {
            params.insert("outputSchema".to_owned(), strict.clone());
        } else if is_given("toolOutput") {
            let why = format!(
                "strict structured output has no form for it ({}), and an external message cannot carry it in words",
                schema.not_strict().unwrap_or_default()
            );
            return Err(Error::invalid_argument("output_type", why));
        } else if !input.is_empty() {
            input.push(text(in_words(schema.schema())));
        }
        Ok(Self {
            schema: schema.clone(),
            input,
            params,
            repairs,
            attempts: Vec::new(),
            accepted: None,
        })
    }

    /// The schema.
    #[must_use]
    pub fn schema(&self) -> &OutputSchema {
        &self.schema
    }

    /// The input and the parameters of the turn to start next.
    #[must_use]
    pub fn next_turn(&self) -> (Vec<Value>, JsonObject) {
        (self.input.clone(), self.params.clone())
    }

    /// Judges what a turn came to. A turn that failed or was interrupted is a result without a value.
    ///
    /// # Errors
    /// `invalid_output` if the answer is invalid and there are no repairs left.
    pub fn judge(&mut self, turn: TurnResult) -> Result<Verdict> {
        if turn.status != "completed" {
            return Ok(self.done(turn, None));
        }
        let answer = turn.final_response.as_deref().unwrap_or_default();
        match self.schema.read(answer) {
            Ok(value) => Ok(self.done(turn, Some(value))),
            Err(faults) => self.refuse(turn, faults).map(|()| Verdict::Repair),
        }
    }

    /// Takes back that the last answer is valid, because a check of the application's found a fault in it. Start
    /// [`next_turn`](Self::next_turn) then.
    ///
    /// # Errors
    /// `invalid_output` if there are no repairs left; `invalid_argument` if no answer was accepted.
    pub fn reject(&mut self, fault: OutputFault) -> Result<()> {
        let Some(result) = self.accepted.take() else {
            return Err(Error::invalid_argument("reject", "no answer was accepted"));
        };
        self.attempts.clone_from(&result.attempts);
        self.refuse(result.turn.clone(), vec![fault])
    }

    fn done(&mut self, turn: TurnResult, value: Option<Value>) -> Verdict {
        let result = Arc::new(OutputResult {
            turn,
            value,
            attempts: std::mem::take(&mut self.attempts),
        });
        self.accepted = Some(Arc::clone(&result));
        Verdict::Done(result)
    }

    fn refuse(&mut self, turn: TurnResult, faults: Vec<OutputFault>) -> Result<()> {
        if self.repairs > 0 {
            self.repairs -= 1;
            self.input = vec![text(repair(&faults))];
            self.params.remove("toolOutput");
            self.attempts.push(turn);
            return Ok(());
        }
        let raw_text = turn.final_response.clone().unwrap_or_default();
        let attempts = std::mem::take(&mut self.attempts);
        Err(Error::output(InvalidOutput {
            faults,
            raw_text,
            attempts: attempts.len() + 1,
            result: Some(Arc::new(OutputResult {
                turn,
                value: None,
                attempts,
            })),
        }))
    }
}

/// What the model is told of a schema that strict mode has no form for.
fn in_words(schema: &Value) -> String {
    format!(
        "Give the final answer as JSON and nothing else: no prose, no code fence. It must follow this JSON Schema:\n{schema}"
    )
}

/// What the model is told after an invalid answer.
fn repair(faults: &[OutputFault]) -> String {
    let lines: Vec<String> = faults.iter().map(OutputFault::line).collect();
    format!(
        "Your last answer is not valid:\n- {}\nGive the whole answer again with this put right: only the JSON, nothing else.",
        lines.join("\n- ")
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::ErrorKind;
    use crate::output::fault::PathPart;

    fn schema() -> OutputSchema {
        OutputSchema::new(json!({"type": "object", "properties": {"age": {"type": "integer", "minimum": 0}}, "required": ["age"]}))
            .expect("a schema")
    }

    fn turn(answer: &str) -> TurnResult {
        TurnResult {
            id: "u".into(),
            thread_id: "t".into(),
            status: "completed".into(),
            error: None,
            started_at: None,
            completed_at: None,
            duration_ms: None,
            final_response: (!answer.is_empty()).then(|| answer.to_owned()),
            items: Vec::new(),
            usage: None,
            recovered: false,
            denied: None,
            rate_limits: None,
        }
    }

    fn plan(repairs: u32) -> OutputPlan {
        OutputPlan::new(
            &schema(),
            vec![text("How old?")],
            JsonObject::new(),
            repairs,
        )
        .expect("a plan")
    }

    fn prompt(plan: &OutputPlan) -> String {
        plan.next_turn().0[0]["text"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    #[test]
    fn a_valid_answer_is_the_result() {
        let mut plan = plan(0);
        let (input, params) = plan.next_turn();
        assert_eq!(input, [text("How old?")]);
        assert_eq!(params["outputSchema"]["additionalProperties"], false);
        let Ok(Verdict::Done(result)) = plan.judge(turn(r#"{"age": 3}"#)) else {
            panic!("it is valid")
        };
        assert_eq!(result.value, Some(json!({"age": 3})));
        assert!(result.attempts.is_empty());
    }

    #[test]
    fn an_invalid_answer_is_asked_for_again_and_then_given_up() {
        let mut plan = plan(1);
        assert!(matches!(
            plan.judge(turn(r#"{"age": "x"}"#)),
            Ok(Verdict::Repair)
        ));
        let told = prompt(&plan);
        assert!(
            told.contains(r#"at $.age: "x" is not of type "integer" (rule: type)"#),
            "{told}"
        );
        let error = plan.judge(turn("")).expect_err("no repairs left");
        assert_eq!(error.kind(), ErrorKind::InvalidOutput);
        let facts = error.invalid_output().expect("its facts");
        assert_eq!((facts.faults[0].rule.as_str(), facts.attempts), ("json", 2));
        let result = facts.result.as_ref().expect("turns were run");
        assert_eq!((result.attempts.len(), &result.value), (1, &None));
    }

    #[test]
    fn a_check_of_the_applications_counts_as_the_schema_does() {
        let mut plan = plan(1);
        let fault = || OutputFault::new(&[PathPart::Key("age".into())], "zod:custom", "too young");
        assert_eq!(
            plan.reject(fault()).expect_err("nothing yet").kind(),
            ErrorKind::InvalidArgument
        );
        assert!(plan.judge(turn(r#"{"age": 3}"#)).is_ok());
        plan.reject(fault()).expect("one repair is left");
        assert!(prompt(&plan).contains("at $.age: too young (rule: zod:custom)"));
        let Ok(Verdict::Done(result)) = plan.judge(turn(r#"{"age": 4}"#)) else {
            panic!("it is valid")
        };
        assert_eq!(result.attempts.len(), 1);
        let error = plan.reject(fault()).expect_err("no repairs left");
        let facts = error.invalid_output().expect("its facts");
        assert_eq!(
            (facts.attempts, facts.raw_text.as_str()),
            (2, r#"{"age": 4}"#)
        );
    }

    #[test]
    fn a_turn_that_did_not_complete_is_a_result_without_a_value() {
        let mut failed = turn("{}");
        failed.status = "failed".into();
        let Ok(Verdict::Done(result)) = plan(3).judge(failed) else {
            panic!("it is over")
        };
        assert_eq!(result.value, None);
    }

    #[test]
    fn what_strict_mode_cannot_say_is_said_in_words() {
        let open = OutputSchema::new(
            json!({"type": "object", "additionalProperties": {"type": "integer"}}),
        )
        .expect("a schema");
        assert_eq!(open.not_strict(), Some("$: an object with any keys"));
        let plan =
            OutputPlan::new(&open, vec![text("Count.")], JsonObject::new(), 0).expect("a plan");
        let (input, params) = plan.next_turn();
        assert!(!params.contains_key("outputSchema"));
        assert!(
            input[1]["text"]
                .as_str()
                .is_some_and(|said| said.contains("additionalProperties"))
        );
        let tool = JsonObject::from_iter([("toolOutput".to_owned(), json!({"name": "x"}))]);
        let error = OutputPlan::new(&open, Vec::new(), tool, 0)
            .err()
            .expect("no input");
        assert_eq!(error.argument(), Some("output_type"));
    }

    #[test]
    fn one_schema_is_enough() {
        let params = JsonObject::from_iter([("outputSchema".to_owned(), json!({}))]);
        let error = OutputPlan::new(&schema(), Vec::new(), params, 0)
            .err()
            .expect("two schemas");
        assert_eq!(error.argument(), Some("output_type"));
    }
}
