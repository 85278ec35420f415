//! What the engine asks its client: approvals, questions, tool calls.
//!
//! The core hands a request over off its read loop; here it moves to a thread that may wait for the
//! GIL, and the Python handler is called with it. A request that is dropped without an answer gets
//! the core's fail-closed one, whatever the reason.

use std::sync::{Arc, Mutex, PoisonError};

use codexkit::{ServerRequest as CoreRequest, ServerRequestHandler};
use pyo3::prelude::*;
use serde_json::value::RawValue;

use crate::{error, json, shutdown};

/// What is answered once: whoever takes it answers.
pub(crate) struct Slot<T>(Mutex<Option<T>>);

impl<T> Slot<T> {
    pub(crate) fn new(value: T) -> Self {
        Slot(Mutex::new(Some(value)))
    }

    pub(crate) fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Looks at it while nobody has taken it.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&T) -> R) -> Option<R> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.as_ref().map(look)
    }
}

/// A Python callable that is called with each request or question, on a thread of its own.
pub(crate) struct Caller {
    callable: Arc<Py<PyAny>>,
}

impl Caller {
    pub(crate) fn new(callable: Py<PyAny>) -> Self {
        let callable = Arc::new(callable);
        Caller { callable }
    }

    /// Calls it with what `argument` makes. Must be called on the runtime, as the core does.
    pub(crate) fn call<F>(&self, argument: F)
    where
        F: FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send + 'static,
    {
        // Not `clone_ref`, which needs the GIL: this is a task of the runtime.
        let callable = Arc::clone(&self.callable);
        tokio::task::spawn_blocking(move || {
            shutdown::attach(|py| {
                // The Python side reports its own failures; an exception that escapes it still
                // drops the argument, which declines.
                let called = argument(py).and_then(|argument| callable.call1(py, (argument,)));
                if let Err(failure) = called {
                    failure.write_unraisable(py, Some(callable.bind(py)));
                }
            });
        });
    }
}

impl ServerRequestHandler for Caller {
    fn handle(&self, request: CoreRequest) {
        let inner = Slot::new(request);
        self.call(|py| Py::new(py, ServerRequest { inner }).map(Py::into_any));
    }
}

/// One question of the engine, to be answered once.
#[pyclass(frozen, name = "ServerRequest", module = "codexkit._native")]
pub(crate) struct ServerRequest {
    inner: Slot<CoreRequest>,
}

#[pymethods]
impl ServerRequest {
    #[getter]
    fn method(&self) -> Option<String> {
        self.inner.read(|request| request.method().to_owned())
    }

    fn params(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let text = self.inner.read(|request| request.params().to_owned());
        json::parse(py, text.as_deref().unwrap_or("null"))
    }

    /// Sends the answer; `False` if the request was answered or given up before.
    fn respond(&self, py: Python<'_>, answer: &Bound<'_, PyAny>) -> PyResult<bool> {
        let text = json::to_value(answer)?.to_string();
        let raw = RawValue::from_string(text)
            .map_err(|failure| error::invalid_argument(py, None, &failure.to_string()))?;
        let request = self.inner.take();
        Ok(match request {
            Some(request) => {
                request.respond(&raw);
                true
            }
            None => false,
        })
    }

    /// Gives the request up: the engine gets the fail-closed answer, the diagnostics the reason.
    fn decline(&self, why: &str) {
        if let Some(request) = self.inner.take() {
            request.decline(why);
        }
    }
}
