//! Where the instructions of an event go: two profiles of callgrind, one subtracted from the other.
//!
//! The start of a process, the reading of its modules above all, would be most of a profile; it is the same in both runs.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;

use crate::sh::Cmd;

/// What each function takes by itself, in instructions, by `function [library]`.
pub(super) type Costs = HashMap<String, f64>;

/// Functions that are told.
const TOLD: usize = 12;

/// What `callgrind_annotate` finds in a file.
pub(super) fn read(file: &Path) -> Result<Costs> {
    let path = file.display().to_string();
    let text = Cmd::new("callgrind_annotate")
        .args(["--threshold=100", &path])
        .quiet()?;
    let mut costs = Costs::new();
    for (name, cost) in text.lines().filter_map(line) {
        *costs.entry(name).or_default() += cost;
    }
    Ok(costs)
}

/// `1,234 ( 5.67%)  folder/file.c:function [/path/library.so]`; other lines are headings.
fn line(text: &str) -> Option<(String, f64)> {
    let (cost, rest) = text.trim().split_once(" (")?;
    if rest.ends_with("PROGRAM TOTALS") {
        return None;
    }
    let cost = cost.replace(',', "").parse().ok()?;
    let (_, place) = rest.split_once("%)")?;
    let (place, library) = match place.trim().rsplit_once(" [") {
        Some((place, library)) => (place, library.trim_end_matches(']')),
        None => (place.trim(), ""),
    };
    // The file ends at the first colon; a function in Rust has its own.
    let function = place
        .split_once(':')
        .map_or(place, |(_, function)| function);
    // A recursion's second level is the function.
    let function = function.split('\'').next().unwrap_or(function);
    let library = library.rsplit('/').next().unwrap_or(library);
    Some((format!("{function} [{library}]"), cost))
}

/// The functions that take the most of an event, with their part of `total` instructions.
pub(super) fn most(few: &Costs, many: &Costs, events: f64, total: f64) -> Vec<String> {
    let mut each: Vec<(&str, f64)> = many
        .iter()
        .map(|(name, cost)| {
            let cost = cost - few.get(name).unwrap_or(&0.0);
            (name.as_str(), cost / events)
        })
        .collect();
    each.sort_by(|one, other| other.1.total_cmp(&one.1));
    each.truncate(TOLD);
    each.iter()
        .map(|(name, cost)| format!("{cost:7.0} {:5.1} %  {name}", cost / total * 100.0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Costs, line, most};

    #[test]
    fn a_line_is_taken_apart() {
        let rust =
            "8,974,415 (15.99%)  ???:codexkit::session::Router::message [/a/b/codexkit-bench]";
        let expected = "codexkit::session::Router::message [codexkit-bench]".to_owned();
        assert_eq!(line(rust), Some((expected, 8_974_415.0)));
        let c = "53,042 ( 6.10%)  /tmp/Python/ceval.c:_PyEval_EvalFrameDefault'2 [/usr/lib/libpython3.11.so.1.0]";
        let expected = "_PyEval_EvalFrameDefault [libpython3.11.so.1.0]".to_owned();
        assert_eq!(line(c), Some((expected, 53_042.0)));
        assert_eq!(line("Ir                   file:function"), None);
        assert_eq!(line("100 (100.0%)  PROGRAM TOTALS"), None);
    }

    #[test]
    fn what_is_in_both_runs_is_no_part_of_an_event() {
        let few = Costs::from([("start".to_owned(), 500.0), ("work".to_owned(), 10.0)]);
        let many = Costs::from([("start".to_owned(), 500.0), ("work".to_owned(), 110.0)]);
        let told = most(&few, &many, 10.0, 20.0);
        assert_eq!(told[0].trim_start(), "10  50.0 %  work");
    }
}
