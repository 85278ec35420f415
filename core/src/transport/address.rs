//! Where a remote engine listens: the URL taken apart and checked, without connecting to anything.
//!
//! Errors and descriptions never show user information or a query, which may hold a secret.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use tokio_tungstenite::tungstenite::http::Uri;

use crate::error::{Error, Result};

/// The argument that errors name.
pub(crate) const URL: &str = "remote.url";

const ACCEPTED: &str = "accepted are unix://PATH, ws://HOST:PORT and wss://HOST:PORT (with a path, if the engine is behind one)";

/// Where to connect to.
#[derive(Clone)]
pub(crate) enum Address {
    /// A socket in the file system.
    Unix(PathBuf),
    /// A host and a port.
    Tcp {
        tls: bool,
        host: String,
        port: u16,
        /// What is asked for: the path and the query.
        resource: String,
    },
}

impl Address {
    /// Takes a URL apart.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(refused("it is no URL"));
        };
        match scheme {
            "unix" => unix(rest),
            "ws" => tcp(url, false),
            "wss" => tcp(url, true),
            "" => Err(refused("it names no scheme")),
            other => Err(refused(&format!("the scheme {other:?} is not supported"))),
        }
    }

    /// The address for people, without anything that may be secret.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Unix(path) => format!("unix://{}", path.display()),
            Self::Tcp {
                tls,
                port,
                resource,
                ..
            } => {
                let scheme = if *tls { "wss" } else { "ws" };
                let path = resource.split('?').next().unwrap_or_default();
                let path = if path == "/" { "" } else { path };
                format!("{scheme}://{}:{port}{path}", self.bracketed())
            }
        }
    }

    /// The value of the `Host` header.
    pub(crate) fn authority(&self) -> String {
        match self {
            Self::Unix(_) => "localhost".to_owned(),
            Self::Tcp { port, .. } => format!("{}:{port}", self.bracketed()),
        }
    }

    /// What the upgrade asks for.
    pub(crate) fn resource(&self) -> &str {
        match self {
            Self::Unix(_) => "/",
            Self::Tcp { resource, .. } => resource,
        }
    }

    /// Whether what is said on the way there can be read by others.
    pub(crate) fn is_exposed(&self) -> bool {
        !self.is_near() && !matches!(self, Self::Tcp { tls: true, .. })
    }

    /// Whether it is on this machine, as far as the address says.
    pub(crate) fn is_near(&self) -> bool {
        match self {
            Self::Unix(_) => true,
            Self::Tcp { host, .. } => is_loopback(host),
        }
    }

    fn bracketed(&self) -> String {
        match self {
            Self::Tcp { host, .. } if host.contains(':') => format!("[{host}]"),
            Self::Tcp { host, .. } => host.clone(),
            Self::Unix(_) => String::new(),
        }
    }
}

fn unix(path: &str) -> Result<Address> {
    if path.is_empty() {
        return Err(refused("unix:// needs the path of the socket"));
    }
    if !cfg!(unix) {
        return Err(refused("this platform has no unix:// sockets"));
    }
    let path = Path::new(path);
    // The working directory may change before a later connection is made.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Ok(Address::Unix(path))
}

fn tcp(url: &str, tls: bool) -> Result<Address> {
    let (url, fragment) = url
        .split_once('#')
        .map_or((url, ""), |(url, rest)| (url, rest));
    if !fragment.is_empty() {
        return Err(refused("a fragment (#...) means nothing here"));
    }
    let uri: Uri = url.parse().map_err(|_| refused("it is no URL"))?;
    let authority = uri.authority().ok_or_else(|| refused("it names no host"))?;
    if authority.as_str().contains('@') {
        return Err(refused(
            "a user or password in it is not supported; give bearer_token",
        ));
    }
    let host = authority.host().trim_matches(['[', ']']).to_owned();
    if host.is_empty() {
        return Err(refused("it names no host"));
    }
    let named = authority.as_str().rsplit_once(':');
    let has_port = named.is_some_and(|(_, port)| !port.contains(']'));
    let port = match authority.port_u16() {
        Some(port) if port > 0 => port,
        None if !has_port => {
            if tls {
                443
            } else {
                80
            }
        }
        _ => return Err(refused("its port is no number from 1 to 65535")),
    };
    let resource = uri
        .path_and_query()
        .map_or("/", |resource| resource.as_str());
    let resource = if resource.starts_with('/') {
        resource.to_owned()
    } else {
        format!("/{resource}")
    };
    Ok(Address::Tcp {
        tls,
        host,
        port,
        resource,
    })
}

/// Whether a host is this machine for sure.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.to_canonical().is_loopback())
}

fn refused(why: &str) -> Error {
    Error::invalid_argument(URL, format!("{why}; {ACCEPTED}"))
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
