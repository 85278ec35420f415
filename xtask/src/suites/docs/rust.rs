//! The Rust blocks that stand in a frame: all of them become one program (tests/docs/rust), which is
//! compiled once and then run once for each block.

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
    Cmd::cargo()
        .args(["build", "--quiet", "-p", "codexkit-docs"])
        .env("CODEXKIT_DOCS_BLOCKS", &file)
        .quiet()
        .map(drop)
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
