//! Goes on with a conversation of before: only its id has to be kept.

#![expect(clippy::print_stdout, reason = "a program that shows things")]

use codexkit::{Codex, CodexOptions, JsonObject, text};

#[tokio::main]
async fn main() -> codexkit::Result<()> {
    let codex = Codex::start(CodexOptions::default()).await?;
    let thread = codex.thread_start(JsonObject::new()).await?;
    let prompt = vec![text("Tell me a fact about Saturn.")];
    thread.run(prompt, JsonObject::new()).await?;
    let saved = thread.id().to_owned();
    println!("Saved: {saved}");
    codex.close().await?;

    // Another program, another day: the engine has the thread on disk.
    let codex = Codex::start(CodexOptions::default()).await?;
    let thread = codex.thread_resume(&saved, JsonObject::new()).await?;
    let prompt = vec![text("And one more.")];
    let result = thread.run(prompt, JsonObject::new()).await?;
    println!("Resumed: {}", thread.id() == saved);
    println!("Answer: {}", result.final_response.unwrap_or_default());
    codex.close().await
}
