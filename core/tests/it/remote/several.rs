//! Several clients on one engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use codexkit::{Codex, CodexOptions, ServerRequest};
use serde_json::json;
use serde_json::value::RawValue;

use super::{Remote, until};
use crate::support::{eventually, object, prompt};
use crate::turns::escalation;

/// Counts what it is asked and accepts it.
pub(super) fn accepting(mut options: CodexOptions) -> (CodexOptions, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    options.server_requests = Some(Arc::new(move |request: ServerRequest| {
        count.fetch_add(1, Ordering::SeqCst);
        request.respond(&accept());
    }));
    (options, asked)
}

pub(super) fn accept() -> Box<RawValue> {
    RawValue::from_string(json!({"decision": "accept"}).to_string()).unwrap()
}

/// Parameters of a thread on which commands ask.
pub(super) fn asking(remote: &Remote) -> codexkit::JsonObject {
    let mut params = remote.bench.thread_params();
    params.extend(object(
        json!({"approvalPolicy": "on-request", "sandbox": "read-only", "approvalsReviewer": "user"}),
    ));
    params
}

#[tokio::test(flavor = "multi_thread")]
async fn both_see_a_thread_that_both_have_loaded() {
    let remote = Remote::new(json!({"replies": ["first", "second"]}), false).await;
    let one = Codex::start(remote.direct()).await.unwrap();
    let other = Codex::start(remote.direct()).await.unwrap();
    let thread = remote.bench.thread(&one).await;
    let empty = object(json!({}));
    thread.run(prompt("one"), empty.clone()).await.unwrap();
    other
        .thread_resume(thread.id(), empty.clone())
        .await
        .unwrap();
    let watching = other.notifications();
    let result = thread.run(prompt("two"), empty).await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("second"));
    loop {
        let event = watching.next().await.unwrap().unwrap();
        if event.method() == "turn/completed" {
            assert_eq!(event.turn_id(), Some(result.id.as_str()));
            break;
        }
    }
    other.close().await.unwrap();
    assert!(thread.read(false).await.is_ok());
    one.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn approvals_work_and_a_client_that_only_watches_answers_none() {
    let remote = Remote::new(escalation(), false).await;
    let (options, asked) = accepting(remote.direct());
    let one = Codex::start(options).await.unwrap();
    let thread = one.thread_start(asking(&remote)).await.unwrap();
    thread.set_name("asks").await.unwrap();
    let mut watching = remote.direct();
    watching.remote.as_mut().unwrap().answer_requests = false;
    let other = Codex::start(watching).await.unwrap();
    other
        .thread_resume(thread.id(), object(json!({})))
        .await
        .unwrap();
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    until(&turn, "turn/completed").await;
    assert!(remote.bench.work().join("approved.txt").exists());
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(
        eventually(5, || other.stats().server_requests == 1).await,
        "it was asked, too"
    );
    assert!(other.diagnostics().is_empty(), "{:?}", other.diagnostics());
    one.close().await.unwrap();
    other.close().await.unwrap();
}
