//! An agent in front of a scripted model. The Rust code of docs/testing.md.

#![expect(clippy::print_stdout, reason = "a program that shows things")]

use codexkit::{Codex, CodexOptions, JsonObject, text};
use codexkit_testkit::ScriptedModel;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = ScriptedModel::start(r#"{"replies": ["Hello!"]}"#).await?;
    let codex = Codex::start(CodexOptions {
        config_overrides: model.config_overrides(),
        ..CodexOptions::default()
    })
    .await?;

    let thread = codex.thread_start(JsonObject::new()).await?;
    let result = thread.run(vec![text("Hi")], JsonObject::new()).await?;
    println!("{}", result.final_response.unwrap_or_default());
    codex.close().await?;
    Ok(())
}
