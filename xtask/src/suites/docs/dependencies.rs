//! Every dependency of a manifest is in the table of ARCHITECTURE.md, which says why it is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

const CRATES: [&str; 8] = [
    "core",
    "macros",
    "testkit",
    "bindings/python",
    "bindings/node",
    "benches",
    "xtask",
    "tests/docs/rust",
];

/// Names the dependencies that the table does not have.
///
/// # Errors
/// With those names, or when a manifest cannot be read.
pub(super) fn check(root: &Path) -> Result<()> {
    let read = |name: &str| fs::read_to_string(root.join(name)).with_context(|| name.to_owned());
    let mut names = BTreeSet::new();
    for folder in CRATES {
        names.extend(of_cargo(&read(&format!("{folder}/Cargo.toml"))?));
    }
    for manifest in ["package.json", "xtask/reference/package.json"] {
        names.extend(of_npm(&read(manifest)?)?);
    }
    names.extend(of_requirements(&read("requirements-dev.txt")?));
    let table: BTreeSet<String> = in_table(&read("ARCHITECTURE.md")?).collect();
    let missing: Vec<_> = names.difference(&table).cloned().collect();
    if !missing.is_empty() {
        bail!("no line in the table for {}", missing.join(", "));
    }
    let gone: Vec<_> = table.difference(&names).cloned().collect();
    // The packages that only pyproject.toml names.
    let gone: Vec<_> = gone
        .into_iter()
        .filter(|name| name != "openai-codex-cli-bin")
        .collect();
    if !gone.is_empty() {
        bail!(
            "a line in the table for {}, which no manifest has",
            gone.join(", ")
        );
    }
    Ok(())
}

fn of_cargo(text: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if let (true, Some((name, _))) = (inside, line.split_once(['.', ' ', '=']))
            && !name.is_empty()
            && !name.starts_with("codexkit")
            && !name.starts_with('#')
        {
            found.push(name.to_owned());
        }
    }
    found
}

fn of_npm(text: &str) -> Result<Vec<String>> {
    let manifest: Value = serde_json::from_str(text)?;
    let names = ["dependencies", "devDependencies"]
        .iter()
        .filter_map(|key| manifest[key].as_object())
        .flat_map(|map| map.keys().cloned());
    Ok(names.collect())
}

fn of_requirements(text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| Some(line.split_once("==")?.0.to_owned()))
        .collect()
}

/// The names in the first column of the table under the heading "Dependencies".
fn in_table(page: &str) -> impl Iterator<Item = String> {
    page.lines()
        .skip_while(|line| *line != "## Dependencies")
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| line.strip_prefix("| ")?.split('|').next())
        .flat_map(|cell| cell.split(", "))
        .map(|name| name.split(" (").next().unwrap_or(name).trim().to_owned())
        .filter(|name| name != "Dependency")
}

#[cfg(test)]
mod tests {
    use super::{in_table, of_cargo};

    #[test]
    fn reads_manifests_and_the_table() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\na.workspace = true\nb = \"1\"\n\
                        codexkit = {}\n[target.'cfg(unix)'.dependencies]\nc = {}\n[lints]\nd = 1\n";
        assert_eq!(of_cargo(manifest), ["a", "b", "c"]);
        let page = "| no | x |\n## Dependencies\n| Dependency | Why |\n|---|---|\n| a, b (`x`) | y |\n## Z\n| c | d |\n";
        assert_eq!(in_table(page).collect::<Vec<_>>(), ["a", "b"]);
    }
}
