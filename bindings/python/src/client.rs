//! The handle of one engine. Mirrors `codexkit::Codex`, in its order.

use std::sync::Arc;
use std::time::Duration;

use codexkit::{Codex, CodexOptions};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use serde_json::value::RawValue;

use crate::ask::{self, Given};
use crate::auto::{self, AutoRun};
use crate::call::call;
use crate::guard::Guard;
use crate::map::{self, MapRun};
use crate::mcp::Mcp;
use crate::request::Caller;
use crate::runtime::Owned;
use crate::stream::{AsyncEventStream, EventStream, Shared};
use crate::thread::Thread;
use crate::tools::{self, GivenTools};
use crate::{error, json, runtime, telemetry};

type Object<'a, 'py> = Option<&'a Bound<'py, PyDict>>;
type Loop<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// One running engine.
#[pyclass(frozen, weakref, name = "Client", module = "codexkit._native")]
pub(crate) struct Client {
    inner: Owned<Codex>,
    notifications: Arc<Shared>,
}

/// Starts an engine; `options` is the JSON text of `CodexOptions`, `handler` is called with each
/// [`crate::request::ServerRequest`], `responders` answer approvals and questions before it, `observer` is the tag of its
/// records.
#[pyfunction]
#[pyo3(signature = (options, handler=None, event_loop=None, responders=None, tools=None, observer=0))]
pub(crate) fn connect<'py>(
    py: Python<'py>,
    options: &str,
    handler: Option<Py<PyAny>>,
    event_loop: Loop<'_, 'py>,
    responders: Given,
    tools: GivenTools<'_, 'py>,
    observer: u32,
) -> PyResult<Bound<'py, PyAny>> {
    let options = prepare(py, options, handler, responders, tools, observer)?;
    call(py, event_loop, Codex::start(options), |py, codex| {
        Py::new(py, Client::new(codex)).map(Py::into_any)
    })
}

/// The options of a client with all that it calls.
pub(crate) fn prepare(
    py: Python<'_>,
    options: &str,
    handler: Option<Py<PyAny>>,
    responders: Given,
    tools: GivenTools<'_, '_>,
    observer: u32,
) -> PyResult<CodexOptions> {
    let mut options =
        CodexOptions::from_json(options).map_err(|failure| error::raise(py, &failure))?;
    options.observer = Some(telemetry::observer(observer));
    if let Some((_, _, Some(text))) = &responders {
        options.trace_context = Some(telemetry::context(py, text)?);
    }
    options.responders = ask::responders(py, responders)?.map(Arc::new);
    if let Some(tools) = tools {
        options.tools = tools.get().0.clone();
    }
    if let Some(handler) = handler {
        options.server_requests = Some(Arc::new(Caller::new(handler)));
    }
    Ok(options)
}

impl Client {
    pub(crate) fn new(codex: Codex) -> Self {
        let notifications = Shared::new(codex.notifications(), None);
        Self {
            inner: Owned::new(codex),
            notifications,
        }
    }
}

/// Any JSON value of the engine as Python objects.
#[expect(
    clippy::boxed_local,
    clippy::needless_pass_by_value,
    reason = "the shape `call` asks for"
)]
pub(crate) fn to_python(py: Python<'_>, value: Box<RawValue>) -> PyResult<Py<PyAny>> {
    json::parse(py, value.get())
}

#[expect(clippy::unnecessary_wraps, reason = "the shape `call` asks for")]
pub(crate) fn nothing(py: Python<'_>, (): ()) -> PyResult<Py<PyAny>> {
    Ok(py.None())
}

fn raw(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Box<RawValue>>> {
    let Some(value) = value else {
        return Ok(None);
    };
    let text = json::to_value(value)?.to_string();
    match RawValue::from_string(text) {
        Ok(raw) => Ok(Some(raw)),
        Err(failure) => Err(error::invalid_argument(
            value.py(),
            Some("params"),
            &failure.to_string(),
        )),
    }
}

#[pymethods]
impl Client {
    /// What the engine said of itself, and which engine it is.
    fn metadata(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let info = self.inner.metadata();
        let fields = PyDict::new(py);
        fields.set_item("raw", json::parse(py, info.raw.get())?)?;
        fields.set_item("user_agent", &info.user_agent)?;
        fields.set_item("codex_home", &info.codex_home)?;
        fields.set_item("platform_family", &info.platform_family)?;
        fields.set_item("platform_os", &info.platform_os)?;
        fields.set_item("server_name", &info.server_name)?;
        fields.set_item("server_version", &info.server_version)?;
        fields.set_item("engine_path", info.engine.path.display().to_string())?;
        fields.set_item("engine_source", &info.engine.source)?;
        fields.set_item("engine_version", &info.engine.version)?;
        Ok(fields.into_any().unbind())
    }

    #[pyo3(signature = (method, params=None, timeout=None, event_loop=None))]
    fn request<'py>(
        &self,
        py: Python<'py>,
        method: String,
        params: Option<&Bound<'py, PyAny>>,
        timeout: Option<f64>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let timeout = deadline(py, timeout)?;
        let (codex, params) = (Codex::clone(&self.inner), raw(params)?);
        let future = async move { codex.request(&method, params, timeout).await };
        call(py, event_loop, future, to_python)
    }

    /// A method of the protocol, its parameters checked first; `extra` is sent beside them.
    #[pyo3(signature = (method, params, extra=None, timeout=None, event_loop=None))]
    fn api<'py>(
        &self,
        py: Python<'py>,
        method: String,
        params: Object<'_, 'py>,
        extra: Option<&Bound<'py, PyDict>>,
        timeout: Option<f64>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut api = self.inner.api();
        if let Some(timeout) = deadline(py, timeout)? {
            api = api.with_timeout(timeout);
        }
        if let Some(extra) = extra {
            api = api.with_extra(json::to_object(Some(extra))?);
        }
        let params = json::to_object(params)?;
        let future = async move { api.call(&method, params).await };
        call(py, event_loop, future, to_python)
    }

    #[pyo3(signature = (method, params=None, event_loop=None))]
    fn notify<'py>(
        &self,
        py: Python<'py>,
        method: String,
        params: Option<&Bound<'py, PyAny>>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (codex, params) = (Codex::clone(&self.inner), raw(params)?);
        let future = async move { codex.notify(&method, params).await };
        call(py, event_loop, future, nothing)
    }

    #[pyo3(signature = (params, event_loop=None, responders=None, tools=None))]
    fn thread_start<'py>(
        &self,
        py: Python<'py>,
        params: Object<'_, 'py>,
        event_loop: Loop<'_, 'py>,
        responders: Given,
        tools: GivenTools<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let setup = tools::setup(py, responders, tools)?;
        let (codex, params) = (Codex::clone(&self.inner), json::to_object(params)?);
        let future = async move { codex.thread_start_with(params, setup).await };
        call(py, event_loop, future, Thread::to_python)
    }

    #[pyo3(signature = (thread_id, params, event_loop=None, responders=None, tools=None))]
    fn thread_resume<'py>(
        &self,
        py: Python<'py>,
        thread_id: String,
        params: Object<'_, 'py>,
        event_loop: Loop<'_, 'py>,
        responders: Given,
        tools: GivenTools<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let setup = tools::setup(py, responders, tools)?;
        let (codex, params) = (Codex::clone(&self.inner), json::to_object(params)?);
        let future = async move { codex.thread_resume_with(&thread_id, params, setup).await };
        call(py, event_loop, future, Thread::to_python)
    }

    #[pyo3(signature = (thread_id, params, event_loop=None, responders=None, tools=None))]
    fn thread_fork<'py>(
        &self,
        py: Python<'py>,
        thread_id: String,
        params: Object<'_, 'py>,
        event_loop: Loop<'_, 'py>,
        responders: Given,
        tools: GivenTools<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let setup = tools::setup(py, responders, tools)?;
        let (codex, params) = (Codex::clone(&self.inner), json::to_object(params)?);
        let future = async move { codex.thread_fork_with(&thread_id, params, setup).await };
        call(py, event_loop, future, Thread::to_python)
    }

    #[pyo3(signature = (params, event_loop=None))]
    fn thread_list<'py>(
        &self,
        py: Python<'py>,
        params: Object<'_, 'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (codex, params) = (Codex::clone(&self.inner), json::to_object(params)?);
        let future = async move { codex.thread_list(params).await };
        call(py, event_loop, future, to_python)
    }

    #[pyo3(signature = (thread_id, include_turns=false, event_loop=None))]
    fn thread_read<'py>(
        &self,
        py: Python<'py>,
        thread_id: String,
        include_turns: bool,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let codex = Codex::clone(&self.inner);
        let future = async move { codex.thread_read(&thread_id, include_turns).await };
        call(py, event_loop, future, to_python)
    }

    #[pyo3(signature = (thread_id, event_loop=None))]
    fn thread_archive<'py>(
        &self,
        py: Python<'py>,
        thread_id: String,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let codex = Codex::clone(&self.inner);
        let future = async move { codex.thread_archive(&thread_id).await };
        call(py, event_loop, future, to_python)
    }

    #[pyo3(signature = (thread_id, event_loop=None))]
    fn thread_unarchive<'py>(
        &self,
        py: Python<'py>,
        thread_id: String,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let codex = Codex::clone(&self.inner);
        let future = async move { codex.thread_unarchive(&thread_id).await };
        call(py, event_loop, future, to_python)
    }

    /// Goes on with a run; `options` is the JSON text of `AutoOptions`.
    #[pyo3(signature = (token, options, thread=None, event_loop=None, guard=None))]
    fn auto_resume<'py>(
        &self,
        py: Python<'py>,
        token: String,
        options: &str,
        thread: Option<&Bound<'py, Thread>>,
        event_loop: Loop<'_, 'py>,
        guard: Guard,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (codex, options) = (
            Codex::clone(&self.inner),
            auto::options(py, options, guard)?,
        );
        let thread = thread.map(|thread| thread.get().core());
        let future = async move { codex.auto_resume(&token, &options, thread).await };
        call(py, event_loop, future, AutoRun::to_python)
    }

    /// Begins a map; `options` is the JSON text of `MapOptions`.
    #[pyo3(signature = (options, event_loop=None, responders=None, guard=None))]
    fn map<'py>(
        &self,
        py: Python<'py>,
        options: &str,
        event_loop: Loop<'_, 'py>,
        responders: Given,
        guard: Guard,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = map::options(py, options, responders, guard)?;
        let codex = Codex::clone(&self.inner);
        let future = async move { codex.map_run(options).await };
        call(py, event_loop, future, MapRun::to_python)
    }

    /// The sub-agents that the engine has spawned.
    fn agents(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        serialized(py, &self.inner.agents())
    }

    /// A handle without I/O.
    fn thread(&self, thread_id: &str) -> Thread {
        Thread::new(self.inner.thread(thread_id))
    }

    /// What was put off and waits for its answer.
    fn pending_approvals(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        let pending = self.inner.pending_approvals();
        pending.iter().map(|asked| ask::view(py, asked)).collect()
    }

    #[pyo3(signature = (approval_id, reply, event_loop=None))]
    fn answer_approval<'py>(
        &self,
        py: Python<'py>,
        approval_id: String,
        reply: &Bound<'py, PyAny>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (codex, reply) = (
            Codex::clone(&self.inner),
            json::to_value(reply)?.to_string(),
        );
        let future = async move { codex.answer_approval_json(&approval_id, &reply).await };
        call(py, event_loop, future, nothing)
    }

    /// The MCP servers of the engine, or of a thread.
    #[pyo3(signature = (thread_id=None))]
    fn mcp(&self, thread_id: Option<&str>) -> Mcp {
        Mcp::new(match thread_id {
            None => self.inner.mcp(),
            Some(id) => self.inner.thread(id).mcp(),
        })
    }

    fn notifications(&self) -> EventStream {
        EventStream::new(Arc::clone(&self.notifications))
    }

    fn notifications_async(&self) -> AsyncEventStream {
        AsyncEventStream::new(Arc::clone(&self.notifications), false)
    }

    /// A stream of its own over the same notifications, from now on.
    fn subscribe(&self) -> EventStream {
        EventStream::new(Shared::new(self.inner.subscribe(), None))
    }

    fn diagnostics(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        serialized(py, &self.inner.diagnostics())
    }

    fn stats(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        serialized(py, &self.inner.stats())
    }

    fn metrics(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        serialized(py, &self.inner.metrics())
    }

    fn stderr_tail<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        PyString::new(py, &self.inner.stderr_tail())
    }

    #[getter]
    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    #[pyo3(signature = (event_loop=None))]
    fn close<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let codex = Codex::clone(&self.inner);
        call(py, event_loop, async move { codex.close().await }, nothing)
    }

    /// Kills the engine's process tree now; does nothing in a forked child.
    fn kill(&self) {
        if !runtime::is_foreign() {
            self.inner.kill();
        }
    }

    /// The engine's pipes, which a forked child must close.
    fn inherited_descriptors(&self) -> Vec<i32> {
        self.inner.inherited_descriptors()
    }

    #[getter]
    fn pid(&self) -> Option<u32> {
        self.inner.pid()
    }
}

/// Any value of the core as Python objects.
pub(crate) fn serialized<T: serde::Serialize>(py: Python<'_>, value: &T) -> PyResult<Py<PyAny>> {
    match serde_json::to_string(value) {
        Ok(text) => json::parse(py, &text),
        Err(failure) => Err(error::invalid_argument(py, None, &failure.to_string())),
    }
}

/// The optional `timeout` of a call.
pub(crate) fn deadline(py: Python<'_>, seconds: Option<f64>) -> PyResult<Option<Duration>> {
    seconds
        .map(|seconds| codexkit::duration("timeout", seconds))
        .transpose()
        .map_err(|failure| error::raise(py, &failure))
}
