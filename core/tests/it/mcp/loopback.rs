//! The server in this process, with our own client and with the real engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use codexkit::ErrorKind;
use codexkit::mcp::{
    LoopbackServer, McpClient, McpOptions, McpServer, McpServers, ToolCall, ToolFuture, ToolHost,
    ToolOutcome, ToolSpec,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::{connect, names, said};
use crate::support::{Bench, eventually, object, prompt};

/// Two tools: `add` adds, `wait` never ends.
#[derive(Default)]
struct Tools {
    calls: AtomicUsize,
    waiting: Notify,
    dropped: Arc<AtomicUsize>,
}

struct CountDrop(Arc<AtomicUsize>);

impl Drop for CountDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl ToolHost for Tools {
    fn list(&self) -> Vec<ToolSpec> {
        let number = json!({"type": "number"});
        vec![
            ToolSpec {
                name: "add".to_owned(),
                description: Some("Adds two numbers.".to_owned()),
                input_schema: object(json!({"properties": {"a": number, "b": number}})),
                annotations: Some(object(json!({"readOnlyHint": true}))),
                ..ToolSpec::default()
            },
            ToolSpec {
                name: "wait".to_owned(),
                annotations: Some(object(json!({"readOnlyHint": true}))),
                ..ToolSpec::default()
            },
        ]
    }

    fn call(&self, call: ToolCall) -> ToolFuture<'_> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            match call.name.as_str() {
                "add" => {
                    let number = |key: &str| call.arguments[key].as_i64().unwrap_or_default();
                    let sum = number("a") + number("b");
                    ToolOutcome {
                        structured_content: Some(json!({"sum": sum})),
                        ..ToolOutcome::text(sum.to_string())
                    }
                }
                "wait" => {
                    let _dropped = CountDrop(self.dropped.clone());
                    self.waiting.notify_one();
                    std::future::pending().await
                }
                name => ToolOutcome::error(format!("there is no tool {name}")),
            }
        })
    }
}

async fn start() -> (Arc<Tools>, LoopbackServer) {
    let tools = Arc::new(Tools::default());
    let server = LoopbackServer::start(tools.clone()).await.unwrap();
    (tools, server)
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_client_lists_and_calls() {
    let (tools, server) = start().await;
    let client = connect(server.server()).await;
    let listed = client.list_tools().await.unwrap();
    assert_eq!(names(&listed), ["add", "wait"]);
    assert_eq!(listed[0]["inputSchema"]["type"], "object");
    let result = client
        .call_tool("add", Some(object(json!({"a": 2, "b": 3}))), None)
        .await
        .unwrap();
    assert_eq!(
        (said(&result), &result["structuredContent"]),
        ("5", &json!({"sum": 5}))
    );
    let result = client.call_tool("other", None, None).await.unwrap();
    assert_eq!(result["isError"], true);
    assert_eq!(tools.calls.load(Ordering::SeqCst), 2);
    client.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_given_up_is_dropped() {
    let (tools, server) = start().await;
    let client = connect(server.server()).await;
    let call = tokio::spawn({
        let client = client.clone();
        async move { client.call_tool("wait", None, None).await }
    });
    tools.waiting.notified().await;
    call.abort();
    let dropped = || tools.dropped.load(Ordering::SeqCst) == 1;
    assert!(eventually(10, dropped).await);
    client.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_server_ends_its_calls() {
    let (tools, server) = start().await;
    let client = connect(server.server()).await;
    let call = tokio::spawn({
        let client = client.clone();
        async move {
            client
                .call_tool("wait", None, Some(Duration::from_secs(3)))
                .await
        }
    });
    tools.waiting.notified().await;
    drop(server);
    let dropped = || tools.dropped.load(Ordering::SeqCst) == 1;
    assert!(eventually(10, dropped).await);
    assert!(call.await.unwrap().is_err());
    client.kill();
    client.close().await;
}

/// Sends a request as it stands and gives the beginning of the answer, as in `HTTP/1.1 200`.
async fn raw(server: &LoopbackServer, headers: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"},
    }})
    .to_string();
    let request = format!(
        "POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    String::from_utf8_lossy(&status).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_refused() {
    let (tools, server) = start().await;
    let host = server.address().to_string();
    let config = server.server().to_config();
    let token = config["http_headers"]["Authorization"].as_str().unwrap();
    assert!(
        token.len() >= "Bearer ".len() + 64,
        "256 bits in hexadecimal digits"
    );
    assert!(!format!("{server:?} {:?}", server.server()).contains(&token[7..]));
    let own = format!("Host: {host}\r\nAuthorization: {token}\r\n");
    for (headers, status) in [
        (format!("Host: {host}\r\n"), "401"),
        (
            format!("Host: {host}\r\nAuthorization: Bearer wrong\r\n"),
            "401",
        ),
        (
            format!("Host: evil.example\r\nAuthorization: {token}\r\n"),
            "403",
        ),
        (format!("{own}Origin: https://evil.example\r\n"), "403"),
        (format!("{own}Origin: null\r\n"), "403"),
    ] {
        let answer = raw(&server, &headers).await;
        assert!(answer.contains(status), "{headers}: {answer}");
    }
    assert!(
        !raw(&server, &own).await.contains("40"),
        "the right one gets through"
    );
    let stranger = McpServer::http(format!("http://{host}/mcp"));
    let refused = McpClient::connect("x", stranger, McpOptions::default()).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Spawn);
    assert_eq!(tools.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_beyond_the_limit_is_refused() {
    let (_, server) = start().await;
    let config = server.server().to_config();
    let token = config["http_headers"]["Authorization"].as_str().unwrap();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nAuthorization: {token}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: {}\r\n\r\n",
        server.address(),
        17 << 20
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    tokio::spawn(async move {
        let chunk = vec![b' '; 1 << 20];
        for _ in 0..17 {
            if writer.write_all(&chunk).await.is_err() {
                return;
            }
        }
    });
    let mut start = [0; 16];
    reader.read_exact(&mut start).await.unwrap();
    assert!(String::from_utf8_lossy(&start).contains("413"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_calls_back_into_the_application() {
    let (tools, server) = start().await;
    let bench = Bench::new(json!({"replies": [
        {"items": [{"call": {"name": "add", "namespace": "mcp__app", "arguments": {"a": 20, "b": 22}}}]},
        "done",
    ]}))
    .await;
    let codex = bench.start().await;
    let mut params = bench.thread_params();
    let servers = McpServers::new().with("app", server.server()).unwrap();
    servers.apply(&mut params).unwrap();
    let thread = codex.thread_start(params).await.unwrap();
    let result = thread.run(prompt("add"), object(json!({}))).await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("done"));
    let items: Vec<Value> = result
        .items
        .iter()
        .map(|item| serde_json::from_str(item.get()).unwrap())
        .collect();
    let call = items
        .iter()
        .find(|item| item["type"] == "mcpToolCall")
        .unwrap();
    assert_eq!(
        (&call["status"], &call["server"]),
        (&json!("completed"), &json!("app"))
    );
    assert_eq!(call["result"]["content"][0]["text"], "42");
    assert_eq!(tools.calls.load(Ordering::SeqCst), 1);
    // The token is in no argument of the engine.
    let pid = codex.pid().unwrap();
    let arguments = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap();
    let config = server.server().to_config();
    let token = config["http_headers"]["Authorization"].as_str().unwrap();
    assert!(!arguments.contains(&token[7..]));
    codex.close().await.unwrap();
}
