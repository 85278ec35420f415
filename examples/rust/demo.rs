//! One turn of the Codex engine, every event as it happens.
//!
//!     cargo run -p codexkit --example demo -- "What is in this folder?"

#![expect(clippy::print_stdout, reason = "a program that shows things")]

use std::io::Write as _;

use codexkit::{Codex, CodexOptions, Event, JsonObject};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::read()?;
    let mut transcript = arguments
        .transcript
        .map(std::fs::File::create)
        .transpose()?;

    let codex = Codex::start(CodexOptions::default()).await?;
    let thread = codex
        .thread_start(object(json!({
            "cwd": arguments.cwd,
            "sandbox": arguments.sandbox,
            "approvalPolicy": "never",
        })))
        .await?;
    let input = vec![json!({"type": "text", "text": arguments.prompt})];
    let turn = thread.turn(input, JsonObject::new()).await?;

    while let Some(event) = turn.events().next().await {
        let event = event?;
        println!("{:<34} {}", event.method(), detail(&event)?);
        if let Some(file) = &mut transcript {
            writeln!(file, "{}", event.line())?;
        }
    }

    let result = turn.result().await?;
    println!(
        "{}: {}",
        result.status,
        result.final_response.unwrap_or_default()
    );
    codex.close().await?;
    Ok(())
}

/// The part of an event that one would tell a person.
fn detail(event: &Event) -> Result<String, serde_json::Error> {
    let params: Value = serde_json::from_str(event.params())?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(match event.method() {
        "turn/started" | "turn/completed" => text(&params["turn"]["status"]),
        "item/started" | "item/completed" => {
            let item = &params["item"];
            format!("{} {}", text(&item["type"]), text(&item["command"]))
        }
        "turn/diff/updated" => format!("{} lines of diff", text(&params["diff"]).lines().count()),
        "thread/tokenUsage/updated" => {
            format!("{} tokens", params["tokenUsage"]["total"]["totalTokens"])
        }
        _ => params["delta"]
            .as_str()
            .map_or_else(String::new, |delta| format!("{delta:?}")),
    })
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(fields) => fields,
        _ => JsonObject::new(),
    }
}

struct Arguments {
    prompt: String,
    cwd: String,
    sandbox: String,
    transcript: Option<String>,
}

impl Arguments {
    fn read() -> Result<Self, String> {
        let mut arguments = Self {
            prompt: "Say hello.".to_owned(),
            cwd: ".".to_owned(),
            sandbox: "read-only".to_owned(),
            transcript: None,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--cwd" => arguments.cwd = value()?,
                "--sandbox" => arguments.sandbox = value()?,
                "--transcript" => arguments.transcript = Some(value()?),
                _ => arguments.prompt = word,
            }
        }
        Ok(arguments)
    }
}
