//! Changes a running turn: steers one, interrupts another.

#![expect(clippy::print_stdout, reason = "a program that shows things")]

use codexkit::{Codex, CodexOptions, JsonObject, text};
use serde_json::Value;

const DELTA: &str = "item/agentMessage/delta";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let codex = Codex::start(CodexOptions::default()).await?;
    let thread = codex.thread_start(JsonObject::new()).await?;

    let prompt = vec![text("Count to twenty, slowly.")];
    let turn = thread.turn(prompt, JsonObject::new()).await?;
    while let Some(event) = turn.events().next().await {
        if event?.method() == DELTA {
            turn.steer(vec![text("Stop there and sum up.")]).await?;
            break;
        }
    }
    let result = turn.result().await?;
    println!("Steered: {}", result.status);
    println!("Answer: {}", result.final_response.unwrap_or_default());

    let prompt = vec![text("Count to a hundred, slowly.")];
    let turn = thread.turn(prompt, JsonObject::new()).await?;
    let mut answer = String::new();
    while let Some(event) = turn.events().next().await {
        let event = event?;
        if event.method() == DELTA {
            let params: Value = serde_json::from_str(event.params())?;
            answer.push_str(params["delta"].as_str().unwrap_or_default());
            turn.interrupt().await?;
        }
    }
    println!("Interrupted: {}", turn.result().await?.status);
    println!("Until then: {}", answer.starts_with("word 0"));
    codex.close().await?;
    Ok(())
}
