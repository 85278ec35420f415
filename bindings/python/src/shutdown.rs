//! Threads of ours in the interpreter, and the interpreter's end.
//!
//! A finalising interpreter ends every thread that asks for the GIL, in the middle of whatever it
//! does; with Rust frames on the stack that aborts the process. So our threads enter Python only
//! through [`attach`], and an `atexit` function closes that door and waits for those inside.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;

use crate::runtime;

/// How long a handler of the user may go on while the interpreter waits to end.
const PATIENCE: Duration = Duration::from_secs(10);

struct Door {
    closed: bool,
    inside: usize,
}

static DOOR: Mutex<Door> = Mutex::new(Door {
    closed: false,
    inside: 0,
});
static LEFT: Condvar = Condvar::new();

/// Counts a thread out, however it leaves.
struct Inside;

impl Drop for Inside {
    fn drop(&mut self) {
        let mut door = DOOR.lock().unwrap_or_else(PoisonError::into_inner);
        door.inside = door.inside.saturating_sub(1);
        LEFT.notify_all();
    }
}

/// Runs `f` with the GIL on a thread that Python does not know; `None` when the interpreter is
/// ending.
pub(crate) fn attach<R>(f: impl FnOnce(Python<'_>) -> R) -> Option<R> {
    {
        let mut door = DOOR.lock().unwrap_or_else(PoisonError::into_inner);
        if door.closed {
            return None;
        }
        door.inside += 1;
    }
    let _inside = Inside;
    Python::try_attach(f)
}

/// Closes the door at the interpreter's end, before its threads are in danger.
///
/// # Errors
/// Whatever `atexit.register` raises.
pub(crate) fn register(py: Python<'_>) -> PyResult<()> {
    let close = wrap_pyfunction!(close, py)?;
    py.import("atexit")?.call_method1("register", (close,))?;
    Ok(())
}

#[pyfunction]
fn close(py: Python<'_>) {
    if runtime::is_foreign() {
        // Those who were inside are threads of the parent.
        return;
    }
    py.detach(|| {
        let mut door = DOOR.lock().unwrap_or_else(PoisonError::into_inner);
        door.closed = true;
        drop(LEFT.wait_timeout_while(door, PATIENCE, |door| door.inside > 0));
    });
}
