//! One way of calling the core: blocking, or as an asyncio future.
//!
//! Every operation of a handle is one future of the core and one conversion of its answer. With no
//! event loop given the calling thread waits with the GIL released, looking for signals every
//! [`SLICE`]; with one, the answer resolves a future made by `loop.create_future()`, through the loop's
//! bell. Dropping or cancelling either way drops the core's future.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use codexkit::Result as CoreResult;
use pyo3::prelude::*;
use pyo3::types::PyAny;
use tokio::task::AbortHandle;

use crate::wake::{self, Note, What};
use crate::{bell, error, runtime};

/// How long a blocking wait goes without looking for Ctrl-C.
pub(crate) const SLICE: Duration = Duration::from_millis(50);

type Thunk = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

/// Runs `future` to its end and converts its answer.
///
/// # Errors
/// With no loop: what the core or the conversion failed with, or what a signal handler raised. With
/// a loop those arrive in the future, and only a fork or a broken loop fails here.
pub(crate) fn call<'py, T, F, C>(
    py: Python<'py>,
    event_loop: Option<&Bound<'py, PyAny>>,
    future: F,
    convert: C,
) -> PyResult<Bound<'py, PyAny>>
where
    T: Send + 'static,
    F: Future<Output = CoreResult<T>> + Send + 'static,
    C: FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
{
    match event_loop {
        None => {
            let value = block(py, future)?.map_err(|failure| error::raise(py, &failure))?;
            convert(py, value).map(|object| object.into_bound(py))
        }
        Some(event_loop) => promise(py, event_loop, future, convert),
    }
}

/// Waits on this thread with the GIL released.
fn block<T, F>(py: Python<'_>, future: F) -> PyResult<T>
where
    T: Send,
    F: Future<Output = T> + Send,
{
    let runtime = runtime::get(py)?;
    let mut future = Box::pin(future);
    loop {
        let step = py
            .detach(|| runtime.block_on(async { tokio::time::timeout(SLICE, &mut future).await }));
        match step {
            Ok(value) => return Ok(value),
            Err(_elapsed) => py.check_signals()?,
        }
    }
}

fn promise<'py, T, F, C>(
    py: Python<'py>,
    event_loop: &Bound<'py, PyAny>,
    future: F,
    convert: C,
) -> PyResult<Bound<'py, PyAny>>
where
    T: Send + 'static,
    F: Future<Output = CoreResult<T>> + Send + 'static,
    C: FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
{
    let runtime = runtime::get(py)?;
    let promise = event_loop.call_method0(pyo3::intern!(py, "create_future"))?;
    let target = event_loop.clone().unbind();
    let bell = bell::of(event_loop);
    let completion = Py::new(
        py,
        Completion {
            promise: promise.clone().unbind(),
            thunk: Mutex::new(None),
        },
    )?;
    let task = runtime.spawn(async move {
        let outcome = future.await;
        completion.get().fill(Box::new(move |py| match outcome {
            Ok(value) => convert(py, value),
            Err(failure) => Err(error::raise(py, &failure)),
        }));
        let note = Note {
            event_loop: target,
            what: What::Call(completion.into_any()),
        };
        wake::tell(bell.as_ref(), note);
    });
    let cancel = Py::new(
        py,
        Cancel {
            task: task.abort_handle(),
        },
    )?;
    promise.call_method1(pyo3::intern!(py, "add_done_callback"), (cancel,))?;
    Ok(promise)
}

/// Resolves a promise on its own loop's thread, where the conversion runs too.
#[pyclass(frozen)]
struct Completion {
    promise: Py<PyAny>,
    thunk: Mutex<Option<Thunk>>,
}

impl Completion {
    fn fill(&self, thunk: Thunk) {
        *self.thunk.lock().unwrap_or_else(PoisonError::into_inner) = Some(thunk);
    }
}

#[pymethods]
impl Completion {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        let thunk = self
            .thunk
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let promise = self.promise.bind(py);
        let Some(thunk) = thunk else {
            return Ok(());
        };
        if promise
            .call_method0(pyo3::intern!(py, "done"))?
            .is_truthy()?
        {
            return Ok(());
        }
        match thunk(py) {
            Ok(value) => promise.call_method1(pyo3::intern!(py, "set_result"), (value,))?,
            Err(failure) => promise.call_method1(
                pyo3::intern!(py, "set_exception"),
                (failure.into_value(py),),
            )?,
        };
        Ok(())
    }
}

/// Done-callback of a promise: a cancelled promise drops the core's future.
#[pyclass(frozen)]
struct Cancel {
    task: AbortHandle,
}

#[pymethods]
impl Cancel {
    fn __call__(&self, promise: &Bound<'_, PyAny>) -> PyResult<()> {
        let name = pyo3::intern!(promise.py(), "cancelled");
        if promise.call_method0(name)?.is_truthy()? {
            self.task.abort();
        }
        Ok(())
    }
}
