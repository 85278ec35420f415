//! `cargo xtask bench`: codexkit beside the official SDKs and beside the limits of each language, in
//! one run: the same machine, the same replaying engine, the same bytes.
//!
//! It measures and tells. No test asserts a time, and a missed target is no error unless asked.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::sh::say;

mod agents;
mod calls;
mod core;
pub(crate) mod counts;
mod curves;
mod fairness;
mod latency;
mod layout;
mod measure;
mod memory;
mod profile;
mod start;
mod startup;
mod stream;
mod table;
mod tools;
mod turn;

pub(crate) use turn::real_engine;

use layout::Layout;
use table::Report;

/// Arguments of `cargo xtask bench`.
#[derive(clap::Args, Debug)]
pub(crate) struct BenchArgs {
    /// What to measure; all but turns1000, curves, agents1000 and counts when nothing is named.
    #[arg(value_enum, value_name = "NAME")]
    groups: Vec<Group>,
    /// Also write every figure to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// How often each figure is taken; the median counts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=50))]
    runs: u32,
    /// Measure unoptimised builds, which are quickly made: for work on the benchmarks themselves.
    #[arg(long)]
    dev: bool,
    /// End with exit code 1 when a target is missed.
    #[arg(long)]
    strict: bool,
    /// With counts: keep what is counted as the numbers to hold to.
    #[arg(long)]
    renew: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Group {
    /// Events per second and CPU per event, one turn.
    Stream,
    /// The same with 50 turns at once.
    Turns,
    /// The same with 1,000 turns at once.
    Turns1000,
    /// How long an event takes from the engine's write to the application's code, with 1 and with 50 turns.
    Latency,
    /// What the package, an idle turn and a stalled reader keep.
    Memory,
    /// What each stage of the core costs an event.
    Core,
    /// What a call of a binding costs.
    Calls,
    /// How late timers fire while a stream is drained at full speed.
    Fairness,
    /// What loading the packages costs.
    Import,
    /// A warm turn on the real engine with a model that answers at once.
    Turn,
    /// What a call of a tool adds to it.
    Tools,
    /// The first event of the first turn of a fresh process, on the real engine.
    Start,
    /// How figures grow with turns, rate and sizes; writes the plots of docs/images.
    Curves,
    /// 1,000 turns at once on one client of the real engine, with a tool and an approval each.
    Agents1000,
    /// Instructions an event, under valgrind, against benches/counts.json. Runs alone.
    Counts,
}

/// Measures; the exit code tells of missed targets only with --strict.
pub(crate) fn run(args: &BenchArgs) -> Result<ExitCode> {
    let groups = if args.groups.is_empty() {
        vec![
            Group::Stream,
            Group::Turns,
            Group::Latency,
            Group::Memory,
            Group::Core,
            Group::Calls,
            Group::Fairness,
            Group::Import,
            Group::Turn,
            Group::Tools,
            Group::Start,
        ]
    } else {
        args.groups.clone()
    };
    let profile = if args.dev { "dev" } else { "release" };
    if groups.contains(&Group::Counts) {
        return counts::measure(profile, args.renew);
    }
    let layout = Layout::set_up(profile)?;
    let mut report = Report::new(&layout)?;
    let runs = args.runs as usize;
    // What one turn does is the yardstick for many turns.
    let many = groups.contains(&Group::Turns) || groups.contains(&Group::Turns1000);
    if many || groups.contains(&Group::Stream) {
        let one = stream::one_turn(&layout, runs, groups.contains(&Group::Stream), &mut report)?;
        if groups.contains(&Group::Turns) {
            stream::many_turns(&layout, runs, 50, &one, &mut report)?;
        }
        if groups.contains(&Group::Turns1000) {
            stream::many_turns(&layout, runs, 1000, &one, &mut report)?;
        }
    }
    if groups.contains(&Group::Latency) {
        latency::measure(&layout, runs, &mut report)?;
    }
    if groups.contains(&Group::Memory) {
        memory::measure(&layout, runs, &mut report)?;
    }
    if groups.contains(&Group::Core) {
        core::measure(&layout, runs, &mut report)?;
    }
    if groups.contains(&Group::Calls) {
        calls::measure(&layout, runs, &mut report)?;
    }
    if groups.contains(&Group::Fairness) {
        fairness::measure(&layout, runs, &mut report)?;
    }
    if groups.contains(&Group::Import) {
        startup::measure(&layout, runs, &mut report)?;
    }
    if groups.contains(&Group::Turn) {
        turn::measure(&layout, runs, &mut report)?;
    }
    if groups.contains(&Group::Tools) {
        tools::measure(&layout, runs, &mut report)?;
    }
    if groups.contains(&Group::Start) {
        start::measure(&layout, runs, &mut report)?;
    }
    if groups.contains(&Group::Curves) {
        curves::measure(&layout, runs, &mut report)?;
    }
    if groups.contains(&Group::Agents1000) {
        agents::measure(&layout, runs, 1000, &mut report)?;
    }
    say("bench: done");
    println!("{}", report.text());
    if let Some(path) = &args.json {
        std::fs::write(path, report.json())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let (targets, missed) = report.targets();
    println!("bench: {targets} targets, {missed} missed");
    Ok(if args.strict && missed > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
