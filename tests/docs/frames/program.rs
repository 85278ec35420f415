// A block that is the body of a program.
use codexkit::{Codex, CodexOptions, JsonObject, text};
use serde_json::{from_value, json};

pub(crate) async fn block() -> Result<(), Box<dyn std::error::Error>> {
    // the block
    Ok(())
}
