//! Iterating over events, blocking and with asyncio, from one shared cursor.
//!
//! Events are taken from the core in batches. While a batch lasts, neither way leaves the
//! interpreter: no GIL release, no future, no thread. When it is empty the blocking way waits with
//! the GIL released, and the asyncio way yields one future that its loop's bell has resolved.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use codexkit::{Error as CoreError, Event as CoreEvent, EventStream as CoreStream, StreamState};
use pyo3::exceptions::{PyKeyboardInterrupt, PyStopAsyncIteration, PyStopIteration};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::bell::{self, Bell};
use crate::call::SLICE;
use crate::event::Event;
use crate::runtime::Owned;
use crate::unsafe_calls::stop_with;
use crate::wake::{self, Note, What};
use crate::{error, runtime};

/// Ready events in a row after which an awaiting task looks whether the event loop should breathe.
const FAIRNESS: u32 = 16;
/// Ready events in a row after which it lets it, whatever the clock says.
const LONGEST_RUN: u32 = 1024;
/// For how long all streams of a loop together may keep it from everything else. A task that sleeps comes after two such
/// runs at the latest: one before its timer is seen, one before it is called.
const BUDGET: Duration = Duration::from_micros(500);

thread_local! {
    /// When the streams of this thread's loop last let it breathe, and how often they have.
    static BREATH: Cell<(Option<Instant>, u64)> = const { Cell::new((None, 0)) };
}

static RUNNING_LOOP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
static CANCELLED: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// What all iterators over one core stream share.
pub(crate) struct Shared {
    core: Owned<CoreStream>,
    turn: Option<Owned<codexkit::Turn>>,
    ready: Mutex<VecDeque<CoreEvent>>,
    waiters: Mutex<Vec<Waiter>>,
    listening: AtomicBool,
}

struct Waiter {
    event_loop: Py<PyAny>,
    future: Py<PyAny>,
    bell: Option<Weak<Bell>>,
}

enum Next {
    Event(CoreEvent),
    Pending,
    End,
    Failed(CoreError),
}

impl Shared {
    /// `turn` is what a Ctrl-C or a cancelled task interrupts.
    pub(crate) fn new(core: CoreStream, turn: Option<codexkit::Turn>) -> Arc<Self> {
        Arc::new(Shared {
            core: Owned::new(core),
            turn: turn.map(Owned::new),
            ready: Mutex::new(VecDeque::new()),
            waiters: Mutex::new(Vec::new()),
            listening: AtomicBool::new(false),
        })
    }

    fn waiters(&self) -> MutexGuard<'_, Vec<Waiter>> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Next {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(event) = ready.pop_front() {
            return Next::Event(event);
        }
        let state = self.core.drain_batch(&mut ready);
        if let Some(event) = ready.pop_front() {
            return Next::Event(event);
        }
        match state {
            StreamState::Open => Next::Pending,
            StreamState::Ended => Next::End,
            StreamState::Failed(failure) => Next::Failed(failure),
        }
    }

    fn interrupt(&self, py: Python<'_>) {
        if let Some(turn) = &self.turn
            && let Ok(runtime) = runtime::get(py)
        {
            let _entered = runtime.enter();
            turn.interrupt_in_background();
        }
    }

    /// Blocks this thread for as long, or until there is something to read; a signal that raises, as Ctrl-C
    /// does, interrupts the turn.
    fn wait_here(&self, py: Python<'_>, longest: Duration) -> PyResult<()> {
        runtime::get(py)?;
        py.detach(|| self.core.wait_blocking(longest));
        py.check_signals().inspect_err(|_| self.interrupt(py))
    }

    /// Wakes everybody who waits. Often nobody does, because the reader is busy with what came before.
    fn wake(&self) {
        for waiter in std::mem::take(&mut *self.waiters()) {
            let note = Note {
                event_loop: waiter.event_loop,
                what: What::Settle(waiter.future),
            };
            wake::tell(waiter.bell.as_ref(), note);
        }
    }

    /// Has the core wake those who wait whenever this stream has something again.
    fn listen(self: &Arc<Self>) {
        if self.listening.swap(true, Ordering::AcqRel) {
            return;
        }
        let weak: Weak<Shared> = Arc::downgrade(self);
        self.core.set_wake(Some(Arc::new(move || {
            if let Some(shared) = weak.upgrade() {
                shared.wake();
            }
        })));
    }

    /// A future of the running loop that the next event, or the end, resolves.
    fn wait<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let running_loop = RUNNING_LOOP.import(py, "asyncio", "get_running_loop")?;
        let event_loop = running_loop.call0()?;
        let future = event_loop.call_method0(pyo3::intern!(py, "create_future"))?;
        future.setattr(pyo3::intern!(py, "_asyncio_future_blocking"), true)?;
        let bell = bell::of(&event_loop);
        self.waiters().push(Waiter {
            event_loop: event_loop.unbind(),
            future: future.clone().unbind(),
            bell,
        });
        Ok(future)
    }

    fn forget(&self, future: &Bound<'_, PyAny>) {
        let mut waiters = self.waiters();
        let position = waiters.iter().position(|waiter| waiter.future.is(future));
        let removed = position.map(|position| waiters.swap_remove(position));
        drop(waiters);
        drop(removed);
    }
}

/// An awaitable that is done.
#[pyclass(frozen)]
struct Done;

#[pymethods]
impl Done {
    fn __await__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    #[expect(clippy::unused_self, reason = "the shape of the protocol")]
    fn __next__(&self) -> Option<()> {
        None
    }
}

/// Blocking iterator over events; Ctrl-C while it waits, or in the body of its loop, interrupts the turn.
#[pyclass(frozen, name = "EventStream", module = "codexkit._native")]
pub(crate) struct EventStream {
    shared: Arc<Shared>,
    closed: AtomicBool,
}

impl Drop for EventStream {
    /// Python calls no iterator when its loop is left, but lets go of it while the exception that leaves it is
    /// under way; so a Ctrl-C in the body is seen here.
    fn drop(&mut self) {
        if runtime::is_foreign() || self.closed.load(Ordering::Relaxed) {
            return;
        }
        let _ = Python::try_attach(|py| {
            if let Some(raised) = PyErr::take(py) {
                if raised.is_instance_of::<PyKeyboardInterrupt>(py) {
                    self.shared.interrupt(py);
                }
                raised.restore(py);
            }
        });
    }
}

impl EventStream {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        EventStream {
            shared,
            closed: AtomicBool::new(false),
        }
    }
}

#[pymethods]
impl EventStream {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        if self.closed.load(Ordering::Relaxed) {
            return Ok(None);
        }
        loop {
            match self.shared.next() {
                Next::Event(event) => return Ok(Some(Event::new(event))),
                Next::End => return Ok(None),
                Next::Failed(failure) => return Err(error::raise(py, &failure)),
                Next::Pending => {}
            }
            self.shared.wait_here(py, SLICE)?;
        }
    }

    /// Ends this iterator, as a generator's `close` does; another one goes on with the events.
    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    /// The next event, or `None` when none comes within `timeout` seconds; `StopIteration` at the end.
    #[pyo3(signature = (timeout))]
    fn next_within(&self, py: Python<'_>, timeout: f64) -> PyResult<Option<Event>> {
        let timeout = codexkit::duration("timeout", timeout);
        let timeout = timeout.map_err(|failure| error::raise(py, &failure))?;
        let waited = Instant::now();
        loop {
            match self.shared.next() {
                Next::Event(event) => return Ok(Some(Event::new(event))),
                Next::End => return Err(PyStopIteration::new_err(())),
                Next::Failed(failure) => return Err(error::raise(py, &failure)),
                Next::Pending => {}
            }
            let left = timeout.saturating_sub(waited.elapsed());
            if left.is_zero() {
                return Ok(None);
            }
            self.shared.wait_here(py, left.min(SLICE))?;
        }
    }

    /// The same events for asyncio, from the same cursor.
    fn events_async(&self) -> AsyncEventStream {
        AsyncEventStream::new(Arc::clone(&self.shared), false)
    }

    /// The events that are here already, at most `limit` of them; never waits.
    #[pyo3(signature = (limit=256))]
    fn take(&self, py: Python<'_>, limit: usize) -> PyResult<Vec<Event>> {
        let mut taken = Vec::new();
        while taken.len() < limit {
            match self.shared.next() {
                Next::Event(event) => taken.push(Event::new(event)),
                Next::Failed(failure) if taken.is_empty() => {
                    return Err(error::raise(py, &failure));
                }
                _ => break,
            }
        }
        Ok(taken)
    }

    #[getter]
    fn dropped(&self) -> u64 {
        self.shared.core.dropped()
    }

    #[getter]
    fn coalesced(&self) -> u64 {
        self.shared.core.coalesced()
    }
}

/// The same events with asyncio: its own awaitable, so that a ready event costs no future.
#[pyclass(frozen, name = "AsyncEventStream", module = "codexkit._native")]
pub(crate) struct AsyncEventStream {
    shared: Arc<Shared>,
    interrupt_on_cancel: bool,
    closed: AtomicBool,
    in_a_row: AtomicU32,
    /// The number of the breath that this stream let the loop take last; 0 when it has gone on since.
    breathing: AtomicU64,
}

impl AsyncEventStream {
    pub(crate) fn new(shared: Arc<Shared>, interrupt_on_cancel: bool) -> Self {
        AsyncEventStream {
            shared,
            interrupt_on_cancel,
            closed: AtomicBool::new(false),
            in_a_row: AtomicU32::new(0),
            breathing: AtomicU64::new(0),
        }
    }

    /// Ends the await: with the event, the end of the stream, or its failure.
    fn finish(&self, py: Python<'_>, next: Next) -> PyResult<Option<Py<PyAny>>> {
        match next {
            Next::Event(event) => {
                self.in_a_row.fetch_add(1, Ordering::Relaxed);
                stop_with(&Bound::new(py, Event::new(event))?);
                Ok(None)
            }
            Next::Failed(failure) => Err(error::raise(py, &failure)),
            Next::End | Next::Pending => Err(PyStopAsyncIteration::new_err(())),
        }
    }

    /// Whether the loop should breathe now. The budget is one for all streams of a loop: many ready
    /// ones together would keep it busy as well as one.
    fn must_breathe(&self) -> bool {
        let run = self.in_a_row.load(Ordering::Relaxed);
        if run == 0 || !run.is_multiple_of(FAIRNESS) {
            return false;
        }
        let breathed = self.breathing.swap(0, Ordering::Relaxed);
        let (last, number) = BREATH.get();
        if breathed != 0 {
            // Back from the loop. The first stream to be back starts a new budget for all.
            self.in_a_row.fetch_add(1, Ordering::Relaxed);
            if breathed == number + 1 {
                BREATH.set((Some(Instant::now()), number + 1));
            }
            return false;
        }
        let over = last.is_none_or(|last| last.elapsed() >= BUDGET);
        if over || run >= LONGEST_RUN {
            self.in_a_row.store(FAIRNESS, Ordering::Relaxed);
            self.breathing.store(number + 1, Ordering::Relaxed);
        }
        over || run >= LONGEST_RUN
    }
}

#[pymethods]
impl AsyncEventStream {
    fn __aiter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __anext__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __await__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    /// One step of an await: raises `StopIteration(event)` when there is one, else yields what the
    /// event loop must wait for.
    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(PyStopAsyncIteration::new_err(()));
        }
        if self.must_breathe() {
            return Ok(Some(py.None()));
        }
        match self.shared.next() {
            Next::Pending => {}
            next => return self.finish(py, next),
        }
        runtime::get(py)?;
        self.in_a_row.store(0, Ordering::Relaxed);
        let future = self.shared.wait(py)?;
        self.shared.listen();
        // Something may have come between the look and the registration; then nobody wakes us.
        match self.shared.next() {
            Next::Pending => Ok(Some(future.unbind().into_any())),
            next => {
                self.shared.forget(&future);
                self.finish(py, next)
            }
        }
    }

    /// Ends this iterator, as that of an asynchronous generator does; another one goes on with the events.
    fn aclose(&self) -> Done {
        self.closed.store(true, Ordering::Relaxed);
        Done
    }

    /// What a coroutine does to the awaitable it is suspended in: a cancelled task interrupts the
    /// turn, unless it was asked not to.
    #[pyo3(signature = (kind, value=None, _traceback=None))]
    fn throw(
        &self,
        kind: &Bound<'_, PyAny>,
        value: Option<&Bound<'_, PyAny>>,
        _traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let py = kind.py();
        let raised = match value {
            Some(value) if !value.is_none() => PyErr::from_value(value.clone()),
            _ => PyErr::from_value(kind.clone()),
        };
        let cancelled = CANCELLED.import(py, "asyncio", "CancelledError")?;
        if self.interrupt_on_cancel && raised.matches(py, cancelled)? {
            self.shared.interrupt(py);
        }
        Err(raised)
    }

    #[getter]
    fn dropped(&self) -> u64 {
        self.shared.core.dropped()
    }

    #[getter]
    fn coalesced(&self) -> u64 {
        self.shared.core.coalesced()
    }
}
