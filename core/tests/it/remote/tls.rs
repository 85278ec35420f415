//! `wss://`, with a terminator of TLS in front of the engine and an issuer of its own.

use std::path::PathBuf;
use std::sync::Arc;

use codexkit::{Codex, ErrorKind};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::{Remote, options, refusal};
use crate::support::{object, prompt};

/// Takes TLS off for `to`, with a certificate for `host`. Gives its port and the issuer's certificate as PEM.
async fn terminator(host: &str, to: u16) -> (u16, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![host.to_owned()])
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut client) = acceptor.accept(stream).await else {
                    return;
                };
                let mut engine = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut engine).await;
            });
        }
    });
    (port, authority.pem())
}

fn ca_file(remote: &Remote, pem: &str) -> PathBuf {
    let path = remote.bench.folder.path().join("ca.pem");
    std::fs::write(&path, pem).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_of_ones_own_is_trusted_when_it_is_named() {
    let remote = Remote::new(json!({"replies": ["over TLS"]}), false).await;
    let (port, pem) = terminator("localhost", remote.proxy.port()).await;
    let with = |host: &str, file: Option<PathBuf>| {
        let mut options = options(&format!("wss://{host}:{port}"));
        options.remote.as_mut().unwrap().ca_file = file;
        options
    };
    let file = ca_file(&remote, &pem);
    let codex = Codex::start(with("localhost", Some(file.clone())))
        .await
        .unwrap();
    let thread = remote.bench.thread(&codex).await;
    let result = thread.run(prompt("hi"), object(json!({}))).await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("over TLS"));
    codex.close().await.unwrap();

    // Another name than the certificate's, and an issuer that the file does not hold.
    let (_, stranger) = terminator("localhost", 1).await;
    let other = remote.bench.folder.path().join("other.pem");
    std::fs::write(&other, stranger).unwrap();
    for options in [
        with("127.0.0.1", Some(file)),
        with("localhost", Some(other)),
    ] {
        let error = refusal(options).await;
        assert_eq!(error.kind(), ErrorKind::Spawn);
        let text = error.to_string();
        assert!(
            text.contains("no TLS connection") && text.contains("ca_file"),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_to_an_engine_without_it_and_bad_files_are_said_so() {
    let remote = Remote::new(json!({"replies": ["ok"]}), false).await;
    let url = format!("wss://localhost:{}", remote.proxy.port());
    for (pem, wanted) in [("", "holds no certificate"), ("nonsense", "ca.pem")] {
        let mut options = options(&url);
        options.remote.as_mut().unwrap().ca_file = Some(ca_file(&remote, pem));
        let error = refusal(options).await;
        assert_eq!(error.argument(), Some("remote.ca_file"), "{error}");
        assert!(error.to_string().contains(wanted), "{error}");
    }
    let (_, pem) = terminator("localhost", 1).await;
    let mut options = options(&url);
    options.remote.as_mut().unwrap().ca_file = Some(ca_file(&remote, &pem));
    let error = refusal(options).await;
    assert!(error.to_string().contains("no TLS connection"), "{error}");
}
