//! The generated files are up to date.

use super::Outcome;
use crate::r#gen::{GenArgs, run as generate};
use crate::matrix;

pub(super) fn run() -> Outcome {
    let mut outcome = Outcome::default();
    outcome.record("gen --check", &generate(&GenArgs { check: true }));
    outcome.record("docs/engine-versions.md", &matrix::check_page());
    outcome
}
