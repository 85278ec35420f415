//! How an event loop learns of something, from a thread without the GIL: no task of the runtime ever waits for it.
//!
//! A loop with a [bell](crate::bell) is rung. For others there is one thread that may wait for the GIL; it takes it
//! once for all the notes that have gathered and hands each to its loop with `call_soon_threadsafe`. It runs no user
//! code.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{OnceLock, Weak};
use std::thread;

use pyo3::prelude::*;

use crate::bell::Bell;
use crate::shutdown;

/// Something that an event loop is to do on its own thread.
pub(crate) struct Note {
    pub(crate) event_loop: Py<PyAny>,
    pub(crate) what: What,
}

pub(crate) enum What {
    /// Give this future None, unless it is done or cancelled.
    Settle(Py<PyAny>),
    /// Call this.
    Call(Py<PyAny>),
}

impl What {
    pub(crate) fn carry_out(&self, py: Python<'_>) -> PyResult<()> {
        match self {
            Self::Call(callback) => callback.call0(py).map(drop),
            Self::Settle(future) => {
                let future = future.bind(py);
                let done = future.call_method0(pyo3::intern!(py, "done"))?;
                if !done.is_truthy()? {
                    future.call_method1(pyo3::intern!(py, "set_result"), (py.None(),))?;
                }
                Ok(())
            }
        }
    }
}

/// What a loop is handed.
#[pyclass(frozen)]
struct Carry(What);

#[pymethods]
impl Carry {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        self.0.carry_out(py)
    }
}

static NOTES: OnceLock<Sender<Note>> = OnceLock::new();

/// Has the loop see to it, by its bell if it has one; never blocks.
pub(crate) fn tell(bell: Option<&Weak<Bell>>, note: Note) {
    match bell.and_then(Weak::upgrade) {
        Some(bell) => bell.ring(note),
        None => post(note),
    }
}

/// Hands a note to the waking thread.
fn post(note: Note) {
    let sender = NOTES.get_or_init(|| {
        let (sender, receiver) = channel();
        let spawned = thread::Builder::new()
            .name("codexkit-wake".to_owned())
            .spawn(move || run(&receiver));
        // Without the thread the receiver is gone and posting is a no-op: the awaiting side then
        // only ends by its own timeout. A process that cannot start one small thread has no
        // runtime either, which `runtime::get` has reported by then.
        drop(spawned);
        sender
    });
    drop(sender.send(note));
}

fn run(notes: &Receiver<Note>) {
    while let Ok(first) = notes.recv() {
        let attached = shutdown::attach(|py| {
            deliver(py, first);
            while let Ok(note) = notes.try_recv() {
                deliver(py, note);
            }
        });
        if attached.is_none() {
            // The interpreter is shutting down: nobody is left to be woken.
            return;
        }
    }
}

/// A loop that was closed meanwhile has nobody waiting.
fn deliver(py: Python<'_>, note: Note) {
    let name = pyo3::intern!(py, "call_soon_threadsafe");
    drop(note.event_loop.call_method1(py, name, (Carry(note.what),)));
}
