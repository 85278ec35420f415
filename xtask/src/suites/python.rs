//! The Python tests.

use anyhow::Result;

use super::{Outcome, count};
use crate::paths;
use crate::sh::Cmd;

pub(super) fn run(filter: Option<&str>) -> Result<Outcome> {
    pytest("tests/python", filter)
}

/// pytest on the tests of a folder.
pub(super) fn pytest(folder: &str, filter: Option<&str>) -> Result<Outcome> {
    let mut command = Cmd::new(paths::venv_bin("python"))
        .args([
            "-m",
            "pytest",
            folder,
            "--color=no",
            "-p",
            "no:cacheprovider",
        ])
        .env("PYTHONDONTWRITEBYTECODE", "1");
    if let Some(filter) = filter {
        command = command.args(["-k", filter]);
    }
    let done = command.tee()?;
    let Some((passed, failed, skipped)) = count::pytest(&done.stdout) else {
        anyhow::bail!(
            "`{}` ended with {} and without totals",
            command.display(),
            done.status
        );
    };
    let mut outcome = Outcome {
        passed,
        failed,
        skipped,
        notes: count::pytest_failures(&done.stdout),
    };
    if !done.success() && failed == 0 {
        outcome.fail(format!("pytest ended with {}", done.status));
    }
    Ok(outcome)
}
