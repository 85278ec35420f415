//! Tools of the application. Mirrors `codexkit::tools`: declarations, the registry, and a call on its way to a Python
//! callable, which runs on a thread of its own. A call that it drops, or fails to answer, has failed for the model.

use std::sync::Arc;

use codexkit::tools::{
    Tool as CoreTool, ToolCall as CoreCall, ToolHandler, ToolRegistry as CoreRegistry, ToolSpec,
};
use codexkit::{Handoff as CoreHandoff, Setup, Thread};
use pyo3::prelude::*;

use crate::ask::{self, Given};
use crate::guard::{Guard, guarded};
use crate::request::{Caller, Slot};
use crate::thread::Thread as PyThread;
use crate::{error, json};

/// The tools that a client or a thread is given.
pub(crate) type GivenTools<'a, 'py> = Option<&'a Bound<'py, ToolRegistry>>;

/// What a thread has of its own: who answers for it, and its tools.
///
/// # Errors
/// As [`ask::setup`].
pub(crate) fn setup(py: Python<'_>, responders: Given, tools: GivenTools) -> PyResult<Setup> {
    let setup = ask::setup(py, responders)?;
    Ok(match tools {
        Some(tools) => setup.tools(tools.get().0.clone()),
        None => setup,
    })
}

/// One tool: its declaration, checked, and what is called with each [`ToolCall`].
#[pyclass(frozen, name = "Tool", module = "codexkit._native")]
pub(crate) struct Tool(CoreTool);

impl Tool {
    pub(crate) fn of_thread(
        py: Python<'_>,
        thread: &Thread,
        spec: &str,
        guard: Guard,
    ) -> PyResult<Self> {
        let of_calls = guarded(Setup::new(), guard);
        let tool =
            ToolSpec::from_json(spec).and_then(|spec| thread.as_tool_with_setup(spec, of_calls));
        tool.map(Tool).map_err(|failure| error::raise(py, &failure))
    }
}

#[pymethods]
impl Tool {
    #[new]
    fn new(py: Python<'_>, spec: &str, callable: Py<PyAny>) -> PyResult<Self> {
        let handler = Arc::new(Caller::new(callable));
        let tool = ToolSpec::from_json(spec).and_then(|spec| CoreTool::new(spec, handler));
        tool.map(Tool).map_err(|failure| error::raise(py, &failure))
    }

    /// The declaration, the schema as the model gets it.
    fn spec(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        json::parse(py, &self.0.spec().to_json().to_string())
    }

    /// What names it in a registry.
    #[getter]
    fn key(&self) -> String {
        self.0.spec().key()
    }
}

/// A tool by which an agent hands its conversation over to the agent of another thread.
#[pyclass(frozen, name = "Handoff", module = "codexkit._native")]
pub(crate) struct Handoff(CoreHandoff);

#[pymethods]
impl Handoff {
    #[new]
    fn new(
        py: Python<'_>,
        name: &str,
        description: &str,
        history: Option<usize>,
    ) -> PyResult<Self> {
        CoreHandoff::with_history(name, description, history)
            .map(Handoff)
            .map_err(|failure| error::raise(py, &failure))
    }

    /// Says whose agent it is, and may keep what the thread has of its own.
    fn bind(&self, thread: &PyThread, keep: bool) {
        let thread = thread.core();
        if keep {
            self.0.bind_and_keep(&thread);
        } else {
            self.0.bind(&thread);
        }
    }

    #[getter]
    fn thread_id(&self) -> Option<String> {
        self.0.thread_id()
    }

    fn tool(&self) -> Tool {
        Tool(self.0.tool())
    }
}

/// The tools of a client or of some threads.
#[pyclass(frozen, name = "ToolRegistry", module = "codexkit._native")]
pub(crate) struct ToolRegistry(pub(crate) CoreRegistry);

#[pymethods]
impl ToolRegistry {
    #[new]
    fn new() -> Self {
        ToolRegistry(CoreRegistry::new())
    }

    fn register(&self, py: Python<'_>, tool: &Tool) -> PyResult<()> {
        self.0
            .register(tool.0.clone())
            .map_err(|failure| error::raise(py, &failure))
    }

    fn replace(&self, tool: &Tool) {
        self.0.replace(tool.0.clone());
    }

    fn remove(&self, key: &str) -> bool {
        self.0.remove(key).is_some()
    }

    fn describe(&self, py: Python<'_>, namespace: &str, description: &str) -> PyResult<()> {
        self.0
            .describe(namespace, description)
            .map_err(|failure| error::raise(py, &failure))
    }

    /// A dict of dicts.
    fn metrics(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let metrics = serde_json::to_string(&self.0.metrics());
        json::parse(py, &metrics.unwrap_or_else(|_| "{}".to_owned()))
    }
}

impl ToolHandler for Caller {
    fn handle(&self, call: CoreCall) {
        let inner = Slot::new(call);
        self.call(|py| Py::new(py, ToolCall { inner }).map(Py::into_any));
    }
}

/// One call, to be answered once.
#[pyclass(frozen, name = "ToolCall", module = "codexkit._native")]
pub(crate) struct ToolCall {
    inner: Slot<CoreCall>,
}

#[pymethods]
impl ToolCall {
    /// The arguments, which follow the schema.
    fn arguments(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let text = self.inner.read(|call| call.arguments().to_string());
        json::parse(py, text.as_deref().unwrap_or("{}"))
    }

    /// Where it comes from.
    fn context(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let text = self.inner.read(|call| call.context().to_json().to_string());
        json::parse(py, text.as_deref().unwrap_or("{}"))
    }

    /// Whether nobody waits for the result any more.
    #[getter]
    fn cancelled(&self) -> bool {
        self.inner
            .read(|call| call.context().is_cancelled())
            .unwrap_or(true)
    }

    /// Calls this, on a thread of its own, when nobody waits for the result any more.
    fn on_cancelled(&self, py: Python<'_>, callable: Py<PyAny>) -> PyResult<()> {
        let Some(context) = self.inner.read(|call| call.context().clone()) else {
            return Ok(());
        };
        let caller = Caller::new(callable);
        crate::runtime::get(py)?.spawn(async move {
            context.cancelled().await;
            caller.call(|py| Ok(py.None()));
        });
        Ok(())
    }

    /// Gives the result; what is none fails the call, and raises.
    fn respond(&self, py: Python<'_>, result: &Bound<'_, PyAny>) -> PyResult<()> {
        let text = json::to_value(result)?.to_string();
        match self.inner.take() {
            None => Ok(()),
            Some(call) => call
                .respond_json(&text)
                .map_err(|failure| error::raise(py, &failure)),
        }
    }

    /// Says that the tool failed; the model reads why.
    fn fail(&self, why: &str) {
        if let Some(call) = self.inner.take() {
            call.fail(why);
        }
    }
}
