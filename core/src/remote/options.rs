//! What can be said of a remote engine, with defaults, and its JSON form.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::options::duration;
use crate::remote::backoff;
use crate::transport::address::Address;

/// An engine that somebody else started (`codex app-server --listen ...`), and how to connect to it.
#[derive(Clone)]
pub struct RemoteOptions {
    /// `unix://PATH`, `ws://HOST:PORT` or `wss://HOST:PORT`.
    pub url: String,
    /// The token that the engine asks for (`--ws-auth`). It is never shown.
    pub bearer_token: Option<String>,
    /// Send the token over `ws://` to another machine, where others may read it on the way.
    pub allow_insecure_token: bool,
    /// Trust only the certificates of this PEM file instead of the system's, for `wss://`.
    pub ca_file: Option<PathBuf>,
    /// How long a connection may take, the WebSocket's handshake included.
    pub connect_timeout: Duration,
    /// How often the engine is asked for a sign of life; after three without one the connection is lost.
    pub keep_alive: Duration,
    /// Whether this client answers the engine's requests (approvals, questions, tool calls). The engine asks
    /// every client on a thread and takes the first answer; one that only watches must not answer.
    pub answer_requests: bool,
    /// What to do when the connection is lost.
    pub reconnect: ReconnectPolicy,
}

/// What to do when the connection is lost: how often to try, and how long to wait between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReconnectPolicy {
    /// Attempts in a row until the client is closed; 0 means never to try.
    pub max_attempts: u32,
    /// The pause before the first attempt; it doubles with every further one.
    pub initial_delay: Duration,
    /// The longest pause.
    pub max_delay: Duration,
}

impl Default for ReconnectPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 5,
            initial_delay: Duration::from_millis(250),
            max_delay: Duration::from_secs(8),
        }
    }
}

impl ReconnectPolicy {
    /// Never to try: the client is closed when the connection is lost.
    pub const NEVER: Self = Self {
        max_attempts: 0,
        initial_delay: Duration::from_millis(250),
        max_delay: Duration::from_secs(8),
    };
}

impl fmt::Debug for RemoteOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = Address::parse(&self.url).map(|address| address.shown());
        f.debug_struct("RemoteOptions")
            .field("url", &url.unwrap_or_else(|_| "(not valid)".to_owned()))
            .field(
                "bearer_token",
                &self.bearer_token.as_ref().map(|_| "[redacted]"),
            )
            .field("connect_timeout", &self.connect_timeout)
            .field("reconnect", &self.reconnect)
            .finish_non_exhaustive()
    }
}

impl RemoteOptions {
    /// A remote engine at `url`, everything else as it is by default.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            bearer_token: None,
            allow_insecure_token: false,
            ca_file: None,
            connect_timeout: Duration::from_secs(10),
            keep_alive: Duration::from_secs(20),
            answer_requests: true,
            reconnect: ReconnectPolicy::default(),
        }
    }

    /// Whether the engine is on this machine, as far as its address says.
    pub(crate) fn is_near(&self) -> bool {
        Address::parse(&self.url).is_ok_and(|address| address.is_near())
    }

    /// Refuses what can be known to be wrong before connecting; gives the address.
    pub(crate) fn check(&self) -> Result<Address> {
        let address = Address::parse(&self.url)?;
        if self.bearer_token.is_some() && address.is_exposed() && !self.allow_insecure_token {
            return Err(Error::invalid_argument(
                "remote.bearer_token",
                format!(
                    "{} is another machine and not encrypted, so that others could read the token on the way; use wss://, a tunnel to this machine, or set allow_insecure_token",
                    address.shown()
                ),
            ));
        }
        if self.ca_file.is_some() && !matches!(address, Address::Tcp { tls: true, .. }) {
            return Err(Error::invalid_argument(
                "remote.ca_file",
                "it is for wss:// only; leave it out",
            ));
        }
        for (name, span) in [
            ("remote.connect_timeout", self.connect_timeout),
            ("remote.keep_alive", self.keep_alive),
        ] {
            if span.is_zero() {
                return Err(Error::invalid_argument(name, "it must be more than zero"));
            }
        }
        let policy = &self.reconnect;
        backoff::check("remote.reconnect", policy.initial_delay, policy.max_delay)?;
        Ok(address)
    }
}

/// The JSON form: everything but the URL may be missing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoteFields {
    url: String,
    bearer_token: Option<String>,
    allow_insecure_token: Option<bool>,
    ca_file: Option<PathBuf>,
    connect_timeout_s: Option<f64>,
    keep_alive_s: Option<f64>,
    answer_requests: Option<bool>,
    reconnect: Option<backoff::Fields>,
}

impl RemoteFields {
    pub(crate) fn into_options(self) -> Result<RemoteOptions> {
        let mut remote = RemoteOptions::new(self.url);
        remote.bearer_token = self.bearer_token;
        remote.ca_file = self.ca_file;
        remote.allow_insecure_token = self.allow_insecure_token.unwrap_or_default();
        remote.answer_requests = self.answer_requests.unwrap_or(true);
        let policy = &mut remote.reconnect;
        self.reconnect.unwrap_or_default().put(
            "remote.reconnect",
            &mut policy.max_attempts,
            &mut policy.initial_delay,
            &mut policy.max_delay,
        )?;
        for (name, seconds, place) in [
            (
                "remote.connect_timeout",
                self.connect_timeout_s,
                &mut remote.connect_timeout,
            ),
            (
                "remote.keep_alive",
                self.keep_alive_s,
                &mut remote.keep_alive,
            ),
        ] {
            if let Some(seconds) = seconds {
                *place = duration(name, seconds)?;
            }
        }
        Ok(remote)
    }
}

#[cfg(test)]
#[path = "options_tests.rs"]
mod tests;
