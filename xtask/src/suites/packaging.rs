//! Installing from a clone: `pip install .` into a fresh virtual environment and
//! `npm install <folder>` into a fresh project, then a turn on the engine that came along; and the
//! packages of `cargo xtask dist`, installed where no Rust is.
//!
//! It works on a copy of the sources, so that nothing a development build left in the tree helps,
//! and compiles with the dev profile into a folder of its own, so that it neither disturbs nor
//! needs the ordinary build. What that has compiled of other people's crates is taken over.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::Outcome;
use crate::dist::{self, Kind, check};
use crate::paths;
use crate::scripted::{Scripted, one_message};
use crate::setup::Profile;
use crate::sh::{Cmd, say};
use crate::tools;

const REPLY: &str = "Installed and running.";

const PYTHON_SMOKE: &str = r"
import codexkit, codexkit.testing
from pathlib import Path
with codexkit.Codex() as codex:
    result = codex.thread_start(cwd='.').run('hello')
    print(result.final_response)
print(Path(codexkit.__file__).parent)
";

const NODE_SMOKE_CJS: &str = r#"
const { Codex } = require("codexkit");
require("codexkit/testing");
(async () => {
  const codex = new Codex();
  const turn = await codex.startThread({ skipGitRepoCheck: true }).run("hello");
  console.log(turn.finalResponse);
  await codex.close();
})();
"#;

const NODE_SMOKE_ESM: &str = r#"
import { Codex } from "codexkit";
import "codexkit/testing";
const codex = new Codex();
const turn = await codex.startThread({ skipGitRepoCheck: true }).run("hello");
console.log(turn.finalResponse);
await codex.close();
"#;

pub(super) fn run() -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let clone = copy_sources()?;
    take_over(&paths::target().join("debug"), &target().join("debug"))?;
    let model = Scripted::start(&one_message(REPLY))?;
    let venv = paths::work("packaging/venv");
    let wheel = pip_install(&clone, &venv);
    let installed = wheel.is_ok();
    outcome.record("pip install .", &wheel);
    if installed {
        outcome.record(
            "the installed Python package holds the package and nothing else",
            &wheel_contents(&venv),
        );
        outcome.record(
            "the installed Python package runs its engine",
            &python_smoke(&model, &venv),
        );
    }
    let app = paths::work("packaging/app");
    let linked = npm_install(&clone, &app);
    let installed = linked.is_ok();
    outcome.record("npm install <folder>", &linked);
    if installed {
        outcome.record(
            "require(\"codexkit\") runs its engine",
            &node_smoke(&model, &app, "cjs", NODE_SMOKE_CJS),
        );
        outcome.record(
            "import \"codexkit\" runs its engine",
            &node_smoke(&model, &app, "mjs", NODE_SMOKE_ESM),
        );
        outcome.record(
            "the npm package holds what it needs and no tests",
            &npm_contents(&clone),
        );
        packages(&clone, &mut outcome)?;
    }
    Ok(outcome)
}

/// What `cargo xtask dist` makes of the same sources, installed where no compiler is. The two
/// installations have compiled nearly all of it.
fn packages(clone: &Path, outcome: &mut Outcome) -> Result<()> {
    let builder =
        dist::Builder::new(Profile::Dev, None, false)?.of_clone(clone.to_owned(), target());
    let out = paths::work("packaging/dist");
    let kinds = [Kind::Sdist, Kind::Npm, Kind::Wheel, Kind::Platform];
    let made = dist::build(&builder, &kinds, &out);
    let found = made.and_then(|_| check::Packages::find(&out, &builder));
    match found {
        Ok(found) => {
            outcome.record("cargo xtask dist", &Ok(()));
            check::all(&found, &check::pythons(&[])?, &check::nodes(&[])?, outcome)
        }
        Err(error) => {
            outcome.record("cargo xtask dist", &Err(error));
            Ok(())
        }
    }
}

/// Copies what git tracks or would track. A file that has not changed keeps its time, so that the
/// second run compiles little.
fn copy_sources() -> Result<PathBuf> {
    let (root, clone) = (paths::root(), paths::work("packaging/clone"));
    let listed = Cmd::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ])
        .quiet()
        .context("the packaging suite needs git to know which files belong to the project")?;
    let wanted: BTreeSet<&str> = listed
        .split('\0')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let mut copied = 0;
    for name in &wanted {
        let (from, to) = (root.join(name), clone.join(name));
        let Ok(bytes) = fs::read(&from) else { continue };
        if fs::read(&to).is_ok_and(|old| old == bytes) {
            continue;
        }
        if let Some(dir) = to.parent() {
            fs::create_dir_all(dir)?;
        }
        fs::write(&to, bytes)?;
        copied += 1;
    }
    // What is no source: products of an earlier run, and files that are gone from the project.
    for name in ["node_modules", "node/dist"] {
        let _ = fs::remove_dir_all(clone.join(name));
    }
    remove_others(&clone, &clone, &wanted)?;
    say(&format!(
        "packaging: copied {copied} of {} files",
        wanted.len()
    ));
    Ok(clone)
}

fn remove_others(clone: &Path, dir: &Path, wanted: &BTreeSet<&str>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(clone, &path, wanted)?;
            continue;
        }
        let name = path
            .strip_prefix(clone)?
            .to_string_lossy()
            .replace('\\', "/");
        if !wanted.contains(name.as_str()) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

fn target() -> PathBuf {
    paths::work("packaging/target")
}

/// Copies what the ordinary build has compiled, unless there is something already: other people's crates are compiled
/// the same way for both, and cargo compiles ours again, because they lie elsewhere.
fn take_over(from: &Path, to: &Path) -> Result<()> {
    if to.exists() || !from.exists() {
        return Ok(());
    }
    say("packaging: taking over what the ordinary build has compiled");
    for folder in [".fingerprint", "build", "deps"] {
        copy_compiled(&from.join(folder), &to.join(folder))?;
    }
    Ok(())
}

fn copy_compiled(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else {
            continue;
        };
        let to = to.join(name);
        if path.is_dir() {
            copy_compiled(&path, &to)?;
        } else if !is_program(&path) {
            fs::copy(&path, &to)?;
            // Cargo compares them: what is older than what it was made of is made again.
            let modified = fs::metadata(&path)?.modified()?;
            fs::File::options()
                .append(true)
                .open(&to)?
                .set_modified(modified)?;
        }
    }
    Ok(())
}

/// Tests and other programs of ours, which are large and of no use elsewhere.
fn is_program(path: &Path) -> bool {
    let in_deps = path.parent().is_some_and(|dir| dir.ends_with("deps"));
    in_deps && (path.extension().is_none() || path.extension().is_some_and(|end| end == "exe"))
}

fn pip_install(clone: &Path, venv: &Path) -> Result<()> {
    let python = tools::python()?;
    Cmd::new(&python.program)
        .args(["-m", "venv", "--clear"])
        .arg(venv)
        .quiet()?;
    say("packaging: pip install . (compiles)");
    tools::pip_install(bin(venv, "python"))
        .arg(".")
        .env("MATURIN_PEP517_ARGS", "--profile dev")
        .env("CARGO_TARGET_DIR", target())
        .env_remove("PYTHONPATH")
        .cwd(clone)
        .quiet()?;
    Ok(())
}

/// Everything that pip installed for us lies in `codexkit/` or its metadata folder.
fn wheel_contents(venv: &Path) -> Result<()> {
    let listed = Cmd::new(bin(venv, "python"))
        .args(["-m", "pip", "show", "-f", "codexkit"])
        .quiet()?;
    let files: Vec<&str> = listed
        .lines()
        .skip_while(|line| !line.starts_with("Files:"))
        .skip(1)
        .map(str::trim)
        .collect();
    for needed in ["codexkit/__init__.py", "codexkit/py.typed"] {
        if !files.contains(&needed) {
            bail!("{needed} is missing");
        }
    }
    if files
        .iter()
        .filter(|name| name.starts_with("codexkit/_native.") && !name.ends_with(".pyi"))
        .count()
        != 1
    {
        bail!("there must be exactly one native module: {files:?}");
    }
    let foreign: Vec<_> = files
        .iter()
        .filter(|name| {
            !(name.starts_with("codexkit/") || name.starts_with("codexkit-"))
                || name.contains("/test_")
        })
        .collect();
    if !foreign.is_empty() {
        bail!("files that do not belong in the wheel: {foreign:?}");
    }
    Ok(())
}

fn python_smoke(model: &Scripted, venv: &Path) -> Result<()> {
    let place = model.place("packaging/python")?;
    let out = Cmd::new(bin(venv, "python"))
        .args(["-c", PYTHON_SMOKE])
        .env("CODEX_HOME", &place.home)
        .env("HOME", &place.home)
        .env_remove("PYTHONPATH")
        .cwd(&place.cwd)
        .quiet()?;
    let mut lines = out.lines();
    expect_reply(lines.next())?;
    let package = PathBuf::from(lines.next().unwrap_or(""));
    if !package.starts_with(fs::canonicalize(venv)?) {
        bail!("the package was imported from {}", package.display());
    }
    Ok(())
}

fn npm_install(clone: &Path, app: &Path) -> Result<()> {
    if app.exists() {
        fs::remove_dir_all(app)?;
    }
    fs::create_dir_all(app)?;
    fs::write(
        app.join("package.json"),
        r#"{"name": "app", "private": true}"#,
    )?;
    say("packaging: npm install <folder> (compiles)");
    Cmd::npm()
        .args(["install", "--loglevel=error"])
        .arg(clone)
        .env("CODEXKIT_BUILD_PROFILE", "dev")
        .env("CARGO_TARGET_DIR", target())
        .cwd(app)
        .quiet()?;
    Ok(())
}

fn node_smoke(model: &Scripted, app: &Path, extension: &str, code: &str) -> Result<()> {
    let place = model.place(&format!("packaging/{extension}"))?;
    let program = app.join(format!("smoke.{extension}"));
    fs::write(&program, code)?;
    let out = Cmd::new("node")
        .arg(&program)
        .env("CODEX_HOME", &place.home)
        .env("HOME", &place.home)
        .cwd(&place.cwd)
        .quiet()?;
    expect_reply(out.lines().next())
}

/// What `npm pack` would publish from the built clone.
fn npm_contents(clone: &Path) -> Result<()> {
    let out = Cmd::npm()
        .args([
            "pack",
            "--dry-run",
            "--json",
            "--ignore-scripts",
            "--loglevel=error",
        ])
        .cwd(clone)
        .quiet()?;
    let listed: serde_json::Value = serde_json::from_str(&out)?;
    // One package: npm prints a list or, later, an object by name.
    let package = listed
        .get(0)
        .or_else(|| listed.as_object().and_then(|all| all.values().next()));
    let files: Vec<&str> = package
        .and_then(|package| package["files"].as_array())
        .into_iter()
        .flatten()
        .filter_map(|file| file["path"].as_str())
        .collect();
    for needed in [
        "node/dist/index.js",
        "node/dist/index.mjs",
        "node/dist/index.d.ts",
        "node/dist/testing.js",
    ] {
        if !files.contains(&needed) {
            bail!("{needed} is missing from the package: {files:?}");
        }
    }
    let native = files
        .iter()
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "node"))
        .count();
    if native != 1 {
        bail!("there must be exactly one native module, there are {native}");
    }
    let foreign: Vec<_> = files
        .iter()
        .filter(|name| {
            name.contains("test.") || name.starts_with("tests/") || name.starts_with("core/")
        })
        .collect();
    if !foreign.is_empty() {
        bail!("files that do not belong in the package: {foreign:?}");
    }
    Ok(())
}

fn expect_reply(line: Option<&str>) -> Result<()> {
    if line.map(str::trim) != Some(REPLY) {
        bail!("expected the reply {REPLY:?}, got {line:?}");
    }
    Ok(())
}

fn bin(venv: &Path, name: &str) -> PathBuf {
    if cfg!(windows) {
        venv.join("Scripts").join(format!("{name}.exe"))
    } else {
        venv.join("bin").join(name)
    }
}
