//! The plan of a faulty engine: at which points it does what. Only data; nothing is done here.

use crate::fields::Node;
use crate::{Error, Result};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What a [`crate::faulty`] engine does wrong. The empty plan is a healthy tiny engine.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Plan {
    /// The misbehaviour, each at its point.
    pub faults: Vec<Fault>,
    /// What a turn streams.
    pub turn: TurnPlan,
    /// Keep running when stdin ends.
    pub ignore_eof: bool,
    /// Keep running on SIGTERM.
    pub ignore_sigterm: bool,
    /// The version in the user agent and of `--version`; the real one's when absent.
    pub version: Option<String>,
    /// The process ends by itself after this long, so that a failed test leaves nothing behind;
    /// 600 when absent.
    pub max_seconds: Option<u64>,
    /// A file to which a line of JSON is added for each thing that comes in: `{"received": METHOD}`, and for each answer
    /// of the client's what was asked and what it said. What a client did is then seen from outside, even after a death.
    pub record: Option<PathBuf>,
}

/// What a turn streams.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TurnPlan {
    /// The final message, a delta a word.
    pub text: String,
    /// A pause before each delta.
    pub delay_ms: u64,
    /// Items sent as started and completed before the message.
    pub items: Vec<Value>,
    /// The turn fails with this error in place of completing.
    pub error: Option<Value>,
}

impl Default for TurnPlan {
    fn default() -> Self {
        Self {
            text: "Hello from the faulty engine".to_owned(),
            delay_ms: 0,
            items: Vec::new(),
            error: None,
        }
    }
}

/// Misbehaviour at a point.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Fault {
    /// A method the client sends, a notification the engine sends, or `boot`.
    pub on: String,
    /// The first time is 1; absent: every time.
    pub nth: Option<usize>,
    /// Done before the message is answered or sent.
    pub before: Vec<Action>,
    /// How the message is answered (or sent, if it is the engine's own).
    pub answer: Answer,
    /// Done afterwards.
    pub after: Vec<Action>,
}

/// How a request is answered, or a notification sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Answer {
    /// As a healthy engine does.
    #[default]
    Normal,
    /// Not at all.
    Never,
    /// Two times the same.
    Twice,
    /// This many milliseconds later, while everything else goes on.
    Late(u64),
    /// After the next answer (or notification).
    AfterNext,
    /// With this JSON-RPC error; the request is not carried out.
    Error(Value),
    /// With this result in place of the right one.
    Result(Value),
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// Write nothing more, ever.
    Silence,
    /// Exit with a code.
    Exit(i32),
    /// Die of a signal, by name: `KILL`, `SEGV`, ...
    Signal(String),
    /// These bytes to stdout as they are.
    Write(Vec<u8>),
    /// A ready-made bad line.
    Line(BadLine),
    /// A valid notification of about this many bytes.
    HugeLine(usize),
    /// A notification.
    Notify {
        /// Its method.
        method: String,
        /// Its parameters; `${thread}`, `${turn}` and `${item}` are replaced.
        params: Value,
    },
    /// Many notifications at once.
    Flood {
        /// How many.
        count: usize,
        /// The method and parameters; deltas of the running turn when absent.
        message: Option<(String, Value)>,
    },
    /// These bytes to stderr.
    Stderr(Vec<u8>),
    /// Read nothing more from stdin.
    StopReading,
    /// Pause here.
    Sleep(u64),
    /// A request to the client; its answer comes back as the notification `test/answered`.
    Request {
        /// Its method.
        method: String,
        /// Its parameters; `${thread}`, `${turn}` and `${item}` are replaced.
        params: Value,
        /// Whether the turn waits for the answer.
        wait: bool,
    },
    /// Leave a process running, `sleep` for so many seconds; its pid comes as `test/spawned`.
    Spawn {
        /// How long it lives.
        seconds: u64,
        /// Whether it holds the engine's stdout and stderr open.
        inherit_stdio: bool,
    },
    /// Close stdout but go on.
    CloseStdout,
}

/// A ready-made bad or strange line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadLine {
    /// Text that is no JSON.
    BadJson,
    /// An empty line.
    Blank,
    /// A JSON array.
    Array,
    /// Half a message without a line end.
    Truncated,
    /// Bytes that are no UTF-8, in a delta.
    InvalidUtf8,
    /// A delta with an escaped lone surrogate.
    LoneSurrogate,
    /// A delta whose keys come twice.
    DuplicateKeys,
    /// A notification nobody knows.
    UnknownNotification,
    /// An item of a type nobody knows, started and completed.
    UnknownItem,
    /// A known item with a status nobody knows.
    UnknownEnum,
    /// An answer to a request that was never made.
    UnknownAnswer,
}

const WORDS: &[(&str, BadLine)] = &[
    ("bad_json", BadLine::BadJson),
    ("blank", BadLine::Blank),
    ("array", BadLine::Array),
    ("truncated", BadLine::Truncated),
    ("invalid_utf8", BadLine::InvalidUtf8),
    ("lone_surrogate", BadLine::LoneSurrogate),
    ("duplicate_keys", BadLine::DuplicateKeys),
    ("unknown_notification", BadLine::UnknownNotification),
    ("unknown_item", BadLine::UnknownItem),
    ("unknown_enum", BadLine::UnknownEnum),
    ("unknown_answer", BadLine::UnknownAnswer),
];

/// The signals that `die` knows.
pub(super) const SIGNALS: [&str; 6] = ["KILL", "TERM", "INT", "SEGV", "ABRT", "HUP"];

impl Plan {
    /// Reads a plan from JSON text.
    ///
    /// # Errors
    /// [`Error::Json`] when it is no JSON, [`Error::Format`] naming the bad key.
    pub fn parse(text: &str) -> Result<Self> {
        let value = serde_json::from_str(text).map_err(|source| Error::Json {
            what: "plan",
            source,
        })?;
        plan(&Node::root("plan", &value))
    }

    /// Reads a plan from JSON text, or from the file of that name.
    ///
    /// # Errors
    /// As [`Plan::parse`], or when the file cannot be read.
    pub fn load(text_or_path: &str) -> Result<Self> {
        if text_or_path.trim_start().starts_with('{') {
            return Self::parse(text_or_path);
        }
        let text = std::fs::read_to_string(text_or_path)
            .map_err(|error| Error::io(format!("reading the plan {text_or_path}"), error))?;
        Self::parse(&text)
    }
}

fn plan(root: &Node<'_>) -> Result<Plan> {
    let fields = root.fields(&[
        "faults",
        "turn",
        "ignore_eof",
        "ignore_sigterm",
        "version",
        "max_seconds",
        "record",
    ])?;
    Ok(Plan {
        faults: match fields.get("faults") {
            Some(list) => list.list()?.iter().map(fault).collect::<Result<_>>()?,
            None => Vec::new(),
        },
        turn: fields.read("turn", turn)?.unwrap_or_default(),
        ignore_eof: fields.read("ignore_eof", Node::bool)?.unwrap_or(false),
        ignore_sigterm: fields.read("ignore_sigterm", Node::bool)?.unwrap_or(false),
        version: fields.read("version", Node::string)?,
        max_seconds: fields.read("max_seconds", Node::u64)?,
        record: fields.read("record", Node::string)?.map(PathBuf::from),
    })
}

fn turn(node: &Node<'_>) -> Result<TurnPlan> {
    let fields = node.fields(&["text", "delay_ms", "items", "error"])?;
    let default = TurnPlan::default();
    Ok(TurnPlan {
        text: fields.read("text", Node::string)?.unwrap_or(default.text),
        delay_ms: fields.read("delay_ms", Node::u64)?.unwrap_or(0),
        items: match fields.get("items") {
            Some(list) => list
                .list()?
                .iter()
                .map(|item| item.map().map(|map| Value::Object(map.clone())))
                .collect::<Result<_>>()?,
            None => Vec::new(),
        },
        error: match fields.get("error") {
            Some(error) => Some(Value::Object(error.map()?.clone())),
            None => None,
        },
    })
}

fn fault(node: &Node<'_>) -> Result<Fault> {
    let fields = node.fields(&["on", "nth", "do", "answer", "then", "comment"])?;
    let nth = fields.read("nth", Node::usize)?;
    if nth == Some(0) {
        return Err(node.error("\"nth\" counts from 1"));
    }
    Ok(Fault {
        on: fields.required("on")?.string()?,
        nth,
        before: fields.read("do", actions)?.unwrap_or_default(),
        answer: fields.read("answer", answer)?.unwrap_or_default(),
        after: fields.read("then", actions)?.unwrap_or_default(),
    })
}

fn answer(node: &Node<'_>) -> Result<Answer> {
    if let Some(word) = node.value.as_str() {
        return match word {
            "normal" => Ok(Answer::Normal),
            "never" => Ok(Answer::Never),
            "twice" => Ok(Answer::Twice),
            "after_next" => Ok(Answer::AfterNext),
            _ => Err(node.expected(
                "\"normal\", \"never\", \"twice\", \"after_next\", {\"late_ms\": n}, \
                 {\"error\": {}} or {\"result\": any}",
            )),
        };
    }
    let fields = node.fields(&["late_ms", "error", "result"])?;
    if let Some(late) = fields.get("late_ms") {
        return Ok(Answer::Late(late.u64()?));
    }
    if let Some(error) = fields.get("error") {
        return Ok(Answer::Error(Value::Object(error.map()?.clone())));
    }
    match node.map()?.get("result") {
        Some(result) => Ok(Answer::Result(result.clone())),
        None => Err(node.expected("{\"late_ms\": n}, {\"error\": {}} or {\"result\": any}")),
    }
}

fn actions(node: &Node<'_>) -> Result<Vec<Action>> {
    if node.value.is_array() {
        node.list()?.iter().map(action).collect()
    } else {
        Ok(vec![action(node)?])
    }
}

fn action(node: &Node<'_>) -> Result<Action> {
    if let Some(word) = node.value.as_str() {
        if let Some((_, line)) = WORDS.iter().find(|(name, _)| *name == word) {
            return Ok(Action::Line(*line));
        }
        return match word {
            "silence" => Ok(Action::Silence),
            "die" => Ok(Action::Exit(1)),
            "stop_reading" => Ok(Action::StopReading),
            "close_stdout" => Ok(Action::CloseStdout),
            "spawn" => Ok(Action::Spawn {
                seconds: 60,
                inherit_stdio: false,
            }),
            _ => {
                let words: Vec<_> = WORDS.iter().map(|(name, _)| *name).collect();
                Err(node.error(format!(
                    "unknown action {word:?}; known words: silence, die, stop_reading, close_stdout, \
                     spawn, {}",
                    words.join(", ")
                )))
            }
        };
    }
    let fields = node.fields(&[
        "die",
        "write",
        "write_base64",
        "huge_line",
        "notify",
        "flood",
        "stderr",
        "sleep_ms",
        "request",
        "approval",
        "spawn",
    ])?;
    let map = node.map()?;
    if map.len() != 1 {
        return Err(node.error("an action has exactly one key"));
    }
    let key = map.keys().next().map_or("", String::as_str);
    let body = fields.required(key)?;
    match key {
        "die" => die(&body),
        "write" => Ok(Action::Write(format!("{}\n", body.str()?).into_bytes())),
        "write_base64" => Ok(Action::Write(base64(&body)?)),
        "huge_line" => Ok(Action::HugeLine(body.usize()?)),
        "notify" => {
            let (method, params) = message(&body)?;
            Ok(Action::Notify { method, params })
        }
        "flood" => flood(&body),
        "stderr" => stderr(&body),
        "sleep_ms" => Ok(Action::Sleep(body.u64()?)),
        "request" => {
            let fields = body.fields(&["method", "params", "wait"])?;
            Ok(Action::Request {
                method: fields.required("method")?.string()?,
                params: fields
                    .get("params")
                    .map_or(json!({}), |node| node.value.clone()),
                wait: fields.read("wait", Node::bool)?.unwrap_or(true),
            })
        }
        "approval" => approval(&body),
        _ => {
            let fields = body.fields(&["seconds", "inherit_stdio"])?;
            Ok(Action::Spawn {
                seconds: fields.read("seconds", Node::u64)?.unwrap_or(60),
                inherit_stdio: fields.read("inherit_stdio", Node::bool)?.unwrap_or(false),
            })
        }
    }
}

fn die(node: &Node<'_>) -> Result<Action> {
    let fields = node.fields(&["exit", "signal"])?;
    if let Some(signal) = fields.get("signal") {
        let name = signal.str()?.trim_start_matches("SIG");
        if !SIGNALS.contains(&name) {
            return Err(signal.expected(&format!("one of {}", SIGNALS.join(", "))));
        }
        return Ok(Action::Signal(name.to_owned()));
    }
    let code = fields.required("exit")?;
    let number = i32::try_from(code.i64()?).map_err(|_| code.expected("an exit code"))?;
    Ok(Action::Exit(number))
}

fn message(node: &Node<'_>) -> Result<(String, Value)> {
    let fields = node.fields(&["method", "params"])?;
    let params = fields
        .get("params")
        .map_or(json!({}), |node| node.value.clone());
    Ok((fields.required("method")?.string()?, params))
}

fn flood(node: &Node<'_>) -> Result<Action> {
    if node.value.is_number() {
        return Ok(Action::Flood {
            count: node.usize()?,
            message: None,
        });
    }
    let fields = node.fields(&["count", "method", "params"])?;
    let method = fields.read("method", Node::string)?;
    let params = fields
        .get("params")
        .map_or(json!({}), |node| node.value.clone());
    Ok(Action::Flood {
        count: fields.required("count")?.usize()?,
        message: method.map(|method| (method, params)),
    })
}

fn stderr(node: &Node<'_>) -> Result<Action> {
    if let Some(text) = node.value.as_str() {
        return Ok(Action::Stderr(format!("{text}\n").into_bytes()));
    }
    let fields = node.fields(&["base64", "bytes", "noise"])?;
    if let Some(node) = fields.get("base64") {
        return Ok(Action::Stderr(base64(&node)?));
    }
    if let Some(node) = fields.get("noise") {
        return Ok(Action::Stderr(noise(node.usize()?)));
    }
    let mut bytes = vec![b'e'; fields.required("bytes")?.usize()?];
    for line_end in bytes.iter_mut().skip(79).step_by(80) {
        *line_end = b'\n';
    }
    Ok(Action::Stderr(bytes))
}

/// Bytes of every value in no order that means anything, the same each time.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..count).map(|_| next()).collect()
}

/// The server requests of the protocol with parameters like the real engine's.
fn approval(node: &Node<'_>) -> Result<Action> {
    let ids = |extra: Value| {
        let mut params = json!({
            "threadId": "${thread}",
            "turnId": "${turn}",
            "itemId": "call_1",
            "startedAtMs": 0,
        });
        if let (Some(params), Value::Object(extra)) = (params.as_object_mut(), extra) {
            params.extend(extra);
        }
        params
    };
    let (method, params) = match node.str()? {
        "command" => (
            "item/commandExecution/requestApproval",
            ids(json!({
                "kind": "command",
                "environmentId": "local",
                "reason": "need it",
                "command": "/bin/bash -lc 'echo hi'",
                "cwd": "/tmp",
                "commandActions": [{"type": "unknown", "command": "echo hi"}],
                "proposedExecpolicyAmendment": ["echo"],
                "availableDecisions": ["accept", "cancel"],
            })),
        ),
        "file_change" => (
            "item/fileChange/requestApproval",
            ids(json!({"reason": null, "grantRoot": null})),
        ),
        "permissions" => (
            "item/permissions/requestApproval",
            ids(json!({
                "cwd": "/tmp",
                "environmentId": null,
                "reason": "need it",
                "permissions": {"network": {"enabled": true}, "fileSystem": null},
            })),
        ),
        "user_input" => (
            "item/tool/requestUserInput",
            json!({
                "threadId": "${thread}", "turnId": "${turn}", "itemId": "call_1",
                "isBlocking": true, "autoResolutionMs": null,
                "questions": [{
                    "id": "q1", "header": "Pick", "question": "Which one?", "isOther": false, "isSecret": false,
                    "options": [{"label": "A", "description": "first"}, {"label": "B", "description": "second"}],
                }],
            }),
        ),
        "elicitation" => (
            "mcpServer/elicitation/request",
            json!({
                "threadId": "${thread}", "turnId": "${turn}", "serverName": "fake", "mode": "form", "_meta": null,
                "message": "Your name?",
                "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}},
            }),
        ),
        "tool_call" => (
            "item/tool/call",
            json!({
                "threadId": "${thread}", "turnId": "${turn}", "callId": "call_1", "namespace": null,
                "tool": "my_tool", "arguments": {"x": 1},
            }),
        ),
        "current_time" => ("currentTime/read", json!({"threadId": "${thread}"})),
        _ => {
            return Err(node.expected(
                "\"command\", \"file_change\", \"permissions\", \"user_input\", \"elicitation\", \
                 \"tool_call\" or \"current_time\"",
            ));
        }
    };
    Ok(Action::Request {
        method: method.to_owned(),
        params,
        wait: true,
    })
}

fn base64(node: &Node<'_>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut bits = 0_u32;
    let mut count = 0;
    for character in node.str()?.bytes() {
        let digit = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' | b'\n' => continue,
            _ => return Err(node.expected("base64")),
        };
        bits = (bits << 6) | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(((bits >> count) & 0xff) as u8);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn bad_plans_are_named() {
        for (plan, path) in [
            (r#"{"fault": []}"#, "fault"),
            (r#"{"faults": [{"do": "die"}]}"#, "faults[0]"),
            (r#"{"faults": [{"on": "x", "nth": 0}]}"#, "faults[0]"),
            (r#"{"faults": [{"on": "x", "do": "dye"}]}"#, "faults[0].do"),
            (
                r#"{"faults": [{"on": "x", "do": [{"die": {"signal": "USR9"}}]}]}"#,
                "faults[0].do[0].die.signal",
            ),
            (
                r#"{"faults": [{"on": "x", "do": [{"write_base64": "*"}]}]}"#,
                "faults[0].do[0].write_base64",
            ),
            (
                r#"{"faults": [{"on": "x", "answer": "perhaps"}]}"#,
                "faults[0].answer",
            ),
            (
                r#"{"faults": [{"on": "x", "then": [{"approval": "x"}]}]}"#,
                "faults[0].then[0].approval",
            ),
            (r#"{"turn": {"text": 1}}"#, "turn.text"),
        ] {
            assert_eq!(Plan::parse(plan).unwrap_err().path(), Some(path), "{plan}");
        }
    }

    #[test]
    fn base64_is_decoded() {
        let plan = Plan::parse(r#"{"faults": [{"on": "x", "do": {"write_base64": "/w5oaQo="}}]}"#)
            .unwrap();
        assert_eq!(
            plan.faults[0].before,
            [Action::Write(b"\xff\x0ehi\n".to_vec())]
        );
    }
}
