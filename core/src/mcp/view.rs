//! What the engine says of its MCP servers, and what can be asked of them through it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::client::Codex;
use crate::clock;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{JsonObject, lenient, raw};
use crate::thread::Thread;
use crate::thread::queue::EventStream;

const STATUS: &str = "mcpServerStatus/list";
const LOGIN: &str = "mcpServer/oauth/login";
/// How long servers may take, when a caller does not say.
const READY: Duration = Duration::from_secs(60);

/// The MCP servers of an engine ([`Codex::mcp`]) or of one of its threads ([`Thread::mcp`]).
#[derive(Clone)]
pub struct Mcp {
    codex: Codex,
    thread: Option<String>,
}

/// What [`Mcp::status`] is to tell. All fields have defaults.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct StatusOptions {
    /// Leave out resources and templates, which take a request to each server.
    pub tools_only: bool,
    /// Tell of this server alone.
    pub server: Option<String>,
}

/// How to log in to a server. All fields have defaults.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LoginOptions {
    /// The scopes to ask for, instead of the configuration's.
    pub scopes: Option<Vec<String>>,
    /// How the engine makes itself known to the server: `auto`, `cimd` or `dcr`.
    pub client_registration: Option<String>,
    /// How long the person may take; the engine has a limit of its own without it.
    pub timeout: Option<Duration>,
}

impl StatusOptions {
    /// Leaves out resources and templates.
    #[must_use]
    pub fn tools_only(mut self, only: bool) -> Self {
        self.tools_only = only;
        self
    }

    /// Tells of one server alone.
    #[must_use]
    pub fn server(mut self, name: Option<String>) -> Self {
        self.server = name;
        self
    }
}

impl LoginOptions {
    /// Asks for these scopes.
    #[must_use]
    pub fn scopes(mut self, scopes: Option<Vec<String>>) -> Self {
        self.scopes = scopes;
        self
    }

    /// Makes the engine known in this way.
    #[must_use]
    pub fn client_registration(mut self, way: Option<String>) -> Self {
        self.client_registration = way;
        self
    }

    /// Gives the person so long.
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }
}

impl Codex {
    /// The MCP servers of the engine's configuration. Those of a thread, with what only they can do (calls,
    /// waiting until they are ready), are at [`Thread::mcp`].
    #[must_use]
    pub fn mcp(&self) -> Mcp {
        Mcp {
            codex: self.clone(),
            thread: None,
        }
    }
}

impl Thread {
    /// The MCP servers of the thread.
    #[must_use]
    pub fn mcp(&self) -> Mcp {
        Mcp {
            codex: self.codex().clone(),
            thread: Some(self.id().to_owned()),
        }
    }
}

impl Mcp {
    async fn ask(
        &self,
        method: &str,
        params: JsonObject,
        time: Option<Duration>,
    ) -> Result<Box<RawValue>> {
        self.codex
            .session()
            .request(method, Some(&raw(&params.into())), time)
            .await
    }

    fn params(&self) -> JsonObject {
        let thread = self.thread.as_ref();
        thread.map_or_else(JsonObject::new, |id| object(json!({"threadId": id})))
    }

    fn thread_id(&self, what: &str) -> Result<&str> {
        self.thread.as_deref().ok_or_else(|| {
            Error::invalid_argument(
                "thread_id",
                format!("servers run for a thread; {what} through the thread's own `mcp`"),
            )
        })
    }

    /// The servers with their tools, resources, templates, login and state, all pages of them, each as the
    /// protocol has it (`mcpServerStatus/list`). Of a thread it waits for its servers' tools; a
    /// server's state may still be `starting`.
    ///
    /// # Errors
    /// As [`Codex::request`].
    pub async fn status(&self, options: &StatusOptions) -> Result<Vec<Value>> {
        let mut params = self.params();
        if options.tools_only {
            params.insert("detail".to_owned(), "toolsAndAuthOnly".into());
        }
        if let Some(name) = &options.server {
            params.insert("serverName".to_owned(), name.as_str().into());
        }
        let mut servers = Vec::new();
        loop {
            let answer = self.ask(STATUS, params.clone(), None).await?;
            let page: Page = understood(STATUS, &answer)?;
            let last = page.data.is_empty();
            servers.extend(page.data);
            match page.next_cursor {
                Some(cursor) if !last => {
                    params.insert("cursor".to_owned(), cursor.into());
                }
                _ => return Ok(servers),
            }
        }
    }

    /// Waits until servers of the thread are ready for calls, and gives their status; all of the thread's servers
    /// that are switched on without `names`.
    ///
    /// # Errors
    /// `invalid_argument` without a thread and for a name that the thread has no server of; `spawn`, in the
    /// engine's words, when one has failed; `timeout`; else as [`Codex::request`].
    pub async fn wait_ready(
        &self,
        names: &[String],
        timeout: Option<Duration>,
    ) -> Result<Vec<Value>> {
        self.thread_id("wait for them")?;
        let timeout = timeout.unwrap_or(READY);
        let events = self.codex.subscribe();
        let waiting = self.until_ready(names, &events);
        tokio::time::timeout_at(clock::deadline(timeout).into(), waiting)
            .await
            .unwrap_or_else(|_| {
                Err(Error::new(
                    ErrorKind::Timeout,
                    format!(
                        "the MCP servers were not ready within {} s; give a longer timeout, or look at status()",
                        timeout.as_secs_f64()
                    ),
                ))
            })
    }

    async fn until_ready(&self, names: &[String], events: &EventStream) -> Result<Vec<Value>> {
        let options = StatusOptions::default().tools_only(true);
        loop {
            let all = self.status(&options).await?;
            if let Some(ready) = readiness(names, &all)? {
                return Ok(ready);
            }
            self.next_change(events).await?;
        }
    }

    /// Waits for the next word on a server of the thread (`mcpServer/startupStatus/updated`).
    async fn next_change(&self, events: &EventStream) -> Result<()> {
        while let Some(event) = events.next().await {
            let event = event?;
            if event.method() == "mcpServer/startupStatus/updated"
                && event.thread_id() == self.thread.as_deref()
            {
                return Ok(());
            }
        }
        Err(Error::new(
            ErrorKind::Closed,
            "the client was closed before the MCP servers were ready",
        ))
    }

    /// Calls a tool of a server of the thread, outside of any turn and without the model (`mcpServer/tool/call`).
    /// Gives `content`, and perhaps `structuredContent` and `isError`, which says that the tool failed.
    ///
    /// # Errors
    /// `invalid_argument` without a thread; else as [`Codex::request`].
    pub async fn call_tool(
        &self,
        server: &str,
        tool: &str,
        arguments: Option<JsonObject>,
        timeout: Option<Duration>,
    ) -> Result<Box<RawValue>> {
        let thread = self.thread_id("call their tools")?;
        let arguments = arguments.unwrap_or_default();
        let params = json!({
            "threadId": thread, "server": filled("server", server)?, "tool": filled("tool", tool)?,
            "arguments": arguments,
        });
        self.ask("mcpServer/tool/call", object(params), timeout)
            .await
    }

    /// Reads a resource of a server: `contents` (`mcpServer/resource/read`).
    ///
    /// # Errors
    /// As [`Codex::request`].
    pub async fn read_resource(&self, server: &str, uri: &str) -> Result<Box<RawValue>> {
        let mut params = self.params();
        params.insert("server".to_owned(), filled("server", server)?.into());
        params.insert("uri".to_owned(), filled("uri", uri)?.into());
        self.ask("mcpServer/resource/read", params, None).await
    }

    /// Has the engine read its configuration again and start the servers of loaded threads anew
    /// (`config/mcpServer/reload`).
    ///
    /// # Errors
    /// As [`Codex::request`].
    pub async fn reload(&self) -> Result<()> {
        let session = self.codex.session();
        session
            .request("config/mcpServer/reload", None, None)
            .await
            .map(|_| ())
    }

    /// Begins an OAuth login to a server that speaks HTTP (`mcpServer/oauth/login`): a person opens
    /// [`McpLogin::authorization_url`] in a browser.
    ///
    /// # Errors
    /// As [`Codex::request`].
    pub async fn login(&self, server: &str, options: &LoginOptions) -> Result<McpLogin> {
        let mut params = self.params();
        params.insert("name".to_owned(), filled("server", server)?.into());
        let timeout = options.timeout.map(|time| time.as_secs().max(1));
        for (key, value) in [
            ("scopes", options.scopes.clone().map(Value::from)),
            (
                "clientRegistration",
                options.client_registration.clone().map(Value::from),
            ),
            ("timeoutSecs", timeout.map(Value::from)),
        ] {
            if let Some(value) = value {
                params.insert(key.to_owned(), value);
            }
        }
        // Before the request: the login may be over when its answer is read.
        let events = self.codex.subscribe();
        let answer = self.ask(LOGIN, params, None).await?;
        let begun: Begun = understood(LOGIN, &answer)?;
        Ok(McpLogin {
            server: server.to_owned(),
            authorization_url: begun.authorization_url,
            login_id: begun.login_id,
            events,
            done: tokio::sync::Mutex::new(None),
        })
    }
}

/// A login to a server that a person completes in a browser. The protocol has no way to take one back: it ends
/// with its time limit.
pub struct McpLogin {
    server: String,
    authorization_url: String,
    login_id: Option<String>,
    events: EventStream,
    done: tokio::sync::Mutex<Option<Value>>,
}

impl McpLogin {
    /// The server's name.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// What to open in a browser.
    #[must_use]
    pub fn authorization_url(&self) -> &str {
        &self.authorization_url
    }

    /// The login's id; older engines have none.
    #[must_use]
    pub fn login_id(&self) -> Option<&str> {
        self.login_id.as_deref()
    }

    /// Waits until the login has succeeded or failed, and gives the notification's parameters: look at `success`
    /// and `error` (`mcpServer/oauthLogin/completed`). Repeated calls give the same.
    ///
    /// # Errors
    /// `timeout` when it has not come in time, the login goes on; `closed` when the engine goes away first.
    pub async fn wait(&self, timeout: Option<Duration>) -> Result<Value> {
        let Some(timeout) = timeout else {
            return self.completed().await;
        };
        let deadline = clock::deadline(timeout);
        tokio::time::timeout_at(deadline.into(), self.completed())
            .await
            .unwrap_or_else(|_| {
                let seconds = timeout.as_secs_f64();
                let message = format!("the login was not completed within {seconds} s; it goes on");
                Err(Error::new(ErrorKind::Timeout, message))
            })
    }

    async fn completed(&self) -> Result<Value> {
        let mut done = self.done.lock().await;
        if let Some(done) = &*done {
            return Ok(done.clone());
        }
        while let Some(event) = self.events.next().await {
            let event = event?;
            if event.method() != "mcpServer/oauthLogin/completed" {
                continue;
            }
            let Ok(params) = lenient::from_str::<Value>(event.params()) else {
                continue;
            };
            if self.is_own(&params) {
                *done = Some(params.clone());
                return Ok(params);
            }
        }
        Err(Error::new(
            ErrorKind::Closed,
            "the client was closed before the login was completed",
        ))
    }

    fn is_own(&self, params: &Value) -> bool {
        match (params["loginId"].as_str(), &self.login_id) {
            (Some(theirs), Some(ours)) => theirs == ours,
            _ => params["name"] == self.server.as_str(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    data: Vec<Value>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Begun {
    authorization_url: String,
    login_id: Option<String>,
}

fn understood<T: for<'a> Deserialize<'a>>(method: &str, answer: &RawValue) -> Result<T> {
    lenient::from_str(answer.get()).map_err(|error| {
        let message = format!("{method}: the answer is not understood: {error}");
        Error::new(ErrorKind::Protocol, message)
    })
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}

fn filled<'a>(argument: &str, text: &'a str) -> Result<&'a str> {
    if text.trim().is_empty() {
        return Err(Error::invalid_argument(argument, "it is empty"));
    }
    Ok(text)
}

/// The status of the servers that are waited for, once all are ready; nothing while one is not.
fn readiness(names: &[String], all: &[Value]) -> Result<Option<Vec<Value>>> {
    let mut ready = Vec::new();
    let wanted: Vec<&Value> = if names.is_empty() {
        all.iter()
            .filter(|server| server["runtimeStatus"] != "disabled")
            .collect()
    } else {
        names
            .iter()
            .map(|name| named(name, all))
            .collect::<Result<_>>()?
    };
    for server in wanted {
        let failed = |why: &str| {
            let name = server["name"].as_str().unwrap_or_default();
            Err(Error::new(
                ErrorKind::Spawn,
                format!("the MCP server {name:?} {why}"),
            ))
        };
        let has_tools = server["tools"]
            .as_object()
            .is_some_and(|tools| !tools.is_empty());
        match (
            server["runtimeStatus"].as_str(),
            server["toolsError"].as_str(),
        ) {
            (Some("connected"), _) => ready.push(server.clone()),
            (Some("disabled"), _) => return failed("is switched off"),
            (Some("authenticationRequired"), _) => return failed("asks for a login; see login()"),
            (Some("failed" | "cancelled"), why) => {
                return failed(&format!(
                    "did not start: {}",
                    why.unwrap_or("the engine does not say why")
                ));
            }
            // Engines that tell no state tell what went wrong.
            (None, Some(why)) => return failed(&format!("did not start: {why}")),
            (None, None) if has_tools => ready.push(server.clone()),
            _ => return Ok(None),
        }
    }
    Ok(Some(ready))
}

fn named<'a>(name: &str, all: &'a [Value]) -> Result<&'a Value> {
    all.iter()
        .find(|server| server["name"] == name)
        .ok_or_else(|| {
            let known: Vec<&str> = all
                .iter()
                .filter_map(|server| server["name"].as_str())
                .collect();
            let known = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            let message = format!("the thread has no MCP server {name:?}; it has {known}");
            Error::invalid_argument("names", message)
        })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "tests")]
mod tests {
    use super::*;

    fn server(name: &str, state: Value, tools: Value, error: Value) -> Value {
        json!({"name": name, "runtimeStatus": state, "tools": tools, "toolsError": error})
    }

    #[test]
    fn servers_are_ready_when_all_are_connected() {
        let up = server("a", json!("connected"), json!({}), Value::Null);
        let starting = server("b", json!("starting"), json!({}), Value::Null);
        let off = server("c", json!("disabled"), json!({}), Value::Null);
        let older = server("d", Value::Null, json!({"t": {}}), Value::Null);
        let all = [up.clone(), off.clone(), older.clone()];
        assert_eq!(readiness(&[], &all).unwrap(), Some(vec![up.clone(), older]));
        let both = [up.clone(), starting];
        assert_eq!(readiness(&[], &both).unwrap(), None);
        assert_eq!(readiness(&["a".to_owned()], &both).unwrap(), Some(vec![up]));
    }

    #[test]
    fn what_will_never_be_ready_is_an_error() {
        for (state, error, words) in [
            (json!("failed"), json!("no such file"), "no such file"),
            (Value::Null, json!("no such file"), "no such file"),
            (json!("disabled"), Value::Null, "switched off"),
            (json!("authenticationRequired"), Value::Null, "login"),
        ] {
            let all = [server("a", state, json!({}), error)];
            let error = readiness(&["a".to_owned()], &all).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Spawn);
            assert!(error.to_string().contains(words), "{error}");
        }
        let error = readiness(&["x".to_owned()], &[]).unwrap_err();
        assert_eq!(error.argument(), Some("names"));
    }
}
