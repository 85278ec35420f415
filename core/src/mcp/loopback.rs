//! An MCP server in this process, for the engine to call back into the application.
//!
//! It listens on 127.0.0.1 alone, on a port of the system's choice, and answers only who has its token: 256 bits
//! from the operating system that nothing else knows. A web page in a browser on this machine cannot reach it
//! either: a request with an `Origin`, or for another `Host`, is refused (DNS rebinding). What tools there are
//! and what they do is a [`ToolHost`]'s to say.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ErrorData, Implementation,
    ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{RoleServer, ServerHandler};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::error::{Error, ErrorKind, Result};
use crate::mcp::config::McpServer;
use crate::protocol::JsonObject;

/// The largest message that is taken.
const MAX_BODY: usize = 16 << 20;
/// More connections at a time than an engine makes.
const CONNECTIONS: usize = 256;
const PATH: &str = "/mcp";

/// A tool as the model sees it.
#[derive(Clone, Debug, Default)]
pub struct ToolSpec {
    /// The name; unique on its server.
    pub name: String,
    /// The name that people see.
    pub title: Option<String>,
    /// What it does, for the model.
    pub description: Option<String>,
    /// The JSON Schema of its arguments; an object without properties if it is empty.
    pub input_schema: JsonObject,
    /// The JSON Schema of its structured content.
    pub output_schema: Option<JsonObject>,
    /// The protocol's hints: `readOnlyHint`, `destructiveHint`, ... The engine asks before it calls a tool that
    /// does not say that it only reads.
    pub annotations: Option<JsonObject>,
}

/// A call of a tool.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ToolCall {
    /// The tool's name, as listed. Nobody has checked that it is one of them.
    pub name: String,
    /// Its arguments. Nobody has held them against the schema.
    pub arguments: JsonObject,
    /// The request's `_meta`: what the engine says of the thread and the turn.
    pub meta: JsonObject,
}

/// What a tool gave.
#[derive(Clone, Debug, Default)]
pub struct ToolOutcome {
    /// The protocol's content blocks, as in `{"type": "text", "text": "..."}`.
    pub content: Vec<Value>,
    /// The same as a value, if the tool has an output schema.
    pub structured_content: Option<Value>,
    /// Whether the tool failed; the content then says why, to the model.
    pub is_error: bool,
}

impl ToolOutcome {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            content: vec![json!({"type": "text", "text": text.into()})],
            ..Self::default()
        }
    }

    /// A failure, in words for the model.
    #[must_use]
    pub fn error(text: impl Into<String>) -> Self {
        Self {
            is_error: true,
            ..Self::text(text)
        }
    }
}

/// What [`ToolHost::call`] gives: the outcome, later.
pub type ToolFuture<'a> = Pin<Box<dyn Future<Output = ToolOutcome> + Send + 'a>>;

/// The tools behind a [`LoopbackServer`]. It is asked anew for each request; calls may come at the same time.
///
/// The future of a call is dropped when the client takes the call back (`notifications/cancelled`) and when the
/// server is closed. The engine does not take a call back when its turn is interrupted, it only stops waiting: who
/// wants a tool to stop then has to watch the turn.
pub trait ToolHost: Send + Sync + 'static {
    /// The tools that there are now, in the order in which the model is to see them.
    fn list(&self) -> Vec<ToolSpec>;

    /// Calls a tool. A failure is an outcome, too, so that the model hears of it; so is an unknown name.
    fn call(&self, call: ToolCall) -> ToolFuture<'_>;
}

/// A running server. It ends, and with it its calls, when the last handle is dropped.
#[derive(Clone)]
pub struct LoopbackServer(Arc<Inner>);

struct Inner {
    address: SocketAddr,
    token: String,
    stop: watch::Sender<bool>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl fmt::Debug for LoopbackServer {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoopbackServer({})", self.0.address)
    }
}

impl LoopbackServer {
    /// Starts a server for the tools of `host`. Must be called within a tokio runtime, on which it goes on.
    ///
    /// # Errors
    /// `io` when there is no port or no random number to be had.
    pub async fn start(host: Arc<dyn ToolHost>) -> Result<Self> {
        let io = |what: &str, error: &dyn fmt::Display| {
            Error::new(
                ErrorKind::Io,
                format!("the loopback server {what}: {error}"),
            )
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(|error| io("gets no port", &error))?;
        let address = listener
            .local_addr()
            .map_err(|error| io("has no port", &error))?;
        let token = random_token()?;
        let (stop, stopped) = watch::channel(false);
        let gate = Arc::new(Gate {
            token: format!("Bearer {token}").into_bytes(),
            hosts: [address.to_string(), format!("localhost:{}", address.port())],
            service: service(host),
        });
        tokio::spawn(accept(listener, gate, stopped));
        Ok(Self(Arc::new(Inner {
            address,
            token,
            stop,
        })))
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// Its declaration, token included, to give to a thread or to an [`McpClient`](crate::mcp::McpClient). A
    /// client's own settings refuse it: they would show the token to everybody on the machine.
    #[must_use]
    pub fn server(&self) -> McpServer {
        let url = format!("http://{}{PATH}", self.0.address);
        McpServer::http(url).header("Authorization", format!("Bearer {}", self.0.token))
    }

    /// Ends the server and its calls.
    pub fn close(&self) {
        self.0.stop.send_replace(true);
    }
}

fn random_token() -> Result<String> {
    let mut bytes = [0_u8; 32];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut bytes).map_err(|_| {
        Error::new(
            ErrorKind::Io,
            "the operating system gives no random numbers",
        )
    })?;
    Ok(data_encoding::HEXLOWER.encode(&bytes))
}

type Service = StreamableHttpService<Handler, LocalSessionManager>;

fn service(host: Arc<dyn ToolHost>) -> Service {
    let config = StreamableHttpServerConfig::default().with_max_request_body_bytes(MAX_BODY);
    let sessions = Arc::new(LocalSessionManager::default());
    StreamableHttpService::new(move || Ok(Handler(host.clone())), sessions, config)
}

async fn accept(listener: TcpListener, gate: Arc<Gate>, mut stopped: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        let stream = tokio::select! {
            () = wished(&mut stopped) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of descriptors, or a client that is gone already: the next one may do better.
                Err(_) => {
                    tokio::task::yield_now().await;
                    continue;
                }
            },
        };
        let (gate, mut stopped) = (gate.clone(), stopped.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = wished(&mut stopped) => {}
                () = serve(stream, gate) => {}
            }
            drop(place);
        });
    }
    gate.service.config.cancellation_token.cancel();
}

/// Comes when the server is to end.
async fn wished(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn serve(stream: TcpStream, gate: Arc<Gate>) {
    let _ = stream.set_nodelay(true);
    let answer = service_fn(move |request| {
        let gate = gate.clone();
        async move { Ok::<_, Infallible>(gate.answer(request).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new();
    // A connection that breaks off is the client's affair.
    let _ = connection
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}

/// Looks at a request before anything of it is read.
struct Gate {
    token: Vec<u8>,
    hosts: [String; 2],
    service: Service,
}

impl Gate {
    async fn answer(&self, request: Request<Incoming>) -> Response<BoxBody<Bytes, Infallible>> {
        match self.refusal(request.headers(), request.uri().path()) {
            Some(status) => {
                let mut response = Response::new(Empty::new().boxed());
                *response.status_mut() = status;
                response
            }
            None => self.service.handle(request).await,
        }
    }

    fn refusal(&self, headers: &HeaderMap, path: &str) -> Option<StatusCode> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let known =
            host.is_some_and(|host| self.hosts.iter().any(|it| it.eq_ignore_ascii_case(host)));
        if !known || headers.contains_key(ORIGIN) {
            return Some(StatusCode::FORBIDDEN);
        }
        let given = headers
            .get(AUTHORIZATION)
            .map_or(&[][..], |it| it.as_bytes());
        if !same(given, &self.token) {
            return Some(StatusCode::UNAUTHORIZED);
        }
        (path != PATH).then_some(StatusCode::NOT_FOUND)
    }
}

/// Compares without telling by the time it takes where the difference is.
fn same(given: &[u8], wanted: &[u8]) -> bool {
    let mut difference = u8::from(given.len() != wanted.len());
    for (index, byte) in wanted.iter().enumerate() {
        difference |= byte ^ given.get(index).copied().unwrap_or_default();
    }
    std::hint::black_box(difference) == 0
}

/// The protocol's side of a [`ToolHost`].
struct Handler(Arc<dyn ToolHost>);

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        let who = Implementation::new("codexkit", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(capabilities).with_server_info(who)
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> std::result::Result<ListToolsResult, ErrorData> {
        let tools: std::result::Result<Vec<Tool>, _> =
            self.0.list().into_iter().map(tool).collect();
        tools
            .map(ListToolsResult::with_all_items)
            .map_err(|error| internal(&error))
    }

    async fn call_tool(
        &self,
        params: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> std::result::Result<CallToolResponse, ErrorData> {
        let meta = params.meta.as_ref().unwrap_or(&context.meta);
        let meta = match serde_json::to_value(meta) {
            Ok(Value::Object(meta)) => meta,
            _ => JsonObject::new(),
        };
        let call = ToolCall {
            name: params.name.into_owned(),
            arguments: params.arguments.unwrap_or_default(),
            meta,
        };
        tokio::select! {
            () = context.ct.cancelled() => Err(ErrorData::internal_error("the call was taken back", None)),
            outcome = self.0.call(call) => result(outcome).map_err(|error| internal(&error)).map(Into::into),
        }
    }
}

fn internal(error: &serde_json::Error) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

fn tool(spec: ToolSpec) -> serde_json::Result<Tool> {
    let mut schema = spec.input_schema;
    schema.entry("type").or_insert_with(|| "object".into());
    let mut tool = json!({"name": spec.name, "inputSchema": schema});
    for (key, value) in [
        ("title", spec.title.map(Value::from)),
        ("description", spec.description.map(Value::from)),
        ("outputSchema", spec.output_schema.map(Value::from)),
        ("annotations", spec.annotations.map(Value::from)),
    ] {
        if let Some(value) = value {
            tool[key] = value;
        }
    }
    serde_json::from_value(tool)
}

fn result(outcome: ToolOutcome) -> serde_json::Result<CallToolResult> {
    let mut result = json!({"content": outcome.content, "isError": outcome.is_error});
    if let Some(value) = outcome.structured_content {
        result["structuredContent"] = value;
    }
    serde_json::from_value(result)
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn only_the_whole_token_is_the_token() {
        assert!(same(b"Bearer abc", b"Bearer abc"));
        for wrong in [
            &b""[..],
            b"Bearer ab",
            b"Bearer abcd",
            b"bearer abc",
            b"Bearer abd",
        ] {
            assert!(!same(wrong, b"Bearer abc"));
        }
    }
}
