//! `cargo xtask`: everything one does in this repository besides writing code. Each command does
//! all of its own set-up; none needs another one to be run first.
//!
//! This is a tool and nothing of the product: no crate depends on it.

use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};

mod bench;
mod checks;
mod coverage;
mod demo;
mod dist;
mod engines;
mod faults;
mod r#gen;
mod hardening;
mod matrix;
mod parity;
mod paths;
mod reference;
mod scripted;
mod setup;
mod sh;
mod suites;
mod tools;
mod versions;

/// Build, test and try codexkit.
///
/// A fresh clone needs Rust, Python 3.10 or newer and Node 20 or newer. Everything else (a virtual
/// environment in .cache, npm packages, the Codex engine, the compiled modules) is set up by the
/// command that needs it, the first time it does.
#[derive(Parser, Debug)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Runs one turn of the real engine in Rust, Python and Node and compares the three streams.
    ///
    /// The model is scripted and runs in this process: no key and no account is needed. With
    /// --live your own Codex login and your default model are used instead, in a read-only sandbox.
    Demo(demo::DemoArgs),
    /// Runs the tests of every language; ends with `N passed, N failed`.
    Test(suites::TestArgs),
    /// Runs every check (formatting, lints, types, generated files), then every test.
    Ready(checks::ReadyArgs),
    /// Formats and mends what the formatters and linters can mend by themselves.
    Fmt,
    /// Does all the set-up that the other commands would do, and nothing else.
    Setup(SetupArgs),
    /// Compares our four clients with each other, the golden transcripts and the official SDK.
    Parity(parity::ParityArgs),
    /// Plays the scenarios on every supported engine; writes the tables of docs/engine-versions.md.
    Matrix(matrix::MatrixArgs),
    /// Records the golden transcripts with the official Python SDK.
    Record(parity::RecordArgs),
    /// Makes the packages that users install: wheel, npm packages, checksums; and checks them.
    ///
    /// The wheel fits every Python from 3.10 on (abi3), the npm package consists of a main package and
    /// one for the platform. With --check they are installed where no Rust can be found, and run turns.
    Dist(dist::DistArgs),
    /// Plays the fault matrix in three languages; ends with `faults: N cases x 3 languages, F failures`.
    Faults(faults::FaultsArgs),
    /// The Rust runner of the fault matrix, started by it.
    #[command(hide = true)]
    FaultsRunner(faults::rust::RunnerArgs),
    /// Measures codexkit beside the official SDKs and the limits of each language.
    Bench(bench::BenchArgs),
    /// Calls every method of the protocol and writes docs/protocol-coverage.md.
    ///
    /// Each is called once against the real engine, in Rust, Python and Node; nothing leaves the machine.
    Coverage(coverage::CoverageArgs),
    /// Writes the files that are derived from the engine's schema.
    Gen(r#gen::GenArgs),
    /// Runs the fuzz targets; ends with `fuzz: N targets, F findings`. Needs a nightly compiler.
    Fuzz(hardening::fuzz::FuzzArgs),
    /// Looks at licences, sources and known faults of all dependencies.
    ///
    /// What could not be looked at, because its database could not be reached, is said.
    Audit(hardening::audit::AuditArgs),
    /// Runs the native module of Python under valgrind; ends with `sanitize: N errors in our code`.
    Sanitize(hardening::sanitize::SanitizeArgs),
    /// Full load in three languages at once; ends with `soak: N minutes, T turns, E events, memory flat|growing`.
    Soak(hardening::soak::SoakArgs),
    /// Writes the reference in docs/reference from the docstrings; fails when something public has none.
    Reference(reference::ReferenceArgs),
    /// Records a new engine's protocol description in schema/.
    SchemaUpdate(r#gen::SchemaUpdateArgs),
    /// Records in schema/history.json since when each part of the protocol exists.
    Versions(versions::VersionsArgs),
}

#[derive(clap::Args, Debug)]
struct SetupArgs {
    /// Build the native modules optimised, as a release has them.
    #[arg(long)]
    release: bool,
}

/// True when there is a command of this name; for those who check what is written about them.
pub(crate) fn has_command(name: &str) -> bool {
    Cli::command().find_subcommand(name).is_some() || name == "help"
}

fn main() -> ExitCode {
    sh::start_clock();
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Demo(args) => return demo::run(&args),
        Command::Test(args) => return suites::run(&args),
        Command::Ready(args) => return checks::ready(&args),
        Command::Fmt => checks::fmt()?,
        Command::Setup(args) => {
            let profile = if args.release {
                setup::Profile::Release
            } else {
                setup::Profile::Dev
            };
            setup::everything(profile)?;
            sh::say("set up");
        }
        Command::Parity(args) => return parity::parity(&args),
        Command::Matrix(args) => return matrix::run(&args),
        Command::Record(args) => return parity::record(&args),
        Command::Dist(args) => return dist::run(&args),
        Command::Faults(args) => return faults::run(&args),
        Command::FaultsRunner(args) => return faults::rust::run(&args),
        Command::Bench(args) => return bench::run(&args),
        Command::Fuzz(args) => return hardening::fuzz::run(&args),
        Command::Audit(args) => return hardening::audit::run(&args),
        Command::Sanitize(args) => return hardening::sanitize::run(&args),
        Command::Soak(args) => return hardening::soak::run(&args),
        Command::Coverage(args) => coverage::run(&args)?,
        Command::Gen(args) => r#gen::run(&args)?,
        Command::Reference(args) => reference::run(&args)?,
        Command::SchemaUpdate(args) => r#gen::schema_update(&args)?,
        Command::Versions(args) => versions::run(&args)?,
    }
    Ok(ExitCode::SUCCESS)
}
