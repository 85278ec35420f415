//! The client: one engine process and the session with it.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::approvals::{Asked, Reply};
use crate::engine::locate::EngineInfo;
use crate::engine::version;
use crate::error::{Error, ErrorKind, Result};
use crate::host::{self, Host, Starting};
use crate::introduction::{InitializeInfo, Introduction};
use crate::options::CodexOptions;
use crate::protocol::generated::methods::CLIENT_METHODS;
use crate::protocol::{JsonObject, raw};
use crate::remote::RemoteOptions;
use crate::session::diagnostics::{Diagnostic, DiagnosticKind};
use crate::session::family::Agent;
use crate::session::{Session, Stats};
use crate::telemetry::{Metrics, Open, Scope, Telemetry, within};
use crate::thread::input::Files;
use crate::thread::queue::EventStream;
use crate::thread::setup::Setup;
use crate::thread::{Thread, input};

/// A client with a running engine. Clones share it; the engine ends with the last one, and with it
/// everything that the engine started.
#[derive(Clone)]
pub struct Codex(Arc<Inner>);

/// A client that this does not keep alive.
pub(crate) struct WeakCodex(Weak<Inner>);

impl WeakCodex {
    pub(crate) fn upgrade(&self) -> Option<Codex> {
        self.0.upgrade().map(Codex)
    }
}

struct Inner {
    session: Arc<Session>,
    host: Arc<Host>,
    info: InitializeInfo,
    cwd: Option<PathBuf>,
    /// Whether the engine runs on this machine.
    is_near: bool,
    closing: tokio::sync::Mutex<()>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The supervising task goes on by itself; nothing here may block.
        self.host.stop_gracefully();
    }
}

impl Codex {
    /// Finds and starts an engine, or connects to the one that `options.remote` names, and introduces the
    /// application to it (`initialize`, `initialized`).
    ///
    /// Must be called within a tokio runtime, which the client goes on using.
    ///
    /// # Errors
    /// `invalid_argument` for options that cannot be, `engine_not_found`, `engine_version`, `spawn` when
    /// the engine cannot be started or reached, or ends at once, `timeout` when it does not answer.
    pub async fn start(options: CodexOptions) -> Result<Self> {
        Self::start_noting(options, &OnceLock::new()).await
    }

    /// The same; `host` is what it will run on, as soon as there is one.
    pub(crate) async fn start_noting(
        options: CodexOptions,
        host: &OnceLock<Arc<Host>>,
    ) -> Result<Self> {
        options.check()?;
        let telemetry = Telemetry::new(options.observer.clone(), &options.client_name);
        let span = telemetry.client(&options);
        let scope = Scope {
            parent: span.as_ref().and_then(Open::id),
            trace: options.trace_context.clone(),
        };
        let started = within(scope, Self::start_told(options, &telemetry, host)).await;
        if let Some(span) = span {
            telemetry.client_started(span, &started);
        }
        started
    }

    async fn start_told(
        options: CodexOptions,
        telemetry: &Arc<Telemetry>,
        noted: &OnceLock<Arc<Host>>,
    ) -> Result<Self> {
        let is_near = options.remote.as_ref().is_none_or(RemoteOptions::is_near);
        let hello = host::hello(&options);
        // From here on every way out ends the engine: the guard is disarmed by becoming the client.
        let (session, starting, engine) = host::begin(&options, &hello, telemetry).await?;
        if let Some(host) = starting.host() {
            let _ = noted.set(host.clone()); // It is the first and only one.
        }
        let info = initialize(&session, &starting, &options, &hello, engine).await?;
        session.notify("initialized", None).await?;
        Ok(Self(Arc::new(Inner {
            session,
            host: starting.started(),
            info,
            cwd: options.cwd,
            is_near,
            closing: tokio::sync::Mutex::new(()),
        })))
    }

    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.0.session
    }

    pub(crate) fn downgrade(&self) -> WeakCodex {
        WeakCodex(Arc::downgrade(&self.0))
    }

    /// Whether the engine runs on this machine.
    pub(crate) fn is_near(&self) -> bool {
        self.0.is_near
    }

    /// Where the paths that an application names are.
    pub(crate) fn files(&self) -> Files<'_> {
        if self.0.host.is_remote() {
            Files::Elsewhere
        } else {
            Files::Here(self.0.cwd.as_deref())
        }
    }

    /// What the engine said of itself at the start.
    #[must_use]
    pub fn metadata(&self) -> &InitializeInfo {
        &self.0.info
    }

    /// Sends any request of the protocol and gives the `result` as it came.
    ///
    /// `timeout` replaces the client's `request_timeout`. Dropping the future gives the request up; what
    /// the engine does for it is not undone.
    ///
    /// # Errors
    /// `rpc` with the engine's code, `timeout`, `closed`.
    pub async fn request(
        &self,
        method: &str,
        params: Option<Box<RawValue>>,
        timeout: Option<Duration>,
    ) -> Result<Box<RawValue>> {
        if method.is_empty() {
            return Err(Error::invalid_argument(
                "method",
                "it is empty; name a method of the protocol",
            ));
        }
        self.session()
            .request(method, params.as_deref(), timeout)
            .await
    }

    /// Every method of the protocol under its own name, checked before it is sent:
    /// `codex.api().thread().goal().set(json!({...}))`.
    #[must_use]
    pub fn api(&self) -> crate::api::Api {
        crate::api::Api::new(self.clone())
    }

    /// Sends a notification to the engine.
    ///
    /// # Errors
    /// `closed`.
    pub async fn notify(&self, method: &str, params: Option<Box<RawValue>>) -> Result<()> {
        self.session().notify(method, params.as_deref()).await
    }

    /// The methods of the protocol, for completions and checks: the pinned engine's, and what the newest
    /// one has more.
    pub fn known_methods() -> impl Iterator<Item = &'static str> {
        CLIENT_METHODS.iter().map(|info| info.name)
    }

    /// Starts a thread (`thread/start`). `params` are the protocol's own, keys as on the wire.
    ///
    /// # Errors
    /// `invalid_argument` when `cwd` is no directory; else as [`Codex::request`].
    pub async fn thread_start(&self, params: JsonObject) -> Result<Thread> {
        self.thread_start_with(params, Setup::default()).await
    }

    /// The same, with what the thread has of its own: who answers its approvals, before those of the client.
    ///
    /// # Errors
    /// As [`Codex::thread_start`].
    pub async fn thread_start_with(&self, params: JsonObject, setup: Setup) -> Result<Thread> {
        self.open_thread("thread/start", params, setup).await
    }

    /// Loads a thread of an earlier time (`thread/resume`).
    ///
    /// # Errors
    /// As [`Codex::thread_start`].
    pub async fn thread_resume(&self, id: &str, params: JsonObject) -> Result<Thread> {
        self.thread_resume_with(id, params, Setup::default()).await
    }

    /// The same, with what the thread has of its own.
    ///
    /// # Errors
    /// As [`Codex::thread_start`].
    pub async fn thread_resume_with(
        &self,
        id: &str,
        params: JsonObject,
        setup: Setup,
    ) -> Result<Thread> {
        self.open_thread("thread/resume", named(id, params)?, setup)
            .await
    }

    /// Makes a copy of a thread that goes its own way (`thread/fork`).
    ///
    /// # Errors
    /// As [`Codex::thread_start`].
    pub async fn thread_fork(&self, id: &str, params: JsonObject) -> Result<Thread> {
        self.thread_fork_with(id, params, Setup::default()).await
    }

    /// The same, with what the copy has of its own.
    ///
    /// # Errors
    /// As [`Codex::thread_start`].
    pub async fn thread_fork_with(
        &self,
        id: &str,
        params: JsonObject,
        setup: Setup,
    ) -> Result<Thread> {
        self.open_thread("thread/fork", named(id, params)?, setup)
            .await
    }

    async fn open_thread(&self, method: &str, params: JsonObject, setup: Setup) -> Result<Thread> {
        let trace = setup.trace_context.clone();
        let telemetry = &self.session().options.telemetry;
        let span = telemetry.thread(method, &params, trace.clone());
        let scope = Scope {
            parent: span.as_ref().and_then(Open::id),
            trace,
        };
        let opened = within(scope, self.open_thread_told(method, params, setup)).await;
        if let Some(span) = span {
            Telemetry::thread_opened(span, &opened);
        }
        opened
    }

    async fn open_thread_told(
        &self,
        method: &str,
        mut params: JsonObject,
        setup: Setup,
    ) -> Result<Thread> {
        input::check_cwd(&params, self.files())?;
        let setup = self.equip(method, &mut params, setup).await?;
        let (setup, session) = (Arc::new(setup), self.session());
        // The engine of a resumed thread may ask at once what it has asked before.
        if let ("thread/resume", Some(id)) =
            (method, params.get("threadId").and_then(Value::as_str))
        {
            session.set_up(id, &setup);
        }
        let answer = session
            .request(method, Some(&raw(&params.into())), None)
            .await?;
        let thread = Thread::from_answer(self.clone(), method, answer, setup.clone())?;
        session.set_up(thread.id(), &setup);
        Ok(thread)
    }

    /// Lists threads, newest first unless told otherwise (`thread/list`).
    ///
    /// # Errors
    /// As [`Codex::request`].
    pub async fn thread_list(&self, params: JsonObject) -> Result<Box<RawValue>> {
        self.session()
            .request("thread/list", Some(&raw(&params.into())), None)
            .await
    }

    /// Reads a thread without loading it (`thread/read`).
    ///
    /// # Errors
    /// As [`Codex::request`].
    pub async fn thread_read(&self, id: &str, include_turns: bool) -> Result<Box<RawValue>> {
        self.on_thread(
            "thread/read",
            id,
            json!({"threadId": id, "includeTurns": include_turns}),
        )
        .await
    }

    /// Puts a thread into the archive (`thread/archive`).
    ///
    /// # Errors
    /// As [`Codex::request`].
    pub async fn thread_archive(&self, id: &str) -> Result<Box<RawValue>> {
        self.on_thread("thread/archive", id, json!({"threadId": id}))
            .await
    }

    /// Takes a thread out of the archive (`thread/unarchive`).
    ///
    /// # Errors
    /// As [`Codex::request`].
    pub async fn thread_unarchive(&self, id: &str) -> Result<Box<RawValue>> {
        self.on_thread("thread/unarchive", id, json!({"threadId": id}))
            .await
    }

    /// Names a thread (`thread/name/set`).
    ///
    /// # Errors
    /// As [`Codex::request`].
    pub async fn thread_set_name(&self, id: &str, name: &str) -> Result<Box<RawValue>> {
        self.on_thread("thread/name/set", id, json!({"threadId": id, "name": name}))
            .await
    }

    /// Starts compacting a thread's context (`thread/compact/start`).
    ///
    /// # Errors
    /// As [`Codex::request`].
    pub async fn thread_compact(&self, id: &str) -> Result<Box<RawValue>> {
        self.on_thread("thread/compact/start", id, json!({"threadId": id}))
            .await
    }

    async fn on_thread(&self, method: &str, id: &str, params: Value) -> Result<Box<RawValue>> {
        input::check_id("thread_id", id)?;
        self.session()
            .request(method, Some(&raw(&params)), None)
            .await
    }

    /// A handle on a thread that the engine has loaded, without asking it anything.
    #[must_use]
    pub fn thread(&self, id: &str) -> Thread {
        Thread::new(self.clone(), id.to_owned(), None, Arc::default())
    }

    /// What was put off with [`Verdict::Later`](crate::approvals::Verdict::Later) and waits for its answer.
    #[must_use]
    pub fn pending_approvals(&self) -> Vec<Arc<Asked>> {
        self.session().pending_asks()
    }

    /// Answers what was put off, by its id.
    ///
    /// # Errors
    /// `invalid_argument` when nothing waits under this id any more, and for an answer that does not fit; the request then
    /// waits on.
    pub async fn answer_approval(&self, id: &str, reply: impl Into<Reply>) -> Result<()> {
        self.session().answer_ask(id, &reply.into()).await
    }

    /// The same, with the reply as JSON; see [`Ask::answer_json`](crate::approvals::Ask::answer_json).
    ///
    /// # Errors
    /// As [`Codex::answer_approval`].
    pub async fn answer_approval_json(&self, id: &str, reply: &str) -> Result<()> {
        self.session().answer_ask_json(id, reply).await
    }

    /// The notifications that no turn's reader claims: the newest few thousand are kept, older ones are
    /// dropped and counted. All handles share one cursor.
    #[must_use]
    pub fn notifications(&self) -> EventStream {
        self.session().notifications.clone()
    }

    /// The same notifications, from now on and with a cursor of its own, for whoever waits for one of
    /// them without taking it away from the readers of [`Codex::notifications`].
    #[must_use]
    pub fn subscribe(&self) -> EventStream {
        self.session().listen(None)
    }

    /// The sub-agents that the engine has spawned on this client's threads, in the order of their spawning. What
    /// they ask is answered by whoever answers for the threads above them.
    #[must_use]
    pub fn agents(&self) -> Vec<Agent> {
        self.session().agents(None)
    }

    /// The newest things that were not as they should be.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.session().diagnostics()
    }

    /// Adds an observation of a language binding to the diagnostics.
    pub fn report(&self, message: &str) {
        self.session()
            .diagnostic(Diagnostic::new(DiagnosticKind::Handler, message));
    }

    /// Counters since the start.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.session().stats()
    }

    /// What was done since the start, and what is done now: turns, times, tokens, calls, queues.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.session().metrics()
    }

    /// The end of what the engine wrote to its standard error.
    #[must_use]
    pub fn stderr_tail(&self) -> String {
        self.0.host.stderr_text()
    }

    /// Whether the client was closed or the engine is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.session().closed().is_some()
    }

    /// The engine's process id while it runs; none for a remote one.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.0.host.pid()
    }

    /// The file descriptors of the engine's pipes, for a child process made by `fork` alone: it must close
    /// them, or the engine outlives its parent. Takes no lock, so that it can be called after the fork.
    #[must_use]
    pub fn inherited_descriptors(&self) -> Vec<i32> {
        self.0.host.descriptors()
    }

    /// Ends the engine and everything it started: closes its input, then asks, then kills. Every open
    /// turn and request fails with `closed`. Calling it again does nothing.
    ///
    /// Of a remote engine only the connection is closed: the engine goes on, and the turns with it.
    ///
    /// # Errors
    /// None today; the result leaves room.
    pub async fn close(&self) -> Result<()> {
        let _one_at_a_time = self.0.closing.lock().await;
        self.0.host.stop_gracefully();
        self.0.host.ended().await;
        Ok(())
    }

    /// Kills the engine and everything it started, before this returns; cuts the connection to a remote one.
    pub fn kill(&self) {
        self.0.host.kill();
    }
}

async fn initialize(
    session: &Arc<Session>,
    starting: &Starting,
    options: &CodexOptions,
    hello: &RawValue,
    engine: EngineInfo,
) -> Result<InitializeInfo> {
    let answer = session
        .request("initialize", Some(hello), Some(options.initialize_timeout))
        .await;
    match answer {
        Ok(raw) => Introduction::new(options, &engine).greeted(session, &raw),
        Err(error) => Err(explain(error, starting, &engine).await),
    }
}

/// Turns a failed `initialize` into what the caller can act on: an old engine, one that would not start.
async fn explain(error: Error, starting: &Starting, engine: &EngineInfo) -> Error {
    // An old engine says so at once, or refuses its arguments; one that hangs would hang again.
    let found = !matches!(engine.source.as_str(), "launch_args_override" | "remote");
    let may_be_old = error.kind() != ErrorKind::Timeout && found;
    if may_be_old
        && let Ok(version) = version::probe(&engine.path).await
        && let Err(too_old) = version::check(&version, &engine.path)
    {
        return too_old;
    }
    let tail = starting.stderr_excerpt();
    match error.kind() {
        ErrorKind::Closed => Error::new(
            ErrorKind::Spawn,
            format!(
                "the engine {} did not start: {}",
                engine.path.display(),
                error.message()
            ),
        )
        .with_exit(error.exit_code(), error.signal(), tail)
        .caused_by(error),
        ErrorKind::Timeout => error.with_exit(None, None, tail),
        _ => error,
    }
}

fn named(id: &str, mut params: JsonObject) -> Result<JsonObject> {
    input::check_id("thread_id", id)?;
    params.insert("threadId".to_owned(), id.into());
    Ok(params)
}
