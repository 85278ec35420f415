//! MCP: servers as a thread gets them, the engine's view of them, and the client without an engine. Mirrors
//! `codexkit::mcp`.

use std::collections::BTreeMap;
use std::sync::Arc;

use codexkit::mcp::{
    LoginOptions, Mcp as CoreMcp, McpClient as CoreClient, McpLogin as CoreLogin, McpOptions,
    McpServer, McpServers, StatusOptions, ToolNames, qualify,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;

use crate::call::call;
use crate::client::{deadline, nothing, to_python};
use crate::runtime::Owned;
use crate::{error, json, runtime};

type Object<'a, 'py> = Option<&'a Bound<'py, PyDict>>;
type Loop<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

#[expect(clippy::needless_pass_by_value, reason = "the shape `call` asks for")]
fn value(py: Python<'_>, value: Value) -> PyResult<Py<PyAny>> {
    json::parse(py, &value.to_string())
}

fn list(py: Python<'_>, values: Vec<Value>) -> PyResult<Py<PyAny>> {
    value(py, values.into())
}

fn given(object: Object<'_, '_>) -> PyResult<Option<codexkit::JsonObject>> {
    object
        .map(|object| json::to_object(Some(object)))
        .transpose()
}

/// The parameters of a thread with MCP servers put into their `config`.
#[pyfunction]
pub(crate) fn mcp_params(
    py: Python<'_>,
    servers: &Bound<'_, PyDict>,
    params: &Bound<'_, PyDict>,
) -> PyResult<Py<PyAny>> {
    let (servers, mut params) = (
        json::to_object(Some(servers))?,
        json::to_object(Some(params))?,
    );
    McpServers::from_json(&servers)
        .and_then(|servers| servers.apply(&mut params))
        .map_err(|failure| error::raise(py, &failure))?;
    value(py, params.into())
}

/// The one name of a server's tool.
#[pyfunction]
pub(crate) fn mcp_qualify(server: &str, tool: &str) -> String {
    qualify(server, tool)
}

/// The tools of several servers by their one name.
#[pyfunction]
#[expect(
    clippy::needless_pass_by_value,
    reason = "PyO3 hands maps over by value"
)]
pub(crate) fn mcp_tool_names(
    py: Python<'_>,
    servers: BTreeMap<String, Vec<String>>,
) -> PyResult<BTreeMap<String, (String, String)>> {
    let lists = servers
        .iter()
        .map(|(server, tools)| (server.as_str(), tools.as_slice()));
    let names = ToolNames::of(lists).map_err(|failure| error::raise(py, &failure))?;
    let named = |(name, of): (&str, &codexkit::mcp::McpTool)| {
        (name.to_owned(), (of.server.clone(), of.tool.clone()))
    };
    Ok(names.iter().map(named).collect())
}

/// The MCP servers of an engine or of one of its threads.
#[pyclass(frozen, name = "Mcp", module = "codexkit._native")]
pub(crate) struct Mcp {
    inner: Owned<CoreMcp>,
}

impl Mcp {
    pub(crate) fn new(inner: CoreMcp) -> Self {
        Mcp {
            inner: Owned::new(inner),
        }
    }
}

#[pymethods]
impl Mcp {
    #[pyo3(signature = (tools_only, server=None, event_loop=None))]
    fn status<'py>(
        &self,
        py: Python<'py>,
        tools_only: bool,
        server: Option<String>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mcp = CoreMcp::clone(&self.inner);
        let options = StatusOptions::default()
            .tools_only(tools_only)
            .server(server);
        call(
            py,
            event_loop,
            async move { mcp.status(&options).await },
            list,
        )
    }

    #[pyo3(signature = (names, timeout=None, event_loop=None))]
    fn wait_ready<'py>(
        &self,
        py: Python<'py>,
        names: Vec<String>,
        timeout: Option<f64>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (mcp, timeout) = (CoreMcp::clone(&self.inner), deadline(py, timeout)?);
        let future = async move { mcp.wait_ready(&names, timeout).await };
        call(py, event_loop, future, list)
    }

    #[pyo3(signature = (server, tool, arguments=None, timeout=None, event_loop=None))]
    fn call_tool<'py>(
        &self,
        py: Python<'py>,
        server: String,
        tool: String,
        arguments: Object<'_, 'py>,
        timeout: Option<f64>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (mcp, timeout) = (CoreMcp::clone(&self.inner), deadline(py, timeout)?);
        let arguments = given(arguments)?;
        let future = async move { mcp.call_tool(&server, &tool, arguments, timeout).await };
        call(py, event_loop, future, to_python)
    }

    #[pyo3(signature = (server, uri, event_loop=None))]
    fn read_resource<'py>(
        &self,
        py: Python<'py>,
        server: String,
        uri: String,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mcp = CoreMcp::clone(&self.inner);
        let future = async move { mcp.read_resource(&server, &uri).await };
        call(py, event_loop, future, to_python)
    }

    #[pyo3(signature = (event_loop=None))]
    fn reload<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mcp = CoreMcp::clone(&self.inner);
        call(py, event_loop, async move { mcp.reload().await }, nothing)
    }

    #[pyo3(signature = (server, scopes=None, client_registration=None, timeout=None, event_loop=None))]
    fn login<'py>(
        &self,
        py: Python<'py>,
        server: String,
        scopes: Option<Vec<String>>,
        client_registration: Option<String>,
        timeout: Option<f64>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mcp = CoreMcp::clone(&self.inner);
        let options = LoginOptions::default()
            .scopes(scopes)
            .client_registration(client_registration)
            .timeout(deadline(py, timeout)?);
        let future = async move { mcp.login(&server, &options).await };
        call(py, event_loop, future, |py, login| {
            let inner = Owned::new(Arc::new(login));
            Py::new(py, McpLogin { inner }).map(Py::into_any)
        })
    }
}

/// A login to a server that a person completes.
#[pyclass(frozen, name = "McpLogin", module = "codexkit._native")]
pub(crate) struct McpLogin {
    inner: Owned<Arc<CoreLogin>>,
}

#[pymethods]
impl McpLogin {
    #[getter]
    fn server(&self) -> &str {
        self.inner.server()
    }

    #[getter]
    fn authorization_url(&self) -> &str {
        self.inner.authorization_url()
    }

    #[getter]
    fn login_id(&self) -> Option<&str> {
        self.inner.login_id()
    }

    #[pyo3(signature = (timeout=None, event_loop=None))]
    fn wait<'py>(
        &self,
        py: Python<'py>,
        timeout: Option<f64>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (login, timeout) = (Arc::clone(&self.inner), deadline(py, timeout)?);
        call(
            py,
            event_loop,
            async move { login.wait(timeout).await },
            value,
        )
    }
}

/// A client of one server, without an engine.
#[pyclass(frozen, weakref, name = "McpClient", module = "codexkit._native")]
pub(crate) struct McpClient {
    inner: Owned<CoreClient>,
}

/// Starts a server or connects to one; `options` is the JSON text of `McpOptions`.
#[pyfunction]
#[pyo3(signature = (name, server, options, event_loop=None))]
pub(crate) fn mcp_connect<'py>(
    py: Python<'py>,
    name: String,
    server: &Bound<'py, PyDict>,
    options: &str,
    event_loop: Loop<'_, 'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let server = Value::Object(json::to_object(Some(server))?);
    let raise = |failure| error::raise(py, &failure);
    let server = McpServer::from_json("server", &server).map_err(raise)?;
    let options = McpOptions::from_json(options).map_err(raise)?;
    let future = async move { CoreClient::connect(&name, server, options).await };
    call(py, event_loop, future, |py, client| {
        let inner = Owned::new(client);
        Py::new(py, McpClient { inner }).map(Py::into_any)
    })
}

#[pymethods]
impl McpClient {
    #[getter]
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn server_info(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let info = self
            .inner
            .server_info()
            .map_err(|failure| error::raise(py, &failure))?;
        value(py, info)
    }

    #[getter]
    fn state(&self) -> &'static str {
        self.inner.state().as_str()
    }

    #[getter]
    fn restarts(&self) -> u32 {
        self.inner.restarts()
    }

    #[getter]
    fn pid(&self) -> Option<u32> {
        self.inner.pid()
    }

    fn stderr_tail(&self) -> String {
        self.inner.stderr_tail()
    }

    #[pyo3(signature = (event_loop=None))]
    fn list_tools<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let client = CoreClient::clone(&self.inner);
        call(
            py,
            event_loop,
            async move { client.list_tools().await },
            list,
        )
    }

    #[pyo3(signature = (event_loop=None))]
    fn list_resources<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let client = CoreClient::clone(&self.inner);
        call(
            py,
            event_loop,
            async move { client.list_resources().await },
            list,
        )
    }

    #[pyo3(signature = (event_loop=None))]
    fn list_resource_templates<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let client = CoreClient::clone(&self.inner);
        let future = async move { client.list_resource_templates().await };
        call(py, event_loop, future, list)
    }

    #[pyo3(signature = (event_loop=None))]
    fn list_prompts<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let client = CoreClient::clone(&self.inner);
        call(
            py,
            event_loop,
            async move { client.list_prompts().await },
            list,
        )
    }

    #[pyo3(signature = (name, arguments=None, timeout=None, event_loop=None))]
    fn call_tool<'py>(
        &self,
        py: Python<'py>,
        name: String,
        arguments: Object<'_, 'py>,
        timeout: Option<f64>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (client, arguments) = (CoreClient::clone(&self.inner), given(arguments)?);
        let timeout = deadline(py, timeout)?;
        let future = async move { client.call_tool(&name, arguments, timeout).await };
        call(py, event_loop, future, value)
    }

    #[pyo3(signature = (uri, event_loop=None))]
    fn read_resource<'py>(
        &self,
        py: Python<'py>,
        uri: String,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let client = CoreClient::clone(&self.inner);
        call(
            py,
            event_loop,
            async move { client.read_resource(&uri).await },
            value,
        )
    }

    #[pyo3(signature = (name, arguments=None, event_loop=None))]
    fn get_prompt<'py>(
        &self,
        py: Python<'py>,
        name: String,
        arguments: Object<'_, 'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (client, arguments) = (CoreClient::clone(&self.inner), given(arguments)?);
        let future = async move { client.get_prompt(&name, arguments).await };
        call(py, event_loop, future, value)
    }

    #[pyo3(signature = (event_loop=None))]
    fn ping<'py>(&self, py: Python<'py>, event_loop: Loop<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
        let client = CoreClient::clone(&self.inner);
        call(py, event_loop, async move { client.ping().await }, nothing)
    }

    #[pyo3(signature = (event_loop=None))]
    fn close<'py>(
        &self,
        py: Python<'py>,
        event_loop: Loop<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let client = CoreClient::clone(&self.inner);
        let future = async move {
            client.close().await;
            Ok(())
        };
        call(py, event_loop, future, nothing)
    }

    /// Kills the server's process tree now; does nothing in a forked child.
    fn kill(&self) {
        if !runtime::is_foreign() {
            self.inner.kill();
        }
    }

    /// The pipes of the server's process, which a forked child must close.
    fn inherited_descriptors(&self) -> Vec<i32> {
        self.inner.inherited_descriptors()
    }
}
