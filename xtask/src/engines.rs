//! Engines of other versions, from npm into `.cache/engines/<version>`: what the package holds for
//! this platform, without what no test needs. An engine that is there is never fetched again.
//!
//! Which versions codexkit knows stands in `schema/history.json`; nothing here decides that.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::paths;
use crate::sh::{Cmd, say};

/// Parts of the package that only a desktop application needs; tens of megabytes each.
const NOT_NEEDED: [&str; 1] = ["codex-resources/voice"];

/// The engine's executable, fetched first if it is not there.
pub(crate) fn bring(version: &str) -> Result<PathBuf> {
    let dir = paths::cache().join("engines").join(version);
    let binary = dir.join("bin").join(name());
    if binary.is_file() {
        return Ok(binary);
    }
    say(&format!("engine {version}: from npm"));
    let scratch = paths::cache()
        .join("engines")
        .join(format!(".new-{version}-{}", std::process::id()));
    let fetched = fetch(version, &scratch).and_then(|vendor| install(&vendor, &dir));
    let _ = fs::remove_dir_all(&scratch);
    fetched?;
    if !binary.is_file() {
        bail!("the package of engine {version} has no bin/{}", name());
    }
    say(&format!("engine {version}: ready"));
    Ok(binary)
}

/// What the executable is called here.
pub(crate) fn name() -> &'static str {
    if cfg!(windows) { "codex.exe" } else { "codex" }
}

/// Lets npm fetch the package of this platform; gives the folder with the engine's files. npm's own
/// cache is left alone, it would keep a second copy of everything.
fn fetch(version: &str, scratch: &Path) -> Result<PathBuf> {
    let platform = Cmd::new("node")
        .args(["-p", "process.platform + '-' + process.arch"])
        .quiet()?;
    fs::create_dir_all(scratch)?;
    Cmd::npm()
        .args([
            "install",
            "--loglevel=error",
            "--no-save",
            "--ignore-scripts",
        ])
        .arg("--cache")
        .arg(scratch.join("cache"))
        .arg("--prefix")
        .arg(scratch)
        .arg(format!("@openai/codex@{version}-{}", platform.trim()))
        .quiet()
        .with_context(|| format!("engine {version} comes from the npm registry"))?;
    let vendor = scratch.join("node_modules/@openai/codex/vendor");
    let target = fs::read_dir(&vendor)
        .with_context(|| format!("the package of engine {version} has no vendor folder"))?
        .next()
        .context("the package's vendor folder is empty")??;
    Ok(target.path())
}

/// Puts the files in place in one step, so that nobody sees half an engine.
fn install(from: &Path, to: &Path) -> Result<()> {
    for part in NOT_NEEDED {
        let part = from.join(part);
        if part.exists() {
            fs::remove_dir_all(part)?;
        }
    }
    match fs::rename(from, to) {
        // Somebody else was faster.
        Err(_) if to.join("bin").join(name()).is_file() => Ok(()),
        other => other.with_context(|| format!("cannot make {}", to.display())),
    }
}
