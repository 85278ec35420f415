//! Where things are in the repository. Nothing here touches the disk.

use std::path::{Path, PathBuf};

/// The engine that the second half of the parity suite runs on (npm's newest release).
pub(crate) const SECOND_ENGINE: &str = "0.169.0";

/// The root of the repository this xtask was built from.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// `<root>/.cache`: everything that set-up downloads and every scratch folder; ignored by git.
pub(crate) fn cache() -> PathBuf {
    root().join(".cache")
}

/// The virtual environment with the development tools and the official SDK.
pub(crate) fn venv() -> PathBuf {
    cache().join("venv")
}

/// An executable of the virtual environment.
pub(crate) fn venv_bin(name: &str) -> PathBuf {
    if cfg!(windows) {
        venv().join("Scripts").join(format!("{name}.exe"))
    } else {
        venv().join("bin").join(name)
    }
}

/// An executable that npm installed for this repository.
pub(crate) fn node_bin(name: &str) -> PathBuf {
    let name = if cfg!(windows) {
        format!("{name}.cmd")
    } else {
        name.to_owned()
    };
    root().join("node_modules/.bin").join(name)
}

/// A scratch folder that nobody else uses; made empty by the caller when it has to be.
pub(crate) fn work(name: &str) -> PathBuf {
    cache().join("work").join(name)
}

/// Cargo's target folder, `CARGO_TARGET_DIR` honoured.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}
