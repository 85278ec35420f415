//! Tools: the declarations and registries of `node/src/tools.ts`. Calls reach its functions through the hub.

use std::sync::Arc;

use codexkit::tools::{Tool, ToolRegistry, ToolSpec};
use codexkit::{Handoff, Result};
use napi_derive::napi;

use crate::error::OrThrow;
use crate::hub::NativeHub;
use crate::turn::NativeThread;

/// A tool whose function JavaScript knows by a number.
#[napi]
pub struct NativeTool {
    tool: Tool,
}

impl From<Tool> for NativeTool {
    fn from(tool: Tool) -> Self {
        Self { tool }
    }
}

#[napi]
impl NativeTool {
    /// A tool by its declaration (JSON), whose calls the hub tells under `number`.
    #[napi(constructor)]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn new(hub: &NativeHub, number: u32, declaration: String) -> napi::Result<NativeTool> {
        let make = || {
            let spec = ToolSpec::from_json(&declaration)?;
            let tool = Tool::new(spec, Arc::new(hub.shared().caller(number)))?;
            Ok(Self { tool })
        };
        Result::or_throw(make())
    }

    /// Its declaration, the schema as the model gets it: JSON.
    #[napi]
    pub fn spec(&self) -> String {
        self.tool.spec().to_json().to_string()
    }

    /// What names it in a registry.
    #[napi]
    pub fn key(&self) -> String {
        self.tool.spec().key()
    }
}

/// A tool by which an agent hands its conversation over to the agent of another thread.
#[napi]
pub struct NativeHandoff {
    handoff: Handoff,
}

#[napi]
#[allow(
    clippy::needless_pass_by_value,
    reason = "napi hands strings over by value; the lint shows in one kind of build only"
)]
impl NativeHandoff {
    /// To an agent of this name, with so many messages of the conversation, or all.
    #[napi(constructor)]
    pub fn new(
        name: String,
        description: String,
        history: Option<u32>,
    ) -> napi::Result<NativeHandoff> {
        let history = history.map(|most| most as usize);
        let made = Handoff::with_history(&name, &description, history);
        Result::or_throw(made.map(|handoff| Self { handoff }))
    }

    /// Says whose agent it is, and may keep what the thread has of its own.
    #[napi]
    pub fn bind(&self, thread: &NativeThread, keep: bool) {
        let thread = thread.core();
        if keep {
            self.handoff.bind_and_keep(&thread);
        } else {
            self.handoff.bind(&thread);
        }
    }

    /// The id of that thread.
    #[napi]
    pub fn thread_id(&self) -> Option<String> {
        self.handoff.thread_id()
    }

    /// The tool.
    #[napi]
    pub fn tool(&self) -> NativeTool {
        self.handoff.tool().into()
    }
}

/// The tools of a client or of some threads.
#[napi]
#[derive(Default)]
pub struct NativeToolRegistry {
    registry: ToolRegistry,
}

impl NativeToolRegistry {
    pub(crate) fn core(&self) -> ToolRegistry {
        self.registry.clone()
    }
}

#[napi]
#[allow(
    clippy::needless_pass_by_value,
    reason = "napi hands strings over by value; the lint shows in one kind of build only"
)]
impl NativeToolRegistry {
    /// Without tools.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tool. Throws if there is one of its name.
    #[napi]
    pub fn register(&self, tool: &NativeTool) -> napi::Result<()> {
        self.registry.register(tool.tool.clone()).or_throw()
    }

    /// Puts a tool in the place of the one of its name, or adds it.
    #[napi]
    pub fn replace(&self, tool: &NativeTool) {
        self.registry.replace(tool.tool.clone());
    }

    /// Takes a tool out, by its name or `namespace.name`.
    #[napi]
    pub fn remove(&self, key: String) {
        self.registry.remove(&key);
    }

    /// How the tools do, as JSON.
    #[napi]
    pub fn metrics(&self) -> napi::Result<String> {
        serde_json::to_string(&self.registry.metrics())
            .map_err(|error| napi::Error::from_reason(error.to_string()))
    }

    /// Says what a group of tools is for.
    #[napi]
    pub fn describe(&self, namespace: String, description: String) -> napi::Result<()> {
        self.registry.describe(&namespace, &description).or_throw()
    }
}
