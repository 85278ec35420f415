//! `cargo xtask dist`: what users install. A wheel and a source distribution for Python, the npm
//! package with its platform package, the test kit's program, and their checksums; with `--check` all
//! of it is installed where no Rust can be found, and runs a turn.
//!
//! It packs what the ordinary builds make and decides nothing about what is in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::setup::Profile;
use crate::sh::{Cmd, say};
use crate::suites::Outcome;
use crate::{paths, setup, tools};

mod archive;
pub(crate) mod check;
mod fresh;
mod native;
mod npm;
mod platform;
mod wheel;

pub(crate) use native::Builder;

const HELP: &str = "\
Examples:
  cargo xtask dist                     everything for this machine, optimised, into dist/
  cargo xtask dist --check             the same, then installs it without Rust and runs a turn
  cargo xtask dist --profile dev       quick to build, slow and large: to try the packaging itself
  cargo xtask dist --zig               Linux: runs on glibc 2.17 and newer, not only on this one
  cargo xtask dist --target aarch64-unknown-linux-musl --zig
                                       another Linux; `rustup target add` it first
  cargo xtask dist --no-build --check  checks the packages that lie in dist/

A release is made of eight machines' platform packages and wheels and one sdist and main npm package;
.github/workflows/release.yml does that. docs/installing.md says what each file is for.";

/// Arguments of `cargo xtask dist`.
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct DistArgs {
    /// How the native code is compiled.
    #[arg(long, value_enum, default_value_t = DistProfile::Release)]
    profile: DistProfile,
    /// The folder for the packages.
    #[arg(long, value_name = "DIR", default_value = "dist")]
    out: PathBuf,
    /// The platform, in Rust's words; this machine's when not given.
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Link with zig (from PyPI): for an older glibc, or for another Linux than this one.
    #[arg(long)]
    zig: bool,
    /// Make only these packages.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KIND")]
    only: Vec<Kind>,
    /// Make nothing; `--check` then takes what lies in the folder.
    #[arg(long, requires = "check")]
    no_build: bool,
    /// Install the packages in fresh environments without Rust and run scripted turns there.
    #[arg(long)]
    check: bool,
    /// A further Python to check with, by path or name (the usual names are tried by themselves).
    #[arg(long, value_name = "PYTHON", requires = "check")]
    python: Vec<String>,
    /// A further Node to check with, by its major version; it comes from npm's package `node`.
    #[arg(long, value_name = "MAJOR", requires = "check")]
    node: Vec<u32>,
}

/// How the native code is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DistProfile {
    /// As the tests have it: quick to build.
    Dev,
    /// Optimised and stripped: what is published.
    Release,
}

/// One kind of package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// The Python wheel of the platform.
    Wheel,
    /// Python's source distribution; the same on every platform.
    Sdist,
    /// The main npm package, without native code; the same on every platform.
    Npm,
    /// The npm package with the platform's native module.
    Platform,
    /// The test kit's program, for tests that need an engine that misbehaves.
    Testkit,
}

/// Makes what is asked for, and checks it.
pub(crate) fn run(args: &DistArgs) -> Result<ExitCode> {
    let out = std::env::current_dir()?.join(&args.out);
    let builder = Builder::new(
        match args.profile {
            DistProfile::Dev => Profile::Dev,
            DistProfile::Release => Profile::Release,
        },
        args.target.as_deref(),
        args.zig,
    )?;
    if args.check && builder.foreign {
        bail!(
            "--check runs what it installs, and this machine cannot run {}",
            builder.platform.triple
        );
    }
    let mut made = Vec::new();
    if !args.no_build {
        let kinds = if args.only.is_empty() {
            Kind::value_variants()
        } else {
            &args.only
        };
        made = build(&builder, kinds, &out)?;
    }
    if args.check {
        let pythons = check::pythons(&args.python)?;
        let nodes = check::nodes(&args.node)?;
        let found = check::Packages::find(&out, &builder)?;
        let mut outcome = Outcome::default();
        check::all(&found, &pythons, &nodes, &mut outcome)?;
        println!("{} passed, {} failed", outcome.passed, outcome.failed);
        if outcome.failed > 0 {
            return Ok(ExitCode::FAILURE);
        }
    }
    summary(&builder, &made);
    Ok(ExitCode::SUCCESS)
}

/// Makes packages of the given kinds and the checksums of everything in the folder.
pub(crate) fn build(builder: &Builder, kinds: &[Kind], out: &Path) -> Result<Vec<PathBuf>> {
    versions_agree()?;
    tools::rust()?;
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let wants = |kind: Kind| kinds.contains(&kind);
    if wants(Kind::Wheel) || wants(Kind::Sdist) || wants(Kind::Testkit) {
        setup::python_tools()?;
    }
    if wants(Kind::Npm) {
        setup::node_tools()?;
        setup::typescript()?;
    }
    let mut made = Vec::new();
    if wants(Kind::Sdist) {
        made.push(wheel::sdist(builder, out)?);
    }
    if wants(Kind::Npm) {
        made.push(npm::main_package(builder, out)?);
    }
    if wants(Kind::Wheel) {
        made.push(wheel::wheel(builder, out)?);
    }
    if wants(Kind::Platform) {
        made.push(npm::platform_package(builder, out)?);
    }
    if wants(Kind::Testkit) {
        made.push(archive::testkit(builder, out)?);
    }
    made.push(archive::checksums(out)?);
    Ok(made)
}

/// The version stands in four files; a release in which they differ would not install.
fn versions_agree() -> Result<()> {
    let wanted = version();
    let package = fs::read_to_string(paths::root().join("package.json"))?;
    let package: serde_json::Value = serde_json::from_str(&package)?;
    let python = fs::read_to_string(paths::root().join("python/codexkit/_version.py"))?;
    let python = python.split('"').rfind(|part| part.contains('.'));
    for (file, found) in [
        ("package.json", package["version"].as_str()),
        ("python/codexkit/_version.py", python),
    ] {
        if found != Some(wanted) {
            bail!(
                "{file} has the version {found:?}, Cargo.toml has {wanted:?}; make them the same"
            );
        }
    }
    Ok(())
}

/// The version of everything.
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

fn summary(builder: &Builder, made: &[PathBuf]) {
    if made.is_empty() {
        return;
    }
    println!("\ncodexkit {} for {}:", version(), builder.platform.triple);
    for path in made {
        let size = path.metadata().map_or(0, |meta| meta.len());
        println!("  {:>9}  {}", size_of(size), path.display());
    }
}

/// Bytes for people.
fn size_of(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// The one new file in `out` whose name `wanted` accepts, after `make` has run.
fn made(
    out: &Path,
    wanted: impl Fn(&str) -> bool,
    make: impl FnOnce() -> Result<()>,
) -> Result<PathBuf> {
    // Those of an earlier run would be in the way of telling which one is new.
    for name in names(out)?.iter().filter(|name| wanted(name)) {
        fs::remove_file(out.join(name))?;
    }
    make()?;
    match &*names(out)?
        .into_iter()
        .filter(|name| wanted(name))
        .collect::<Vec<_>>()
    {
        [name] => Ok(out.join(name)),
        other => bail!(
            "one package was to be made in {}, there are {other:?}",
            out.display()
        ),
    }
}

/// The files in a folder, sorted.
fn names(dir: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Runs Python's standard library where it saves a dependency.
fn python_script(code: &str, args: &[&Path]) -> Result<String> {
    Cmd::new(paths::venv_bin("python"))
        .args(["-c", code])
        .args(args)
        .quiet()
}

/// A progress line of this command.
fn step(text: &str) {
    say(&format!("dist: {text}"));
}

#[cfg(test)]
mod tests {
    use super::{size_of, versions_agree};

    #[test]
    fn sizes_are_readable() {
        assert_eq!(size_of(999), "999 B");
        assert_eq!(size_of(12_345), "12.3 kB");
        assert_eq!(size_of(4_049_999), "4.0 MB");
    }

    #[test]
    fn every_file_has_the_same_version() {
        assert!(versions_agree().is_ok(), "{:?}", versions_agree());
    }
}
