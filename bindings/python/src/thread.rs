//! The handle of one conversation. Mirrors `codexkit::Thread`, in its order.

use codexkit::Thread as CoreThread;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::ask::{self, Given};
use crate::auto::{self, AutoRun};
use crate::call::call;
use crate::client::{serialized, to_python};
use crate::guard::Guard;
use crate::runtime::{self, Owned};
use crate::stream::{AsyncEventStream, EventStream, Shared};
use crate::tools::Tool;
use crate::turn::Turn;
use crate::{error, json};

type Loop<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// One conversation of one engine.
#[pyclass(frozen, name = "Thread", module = "codexkit._native")]
pub(crate) struct Thread {
    inner: Owned<CoreThread>,
}

impl Thread {
    pub(crate) fn new(inner: CoreThread) -> Self {
        Thread {
            inner: Owned::new(inner),
        }
    }

    pub(crate) fn core(&self) -> CoreThread {
        CoreThread::clone(&self.inner)
    }

    pub(crate) fn to_python(py: Python<'_>, inner: CoreThread) -> PyResult<Py<PyAny>> {
        Py::new(py, Thread::new(inner)).map(Py::into_any)
    }
}

#[pymethods]
impl Thread {
    #[getter]
    fn id(&self) -> &str {
        self.inner.id()
    }

    /// The engine's whole answer to start, resume or fork; `None` for a handle without I/O.
    fn start_response(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let response = self.inner.start_response();
        response.map(|raw| json::parse(py, raw.get())).transpose()
    }

    #[pyo3(signature = (input, params, event_loop=None, responders=None))]
    fn turn<'py>(
        &self,
        py: Python<'py>,
        input: &Bound<'py, PyList>,
        params: Option<&Bound<'py, PyDict>>,
        event_loop: Loop<'_, 'py>,
        responders: Given,
    ) -> PyResult<Bound<'py, PyAny>> {
        let setup = ask::setup(py, responders)?;
        let (input, params) = (json::to_array(input)?, json::to_object(params)?);
        let thread = CoreThread::clone(&self.inner);
        let future = async move { thread.turn_with(input, params, setup).await };
        call(py, event_loop, future, Turn::to_python)
    }

    #[pyo3(signature = (input, params, event_loop=None, responders=None))]
    fn run<'py>(
        &self,
        py: Python<'py>,
        input: &Bound<'py, PyList>,
        params: Option<&Bound<'py, PyDict>>,
        event_loop: Loop<'_, 'py>,
        responders: Given,
    ) -> PyResult<Bound<'py, PyAny>> {
        let setup = ask::setup(py, responders)?;
        let (input, params) = (json::to_array(input)?, json::to_object(params)?);
        let thread = CoreThread::clone(&self.inner);
        let future = async move { thread.run_with(input, params, setup).await };
        call(py, event_loop, future, Turn::result_to_python)
    }

    /// Begins a run of many turns; `options` is the JSON text of `AutoOptions`.
    #[pyo3(signature = (input, options, guard=None))]
    fn auto_run(
        &self,
        py: Python<'_>,
        input: &Bound<'_, PyList>,
        options: &str,
        guard: Guard,
    ) -> PyResult<Py<PyAny>> {
        runtime::get(py)?;
        let (input, options) = (json::to_array(input)?, auto::options(py, options, guard)?);
        let run = self.inner.auto_run(input, &options);
        AutoRun::to_python(py, run.map_err(|failure| error::raise(py, &failure))?)
    }

    /// The thread as a tool, by its declaration (JSON, without parameters).
    #[pyo3(signature = (spec, guard=None))]
    fn as_tool(&self, py: Python<'_>, spec: &str, guard: Guard) -> PyResult<Tool> {
        Tool::of_thread(py, &self.inner, spec, guard)
    }

    /// The sub-agents that the engine has spawned for this thread.
    fn children(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        serialized(py, &self.inner.children())
    }

    /// What no turn claims of the thread and its sub-agents, from now on.
    fn subscribe(&self) -> EventStream {
        EventStream::new(Shared::new(self.inner.subscribe(), None))
    }

    fn subscribe_async(&self) -> AsyncEventStream {
        AsyncEventStream::new(Shared::new(self.inner.subscribe(), None), false)
    }

    #[pyo3(signature = (include_turns=false, event_loop=None))]
    fn read<'py>(
        &self,
        py: Python<'py>,
        include_turns: bool,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let thread = CoreThread::clone(&self.inner);
        let future = async move { thread.read(include_turns).await };
        call(py, event_loop, future, to_python)
    }

    #[pyo3(signature = (name, event_loop=None))]
    fn set_name<'py>(
        &self,
        py: Python<'py>,
        name: String,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let thread = CoreThread::clone(&self.inner);
        let future = async move { thread.set_name(&name).await };
        call(py, event_loop, future, to_python)
    }

    #[pyo3(signature = (event_loop=None))]
    fn compact<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let thread = CoreThread::clone(&self.inner);
        call(
            py,
            event_loop,
            async move { thread.compact().await },
            to_python,
        )
    }
}
