//! What the engine asks for, typed: one view for the approvals of all its methods, old and new.
//!
//! It reads and decides nothing. What it does not know stays visible in `params`.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::protocol::lenient;
use crate::thread::event::Event;

/// What an approval is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ApprovalKind {
    /// A command (`item/commandExecution/requestApproval`, `execCommandApproval`).
    Command,
    /// Changes of files (`item/fileChange/requestApproval`, `applyPatchApproval`).
    FileChange,
    /// More permissions for the rest of the turn or session (`item/permissions/requestApproval`).
    Permissions,
    /// The call of an MCP server's tool (`mcpServer/elicitation/request` of the kind `mcp_tool_call`).
    McpTool,
}

/// A change of one file that waits for approval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProposedChange {
    /// The file.
    pub path: String,
    /// `add`, `delete` or `update`.
    pub kind: String,
    /// Where an update moves the file to.
    pub move_path: Option<String>,
    /// The unified diff, or the content of an added or deleted file.
    pub diff: String,
}

/// An approval that the engine asks for. Fields that the engine did not give, or that make no sense for the kind, are
/// empty.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ApprovalRequest {
    /// Names this request, also when the engine asks again over another connection.
    pub id: String,
    /// What it is about.
    pub kind: ApprovalKind,
    /// The protocol method.
    pub method: String,
    /// The thread.
    pub thread_id: Option<String>,
    /// The turn.
    pub turn_id: Option<String>,
    /// The item that waits.
    pub item_id: Option<String>,
    /// Why the agent wants it, in its words.
    pub reason: Option<String>,
    /// The command as it would run, with the shell that runs it.
    pub command: Option<String>,
    /// The line within, if a shell runs one: `git status` of `/bin/bash -lc 'git status'`.
    pub script: Option<String>,
    /// Where it would run.
    pub cwd: Option<String>,
    /// What files would become.
    pub changes: Vec<ProposedChange>,
    /// A folder that the agent wants to write to from now on.
    pub grant_root: Option<String>,
    /// The permissions asked for, as on the wire.
    pub permissions: Option<Value>,
    /// The host and protocol, if it is about the network, as on the wire.
    pub network: Option<Value>,
    /// The MCP server.
    pub server: Option<String>,
    /// Its tool.
    pub tool: Option<String>,
    /// The tool's arguments.
    pub arguments: Option<Value>,
    /// The rule that `acceptWithRule` would remember: the beginning of the command.
    pub proposed_rule: Option<Vec<String>>,
    /// What can be decided: `accept`, `acceptForSession`, `acceptWithRule`, `decline`, `cancel`.
    pub available_decisions: Vec<&'static str>,
    /// The request's params as they came.
    pub params: Box<RawValue>,
}

/// The fields of all methods' params that matter here.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Params {
    approval_id: Option<String>,
    available_decisions: Option<Vec<Value>>,
    call_id: Option<String>,
    command: Option<Value>,
    conversation_id: Option<String>,
    cwd: Option<String>,
    additional_permissions: Option<Value>,
    file_changes: Option<Map<String, Value>>,
    grant_root: Option<String>,
    message: Option<String>,
    #[serde(rename = "_meta")]
    meta: Option<Meta>,
    network_approval_context: Option<Value>,
    permissions: Option<Value>,
    proposed_execpolicy_amendment: Option<Vec<String>>,
    proposed_network_policy_amendments: Option<Vec<Value>>,
    reason: Option<String>,
    server_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    codex_approval_kind: Option<String>,
    persist: Option<Vec<String>>,
    tool_params: Option<Value>,
    tool_name: Option<String>,
}

impl ApprovalRequest {
    /// Reads a request of the engine; `None` if it asks for no approval. `item` is the item that it is about, as it
    /// was started.
    pub(crate) fn of(event: &Event, item: Option<&Event>) -> Option<Self> {
        let params: Params = lenient::from_str(event.params()).unwrap_or_default();
        let kind = kind_of(event.method(), &params)?;
        let command = params.command.as_ref().and_then(command_line);
        let script = command.as_deref().map(super::command::unwrapped);
        let available = available(kind, &params);
        let tool = params.meta.as_ref().and_then(|meta| meta.tool_name.clone());
        let tool = tool.or_else(|| params.message.as_deref().and_then(tool_of_message));
        let changes = match &params.file_changes {
            Some(changes) => changes.iter().map(legacy_change).collect(),
            None => item.map(changes_of).unwrap_or_default(),
        };
        let item_id = event.item_id().map(str::to_owned).or(params.call_id);
        let parts = [
            event.turn_id(),
            item_id.as_deref(),
            params.approval_id.as_deref(),
        ];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        Some(Self {
            id: format!("{}:{}", event.method(), parts.join(":")),
            kind,
            method: event.method().to_owned(),
            thread_id: event
                .thread_id()
                .map(str::to_owned)
                .or(params.conversation_id),
            turn_id: event.turn_id().map(str::to_owned),
            item_id,
            reason: params.reason.or(params.message),
            command,
            script,
            cwd: params.cwd,
            changes,
            grant_root: params.grant_root,
            permissions: params.permissions.or(params.additional_permissions),
            network: params.network_approval_context,
            server: params.server_name,
            tool: tool.filter(|_| kind == ApprovalKind::McpTool),
            arguments: params.meta.and_then(|meta| meta.tool_params),
            proposed_rule: params.proposed_execpolicy_amendment,
            available_decisions: available,
            params: raw_params(event),
        })
    }

    /// The view as JSON, keys in camelCase.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The params of a request as they came.
pub(crate) fn raw_params(event: &Event) -> Box<RawValue> {
    RawValue::from_string(event.params().to_owned()).unwrap_or_default()
}

fn kind_of(method: &str, params: &Params) -> Option<ApprovalKind> {
    Some(match method {
        "item/commandExecution/requestApproval" | "execCommandApproval" => ApprovalKind::Command,
        "item/fileChange/requestApproval" | "applyPatchApproval" => ApprovalKind::FileChange,
        "item/permissions/requestApproval" => ApprovalKind::Permissions,
        "mcpServer/elicitation/request" => {
            let kind = params.meta.as_ref()?.codex_approval_kind.as_deref()?;
            (kind == "mcp_tool_call").then_some(ApprovalKind::McpTool)?
        }
        _ => return None,
    })
}

/// A command is one text; the legacy requests give its words.
fn command_line(command: &Value) -> Option<String> {
    match command {
        Value::String(line) => Some(line.clone()),
        Value::Array(words) => {
            let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
            shlex::try_join(words?).ok()
        }
        _ => None,
    }
}

/// The engine names the tool in its message alone: `Allow the S MCP server to run tool "T"?`
fn tool_of_message(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("tool \"")?;
    let (name, _) = rest.rsplit_once('"')?;
    Some(name.to_owned())
}

/// The decisions that make sense, in the order of their reach. The engine's own list leaves out the decline, which it
/// always takes.
fn available(kind: ApprovalKind, params: &Params) -> Vec<&'static str> {
    let listed = |word: &str| match &params.available_decisions {
        None => word == "acceptForSession",
        Some(list) => list
            .iter()
            .any(|one| one.as_str() == Some(word) || one.get(word).is_some()),
    };
    let persists = |how: &str| {
        let meta = params.meta.as_ref();
        let persist = meta.and_then(|meta| meta.persist.as_ref());
        persist.is_some_and(|list| list.iter().any(|one| one == how))
    };
    let (session, rule) = match kind {
        ApprovalKind::Command => (
            listed("acceptForSession"),
            params.proposed_execpolicy_amendment.is_some()
                || params.proposed_network_policy_amendments.is_some(),
        ),
        ApprovalKind::FileChange | ApprovalKind::Permissions => (true, false),
        ApprovalKind::McpTool => (persists("session"), persists("always")),
    };
    let mut words = vec!["accept"];
    words.extend(session.then_some("acceptForSession"));
    words.extend(rule.then_some("acceptWithRule"));
    words.extend(["decline", "cancel"]);
    words
}

/// The changes of a `fileChange` item, from its `item/started`.
fn changes_of(item: &Event) -> Vec<ProposedChange> {
    #[derive(Deserialize)]
    struct Started {
        item: Item,
    }
    #[derive(Deserialize)]
    struct Item {
        #[serde(default)]
        changes: Vec<Change>,
    }
    #[derive(Deserialize)]
    struct Change {
        path: String,
        kind: Value,
        #[serde(default)]
        diff: String,
    }
    let Ok(started) = lenient::from_str::<Started>(item.params()) else {
        return Vec::new();
    };
    let changes = started.item.changes.into_iter();
    changes
        .map(|change| {
            let tag = change.kind.get("type").unwrap_or(&change.kind);
            let moved = change
                .kind
                .get("move_path")
                .or_else(|| change.kind.get("movePath"));
            ProposedChange {
                path: change.path,
                kind: tag.as_str().unwrap_or_default().to_owned(),
                move_path: moved.and_then(Value::as_str).map(str::to_owned),
                diff: change.diff,
            }
        })
        .collect()
}

fn legacy_change((path, change): (&String, &Value)) -> ProposedChange {
    let text = |key: &str| change.get(key).and_then(Value::as_str).map(str::to_owned);
    ProposedChange {
        path: path.clone(),
        kind: text("type").unwrap_or_default(),
        move_path: text("move_path"),
        diff: text("unified_diff")
            .or_else(|| text("content"))
            .unwrap_or_default(),
    }
}
