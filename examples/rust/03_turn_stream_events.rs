//! A turn while it happens: the text as it is written, what the agent does, what it costs.

#![expect(clippy::print_stdout, reason = "a program that shows things")]

use codexkit::{Codex, CodexOptions, JsonObject, text};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let codex = Codex::start(CodexOptions::default()).await?;
    let thread = codex.thread_start(JsonObject::new()).await?;
    let prompt = vec![text("Which files are in this folder?")];
    let turn = thread.turn(prompt, JsonObject::new()).await?;

    while let Some(event) = turn.events().next().await {
        let event = event?;
        let params: Value = serde_json::from_str(event.params())?;
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match event.method() {
            "turn/started" => println!("[turn started]"),
            "item/started" => println!("[{} started]", word(&params["item"]["type"])),
            "item/completed" => println!("\n[{} completed]", word(&params["item"]["type"])),
            "item/agentMessage/delta" | "item/reasoning/summaryTextDelta" => {
                print!("{}", word(&params["delta"]));
            }
            "thread/tokenUsage/updated" => {
                println!("[{} tokens]", params["tokenUsage"]["total"]["totalTokens"]);
            }
            "turn/completed" => println!("[turn {}]", word(&params["turn"]["status"])),
            _ => {}
        }
    }
    codex.close().await?;
    Ok(())
}
