//! Sub-agents that the engine spawns, and guardrails, on the real engine.

use std::sync::{Arc, Mutex};

use codexkit::approvals::{ApprovalRequest, Decision, Responders};
use codexkit::auto::{AutoOptions, StopReason};
use codexkit::guardrails::{InputGuardrail, OutputGuardrail, Ruling};
use codexkit::{Codex, ErrorKind, JsonObject, Setup, text};
use serde_json::{Value, json};

use crate::support::{Bench, eventually, object, prompt};

/// An agent that spawns another one, which runs a command outside the sandbox; the other one's own prompt is
/// `child task`.
fn spawning() -> Value {
    json!({"model": "gpt-5", "rules": [
        {"when": {"prompt_contains": "child task"}, "replies": [
            {"items": [{"call": {"name": "exec_command", "arguments": {
                "cmd": "touch made.txt", "sandbox_permissions": "require_escalated",
                "justification": "need it"}}}]},
            {"items": [{"message": "child answer"}]}
        ]},
        {"when": {"user_contains": "parent"}, "replies": [
            {"items": [{"call": {"name": "spawn_agent", "namespace": "multi_agent_v1",
                "arguments": {"message": "child task please"}}}]},
            {"items": [{"call": {"name": "wait_agent", "namespace": "multi_agent_v1",
                "arguments": {"targets": ["${aid}"], "timeout_ms": 60000}}}],
             "capture": {"aid": "agent_id\\\\*\":\\s*\\\\*\"([^\"\\\\]+)"}},
            {"items": [{"message": "spawned"}]}
        ]}
    ]})
}

fn asking(bench: &Bench) -> JsonObject {
    object(json!({
        "cwd": bench.work().display().to_string(), "model": "gpt-5",
        "sandbox": "workspace-write", "approvalPolicy": "on-request", "approvalsReviewer": "user",
    }))
}

type Seen = Arc<Mutex<Vec<ApprovalRequest>>>;

fn accepting(seen: &Seen) -> Setup {
    let sink = seen.clone();
    Setup::new().responders(Responders::new().on_approval(move |request| {
        sink.lock().unwrap().push(request);
        async { Decision::Accept }
    }))
}

async fn run_parent(bench: &Bench, codex: &Codex, thread: Setup, turn: Setup) -> String {
    let thread = codex
        .thread_start_with(asking(bench), thread)
        .await
        .unwrap();
    let events = thread.subscribe();
    let input = prompt("I am the parent");
    let result = thread
        .run_with(input, JsonObject::new(), turn)
        .await
        .unwrap();
    assert_eq!(result.final_response.as_deref(), Some("spawned"));
    let children = thread.children();
    assert_eq!(children.len(), 1, "{children:?}");
    let child = &children[0];
    assert_eq!(child.parent_thread_id, thread.id());
    assert_eq!(child.root_thread_id, thread.id());
    assert_eq!((child.depth, child.status.as_str()), (1, "completed"));
    assert_eq!(child.prompt.as_deref(), Some("child task please"));
    assert_eq!(codex.agents()[0].thread_id, child.thread_id);
    let named = || thread.children()[0].nickname.is_some();
    assert!(eventually(10, named).await, "the engine gives nicknames");

    let mut methods = Vec::new();
    while let Some(event) = events.next().await {
        let event = event.unwrap();
        if event.thread_id() == Some(&child.thread_id) {
            methods.push(event.method().to_owned());
            if event.method() == "turn/completed" {
                break;
            }
        }
    }
    for method in ["turn/started", "item/agentMessage/delta"] {
        assert!(methods.iter().any(|other| other == method), "{methods:?}");
    }
    child.thread_id.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sub_agent_is_a_thread_whose_questions_reach_the_thread_above() {
    let bench = Bench::new(spawning()).await;
    let codex = bench.start().await;
    let seen = Seen::default();
    let child = run_parent(&bench, &codex, accepting(&seen), Setup::new()).await;
    let asked = seen.lock().unwrap().clone();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].thread_id.as_deref(), Some(child.as_str()));
    assert!(bench.work().join("made.txt").exists());
    // It is a thread like others.
    let read = codex.thread(&child).read(true).await.unwrap();
    assert!(read.get().contains("child answer"));
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sub_agents_questions_reach_the_turn_above() {
    let bench = Bench::new(spawning()).await;
    let codex = bench.start().await;
    let seen = Seen::default();
    run_parent(&bench, &codex, Setup::new(), accepting(&seen)).await;
    assert_eq!(seen.lock().unwrap().len(), 1);
    codex.close().await.unwrap();
}

fn says(name: &str, ruling: Ruling<Vec<Value>>) -> InputGuardrail {
    InputGuardrail::new(name, move |_| {
        let ruling = ruling.clone();
        async { Ok(ruling) }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn input_is_replaced_or_rejected_before_a_turn_starts() {
    let bench = Bench::new(json!({"replies": ["fine"], "repeat": "last"})).await;
    let codex = bench.start().await;
    let setup = Setup::new()
        .input_guardrail(says("tidy", Ruling::Replace(vec![text("tidied")])))
        .input_guardrail(says("look", Ruling::Pass));
    let thread = codex
        .thread_start_with(bench.thread_params(), setup)
        .await
        .unwrap();
    thread.run(prompt("raw"), JsonObject::new()).await.unwrap();
    let told = serde_json::to_value(bench.model.requests()).unwrap();
    assert_eq!(told[0]["prompt"], "tidied");

    let no = Setup::new().input_guardrail(says("no", Ruling::Reject("not that".into())));
    let failing = InputGuardrail::new("broken", |_| async { Err("it broke".into()) });
    for (setup, name, reason) in [
        (no, "no", "not that"),
        (Setup::new().input_guardrail(failing), "broken", "it broke"),
    ] {
        let error = thread
            .run_with(prompt("raw"), JsonObject::new(), setup)
            .await
            .err()
            .unwrap();
        assert_eq!(error.kind(), ErrorKind::Guardrail);
        let facts = error.rejection().unwrap();
        assert_eq!((facts.guardrail.as_str(), facts.stage), (name, "input"));
        assert!(facts.reason.contains(reason), "{error}");
        assert!(facts.result.is_none());
    }
    assert_eq!(bench.model.requests().len(), 1, "no turn was started");
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn output_is_replaced_or_rejected_before_it_is_given() {
    let bench = Bench::new(json!({"replies": ["the secret"], "repeat": "last"})).await;
    let codex = bench.start().await;
    let mask = OutputGuardrail::new("mask", |result| async move {
        let answer = result.final_response.unwrap_or_default();
        Ok(Ruling::Replace(answer.replace("secret", "***")))
    });
    let thread = codex
        .thread_start_with(bench.thread_params(), Setup::new().output_guardrail(mask))
        .await
        .unwrap();
    let result = thread.run(prompt("go"), JsonObject::new()).await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("the ***"));

    let no = OutputGuardrail::new("no", |_| async { Ok(Ruling::Reject("no".into())) });
    let setup = Setup::new().output_guardrail(no.clone());
    let turn = thread
        .turn_with(prompt("go"), JsonObject::new(), setup)
        .await
        .unwrap();
    for _ in 0..2 {
        let error = turn.result().await.err().unwrap();
        let facts = error.rejection().unwrap();
        assert_eq!((facts.guardrail.as_str(), facts.stage), ("no", "output"));
        assert!(facts.result.is_some());
    }

    let strict = codex
        .thread_start_with(bench.thread_params(), Setup::new().output_guardrail(no))
        .await
        .unwrap();
    let run = strict.auto_run(prompt("go"), &AutoOptions::default());
    let result = run.unwrap().result().await.unwrap();
    assert_eq!(result.stop_reason, StopReason::Failed);
    assert_eq!(result.error.unwrap().kind, "guardrail");
    codex.close().await.unwrap();
}
