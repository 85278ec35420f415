//! Writes a reply as the server-sent events of the Responses API.

use super::matching::{Vars, expand, expand_value};
use super::server::Chunk;
use crate::script::{Deltas, End, Item, Reply, Usage};
use hyper::body::Bytes;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::sync::mpsc;

/// How writing a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Everything was sent.
    Done,
    /// The script cut the connection.
    Cut,
}

/// The client hung up, so that writing on makes no sense.
#[derive(Debug)]
pub(super) struct ClientGone;

/// Why the items were left early.
enum Stop {
    Gone,
    Cut,
}

impl From<ClientGone> for Stop {
    fn from(_: ClientGone) -> Self {
        Self::Gone
    }
}

/// Collected bytes are sent from this size on, and before every pause and at the end. One chunk an
/// event would cost a task switch each in streams of a hundred thousand deltas.
const CHUNK_BYTES: usize = 16 * 1024;

/// Writes events to the body of one response.
pub(super) struct Writer {
    sender: mpsc::Sender<Chunk>,
    buffer: Vec<u8>,
    request: usize,
    vars: Vars,
}

impl Writer {
    pub(super) fn new(sender: mpsc::Sender<Chunk>, request: usize, vars: Vars) -> Self {
        Self {
            sender,
            buffer: Vec::new(),
            request,
            vars,
        }
    }

    /// Writes the whole reply.
    pub(super) async fn reply(mut self, reply: &Reply) -> Result<Outcome, ClientGone> {
        let id = format!("resp_{}", self.request);
        self.event(&json!({"type": "response.created", "response": {"id": id}}))
            .await?;
        for (index, item) in reply.items.iter().enumerate() {
            match self.item(index, item).await {
                Ok(()) => {}
                Err(Stop::Gone) => return Err(ClientGone),
                Err(Stop::Cut) => return self.cut().await,
            }
        }
        match &reply.end {
            End::Completed => {
                let usage = usage(&reply.usage);
                self.event(&json!({
                    "type": "response.completed",
                    "response": {"id": id, "usage": usage},
                }))
                .await?;
            }
            End::Failed { code, message } => {
                let error = json!({"code": code, "message": expand(message, &self.vars)});
                self.event(&json!({
                    "type": "response.failed",
                    "response": {"id": id, "status": "failed", "error": error},
                }))
                .await?;
            }
            End::Incomplete(reason) => {
                self.event(&json!({
                    "type": "response.incomplete",
                    "response": {"id": id, "incomplete_details": {"reason": reason}},
                }))
                .await?;
            }
            End::Cut => return self.cut().await,
            End::None => {}
            End::Hang => self.hang().await?,
        }
        self.flush().await?;
        Ok(Outcome::Done)
    }

    async fn item(&mut self, index: usize, item: &Item) -> Result<(), Stop> {
        let number = format!("{}_{index}", self.request);
        match item {
            Item::Message {
                text,
                phase,
                deltas,
                delay_ms,
                id,
                done,
            } => {
                let id = id.clone().unwrap_or_else(|| format!("msg_{number}"));
                let text = expand(text, &self.vars);
                let mut message =
                    json!({"type": "message", "role": "assistant", "id": id, "content": []});
                if let Some(phase) = phase {
                    message["phase"] = Value::from(phase.as_str());
                }
                self.added(index, &message).await?;
                let pieces = match deltas {
                    Deltas::Words => words(&text),
                    Deltas::Off => Vec::new(),
                    Deltas::Pieces(pieces) => pieces.iter().map(String::as_str).collect(),
                };
                for piece in pieces {
                    self.pause(*delay_ms).await?;
                    self.text_delta(index, &id, &expand(piece, &self.vars.clone()))
                        .await?;
                }
                if *done {
                    message["content"] = json!([{"type": "output_text", "text": text}]);
                    self.done(index, &message).await?;
                }
            }
            Item::RepeatDelta {
                count,
                text,
                delay_ms,
            } => {
                let id = format!("msg_{number}");
                let mut message =
                    json!({"type": "message", "role": "assistant", "id": id, "content": []});
                self.added(index, &message).await?;
                let mut whole = String::new();
                for delta in 0..*count {
                    self.pause(*delay_ms).await?;
                    let piece = text.replace("{i}", &delta.to_string());
                    self.text_delta(index, &id, &piece).await?;
                    whole.push_str(&piece);
                }
                message["content"] = json!([{"type": "output_text", "text": whole}]);
                self.done(index, &message).await?;
            }
            Item::Reasoning {
                summary,
                content,
                delay_ms,
            } => {
                self.reasoning(index, &format!("rs_{number}"), summary, content, *delay_ms)
                    .await?;
            }
            Item::Call {
                name,
                arguments,
                namespace,
                call_id,
            } => {
                let arguments = match arguments {
                    Value::String(raw) => expand(raw, &self.vars),
                    other => expand_value(other, &self.vars).to_string(),
                };
                let mut call = json!({
                    "type": "function_call",
                    "id": format!("fc_{number}"),
                    "call_id": call_id.clone().unwrap_or_else(|| format!("call_{number}")),
                    "name": name,
                    "arguments": arguments,
                });
                if let Some(namespace) = namespace {
                    call["namespace"] = Value::from(namespace.as_str());
                }
                self.done(index, &call).await?;
            }
            Item::CustomCall { .. } => self.custom_call(index, &number, item).await?,
            Item::WebSearch { action } => {
                let id = format!("ws_{number}");
                self.added(
                    index,
                    &json!({"type": "web_search_call", "id": id, "status": "in_progress"}),
                )
                .await?;
                self.event(&json!({
                    "type": "response.web_search_call.in_progress",
                    "item_id": id,
                    "output_index": index,
                }))
                .await?;
                let action = expand_value(action, &self.vars);
                self.done(
                    index,
                    &json!({"type": "web_search_call", "id": id, "status": "completed", "action": action}),
                )
                .await?;
            }
            Item::Compaction { encrypted_content } => {
                self.done(
                    index,
                    &json!({
                        "type": "compaction",
                        "id": format!("cmp_{number}"),
                        "encrypted_content": encrypted_content,
                    }),
                )
                .await?;
            }
            Item::Output(output) => {
                let output = self.expanded(output);
                self.added(index, &output).await?;
                self.done(index, &output).await?;
            }
            Item::Event(event) => {
                let event = self.expanded(event);
                self.event(&event).await?;
            }
            Item::Sleep(milliseconds) => self.pause(*milliseconds).await?,
            Item::Sse(text) => {
                let text = expand(text, &self.vars);
                self.buffer.extend_from_slice(text.as_bytes());
                self.flush().await?;
            }
            Item::Cut => return Err(Stop::Cut),
            Item::Hang => self.hang().await?,
        }
        Ok(())
    }

    async fn reasoning(
        &mut self,
        index: usize,
        id: &str,
        summary: &[String],
        content: &[String],
        delay_ms: u64,
    ) -> Result<(), ClientGone> {
        let mut item = json!({"type": "reasoning", "id": id, "summary": []});
        self.added(index, &item).await?;
        for (part, text) in summary.iter().enumerate() {
            self.event(&json!({
                "type": "response.reasoning_summary_part.added",
                "item_id": id,
                "output_index": index,
                "summary_index": part,
                "part": {"type": "summary_text", "text": ""},
            }))
            .await?;
            for word in words(text) {
                self.pause(delay_ms).await?;
                self.event(&json!({
                    "type": "response.reasoning_summary_text.delta",
                    "item_id": id,
                    "output_index": index,
                    "summary_index": part,
                    "delta": word,
                }))
                .await?;
            }
        }
        for (part, text) in content.iter().enumerate() {
            for word in words(text) {
                self.pause(delay_ms).await?;
                self.event(&json!({
                    "type": "response.reasoning_text.delta",
                    "item_id": id,
                    "output_index": index,
                    "content_index": part,
                    "delta": word,
                }))
                .await?;
            }
        }
        item["summary"] = summary
            .iter()
            .map(|text| json!({"type": "summary_text", "text": text}))
            .collect();
        item["encrypted_content"] = Value::from("ENCRYPTED");
        if !content.is_empty() {
            item["content"] = content
                .iter()
                .map(|text| json!({"type": "reasoning_text", "text": text}))
                .collect();
        }
        self.done(index, &item).await
    }

    async fn custom_call(
        &mut self,
        index: usize,
        number: &str,
        item: &Item,
    ) -> Result<(), ClientGone> {
        let Item::CustomCall {
            name,
            input,
            stream,
            delay_ms,
            call_id,
        } = item
        else {
            return Ok(());
        };
        let input = expand(input, &self.vars);
        let id = format!("ctc_{number}");
        let call_id = call_id.clone().unwrap_or_else(|| format!("call_{number}"));
        let mut call = json!({
            "type": "custom_tool_call",
            "id": id,
            "call_id": call_id,
            "name": name,
            "input": "",
            "status": "in_progress",
        });
        if *stream {
            self.added(index, &call).await?;
            for line in input.split_inclusive('\n') {
                self.pause(*delay_ms).await?;
                self.event(&json!({
                    "type": "response.custom_tool_call_input.delta",
                    "item_id": id,
                    "call_id": call_id,
                    "output_index": index,
                    "delta": line,
                }))
                .await?;
            }
        }
        call["input"] = Value::from(input);
        call["status"] = Value::from("completed");
        self.done(index, &call).await
    }

    fn expanded(&self, map: &Map<String, Value>) -> Value {
        expand_value(&Value::Object(map.clone()), &self.vars)
    }

    async fn added(&mut self, index: usize, item: &Value) -> Result<(), ClientGone> {
        self.event(
            &json!({"type": "response.output_item.added", "output_index": index, "item": item}),
        )
        .await
    }

    async fn done(&mut self, index: usize, item: &Value) -> Result<(), ClientGone> {
        self.event(
            &json!({"type": "response.output_item.done", "output_index": index, "item": item}),
        )
        .await
    }

    async fn text_delta(&mut self, index: usize, id: &str, delta: &str) -> Result<(), ClientGone> {
        self.event(&json!({
            "type": "response.output_text.delta",
            "item_id": id,
            "output_index": index,
            "content_index": 0,
            "delta": delta,
        }))
        .await
    }

    async fn event(&mut self, event: &Value) -> Result<(), ClientGone> {
        let kind = event["type"].as_str().unwrap_or("message");
        self.buffer
            .extend_from_slice(format!("event: {kind}\ndata: {event}\n\n").as_bytes());
        if self.buffer.len() >= CHUNK_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), ClientGone> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let chunk = Bytes::from(std::mem::take(&mut self.buffer));
        self.sender
            .send(Chunk::Data(chunk))
            .await
            .map_err(|_| ClientGone)
    }

    async fn pause(&mut self, milliseconds: u64) -> Result<(), ClientGone> {
        if milliseconds == 0 {
            return Ok(());
        }
        self.flush().await?;
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(milliseconds)) => Ok(()),
            () = self.sender.closed() => Err(ClientGone),
        }
    }

    async fn hang(&mut self) -> Result<(), ClientGone> {
        self.flush().await?;
        self.sender.closed().await;
        Err(ClientGone)
    }

    async fn cut(&mut self) -> Result<Outcome, ClientGone> {
        self.flush().await?;
        self.sender.send(Chunk::Cut).await.map_err(|_| ClientGone)?;
        Ok(Outcome::Cut)
    }
}

fn usage(usage: &Usage) -> Value {
    json!({
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens},
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.total_tokens.unwrap_or(usage.input_tokens + usage.output_tokens),
    })
}

/// The text in pieces of one word and the space after it.
fn words(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut after_space = false;
    for (index, character) in text.char_indices() {
        if after_space && !character.is_whitespace() && start < index {
            pieces.push(&text[start..index]);
            start = index;
        }
        after_space = character.is_whitespace();
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_keep_every_character() {
        assert_eq!(words("one  two\nthree"), ["one  ", "two\n", "three"]);
        assert_eq!(words(" lead"), [" ", "lead"]);
        assert_eq!(words("ünï côdé "), ["ünï ", "côdé "]);
        assert!(words("").is_empty());
    }
}
