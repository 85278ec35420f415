//! `cargo xtask test`: one suite a language or concern, each a module that runs the suite's own
//! tool with its output streaming through and counts what passed and failed.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::ValueEnum;

use crate::bench;
use crate::engines;
use crate::faults;
use crate::parity;
use crate::setup::{self, Profile};
use crate::sh::say;

mod cargo;
mod count;
mod docs;
mod environments;
mod generated;
mod node;
mod packaging;
mod protocol;
mod python;
mod types;

pub(crate) use docs::path_with_engine;

/// Arguments of `cargo xtask test`.
#[derive(clap::Args, Debug, Default)]
pub(crate) struct TestArgs {
    /// The suites to run; all of them when none is named.
    #[arg(value_enum)]
    suites: Vec<Suite>,
    /// Only run tests whose name contains this (rust, python, node, parity and docs suites).
    #[arg(long, short = 'k', value_name = "TEXT")]
    filter: Option<String>,
}

/// One group of tests with one line in the summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// `cargo test` of core, testkit and xtask.
    Rust,
    /// pytest on tests/python.
    Python,
    /// vitest on tests/node.
    Node,
    /// pyright, stubtest and tsc: the types that the packages promise.
    Types,
    /// Every scenario through four clients and two engines, against the golden transcripts.
    Parity,
    /// The simple view and the one-shot transport against what the real `codex exec --json` told.
    Exec,
    /// Every method of the protocol called once, and docs/protocol-coverage.md is what came of it.
    Protocol,
    /// The quick cases of the fault matrix, in three languages.
    Faults,
    /// The generated files are what the generators make.
    Gen,
    /// The code in README.md, docs/ and examples/ runs, and the pages' links lead somewhere.
    Docs,
    /// Notebooks, event loops, threads, processes, Node's workers, bundles: tests/environments.
    Environments,
    /// Instructions an event in the core and in Python, under valgrind, against benches/counts.json; skipped without valgrind.
    Counts,
    /// `pip install .` and `npm install <folder>` give importable packages with their engine.
    Packaging,
}

/// What one suite found.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
    /// Short lines about what failed, repeated in the summary.
    pub(crate) notes: Vec<String>,
}

impl Outcome {
    /// Counts one test of a suite that xtask itself drives.
    pub(crate) fn record(&mut self, name: &str, result: &Result<()>) {
        match result {
            Ok(()) => {
                self.passed += 1;
                say(&format!("ok     {name}"));
            }
            Err(error) => {
                self.failed += 1;
                say(&format!("FAILED {name}: {error:#}"));
                self.notes.push(name.to_owned());
            }
        }
    }

    /// A suite whose tool failed in a way that no test stands for (it did not compile, crashed,
    /// ran no test at all) counts one failure.
    pub(crate) fn fail(&mut self, note: impl Into<String>) {
        self.failed += 1;
        self.notes.push(note.into());
    }
}

/// Runs the suites and prints the summary.
pub(crate) fn run(args: &TestArgs) -> Result<ExitCode> {
    let suites: Vec<Suite> = if args.suites.is_empty() {
        Suite::value_variants().to_vec()
    } else {
        args.suites.clone()
    };
    set_up(&suites)?;
    let mut done = Vec::new();
    for suite in suites {
        let name = name(suite);
        say(&format!("suite {name}"));
        let start = Instant::now();
        let outcome = one(suite, args.filter.as_deref()).unwrap_or_else(|error| {
            say(&format!("suite {name} could not run: {error:#}"));
            let mut outcome = Outcome::default();
            outcome.fail(format!("{error:#}").lines().next().unwrap_or("").to_owned());
            outcome
        });
        done.push((name, outcome, start.elapsed().as_secs_f64()));
    }
    println!();
    let (mut passed, mut failed) = (0, 0);
    for (name, outcome, seconds) in &done {
        passed += outcome.passed;
        failed += outcome.failed;
        let skipped = if outcome.skipped > 0 {
            format!(", {} skipped", outcome.skipped)
        } else {
            String::new()
        };
        println!(
            "{name:<10} {} passed, {} failed{skipped} ({seconds:.1} s)",
            outcome.passed, outcome.failed
        );
        for note in &outcome.notes {
            println!("{:<10}   failed: {note}", "");
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The suites that also run on the oldest supported engine.
const WITH_OLDEST_ENGINE: [Suite; 3] = [Suite::Rust, Suite::Python, Suite::Node];

/// Sets up what the suites need; the Rust tests only need an engine.
fn set_up(suites: &[Suite]) -> Result<()> {
    let only = |allowed: &[Suite]| suites.iter().all(|suite| allowed.contains(suite));
    if suites
        .iter()
        .any(|suite| WITH_OLDEST_ENGINE.contains(suite))
    {
        engines::bring(codexkit::OLDEST_ENGINE)?;
    }
    if only(&[Suite::Gen, Suite::Counts]) {
        Ok(())
    } else if only(&[Suite::Gen, Suite::Rust]) {
        setup::python_tools()
    } else {
        setup::everything(Profile::Dev)
    }
}

fn name(suite: Suite) -> String {
    suite
        .to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_owned())
}

fn one(suite: Suite, filter: Option<&str>) -> Result<Outcome> {
    match suite {
        Suite::Rust => cargo::run(filter),
        Suite::Python => python::run(filter),
        Suite::Node => node::run(filter),
        Suite::Parity => parity::suite(filter),
        Suite::Exec => parity::exec_suite(filter),
        Suite::Faults => faults::suite(filter),
        Suite::Types => types::run(),
        Suite::Protocol => Ok(protocol::run()),
        Suite::Gen => Ok(generated::run()),
        Suite::Docs => docs::run(filter),
        Suite::Environments => environments::run(filter),
        Suite::Counts => bench::counts::suite(),
        Suite::Packaging => packaging::run(),
    }
}
