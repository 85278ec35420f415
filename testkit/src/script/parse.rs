//! JSON to [`Script`], strictly: an unknown key or a wrong type is an error that names the key.

use super::{Capture, Deltas, End, Item, Kind, Repeat, Reply, Rule, Script, Usage, When};
use crate::Result;
use crate::fields::{Fields, Node};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(super) fn script(value: &Value) -> Result<Script> {
    let root = Node::root("script", value);
    let fields = root.fields(&[
        "rules",
        "replies",
        "repeat",
        "model",
        "models",
        "exhausted_status",
    ])?;
    let mut rules = match fields.get("rules") {
        Some(node) => node.list()?.iter().map(rule).collect::<Result<Vec<_>>>()?,
        None => Vec::new(),
    };
    if let Some(list) = fields.get("replies") {
        // Replies beside rules are the rule for everything that no rule is for.
        rules.push(Rule {
            when: When::default(),
            replies: replies(&list)?,
            repeat: fields.read("repeat", repeat)?.unwrap_or_default(),
        });
    } else if let Some(node) = fields.get("repeat") {
        return Err(node.error("\"repeat\" here belongs to \"replies\", which is missing"));
    }
    if rules.is_empty() {
        return Err(root.error("the script has neither \"rules\" nor \"replies\""));
    }
    Ok(Script {
        rules,
        model: fields.read("model", Node::string)?,
        models: match fields.get("models") {
            Some(node) => node.list()?.iter().map(|node| node.value.clone()).collect(),
            None => Vec::new(),
        },
        exhausted_status: fields.read("exhausted_status", status)?,
    })
}

fn rule(node: &Node<'_>) -> Result<Rule> {
    let fields = node.fields(&["when", "replies", "repeat", "comment"])?;
    Ok(Rule {
        when: fields.read("when", when)?.unwrap_or_default(),
        replies: replies(&fields.required("replies")?)?,
        repeat: fields.read("repeat", repeat)?.unwrap_or_default(),
    })
}

fn replies(node: &Node<'_>) -> Result<Vec<Reply>> {
    node.list()?.iter().map(reply).collect()
}

fn repeat(node: &Node<'_>) -> Result<Repeat> {
    match node.str()? {
        "none" => Ok(Repeat::None),
        "last" => Ok(Repeat::Last),
        "cycle" => Ok(Repeat::Cycle),
        "next" => Ok(Repeat::Next),
        _ => Err(node.expected("\"none\", \"last\", \"cycle\" or \"next\"")),
    }
}

fn when(node: &Node<'_>) -> Result<When> {
    let fields = node.fields(&[
        "prompt_contains",
        "user_contains",
        "input_contains",
        "last_input_contains",
        "model",
        "kind",
        "step",
    ])?;
    Ok(When {
        prompt_contains: fields.read("prompt_contains", Node::string)?,
        user_contains: fields.read("user_contains", Node::string)?,
        input_contains: fields.read("input_contains", Node::string)?,
        last_input_contains: fields.read("last_input_contains", Node::string)?,
        model: fields.read("model", Node::string)?,
        kind: fields.read("kind", kind)?,
        step: fields.read("step", Node::usize)?,
    })
}

fn kind(node: &Node<'_>) -> Result<Kind> {
    match node.str()? {
        "turn" => Ok(Kind::Turn),
        "guardian" => Ok(Kind::Guardian),
        "compaction" => Ok(Kind::Compaction),
        "any" => Ok(Kind::Any),
        _ => Err(node.expected("\"turn\", \"guardian\", \"compaction\" or \"any\"")),
    }
}

fn status(node: &Node<'_>) -> Result<u16> {
    node.u64()?
        .try_into()
        .ok()
        .filter(|status| (200..=599).contains(status))
        .ok_or_else(|| node.expected("an HTTP status from 200 to 599"))
}

fn reply(node: &Node<'_>) -> Result<Reply> {
    if let Some(text) = node.value.as_str() {
        return Ok(Reply::text(text));
    }
    let fields = node.fields(&[
        "items", "usage", "headers", "status", "body", "end", "capture", "delay_ms", "hang",
        "comment",
    ])?;
    let items = match fields.get("items") {
        Some(list) => list.list()?.iter().map(item).collect::<Result<Vec<_>>>()?,
        None => Vec::new(),
    };
    let status = fields.read("status", status)?;
    let body = fields.get("body").map(|node| node.value.clone());
    if status.is_some_and(|status| status != 200) && !items.is_empty() {
        return Err(node.error("a reply with another status than 200 has a \"body\", no \"items\""));
    }
    Ok(Reply {
        items,
        usage: fields.read("usage", usage)?.unwrap_or_default(),
        headers: fields.read("headers", headers)?.unwrap_or_default(),
        status,
        body,
        end: fields.read("end", end)?.unwrap_or_default(),
        capture: fields.read("capture", captures)?.unwrap_or_default(),
        delay_ms: fields.read("delay_ms", Node::u64)?.unwrap_or(0),
        hang: fields.read("hang", Node::bool)?.unwrap_or(false),
    })
}

fn headers(node: &Node<'_>) -> Result<BTreeMap<String, String>> {
    let mut headers = BTreeMap::new();
    for (name, value) in node.map()? {
        let child = node.child(name, value);
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return Err(child.expected("a string, a number or a boolean")),
        };
        hyper::header::HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| child.error("not a name of an HTTP header"))?;
        hyper::header::HeaderValue::from_str(&text)
            .map_err(|_| child.error("not a value of an HTTP header"))?;
        headers.insert(name.clone(), text);
    }
    Ok(headers)
}

fn captures(node: &Node<'_>) -> Result<BTreeMap<String, Capture>> {
    let mut captures = BTreeMap::new();
    for (name, value) in node.map()? {
        let child = node.child(name, value);
        let capture = Capture::new(child.str()?).map_err(|message| child.error(message))?;
        captures.insert(name.clone(), capture);
    }
    Ok(captures)
}

fn end(node: &Node<'_>) -> Result<End> {
    if let Some(word) = node.value.as_str() {
        return match word {
            "completed" => Ok(End::Completed),
            "cut" => Ok(End::Cut),
            "none" => Ok(End::None),
            "hang" => Ok(End::Hang),
            _ => Err(node.expected(
                "\"completed\", \"cut\", \"none\", \"hang\", {\"failed\":{}} or {\"incomplete\":\"\"}",
            )),
        };
    }
    let fields = node.fields(&["failed", "incomplete"])?;
    if let Some(failed) = fields.get("failed") {
        let failed = failed.fields(&["code", "message"])?;
        let code = failed.required("code")?.string()?;
        let message = failed
            .read("message", Node::string)?
            .unwrap_or_else(|| format!("failed with {code}"));
        return Ok(End::Failed { code, message });
    }
    Ok(End::Incomplete(fields.required("incomplete")?.string()?))
}

fn usage(node: &Node<'_>) -> Result<Usage> {
    let fields = node.fields(&[
        "input_tokens",
        "cached_tokens",
        "output_tokens",
        "reasoning_tokens",
        "total_tokens",
        "input_tokens_details",
        "output_tokens_details",
    ])?;
    let number = |fields: &Fields<'_>, key| fields.read(key, Node::u64);
    let mut usage = Usage {
        input_tokens: number(&fields, "input_tokens")?.unwrap_or(0),
        cached_tokens: number(&fields, "cached_tokens")?.unwrap_or(0),
        output_tokens: number(&fields, "output_tokens")?.unwrap_or(0),
        reasoning_tokens: number(&fields, "reasoning_tokens")?.unwrap_or(0),
        total_tokens: number(&fields, "total_tokens")?,
    };
    // The names of the wire are accepted too, so that a recorded usage can be pasted.
    if let Some(details) = fields.get("input_tokens_details") {
        let details = details.fields(&["cached_tokens"])?;
        usage.cached_tokens = number(&details, "cached_tokens")?.unwrap_or(0);
    }
    if let Some(details) = fields.get("output_tokens_details") {
        let details = details.fields(&["reasoning_tokens"])?;
        usage.reasoning_tokens = number(&details, "reasoning_tokens")?.unwrap_or(0);
    }
    Ok(usage)
}

const ITEM_KINDS: [&str; 12] = [
    "message",
    "repeat_delta",
    "reasoning",
    "call",
    "custom_call",
    "web_search",
    "compaction",
    "output",
    "event",
    "sleep_ms",
    "sse",
    "cut",
];

fn item(node: &Node<'_>) -> Result<Item> {
    if let Some(text) = node.value.as_str() {
        return Ok(Item::message(text));
    }
    let map = node.map()?;
    let mut kinds = ITEM_KINDS
        .iter()
        .copied()
        .chain(["hang"])
        .filter(|kind| map.contains_key(*kind));
    let Some(kind) = kinds.next() else {
        let found = map.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(node.error(format!(
            "unknown item with the keys [{found}]; an item has one of {}, hang",
            ITEM_KINDS.join(", ")
        )));
    };
    if let Some(second) = kinds.next() {
        return Err(node.error(format!(
            "an item cannot be both \"{kind}\" and \"{second}\""
        )));
    }
    let body = node.child(kind, &map[kind]);
    match kind {
        "message" => message(node, &body),
        "reasoning" => reasoning(node, &body),
        "call" => {
            node.fields(&["call"])?;
            call(&body)
        }
        "custom_call" => custom_call(node, &body),
        _ => {
            node.fields(&[kind])?;
            plain_item(kind, &body)
        }
    }
}

fn plain_item(kind: &str, body: &Node<'_>) -> Result<Item> {
    Ok(match kind {
        "repeat_delta" => {
            let fields = body.fields(&["count", "text", "delay_ms"])?;
            Item::RepeatDelta {
                count: fields.required("count")?.usize()?,
                text: fields
                    .read("text", Node::string)?
                    .unwrap_or_else(|| "w{i} ".to_owned()),
                delay_ms: fields.read("delay_ms", Node::u64)?.unwrap_or(0),
            }
        }
        "web_search" => {
            let fields = body.fields(&["query", "action"])?;
            let action = match fields.get("action") {
                Some(action) => Value::Object(action.map()?.clone()),
                None => json!({"type": "search", "query": fields.required("query")?.str()?}),
            };
            Item::WebSearch { action }
        }
        "compaction" => Item::Compaction {
            encrypted_content: body
                .fields(&["encrypted_content"])?
                .read("encrypted_content", Node::string)?
                .unwrap_or_else(|| "ENCRYPTED".to_owned()),
        },
        "output" => Item::Output(typed(body)?),
        "event" => Item::Event(typed(body)?),
        "sleep_ms" => Item::Sleep(body.u64()?),
        "sse" => Item::Sse(body.string()?),
        "cut" | "hang" => {
            if !body.bool()? {
                return Err(body.expected("true"));
            }
            if kind == "cut" { Item::Cut } else { Item::Hang }
        }
        _ => return Err(body.error("unknown item")),
    })
}

/// An object for the wire; the engine tells everything by its "type".
fn typed(node: &Node<'_>) -> Result<Map<String, Value>> {
    let map = node.map()?;
    match map.get("type") {
        Some(Value::String(_)) => Ok(map.clone()),
        Some(other) => Err(node.child("type", other).expected("a string")),
        None => Err(node.error("the key \"type\" is missing")),
    }
}

fn message(node: &Node<'_>, body: &Node<'_>) -> Result<Item> {
    let fields = node.fields(&["message", "phase", "deltas", "delay_ms", "id", "done"])?;
    let text = body.string()?;
    let deltas = fields.read("deltas", deltas)?.unwrap_or_default();
    Ok(Item::Message {
        text,
        phase: fields.read("phase", Node::string)?,
        deltas,
        delay_ms: fields.read("delay_ms", Node::u64)?.unwrap_or(0),
        id: fields.read("id", Node::string)?,
        done: fields.read("done", Node::bool)?.unwrap_or(true),
    })
}

fn deltas(node: &Node<'_>) -> Result<Deltas> {
    match node.value {
        Value::Bool(true) => Ok(Deltas::Words),
        Value::Bool(false) => Ok(Deltas::Off),
        Value::Array(_) => Ok(Deltas::Pieces(node.strings()?)),
        _ => Err(node.expected("true, false or a list of strings")),
    }
}

fn reasoning(node: &Node<'_>, body: &Node<'_>) -> Result<Item> {
    let outer = node.fields(&["reasoning", "delay_ms"])?;
    let fields = body.fields(&["summary", "content"])?;
    Ok(Item::Reasoning {
        summary: fields.read("summary", Node::strings)?.unwrap_or_default(),
        content: fields.read("content", Node::strings)?.unwrap_or_default(),
        delay_ms: outer.read("delay_ms", Node::u64)?.unwrap_or(0),
    })
}

fn call(body: &Node<'_>) -> Result<Item> {
    let fields = body.fields(&["name", "arguments", "namespace", "call_id"])?;
    let arguments = match fields.get("arguments") {
        None => json!({}),
        Some(node) if node.value.is_object() || node.value.is_string() => node.value.clone(),
        Some(node) => return Err(node.expected("an object or a string")),
    };
    Ok(Item::Call {
        name: fields.required("name")?.string()?,
        arguments,
        namespace: fields.read("namespace", Node::string)?,
        call_id: fields.read("call_id", Node::string)?,
    })
}

fn custom_call(node: &Node<'_>, body: &Node<'_>) -> Result<Item> {
    let outer = node.fields(&["custom_call", "delay_ms"])?;
    let fields = body.fields(&["name", "input", "stream", "call_id"])?;
    Ok(Item::CustomCall {
        name: fields.required("name")?.string()?,
        input: fields.required("input")?.string()?,
        stream: fields.read("stream", Node::bool)?.unwrap_or(false),
        delay_ms: outer.read("delay_ms", Node::u64)?.unwrap_or(0),
        call_id: fields.read("call_id", Node::string)?,
    })
}
