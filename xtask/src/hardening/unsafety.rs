//! Where `unsafe` may stand: in one named module of each binding crate, each block with its reason. The compiler's
//! lint refuses it elsewhere; this looks for lints that were switched off.

use std::fs;

use anyhow::{Result, bail};

use crate::paths;
use crate::sh::Cmd;

/// The modules, which need not exist.
const ALLOWED: [&str; 2] = [
    "bindings/python/src/unsafe_calls.rs",
    "bindings/node/src/unsafe_calls.rs",
];

/// Fails with a list of what stands elsewhere, or without a reason.
pub(crate) fn check() -> Result<()> {
    let listed = Cmd::new("git")
        .args(["ls-files", "*.rs", "*Cargo.toml"])
        .quiet()?;
    let mut found = Vec::new();
    for name in listed.lines() {
        let text = fs::read_to_string(paths::root().join(name)).unwrap_or_default();
        if name.ends_with("Cargo.toml") {
            found.extend(lints(&text).map(|why| format!("{name}: {why}")));
        } else {
            let faults = faults(&text, ALLOWED.contains(&name));
            found.extend(
                faults
                    .into_iter()
                    .map(|(line, why)| format!("{name}:{line}: {why}")),
            );
        }
    }
    if !found.is_empty() {
        bail!("{}", found.join("\n"));
    }
    Ok(())
}

/// A crate of the workspace that does not take over its lints.
fn lints(manifest: &str) -> Option<&'static str> {
    let is_fuzz = manifest.contains("cargo-fuzz = true");
    // Put together, as below.
    let own = format!("\n{}_code = \"deny\"", ["un", "safe"].concat());
    let denies = [
        "[lints]\nworkspace = true",
        "[workspace.lints.rust]",
        own.as_str(),
    ];
    (!is_fuzz && !denies.iter().any(|text| manifest.contains(text))).then_some(
        "it needs `[lints] workspace = true`, or a lint of its own, which denies unsafe code",
    )
}

/// The lines with `unsafe` that should have none, or no reason.
fn faults(text: &str, allowed: bool) -> Vec<(usize, &'static str)> {
    // Put together, so that this file has neither.
    let (word, lint) = (["un", "safe"].concat(), ["un", "safe_code"].concat());
    let mut found = Vec::new();
    let mut explained = false;
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        explained |= line.trim_start().starts_with("// SAFETY: ");
        let opens = [" {", " fn ", " impl ", " trait ", " extern "]
            .iter()
            .any(|next| code.contains(&format!("{word}{next}")));
        if opens && !allowed {
            found.push((number + 1, "unsafe code outside the two modules for it"));
        } else if opens && !explained {
            found.push((number + 1, "unsafe code without `// SAFETY: ` before it"));
        } else if code.contains(&lint) && !allowed {
            found.push((number + 1, "the lint against unsafe code is changed"));
        }
        if opens || code.trim().is_empty() && line.trim().is_empty() {
            explained = false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{faults, lints};

    #[test]
    fn what_stands_elsewhere_or_without_a_reason_is_found() {
        let block = format!("fn f() {{\n    {} {{ g() }}\n}}\n", ["un", "safe"].concat());
        let explained = block.replace("\n    ", "\n    // SAFETY: g has no condition.\n    ");
        assert_eq!(faults(&block, false).len(), 1);
        assert_eq!(faults(&block, true).len(), 1);
        assert_eq!(faults(&explained, false).len(), 1);
        assert!(faults(&explained, true).is_empty());
        let lint = format!("#![allow({})]\n", ["un", "safe_code"].concat());
        assert_eq!(faults(&lint, false).len(), 1);
        assert!(faults("// an unsafe name { }\n", false).is_empty());
        assert!(lints("[package]\nname = \"x\"\n").is_some());
        assert!(lints("[lints]\nworkspace = true\n").is_none());
        let own = format!(
            "[lints.rust]\n{}_code = \"deny\"\n",
            ["un", "safe"].concat()
        );
        assert!(lints(&own).is_none());
    }
}
