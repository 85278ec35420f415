//! The scripted model of the test kit, for `codexkit.testing`. Mirrors
//! `codexkit_testkit::ScriptedModel`.

use std::time::Duration;

use codexkit_testkit::ScriptedModel as CoreModel;
use pyo3::prelude::*;

use crate::{error, json, runtime};

/// A Responses API server on a local port whose replies are a script.
#[pyclass(frozen, name = "ScriptedModel", module = "codexkit._native")]
pub(crate) struct ScriptedModel {
    inner: CoreModel,
}

#[pymethods]
impl ScriptedModel {
    /// Starts the server; `script` is JSON text.
    #[new]
    fn new(py: Python<'_>, script: &str) -> PyResult<Self> {
        let runtime = runtime::get(py)?;
        let started = py.detach(|| runtime.block_on(CoreModel::start(script)));
        match started {
            Ok(inner) => Ok(ScriptedModel { inner }),
            Err(failure) => Err(error::invalid_argument(
                py,
                Some("script"),
                &failure.to_string(),
            )),
        }
    }

    #[getter]
    fn base_url(&self) -> String {
        self.inner.base_url()
    }

    fn config_overrides(&self) -> Vec<String> {
        self.inner.config_overrides()
    }

    /// The bodies of the requests so far, in the order they came.
    fn requests(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        let requests = self.inner.requests();
        let parse = |request: &serde_json::Value| json::parse(py, &request.to_string());
        requests.iter().map(parse).collect()
    }

    /// Waits until there were `count` requests; `False` if `timeout` seconds were not enough.
    fn wait_for_requests(&self, py: Python<'_>, count: usize, timeout: f64) -> PyResult<bool> {
        let runtime = runtime::get(py)?;
        let timeout = Duration::try_from_secs_f64(timeout).unwrap_or(Duration::ZERO);
        let waiting = self.inner.wait_for_requests(count, timeout);
        Ok(py.detach(|| runtime.block_on(waiting)).is_ok())
    }

    fn shutdown(&self) {
        self.inner.shutdown();
    }
}
