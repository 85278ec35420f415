//! What the scripted model was sent, as a step of the transcript: for scenarios whose point is what a client makes the
//! engine tell the model (tools, the form of an answer, what a turn is told).

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What of each request is in the transcript.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Wanted {
    /// The declarations of these tools, by name. The engine's own are no matter of clients.
    tools: Vec<String>,
    /// What follows the engine's preamble: from the last message of the user on.
    input: bool,
    /// The form that the answer must have.
    format: bool,
}

impl Wanted {
    /// The step, of the requests as the scripted model recorded them.
    pub(crate) fn step(&self, requests: &[Value]) -> Value {
        let turns = requests.iter().filter(|request| request["kind"] == "turn");
        let requests: Vec<Value> = turns.map(|request| self.of(&request["body"])).collect();
        json!({"do": "model_saw", "requests": requests})
    }

    fn of(&self, body: &Value) -> Value {
        let mut shown = Map::new();
        if !self.tools.is_empty() {
            let tools = body["tools"].as_array().into_iter().flatten();
            let named = |tool: &&Value| {
                let name = tool["name"].as_str().unwrap_or_default();
                self.tools.iter().any(|wanted| wanted == name)
            };
            let tools: Vec<Value> = tools.filter(named).cloned().collect();
            shown.insert("tools".to_owned(), tools.into());
        }
        if self.input {
            shown.insert("input".to_owned(), told(&body["input"]).into());
        }
        if self.format {
            shown.insert("format".to_owned(), body["text"]["format"].clone());
        }
        shown.into()
    }
}

/// The last message of the user, and what came after it.
fn told(input: &Value) -> Vec<Value> {
    let items = input.as_array().map(Vec::as_slice).unwrap_or_default();
    let last = items
        .iter()
        .rposition(|item| item["type"] == "message" && item["role"] == "user");
    items[last.unwrap_or_default()..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_request_is_shown_what_is_asked_for() {
        let user = |text: &str| json!({"type": "message", "role": "user", "content": text});
        let body = json!({
            "tools": [{"name": "shell"}, {"name": "weather", "parameters": {}}],
            "input": [user("folders"), user("go"), {"type": "function_call"}],
            "text": {"format": {"type": "json_schema"}},
        });
        let requests = [
            json!({"kind": "compaction", "body": {}}),
            json!({"kind": "turn", "body": body}),
        ];
        let wanted = Wanted {
            tools: vec!["weather".to_owned()],
            input: true,
            format: true,
        };
        let want = json!([{
            "tools": [{"name": "weather", "parameters": {}}],
            "input": [user("go"), {"type": "function_call"}],
            "format": {"type": "json_schema"},
        }]);
        assert_eq!(wanted.step(&requests)["requests"], want);
        assert_eq!(Wanted::default().step(&requests)["requests"], json!([{}]));
    }
}
