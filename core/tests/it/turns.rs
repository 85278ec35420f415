//! Threads and turns on the real engine.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use codexkit::{ErrorKind, ServerRequest, StreamState};
use serde_json::{Value, json};

use crate::support::{Bench, eventually, methods, object, processes, prompt, shell};

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_streams_and_folds() {
    let bench = Bench::new(json!({"replies": [
        {"items": [{"reasoning": {"summary": ["**Plan**"]}}, {"message": "Hello there"}]}
    ]}))
    .await;
    let codex = bench.start().await;
    assert_eq!(codex.metadata().engine.source, "codex_bin");
    assert!(!codex.metadata().engine.version.is_empty());
    let thread = bench.thread(&codex).await;
    let turn = thread.turn(prompt("hi"), object(json!({}))).await.unwrap();
    let result = turn.result().await.unwrap();
    // Read only now: nothing that came before is missing.
    let seen = methods(&turn).await;
    assert_eq!(
        seen.first().map(String::as_str),
        Some("turn/started"),
        "{seen:?}"
    );
    assert_eq!(seen.last().map(String::as_str), Some("turn/completed"));
    assert!(
        seen.iter()
            .any(|method| method == "item/agentMessage/delta")
    );
    assert_eq!(result.status, "completed");
    assert_eq!(result.final_response.as_deref(), Some("Hello there"));
    assert!(result.usage.is_some() && result.error.is_none() && !result.recovered);
    assert_eq!(result.items.len(), 3, "user message, reasoning, message");
    codex.close().await.unwrap();
    assert_eq!(
        thread.read(false).await.unwrap_err().kind(),
        ErrorKind::Closed
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn many_turns_at_once_keep_apart() {
    let bench = Bench::new(json!({"replies": ["one answer"], "repeat": "last"})).await;
    let codex = bench.start().await;
    let mut tasks = Vec::new();
    for number in 0..12 {
        let thread = bench.thread(&codex).await;
        tasks.push(tokio::spawn(async move {
            thread
                .run(prompt(&format!("number {number}")), object(json!({})))
                .await
                .unwrap()
        }));
    }
    for task in tasks {
        let result = task.await.unwrap();
        assert_eq!(result.final_response.as_deref(), Some("one answer"));
    }
    let stats = codex.stats();
    assert_eq!(
        (stats.open_turns, stats.pending_requests),
        (0, 0),
        "{stats:?}"
    );
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupting_ends_the_turn_and_its_command() {
    let bench = Bench::new(json!({"replies": [shell("sleep 4711"), "never said"]})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    assert!(
        eventually(20, || !processes("sleep 4711").is_empty()).await,
        "the command runs"
    );
    turn.interrupt().await.unwrap();
    assert_eq!(turn.result().await.unwrap().status, "interrupted");
    assert!(
        eventually(5, || processes("sleep 4711").is_empty()).await,
        "the command is gone"
    );
    // The engine never answers a second one; ours does.
    tokio::time::timeout(Duration::from_secs(2), turn.interrupt())
        .await
        .unwrap()
        .unwrap();
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_a_run_interrupts_it() {
    let bench = Bench::new(json!({"replies": [shell("sleep 4712"), "never said"]})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let params = object(json!({}));
    let run = tokio::time::timeout(Duration::from_secs(2), thread.run(prompt("go"), params)).await;
    assert!(run.is_err());
    let idle = || async {
        let read = thread.read(false).await.unwrap();
        serde_json::from_str::<Value>(read.get()).unwrap()["thread"]["status"]["type"] == "idle"
    };
    let mut ended = false;
    for _ in 0..100 {
        ended = idle().await;
        if ended {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(ended, "the thread is idle again");
    assert!(eventually(5, || processes("sleep 4712").is_empty()).await);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn steering_reaches_the_running_turn() {
    let bench = Bench::new(json!({"replies": [
        {"items": [{"repeat_delta": {"count": 40, "text": "w{i} ", "delay_ms": 50}}]}, "steered"
    ]}))
    .await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    while let Some(event) = turn.events().next().await {
        if event.unwrap().method() == "item/agentMessage/delta" {
            break;
        }
    }
    turn.steer(prompt("other way")).await.unwrap();
    assert_eq!(
        turn.result().await.unwrap().final_response.as_deref(),
        Some("steered")
    );
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn threads_live_on_in_another_engine() {
    let bench = Bench::new(json!({"replies": ["first", "second", "third"]})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    thread.run(prompt("one"), object(json!({}))).await.unwrap();
    thread.set_name("a name").await.unwrap();
    codex.close().await.unwrap();

    let codex = bench.start().await;
    let resumed = codex
        .thread_resume(thread.id(), object(json!({})))
        .await
        .unwrap();
    assert_eq!(resumed.id(), thread.id());
    let result = resumed.run(prompt("two"), object(json!({}))).await.unwrap();
    assert!(result.final_response.is_some());
    let fork = codex
        .thread_fork(thread.id(), object(json!({})))
        .await
        .unwrap();
    assert_ne!(fork.id(), thread.id());
    let read: Value = serde_json::from_str(resumed.read(true).await.unwrap().get()).unwrap();
    assert_eq!(read["thread"]["name"], "a name");
    assert_eq!(read["thread"]["turns"].as_array().unwrap().len(), 2);
    resumed.archive().await.unwrap();
    resumed.unarchive().await.unwrap();
    let list: Value =
        serde_json::from_str(codex.thread_list(object(json!({}))).await.unwrap().get()).unwrap();
    assert!(!list["data"].as_array().unwrap().is_empty());
    codex.close().await.unwrap();
}

pub(crate) fn escalation() -> Value {
    json!({"replies": [
        {"items": [{"call": {"name": "exec_command", "arguments": {
            "cmd": "touch approved.txt", "sandbox_permissions": "require_escalated", "justification": "need it",
        }}}]},
        "done",
    ]})
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_handler_approvals_are_declined() {
    let bench = Bench::new(escalation()).await;
    let codex = bench.start().await;
    let mut params = bench.thread_params();
    params.extend(object(json!({
        "sandbox": "read-only", "approvalPolicy": "on-request", "approvalsReviewer": "user",
    })));
    let thread = codex.thread_start(params).await.unwrap();
    let result = thread.run(prompt("go"), object(json!({}))).await.unwrap();
    assert_eq!(result.status, "completed");
    assert!(
        result
            .items
            .iter()
            .any(|item| item.get().contains("declined")),
        "{result:?}"
    );
    assert!(!bench.work().join("approved.txt").exists());
    assert!(
        codex
            .diagnostics()
            .iter()
            .any(|seen| seen.message.contains("no handler"))
    );
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_answers_and_delays_nobody() {
    let bench = Bench::new(escalation()).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let mut options = bench.options();
    options.server_requests = Some(Arc::new(move |request: ServerRequest| {
        assert_eq!(request.method(), "item/commandExecution/requestApproval");
        assert!(request.params().contains("touch approved.txt"));
        counter.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let answer = serde_json::value::to_raw_value(&json!({"decision": "accept"})).unwrap();
            request.respond(&answer);
        });
    }));
    let codex = codexkit::Codex::start(options).await.unwrap();
    let mut params = bench.thread_params();
    params.extend(object(json!({
        "sandbox": "read-only", "approvalPolicy": "on-request", "approvalsReviewer": "user",
    })));
    let thread = codex.thread_start(params).await.unwrap();
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    let result = turn.result().await.unwrap();
    assert_eq!(
        (result.status.as_str(), asked.load(Ordering::SeqCst)),
        ("completed", 1)
    );
    // The engine gives a slow command back to the model before it has ended.
    let made = bench.work().join("approved.txt");
    assert!(
        eventually(10, || made.exists()).await,
        "{result:?} {:?}",
        codex.diagnostics()
    );
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_turn_is_a_result() {
    let bench = Bench::new(json!({"replies": [
        {"status": 400, "body": {"error": {"message": "Bad request", "type": "invalid_request_error"}}}
    ]}))
    .await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let result = thread.run(prompt("go"), object(json!({}))).await.unwrap();
    assert_eq!(result.status, "failed");
    assert!(result.error.unwrap().get().contains("message"));
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unread_turn_is_bounded_and_its_result_exact() {
    let bench = Bench::new(json!({"replies": [
        {"items": [{"repeat_delta": {"count": 3000, "text": "word{i} ", "delay_ms": 0}}]}
    ]}))
    .await;
    let mut options = bench.options();
    options.queue.soft_events = 50;
    let codex = codexkit::Codex::start(options).await.unwrap();
    let thread = bench.thread(&codex).await;
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    let answer = turn.result().await.unwrap().final_response.unwrap();
    let mut events = VecDeque::new();
    assert!(matches!(
        turn.events().drain(&mut events, usize::MAX),
        StreamState::Ended
    ));
    assert!(events.len() < 100, "{} events", events.len());
    let mut streamed = String::new();
    let mut merged = 0;
    for event in &events {
        if event.method() == "item/agentMessage/delta" {
            let params: Value = serde_json::from_str(event.params()).unwrap();
            streamed.push_str(params["delta"].as_str().unwrap());
            merged += event.merged();
        }
    }
    assert_eq!(streamed, answer, "joined deltas keep the whole text");
    assert_eq!(merged, 3000);
    assert!(codex.stats().coalesced_deltas > 2000);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_at_the_call_and_the_client_goes_on() {
    let bench = Bench::new(json!({"replies": ["fine"]})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    for (input, argument) in [
        (vec![], "input"),
        (prompt("  "), "input"),
        (
            vec![json!({"type": "localImage", "path": "/no/such.png"})],
            "input[0]",
        ),
    ] {
        let error = thread.run(input, object(json!({}))).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.argument()),
            (ErrorKind::InvalidArgument, Some(argument))
        );
    }
    let error = codex
        .thread_start(object(json!({"cwd": "/no/such/folder"})))
        .await
        .err()
        .unwrap();
    assert_eq!(error.argument(), Some("cwd"));
    let error = codex
        .thread_start(object(json!({"sandbox": "nonsense"})))
        .await
        .err()
        .unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(error.argument(), Some("sandbox"));
    let error = codex.thread_read("no-thread", false).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rpc);
    let error = codex
        .request("no/such/method", None, None)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(-32600), "{error}");
    assert_eq!(
        thread
            .run(prompt("go"), object(json!({})))
            .await
            .unwrap()
            .status,
        "completed"
    );
    codex.close().await.unwrap();
}
