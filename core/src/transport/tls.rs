//! TLS for `wss://`: which certificates are trusted.
//!
//! Verification cannot be switched off: a certificate of one's own is trusted by naming its issuer.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use crate::error::{Error, ErrorKind, Result};

/// The argument that errors name.
const CA_FILE: &str = "remote.ca_file";

/// Makes a connector that trusts the system's certificates, or only those of `ca_file` if it is given.
///
/// # Errors
/// `invalid_argument` when the file holds no certificates, `spawn` when the system has none.
pub(crate) fn connector(ca_file: Option<&Path>) -> Result<TlsConnector> {
    let roots = match ca_file {
        Some(path) => of_file(path)?,
        None => of_system()?,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new(ErrorKind::Spawn, format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The name that the certificate must be for.
///
/// # Errors
/// `invalid_argument` when the host can be in no certificate.
pub(crate) fn server_name(host: &str) -> Result<ServerName<'static>> {
    ServerName::try_from(host.to_owned()).map_err(|_| {
        Error::invalid_argument(
            super::address::URL,
            format!("{host:?} is no host name that a certificate can be for"),
        )
    })
}

fn of_file(path: &Path) -> Result<RootCertStore> {
    let refused = |why: String| {
        Error::invalid_argument(
            CA_FILE,
            format!(
                "{}: {why}; give a PEM file with at least one certificate",
                path.display()
            ),
        )
    };
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|error| refused(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| refused(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| refused(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(refused("it holds no certificate".to_owned()));
    }
    Ok(roots)
}

fn of_system() -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(Error::new(
            ErrorKind::Spawn,
            "this system has no trusted certificates; install them (the package is often called ca-certificates) or give ca_file",
        ));
    }
    Ok(roots)
}
