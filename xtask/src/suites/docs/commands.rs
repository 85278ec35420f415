//! Every `cargo xtask NAME` that a page mentions is a command of this program.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Checks the commands of one page.
///
/// # Errors
/// Names those that do not exist.
pub(super) fn check(page: &Path) -> Result<()> {
    let text = fs::read_to_string(page).with_context(|| page.display().to_string())?;
    let unknown: Vec<&str> = named(&text)
        .filter(|name| !crate::has_command(name))
        .collect();
    if !unknown.is_empty() {
        bail!("cargo xtask has no {}", unknown.join(", "));
    }
    Ok(())
}

fn named(text: &str) -> impl Iterator<Item = &str> {
    text.split("cargo xtask ").skip(1).filter_map(|rest| {
        let end = rest
            .find(|c: char| !c.is_ascii_lowercase() && c != '-')
            .unwrap_or(rest.len());
        (end > 0 && !rest.starts_with('-')).then(|| &rest[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn finds_commands_in_prose_and_code() {
        let text =
            "Run `cargo xtask gen --check`, `cargo xtask <command> --help`, cargo xtask test.";
        assert_eq!(named(text).collect::<Vec<_>>(), ["gen", "test"]);
        assert!(crate::has_command("test") && !crate::has_command("tset"));
    }
}
