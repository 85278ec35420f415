//! The engine's JSON shapes, as version 0.163.0 writes them, for the engines of this crate.
//!
//! Only shapes: no state, no I/O. Every field the real engine sends is here, because the official
//! SDKs validate whole messages.

use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// The version that the engines of this crate say they are.
pub(crate) const VERSION: &str = "0.163.0";
/// The model they say they use.
pub(crate) const MODEL: &str = "gpt-5.5";

pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

pub(crate) fn now_s() -> u64 {
    now_ms() / 1000
}

/// The same id for the same number in every process, in the form of the engine's own ids.
pub(crate) fn thread_id(number: usize) -> String {
    format!("0fa17e00-0000-7000-8000-{number:012}")
}

pub(crate) fn turn_id(number: usize) -> String {
    format!("0fa17e00-0000-7000-9000-{number:012}")
}

pub(crate) fn initialize(client: &str, version: &str) -> Value {
    let home = std::env::var("CODEX_HOME").unwrap_or_else(|_| {
        let home = std::env::var("HOME").unwrap_or_else(|_| "/root".to_owned());
        format!("{home}/.codex")
    });
    json!({
        "userAgent": format!("{client}/{version} (codexkit-testkit; x86_64) unknown ({client}; 0)"),
        "codexHome": home,
        "platformFamily": std::env::consts::FAMILY,
        "platformOs": std::env::consts::OS,
    })
}

pub(crate) struct ThreadShape<'a> {
    pub(crate) id: &'a str,
    pub(crate) cwd: &'a str,
    pub(crate) name: Option<&'a str>,
    pub(crate) preview: &'a str,
    pub(crate) forked_from: Option<&'a str>,
    pub(crate) status: Value,
    pub(crate) turns: Vec<Value>,
}

pub(crate) fn thread(shape: &ThreadShape<'_>) -> Value {
    let now = now_s();
    json!({
        "id": shape.id,
        "environments": null,
        "extra": null,
        "sessionId": shape.id,
        "forkedFromId": shape.forked_from,
        "parentThreadId": null,
        "preview": shape.preview,
        "ephemeral": false,
        "section": null,
        "sectionEnteredAt": null,
        "projectId": null,
        "historyMode": "paginated",
        "modelProvider": "testkit",
        "model": MODEL,
        "reasoningEffort": null,
        "createdAt": now,
        "updatedAt": now,
        "recencyAt": now,
        "status": shape.status,
        "path": null,
        "cwd": shape.cwd,
        "cliVersion": VERSION,
        "originator": "codexkit-testkit",
        "source": "vscode",
        "canAcceptDirectInput": true,
        "threadSource": null,
        "agentNickname": null,
        "agentRole": null,
        "gitInfo": null,
        "name": shape.name,
        "daybreakEnabled": null,
        "turns": shape.turns,
    })
}

/// The result of `thread/start`, `thread/resume` and `thread/fork`.
pub(crate) fn thread_opened(thread: &Value) -> Value {
    json!({
        "thread": thread,
        "model": MODEL,
        "modelProvider": "testkit",
        "serviceTier": null,
        "disabledPluginIds": [],
        "cwd": thread["cwd"],
        "runtimeWorkspaceRoots": [thread["cwd"]],
        "instructionSources": [],
        "approvalPolicy": "never",
        "approvalsReviewer": "user",
        "sandbox": {"type": "dangerFullAccess"},
        "activePermissionProfile": null,
        "reasoningEffort": null,
        "multiAgentMode": "explicitRequestOnly",
    })
}

pub(crate) struct TurnShape<'a> {
    pub(crate) id: &'a str,
    pub(crate) items: Vec<Value>,
    pub(crate) view: &'a str,
    pub(crate) status: &'a str,
    pub(crate) error: Value,
    pub(crate) started_at: Option<u64>,
    pub(crate) completed_at: Option<u64>,
    pub(crate) duration_ms: Option<u64>,
}

pub(crate) fn turn(shape: &TurnShape<'_>) -> Value {
    json!({
        "id": shape.id,
        "rootTurnId": shape.id,
        "items": shape.items,
        "itemsView": shape.view,
        "status": shape.status,
        "error": shape.error,
        "startedAt": shape.started_at,
        "completedAt": shape.completed_at,
        "durationMs": shape.duration_ms,
    })
}

/// A turn that runs, as `turn/start` answers it.
pub(crate) fn turn_in_progress(id: &str, started_at: Option<u64>) -> Value {
    turn(&TurnShape {
        id,
        items: Vec::new(),
        view: "notLoaded",
        status: "inProgress",
        error: Value::Null,
        started_at,
        completed_at: None,
        duration_ms: None,
    })
}

pub(crate) fn user_message(id: &str, input: &Value) -> Value {
    json!({"type": "userMessage", "id": id, "clientId": null, "content": input})
}

pub(crate) fn agent_message(id: &str, text: &str) -> Value {
    json!({
        "type": "agentMessage",
        "id": id,
        "text": text,
        "phase": null,
        "memoryCitation": null,
        "delivery": null,
        "questions": null,
    })
}

pub(crate) fn command_execution(id: &str, command: &str, status: &str) -> Value {
    json!({
        "type": "commandExecution",
        "id": id,
        "pluginId": null,
        "scriptPath": null,
        "command": command,
        "cwd": "/tmp",
        "processId": null,
        "source": "agent",
        "status": status,
        "commandActions": [{"type": "unknown", "command": command}],
        "aggregatedOutput": null,
        "exitCode": null,
        "durationMs": null,
    })
}

pub(crate) fn token_usage(thread: &str, turn: &str) -> Value {
    let counts = json!({
        "totalTokens": 15,
        "inputTokens": 10,
        "cachedInputTokens": 2,
        "cacheWriteInputTokens": 0,
        "outputTokens": 5,
        "reasoningOutputTokens": 1,
    });
    json!({
        "threadId": thread,
        "turnId": turn,
        "tokenUsage": {"total": counts, "last": counts, "modelContextWindow": 258_400},
    })
}

pub(crate) fn model() -> Value {
    json!({
        "id": MODEL,
        "model": MODEL,
        "upgrade": null,
        "upgradeInfo": null,
        "availabilityNux": null,
        "displayName": "GPT-5.5",
        "description": "The model of the test kit.",
        "modelSpecialty": null,
        "hidden": false,
        "supportedReasoningEfforts": [{"reasoningEffort": "medium", "description": "The only one"}],
        "defaultReasoningEffort": "medium",
        "inputModalities": ["text", "image"],
        "supportsPersonality": false,
        "multiAgentVersion": null,
        "additionalSpeedTiers": [],
        "serviceTiers": [],
        "defaultServiceTier": null,
        "availableAccessPrograms": null,
        "isDefault": true,
    })
}
