//! What a client can be told, with defaults, and read from the JSON that the bindings hand over.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::approvals::Responders;
use crate::engine::locate::BundledEngine;
use crate::engine::process::EnvOptions;
use crate::error::{Error, Result};
use crate::mcp::McpServers;
use crate::protocol::{JsonObject, check, settings};
use crate::remote::RemoteOptions;
use crate::remote::backoff;
use crate::remote::options::RemoteFields;
use crate::restart::RestartPolicy;
use crate::session::requests::ServerRequestHandler;
use crate::telemetry::{Observer, TraceContext};
use crate::thread::queue::QueueLimits;
use crate::tools::ToolRegistry;

/// What results and the recovery of missed ends are made of.
const NEEDED_NOTIFICATIONS: [&str; 5] = [
    "item/completed",
    "thread/status/changed",
    "thread/tokenUsage/updated",
    "turn/completed",
    "turn/started",
];

/// How to find, start and talk to an engine. All fields have defaults.
#[derive(Clone)]
pub struct CodexOptions {
    /// The engine's executable; otherwise it is looked for.
    pub codex_bin: Option<PathBuf>,
    /// The engine that came with the language package.
    pub bundled: Option<BundledEngine>,
    /// A whole launch command instead; then `codex_bin`, `config` and `config_overrides` are not used.
    pub launch_args_override: Option<Vec<String>>,
    /// Settings of the engine as native values; they become `--config` overrides.
    pub config: Map<String, Value>,
    /// Raw `key=value` overrides, after those of `config`.
    pub config_overrides: Vec<String>,
    /// MCP servers for every thread, beside those of the user's own configuration. They become `--config`
    /// overrides, so likely secrets are refused: give such a server to the thread ([`McpServers::apply`]).
    pub mcp_servers: McpServers,
    /// The engine's working directory.
    pub cwd: Option<PathBuf>,
    /// The engine's environment.
    pub env: EnvOptions,
    /// An engine that somebody else runs, to connect to instead of starting one.
    pub remote: Option<RemoteOptions>,
    /// Start the engine again when it ends by itself, load the client's threads into the new one, and tell the turns
    /// that ran what became of them. Without a policy, the engine's end is the client's.
    pub restart: Option<RestartPolicy>,
    /// The name by which the application introduces itself.
    pub client_name: String,
    /// The name that people see.
    pub client_title: String,
    /// The application's version.
    pub client_version: String,
    /// Ask for the experimental part of the protocol.
    pub experimental_api: bool,
    /// What else the application declares that it can do: the other `capabilities` of `initialize`, as on the
    /// wire (`optOutNotificationMethods`, `requestAttestation`, `extensions`, ...).
    pub capabilities: Map<String, Value>,
    /// How long the engine may take to answer `initialize`.
    pub initialize_timeout: Duration,
    /// How long it may take to answer any other request.
    pub request_timeout: Duration,
    /// How long it may take to end by itself when the client is closed.
    pub close_timeout: Duration,
    /// The longest line that is read; a longer one is skipped and reported.
    pub max_line_bytes: usize,
    /// When a turn's queue joins deltas and when it gives up.
    pub queue: QueueLimits,
    /// How long a handler may take to answer an approval before it is declined.
    pub approval_timeout: Duration,
    /// Who answers approvals and questions, before `server_requests`.
    pub responders: Option<Arc<Responders>>,
    /// The tools that every thread of the client has besides its own.
    pub tools: ToolRegistry,
    /// Answers the engine's requests; without one, they are declined.
    pub server_requests: Option<Arc<dyn ServerRequestHandler>>,
    /// Hears of the client's spans and events.
    pub observer: Option<Arc<dyn Observer>>,
    /// The trace that starting the client belongs to.
    pub trace_context: Option<TraceContext>,
}

impl Default for CodexOptions {
    fn default() -> Self {
        Self {
            codex_bin: None,
            bundled: None,
            launch_args_override: None,
            config: Map::new(),
            config_overrides: Vec::new(),
            mcp_servers: McpServers::default(),
            cwd: None,
            env: EnvOptions::default(),
            remote: None,
            restart: None,
            client_name: "codexkit".to_owned(),
            client_title: "codexkit".to_owned(),
            client_version: env!("CARGO_PKG_VERSION").to_owned(),
            experimental_api: true,
            capabilities: Map::new(),
            initialize_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(120),
            close_timeout: Duration::from_secs(5),
            max_line_bytes: 256 << 20,
            queue: QueueLimits::default(),
            approval_timeout: Duration::from_secs(300),
            responders: None,
            tools: ToolRegistry::new(),
            server_requests: None,
            observer: None,
            trace_context: None,
        }
    }
}

/// The JSON form: every field may be missing.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Fields {
    codex_bin: Option<PathBuf>,
    bundled: Option<BundledFields>,
    launch_args_override: Option<Vec<String>>,
    config: Option<Map<String, Value>>,
    config_overrides: Option<Vec<String>>,
    mcp_servers: Option<JsonObject>,
    cwd: Option<PathBuf>,
    env: Option<EnvFields>,
    remote: Option<RemoteFields>,
    restart: Option<backoff::Fields>,
    client_name: Option<String>,
    client_title: Option<String>,
    client_version: Option<String>,
    experimental_api: Option<bool>,
    capabilities: Option<Map<String, Value>>,
    initialize_timeout_s: Option<f64>,
    request_timeout_s: Option<f64>,
    close_timeout_s: Option<f64>,
    approval_timeout_s: Option<f64>,
    max_line_bytes: Option<usize>,
    queue: Option<QueueFields>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BundledFields {
    binary: PathBuf,
    path_dir: Option<PathBuf>,
    package: String,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EnvFields {
    inherit: bool,
    set: BTreeMap<String, String>,
    unset: Vec<String>,
}

impl Default for EnvFields {
    fn default() -> Self {
        Self {
            inherit: true,
            set: BTreeMap::new(),
            unset: Vec::new(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct QueueFields {
    soft_events: Option<usize>,
    soft_bytes: Option<usize>,
    hard_events: Option<usize>,
    hard_bytes: Option<usize>,
}

impl From<BundledFields> for BundledEngine {
    fn from(fields: BundledFields) -> Self {
        Self {
            binary: fields.binary,
            path_dir: fields.path_dir,
            package: fields.package,
        }
    }
}

impl From<EnvFields> for EnvOptions {
    fn from(fields: EnvFields) -> Self {
        Self {
            inherit: fields.inherit,
            set: fields.set.into_iter().collect(),
            unset: fields.unset,
        }
    }
}

impl QueueFields {
    /// The limits, with the defaults where none is given.
    pub(crate) fn limits(self) -> QueueLimits {
        let mut limits = QueueLimits::default();
        put(&mut limits.soft_events, self.soft_events);
        put(&mut limits.soft_bytes, self.soft_bytes);
        put(&mut limits.hard_events, self.hard_events);
        put(&mut limits.hard_bytes, self.hard_bytes);
        limits
    }
}

impl EnvOptions {
    /// Refuses what no environment can hold.
    pub(crate) fn check(&self) -> Result<()> {
        for (name, value) in &self.set {
            if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
                return Err(Error::invalid_argument(
                    "env",
                    format!(
                        "{name:?} is no name of an environment variable, or its value holds a zero byte"
                    ),
                ));
            }
        }
        Ok(())
    }
}

impl CodexOptions {
    /// Reads options from JSON: `snake_case` keys, times in seconds with the ending `_s`.
    ///
    /// # Errors
    /// `invalid_argument`, naming the key, for an unknown key, a wrong type or an impossible value.
    pub fn from_json(text: &str) -> Result<Self> {
        let fields: Fields = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            let name = message.split('`').nth(1).unwrap_or("options").to_owned();
            Error::invalid_argument(&name, message)
        })?;
        Self::default().with(fields)
    }

    fn with(mut self, fields: Fields) -> Result<Self> {
        self.codex_bin = fields.codex_bin;
        self.bundled = fields.bundled.map(Into::into);
        self.launch_args_override = fields.launch_args_override;
        self.cwd = fields.cwd;
        put(&mut self.config, fields.config);
        put(&mut self.config_overrides, fields.config_overrides);
        if let Some(servers) = fields.mcp_servers {
            self.mcp_servers = McpServers::from_json(&servers)?;
        }
        if let Some(env) = fields.env {
            self.env = env.into();
        }
        self.remote = fields.remote.map(RemoteFields::into_options).transpose()?;
        self.restart = fields.restart.map(RestartPolicy::from_fields).transpose()?;
        put(&mut self.client_name, fields.client_name);
        put(&mut self.client_title, fields.client_title);
        put(&mut self.client_version, fields.client_version);
        put(&mut self.experimental_api, fields.experimental_api);
        put(&mut self.capabilities, fields.capabilities);
        put(&mut self.max_line_bytes, fields.max_line_bytes);
        for (name, seconds, place) in [
            (
                "initialize_timeout",
                fields.initialize_timeout_s,
                &mut self.initialize_timeout,
            ),
            (
                "request_timeout",
                fields.request_timeout_s,
                &mut self.request_timeout,
            ),
            (
                "close_timeout",
                fields.close_timeout_s,
                &mut self.close_timeout,
            ),
            (
                "approval_timeout",
                fields.approval_timeout_s,
                &mut self.approval_timeout,
            ),
        ] {
            if let Some(seconds) = seconds {
                *place = duration(name, seconds)?;
            }
        }
        if let Some(queue) = fields.queue {
            self.queue = queue.limits();
        }
        Ok(self)
    }

    /// The settings with the MCP servers among them.
    pub(crate) fn config(&self) -> Result<JsonObject> {
        let mut config = self.config.clone();
        self.mcp_servers.apply_to_arguments(&mut config)?;
        Ok(config)
    }

    /// Refuses what can be known to be wrong before anything is started.
    pub(crate) fn check(&self) -> Result<()> {
        settings::check(&self.config()?)?;
        if let Some(policy) = &self.restart {
            policy.check()?;
        }
        for entry in &self.config_overrides {
            settings::check_override(entry)?;
        }
        self.check_capabilities()?;
        self.check_remote()?;
        check_cwd(self.cwd.as_deref())?;
        if self
            .launch_args_override
            .as_ref()
            .is_some_and(Vec::is_empty)
        {
            return Err(Error::invalid_argument(
                "launch_args_override",
                "it is empty; give at least the program to start",
            ));
        }
        self.env.check()?;
        check_client_name(&self.client_name)?;
        check_limits(self.max_line_bytes, self.queue)
    }
}

/// Refuses a working directory that is none.
pub(crate) fn check_cwd(cwd: Option<&Path>) -> Result<()> {
    match cwd.filter(|cwd| !cwd.is_dir()) {
        Some(cwd) => Err(Error::invalid_argument(
            "cwd",
            format!("{} is not an existing directory", cwd.display()),
        )),
        None => Ok(()),
    }
}

/// Refuses an application without a name.
pub(crate) fn check_client_name(name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(Error::invalid_argument("client_name", "it is empty"));
    }
    Ok(())
}

/// Refuses limits that let nothing through.
pub(crate) fn check_limits(max_line_bytes: usize, queue: QueueLimits) -> Result<()> {
    if max_line_bytes == 0 || queue.hard_events == 0 || queue.hard_bytes == 0 {
        return Err(Error::invalid_argument(
            "max_line_bytes",
            "a limit of 0 lets nothing through; leave it out for the default",
        ));
    }
    Ok(())
}

impl CodexOptions {
    fn check_capabilities(&self) -> Result<()> {
        if self.capabilities.contains_key("experimentalApi") {
            return Err(Error::invalid_argument(
                "capabilities.experimentalApi",
                "it has an option of its own, experimental_api",
            ));
        }
        let muted = self.capabilities.get("optOutNotificationMethods");
        let muted = muted.and_then(Value::as_array).into_iter().flatten();
        if let Some(needed) = muted
            .filter_map(Value::as_str)
            .find(|method| NEEDED_NOTIFICATIONS.contains(method))
        {
            return Err(Error::invalid_argument(
                "capabilities.optOutNotificationMethods",
                format!("{needed} is needed to know how a turn ends; take it out of the list"),
            ));
        }
        let params = JsonObject::from_iter([(
            "capabilities".to_owned(),
            Value::Object(self.capabilities.clone()),
        )]);
        // Who the application is stands elsewhere.
        let beside = JsonObject::from_iter([("clientInfo".to_owned(), Value::Null)]);
        check::check(check::method("initialize")?, &params, &beside)
    }

    /// What says how to start an engine cannot be said of one that runs already.
    fn check_remote(&self) -> Result<()> {
        let Some(remote) = &self.remote else {
            return Ok(());
        };
        for (name, given) in [
            ("codex_bin", self.codex_bin.is_some()),
            ("launch_args_override", self.launch_args_override.is_some()),
            ("config", !self.config.is_empty()),
            ("config_overrides", !self.config_overrides.is_empty()),
            ("mcp_servers", !self.mcp_servers.is_empty()),
            ("cwd", self.cwd.is_some()),
            ("env", self.env != EnvOptions::default()),
            ("restart", self.restart.is_some()),
        ] {
            if given {
                return Err(Error::invalid_argument(
                    name,
                    "it is for starting an engine, and `remote` connects to one that runs already; leave one of the two out",
                ));
            }
        }
        remote.check().map(|_| ())
    }
}

fn put<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

/// A positive span of time from seconds.
///
/// # Errors
/// `invalid_argument` naming `name` for zero, negative, infinite and undefined numbers.
pub fn duration(name: &str, seconds: f64) -> Result<Duration> {
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err(Error::invalid_argument(
            name,
            format!("{seconds} is no positive number of seconds"),
        )),
    }
}
