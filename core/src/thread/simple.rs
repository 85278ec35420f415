//! View 2: the `ThreadEvent` model of the official TypeScript SDK and of `codex exec --json`, folded from
//! the full stream of one turn.
//!
//! A pure value: events go in, simple events come out. It differs from `codex exec --json` on purpose
//! (fixtures/differences-exec.json): `turn.completed.usage` is what this turn used, and `thread_usage` says
//! the thread's total; events of a turn name it; errors carry the engine's own kind.
//!
//! Warnings that name no turn are no events of a turn, but `codex exec` tells them. [`Turn::simple_fold`]
//! gives a fold that is told of them, too.
//!
//! [`Turn::simple_fold`]: crate::Turn::simple_fold

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::lenient;
use crate::thread::event::Event;
use crate::thread::state::TurnState;

/// One event of the simple model. Serialises to the official shape (`{"type": "item.completed", ...}`).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type")]
#[non_exhaustive]
pub enum SimpleEvent {
    /// The first event of every turn.
    #[serde(rename = "thread.started")]
    ThreadStarted {
        /// The thread, new or resumed.
        thread_id: String,
    },
    /// The engine began to work on the input.
    #[serde(rename = "turn.started")]
    TurnStarted {
        /// The turn.
        turn_id: String,
    },
    /// The turn ended well.
    #[serde(rename = "turn.completed")]
    TurnCompleted {
        /// The turn.
        turn_id: String,
        /// What this turn used.
        usage: SimpleUsage,
        /// What the whole thread has used so far.
        thread_usage: SimpleUsage,
    },
    /// The turn failed.
    #[serde(rename = "turn.failed")]
    TurnFailed {
        /// The turn.
        turn_id: String,
        /// Why.
        error: SimpleFailure,
    },
    /// An item began.
    #[serde(rename = "item.started")]
    ItemStarted {
        /// The item so far.
        item: SimpleItem,
    },
    /// An item changed: a to-do list, or a file change while the model writes it.
    #[serde(rename = "item.updated")]
    ItemUpdated {
        /// The item so far.
        item: SimpleItem,
    },
    /// An item is final.
    #[serde(rename = "item.completed")]
    ItemCompleted {
        /// The final item.
        item: SimpleItem,
    },
    /// The engine reported an error, which it may go on to recover from.
    #[serde(rename = "error")]
    Error {
        /// What it said.
        message: String,
        /// Whether the engine tries again by itself.
        will_retry: bool,
        /// The kind of error, as the protocol's `CodexErrorInfo`; null where the engine names none.
        codex_error_info: Value,
    },
}

impl SimpleEvent {
    /// The event as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "null".to_owned())
    }
}

/// Why a turn failed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimpleFailure {
    /// The engine's message.
    pub message: String,
    /// The kind of error, as the protocol's `CodexErrorInfo`; null where the engine names none.
    pub codex_error_info: Value,
}

/// Why a call of a tool failed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimpleError {
    /// The engine's message.
    pub message: String,
}

/// Token counters, in the official names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SimpleUsage {
    /// Tokens sent to the model.
    #[serde(alias = "inputTokens")]
    pub input_tokens: i64,
    /// Those of them that were read from the prompt cache.
    #[serde(alias = "cachedInputTokens")]
    pub cached_input_tokens: i64,
    /// Those of them that were written to the prompt cache.
    #[serde(alias = "cacheWriteInputTokens")]
    pub cache_write_input_tokens: i64,
    /// Tokens that the model produced.
    #[serde(alias = "outputTokens")]
    pub output_tokens: i64,
    /// Those of them that were reasoning.
    #[serde(alias = "reasoningOutputTokens")]
    pub reasoning_output_tokens: i64,
}

impl SimpleUsage {
    fn minus(self, other: Self) -> Self {
        Self {
            input_tokens: self.input_tokens - other.input_tokens,
            cached_input_tokens: self.cached_input_tokens - other.cached_input_tokens,
            cache_write_input_tokens: self.cache_write_input_tokens
                - other.cache_write_input_tokens,
            output_tokens: self.output_tokens - other.output_tokens,
            reasoning_output_tokens: self.reasoning_output_tokens - other.reasoning_output_tokens,
        }
    }
}

/// An item of the simple model: its id within the turn (`item_0`, ...) and what it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimpleItem {
    /// Counted from `item_0` in every turn; a web search carries the engine's own id, as the official
    /// clients see it.
    pub id: String,
    /// What the item is.
    #[serde(flatten)]
    pub details: SimpleDetails,
}

/// The kinds of items of the simple model.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "the fields are named as the official SDK documents them"
)]
#[expect(
    clippy::large_enum_variant,
    reason = "they are made one at a time and not kept in numbers"
)]
pub enum SimpleDetails {
    AgentMessage {
        text: String,
    },
    Reasoning {
        text: String,
    },
    CommandExecution {
        command: String,
        aggregated_output: String,
        exit_code: Option<i64>,
        status: String,
    },
    FileChange {
        changes: Vec<SimpleChange>,
        status: String,
    },
    McpToolCall {
        server: String,
        tool: String,
        arguments: Value,
        result: Option<SimpleMcpResult>,
        error: Option<SimpleError>,
        status: String,
    },
    CollabToolCall {
        tool: String,
        sender_thread_id: String,
        receiver_thread_ids: Vec<String>,
        prompt: Option<String>,
        agents_states: BTreeMap<String, SimpleAgentState>,
        status: String,
    },
    WebSearch {
        query: String,
        action: Value,
    },
    TodoList {
        items: Vec<SimpleTodo>,
    },
    Error {
        message: String,
    },
}

/// One file of a `file_change` item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimpleChange {
    /// The file.
    pub path: String,
    /// `add`, `delete` or `update`.
    pub kind: String,
}

/// What an MCP tool answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimpleMcpResult {
    /// MCP content blocks, as they came.
    pub content: Value,
    /// The metadata of the answer, if there was any.
    #[serde(rename = "_meta", skip_serializing_if = "Value::is_null")]
    pub meta: Value,
    /// The structured answer, or null.
    pub structured_content: Value,
}

/// The state of a sub-agent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimpleAgentState {
    /// `running`, `completed` and the like.
    pub status: String,
    /// Its last message, if it has one.
    pub message: Option<String>,
}

/// A line of a to-do list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimpleTodo {
    /// The step.
    pub text: String,
    /// Whether it is done.
    pub completed: bool,
}

/// What `run()` of the official SDK gives, collected from the simple events of one turn.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimpleResult {
    /// Every completed item, in order.
    pub items: Vec<SimpleItem>,
    /// The text of the last agent message; empty without one.
    pub final_response: String,
    /// What the turn used; null unless it completed.
    pub usage: Option<SimpleUsage>,
    /// The message of `turn.failed`, if that came.
    pub failure: Option<String>,
}

impl SimpleResult {
    /// Takes in one simple event.
    pub fn observe(&mut self, event: SimpleEvent) {
        match event {
            SimpleEvent::ItemCompleted { item } => {
                if let SimpleDetails::AgentMessage { text } = &item.details {
                    self.final_response.clone_from(text);
                }
                self.items.push(item);
            }
            SimpleEvent::TurnCompleted { usage, .. } => self.usage = Some(usage),
            SimpleEvent::TurnFailed { error, .. } => self.failure = Some(error.message),
            _ => {}
        }
    }

    /// The result as one JSON object with camelCase keys (the items keep the official snake_case).
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "null".to_owned())
    }
}

/// A program that the engine would rather find installed. The app-server says so at its start, whatever
/// sandbox is used; `codex exec --json` does not.
const SANDBOX_HELPER: &str = "bubblewrap";
/// What is deprecated of the protocol is the client's business, and no news of the turn.
const OF_THE_PROTOCOL: &str = "`thread/";

/// The fold of one turn's full events into simple ones.
#[derive(Debug, Default)]
pub struct SimpleFold {
    next_item: usize,
    started: HashMap<String, String>,
    todo: Option<SimpleItem>,
    before: SimpleUsage,
    total: Option<SimpleUsage>,
    last_error: Option<String>,
    notices: Option<Notices>,
}

/// Where the warnings come from that concern a turn without naming it.
#[derive(Debug)]
struct Notices {
    turn: Arc<TurnState>,
    /// How many of the turn's events were folded; deltas do not count.
    folded: u64,
    told: usize,
}

impl SimpleFold {
    /// The fold of a turn that is about to start, and the event that announces its thread.
    #[must_use]
    pub fn begin(thread_id: &str) -> (Self, SimpleEvent) {
        (
            Self::default(),
            SimpleEvent::ThreadStarted {
                thread_id: thread_id.to_owned(),
            },
        )
    }

    /// As [`SimpleFold::begin`], for a turn that is also asked for what concerns it without naming it.
    pub(crate) fn of(turn: &Arc<TurnState>) -> (Self, SimpleEvent) {
        let (mut fold, opening) = Self::begin(turn.thread_id());
        fold.notices = Some(Notices {
            turn: turn.clone(),
            folded: 0,
            told: 0,
        });
        (fold, opening)
    }

    /// Takes in one event of the turn and appends what it means to `out`; most mean nothing.
    pub fn push(&mut self, event: &Event, out: &mut Vec<SimpleEvent>) {
        if event.is_delta() {
            return;
        }
        if let Some(notices) = &mut self.notices {
            let due = notices.turn.notices(notices.told, notices.folded);
            notices.told += due.len();
            notices.folded += 1;
            for notice in due {
                self.fold(&notice, out);
            }
        }
        self.fold(event, out);
    }

    fn fold(&mut self, event: &Event, out: &mut Vec<SimpleEvent>) {
        match event.method() {
            "turn/started" => out.push(SimpleEvent::TurnStarted {
                turn_id: event.turn_id().unwrap_or_default().to_owned(),
            }),
            "item/started" => self.item_started(&params(event)["item"], out),
            "item/completed" => self.item_completed(&params(event)["item"], out),
            "turn/plan/updated" => self.plan_updated(&params(event)["plan"], out),
            "thread/tokenUsage/updated" => self.usage_updated(&params(event)["tokenUsage"]),
            "error" => {
                let params = params(event);
                let message = with_details(&params["error"], "message", "additionalDetails");
                self.last_error = Some(message.clone());
                out.push(SimpleEvent::Error {
                    message,
                    will_retry: params["willRetry"] == true,
                    codex_error_info: params["error"]["codexErrorInfo"].clone(),
                });
            }
            "warning" | "guardianWarning" => self.notice(text(&params(event)["message"]), out),
            "configWarning" | "deprecationNotice" => {
                let message = with_details(&params(event), "summary", "details");
                if ![SANDBOX_HELPER, OF_THE_PROTOCOL]
                    .iter()
                    .any(|word| message.contains(word))
                {
                    self.notice(message, out);
                }
            }
            "model/rerouted" => {
                let params = params(event);
                let (from, to) = (text(&params["fromModel"]), text(&params["toModel"]));
                let reason = capitalised(&text(&params["reason"]));
                self.notice(format!("model rerouted: {from} -> {to} ({reason})"), out);
            }
            "turn/completed" => self.turn_completed(&params(event)["turn"], out),
            _ => {}
        }
    }

    fn fresh_id(&mut self) -> String {
        let id = format!("item_{}", self.next_item);
        self.next_item += 1;
        id
    }

    fn item_started(&mut self, raw: &Value, out: &mut Vec<SimpleEvent>) {
        let Some(details) = details(raw) else { return };
        if matches!(
            details,
            SimpleDetails::AgentMessage { .. } | SimpleDetails::Reasoning { .. }
        ) {
            return; // announced when they are complete, as the official stream does
        }
        let id = self.fresh_id();
        self.started.insert(text(&raw["id"]), id.clone());
        out.push(SimpleEvent::ItemStarted {
            item: item(id, raw, details),
        });
    }

    fn item_completed(&mut self, raw: &Value, out: &mut Vec<SimpleEvent>) {
        let Some(details) = details(raw) else { return };
        if matches!(&details, SimpleDetails::Reasoning { text } if text.trim().is_empty()) {
            return;
        }
        let id = self
            .started
            .remove(&text(&raw["id"]))
            .unwrap_or_else(|| self.fresh_id());
        out.push(SimpleEvent::ItemCompleted {
            item: item(id, raw, details),
        });
    }

    fn plan_updated(&mut self, plan: &Value, out: &mut Vec<SimpleEvent>) {
        let steps = plan.as_array().map(Vec::as_slice).unwrap_or_default();
        let items = steps
            .iter()
            .map(|step| SimpleTodo {
                text: text(&step["step"]),
                completed: step["status"] == "completed",
            })
            .collect();
        let known = self.todo.take();
        let started = known.is_none();
        let id = known.map_or_else(|| self.fresh_id(), |item| item.id);
        let item = SimpleItem {
            id,
            details: SimpleDetails::TodoList { items },
        };
        self.todo = Some(item.clone());
        out.push(if started {
            SimpleEvent::ItemStarted { item }
        } else {
            SimpleEvent::ItemUpdated { item }
        });
    }

    /// The thread's total before this turn is what the last report before it said. Where none was seen, it
    /// follows from the turn's first report: total less last.
    fn usage_updated(&mut self, usage: &Value) {
        let total = counters(&usage["total"]);
        if self.total.is_none() {
            let before = self
                .notices
                .as_ref()
                .and_then(|known| known.turn.usage_before());
            self.before = match before {
                Some(report) => counters(&params(&report)["tokenUsage"]["total"]),
                None => total.minus(counters(&usage["last"])),
            };
        }
        self.total = Some(total);
    }

    fn notice(&mut self, message: String, out: &mut Vec<SimpleEvent>) {
        let id = self.fresh_id();
        out.push(SimpleEvent::ItemCompleted {
            item: SimpleItem {
                id,
                details: SimpleDetails::Error { message },
            },
        });
    }

    fn turn_completed(&mut self, turn: &Value, out: &mut Vec<SimpleEvent>) {
        if let Some(item) = self.todo.take() {
            out.push(SimpleEvent::ItemCompleted { item });
        }
        for raw in turn["items"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
        {
            if self.started.contains_key(&text(&raw["id"])) {
                self.item_completed(raw, out);
            }
        }
        match turn["status"].as_str() {
            Some("completed") => {
                let total = self.total.unwrap_or_default();
                let usage = self
                    .total
                    .map_or_else(SimpleUsage::default, |total| total.minus(self.before));
                out.push(SimpleEvent::TurnCompleted {
                    turn_id: text(&turn["id"]),
                    usage,
                    thread_usage: total,
                });
            }
            Some("failed") => {
                let message = match &turn["error"] {
                    Value::Null => self
                        .last_error
                        .take()
                        .unwrap_or_else(|| "turn failed".to_owned()),
                    error => text(&error["message"]),
                };
                out.push(SimpleEvent::TurnFailed {
                    turn_id: text(&turn["id"]),
                    error: SimpleFailure {
                        message,
                        codex_error_info: turn["error"]["codexErrorInfo"].clone(),
                    },
                });
            }
            _ => {} // an interrupted turn has no event of its own
        }
    }
}

fn params(event: &Event) -> Value {
    lenient::from_str(event.params()).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The word as the official stream shows it: the name of a variant.
fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn with_details(value: &Value, message: &str, details: &str) -> String {
    match value[details].as_str() {
        Some(details) if !details.is_empty() => format!("{} ({details})", text(&value[message])),
        _ => text(&value[message]),
    }
}

fn counters(value: &Value) -> SimpleUsage {
    SimpleUsage::deserialize(value).unwrap_or_default()
}

/// The wire's camelCase words (`inProgress`, `spawnAgent`) in the simple model's snake_case.
fn snake(value: &Value) -> String {
    let mut word = String::new();
    for letter in value.as_str().unwrap_or_default().chars() {
        if letter.is_ascii_uppercase() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

fn item(id: String, raw: &Value, details: SimpleDetails) -> SimpleItem {
    let own = matches!(details, SimpleDetails::WebSearch { .. });
    SimpleItem {
        id: if own { text(&raw["id"]) } else { id },
        details,
    }
}

/// The item in the simple model; none for the kinds that the simple model leaves out.
fn details(raw: &Value) -> Option<SimpleDetails> {
    let strings = |value: &Value| -> Vec<String> {
        value
            .as_array()
            .map(|list| list.iter().map(text).collect())
            .unwrap_or_default()
    };
    Some(match raw["type"].as_str()? {
        "agentMessage" => SimpleDetails::AgentMessage {
            text: text(&raw["text"]),
        },
        "reasoning" => SimpleDetails::Reasoning {
            text: strings(&raw["summary"]).join("\n"),
        },
        "commandExecution" => SimpleDetails::CommandExecution {
            command: text(&raw["command"]),
            aggregated_output: text(&raw["aggregatedOutput"]),
            exit_code: raw["exitCode"].as_i64(),
            status: snake(&raw["status"]),
        },
        "fileChange" => SimpleDetails::FileChange {
            changes: raw["changes"]
                .as_array()
                .map(|list| list.iter().map(change).collect())
                .unwrap_or_default(),
            status: snake(&raw["status"]),
        },
        "mcpToolCall" => SimpleDetails::McpToolCall {
            server: text(&raw["server"]),
            tool: text(&raw["tool"]),
            arguments: raw["arguments"].clone(),
            result: raw["result"].as_object().map(|result| SimpleMcpResult {
                content: result.get("content").cloned().unwrap_or_default(),
                meta: result.get("_meta").cloned().unwrap_or_default(),
                structured_content: result.get("structuredContent").cloned().unwrap_or_default(),
            }),
            error: raw["error"].as_object().map(|_| SimpleError {
                message: text(&raw["error"]["message"]),
            }),
            status: snake(&raw["status"]),
        },
        "collabAgentToolCall" => SimpleDetails::CollabToolCall {
            tool: snake(&raw["tool"]),
            sender_thread_id: text(&raw["senderThreadId"]),
            receiver_thread_ids: strings(&raw["receiverThreadIds"]),
            prompt: raw["prompt"].as_str().map(str::to_owned),
            agents_states: raw["agentsStates"]
                .as_object()
                .map(|states| {
                    states
                        .iter()
                        .map(|(id, state)| (id.clone(), agent_state(state)))
                        .collect()
                })
                .unwrap_or_default(),
            status: snake(&raw["status"]),
        },
        "webSearch" => SimpleDetails::WebSearch {
            query: text(&raw["query"]),
            action: action(&raw["action"]),
        },
        _ => return None,
    })
}

fn change(raw: &Value) -> SimpleChange {
    SimpleChange {
        path: text(&raw["path"]),
        kind: text(&raw["kind"]["type"]),
    }
}

fn agent_state(raw: &Value) -> SimpleAgentState {
    SimpleAgentState {
        status: snake(&raw["status"]),
        message: raw["message"].as_str().map(str::to_owned),
    }
}

/// A search's action: its tag in snake_case, and no null fields.
fn action(raw: &Value) -> Value {
    let Some(fields) = raw.as_object() else {
        return serde_json::json!({ "type": "other" });
    };
    let mut action = fields.clone();
    action.retain(|_, value| !value.is_null());
    action.insert("type".to_owned(), Value::String(snake(&raw["type"])));
    Value::Object(action)
}

#[cfg(test)]
#[path = "simple_tests.rs"]
mod tests;
