//! The places that programs run in: notebooks, event loops, threads, processes, Node's workers, bundles.

use anyhow::Result;

use super::{Outcome, node, python};

pub(super) fn run(filter: Option<&str>) -> Result<Outcome> {
    let mut outcome = python::pytest("tests/environments/python", filter)?;
    let node = node::vitest("tests/environments/node", filter)?;
    outcome.passed += node.passed;
    outcome.failed += node.failed;
    outcome.skipped += node.skipped;
    outcome.notes.extend(node.notes);
    Ok(outcome)
}
