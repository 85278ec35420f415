//! What a client runs on: the process of an engine of its own, or a connection to one that somebody else
//! runs. Makes either from the options, and the session with it.

use std::sync::Arc;

use serde_json::json;
use serde_json::value::RawValue;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::engine::config;
use crate::engine::locate::{EngineInfo, locate};
use crate::engine::process::{Descriptors, Engine, Launch, Watcher};
use crate::error::{Error, Result};
use crate::introduction::Introduction;
use crate::lasting::Lasting;
use crate::options::CodexOptions;
use crate::protocol::raw;
use crate::remote::{self, Again, RemoteOptions};
use crate::restart::{self, Restarted};
use crate::session::link::Lasts;
use crate::session::{OUTGOING_MESSAGES, Session, SessionOptions};
use crate::spawner::Spawner;
use crate::telemetry::Telemetry;
use crate::transport::socket::Dialer;
use crate::transport::websocket::LARGEST_MESSAGE;

/// An engine, of our own or remote.
pub(crate) enum Host {
    Process(Engine, Descriptors),
    /// A process of our own that is started again when it ends by itself.
    Restarted(Restarted),
    Remote(Lasting),
}

/// The source of an engine that was connected to.
const REMOTE: &str = "remote";

impl Host {
    /// Whether the engine may be on another machine, with other files.
    pub(crate) fn is_remote(&self) -> bool {
        matches!(self, Self::Remote(_))
    }

    /// The client is made.
    pub(crate) fn started(&self) {
        match self {
            Self::Process(..) => {}
            Self::Restarted(engine) => engine.started(),
            Self::Remote(remote) => remote.started(),
        }
    }

    /// The end of the engine's standard error, where it is known.
    pub(crate) fn stderr_text(&self) -> String {
        match self {
            Self::Process(engine, _) => engine.stderr.text(),
            Self::Restarted(engine) => engine.stderr().text(),
            Self::Remote(_) => String::new(),
        }
    }

    /// The same, shorter, for errors.
    pub(crate) fn stderr_excerpt(&self) -> String {
        match self {
            Self::Process(engine, _) => engine.stderr.excerpt(),
            Self::Restarted(engine) => engine.stderr().excerpt(),
            Self::Remote(_) => String::new(),
        }
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        match self {
            Self::Process(engine, _) => engine.pid(),
            Self::Restarted(engine) => engine.pid(),
            Self::Remote(_) => None,
        }
    }

    pub(crate) fn descriptors(&self) -> Vec<i32> {
        match self {
            Self::Process(_, descriptors) => descriptors.open(),
            Self::Restarted(engine) => engine.descriptors(),
            Self::Remote(_) => Vec::new(),
        }
    }

    /// Ends the engine, or the connection to it, without waiting.
    pub(crate) fn stop_gracefully(&self) {
        match self {
            Self::Process(engine, _) => engine.stop_gracefully(),
            Self::Restarted(engine) => engine.close(),
            Self::Remote(remote) => remote.close(),
        }
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(&self) {
        match self {
            Self::Process(engine, _) => engine.ended().await,
            Self::Restarted(engine) => engine.ended().await,
            Self::Remote(remote) => remote.ended().await,
        }
    }

    /// Ends it at once.
    pub(crate) fn kill(&self) {
        match self {
            Self::Process(engine, _) => engine.kill(),
            Self::Restarted(engine) => engine.kill(),
            Self::Remote(remote) => remote.cut(),
        }
    }
}

/// A host that is not a client's yet: it ends when it does not become one.
pub(crate) struct Starting(Option<Arc<Host>>);

impl Starting {
    fn of(host: Host) -> Self {
        Self(Some(Arc::new(host)))
    }

    pub(crate) fn host(&self) -> Option<&Arc<Host>> {
        self.0.as_ref()
    }

    pub(crate) fn started(mut self) -> Arc<Host> {
        let host = self.0.take().expect("it is taken once, here");
        host.started();
        host
    }

    pub(crate) fn stderr_excerpt(&self) -> String {
        self.0
            .as_ref()
            .map(|host| host.stderr_excerpt())
            .unwrap_or_default()
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(host) = &self.0 {
            host.kill();
        }
    }
}

/// Starts or connects to the engine of the options. `hello` are the params of `initialize`.
pub(crate) async fn begin(
    options: &CodexOptions,
    hello: &RawValue,
    telemetry: &Arc<Telemetry>,
) -> Result<(Arc<Session>, Starting, EngineInfo)> {
    match &options.remote {
        Some(remote) => connect(options, remote, hello, telemetry).await,
        None => start(options, hello, telemetry),
    }
}

fn start(
    options: &CodexOptions,
    hello: &RawValue,
    telemetry: &Arc<Telemetry>,
) -> Result<(Arc<Session>, Starting, EngineInfo)> {
    let (launch, engine) = launch(options)?;
    let lasts = match options.restart {
        None => Lasts::Once,
        Some(_) => Lasts::Engines,
    };
    let (session, messages) = session(options, lasts, telemetry);
    let spawner = Spawner::new(&session, launch, messages, options);
    let host = match options.restart {
        None => {
            let end = EndsSession(session.clone());
            Host::Process(spawner.spawn(Box::new(end))?, spawner.descriptors())
        }
        Some(policy) => {
            let introduction = Introduction::new(options, &engine);
            let greeting = Box::new(move |session: &Session, answer: &RawValue| {
                introduction.greeted(session, answer).map(drop)
            });
            let again = restart::Again {
                policy,
                hello: hello.to_owned(),
                greeting,
                initialize_timeout: options.initialize_timeout,
            };
            Host::Restarted(restart::supervise(spawner, again)?)
        }
    };
    Ok((session, Starting::of(host), engine))
}

/// The session of an engine that is not started again.
struct EndsSession(Arc<Session>);

impl Watcher for EndsSession {
    fn breaking(&self, error: &Error) {
        self.0.fail(error);
    }

    fn ended(self: Box<Self>, _wanted: bool, error: Error) {
        self.0.fail(&error);
    }
}

async fn connect(
    options: &CodexOptions,
    remote: &RemoteOptions,
    hello: &RawValue,
    telemetry: &Arc<Telemetry>,
) -> Result<(Arc<Session>, Starting, EngineInfo)> {
    let dialer = Dialer::new(
        remote.check()?,
        remote.bearer_token.as_deref(),
        remote.ca_file.as_ref(),
        remote.connect_timeout,
        options.max_line_bytes,
    )?;
    let engine = EngineInfo {
        path: dialer.shown().into(),
        source: REMOTE.to_owned(),
        version: String::new(),
        path_dir: None,
    };
    let socket = dialer.dial().await.map_err(|failure| failure.error)?;
    let (session, messages) = session(options, Lasts::Connections, telemetry);
    let again = Again {
        dialer,
        policy: remote.reconnect,
        keep_alive: remote.keep_alive,
        close_timeout: options.close_timeout,
        hello: hello.to_owned(),
        initialize_timeout: options.initialize_timeout,
    };
    let supervised = remote::supervise(again, socket, messages, &session);
    Ok((session, Starting::of(Host::Remote(supervised)), engine))
}

fn session(
    options: &CodexOptions,
    lasts: Lasts,
    telemetry: &Arc<Telemetry>,
) -> (Arc<Session>, mpsc::Receiver<crate::transport::Outgoing>) {
    let (outgoing, messages) = mpsc::channel(OUTGOING_MESSAGES);
    let remote = options.remote.as_ref();
    let options = SessionOptions {
        request_timeout: options.request_timeout,
        approval_timeout: options.approval_timeout,
        experimental_api: options.experimental_api,
        queue: options.queue,
        handler: options.server_requests.clone(),
        responders: options.responders.clone(),
        tools: options.tools.clone(),
        answer_requests: remote.is_none_or(|remote| remote.answer_requests),
        lasts,
        largest_message: remote.map_or(usize::MAX, |_| LARGEST_MESSAGE),
        telemetry: telemetry.clone(),
    };
    let session = Session::new(options, outgoing, Handle::current());
    (Arc::new(session), messages)
}

/// How the application introduces itself.
pub(crate) fn hello(options: &CodexOptions) -> Box<RawValue> {
    let mut capabilities = options.capabilities.clone();
    capabilities.insert("experimentalApi".into(), options.experimental_api.into());
    raw(&json!({
        "clientInfo": {
            "name": options.client_name,
            "title": options.client_title,
            "version": options.client_version,
        },
        "capabilities": capabilities,
    }))
}

fn launch(options: &CodexOptions) -> Result<(Launch, EngineInfo)> {
    if let Some([program, args @ ..]) = options.launch_args_override.as_deref() {
        let engine = EngineInfo {
            path: program.into(),
            source: "launch_args_override".to_owned(),
            version: String::new(),
            path_dir: None,
        };
        return Ok((make_launch(options, &engine, args.to_vec()), engine));
    }
    let engine = locate(options.codex_bin.as_deref(), options.bundled.as_ref())?;
    let mut args = Vec::new();
    for entry in config::overrides(&options.config()?)? {
        args.extend(["--config".to_owned(), entry]);
    }
    for entry in &options.config_overrides {
        config::check_override(entry)?;
        args.extend(["--config".to_owned(), entry.clone()]);
    }
    args.extend(["app-server", "--listen", "stdio://"].map(str::to_owned));
    Ok((make_launch(options, &engine, args), engine))
}

fn make_launch(options: &CodexOptions, engine: &EngineInfo, args: Vec<String>) -> Launch {
    Launch {
        role: "engine",
        program: engine.path.clone(),
        args,
        cwd: options.cwd.clone(),
        env: options.env.clone(),
        path_dir: engine.path_dir.clone(),
    }
}
