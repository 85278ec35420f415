//! Calls of tools: from the engine's request, or an MCP call, to the result. The tools themselves are `tools`'; here is
//! whose they are, and that a call ends with its turn.

use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use serde_json::Value;

use crate::protocol::{lenient, raw};
use crate::session::Session;
use crate::session::requests::{ServerRequest, hand_over};
use crate::tools::{Called, Cancelled, Found, ToolRegistry, ToolResult, find, missing};

/// The parameters of `item/tool/call`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Params {
    thread_id: String,
    turn_id: String,
    call_id: String,
    #[serde(default)]
    namespace: Option<String>,
    tool: String,
    #[serde(default)]
    arguments: Value,
}

/// Answers a call of a dynamic tool. What no registry has goes to the handler of all requests, if there is one.
pub(super) async fn serve(request: ServerRequest) {
    let session = request.session().clone();
    let params: Params = match lenient::from_str(request.params()) {
        Ok(params) => params,
        Err(error) => return request.decline(&format!("the call cannot be read: {error}")),
    };
    let registries = session.tools_of(&params.thread_id, &params.turn_id);
    let called = Called {
        thread_id: params.thread_id,
        turn_id: params.turn_id,
        call_id: params.call_id,
        namespace: params.namespace,
        tool: params.tool,
        handoffs: None,
        outcome: OnceLock::new(),
    };
    let is_ours = find(&registries, &called).is_some();
    if !is_ours
        && (registries.iter().all(ToolRegistry::is_empty) || session.options.handler.is_some())
    {
        return hand_over(request);
    }
    let result = session
        .call_tool(&registries, called, params.arguments)
        .await;
    request.respond(&raw(&result.to_dynamic()));
}

impl Session {
    /// The registries of a turn, its thread and the client, the nearest first.
    pub(crate) fn tools_of(&self, thread_id: &str, turn_id: &str) -> Vec<ToolRegistry> {
        let setups = self.lock().setups(Some(thread_id), Some(turn_id));
        let of_setups = setups.iter().filter_map(|setup| setup.tools.clone());
        of_setups.chain([self.options.tools.clone()]).collect()
    }

    /// Calls a tool and waits for its result, which comes whatever goes wrong.
    pub(crate) async fn call_tool(
        self: &Arc<Self>,
        registries: &[ToolRegistry],
        mut called: Called,
        arguments: Value,
    ) -> ToolResult {
        let Some(found) = find(registries, &called) else {
            return missing(registries, &called);
        };
        let place = [&called.thread_id, &called.turn_id].map(|id| Some(id.as_str()));
        let turn = self.turn_span(place[0], place[1]);
        let mut calling = self.options.telemetry.tool(&called, turn);
        calling.arguments(&arguments);
        let result = self.call_found(found, &mut called, arguments).await;
        calling.end(&result, called.outcome.get().copied());
        result
    }

    async fn call_found(
        self: &Arc<Self>,
        found: Found,
        called: &mut Called,
        arguments: Value,
    ) -> ToolResult {
        let (_awaited, cancelled) = Awaited::begin(self, Some(&called.turn_id));
        let place = [&called.thread_id, &called.turn_id].map(|id| Some(id.as_str()));
        let setups = self.lock().setups(place[0], place[1]);
        called.handoffs = setups.iter().find_map(|setup| setup.handoffs.clone());
        match self.hooks_among(&setups) {
            Some(hooks) => hooks.call(found, called, arguments, cancelled).await,
            None => found.call(called, arguments, cancelled).await,
        }
    }
}

/// Forgets a call, or a question to a person, that is over or given up.
pub(super) struct Awaited<'a> {
    session: &'a Session,
    number: u64,
}

impl<'a> Awaited<'a> {
    /// Something begins that nobody waits for once its turn has ended, or the session; what is with it says when.
    pub(super) fn begin(session: &'a Session, turn_id: Option<&str>) -> (Self, Cancelled) {
        let turn_id = turn_id.unwrap_or_default();
        let (number, cancelled) = session.lock().shell.calls.begin(turn_id);
        (Self { session, number }, cancelled)
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.session.lock().shell.calls.end(self.number);
    }
}
