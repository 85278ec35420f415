//! Every method of the protocol was called, and the page about it is up to date.

use super::Outcome;
use crate::coverage::{CoverageArgs, run as cover};

pub(super) fn run() -> Outcome {
    let mut outcome = Outcome::default();
    let check = CoverageArgs {
        check: true,
        ..CoverageArgs::default()
    };
    outcome.record("coverage --check", &cover(&check));
    outcome
}
