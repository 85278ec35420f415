//! The links of a Markdown page that point into the repository: the file exists, and so does the
//! heading.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Checks every relative link of the page.
///
/// # Errors
/// Names the links that lead nowhere.
pub(super) fn check(page: &Path) -> Result<()> {
    let text = fs::read_to_string(page).with_context(|| page.display().to_string())?;
    let folder = page.parent().unwrap_or(Path::new("."));
    let mut broken = Vec::new();
    for target in targets(&text) {
        let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
        let there = if file.is_empty() {
            page.to_owned()
        } else {
            folder.join(file)
        };
        if !there.exists() {
            broken.push(format!("{target}: no such file"));
        } else if !heading.is_empty() {
            let text = fs::read_to_string(&there).with_context(|| target.clone())?;
            if !headings(&text).any(|known| known == heading) {
                broken.push(format!("{target}: no such heading"));
            }
        }
    }
    if !broken.is_empty() {
        bail!("{}", broken.join("; "));
    }
    Ok(())
}

/// The relative targets of `[text](target)`, outside of code.
fn targets(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(text) {
        let mut rest = line;
        while let Some((_, after)) = rest.split_once("](") {
            let Some((target, after)) = after.split_once(')') else {
                break;
            };
            if !target.contains("://") && !target.starts_with("mailto:") {
                found.push(target.to_owned());
            }
            rest = after;
        }
    }
    found
}

/// What a link can name: the headings (lower case, words joined by `-`, other signs left out, numbered when
/// there are several) and the places with an `id`.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    prose(text).flat_map(move |line| {
        let title = line.trim_start_matches('#');
        if title.len() < line.len() && title.starts_with(' ') {
            let name = anchor(title.trim());
            let before = seen.entry(name.clone()).or_default();
            *before += 1;
            return vec![match *before {
                1 => name,
                number => format!("{name}-{}", number - 1),
            }];
        }
        line.split("id=\"")
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
            .collect()
    })
}

fn anchor(title: &str) -> String {
    title
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// The lines that are not in a fenced block.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

#[cfg(test)]
mod tests {
    use super::{headings, targets};

    #[test]
    fn finds_relative_links_and_headings() {
        let text =
            "# A `b` & c\n[x](docs/x.md#y), [z](https://z)\n```\n[n](o)\n# no\n```\n## D-e f\n";
        assert_eq!(targets(text), ["docs/x.md#y"]);
        assert_eq!(headings(text).collect::<Vec<_>>(), ["a-b--c", "d-e-f"]);
        let text = "# A\n| <a id=\"x\"></a> |\n# A\n";
        assert_eq!(headings(text).collect::<Vec<_>>(), ["a", "x", "a-1"]);
    }
}
