//! What is answered to the engine's requests when nobody else answers: always the refusal.
//!
//! A decline lets the turn go on; a JSON-RPC error is no denial, and is used only where the protocol
//! has no way to say no.

use serde_json::{Value, json};

use crate::clock;

/// The answer that accepts nothing.
#[derive(Debug, PartialEq)]
pub(crate) enum Default {
    Result(Value),
    Error { code: i64, message: &'static str },
}

/// The fail-closed answer to a request of the engine.
pub(crate) fn default_answer(method: &str) -> Default {
    Default::Result(match method {
        "item/commandExecution/requestApproval" | "item/fileChange/requestApproval" => {
            json!({"decision": "decline"})
        }
        "item/permissions/requestApproval" => json!({"permissions": {}, "scope": "turn"}),
        "item/tool/requestUserInput" => json!({"answers": {}}),
        "mcpServer/elicitation/request" => json!({"action": "decline", "content": null}),
        "item/tool/call" => json!({
            "contentItems": [{"type": "inputText", "text": "this tool has no handler"}],
            "success": false,
        }),
        "applyPatchApproval" | "execCommandApproval" => json!({"decision": "denied"}),
        // Not a permission: the engine asks what time it is.
        "currentTime/read" => json!({"currentTimeAt": clock::unix_seconds()}),
        "account/chatgptAuthTokens/refresh" | "attestation/generate" => {
            return Default::Error {
                code: -32000,
                message: "the application has no handler for this",
            };
        }
        _ => {
            return Default::Error {
                code: -32601,
                message: "unknown method",
            };
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::generated::methods::SERVER_REQUESTS;

    #[test]
    fn every_request_of_the_protocol_has_an_answer_that_accepts_nothing() {
        for info in &SERVER_REQUESTS {
            let method = info.name;
            match default_answer(method) {
                Default::Result(answer) => {
                    let text = answer.to_string();
                    assert!(
                        !text.contains("accept") && !text.contains("approved"),
                        "{method}: {text}"
                    );
                }
                Default::Error { code, .. } => assert_eq!(code, -32000, "{method}"),
            }
        }
    }
}
