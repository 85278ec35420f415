//! The fold of a turn's events into the simple model. The fold itself is the core's.

use std::sync::{Mutex, PoisonError};

use codexkit::{SimpleEvent, SimpleFold as CoreFold};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::event::Event;
use crate::json;

/// Folds the events of one turn, given in their order.
#[pyclass(frozen, name = "SimpleFold", module = "codexkit._native")]
pub(crate) struct SimpleFold {
    fold: Mutex<CoreFold>,
    opening: SimpleEvent,
}

impl SimpleFold {
    pub(crate) fn new((fold, opening): (CoreFold, SimpleEvent)) -> Self {
        SimpleFold {
            fold: Mutex::new(fold),
            opening,
        }
    }
}

#[pymethods]
impl SimpleFold {
    /// The event to begin with, as a dict.
    fn opening(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        json::parse(py, &self.opening.to_json())
    }

    /// What an event of the turn means, as a list of dicts; most mean nothing.
    fn push<'py>(
        &self,
        py: Python<'py>,
        event: &Bound<'py, Event>,
    ) -> PyResult<Bound<'py, PyList>> {
        let mut out = Vec::new();
        self.fold
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(event.get().inner(), &mut out);
        let found = out.iter().map(|event| json::parse(py, &event.to_json()));
        PyList::new(py, found.collect::<PyResult<Vec<_>>>()?)
    }
}
