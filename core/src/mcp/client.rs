//! A client of one MCP server, without an engine: handshake, discovery, calls, and a server that comes back.
//!
//! A server that ends by itself is started again after a pause that grows. Calls that come meanwhile wait for it
//! up to their deadline. A call that was on its way fails: the server may have acted on it, so nothing is sent
//! twice. No callback of the application runs here; a server's own questions (sampling, elicitation) are declined.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rmcp::model::{
    CallToolRequest, CallToolRequestParams, ClientCapabilities, ClientConfig, ClientRequest,
    GetPromptRequest, GetPromptRequestParams, Implementation, ListPromptsRequest,
    ListResourceTemplatesRequest, ListResourcesRequest, ListToolsRequest, PaginatedRequestParams,
    PingRequest, ReadResourceRequest, ReadResourceRequestParams, ServerResult,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::clock;
use crate::engine::stderr::OutputTail;
use crate::error::{Error, ErrorKind, Result};
use crate::mcp::config::{McpServer, check_name};
use crate::mcp::link::{ARGUMENT, Link, Plan, Running};
use crate::mcp::process::Alive;
use crate::mcp::request::{Outcome, What, send};
use crate::options::duration;
use crate::protocol::JsonObject;
use crate::remote::{ReconnectPolicy, backoff, random};

/// How long a tool may take, as the engine has it.
const TOOL: Duration = Duration::from_secs(60);
/// How long any other answer may take.
const REQUEST: Duration = Duration::from_secs(30);
/// More pages than any list has; a server that goes on is broken.
const PAGES: usize = 1000;

/// How to be a client. All fields have defaults.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct McpOptions {
    /// The name by which the application introduces itself.
    pub client_name: String,
    /// The application's version.
    pub client_version: String,
    /// How long anything but a tool may take.
    pub request_timeout: Duration,
    /// How long a process may take to end by itself.
    pub close_timeout: Duration,
    /// How often a server that ended is started again, and with what pauses. Attempts are counted until the
    /// server answers a call.
    pub restart: ReconnectPolicy,
}

impl Default for McpOptions {
    fn default() -> Self {
        Self {
            client_name: "codexkit".to_owned(),
            client_version: env!("CARGO_PKG_VERSION").to_owned(),
            request_timeout: REQUEST,
            close_timeout: Duration::from_secs(2),
            restart: ReconnectPolicy::default(),
        }
    }
}

/// The JSON form: every field may be missing.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Fields {
    client_name: Option<String>,
    client_version: Option<String>,
    request_timeout_s: Option<f64>,
    close_timeout_s: Option<f64>,
    max_restarts: Option<u32>,
    restart_delay_s: Option<f64>,
    max_restart_delay_s: Option<f64>,
}

impl McpOptions {
    /// Reads options from JSON: `snake_case` keys, times in seconds with the ending `_s`.
    ///
    /// # Errors
    /// `invalid_argument`, naming the key.
    pub fn from_json(text: &str) -> Result<Self> {
        let fields: Fields = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            let name = message.split('`').nth(1).unwrap_or("options").to_owned();
            Error::invalid_argument(&name, message)
        })?;
        let mut options = Self::default();
        if let Some(name) = fields.client_name {
            options.client_name = name;
        }
        if let Some(version) = fields.client_version {
            options.client_version = version;
        }
        if let Some(attempts) = fields.max_restarts {
            options.restart.max_attempts = attempts;
        }
        for (name, seconds, place) in [
            (
                "request_timeout",
                fields.request_timeout_s,
                &mut options.request_timeout,
            ),
            (
                "close_timeout",
                fields.close_timeout_s,
                &mut options.close_timeout,
            ),
            (
                "restart_delay",
                fields.restart_delay_s,
                &mut options.restart.initial_delay,
            ),
            (
                "max_restart_delay",
                fields.max_restart_delay_s,
                &mut options.restart.max_delay,
            ),
        ] {
            if let Some(seconds) = seconds {
                *place = duration(name, seconds)?;
            }
        }
        Ok(options)
    }
}

/// How a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum McpClientState {
    /// The server is there.
    Ready,
    /// It ended and is being started again.
    Restarting,
    /// It ended too often, or the client was closed.
    Closed,
}

impl McpClientState {
    /// The state's name in `snake_case`, the same in every language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Restarting => "restarting",
            Self::Closed => "closed",
        }
    }
}

/// A client of one server. Clones share it; the server's process ends with the last one, and with it everything
/// that the process started.
#[derive(Clone)]
pub struct McpClient(Arc<Handle>);

struct Handle(Arc<Shared>);

struct Shared {
    plan: Plan,
    options: McpOptions,
    phase: watch::Sender<Phase>,
    stop: watch::Sender<bool>,
    ended: watch::Sender<bool>,
    restarts: AtomicU32,
}

#[derive(Clone)]
enum Phase {
    Up(Arc<Link>),
    Restarting,
    Down(Error),
}

impl Drop for Handle {
    fn drop(&mut self) {
        // The supervising task goes on by itself; nothing here may block.
        self.0.stop.send_replace(true);
    }
}

impl fmt::Debug for McpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "McpClient({}, {})", self.name(), self.state().as_str())
    }
}

impl McpClient {
    /// Starts a server or connects to one, and shakes hands with it. `name` is what errors and qualified names
    /// call it. Must be called within a tokio runtime, which the client goes on using.
    ///
    /// # Errors
    /// `invalid_argument` for a declaration that cannot work, or a variable that is not set; `spawn` when the
    /// server cannot be started or reached, ends at once or asks for authorization; `timeout`.
    pub async fn connect(name: &str, server: McpServer, options: McpOptions) -> Result<Self> {
        check_name(name)?;
        server.check(ARGUMENT)?;
        if options.client_name.is_empty() {
            return Err(Error::invalid_argument("client_name", "it is empty"));
        }
        let who = Implementation::new(
            options.client_name.as_str(),
            options.client_version.as_str(),
        );
        let plan = Plan {
            name: name.to_owned(),
            server,
            hello: ClientConfig::new(ClientCapabilities::default(), who),
            stderr: OutputTail::default(),
            alive: Alive::default(),
            patience: options.close_timeout,
        };
        let (link, running) = plan.open().await?;
        let shared = Arc::new(Shared {
            plan,
            options,
            phase: watch::Sender::new(Phase::Up(link)),
            stop: watch::Sender::new(false),
            ended: watch::Sender::new(false),
            restarts: AtomicU32::new(0),
        });
        tokio::spawn(supervise(shared.clone(), running));
        Ok(Self(Arc::new(Handle(shared))))
    }

    fn shared(&self) -> &Shared {
        &self.0.0
    }

    /// The server's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shared().plan.name
    }

    /// What the server said of itself in the last handshake: `protocolVersion`, `capabilities`, `serverInfo` and
    /// perhaps `instructions`.
    ///
    /// # Errors
    /// `closed` when the server is gone.
    pub fn server_info(&self) -> Result<Value> {
        let phase = self.shared().phase.borrow().clone();
        match phase {
            Phase::Up(link) => match &link.info {
                Some(info) => self.what("initialize").json(&**info),
                None => Ok(json!({})),
            },
            Phase::Restarting => Err(Error::new(
                ErrorKind::Closed,
                format!("the MCP server {:?} is being started again", self.name()),
            )),
            Phase::Down(error) => Err(error),
        }
    }

    /// How the client is.
    #[must_use]
    pub fn state(&self) -> McpClientState {
        match &*self.shared().phase.borrow() {
            Phase::Up(_) => McpClientState::Ready,
            Phase::Restarting => McpClientState::Restarting,
            Phase::Down(_) => McpClientState::Closed,
        }
    }

    /// How often the server was started again.
    #[must_use]
    pub fn restarts(&self) -> u32 {
        self.shared().restarts.load(Ordering::Relaxed)
    }

    /// The process's id while one runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.shared().plan.alive.pid()
    }

    /// The end of what the server's processes wrote to standard error.
    #[must_use]
    pub fn stderr_tail(&self) -> String {
        self.shared().plan.stderr.text()
    }

    /// The file descriptors of the process's pipes, for a child process made by `fork` alone: it must close
    /// them, or the server outlives its parent.
    #[must_use]
    pub fn inherited_descriptors(&self) -> Vec<i32> {
        self.shared().plan.alive.descriptors()
    }

    /// The server's tools that the declaration lets through, all pages of them, as the protocol has them: `name`,
    /// `description`, `inputSchema`, ... (`tools/list`).
    ///
    /// # Errors
    /// `rpc` when the server refuses, `timeout`, `closed`, `protocol`.
    pub async fn list_tools(&self) -> Result<Vec<Value>> {
        let mut tools = self
            .pages("tools/list", |params| {
                ListToolsRequest::with_param(params).into()
            })
            .await?;
        let server = &self.shared().plan.server;
        tools.retain(|tool| tool["name"].as_str().is_none_or(|name| server.offers(name)));
        Ok(tools)
    }

    /// The server's resources, all pages of them: `uri`, `name`, ... (`resources/list`).
    ///
    /// # Errors
    /// As [`McpClient::list_tools`].
    pub async fn list_resources(&self) -> Result<Vec<Value>> {
        self.pages("resources/list", |params| {
            ListResourcesRequest::with_param(params).into()
        })
        .await
    }

    /// The templates of the server's resources, all pages of them: `uriTemplate`, `name`, ...
    /// (`resources/templates/list`).
    ///
    /// # Errors
    /// As [`McpClient::list_tools`].
    pub async fn list_resource_templates(&self) -> Result<Vec<Value>> {
        self.pages("resources/templates/list", |params| {
            ListResourceTemplatesRequest::with_param(params).into()
        })
        .await
    }

    /// The server's prompts, all pages of them: `name`, `arguments`, ... (`prompts/list`).
    ///
    /// # Errors
    /// As [`McpClient::list_tools`].
    pub async fn list_prompts(&self) -> Result<Vec<Value>> {
        self.pages("prompts/list", |params| {
            ListPromptsRequest::with_param(params).into()
        })
        .await
    }

    /// Calls a tool and gives its result: `content`, and perhaps `structuredContent` and `isError`, which says
    /// that the tool failed (`tools/call`). `timeout` replaces the declaration's. Dropping the future tells the
    /// server that the answer is not wanted any more.
    ///
    /// # Errors
    /// `invalid_argument` for a tool that the declaration leaves out; `rpc` when the server refuses; `timeout`;
    /// `closed` when the server ends meanwhile, or ended too often. Nothing is ever sent twice.
    pub async fn call_tool(
        &self,
        name: &str,
        arguments: Option<JsonObject>,
        timeout: Option<Duration>,
    ) -> Result<Value> {
        let plan = &self.shared().plan;
        if name.is_empty() {
            return Err(Error::invalid_argument("name", "it is empty; name a tool"));
        }
        if !plan.server.offers(name) {
            return Err(Error::invalid_argument(
                "name",
                format!(
                    "{name:?} is left out by enabled_tools or disabled_tools of the server {:?}",
                    plan.name
                ),
            ));
        }
        let mut params = CallToolRequestParams::new(name.to_owned());
        params.arguments = arguments;
        let timeout = timeout.or(plan.server.tool_timeout).unwrap_or(TOOL);
        let request = CallToolRequest::new(params);
        let what = self.what("tools/call");
        match self.request(what, request.into(), timeout).await? {
            ServerResult::CallToolResult(result) => what.json(&result),
            other => result_of(what, &other),
        }
    }

    /// Reads a resource: `contents`, each with `uri` and `text` or `blob` (`resources/read`).
    ///
    /// # Errors
    /// As [`McpClient::list_tools`].
    pub async fn read_resource(&self, uri: &str) -> Result<Value> {
        if uri.is_empty() {
            return Err(Error::invalid_argument("uri", "it is empty"));
        }
        let request = ReadResourceRequest::new(ReadResourceRequestParams::new(uri));
        self.ask("resources/read", request.into()).await
    }

    /// Gets a prompt with its arguments filled in: `messages` and perhaps a `description` (`prompts/get`).
    ///
    /// # Errors
    /// As [`McpClient::list_tools`].
    pub async fn get_prompt(&self, name: &str, arguments: Option<JsonObject>) -> Result<Value> {
        if name.is_empty() {
            return Err(Error::invalid_argument(
                "name",
                "it is empty; name a prompt",
            ));
        }
        let mut params = GetPromptRequestParams::new(name);
        params.arguments = arguments;
        self.ask("prompts/get", GetPromptRequest::new(params).into())
            .await
    }

    /// Asks the server for a sign of life (`ping`).
    ///
    /// # Errors
    /// As [`McpClient::list_tools`].
    pub async fn ping(&self) -> Result<()> {
        self.ask("ping", PingRequest::default().into())
            .await
            .map(|_| ())
    }

    /// Ends the connection, and the process with everything it started: closes its input, then asks, then kills.
    /// What waits fails with `closed`. Calling it again does nothing.
    pub async fn close(&self) {
        let shared = self.shared();
        shared.stop.send_replace(true);
        let _ = shared.ended.subscribe().wait_for(|ended| *ended).await;
    }

    /// Kills the process and everything it started, before this returns.
    pub fn kill(&self) {
        let shared = self.shared();
        shared.stop.send_replace(true);
        shared.plan.alive.kill();
    }

    fn what(&self, method: &'static str) -> What<'_> {
        What {
            server: self.name(),
            method,
        }
    }

    async fn ask(&self, method: &'static str, request: ClientRequest) -> Result<Value> {
        let what = self.what(method);
        let timeout = self.shared().options.request_timeout;
        let answer = self.request(what, request, timeout).await?;
        result_of(what, &answer)
    }

    async fn pages(
        &self,
        method: &'static str,
        make: impl Fn(PaginatedRequestParams) -> ClientRequest,
    ) -> Result<Vec<Value>> {
        let what = self.what(method);
        let (mut all, mut seen, mut cursor) = (Vec::new(), HashSet::new(), None);
        for _ in 0..PAGES {
            let params = PaginatedRequestParams::default().with_cursor(cursor.take());
            let page = self.ask(method, make(params)).await?;
            all.extend(items(&page));
            match page["nextCursor"].as_str() {
                None => return Ok(all),
                Some(next) if !seen.insert(next.to_owned()) => {
                    return Err(what.nonsense("it gave the same cursor twice"));
                }
                Some(next) => cursor = Some(next.to_owned()),
            }
        }
        Err(what.nonsense("the list does not end"))
    }

    /// Sends a request over the connection that is there, or over the next one if none is.
    async fn request(
        &self,
        what: What<'_>,
        request: ClientRequest,
        timeout: Duration,
    ) -> Result<ServerResult> {
        let deadline = clock::deadline(timeout);
        loop {
            let link = match tokio::time::timeout_at(deadline.into(), self.link()).await {
                Ok(link) => link?,
                Err(_) => return Err(self.unconnected(what, timeout)),
            };
            let left = deadline.saturating_duration_since(clock::now());
            let outcome = send(&link.peer, &what, request.clone(), left);
            match outcome.await {
                Outcome::Answered(answer) => {
                    if !matches!(&*answer, Err(error) if error.kind() == ErrorKind::Timeout) {
                        link.answered();
                    }
                    return (*answer).map_err(|error| match error.kind() {
                        ErrorKind::Timeout => what.late(timeout),
                        _ => error,
                    });
                }
                Outcome::Lost => return Err(self.lost(what, &link).await),
                Outcome::Unsent => continue,
            }
        }
    }

    /// The connection, once there is one.
    async fn link(&self) -> Result<Arc<Link>> {
        let mut phase = self.shared().phase.subscribe();
        let usable = |phase: &Phase| match phase {
            Phase::Up(link) => !link.peer.is_transport_closed(),
            Phase::Restarting => false,
            Phase::Down(_) => true,
        };
        let found = phase.wait_for(usable).await.map(|phase| phase.clone());
        match found {
            Ok(Phase::Up(link)) => Ok(link),
            Ok(Phase::Down(error)) => Err(error),
            Ok(Phase::Restarting) | Err(_) => Err(closed(self.name())),
        }
    }

    /// The error of a call that was on its way when the connection ended.
    async fn lost(&self, what: What<'_>, link: &Link) -> Error {
        let end = link.ended().await.unwrap_or_else(|| closed(self.name()));
        let message = format!(
            "{}: the connection ended while the call was on its way; it was not repeated, because the server may have acted on it: {end}",
            what.method
        );
        let tail = end.stderr_tail().unwrap_or_default().to_owned();
        Error::new(ErrorKind::Closed, message)
            .of_method(what.method)
            .with_exit(end.exit_code(), end.signal(), tail)
    }

    fn unconnected(&self, what: What<'_>, timeout: Duration) -> Error {
        let message = format!(
            "{}: the MCP server {:?} ended and was not back within {} s; nothing was sent",
            what.method,
            self.name(),
            timeout.as_secs_f64()
        );
        Error::new(ErrorKind::Timeout, message).of_method(what.method)
    }
}

fn closed(name: &str) -> Error {
    let message = format!("the client of the MCP server {name:?} is closed; create a new one");
    Error::new(ErrorKind::Closed, message)
}

/// An answer as JSON.
fn result_of(what: What<'_>, answer: &ServerResult) -> Result<Value> {
    let value = what.json(answer)?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(what.nonsense("the result is no object"))
    }
}

/// The one list of a page.
fn items(page: &Value) -> Vec<Value> {
    ["tools", "resources", "resourceTemplates", "prompts"]
        .iter()
        .find_map(|key| page[*key].as_array().cloned())
        .unwrap_or_default()
}

/// Watches over the connection, and makes it again, until the client is closed or it is of no use.
async fn supervise(shared: Arc<Shared>, running: Running) {
    let error = keep_up(&shared, running).await;
    shared.phase.send_replace(Phase::Down(error));
    shared.ended.send_replace(true);
}

/// Comes when the client is to end.
async fn wished(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Gives the error that calls get from now on.
async fn keep_up(shared: &Shared, mut running: Running) -> Error {
    let mut stop = shared.stop.subscribe();
    let mut tries = 0;
    loop {
        let stopped = tokio::select! {
            () = wished(&mut stop) => true,
            () = running.over() => false,
        };
        if stopped {
            let error = closed(&shared.plan.name);
            shared.phase.send_replace(Phase::Down(error.clone()));
            running.close(&shared.plan, error.clone()).await;
            return error;
        }
        if let Phase::Up(link) = &*shared.phase.borrow()
            && link.is_healthy()
        {
            tries = 0;
        }
        shared.phase.send_replace(Phase::Restarting);
        let ended = running.lost(&shared.plan).await;
        ended.tell();
        running = tokio::select! {
            () = wished(&mut stop) => return closed(&shared.plan.name),
            again = restart(shared, &mut tries, ended.error) => match again {
                Ok(running) => running,
                Err(error) => return error,
            },
        };
    }
}

/// Tries to get the server back; fails when it was tried often enough.
async fn restart(shared: &Shared, tries: &mut u32, mut why: Error) -> Result<Running> {
    let policy = &shared.options.restart;
    while *tries < policy.max_attempts {
        tokio::time::sleep(backoff::delay(
            policy.initial_delay,
            policy.max_delay,
            *tries,
            random(),
        ))
        .await;
        *tries += 1;
        match shared.plan.open().await {
            Ok((link, running)) => {
                shared.restarts.fetch_add(1, Ordering::Relaxed);
                shared.phase.send_replace(Phase::Up(link));
                return Ok(running);
            }
            Err(error) => why = error,
        }
    }
    let message = format!(
        "the MCP server {:?} is given up after {} attempts to start it again: {why}",
        shared.plan.name, *tries
    );
    let tail = why.stderr_tail().unwrap_or_default().to_owned();
    Err(Error::new(ErrorKind::Closed, message).with_exit(why.exit_code(), why.signal(), tail))
}
