//! The types of the documentation's code: pyright accepts the Python, the TypeScript compiler the
//! JavaScript and TypeScript, each as a user's own program.
//!
//! The programs are first gathered in a folder for each language, so that a checker starts once.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::running::{make_empty, relative};
use crate::paths;
use crate::sh::Cmd;

/// What is checked: the name of the check and its folder.
pub(super) const ALL: [(&str, &str); 3] = [
    ("types of the Python code", "python"),
    ("types of the JavaScript code", "javascript"),
    ("types of the TypeScript code", "typescript"),
];

fn folder(name: &str) -> PathBuf {
    paths::work("docs-types").join(name)
}

/// Empties the folders.
pub(super) fn begin() -> Result<()> {
    for (_, name) in ALL {
        make_empty(&folder(name))?;
    }
    Ok(())
}

/// Puts one program where its checker will find it.
pub(super) fn keep(path: &Path, text: &str) -> Result<()> {
    let name = match path.extension().and_then(|end| end.to_str()) {
        Some("py") => "python",
        Some("mjs" | "cjs") => "javascript",
        Some("mts") => "typescript",
        _ => return Ok(()),
    };
    let end = relative(path).replace('/', "_");
    Ok(fs::write(folder(name).join(end), text)?)
}

/// Checks one folder.
///
/// # Errors
/// With what the checker says.
pub(super) fn check(name: &str) -> Result<()> {
    match name {
        "python" => pyright(&folder(name)),
        _ => tsc(&folder(name), name == "typescript"),
    }
}

fn pyright(folder: &Path) -> Result<()> {
    let settings = serde_json::json!({
        "include": ["."],
        "extraPaths": [paths::root().join("python")],
        "venvPath": paths::cache(),
        "venv": "venv",
        "pythonVersion": "3.10",
        "typeCheckingMode": "standard",
    });
    fs::write(folder.join("pyrightconfig.json"), settings.to_string())?;
    let printed = Cmd::new(paths::node_bin("pyright"))
        .args(["--warnings", "-p"])
        .arg(folder)
        .quiet()?;
    if printed.contains("No source files found") {
        bail!("pyright found no programs in {}", folder.display());
    }
    Ok(())
}

fn tsc(folder: &Path, strict: bool) -> Result<()> {
    let settings = serde_json::json!({
        "extends": paths::root().join("tsconfig.json"),
        "compilerOptions": {
            "noEmit": true,
            "rootDir": paths::root(),
            "allowJs": true,
            "checkJs": true,
            // JavaScript does not say enough for all of it.
            "strict": strict,
            "noImplicitAny": strict,
        },
        "include": ["*.mts", "*.mjs"],
    });
    fs::write(folder.join("tsconfig.json"), settings.to_string())?;
    Cmd::new(paths::node_bin("tsc"))
        .args(["--noEmit", "-p"])
        .arg(folder)
        .quiet()
        .map(drop)
}
