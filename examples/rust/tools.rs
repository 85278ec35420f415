//! Tools of the application: Rust types that the model calls.
//!
//!     cargo run -p codexkit --features derive --example tools

#![expect(clippy::print_stdout, reason = "a program that shows things")]

use codexkit::tools::{CallTool, Tool, ToolContext, ToolError, ToolRegistry};
use codexkit::{Codex, CodexOptions, JsonObject, Setup, text};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Tells the price of an article of the shop.
#[derive(Deserialize, JsonSchema, Tool)]
#[tool(timeout = 10.0)]
struct Price {
    /// The article's name.
    article: String,
    /// How many of it.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    count: u32,
}

fn one() -> u32 {
    1
}

impl CallTool for Price {
    type Output = Value;

    async fn call(self, _: ToolContext) -> Result<Value, ToolError> {
        match self.article.as_str() {
            "pear" => Ok(json!({"cents": 45 * self.count})),
            other => Err(ToolError::new(format!("there is no article {other:?}"))),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tools = ToolRegistry::of([Tool::of::<Price>()?])?;
    let codex = Codex::start(CodexOptions::default()).await?;
    let setup = Setup::new().tools(tools.clone());
    let thread = codex.thread_start_with(JsonObject::new(), setup).await?;
    let input = vec![text("What do three pears and a plum cost?")];
    let result = thread.run(input, JsonObject::new()).await?;
    println!("{}", result.final_response.unwrap_or_default());
    let metrics = &tools.metrics()["price"];
    println!("calls: {}, failures: {}", metrics.calls, metrics.failures);
    println!(
        "the last failure: {}",
        metrics.last_error.as_deref().unwrap_or("none")
    );
    codex.close().await?;
    Ok(())
}
