//! What a healthy engine never does. Every case: a typed error in bounded time or the turn goes on, and
//! nothing is lost in silence.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use codexkit::{
    Codex, CodexOptions, DiagnosticKind, ErrorKind, ServerRequest, StreamState, Thread, Turn,
};
use serde_json::{Value, json};

use crate::support::{eventually, folder, methods, object, processes, prompt, repository};

/// The misbehaving engine's program, built when it is first needed.
fn testkit() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM
        .get_or_init(|| {
            let built = Command::new(env!("CARGO"))
                .args(["build", "--quiet", "--package", "codexkit-testkit"])
                .current_dir(repository())
                .status()
                .unwrap();
            assert!(built.success());
            // target/debug/deps/it-... -> target/debug/codexkit-testkit
            let here = std::env::current_exe().unwrap();
            here.parent()
                .unwrap()
                .parent()
                .unwrap()
                .join("codexkit-testkit")
        })
        .clone()
}

pub(crate) fn options(plan: &Value) -> CodexOptions {
    CodexOptions {
        launch_args_override: Some(vec![
            testkit().display().to_string(),
            "faulty".to_owned(),
            "--plan".to_owned(),
            plan.to_string(),
        ]),
        close_timeout: Duration::from_secs(1),
        ..CodexOptions::default()
    }
}

pub(crate) async fn start(plan: Value) -> Codex {
    Codex::start(options(&plan)).await.unwrap()
}

pub(crate) async fn turn(codex: &Codex) -> (Thread, Turn) {
    let thread = codex.thread_start(object(json!({}))).await.unwrap();
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    (thread, turn)
}

/// Nothing may take longer than this.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future)
        .await
        .expect("in bounded time")
}

pub(crate) fn has(codex: &Codex, kind: DiagnosticKind) -> bool {
    codex.diagnostics().iter().any(|seen| seen.kind == kind)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_healthy_one_works() {
    let codex = start(json!({})).await;
    let (_thread, turn) = turn(&codex).await;
    let result = soon(turn.result()).await.unwrap();
    assert_eq!(
        result.final_response.as_deref(),
        Some("Hello from the faulty engine")
    );
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_lines_are_survived_and_reported() {
    let lines = json!([
        "bad_json",
        "blank",
        "array",
        "truncated",
        "invalid_utf8",
        "lone_surrogate",
        "duplicate_keys",
        "unknown_notification",
        "unknown_item",
        "unknown_enum",
        "unknown_answer"
    ]);
    let codex =
        start(json!({"faults": [{"on": "item/agentMessage/delta", "nth": 2, "do": lines}]})).await;
    let (thread, turn) = turn(&codex).await;
    let result = soon(turn.result()).await.unwrap();
    assert_eq!(result.status, "completed");
    assert!(result.final_response.is_some());
    for kind in [
        DiagnosticKind::MalformedLine,
        DiagnosticKind::BlankLine,
        DiagnosticKind::UnexpectedMessage,
        DiagnosticKind::InvalidUtf8,
        DiagnosticKind::LateResponse,
    ] {
        assert!(has(&codex, kind), "{kind:?} in {:?}", codex.diagnostics());
    }
    // The client goes on.
    assert_eq!(
        soon(thread.run(prompt("again"), object(json!({}))))
            .await
            .unwrap()
            .status,
        "completed"
    );
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_is_kept_and_visible() {
    let codex = start(json!({"faults": [
        {"on": "item/agentMessage/delta", "nth": 1, "do": ["unknown_notification", "unknown_item"]}
    ]}))
    .await;
    let (_thread, turn) = turn(&codex).await;
    let result = soon(turn.result()).await.unwrap();
    let mut events = VecDeque::new();
    turn.events().drain(&mut events, usize::MAX);
    let unknown = events
        .iter()
        .filter(|event| event.method_id() == codexkit::UNKNOWN_METHOD);
    let elsewhere = codex.notifications();
    let mut others = VecDeque::new();
    elsewhere.drain(&mut others, usize::MAX);
    let other = others
        .iter()
        .filter(|event| event.method_id() == codexkit::UNKNOWN_METHOD);
    assert!(
        unknown.count() + other.count() >= 1,
        "{events:?} {others:?}"
    );
    assert_eq!(result.status, "completed");
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn death_in_a_turn_tells_how_and_why() {
    let codex = start(json!({"faults": [
        {"on": "item/agentMessage/delta", "nth": 2, "do": [{"stderr": "it broke \u{1b}[31mhere\u{1b}[0m sk-secretsecretsecret\n"}, {"sleep_ms": 50}, {"die": {"exit": 3}}]}
    ]}))
    .await;
    let (thread, turn) = turn(&codex).await;
    let error = soon(turn.result()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.exit_code()),
        (ErrorKind::Closed, Some(3)),
        "{error}"
    );
    assert!(
        error.to_string().contains("it broke here") && !error.to_string().contains("sk-secret"),
        "{error}"
    );
    let mut last = None;
    while let Some(event) = soon(turn.events().next()).await {
        last = Some(event);
    }
    assert!(
        last.unwrap().is_err(),
        "what came before is read first, then the error"
    );
    assert_eq!(
        soon(thread.read(false)).await.unwrap_err().kind(),
        ErrorKind::Closed
    );
    assert!(codex.is_closed());
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_engine_times_out_and_the_client_stays_usable() {
    let plan = json!({"faults": [{"on": "model/list", "answer": "never"}]});
    let mut options = options(&plan);
    options.request_timeout = Duration::from_millis(300);
    let codex = Codex::start(options).await.unwrap();
    let error = soon(codex.request("model/list", None, None))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.method()),
        (ErrorKind::Timeout, Some("model/list"))
    );
    let (_thread, turn) = turn(&codex).await;
    assert_eq!(soon(turn.result()).await.unwrap().status, "completed");
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_twice_late_and_out_of_order_reach_their_callers() {
    for answer in [json!("twice"), json!("after_next"), json!({"late_ms": 200})] {
        let codex =
            start(json!({"faults": [{"on": "thread/list", "nth": 1, "answer": answer}]})).await;
        let list = codex.thread_list(object(json!({})));
        let other = codex.thread_list(object(json!({})));
        let (list, other) = soon(async { tokio::join!(list, other) }).await;
        assert!(
            list.is_ok() && other.is_ok(),
            "{answer}: {list:?} {other:?}"
        );
        soon(codex.close()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_end_is_recovered() {
    let codex = start(json!({"faults": [{"on": "turn/completed", "answer": "never"}]})).await;
    let (_thread, turn) = turn(&codex).await;
    let result = soon(turn.result()).await.unwrap();
    assert!(
        result.recovered && result.status == "completed",
        "{result:?}"
    );
    assert!(result.final_response.is_some());
    assert_eq!(
        methods(&turn).await.last().map(String::as_str),
        Some("turn/completed")
    );
    assert!(has(&codex, DiagnosticKind::Recovered));
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_given_up_before_its_answer_is_interrupted() {
    let codex = start(json!({"turn": {"delay_ms": 200}, "faults": [{"on": "turn/start", "answer": {"late_ms": 400}}]})).await;
    let thread = codex.thread_start(object(json!({}))).await.unwrap();
    let early = tokio::time::timeout(
        Duration::from_millis(100),
        thread.turn(prompt("go"), object(json!({}))),
    )
    .await;
    assert!(early.is_err());
    let late = || {
        codex
            .diagnostics()
            .iter()
            .any(|seen| seen.kind == DiagnosticKind::LateResponse)
    };
    assert!(eventually(5, late).await);
    let interrupted = || async {
        let read = thread.read(true).await.unwrap();
        read.get().contains("\"interrupted\"")
    };
    let mut seen = false;
    for _ in 0..50 {
        seen = interrupted().await;
        if seen {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(seen, "the turn nobody waits for was interrupted");
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_in_both_directions_do_not_deadlock() {
    let codex = start(json!({"faults": [
        {"on": "turn/started", "do": [
            {"request": {"method": "item/commandExecution/requestApproval", "params": {"threadId": "${thread}", "turnId": "${turn}"}, "wait": true}},
            {"flood": 20000}, {"stderr": {"bytes": 200000}}
        ]}
    ]}))
    .await;
    let (_thread, turn) = turn(&codex).await;
    // Three megabytes towards the engine while it floods us and waits for an answer.
    let big = serde_json::value::to_raw_value(&json!({"x": "y".repeat(3 << 20)})).unwrap();
    let sent = soon(codex.request("no/such/method", Some(big), None)).await;
    assert_eq!(sent.unwrap_err().kind(), ErrorKind::Rpc);
    assert_eq!(soon(turn.result()).await.unwrap().status, "completed");
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unread_flood_ends_in_lagged_and_an_exact_result() {
    let flood = json!({"flood": {"count": 30000, "method": "item/fromTheFuture", "params": {"threadId": "${thread}", "turnId": "${turn}"}}});
    let mut options = options(&json!({"faults": [{"on": "turn/started", "then": [flood]}]}));
    options.queue.soft_events = 100;
    options.queue.hard_events = 1000;
    let codex = Codex::start(options).await.unwrap();
    let (_thread, turn) = turn(&codex).await;
    assert_eq!(soon(turn.result()).await.unwrap().status, "completed");
    let mut events = VecDeque::new();
    let state = turn.events().drain(&mut events, usize::MAX);
    assert_eq!(events.len(), 1000);
    let StreamState::Failed(error) = state else {
        panic!("{state:?}")
    };
    assert_eq!(error.kind(), ErrorKind::Lagged);
    assert!(error.skipped().unwrap() >= 29_000, "{error}");
    assert_eq!(codex.stats().lagged_events, error.skipped().unwrap());
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_beyond_the_limit_is_skipped_and_reported() {
    let mut options =
        options(&json!({"faults": [{"on": "turn/started", "then": [{"huge_line": 300_000}]}]}));
    options.max_line_bytes = 100_000;
    let codex = Codex::start(options).await.unwrap();
    let (_thread, turn) = turn(&codex).await;
    assert_eq!(soon(turn.result()).await.unwrap().status, "completed");
    assert!(has(&codex, DiagnosticKind::LineTooLong));
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_very_long_line_within_the_limit_arrives() {
    let codex =
        start(json!({"faults": [{"on": "turn/started", "then": [{"huge_line": 40_000_000}]}]}))
            .await;
    let (_thread, turn) = turn(&codex).await;
    assert_eq!(soon(turn.result()).await.unwrap().status, "completed");
    let mut events = VecDeque::new();
    turn.events().drain(&mut events, usize::MAX);
    let mut others = VecDeque::new();
    codex.notifications().drain(&mut others, usize::MAX);
    let longest = events
        .iter()
        .chain(&others)
        .map(|event| event.line().len())
        .max();
    assert!(longest.unwrap() >= 40_000_000 || codex.stats().dropped_notifications > 0);
    soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_panics_or_never_answers_is_a_decline() {
    let request = json!({"request": {"method": "item/fileChange/requestApproval", "params": {"threadId": "${thread}", "turnId": "${turn}"}, "wait": true}});
    let plan = json!({"faults": [{"on": "turn/started", "then": [request]}]});
    for hang in [false, true] {
        let mut options = options(&plan);
        options.approval_timeout = Duration::from_millis(300);
        let kept = Arc::new(std::sync::Mutex::new(Vec::new()));
        options.server_requests = Some(Arc::new(move |request: ServerRequest| {
            assert!(hang, "a handler that panics");
            kept.lock().unwrap().push(request);
        }));
        let codex = Codex::start(options).await.unwrap();
        let (_thread, turn) = turn(&codex).await;
        assert_eq!(soon(turn.result()).await.unwrap().status, "completed");
        let mut seen = String::new();
        while let Some(event) = turn.events().next().await {
            seen += event.unwrap().line();
        }
        let mut others = VecDeque::new();
        codex.notifications().drain(&mut others, usize::MAX);
        for event in others {
            seen += event.line();
        }
        assert!(
            seen.contains("test/answered") && seen.contains("decline"),
            "{seen}"
        );
        assert!(has(&codex, DiagnosticKind::Declined));
        soon(codex.close()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_engine_left_running_is_ended() {
    let codex = start(json!({"faults": [
        {"on": "turn/started", "then": [{"spawn": {"seconds": 4731, "inherit_stdio": true}}, {"sleep_ms": 100}, {"die": {"signal": "KILL"}}]}
    ]}))
    .await;
    let (_thread, turn) = turn(&codex).await;
    let error = soon(turn.result()).await.unwrap_err();
    assert_eq!((error.kind(), error.signal()), (ErrorKind::Closed, Some(9)));
    assert!(eventually(5, || processes("sleep 4731").is_empty()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_meets_its_deadline_whatever_the_engine_does() {
    let _folder = folder();
    let codex = start(json!({"ignore_eof": true, "ignore_sigterm": true})).await;
    let pid = codex.pid().unwrap();
    soon(codex.close()).await.unwrap();
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
}
