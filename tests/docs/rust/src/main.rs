//! The Rust blocks of the documentation, one module each. `codexkit-docs NAME` runs one.
//!
//! Nothing is written here by hand: `cargo xtask test docs` makes the modules from the pages.

// What is good in a page (a binding that nobody reads, printing) is no fault here.
#![allow(
    clippy::all,
    clippy::print_stdout,
    unused,
    missing_docs,
    reason = "code of the pages"
)]

include!(env!("BLOCKS"));

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    run(&std::env::args().nth(1).unwrap_or_default()).await
}
