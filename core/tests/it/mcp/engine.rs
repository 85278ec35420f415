//! Servers from code on the real engine, and what the engine says of them.

use std::process::Command;
use std::time::Duration;

use codexkit::mcp::{LoginOptions, McpServer, McpServers, StatusOptions};
use codexkit::{Codex, ErrorKind, Thread};
use serde_json::{Value, json};

use super::{names, path, python, server};
use crate::support::{Bench, eventually, object, prompt, repository};

async fn thread(bench: &Bench, codex: &Codex, servers: &[(&str, McpServer)]) -> Thread {
    let mut params = bench.thread_params();
    let mut declared = McpServers::new();
    for (name, server) in servers {
        declared.add(name, server.clone()).unwrap();
    }
    declared.apply(&mut params).unwrap();
    codex.thread_start(params).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_has_the_servers_that_it_is_given() {
    let bench = Bench::new(json!({"replies": [
        {"items": [{"call": {"name": "echo", "namespace": "mcp__memo", "arguments": {"text": "hi"}}}]},
        "done",
    ]}))
    .await;
    let codex = bench.start().await;
    let mut declared = server(&[]).env("GIVEN", "yes");
    declared.disabled_tools = vec!["crash".to_owned()];
    declared.tool_timeout = Some(Duration::from_secs(20));
    let thread = thread(&bench, &codex, &[("memo", declared)]).await;
    let ready = thread
        .mcp()
        .wait_ready(&["memo".to_owned()], None)
        .await
        .unwrap();
    assert_eq!(names(&ready), ["memo"]);
    assert_eq!(ready[0]["serverInfo"]["version"], "1.2.3");
    let status = thread
        .mcp()
        .status(&StatusOptions::default())
        .await
        .unwrap();
    let tools = status[0]["tools"].as_object().unwrap();
    assert!(
        tools.contains_key("echo") && !tools.contains_key("crash"),
        "{tools:?}"
    );
    assert_eq!(status[0]["resources"].as_array().unwrap().len(), 3);
    assert_eq!(
        status[0]["resourceTemplates"][0]["uriTemplate"],
        "memo://{n}"
    );
    assert_eq!(status[0]["authStatus"], "unsupported");

    let arguments = Some(object(json!({"text": "$GIVEN"})));
    let answer = thread
        .mcp()
        .call_tool("memo", "echo", arguments, None)
        .await
        .unwrap();
    let answer: Value = serde_json::from_str(answer.get()).unwrap();
    assert_eq!(answer["content"][0]["text"], "yes");
    let read = thread
        .mcp()
        .read_resource("memo", "memo://1")
        .await
        .unwrap();
    assert!(read.get().contains("memo"), "{read}");
    let error = thread
        .mcp()
        .call_tool("other", "echo", None, None)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rpc);

    let result = thread.run(prompt("go"), object(json!({}))).await.unwrap();
    let items = result
        .items
        .iter()
        .map(|item| item.get())
        .collect::<String>();
    assert!(
        items.contains("mcpToolCall") && items.contains("\"hi\""),
        "{items}"
    );
    codex.mcp().reload().await.unwrap();
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_start_is_named() {
    let bench = Bench::new(json!({"replies": ["done"]})).await;
    let codex = bench.start().await;
    let broken = McpServer::stdio("/nonexistent/server", [""; 0]);
    let mut off = server(&[]);
    off.enabled = false;
    let servers = [
        ("memo", server(&[])),
        ("broken", broken.clone()),
        ("off", off),
    ];
    let thread = thread(&bench, &codex, &servers).await;
    let wait = |name: &str| {
        let (thread, names) = (thread.clone(), vec![name.to_owned()]);
        async move { thread.mcp().wait_ready(&names, None).await }
    };
    assert!(wait("memo").await.is_ok());
    for (name, kind, words) in [
        ("broken", ErrorKind::Spawn, "No such file"),
        ("off", ErrorKind::Spawn, "switched off"),
        ("other", ErrorKind::InvalidArgument, "broken, memo, off"),
    ] {
        let error = wait(name).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let mut required = broken;
    required.required = true;
    let mut params = bench.thread_params();
    let declared = McpServers::new().with("broken", required).unwrap();
    declared.apply(&mut params).unwrap();
    let error = codex.thread_start(params).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Rpc);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_has_servers_for_every_thread_and_shows_no_secret() {
    let bench = Bench::new(json!({"replies": ["done"]})).await;
    let mut options = bench.options();
    options
        .mcp_servers
        .add("memo", server(&[]).env("LEVEL", "3"))
        .unwrap();
    let codex = Codex::start(options).await.unwrap();
    let thread = bench.thread(&codex).await;
    assert_eq!(
        names(&thread.mcp().wait_ready(&[], None).await.unwrap()),
        ["memo"]
    );
    codex.close().await.unwrap();
    for (name, secret) in [
        ("env", server(&[]).env("API_KEY", "x")),
        (
            "headers",
            McpServer::http("http://127.0.0.1:1").header("Authorization", "x"),
        ),
    ] {
        let mut options = bench.options();
        options.mcp_servers.add("memo", secret).unwrap();
        let error = Codex::start(options).await.err().unwrap();
        assert_eq!(
            error.argument(),
            Some(format!("mcp_servers.memo.{name}").as_str())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_thread_says_so_and_a_login_needs_http() {
    let bench = Bench::new(json!({"replies": ["done"]})).await;
    let codex = bench.start().await;
    let error = codex
        .mcp()
        .call_tool("memo", "echo", None, None)
        .await
        .unwrap_err();
    assert_eq!(error.argument(), Some("thread_id"));
    let error = codex.mcp().wait_ready(&[], None).await.unwrap_err();
    assert_eq!(error.argument(), Some("thread_id"));
    assert!(
        codex
            .mcp()
            .status(&StatusOptions::default())
            .await
            .unwrap()
            .is_empty()
    );
    let thread = thread(&bench, &codex, &[("memo", server(&[]))]).await;
    let login = thread.mcp().login("memo", &LoginOptions::default()).await;
    assert!(login.err().unwrap().to_string().contains("streamable HTTP"));
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_logs_in_to_a_server() {
    let bench = Bench::new(json!({"replies": ["done"]})).await;
    let (file, name) = path(&bench.folder, "port");
    let mut tracker = Command::new(python())
        .arg(repository().join("tests/mcp/oauth_server.py"))
        .arg(&name)
        .spawn()
        .unwrap();
    assert!(eventually(20, || file.is_file()).await);
    let port = std::fs::read_to_string(file).unwrap();
    let mut options = bench.options();
    options.config = object(json!({"mcp_oauth_credentials_store": "file"}));
    let codex = Codex::start(options).await.unwrap();
    let url = format!("http://127.0.0.1:{port}/mcp");
    let servers = [("tracker", McpServer::http(url))];
    let thread = thread(&bench, &codex, &servers).await;
    let login = thread
        .mcp()
        .login("tracker", &LoginOptions::default())
        .await
        .unwrap();
    let late = login
        .wait(Some(Duration::from_millis(50)))
        .await
        .unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Timeout);
    let browser = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1]).read()";
    let status = Command::new(python())
        .args(["-c", browser, login.authorization_url()])
        .status()
        .unwrap();
    assert!(status.success());
    let done = login.wait(None).await.unwrap();
    assert_eq!(
        (&done["success"], &done["name"]),
        (&json!(true), &json!("tracker"))
    );
    codex.close().await.unwrap();
    tracker.kill().unwrap();
    tracker.wait().unwrap();
}
