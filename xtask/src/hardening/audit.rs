//! `cargo xtask audit`: licences, sources and known faults of what is built with. A database that cannot be reached is
//! said so and is no pass: with `--strict` it fails.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::Value;

use super::cargo_tool;
use crate::paths;
use crate::setup;
use crate::sh::{Cmd, say, tail};
use crate::tools;

const CARGO_DENY: &str = "0.20.2";
const PIP_AUDIT: &str = "2.10.1";

/// Arguments of `cargo xtask audit`.
#[derive(clap::Args, Debug, Default)]
pub(crate) struct AuditArgs {
    /// Fail, too, when a database could not be reached.
    #[arg(long)]
    strict: bool,
}

/// What one look came to.
#[derive(Debug, PartialEq, Eq)]
enum Finding {
    Clean(String),
    /// What was found; it fails the audit.
    Bad(String),
    /// Nothing was looked at: the reason.
    Unreached(String),
}

/// Runs all looks; ends with `audit: N clean, N with findings, N not looked at`.
pub(crate) fn run(args: &AuditArgs) -> Result<ExitCode> {
    let bad = look(args.strict)?;
    Ok(if bad {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// For `ready`: findings are an error.
pub(crate) fn check() -> Result<()> {
    if look(false)? {
        anyhow::bail!("the audit has findings; see above");
    }
    Ok(())
}

fn look(strict: bool) -> Result<bool> {
    setup::python_tools()?;
    setup::node_tools()?;
    let deny = cargo_tool("cargo-deny", CARGO_DENY)?;
    let looks = [
        ("crates: licences, sources, bans", policy(&deny)?),
        ("crates: advisories", advisories(&deny)?),
        ("npm: advisories", npm()?),
        ("Python: advisories", pip()?),
    ];
    let (mut clean, mut bad, mut unreached) = (0, 0, 0);
    for (name, finding) in looks {
        match finding {
            Finding::Clean(what) => {
                clean += 1;
                println!("{name}: clean ({what})");
            }
            Finding::Bad(what) => {
                bad += 1;
                println!("{name}: FOUND\n{what}");
            }
            Finding::Unreached(why) => {
                unreached += 1;
                println!("{name}: NOT LOOKED AT, the database could not be reached: {why}");
            }
        }
    }
    println!("audit: {clean} clean, {bad} with findings, {unreached} not looked at");
    Ok(bad > 0 || strict && unreached > 0)
}

fn last_line(text: &str) -> String {
    let line = text.lines().rev().find(|line| !line.trim().is_empty());
    line.unwrap_or("no message").trim().to_owned()
}

fn deny(program: &PathBuf, arguments: &[&str]) -> Result<crate::sh::Finished> {
    Cmd::new(program)
        .args([
            "--locked",
            "--workspace",
            "--all-features",
            "--color",
            "never",
        ])
        .args(arguments)
        .watch(|_, _| {})
}

fn policy(program: &PathBuf) -> Result<Finding> {
    let out = deny(program, &["check", "licenses", "bans", "sources"])?;
    Ok(if out.success() {
        Finding::Clean("deny.toml holds".to_owned())
    } else {
        Finding::Bad(tail(&out.stderr))
    })
}

fn advisories(program: &PathBuf) -> Result<Finding> {
    say("audit: the database of advisories on crates");
    let fetched = deny(program, &["fetch", "db"])?;
    if !fetched.success() {
        return Ok(Finding::Unreached(last_line(&fetched.stderr)));
    }
    let out = deny(program, &["check", "--disable-fetch", "advisories"])?;
    Ok(if out.success() {
        Finding::Clean("no advisory".to_owned())
    } else {
        Finding::Bad(tail(&out.stderr))
    })
}

fn npm() -> Result<Finding> {
    say("audit: npm's advisories");
    let out = Cmd::npm()
        .args(["audit", "--json"])
        .cwd(paths::root())
        .watch(|_, _| {})?;
    Ok(read_npm(&out.stdout))
}

/// npm gives an object with the counts, or one with an error.
fn read_npm(text: &str) -> Finding {
    let answer: Value = serde_json::from_str(text).unwrap_or_default();
    match answer["metadata"]["vulnerabilities"]["total"].as_u64() {
        Some(0) => Finding::Clean("no advisory".to_owned()),
        Some(_) => {
            let names = answer["vulnerabilities"].as_object();
            let named = names
                .into_iter()
                .flatten()
                .map(|(name, it)| format!("  {name}: {}", it["severity"].as_str().unwrap_or("?")));
            Finding::Bad(named.collect::<Vec<_>>().join("\n"))
        }
        None => {
            let why = [&answer["error"]["summary"], &answer["message"]];
            let why = why
                .iter()
                .find_map(|why| why.as_str())
                .filter(|why| !why.is_empty());
            Finding::Unreached(why.unwrap_or("npm gave no answer").to_owned())
        }
    }
}

fn pip() -> Result<Finding> {
    say("audit: advisories on Python packages");
    let program = pip_audit()?;
    let listed = Cmd::new(paths::venv_bin("python"))
        .args([
            "-m",
            "pip",
            "freeze",
            "--exclude-editable",
            "--disable-pip-version-check",
        ])
        .quiet()?;
    let folder = paths::work("audit");
    std::fs::create_dir_all(&folder)?;
    let list = folder.join("installed.txt");
    let pinned: Vec<&str> = listed.lines().filter(|line| line.contains("==")).collect();
    std::fs::write(&list, pinned.join("\n"))?;
    let out = Cmd::new(program)
        .args([
            "--format",
            "json",
            "--progress-spinner",
            "off",
            "--disable-pip",
            "--no-deps",
            "-r",
        ])
        .arg(&list)
        .watch(|_, _| {})?;
    Ok(read_pip(&out.stdout, &out.stderr))
}

/// pip-audit gives an object with the packages, or nothing when it fails.
fn read_pip(text: &str, errors: &str) -> Finding {
    let answer: Value = serde_json::from_str(text).unwrap_or_default();
    let Some(packages) = answer["dependencies"].as_array() else {
        return Finding::Unreached(last_line(errors));
    };
    let word = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let skipped = packages
        .iter()
        .filter(|it| it["skip_reason"].is_string())
        .count();
    let bad: Vec<String> = packages
        .iter()
        .flat_map(|it| {
            let faults = it["vulns"].as_array().into_iter().flatten();
            faults.map(move |fault| {
                format!(
                    "  {} {}: {}",
                    word(&it["name"]),
                    word(&it["version"]),
                    word(&fault["id"])
                )
            })
        })
        .collect();
    if !bad.is_empty() {
        return Finding::Bad(bad.join("\n"));
    }
    if packages.is_empty() || skipped == packages.len() {
        return Finding::Unreached("no package could be looked up".to_owned());
    }
    Finding::Clean(format!(
        "no advisory on {} packages, {skipped} unknown there",
        packages.len() - skipped
    ))
}

/// pip-audit in an environment of its own: it brings two dozen packages that nothing else here needs.
fn pip_audit() -> Result<PathBuf> {
    let root = paths::cache()
        .join("tools")
        .join(format!("pip-audit-{PIP_AUDIT}"));
    let program = root.join("bin/pip-audit");
    if !program.is_file() {
        Cmd::new(tools::python()?.program)
            .args(["-m", "venv"])
            .arg(&root)
            .quiet()?;
        tools::pip_install(root.join("bin/python"))
            .arg(format!("pip-audit=={PIP_AUDIT}"))
            .quiet()
            .context("pip-audit comes from the Python package index")?;
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::{Finding, read_npm, read_pip};

    #[test]
    fn an_answer_is_told_from_none() {
        let clean = read_npm(r#"{"metadata":{"vulnerabilities":{"total":0}}}"#);
        assert!(matches!(clean, Finding::Clean(_)), "{clean:?}");
        let bad = read_npm(
            r#"{"vulnerabilities":{"x":{"severity":"high"}},"metadata":{"vulnerabilities":{"total":1}}}"#,
        );
        assert_eq!(bad, Finding::Bad("  x: high".to_owned()));
        for nothing in [
            "",
            r#"{"error":{"summary":"no way"}}"#,
            r#"{"message":"405"}"#,
        ] {
            let finding = read_npm(nothing);
            assert!(matches!(finding, Finding::Unreached(_)), "{finding:?}");
        }
        let bad = read_pip(
            r#"{"dependencies":[{"name":"x","version":"1","vulns":[{"id":"PYSEC-1"}]}]}"#,
            "",
        );
        assert_eq!(bad, Finding::Bad("  x 1: PYSEC-1".to_owned()));
        let nothing = read_pip("", "ERROR: no network\n");
        assert_eq!(nothing, Finding::Unreached("ERROR: no network".to_owned()));
        let skipped = read_pip(
            r#"{"dependencies":[{"name":"x","skip_reason":"unknown"}]}"#,
            "",
        );
        assert!(matches!(skipped, Finding::Unreached(_)), "{skipped:?}");
    }
}
