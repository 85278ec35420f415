//! One connection to a server, from the handshake to its end.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use rmcp::RoleClient;
use rmcp::model::{ClientConfig, ServerPeerInfo};
use rmcp::service::{
    ClientInitializeError, Peer, RunningService, RunningServiceCancellationToken, serve_client,
};
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::streamable_http_client::{
    StreamableHttpClientTransport, StreamableHttpClientTransportConfig,
};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::engine::process::Exit;
use crate::engine::stderr::OutputTail;
use crate::error::{Error, ErrorKind, Result};
use crate::mcp::config::{HttpServer, McpServer, McpTransport, StdioServer, refused, shown};
use crate::mcp::environment;
use crate::mcp::http::HttpClient;
use crate::mcp::process::{self, Alive, ServerProcess};
use crate::mcp::request::chain;
use crate::redact::redact;

/// The argument that errors about the declaration name.
pub(crate) const ARGUMENT: &str = "server";
/// How long a server may take to start and shake hands, as the engine has it.
const STARTUP: Duration = Duration::from_secs(10);
/// The longest line that a process may write.
const MAX_LINE: usize = 64 << 20;
/// How long a process that broke off the handshake is waited for, to say how it ended.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What is needed to make a connection, again and again.
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) server: McpServer,
    pub(crate) hello: ClientConfig,
    pub(crate) stderr: OutputTail,
    pub(crate) alive: Alive,
    pub(crate) patience: Duration,
}

/// A connection, for those who use it.
pub(crate) struct Link {
    pub(crate) peer: Peer<RoleClient>,
    pub(crate) info: Option<Arc<ServerPeerInfo>>,
    /// Whether the server has answered anything since the handshake.
    healthy: AtomicBool,
    end: watch::Receiver<Option<Error>>,
}

impl Link {
    pub(crate) fn answered(&self) {
        self.healthy.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_healthy(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }

    /// Why the connection ended; waits until that is known.
    pub(crate) async fn ended(&self) -> Option<Error> {
        let mut end = self.end.clone();
        let end = end.wait_for(Option::is_some).await.ok()?;
        end.clone()
    }
}

/// A connection, for its one owner. Dropping it ends the process and all that it started.
pub(crate) struct Running {
    service: JoinHandle<()>,
    stop: RunningServiceCancellationToken,
    process: Option<ServerProcess>,
    end: watch::Sender<Option<Error>>,
}

impl Plan {
    fn startup(&self) -> Duration {
        self.server.startup_timeout.unwrap_or(STARTUP)
    }

    /// Starts or connects to the server and shakes hands with it.
    ///
    /// # Errors
    /// `spawn` when it cannot be started or reached or ends at once, `timeout`, `invalid_argument`.
    pub(crate) async fn open(&self) -> Result<(Arc<Link>, Running)> {
        match &self.server.transport {
            McpTransport::Stdio(stdio) => self.open_process(stdio).await,
            McpTransport::Http(http) => self.open_http(http).await,
        }
    }

    async fn open_process(&self, stdio: &StdioServer) -> Result<(Arc<Link>, Running)> {
        let (process, stdout, stdin) = process::start(stdio, &self.stderr, &self.alive)?;
        let transport = AsyncRwTransport::new_client(stdout, stdin).with_max_line_length(MAX_LINE);
        let serving = Box::pin(serve_client(self.hello.clone(), transport));
        match tokio::time::timeout(self.startup(), serving).await {
            Ok(Ok(service)) => Ok(linked(service, Some(process))),
            Ok(Err(error)) => {
                let exit = process.end(LAST_WORDS).await;
                Err(self.refused(&error, Some(exit)))
            }
            Err(_) => {
                process.end(Duration::ZERO).await;
                Err(self.late())
            }
        }
    }

    async fn open_http(&self, http: &HttpServer) -> Result<(Arc<Link>, Running)> {
        let client = HttpClient::new(http.uri(ARGUMENT)?)?;
        let mut config = StreamableHttpClientTransportConfig::with_uri(http.url.as_str())
            .custom_headers(self.headers(http)?);
        if let Some(variable) = &http.bearer_token_env_var {
            let token = environment::needed(ARGUMENT, "bearer_token_env_var", variable)?;
            config = config.auth_header(token);
        }
        let transport = StreamableHttpClientTransport::with_client(client, config);
        let serving = Box::pin(serve_client(self.hello.clone(), transport));
        match tokio::time::timeout(self.startup(), serving).await {
            Ok(Ok(service)) => Ok(linked(service, None)),
            Ok(Err(error)) => Err(self.refused(&error, None)),
            Err(_) => Err(self.late()),
        }
    }

    fn headers(&self, http: &HttpServer) -> Result<HashMap<HeaderName, HeaderValue>> {
        let mut headers = HashMap::new();
        let mut put = |field: &str, name: &str, value: &str| -> Result<()> {
            let why = || {
                refused(
                    ARGUMENT,
                    field,
                    format!("{name} cannot be sent as a header"),
                )
            };
            let name: HeaderName = name.parse().map_err(|_| why())?;
            let mut value = HeaderValue::from_str(value).map_err(|_| why())?;
            value.set_sensitive(true);
            headers.insert(name, value);
            Ok(())
        };
        for (name, value) in &http.headers {
            put("headers", name, value)?;
        }
        for (name, variable) in &http.env_http_headers {
            let value = environment::needed(ARGUMENT, "env_http_headers", variable)?;
            put("env_http_headers", name, &value)?;
        }
        Ok(headers)
    }

    fn refused(&self, error: &ClientInitializeError, exit: Option<Exit>) -> Error {
        let mut why = if error.is_authorization_required() {
            "it asks for authorization; give a token with bearer_token_env_var or a header"
                .to_owned()
        } else {
            redact(&chain(error)).into_owned()
        };
        if let Some(exit) = exit {
            why = format!("{} before the handshake was done", how(exit));
        }
        let message = format!(
            "the MCP server {:?} ({}) cannot be used: {why}",
            self.name,
            self.place()
        );
        self.explained(Error::new(ErrorKind::Spawn, message), exit)
    }

    /// The error of a connection that ended by itself.
    fn lost(&self, exit: Option<Exit>) -> Error {
        let how = exit.map_or_else(|| "closed the connection".to_owned(), how);
        let message = format!("the MCP server {:?} {how}", self.name);
        self.explained(Error::new(ErrorKind::Closed, message), exit)
    }

    /// With the end of the server's standard error.
    pub(crate) fn explained(&self, error: Error, exit: Option<Exit>) -> Error {
        let Some(exit) = exit else { return error };
        let words = self.stderr.last_words();
        let error = Error::new(error.kind(), format!("{}{words}", error.message()));
        error.with_exit(exit.code, exit.signal, self.stderr.excerpt())
    }

    fn late(&self) -> Error {
        let message = format!(
            "the MCP server {:?} ({}) did not shake hands within {} s; give a longer startup_timeout",
            self.name,
            self.place(),
            self.startup().as_secs_f64()
        );
        Error::new(ErrorKind::Timeout, message)
    }

    fn place(&self) -> &str {
        match &self.server.transport {
            McpTransport::Stdio(stdio) => &stdio.command,
            McpTransport::Http(http) => shown(&http.url),
        }
    }
}

fn how(exit: Exit) -> String {
    exit.how().unwrap_or_else(|| "was ended".to_owned())
}

fn linked(
    service: RunningService<RoleClient, ClientConfig>,
    process: Option<ServerProcess>,
) -> (Arc<Link>, Running) {
    let (end, ended) = watch::channel(None);
    let peer = service.peer().clone();
    let link = Link {
        info: peer.peer_info(),
        peer,
        healthy: AtomicBool::new(false),
        end: ended,
    };
    let running = Running {
        stop: service.cancellation_token(),
        service: tokio::spawn(async move {
            let _ = service.waiting().await;
        }),
        process,
        end,
    };
    (Arc::new(link), running)
}

impl Running {
    /// Comes when the connection has ended by itself.
    pub(crate) async fn over(&mut self) {
        match &mut self.process {
            None => {
                let _ = (&mut self.service).await;
            }
            Some(process) => tokio::select! {
                () = process.wait() => {}
                _ = &mut self.service => {}
            },
        }
    }

    /// Ends what is left of the connection, and says why it ended. Who called through it is told with
    /// [`Ended::tell`], once it is clear how things go on.
    pub(crate) async fn lost(self, plan: &Plan) -> Ended {
        let (exit, end) = self.finish(plan.patience).await;
        Ended {
            error: plan.lost(exit),
            end,
        }
    }

    /// Ends the connection and the process in good order.
    pub(crate) async fn close(self, plan: &Plan, error: Error) {
        let (_, end) = self.finish(plan.patience).await;
        end.send_replace(Some(error));
    }

    async fn finish(mut self, patience: Duration) -> (Option<Exit>, watch::Sender<Option<Error>>) {
        if !self.service.is_finished() {
            self.stop.cancel();
            let _ = tokio::time::timeout(patience, &mut self.service).await;
        }
        // Whatever holds the pipes now lets them go.
        self.service.abort();
        let exit = match self.process {
            Some(process) => Some(process.end(patience).await),
            None => None,
        };
        (exit, self.end)
    }
}

/// A connection that ended by itself.
pub(crate) struct Ended {
    pub(crate) error: Error,
    end: watch::Sender<Option<Error>>,
}

impl Ended {
    pub(crate) fn tell(&self) {
        self.end.send_replace(Some(self.error.clone()));
    }
}
