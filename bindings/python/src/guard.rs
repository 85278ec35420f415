//! Guardrails, and what else looks at a turn's input and result, on their way to a Python callable. Mirrors
//! `codexkit::guardrails`.
//!
//! The callable runs on a thread of its own. A check that it drops has rejected.

use std::sync::Arc;

use codexkit::Setup;
use codexkit::guardrails::{Check as CoreCheck, CheckHandler};
use pyo3::prelude::*;

use crate::json;
use crate::request::{Caller, Slot};

/// What is called with each [`Check`].
pub(crate) type Guard = Option<Py<PyAny>>;

/// A setup with it.
pub(crate) fn guarded(setup: Setup, guard: Guard) -> Setup {
    match guard {
        Some(callable) => setup.checked_by(Arc::new(Caller::new(callable))),
        None => setup,
    }
}

impl CheckHandler for Caller {
    fn handle(&self, check: CoreCheck) {
        let inner = Slot::new(check);
        self.call(|py| Py::new(py, Check { inner }).map(Py::into_any));
    }
}

/// One look at an input or a result, to be answered once.
#[pyclass(frozen, name = "Check", module = "codexkit._native")]
pub(crate) struct Check {
    inner: Slot<CoreCheck>,
}

#[pymethods]
impl Check {
    /// `input` or `output`.
    #[getter]
    fn stage(&self) -> Option<&'static str> {
        self.inner.read(CoreCheck::stage)
    }

    /// The protocol's inputs, or the turn's result in the core's JSON form.
    fn given(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let text = self.inner.read(|check| check.given().to_owned());
        json::parse(py, text.as_deref().unwrap_or("null"))
    }

    /// Lets it pass, or puts something in its place.
    fn let_pass(&self, other: &Bound<'_, PyAny>) -> PyResult<()> {
        let other = (!other.is_none()).then(|| json::to_value(other));
        let other = other.transpose()?;
        if let Some(check) = self.inner.take() {
            check.pass(other);
        }
        Ok(())
    }

    /// Does not; whoever waits for the turn gets `error`.
    fn fail(&self, kind: &str, message: &str, error: Py<PyAny>) {
        if let Some(check) = self.inner.take() {
            check.fail(kind, message, Arc::new(error));
        }
    }
}
