//! Files of the web: one GET, read as it comes. The engine fetches none itself.

use std::io::Read;
use std::time::Duration;

use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::error::{Error, ErrorKind, Result};

/// How long a server may take to be reached, and how long it may say nothing.
const PATIENCE: Duration = Duration::from_secs(30);

/// A file that a server has begun to send.
pub(super) struct Remote {
    pub(super) body: Box<dyn Read + Send>,
    /// How large it will be, if the server says so.
    pub(super) size: Option<u64>,
    pub(super) media_type: Option<String>,
    pub(super) name: Option<String>,
}

/// Whether this is a URL of the web.
pub(super) fn is_web(url: &str) -> bool {
    let scheme = url.split("://").next().unwrap_or_default();
    url.contains("://")
        && ["http", "https"]
            .iter()
            .any(|web| scheme.eq_ignore_ascii_case(web))
}

/// Asks for a file and waits for the beginning of the answer.
pub(super) fn get(url: &str) -> Result<Remote> {
    let response = agent(url)
        .get(url)
        .call()
        .map_err(|error| failed(url, &error))?;
    let (_, body) = response.into_parts();
    Ok(Remote {
        size: body.content_length(),
        media_type: body.mime_type().map(str::to_owned),
        name: name(url),
        body: Box::new(body.into_reader()),
    })
}

fn agent(url: &str) -> ureq::Agent {
    let system = rustls_native_certs::load_native_certs().certs;
    let trusted = system
        .iter()
        .map(|der| Certificate::from_der(der).to_owned());
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::from(trusted))
        .build();
    let mut config = ureq::Agent::config_builder();
    if is_here(url) {
        // A proxy on another machine would look there.
        config = config.proxy(None);
    }
    config
        .tls_config(tls)
        .user_agent(concat!("codexkit/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(PATIENCE))
        .timeout_per_read(Some(PATIENCE))
        .build()
        .new_agent()
}

fn is_here(url: &str) -> bool {
    let shown = shown(url);
    let host = shown.split('/').nth(2).unwrap_or_default();
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|here| {
        host.strip_prefix(here)
            .is_some_and(|port| port.is_empty() || port.starts_with(':'))
    })
}

fn failed(url: &str, error: &ureq::Error) -> Error {
    let url = shown(url);
    match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            Error::invalid_argument("url", format!("{url} is no URL: {error}"))
        }
        ureq::Error::StatusCode(status) => Error::new(
            ErrorKind::Io,
            format!("{url} cannot be fetched: the server answered {status}; check the address"),
        ),
        _ => Error::new(
            ErrorKind::Io,
            format!("{url} cannot be fetched: {error}; check the address and the network"),
        ),
    }
}

/// A URL without what may be a secret: the user's name and the query.
pub(super) fn shown(url: &str) -> String {
    let plain = url.split(['?', '#']).next().unwrap_or_default();
    match plain.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let host = rest[..end].rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{}", &rest[end..])
        }
        None => plain.to_owned(),
    }
}

/// The last part of a URL's path.
fn name(url: &str) -> Option<String> {
    let shown = shown(url);
    let (_, rest) = shown.split_once("://")?;
    let (_, path) = rest.split_once('/')?;
    let last = path.rsplit('/').find(|part| !part.is_empty())?;
    Some(last.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_shown_without_secrets() {
        let url = "https://me:secret@example.com/a/b.png?token=secret#x";
        assert_eq!(shown(url), "https://example.com/a/b.png");
        assert_eq!(name(url).as_deref(), Some("b.png"));
        assert_eq!(name("http://example.com?x"), None);
        assert!(is_here("http://me@127.0.0.1:80/x") && is_here("http://localhost"));
        assert!(!is_here("http://127.0.0.1.example.com/") && !is_here("http://x/localhost"));
        assert!(is_web("HTTPS://x") && !is_web("data:x") && !is_web("http"));
    }
}
