//! The one way in which native threads reach a Node environment: a list of streams that have something to
//! read, lists of requests from engines, of questions to the application's handlers, of calls of its tools and of what its
//! guardrails are to look at, and one
//! weak threadsafe function that says "look".
//!
//! However many streams wake at once, the event loop is entered once; being weak, the function does not
//! keep the process alive.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codexkit::approvals::{Ask, AskHandler};
use codexkit::guardrails::{Check, CheckHandler};
use codexkit::tools::{ToolCall, ToolHandler};
use codexkit::{ServerRequest, ServerRequestHandler, Wake};
use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use serde_json::json;
use serde_json::value::RawValue;

use crate::error::OrThrow;

type Look = ThreadsafeFunction<(), (), (), Status, false, true>;

/// A function as one that any thread may call. It does not keep the process alive.
pub(crate) fn weak(look: Function<'_, (), ()>) -> napi::Result<Look> {
    look.build_threadsafe_function::<()>()
        .weak::<true>()
        .build()
}

/// What the hub's clones share.
pub(crate) struct Shared {
    look: Look,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    called: bool,
    ready: Vec<u32>,
    requests: Pending<Waiting>,
    asks: Pending<WaitingAsk>,
    calls: Pending<WaitingCall>,
    checks: Pending<WaitingCheck>,
    /// Calls that JavaScript was told of and that nobody waits for any more.
    cancelled: Vec<u32>,
}

/// What JavaScript is to answer, each under a number.
struct Pending<T> {
    last: u32,
    arrived: Vec<u32>,
    waiting: HashMap<u32, T>,
}

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Self {
            last: 0,
            arrived: Vec::new(),
            waiting: HashMap::new(),
        }
    }
}

impl<T> Pending<T> {
    fn add(&mut self, one: T) -> u32 {
        self.last = self.last.wrapping_add(1);
        self.waiting.insert(self.last, one);
        self.arrived.push(self.last);
        self.last
    }

    /// Those that have come since the last call, as a JSON array; none if none has.
    fn tell(&mut self, to_json: impl Fn(&T, u32) -> String) -> Option<String> {
        let arrived = std::mem::take(&mut self.arrived);
        let told: Vec<String> = arrived
            .into_iter()
            .filter_map(|id| Some(to_json(self.waiting.get(&id)?, id)))
            .collect();
        (!told.is_empty()).then(|| format!("[{}]", told.join(",")))
    }

    fn take(&mut self, id: u32) -> Option<T> {
        self.waiting.remove(&id)
    }
}

struct Waiting {
    client: u32,
    request: ServerRequest,
}

impl Waiting {
    /// What JavaScript is told of it.
    fn to_json(&self, id: u32) -> String {
        let request = &self.request;
        json!({
            "id": id,
            "client": self.client,
            "method": request.method(),
            "params": request.params(),
            "threadId": request.thread_id(),
            "turnId": request.turn_id(),
            "itemId": request.item_id(),
        })
        .to_string()
    }
}

struct WaitingAsk {
    owner: u32,
    ask: Ask,
}

impl WaitingAsk {
    /// What JavaScript is told of it.
    fn to_json(&self, id: u32) -> String {
        let (owner, index, asked) = (self.owner, self.ask.index(), self.ask.asked());
        format!(
            r#"{{"id":{id},"owner":{owner},"index":{index},"subject":"{}","view":{}}}"#,
            asked.subject(),
            asked.to_json()
        )
    }
}

struct WaitingCall {
    tool: u32,
    call: ToolCall,
}

impl WaitingCall {
    /// What JavaScript is told of it.
    fn to_json(&self, id: u32) -> String {
        json!({
            "id": id,
            "tool": self.tool,
            "context": self.call.context().to_json(),
            "arguments": self.call.arguments(),
        })
        .to_string()
    }
}

struct WaitingCheck {
    guard: u32,
    check: Check,
}

impl WaitingCheck {
    /// What JavaScript is told of it.
    fn to_json(&self, id: u32) -> String {
        let (guard, stage, given) = (self.guard, self.check.stage(), self.check.given());
        format!(r#"{{"id":{id},"guard":{guard},"stage":"{stage}","given":{given}}}"#)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let changed = change(&mut state);
        let call = !std::mem::replace(&mut state.called, true);
        drop(state);
        if call {
            self.look.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
        changed
    }

    /// What an event stream calls when the stream `id` has something to read.
    pub(crate) fn wake(self: &Arc<Self>, id: u32) -> Wake {
        let shared = Arc::downgrade(self);
        Arc::new(move || {
            if let Some(shared) = shared.upgrade() {
                shared.change(|state| state.ready.push(id));
            }
        })
    }

    /// What answers the requests of the engine of `client`.
    pub(crate) fn handler(self: &Arc<Self>, client: u32) -> Arc<dyn ServerRequestHandler> {
        let shared = Arc::downgrade(self);
        Arc::new(move |request: ServerRequest| {
            let Some(shared) = shared.upgrade() else {
                return;
            };
            shared.change(|state| {
                state.requests.add(Waiting { client, request });
            });
        })
    }

    /// What hands questions to the callbacks of `owner`: a client's, a thread's or a turn's.
    pub(crate) fn asker(self: &Arc<Self>, owner: u32) -> Arc<dyn AskHandler> {
        let shared = Arc::downgrade(self);
        Arc::new(move |ask: Ask| {
            let Some(shared) = shared.upgrade() else {
                return;
            };
            shared.change(|state| {
                state.asks.add(WaitingAsk { owner, ask });
            });
        })
    }

    /// What hands inputs and results to the guardrails that are known as `guard`.
    pub(crate) fn checker(self: &Arc<Self>, guard: u32) -> Arc<dyn CheckHandler> {
        let shared = Arc::downgrade(self);
        Arc::new(move |check: Check| {
            let Some(shared) = shared.upgrade() else {
                return;
            };
            shared.change(|state| {
                state.checks.add(WaitingCheck { guard, check });
            });
        })
    }

    /// What hands the calls of the tool `tool` to its function.
    pub(crate) fn caller(self: &Arc<Self>, tool: u32) -> impl ToolHandler + use<> {
        let shared = Arc::downgrade(self);
        move |call: ToolCall| {
            let Some(hub) = shared.upgrade() else {
                return;
            };
            let context = call.context().clone();
            let id = hub.change(|state| state.calls.add(WaitingCall { tool, call }));
            let shared = shared.clone();
            // It comes for every call: one that was answered is not waiting any more.
            tokio::spawn(async move {
                context.cancelled().await;
                let Some(hub) = shared.upgrade() else {
                    return;
                };
                let waited = hub.lock().calls.take(id);
                if waited.is_some() {
                    hub.change(|state| state.cancelled.push(id));
                }
            });
        }
    }
}

/// The meeting point of native threads and one Node environment.
#[napi]
pub struct NativeHub {
    shared: Arc<Shared>,
}

impl NativeHub {
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

#[napi]
impl NativeHub {
    /// A hub that calls `look` when there is something to take.
    #[napi(constructor)]
    pub fn new(look: Function<'_, (), ()>) -> napi::Result<Self> {
        Ok(Self {
            shared: Arc::new(Shared {
                look: weak(look)?,
                state: Mutex::default(),
            }),
        })
    }

    /// The streams that have had something to read since the last call.
    #[napi]
    pub fn take_ready(&self) -> Vec<u32> {
        let mut state = self.shared.lock();
        state.called = false;
        std::mem::take(&mut state.ready)
    }

    /// Whether there is something to take besides streams: nearly always it is they that have woken the event loop.
    #[napi]
    pub fn has_more(&self) -> bool {
        let state = self.shared.lock();
        !(state.requests.arrived.is_empty()
            && state.asks.arrived.is_empty()
            && state.calls.arrived.is_empty()
            && state.checks.arrived.is_empty()
            && state.cancelled.is_empty())
    }

    /// The engine's requests that have come since the last call, as JSON; null if none has.
    #[napi]
    pub fn take_requests(&self) -> Option<String> {
        self.shared.lock().requests.tell(Waiting::to_json)
    }

    /// Answers a request with `result` (JSON text).
    #[napi]
    pub fn respond(&self, id: u32, result: String) -> napi::Result<()> {
        let result = RawValue::from_string(result).map_err(|error| {
            napi::Error::from_reason(format!("the answer is not JSON: {error}"))
        })?;
        let waiting = self.shared.lock().requests.take(id);
        if let Some(waiting) = waiting {
            waiting.request.respond(&result);
        }
        Ok(())
    }

    /// Declines a request; `why` goes to the client's diagnostics.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn decline(&self, id: u32, why: String) {
        let waiting = self.shared.lock().requests.take(id);
        if let Some(waiting) = waiting {
            waiting.request.decline(&why);
        }
    }

    /// The questions that have come since the last call, as JSON; null if none has.
    #[napi]
    pub fn take_asks(&self) -> Option<String> {
        self.shared.lock().asks.tell(WaitingAsk::to_json)
    }

    /// Answers a question with JSON text, `null` for no opinion. Throws for an answer that does not fit; it was
    /// declined then.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn answer(&self, id: u32, reply: String) -> napi::Result<()> {
        let waiting = self.shared.lock().asks.take(id);
        waiting.map_or(Ok(()), |waiting| waiting.ask.answer_json(&reply).or_throw())
    }

    /// Declines a question because its callback failed; `why` goes to the client's diagnostics.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn fail(&self, id: u32, why: String) {
        let waiting = self.shared.lock().asks.take(id);
        if let Some(waiting) = waiting {
            waiting.ask.fail(&why);
        }
    }

    /// The inputs and results to be looked at that have come since the last call, as JSON; null if none has.
    #[napi]
    pub fn take_checks(&self) -> Option<String> {
        self.shared.lock().checks.tell(WaitingCheck::to_json)
    }

    /// Lets one pass, or puts `other` (JSON) in its place.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn let_pass(&self, id: u32, other: Option<String>) -> napi::Result<()> {
        let other = other.map(|other| serde_json::from_str(&other)).transpose();
        let other = other.map_err(|error| {
            napi::Error::from_reason(format!("the answer is not JSON: {error}"))
        })?;
        let waiting = self.shared.lock().checks.take(id);
        if let Some(waiting) = waiting {
            waiting.check.pass(other);
        }
        Ok(())
    }

    /// Does not; whoever waits for the turn gets the error that JavaScript knows as `host`.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn reject(&self, id: u32, kind: String, message: String, host: u32) {
        let waiting = self.shared.lock().checks.take(id);
        if let Some(waiting) = waiting {
            waiting.check.fail(&kind, &message, Arc::new(host));
        }
    }

    /// The calls of tools that have come since the last call, and the numbers of those that nobody waits for any more,
    /// as JSON: `{"calls": [...], "cancelled": [...]}`; null if there is neither.
    #[napi]
    pub fn take_calls(&self) -> Option<String> {
        let mut state = self.shared.lock();
        let calls = state.calls.tell(WaitingCall::to_json);
        let cancelled = std::mem::take(&mut state.cancelled);
        if calls.is_none() && cancelled.is_empty() {
            return None;
        }
        let calls = calls.as_deref().unwrap_or("[]");
        Some(format!(
            r#"{{"calls":{calls},"cancelled":{}}}"#,
            json!(cancelled)
        ))
    }

    /// Gives the result of a call, as JSON. Throws for what is no result; the call has failed then.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn finish_call(&self, id: u32, result: String) -> napi::Result<()> {
        let waiting = self.shared.lock().calls.take(id);
        waiting.map_or(Ok(()), |waiting| {
            waiting.call.respond_json(&result).or_throw()
        })
    }

    /// Says that the tool failed, and why.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn fail_call(&self, id: u32, why: String) {
        let waiting = self.shared.lock().calls.take(id);
        if let Some(waiting) = waiting {
            waiting.call.fail(&why);
        }
    }
}
