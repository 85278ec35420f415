//! Finds the engine a run is to use: a path, or a version that set-up provides.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::GOLDEN_VERSION;
use crate::paths;
use crate::sh::Cmd;

/// The engine's binary for a path or a version.
pub(crate) fn find(wanted: &str) -> Result<PathBuf> {
    let path = PathBuf::from(wanted);
    if path.is_file() {
        return Ok(path.canonicalize()?);
    }
    if wanted == GOLDEN_VERSION {
        let code = "import codex_cli_bin; print(codex_cli_bin.bundled_codex_path())";
        let out = Cmd::new(paths::venv_bin("python"))
            .args(["-c", code])
            .quiet()?;
        return Ok(PathBuf::from(out.trim()));
    }
    if wanted == paths::SECOND_ENGINE {
        return from_npm(wanted);
    }
    bail!(
        "no engine {wanted}: give a path, {GOLDEN_VERSION} or {}",
        paths::SECOND_ENGINE
    )
}

/// npm puts the binary into a platform package, under the target's name.
fn from_npm(version: &str) -> Result<PathBuf> {
    let scope = paths::cache()
        .join(format!("engine-{version}"))
        .join("node_modules/@openai");
    let name = if cfg!(windows) { "codex.exe" } else { "codex" };
    let mut folders = vec![scope.clone()];
    for _ in 0..8 {
        let mut next = Vec::new();
        for folder in folders {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                // The launcher script beside it is called codex.js, so the name tells them apart.
                if path.is_file() && entry.file_name() == name {
                    return Ok(path);
                }
                if path.is_dir() {
                    next.push(path);
                }
            }
        }
        folders = next;
    }
    None.with_context(|| format!("no {name} under {}", scope.display()))
}
