//! Approvals, questions and elicitations: policies and handlers, on the real engine.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codexkit::approvals::{
    Answers, ApprovalKind, ApprovalRequest, Asked, Decision, ElicitationAnswer, Policy, Responders,
    Verdict,
};
use codexkit::{Codex, ErrorKind, JsonObject, Setup, Thread, Turn};
use serde_json::{Value, json};

use crate::support::{Bench, methods, object, prompt};

/// A command that the agent wants to run outside the sandbox.
fn escalated(command: &str) -> Value {
    json!({"items": [{"call": {"name": "exec_command", "arguments": {
        "cmd": command, "sandbox_permissions": "require_escalated", "justification": "need it",
    }}}]})
}

fn patch(file: &str) -> Value {
    json!({"items": [{"custom_call": {
        "name": "apply_patch",
        "input": format!("*** Begin Patch\n*** Add File: {file}\n+hello\n*** End Patch\n"),
    }}]})
}

fn asking(bench: &Bench) -> JsonObject {
    object(json!({
        "cwd": bench.work().display().to_string(),
        "sandbox": "read-only", "approvalPolicy": "on-request", "approvalsReviewer": "user",
    }))
}

async fn thread(bench: &Bench, codex: &Codex, responders: Responders) -> Thread {
    let setup = Setup::new().responders(responders);
    codex.thread_start_with(asking(bench), setup).await.unwrap()
}

/// What was decided in a turn, and by whom.
async fn decisions(turn: &Turn) -> Vec<(String, String)> {
    let mut found = Vec::new();
    while let Some(event) = turn.events().next().await {
        let event = event.unwrap();
        if event.method() == "codexkit/approval/decided" {
            let params: Value = serde_json::from_str(event.params()).unwrap();
            let text = |key: &str| params[key].as_str().unwrap().to_owned();
            found.push((text("decision"), text("by")));
        }
    }
    found
}

async fn decided(thread: &Thread, setup: Setup) -> Vec<(String, String)> {
    let turn = thread
        .turn_with(prompt("go"), JsonObject::new(), setup)
        .await
        .unwrap();
    decisions(&turn).await
}

fn one(decision: &str, by: &str) -> Vec<(String, String)> {
    vec![(decision.to_owned(), by.to_owned())]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_sees_the_whole_request_and_its_decision_is_carried_out() {
    let bench = Bench::new(json!({"replies": [escalated("touch yes.txt"), "Done."]})).await;
    let codex = bench.start().await;
    let seen: Arc<Mutex<Vec<ApprovalRequest>>> = Arc::default();
    let sink = seen.clone();
    let responders = Responders::new().on_approval(move |request| {
        sink.lock().unwrap().push(request);
        async { Decision::Accept }
    });
    let thread = thread(&bench, &codex, responders).await;
    assert_eq!(
        decided(&thread, Setup::new()).await,
        one("accept", "handler")
    );
    assert!(bench.work().join("yes.txt").exists());
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    let [request] = seen.as_slice() else {
        panic!("asked {} times", seen.len());
    };
    assert_eq!(request.kind, ApprovalKind::Command);
    assert_eq!(request.script.as_deref(), Some("touch yes.txt"));
    assert!(
        request
            .command
            .as_deref()
            .unwrap()
            .ends_with("'touch yes.txt'")
    );
    assert_eq!(request.reason.as_deref(), Some("need it"));
    assert_eq!(request.cwd.as_deref(), bench.work().to_str());
    assert_eq!(request.thread_id.as_deref(), Some(thread.id()));
    assert_eq!(request.available_decisions.first(), Some(&"accept"));
    assert!(
        request
            .available_decisions
            .ends_with(&["decline", "cancel"])
    );
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_change_comes_with_its_diff_and_is_accepted_inside_a_folder_alone() {
    let outside = crate::support::folder();
    let escaping = format!("{}/no.txt", outside.path().display());
    let script = json!({"replies": [patch("yes.txt"), "Done.", patch(&escaping), "Done."]});
    let bench = Bench::new(script).await;
    let codex = bench.start().await;
    let seen: Arc<Mutex<Vec<ApprovalRequest>>> = Arc::default();
    let sink = seen.clone();
    let responders = Responders::new()
        .on_approval(move |request| {
            sink.lock().unwrap().push(request);
            async { Verdict::Pass }
        })
        .policy(Policy::edits_inside(&[bench.work()]).unwrap());
    let thread = thread(&bench, &codex, responders).await;
    assert_eq!(
        decided(&thread, Setup::new()).await,
        one("accept", "policy edits_inside")
    );
    assert!(bench.work().join("yes.txt").exists());
    assert_eq!(
        decided(&thread, Setup::new()).await,
        one("decline", "default")
    );
    assert!(!outside.path().join("no.txt").exists());
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    let change = &seen[0].changes[0];
    assert_eq!((change.kind.as_str(), change.diff.trim()), ("add", "hello"));
    assert!(change.path.ends_with("yes.txt"), "{}", change.path);
    assert_eq!(seen[1].changes[0].path, escaping);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_turn_is_asked_before_the_thread_and_the_thread_before_the_client() {
    let replies: Vec<Value> = (0..3)
        .flat_map(|_| [escalated("touch x.txt"), json!("Done.")])
        .collect();
    let bench = Bench::new(json!({ "replies": replies })).await;
    let asked: Arc<Mutex<Vec<&'static str>>> = Arc::default();
    let level = |name: &'static str, verdict: Verdict| {
        let asked = asked.clone();
        Responders::new().on_approval(move |_| {
            asked.lock().unwrap().push(name);
            let verdict = verdict.clone();
            async { verdict }
        })
    };
    let mut options = bench.options();
    options.responders = Some(Arc::new(level("client", Decision::decline("no").into())));
    let codex = Codex::start(options).await.unwrap();
    let thread = thread(&bench, &codex, level("thread", Verdict::Pass)).await;
    let of_turn = |verdict| Setup::new().responders(level("turn", verdict));
    decided(&thread, of_turn(Verdict::Pass)).await;
    assert_eq!(*asked.lock().unwrap(), ["turn", "thread", "client"]);
    assert_eq!(
        decided(&thread, of_turn(Decision::Accept.into())).await,
        one("accept", "handler")
    );
    assert_eq!(asked.lock().unwrap()[3..], ["turn"]);
    assert_eq!(
        decided(&thread, Setup::new()).await,
        one("decline", "handler")
    );
    assert_eq!(asked.lock().unwrap()[4..], ["thread", "client"]);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_reads_why_it_was_declined() {
    let bench = Bench::new(json!({"replies": [escalated("touch no.txt"), "I see."]})).await;
    let codex = bench.start().await;
    let responders =
        Responders::new().on_approval(|_| async { Decision::decline("use the other folder") });
    let thread = thread(&bench, &codex, responders).await;
    assert_eq!(
        decided(&thread, Setup::new()).await,
        one("decline", "handler")
    );
    let requests = bench.model.requests();
    let second = requests.last().unwrap().to_string();
    assert!(second.contains("use the other folder"), "{second}");
    assert_eq!(requests.len(), 2, "the reason cost no request of its own");
    assert!(!bench.work().join("no.txt").exists());
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_ends_the_turn() {
    let bench = Bench::new(json!({"replies": [escalated("touch no.txt"), "Never."]})).await;
    let codex = bench.start().await;
    let responders = Responders::new().on_approval(|_| async { Decision::Cancel });
    let thread = thread(&bench, &codex, responders).await;
    let result = thread.run(prompt("go"), JsonObject::new()).await.unwrap();
    assert_eq!(result.status, "interrupted");
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_declines() {
    let replies: Vec<Value> = (0..4)
        .flat_map(|_| [escalated("touch no.txt"), json!("Done.")])
        .collect();
    let bench = Bench::new(json!({ "replies": replies })).await;
    let codex = bench.start().await;
    let thread = thread(&bench, &codex, Responders::new()).await;
    let with = |responders: Responders| Setup::new().responders(responders);
    let panics = Responders::new().on_approval(|request| async move {
        assert_eq!(request.id, "none", "a handler that panics");
        Decision::Accept
    });
    assert_eq!(
        decided(&thread, with(panics)).await,
        one("decline", "default")
    );
    let never = Responders::new()
        .on_approval(|_| std::future::pending::<Decision>())
        .timeout(Duration::from_millis(200));
    assert_eq!(
        decided(&thread, with(never)).await,
        one("decline", "default")
    );
    let nonsense =
        Responders::new().on_approval(|_| async { Decision::AcceptWithRule(Some(vec![])) });
    assert_eq!(
        decided(&thread, with(nonsense)).await,
        one("decline", "default")
    );
    assert_eq!(
        decided(&thread, Setup::new()).await,
        one("decline", "default")
    );
    let said: Vec<String> = codex
        .diagnostics()
        .into_iter()
        .map(|one| one.message)
        .collect();
    for why in [
        "gave no answer",
        "no answer within 0.2 s",
        "rule: it is empty",
        "there is no handler",
    ] {
        assert!(
            said.iter().any(|message| message.contains(why)),
            "{why}: {said:?}"
        );
    }
    assert!(!bench.work().join("no.txt").exists());
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_handler_delays_no_other_turn() {
    let script = json!({"rules": [
        {"when": {"prompt_contains": "slow"}, "replies": [escalated("touch slow.txt"), "Done."]},
        {"when": {"prompt_contains": "fast"}, "replies": ["Fast."]},
    ]});
    let bench = Bench::new(script).await;
    let codex = bench.start().await;
    let (asked, release) = (
        Arc::new(tokio::sync::Notify::new()),
        Arc::new(tokio::sync::Notify::new()),
    );
    let handler = (asked.clone(), release.clone());
    let responders = Responders::new().on_approval(move |_| {
        let (asked, release) = handler.clone();
        async move {
            asked.notify_one();
            release.notified().await;
            Decision::Accept
        }
    });
    let slow = thread(&bench, &codex, responders).await;
    let turn = slow.turn(prompt("slow"), JsonObject::new()).await.unwrap();
    asked.notified().await;
    let fast = thread(&bench, &codex, Responders::new()).await;
    let result = fast.run(prompt("fast"), JsonObject::new()).await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("Fast."));
    assert!(turn.is_running());
    release.notify_one();
    turn.result().await.unwrap();
    assert!(bench.work().join("slow.txt").exists());
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_put_off_is_given_by_its_id() {
    let replies: Vec<Value> = (0..2)
        .flat_map(|_| [escalated("touch later.txt"), json!("Done.")])
        .collect();
    let bench = Bench::new(json!({ "replies": replies })).await;
    let codex = bench.start().await;
    let times = Arc::new(AtomicUsize::new(0));
    let count = times.clone();
    let responders = Responders::new().on_approval(move |_| {
        let first = count.fetch_add(1, Ordering::SeqCst) == 0;
        async move { Verdict::Later((!first).then_some(Duration::from_millis(200))) }
    });
    let thread = thread(&bench, &codex, responders).await;
    let turn = thread.turn(prompt("go"), JsonObject::new()).await.unwrap();
    let id = loop {
        if let [asked] = codex.pending_approvals().as_slice() {
            let Asked::Approval(request) = &**asked else {
                panic!("{asked:?}");
            };
            assert_eq!(request.script.as_deref(), Some("touch later.txt"));
            break asked.id().to_owned();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let unknown = codex
        .answer_approval("no such", Decision::Accept)
        .await
        .unwrap_err();
    assert_eq!(
        (unknown.kind(), unknown.argument()),
        (ErrorKind::InvalidArgument, Some("approval_id"))
    );
    let unfit = codex
        .answer_approval_json(&id, r#"{"answers": {}}"#)
        .await
        .unwrap_err();
    assert_eq!(unfit.kind(), ErrorKind::InvalidArgument);
    codex.answer_approval(&id, Decision::Accept).await.unwrap();
    assert_eq!(decisions(&turn).await, one("accept", "later"));
    assert!(bench.work().join("later.txt").exists());
    assert!(codex.pending_approvals().is_empty());
    // The second one is put off for a while only, and nobody answers.
    assert_eq!(
        decided(&thread, Setup::new()).await,
        one("decline", "default")
    );
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_off_goes_with_its_turn_and_with_the_client() {
    let bench = Bench::new(
        json!({"replies": [escalated("touch x.txt"), escalated("touch x.txt"), "Done."]}),
    )
    .await;
    let codex = bench.start().await;
    let responders = Responders::new().on_approval(|_| async { Verdict::Later(None) });
    let thread = thread(&bench, &codex, responders).await;
    let waits = async |wanted: usize| {
        while codex.pending_approvals().len() != wanted {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let turn = thread.turn(prompt("go"), JsonObject::new()).await.unwrap();
    waits(1).await;
    turn.interrupt().await.unwrap();
    waits(0).await;
    turn.result().await.unwrap();
    let _turn = thread.turn(prompt("go"), JsonObject::new()).await.unwrap();
    waits(1).await;
    codex.close().await.unwrap();
    waits(0).await;
    assert!(!bench.work().join("x.txt").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_read_are_accepted_and_others_are_not() {
    let script = json!({"replies": [
        escalated("cat a.txt | head -1"), "Done.", escalated("cat a.txt; touch b.txt"), "Done.",
    ]});
    let bench = Bench::new(script).await;
    std::fs::write(bench.work().join("a.txt"), "a").unwrap();
    let codex = bench.start().await;
    let responders = Responders::new().policy(Policy::read_only_commands());
    let thread = thread(&bench, &codex, responders).await;
    assert_eq!(
        decided(&thread, Setup::new()).await,
        one("accept", "policy read_only_commands")
    );
    assert_eq!(
        decided(&thread, Setup::new()).await,
        one("decline", "default")
    );
    assert!(!bench.work().join("b.txt").exists());
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agents_questions_are_answered() {
    let ask = json!({"items": [{"call": {"name": "request_user_input", "arguments": {"questions": [{
        "id": "q1", "header": "Pick", "question": "Which one?",
        "options": [{"label": "A", "description": "first"}, {"label": "B", "description": "second"}],
    }]}}}]});
    let bench = Bench::new(json!({"replies": [ask.clone(), "Done.", ask, "Done."]})).await;
    let mut options = bench.options();
    options.config = object(json!({"features": {"default_mode_request_user_input": true}}));
    let codex = Codex::start(options).await.unwrap();
    let responders = Responders::new().on_question(|request| async move {
        assert_eq!(request.questions[0].question, "Which one?");
        Some(Answers::from([("q1".to_owned(), vec!["B".to_owned()])]))
    });
    let thread = thread(&bench, &codex, responders).await;
    assert_eq!(
        decided(&thread, Setup::new()).await,
        one("answered", "handler")
    );
    let output = bench.model.requests().last().unwrap().to_string();
    assert!(output.contains(r#"{\"answers\":[\"B\"]}"#), "{output}");
    let wrong = Responders::new()
        .on_question(|_| async { Some(Answers::from([("q2".to_owned(), vec!["B".to_owned()])])) });
    assert_eq!(
        decided(&thread, Setup::new().responders(wrong)).await,
        one("decline", "default")
    );
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn mcp_servers_are_answered_and_their_tools_approved() {
    let call = |name: &str, arguments: Value| json!({"items": [{"call": {"name": name, "namespace": "mcp__fake", "arguments": arguments}}]});
    let script = json!({"replies": [
        call("ask", json!({})), "Done.", call("ask", json!({})), "Done.", call("destroy", json!({"text": "it"})), "Done.",
    ]});
    let bench = Bench::new(script).await;
    let mut options = bench.options();
    let server = crate::support::repository().join("tests/parity/mcp_server.py");
    options.config = object(json!({"mcp_servers": {"fake": {
        "command": "python3", "args": [server.display().to_string()],
    }}}));
    let codex = Codex::start(options).await.unwrap();
    let responders = Responders::new()
        .on_elicitation(|request| async move {
            assert_eq!(
                (request.server.as_str(), request.mode.as_str()),
                ("fake", "form")
            );
            ElicitationAnswer::Accept(json!({"name": "Ada"}))
        })
        .policy(Policy::mcp_tools(&["fake/destroy"]).unwrap());
    let thread = thread(&bench, &codex, responders).await;
    let turn = thread.turn(prompt("go"), JsonObject::new()).await.unwrap();
    let seen = methods(&turn).await;
    assert!(
        seen.iter()
            .any(|method| method == "codexkit/approval/requested"),
        "{seen:?}"
    );
    assert!(
        bench
            .model
            .requests()
            .last()
            .unwrap()
            .to_string()
            .contains("Ada")
    );
    let wrong = Responders::new()
        .on_elicitation(|_| async { ElicitationAnswer::Accept(json!({"name": 5})) });
    assert_eq!(
        decided(&thread, Setup::new().responders(wrong)).await,
        one("decline", "default")
    );
    assert_eq!(
        decided(&thread, Setup::new()).await,
        one("accept", "policy mcp_tools")
    );
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_responders_of_a_typed_question_answer_in_each_of_its_turns() {
    let answer = |text: &str| json!({"items": [{"message": text}]});
    let bench = Bench::new(json!({"replies": [
        escalated("touch one.txt"), answer("no number"), escalated("touch two.txt"), answer("{\"value\": 2}"),
    ]}))
    .await;
    let codex = bench.start().await;
    let thread = codex.thread_start(asking(&bench)).await.unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let setup = Setup::new().responders(Responders::new().on_approval(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        async { Decision::Accept }
    }));
    let result = thread
        .run_typed_with::<u8>(prompt("count"), JsonObject::new(), 1, setup)
        .await
        .unwrap();
    assert_eq!((result.parsed, result.attempts.len()), (Some(2), 1));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert!(bench.work().join("one.txt").exists() && bench.work().join("two.txt").exists());
    codex.close().await.unwrap();
}
