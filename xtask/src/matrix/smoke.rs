//! One turn of a language package on an engine: the programs of tests/matrix.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::paths;
use crate::sh::Cmd;

/// The languages, by the names that results have them under.
pub(crate) const LANGUAGES: [&str; 2] = ["python", "node"];

/// Runs the turn; an error says what went wrong.
pub(crate) fn one_turn(language: &str, engine: &Path, version: &str) -> Result<()> {
    let root = paths::root();
    let (program, script) = match language {
        "python" => (paths::venv_bin("python"), "turn.py"),
        _ => ("node".into(), "turn.mjs"),
    };
    Cmd::new(program)
        .arg(root.join("tests/matrix").join(script))
        .arg(engine)
        .arg(version)
        .env("PYTHONPATH", root.join("python"))
        .env_remove("CODEX_BINARY")
        .limit(Duration::from_secs(120))
        .quiet()
        .map(drop)
}
