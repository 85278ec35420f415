//! The hooks of a run around approvals and calls of tools, on the real engine.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use codexkit::approvals::{Decision, Responders};
use codexkit::auto::{AutoOptions, AutoResult, AutoRun, GoalCheck, Hooks, StopReason, Until};
use codexkit::tools::{Tool, ToolError, ToolRegistry, ToolSpec};
use codexkit::{Codex, ErrorKind, JsonObject, Result, Setup, Thread};
use serde_json::{Value, json};

use crate::support::{Bench, object, prompt};

type Seen = Arc<Mutex<Vec<(String, Value)>>>;

fn escalated(command: &str) -> Value {
    json!({"items": [{"call": {"name": "exec_command", "arguments": {
        "cmd": command, "sandbox_permissions": "require_escalated", "justification": "need it",
    }}}]})
}

fn calls(text: &str) -> Value {
    json!({"items": [{"call": {"name": "shout", "arguments": {"text": text}}}]})
}

const APPROVALS: Hooks = Hooks {
    before_approval: true,
    after_approval: true,
    before_turn: false,
    after_turn: false,
    before_tool: false,
    after_tool: false,
};

const TOOLS: Hooks = Hooks {
    before_tool: true,
    after_tool: true,
    before_approval: false,
    after_approval: false,
    before_turn: false,
    after_turn: false,
};

fn options(hooks: Hooks) -> AutoOptions {
    AutoOptions {
        hooks,
        max_turns: Some(1),
        ..AutoOptions::default()
    }
}

/// A thread whose commands have to be approved, and are.
async fn asking(bench: &Bench, codex: &Codex) -> Thread {
    let params = object(json!({
        "cwd": bench.work().display().to_string(),
        "sandbox": "read-only", "approvalPolicy": "on-request", "approvalsReviewer": "user",
    }));
    let accepting = Responders::new().on_approval(|_| async { Decision::Accept });
    let setup = Setup::new().responders(accepting);
    codex.thread_start_with(params, setup).await.unwrap()
}

/// A tool that says what it is given, louder.
fn shout() -> ToolRegistry {
    let parameters = json!({
        "type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"],
    });
    let spec = ToolSpec::new("shout", "Shouts.", parameters);
    let tool = Tool::from_fn(spec, |arguments, _| async move {
        Ok::<_, ToolError>(arguments["text"].as_str().unwrap().to_uppercase())
    });
    ToolRegistry::of([tool.unwrap()]).unwrap()
}

async fn equipped(bench: &Bench, codex: &Codex) -> (Thread, ToolRegistry) {
    let tools = shout();
    let setup = Setup::new().tools(tools.clone());
    let thread = codex.thread_start_with(bench.thread_params(), setup).await;
    (thread.unwrap(), tools)
}

/// Answers what is asked, and keeps it.
async fn answered(
    run: &AutoRun,
    answer: impl Fn(&str) -> Value,
) -> (Result<AutoResult>, Vec<(String, Value)>) {
    let seen = Seen::default();
    let result = run
        .result_with(|request| {
            let params = serde_json::from_str(request.params()).unwrap();
            seen.lock()
                .unwrap()
                .push((request.what().to_owned(), params));
            let answer = answer(request.what());
            async move { answer }
        })
        .await;
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    (result, seen)
}

fn names(seen: &[(String, Value)]) -> Vec<&str> {
    seen.iter().map(|(what, _)| what.as_str()).collect()
}

/// What the model was told last of the calls that it made.
fn outputs(bench: &Bench) -> Vec<String> {
    let requests = bench.model.requests();
    let input = requests.last().unwrap()["body"]["input"].clone();
    let outputs = input.as_array().unwrap().iter();
    outputs
        .filter(|item| item["type"] == "function_call_output")
        .map(|item| item["output"].to_string())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_of_approvals_look_decide_and_change() {
    let accept = json!("accept");
    let decline = json!({"decision": "decline", "reason": "not here"});
    for (before, after, asked_after, made) in [
        (
            Value::Null,
            Value::Null,
            json!({"decision": "accept"}),
            true,
        ),
        (decline.clone(), Value::Null, decline.clone(), false),
        (decline.clone(), accept, decline.clone(), true),
        (
            Value::Null,
            json!("decline"),
            json!({"decision": "accept"}),
            false,
        ),
    ] {
        let bench = Bench::new(json!({"replies": [escalated("touch yes.txt"), "Done."]})).await;
        let codex = bench.start().await;
        let thread = asking(&bench, &codex).await;
        let run = thread.auto_run(prompt("go"), &options(APPROVALS)).unwrap();
        let (result, seen) = answered(&run, |what| match what {
            "before_approval" => before.clone(),
            _ => after.clone(),
        })
        .await;
        assert_eq!(result.unwrap().stop_reason, StopReason::MaxTurns);
        assert_eq!(names(&seen), ["before_approval", "after_approval"]);
        let about = &seen[0].1;
        assert_eq!(about["request"]["script"], "touch yes.txt");
        assert_eq!(about["threadId"], thread.id());
        assert_eq!(seen[1].1["decision"], asked_after);
        assert_eq!(
            bench.work().join("yes.txt").exists(),
            made,
            "{before} {after}"
        );
        codex.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_decides_is_seen_by_the_hook_after() {
    let bench = Bench::new(json!({"replies": [escalated("touch no.txt"), "Done."]})).await;
    let codex = bench.start().await;
    let params = object(json!({
        "cwd": bench.work().display().to_string(),
        "sandbox": "read-only", "approvalPolicy": "on-request", "approvalsReviewer": "user",
    }));
    let thread = codex.thread_start(params).await.unwrap();
    let run = thread.auto_run(prompt("go"), &options(APPROVALS)).unwrap();
    let (result, seen) = answered(&run, |_| Value::Null).await;
    result.unwrap();
    assert_eq!(seen[1].1["decision"], json!({"decision": "decline"}));
    assert!(!bench.work().join("no.txt").exists());
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_of_approvals_stops_the_run_and_nonsense_ends_it() {
    for at in ["before_approval", "after_approval"] {
        for nonsense in [false, true] {
            let bench = Bench::new(json!({"replies": [escalated("touch no.txt"), "Done."]})).await;
            let codex = bench.start().await;
            let thread = asking(&bench, &codex).await;
            let run = thread.auto_run(prompt("go"), &options(APPROVALS)).unwrap();
            let (result, _) = answered(&run, |what| match (what == at, nonsense) {
                (false, _) => Value::Null,
                (true, false) => json!({"stop": "too far"}),
                (true, true) => json!({"decision": "perhaps"}),
            })
            .await;
            if nonsense {
                let error = result.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidArgument);
                assert_eq!(error.argument(), Some(at));
                assert!(error.to_string().contains("perhaps"), "{error}");
            } else {
                let result = result.unwrap();
                assert_eq!(result.stop_reason, StopReason::StoppedByHook);
                assert_eq!(result.detail.as_deref(), Some("too far"));
                assert!(result.continuation.is_some(), "the turn can be done again");
            }
            assert!(!bench.work().join("no.txt").exists());
            assert_eq!(bench.model.requests().len(), 1, "the turn was ended");
            codex.close().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_without_an_answer_says_no() {
    // The run is interrupted while it waits.
    let bench = Bench::new(json!({"replies": [escalated("touch no.txt"), "Done."]})).await;
    let codex = bench.start().await;
    let thread = asking(&bench, &codex).await;
    let run = thread.auto_run(prompt("go"), &options(APPROVALS)).unwrap();
    let request = run.next_request().await.unwrap();
    run.interrupt();
    let result = run.result().await.unwrap();
    assert_eq!(result.stop_reason, StopReason::Interrupted);
    request.respond(json!("accept"));
    assert!(run.next_request().await.is_none());
    codex.close().await.unwrap();

    // The application loses the request.
    let bench = Bench::new(json!({"replies": [escalated("touch no.txt"), "Done."]})).await;
    let codex = bench.start().await;
    let thread = asking(&bench, &codex).await;
    let run = thread.auto_run(prompt("go"), &options(APPROVALS)).unwrap();
    drop(run.next_request().await.unwrap());
    let error = run.result().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert!(error.to_string().contains("before_approval"), "{error}");
    assert!(!bench.work().join("no.txt").exists());
    codex.close().await.unwrap();

    // Nobody looks: the time is over, and the turn goes on.
    let bench = Bench::new(json!({"replies": [escalated("touch no.txt"), "Done."]})).await;
    let mut options_of_client = bench.options();
    options_of_client.approval_timeout = Duration::from_millis(200);
    let codex = Codex::start(options_of_client).await.unwrap();
    let thread = asking(&bench, &codex).await;
    let run = thread.auto_run(prompt("go"), &options(APPROVALS)).unwrap();
    let result = run.result().await.unwrap();
    assert_eq!(result.stop_reason, StopReason::MaxTurns);
    assert!(run.take_request().is_none(), "it was taken back");
    assert!(!bench.work().join("no.txt").exists());
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_sees_what_is_decided_later() {
    let bench = Bench::new(json!({"replies": [escalated("touch no.txt"), "Done."]})).await;
    let codex = bench.start().await;
    let params = object(json!({
        "cwd": bench.work().display().to_string(),
        "sandbox": "read-only", "approvalPolicy": "on-request", "approvalsReviewer": "user",
    }));
    let later =
        Responders::new().on_approval(|_| async { codexkit::approvals::Verdict::Later(None) });
    let thread = codex
        .thread_start_with(params, Setup::new().responders(later))
        .await
        .unwrap();
    let hooks = Hooks {
        before_approval: false,
        ..APPROVALS
    };
    let run = thread.auto_run(prompt("go"), &options(hooks)).unwrap();
    assert!(crate::support::eventually(20, || !codex.pending_approvals().is_empty()).await);
    let name = codex.pending_approvals()[0].id().to_owned();
    let (answered, (result, seen)) = tokio::join!(
        codex.answer_approval(&name, Decision::Accept),
        answered(&run, |_| json!("decline")),
    );
    answered.unwrap();
    result.unwrap();
    assert_eq!(seen[0].1["decision"], json!({"decision": "accept"}));
    assert!(!bench.work().join("no.txt").exists());
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_of_tools_look_change_and_replace() {
    let nothing = Value::Null;
    let arguments = json!({"arguments": {"text": "changed"}});
    for (before, after, told, made) in [
        (&nothing, &nothing, "HELLO", 1),
        (&arguments, &nothing, "CHANGED", 1),
        (&json!({"result": "skipped"}), &nothing, "skipped", 0),
        (
            &json!({"result": {"sum": 3}}),
            &nothing,
            r#"{\"sum\":3}"#,
            0,
        ),
        (&nothing, &json!({"result": "other"}), "other", 1),
        (
            &nothing,
            &json!({"result": {"content": [{"type": "text", "text": "as a part"}], "isError": true}}),
            "as a part",
            1,
        ),
        // What does not follow the schema is not called.
        (&json!({"arguments": {}}), &nothing, "schema", 0),
    ] {
        let bench = Bench::new(json!({"replies": [calls("hello"), "Done."]})).await;
        let codex = bench.start().await;
        let (thread, tools) = equipped(&bench, &codex).await;
        let run = thread.auto_run(prompt("go"), &options(TOOLS)).unwrap();
        let (result, seen) = answered(&run, |what| match what {
            "before_tool" => before.clone(),
            _ => after.clone(),
        })
        .await;
        assert_eq!(result.unwrap().stop_reason, StopReason::MaxTurns);
        let call = &seen[0].1["call"];
        assert_eq!(
            (&call["tool"], &call["namespace"]),
            (&json!("shout"), &Value::Null)
        );
        assert_eq!(call["arguments"], json!({"text": "hello"}));
        if before.get("result").is_none() && made == 1 {
            assert_eq!(names(&seen), ["before_tool", "after_tool"]);
            let (about, said) = (
                &seen[1].1,
                if before.is_null() { "HELLO" } else { "CHANGED" },
            );
            assert_eq!(about["result"]["content"][0]["text"], said);
            assert_eq!(about["text"], said);
            assert_eq!(about["call"]["arguments"]["text"], said.to_lowercase());
        }
        assert!(outputs(&bench)[0].contains(told), "{:?}", outputs(&bench));
        assert_eq!(tools.metrics()["shout"].successes, made);
        codex.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_of_tools_stops_the_run_and_nonsense_ends_it() {
    for at in ["before_tool", "after_tool"] {
        for answer in [
            json!({"stop": "too loud"}),
            json!({"arguments": 3}),
            json!("hello"),
        ] {
            let bench = Bench::new(json!({"replies": [calls("hello"), "Done."]})).await;
            let codex = bench.start().await;
            let (thread, tools) = equipped(&bench, &codex).await;
            let run = thread.auto_run(prompt("go"), &options(TOOLS)).unwrap();
            let (result, _) = answered(&run, |what| {
                if what == at {
                    answer.clone()
                } else {
                    Value::Null
                }
            })
            .await;
            match result {
                Ok(result) => {
                    assert_eq!(answer, json!({"stop": "too loud"}));
                    assert_eq!(result.stop_reason, StopReason::StoppedByHook);
                    assert_eq!(result.detail.as_deref(), Some("too loud"));
                }
                Err(error) => assert_eq!(error.argument(), Some(at), "{error}"),
            }
            let made = u64::from(at == "after_tool");
            assert_eq!(tools.metrics()["shout"].calls, made);
            codex.close().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_reach_the_tools_of_a_thread_that_the_engine_had_already() {
    let bench = Bench::new(json!({"replies": ["first", {"items": [
        {"call": {"namespace": "mcp__codexkit_tools", "name": "shout", "arguments": {"text": "hello"}}}
    ]}, "Done."]}))
    .await;
    let codex = bench.start().await;
    let first = bench.thread(&codex).await;
    first.run(prompt("go"), JsonObject::new()).await.unwrap();
    let id = first.id().to_owned();
    drop(first);
    codex.close().await.unwrap();
    let codex = bench.start().await;
    let setup = Setup::new().tools(shout());
    let thread = codex
        .thread_resume_with(&id, bench.thread_params(), setup)
        .await
        .unwrap();
    let run = thread.auto_run(prompt("go"), &options(TOOLS)).unwrap();
    let (result, seen) = answered(&run, |what| match what {
        "before_tool" => json!({"result": "skipped"}),
        _ => Value::Null,
    })
    .await;
    result.unwrap();
    assert_eq!(names(&seen), ["before_tool"]);
    assert!(outputs(&bench).last().unwrap().contains("skipped"));
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_takes_its_time_delays_no_other_turn() {
    let script = json!({
        "rules": [{"when": {"user_contains": "ask"}, "replies": [escalated("touch no.txt"), "Done."]}],
        "replies": ["Hello."], "repeat": "last",
    });
    let bench = Bench::new(script).await;
    let codex = bench.start().await;
    let thread = asking(&bench, &codex).await;
    let run = thread.auto_run(prompt("ask"), &options(APPROVALS)).unwrap();
    let request = run.next_request().await.unwrap();
    let other = bench.thread(&codex).await;
    let result = other.run(prompt("hello"), JsonObject::new()).await;
    assert_eq!(result.unwrap().status, "completed");
    request.respond(json!({"stop": true}));
    let result = run.result().await.unwrap();
    assert_eq!(result.stop_reason, StopReason::StoppedByHook);
    assert_eq!(result.detail, None);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_are_asked_in_the_turns_of_a_goal_and_stop_it() {
    let bench = Bench::new(json!({"replies": [calls("hello"), "Done."], "repeat": "last"})).await;
    let mut of_client = bench.options();
    let goals = "features.goals=true".to_owned();
    of_client.config_overrides.push(goals);
    let codex = Codex::start(of_client).await.unwrap();
    let (thread, tools) = equipped(&bench, &codex).await;
    let goal = AutoOptions {
        until: Some(Until::Goal(GoalCheck::default())),
        ..options(TOOLS)
    };
    let run = thread.auto_run(prompt("shout"), &goal).unwrap();
    let (result, seen) = answered(&run, |what| match what {
        "after_tool" => json!({"stop": "loud enough"}),
        _ => Value::Null,
    })
    .await;
    let result = result.unwrap();
    assert_eq!(result.stop_reason, StopReason::StoppedByHook);
    assert_eq!(result.detail.as_deref(), Some("loud enough"));
    assert_eq!(names(&seen), ["before_tool", "after_tool"]);
    assert_eq!(tools.metrics()["shout"].calls, 1);
    codex.close().await.unwrap();
}
