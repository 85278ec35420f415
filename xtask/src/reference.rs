//! `cargo xtask reference`: the reference in docs/reference, made from the docstrings of both packages.
//!
//! The programs in xtask/reference do the work: griffe reads the Python sources, TypeDoc the TypeScript.
//! Both fail when a public name or a parameter has no description, so this is also the check of that.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::paths;
use crate::setup;
use crate::sh::{Cmd, say};

/// Arguments of `cargo xtask reference`.
#[derive(clap::Args, Debug)]
pub(crate) struct ReferenceArgs {
    /// Change nothing; fail if a page is not what the docstrings say.
    #[arg(long)]
    check: bool,
}

/// The languages that have pages in docs/reference.
const LANGUAGES: [&str; 2] = ["python", "node"];
/// The languages whose reference is checked; `cargo doc` makes that of Rust.
pub(crate) const CHECKED: [&str; 3] = ["python", "node", "rust"];

/// Writes or checks all pages.
pub(crate) fn run(args: &ReferenceArgs) -> Result<()> {
    setup::python_tools()?;
    setup::node_tools()?;
    for language in LANGUAGES {
        let made = make(language)?;
        if args.check {
            compare(language, &made)?;
        } else {
            replace(&made, &committed(language))?;
        }
        say(&format!("reference: {language} is up to date"));
    }
    Ok(())
}

/// Makes one language's pages and compares them with the committed ones; for Rust, sees that there are no
/// warnings.
///
/// # Errors
/// When something is not documented, or a page differs.
pub(crate) fn check(language: &str) -> Result<()> {
    if language == "rust" {
        return Cmd::cargo()
            .args(["doc", "--quiet", "--no-deps"])
            .args(["-p", "codexkit", "-p", "codexkit-testkit"])
            .env("RUSTDOCFLAGS", "-D warnings")
            .quiet()
            .map(drop);
    }
    compare(language, &make(language)?)
}

fn committed(language: &str) -> PathBuf {
    paths::root().join("docs/reference").join(language)
}

/// Makes the pages in a scratch folder.
fn make(language: &str) -> Result<PathBuf> {
    let dir = paths::work("reference").join(language);
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    fs::create_dir_all(&dir)?;
    let tools = paths::root().join("xtask/reference");
    if language == "python" {
        Cmd::new(paths::venv_bin("python"))
            .arg(tools.join("python.py"))
            .arg(&dir)
            .quiet()?;
    } else {
        typedoc(&tools)?;
        Cmd::new("node")
            .arg(tools.join("node_modules/typedoc/bin/typedoc"))
            .args(["--logLevel", "Error", "--options"])
            .arg(tools.join("typedoc.json"))
            .arg("--out")
            .arg(&dir)
            .env("NO_COLOR", "1")
            .quiet()?;
    }
    Ok(dir)
}

/// Installs TypeDoc, which needs a TypeScript of its own, unless it is there already.
fn typedoc(tools: &Path) -> Result<()> {
    let lock = fs::read_to_string(tools.join("package-lock.json"))?;
    let stamp = tools.join("node_modules/.codexkit-lock");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say("reference: TypeDoc from npm");
    Cmd::npm()
        .args(["ci", "--ignore-scripts", "--loglevel=error"])
        .cwd(tools)
        .quiet()
        .context("installing TypeDoc needs the npm registry")?;
    Ok(fs::write(stamp, lock)?)
}

fn compare(language: &str, made: &Path) -> Result<()> {
    let committed = committed(language);
    let (old, new) = (pages(&committed)?, pages(made)?);
    let mut different = Vec::new();
    for name in old
        .iter()
        .chain(new.iter().filter(|name| !old.contains(name)))
    {
        let text = |dir: &Path| fs::read_to_string(dir.join(name)).ok();
        if text(&committed) != text(made) {
            different.push(name.as_str());
        }
    }
    if !different.is_empty() {
        bail!(
            "docs/reference/{language} is not what the docstrings say ({}); `cargo xtask reference` mends it",
            different.join(", ")
        );
    }
    Ok(())
}

fn replace(made: &Path, committed: &Path) -> Result<()> {
    if committed.exists() {
        fs::remove_dir_all(committed)?;
    }
    fs::create_dir_all(committed)?;
    for name in pages(made)? {
        fs::copy(made.join(&name), committed.join(&name))?;
    }
    Ok(())
}

fn pages(dir: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    if !dir.exists() {
        return Ok(names);
    }
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".md") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
