//! `cargo xtask coverage`: calls every method of the protocol once, in each language, against the real
//! engine, and writes down what came of it in docs/protocol-coverage.md.
//!
//! The calls are data (fixtures/protocol/calls.json). Rust makes them here, through the generated
//! functions; Python and Node in tests/protocol. All three must be told the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::r#gen::{Numbers, numbers};
use crate::parity::engine;
use crate::scripted::Scripted;
use crate::{paths, setup, sh};

mod drive;
#[rustfmt::skip]
#[path = "generated/calls.rs"]
mod generated;
mod page;
mod plan;
mod runners;
mod sightings;

use plan::{Job, Outcome, Plan};

/// Where the table is.
const PAGE: &str = "docs/protocol-coverage.md";

/// Arguments of `cargo xtask coverage`.
#[derive(clap::Args, Debug, Default)]
pub(crate) struct CoverageArgs {
    /// Compare with what is committed instead of writing, and fail if it differs.
    #[arg(long)]
    pub(crate) check: bool,
    /// Only print what came of the calls whose method contains this.
    #[arg(long, short = 'k', value_name = "TEXT")]
    pub(crate) filter: Option<String>,
}

/// What came of all calls.
pub(crate) struct Findings {
    /// The pinned engine's version, and what it said in the order of the plan.
    pub(crate) pinned: Vec<Outcome>,
    /// The same of the newest engine.
    pub(crate) newest: Vec<Outcome>,
    /// The protocol's messages and their numbers.
    pub(crate) numbers: Numbers,
}

/// Runs the command.
pub(crate) fn run(args: &CoverageArgs) -> Result<()> {
    setup::everything(setup::Profile::Dev)?;
    let findings = findings()?;
    if let Some(filter) = &args.filter {
        for (pinned, newest) in findings.pinned.iter().zip(&findings.newest) {
            if pinned.method.contains(filter.as_str()) {
                println!("{}: {} | {}", pinned.method, pinned.text(), newest.text());
            }
        }
        return Ok(());
    }
    let text = page::text(&findings)?;
    let path = paths::root().join(PAGE);
    let current = fs::read_to_string(&path).unwrap_or_default();
    if current == text {
        return Ok(());
    }
    if args.check {
        bail!(
            "{PAGE} is stale, run `cargo xtask coverage`: {}",
            first_difference(&current, &text)
        );
    }
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    sh::say(&format!("wrote {PAGE}"));
    Ok(())
}

fn first_difference(old: &str, new: &str) -> String {
    let mut lines = old.lines().zip(new.lines());
    match lines.find(|(old, new)| old != new) {
        Some((old, new)) => format!("{old:?} is now {new:?}"),
        None => "lines were added or removed".to_owned(),
    }
}

/// Makes all calls in all languages.
pub(crate) fn findings() -> Result<Findings> {
    let plan = Plan::read()?;
    let numbers = numbers(&paths::root())?;
    plan.check_complete(&numbers.methods())?;
    let pinned = with(&plan, &numbers, &numbers.pinned, "rust", |job| {
        drive::run(job)
    })?;
    let newest = with(&plan, &numbers, &numbers.newer, "rust-newest", |job| {
        drive::run(job)
    })?;
    reached(&pinned, &numbers.newer_methods)?;
    reached(&newest, &BTreeSet::new())?;
    for language in runners::Language::ALL {
        let name = language.name();
        let told = with(&plan, &numbers, &numbers.pinned, name, |job| {
            runners::run(language, job)
        })?;
        same(name, &pinned, &told)?;
    }
    Ok(Findings {
        pinned,
        newest,
        numbers,
    })
}

/// Makes the calls in folders of their own, in front of a scripted model.
fn with(
    plan: &Plan,
    numbers: &Numbers,
    version: &str,
    name: &str,
    run: impl Fn(&Job) -> Result<Vec<Outcome>>,
) -> Result<Vec<Outcome>> {
    let scripted = Scripted::start(&plan.model.to_string())?;
    let work = format!("coverage-{name}-{}", std::process::id());
    let place = scripted.place(&work)?;
    let mut job = plan.job(&engine::find(version)?, &place)?;
    if version == numbers.pinned {
        let newer = numbers.notifications.iter().filter(|(_, _, newer)| *newer);
        let newer: BTreeSet<&String> = newer.map(|(name, _, _)| name).collect();
        for call in &mut job.calls {
            call.wait.retain(|method| !newer.contains(method));
        }
    }
    let outcomes = run(&job).with_context(|| format!("{name}, engine {version}"));
    let _ = fs::remove_dir_all(paths::work(&work));
    let outcomes = outcomes?;
    let hidden = |text: &str| hide(text, &place.cwd, &place.home);
    Ok(outcomes
        .into_iter()
        .zip(&plan.calls)
        .filter(|(_, call)| !call.again)
        .map(|(outcome, call)| {
            let loose = call.loose && outcome.outcome == "rpc";
            Outcome {
                message: if loose {
                    "in words that depend on the machine".to_owned()
                } else {
                    hidden(&outcome.message)
                },
                ..outcome
            }
        })
        .collect())
}

/// A message without what differs from run to run.
fn hide(text: &str, cwd: &Path, home: &Path) -> String {
    text.replace(&cwd.display().to_string(), "<cwd>")
        .replace(&home.display().to_string(), "<home>")
}

/// Every call must have come to the engine: it answered, or refused in its own words. `newer` are methods
/// that this engine does not have; for them the client must have said so.
fn reached(outcomes: &[Outcome], newer: &BTreeSet<String>) -> Result<()> {
    let lost: Vec<String> = outcomes
        .iter()
        .filter(|outcome| {
            if newer.contains(&outcome.method) {
                outcome.outcome != "engine_version"
            } else {
                !["ok", "rpc"].contains(&outcome.outcome.as_str())
            }
        })
        .map(|outcome| format!("{}: {}", outcome.method, outcome.text()))
        .collect();
    if !lost.is_empty() {
        bail!(
            "these calls did not reach the engine:\n  {}",
            lost.join("\n  ")
        );
    }
    Ok(())
}

/// Another language must have been told the same.
fn same(language: &str, rust: &[Outcome], other: &[Outcome]) -> Result<()> {
    let different: Vec<String> = rust
        .iter()
        .zip(other)
        .filter(|(rust, other)| rust.kind() != other.kind())
        .map(|(rust, other)| {
            format!(
                "{}: Rust was told {}, {language} {}",
                rust.method,
                rust.text(),
                other.text()
            )
        })
        .collect();
    if rust.len() != other.len() || !different.is_empty() {
        bail!(
            "{language} was told something else:\n  {}",
            different.join("\n  ")
        );
    }
    Ok(())
}
