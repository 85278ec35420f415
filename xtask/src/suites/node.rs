//! The Node tests.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Outcome;
use crate::paths;
use crate::sh::Cmd;

pub(super) fn run(filter: Option<&str>) -> Result<Outcome> {
    vitest("tests/node", filter)
}

/// vitest on the tests of a folder.
pub(super) fn vitest(folder: &str, filter: Option<&str>) -> Result<Outcome> {
    let report = paths::work("vitest.json");
    if let Some(dir) = report.parent() {
        fs::create_dir_all(dir)?;
    }
    let _ = fs::remove_file(&report);
    let mut command = Cmd::new(paths::node_bin("vitest"))
        .args([
            "run",
            "--root",
            folder,
            "--reporter=default",
            "--reporter=json",
        ])
        .arg(format!("--outputFile.json={}", report.display()))
        .env("NO_COLOR", "1");
    if let Some(filter) = filter {
        command = command.args(["-t", filter]);
    }
    let done = command.tee()?;
    let text = fs::read_to_string(&report).with_context(|| {
        format!(
            "`{}` ended with {} and without a report",
            command.display(),
            done.status
        )
    })?;
    let report: Value = serde_json::from_str(&text)?;
    let mut outcome = count(&report);
    if !done.success() && outcome.failed == 0 {
        outcome.fail(format!("vitest ended with {}", done.status));
    }
    Ok(outcome)
}

/// Counts the single tests of vitest's JSON report; a file that could not be loaded is a failure.
fn count(report: &Value) -> Outcome {
    let mut outcome = Outcome::default();
    for file in report["testResults"].as_array().into_iter().flatten() {
        let name = file["name"].as_str().unwrap_or("?");
        let name = name.rsplit('/').next().unwrap_or(name);
        let tests = file["assertionResults"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        for test in tests {
            match test["status"].as_str() {
                Some("passed") => outcome.passed += 1,
                Some("failed") => outcome.fail(format!(
                    "{name}: {}",
                    test["fullName"].as_str().unwrap_or("?")
                )),
                _ => outcome.skipped += 1,
            }
        }
        let failed = tests.iter().any(|test| test["status"] == "failed");
        if file["status"] == "failed" && !failed {
            outcome.fail(format!("{name} could not be loaded"));
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn counts_tests_and_broken_files() {
        let report = serde_json::json!({"testResults": [
            {"name": "/x/a.test.ts", "status": "failed", "assertionResults": [
                {"status": "passed", "fullName": "a"}, {"status": "failed", "fullName": "b"},
                {"status": "pending", "fullName": "c"}]},
            {"name": "/x/broken.test.ts", "status": "failed", "assertionResults": []},
        ]});
        let outcome = count(&report);
        assert_eq!((outcome.passed, outcome.failed, outcome.skipped), (1, 2, 1));
        assert_eq!(
            outcome.notes,
            ["a.test.ts: b", "broken.test.ts could not be loaded"]
        );
    }
}
