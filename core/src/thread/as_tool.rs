//! A thread as a tool: other agents ask its agent, and read what it says. The calls of one thread run one after the
//! other. Who waits for whom is `session::waits`'; here is what the call does.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Thread;
use super::fold::TurnResult;
use super::setup::Setup;
use crate::client::WeakCodex;
use crate::error::{Error, Result};
use crate::protocol::{JsonObject, lenient};
use crate::session::waits::Waiting;
use crate::tools::{Tool, ToolContext, ToolError, ToolSpec};

/// What a tool keeps of its thread. It does not keep the client alive, which may have the tool in its registry.
struct Agent {
    codex: WeakCodex,
    id: String,
    setup: Arc<Setup>,
    /// What its calls have besides.
    of_calls: Setup,
    /// The next call waits until the one before has its answer.
    turn: tokio::sync::Mutex<()>,
}

impl Thread {
    /// The thread as a tool, for other threads: their agents call it with an `input` (a text), which is a turn's on this
    /// thread, and get the turn's final response. The thread remembers its calls, as it does all its turns.
    ///
    /// Calls come one after the other, and after a turn that runs. A call that could never begin, because the agent that
    /// asks is asked itself by way of this thread, fails at once. A call whose caller is interrupted interrupts the turn.
    /// It has no limit of time: the agent may have to ask a person. What the thread has of its own (approvals, tools,
    /// guardrails) is kept as long as the tool.
    ///
    /// # Errors
    /// As [`Tool::new`].
    pub fn as_tool(&self, name: &str, description: &str) -> Result<Tool> {
        self.as_tool_with(ToolSpec::new(name, description, json!({})).timeout(None))
    }

    /// The same, with a namespace or a limit of time.
    ///
    /// # Errors
    /// As [`Tool::new`]; `invalid_argument` for `parameters` that are not empty, and for a `max_concurrency`.
    pub fn as_tool_with(&self, spec: ToolSpec) -> Result<Tool> {
        self.as_tool_with_setup(spec, Setup::default())
    }

    /// The same, with what the turns of the calls have of their own, as guardrails: where one rejects, the call has
    /// failed, and the model that called reads why.
    ///
    /// # Errors
    /// As [`Thread::as_tool_with`].
    pub fn as_tool_with_setup(&self, mut spec: ToolSpec, of_calls: Setup) -> Result<Tool> {
        if spec
            .parameters
            .as_object()
            .is_none_or(|words| !words.is_empty())
        {
            let why = "the tool of a thread has one argument, its input; leave them empty";
            return Err(Error::invalid_argument("parameters", why));
        }
        if spec.max_concurrency.is_some() {
            // Who waits for a place there is not known to wait: a circle would not be seen.
            let why = "the calls of a thread come one after the other; leave it out";
            return Err(Error::invalid_argument("max_concurrency", why));
        }
        spec.parameters = json!({
            "type": "object",
            "properties": {"input": {"type": "string", "description": "What the agent is told."}},
            "required": ["input"],
            "additionalProperties": false,
        });
        let agent = Arc::new(Agent {
            codex: self.codex().downgrade(),
            id: self.id().to_owned(),
            setup: self.0.setup.clone(),
            of_calls,
            turn: tokio::sync::Mutex::default(),
        });
        Tool::from_fn(spec, move |arguments, context| {
            let agent = agent.clone();
            async move { agent.call(&arguments, &context).await }
        })
    }
}

impl Agent {
    async fn call(
        &self,
        arguments: &Value,
        context: &ToolContext,
    ) -> std::result::Result<String, ToolError> {
        let Some(codex) = self.codex.upgrade() else {
            return Err(ToolError::new("the agent's client is closed"));
        };
        let session = codex.session().clone();
        let caller = context.thread_id.as_str();
        let Some(_waiting) = Waiting::begin(&session.line_of(caller), &self.id) else {
            return Err(ToolError::new(
                "the agent waits for you, directly or by way of others, so it cannot answer; go on without it",
            ));
        };
        if caller.is_empty()
            && (self.turn.try_lock().is_err() || session.running_on(&self.id).is_some())
        {
            // Whether it is a circle cannot be told.
            return Err(ToolError::new("the agent is busy; ask it later"));
        }
        let _turn = self.turn.lock().await;
        session.until_idle(&self.id).await;
        let thread = Thread::new(codex, self.id.clone(), None, self.setup.clone());
        let input = vec![json!({"type": "text", "text": arguments["input"]})];
        let result = thread.run_with(input, JsonObject::new(), self.of_calls.clone());
        said(result.await?)
    }
}

/// What the calling agent reads of a turn.
fn said(result: TurnResult) -> std::result::Result<String, ToolError> {
    #[derive(Deserialize)]
    struct Failure {
        message: String,
    }
    if result.status == "completed" {
        return Ok(result.final_response.unwrap_or_default());
    }
    let failure = result
        .error
        .and_then(|error| lenient::from_str::<Failure>(error.get()).ok());
    Err(ToolError::new(match failure {
        Some(failure) => format!("the agent failed: {}", failure.message),
        None => format!("the agent's turn ended with the status {:?}", result.status),
    }))
}
