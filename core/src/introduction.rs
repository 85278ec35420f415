//! How client and engine introduce themselves: what an engine answers to `initialize`, and what follows from it.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::engine::locate::EngineInfo;
use crate::engine::version;
use crate::error::{Error, ErrorKind, Result};
use crate::options::CodexOptions;
use crate::protocol::gate::Gate;
use crate::protocol::lenient;
use crate::session::Session;

/// What the engine said of itself, and how it was found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InitializeInfo {
    /// The engine's whole answer to `initialize`.
    pub raw: Box<RawValue>,
    /// The user agent that the engine presents, as in `codexkit/0.163.0 (...)`.
    pub user_agent: String,
    /// The engine's `CODEX_HOME`.
    pub codex_home: Option<String>,
    /// `unix` or `windows`.
    pub platform_family: Option<String>,
    /// `linux`, `macos`, ...
    pub platform_os: Option<String>,
    /// The first part of the user agent.
    pub server_name: Option<String>,
    /// The engine's version.
    pub server_version: Option<String>,
    /// Where the engine was found.
    pub engine: EngineInfo,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct InitializeAnswer {
    user_agent: String,
    codex_home: Option<String>,
    platform_family: Option<String>,
    platform_os: Option<String>,
}

/// What it takes to understand an engine's answer.
pub(crate) struct Introduction {
    client_name: String,
    engine: EngineInfo,
    experimental_api: bool,
}

impl Introduction {
    pub(crate) fn new(options: &CodexOptions, engine: &EngineInfo) -> Self {
        Self {
            client_name: options.client_name.clone(),
            engine: engine.clone(),
            experimental_api: options.experimental_api,
        }
    }

    /// Takes in what an engine answered: one that is too old is refused, and from now on requests are held against
    /// what this one has.
    pub(crate) fn greeted(&self, session: &Session, raw: &RawValue) -> Result<InitializeInfo> {
        let answer: InitializeAnswer = lenient::from_str(raw.get()).map_err(|error| {
            Error::new(
                ErrorKind::Protocol,
                format!("initialize: the answer is not understood: {error}"),
            )
        })?;
        let (server_name, server_version) = server_of(&answer.user_agent, &self.client_name);
        let mut engine = self.engine.clone();
        engine.version = server_version.unwrap_or_default();
        version::check(&engine.version, &engine.path)?;
        let place = format!("{}, {}", engine.path.display(), engine.source);
        session.set_gate(Gate::new(&engine.version, &place, self.experimental_api));
        Ok(InitializeInfo {
            raw: raw.to_owned(),
            server_name,
            server_version: Some(engine.version.clone()).filter(|version| !version.is_empty()),
            user_agent: answer.user_agent,
            codex_home: answer.codex_home,
            platform_family: answer.platform_family,
            platform_os: answer.platform_os,
            engine,
        })
    }
}

/// Name and version of the engine from its user agent, `NAME/VERSION (...)`. The name is the application's,
/// which may hold slashes and versions of its own.
fn server_of(user_agent: &str, client_name: &str) -> (Option<String>, Option<String>) {
    let own = user_agent
        .strip_prefix(client_name)
        .and_then(|rest| Some((client_name, rest.strip_prefix('/')?)));
    let Some((name, rest)) = own.or_else(|| user_agent.split_once('/')) else {
        return (None, version::find_version(user_agent));
    };
    (Some(name.to_owned()), version::find_version(rest))
}
