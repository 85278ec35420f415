//! What a benchmark run stands on: optimised builds of our packages beside the official SDKs.
//!
//! Our packages are put together in `.cache/bench`, so that a run neither uses nor changes the
//! unoptimised ones that tests run on.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::sh::{Cmd, say};
use crate::{paths, setup, tools};

/// Where everything is.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The replaying engine.
    pub(crate) replay: PathBuf,
    /// The Rust consumers.
    pub(crate) rust: PathBuf,
    /// PYTHONPATH with our package and orjson.
    pub(crate) python_path: String,
    /// The ESM entry of our Node package.
    pub(crate) node_package: PathBuf,
    /// Its CommonJS entry.
    pub(crate) node_require: PathBuf,
    /// Cargo's profile of our own.
    pub(crate) profile: String,
    /// Whether orjson could be installed; the limit for Python is then taken with it.
    pub(crate) orjson: bool,
}

impl Layout {
    /// Builds and installs what is missing. `profile` is cargo's: `release`, but for work on the benchmarks themselves.
    pub(crate) fn set_up(profile: &str) -> Result<Self> {
        tools::rust()?;
        setup::python_tools()?;
        setup::node_tools()?;
        setup::typescript()?;
        let built = build(
            profile,
            &[
                "codexkit-python",
                "codexkit-node",
                "codexkit-testkit",
                "codexkit-bench",
            ],
        )?;
        let root = paths::cache().join("bench");
        let python = stage_python(&root, &built)?;
        let node = stage_node(&root, &built)?;
        let (site, orjson) = orjson(&root)?;
        let separator = if cfg!(windows) { ";" } else { ":" };
        Ok(Self {
            replay: program(&built, "codexkit-testkit"),
            rust: program(&built, "codexkit-bench"),
            python_path: format!("{}{separator}{}", python.display(), site.display()),
            node_package: node.join("node/dist/index.mjs"),
            node_require: node.join("node/dist/index.js"),
            profile: profile.to_owned(),
            orjson,
        })
    }
}

fn program(built: &Path, name: &str) -> PathBuf {
    built.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// One cargo call for all, so that they share one build of the core.
fn build(profile: &str, packages: &[&str]) -> Result<PathBuf> {
    say(&format!(
        "bench: cargo build --profile {profile} (the first time takes minutes)"
    ));
    let mut cargo = Cmd::cargo().args(["build", "--quiet", "--profile", profile]);
    for package in packages {
        cargo = cargo.args(["-p", package]);
    }
    cargo.run()?;
    // Cargo's own name for the folder of its default profile.
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(paths::target().join(folder))
}

fn stage_python(root: &Path, built: &Path) -> Result<PathBuf> {
    let to = root.join("python");
    let package = to.join("codexkit");
    copy_tree(&paths::root().join("python/codexkit"), &package, &|name| {
        !name.contains("_native.") || name.ends_with(".pyi")
    })?;
    let native = if cfg!(windows) {
        "_native.pyd"
    } else {
        "_native.abi3.so"
    };
    copy_library(built, "codexkit_python", &package.join(native))?;
    Ok(to)
}

fn stage_node(root: &Path, built: &Path) -> Result<PathBuf> {
    let to = root.join("node");
    copy_tree(
        &paths::root().join("node/dist"),
        &to.join("node/dist"),
        &|_| true,
    )?;
    fs::copy(paths::root().join("package.json"), to.join("package.json"))?;
    let platform = Cmd::new("node")
        .args(["-p", "process.platform + '-' + process.arch"])
        .quiet()?;
    let native = to.join(format!("node/codexkit.{}.node", platform.trim()));
    copy_library(built, "codexkit_node", &native)?;
    Ok(to)
}

fn copy_library(built: &Path, name: &str, to: &Path) -> Result<()> {
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let from = built.join(format!("{prefix}{name}{suffix}"));
    fs::copy(&from, to).with_context(|| format!("cargo did not make {}", from.display()))?;
    Ok(())
}

/// Copies files; what is only in `to` (compiled Python) stays.
fn copy_tree(from: &Path, to: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<()> {
    fs::create_dir_all(to)?;
    let entries = fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if text == "__pycache__" || !wanted(&text) {
            continue;
        }
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &to.join(&name), wanted)?;
            continue;
        }
        // A file that is the same keeps its time, and with it its compiled form.
        let (bytes, target) = (fs::read(entry.path())?, to.join(&name));
        if !fs::read(&target).is_ok_and(|old| old == bytes) {
            fs::write(&target, bytes)?;
        }
    }
    Ok(())
}

/// orjson is the yardstick of the Python limit and nothing of the product, so it gets its own folder.
fn orjson(root: &Path) -> Result<(PathBuf, bool)> {
    let site = root.join("site");
    if !site.join("orjson").is_dir() {
        let installed = Cmd::new(paths::venv_bin("python"))
            .args(["-m", "pip", "install", "--quiet"])
            .args(["--disable-pip-version-check", "--target"])
            .arg(&site)
            .arg("orjson")
            .watch(|_, _| {})?;
        if !installed.success() {
            say("bench: no orjson for this Python; the limit is taken with json");
            return Ok((site, false));
        }
    }
    Ok((site, true))
}
