//! What looks for faults beyond the tests: fuzzing, the audit of dependencies, sanitizers, the soak. Each is a command
//! of its own, because it takes minutes or wants a tool that a build does not need.

pub(crate) mod audit;
#[cfg(test)]
mod claims;
pub(crate) mod fuzz;
pub(crate) mod sanitize;
pub(crate) mod soak;
pub(crate) mod unsafety;

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::paths;
use crate::sh::{Cmd, say};

/// A tool of cargo's in exactly this version, in `.cache/tools`; built the first time.
fn cargo_tool(name: &str, version: &str) -> Result<PathBuf> {
    let root = paths::cache()
        .join("tools")
        .join(format!("{name}-{version}"));
    let program = root
        .join("bin")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        say(&format!(
            "{name} {version}: cargo install (the first time takes minutes)"
        ));
        // Unoptimised: it is built in a third of the time, and runs for seconds.
        Cmd::cargo()
            .args([
                "install",
                name,
                "--locked",
                "--debug",
                "--version",
                version,
                "--root",
            ])
            .arg(&root)
            .quiet()
            .with_context(|| format!("{name} comes from crates.io"))?;
    }
    Ok(program)
}
