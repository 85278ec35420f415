//! Who answers approvals and questions: the JSON of `node/src/responders.ts`, its callbacks asked through the hub; and
//! what a thread has besides.

use std::sync::Arc;

use codexkit::approvals::{AskHandler, Responders};
use codexkit::guardrails::CheckHandler;
use codexkit::telemetry::TraceContext;
use codexkit::tools::ToolRegistry;
use codexkit::{Error, Result, Setup};
use napi_derive::napi;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::OrThrow;
use crate::hub::NativeHub;
use crate::tools::NativeToolRegistry;

/// What a call has of its own, as its JSON says.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Own {
    responders: Option<Box<RawValue>>,
    trace: Option<Box<RawValue>>,
}

/// What a call was given: responders and the trace as JSON, under which number its callbacks are known to JavaScript, tools, guardrails.
pub(crate) struct Given {
    asker: Arc<dyn AskHandler>,
    own: Result<Own>,
    tools: Option<ToolRegistry>,
    guard: Option<Arc<dyn CheckHandler>>,
}

impl Given {
    pub(crate) fn new(hub: &NativeHub, owner: u32, json: Option<String>) -> Self {
        let asker = hub.shared().asker(owner);
        let own = json.map_or_else(
            || Ok(Own::default()),
            |json| {
                serde_json::from_str(&json)
                    .map_err(|error| Error::invalid_argument("responders", error))
            },
        );
        Self {
            asker,
            own,
            tools: None,
            guard: None,
        }
    }

    /// The same with tools.
    pub(crate) fn tools(mut self, tools: Option<&NativeToolRegistry>) -> Self {
        self.tools = tools.map(NativeToolRegistry::core);
        self
    }

    /// The same with the guardrails that the hub knows as `guard`.
    pub(crate) fn guarded(mut self, hub: &NativeHub, guard: Option<u32>) -> Self {
        self.guard = guard.map(|guard| hub.shared().checker(guard));
        self
    }

    /// None if none were given.
    pub(crate) fn responders(self) -> Result<Option<Responders>> {
        let responders = self.own?.responders;
        responders
            .map(|json| Responders::from_json(json.get(), Some(self.asker)))
            .transpose()
    }

    /// The trace that the call belongs to.
    pub(crate) fn trace(&self) -> Result<Option<TraceContext>> {
        let own = self.own.as_ref().map_err(Clone::clone)?;
        let trace = own.trace.as_deref();
        trace
            .map(|json| TraceContext::from_json(json.get()))
            .transpose()
    }

    /// The same for turns whose options name a trace.
    pub(crate) fn setup_after(self, options: Setup) -> Result<Setup> {
        let mut setup = self.setup()?;
        setup.trace_context = options.trace_context.or(setup.trace_context);
        Ok(setup)
    }

    /// The same for a thread or a turn.
    pub(crate) fn setup(mut self) -> Result<Setup> {
        let mut setup = Setup::new();
        setup.trace_context = self.trace()?;
        if let Some(tools) = self.tools.take() {
            setup = setup.tools(tools);
        }
        if let Some(guard) = self.guard.take() {
            setup = setup.checked_by(guard);
        }
        Ok(match self.responders()? {
            Some(responders) => setup.responders(responders),
            None => setup,
        })
    }
}

/// Throws if `json` are no responders, or if there are callbacks among them.
#[napi]
#[allow(
    clippy::needless_pass_by_value,
    reason = "napi hands strings over by value; the lint shows in one kind of build only"
)]
#[allow(
    unreachable_pub,
    dead_code,
    reason = "napi exports what is public, but not from a build of tests"
)]
pub fn check_responders(json: String) -> napi::Result<()> {
    Responders::from_json(&json, None).or_throw().map(drop)
}
