//! Callbacks that behave as the case says: `accept`, `slow`, `raise`, `hang`, `reenter`, `nonsense`.

use std::sync::Arc;
use std::time::Duration;

use codexkit::approvals::{Decision, Responders};
use codexkit::tools::{Tool, ToolError, ToolRegistry, ToolSpec};
use codexkit::{CodexOptions, Result, ServerRequest, text};
use serde_json::{Value, json};

use super::stage::Stage;

/// Longer than any case may take.
const NEVER: Duration = Duration::from_secs(600);

pub(super) fn add(stage: &Stage, options: &mut CodexOptions) -> Result<()> {
    let handlers = stage.case()["handlers"].clone();
    match handlers["approval"].as_str() {
        None => {}
        // A typed handler cannot answer nonsense; the raw one that drops what it was asked comes next to it.
        Some("nonsense") => {
            options.server_requests = Some(Arc::new(drop::<ServerRequest>));
        }
        Some(word) => {
            let (stage, word) = (stage.clone(), word.to_owned());
            options.responders = Some(Arc::new(Responders::new().on_approval(move |_| {
                let (stage, word) = (stage.clone(), word.clone());
                async move {
                    behave(&stage, &word).await;
                    Decision::Accept
                }
            })));
        }
    }
    if let Some(word) = handlers["tool"].as_str() {
        let (stage, word) = (stage.clone(), word.to_owned());
        let parameters = json!({"type": "object", "properties": {"x": {"type": "integer"}}});
        let spec = ToolSpec::new("my_tool", "Does something.", parameters)
            .timeout(Some(Duration::from_millis(500)));
        let tool = Tool::from_fn(spec, move |_, _| {
            let (stage, word) = (stage.clone(), word.clone());
            async move {
                behave(&stage, &word).await;
                // Nothing in Rust is no result but an error.
                match word.as_str() {
                    "nonsense" => Err(ToolError::new("no result")),
                    _ => Ok(json!({"did": "it"})),
                }
            }
        })?;
        options.tools = ToolRegistry::of([tool])?;
    }
    Ok(())
}

/// What comes before the answer.
#[expect(clippy::panic, reason = "a handler that panics is the case")]
async fn behave(stage: &Stage, word: &str) {
    match word {
        "raise" => panic!("a handler that fails on purpose"),
        "hang" => tokio::time::sleep(NEVER).await,
        "slow" => tokio::time::sleep(Duration::from_millis(700)).await,
        "reenter" => {
            if let Some(codex) = stage.running() {
                let _ = codex.thread_list(serde_json::Map::new()).await;
                let _ = codex.request("model/list", None, None).await;
            }
        }
        _ => {}
    }
}

/// What a hook of an auto-run answers; `None` where it fails.
pub(super) fn hook(word: &str) -> Option<Value> {
    match word {
        "raise" => None,
        "nonsense" => Some(json!(42)),
        _ => Some(Value::Null),
    }
}

/// The prompt of every turn.
pub(super) fn prompt() -> Vec<Value> {
    vec![text("go")]
}
