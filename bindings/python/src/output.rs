//! Structured output: the plan of a typed question, and the answer while it grows. What is decided, core decides.

use std::sync::{Arc, Mutex, PoisonError};

use codexkit::TurnResult;
use codexkit::output::{
    OutputFault, OutputPlan as CorePlan, OutputResult, OutputSchema, PartialOutputs as CoreOutputs,
    PathPart, Verdict,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::ask::{self, Given};
use crate::call::call;
use crate::error;
use crate::event::Event;
use crate::json;
use crate::thread::Thread;
use crate::turn::Turn;

type Loop<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// One typed question: its schema, its turns and its repairs.
#[pyclass(frozen, name = "OutputPlan", module = "codexkit._native")]
pub(crate) struct OutputPlan {
    schema: OutputSchema,
    plan: Arc<tokio::sync::Mutex<CorePlan>>,
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `call` asks for")]
fn to_python(py: Python<'_>, result: Arc<OutputResult>) -> PyResult<Py<PyAny>> {
    json::parse(py, &result.to_json())
}

#[pymethods]
impl OutputPlan {
    #[new]
    fn new(
        py: Python<'_>,
        schema: &Bound<'_, PyAny>,
        input: &Bound<'_, PyList>,
        params: &Bound<'_, PyDict>,
        repairs: u32,
    ) -> PyResult<Self> {
        let (input, params) = (json::to_array(input)?, json::to_object(Some(params))?);
        let raise = |failure: codexkit::Error| error::raise(py, &failure);
        let schema = OutputSchema::new(json::to_value(schema)?).map_err(raise)?;
        let plan = CorePlan::new(&schema, input, params, repairs).map_err(raise)?;
        Ok(OutputPlan {
            schema,
            plan: Arc::new(tokio::sync::Mutex::new(plan)),
        })
    }

    /// Starts the plan's next turn.
    #[pyo3(signature = (thread, event_loop=None, responders=None))]
    fn turn<'py>(
        &self,
        py: Python<'py>,
        thread: &Bound<'py, Thread>,
        event_loop: Loop<'_, 'py>,
        responders: Given,
    ) -> PyResult<Bound<'py, PyAny>> {
        let setup = ask::setup(py, responders)?;
        let (plan, thread) = (Arc::clone(&self.plan), thread.get().core());
        let future = async move {
            let (input, params) = plan.lock().await.next_turn();
            thread.turn_with(input, params, setup).await
        };
        call(py, event_loop, future, Turn::to_python)
    }

    /// Runs the plan's turns to their end: a dict of `turn`, `value` and `attempts`.
    #[pyo3(signature = (thread, event_loop=None, responders=None))]
    fn run<'py>(
        &self,
        py: Python<'py>,
        thread: &Bound<'py, Thread>,
        event_loop: Loop<'_, 'py>,
        responders: Given,
    ) -> PyResult<Bound<'py, PyAny>> {
        let setup = ask::setup(py, responders)?;
        let (plan, thread) = (Arc::clone(&self.plan), thread.get().core());
        let future = async move { thread.run_output_with(&mut *plan.lock().await, setup).await };
        call(py, event_loop, future, to_python)
    }

    /// Waits for the end of a turn and judges it: the same dict, or `None` if a repair is to be started.
    #[pyo3(signature = (turn, event_loop=None))]
    fn judge<'py>(
        &self,
        py: Python<'py>,
        turn: &Bound<'py, Turn>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (plan, turn) = (Arc::clone(&self.plan), turn.get().inner());
        let future = async move {
            let result = turn.result().await?;
            plan.lock().await.judge(result)
        };
        call(py, event_loop, future, |py, verdict| match verdict {
            Verdict::Done(result) => to_python(py, result),
            Verdict::Repair => Ok(py.None()),
        })
    }

    /// What the next turn is started with: its input and its parameters.
    fn next_turn(&self, py: Python<'_>) -> PyResult<(Py<PyAny>, Py<PyAny>)> {
        let (input, params) = py.detach(|| self.plan.blocking_lock().next_turn());
        let input = json::parse(py, &serde_json::Value::Array(input).to_string())?;
        let params = json::parse(py, &serde_json::Value::Object(params).to_string())?;
        Ok((input, params))
    }

    /// Judges what a turn came to, given in the core's JSON form: as `judge`.
    fn judge_result(&self, py: Python<'_>, turn: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let text = json::to_value(turn)?.to_string();
        let turn = TurnResult::from_json(&text).map_err(|failure| error::raise(py, &failure))?;
        let verdict = py.detach(|| self.plan.blocking_lock().judge(turn));
        match verdict.map_err(|failure| error::raise(py, &failure))? {
            Verdict::Done(result) => to_python(py, result),
            Verdict::Repair => Ok(py.None()),
        }
    }

    /// Says that the application's own check refuses the last answer.
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 gives a list by value")]
    fn reject(
        &self,
        py: Python<'_>,
        path: Vec<Bound<'_, PyAny>>,
        rule: &str,
        message: &str,
    ) -> PyResult<()> {
        let parts = path.iter().map(|part| match part.extract::<usize>() {
            Ok(index) => Ok(PathPart::Index(index)),
            Err(_) => Ok(PathPart::Key(part.str()?.to_string())),
        });
        let fault = OutputFault::new(&parts.collect::<PyResult<Vec<_>>>()?, rule, message);
        // Nothing runs when an answer is checked: the lock is free.
        let rejected = py.detach(|| self.plan.blocking_lock().reject(fault));
        rejected.map_err(|failure| error::raise(py, &failure))
    }

    /// The fold of a turn's events into the growing answer.
    fn outputs(&self) -> PartialOutputs {
        PartialOutputs {
            outputs: Mutex::new(CoreOutputs::new(&self.schema)),
        }
    }
}

/// Folds the events of a turn, given in their order, into its answer while that grows.
#[pyclass(frozen, name = "PartialOutputs", module = "codexkit._native")]
pub(crate) struct PartialOutputs {
    outputs: Mutex<CoreOutputs>,
}

#[pymethods]
impl PartialOutputs {
    /// The answer so far in a list, which is empty if the event has not changed it.
    fn push<'py>(
        &self,
        py: Python<'py>,
        event: &Bound<'py, Event>,
    ) -> PyResult<Bound<'py, PyList>> {
        let value = self
            .outputs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(event.get().inner());
        let found = value.map(|value| json::parse(py, &value.to_string()));
        PyList::new(py, found.transpose()?)
    }
}
