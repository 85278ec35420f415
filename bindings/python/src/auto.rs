//! The handle of a run of many turns, and what it asks the application. Mirrors `codexkit::auto`.

use std::sync::{Arc, OnceLock};

use codexkit::auto::{AutoOptions, AutoRequest as CoreRequest, AutoRun as CoreRun};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::call::call;
use crate::client::nothing;
use crate::guard::{Guard, guarded};
use crate::request::Slot;
use crate::runtime::Owned;
use crate::stream::{AsyncEventStream, EventStream, Shared};
use crate::{error, json};

type Loop<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// Options from their JSON text, with what looks at the turns.
pub(crate) fn options(py: Python<'_>, text: &str, guard: Guard) -> PyResult<AutoOptions> {
    let read = AutoOptions::from_json(text).map_err(|failure| error::raise(py, &failure));
    let mut options = read?;
    options.setup = guarded(options.setup, guard);
    Ok(options)
}

/// Turns of one thread, until the task is done.
#[pyclass(frozen, name = "AutoRun", module = "codexkit._native")]
pub(crate) struct AutoRun {
    inner: Owned<CoreRun>,
    events: OnceLock<Arc<Shared>>,
}

impl AutoRun {
    pub(crate) fn to_python(py: Python<'_>, inner: CoreRun) -> PyResult<Py<PyAny>> {
        let run = AutoRun {
            inner: Owned::new(inner),
            events: OnceLock::new(),
        };
        Py::new(py, run).map(Py::into_any)
    }

    fn shared(&self) -> Arc<Shared> {
        let shared = self
            .events
            .get_or_init(|| Shared::new(self.inner.events().clone(), None));
        Arc::clone(shared)
    }
}

#[pymethods]
impl AutoRun {
    #[getter]
    fn thread_id(&self) -> String {
        self.inner.thread_id()
    }

    #[getter]
    fn turn_id(&self) -> Option<String> {
        self.inner.turn_id()
    }

    #[getter]
    fn continuation(&self) -> Option<String> {
        self.inner.continuation()
    }

    fn events(&self) -> EventStream {
        EventStream::new(self.shared())
    }

    fn events_async(&self) -> AsyncEventStream {
        AsyncEventStream::new(self.shared(), false)
    }

    /// The next thing that the application is asked; `None` at the end.
    #[pyo3(signature = (event_loop=None))]
    fn next_request<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let run = CoreRun::clone(&self.inner);
        let future = async move { Ok(run.next_request().await) };
        call(py, event_loop, future, AutoRequest::to_python)
    }

    /// What the application is asked now, if anything.
    fn take_request(&self) -> Option<AutoRequest> {
        self.inner.take_request().map(AutoRequest::new)
    }

    /// Waits for the end and gives the result as a dict in the core's JSON form.
    #[pyo3(signature = (event_loop=None))]
    fn result<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let run = CoreRun::clone(&self.inner);
        let future = async move { run.result().await };
        call(py, event_loop, future, |py, result| {
            json::parse(py, &result.to_json())
        })
    }

    #[pyo3(signature = (input, event_loop=None))]
    fn steer<'py>(
        &self,
        py: Python<'py>,
        input: &Bound<'py, PyList>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (run, input) = (CoreRun::clone(&self.inner), json::to_array(input)?);
        let future = async move { run.steer(input).await };
        call(py, event_loop, future, nothing)
    }

    fn stop(&self) {
        self.inner.stop();
    }

    fn interrupt(&self) {
        self.inner.interrupt();
    }
}

/// A hook or a check, to be answered once.
#[pyclass(frozen, name = "AutoRequest", module = "codexkit._native")]
pub(crate) struct AutoRequest {
    what: String,
    params: String,
    inner: Slot<CoreRequest>,
}

impl AutoRequest {
    fn new(request: CoreRequest) -> Self {
        AutoRequest {
            what: request.what().to_owned(),
            params: request.params().to_owned(),
            inner: Slot::new(request),
        }
    }

    fn to_python(py: Python<'_>, request: Option<CoreRequest>) -> PyResult<Py<PyAny>> {
        match request {
            Some(request) => Py::new(py, AutoRequest::new(request)).map(Py::into_any),
            None => Ok(py.None()),
        }
    }
}

#[pymethods]
impl AutoRequest {
    #[getter]
    fn what(&self) -> &str {
        &self.what
    }

    fn params(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        json::parse(py, &self.params)
    }

    /// Waits until nobody waits for the answer any more.
    fn withdrawn<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let withdrawn = self.inner.read(|request| request.withdrawn());
        let future = async move {
            if let Some(withdrawn) = withdrawn {
                withdrawn.await;
            }
            Ok(())
        };
        call(py, event_loop, future, nothing)
    }

    /// Answers; the core says whether the answer makes sense.
    fn respond(&self, answer: &Bound<'_, PyAny>) -> PyResult<()> {
        let answer = json::to_value(answer)?;
        if let Some(request) = self.inner.take() {
            request.respond(answer);
        }
        Ok(())
    }
}
