//! What a server of our own client gets from this process's environment. It is the only reader of variables in
//! `mcp`: a declaration names them, so that no secret stands in code.

use crate::engine::process::EnvOptions;
use crate::error::{Error, Result};
use crate::mcp::config::{StdioServer, refused};

/// What every server sees, as the engine does it: enough to run programs, nothing of the application's own.
#[cfg(unix)]
const ALWAYS: &[&str] = &[
    "HOME",
    "LANG",
    "LC_ALL",
    "LOGNAME",
    "PATH",
    "SHELL",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
    "__CF_USER_TEXT_ENCODING",
];
#[cfg(not(unix))]
const ALWAYS: &[&str] = &[
    "APPDATA",
    "COMSPEC",
    "HOMEDRIVE",
    "HOMEPATH",
    "LOCALAPPDATA",
    "PATH",
    "PATHEXT",
    "PROCESSOR_ARCHITECTURE",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "USERNAME",
    "USERPROFILE",
    "WINDIR",
];

/// The environment of a server's process.
pub(crate) fn of(server: &StdioServer) -> EnvOptions {
    let named = server.env_vars.iter().map(String::as_str);
    let mut set: Vec<(String, String)> = ALWAYS
        .iter()
        .copied()
        .chain(named)
        .filter_map(|name| Some((name.to_owned(), variable(name)?)))
        .collect();
    set.extend(server.env.clone());
    EnvOptions {
        inherit: false,
        set,
        unset: Vec::new(),
    }
}

/// A variable that a declaration names and that must be there.
///
/// # Errors
/// `invalid_argument` when it is not set.
pub(crate) fn needed(path: &str, field: &str, name: &str) -> Result<String> {
    variable(name)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| -> Error {
            let why = format!("the environment variable {name} is not set in this process");
            refused(path, field, why)
        })
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
