//! Makes a connection to a remote engine: the socket, TLS, the upgrade to a WebSocket. The engine speaks
//! WebSocket on a Unix socket, too.
//!
//! What goes wrong becomes an error that says which of the steps it was. The bearer token goes into one
//! header, marked as sensitive, and nowhere else.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, HOST};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, http};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::error::{Error, ErrorKind, Result};
use crate::redact::redact;
use crate::transport::address::Address;
use crate::transport::tls;

/// Any byte stream that a WebSocket can run over.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An open connection.
pub(crate) type Socket = WebSocketStream<Box<dyn Stream>>;

/// Where to connect to and how; made once, used for every connection.
pub(crate) struct Dialer {
    address: Address,
    token: Option<HeaderValue>,
    tls: Option<TlsConnector>,
    timeout: Duration,
    max_message: usize,
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dialer({})", self.address.shown())
    }
}

/// Why there is no connection, and whether it is of use to try again.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) lasting: bool,
}

impl Failure {
    fn passing(kind: ErrorKind, message: String) -> Self {
        Self {
            error: Error::new(kind, message),
            lasting: false,
        }
    }
}

impl Dialer {
    /// Checks the token and reads the trusted certificates.
    ///
    /// # Errors
    /// `invalid_argument`.
    pub(crate) fn new(
        address: Address,
        token: Option<&str>,
        ca_file: Option<&PathBuf>,
        timeout: Duration,
        max_message: usize,
    ) -> Result<Self> {
        let tls = match &address {
            Address::Tcp {
                tls: true, host, ..
            } => {
                tls::server_name(host)?;
                Some(tls::connector(ca_file.map(PathBuf::as_path))?)
            }
            _ => None,
        };
        Ok(Self {
            address,
            token: token.map(bearer).transpose()?,
            tls,
            timeout,
            max_message,
        })
    }

    /// The address for people.
    pub(crate) fn shown(&self) -> String {
        self.address.shown()
    }

    /// Connects, within the deadline.
    pub(crate) async fn dial(&self) -> Result<Socket, Failure> {
        match tokio::time::timeout(self.timeout, self.connect()).await {
            Ok(done) => done,
            Err(_) => Err(Failure::passing(
                ErrorKind::Timeout,
                format!(
                    "the remote engine {} took no connection within {} s",
                    self.shown(),
                    self.timeout.as_secs_f64()
                ),
            )),
        }
    }

    async fn connect(&self) -> Result<Socket, Failure> {
        let stream = self.stream().await?;
        let request = self.request().map_err(|error| Failure {
            error,
            lasting: true,
        })?;
        let mut config = WebSocketConfig::default();
        config.max_message_size = Some(self.max_message);
        config.max_frame_size = Some(self.max_message);
        match client_async_with_config(request, stream, Some(config)).await {
            Ok((socket, _)) => Ok(socket),
            Err(error) => Err(self.upgrade_failed(error)),
        }
    }

    async fn stream(&self) -> Result<Box<dyn Stream>, Failure> {
        let (host, port) = match &self.address {
            Address::Unix(path) => return self.unix(path).await,
            Address::Tcp { host, port, .. } => (host.as_str(), *port),
        };
        let stream = TcpStream::connect((host, port))
            .await
            .map_err(|error| self.unreachable(&error))?;
        // Requests are small and wait for answers.
        let _ = stream.set_nodelay(true);
        let Some(connector) = &self.tls else {
            return Ok(Box::new(stream));
        };
        let name = tls::server_name(host).map_err(|error| Failure {
            error,
            lasting: true,
        })?;
        match connector.connect(name, stream).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(self.no_tls(&error)),
        }
    }

    #[cfg(unix)]
    async fn unix(&self, path: &std::path::Path) -> Result<Box<dyn Stream>, Failure> {
        let stream = tokio::net::UnixStream::connect(path)
            .await
            .map_err(|error| self.unreachable(&error))?;
        Ok(Box::new(stream))
    }

    #[cfg(not(unix))]
    async fn unix(&self, _: &std::path::Path) -> Result<Box<dyn Stream>, Failure> {
        Err(self.unreachable(&std::io::ErrorKind::Unsupported.into()))
    }

    fn request(&self) -> Result<Request> {
        let host = self.address.authority();
        let uri = format!("ws://{host}{}", self.address.resource());
        let mut request = uri.into_client_request().map_err(|_| {
            Error::invalid_argument(
                super::address::URL,
                "its path or query cannot be asked for over HTTP",
            )
        })?;
        if let Ok(host) = HeaderValue::from_str(&host) {
            request.headers_mut().insert(HOST, host);
        }
        if let Some(token) = &self.token {
            request.headers_mut().insert(AUTHORIZATION, token.clone());
        }
        Ok(request)
    }

    fn unreachable(&self, error: &std::io::Error) -> Failure {
        let mut failure = Failure::passing(
            ErrorKind::Spawn,
            format!(
                "the remote engine {} cannot be reached: {error}; check the address and that it runs",
                self.shown()
            ),
        );
        failure.error = failure.error.caused_by_io(error);
        failure
    }

    fn no_tls(&self, error: &std::io::Error) -> Failure {
        let certificate = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>())
            .is_some_and(|inner| matches!(inner, rustls::Error::InvalidCertificate(_)));
        let hint = if certificate {
            "; if its certificate is of an issuer of your own, give ca_file"
        } else {
            ""
        };
        Failure {
            error: Error::new(
                ErrorKind::Spawn,
                format!(
                    "the remote engine {}: no TLS connection: {error}{hint}",
                    self.shown()
                ),
            ),
            lasting: certificate,
        }
    }

    fn upgrade_failed(&self, error: tungstenite::Error) -> Failure {
        let (why, lasting) = match error {
            tungstenite::Error::Http(response) => self.refusal(&response),
            tungstenite::Error::Io(error) => (
                format!("closed the connection during the WebSocket handshake: {error}"),
                false,
            ),
            tungstenite::Error::Protocol(ProtocolError::HandshakeIncomplete) => (
                "closed the connection during the WebSocket handshake".to_owned(),
                false,
            ),
            other => (
                format!("is no WebSocket: {}", redact(&other.to_string())),
                false,
            ),
        };
        Failure {
            error: Error::new(
                ErrorKind::Spawn,
                format!("the remote engine {} {why}", self.shown()),
            ),
            lasting,
        }
    }

    /// What an HTTP answer other than the upgrade says. A gateway's errors pass; a refusal does not.
    fn refusal(&self, response: &http::Response<Option<Vec<u8>>>) -> (String, bool) {
        let status = response.status();
        match status.as_u16() {
            401 if self.token.is_some() => ("refused the bearer token (HTTP 401)".to_owned(), true),
            401 => (
                "wants a bearer token, and none was given (HTTP 401)".to_owned(),
                true,
            ),
            403 => ("refused the connection (HTTP 403)".to_owned(), true),
            code if status.is_server_error() => (
                format!("cannot be reached through its gateway (HTTP {code})"),
                false,
            ),
            code => (
                format!("is no WebSocket: it answered HTTP {code} instead of an upgrade"),
                false,
            ),
        }
    }
}

fn bearer(token: &str) -> Result<HeaderValue> {
    let wrong = |why: &str| Error::invalid_argument("remote.bearer_token", why.to_owned());
    if token.trim().is_empty() {
        return Err(wrong("it is empty; leave it out to connect without one"));
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.trim()))
        .map_err(|_| wrong("it has characters that cannot stand in an HTTP header"))?;
    value.set_sensitive(true);
    Ok(value)
}
