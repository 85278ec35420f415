//! The moments between: handles dropped, calls repeated and pipes closed at the wrong time.

use std::path::PathBuf;
use std::time::Duration;

use codexkit::{Codex, CodexOptions, ErrorKind};
use serde_json::{Value, json};

use crate::engine::script;
use crate::faults::{has, options, soon, start, turn};
use crate::support::{Bench, engine, eventually, object, prompt};

const HELLO: &str =
    r#"read line; echo '{"id":1,"result":{"userAgent":"codexkit/0.163.0"}}'; read line"#;

fn scripted(body: &str) -> (tempfile::TempDir, CodexOptions) {
    let (folder, path) = script(&format!("{HELLO}\n{body}"));
    let options = CodexOptions {
        codex_bin: Some(path),
        ..Default::default()
    };
    (folder, options)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_client_lets_the_engine_finish_its_work() {
    let (folder, options) = scripted("cat >/dev/null; sleep 0.5; echo yes >written");
    let mut options = options;
    options.cwd = Some(folder.path().to_owned());
    drop(Codex::start(options).await.unwrap());
    let written = folder.path().join("written");
    assert!(
        eventually(5, || written.exists()).await,
        "it was killed at once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_closes_its_output_fails_everybody() {
    let codex = start(json!({"faults": [{"on": "turn/started", "then": ["close_stdout"]}]})).await;
    let (_thread, turn) = turn(&codex).await;
    let error = soon(turn.result()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert!(error.to_string().contains("output"), "{error}");
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_closes_its_input_fails_everybody() {
    let (_folder, options) = scripted("exec <&-; while :; do sleep 0.1; done");
    let codex = Codex::start(options).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let error = soon(codex.request("model/list", None, None))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    assert!(error.to_string().contains("input"), "{error}");
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_cannot_be_written_meets_the_deadline() {
    let (_folder, mut options) = scripted("while :; do sleep 0.1; done");
    options.request_timeout = Duration::from_millis(300);
    options.close_timeout = Duration::from_millis(100);
    let codex = Codex::start(options).await.unwrap();
    let big = serde_json::value::to_raw_value(&"x".repeat(200_000)).unwrap();
    let mut last = Ok(());
    for _ in 0..100 {
        last = soon(codex.notify("x", Some(big.clone()))).await;
        if last.is_err() {
            break;
        }
    }
    assert_eq!(last.unwrap_err().kind(), ErrorKind::Timeout);
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_spread_over_lines_arrive_whole() {
    let codex = start(json!({})).await;
    let params = serde_json::value::RawValue::from_string("{\n  \"limit\":\r\n 3\n}".to_owned());
    let answer = codex.request(
        "thread/list",
        Some(params.unwrap()),
        Some(Duration::from_secs(5)),
    );
    soon(answer).await.unwrap();
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_given_relative_to_here_is_found_from_any_folder() {
    let (folder, path) = script(&format!("{HELLO}\ncat >/dev/null"));
    let here = std::env::current_dir().unwrap();
    let up = here.components().skip(1).map(|_| "..").collect::<PathBuf>();
    let options = CodexOptions {
        codex_bin: Some(up.join(path.strip_prefix("/").unwrap())),
        cwd: Some(folder.path().to_owned()),
        ..Default::default()
    };
    let codex = Codex::start(options).await.unwrap();
    assert!(codex.metadata().engine.path.is_absolute());
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_applications_own_version_is_not_taken_for_the_engines() {
    let bench = Bench::new(json!({"replies": []})).await;
    for name in ["my app 0.1.0", "tool/0.2.0"] {
        let mut options = bench.options();
        options.client_name = name.to_owned();
        let codex = Codex::start(options).await.unwrap();
        let info = codex.metadata();
        assert!(info.user_agent.starts_with(name), "{}", info.user_agent);
        assert_ne!(
            info.server_version.as_deref(),
            Some(&name[name.len() - 5..])
        );
        assert_eq!(info.server_name.as_deref(), Some(name));
        codex.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_with_dots_and_spaces_reach_the_engine() {
    let bench = Bench::new(json!({"replies": []})).await;
    let mut options = bench.options();
    let server = json!({"command": "true", "enabled": false});
    options.config = object(json!({
        "mcp_servers": {"a.b": server, "my server": server, "k=v": server, "plain": server},
        "features": {"goals": true},
    }));
    let codex = Codex::start(options).await.unwrap();
    let params = serde_json::value::to_raw_value(&json!({"includeLayers": false})).unwrap();
    let read = codex
        .request("config/read", Some(params), None)
        .await
        .unwrap();
    let read: Value = serde_json::from_str(read.get()).unwrap();
    for name in ["a.b", "my server", "k=v", "plain"] {
        assert_eq!(
            read["config"]["mcp_servers"][name]["command"], "true",
            "{name}: {read}"
        );
    }
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_can_be_interrupted_as_soon_as_it_is_known() {
    let slow = json!({"items": [{"repeat_delta": {"count": 200, "text": "w ", "delay_ms": 50}}]});
    let bench = Bench::new(json!({"replies": ["first", slow.clone(), slow]})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    thread.run(prompt("one"), object(json!({}))).await.unwrap();
    for _ in 0..2 {
        let turn = thread
            .turn(prompt("more"), object(json!({})))
            .await
            .unwrap();
        turn.interrupt().await.unwrap();
        assert_eq!(soon(turn.result()).await.unwrap().status, "interrupted");
    }
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_given_up_while_it_starts_does_not_go_on() {
    let slow = json!({"items": [{"repeat_delta": {"count": 400, "text": "w ", "delay_ms": 50}}]});
    let bench = Bench::new(json!({"replies": ["first", slow], "repeat": "last"})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    thread.run(prompt("one"), object(json!({}))).await.unwrap();
    for micros in [200, 1000, 3000, 6000, 9000, 12_000] {
        let start = thread.turn(prompt("more"), object(json!({})));
        if let Ok(turn) = tokio::time::timeout(Duration::from_micros(micros), start).await {
            // A handle that is dropped lets its turn go on, by design.
            turn.unwrap().interrupt().await.unwrap();
        }
    }
    let mut status = Value::Null;
    for _ in 0..100 {
        let read = thread.read(false).await.unwrap();
        status =
            serde_json::from_str::<Value>(read.get()).unwrap()["thread"]["status"]["type"].clone();
        if status == "idle" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(status, "idle");
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_end_is_recovered_where_the_engine_keeps_no_turns() {
    let refusal = json!({"error": {"code": -32600, "message": "ephemeral threads do not support includeTurns"}});
    let codex = start(json!({"faults": [
        {"on": "turn/completed", "answer": "never"},
        {"on": "thread/read", "nth": 1, "answer": refusal},
    ]}))
    .await;
    let (_thread, turn) = turn(&codex).await;
    let result = soon(turn.result()).await.unwrap();
    assert!(
        result.recovered && result.status == "completed",
        "{result:?}"
    );
    assert!(result.final_response.is_some());
    assert!(has(&codex, codexkit::DiagnosticKind::Recovered));
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn both_handles_of_a_turn_get_its_recovered_end() {
    let codex = start(
        json!({"turn": {"delay_ms": 100}, "faults": [{"on": "turn/completed", "answer": "never"}]}),
    )
    .await;
    let (thread, first) = turn(&codex).await;
    let second = thread
        .turn(prompt("more"), object(json!({})))
        .await
        .unwrap();
    let results = async { tokio::join!(first.result(), second.result()) };
    let (one, two) = soon(results).await;
    assert!(one.unwrap().recovered);
    assert!(two.unwrap().recovered);
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_ever_is_no_overflow() {
    let codex = start(json!({})).await;
    let (_thread, turn) = turn(&codex).await;
    let waited = tokio::task::spawn_blocking(move || {
        let some = turn.events().wait_blocking(Duration::MAX);
        (some, turn.result_blocking(Duration::MAX))
    });
    let (some, result) = soon(waited).await.unwrap();
    assert!(some);
    assert_eq!(result.unwrap().unwrap().status, "completed");
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answered_request_leaves_no_timer_behind() {
    let request = json!({"request": {"method": "item/fileChange/requestApproval", "params": {"threadId": "${thread}", "turnId": "${turn}"}, "wait": true}});
    let mut options = options(&json!({"faults": [{"on": "turn/started", "then": [request]}]}));
    options.server_requests = Some(std::sync::Arc::new(|request: codexkit::ServerRequest| {
        request.decline("no");
    }));
    let metrics = tokio::runtime::Handle::current().metrics();
    let codex = Codex::start(options).await.unwrap();
    let (_thread, turn) = turn(&codex).await;
    soon(turn.result()).await.unwrap();
    drop((_thread, turn));
    soon(codex.close()).await.unwrap();
    drop(codex);
    assert!(
        eventually(3, || metrics.num_alive_tasks() == 0).await,
        "{} tasks live on",
        metrics.num_alive_tasks()
    );
}

#[test]
fn a_client_outlives_its_runtime_without_harm() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (codex, pid) = runtime.block_on(async {
        let options = CodexOptions {
            codex_bin: Some(engine()),
            ..Default::default()
        };
        let (_folder, home) = (crate::support::folder(), crate::support::folder());
        let mut options = options;
        options
            .env
            .set
            .push(("CODEX_HOME".to_owned(), home.path().display().to_string()));
        let codex = Codex::start(options).await.unwrap();
        let pid = codex.pid().unwrap();
        (codex, pid)
    });
    drop(runtime);
    let gone = || !std::path::Path::new(&format!("/proc/{pid}/exe")).exists();
    let deadline = std::time::Instant::now() + Duration::from_secs(5);
    while !gone() && std::time::Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(gone(), "the engine went with the runtime");
    drop(codex.thread("t"));
    drop(codex);
}
