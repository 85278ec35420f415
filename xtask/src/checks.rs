//! `cargo xtask ready` (everything that must be true before a change is shared) and
//! `cargo xtask fmt` (what the tools can mend by themselves).

use std::fs;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::r#gen::{GenArgs, run as generate};
use crate::setup::{self, Profile};
use crate::sh::{Cmd, say};
use crate::{hardening, paths, suites};

/// The longest a source file may be before it has to be split by what it does.
const MAX_LINES: usize = 800;

/// The types of the native module for Python: one module, which cannot be split.
const ONE_MODULE: &str = "python/codexkit/_native.pyi";

/// Arguments of `cargo xtask ready`.
#[derive(clap::Args, Debug)]
pub(crate) struct ReadyArgs {
    /// Leave the tests out.
    #[arg(long)]
    no_test: bool,
}

/// Runs every check, then every test; says at the end which checks failed.
pub(crate) fn ready(args: &ReadyArgs) -> Result<ExitCode> {
    setup::everything(Profile::Dev)?;
    let mut failed = Vec::new();
    for (name, command) in commands() {
        say(&format!("check {name}: {}", command.display()));
        if !command.status()?.success() {
            failed.push(name);
        }
    }
    for (name, result) in [
        ("generated files", generate(&GenArgs { check: true })),
        ("file lengths", file_lengths()),
        ("unsafe code", hardening::unsafety::check()),
        ("dependencies", hardening::audit::check()),
    ] {
        say(&format!("check {name}"));
        if let Err(error) = result {
            println!("{error:#}");
            failed.push(name);
        }
    }
    let tests = if args.no_test {
        ExitCode::SUCCESS
    } else {
        suites::run(&suites::TestArgs::default())?
    };
    if failed.is_empty() {
        println!("checks: all passed");
        return Ok(tests);
    }
    println!(
        "checks: failed: {}. `cargo xtask fmt` mends formatting.",
        failed.join(", ")
    );
    Ok(ExitCode::FAILURE)
}

/// Formats and mends.
pub(crate) fn fmt() -> Result<()> {
    setup::python_tools()?;
    setup::node_tools()?;
    Cmd::cargo().args(["fmt", "--all"]).run()?;
    Cmd::new(paths::venv_bin("ruff"))
        .args(["check", "--fix", "--quiet", "."])
        .status()?;
    Cmd::new(paths::venv_bin("ruff"))
        .args(["format", "--quiet", "."])
        .run()?;
    Cmd::new(paths::node_bin("biome"))
        .args(["check", "--write"])
        .run()
}

fn commands() -> Vec<(&'static str, Cmd)> {
    let mut all = vec![
        (
            "rust format",
            Cmd::cargo().args(["fmt", "--all", "--check"]),
        ),
        (
            "clippy",
            Cmd::cargo().args([
                "clippy",
                "--quiet",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ]),
        ),
        (
            "ruff",
            Cmd::new(paths::venv_bin("ruff")).args(["check", "."]),
        ),
        (
            "python format",
            Cmd::new(paths::venv_bin("ruff")).args(["format", "--check", "."]),
        ),
        (
            "biome",
            Cmd::new(paths::node_bin("biome")).args(["check", "--error-on-warnings"]),
        ),
    ];
    all.extend(type_checks());
    all
}

/// The type checkers, which the test suite runs too: the packages promise types.
pub(crate) fn type_checks() -> Vec<(&'static str, Cmd)> {
    vec![
        (
            "pyright",
            Cmd::new(paths::node_bin("pyright")).arg("--warnings"),
        ),
        (
            "stubs match the native module",
            Cmd::new(paths::venv_bin("python"))
                .args([
                    "-m",
                    "mypy.stubtest",
                    "codexkit._native",
                    "--ignore-disjoint-bases",
                ])
                .env("PYTHONPATH", paths::root().join("python"))
                .env("MYPYPATH", paths::root().join("python")),
        ),
        (
            "tsc",
            Cmd::new(paths::node_bin("tsc")).args(["--noEmit", "-p", "tsconfig.check.json"]),
        ),
    ]
}

/// No hand-written source file is longer than [`MAX_LINES`].
fn file_lengths() -> Result<()> {
    let listed = Cmd::new("git").args(["ls-files"]).quiet()?;
    let mut long = Vec::new();
    let split = |name: &&str| is_source(name) && *name != ONE_MODULE;
    for name in listed.lines().filter(split) {
        let text = fs::read_to_string(paths::root().join(name)).unwrap_or_default();
        // Generated files name the command that makes them at the top.
        let generated = text
            .lines()
            .take(5)
            .any(|line| line.contains("cargo xtask gen"));
        let lines = if generated { 0 } else { text.lines().count() };
        if lines > MAX_LINES {
            long.push(format!("{name} has {lines} lines"));
        }
    }
    if !long.is_empty() {
        bail!(
            "split these by what they do (at most {MAX_LINES} lines): {}",
            long.join(", ")
        );
    }
    Ok(())
}

fn is_source(name: &str) -> bool {
    let source = [".rs", ".py", ".pyi", ".ts", ".mts", ".cts", ".js", ".mjs"]
        .iter()
        .any(|end| name.ends_with(end));
    let made = ["schema/", "fixtures/"]
        .iter()
        .any(|part| name.contains(part));
    source && !made
}
