//! Making a connection: what works, and what each failure says.

use std::time::Duration;

use codexkit::{Codex, ErrorKind};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{Remote, options, refusal};
use crate::support::{eventually, methods, object, prompt};

const TOKEN: &str = "s3cret-capability-token-4711";

async fn a_turn_works(unix: bool) {
    let remote = Remote::new(json!({"replies": ["Hello there"]}), unix).await;
    let codex = Codex::start(remote.direct()).await.unwrap();
    let metadata = codex.metadata();
    assert_eq!(metadata.engine.source, "remote");
    assert_eq!(metadata.engine.path.to_str(), Some(remote.engine.url()));
    assert!(!metadata.engine.version.is_empty() && metadata.codex_home.is_some());
    assert_eq!((codex.pid(), codex.stderr_tail().as_str()), (None, ""));
    let thread = remote.bench.thread(&codex).await;
    let turn = thread.turn(prompt("hi"), object(json!({}))).await.unwrap();
    let seen = methods(&turn).await;
    assert_eq!(seen.first().map(String::as_str), Some("turn/started"));
    assert_eq!(seen.last().map(String::as_str), Some("turn/completed"));
    let result = turn.result().await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("Hello there"));
    codex.close().await.unwrap();
    assert!(codex.is_closed());
    assert_eq!(
        thread.read(false).await.unwrap_err().kind(),
        ErrorKind::Closed
    );
    // Closing leaves the engine alone.
    let again = Codex::start(remote.direct()).await.unwrap();
    assert!(again.thread_read(thread.id(), true).await.is_ok());
    again.kill();
    assert!(eventually(5, || again.is_closed()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_works_over_tcp() {
    a_turn_works(false).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_turn_works_over_a_unix_socket() {
    a_turn_works(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_decides() {
    let token_file = crate::support::folder();
    let path = token_file.path().join("token");
    std::fs::write(&path, TOKEN).unwrap();
    let path = path.display().to_string();
    let arguments = ["--ws-auth", "capability-token", "--ws-token-file", &path].map(str::to_owned);
    let remote = Remote::with(json!({"replies": ["ok"]}), false, &arguments).await;
    let with = |token: Option<&str>| {
        let mut options = remote.direct();
        options.remote.as_mut().unwrap().bearer_token = token.map(str::to_owned);
        options
    };
    let codex = Codex::start(with(Some(TOKEN))).await.unwrap();
    codex.thread_list(object(json!({}))).await.unwrap();
    codex.close().await.unwrap();
    let wrong = refusal(with(Some("wrong-token-0815"))).await;
    assert_eq!(wrong.kind(), ErrorKind::Spawn);
    let text = format!("{wrong} {wrong:?}");
    assert!(text.contains("refused the bearer token"), "{text}");
    assert!(!text.contains("0815"), "{text}");
    let missing = refusal(with(None)).await.to_string();
    assert!(missing.contains("wants a bearer token"), "{missing}");
    let odd = refusal(with(Some("two\nlines"))).await;
    assert_eq!(odd.argument(), Some("remote.bearer_token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_said_so() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", free.local_addr().unwrap());
    drop(free);
    for url in [url.as_str(), "unix:///no/such/socket"] {
        let error = refusal(options(url)).await;
        assert_eq!(error.kind(), ErrorKind::Spawn);
        let text = error.to_string();
        assert!(
            text.contains("cannot be reached") && text.contains(url),
            "{text}"
        );
    }
}

/// A server that answers every connection with `answer`, or with nothing.
async fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/?token=s3cret", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            if answer.is_empty() {
                open.push(stream);
            }
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_app_server_is_said_so() {
    for (answer, wanted) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "is no WebSocket",
        ),
        (
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            "HTTP 404",
        ),
        (
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
            "HTTP 403",
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n",
            "gateway",
        ),
        ("220 mail.example.org ESMTP\r\n", "is no WebSocket"),
    ] {
        let error = refusal(options(&server(answer).await)).await;
        assert_eq!(error.kind(), ErrorKind::Spawn, "{error}");
        let text = error.to_string();
        assert!(text.contains(wanted) && !text.contains("s3cret"), "{text}");
    }
    let mut silent = options(&server("").await);
    silent.remote.as_mut().unwrap().connect_timeout = Duration::from_millis(200);
    let error = refusal(silent).await;
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_starting_an_engine_is_refused() {
    let base = || options("ws://127.0.0.1:1");
    let mut cases = Vec::new();
    for name in [
        "codex_bin",
        "launch_args_override",
        "config",
        "config_overrides",
        "cwd",
        "env",
    ] {
        let mut options = base();
        match name {
            "codex_bin" => options.codex_bin = Some("codex".into()),
            "launch_args_override" => options.launch_args_override = Some(vec!["codex".to_owned()]),
            "config" => options.config = object(json!({"model": "x"})),
            "config_overrides" => options.config_overrides = vec!["model=x".to_owned()],
            "cwd" => options.cwd = Some("/".into()),
            _ => options.env.unset = vec!["X".to_owned()],
        }
        cases.push((name, options));
    }
    let mut exposed = options("ws://example.org");
    exposed.remote.as_mut().unwrap().bearer_token = Some(TOKEN.to_owned());
    cases.push(("remote.bearer_token", exposed));
    cases.push(("remote.url", options("http://127.0.0.1:1")));
    for (name, options) in cases {
        let error = refusal(options).await;
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert_eq!(error.argument(), Some(name), "{error}");
        assert!(!error.to_string().contains(TOKEN));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_message_passes_and_one_too_large_is_refused() {
    let remote = Remote::new(json!({"replies": ["ok"]}), false).await;
    let codex = Codex::start(remote.direct()).await.unwrap();
    let thread = remote.bench.thread(&codex).await;
    // More than one frame of the engine's limit.
    let name = "x".repeat(20 << 20);
    thread.set_name(&name).await.unwrap();
    let error = thread.set_name(&"x".repeat(65 << 20)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    assert!(thread.read(false).await.is_ok(), "the client is usable");
    codex.close().await.unwrap();
}
