//! One call of a tool: found, checked, limited and timed. Whatever goes wrong is a result that the model reads.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use tokio::sync::watch;

use super::call::{ToolCall, ToolContext};
use super::metrics::{Count, End};
use super::registry::{Entry, Tool, ToolRegistry};
use super::result::ToolResult;
use crate::output::{OutputFault, faults};
use crate::thread::handoff::Slot;

/// Calls that have not ended, so that the end of their turn reaches them.
#[derive(Default)]
pub(crate) struct Running {
    calls: HashMap<u64, (String, watch::Sender<bool>)>,
    next: u64,
    closed: bool,
}

/// Comes when nobody waits for a call's result any more.
pub(crate) type Cancelled = watch::Receiver<bool>;

impl Running {
    /// A call begins. Its number ends it.
    pub(crate) fn begin(&mut self, turn_id: &str) -> (u64, Cancelled) {
        let (sender, receiver) = watch::channel(self.closed);
        self.next += 1;
        self.calls.insert(self.next, (turn_id.to_owned(), sender));
        (self.next, receiver)
    }

    pub(crate) fn end(&mut self, number: u64) {
        self.calls.remove(&number);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// A turn has ended: nobody waits for its calls.
    pub(crate) fn turn_ended(&self, turn_id: &str) {
        for (turn, cancel) in self.calls.values() {
            if turn == turn_id {
                cancel.send_replace(true);
            }
        }
    }

    /// The client is closed.
    pub(crate) fn close(&mut self) {
        self.closed = true;
        self.cancel_all();
    }

    /// The engine is gone: nobody waits for any call.
    pub(crate) fn cancel_all(&self) {
        for (_, cancel) in self.calls.values() {
            cancel.send_replace(true);
        }
    }
}

/// Which tool is called, by the engine's words.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    pub(crate) thread_id: String,
    pub(crate) turn_id: String,
    pub(crate) call_id: String,
    pub(crate) namespace: Option<String>,
    pub(crate) tool: String,
    /// Where a wish to hand over is noted, if anybody follows it.
    pub(crate) handoffs: Option<Arc<Slot>>,
    /// How the call of the tool ended, once it has.
    pub(crate) outcome: OnceLock<&'static str>,
}

/// The tool that is called, of the nearest registry that has one of the name.
pub(crate) fn find(registries: &[ToolRegistry], called: &Called) -> Option<Found> {
    let namespace = called.namespace.as_deref();
    registries
        .iter()
        .find_map(|registry| registry.entry_of(namespace, &called.tool))
        .map(Found)
}

/// A tool that is to be called.
pub(crate) struct Found(Entry);

/// What the model hears of a tool that is not there (any more).
pub(crate) fn missing(registries: &[ToolRegistry], called: &Called) -> ToolResult {
    let there: Vec<String> = registries
        .iter()
        .flat_map(ToolRegistry::list)
        .map(|tool| tool.spec().key())
        .collect();
    let name = super::spec::key(called.namespace.as_deref(), &called.tool);
    ToolResult::error(format!(
        "there is no tool {name:?} any more; there are: {}",
        if there.is_empty() {
            "none".to_owned()
        } else {
            there.join(", ")
        }
    ))
}

impl Found {
    /// Runs the call to its end. `cancelled` says when nobody waits any more.
    pub(crate) async fn call(
        self,
        called: &Called,
        arguments: Value,
        mut cancelled: Cancelled,
    ) -> ToolResult {
        let Entry { tool, meter } = self.0;
        let mut count = Count::new(meter);
        let (end, result) = match checked(&tool, arguments) {
            Ok(arguments) => {
                tokio::select! {
                    done = run(&tool, called, arguments, &mut count) => done,
                    () = wait(&mut cancelled) => (End::Cancelled, gone()),
                }
            }
            Err(result) => (End::Invalid, result),
        };
        let _ = called.outcome.set(end.as_str());
        let failed = end != End::Success;
        let took = count.end(end, failed.then(|| result.to_text()));
        let (key, millis) = (tool.spec().key(), took.as_secs_f64() * 1e3);
        tracing::debug!(target: "codexkit::tools", tool = key, failed, millis, "called");
        result
    }
}

/// The arguments, if they follow the schema.
fn checked(tool: &Tool, arguments: Value) -> Result<Value, ToolResult> {
    let arguments = if arguments.is_null() {
        Value::Object(serde_json::Map::new())
    } else {
        arguments
    };
    let wrong = faults(tool.validator(), &arguments);
    if wrong.is_empty() {
        return Ok(arguments);
    }
    let lines: Vec<String> = wrong.iter().map(OutputFault::line).collect();
    Err(ToolResult::error(format!(
        "the arguments do not follow the tool's schema; correct them and call again: {}",
        lines.join("; ")
    )))
}

/// Waits for a place, hands the call on, and waits for its result while there is time.
async fn run(
    tool: &Tool,
    called: &Called,
    arguments: Value,
    count: &mut Count,
) -> (End, ToolResult) {
    let _place = match tool.places() {
        Some(places) => places.acquire().await.ok(),
        None => None,
    };
    count.begin();
    // Dropped with this future, whichever way it ends: the function hears of it.
    let (_cancel, seen) = watch::channel(());
    let place = (&*called.thread_id, &*called.turn_id, &*called.call_id);
    let named = (called.namespace.as_deref(), &*called.tool);
    let mut context = ToolContext::new(place, named, seen);
    context.handoffs.clone_from(&called.handoffs);
    let (call, replied) = ToolCall::new(context, arguments);
    tool.handler().handle(call);
    let limit = tool.spec().timeout;
    let answer = match limit {
        Some(limit) => match tokio::time::timeout(limit, replied).await {
            Ok(answer) => answer,
            Err(_) => {
                let seconds = limit.as_secs_f64();
                let why = format!("the tool gave no result within {seconds} s");
                return (End::Timeout, ToolResult::error(why));
            }
        },
        None => replied.await,
    };
    match answer {
        Ok(result) if result.is_error => (End::Failure, result),
        Ok(result) => (End::Success, result),
        Err(_) => (End::Failure, ToolResult::error("the tool gave no result")),
    }
}

/// Comes when nobody waits any more.
pub(crate) async fn wait(cancelled: &mut Cancelled) {
    if cancelled.wait_for(|it| *it).await.is_err() {
        // Whoever would cancel is gone.
        std::future::pending::<()>().await;
    }
}

fn gone() -> ToolResult {
    ToolResult::error("the turn ended before the tool gave a result")
}
