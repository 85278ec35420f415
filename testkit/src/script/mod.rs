//! The script format: what the scripted model answers, as data.
//!
//! A [`Script`] is a list of rules; a rule says which requests it is for and holds the replies for
//! them, in order. Scripts are usually JSON (see the crate's README for every key); the types here
//! are the same thing for Rust, with a few builder helpers. This module only describes replies; it
//! starts no server and builds no wire events.

mod parse;

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A whole script: the rules are tried in order, the first that fits answers.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Script {
    /// Who answers what.
    pub rules: Vec<Rule>,
    /// The model named by [`crate::ScriptedModel::config_overrides`]; `gpt-5.5` when absent.
    pub model: Option<String>,
    /// The `data` list of `GET /v1/models`; empty when absent.
    pub models: Vec<Value>,
    /// The HTTP status sent when no reply is left; 500 when absent (the engine retries a 500 for
    /// about 25 s; a 400 fails the turn at once).
    pub exhausted_status: Option<u16>,
}

/// Replies for the requests that fit [`When`].
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Rule {
    /// Which requests the rule is for.
    pub when: When,
    /// The n-th fitting request of an engine thread gets the n-th reply.
    pub replies: Vec<Reply>,
    /// What happens when all replies were given.
    pub repeat: Repeat,
}

/// What a rule does once each of its replies was given in a thread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Repeat {
    /// Nothing more: the request is answered with an error that says so.
    #[default]
    None,
    /// The last reply again and again.
    Last,
    /// From the first reply again.
    Cycle,
    /// The rule no longer fits, so that a later rule answers.
    Next,
}

/// Which requests a rule is for; every condition that is given must hold.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct When {
    /// The text of the last user message contains this.
    pub prompt_contains: Option<String>,
    /// The text of any user message contains this (a steered message, for example).
    pub user_contains: Option<String>,
    /// The JSON text of the request's whole `input` contains this.
    pub input_contains: Option<String>,
    /// The JSON text of the last input item contains this (a tool's output, for example).
    pub last_input_contains: Option<String>,
    /// The request asks for this model.
    pub model: Option<String>,
    /// What the request is for; [`Kind::Turn`] when absent.
    pub kind: Option<Kind>,
    /// The number of tool outputs after the last user message, so 0 for the first request.
    pub step: Option<usize>,
}

/// What a request to the model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An ordinary request of a turn.
    Turn,
    /// The automatic reviewer of an approval asks for a verdict.
    Guardian,
    /// The engine asks for a compaction of the history.
    Compaction,
    /// Any of them (in a rule only).
    Any,
}

impl Kind {
    /// The word used in scripts and in recorded requests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Turn => "turn",
            Self::Guardian => "guardian",
            Self::Compaction => "compaction",
            Self::Any => "any",
        }
    }
}

/// The answer to one request.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Reply {
    /// What is streamed, in order.
    pub items: Vec<Item>,
    /// Token counts of `response.completed`.
    pub usage: Usage,
    /// Extra HTTP headers of the response (rate limits, `openai-model`, ...).
    pub headers: BTreeMap<String, String>,
    /// The HTTP status; 200 when absent. Any other status sends [`Reply::body`] as JSON.
    pub status: Option<u16>,
    /// The JSON body of a reply that is not a stream.
    pub body: Option<Value>,
    /// How the stream ends.
    pub end: End,
    /// Names and regular expressions with one group, applied to the JSON text of the request's
    /// `input`; the last match replaces `${name}` in this reply and in later ones of the thread.
    pub capture: BTreeMap<String, Capture>,
    /// How long to wait before the response headers are sent.
    pub delay_ms: u64,
    /// Never answer: the request stays open until the client gives up or the server stops.
    pub hang: bool,
}

impl Reply {
    /// A reply that streams `items` and completes.
    #[must_use]
    pub fn new(items: impl IntoIterator<Item = Item>) -> Self {
        Self {
            items: items.into_iter().collect(),
            ..Self::default()
        }
    }

    /// A reply that is one assistant message.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::new([Item::message(text)])
    }

    /// A reply that is an HTTP error with a JSON body.
    #[must_use]
    pub fn http(status: u16, body: Value) -> Self {
        Self {
            status: Some(status),
            body: Some(body),
            ..Self::default()
        }
    }

    /// The same reply with another end.
    #[must_use]
    pub fn ending(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// The same reply with a capture.
    ///
    /// # Errors
    /// When the regular expression is wrong or has not exactly one group.
    pub fn capturing(mut self, name: impl Into<String>, pattern: &str) -> Result<Self, String> {
        self.capture.insert(name.into(), Capture::new(pattern)?);
        Ok(self)
    }

    /// The same reply with other token counts.
    #[must_use]
    pub fn with_usage(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    /// The same reply with one more response header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }
}

/// A regular expression with exactly one group.
#[derive(Debug, Clone)]
pub struct Capture(pub(crate) regex_lite::Regex);

impl Capture {
    /// Compiles the expression.
    ///
    /// # Errors
    /// When it is not a regular expression or has not exactly one group.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let regex =
            regex_lite::Regex::new(pattern).map_err(|error| format!("bad expression: {error}"))?;
        if regex.captures_len() != 2 {
            return Err(format!(
                "the expression needs exactly one group, it has {}",
                regex.captures_len() - 1
            ));
        }
        Ok(Self(regex))
    }
}

/// How a stream ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum End {
    /// `response.completed` with the usage.
    #[default]
    Completed,
    /// `response.failed` with this error.
    Failed {
        /// The error code the engine acts on (`context_length_exceeded`, ...).
        code: String,
        /// The text for people.
        message: String,
    },
    /// `response.incomplete` with this reason.
    Incomplete(String),
    /// The connection is dropped in the middle of the body.
    Cut,
    /// The body ends properly, but without a terminal event.
    None,
    /// The body stays open, and nothing more comes.
    Hang,
}

/// Token counts of one response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the request.
    pub input_tokens: u64,
    /// Of these, from the cache.
    pub cached_tokens: u64,
    /// Tokens of the answer.
    pub output_tokens: u64,
    /// Of these, spent on reasoning.
    pub reasoning_tokens: u64,
    /// The sum; input and output added up when absent.
    pub total_tokens: Option<u64>,
}

impl Default for Usage {
    fn default() -> Self {
        Self {
            input_tokens: 10,
            cached_tokens: 2,
            output_tokens: 5,
            reasoning_tokens: 1,
            total_tokens: None,
        }
    }
}

/// How the text of an item is cut into deltas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Deltas {
    /// One delta a word.
    #[default]
    Words,
    /// No deltas, only the finished item.
    Off,
    /// These pieces.
    Pieces(Vec<String>),
}

/// One thing in a response's stream.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Item {
    /// An assistant message.
    Message {
        /// The whole text.
        text: String,
        /// `commentary` or `final_answer`.
        phase: Option<String>,
        /// How the text is streamed.
        deltas: Deltas,
        /// The pause before each delta.
        delay_ms: u64,
        /// The item's id; made from the request's number when absent.
        id: Option<String>,
        /// Whether the finished item is sent; false leaves the message open.
        done: bool,
    },
    /// A message of many deltas, for streams too long to write down.
    RepeatDelta {
        /// How many deltas.
        count: usize,
        /// The text of each; `{i}` is its number.
        text: String,
        /// The pause before each delta.
        delay_ms: u64,
    },
    /// Reasoning of the model.
    Reasoning {
        /// The summary's parts.
        summary: Vec<String>,
        /// The raw content's parts.
        content: Vec<String>,
        /// The pause before each delta.
        delay_ms: u64,
    },
    /// A function call.
    Call {
        /// The tool's name.
        name: String,
        /// The arguments: an object, or a string that is sent as it is.
        arguments: Value,
        /// The tool's namespace, such as `mcp__server`.
        namespace: Option<String>,
        /// The call's id; made from the request's number when absent.
        call_id: Option<String>,
    },
    /// A call of a free-form tool, such as `apply_patch`.
    CustomCall {
        /// The tool's name.
        name: String,
        /// The input text.
        input: String,
        /// Whether the input is streamed, a delta a line.
        stream: bool,
        /// The pause before each delta.
        delay_ms: u64,
        /// The call's id; made from the request's number when absent.
        call_id: Option<String>,
    },
    /// A hosted web search, with its `action`.
    WebSearch {
        /// The action object, `{"type":"search","query":...}` for a plain query.
        action: Value,
    },
    /// A compaction result.
    Compaction {
        /// The opaque content.
        encrypted_content: String,
    },
    /// Any output item, sent as added and done.
    Output(Map<String, Value>),
    /// Any SSE event, sent as it is.
    Event(Map<String, Value>),
    /// A pause.
    Sleep(u64),
    /// Raw text for the body, not even valid SSE if you like.
    Sse(String),
    /// The connection is dropped here.
    Cut,
    /// Nothing more comes, the body stays open.
    Hang,
}

impl Item {
    /// A message streamed word by word.
    #[must_use]
    pub fn message(text: impl Into<String>) -> Self {
        Self::Message {
            text: text.into(),
            phase: None,
            deltas: Deltas::Words,
            delay_ms: 0,
            id: None,
            done: true,
        }
    }

    /// Reasoning with one summary part.
    #[must_use]
    pub fn reasoning(summary: impl Into<String>) -> Self {
        Self::Reasoning {
            summary: vec![summary.into()],
            content: Vec::new(),
            delay_ms: 0,
        }
    }

    /// A function call.
    #[must_use]
    pub fn call(name: impl Into<String>, arguments: Value) -> Self {
        Self::Call {
            name: name.into(),
            arguments,
            namespace: None,
            call_id: None,
        }
    }

    /// A shell command through the engine's `exec_command` tool.
    ///
    /// The engine is told to wait for it for 30 s, its longest: on a busy machine a shell takes
    /// more than the default to start, and the turn would go on without the command's end.
    #[must_use]
    pub fn command(command: impl Into<String>) -> Self {
        let arguments = serde_json::json!({"cmd": command.into(), "yield_time_ms": 30_000});
        Self::call("exec_command", arguments)
    }

    /// A file change through the engine's `apply_patch` tool.
    #[must_use]
    pub fn patch(patch: impl Into<String>) -> Self {
        Self::CustomCall {
            name: "apply_patch".to_owned(),
            input: patch.into(),
            stream: false,
            delay_ms: 0,
            call_id: None,
        }
    }
}

impl Script {
    /// A script of one rule that answers every turn's requests in order.
    #[must_use]
    pub fn replies(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::default().rule(Rule::new(When::default(), replies))
    }

    /// The same script with one more rule at the end.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Reads a script from JSON text.
    ///
    /// # Errors
    /// [`crate::Error::Json`] when it is no JSON, [`crate::Error::Format`] naming the bad key.
    pub fn parse(text: &str) -> crate::Result<Self> {
        let value = serde_json::from_str(text).map_err(|source| crate::Error::Json {
            what: "script",
            source,
        })?;
        Self::from_value(&value)
    }

    /// Reads a script from a JSON value.
    ///
    /// # Errors
    /// [`crate::Error::Format`] naming the bad key.
    pub fn from_value(value: &Value) -> crate::Result<Self> {
        parse::script(value)
    }
}

impl Rule {
    /// A rule without repetition.
    #[must_use]
    pub fn new(when: When, replies: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            when,
            replies: replies.into_iter().collect(),
            repeat: Repeat::None,
        }
    }

    /// The same rule with another repetition.
    #[must_use]
    pub fn repeating(mut self, repeat: Repeat) -> Self {
        self.repeat = repeat;
        self
    }
}

impl When {
    /// Requests whose last user message contains `text`.
    #[must_use]
    pub fn prompt(text: impl Into<String>) -> Self {
        Self {
            prompt_contains: Some(text.into()),
            ..Self::default()
        }
    }

    /// Requests of this kind.
    #[must_use]
    pub fn kind(kind: Kind) -> Self {
        Self {
            kind: Some(kind),
            ..Self::default()
        }
    }
}
