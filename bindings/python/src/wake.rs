//! One thread that may wait for the GIL, so that no task of the runtime ever does.
//!
//! Tasks post notes here: "call this on that loop", "this stream has something". The thread takes
//! the GIL once for all the notes that have gathered and hands each to its event loop with
//! `call_soon_threadsafe`. It runs no user code.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread;

use pyo3::prelude::*;

use crate::shutdown;
use crate::stream::Shared;

/// Something an event loop must learn.
pub(crate) enum Note {
    /// Call `callback()` on `event_loop`.
    Call {
        event_loop: Py<PyAny>,
        callback: Py<PyAny>,
    },
    /// Wake everybody who awaits this stream.
    Stream(Arc<Shared>),
}

static NOTES: OnceLock<Sender<Note>> = OnceLock::new();

/// Hands a note to the waking thread; never blocks.
pub(crate) fn post(note: Note) {
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

fn deliver(py: Python<'_>, note: Note) {
    match note {
        Note::Call {
            event_loop,
            callback,
        } => call_soon(event_loop.bind(py), (callback,)),
        Note::Stream(shared) => shared.wake(py),
    }
}

/// `loop.call_soon_threadsafe(*arguments)`; a loop that was closed meanwhile has nobody waiting.
pub(crate) fn call_soon<'py, A>(event_loop: &Bound<'py, PyAny>, arguments: A)
where
    A: pyo3::call::PyCallArgs<'py>,
{
    let name = pyo3::intern!(event_loop.py(), "call_soon_threadsafe");
    drop(event_loop.call_method1(name, arguments));
}
