//! Everything that the other commands need and a fresh clone lacks: the virtual environment, the
//! npm packages, the engines, the two native modules, the compiled TypeScript. Each step knows
//! when it has nothing to do; none asks the user to do something first.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::engines;
use crate::paths;
use crate::sh::{Cmd, say};
use crate::tools;

/// How the native modules are compiled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build; what tests use.
    #[default]
    Dev,
    /// Optimised; what benchmarks use.
    Release,
}

/// Does every step. The downloads run beside the compiler.
pub(crate) fn everything(profile: Profile) -> Result<()> {
    tools::rust()?;
    let python = tools::python()?;
    let node = tools::node()?;
    std::thread::scope(|scope| {
        let venv = scope.spawn(|| venv(&python));
        let npm = scope.spawn(|| {
            npm_packages(&node)?;
            // The newer engine that the parity suite also runs on.
            engines::bring(paths::SECOND_ENGINE).map(drop)
        });
        let native = native_modules(profile);
        venv.join()
            .unwrap_or_else(|_| anyhow::bail!("the Python set-up panicked"))?;
        npm.join()
            .unwrap_or_else(|_| anyhow::bail!("the npm set-up panicked"))?;
        native
    })?;
    typescript()
}

/// Only the virtual environment (the Python tools and the official SDK with its engine).
pub(crate) fn python_tools() -> Result<()> {
    venv(&tools::python()?)
}

/// Only the npm packages.
pub(crate) fn node_tools() -> Result<()> {
    npm_packages(&tools::node()?)
}

fn venv(python: &tools::Python) -> Result<()> {
    let requirements = paths::root().join("requirements-dev.txt");
    let dir = paths::venv();
    let key = Key::new()
        .text(&python.version)
        .path(&python.program)
        .file(&requirements)?;
    step("venv", &key, &paths::venv_bin("pytest"), || {
        say(&format!(
            "python: .cache/venv with Python {} and the tools of requirements-dev.txt",
            python.version
        ));
        // A virtual environment of another Python cannot be mended in place.
        if dir.exists()
            && Cmd::new(paths::venv_bin("python"))
                .arg("--version")
                .quiet()
                .ok()
                != Some(format!("Python {}\n", python.version))
        {
            fs::remove_dir_all(&dir)?;
        }
        Cmd::new(&python.program)
            .args(["-m", "venv"])
            .arg(&dir)
            .quiet()?;
        Cmd::new(paths::venv_bin("python"))
            .args([
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--progress-bar=off",
                "-r",
            ])
            .arg(&requirements)
            .quiet_but(|line| {
                let wanted = ["Collecting ", "Building ", "Installing collected "];
                if wanted
                    .iter()
                    .any(|start| line.trim_start().starts_with(start))
                {
                    say(&format!("python: {}", line.trim()));
                }
            })
            .context("installing requirements-dev.txt needs the Python package index")?;
        say("python: ready");
        Ok(())
    })
}

fn npm_packages(node: &str) -> Result<()> {
    let root = paths::root();
    let key = Key::new()
        .text(node)
        .file(&root.join("package.json"))?
        .file(&root.join("package-lock.json"))?;
    step(
        "npm",
        &key,
        &root.join("node_modules/.package-lock.json"),
        || {
            say(&format!("node: npm packages with Node {node}"));
            // Not `ci`: it refuses a lock file that lacks another platform's optional packages.
            Cmd::npm()
                .args([
                    "install",
                    "--no-save",
                    "--ignore-scripts",
                    "--loglevel=error",
                ])
                .quiet()
                .context("installing package.json's packages needs the npm registry")?;
            say("node: ready");
            Ok(())
        },
    )
}

/// Compiles the two binding crates and puts the libraries where the packages look for them.
pub(crate) fn native_modules(profile: Profile) -> Result<()> {
    say("native modules: cargo build (the first time takes minutes)");
    let mut build = Cmd::cargo().args(["build", "-p", "codexkit-python", "-p", "codexkit-node"]);
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => {
            build = build.arg("--release");
            "release"
        }
    };
    build.run()?;
    let built = paths::target().join(folder);
    install_library(&built, "codexkit_python", &python_module())?;
    install_library(&built, "codexkit_node", &node_module()?)?;
    say("native modules: ready");
    Ok(())
}

/// Where the Python package looks for its native module.
fn python_module() -> PathBuf {
    let name = if cfg!(windows) {
        "_native.pyd"
    } else {
        "_native.abi3.so"
    };
    paths::root().join("python/codexkit").join(name)
}

/// Where the Node package looks for its native module: `codexkit.<platform>-<arch>.node`, in
/// Node's own words.
fn node_module() -> Result<PathBuf> {
    let id = Cmd::new("node")
        .args(["-p", "process.platform + '-' + process.arch"])
        .quiet()?;
    Ok(paths::root()
        .join("node")
        .join(format!("codexkit.{}.node", id.trim())))
}

fn install_library(built: &Path, name: &str, to: &Path) -> Result<()> {
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let from = built.join(format!("{prefix}{name}{suffix}"));
    let bytes =
        fs::read(&from).with_context(|| format!("cargo did not make {}", from.display()))?;
    if fs::read(to).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    // Renamed into place: a process that has the old file loaded keeps it.
    let new = to.with_extension(format!("new-{}", std::process::id()));
    if let Some(dir) = to.parent() {
        fs::create_dir_all(dir)?;
    }
    fs::write(&new, bytes)?;
    fs::rename(&new, to)?;
    Ok(())
}

/// Compiles node/src to node/dist.
pub(crate) fn typescript() -> Result<()> {
    let root = paths::root();
    let key = Key::new()
        .file(&root.join("tsconfig.json"))?
        .file(&root.join("package-lock.json"))?
        .tree(&root.join("node/src"))?;
    step("typescript", &key, &root.join("node/dist/index.js"), || {
        say("node: compiling node/src to node/dist");
        let dist = root.join("node/dist");
        if dist.exists() {
            fs::remove_dir_all(&dist)?;
        }
        Cmd::new(paths::node_bin("tsc"))
            .args(["-p", "tsconfig.json"])
            .quiet()?;
        Ok(())
    })
}

/// Runs `action` unless it was done for the same inputs and its result is still there.
fn step(name: &str, key: &Key, result: &Path, action: impl FnOnce() -> Result<()>) -> Result<()> {
    let stamp = paths::cache().join("stamps").join(name);
    let wanted = key.finish();
    if result.exists() && fs::read_to_string(&stamp).is_ok_and(|old| old == wanted) {
        return Ok(());
    }
    action()?;
    if let Some(dir) = stamp.parent() {
        fs::create_dir_all(dir)?;
    }
    fs::write(&stamp, wanted)?;
    Ok(())
}

/// What a step's result depends on, as one number.
struct Key(DefaultHasher);

impl Key {
    fn new() -> Self {
        Self(DefaultHasher::new())
    }

    fn text(mut self, text: &str) -> Self {
        text.hash(&mut self.0);
        self
    }

    fn path(mut self, path: &Path) -> Self {
        path.hash(&mut self.0);
        self
    }

    fn file(mut self, path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        path.hash(&mut self.0);
        bytes.hash(&mut self.0);
        Ok(self)
    }

    fn tree(mut self, dir: &Path) -> Result<Self> {
        let mut entries: Vec<PathBuf> = fs::read_dir(dir)
            .with_context(|| format!("cannot read {}", dir.display()))?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_>>()?;
        entries.sort();
        for entry in entries {
            self = if entry.is_dir() {
                self.tree(&entry)?
            } else {
                self.file(&entry)?
            };
        }
        Ok(self)
    }

    fn finish(&self) -> String {
        format!("{:016x}", self.0.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn a_key_depends_on_every_input() {
        let key = |texts: &[&str]| {
            texts
                .iter()
                .fold(Key::new(), |key, text| key.text(text))
                .finish()
        };
        assert_eq!(key(&["a", "b"]), key(&["a", "b"]));
        assert_ne!(key(&["a", "b"]), key(&["ab", ""]));
        assert_ne!(key(&["a"]), key(&["a", ""]));
    }
}
