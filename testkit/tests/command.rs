//! The command: the scripted model as a process, and the replay engine in both its modes.

#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{AppServer, PATIENCE, Workspace};
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

const BINARY: &str = env!("CARGO_BIN_EXE_codexkit-testkit");

fn replay(plan: &Value) -> Command {
    let mut command = Command::new(BINARY);
    command.env("CODEXKIT_REPLAY", plan.to_string()).args([
        "--config",
        "x=1",
        "app-server",
        "--listen",
        "stdio://",
    ]);
    command
}

#[tokio::test]
async fn the_model_runs_until_stdin_closes() {
    let workspace = Workspace::new("command");
    let script = workspace.files().join("script.json");
    let log = workspace.files().join("log.jsonl");
    std::fs::write(&script, r#"{"replies": ["hi"]}"#).unwrap();
    let mut child = Command::new(BINARY)
        .args(["model", "--script"])
        .arg(&script)
        .arg("--log")
        .arg(&log)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).await.unwrap();
    let address = line.trim().strip_prefix("listening http://").unwrap();
    let address = address.strip_suffix("/v1").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "POST /v1/responses HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("output_text.delta"), "{answer}");
    drop(child.stdin.take());
    let status = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap();
    assert!(status.unwrap().success());
    let log: Value = serde_json::from_str(&std::fs::read_to_string(log).unwrap()).unwrap();
    assert_eq!((&log["n"], &log["rule"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn a_wrong_script_is_refused() {
    let workspace = Workspace::new("wrong");
    let script = workspace.files().join("script.json");
    std::fs::write(&script, r#"{"replys": []}"#).unwrap();
    let output = Command::new(BINARY)
        .args(["model", "--script"])
        .arg(&script)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("script: replys: unknown key"));
}

#[tokio::test]
async fn replayed_turns_have_their_lines_and_frame() {
    let mut server = AppServer::start(replay(&json!({"events": 3000, "kind": "mix"})));
    server.initialize().await;
    let thread = server.thread(json!({})).await;
    for (prompt, events) in [("all of them", 3000), ("just events=7", 7)] {
        let turn = server.turn(&thread, prompt).await;
        assert_eq!(turn.end["status"], "completed");
        let of_turn = turn
            .messages
            .iter()
            .filter(|message| message["params"]["turnId"] == turn.end["id"])
            .count();
        // The frame's own: the message started and completed, and the usage.
        assert_eq!(of_turn, events + 3, "{prompt}");
    }
    assert!(server.end().await.success());
}

#[tokio::test]
async fn turns_are_streamed_at_once() {
    let mut server = AppServer::start(replay(&json!({"events": 400, "turns": 4})));
    server.initialize().await;
    let mut turns = Vec::new();
    for _ in 0..4 {
        let thread = server.thread(json!({})).await;
        let params = json!({"threadId": thread, "input": []});
        let answer = server.request("turn/start", params).await;
        turns.push(answer["result"]["turn"]["id"].clone());
    }
    for _ in 0..4 {
        server.notification("turn/completed").await;
    }
    for turn in turns {
        let deltas = server.seen.iter().filter(|message| {
            message["method"] == "item/agentMessage/delta" && message["params"]["turnId"] == turn
        });
        assert_eq!(deltas.count(), 100);
    }
}

#[tokio::test]
async fn paced_deltas_say_when_they_were_written() {
    let mut server = AppServer::start(replay(&json!({"events": 5, "rate": 100})));
    server.initialize().await;
    let thread = server.thread(json!({})).await;
    let turn = server.turn(&thread, "go").await;
    let times: Vec<u128> = turn
        .messages
        .iter()
        .filter(|message| message["method"] == "item/agentMessage/delta")
        .map(|message| {
            message["params"]["delta"]
                .as_str()
                .unwrap()
                .parse()
                .unwrap()
        })
        .collect();
    assert_eq!(times.len(), 5);
    assert!(times[4] - times[0] >= 39_000_000, "{times:?}");
}

#[tokio::test]
async fn recorded_lines_are_replayed() {
    let workspace = Workspace::new("lines");
    let file = workspace.files().join("lines.jsonl");
    let line = json!({"method": "item/plan/delta", "params": {"threadId": "T", "turnId": "U", "itemId": "p", "delta": "x"}});
    std::fs::write(&file, format!("{line}\n")).unwrap();
    let mut command = Command::new(BINARY);
    command
        .args(["replay", "--events", "12", "--lines"])
        .arg(&file);
    let mut server = AppServer::start(command);
    server.initialize().await;
    let thread = server.thread(json!({})).await;
    let turn = server.turn(&thread, "go").await;
    assert_eq!(turn.count("item/plan/delta"), 12);
}

#[tokio::test]
async fn calls_of_a_tool_are_timed() {
    let workspace = Workspace::new("calls");
    let report = workspace.files().join("report.json");
    let calls = json!({"count": 3, "tool": "look_up", "arguments": {"key": 1}, "report": report});
    let mut server = AppServer::start(replay(&json!({"events": 0, "calls": calls})));
    server.initialize().await;
    let thread = server.thread(json!({})).await;
    let input = json!([{"type": "text", "text": "go"}]);
    let turn = json!({"threadId": thread, "input": input});
    server.post("turn/start", turn).await;
    for number in 0..3 {
        let is_call = |message: &Value| message["method"] == "item/tool/call";
        let call = server.until(is_call).await;
        let params = &call["params"];
        assert_eq!(
            (&params["tool"], &params["arguments"]),
            (&json!("look_up"), &json!({"key": 1}))
        );
        assert_eq!(params["callId"], format!("call_{number}"));
        let result = json!({"contentItems": [], "success": true});
        let answer = json!({"id": call["id"], "result": result});
        server.send(&answer).await;
    }
    server.notification("turn/completed").await;
    let told: Value = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    assert_eq!(told["calls_timed"], 3);
    assert!(told["call_p50"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn exec_writes_thread_events() {
    let mut child = Command::new(BINARY)
        .args(["exec", "--experimental-json", "--model", "x"])
        .env("CODEXKIT_REPLAY", r#"{"events": 40}"#)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"a prompt").await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let types: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(types.len(), 44);
    assert_eq!(
        types[..3],
        ["thread.started", "turn.started", "item.updated"]
    );
    assert_eq!(types[42..], ["item.completed", "turn.completed"]);
}
