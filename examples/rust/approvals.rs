//! Asks on the terminal before the agent leaves its sandbox.
//!
//!     cargo run -p codexkit --example approvals -- "Make a file called hello.txt."

#![expect(clippy::print_stdout, reason = "a program that shows things")]

use std::io::Write as _;
use std::sync::Arc;

use codexkit::{Codex, CodexOptions, JsonObject, ServerRequest, text};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let prompt = std::env::args().nth(1);
    let prompt = prompt.unwrap_or_else(|| "Make a file called hello.txt.".to_owned());

    let codex = Codex::start(CodexOptions {
        // The handler must not block: it hands the request to a thread that may.
        server_requests: Some(Arc::new(|request: ServerRequest| {
            tokio::task::spawn_blocking(move || answer(request));
        })),
        ..CodexOptions::default()
    })
    .await?;
    let params = json!({
        "sandbox": "read-only",
        "approvalPolicy": "on-request",
        "approvalsReviewer": "user",
    });
    let params = params.as_object().cloned().unwrap_or_default();
    let thread = codex.thread_start(params).await?;
    let result = thread.run(vec![text(prompt)], JsonObject::new()).await?;
    println!("\n{}", result.final_response.unwrap_or_default());
    codex.close().await?;
    Ok(())
}

fn answer(request: ServerRequest) {
    let params: Value = serde_json::from_str(request.params()).unwrap_or_default();
    let question = match request.method() {
        "item/commandExecution/requestApproval" => format!("run {}", params["command"]),
        "item/fileChange/requestApproval" => "change files".to_owned(),
        // Dropping a request declines it.
        _ => return,
    };
    print!("May the agent {question}? ({}) [y/N] ", params["reason"]);
    let mut line = String::new();
    let yes = std::io::stdout().flush().is_ok()
        && std::io::stdin().read_line(&mut line).is_ok()
        && line.trim().eq_ignore_ascii_case("y");
    let decision = if yes { "accept" } else { "decline" };
    match to_raw_value(&json!({"decision": decision})) {
        Ok(result) => request.respond(&result),
        Err(_) => request.decline("the answer could not be written"),
    }
}
