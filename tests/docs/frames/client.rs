// A block that has a client and a thread.
use codexkit::{Codex, CodexOptions, JsonObject, text};
use serde_json::{from_value, json};

pub(crate) async fn block() -> Result<(), Box<dyn std::error::Error>> {
    let codex = Codex::start(CodexOptions::default()).await?;
    let thread = codex.thread_start(JsonObject::new()).await?;
    // the block
    codex.close().await?;
    Ok(())
}
