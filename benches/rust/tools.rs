//! Warm turns with calls of a tool, one after the other: the tool that the consumers in Rust have.

use codexkit::tools::{Tool, ToolError, ToolRegistry, ToolSpec};
use serde_json::{Value, json};

use crate::Outcome;

/// Its name, for the engine and for the model.
pub(crate) const NAME: &str = "look_up";

/// What its arguments are.
pub(crate) fn parameters() -> Value {
    json!({
        "type": "object",
        "properties": {"key": {"type": "string", "description": "The word."}},
        "required": ["key"],
        "additionalProperties": false,
    })
}

/// What it gives.
pub(crate) fn found(arguments: &Value) -> String {
    let key = arguments["key"].as_str().unwrap_or_default();
    format!("{key}: found")
}

/// It, as an application of the core declares it.
pub(crate) fn registry() -> Outcome<ToolRegistry> {
    let spec = ToolSpec::new(NAME, "Looks a word up.", parameters());
    let tool = Tool::from_fn(spec, |arguments, _| async move {
        Ok::<_, ToolError>(found(&arguments))
    })?;
    Ok(ToolRegistry::of([tool])?)
}
