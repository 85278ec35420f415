//! What a thread or a turn brings along besides the engine's parameters: who answers for it.

use std::sync::Arc;

use crate::approvals::Responders;
use crate::guardrails::{self, CheckHandler, InputGuardrail, OutputGuardrail};
use crate::mcp::LoopbackServer;
use crate::telemetry::TraceContext;
use crate::thread::handoff::Slot;
use crate::thread::hooks::TurnHooks;
use crate::tools::ToolRegistry;

/// What a thread or a turn has of its own on this side of the protocol.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Setup {
    /// Who answers its approvals and questions.
    pub responders: Option<Arc<Responders>>,
    /// What looks at the input of its turns.
    pub input_guardrails: Vec<InputGuardrail>,
    /// What looks at what its turns come to.
    pub output_guardrails: Vec<OutputGuardrail>,
    /// The tools of a thread, besides the client's. A turn's own are answered but not offered: the engine takes tools
    /// with a thread alone.
    pub tools: Option<ToolRegistry>,
    /// The trace that starting it belongs to; a thread's is not that of its turns.
    pub trace_context: Option<TraceContext>,
    /// The server through which the engine reaches them, where it does not take them with the thread.
    pub(crate) server: Option<LoopbackServer>,
    /// Who is asked around its approvals and calls of tools.
    pub(crate) hooks: Option<Arc<dyn TurnHooks>>,
    /// Where a turn notes to whom it hands the conversation over.
    pub(crate) handoffs: Option<Arc<Slot>>,
}

impl Setup {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What belongs to this trace, if to any, and has nothing else.
    pub(crate) fn of_trace(trace_context: Option<TraceContext>) -> Self {
        Self {
            trace_context,
            ..Self::default()
        }
    }

    /// With these to answer approvals and questions.
    #[must_use]
    pub fn responders(mut self, responders: Responders) -> Self {
        self.responders = Some(Arc::new(responders));
        self
    }

    /// With this to look at the input of turns, after those that are there.
    #[must_use]
    pub fn input_guardrail(mut self, guardrail: InputGuardrail) -> Self {
        self.input_guardrails.push(guardrail);
        self
    }

    /// With this to look at what turns come to, after those that are there.
    #[must_use]
    pub fn output_guardrail(mut self, guardrail: OutputGuardrail) -> Self {
        self.output_guardrails.push(guardrail);
        self
    }

    /// With guardrails of a binding, after those that are there: all of its language's functions behind one handler.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "it is kept")]
    pub fn checked_by(self, handler: Arc<dyn CheckHandler>) -> Self {
        let (input, output) = guardrails::of_binding(&handler);
        self.input_guardrail(input).output_guardrail(output)
    }

    /// Whether there are guardrails.
    pub(crate) fn is_guarded(&self) -> bool {
        !(self.input_guardrails.is_empty() && self.output_guardrails.is_empty())
    }

    /// As part of this trace: the parent of the span, and told to the engine.
    #[must_use]
    pub fn trace_context(mut self, context: TraceContext) -> Self {
        self.trace_context = Some(context);
        self
    }

    /// With these tools.
    #[must_use]
    pub fn tools(mut self, tools: ToolRegistry) -> Self {
        self.tools = Some(tools);
        self
    }
}
