//! Connections that are lost, and what becomes of turns, requests and approvals.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use codexkit::{Codex, DiagnosticKind, ErrorKind, Event, ServerRequest};
use codexkit_testkit::proxy::Mode;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::several::{accept, asking};
use super::{Remote, once, until};
use crate::support::{eventually, item_fields, methods, object, prompt, shell};
use crate::turns::escalation;

const MARKER: &str = "codexkit/reconnected";

/// A first message, then one that takes its time.
fn slow() -> Value {
    json!({"replies": [
        {"items": [
            {"message": "early"},
            {"call": {"name": "exec_command", "arguments": {"cmd": "touch began; while [ ! -e go ]; do sleep 0.05; done; echo done"}}}
        ]},
        {"items": [{"repeat_delta": {"count": 10, "text": "w{i} ", "delay_ms": 5}}]},
        "afterwards"
    ], "repeat": "last"})
}

fn params(event: &Event) -> Value {
    serde_json::from_str(event.params()).unwrap()
}

const ALL: [&str; 4] = [
    "userMessage",
    "agentMessage",
    "commandExecution",
    "agentMessage",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_goes_on_after_its_connection_was_cut() {
    let remote = Remote::new(slow(), true).await;
    let codex = Codex::start(remote.proxied()).await.unwrap();
    let thread = remote.bench.thread(&codex).await;
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    let before = until(&turn, "item/completed").await;
    assert!(eventually(20, || remote.bench.work().join("began").exists()).await);
    remote.proxy.cut();
    assert!(
        eventually(5, || codex
            .diagnostics()
            .iter()
            .any(|one| one.kind == DiagnosticKind::Connection))
        .await
    );
    // A request made now waits for the connection.
    thread.read(false).await.unwrap();
    let mut seen = before;
    seen.extend(until(&turn, MARKER).await);
    let marker = seen.last().unwrap();
    assert_eq!(
        params(marker),
        json!({"threadId": thread.id(), "turnId": turn.id(), "attempt": 1})
    );
    assert!(marker.is_recovered());
    std::fs::write(remote.bench.work().join("go"), "").unwrap();
    seen.extend(until(&turn, "turn/completed").await);
    let result = turn.result().await.unwrap();
    assert_eq!(
        (result.status.as_str(), result.recovered),
        ("completed", false)
    );
    assert_eq!(item_fields(&result, "type"), ALL);
    assert!(result.final_response.unwrap().starts_with("w0 w1 "));
    assert!(result.usage.is_some());
    // Every item completed once.
    let mut completed: Vec<_> = seen
        .iter()
        .filter(|event| event.method() == "item/completed")
        .map(|event| event.item_id().unwrap().to_owned())
        .collect();
    let count = completed.len();
    completed.dedup();
    assert_eq!((completed.len(), count), (4, 4));
    // The thread is followed as before.
    let next = thread.run(prompt("more"), object(json!({}))).await.unwrap();
    assert_eq!(next.final_response.as_deref(), Some("afterwards"));
    assert_eq!(remote.proxy.connections(), 2);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_ended_meanwhile_gets_its_end() {
    let remote = Remote::new(slow(), false).await;
    let codex = Codex::start(remote.proxied()).await.unwrap();
    let other = Codex::start(remote.direct()).await.unwrap();
    let thread = remote.bench.thread(&codex).await;
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    assert!(eventually(20, || remote.bench.work().join("began").exists()).await);
    let watched = other
        .thread_resume(thread.id(), object(json!({})))
        .await
        .unwrap();
    remote.proxy.set(Mode::Refuse);
    remote.proxy.cut();
    std::fs::write(remote.bench.work().join("go"), "").unwrap();
    let watching = other.notifications();
    while watching.next().await.unwrap().unwrap().method() != "turn/completed" {}
    remote.proxy.set(Mode::Pass);
    let seen = methods(&turn).await;
    let marker = seen.iter().position(|method| method == MARKER).unwrap();
    assert_eq!(seen.last().map(String::as_str), Some("turn/completed"));
    assert!(
        seen[marker..]
            .iter()
            .any(|method| method == "item/completed")
    );
    let result = turn.result().await.unwrap();
    assert_eq!(
        (result.status.as_str(), result.recovered),
        ("completed", true)
    );
    assert_eq!(item_fields(&result, "type"), ALL);
    assert!(result.final_response.is_some() && result.usage.is_some());
    assert!(result.duration_ms.is_some());
    assert_eq!(watched.id(), thread.id());
    codex.close().await.unwrap();
    other.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_an_answer_is_told_and_idle_threads_are_followed_again() {
    let remote = Remote::new(slow(), false).await;
    let codex = Codex::start(remote.proxied()).await.unwrap();
    let busy = remote.bench.thread(&codex).await;
    let quiet = remote.bench.thread(&codex).await;
    let notifications = codex.subscribe();
    remote.proxy.set(Mode::Hold);
    let asking = quiet.clone();
    let waiting = tokio::spawn(async move { asking.read(false).await });
    assert!(eventually(5, || codex.stats().pending_requests == 1).await);
    remote.proxy.set(Mode::Pass);
    remote.proxy.cut();
    match waiting.await.unwrap() {
        // The answer may have made it.
        Ok(_) => {}
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Closed);
            assert!(
                error.to_string().contains("being re-established"),
                "{error}"
            );
        }
    }
    loop {
        let event = notifications.next().await.unwrap().unwrap();
        if event.method() == MARKER {
            assert_eq!(params(&event), json!({"attempt": 1}));
            break;
        }
        assert_ne!(event.method(), "configWarning", "it was told before");
    }
    let found = codex.diagnostics();
    assert!(
        found
            .iter()
            .any(|one| one.kind == DiagnosticKind::Connection),
        "{found:?}"
    );
    // Neither thread had a turn, so that the engine could not resume them; their turns are seen all the same.
    std::fs::write(remote.bench.work().join("go"), "").unwrap();
    let turn = busy.turn(prompt("go"), object(json!({}))).await.unwrap();
    let seen = methods(&turn).await;
    assert_eq!(seen.last().map(String::as_str), Some("turn/completed"));
    assert!(seen.iter().any(|method| method == MARKER), "{seen:?}");
    assert_eq!(item_fields(&turn.result().await.unwrap(), "type"), ALL);
    let second = busy.turn(prompt("go"), object(json!({}))).await.unwrap();
    let seen = methods(&second).await;
    assert!(!seen.iter().any(|method| method == MARKER), "{seen:?}");
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_twice_and_a_late_answer_counts() {
    let remote = Remote::new(escalation(), false).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let held: Arc<Mutex<Option<ServerRequest>>> = Arc::default();
    let mut options = remote.proxied();
    let (count, keep) = (asked.clone(), held.clone());
    options.server_requests = Some(Arc::new(move |request: ServerRequest| {
        count.fetch_add(1, Ordering::SeqCst);
        *keep.try_lock().unwrap() = Some(request);
    }));
    let codex = Codex::start(options).await.unwrap();
    let thread = codex.thread_start(asking(&remote)).await.unwrap();
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    assert!(eventually(20, || asked.load(Ordering::SeqCst) == 1).await);
    remote.proxy.cut();
    until(&turn, MARKER).await;
    assert!(
        eventually(5, || codex.stats().server_requests == 2).await,
        "the engine asks again"
    );
    held.lock().await.take().unwrap().respond(&accept());
    until(&turn, "turn/completed").await;
    assert!(remote.bench.work().join("approved.txt").exists());
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_is_given_again() {
    let remote = Remote::new(escalation(), false).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let held: Arc<Mutex<Option<ServerRequest>>> = Arc::default();
    let mut options = remote.proxied();
    let (count, keep) = (asked.clone(), held.clone());
    options.server_requests = Some(Arc::new(move |request: ServerRequest| {
        count.fetch_add(1, Ordering::SeqCst);
        *keep.try_lock().unwrap() = Some(request);
    }));
    let codex = Codex::start(options).await.unwrap();
    let thread = codex.thread_start(asking(&remote)).await.unwrap();
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    assert!(eventually(20, || asked.load(Ordering::SeqCst) == 1).await);
    remote.proxy.set(Mode::Refuse);
    remote.proxy.cut();
    assert!(
        eventually(5, || codex
            .diagnostics()
            .iter()
            .any(|one| one.kind == DiagnosticKind::Connection))
        .await
    );
    held.lock().await.take().unwrap().respond(&accept());
    remote.proxy.set(Mode::Pass);
    until(&turn, "turn/completed").await;
    assert!(remote.bench.work().join("approved.txt").exists());
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_has_gone_silent_is_noticed() {
    let remote = Remote::new(slow(), false).await;
    let mut options = remote.proxied();
    options.remote.as_mut().unwrap().keep_alive = Duration::from_millis(500);
    let codex = Codex::start(options).await.unwrap();
    let notifications = codex.subscribe();
    remote.proxy.set(Mode::Hold);
    assert!(
        eventually(10, || codex
            .diagnostics()
            .iter()
            .any(|one| one.message.contains("nothing came")))
        .await,
        "{:?}",
        codex.diagnostics()
    );
    remote.proxy.set(Mode::Pass);
    while notifications.next().await.unwrap().unwrap().method() != MARKER {}
    codex.thread_list(object(json!({}))).await.unwrap();
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_gone_for_good_closes_the_client() {
    let mut remote = Remote::new(json!({"replies": [shell("sleep 4713"), "never"]}), false).await;
    let mut options = remote.proxied();
    options.remote.as_mut().unwrap().reconnect.max_attempts = 5;
    let codex = Codex::start(options).await.unwrap();
    let thread = remote.bench.thread(&codex).await;
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    until(&turn, "turn/started").await;
    remote.engine.kill().await;
    let error = turn.result().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert!(error.to_string().contains("in 5 attempts"), "{error}");
    assert!(codex.is_closed());
    let error = thread.read(false).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_policy_a_lost_connection_is_the_end() {
    let remote = Remote::new(slow(), false).await;
    let codex = Codex::start(once(remote.proxied())).await.unwrap();
    let thread = remote.bench.thread(&codex).await;
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    until(&turn, "turn/started").await;
    remote.proxy.cut();
    let error = turn.result().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert!(error.to_string().contains("not re-established"), "{error}");
    assert_eq!(remote.proxy.connections(), 1);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_wait_no_longer_than_their_deadline() {
    let remote = Remote::new(slow(), false).await;
    let mut options = remote.proxied();
    options.remote.as_mut().unwrap().reconnect.max_attempts = 10_000;
    let codex = Codex::start(options).await.unwrap();
    remote.proxy.set(Mode::Refuse);
    remote.proxy.cut();
    assert!(eventually(5, || !codex.diagnostics().is_empty()).await);
    let error = codex
        .request("model/list", None, Some(Duration::from_millis(100)))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("nothing was sent"), "{error}");
    assert!(!codex.is_closed());
    // Closing does not wait for a connection.
    tokio::time::timeout(Duration::from_secs(2), codex.close())
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ephemeral_thread_is_given_up() {
    let remote = Remote::new(slow(), false).await;
    let codex = Codex::start(remote.proxied()).await.unwrap();
    let mut start = remote.bench.thread_params();
    start.insert("ephemeral".to_owned(), true.into());
    let thread = codex.thread_start(start).await.unwrap();
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    assert!(eventually(20, || remote.bench.work().join("began").exists()).await);
    remote.proxy.cut();
    let error = turn.result().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert!(error.to_string().contains("ephemeral"), "{error}");
    let error = thread
        .run(prompt("go"), object(json!({})))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("ephemeral"), "{error}");
    // Its turn is interrupted, for nobody can follow it.
    let mut idle = false;
    for _ in 0..200 {
        let read = thread.read(false).await.unwrap();
        let read: Value = serde_json::from_str(read.get()).unwrap();
        idle = read["thread"]["status"]["type"] == "idle";
        if idle {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!(idle);
    codex.close().await.unwrap();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_engine_knows_of_no_running_turn() {
    let mut remote = Remote::new(slow(), true).await;
    let codex = Codex::start(remote.proxied()).await.unwrap();
    let thread = remote.bench.thread(&codex).await;
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    assert!(eventually(20, || remote.bench.work().join("began").exists()).await);
    remote.proxy.set(Mode::Refuse);
    remote.restart().await;
    remote.proxy.set(Mode::Pass);
    match turn.result().await {
        Ok(result) => assert_eq!(
            (result.status.as_str(), result.recovered),
            ("interrupted", true)
        ),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Closed);
            assert!(error.to_string().contains("restarted"), "{error}");
        }
    }
    // The thread is not loaded behind the application's back, with other permissions.
    let error = thread
        .run(prompt("go"), object(json!({})))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rpc, "{error}");
    let again = codex
        .thread_resume(thread.id(), remote.bench.thread_params())
        .await
        .unwrap();
    std::fs::write(remote.bench.work().join("go"), "").unwrap();
    assert!(again.run(prompt("go"), object(json!({}))).await.is_ok());
    codex.close().await.unwrap();
}
