//! The one place with unsafe code: calls of the interpreter that PyO3 has no wrapper for. Each stands in a function that
//! is safe to call.

use pyo3::ffi;
use pyo3::prelude::*;

use crate::event::Event;

/// Whether nobody but the caller has the object.
#[expect(unsafe_code, reason = "PyO3 wraps the count of references no more")]
pub(crate) fn is_sole(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: a `Bound` exists only while its thread is attached to the interpreter, and its pointer is valid.
    unsafe { ffi::Py_REFCNT(object.as_ptr()) == 1 }
}

/// Raises `StopIteration(event)`, to be followed by a step's `Ok(None)`.
///
/// An error made by PyO3 becomes an exception object with its tuple of arguments, which costs as much as
/// the rest of a step; the interpreter itself takes a bare value where an await ends.
#[expect(
    unsafe_code,
    reason = "PyO3 has no way to set an exception without making its object"
)]
pub(crate) fn stop_with(event: &Bound<'_, Event>) {
    // SAFETY: a `Bound` exists only while its thread is attached to the interpreter; both pointers are
    // valid, and `PyErr_SetObject` takes its own references.
    unsafe { ffi::PyErr_SetObject(ffi::PyExc_StopIteration, event.as_ptr()) };
}
