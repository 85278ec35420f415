//! Finds the engine: an explicit path, `CODEX_BINARY`, the language package's own, then `PATH`.
//!
//! This is the only place of the crate that reads the process's environment.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};

/// An engine that came with a language package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundledEngine {
    /// The executable.
    pub binary: PathBuf,
    /// A folder with helper programs that goes to the front of the engine's `PATH`.
    pub path_dir: Option<PathBuf>,
    /// The package's name, for messages: `codex_cli_bin`, `@openai/codex`.
    pub package: String,
}

/// Where the engine was found, and which one it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EngineInfo {
    /// The executable, or the first word of the launch command.
    pub path: PathBuf,
    /// How it was chosen: `codex_bin`, `CODEX_BINARY`, `package codex_cli_bin`, `PATH` or `launch_args_override`.
    pub source: String,
    /// The engine's version, as it says it itself; empty until it is known.
    pub version: String,
    /// The folder of helper programs that goes on the engine's `PATH`.
    pub path_dir: Option<PathBuf>,
}

/// Chooses the engine. An explicit choice that does not exist is an error and never passed over.
pub(crate) fn locate(
    explicit: Option<&Path>,
    bundled: Option<&BundledEngine>,
) -> Result<EngineInfo> {
    let found = |path: PathBuf, source: &str, path_dir: Option<PathBuf>| EngineInfo {
        // The engine is started in a folder of its own, where a relative path means something else.
        path: std::path::absolute(&path).unwrap_or(path),
        source: source.to_owned(),
        version: String::new(),
        path_dir,
    };
    if let Some(path) = explicit {
        return executable(path, "codex_bin").map(|path| found(path, "codex_bin", None));
    }
    if let Some(path) = env::var_os("CODEX_BINARY").filter(|value| !value.is_empty()) {
        return executable(Path::new(&path), "CODEX_BINARY")
            .map(|path| found(path, "CODEX_BINARY", None));
    }
    if let Some(bundled) = bundled.filter(|bundled| is_executable(&bundled.binary)) {
        let source = format!("package {}", bundled.package);
        return Ok(found(
            bundled.binary.clone(),
            &source,
            bundled.path_dir.clone(),
        ));
    }
    if let Some(path) = on_path("codex") {
        return Ok(found(path, "PATH", None));
    }
    let package = bundled.map_or_else(
        || "no language package gave one".to_owned(),
        |bundled| {
            format!(
                "{} has none at {}",
                bundled.package,
                bundled.binary.display()
            )
        },
    );
    Err(Error::new(
        ErrorKind::EngineNotFound,
        format!(
            "no Codex engine found: codex_bin is not given, CODEX_BINARY is not set, {package}, and there is no `codex` on PATH; \
             install the engine (pip install openai-codex-cli-bin, or npm install @openai/codex) or give its path"
        ),
    ))
}

fn executable(path: &Path, source: &str) -> Result<PathBuf> {
    // A bare name is looked up as a shell would.
    let resolved = if path.components().count() == 1 && !path.exists() {
        path.to_str().and_then(on_path)
    } else {
        Some(path.to_owned())
    };
    let problem = match resolved {
        Some(path) if is_executable(&path) => return Ok(path),
        Some(path) if path.is_dir() => "is a directory",
        Some(path) if path.exists() => "is not executable",
        _ => "does not exist",
    };
    Err(Error::new(
        ErrorKind::EngineNotFound,
        format!("the engine given by {source} {problem}: {}", path.display()),
    ))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    // npm puts a shell script without an extension beside the one for Windows, which cannot run it.
    let endings: &[&str] = if cfg!(windows) && Path::new(name).extension().is_none() {
        &[".exe", ".cmd"]
    } else {
        &[""]
    };
    env::split_paths(&path)
        .flat_map(|folder| {
            endings
                .iter()
                .map(move |end| folder.join(format!("{name}{end}")))
        })
        .find(|candidate| is_executable(candidate))
}

fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        path.metadata()
            .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    {
        path.is_file()
    }
}

/// Whether this process has the environment variable.
pub(crate) fn is_set(name: &str) -> bool {
    env::var_os(name).is_some()
}

/// The variables of this process that are text.
pub(crate) fn variables() -> impl Iterator<Item = (String, String)> {
    let texts = |(name, value): (OsString, OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    env::vars_os().filter_map(texts)
}

/// The system's folder for temporary files.
pub(crate) fn temporary_folder() -> PathBuf {
    env::temp_dir()
}

/// The user's folder for caches; `None` where the environment does not tell.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    let of = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    if cfg!(windows) {
        return of("LOCALAPPDATA");
    }
    let home = |folder: &str| of("HOME").map(|home| home.join(folder));
    if cfg!(target_os = "macos") {
        return home("Library/Caches");
    }
    of("XDG_CACHE_HOME").or_else(|| home(".cache"))
}

/// `PATH` with `folder` in front of the value that was given, or else inherited.
pub(crate) fn path_with(folder: &Path, given: Option<&str>, inherit: bool) -> Option<OsString> {
    let current = given
        .map(Into::into)
        .or_else(|| env::var_os("PATH").filter(|_| inherit));
    let Some(current) = current else {
        return Some(folder.into());
    };
    let folders = std::iter::once(folder.to_owned())
        .chain(env::split_paths(&current).filter(|other| other != folder));
    env::join_paths(folders).ok()
}
