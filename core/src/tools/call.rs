//! A call of a tool on its way to the application's function, and its result on the way back.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::{oneshot, watch};

use super::result::ToolResult;
use crate::error::Result;
use crate::thread::handoff::Slot;

/// Where a call comes from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ToolContext {
    /// The thread whose turn calls; empty if the engine does not say.
    pub thread_id: String,
    /// The turn that calls; empty if the engine does not say.
    pub turn_id: String,
    /// The call's own id.
    pub call_id: String,
    /// The tool's name.
    pub tool: String,
    /// The tool's group.
    pub namespace: Option<String>,
    pub(crate) handoffs: Option<Arc<Slot>>,
    cancelled: watch::Receiver<()>,
}

impl ToolContext {
    pub(super) fn new(
        (thread_id, turn_id, call_id): (&str, &str, &str),
        (namespace, tool): (Option<&str>, &str),
        cancelled: watch::Receiver<()>,
    ) -> Self {
        Self {
            thread_id: thread_id.to_owned(),
            turn_id: turn_id.to_owned(),
            call_id: call_id.to_owned(),
            tool: tool.to_owned(),
            namespace: namespace.map(str::to_owned),
            handoffs: None,
            cancelled,
        }
    }

    /// Whether nobody waits for the result any more: the turn ended or was interrupted, the time is over, or the client
    /// is closed.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        // The other end is gone with the call.
        self.cancelled.has_changed().is_err()
    }

    /// Comes when nobody waits for the result any more.
    pub async fn cancelled(&self) {
        let mut cancelled = self.cancelled.clone();
        // Nothing is ever sent: the other end is gone with the call.
        let _ = cancelled.changed().await;
    }

    /// The context as JSON: `threadId`, `turnId`, `callId`, `tool`, `namespace`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::json!({
            "threadId": self.thread_id, "turnId": self.turn_id, "callId": self.call_id,
            "tool": self.tool, "namespace": self.namespace,
        })
    }
}

/// Runs the calls of one tool, or of several. Called on a task of its own, never on the read loop; it must not block,
/// but hand the call on and return. A call that is dropped has failed.
pub trait ToolHandler: Send + Sync {
    /// Takes over one call.
    fn handle(&self, call: ToolCall);
}

impl<F: Fn(ToolCall) + Send + Sync> ToolHandler for F {
    fn handle(&self, call: ToolCall) {
        self(call);
    }
}

/// One call, whose arguments follow the tool's schema. It is answered once; dropping it fails it.
#[derive(Debug)]
pub struct ToolCall {
    context: ToolContext,
    arguments: Value,
    reply: oneshot::Sender<ToolResult>,
}

impl ToolCall {
    pub(super) fn new(
        context: ToolContext,
        arguments: Value,
    ) -> (Self, oneshot::Receiver<ToolResult>) {
        let (reply, replied) = oneshot::channel();
        let call = Self {
            context,
            arguments,
            reply,
        };
        (call, replied)
    }

    /// Where it comes from.
    #[must_use]
    pub fn context(&self) -> &ToolContext {
        &self.context
    }

    /// The arguments: an object that follows the tool's schema.
    #[must_use]
    pub fn arguments(&self) -> &Value {
        &self.arguments
    }

    /// Gives the result. Too late does nothing.
    pub fn respond(self, result: impl Into<ToolResult>) {
        let _ = self.reply.send(result.into());
    }

    /// The same, read from JSON; see [`ToolResult::from_json`].
    ///
    /// # Errors
    /// `invalid_argument` for what is no result; the call has failed then.
    pub fn respond_json(self, text: &str) -> Result<()> {
        match ToolResult::from_json(text) {
            Ok(result) => {
                self.respond(result);
                Ok(())
            }
            Err(error) => {
                let why = "the tool gave something that is no result";
                self.respond(ToolResult::error(why));
                Err(error)
            }
        }
    }

    /// Says that the tool failed, and why: the model reads it.
    pub fn fail(self, why: &str) {
        self.respond(ToolResult::error(why));
    }
}
