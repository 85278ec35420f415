//! The client on a server that speaks streamable HTTP.

use std::process::{Child, Command};

use codexkit::ErrorKind;
use codexkit::mcp::{McpClient, McpOptions, McpServer, McpTransport};
use serde_json::json;

use super::{connect, names, path, python, said};
use crate::support::{eventually, folder, object, repository};

/// The test server on HTTP; ends with the test.
struct Server {
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn serve() -> Server {
    let folder = folder();
    let (file, name) = path(&folder, "port");
    let child = Command::new(python())
        .arg(repository().join("tests/mcp/server.py"))
        .args(["--http", &name])
        .spawn()
        .unwrap();
    assert!(eventually(20, || file.is_file()).await);
    let port = std::fs::read_to_string(file).unwrap();
    Server {
        child,
        url: format!("http://127.0.0.1:{port}/mcp"),
        _folder: folder,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_go_along_and_both_kinds_of_answers_are_read() {
    let server = serve().await;
    let client = connect(McpServer::http(&server.url).header("X-Key", "sesame")).await;
    assert_eq!(client.server_info().unwrap()["serverInfo"]["name"], "memo");
    // JSON, on several pages.
    let tools = client.list_tools().await.unwrap();
    assert_eq!(names(&tools).len(), 5);
    // A stream of events.
    let arguments = object(json!({"text": "over HTTP"}));
    let result = client
        .call_tool("echo", Some(arguments), None)
        .await
        .unwrap();
    assert_eq!(said(&result), "over HTTP");
    let error = client.call_tool("nothing", None, None).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rpc, Some(-32602)));
    assert_eq!(client.pid(), None);
    client.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_does_not_accept_is_said_without_its_secret() {
    let server = serve().await;
    let connect = |server| McpClient::connect("memo", server, McpOptions::default());
    let error = connect(McpServer::http(&server.url)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Spawn);
    assert!(error.to_string().contains("authorization"), "{error}");
    let error = connect(McpServer::http(&server.url).header("X-Key", "wrong-secret")).await;
    let error = error.unwrap_err().to_string();
    assert!(!error.contains("wrong-secret"), "{error}");
    let error = connect(McpServer::http("http://127.0.0.1:1/mcp"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Spawn);
    let mut unset = McpServer::http(&server.url);
    if let McpTransport::Http(http) = &mut unset.transport {
        http.bearer_token_env_var = Some("CODEXKIT_NOT_SET".to_owned());
    }
    let error = connect(unset).await.unwrap_err();
    assert_eq!(error.argument(), Some("server.bearer_token_env_var"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_fails_the_call() {
    let mut server = serve().await;
    let client = connect(McpServer::http(&server.url).header("X-Key", "sesame")).await;
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let error = client.ping().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    client.close().await;
}
