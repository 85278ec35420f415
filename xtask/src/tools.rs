//! What the machine must have itself: Rust, Python and Node. Finds them, or says how to get them.

use std::ffi::OsStr;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::sh::Cmd;

const PYTHON: (u32, u32) = (3, 10);
const NODE: u32 = 20;
const RUST: (u32, u32) = (1, 88);

/// A Python that is new enough and can make virtual environments.
pub(crate) struct Python {
    pub(crate) program: PathBuf,
    pub(crate) version: String,
}

/// Finds Python: `PYTHON` when set, then the usual names.
pub(crate) fn python() -> Result<Python> {
    let probe = "import sys, ensurepip, venv; print(sys.executable); print('%d.%d.%d' % sys.version_info[:3])";
    let mut names: Vec<String> = std::env::var("PYTHON")
        .into_iter()
        .filter(|name| !name.is_empty())
        .collect();
    names.extend(
        [
            "python3",
            "python3.14",
            "python3.13",
            "python3.12",
            "python3.11",
            "python3.10",
            "python",
        ]
        .map(str::to_owned),
    );
    let mut seen = Vec::new();
    for name in names {
        match Cmd::new(&name).args(["-c", probe]).quiet() {
            Ok(out) => {
                let mut lines = out.lines();
                let (program, version) = (lines.next().unwrap_or(""), lines.next().unwrap_or(""));
                if at_least(version, PYTHON) {
                    return Ok(Python {
                        program: program.into(),
                        version: version.to_owned(),
                    });
                }
                seen.push(format!("{name} is {version}"));
            }
            Err(error) if format!("{error:#}").contains("ensurepip") => {
                seen.push(format!("{name} has no venv module"));
            }
            Err(_) => {}
        }
    }
    bail!(
        "Python {}.{} or newer with the venv module is needed ({}).\n  \
         Debian and Ubuntu: apt-get install python3 python3-venv; macOS: brew install python; \
         elsewhere: https://www.python.org/downloads/\n  \
         Another interpreter can be named with the environment variable PYTHON.",
        PYTHON.0,
        PYTHON.1,
        if seen.is_empty() {
            "none found on PATH".to_owned()
        } else {
            seen.join(", ")
        },
    )
}

/// Checks Node and npm; gives Node's version.
pub(crate) fn node() -> Result<String> {
    let help = "\n  Install it from https://nodejs.org/ or with a version manager (nvm install 22, fnm install 22).";
    let Ok(version) = Cmd::new("node").arg("--version").quiet() else {
        bail!("Node {NODE} or newer is needed; no `node` found on PATH.{help}");
    };
    let version = version.trim().trim_start_matches('v').to_owned();
    if !at_least(&version, (NODE, 0)) {
        bail!("Node {NODE} or newer is needed; `node` on PATH is {version}.{help}");
    }
    if Cmd::npm().arg("--version").quiet().is_err() {
        bail!("npm is needed beside Node; no `npm` found on PATH.{help}");
    }
    Ok(version)
}

/// Checks the Rust compiler; gives its version line.
pub(crate) fn rust() -> Result<String> {
    let help = "\n  Install or update it with https://rustup.rs/ (rustup update stable).";
    let Ok(line) = Cmd::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .arg("--version")
        .quiet()
    else {
        bail!(
            "Rust {}.{} or newer is needed; no `rustc` found on PATH.{help}",
            RUST.0,
            RUST.1
        );
    };
    let version = line.split_whitespace().nth(1).unwrap_or("").to_owned();
    if !at_least(&version, RUST) {
        bail!(
            "Rust {}.{} or newer is needed; `rustc` on PATH is {version}.{help}",
            RUST.0,
            RUST.1
        );
    }
    Ok(version)
}

fn at_least(version: &str, wanted: (u32, u32)) -> bool {
    let mut parts = version
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= wanted
}

/// `pip install` of an environment's interpreter, without its chatter; what to install comes behind.
pub(crate) fn pip_install(python: impl AsRef<OsStr>) -> Cmd {
    Cmd::new(python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ])
}

#[cfg(test)]
mod tests {
    use super::at_least;

    #[test]
    fn versions_compare_by_number() {
        assert!(at_least("3.10.1", (3, 10)));
        assert!(at_least("3.14.0rc1", (3, 10)));
        assert!(!at_least("3.9.20", (3, 10)));
        assert!(at_least("20.20.2", (20, 0)));
        assert!(!at_least("18.1", (20, 0)));
        assert!(!at_least("", (1, 0)));
    }
}
