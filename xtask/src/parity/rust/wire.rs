//! The options of a scenario, named as the official Python SDK names them, as the protocol's parameters:
//! what the Python and Node packages do in their own code, and Rust callers do by hand.

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};

/// Parameters of `thread/start`, `thread/resume`, `thread/fork` and `thread/list`.
pub(in crate::parity) fn thread(options: &Value) -> Result<Map<String, Value>> {
    let mut params = Map::new();
    for (name, value) in options.as_object().into_iter().flatten() {
        match name.as_str() {
            "approval_mode" => approval(&mut params, value)?,
            "sandbox" => {
                let mode = match value.as_str() {
                    Some("full-access") => "danger-full-access",
                    Some(mode) => mode,
                    None => bail!("sandbox: {value}"),
                };
                params.insert("sandbox".to_owned(), mode.into());
            }
            "include_turns" => {
                params.insert(
                    "excludeTurns".to_owned(),
                    json!(value != &Value::Bool(true)),
                );
            }
            name => {
                params.insert(camel(name), value.clone());
            }
        }
    }
    Ok(params)
}

/// Parameters of `turn/start`.
pub(super) fn turn(options: &Value) -> Result<Map<String, Value>> {
    let mut params = Map::new();
    for (name, value) in options.as_object().into_iter().flatten() {
        match name.as_str() {
            "approval_mode" => approval(&mut params, value)?,
            "sandbox" => {
                let policy = match value.as_str() {
                    Some("full-access") => "dangerFullAccess",
                    Some("workspace-write") => "workspaceWrite",
                    Some("read-only") => "readOnly",
                    _ => bail!("sandbox: {value}"),
                };
                params.insert("sandboxPolicy".to_owned(), json!({ "type": policy }));
            }
            "source" => {
                params.insert("turnTrigger".to_owned(), value.clone());
            }
            "turn_service_tier" => {
                params.insert("serviceTierForTurn".to_owned(), value.clone());
            }
            name => {
                params.insert(camel(name), value.clone());
            }
        }
    }
    Ok(params)
}

/// The input items of a turn, and its tool output if the input is an external message.
pub(super) fn input(value: &Value) -> (Vec<Value>, Option<Value>) {
    match value {
        Value::String(text) => (vec![json!({"type": "text", "text": text})], None),
        Value::Array(items) => (items.clone(), None),
        value if value["type"] == "external" => {
            let output = json!({
                "name": value["tool_name"],
                "namespace": value["namespace"],
                "output": value["content"],
            });
            (Vec::new(), Some(output))
        }
        value => (vec![value.clone()], None),
    }
}

fn approval(params: &mut Map<String, Value>, mode: &Value) -> Result<()> {
    let policy = match mode.as_str() {
        Some("deny_all") => "never",
        Some("auto_review") => "on-request",
        _ => bail!("approval_mode: {mode}"),
    };
    params.insert("approvalPolicy".to_owned(), policy.into());
    if policy == "on-request" {
        params.insert("approvalsReviewer".to_owned(), "auto_review".into());
    }
    Ok(())
}

fn camel(name: &str) -> String {
    let mut out = String::new();
    let mut upper = false;
    for letter in name.chars() {
        if letter == '_' {
            upper = true;
        } else if std::mem::take(&mut upper) {
            out.extend(letter.to_uppercase());
        } else {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_camel_case() {
        assert_eq!(camel("developer_instructions"), "developerInstructions");
        assert_eq!(camel("cwd"), "cwd");
    }
}
