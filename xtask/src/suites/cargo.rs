//! The Rust tests.

use anyhow::Result;

use super::{Outcome, count};
use crate::sh::Cmd;

pub(super) fn run(filter: Option<&str>) -> Result<Outcome> {
    let mut command = Cmd::cargo().args([
        "test",
        "--no-fail-fast",
        "-p",
        "codexkit",
        "-p",
        "codexkit-testkit",
        "-p",
        "xtask",
    ]);
    if let Some(filter) = filter {
        command = command.arg(filter);
    }
    let done = command.tee()?;
    let (passed, failed, skipped) = count::cargo(&done.stdout);
    let mut outcome = Outcome {
        passed,
        failed,
        skipped,
        notes: count::cargo_failures(&done.stdout),
    };
    if !done.success() && failed == 0 {
        outcome.fail(format!(
            "`{}` ended with {}",
            command.display(),
            done.status
        ));
    } else if passed == 0 && filter.is_none() {
        outcome.fail("no test ran");
    }
    Ok(outcome)
}
