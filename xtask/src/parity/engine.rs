//! Finds the engine a run is to use: a path, or a version (fetched from npm if it is not there).

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::GOLDEN_VERSION;
use crate::engines;
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
    let is_version =
        wanted.split('.').count() == 3 && wanted.starts_with(|c: char| c.is_ascii_digit());
    if is_version {
        return engines::bring(wanted);
    }
    bail!("no engine {wanted}: give a path, or a version as in {GOLDEN_VERSION}")
}
