//! MCP: servers from code, the client without an engine, the server for the engine to call back.

mod client;
mod engine;
mod http;
mod loopback;

use std::path::PathBuf;

use codexkit::mcp::{McpClient, McpOptions, McpServer};
use serde_json::Value;

use crate::support::repository;

pub(crate) fn python() -> String {
    let python = repository().join(".cache/venv/bin/python");
    python.display().to_string()
}

/// The test server over standard input and output.
pub(crate) fn server(arguments: &[&str]) -> McpServer {
    let script = repository()
        .join("tests/mcp/server.py")
        .display()
        .to_string();
    let arguments = arguments.iter().map(|it| (*it).to_owned());
    McpServer::stdio(python(), std::iter::once(script).chain(arguments))
}

pub(crate) async fn connect(server: McpServer) -> McpClient {
    McpClient::connect("memo", server, McpOptions::default())
        .await
        .unwrap()
}

pub(crate) fn names(list: &[Value]) -> Vec<&str> {
    list.iter()
        .filter_map(|item| item["name"].as_str())
        .collect()
}

pub(crate) fn said(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap()
}

pub(crate) fn path(folder: &tempfile::TempDir, name: &str) -> (PathBuf, String) {
    let path = folder.path().join(name);
    let text = path.display().to_string();
    (path, text)
}
