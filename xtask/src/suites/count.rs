//! Reads the totals out of what test tools print. Pure: text in, numbers out.

/// The sum over cargo's `test result: ok. 3 passed; 1 failed; 2 ignored; ...` lines, as
/// (passed, failed, ignored).
pub(crate) fn cargo(output: &str) -> (usize, usize, usize) {
    let mut total = (0, 0, 0);
    for line in output
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("test result: "))
    {
        let (passed, failed, ignored) = (
            before(line, "passed"),
            before(line, "failed"),
            before(line, "ignored"),
        );
        total = (total.0 + passed, total.1 + failed, total.2 + ignored);
    }
    total
}

/// The names of the tests that cargo printed as failed.
pub(crate) fn cargo_failures(output: &str) -> Vec<String> {
    output
        .lines()
        .filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"))
        .map(str::to_owned)
        .collect()
}

/// pytest's last line, `== 1 failed, 3 passed, 2 skipped, 1 error in 0.10s ==`, as
/// (passed, failed, skipped); errors count as failures.
pub(crate) fn pytest(output: &str) -> Option<(usize, usize, usize)> {
    let line = output
        .lines()
        .rev()
        .find(|line| line.starts_with('=') && line.contains(" in "))?;
    let failed = before(line, "failed")
        + before(line, "error")
        + before(line, "errors")
        + before(line, "xpassed");
    Some((
        before(line, "passed") + before(line, "xfailed"),
        failed,
        before(line, "skipped"),
    ))
}

/// The tests that pytest's short summary lists as failed.
pub(crate) fn pytest_failures(output: &str) -> Vec<String> {
    output
        .lines()
        .filter_map(|line| {
            line.strip_prefix("FAILED ")
                .or_else(|| line.strip_prefix("ERROR "))
        })
        .map(|line| line.split(" - ").next().unwrap_or(line).to_owned())
        .collect()
}

/// The number in front of a word.
fn before(line: &str, word: &str) -> usize {
    let mut last = 0;
    for part in line
        .split([' ', ',', ';', '=', '.'])
        .filter(|part| !part.is_empty())
    {
        if part == word {
            return last;
        }
        last = part.parse().unwrap_or(0);
    }
    0
}

#[cfg(test)]
mod tests {
    use super::{cargo, cargo_failures, pytest, pytest_failures};

    #[test]
    fn cargo_totals_are_summed() {
        let text = "running 2 tests\ntest a ... ok\ntest b::c ... FAILED\n\
            test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
            test result: ok. 3 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.0s\n";
        assert_eq!(cargo(text), (4, 1, 2));
        assert_eq!(cargo_failures(text), ["b::c"]);
    }

    #[test]
    fn pytest_totals() {
        let text = "FAILED tests/python/test_a.py::test_x - assert 1 == 2\n\
            ==== 2 failed, 3 passed, 1 skipped, 1 error in 0.10s ====\n";
        assert_eq!(pytest(text), Some((3, 3, 1)));
        assert_eq!(pytest_failures(text), ["tests/python/test_a.py::test_x"]);
        assert_eq!(pytest("=== 12 passed in 1.0s ==="), Some((12, 0, 0)));
        assert_eq!(pytest("nothing"), None);
    }
}
