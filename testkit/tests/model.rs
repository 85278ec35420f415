//! The scripted model in front of the real engine.

#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use codexkit_testkit::script::{Item, Kind, Reply, Rule, Script, When};
use codexkit_testkit::{Error, ScriptedModel};
use common::{AppServer, PATIENCE, Workspace, engine};
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

/// Starts the model and the engine, and a thread that may do everything.
async fn start(name: &str, script: &str) -> (ScriptedModel, Workspace, AppServer, String) {
    let model = ScriptedModel::start(script).await.unwrap();
    let workspace = Workspace::new(name);
    let mut server = AppServer::real(&model, &workspace).await;
    let thread = server
        .thread(json!({
            "cwd": workspace.files(),
            "sandbox": "danger-full-access",
            "approvalPolicy": "never",
        }))
        .await;
    (model, workspace, server, thread)
}

#[tokio::test]
async fn text_is_streamed_and_the_request_recorded() {
    let script = r#"{"replies": [{"items": [{"message": "Hello from the script", "phase": "final_answer"}],
                     "usage": {"input_tokens": 7, "output_tokens": 3}}]}"#;
    let (model, _workspace, mut server, thread) = start("text", script).await;
    let turn = server.turn(&thread, "say hello").await;
    assert_eq!(turn.end["status"], "completed");
    assert_eq!(turn.count("item/agentMessage/delta"), 4);
    let message = turn.items("agentMessage")[0];
    assert_eq!(message["text"], "Hello from the script");
    assert_eq!(message["phase"], "final_answer");
    let usage = turn
        .messages
        .iter()
        .find(|message| message["method"] == "thread/tokenUsage/updated")
        .unwrap();
    assert_eq!(usage["params"]["tokenUsage"]["last"]["totalTokens"], 10);

    let requests = model.requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert_eq!(request["prompt"], "say hello");
    assert_eq!(request["thread"], thread);
    assert_eq!(request["kind"], "turn");
    assert_eq!(
        (&request["rule"], &request["reply"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(request["status"], 200);
    assert_eq!(request["body"]["model"], "gpt-5.5");
    assert!(request["headers"].get("authorization").is_none());
}

#[tokio::test]
async fn reasoning_command_and_patch() {
    let script = Script::replies([
        Reply::new([
            Item::reasoning("**Plan** it"),
            Item::command("echo from-the-command"),
        ]),
        Reply::new([Item::patch(
            "*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch\n",
        )]),
        Reply::text("All done"),
    ]);
    let model = ScriptedModel::start_script(script).await.unwrap();
    let workspace = Workspace::new("recipes");
    let mut server = AppServer::real(&model, &workspace).await;
    let thread = server
        .thread(json!({"cwd": workspace.files(), "sandbox": "danger-full-access", "approvalPolicy": "never"}))
        .await;
    let turn = server.turn(&thread, "work").await;
    assert_eq!(turn.end["status"], "completed");
    assert_eq!(
        turn.items("reasoning")[0]["summary"],
        json!(["**Plan** it"])
    );
    assert_eq!(turn.count("item/reasoning/summaryTextDelta"), 2);
    let commands = turn.items("commandExecution");
    assert_eq!(
        commands.len(),
        1,
        "{:?}",
        model.requests()[1]["body"]["input"]
    );
    let command = commands[0];
    assert_eq!(command["exitCode"], 0);
    assert_eq!(command["aggregatedOutput"], "from-the-command\n");
    assert_eq!(turn.items("fileChange")[0]["status"], "completed");
    assert_eq!(
        std::fs::read_to_string(workspace.files().join("new.txt")).unwrap(),
        "hello\n"
    );
    assert_eq!(turn.items("agentMessage")[0]["text"], "All done");
    assert_eq!(model.wait_for_requests(3, PATIENCE).await.unwrap().len(), 3);
}

#[tokio::test]
async fn captures_feed_later_replies() {
    let script = r#"{"replies": [
        {"items": [{"call": {"name": "exec_command", "arguments": {"cmd": "cat", "tty": true, "yield_time_ms": 300}}}]},
        {"capture": {"sid": "session ID (\\d+)"},
         "items": [{"call": {"name": "write_stdin", "arguments": {"session_id": "${sid}", "chars": "hi there\n", "yield_time_ms": 300}}}]},
        {"items": [{"call": {"name": "write_stdin", "arguments": {"session_id": "${sid}", "chars": "\u0004", "yield_time_ms": 300}}}]},
        "session ${sid} closed"]}"#;
    let (model, _workspace, mut server, thread) = start("capture", script).await;
    let turn = server.turn(&thread, "talk to cat").await;
    assert_eq!(turn.end["status"], "completed", "{:?}", model.requests());
    assert!(turn.count("item/commandExecution/terminalInteraction") >= 2);
    let text = turn.items("agentMessage")[0]["text"].as_str().unwrap();
    assert!(
        text.starts_with("session ") && !text.contains('$'),
        "{text}"
    );
}

#[tokio::test]
async fn a_streamed_patch_and_a_web_search() {
    let script = r#"{"replies": [
        {"items": [{"custom_call": {"name": "apply_patch", "stream": true,
            "input": "*** Begin Patch\n*** Add File: streamed.txt\n+one\n*** End Patch\n"}}]},
        {"items": [{"web_search": {"query": "weather"}}, "searched"]}]}"#;
    let (_model, workspace, mut server, thread) = start("stream", script).await;
    let turn = server.turn(&thread, "go").await;
    assert_eq!(turn.end["status"], "completed");
    assert!(workspace.files().join("streamed.txt").is_file());
    assert_eq!(turn.items("webSearch")[0]["query"], "weather");
}

#[tokio::test]
async fn many_deltas_arrive_whole() {
    let script =
        r#"{"replies": [{"items": [{"repeat_delta": {"count": 2000, "text": "w{i} "}}]}]}"#;
    let (_model, _workspace, mut server, thread) = start("repeat", script).await;
    let turn = server.turn(&thread, "go").await;
    assert_eq!(turn.count("item/agentMessage/delta"), 2000);
    let text = turn.items("agentMessage")[0]["text"].as_str().unwrap();
    assert!(text.starts_with("w0 w1 ") && text.ends_with("w1999 "));
}

#[tokio::test]
async fn http_errors_and_failed_responses_end_the_turn() {
    let script = r#"{"rules": [
        {"when": {"prompt_contains": "bad"}, "replies": [{"status": 400, "body": {"error": {"message": "no way"}}}]},
        {"when": {"prompt_contains": "limit"}, "replies": [
            {"status": 429, "body": {"error": {"type": "usage_limit_reached", "message": "limit", "plan_type": "plus"}}}]},
        {"when": {"prompt_contains": "context"}, "replies": [{"end": {"failed": {"code": "context_length_exceeded"}}}]},
        {"when": {"prompt_contains": "incomplete"}, "replies": [{"items": ["partial"], "end": {"incomplete": "max_output_tokens"}}], "repeat": "last"}]}"#;
    let (model, _workspace, mut server, thread) = start("errors", script).await;
    let turn = server.turn(&thread, "bad").await;
    assert_eq!(turn.end["status"], "failed");
    assert!(turn.end["error"]["message"].to_string().contains("no way"));
    let turn = server.turn(&thread, "limit").await;
    assert_eq!(turn.end["error"]["codexErrorInfo"], "usageLimitExceeded");
    let turn = server.turn(&thread, "context").await;
    assert_eq!(turn.end["error"]["codexErrorInfo"], "contextWindowExceeded");
    let turn = server.turn(&thread, "incomplete").await;
    assert_eq!(turn.end["status"], "failed");
    assert_eq!(model.requests()[0]["status"], 400);
}

#[tokio::test]
async fn a_cut_stream_is_tried_again() {
    let script = r#"{"replies": [{"items": [{"message": "will be cut", "done": false}, {"cut": true}]}, "after the cut"]}"#;
    let (model, _workspace, mut server, thread) = start("cut", script).await;
    let turn = server.turn(&thread, "go").await;
    assert_eq!(turn.end["status"], "completed");
    assert_eq!(turn.items("agentMessage")[0]["text"], "after the cut");
    // Two messages were started: what came before the cut did arrive.
    let started = turn
        .messages
        .iter()
        .filter(|message| message["method"] == "item/started")
        .filter(|message| message["params"]["item"]["type"] == "agentMessage")
        .count();
    assert_eq!(started, 2);
    assert_eq!(model.requests()[0]["outcome"], "cut");
}

#[tokio::test]
async fn an_exhausted_script_says_so() {
    let script = r#"{"exhausted_status": 400, "replies": ["only one"]}"#;
    let (model, _workspace, mut server, thread) = start("exhausted", script).await;
    assert_eq!(server.turn(&thread, "one").await.end["status"], "completed");
    let end = server.turn(&thread, "two").await.end;
    assert_eq!(end["status"], "failed");
    let message = "the 1 replies of rule 0 were all given";
    assert!(
        end["error"]["message"].to_string().contains(message),
        "{end}"
    );
    assert!(model.requests()[1]["error"].to_string().contains(message));
}

#[tokio::test]
async fn an_interrupted_stream_is_recorded_as_left_by_the_client() {
    let script =
        r#"{"replies": [{"items": [{"message": "one two", "done": false}, {"hang": true}]}]}"#;
    let (model, _workspace, mut server, thread) = start("interrupt", script).await;
    let input = json!([{"type": "text", "text": "go"}]);
    let answer = server
        .request("turn/start", json!({"threadId": thread, "input": input}))
        .await;
    let turn = answer["result"]["turn"]["id"].clone();
    server.notification("item/agentMessage/delta").await;
    server
        .request(
            "turn/interrupt",
            json!({"threadId": thread, "turnId": turn}),
        )
        .await;
    let end = server.notification("turn/completed").await;
    assert_eq!(end["params"]["turn"]["status"], "interrupted");
    for _ in 0..200 {
        if model.requests()[0]["outcome"] == "client_gone" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", model.requests()[0]["outcome"]);
}

#[tokio::test]
async fn steering_is_detected_by_a_rule() {
    let script = r#"{"rules": [
        {"when": {"user_contains": "STEERED"}, "replies": ["saw the steer"]},
        {"replies": [{"items": [{"call": {"name": "exec_command", "arguments": {"cmd": "sleep 0.1"}}}]}], "repeat": "last"}]}"#;
    let (_model, _workspace, mut server, thread) = start("steer", script).await;
    let input = json!([{"type": "text", "text": "go"}]);
    let answer = server
        .request("turn/start", json!({"threadId": thread, "input": input}))
        .await;
    let turn = answer["result"]["turn"]["id"].clone();
    server
        .until(|message| message["params"]["item"]["type"] == "commandExecution")
        .await;
    let input = json!([{"type": "text", "text": "STEERED"}]);
    let params = json!({"threadId": thread, "expectedTurnId": turn, "input": input});
    let answer = server.request("turn/steer", params).await;
    assert_eq!(answer["result"]["turnId"], turn);
    let message = server
        .until(|message| {
            message["method"] == "item/completed"
                && message["params"]["item"]["type"] == "agentMessage"
        })
        .await;
    assert_eq!(message["params"]["item"]["text"], "saw the steer");
}

#[tokio::test]
async fn compaction_needs_no_rule() {
    let (model, _workspace, mut server, thread) = start("compact", r#"{"replies": ["a"]}"#).await;
    server.turn(&thread, "one").await;
    server
        .request("thread/compact/start", json!({"threadId": thread}))
        .await;
    let item = server
        .until(|message| {
            message["method"] == "item/completed"
                && message["params"]["item"]["type"] == "contextCompaction"
        })
        .await;
    assert!(item["params"]["item"]["id"].is_string());
    let end = server.notification("turn/completed").await;
    assert_eq!(end["params"]["turn"]["status"], "completed");
    assert_eq!(model.requests()[1]["kind"], "compaction");
    assert_eq!(model.requests()[1]["rule"], Value::Null);
}

#[tokio::test]
async fn guardian_reviews_need_no_rule_and_take_one() {
    let escalate = |command: &str| {
        Reply::new([Item::call(
            "exec_command",
            json!({"cmd": command, "sandbox_permissions": "require_escalated", "justification": "need it", "yield_time_ms": 30_000}),
        )])
    };
    let deny = json!({"risk_level": "high", "user_authorization": "low", "outcome": "deny", "rationale": "scripted"});
    let mut denied = When::kind(Kind::Guardian);
    denied.last_input_contains = Some("echo second".to_owned());
    let script = Script::default()
        .rule(Rule::new(denied, [Reply::text(deny.to_string())]))
        .rule(Rule::new(
            When::default(),
            [
                escalate("echo first"),
                escalate("echo second"),
                Reply::text("end"),
            ],
        ));
    let model = ScriptedModel::start_script(script).await.unwrap();
    let workspace = Workspace::new("guardian");
    let mut server = AppServer::real(&model, &workspace).await;
    let thread = server
        .thread(json!({
            "cwd": workspace.files(),
            "sandbox": "read-only",
            "approvalPolicy": "on-request",
            "approvalsReviewer": "auto_review",
        }))
        .await;
    let turn = server.turn(&thread, "go").await;
    assert_eq!(turn.end["status"], "completed");
    assert_eq!(turn.count("item/autoApprovalReview/completed"), 2);
    let statuses: Vec<_> = turn
        .items("commandExecution")
        .iter()
        .map(|item| item["status"].clone())
        .collect();
    assert_eq!(statuses, ["completed", "declined"], "{:?}", turn.methods());
    let reviews: Vec<_> = model
        .requests()
        .into_iter()
        .filter(|request| request["kind"] == "guardian")
        .map(|request| request["rule"].clone())
        .collect();
    assert_eq!(reviews, [Value::Null, json!(0)]);
}

#[tokio::test]
async fn rate_limit_headers_reach_the_engine() {
    let script = r#"{"replies": [{"items": ["ok"], "headers": {
        "x-codex-primary-used-percent": 42.5, "x-codex-primary-window-minutes": 300,
        "x-codex-primary-reset-at": 4102444800}}]}"#;
    let (_model, _workspace, mut server, thread) = start("limits", script).await;
    let turn = server.turn(&thread, "go").await;
    let limits: Vec<_> = turn
        .messages
        .iter()
        .filter(|message| message["method"] == "account/rateLimits/updated")
        .map(|message| message["params"]["rateLimits"]["primary"]["windowDurationMins"].clone())
        .collect();
    assert!(limits.contains(&json!(300)), "{limits:?}");
}

#[tokio::test]
async fn exec_json_works_too() {
    let model = ScriptedModel::start(r#"{"replies": ["one-shot answer"]}"#)
        .await
        .unwrap();
    let workspace = Workspace::new("exec");
    let mut command = Command::new(engine());
    command.args(["exec", "--json", "--skip-git-repo-check"]);
    for value in model.config_overrides() {
        command.arg("--config").arg(value);
    }
    let output = command
        .arg("hello")
        .env("CODEX_HOME", workspace.home())
        .env("HOME", workspace.home())
        .current_dir(workspace.files())
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events[0]["type"], "thread.started");
    let message = events
        .iter()
        .find(|event| event["item"]["type"] == "agent_message")
        .unwrap();
    assert_eq!(message["item"]["text"], "one-shot answer");
    assert_eq!(events.last().unwrap()["usage"]["input_tokens"], 10);
}

/// The answer to a raw HTTP request.
async fn http(model: &ScriptedModel, request: &str) -> String {
    let address = model.base_url();
    let address = address.strip_prefix("http://").unwrap();
    let address = address.strip_suffix("/v1").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

fn post(body: &str) -> String {
    format!(
        "POST /v1/responses HTTP/1.1\r\nhost: x\r\nauthorization: Bearer secret\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn other_requests_are_answered_and_recorded() {
    let model = ScriptedModel::start(
        r#"{"models": [{"id": "m"}], "replies": [{"headers": {"x-test": "yes"}}]}"#,
    )
    .await
    .unwrap();
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let answer = http(&model, &get("/v1/models")).await;
    assert!(answer.contains(r#""data":[{"id":"m"}]"#), "{answer}");
    assert!(
        http(&model, &get("/v1/nope"))
            .await
            .starts_with("HTTP/1.1 404")
    );
    assert!(
        http(&model, &post("{bad"))
            .await
            .starts_with("HTTP/1.1 400")
    );
    let answer = http(&model, &post(r#"{"input": []}"#)).await;
    assert!(answer.contains("x-test: yes"), "{answer}");
    assert!(answer.contains("text/event-stream") && answer.contains("response.completed"));
    let requests = model.requests();
    assert_eq!(requests.len(), 4);
    assert_eq!(requests[2]["body"], "{bad");
    assert!(!requests[3].to_string().contains("secret"));
}

#[tokio::test]
async fn waiting_and_dropping() {
    let model = ScriptedModel::start(r#"{"replies": [{"hang": true}]}"#)
        .await
        .unwrap();
    let error = model
        .wait_for_requests(1, Duration::from_millis(30))
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        Error::Timeout {
            wanted: 1,
            got: 0,
            ..
        }
    ));
    let address = model.base_url().replace("http://", "").replace("/v1", "");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(post("{}").as_bytes()).await.unwrap();
    let requests = model.wait_for_requests(1, PATIENCE).await.unwrap();
    assert_eq!(requests[0]["outcome"], "open");
    drop(model);
    // The hanging connection ends with its model, and nobody listens any more.
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest))
        .await
        .unwrap();
    assert!(rest.is_empty());
    assert!(TcpStream::connect(&address).await.is_err());
}
