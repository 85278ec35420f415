//! `cargo xtask versions`: asks every supported engine for its protocol and writes, into
//! `schema/history.json`, since when each method, parameter and value exists.
//!
//! The engines come from npm when they are not there. What is derived from the file (the tables that
//! core's gates use) is `cargo xtask gen`'s business and needs no engine.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::engines;
use crate::paths;
use crate::sh::{Cmd, say};

mod facts;
pub(crate) mod history;

use facts::Facts;
use history::History;

/// Arguments of `cargo xtask versions`.
#[derive(clap::Args, Debug)]
pub(crate) struct VersionsArgs {
    /// Also take in this engine, newer than those that are known; may be repeated.
    #[arg(long, value_name = "VERSION")]
    add: Vec<String>,
    /// Compare with what is committed instead of writing, and fail if it differs.
    #[arg(long)]
    check: bool,
}

/// Where the history is kept.
pub(crate) fn file() -> std::path::PathBuf {
    paths::root().join("schema/history.json")
}

/// Runs the command.
pub(crate) fn run(args: &VersionsArgs) -> Result<()> {
    let committed = fs::read_to_string(file()).context("schema/history.json names the engines")?;
    let mut versions = History::parse(&committed)?.engines;
    for version in &args.add {
        if !versions.contains(version) {
            versions.push(version.clone());
        }
    }
    versions.sort_by_key(|version| history::numbers(version));
    let mut all = Vec::new();
    for version in &versions {
        let engine = engines::bring(version)?;
        let one = Engine {
            stable: describe(&engine, &[])?,
            experimental: describe(&engine, &["--experimental"])?,
        };
        say(&format!(
            "engine {version}: {} client methods",
            one.experimental.client.len()
        ));
        all.push(one);
    }
    let text = History::build(&versions, &all)?.to_text()?;
    if args.check {
        if text != committed {
            bail!("schema/history.json is not what the engines say: run `cargo xtask versions`");
        }
        return Ok(());
    }
    fs::write(file(), text)?;
    say("wrote schema/history.json; now run `cargo xtask gen`");
    Ok(())
}

/// What one engine says of itself.
pub(crate) struct Engine {
    /// Without the experimental API.
    pub(crate) stable: Facts,
    /// With it.
    pub(crate) experimental: Facts,
}

fn describe(engine: &Path, flags: &[&str]) -> Result<Facts> {
    let scratch = paths::work(&format!("versions-{}", std::process::id()));
    let _ = fs::remove_dir_all(&scratch);
    fs::create_dir_all(&scratch)?;
    let bundle = emit(engine, flags, &scratch);
    let _ = fs::remove_dir_all(&scratch);
    Facts::of(&bundle?)
}

fn emit(engine: &Path, flags: &[&str], scratch: &Path) -> Result<Value> {
    let out = scratch.join("out");
    Cmd::new(engine)
        .args(["app-server", "generate-json-schema"])
        .args(flags)
        .arg("--out")
        .arg(&out)
        .env("HOME", scratch)
        .env("CODEX_HOME", scratch.join("home"))
        .quiet()?;
    let path = out.join("codex_app_server_protocol.schemas.json");
    let text = fs::read_to_string(&path)
        .with_context(|| format!("the engine wrote no {}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}
