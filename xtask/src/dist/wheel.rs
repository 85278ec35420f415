//! The Python packages, which maturin makes: it checks a Linux wheel against the libc that its tag
//! promises, as auditwheel does.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::native::Builder;
use super::{made, step};
use crate::paths;
use crate::sh::Cmd;

/// The wheel of the builder's platform: one for every Python from 3.10 on.
pub(super) fn wheel(builder: &Builder, out: &Path) -> Result<PathBuf> {
    step(&format!("wheel, {}", builder.platform.triple));
    let platform = builder.platform;
    made(
        out,
        |name| platform.owns_wheel(name),
        || {
            builder
                .with_flags(builder.environment(maturin("build"))?, true)
                .args(builder.maturin_arguments())
                .arg("--out")
                .arg(out)
                // Quiet where it tells of every wheel that it might have made.
                .quiet_but(|line| {
                    if line.contains("Built wheel") || line.contains("Compiling codexkit") {
                        step(line.trim());
                    }
                })
                .map(drop)
                .context("maturin could not make the wheel")
        },
    )
}

/// The source distribution.
pub(super) fn sdist(builder: &Builder, out: &Path) -> Result<PathBuf> {
    step("sdist");
    let own = |name: &str| {
        name.starts_with("codexkit-") && name.ends_with(".tar.gz") && !name.contains("testkit")
    };
    made(out, own, || {
        maturin("sdist")
            .arg("--out")
            .arg(out)
            .cwd(&builder.root)
            .quiet()
            .map(drop)
    })
}

fn maturin(action: &str) -> Cmd {
    Cmd::new(paths::venv_bin("maturin")).arg(action)
}
