//! A place where packages are installed as users install them: an empty folder, and a `PATH` on which
//! everything that compiles is a trap. What falls into a trap fails, and is told.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::paths;
use crate::sh::Cmd;

/// What an installation must not need.
const COMPILERS: [&str; 9] = [
    "cargo", "rustc", "rustup", "maturin", "cc", "gcc", "clang", "make", "node-gyp",
];

/// Variables by which a development set-up would reach into the place.
const UNWANTED: [&str; 9] = [
    "PYTHONPATH",
    "PYTHONHOME",
    "NODE_PATH",
    "NODE_OPTIONS",
    "CODEX_BINARY",
    "CODEX_HOME",
    "CARGO",
    "RUSTC",
    "MATURIN_PEP517_ARGS",
];

/// An empty folder with traps beside it.
pub(super) struct Fresh {
    dir: PathBuf,
    traps: PathBuf,
}

impl Fresh {
    /// Makes the place; what an earlier run left is removed.
    pub(super) fn new(name: &str) -> Result<Self> {
        let base = paths::work("dist-check").join(name);
        if base.exists() {
            fs::remove_dir_all(&base)?;
        }
        let (dir, traps) = (base.join("place"), base.join("traps"));
        fs::create_dir_all(&dir)?;
        fs::create_dir_all(&traps)?;
        for name in COMPILERS {
            set_trap(&traps, name)?;
        }
        Ok(Self { dir, traps })
    }

    /// The empty folder.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Has a command run in the folder, without a compiler.
    pub(super) fn run(&self, command: Cmd) -> Result<Cmd> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.traps.clone()).chain(std::env::split_paths(&path));
        let mut command = command
            .env("PATH", std::env::join_paths(folders)?)
            .cwd(&self.dir);
        for name in UNWANTED {
            command = command.env_remove(name);
        }
        Ok(command)
    }

    /// Like [`Fresh::run`] for a program that uses the packages, with a home of its own.
    pub(super) fn use_packages(&self, command: Cmd) -> Result<Cmd> {
        let home = self.dir.join("home");
        fs::create_dir_all(&home)?;
        Ok(self
            .run(command)?
            .env("HOME", &home)
            .env("USERPROFILE", &home))
    }

    /// Nothing called a compiler.
    pub(super) fn nothing_was_compiled(&self) -> Result<()> {
        match fs::read_to_string(self.traps.join("called")) {
            Ok(called) => bail!("a compiler was called: {}", called.trim()),
            Err(_) => Ok(()),
        }
    }
}

#[cfg(unix)]
fn set_trap(traps: &Path, name: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let path = traps.join(name);
    fs::write(
        &path,
        // pip asks `rustc --version` for the name by which it presents itself to the index.
        "#!/bin/sh\n[ \"$*\" = --version ] && exit 97\necho \"$0 $*\" >> \"$(dirname \"$0\")/called\"\necho \"$0: not in this environment\" >&2\nexit 97\n",
    )?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

#[cfg(not(unix))]
fn set_trap(traps: &Path, name: &str) -> Result<()> {
    let text = "@echo %~nx0 %* >> \"%~dp0called\"\r\n@exit /b 97\r\n";
    fs::write(traps.join(format!("{name}.cmd")), text)?;
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::Fresh;
    use crate::sh::Cmd;

    #[test]
    #[cfg(unix)]
    fn a_call_of_a_compiler_fails_and_is_seen() {
        let fresh = Fresh::new("test-of-the-traps").unwrap();
        assert!(fresh.nothing_was_compiled().is_ok());
        let shell = fresh.run(Cmd::new("sh").args(["-c", "cargo build"]));
        assert!(shell.unwrap().quiet().is_err());
        let seen = fresh.nothing_was_compiled().unwrap_err().to_string();
        assert!(seen.contains("cargo build"), "{seen}");
    }
}
