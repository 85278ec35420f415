//! Sub-agents that the engine spawns, and guardrails, on the real engine.

use std::sync::{Arc, Mutex};

use codexkit::approvals::{ApprovalRequest, Decision, Responders};
use codexkit::auto::AutoOptions;
use codexkit::guardrails::{InputGuardrail, OutputGuardrail, Ruling};
use codexkit::tools::{Tool, ToolError, ToolRegistry, ToolSpec};
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
    let error = run.unwrap().result().await.err().unwrap();
    let facts = error.rejection().unwrap();
    assert_eq!((facts.guardrail.as_str(), facts.stage), ("no", "output"));
    assert!(facts.result.is_some());
    codex.close().await.unwrap();
}

/// A fact about the engine that docs/tools.md tells.
#[tokio::test(flavor = "multi_thread")]
async fn the_engine_gives_a_sub_agent_none_of_the_tools_of_the_thread_above() {
    let mut spawn = spawning();
    let ring = json!({"items": [{"call": {"name": "ring", "arguments": {}}}]});
    spawn["rules"][0]["replies"] = json!([ring, "child answer"]);
    let bench = Bench::new(spawn).await;
    let codex = bench.start().await;
    let spec = ToolSpec::new("ring", "Rings.", json!({}));
    let ring = Tool::from_fn(spec, |_, _| async { Ok::<_, ToolError>("ring ring") });
    let tools = ToolRegistry::of([ring.unwrap()]).unwrap();
    let setup = Setup::new().tools(tools.clone());
    let params = asking(&bench);
    let thread = codex.thread_start_with(params, setup).await.unwrap();
    let run = thread.run(prompt("I am the parent"), JsonObject::new());
    let result = run.await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("spawned"));
    let requests = bench.model.requests();
    let read = |input: &str| {
        let mut bodies = requests.iter().map(|request| &request["body"]["input"]);
        bodies.any(|body| body.to_string().contains(input))
    };
    assert!(read("unsupported call: ring"));
    assert_eq!(tools.metrics()["ring"].calls, 0);
    codex.close().await.unwrap();
}

#[tokio::test]
async fn a_runs_guardrails_are_asked_about_each_turn_and_a_calls_about_each_call() {
    let bench = Bench::new(json!({"rules": [
        {"when": {"prompt_contains": "ask"}, "replies": [
            {"items": [{"call": {"name": "expert", "arguments": {"input": "a secret"}}}]}, "asked",
        ]},
        {"when": {"prompt_contains": "go"}, "replies": ["fine"], "repeat": "last"},
    ]}))
    .await;
    let codex = bench.start().await;
    let no_secrets = InputGuardrail::new("no_secrets", |input| async move {
        let secret = json!(input).to_string().contains("secret");
        Ok(if secret {
            Ruling::Reject("no secrets".into())
        } else {
            Ruling::Pass
        })
    });
    let polite = OutputGuardrail::new("polite", |result| async move {
        let answer = result.final_response.unwrap_or_default();
        Ok(Ruling::Replace(format!("{answer} Thank you.")))
    });
    let setup = Setup::new()
        .input_guardrail(no_secrets)
        .output_guardrail(polite);
    let thread = bench.thread(&codex).await;
    let options = AutoOptions {
        max_turns: Some(2),
        next_prompt: Some("go, secret".to_owned()),
        setup: setup.clone(),
        ..AutoOptions::default()
    };
    let run = thread.auto_run(prompt("go"), &options).unwrap();
    let error = run.result().await.err().unwrap();
    assert_eq!(error.rejection().unwrap().reason, "no secrets");
    let options = AutoOptions {
        max_turns: Some(1),
        ..options
    };
    let run = thread.auto_run(prompt("go"), &options).unwrap();
    let last = run.result().await.unwrap().last.unwrap();
    assert_eq!(last.final_response.as_deref(), Some("fine Thank you."));

    let spec = ToolSpec::new("expert", "Knows a lot.", json!({})).timeout(None);
    let expert = thread.as_tool_with_setup(spec, setup).unwrap();
    let setup = Setup::new().tools(ToolRegistry::of([expert]).unwrap());
    let asking = codex
        .thread_start_with(bench.thread_params(), setup)
        .await
        .unwrap();
    let result = asking.run(prompt("ask"), JsonObject::new()).await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("asked"));
    let requests = bench.model.requests();
    assert!(
        requests.last().unwrap()["body"]["input"]
            .to_string()
            .contains("no secrets")
    );
    codex.close().await.unwrap();
}
