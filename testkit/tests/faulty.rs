//! The faulty engine: healthy with an empty plan, and every misbehaviour of the plan format.

#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{AppServer, PATIENCE};
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

const BINARY: &str = env!("CARGO_BIN_EXE_codexkit-testkit");

/// Starts an engine with the plan, without a handshake.
fn raw(plan: &str) -> AppServer {
    let mut command = Command::new(BINARY);
    command
        .args(["faulty", "--plan", plan])
        .stderr(Stdio::null());
    AppServer::start(command)
}

/// Starts an engine with the plan, past the handshake and with a thread.
async fn start(plan: &str) -> (AppServer, String) {
    let mut server = raw(plan);
    server.initialize().await;
    let thread = server.thread(json!({"cwd": "/tmp"})).await;
    server.notification("thread/started").await;
    (server, thread)
}

/// A plan of one fault.
fn fault(on: &str, rest: &Value) -> String {
    let mut fault = rest.clone();
    fault["on"] = Value::from(on);
    json!({"faults": [fault]}).to_string()
}

/// A plan that does `action` before the second delta of the first turn.
fn at_delta(action: &Value) -> String {
    fault(
        "item/agentMessage/delta",
        &json!({"nth": 2, "do": [action]}),
    )
}

async fn start_turn(server: &mut AppServer, thread: &str) -> String {
    let input = json!([{"type": "text", "text": "go"}]);
    let answer = server
        .request("turn/start", json!({"threadId": thread, "input": input}))
        .await;
    answer["result"]["turn"]["id"].as_str().unwrap().to_owned()
}

/// The lines of a turn with `action` in its middle, up to its end.
async fn lines_with(action: &Value) -> Vec<String> {
    let (mut server, thread) = start(&at_delta(action)).await;
    start_turn(&mut server, &thread).await;
    let mut lines = Vec::new();
    loop {
        let line = server.line().await.unwrap();
        let end = line.contains("\"turn/completed\"");
        lines.push(line);
        if end {
            return lines;
        }
    }
}

fn is_gone(pid: u64) -> bool {
    // A zombie is gone too: nobody reaps the processes that outlive their parent in a container.
    std::fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
}

#[tokio::test]
async fn an_empty_plan_is_healthy() {
    let (mut server, thread) = start("{}").await;
    let turn = server.turn(&thread, "hello").await;
    assert_eq!(turn.end["status"], "completed");
    assert_eq!(turn.items("userMessage")[0]["content"][0]["text"], "hello");
    let text = "Hello from the faulty engine";
    assert_eq!(turn.items("agentMessage")[0]["text"], text);
    assert_eq!(turn.count("item/agentMessage/delta"), 5);
    assert_eq!(turn.end["items"][0]["text"], text);

    let params = json!({"threadId": thread, "includeTurns": true});
    let read = server.request("thread/read", params).await;
    let turns = &read["result"]["thread"]["turns"];
    assert_eq!(turns[0]["status"], "completed");
    assert_eq!(turns[0]["items"][1]["text"], text);
    let list = server.request("thread/list", json!({})).await;
    assert_eq!(list["result"]["data"].as_array().unwrap().len(), 1);
    for method in [
        "thread/archive",
        "thread/unarchive",
        "thread/resume",
        "thread/fork",
    ] {
        let answer = server.request(method, json!({"threadId": thread})).await;
        assert!(answer.get("result").is_some(), "{answer}");
    }
    let answer = server.request("nope/nope", json!({})).await;
    assert_eq!(answer["error"]["code"], -32600);
    let answer = server
        .request("thread/read", json!({"threadId": "x"}))
        .await;
    assert!(
        answer["error"]["message"]
            .as_str()
            .unwrap()
            .contains("thread not found")
    );
    let answer = server.initialize().await;
    assert_eq!(answer["error"]["message"], "Already initialized");
    assert!(server.end().await.success());
}

#[tokio::test]
async fn nothing_works_before_the_handshake() {
    let mut server = raw("{}");
    let answer = server.request("thread/start", json!({})).await;
    assert_eq!(answer["error"]["message"], "Not initialized");
}

#[tokio::test]
async fn turns_can_be_interrupted_and_steered_and_joined() {
    let (mut server, thread) =
        start(r#"{"turn": {"delay_ms": 50, "text": "a b c d e f g h i j k l m n"}}"#).await;
    let turn = start_turn(&mut server, &thread).await;
    server.notification("item/agentMessage/delta").await;
    assert_eq!(
        start_turn(&mut server, &thread).await,
        turn,
        "a busy thread joins"
    );
    let input = json!([{"type": "text", "text": "steered"}]);
    let params = json!({"threadId": thread, "expectedTurnId": turn, "input": input});
    let answer = server.request("turn/steer", params).await;
    assert_eq!(answer["result"]["turnId"], turn);
    let params = json!({"threadId": thread, "turnId": turn});
    server.request("turn/interrupt", params.clone()).await;
    let end = server.notification("turn/completed").await;
    assert_eq!(end["params"]["turn"]["status"], "interrupted");
    let answer = server.request("turn/interrupt", params).await;
    assert!(answer.get("error").is_some());
}

#[tokio::test]
async fn a_turn_can_fail_and_carry_items() {
    let plan = r#"{"turn": {"items": [{"type": "webSearch", "id": "ws_1", "query": "q"}],
                   "error": {"message": "boom", "codexErrorInfo": "other"}}}"#;
    let (mut server, thread) = start(plan).await;
    let turn = server.turn(&thread, "x").await;
    assert_eq!(turn.end["status"], "failed");
    assert_eq!(turn.end["error"]["message"], "boom");
    assert_eq!(turn.items("webSearch").len(), 1);
    assert_eq!(turn.count("error"), 1);
}

#[tokio::test]
async fn silence() {
    let (mut server, thread) = start(&fault("thread/list", &json!({"do": "silence"}))).await;
    server.post("thread/list", json!({})).await;
    let input = json!([{"type": "text", "text": "go"}]);
    let params = json!({"threadId": thread, "input": input});
    server.post("turn/start", params).await;
    let more = tokio::time::timeout(Duration::from_millis(200), server.bytes()).await;
    assert!(more.is_err(), "{more:?}");
    assert!(server.child.try_wait().unwrap().is_none());
}

#[tokio::test]
async fn dying_with_a_code_or_of_a_signal() {
    let (mut server, thread) = start(&at_delta(&json!({"die": {"exit": 3}}))).await;
    start_turn(&mut server, &thread).await;
    while server.line().await.is_some() {}
    assert_eq!(server.end().await.code(), Some(3));

    let mut server = raw(&fault("boot", &json!({"do": "die"})));
    assert_eq!(server.end().await.code(), Some(1));

    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        let mut server = raw(&fault(
            "initialize",
            &json!({"then": {"die": {"signal": "SIGKILL"}}}),
        ));
        server.post("initialize", json!({})).await;
        assert!(server.line().await.is_some(), "it answers first");
        assert!(server.line().await.is_none());
        assert_eq!(server.end().await.signal(), Some(9));
    }
}

#[tokio::test]
async fn bad_lines() {
    let lines = lines_with(&json!("bad_json")).await;
    assert!(lines.contains(&"{this is not json}".to_owned()));
    let lines = lines_with(&json!("blank")).await;
    assert!(lines.contains(&String::new()));
    let lines = lines_with(&json!("array")).await;
    assert!(lines.contains(&"[1,2,3]".to_owned()));
    let lines = lines_with(&json!({"write": "raw ${thread}"})).await;
    assert!(
        lines.iter().any(|line| line.starts_with("raw 0fa17e00")),
        "{lines:?}"
    );
    let lines = lines_with(&json!("lone_surrogate")).await;
    assert!(lines.iter().any(|line| line.contains("\\ud800 end")));
    let lines = lines_with(&json!("duplicate_keys")).await;
    assert!(
        lines
            .iter()
            .any(|line| line.contains("\"delta\":\"first\",\"delta\":\"second\""))
    );
    let lines = lines_with(&json!("truncated")).await;
    let broken = |line: &&String| serde_json::from_str::<Value>(line).is_err();
    assert_eq!(
        lines.iter().filter(broken).count(),
        1,
        "half a line and the next one"
    );
    let lines = lines_with(&json!({"huge_line": 300_000})).await;
    assert!(lines.iter().any(|line| line.len() > 300_000));
}

#[tokio::test]
async fn invalid_utf8_and_bytes() {
    for action in [json!("invalid_utf8"), json!({"write_base64": "/yEK"})] {
        let (mut server, thread) = start(&at_delta(&action)).await;
        start_turn(&mut server, &thread).await;
        loop {
            let line = server.bytes().await.unwrap();
            if std::str::from_utf8(&line).is_err() {
                break;
            }
        }
        server.notification("turn/completed").await;
    }
}

#[tokio::test]
async fn unknown_things() {
    for (word, expected) in [
        ("unknown_notification", "test/unheardOf"),
        ("unknown_item", "hologram"),
        ("unknown_enum", "melted"),
        ("unknown_answer", "987654321"),
    ] {
        let lines = lines_with(&json!(word)).await;
        assert!(lines.iter().any(|line| line.contains(expected)), "{word}");
        for line in lines {
            serde_json::from_str::<Value>(&line).unwrap();
        }
    }
    let notify = json!({"notify": {"method": "test/mine", "params": {"turnId": "${turn}"}}});
    let lines = lines_with(&notify).await;
    assert!(
        lines
            .iter()
            .any(|line| line.contains("test/mine") && line.contains("0fa17e00"))
    );
}

#[tokio::test]
async fn floods() {
    let lines = lines_with(&json!({"flood": 5000})).await;
    let deltas = lines
        .iter()
        .filter(|line| line.contains("agentMessage/delta"));
    assert_eq!(deltas.count(), 5005);
    assert!(lines.iter().any(|line| line.contains("f4999 ")));
    let flood = json!({"flood": {"count": 10, "method": "test/flood", "params": {"i": "${i}"}}});
    let lines = lines_with(&flood).await;
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.contains("test/flood"))
            .count(),
        10
    );
}

#[tokio::test]
async fn stderr_takes_any_bytes() {
    let actions = json!({"do": [{"stderr": "hello"}, {"stderr": {"base64": "//4K"}}, {"stderr": {"bytes": 200_000}}]});
    let mut child = Command::new(BINARY)
        .args(["faulty", "--plan", &fault("boot", &actions)])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut bytes = Vec::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_end(&mut bytes).await.unwrap();
    assert!(bytes.starts_with(b"hello\n\xff\xfe\neee"));
    assert_eq!(bytes.len(), 6 + 3 + 200_000);
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test]
async fn answers_late_twice_never_and_out_of_order() {
    let plan = json!({"faults": [
        {"on": "thread/list", "nth": 1, "answer": {"late_ms": 100}},
        {"on": "thread/list", "nth": 2, "answer": "twice"},
        {"on": "thread/list", "nth": 3, "answer": "after_next"},
        {"on": "thread/list", "nth": 4, "answer": {"error": {"code": -32001, "message": "busy"}}},
        {"on": "thread/list", "nth": 5, "answer": {"result": "odd"}},
        {"on": "thread/list", "answer": "never"},
    ]});
    let (mut server, _) = start(&plan.to_string()).await;
    let late = server.post("thread/list", json!({})).await;
    let quick = server.request("model/list", json!({})).await;
    assert!(quick["id"].as_i64().unwrap() > late);
    server.answer(late).await;
    let twice = server.request("thread/list", json!({})).await;
    assert_eq!(server.answer(twice["id"].as_i64().unwrap()).await, twice);
    let held = server.post("thread/list", json!({})).await;
    let next = server.post("model/list", json!({})).await;
    server.answer(next).await;
    server.answer(held).await;
    let refused = server.request("thread/list", json!({})).await;
    assert_eq!(refused["error"]["code"], -32001);
    let odd = server.request("thread/list", json!({})).await;
    assert_eq!(odd["result"], "odd");
    let never = server.post("thread/list", json!({})).await;
    let after = server.request("model/list", json!({})).await;
    assert!(after["id"].as_i64().unwrap() > never);
    assert!(!server.seen.iter().any(|message| message["id"] == never));
}

#[tokio::test]
async fn a_late_answer_comes_after_the_events_of_its_turn() {
    let plan = fault("turn/start", &json!({"answer": {"late_ms": 200}}));
    let (mut server, thread) = start(&plan).await;
    let input = json!([{"type": "text", "text": "go"}]);
    let params = json!({"threadId": thread, "input": input});
    let id = server.post("turn/start", params).await;
    server.notification("turn/completed").await;
    server.answer(id).await;
}

#[tokio::test]
async fn a_missed_end_is_found_by_reading() {
    let plan = fault("turn/completed", &json!({"answer": "never"}));
    let (mut server, thread) = start(&plan).await;
    start_turn(&mut server, &thread).await;
    server
        .until(|message| message["params"]["status"]["type"] == "idle")
        .await;
    let params = json!({"threadId": thread, "includeTurns": true});
    let read = server.request("thread/read", params).await;
    assert_eq!(read["result"]["thread"]["turns"][0]["status"], "completed");
    assert!(
        !server
            .seen
            .iter()
            .any(|message| message["method"] == "turn/completed")
    );
}

#[tokio::test]
async fn notifications_can_swap_places() {
    let plan = fault(
        "item/agentMessage/delta",
        &json!({"nth": 1, "answer": "after_next"}),
    );
    let (mut server, thread) = start(&plan).await;
    start_turn(&mut server, &thread).await;
    let first = server.notification("item/agentMessage/delta").await;
    let second = server.notification("item/agentMessage/delta").await;
    assert_eq!(first["params"]["delta"], "from ");
    assert_eq!(second["params"]["delta"], "Hello ");
}

#[tokio::test]
async fn approvals_are_asked_and_the_answer_reported() {
    for (kind, method) in [
        ("command", "item/commandExecution/requestApproval"),
        ("file_change", "item/fileChange/requestApproval"),
        ("permissions", "item/permissions/requestApproval"),
        ("user_input", "item/tool/requestUserInput"),
        ("elicitation", "mcpServer/elicitation/request"),
        ("tool_call", "item/tool/call"),
        ("current_time", "currentTime/read"),
    ] {
        let (mut server, thread) = start(&at_delta(&json!({"approval": kind}))).await;
        start_turn(&mut server, &thread).await;
        let asked = server.until(|message| message["method"] == method).await;
        assert_eq!(asked["params"]["threadId"], thread);
        let deltas = |server: &AppServer| {
            let seen = server.seen.iter();
            seen.filter(|message| message["method"] == "item/agentMessage/delta")
                .count()
        };
        assert_eq!(deltas(&server), 1, "the turn waits");
        let result = json!({"decision": "decline"});
        server
            .send(&json!({"id": asked["id"], "result": result}))
            .await;
        let report = server.notification("test/answered").await;
        assert_eq!(report["params"]["result"], result);
        assert_eq!(report["params"]["method"], method);
        server.notification("turn/completed").await;
        assert_eq!(deltas(&server), 5);
    }
}

#[tokio::test]
async fn a_request_need_not_be_waited_for_and_may_be_refused() {
    let request = json!({"request": {"method": "test/ask", "params": {"a": 1}, "wait": false}});
    let (mut server, thread) = start(&at_delta(&request)).await;
    start_turn(&mut server, &thread).await;
    server.notification("turn/completed").await;
    let asked = server
        .seen
        .iter()
        .find(|message| message["method"] == "test/ask");
    let id = asked.unwrap()["id"].clone();
    let error = json!({"code": -32601, "message": "no such method"});
    server.send(&json!({"id": id, "error": error})).await;
    let report = server.notification("test/answered").await;
    assert_eq!(report["params"]["error"], error);
}

#[tokio::test]
async fn a_process_is_left_running() {
    let action = json!({"spawn": {"seconds": 30, "inherit_stdio": true}});
    let (mut server, thread) = start(&at_delta(&action)).await;
    start_turn(&mut server, &thread).await;
    let spawned = server.notification("test/spawned").await;
    let pid = spawned["params"]["pid"].as_u64().unwrap();
    server.notification("turn/completed").await;
    server.stdin = None;
    let status = tokio::time::timeout(PATIENCE, server.child.wait())
        .await
        .unwrap();
    assert!(status.unwrap().success());
    assert!(!is_gone(pid), "it outlives the engine");
    // It holds stdout open, so a client that waits for the end of the output waits for it.
    let more = tokio::time::timeout(Duration::from_millis(100), server.bytes()).await;
    assert!(more.is_err(), "{more:?}");
    let killed = Command::new("kill").arg(pid.to_string()).status().await;
    assert!(killed.unwrap().success());
    assert!(server.line().await.is_none());
}

#[tokio::test]
async fn it_stops_reading() {
    let (mut server, _) = start(&fault("thread/list", &json!({"then": "stop_reading"}))).await;
    server.request("thread/list", json!({})).await;
    server.post("model/list", json!({})).await;
    let more = server.answer(4);
    let more = tokio::time::timeout(Duration::from_millis(200), more).await;
    assert!(more.is_err());
    // The end of stdin is not read either.
    server.stdin = None;
    let end = tokio::time::timeout(Duration::from_millis(200), server.child.wait()).await;
    assert!(end.is_err());
    server.child.kill().await.unwrap();
}

#[tokio::test]
async fn it_closes_its_output_and_goes_on() {
    let (mut server, _) = start(&fault("thread/list", &json!({"do": "close_stdout"}))).await;
    server.post("thread/list", json!({})).await;
    while server.line().await.is_some() {}
    assert!(server.child.try_wait().unwrap().is_none());
    assert!(server.end().await.success());
}

#[tokio::test]
async fn it_ignores_the_end_of_stdin() {
    let (mut server, _) = start(r#"{"ignore_eof": true, "max_seconds": 2}"#).await;
    server.stdin = None;
    let end = tokio::time::timeout(Duration::from_millis(300), server.child.wait()).await;
    assert!(end.is_err(), "it goes on");
    // And ends by itself, so that a failed test leaves nothing behind.
    assert_eq!(server.end().await.code(), Some(124));
}

#[cfg(unix)]
#[tokio::test]
async fn it_ignores_sigterm() {
    use std::os::unix::process::ExitStatusExt;
    for (plan, ignores) in [("{}", false), (r#"{"ignore_sigterm": true}"#, true)] {
        let (mut server, _) = start(plan).await;
        let pid = server.child.id().unwrap().to_string();
        assert!(
            Command::new("kill")
                .arg(pid)
                .status()
                .await
                .unwrap()
                .success()
        );
        if ignores {
            let end = tokio::time::timeout(Duration::from_millis(300), server.child.wait()).await;
            assert!(end.is_err());
            server.request("thread/list", json!({})).await;
            assert!(server.end().await.success(), "it still ends with stdin");
        } else {
            assert_eq!(server.end().await.signal(), Some(15));
        }
    }
}

#[tokio::test]
async fn it_stands_in_for_an_engine_by_its_environment() {
    let mut command = Command::new(BINARY);
    command
        .args(["--config", "a=\"b\"", "app-server", "--listen", "stdio://"])
        .env("CODEXKIT_FAULTY", r#"{"version": "0.1.2"}"#);
    let mut server = AppServer::start(command);
    let answer = server.initialize().await;
    let agent = answer["result"]["userAgent"].as_str().unwrap();
    assert!(agent.starts_with("testkit/0.1.2 "), "{agent}");
    let output = Command::new(BINARY)
        .arg("--version")
        .env("CODEXKIT_FAULTY", r#"{"version": "0.1.2"}"#)
        .output()
        .await
        .unwrap();
    assert_eq!(output.stdout, b"codex-cli 0.1.2\n");
}

#[tokio::test]
async fn a_bad_plan_is_refused() {
    let output = Command::new(BINARY)
        .args([
            "faulty",
            "--plan",
            r#"{"faults": [{"on": "x", "do": "dye"}]}"#,
        ])
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("plan: faults[0].do: unknown action \"dye\""),
        "{text}"
    );
}
