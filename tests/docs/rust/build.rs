//! Says where the blocks are: `cargo xtask test docs` gives the file in `CODEXKIT_DOCS_BLOCKS`; without
//! it there are none.

use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-env-changed=CODEXKIT_DOCS_BLOCKS");
    let blocks = match env::var_os("CODEXKIT_DOCS_BLOCKS") {
        Some(file) => PathBuf::from(file),
        None => {
            let none = PathBuf::from(env::var("OUT_DIR")?).join("none.rs");
            let code = "pub(crate) async fn run(_: &str) -> Result<(), Box<dyn std::error::Error>> \
                        { Err(\"no such block\".into()) }";
            fs::write(&none, code)?;
            none
        }
    };
    println!("cargo::rerun-if-changed={}", blocks.display());
    println!("cargo::rustc-env=BLOCKS={}", blocks.display());
    Ok(())
}
