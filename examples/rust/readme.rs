//! The Rust code of README.md, as a program.

#![expect(clippy::print_stdout, reason = "a program that shows things")]

use codexkit::{Codex, CodexOptions, JsonObject, text};

#[tokio::main]
async fn main() -> codexkit::Result<()> {
    let codex = Codex::start(CodexOptions::default()).await?;
    let thread = codex.thread_start(JsonObject::new()).await?;
    let turn = thread
        .turn(vec![text("Say hello.")], JsonObject::new())
        .await?;
    while let Some(event) = turn.events().next().await {
        println!("{}", event?.method());
    }
    println!("{:?}", turn.result().await?.final_response);
    codex.close().await
}
