//! A client that is started while the program goes on. Mirrors `codexkit::Prewarmed`.

use std::sync::Arc;

use codexkit::{Codex, Prewarmed as CorePrewarmed};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::ask::Given;
use crate::call::call;
use crate::client::{Client, nothing, prepare};
use crate::runtime::{self, Owned};
use crate::tools::GivenTools;

/// A client that is being started.
#[pyclass(frozen, weakref, name = "Prewarmed", module = "codexkit._native")]
pub(crate) struct Prewarmed {
    inner: Owned<CorePrewarmed>,
    /// One client, whoever asks for it.
    client: Arc<PyOnceLock<Py<Client>>>,
}

/// Begins to start an engine; the arguments are those of [`crate::client::connect`].
#[pyfunction]
#[pyo3(signature = (options, handler=None, responders=None, tools=None, observer=0))]
pub(crate) fn prewarm(
    py: Python<'_>,
    options: &str,
    handler: Option<Py<PyAny>>,
    responders: Given,
    tools: GivenTools<'_, '_>,
    observer: u32,
) -> PyResult<Prewarmed> {
    let options = prepare(py, options, handler, responders, tools, observer)?;
    let _entered = runtime::get(py)?.enter();
    Ok(Prewarmed {
        inner: Owned::new(Codex::prewarm(options)),
        client: Arc::new(PyOnceLock::new()),
    })
}

#[pymethods]
impl Prewarmed {
    /// The client, once it has started.
    #[pyo3(signature = (event_loop=None))]
    fn client<'py>(
        &self,
        py: Python<'py>,
        event_loop: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (starting, client) = (CorePrewarmed::clone(&self.inner), Arc::clone(&self.client));
        let future = async move { starting.client().await };
        call(py, event_loop, future, move |py, codex| {
            let client = client.get_or_try_init(py, || Py::new(py, Client::new(codex)))?;
            Ok(client.clone_ref(py).into_any())
        })
    }

    #[pyo3(signature = (event_loop=None))]
    fn close<'py>(
        &self,
        py: Python<'py>,
        event_loop: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let starting = CorePrewarmed::clone(&self.inner);
        let future = async move { starting.close().await };
        call(py, event_loop, future, nothing)
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
}
