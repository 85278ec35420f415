//! MCP: servers as a thread gets them, the engine's view of them, and the client without an engine. Mirrors
//! `codexkit::mcp`; what crosses is JSON text.

use std::collections::BTreeMap;
use std::sync::Arc;

use codexkit::mcp::{
    LoginOptions, Mcp, McpClient, McpLogin, McpOptions, McpServer, McpServers, StatusOptions,
    ToolNames, qualify,
};
use codexkit::{Error, JsonObject, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::{Value, json};

use crate::client::{object, seconds};
use crate::error::OrThrow;
use crate::runtime::{promise, runtime};

fn given(argument: &str, text: Option<String>) -> Result<Option<JsonObject>> {
    text.map(|text| object(argument, &text)).transpose()
}

/// The parameters of a thread with MCP servers put into their `config`.
#[napi]
#[allow(
    dead_code,
    clippy::needless_pass_by_value,
    reason = "napi hands strings over by value, and exports nothing from a build of tests"
)]
pub(crate) fn mcp_params(servers: String, params: String) -> napi::Result<String> {
    let apply = || {
        let mut params = object("params", &params)?;
        McpServers::from_json(&object("mcp_servers", &servers)?)?.apply(&mut params)?;
        Ok(Value::Object(params).to_string())
    };
    apply().or_throw()
}

/// The one name of a server's tool.
#[napi]
#[allow(
    dead_code,
    clippy::needless_pass_by_value,
    reason = "napi hands strings over by value, and exports nothing from a build of tests"
)]
pub(crate) fn mcp_qualify(server: String, tool: String) -> String {
    qualify(&server, &tool)
}

/// The tools of several servers (JSON: server to list of tools) by their one name, as JSON.
#[napi]
#[allow(
    dead_code,
    clippy::needless_pass_by_value,
    reason = "napi hands strings over by value, and exports nothing from a build of tests"
)]
pub(crate) fn mcp_tool_names(servers: String) -> napi::Result<String> {
    let named = || -> Result<Value> {
        let servers: BTreeMap<String, Vec<String>> = serde_json::from_str(&servers)
            .map_err(|error| Error::invalid_argument("servers", error))?;
        let lists = servers
            .iter()
            .map(|(server, tools)| (server.as_str(), tools.as_slice()));
        let names = ToolNames::of(lists)?;
        let shown = |(name, of): (&str, &codexkit::mcp::McpTool)| {
            (
                name.to_owned(),
                json!({"server": of.server, "tool": of.tool}),
            )
        };
        Ok(Value::Object(names.iter().map(shown).collect()))
    };
    named().map(|names| names.to_string()).or_throw()
}

/// The MCP servers of an engine or of one of its threads.
#[napi]
pub struct NativeMcp {
    mcp: Mcp,
}

impl From<Mcp> for NativeMcp {
    fn from(mcp: Mcp) -> Self {
        Self { mcp }
    }
}

#[napi]
impl NativeMcp {
    /// The servers' status. Promise of JSON.
    #[napi]
    pub fn status<'env>(
        &self,
        env: &'env Env,
        tools_only: bool,
        server: Option<String>,
    ) -> napi::Result<Object<'env>> {
        let mcp = self.mcp.clone();
        promise(env, async move {
            let options = StatusOptions::default()
                .tools_only(tools_only)
                .server(server);
            Ok(Value::from(mcp.status(&options).await?).to_string())
        })
    }

    /// Waits for servers, and gives their status. Promise of JSON.
    #[napi]
    pub fn wait_ready<'env>(
        &self,
        env: &'env Env,
        names: Vec<String>,
        timeout: Option<f64>,
    ) -> napi::Result<Object<'env>> {
        let mcp = self.mcp.clone();
        promise(env, async move {
            let timeout = timeout.map(seconds).transpose()?;
            Ok(Value::from(mcp.wait_ready(&names, timeout).await?).to_string())
        })
    }

    /// Calls a tool. Promise of JSON.
    #[napi]
    pub fn call_tool<'env>(
        &self,
        env: &'env Env,
        server: String,
        tool: String,
        arguments: Option<String>,
        timeout: Option<f64>,
    ) -> napi::Result<Object<'env>> {
        let mcp = self.mcp.clone();
        promise(env, async move {
            let arguments = given("args", arguments)?;
            let timeout = timeout.map(seconds).transpose()?;
            let answer = mcp.call_tool(&server, &tool, arguments, timeout).await?;
            Ok(answer.get().to_owned())
        })
    }

    /// Reads a resource. Promise of JSON.
    #[napi]
    pub fn read_resource<'env>(
        &self,
        env: &'env Env,
        server: String,
        uri: String,
    ) -> napi::Result<Object<'env>> {
        let mcp = self.mcp.clone();
        promise(env, async move {
            Ok(mcp.read_resource(&server, &uri).await?.get().to_owned())
        })
    }

    /// Has the configuration read again. Promise of nothing.
    #[napi]
    pub fn reload<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let mcp = self.mcp.clone();
        promise(env, async move { mcp.reload().await })
    }

    /// Begins a login. Promise of a `NativeMcpLogin`.
    #[napi]
    pub fn login<'env>(
        &self,
        env: &'env Env,
        server: String,
        scopes: Option<Vec<String>>,
        client_registration: Option<String>,
        timeout: Option<f64>,
    ) -> napi::Result<Object<'env>> {
        let mcp = self.mcp.clone();
        promise(env, async move {
            let options = LoginOptions::default()
                .scopes(scopes)
                .client_registration(client_registration)
                .timeout(timeout.map(seconds).transpose()?);
            let login = Arc::new(mcp.login(&server, &options).await?);
            Ok(NativeMcpLogin { login })
        })
    }
}

/// A login to a server that a person completes.
#[napi]
pub struct NativeMcpLogin {
    login: Arc<McpLogin>,
}

#[napi]
impl NativeMcpLogin {
    /// What to open in a browser.
    #[napi]
    pub fn authorization_url(&self) -> String {
        self.login.authorization_url().to_owned()
    }

    /// The login's id.
    #[napi]
    pub fn login_id(&self) -> Option<String> {
        self.login.login_id().map(str::to_owned)
    }

    /// Waits for its end. Promise of JSON.
    #[napi]
    pub fn wait<'env>(&self, env: &'env Env, timeout: Option<f64>) -> napi::Result<Object<'env>> {
        let login = self.login.clone();
        promise(env, async move {
            let timeout = timeout.map(seconds).transpose()?;
            Ok(login.wait(timeout).await?.to_string())
        })
    }
}

/// A client of one server, without an engine.
#[napi]
pub struct NativeMcpClient {
    client: McpClient,
}

#[napi]
impl NativeMcpClient {
    /// Starts a server or connects to one; server and options are JSON. Promise of a `NativeMcpClient`.
    #[napi]
    pub fn connect(
        env: &Env,
        name: String,
        server: String,
        options: String,
    ) -> napi::Result<Object<'_>> {
        promise(env, async move {
            let server = Value::Object(object("server", &server)?);
            let server = McpServer::from_json("server", &server)?;
            let options = McpOptions::from_json(&options)?;
            let client = McpClient::connect(&name, server, options).await?;
            Ok(Self { client })
        })
    }

    /// What the server said of itself, as JSON.
    #[napi]
    pub fn server_info(&self) -> napi::Result<String> {
        self.client
            .server_info()
            .map(|info| info.to_string())
            .or_throw()
    }

    /// How the client is.
    #[napi]
    pub fn state(&self) -> String {
        self.client.state().as_str().to_owned()
    }

    /// How often the server was started again.
    #[napi]
    pub fn restarts(&self) -> u32 {
        self.client.restarts()
    }

    /// The process's id while one runs.
    #[napi]
    pub fn pid(&self) -> Option<u32> {
        self.client.pid()
    }

    /// The end of its standard error.
    #[napi]
    pub fn stderr_tail(&self) -> String {
        self.client.stderr_tail()
    }

    /// The tools. Promise of JSON.
    #[napi]
    pub fn list_tools<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let client = self.client.clone();
        promise(env, async move {
            Ok(Value::from(client.list_tools().await?).to_string())
        })
    }

    /// The resources. Promise of JSON.
    #[napi]
    pub fn list_resources<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let client = self.client.clone();
        promise(env, async move {
            Ok(Value::from(client.list_resources().await?).to_string())
        })
    }

    /// The templates of resources. Promise of JSON.
    #[napi]
    pub fn list_resource_templates<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let client = self.client.clone();
        promise(env, async move {
            Ok(Value::from(client.list_resource_templates().await?).to_string())
        })
    }

    /// The prompts. Promise of JSON.
    #[napi]
    pub fn list_prompts<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let client = self.client.clone();
        promise(env, async move {
            Ok(Value::from(client.list_prompts().await?).to_string())
        })
    }

    /// Calls a tool. Promise of JSON.
    #[napi]
    pub fn call_tool<'env>(
        &self,
        env: &'env Env,
        name: String,
        arguments: Option<String>,
        timeout: Option<f64>,
    ) -> napi::Result<Object<'env>> {
        let client = self.client.clone();
        promise(env, async move {
            let arguments = given("args", arguments)?;
            let timeout = timeout.map(seconds).transpose()?;
            Ok(client
                .call_tool(&name, arguments, timeout)
                .await?
                .to_string())
        })
    }

    /// Reads a resource. Promise of JSON.
    #[napi]
    pub fn read_resource<'env>(&self, env: &'env Env, uri: String) -> napi::Result<Object<'env>> {
        let client = self.client.clone();
        promise(env, async move {
            Ok(client.read_resource(&uri).await?.to_string())
        })
    }

    /// Gets a prompt. Promise of JSON.
    #[napi]
    pub fn get_prompt<'env>(
        &self,
        env: &'env Env,
        name: String,
        arguments: Option<String>,
    ) -> napi::Result<Object<'env>> {
        let client = self.client.clone();
        promise(env, async move {
            let arguments = given("args", arguments)?;
            Ok(client.get_prompt(&name, arguments).await?.to_string())
        })
    }

    /// Asks for a sign of life. Promise of nothing.
    #[napi]
    pub fn ping<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let client = self.client.clone();
        promise(env, async move { client.ping().await })
    }

    /// Ends the connection and the process. Promise of nothing.
    #[napi]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let client = self.client.clone();
        promise(env, async move {
            client.close().await;
            Ok(())
        })
    }

    /// Kills the process and all that it started, now.
    #[napi]
    pub fn kill(&self) -> napi::Result<()> {
        let _entered = runtime().or_throw()?.enter();
        self.client.kill();
        Ok(())
    }
}
