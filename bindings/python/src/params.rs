//! An event's parameters as a dict; those of plain deltas are put together from their parts instead of being parsed.

use std::sync::{Mutex, PoisonError};

use codexkit::Event as CoreEvent;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::json;

/// The ids that were given out last, by their kind: a stream has the same in every event.
static IDS: Mutex<[Option<Py<PyString>>; 3]> = Mutex::new([None, None, None]);

/// The parameters; whatever they are, if the engine sends no object.
///
/// # Errors
/// `ValueError` where the text is not JSON.
pub(crate) fn params(py: Python<'_>, event: &CoreEvent) -> PyResult<Py<PyAny>> {
    match plain_delta(py, event) {
        Some(made) => Ok(made?.into_any().unbind()),
        None => json::parse(py, event.params()),
    }
}

/// A delta's text, cut out of its line.
pub(crate) fn delta<'py>(
    py: Python<'py>,
    event: &CoreEvent,
) -> Option<PyResult<Bound<'py, PyString>>> {
    let (range, escaped) = event.delta_contents_range()?;
    let contents = event.line().get(range)?;
    if escaped {
        json::unescape(py, contents)
    } else {
        Some(Ok(PyString::new(py, contents)))
    }
}

fn plain_delta<'py>(py: Python<'py>, event: &CoreEvent) -> Option<PyResult<Bound<'py, PyDict>>> {
    if !event.is_plain_delta(false) {
        return None;
    }
    let ids = [event.thread_id()?, event.turn_id()?, event.item_id()?];
    let text = delta(py, event)?;
    let make = || {
        let object = PyDict::new(py);
        let [thread, turn, item] = shared(py, ids)?;
        object.set_item(pyo3::intern!(py, "threadId"), thread)?;
        object.set_item(pyo3::intern!(py, "turnId"), turn)?;
        object.set_item(pyo3::intern!(py, "itemId"), item)?;
        object.set_item(pyo3::intern!(py, "delta"), text?)?;
        Ok(object)
    };
    Some(make())
}

/// The ids as strings: those of the last event, where they are the same.
fn shared<'py>(py: Python<'py>, ids: [&str; 3]) -> PyResult<[Bound<'py, PyString>; 3]> {
    let mut known = IDS.lock().unwrap_or_else(PoisonError::into_inner);
    // What is replaced is dropped after the lock.
    let mut replaced = [None, None, None];
    for (place, (id, old)) in known.iter_mut().zip(ids.iter().zip(&mut replaced)) {
        let same = match &*place {
            Some(text) => text.bind(py).to_str()? == *id,
            None => false,
        };
        if !same {
            *old = place.replace(PyString::new(py, id).unbind());
        }
    }
    let texts = [0, 1, 2].map(|number: usize| match known.get(number) {
        Some(Some(text)) => text.bind(py).clone(),
        _ => PyString::new(py, ids[number]),
    });
    drop(known);
    drop(replaced);
    Ok(texts)
}
