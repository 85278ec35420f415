//! What an MCP server is: declared once in code, checked, and turned into the engine's `mcp_servers` settings.
//!
//! Literal headers and variables may be secrets. They are never shown, and never become `--config` arguments,
//! which every user of the machine can read (`secrets`); a thread's own settings go over the engine's input.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Uri};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::mcp::secrets;
use crate::options::duration;
use crate::protocol::JsonObject;

/// The argument that errors name.
pub(crate) const ARGUMENT: &str = "mcp_servers";

/// An MCP server: how it is reached, and what of it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct McpServer {
    /// How it is reached.
    pub transport: McpTransport,
    /// How long it may take to start and shake hands; without it, the engine's default (10 s here).
    pub startup_timeout: Option<Duration>,
    /// How long a tool may take; without it, the engine's default (60 s here).
    pub tool_timeout: Option<Duration>,
    /// The only tools to offer; all of them without it.
    pub enabled_tools: Option<Vec<String>>,
    /// Tools not to offer.
    pub disabled_tools: Vec<String>,
    /// Whether the server is started at all.
    pub enabled: bool,
    /// Whether a thread cannot start without it.
    pub required: bool,
    /// Which of its tools the engine asks about before it calls them.
    pub tool_approval: Option<ToolApproval>,
}

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum McpTransport {
    /// A process that speaks over its standard input and output.
    Stdio(StdioServer),
    /// A server that speaks streamable HTTP.
    Http(HttpServer),
}

/// A process that speaks MCP over its standard input and output.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StdioServer {
    /// The program.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables for it, with their values.
    pub env: BTreeMap<String, String>,
    /// Variables that it gets as they are where it is started. By default it sees only a few (`PATH`, `HOME`, ...).
    pub env_vars: Vec<String>,
    /// Its working directory.
    pub cwd: Option<PathBuf>,
}

/// A server that speaks streamable HTTP.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HttpServer {
    /// Its address, `http://` or `https://`.
    pub url: String,
    /// Headers of every request.
    pub headers: BTreeMap<String, String>,
    /// The environment variable that holds the bearer token.
    pub bearer_token_env_var: Option<String>,
    /// Headers whose values are in environment variables: header to variable.
    pub env_http_headers: BTreeMap<String, String>,
    /// The scopes to ask for in an OAuth login.
    pub scopes: Vec<String>,
    /// The resource to name in an OAuth login (RFC 8707).
    pub oauth_resource: Option<String>,
}

/// Which tools the engine asks about before it calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolApproval {
    /// As the tool's annotations and the thread's approval policy say.
    Auto,
    /// Every one.
    Prompt,
    /// Those that are not marked as reading only.
    Writes,
    /// None.
    Approve,
}

impl ToolApproval {
    const ALL: [Self; 4] = [Self::Auto, Self::Prompt, Self::Writes, Self::Approve];

    /// The word of the engine's configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Prompt => "prompt",
            Self::Writes => "writes",
            Self::Approve => "approve",
        }
    }
}

impl fmt::Debug for StdioServer {
    /// Arguments and values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StdioServer")
            .field("command", &self.command)
            .field("args", &format_args!("{} of them", self.args.len()))
            .field("env", &self.env.keys())
            .field("env_vars", &self.env_vars)
            .field("cwd", &self.cwd)
            .finish()
    }
}

impl fmt::Debug for HttpServer {
    /// The query of the URL and the headers' values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpServer")
            .field("url", &shown(&self.url))
            .field("headers", &self.headers.keys())
            .field("bearer_token_env_var", &self.bearer_token_env_var)
            .field("env_http_headers", &self.env_http_headers)
            .finish_non_exhaustive()
    }
}

/// A URL for people, without what may be secret.
pub(crate) fn shown(url: &str) -> &str {
    let plain = url.split(['?', '#']).next().unwrap_or_default();
    if plain.contains('@') {
        "(with user information)"
    } else {
        plain
    }
}

impl McpServer {
    /// A process that speaks MCP over its standard input and output.
    #[must_use]
    pub fn stdio<A: Into<String>>(
        command: impl Into<String>,
        args: impl IntoIterator<Item = A>,
    ) -> Self {
        Self::over(McpTransport::Stdio(StdioServer {
            command: command.into(),
            args: args.into_iter().map(Into::into).collect(),
            ..StdioServer::default()
        }))
    }

    /// A server that speaks streamable HTTP.
    #[must_use]
    pub fn http(url: impl Into<String>) -> Self {
        Self::over(McpTransport::Http(HttpServer {
            url: url.into(),
            ..HttpServer::default()
        }))
    }

    /// A server behind any transport, everything else as it is by default.
    #[must_use]
    pub fn over(transport: McpTransport) -> Self {
        Self {
            transport,
            startup_timeout: None,
            tool_timeout: None,
            enabled_tools: None,
            disabled_tools: Vec::new(),
            enabled: true,
            required: false,
            tool_approval: None,
        }
    }

    /// The same with a header on every request; does nothing to a process.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let McpTransport::Http(http) = &mut self.transport {
            http.headers.insert(name.into(), value.into());
        }
        self
    }

    /// The same with a variable in the process's environment; does nothing to an HTTP server.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let McpTransport::Stdio(stdio) = &mut self.transport {
            stdio.env.insert(name.into(), value.into());
        }
        self
    }

    /// Whether a tool is to be offered.
    pub(crate) fn offers(&self, tool: &str) -> bool {
        let listed = |list: &[String]| list.iter().any(|name| name == tool);
        self.enabled_tools.as_deref().is_none_or(listed) && !listed(&self.disabled_tools)
    }

    /// Reads a server from JSON: a `command` or a `url`, `snake_case` keys, times in seconds with the ending `_s`.
    ///
    /// # Errors
    /// `invalid_argument`, naming `path` and the field.
    pub fn from_json(path: &str, value: &Value) -> Result<Self> {
        let fields = Fields::deserialize(value)
            .map_err(|error| Error::invalid_argument(&join(path, wrong_field(value)), error))?;
        let server = fields.into_server(path)?;
        server.check(path)?;
        Ok(server)
    }

    /// Refuses what cannot work.
    ///
    /// # Errors
    /// `invalid_argument`, naming `path` and the field.
    pub(crate) fn check(&self, path: &str) -> Result<()> {
        match &self.transport {
            McpTransport::Stdio(stdio) => stdio.check(path)?,
            McpTransport::Http(http) => http.check(path)?,
        }
        let enabled = self.enabled_tools.as_deref().unwrap_or_default();
        if let Some(both) = enabled
            .iter()
            .find(|tool| self.disabled_tools.contains(tool))
        {
            return Err(refused(
                path,
                "disabled_tools",
                format!("{both:?} is in enabled_tools, too; leave it out of one of the two"),
            ));
        }
        for (field, tools) in [
            ("enabled_tools", enabled),
            ("disabled_tools", &self.disabled_tools),
        ] {
            if tools.iter().any(|tool| tool.trim().is_empty()) {
                return Err(refused(path, field, "the name of a tool is empty"));
            }
        }
        Ok(())
    }

    /// The engine's settings of the server.
    #[must_use]
    pub fn to_config(&self) -> Value {
        let mut config = match &self.transport {
            McpTransport::Stdio(stdio) => stdio.to_config(),
            McpTransport::Http(http) => http.to_config(),
        };
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                config.insert(key.to_owned(), value);
            }
        };
        put("startup_timeout_sec", self.startup_timeout.map(seconds));
        put("tool_timeout_sec", self.tool_timeout.map(seconds));
        put("enabled_tools", self.enabled_tools.clone().map(Into::into));
        put("disabled_tools", filled(&self.disabled_tools));
        put("enabled", (!self.enabled).then_some(false.into()));
        put("required", self.required.then_some(true.into()));
        let approval = self.tool_approval.map(|mode| mode.as_str().into());
        put("default_tools_approval_mode", approval);
        Value::Object(config)
    }
}

impl StdioServer {
    fn check(&self, path: &str) -> Result<()> {
        if self.command.trim().is_empty() {
            return Err(refused(path, "command", "it is empty; name a program"));
        }
        let texts = self.args.iter().chain([&self.command]);
        if texts
            .chain(self.env.values())
            .any(|text| text.contains('\0'))
        {
            return Err(refused(
                path,
                "args",
                "a zero byte cannot be passed to a program",
            ));
        }
        for name in self.env.keys() {
            check_variable(path, "env", name)?;
        }
        for name in &self.env_vars {
            check_variable(path, "env_vars", name)?;
            if self.env.contains_key(name) {
                return Err(refused(
                    path,
                    "env_vars",
                    format!("{name} has a value in env, too; leave it out of one of the two"),
                ));
            }
        }
        Ok(())
    }

    fn to_config(&self) -> JsonObject {
        let mut config = JsonObject::new();
        config.insert("command".to_owned(), self.command.clone().into());
        for (key, value) in [
            ("args", filled(&self.args)),
            ("env", filled_map(&self.env)),
            ("env_vars", filled(&self.env_vars)),
            (
                "cwd",
                self.cwd.as_ref().map(|cwd| cwd.to_string_lossy().into()),
            ),
        ] {
            if let Some(value) = value {
                config.insert(key.to_owned(), value);
            }
        }
        config
    }
}

impl HttpServer {
    /// The URL taken apart.
    pub(crate) fn uri(&self, path: &str) -> Result<Uri> {
        let refused = |why: &str| refused(path, "url", why);
        let uri: Uri = self
            .url
            .parse()
            .map_err(|error| refused(&format!("{error}; give http://... or https://...")))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(refused("it must begin with http:// or https://"));
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err(refused("it names no host"));
        }
        if uri.authority().is_some_and(|it| it.as_str().contains('@')) {
            return Err(refused(
                "user information in a URL is shown and logged; give a header, or bearer_token_env_var",
            ));
        }
        Ok(uri)
    }

    fn check(&self, path: &str) -> Result<()> {
        self.uri(path)?;
        let mut names = Vec::new();
        for (name, value) in &self.headers {
            names.push(header_name(path, "headers", name)?);
            if HeaderValue::from_str(value).is_err() {
                return Err(refused(
                    path,
                    "headers",
                    format!("the value of {name} cannot be sent in a header"),
                ));
            }
        }
        for (name, variable) in &self.env_http_headers {
            names.push(header_name(path, "env_http_headers", name)?);
            check_variable(path, "env_http_headers", variable)?;
        }
        if let Some(variable) = &self.bearer_token_env_var {
            check_variable(path, "bearer_token_env_var", variable)?;
            names.push(http::header::AUTHORIZATION);
        }
        names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(refused(
                path,
                "headers",
                format!(
                    "{} is given twice (headers, env_http_headers and bearer_token_env_var count); give it once",
                    pair[0]
                ),
            )),
            None => Ok(()),
        }
    }

    fn to_config(&self) -> JsonObject {
        let mut config = JsonObject::new();
        config.insert("url".to_owned(), self.url.clone().into());
        for (key, value) in [
            ("http_headers", filled_map(&self.headers)),
            ("env_http_headers", filled_map(&self.env_http_headers)),
            (
                "bearer_token_env_var",
                self.bearer_token_env_var.clone().map(Value::from),
            ),
            ("scopes", filled(&self.scopes)),
            (
                "oauth_resource",
                self.oauth_resource.clone().map(Value::from),
            ),
        ] {
            if let Some(value) = value {
                config.insert(key.to_owned(), value);
            }
        }
        config
    }
}

fn header_name(path: &str, field: &str, name: &str) -> Result<HeaderName> {
    name.parse()
        .map_err(|_| refused(path, field, format!("{name:?} is no name of a header")))
}

fn check_variable(path: &str, field: &str, name: &str) -> Result<()> {
    if name.is_empty() || name.contains(['=', '\0']) {
        let why = format!("{name:?} is no name of an environment variable");
        return Err(refused(path, field, why));
    }
    Ok(())
}

fn seconds(time: Duration) -> Value {
    time.as_secs_f64().into()
}

fn filled(list: &[String]) -> Option<Value> {
    (!list.is_empty()).then(|| list.to_vec().into())
}

fn filled_map(map: &BTreeMap<String, String>) -> Option<Value> {
    (!map.is_empty()).then(|| json!(map))
}

pub(crate) fn join(path: &str, field: &str) -> String {
    if field.is_empty() {
        path.to_owned()
    } else {
        format!("{path}.{field}")
    }
}

pub(crate) fn refused(path: &str, field: &str, why: impl fmt::Display) -> Error {
    Error::invalid_argument(&join(path, field), why)
}

/// The JSON form: every field may be missing.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Fields {
    command: Option<String>,
    args: Option<Vec<String>>,
    env: Option<BTreeMap<String, String>>,
    env_vars: Option<Vec<String>>,
    cwd: Option<PathBuf>,
    url: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    bearer_token_env_var: Option<String>,
    env_http_headers: Option<BTreeMap<String, String>>,
    scopes: Option<Vec<String>>,
    oauth_resource: Option<String>,
    startup_timeout_s: Option<f64>,
    tool_timeout_s: Option<f64>,
    enabled_tools: Option<Vec<String>>,
    disabled_tools: Option<Vec<String>>,
    enabled: Option<bool>,
    required: Option<bool>,
    tool_approval: Option<String>,
}

impl Fields {
    fn into_server(self, path: &str) -> Result<McpServer> {
        let mut server = McpServer::over(self.transport(path)?);
        let time = |field, seconds: Option<f64>| {
            seconds
                .map(|seconds| duration(&join(path, field), seconds))
                .transpose()
        };
        server.startup_timeout = time("startup_timeout_s", self.startup_timeout_s)?;
        server.tool_timeout = time("tool_timeout_s", self.tool_timeout_s)?;
        server.enabled_tools = self.enabled_tools;
        server.disabled_tools = self.disabled_tools.unwrap_or_default();
        server.enabled = self.enabled.unwrap_or(true);
        server.required = self.required.unwrap_or(false);
        server.tool_approval = self
            .tool_approval
            .map(|word| approval(path, &word))
            .transpose()?;
        Ok(server)
    }

    fn transport(&self, path: &str) -> Result<McpTransport> {
        let strangers = |transport: &str, fields: &[(&str, bool)]| match fields
            .iter()
            .find(|(_, given)| *given)
        {
            Some((field, _)) => Err(refused(
                path,
                field,
                format!("it is not for a server with a {transport}; leave one of the two out"),
            )),
            None => Ok(()),
        };
        match (&self.command, &self.url) {
            (Some(command), None) => {
                strangers("command", &self.of_http())?;
                Ok(McpTransport::Stdio(StdioServer {
                    command: command.clone(),
                    args: self.args.clone().unwrap_or_default(),
                    env: self.env.clone().unwrap_or_default(),
                    env_vars: self.env_vars.clone().unwrap_or_default(),
                    cwd: self.cwd.clone(),
                }))
            }
            (None, Some(url)) => {
                strangers("url", &self.of_stdio())?;
                Ok(McpTransport::Http(HttpServer {
                    url: url.clone(),
                    headers: self.headers.clone().unwrap_or_default(),
                    bearer_token_env_var: self.bearer_token_env_var.clone(),
                    env_http_headers: self.env_http_headers.clone().unwrap_or_default(),
                    scopes: self.scopes.clone().unwrap_or_default(),
                    oauth_resource: self.oauth_resource.clone(),
                }))
            }
            (Some(_), Some(_)) => Err(refused(
                path,
                "url",
                "a server has a command (a process) or a url (streamable HTTP), not both",
            )),
            (None, None) => Err(refused(
                path,
                "",
                "a server needs a command (a process) or a url (streamable HTTP)",
            )),
        }
    }

    fn of_http(&self) -> [(&'static str, bool); 5] {
        [
            ("headers", self.headers.is_some()),
            ("bearer_token_env_var", self.bearer_token_env_var.is_some()),
            ("env_http_headers", self.env_http_headers.is_some()),
            ("scopes", self.scopes.is_some()),
            ("oauth_resource", self.oauth_resource.is_some()),
        ]
    }

    fn of_stdio(&self) -> [(&'static str, bool); 4] {
        [
            ("args", self.args.is_some()),
            ("env", self.env.is_some()),
            ("env_vars", self.env_vars.is_some()),
            ("cwd", self.cwd.is_some()),
        ]
    }
}

/// The first field that cannot be read by itself; empty if the whole is no object.
fn wrong_field(value: &Value) -> &str {
    let fields = value.as_object().into_iter().flatten();
    let wrong = |key: &str, value: &Value| Fields::deserialize(&json!({key: value})).is_err();
    let found = fields.into_iter().find(|(key, value)| wrong(key, value));
    found.map_or("", |(key, _)| key)
}

fn approval(path: &str, word: &str) -> Result<ToolApproval> {
    let known = ToolApproval::ALL
        .into_iter()
        .find(|mode| mode.as_str() == word);
    known.ok_or_else(|| {
        let words = ToolApproval::ALL.map(ToolApproval::as_str).join(", ");
        refused(
            path,
            "tool_approval",
            format!("{word:?} is not one of {words}"),
        )
    })
}

/// Servers by name, as a thread or a client gets them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct McpServers(BTreeMap<String, McpServer>);

impl McpServers {
    /// No servers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a server. The model sees its tools in the namespace `mcp__NAME`.
    ///
    /// # Errors
    /// `invalid_argument` for a name that the engine does not take or that is taken, and for a server that
    /// cannot work.
    pub fn add(&mut self, name: &str, server: McpServer) -> Result<()> {
        check_name(name)?;
        let path = format!("{ARGUMENT}.{name}");
        server.check(&path)?;
        if self.0.contains_key(name) {
            return Err(refused(&path, "", "there is a server of this name already"));
        }
        self.0.insert(name.to_owned(), server);
        Ok(())
    }

    /// The same as [`McpServers::add`], for chains.
    ///
    /// # Errors
    /// As [`McpServers::add`].
    pub fn with(mut self, name: &str, server: McpServer) -> Result<Self> {
        self.add(name, server)?;
        Ok(self)
    }

    /// Reads servers from JSON: an object of name to server, each as [`McpServer::from_json`] has it.
    ///
    /// # Errors
    /// `invalid_argument`, naming the server and the field.
    pub fn from_json(servers: &JsonObject) -> Result<Self> {
        let mut found = Self::new();
        for (name, value) in servers {
            check_name(name)?;
            let server = McpServer::from_json(&format!("{ARGUMENT}.{name}"), value)?;
            found.add(name, server)?;
        }
        Ok(found)
    }

    /// The servers, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &McpServer)> {
        self.0.iter().map(|(name, server)| (name.as_str(), server))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts the servers into the `config` of the parameters of `thread/start`, `thread/resume` or `thread/fork`.
    ///
    /// # Errors
    /// `invalid_argument` when `config` has a server of the same name, or is no object.
    pub fn apply(&self, params: &mut JsonObject) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let config = params.remove("config").unwrap_or(Value::Null);
        let mut config = match config {
            Value::Null => JsonObject::new(),
            Value::Object(config) => config,
            _ => return Err(Error::invalid_argument("config", "it must be an object")),
        };
        self.merge_into(&mut config)?;
        params.insert("config".to_owned(), Value::Object(config));
        Ok(())
    }

    /// Puts the servers into settings that become `--config` arguments.
    ///
    /// # Errors
    /// As [`McpServers::apply`]; and `invalid_argument` for what is likely a secret, because every user of the
    /// machine can read the arguments of a process.
    pub(crate) fn apply_to_arguments(&self, config: &mut JsonObject) -> Result<()> {
        for (name, server) in self.iter() {
            secrets::refuse(&format!("{ARGUMENT}.{name}"), server)?;
        }
        self.merge_into(config)
    }

    /// One object for all servers: a dotted key beside it could be applied before it, and be lost.
    fn merge_into(&self, config: &mut JsonObject) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let prefix = format!("{ARGUMENT}.");
        let mut all = match config.remove(ARGUMENT) {
            None => Map::new(),
            Some(Value::Object(servers)) => servers,
            Some(_) => {
                let path = format!("config.{ARGUMENT}");
                return Err(Error::invalid_argument(&path, "it must be an object"));
            }
        };
        let taken: Vec<String> = all
            .keys()
            .cloned()
            .chain(config.keys().filter_map(|key| {
                let rest = key.strip_prefix(&prefix)?;
                Some(rest.split('.').next().unwrap_or(rest).to_owned())
            }))
            .collect();
        if let Some(name) = taken.iter().find(|name| self.0.contains_key(*name)) {
            return Err(refused(
                &format!("{ARGUMENT}.{name}"),
                "",
                format!(
                    "config.{ARGUMENT} has a server of this name, too; leave it out of one of the two"
                ),
            ));
        }
        let dotted: Vec<String> = config
            .keys()
            .filter(|key| key.starts_with(&prefix))
            .cloned()
            .collect();
        for key in dotted {
            if let Some(value) = config.remove(&key) {
                set(&mut all, key[prefix.len()..].split('.'), value);
            }
        }
        for (name, server) in self.iter() {
            all.insert(name.to_owned(), server.to_config());
        }
        config.insert(ARGUMENT.to_owned(), Value::Object(all));
        Ok(())
    }
}

/// Sets the value at a path of keys, making objects on the way.
fn set<'a>(map: &mut Map<String, Value>, mut path: impl Iterator<Item = &'a str>, value: Value) {
    let Some(key) = path.next() else { return };
    let rest: Vec<&str> = path.collect();
    if rest.is_empty() {
        map.insert(key.to_owned(), value);
        return;
    }
    let inner = map.entry(key).or_insert_with(|| json!({}));
    if !inner.is_object() {
        *inner = json!({});
    }
    if let Value::Object(inner) = inner {
        set(inner, rest.into_iter(), value);
    }
}

/// Refuses a name that cannot stand in a key of the engine's settings or in a tool's name.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(fits) {
        return Err(Error::invalid_argument(
            ARGUMENT,
            format!("{name:?} is no name of a server; use letters, digits, - and _"),
        ));
    }
    Ok(())
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
