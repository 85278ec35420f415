//! The types that the packages promise: stubs against the native module, both languages' checkers.

use anyhow::{Result, bail};

use super::Outcome;
use crate::checks;

pub(super) fn run() -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for (name, command) in checks::type_checks() {
        let done = command.tee()?;
        let result = if done.success() {
            Ok(())
        } else {
            bail_line(&done.status.to_string())
        };
        outcome.record(name, &result);
    }
    Ok(outcome)
}

fn bail_line(status: &str) -> Result<()> {
    bail!("ended with {status}, see above")
}
