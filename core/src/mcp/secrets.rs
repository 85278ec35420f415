//! Whether a setting is likely a secret, which must not become an argument of a process.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::mcp::config::{McpServer, McpTransport, refused};
use crate::redact::has_shape;

/// What the name of a header or a variable holds when its value is a secret.
const WORDS: [&str; 8] = [
    "auth",
    "cookie",
    "credential",
    "key",
    "passwd",
    "password",
    "secret",
    "token",
];

/// Refuses a server whose settings would show a secret in the engine's arguments.
///
/// # Errors
/// `invalid_argument`, naming the field and what to do instead.
pub(crate) fn refuse(path: &str, server: &McpServer) -> Result<()> {
    let (field, found, instead) = match &server.transport {
        McpTransport::Http(http) => (
            "headers",
            first(&http.headers),
            "name its variable in bearer_token_env_var or env_http_headers",
        ),
        McpTransport::Stdio(stdio) => (
            "env",
            first(&stdio.env),
            "name the variable in env_vars, and have it in the engine's environment",
        ),
    };
    match found {
        Some(name) => Err(refused(
            path,
            field,
            format!(
                "the value of {name} looks like a secret, and a client's settings become arguments of a process, which everybody on the machine can read; {instead}, or give the server to the thread"
            ),
        )),
        None => Ok(()),
    }
}

fn first(values: &BTreeMap<String, String>) -> Option<&str> {
    values
        .iter()
        .find(|(name, value)| is_secret(name, value))
        .map(|(name, _)| name.as_str())
}

fn is_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word)) || has_shape(value)
}
