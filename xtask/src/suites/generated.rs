//! The generated files are up to date.

use super::Outcome;
use crate::r#gen::{GenArgs, run as generate};

pub(super) fn run() -> Outcome {
    let mut outcome = Outcome::default();
    outcome.record("gen --check", &generate(&GenArgs { check: true }));
    outcome
}
