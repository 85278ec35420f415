//! Payload objects that are used again.
//!
//! Making a payload and giving it back was a third of what an event costs the interpreter's thread. In a loop over
//! events each one goes when the next one has come, and its payload with it; if nobody else has the payload and nothing
//! was made of it yet, the next event of the method takes it over. One is kept for each method.

use std::sync::{Mutex, PoisonError};

use codexkit::Event as CoreEvent;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::event::table;
use crate::runtime;
use crate::structs::Struct;
use crate::unsafe_calls::is_sole;

static SPARE: PyOnceLock<Vec<Mutex<Option<Py<Struct>>>>> = PyOnceLock::new();

/// A payload for the event, from one that has gone.
pub(crate) fn take(py: Python<'_>, event: &CoreEvent) -> Option<Py<PyAny>> {
    let place = table(&SPARE, py, Mutex::default).get(usize::from(event.method_id()))?;
    let spare = place
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()?;
    spare.get().show(event);
    Some(spare.into_any())
}

/// Keeps the payload of an event that goes, if only the event has it.
pub(crate) fn put(event: &CoreEvent, payload: Py<PyAny>) {
    if runtime::is_foreign() {
        return;
    }
    // An event goes where Python lets go of it, which is in the interpreter nearly always.
    let _ = Python::try_attach(|py| {
        let payload = payload.into_bound(py);
        let Ok(payload) = payload.cast_into::<Struct>() else {
            return;
        };
        let Some(place) = table(&SPARE, py, Mutex::default).get(usize::from(event.method_id()))
        else {
            return;
        };
        if is_sole(payload.as_any()) && payload.get().forget() {
            let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
            let replaced = place.replace(payload.unbind());
            drop(place);
            drop(replaced);
        }
    });
}
