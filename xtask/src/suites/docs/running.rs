//! Running one program of the documentation: with nothing but a CODEX_HOME whose model is scripted, an
//! empty working folder, and a PATH with an engine and the test kit's command on it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

use crate::demo::rust_example;
use crate::paths;
use crate::scripted::{Place, Scripted};
use crate::sh::{Cmd, tail};

const LIMIT: Duration = Duration::from_secs(120);

/// What answers every request where no script is given.
pub(super) fn default_script() -> String {
    crate::scripted::one_message("Hello from the scripted model.")
}

/// What a program finds besides the model.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// Added to the engine's config.toml.
    pub(super) settings: Option<String>,
    /// A folder whose contents are copied into the working folder.
    pub(super) files: Option<PathBuf>,
}

/// Runs `command` to its end in a fresh place called `name` and gives what it printed.
///
/// # Errors
/// When it fails or takes too long; with what it printed.
pub(super) fn scripted(command: Cmd, script: &str, given: &Given, name: &str) -> Result<String> {
    let model = Scripted::start(script)?;
    let place = model.place(name)?;
    if let Some(settings) = &given.settings {
        let file = place.home.join("config.toml");
        let text = fs::read_to_string(&file)?;
        fs::write(file, format!("{text}\n{settings}"))?;
    }
    if let Some(files) = &given.files {
        copy(files, &place.cwd)?;
    }
    finish(command, &place)
}

fn finish(command: Cmd, place: &Place) -> Result<String> {
    let command = command
        .env("PYTHONPATH", paths::root().join("python"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("NO_COLOR", "1")
        .env("CODEX_HOME", &place.home)
        // The engine runs commands in login shells: whose profile that is must not matter.
        .env("HOME", &place.home)
        .env("PATH", path()?)
        .cwd(&place.cwd)
        .limit(LIMIT);
    let done = command.watch(|_, _| {})?;
    let both = || format!("{}{}", tail(&done.stdout), tail(&done.stderr));
    if done.timed_out {
        bail!("still running after {} s\n{}", LIMIT.as_secs(), both());
    }
    if !done.success() {
        bail!("{}\n{}", done.status, both());
    }
    Ok(done.stdout)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| relative(from))? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}

/// The interpreter for a Python or JavaScript file.
pub(super) fn interpreter(path: &Path) -> Cmd {
    if path.extension().is_some_and(|extension| extension == "py") {
        Cmd::new(paths::venv_bin("python")).arg(path)
    } else {
        Cmd::new("node").arg(path)
    }
}

/// PATH for a program of the documentation: an engine and the test kit's command are on it.
fn path() -> Result<OsString> {
    static PATH: OnceLock<std::result::Result<OsString, String>> = OnceLock::new();
    PATH.get_or_init(|| {
        let built = rust_example("any");
        let testkit = built.parent().and_then(Path::parent).unwrap_or(&built);
        let rest = path_with_engine().map_err(|error| format!("{error:#}"))?;
        let all = std::iter::once(testkit.to_owned()).chain(std::env::split_paths(&rest));
        std::env::join_paths(all).map_err(|error| error.to_string())
    })
    .clone()
    .map_err(|message| anyhow!(message))
}

/// PATH with the official engine of the virtual environment on it: the Rust programs have no
/// package that brings one.
pub(crate) fn path_with_engine() -> Result<OsString> {
    let code = "import codex_cli_bin; print(codex_cli_bin.bundled_codex_path().parent)";
    let dir = Cmd::new(paths::venv_bin("python"))
        .args(["-c", code])
        .quiet()?;
    let old = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(PathBuf::from(dir.trim())).chain(std::env::split_paths(&old));
    Ok(std::env::join_paths(all)?)
}

/// An empty folder.
pub(super) fn make_empty(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir)?;
    }
    Ok(fs::create_dir_all(dir)?)
}

/// The files below a folder with one of these extensions, in order.
pub(super) fn sources(dir: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if !dir.exists() {
        return Ok(found);
    }
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(sources(&path, extensions)?);
        } else if path
            .extension()
            .is_some_and(|end| extensions.iter().any(|wanted| end == *wanted))
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A path as the repository's pages would write it.
pub(super) fn relative(path: &Path) -> String {
    path.strip_prefix(paths::root())
        .unwrap_or(path)
        .display()
        .to_string()
}

/// A file's name without its extension.
pub(super) fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
