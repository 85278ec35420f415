//! Threads and turns.

use codexkit::tools::ToolSpec;
use codexkit::{SimpleResult, Thread, Turn};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;

use crate::auto::NativeAutoRun;
use crate::client::{array, object, to_json};
use crate::error::OrThrow;
use crate::hub::NativeHub;
use crate::responders::Given;
use crate::runtime::{promise, runtime};
use crate::stream::{NativeSimpleStream, NativeStream};
use crate::tools::NativeTool;

/// A thread of a client.
#[napi]
pub struct NativeThread {
    thread: Thread,
}

impl From<Thread> for NativeThread {
    fn from(thread: Thread) -> Self {
        Self { thread }
    }
}

impl NativeThread {
    pub(crate) fn core(&self) -> Thread {
        self.thread.clone()
    }
}

#[napi]
impl NativeThread {
    /// The thread's id.
    #[napi]
    pub fn id(&self) -> String {
        self.thread.id().to_owned()
    }

    /// The answer to `thread/start`, `thread/resume` or `thread/fork` as JSON; null for a bare handle.
    #[napi]
    pub fn start_response(&self) -> Option<String> {
        self.thread.start_response().map(|raw| raw.get().to_owned())
    }

    /// Starts a turn, whose responders' callbacks the hub knows under `owner`. Promise of a `NativeTurn`.
    #[napi]
    pub fn turn<'env>(
        &self,
        env: &'env Env,
        input: String,
        params: String,
        hub: &NativeHub,
        owner: u32,
        responders: Option<String>,
    ) -> napi::Result<Object<'env>> {
        let thread = self.thread.clone();
        let given = Given::new(hub, owner, responders);
        promise(env, async move {
            let (input, params) = (array("input", &input)?, object("params", &params)?);
            let turn = thread.turn_with(input, params, given.setup()?).await?;
            Ok(NativeTurn { turn })
        })
    }

    /// Begins a run of many turns, whose guardrails the hub knows as `guard`.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn auto_run(
        &self,
        input: String,
        options: String,
        hub: &NativeHub,
        guard: Option<u32>,
    ) -> napi::Result<NativeAutoRun> {
        let given = Given::new(hub, 0, None).guarded(hub, guard);
        NativeAutoRun::start(&self.thread, &input, &options, given)
    }

    /// The thread as a tool, by its declaration (JSON, without parameters); the hub knows its guardrails as `guard`.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn as_tool(
        &self,
        declaration: String,
        hub: &NativeHub,
        guard: Option<u32>,
    ) -> napi::Result<NativeTool> {
        let given = Given::new(hub, 0, None).guarded(hub, guard);
        let make = || {
            let spec = ToolSpec::from_json(&declaration)?;
            self.thread.as_tool_with_setup(spec, given.setup()?)
        };
        make().map(NativeTool::from).or_throw()
    }

    /// The sub-agents that the engine has spawned for this thread, as JSON.
    #[napi]
    pub fn children(&self) -> napi::Result<String> {
        to_json(&self.thread.children())
    }

    /// What no turn claims of the thread and its sub-agents, from now on.
    #[napi]
    pub fn subscribe(&self, hub: &NativeHub, id: u32) -> NativeStream {
        NativeStream::open(&self.thread.subscribe(), None, hub.shared(), id)
    }

    /// Reads the stored thread. Promise of JSON.
    #[napi]
    pub fn read<'env>(&self, env: &'env Env, include_turns: bool) -> napi::Result<Object<'env>> {
        let thread = self.thread.clone();
        promise(env, async move {
            Ok(thread.read(include_turns).await?.get().to_owned())
        })
    }

    /// Names the thread. Promise of JSON.
    #[napi]
    pub fn set_name<'env>(&self, env: &'env Env, name: String) -> napi::Result<Object<'env>> {
        let thread = self.thread.clone();
        promise(env, async move {
            Ok(thread.set_name(&name).await?.get().to_owned())
        })
    }

    /// Compacts the thread's context. Promise of JSON.
    #[napi]
    pub fn compact<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let thread = self.thread.clone();
        promise(
            env,
            async move { Ok(thread.compact().await?.get().to_owned()) },
        )
    }

    /// Archives the thread. Promise of JSON.
    #[napi]
    pub fn archive<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let thread = self.thread.clone();
        promise(
            env,
            async move { Ok(thread.archive().await?.get().to_owned()) },
        )
    }

    /// Takes the thread out of the archive. Promise of JSON.
    #[napi]
    pub fn unarchive<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let thread = self.thread.clone();
        promise(env, async move {
            Ok(thread.unarchive().await?.get().to_owned())
        })
    }
}

/// A turn of a thread.
#[napi]
pub struct NativeTurn {
    turn: Turn,
}

impl NativeTurn {
    pub(crate) fn inner(&self) -> Turn {
        self.turn.clone()
    }
}

#[napi]
impl NativeTurn {
    /// The turn's id.
    #[napi]
    pub fn id(&self) -> String {
        self.turn.id().to_owned()
    }

    /// Its thread's id.
    #[napi]
    pub fn thread_id(&self) -> String {
        self.turn.thread_id().to_owned()
    }

    /// The full stream; `id` is what the hub says when there is something to read.
    #[napi]
    pub fn events(&self, hub: &NativeHub, id: u32) -> NativeStream {
        NativeStream::open(
            self.turn.events(),
            Some(self.turn.clone()),
            hub.shared(),
            id,
        )
    }

    /// The simple stream.
    #[napi]
    pub fn simple_events(&self, hub: &NativeHub, id: u32) -> NativeSimpleStream {
        NativeSimpleStream::open(&self.turn, hub.shared(), id)
    }

    /// Has the hub say `id` once the turn has ended.
    #[napi]
    pub fn on_finished(&self, hub: &NativeHub, id: u32) {
        let wake = hub.shared().wake(id);
        self.turn.on_finished(Box::new(move || wake()));
    }

    /// Reads the turn to its end. Promise of JSON: `{simple, turn}`, the turn without its items.
    #[napi]
    pub fn run_simple<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let turn = self.turn.clone();
        promise(env, async move {
            let (mut fold, _) = turn.simple_fold();
            let (mut simple, mut out) = (SimpleResult::default(), Vec::new());
            while let Some(event) = turn.events().next().await {
                fold.push(&event?, &mut out);
                out.drain(..).for_each(|event| simple.observe(event));
            }
            let mut result = turn.result().await?;
            result.items.clear();
            Ok(format!(
                r#"{{"simple":{},"turn":{}}}"#,
                simple.to_json(),
                result.to_json()
            ))
        })
    }

    /// Waits for the end. Promise of JSON.
    #[napi]
    pub fn result<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let turn = self.turn.clone();
        promise(env, async move { Ok(turn.result().await?.to_json()) })
    }

    /// Adds input to the running turn. Promise of JSON.
    #[napi]
    pub fn steer<'env>(&self, env: &'env Env, input: String) -> napi::Result<Object<'env>> {
        let turn = self.turn.clone();
        promise(env, async move {
            Ok(turn.steer(array("input", &input)?).await?.get().to_owned())
        })
    }

    /// Interrupts the turn. Promise of nothing.
    #[napi]
    pub fn interrupt<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let turn = self.turn.clone();
        promise(env, async move { turn.interrupt().await })
    }

    /// Interrupts the turn without waiting for the answer.
    #[napi]
    pub fn interrupt_in_background(&self) -> napi::Result<()> {
        let _entered = runtime().or_throw()?.enter();
        self.turn.interrupt_in_background();
        Ok(())
    }
}
