//! A bell for each event loop: any thread rings it without the GIL, and the loop hears it by itself.
//!
//! The loop watches a socket of ours with `add_reader`. What a waking thread would have to hand over with
//! `call_soon_threadsafe`, one hop and one fight for the GIL later, the loop takes here when it comes round. A loop that
//! cannot watch sockets (Windows' proactor) has no bell; [`crate::wake`] knows what to do then.

pub(crate) use kind::{Bell, of};

#[cfg(unix)]
mod kind {
    use std::cell::RefCell;
    use std::io::{Read, Write};
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;
    use std::sync::{Arc, Mutex, PoisonError, Weak};

    use pyo3::prelude::*;

    use crate::wake::Note;

    /// Where any thread rings. The loop keeps it alive: it goes when the loop is closed.
    pub(crate) struct Bell {
        rung: Mutex<Vec<Note>>,
        rope: UnixStream,
        heard: UnixStream,
    }

    thread_local! {
        /// The bells of the loops that have run on this thread, by the loop's address; none for a loop that cannot have one.
        static BELLS: RefCell<Vec<(usize, Option<Weak<Bell>>)>> = const { RefCell::new(Vec::new()) };
    }

    /// The bell of the loop that runs on this thread, if it can have one.
    pub(crate) fn of(event_loop: &Bound<'_, PyAny>) -> Option<Weak<Bell>> {
        let address = event_loop.as_ptr() as usize;
        let known = BELLS.with_borrow(|bells| {
            let of_loop = bells.iter().find(|(other, _)| *other == address);
            of_loop.map(|(_, bell)| bell.clone())
        });
        match known {
            Some(None) => return None,
            // A loop that was closed has let go of its bell; another one may have come to its address.
            Some(Some(bell)) if bell.strong_count() > 0 => return Some(bell),
            _ => {}
        }
        let bell = hang(event_loop).ok();
        let weak = bell.as_ref().map(Arc::downgrade);
        BELLS.with_borrow_mut(|bells| {
            bells.retain(|(other, bell)| {
                *other != address && bell.as_ref().is_some_and(|bell| bell.strong_count() > 0)
            });
            bells.push((address, weak.clone()));
        });
        weak
    }

    fn hang(event_loop: &Bound<'_, PyAny>) -> PyResult<Arc<Bell>> {
        let (rope, heard) = UnixStream::pair()?;
        rope.set_nonblocking(true)?;
        heard.set_nonblocking(true)?;
        let bell = Arc::new(Bell {
            rung: Mutex::new(Vec::new()),
            rope,
            heard,
        });
        let hear = Hear(Arc::clone(&bell));
        let py = event_loop.py();
        let add_reader = event_loop.getattr(pyo3::intern!(py, "add_reader"))?;
        // The loop keeps the context that it is asked in: not that of whoever happens to be the first to wait.
        let context = py.import("contextvars")?.getattr("Context")?.call0()?;
        context.call_method1("run", (add_reader, bell.heard.as_raw_fd(), hear))?;
        Ok(bell)
    }

    impl Bell {
        /// Has the loop see to it; never blocks.
        pub(crate) fn ring(&self, added: Note) {
            let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
            let silent = rung.is_empty();
            rung.push(added);
            drop(rung);
            if silent {
                // A socket that is full rings already.
                let _ = (&self.rope).write(&[0]);
            }
        }

        fn take(&self) -> Vec<Note> {
            // Before the list, so that whoever comes after it rings again.
            let _ = (&self.heard).read(&mut [0; 64]);
            std::mem::take(&mut *self.rung.lock().unwrap_or_else(PoisonError::into_inner))
        }
    }

    /// What the loop calls.
    #[pyclass(frozen)]
    struct Hear(Arc<Bell>);

    #[pymethods]
    impl Hear {
        fn __call__(&self, py: Python<'_>) -> PyResult<()> {
            let mut outcome = Ok(());
            for note in self.0.take() {
                // One that fails must not keep the others waiting.
                outcome = outcome.and(note.what.carry_out(py));
            }
            outcome
        }
    }
}

#[cfg(not(unix))]
mod kind {
    use std::sync::Weak;

    use pyo3::prelude::*;

    use crate::wake::Note;

    /// No loop has one here.
    pub(crate) struct Bell;

    pub(crate) fn of(_event_loop: &Bound<'_, PyAny>) -> Option<Weak<Bell>> {
        None
    }

    impl Bell {
        pub(crate) fn ring(&self, _added: Note) {}
    }
}
