//! One turn with everything that a turn can be told; the answer is JSON of a given shape.

#![expect(clippy::print_stdout, reason = "a program that shows things")]

use codexkit::{Codex, CodexOptions, JsonObject, text};
use serde_json::{Value, from_str, from_value, json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let codex = Codex::start(CodexOptions::default()).await?;
    let thread = codex.thread_start(JsonObject::new()).await?;
    let options = json!({
        "approvalPolicy": "never",
        "cwd": std::env::current_dir()?,
        "effort": "medium",
        "model": "gpt-5.5",
        "outputSchema": {
            "type": "object",
            "properties": {
                "summary": {"type": "string"},
                "actions": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["summary", "actions"],
            "additionalProperties": false,
        },
        "personality": "pragmatic",
        "sandboxPolicy": {"type": "readOnly"},
        "summary": "concise",
    });
    let prompt = vec![text("Plan the rollout of a feature flag.")];
    let result = thread.run(prompt, from_value(options)?).await?;
    let plan: Value = from_str(&result.final_response.unwrap_or_default())?;
    println!("Status: {}", result.status);
    println!("Summary: {}", plan["summary"].as_str().unwrap_or_default());
    for action in plan["actions"].as_array().into_iter().flatten() {
        println!("- {}", action.as_str().unwrap_or_default());
    }
    codex.close().await?;
    Ok(())
}
