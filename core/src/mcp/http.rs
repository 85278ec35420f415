//! The HTTP below streamable HTTP: what `rmcp` leaves to a client, over hyper and our own TLS.
//!
//! rmcp's own client is reqwest, which would bring a second TLS provider and forty crates. A request has a
//! connection of its own; redirects are not followed, so that no header goes where it was not meant to.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, TryStreamExt};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use rmcp::model::{ClientJsonRpcMessage, JsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_client::{
    AuthRequiredError, SseError, StreamableHttpClient, StreamableHttpError,
    StreamableHttpPostResponse, StreamableHttpResponseLimits,
};
use sse_stream::{Sse, SseStream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::error::{Error, Result};
use crate::transport::tls;

type HttpResult<T> = std::result::Result<T, StreamableHttpError<Error>>;

const SESSION: &str = "Mcp-Session-Id";
const LAST_EVENT: &str = "Last-Event-Id";
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// An HTTP client for one server.
#[derive(Clone)]
pub(crate) struct HttpClient {
    uri: Uri,
    host: HeaderValue,
    tls: Option<tokio_rustls::TlsConnector>,
}

impl HttpClient {
    /// A client for a checked address.
    ///
    /// # Errors
    /// `invalid_argument` for an address that cannot be, `spawn` when the system trusts no certificates.
    pub(crate) fn new(uri: Uri) -> Result<Self> {
        let authority = uri
            .authority()
            .map(http::uri::Authority::as_str)
            .unwrap_or_default();
        let host = HeaderValue::from_str(authority)
            .map_err(|error| Error::invalid_argument("url", error))?;
        let secure = uri.scheme_str() == Some("https");
        let tls = if secure {
            Some(tls::connector(None)?)
        } else {
            None
        };
        Ok(Self { uri, host, tls })
    }

    fn request(
        &self,
        method: Method,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::default());
        *request.method_mut() = method;
        let path = self
            .uri
            .path_and_query()
            .map_or("/", http::uri::PathAndQuery::as_str);
        *request.uri_mut() = path.parse().unwrap_or_default();
        request.headers_mut().insert(HOST, self.host.clone());
        for (name, value) in headers {
            request.headers_mut().insert(name, value);
        }
        request
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> HttpResult<Response<Incoming>> {
        let host = self.uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let port = self
            .uri
            .port_u16()
            .unwrap_or(if self.tls.is_some() { 443 } else { 80 });
        let stream = TcpStream::connect((host, port)).await?;
        let _ = stream.set_nodelay(true);
        match &self.tls {
            None => exchange(stream, request).await,
            Some(connector) => {
                let name = tls::server_name(host).map_err(StreamableHttpError::Client)?;
                exchange(connector.connect(name, stream).await?, request).await
            }
        }
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> HttpResult<Response<Incoming>> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io)?;
    // Ends with the response's body, or when nobody reads it any more.
    tokio::spawn(connection);
    sender.send_request(request).await.map_err(io)
}

fn io(error: hyper::Error) -> StreamableHttpError<Error> {
    StreamableHttpError::Io(std::io::Error::other(error))
}

impl StreamableHttpClient for HttpClient {
    type Error = Error;

    async fn post_message(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        auth: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> HttpResult<StreamableHttpPostResponse> {
        let limits = StreamableHttpResponseLimits::default();
        self.post_message_with_response_limits(uri, message, session_id, auth, headers, limits)
            .await
    }

    async fn post_message_with_response_limits(
        &self,
        _uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        auth: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
        limits: StreamableHttpResponseLimits,
    ) -> HttpResult<StreamableHttpPostResponse> {
        let body = serde_json::to_vec(&message)?;
        let mut request = self.request(Method::POST, headers);
        request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        accept(&mut request, "application/json, text/event-stream");
        authorize(&mut request, auth.as_deref())?;
        put(&mut request, SESSION, session_id.as_deref())?;
        *request.body_mut() = Full::new(Bytes::from(body));
        let awaited = matches!(message, JsonRpcMessage::Request(_));
        let response = self.send(request).await?;
        answer(response, session_id.is_some(), awaited, limits).await
    }

    async fn delete_session(
        &self,
        _uri: Arc<str>,
        session_id: Arc<str>,
        auth: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> HttpResult<()> {
        let mut request = self.request(Method::DELETE, headers);
        authorize(&mut request, auth.as_deref())?;
        put(&mut request, SESSION, Some(&session_id))?;
        let status = self.send(request).await?.status();
        // A server need not let its sessions be ended.
        if status.is_success() || status == StatusCode::METHOD_NOT_ALLOWED {
            return Ok(());
        }
        Err(unexpected(format!("HTTP {status}")))
    }

    async fn get_stream(
        &self,
        uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        auth: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> HttpResult<BoxStream<'static, std::result::Result<Sse, SseError>>> {
        let limit = StreamableHttpResponseLimits::default().max_sse_event_size;
        self.get_stream_with_max_sse_event_size(
            uri,
            session_id,
            last_event_id,
            auth,
            headers,
            limit,
        )
        .await
    }

    async fn get_stream_with_max_sse_event_size(
        &self,
        _uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        auth: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
        limit: usize,
    ) -> HttpResult<BoxStream<'static, std::result::Result<Sse, SseError>>> {
        let had_session = session_id.is_some();
        let mut request = self.request(Method::GET, headers);
        accept(&mut request, EVENTS);
        authorize(&mut request, auth.as_deref())?;
        put(&mut request, SESSION, session_id.as_deref())?;
        put(&mut request, LAST_EVENT, last_event_id.as_deref())?;
        let response = self.send(request).await?;
        match response.status() {
            StatusCode::METHOD_NOT_ALLOWED => Err(StreamableHttpError::ServerDoesNotSupportSse),
            status => {
                refuse(&response, status, had_session)?;
                if status.is_success() && is(&response, EVENTS) {
                    Ok(events(response, limit))
                } else {
                    Err(unexpected(format!("HTTP {status}")))
                }
            }
        }
    }
}

fn accept(request: &mut Request<Full<Bytes>>, types: &'static str) {
    request
        .headers_mut()
        .insert(ACCEPT, HeaderValue::from_static(types));
}

fn authorize(request: &mut Request<Full<Bytes>>, token: Option<&str>) -> HttpResult<()> {
    let Some(token) = token else { return Ok(()) };
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| unexpected("the bearer token cannot be sent in a header"))?;
    value.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, value);
    Ok(())
}

fn put(
    request: &mut Request<Full<Bytes>>,
    name: &'static str,
    value: Option<&str>,
) -> HttpResult<()> {
    if let Some(value) = value {
        let value = HeaderValue::from_str(value)
            .map_err(|_| unexpected(format!("the server's {name} cannot be sent in a header")))?;
        request.headers_mut().insert(name, value);
    }
    Ok(())
}

fn unexpected(what: impl Into<Cow<'static, str>>) -> StreamableHttpError<Error> {
    StreamableHttpError::UnexpectedServerResponse(what.into())
}

fn is<B>(response: &Response<B>, kind: &str) -> bool {
    let given = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|it| it.to_str().ok());
    let kind_given = given
        .and_then(|it| it.split(';').next())
        .unwrap_or_default();
    kind_given.trim().eq_ignore_ascii_case(kind)
}

/// The answers that have a meaning of their own, whatever was asked.
fn refuse<B>(response: &Response<B>, status: StatusCode, had_session: bool) -> HttpResult<()> {
    if status == StatusCode::UNAUTHORIZED {
        let asks = response.headers().get(WWW_AUTHENTICATE);
        let asks = asks.and_then(|it| it.to_str().ok()).unwrap_or_default();
        let error = AuthRequiredError::new(asks.to_owned());
        return Err(StreamableHttpError::AuthRequired(error));
    }
    if status == StatusCode::NOT_FOUND && had_session {
        return Err(StreamableHttpError::SessionExpired);
    }
    if status.is_redirection() {
        return Err(unexpected(format!(
            "HTTP {status}: redirects are not followed; give the address that the server redirects to"
        )));
    }
    Ok(())
}

async fn answer(
    response: Response<Incoming>,
    had_session: bool,
    awaited: bool,
    limits: StreamableHttpResponseLimits,
) -> HttpResult<StreamableHttpPostResponse> {
    let status = response.status();
    refuse(&response, status, had_session)?;
    if matches!(status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT) {
        return Ok(StreamableHttpPostResponse::Accepted);
    }
    let session = response
        .headers()
        .get(SESSION)
        .and_then(|it| it.to_str().ok())
        .map(str::to_owned);
    if status.is_success() && is(&response, EVENTS) {
        let stream = events(response, limits.max_sse_event_size);
        return Ok(StreamableHttpPostResponse::Sse(stream, session));
    }
    let json = is(&response, JSON);
    let body = collect(response, limits.max_json_response_size).await?;
    if json
        && let Ok(message) = serde_json::from_slice::<ServerJsonRpcMessage>(&body)
        && (status.is_success() || matches!(message, JsonRpcMessage::Error(_)))
    {
        return Ok(StreamableHttpPostResponse::Json(message, session));
    }
    if status.is_success() && !awaited {
        return Ok(StreamableHttpPostResponse::Accepted);
    }
    let start = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
    Err(unexpected(format!("HTTP {status}: {start}")))
}

async fn collect(response: Response<Incoming>, limit: usize) -> HttpResult<Vec<u8>> {
    let mut chunks = response.into_body().into_data_stream();
    let mut body = Vec::new();
    while let Some(chunk) = chunks.try_next().await.map_err(io)? {
        if body.len() + chunk.len() > limit {
            return Err(StreamableHttpError::ResponseBodyTooLarge { max_size: limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The events of a response, none larger than `limit`.
fn events(
    response: Response<Incoming>,
    limit: usize,
) -> BoxStream<'static, std::result::Result<Sse, SseError>> {
    let chunks = response
        .into_body()
        .into_data_stream()
        .map_err(std::io::Error::other);
    SseStream::from_bytes_stream(bounded(chunks, limit)).boxed()
}

/// Ends a stream with an error when more than `limit` bytes come without an empty line, which ends an event.
fn bounded(
    chunks: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
    limit: usize,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    let mut size = EventSize::default();
    chunks.map(move |chunk| {
        let chunk = chunk?;
        if size.after(&chunk) > limit {
            let why = format!("an event of the server is larger than {limit} bytes");
            return Err(std::io::Error::other(why));
        }
        Ok(chunk)
    })
}

/// How many bytes of an event have come.
#[derive(Default)]
struct EventSize {
    bytes: usize,
    line_is_empty: bool,
}

impl EventSize {
    fn after(&mut self, chunk: &[u8]) -> usize {
        let mut largest = 0;
        for byte in chunk {
            self.bytes += 1;
            match byte {
                b'\n' if self.line_is_empty => self.bytes = 0,
                b'\n' => self.line_is_empty = true,
                b'\r' => {}
                _ => self.line_is_empty = false,
            }
            largest = largest.max(self.bytes);
        }
        largest
    }
}

#[cfg(test)]
mod tests {
    use super::EventSize;

    #[test]
    fn an_events_size_is_known_across_chunks() {
        let mut size = EventSize::default();
        assert_eq!(size.after(b"data: 12\n"), 9);
        assert_eq!(size.after(b"data: 3"), 16);
        assert_eq!(size.after(b"\n\nda"), 17);
        assert_eq!(size.bytes, 2);
        assert_eq!(size.after(b"ta: x\r\n\r\n"), 10);
        assert_eq!(size.bytes, 0);
    }
}
