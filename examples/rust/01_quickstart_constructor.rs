//! The first turn: start an engine, ask it something, print the answer.

#![expect(clippy::print_stdout, reason = "a program that shows things")]

use codexkit::{Codex, CodexOptions, JsonObject, text};
use serde_json::{from_value, json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let codex = Codex::start(CodexOptions::default()).await?;
    println!("Engine: {}", codex.metadata().engine.version);

    let options = from_value(json!({"sandbox": "read-only"}))?;
    let thread = codex.thread_start(options).await?;
    let prompt = vec![text("Say hello in one sentence.")];
    let result = thread.run(prompt, JsonObject::new()).await?;
    println!("Status: {}", result.status);
    println!("Answer: {}", result.final_response.unwrap_or_default());
    codex.close().await?;
    Ok(())
}
