//! What the one-shot transport can be told, with its checks and its JSON form.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::engine::config;
use crate::engine::locate::BundledEngine;
use crate::engine::process::EnvOptions;
use crate::error::{Error, Result};
use crate::options::{
    BundledFields, EnvFields, QueueFields, check_client_name, check_cwd, check_limits, duration,
};
use crate::thread::queue::QueueLimits;

/// How to find and start `codex exec`. All fields have defaults.
#[derive(Clone)]
pub struct ExecOptions {
    /// The engine's executable; otherwise it is looked for.
    pub codex_bin: Option<PathBuf>,
    /// The engine that came with the language package.
    pub bundled: Option<BundledEngine>,
    /// Settings of the engine as native values; they become `--config` overrides.
    pub config: Map<String, Value>,
    /// Raw `key=value` overrides, after those of `config`.
    pub config_overrides: Vec<String>,
    /// The OpenAI API's base URL.
    pub base_url: Option<String>,
    /// An API key. The engine gets it as `CODEX_API_KEY`; the commands that the agent runs do not.
    pub api_key: Option<String>,
    /// The engine's environment.
    pub env: EnvOptions,
    /// The engine's working directory.
    pub cwd: Option<PathBuf>,
    /// The name by which the application introduces itself, unless the environment has one.
    pub client_name: String,
    /// The longest line that is read; a longer one is skipped and reported.
    pub max_line_bytes: usize,
    /// When a run's queue of unread events gives up.
    pub queue: QueueLimits,
}

impl Default for ExecOptions {
    fn default() -> Self {
        Self {
            codex_bin: None,
            bundled: None,
            config: Map::new(),
            config_overrides: Vec::new(),
            base_url: None,
            api_key: None,
            env: EnvOptions::default(),
            cwd: None,
            client_name: "codexkit".to_owned(),
            max_line_bytes: 256 << 20,
            queue: QueueLimits::default(),
        }
    }
}

/// What one turn runs with. All fields have defaults; what is not given is not on the command line.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExecTurn {
    /// The thread to go on with; a new one otherwise.
    pub thread_id: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// A classification of a new thread's origin.
    pub thread_source: Option<String>,
    /// `read-only`, `workspace-write` or `danger-full-access`.
    pub sandbox_mode: Option<String>,
    /// The directory to work in.
    pub working_directory: Option<PathBuf>,
    /// Further directories that commands may write to in the `workspace-write` sandbox.
    pub additional_directories: Vec<PathBuf>,
    /// Whether to run outside a Git repository, too.
    pub skip_git_repo_check: bool,
    /// Keep no file of the thread.
    pub ephemeral: bool,
    /// A JSON schema that the final answer shall follow: an object.
    pub output_schema: Option<Value>,
    /// `standard`, `daybreak_blue` or `daybreak_red`.
    pub cyber_access_program: Option<String>,
    /// How hard the model thinks.
    pub model_reasoning_effort: Option<String>,
    /// Whether commands may use the network in the `workspace-write` sandbox.
    pub network_access_enabled: Option<bool>,
    /// `disabled`, `cached` or `live`.
    pub web_search_mode: Option<String>,
    /// `live` or `disabled`, where `web_search_mode` is not given.
    pub web_search_enabled: Option<bool>,
    /// `never`, `on-request` or `on-failure`. `codex exec` never asks, whichever it is.
    pub approval_policy: Option<String>,
    /// Image files beside the prompt.
    pub images: Vec<PathBuf>,
    /// How long the turn may take before its process is killed; without one, as long as it takes.
    #[serde(rename = "timeout_s", deserialize_with = "seconds")]
    pub timeout: Option<Duration>,
}

fn seconds<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    Option::<f64>::deserialize(from)?
        .map(|seconds| duration("timeout", seconds).map_err(serde::de::Error::custom))
        .transpose()
}

const SANDBOXES: &[&str] = &["read-only", "workspace-write", "danger-full-access"];
const SEARCHES: &[&str] = &["disabled", "cached", "live"];
const PROGRAMS: &[&str] = &["standard", "daybreak_blue", "daybreak_red"];
const POLICIES: &[&str] = &["never", "on-request", "on-failure"];

/// The JSON form of [`ExecOptions`]: every field may be missing.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Fields {
    codex_bin: Option<PathBuf>,
    bundled: Option<BundledFields>,
    config: Option<Map<String, Value>>,
    config_overrides: Option<Vec<String>>,
    base_url: Option<String>,
    api_key: Option<String>,
    env: Option<EnvFields>,
    cwd: Option<PathBuf>,
    client_name: Option<String>,
    max_line_bytes: Option<usize>,
    queue: Option<QueueFields>,
}

/// The error for JSON that names an unknown or wrong field. It shows no value: one may be a secret.
fn unreadable(error: &serde_json::Error, all: &str) -> Error {
    let message = error.to_string();
    if message.starts_with("unknown field") {
        let name = message.split('`').nth(1).unwrap_or(all).to_owned();
        return Error::invalid_argument(&name, message);
    }
    let place = format!("line {} column {}", error.line(), error.column());
    Error::invalid_argument(
        all,
        format!("a value has the wrong type ({place} of the JSON)"),
    )
}

impl ExecOptions {
    /// Reads options from JSON: `snake_case` keys.
    ///
    /// # Errors
    /// `invalid_argument`, naming the key, for an unknown key, a wrong type or an impossible value.
    pub fn from_json(text: &str) -> Result<Self> {
        let fields: Fields =
            serde_json::from_str(text).map_err(|error| unreadable(&error, "options"))?;
        let default = Self::default();
        Ok(Self {
            codex_bin: fields.codex_bin,
            bundled: fields.bundled.map(Into::into),
            config: fields.config.unwrap_or_default(),
            config_overrides: fields.config_overrides.unwrap_or_default(),
            base_url: fields.base_url,
            api_key: fields.api_key,
            env: fields.env.map(Into::into).unwrap_or_default(),
            cwd: fields.cwd,
            client_name: fields.client_name.unwrap_or(default.client_name),
            max_line_bytes: fields.max_line_bytes.unwrap_or(default.max_line_bytes),
            queue: fields.queue.map_or(default.queue, |queue| queue.limits()),
        })
    }

    /// Refuses what can be known to be wrong before anything is started.
    pub(super) fn check(&self) -> Result<()> {
        config::overrides(&self.config)?;
        for entry in &self.config_overrides {
            config::check_override(entry)?;
        }
        self.env.check()?;
        check_cwd(self.cwd.as_deref())?;
        if self
            .api_key
            .as_deref()
            .is_some_and(|key| key.is_empty() || key.contains('\0'))
        {
            return Err(Error::invalid_argument(
                "api_key",
                "it is empty or holds a zero byte",
            ));
        }
        check_client_name(&self.client_name)?;
        check_limits(self.max_line_bytes, self.queue)
    }
}

impl ExecTurn {
    /// Reads a turn's options from JSON: `snake_case` keys, the time in seconds as `timeout_s`.
    ///
    /// # Errors
    /// `invalid_argument`, naming the key, for an unknown key, a wrong type or an impossible value.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| unreadable(&error, "options"))
    }

    /// Refuses what `codex exec` would refuse, misread or silently ignore.
    pub(super) fn check(&self, cwd: Option<&Path>) -> Result<()> {
        one_of("sandbox_mode", self.sandbox_mode.as_deref(), SANDBOXES)?;
        one_of("web_search_mode", self.web_search_mode.as_deref(), SEARCHES)?;
        one_of(
            "cyber_access_program",
            self.cyber_access_program.as_deref(),
            PROGRAMS,
        )?;
        if self.approval_policy.as_deref() == Some("untrusted") {
            return Err(Error::invalid_argument(
                "approval_policy",
                "the engine has no \"untrusted\" any more; codex exec never asks, so leave it out, or use a read-only sandbox",
            ));
        }
        one_of("approval_policy", self.approval_policy.as_deref(), POLICIES)?;
        // A word that begins with a dash would be taken for an option.
        word("thread_id", self.thread_id.as_deref())?;
        word("model", self.model.as_deref())?;
        word("thread_source", self.thread_source.as_deref())?;
        word(
            "model_reasoning_effort",
            self.model_reasoning_effort.as_deref(),
        )?;
        let folders = self
            .working_directory
            .iter()
            .chain(&self.additional_directories);
        for folder in folders {
            path("working_directory", folder)?;
        }
        if self
            .output_schema
            .as_ref()
            .is_some_and(|schema| !schema.is_object())
        {
            return Err(Error::invalid_argument(
                "output_schema",
                "it must be a plain JSON object",
            ));
        }
        for image in &self.images {
            path("input", image)?;
            let found = cwd.map_or_else(|| image.clone(), |cwd| cwd.join(image));
            if !found.is_file() {
                let message = format!("there is no image file {}", image.display());
                return Err(Error::invalid_argument("input", message));
            }
        }
        Ok(())
    }
}

fn one_of(argument: &str, value: Option<&str>, known: &[&str]) -> Result<()> {
    match value {
        Some(value) if !known.contains(&value) => Err(Error::invalid_argument(
            argument,
            format!("{value:?} is not one of {}", known.join(", ")),
        )),
        _ => Ok(()),
    }
}

fn word(argument: &str, value: Option<&str>) -> Result<()> {
    match value {
        Some(value) if value.is_empty() || value.starts_with('-') || value.contains('\0') => {
            Err(Error::invalid_argument(
                argument,
                format!("{value:?} is empty, begins with a dash or holds a zero byte"),
            ))
        }
        _ => Ok(()),
    }
}

fn path(argument: &str, path: &Path) -> Result<()> {
    match path.to_str() {
        None => Err(Error::invalid_argument(
            argument,
            "a path must be valid Unicode",
        )),
        text => word(argument, text),
    }
}
