//! The client: one engine process.

use std::sync::Arc;
use std::time::Duration;

use codexkit::{Codex, CodexOptions, Error, JsonObject, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::auto::NativeAutoRun;
use crate::error::OrThrow;
use crate::hub::NativeHub;
use crate::map::NativeMapRun;
use crate::mcp::NativeMcp;
use crate::responders::Given;
use crate::runtime::{promise, runtime};
use crate::stream::NativeStream;
use crate::telemetry::NativeRecords;
use crate::tools::NativeToolRegistry;
use crate::turn::NativeThread;

/// A JSON object that crossed as text.
pub(crate) fn object(argument: &str, text: &str) -> Result<JsonObject> {
    serde_json::from_str(text).map_err(|error| Error::invalid_argument(argument, error))
}

/// A JSON array that crossed as text.
pub(crate) fn array(argument: &str, text: &str) -> Result<Vec<Value>> {
    serde_json::from_str(text).map_err(|error| Error::invalid_argument(argument, error))
}

fn raw(argument: &str, text: Option<String>) -> Result<Option<Box<RawValue>>> {
    text.map(RawValue::from_string)
        .transpose()
        .map_err(|error| Error::invalid_argument(argument, error))
}

/// One engine process and the connection to it.
#[napi]
pub struct NativeClient {
    codex: Codex,
}

#[napi]
impl NativeClient {
    /// Starts an engine, whose records go to `records` under `tag`. Promise of a `NativeClient`. Requests of the engine go to the hub under `client`
    /// if `handles` is set, and are declined otherwise; before that, the `responders` (JSON) are asked, whose
    /// callbacks the hub knows under the same number. All its threads have the `tools`.
    #[napi]
    #[allow(
        clippy::too_many_arguments,
        reason = "what JavaScript gives stands side by side"
    )]
    pub fn start<'env>(
        env: &'env Env,
        hub: &NativeHub,
        client: u32,
        options: String,
        handles: bool,
        responders: Option<String>,
        tools: &NativeToolRegistry,
        records: &NativeRecords,
        tag: u32,
    ) -> napi::Result<Object<'env>> {
        let observer = records.observer(tag);
        let handler = handles.then(|| hub.shared().handler(client));
        let given = Given::new(hub, client, responders);
        let tools = tools.core();
        promise(env, async move {
            let mut options = CodexOptions::from_json(&options)?;
            options.server_requests = handler;
            options.tools = tools;
            options.observer = Some(observer);
            options.trace_context = given.trace()?;
            options.responders = given.responders()?.map(Arc::new);
            Ok(Self {
                codex: Codex::start(options).await?,
            })
        })
    }

    /// What `initialize` said and which engine it is, as JSON.
    #[napi]
    pub fn metadata(&self) -> String {
        let info = self.codex.metadata();
        let engine = json!({
            "path": info.engine.path.to_string_lossy(),
            "source": info.engine.source,
            "version": info.engine.version,
        });
        json!({
            "userAgent": info.user_agent,
            "codexHome": info.codex_home,
            "platformFamily": info.platform_family,
            "platformOs": info.platform_os,
            "serverName": info.server_name,
            "serverVersion": info.server_version,
            "engine": engine,
        })
        .to_string()
    }

    /// Sends a request. Promise of the answer's JSON.
    #[napi]
    pub fn request<'env>(
        &self,
        env: &'env Env,
        method: String,
        params: Option<String>,
        timeout: Option<f64>,
    ) -> napi::Result<Object<'env>> {
        let codex = self.codex.clone();
        promise(env, async move {
            let timeout = timeout.map(seconds).transpose()?;
            let answer = codex
                .request(&method, raw("params", params)?, timeout)
                .await?;
            Ok(answer.get().to_owned())
        })
    }

    /// Calls a method of the protocol, its parameters checked first; `extra` is sent beside them. Promise of
    /// the answer's JSON.
    #[napi]
    pub fn api<'env>(
        &self,
        env: &'env Env,
        method: String,
        params: String,
        extra: Option<String>,
        timeout: Option<f64>,
    ) -> napi::Result<Object<'env>> {
        let codex = self.codex.clone();
        promise(env, async move {
            let mut api = codex.api();
            if let Some(timeout) = timeout {
                api = api.with_timeout(seconds(timeout)?);
            }
            if let Some(extra) = extra {
                api = api.with_extra(object("extra", &extra)?);
            }
            let params = object("params", &params)?;
            Ok(api.call(&method, params).await?.get().to_owned())
        })
    }

    /// Sends a notification. Promise of nothing.
    #[napi]
    pub fn notify<'env>(
        &self,
        env: &'env Env,
        method: String,
        params: Option<String>,
    ) -> napi::Result<Object<'env>> {
        let codex = self.codex.clone();
        promise(env, async move {
            codex.notify(&method, raw("params", params)?).await
        })
    }

    /// Starts a thread with tools, whose responders' callbacks the hub knows under `owner`. Promise of a `NativeThread`.
    #[napi]
    pub fn thread_start<'env>(
        &self,
        env: &'env Env,
        params: String,
        hub: &NativeHub,
        owner: u32,
        responders: Option<String>,
        tools: Option<&NativeToolRegistry>,
    ) -> napi::Result<Object<'env>> {
        let codex = self.codex.clone();
        let given = Given::new(hub, owner, responders).tools(tools);
        promise(env, async move {
            let params = object("options", &params)?;
            let thread = codex.thread_start_with(params, given.setup()?).await?;
            Ok(NativeThread::from(thread))
        })
    }

    /// Resumes a thread; the rest is as in `thread_start`. Promise of a `NativeThread`.
    #[napi]
    #[allow(
        clippy::too_many_arguments,
        reason = "what JavaScript gives stands side by side"
    )]
    pub fn thread_resume<'env>(
        &self,
        env: &'env Env,
        id: String,
        params: String,
        hub: &NativeHub,
        owner: u32,
        responders: Option<String>,
        tools: Option<&NativeToolRegistry>,
    ) -> napi::Result<Object<'env>> {
        let codex = self.codex.clone();
        let given = Given::new(hub, owner, responders).tools(tools);
        promise(env, async move {
            let params = object("options", &params)?;
            let thread = codex
                .thread_resume_with(&id, params, given.setup()?)
                .await?;
            Ok(NativeThread::from(thread))
        })
    }

    /// Forks a thread; the rest is as in `thread_start`. Promise of a `NativeThread`.
    #[napi]
    #[allow(
        clippy::too_many_arguments,
        reason = "what JavaScript gives stands side by side"
    )]
    pub fn thread_fork<'env>(
        &self,
        env: &'env Env,
        id: String,
        params: String,
        hub: &NativeHub,
        owner: u32,
        responders: Option<String>,
        tools: Option<&NativeToolRegistry>,
    ) -> napi::Result<Object<'env>> {
        let codex = self.codex.clone();
        let given = Given::new(hub, owner, responders).tools(tools);
        promise(env, async move {
            let params = object("options", &params)?;
            let thread = codex.thread_fork_with(&id, params, given.setup()?).await?;
            Ok(NativeThread::from(thread))
        })
    }

    /// Lists threads. Promise of JSON.
    #[napi]
    pub fn thread_list<'env>(&self, env: &'env Env, params: String) -> napi::Result<Object<'env>> {
        let codex = self.codex.clone();
        promise(env, async move {
            Ok(codex
                .thread_list(object("options", &params)?)
                .await?
                .get()
                .to_owned())
        })
    }

    /// Goes on with a run of many turns. Promise of a `NativeAutoRun`.
    #[napi]
    pub fn auto_resume<'env>(
        &self,
        env: &'env Env,
        token: String,
        options: String,
        thread: Option<&NativeThread>,
        hub: &NativeHub,
        guard: Option<u32>,
    ) -> napi::Result<Object<'env>> {
        let (codex, thread) = (self.codex.clone(), thread.map(NativeThread::core));
        let given = Given::new(hub, 0, None).guarded(hub, guard);
        promise(
            env,
            NativeAutoRun::resume(codex, token, options, thread, given),
        )
    }

    /// Begins a map, whose responders' callbacks the hub knows under `owner`. Promise of a `NativeMapRun`.
    #[napi]
    pub fn map<'env>(
        &self,
        env: &'env Env,
        options: String,
        hub: &NativeHub,
        owner: u32,
        responders: Option<String>,
        guard: Option<u32>,
    ) -> napi::Result<Object<'env>> {
        let given = Given::new(hub, owner, responders).guarded(hub, guard);
        promise(env, NativeMapRun::start(self.codex.clone(), options, given))
    }

    /// The sub-agents that the engine has spawned, as JSON.
    #[napi]
    pub fn agents(&self) -> napi::Result<String> {
        to_json(&self.codex.agents())
    }

    /// A handle on a thread that the engine has loaded already.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn thread(&self, id: String) -> napi::Result<NativeThread> {
        let _entered = runtime().or_throw()?.enter();
        Ok(self.codex.thread(&id).into())
    }

    /// What was put off and waits for its answer, as a JSON array of `{subject, view}`.
    #[napi]
    pub fn pending_approvals(&self) -> String {
        let pending: Vec<String> = self
            .codex
            .pending_approvals()
            .iter()
            .map(|asked| {
                let (subject, view) = (asked.subject(), asked.to_json());
                format!(r#"{{"subject":"{subject}","view":{view}}}"#)
            })
            .collect();
        format!("[{}]", pending.join(","))
    }

    /// Answers what was put off with JSON text. Promise of nothing.
    #[napi]
    pub fn answer_approval<'env>(
        &self,
        env: &'env Env,
        id: String,
        reply: String,
    ) -> napi::Result<Object<'env>> {
        let codex = self.codex.clone();
        promise(
            env,
            async move { codex.answer_approval_json(&id, &reply).await },
        )
    }

    /// The MCP servers of the engine, or of a thread.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn mcp(&self, thread_id: Option<String>) -> NativeMcp {
        match thread_id {
            None => self.codex.mcp().into(),
            Some(id) => self.codex.thread(&id).mcp().into(),
        }
    }

    /// The notifications that belong to no turn.
    #[napi]
    pub fn notifications(&self, hub: &NativeHub, id: u32) -> napi::Result<NativeStream> {
        Ok(NativeStream::open(
            &self.codex.notifications(),
            None,
            hub.shared(),
            id,
        ))
    }

    /// The same notifications, from now on and with a cursor of their own.
    #[napi]
    pub fn subscribe(&self, hub: &NativeHub, id: u32) -> NativeStream {
        NativeStream::open(&self.codex.subscribe(), None, hub.shared(), id)
    }

    /// What was odd about the engine's output, as JSON.
    #[napi]
    pub fn diagnostics(&self) -> napi::Result<String> {
        to_json(&self.codex.diagnostics())
    }

    /// Counters, as JSON.
    #[napi]
    pub fn stats(&self) -> napi::Result<String> {
        to_json(&self.codex.stats())
    }

    /// What was done and is done now, as JSON.
    #[napi]
    pub fn metrics(&self) -> napi::Result<String> {
        to_json(&self.codex.metrics())
    }

    /// The last of what the engine wrote to its standard error.
    #[napi]
    pub fn stderr_tail(&self) -> String {
        self.codex.stderr_tail()
    }

    /// Whether the client was closed or the engine is gone.
    #[napi]
    pub fn is_closed(&self) -> bool {
        self.codex.is_closed()
    }

    /// The engine's process id.
    #[napi]
    pub fn pid(&self) -> Option<u32> {
        self.codex.pid()
    }

    /// Ends the engine in good order. Promise of nothing.
    #[napi]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let codex = self.codex.clone();
        promise(env, async move { codex.close().await })
    }

    /// Kills the engine and all that it started, now.
    #[napi]
    pub fn kill(&self) -> napi::Result<()> {
        let _entered = runtime().or_throw()?.enter();
        self.codex.kill();
        Ok(())
    }
}

pub(crate) fn seconds(value: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(value).map_err(|error| Error::invalid_argument("timeout", error))
}

pub(crate) fn to_json(value: &impl serde::Serialize) -> napi::Result<String> {
    serde_json::to_string(value).map_err(|error| napi::Error::from_reason(error.to_string()))
}
