//! `cargo xtask fuzz`: the targets of `fuzz/`, one after the other. What they learn is kept in `fuzz/work`, which is
//! no part of the repository; `--keep` takes what reaches new code over into `fuzz/corpus`, which the Rust suite
//! replays.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use super::cargo_tool;
use crate::paths;
use crate::sh::{Cmd, say};

/// Needs a nightly compiler, as the sanitizer's coverage does.
const CARGO_FUZZ: &str = "0.13.2";
const TARGETS: [&str; 5] = ["lines", "events", "exec", "text", "json"];

/// Arguments of `cargo xtask fuzz`.
#[derive(clap::Args, Debug)]
pub(crate) struct FuzzArgs {
    /// The targets: lines, events, exec, text, json; all of them when none is named.
    #[arg(value_parser = TARGETS)]
    targets: Vec<String>,
    /// How long each target runs.
    #[arg(long, default_value_t = 10)]
    minutes: u32,
    /// Take what reaches new code over into fuzz/corpus.
    #[arg(long)]
    keep: bool,
}

/// Runs the targets; ends with `fuzz: N targets, F findings`.
pub(crate) fn run(args: &FuzzArgs) -> Result<ExitCode> {
    if Cmd::new("rustc")
        .args(["+nightly", "--version"])
        .quiet()
        .is_err()
    {
        bail!("fuzzing needs a nightly compiler: rustup toolchain install nightly");
    }
    let program = cargo_tool("cargo-fuzz", CARGO_FUZZ)?;
    let targets: Vec<&str> = if args.targets.is_empty() {
        TARGETS.to_vec()
    } else {
        args.targets.iter().map(String::as_str).collect()
    };
    let mut findings = 0;
    for target in &targets {
        say(&format!("fuzz {target}: {} min", args.minutes));
        let seconds = format!("-max_total_time={}", args.minutes * 60);
        let limits = [
            seconds.as_str(),
            "-rss_limit_mb=4096",
            "-timeout=25",
            "-print_final_stats=1",
        ];
        if !fuzz(&program, target, &limits)?.status()?.success() {
            findings += 1;
        }
        if args.keep {
            keep(&program, target)?;
        }
    }
    println!("fuzz: {} targets, {findings} findings", targets.len());
    Ok(if findings == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn folder(kind: &str, target: &str) -> std::path::PathBuf {
    paths::root().join("fuzz").join(kind).join(target)
}

fn fuzz(program: &Path, target: &str, options: &[&str]) -> Result<Cmd> {
    let work = folder("work", target);
    std::fs::create_dir_all(&work)?;
    Ok(Cmd::new(program)
        .args(["fuzz", "run", target])
        .env("RUSTUP_TOOLCHAIN", "nightly")
        .arg(work)
        .arg(folder("corpus", target))
        .arg("--")
        .args(options))
}

fn keep(program: &Path, target: &str) -> Result<()> {
    Cmd::new(program)
        .args(["fuzz", "run", target])
        .env("RUSTUP_TOOLCHAIN", "nightly")
        .arg(folder("corpus", target))
        .arg(folder("work", target))
        .args(["--", "-merge=1"])
        .run()
}
