//! What is compiled for the documentation. The Rust blocks that stand in a frame become one program
//! (tests/docs/rust), which is compiled once and then run once for each block.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::paths;
use crate::sh::Cmd;

/// Compiles the blocks, given as `(name, program)`. A program has an `async fn block()`.
///
/// # Errors
/// When they do not compile; with the compiler's words.
pub(super) fn compile(blocks: &[(String, String)]) -> Result<()> {
    let dir = paths::work("docs-rust");
    fs::create_dir_all(&dir)?;
    let file = dir.join("blocks.rs");
    let text = program(blocks);
    if fs::read_to_string(&file).ok().as_ref() != Some(&text) {
        fs::write(&file, text)?;
    }
    // Together with the programs: cargo then chooses the same features, and compiles nothing twice.
    cargo_build()
        .args(["-p", "codexkit-docs"])
        .env("CODEXKIT_DOCS_BLOCKS", &file)
        .quiet()
        .map(drop)
}

/// Compiles the programs of examples/rust and the test kit's command alone.
///
/// # Errors
/// When they do not compile; with the compiler's words.
pub(super) fn programs() -> Result<()> {
    cargo_build().quiet().map(drop)
}

fn cargo_build() -> Cmd {
    Cmd::cargo()
        .args(["build", "--quiet", "--bins", "--examples"])
        .args(["-p", "codexkit", "-p", "codexkit-testkit"])
}

/// The command that runs one of them.
pub(super) fn command(name: &str) -> Cmd {
    Cmd::new(executable()).arg(name)
}

fn executable() -> PathBuf {
    let file = format!("codexkit-docs{}", std::env::consts::EXE_SUFFIX);
    paths::target().join("debug").join(file)
}

fn program(blocks: &[(String, String)]) -> String {
    let mut text = String::new();
    let mut arms = String::new();
    for (number, (name, code)) in blocks.iter().enumerate() {
        // Writing to a string does not fail.
        let _ = writeln!(text, "// {name}\nmod block_{number} {{\n{code}}}\n");
        let _ = writeln!(arms, "        {name:?} => block_{number}::block().await,");
    }
    let _ = write!(
        text,
        "pub(crate) async fn run(name: &str) -> Result<(), Box<dyn std::error::Error>> {{\n    \
         match name {{\n{arms}        _ => Err(\"no such block\".into()),\n    }}\n}}\n"
    );
    text
}
