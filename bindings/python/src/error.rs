//! One native error into one Python exception.
//!
//! The classes live in `codexkit.errors`; which one it is, is decided there from the kind and the
//! code. Nothing here makes up a message.

use std::any::Any;

use codexkit::Error as CoreError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

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
        let fields = PyDict::new(py);
        fields.set_item("code", error.code())?;
        let data = match error.data() {
            Some(raw) => Some(json::parse(py, raw.get())?),
            None => None,
        };
        fields.set_item("data", data)?;
        fields.set_item("rpc_message", error.rpc_message())?;
        fields.set_item("argument", error.argument())?;
        fields.set_item("method", error.method())?;
        fields.set_item("exit_code", error.exit_code())?;
        fields.set_item("signal", error.signal())?;
        fields.set_item("stderr_tail", error.stderr_tail())?;
        fields.set_item("skipped", error.skipped())?;
        fields.set_item("needed_version", error.needed_version())?;
        fields.set_item("output", output(py, error)?)?;
        fields.set_item("retryable", error.retryable())?;
        make(py, error.kind().as_str(), &error.to_string(), &fields)
    };
    build().unwrap_or_else(|failure| failure)
}

/// What is wrong with an answer, as a dict in the core's JSON form.
fn output(py: Python<'_>, error: &CoreError) -> PyResult<Option<Py<PyAny>>> {
    let facts = error.invalid_output();
    facts
        .map(|facts| json::parse(py, &facts.to_json()))
        .transpose()
}

/// The error of every call in a forked child.
pub(crate) fn forked(py: Python<'_>) -> PyErr {
    let message = "this client was made before a fork and cannot be used in the child process; \
                   make a new client in the child, or start children with multiprocessing's \
                   'spawn' method";
    make(py, "forked", message, &PyDict::new(py)).unwrap_or_else(|failure| failure)
}

/// The error for a Python value that cannot go into a message to the engine.
pub(crate) fn invalid_argument(py: Python<'_>, argument: Option<&str>, message: &str) -> PyErr {
    let build = || -> PyResult<PyErr> {
        let fields = PyDict::new(py);
        fields.set_item("argument", argument)?;
        make(py, "invalid_argument", message, &fields)
    };
    build().unwrap_or_else(|failure| failure)
}

fn make(py: Python<'_>, kind: &str, message: &str, fields: &Bound<'_, PyDict>) -> PyResult<PyErr> {
    let from_native = FROM_NATIVE.import(py, "codexkit.errors", "_from_native")?;
    let exception = from_native.call((kind, message), Some(fields))?;
    Ok(PyErr::from_value(exception))
}
