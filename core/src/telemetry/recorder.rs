//! What a session tells its observer, and the spans that have begun and not ended.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde_json::Value;

use crate::client::Codex;
use crate::clock;
use crate::error::{Error, Result};
use crate::options::CodexOptions;
use crate::protocol::JsonObject;
use crate::redact::redact;
use crate::session::diagnostics::Diagnostic;
use crate::telemetry::bridge;
use crate::telemetry::context::TraceContext;
use crate::telemetry::metrics::Counters;
use crate::telemetry::record::{
    Attribute, AttributeValue, Observer, Span, SpanKind, SpanStatus, TelemetryEvent,
};
use crate::telemetry::scope::{Scope, current};
use crate::thread::Thread;
use crate::thread::queue::contained;
use crate::tools::{Called, ToolResult};

/// The numbers of spans are once in a process, so that one observer may serve several clients.
static LAST_SPAN: AtomicU64 = AtomicU64::new(0);

/// What a client's session counts and tells.
pub(crate) struct Telemetry {
    observer: Option<Arc<dyn Observer>>,
    /// The name of the agent: the client's.
    pub(crate) agent: String,
    pub(crate) counters: Counters,
    /// Questions that have no answer yet, by their ids.
    pub(super) asked: Mutex<HashMap<String, Open>>,
}

impl Telemetry {
    pub(crate) fn new(observer: Option<Arc<dyn Observer>>, agent: &str) -> Arc<Self> {
        Arc::new(Self {
            observer,
            agent: agent.to_owned(),
            counters: Counters::default(),
            asked: Mutex::default(),
        })
    }

    /// Whether anybody wants spans and events now.
    pub(crate) fn is_on(&self) -> bool {
        self.listener().is_some() || bridge::is_on()
    }

    /// Whether anybody wants prompts, answers, arguments and results.
    pub(super) fn captures(&self) -> bool {
        self.listener()
            .is_some_and(|observer| observer.captures_content())
    }

    fn listener(&self) -> Option<&Arc<dyn Observer>> {
        let observer = self.observer.as_ref();
        observer.filter(|observer| observer.is_enabled())
    }

    /// Begins a span, if anybody wants it. `make` gives its name and first attributes.
    pub(crate) fn start(
        self: &Arc<Self>,
        kind: SpanKind,
        scope: Scope,
        make: impl FnOnce() -> (String, Vec<Attribute>),
    ) -> Option<Open> {
        if !self.is_on() {
            return None;
        }
        let (name, attributes) = make();
        let span = Span {
            id: LAST_SPAN.fetch_add(1, Ordering::Relaxed) + 1,
            parent: scope.parent,
            kind,
            name,
            start: now(),
            end: None,
            status: SpanStatus::Ok,
            attributes,
            content: Vec::new(),
            trace: scope.trace,
        };
        bridge::started(&span);
        if let Some(observer) = self.listener() {
            contained(|| observer.span_started(&span));
        }
        Some(Open {
            telemetry: self.clone(),
            began: clock::now(),
            span: Some(span),
        })
    }

    fn ended(&self, mut span: Span) {
        bridge::ended(&span);
        if let Some(observer) = self.listener() {
            if !observer.captures_content() {
                span.content.clear();
            }
            contained(|| observer.span_ended(&span));
        }
    }

    /// Tells that something happened.
    pub(super) fn event(
        &self,
        name: &'static str,
        span: Option<u64>,
        attributes: Vec<Attribute>,
        content: Vec<Attribute>,
    ) {
        let mut event = TelemetryEvent {
            name,
            span,
            time: now(),
            attributes,
            content,
        };
        bridge::event(&event);
        if let Some(observer) = self.listener() {
            if !observer.captures_content() {
                event.content.clear();
            }
            contained(|| observer.event(&event));
        }
    }

    /// Tells a diagnostic. What it says may quote somebody; what kind it is does not.
    pub(crate) fn diagnostic(&self, diagnostic: &Diagnostic) {
        let kind = serde_json::to_value(diagnostic.kind).unwrap_or_default();
        let kind = kind.as_str().unwrap_or_default();
        let message = redact(&diagnostic.message).into_owned();
        self.event(
            "codexkit.diagnostic",
            None,
            vec![("codexkit.diagnostic.kind", kind.into())],
            vec![("codexkit.diagnostic.message", message.into())],
        );
    }

    /// A turn is tried again.
    pub(crate) fn retry(&self, thread_id: &str) {
        self.counters.retry();
        if self.is_on() {
            let attributes = vec![("gen_ai.conversation.id", thread_id.into())];
            self.event("codexkit.retry", None, attributes, Vec::new());
        }
    }

    /// A supervised engine was started again.
    pub(crate) fn restarted(&self) {
        Counters::restart();
        if self.is_on() {
            self.event("codexkit.restart", None, Vec::new(), Vec::new());
        }
    }

    /// What a reader that fell behind cost, told once its turn is over or given up.
    pub(crate) fn fell_behind(&self, turn: Option<u64>, coalesced: u64, lagged: u64) {
        Counters::behind(coalesced, lagged);
        for (name, count) in [
            ("codexkit.coalesced", coalesced),
            ("codexkit.lagged", lagged),
        ] {
            if count > 0 && self.is_on() {
                let attributes = vec![("codexkit.events", count.into())];
                self.event(name, turn, attributes, Vec::new());
            }
        }
    }

    /// A client starts.
    pub(crate) fn client(self: &Arc<Self>, options: &CodexOptions) -> Option<Open> {
        let scope = Scope {
            parent: None,
            trace: options.trace_context.clone(),
        };
        self.start(SpanKind::Client, scope, || {
            let attributes = vec![("gen_ai.agent.name", self.agent.as_str().into())];
            ("codexkit.client".to_owned(), attributes)
        })
    }

    /// It has started, or could not.
    pub(crate) fn client_started(&self, mut span: Open, started: &Result<Codex>) {
        if let Ok(codex) = started {
            let engine = &codex.metadata().engine;
            span.set("codexkit.engine.version", engine.version.as_str());
            span.set("codexkit.engine.source", engine.source.as_str());
        }
        span.end_as(started);
    }

    /// A thread is started, resumed or forked.
    pub(crate) fn thread(
        self: &Arc<Self>,
        method: &str,
        params: &JsonObject,
        trace: Option<TraceContext>,
    ) -> Option<Open> {
        let scope = Scope {
            parent: None,
            trace,
        };
        self.start(SpanKind::Thread, scope, || {
            let agent = &self.agent;
            let mut attributes = vec![
                ("gen_ai.provider.name", "openai".into()),
                ("gen_ai.agent.name", agent.as_str().into()),
            ];
            // The conventions have a name for an agent that is made, and none for one that is found again.
            let name = if method == "thread/resume" {
                "codexkit.thread resume".to_owned()
            } else {
                attributes.insert(0, ("gen_ai.operation.name", "create_agent".into()));
                format!("create_agent {agent}")
            };
            if let Some(model) = params.get("model").and_then(Value::as_str) {
                attributes.push(("gen_ai.request.model", model.into()));
            }
            (name, attributes)
        })
    }

    /// It is open, or could not be opened.
    pub(crate) fn thread_opened(mut span: Open, opened: &Result<Thread>) {
        if let Ok(thread) = opened {
            span.set("gen_ai.conversation.id", thread.id());
        }
        span.end_as(opened);
    }

    /// A tool of the application is called, in the turn of this span.
    pub(crate) fn tool(self: &Arc<Self>, called: &Called, turn: Option<u64>) -> Calling {
        let scope = Scope {
            parent: turn,
            trace: None,
        };
        let open = self.start(SpanKind::Tool, scope, || {
            let tool = called.tool.as_str();
            let attributes = vec![
                ("gen_ai.operation.name", "execute_tool".into()),
                ("gen_ai.tool.name", tool.into()),
                ("gen_ai.tool.call.id", called.call_id.as_str().into()),
                ("gen_ai.tool.type", "function".into()),
                ("gen_ai.conversation.id", called.thread_id.as_str().into()),
                ("codexkit.turn.id", called.turn_id.as_str().into()),
            ];
            (format!("execute_tool {tool}"), attributes)
        });
        Calling {
            telemetry: self.clone(),
            open,
            began: clock::now(),
            outcome: "cancelled",
        }
    }

    /// A request begins.
    pub(crate) fn request(self: &Arc<Self>, method: &str) -> Requesting {
        let open = self.start(SpanKind::Request, current(), || {
            (
                format!("codexkit.request {method}"),
                vec![("codexkit.request.method", method.into())],
            )
        });
        Requesting {
            telemetry: self.clone(),
            open,
            outcome: "cancelled",
        }
    }
}

/// A request that has no answer yet. Dropped without one, it was given up.
pub(crate) struct Requesting {
    telemetry: Arc<Telemetry>,
    open: Option<Open>,
    outcome: &'static str,
}

impl Requesting {
    pub(crate) fn end<T>(mut self, result: &Result<T>) {
        self.outcome = result
            .as_ref()
            .map_or_else(|error| error.kind().as_str(), |_| "ok");
        if let Some(open) = self.open.take() {
            open.end_as(result);
        }
    }
}

impl Drop for Requesting {
    fn drop(&mut self) {
        self.telemetry.counters.request(self.outcome);
    }
}

/// A call of a tool that has no result yet. Dropped without one, it was given up.
pub(crate) struct Calling {
    telemetry: Arc<Telemetry>,
    open: Option<Open>,
    began: Instant,
    outcome: &'static str,
}

impl Calling {
    pub(crate) fn arguments(&mut self, arguments: &Value) {
        if let Some(open) = &mut self.open {
            open.content("gen_ai.tool.call.arguments", || arguments.to_string());
        }
    }

    /// It has its result; `how` it ended, if the tool itself was called.
    pub(crate) fn end(mut self, result: &ToolResult, how: Option<&'static str>) {
        let word = if result.is_error {
            "failure"
        } else {
            "success"
        };
        self.outcome = how.filter(|_| result.is_error).unwrap_or(word);
        let Some(mut open) = self.open.take() else {
            return;
        };
        open.content("gen_ai.tool.call.result", || result.to_text());
        if result.is_error {
            open.fail(self.outcome);
        }
        open.end();
    }
}

impl Drop for Calling {
    fn drop(&mut self) {
        let took = clock::now().duration_since(self.began);
        self.telemetry.counters.tool(self.outcome, took);
    }
}

/// Now, in nanoseconds since the Unix epoch.
fn now() -> u64 {
    u64::try_from(clock::unix_nanos()).unwrap_or(u64::MAX)
}

/// A span that has begun. Dropped without an end, it was cancelled.
pub(crate) struct Open {
    telemetry: Arc<Telemetry>,
    began: Instant,
    span: Option<Span>,
}

impl Open {
    pub(crate) fn id(&self) -> Option<u64> {
        self.span.as_ref().map(|span| span.id)
    }

    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<AttributeValue>) {
        if let Some(span) = &mut self.span {
            span.attributes.push((name, value.into()));
        }
    }

    /// What only those get who capture content; what looks like a secret is left out.
    pub(crate) fn content(&mut self, name: &'static str, text: impl FnOnce() -> String) {
        if self.telemetry.captures()
            && let Some(span) = &mut self.span
        {
            let text = text();
            span.content.push((name, redact(&text).into_owned().into()));
        }
    }

    pub(crate) fn fail(&mut self, how: &str) {
        if let Some(span) = &mut self.span {
            span.status = SpanStatus::Error;
            span.attributes.push(("error.type", how.into()));
        }
    }

    pub(crate) fn fail_as(&mut self, error: &Error) {
        self.fail(error.kind().as_str());
        if let Some(code) = error.code() {
            self.set("codexkit.error.code", code);
        }
    }

    pub(crate) fn end(mut self) {
        self.finish();
    }

    /// Ends it as its result says.
    pub(crate) fn end_as<T>(mut self, result: &Result<T>) {
        if let Err(error) = result {
            self.fail_as(error);
        }
        self.finish();
    }

    fn finish(&mut self) {
        let Some(mut span) = self.span.take() else {
            return;
        };
        // The wall clock may be set meanwhile; the end never comes before the start.
        let took = clock::now().duration_since(self.began).as_nanos();
        let took = u64::try_from(took).unwrap_or(u64::MAX);
        span.end = Some(span.start.saturating_add(took));
        self.telemetry.ended(span);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.span.is_some() {
            self.fail("cancelled");
            self.finish();
        }
    }
}

/// Takes a lock that nothing can leave in a wrong state.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
