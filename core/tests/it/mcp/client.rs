//! The client without an engine, on a server over standard input and output.

use std::time::Duration;

use codexkit::ErrorKind;
use codexkit::mcp::{McpClient, McpClientState, McpOptions, McpServer};
use serde_json::json;

use super::{connect, names, path, said, server};
use crate::support::{eventually, folder, object, processes};

#[tokio::test(flavor = "multi_thread")]
async fn handshake_and_discovery_in_their_order() {
    let folder = folder();
    let (log, log_name) = path(&folder, "log");
    let client = connect(server(&["--log", &log_name])).await;
    let info = client.server_info().unwrap();
    assert_eq!(info["serverInfo"]["name"], "memo");
    assert_eq!(info["serverInfo"]["version"], "1.2.3");
    assert_eq!(info["instructions"], "Be kind.");
    assert!(info["capabilities"]["prompts"].is_object());
    let tools = client.list_tools().await.unwrap();
    assert_eq!(names(&tools), ["echo", "fail", "crash", "slow", "spawn"]);
    assert_eq!(
        tools[0]["inputSchema"]["properties"]["text"]["type"],
        "string"
    );
    assert_eq!(client.list_resources().await.unwrap().len(), 3);
    let templates = client.list_resource_templates().await.unwrap();
    assert_eq!(templates[0]["uriTemplate"], "memo://{n}");
    assert_eq!(names(&client.list_prompts().await.unwrap()), ["greet"]);
    client.ping().await.unwrap();
    let read = client.read_resource("memo://1").await.unwrap();
    assert_eq!(read["contents"][0]["text"], "memo");
    let prompt = client
        .get_prompt("greet", Some(object(json!({"who": "Ada"}))))
        .await
        .unwrap();
    assert_eq!(prompt["messages"][0]["content"]["text"], "Hello Ada");
    client.close().await;
    assert_eq!(client.ping().await.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(client.state(), McpClientState::Closed);
    let seen = std::fs::read_to_string(log).unwrap();
    let seen: Vec<_> = seen.lines().collect();
    assert_eq!(
        seen,
        [
            "initialize",
            "notifications/initialized",
            "tools/list",
            "tools/list",
            "tools/list",
            "resources/list",
            "resources/list",
            "resources/templates/list",
            "prompts/list",
            "ping",
            "resources/read",
            "prompts/get",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_is_called_and_its_failures_are_told_apart() {
    let client = connect(server(&[])).await;
    let arguments = object(json!({"text": "hello"}));
    let result = client
        .call_tool("echo", Some(arguments), None)
        .await
        .unwrap();
    assert_eq!(said(&result), "hello");
    assert_eq!(result["structuredContent"], json!({"text": "hello"}));
    // The tool failed, the call did not.
    let result = client.call_tool("fail", None, None).await.unwrap();
    assert_eq!(result["isError"], true);
    let error = client.call_tool("nothing", None, None).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rpc, Some(-32602)));
    assert_eq!(error.rpc_message(), Some("there is no tool nothing"));
    let error = client.call_tool("", None, None).await.unwrap_err();
    assert_eq!(error.argument(), Some("name"));
    client.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_says_what_is_offered_and_what_the_server_sees() {
    let mut declared = server(&[]).env("GIVEN", "yes");
    declared.enabled_tools = Some(vec!["echo".to_owned(), "fail".to_owned()]);
    declared.disabled_tools = vec!["crash".to_owned()];
    let client = connect(declared).await;
    assert_eq!(names(&client.list_tools().await.unwrap()), ["echo", "fail"]);
    let error = client.call_tool("slow", None, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    for (variable, value) in [("$GIVEN", "yes"), ("$CARGO_MANIFEST_DIR", "(not set)")] {
        let arguments = object(json!({"text": variable}));
        let result = client
            .call_tool("echo", Some(arguments), None)
            .await
            .unwrap();
        assert_eq!(said(&result), value, "{variable}");
    }
    assert!(
        client
            .call_tool("echo", Some(object(json!({"text": "$PATH"}))), None)
            .await
            .is_ok()
    );
    client.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_tool_is_given_up_at_its_deadline() {
    let client = connect(server(&[])).await;
    let arguments = object(json!({"text": "30"}));
    let timeout = Some(Duration::from_millis(200));
    let error = client
        .call_tool("slow", Some(arguments), timeout)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.method(), Some("tools/call"));
    client.kill();
    client.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_crashes_comes_back_and_the_call_is_not_repeated() {
    let folder = folder();
    let (log, log_name) = path(&folder, "log");
    let client = connect(server(&["--log", &log_name])).await;
    let first = client.pid().unwrap();
    let arguments = object(json!({"text": "on purpose"}));
    let error = client
        .call_tool("crash", Some(arguments), None)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.exit_code()),
        (ErrorKind::Closed, Some(3))
    );
    assert!(
        error
            .stderr_tail()
            .unwrap()
            .contains("crashing: on purpose"),
        "{error}"
    );
    assert!(error.to_string().contains("not repeated"), "{error}");
    // The next call waits for the new process.
    let arguments = object(json!({"text": "again"}));
    let result = client
        .call_tool("echo", Some(arguments), None)
        .await
        .unwrap();
    assert_eq!(said(&result), "again");
    assert_ne!(client.pid().unwrap(), first);
    assert_eq!(
        (client.restarts(), client.state()),
        (1, McpClientState::Ready)
    );
    client.close().await;
    let seen = std::fs::read_to_string(log).unwrap();
    let calls = seen.lines().filter(|line| *line == "tools/call").count();
    assert_eq!(calls, 2, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stays_away_is_given_up() {
    let folder = folder();
    let (counter, counter_name) = path(&folder, "counter");
    std::fs::write(&counter, "100").unwrap();
    let mut options = McpOptions::default();
    options.restart.max_attempts = 2;
    options.restart.initial_delay = Duration::from_millis(10);
    let declared = server(&["--fail", "3", &counter_name]);
    let client = McpClient::connect("memo", declared, options).await.unwrap();
    // From now on it ends at once.
    std::fs::write(&counter, "-100").unwrap();
    assert!(client.call_tool("crash", None, None).await.is_err());
    let error = client.ping().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    let words = error.to_string();
    assert!(
        words.contains("2 attempts") && words.contains("not yet"),
        "{words}"
    );
    assert_eq!(client.state(), McpClientState::Closed);
    client.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_used_says_why() {
    let folder = folder();
    let (_, counter) = path(&folder, "counter");
    let connect = |server| McpClient::connect("memo", server, McpOptions::default());
    let error = connect(server(&["--fail", "9", &counter]))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.exit_code()),
        (ErrorKind::Spawn, Some(1))
    );
    assert!(error.to_string().contains("not yet: 0"), "{error}");
    let error = connect(McpServer::stdio("/nonexistent/server", [""; 0]))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Spawn);
    let mut silent = server(&["--silent"]);
    silent.startup_timeout = Some(Duration::from_millis(300));
    let error = connect(silent).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("startup_timeout"), "{error}");
    let error = McpClient::connect("a b", server(&[]), McpOptions::default()).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_server_started_outlives_its_client() {
    for (seconds, how) in [("47211", "close"), ("47212", "drop"), ("47213", "kill")] {
        let client = connect(server(&[])).await;
        let arguments = object(json!({"text": seconds}));
        client
            .call_tool("spawn", Some(arguments), None)
            .await
            .unwrap();
        let needle = format!("sleep {seconds}");
        // A process is there before its command line is.
        assert!(eventually(10, || processes(&needle).len() == 1).await);
        match how {
            "close" => client.close().await,
            "drop" => drop(client),
            _ => client.kill(),
        }
        assert!(
            eventually(10, || processes(&needle).is_empty()).await,
            "{how}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_at_the_same_time_get_their_own_answers() {
    let client = connect(server(&[])).await;
    let mut tasks = Vec::new();
    for number in 0..30 {
        let client = client.clone();
        tasks.push(tokio::spawn(async move {
            let arguments = object(json!({"text": number.to_string()}));
            let result = client
                .call_tool("echo", Some(arguments), None)
                .await
                .unwrap();
            assert_eq!(said(&result), number.to_string());
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    client.close().await;
}
