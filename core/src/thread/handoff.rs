//! A tool by which an agent hands its conversation over to the agent of another thread. It only notes the wish: who runs
//! the turn (`auto`) carries it out once the turn is over.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Thread;
use super::setup::Setup;
use crate::client::WeakCodex;
use crate::error::Result;
use crate::tools::{Tool, ToolContext, ToolError, ToolSpec};

/// A tool, called `transfer_to_NAME`, by which an agent hands its conversation over to the agent of another thread.
/// [`Thread::auto_run`] follows it; in other turns the call fails, and the model reads why. Clones are the same handoff.
#[derive(Clone)]
pub struct Handoff {
    tool: Tool,
    target: Arc<Target>,
}

/// To whom.
struct Target {
    name: String,
    history: Option<usize>,
    agent: Mutex<Option<Agent>>,
}

/// What a handoff keeps of its thread. It does not keep the client alive, which may have the tool in its registry.
struct Agent {
    codex: WeakCodex,
    id: String,
    answer: Option<Box<RawValue>>,
    setup: Weak<Setup>,
    /// Only where they do not keep each other.
    _kept: Option<Arc<Setup>>,
}

/// A wish to hand over.
pub(crate) struct Transfer {
    pub(crate) name: String,
    pub(crate) message: String,
    pub(crate) history: Option<usize>,
    pub(crate) to: Thread,
}

/// Where a turn's wish to hand over is noted. Of the turn of one thread: its sub-agents hand over nothing.
pub(crate) struct Slot {
    thread_id: String,
    wish: Mutex<Option<Transfer>>,
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slot({})", self.thread_id)
    }
}

impl Slot {
    pub(crate) fn new(thread_id: &str) -> Arc<Self> {
        Arc::new(Self {
            thread_id: thread_id.to_owned(),
            wish: Mutex::new(None),
        })
    }

    pub(crate) fn take(&self) -> Option<Transfer> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Transfer>> {
        self.wish.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handoff {
    /// A handoff to an agent of this name, which [`Handoff::bind`] says the thread of: two agents that hand over to each
    /// other need each other's handoff before both are there. `description` says what the agent is for.
    ///
    /// # Errors
    /// As [`Tool::new`].
    pub fn new(name: &str, description: &str) -> Result<Self> {
        Self::with_history(name, description, None)
    }

    /// The same, with how many of the newest messages that the next agent has not seen go along; by default all do.
    ///
    /// # Errors
    /// As [`Tool::new`].
    pub fn with_history(name: &str, description: &str, history: Option<usize>) -> Result<Self> {
        let target = Arc::new(Target {
            name: name.to_owned(),
            history,
            agent: Mutex::default(),
        });
        let parameters = json!({
            "type": "object",
            "properties": {"message": {
                "type": "string",
                "description": "What the other agent needs to know, and what it is to do.",
            }},
            "required": ["message"],
            "additionalProperties": false,
        });
        let told = format!("Hands the conversation over to the agent {name:?}. {description}");
        // What is empty is refused as every tool's description is.
        let told = if description.trim().is_empty() {
            ""
        } else {
            &told
        };
        let spec = ToolSpec::new(format!("transfer_to_{name}"), told, parameters);
        let of_tool = target.clone();
        let tool = Tool::from_fn(spec, move |arguments, context| {
            let answer = of_tool.wish(&arguments, &context);
            async move { answer }
        })?;
        Ok(Self { tool, target })
    }

    /// Says whose agent it is, from now on. It keeps no hold on the thread: while there is no handle on it any more, the
    /// agent is not there.
    pub fn bind(&self, thread: &Thread) {
        self.bind_to(thread, None);
    }

    /// The same, and keeps what the thread has of its own. Not for a handoff that the thread's own tools lead back to: the
    /// two would keep each other for ever.
    pub fn bind_and_keep(&self, thread: &Thread) {
        self.bind_to(thread, Some(thread.0.setup.clone()));
    }

    fn bind_to(&self, thread: &Thread, kept: Option<Arc<Setup>>) {
        *self.target.lock() = Some(Agent {
            codex: thread.codex().downgrade(),
            id: thread.id().to_owned(),
            answer: thread.0.answer.clone(),
            setup: Arc::downgrade(&thread.0.setup),
            _kept: kept,
        });
    }

    /// The id of the thread that it is bound to.
    #[must_use]
    pub fn thread_id(&self) -> Option<String> {
        self.target.lock().as_ref().map(|agent| agent.id.clone())
    }

    /// The tool, for a registry of the agents that may hand over.
    #[must_use]
    pub fn tool(&self) -> Tool {
        self.tool.clone()
    }
}

impl fmt::Debug for Handoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handoff")
            .field("tool", &self.tool.spec().name)
            .field("thread_id", &self.thread_id())
            .finish()
    }
}

impl From<Handoff> for Tool {
    fn from(handoff: Handoff) -> Self {
        handoff.tool
    }
}

impl Thread {
    /// A handoff to this thread's agent; see [`Handoff`]. What the thread has of its own is kept as long as the tool.
    ///
    /// # Errors
    /// As [`Tool::new`].
    pub fn as_handoff(&self, name: &str, description: &str) -> Result<Handoff> {
        let handoff = Handoff::new(name, description)?;
        handoff.bind_and_keep(self);
        Ok(handoff)
    }
}

impl Target {
    fn lock(&self) -> MutexGuard<'_, Option<Agent>> {
        self.agent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wish(&self, arguments: &Value, context: &ToolContext) -> Result<String, ToolError> {
        let refused = |why: &str| Err(ToolError::new(why));
        let Some(slot) = &context.handoffs else {
            return refused("nobody follows handoffs in this turn; go on yourself");
        };
        if slot.thread_id != context.thread_id {
            return refused("a sub-agent cannot hand the conversation over; give your result");
        }
        let Some(to) = self.thread() else {
            return refused("the agent is not there; go on yourself");
        };
        if to.id() == slot.thread_id {
            return refused("you are that agent; go on yourself");
        }
        let mut wish = slot.lock();
        if let Some(transfer) = &*wish {
            return Err(ToolError::new(format!(
                "the conversation goes to {:?} already; end your turn",
                transfer.name
            )));
        }
        *wish = Some(Transfer {
            name: self.name.clone(),
            message: arguments["message"].as_str().unwrap_or_default().to_owned(),
            history: self.history,
            to,
        });
        Ok(format!(
            "The agent {:?} takes the conversation over when your turn ends. End it now, and say nothing more.",
            self.name
        ))
    }

    fn thread(&self) -> Option<Thread> {
        let agent = self.lock();
        let agent = agent.as_ref()?;
        let (codex, setup) = (agent.codex.upgrade()?, agent.setup.upgrade()?);
        Some(Thread::new(
            codex,
            agent.id.clone(),
            agent.answer.clone(),
            setup,
        ))
    }
}
