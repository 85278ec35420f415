//! One native error into one Python exception.
//!
//! The classes live in `codexkit.errors`; which one it is, is decided there from the kind and the
//! code. Nothing here makes up a message.

use std::any::Any;

use codexkit::{Error as CoreError, TurnResult};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use serde_json::value::RawValue;

use crate::json;

static FROM_NATIVE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// `error` as the exception of `codexkit.errors` that stands for it, or the one that it was made of.
pub(crate) fn raise(py: Python<'_>, error: &CoreError) -> PyErr {
    let own = error
        .host()
        .and_then(<dyn Any + Send + Sync>::downcast_ref::<Py<PyAny>>);
    if let Some(own) = own {
        return PyErr::from_value(own.bind(py).clone());
    }
    let build = || -> PyResult<PyErr> {
        let facts = json::parse(py, &error.to_json())?;
        make(py, facts.bind(py))
    };
    build().unwrap_or_else(|failure| failure)
}

/// What a turn's result is as an error, in the core's JSON form; `None` if it is none. With `all`, every turn that was
/// not completed is one.
#[pyfunction]
pub(crate) fn turn_error(
    py: Python<'_>,
    result: &Bound<'_, PyAny>,
    all: bool,
) -> PyResult<Option<Py<PyAny>>> {
    let text = json::to_value(result)?.to_string();
    let result = TurnResult::from_json(&text).map_err(|failure| raise(py, &failure))?;
    let error = if all {
        result.unless_completed()
    } else {
        result.error()
    };
    error
        .map(|error| json::parse(py, &error.to_json()))
        .transpose()
}

/// What a JSON-RPC error answer is, in the core's JSON form.
#[pyfunction]
pub(crate) fn answer_error(
    py: Python<'_>,
    code: i64,
    message: &str,
    data: &Bound<'_, PyAny>,
) -> PyResult<Py<PyAny>> {
    let data = json::to_value(data)?.to_string();
    let error = CoreError::of_answer(code, message, RawValue::from_string(data).ok());
    json::parse(py, &error.to_json())
}

/// The whole text of an error that is made in Python, and what to do about its kind.
#[pyfunction]
pub(crate) fn describe_error(kind: &str, message: &str) -> (String, &'static str) {
    codexkit::describe_error(kind, message)
}

/// The error of every call in a forked child.
pub(crate) fn forked(py: Python<'_>) -> PyErr {
    let message = "this client was made before a fork and cannot be used in the child process; \
                   make a new client in the child, or start children with multiprocessing's \
                   'spawn' method";
    own(py, "forked", message, None)
}

/// The error for a Python value that cannot go into a message to the engine.
pub(crate) fn invalid_argument(py: Python<'_>, argument: Option<&str>, message: &str) -> PyErr {
    own(py, "invalid_argument", message, argument)
}

fn own(py: Python<'_>, kind: &str, message: &str, argument: Option<&str>) -> PyErr {
    let build = || -> PyResult<PyErr> {
        let facts = PyDict::new(py);
        facts.set_item("kind", kind)?;
        facts.set_item("message", message)?;
        facts.set_item("argument", argument)?;
        make(py, &facts)
    };
    build().unwrap_or_else(|failure| failure)
}

fn make(py: Python<'_>, facts: &Bound<'_, PyAny>) -> PyResult<PyErr> {
    let from_native = FROM_NATIVE.import(py, "codexkit.errors", "_from_native")?;
    Ok(PyErr::from_value(from_native.call1((facts,))?))
}
