//! What a replay engine writes, as data.

use crate::fields::Node;
use crate::{Error, Result};
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

/// What a replay engine writes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReplayPlan {
    /// How many lines each round of turns gets in all, frame not counted.
    pub events: usize,
    /// How many turns must be started before all of them are streamed at once.
    pub turns: usize,
    /// The built-in lines to use.
    pub kind: Kind,
    /// Recorded lines of one turn in place of the built-in ones.
    pub lines: Option<PathBuf>,
    /// Lines a second; as fast as the pipe takes them when absent.
    pub rate: Option<f64>,
    /// What the `exec` mode writes.
    pub exec: ExecLines,
    /// Calls of a tool after the lines, in each turn.
    pub calls: Option<Calls>,
    /// How many turns `thread/read` tells of, if it is asked for turns.
    pub stored: usize,
}

/// Calls of a tool of the client's, one after the other.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Calls {
    /// How many in each turn.
    pub count: usize,
    /// The tool's name.
    pub tool: String,
    /// What it is called with.
    pub arguments: Value,
    /// How long the engine waits before each.
    pub pause: Duration,
    /// Where the times of a turn's calls are written to, the newest turn's in place of the one's before: a JSON object with
    /// `calls_timed`, and `call_p50`, `call_p99` and `call_max` in seconds.
    pub report: Option<PathBuf>,
}

/// The built-in lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// `item/agentMessage/delta` alone, about 208 bytes each.
    #[default]
    Delta,
    /// Items, command output, reasoning, plans, usage and deltas.
    Mix,
}

/// The lines of the `exec` mode.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExecLines {
    /// An `item.updated` for every line, of the same number of bytes.
    #[default]
    Events,
    /// The engine's own lines, for a client that only parses them.
    Engine,
}

impl Default for ReplayPlan {
    fn default() -> Self {
        Self {
            events: 10_000,
            turns: 1,
            kind: Kind::Delta,
            lines: None,
            rate: None,
            exec: ExecLines::Events,
            calls: None,
            stored: 0,
        }
    }
}

impl ReplayPlan {
    /// Reads a plan from JSON text: `{"events", "turns", "kind", "lines", "rate", "exec", "calls", "stored"}`; the calls are
    /// `{"count", "tool", "arguments", "pause_ms", "report"}`.
    ///
    /// # Errors
    /// [`Error::Json`] when it is no JSON, [`Error::Format`] naming the bad key.
    pub fn parse(text: &str) -> Result<Self> {
        let value = serde_json::from_str(text).map_err(|source| Error::Json {
            what: "plan",
            source,
        })?;
        let root = Node::root("plan", &value);
        let fields = root.fields(&[
            "events", "turns", "kind", "lines", "rate", "exec", "calls", "stored",
        ])?;
        let default = Self::default();
        Ok(Self {
            events: fields
                .read("events", Node::usize)?
                .unwrap_or(default.events),
            turns: fields.read("turns", positive)?.unwrap_or(default.turns),
            kind: fields.read("kind", kind)?.unwrap_or_default(),
            lines: fields.read("lines", Node::string)?.map(PathBuf::from),
            rate: fields.read("rate", rate)?,
            exec: fields.read("exec", exec)?.unwrap_or_default(),
            calls: fields.read("calls", calls)?,
            stored: fields
                .read("stored", Node::usize)?
                .unwrap_or(default.stored),
        })
    }
}

fn calls(node: &Node<'_>) -> Result<Calls> {
    let fields = node.fields(&["count", "tool", "arguments", "pause_ms", "report"])?;
    Ok(Calls {
        count: fields.read("count", positive)?.unwrap_or(1),
        tool: fields
            .read("tool", Node::string)?
            .ok_or_else(|| node.expected("a tool to call"))?,
        arguments: fields
            .read("arguments", |node| Ok(node.value.clone()))?
            .unwrap_or_default(),
        pause: Duration::from_millis(fields.read("pause_ms", Node::usize)?.unwrap_or(0) as u64),
        report: fields.read("report", Node::string)?.map(PathBuf::from),
    })
}

fn positive(node: &Node<'_>) -> Result<usize> {
    match node.usize()? {
        0 => Err(node.expected("1 or more")),
        number => Ok(number),
    }
}

fn rate(node: &Node<'_>) -> Result<f64> {
    let rate = node.value.as_f64().filter(|rate| *rate > 0.0);
    rate.ok_or_else(|| node.expected("a number above 0"))
}

fn kind(node: &Node<'_>) -> Result<Kind> {
    match node.str()? {
        "delta" => Ok(Kind::Delta),
        "mix" => Ok(Kind::Mix),
        _ => Err(node.expected("\"delta\" or \"mix\"")),
    }
}

fn exec(node: &Node<'_>) -> Result<ExecLines> {
    match node.str()? {
        "events" => Ok(ExecLines::Events),
        "engine" => Ok(ExecLines::Engine),
        _ => Err(node.expected("\"events\" or \"engine\"")),
    }
}
