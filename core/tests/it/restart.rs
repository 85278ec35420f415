//! Engines that end by themselves and are started again. The real engine is killed; FaultyEngine shows the rest.

use std::time::Duration;

use codexkit::{
    Codex, CodexOptions, DiagnosticKind, ErrorKind, Event, RestartPolicy, Thread, TurnResult,
};
use serde_json::{Value, json};

use crate::faults;
use crate::remote::until;
use crate::support::{Bench, eventually, item_fields, methods, object, prompt};

const MARKER: &str = "codexkit/restarted";

/// Restarts with short pauses.
pub(crate) fn restarting(mut options: CodexOptions) -> CodexOptions {
    options.restart = Some(RestartPolicy {
        initial_delay: Duration::from_millis(20),
        max_delay: Duration::from_millis(40),
        ..RestartPolicy::default()
    });
    options
}

/// Asked to wait, it says something and has a command run that takes its time.
fn slow() -> Value {
    json!({
        "rules": [{"when": {"prompt_contains": "wait"}, "replies": [{"items": [
            {"message": "early"},
            {"call": {"name": "exec_command", "arguments": {
                "cmd": "touch began; sleep 300", "yield_time_ms": 30000}}}
        ]}]}],
        "replies": ["at once"], "repeat": "last"
    })
}

pub(crate) fn kill(codex: &Codex) {
    let pid = codex.pid().unwrap().to_string();
    let status = std::process::Command::new("kill")
        .args(["-KILL", &pid])
        .status();
    assert!(status.unwrap().success());
}

fn params(event: &Event) -> Value {
    serde_json::from_str(event.params()).unwrap()
}

async fn ask(thread: &Thread) -> TurnResult {
    thread.run(prompt("more"), object(json!({}))).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_engine_comes_back_and_its_turns_are_told() {
    let bench = Bench::new(slow()).await;
    let codex = Codex::start(restarting(bench.options())).await.unwrap();
    let first = codex.pid().unwrap();
    let (thread, other) = (bench.thread(&codex).await, bench.thread(&codex).await);
    // What is on disk after its first turn, and what is not.
    assert_eq!(ask(&other).await.status, "completed");
    assert_eq!(ask(&thread).await.status, "completed");
    let fresh = bench.thread(&codex).await;
    let turn = thread
        .turn(prompt("wait"), object(json!({})))
        .await
        .unwrap();
    let mut seen = until(&turn, "item/completed").await;
    assert!(eventually(60, || bench.work().join("began").exists()).await);
    let notifications = codex.subscribe();
    kill(&codex);
    while let Some(event) = turn.events().next().await {
        seen.push(event.unwrap());
    }
    let marker = seen.iter().find(|event| event.method() == MARKER);
    let marker = marker.unwrap_or_else(|| panic!("{seen:?} {:?}", codex.diagnostics()));
    let told = params(marker);
    assert_eq!((&told["signal"], &told["attempt"]), (&json!(9), &json!(1)));
    let last = &told["lastItemId"];
    assert!(seen.iter().any(|event| event.item_id() == last.as_str()));
    let result = turn.result().await.unwrap();
    assert_eq!(
        (result.status.as_str(), result.recovered),
        ("interrupted", true)
    );
    // No item twice.
    let mut items = item_fields(&result, "id");
    let count = items.len();
    items.sort();
    items.dedup();
    assert_eq!(items.len(), count);
    assert!(count >= 2, "{items:?}");
    // Threads go on in the new engine, as they were.
    assert_eq!(
        ask(&thread).await.final_response.as_deref(),
        Some("at once")
    );
    assert_eq!(ask(&other).await.final_response.as_deref(), Some("at once"));
    assert_ne!(codex.pid().unwrap(), first);
    assert_eq!(codex.stats().restarts, 1);
    loop {
        if notifications.next().await.unwrap().unwrap().method() == MARKER {
            break;
        }
    }
    // What was never stored says so.
    let refused = fresh
        .turn(prompt("go"), object(json!({})))
        .await
        .err()
        .unwrap();
    assert_eq!(refused.kind(), ErrorKind::Closed);
    assert!(refused.to_string().contains(fresh.id()), "{refused}");
    codex.close().await.unwrap();
    assert!(codex.is_closed() && codex.pid().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_told_and_who_asks_meanwhile_waits() {
    let plan = json!({"faults": [{"on": "model/list", "do": ["silence"]}]});
    let codex = Codex::start(restarting(faults::options(&plan)))
        .await
        .unwrap();
    let waiting = {
        let codex = codex.clone();
        tokio::spawn(async move { codex.request("model/list", None, None).await })
    };
    assert!(eventually(10, || codex.stats().pending_requests == 1).await);
    kill(&codex);
    let error = faults::soon(waiting).await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.signal()), (ErrorKind::Closed, Some(9)));
    let listed = faults::soon(codex.thread_list(object(json!({})))).await;
    listed.unwrap();
    assert!(!codex.is_closed());
    faults::soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_had_ended_is_completed_and_one_that_nobody_knows_is_not() {
    // The engine dies with the end of its turn unsaid. What the next one reads of it says that it had ended.
    let ended = json!({"thread": {"id": "${thread}", "turns": [
        {"id": "${turn}", "status": "completed", "error": null, "items": [
            {"type": "agentMessage", "id": "m", "text": "said", "phase": "final_answer"}
        ]}
    ]}});
    for (known, status) in [
        (ended, Some("completed")),
        (json!({"thread": {"turns": []}}), None),
    ] {
        let known = known.to_string();
        let plain = Codex::start(faults::options(&json!({}))).await.unwrap();
        let (thread, turn) = faults::turn(&plain).await;
        let known = known
            .replace("${thread}", thread.id())
            .replace("${turn}", turn.id());
        faults::soon(plain.close()).await.unwrap();
        let known: Value = serde_json::from_str(&known).unwrap();
        let plan = json!({"faults": [
            {"on": "turn/completed", "do": [{"die": {"exit": 3}}]},
            {"on": "thread/read", "answer": {"result": known}},
        ]});
        let codex = Codex::start(restarting(faults::options(&plan)))
            .await
            .unwrap();
        let (_thread, turn) = faults::turn(&codex).await;
        let outcome = faults::soon(turn.result()).await;
        match status {
            Some(status) => {
                let result = outcome.unwrap();
                assert_eq!((result.status.as_str(), result.recovered), (status, true));
                assert!(methods(&turn).await.contains(&MARKER.to_owned()));
            }
            None => {
                let error = outcome.unwrap_err();
                assert_eq!(
                    (error.kind(), error.exit_code()),
                    (ErrorKind::Closed, Some(3))
                );
                assert!(
                    error.to_string().contains("not know what became of turn"),
                    "{error}"
                );
            }
        }
        faults::soon(codex.close()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_ends_again_and_again_is_given_up() {
    let plan = json!({"faults": [{"on": "thread/list", "do": [{"die": {"exit": 7}}]}]});
    let mut options = restarting(faults::options(&plan));
    let policy = options.restart.as_mut().unwrap();
    // One that lasts for a second begins a new row.
    policy.max_delay = Duration::from_secs(1);
    policy.max_attempts = 2;
    let codex = Codex::start(options).await.unwrap();
    for _ in 0..3 {
        let error = faults::soon(codex.thread_list(object(json!({}))))
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.exit_code()),
            (ErrorKind::Closed, Some(7))
        );
    }
    assert!(eventually(20, || codex.is_closed()).await);
    let error = faults::soon(codex.thread_list(object(json!({}))))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("2 times in a row"), "{error}");
    assert_eq!(codex.stats().restarts, 2);
    faults::soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_engine_that_is_of_no_use_is_replaced() {
    let folder = crate::support::folder();
    // The second process, and only it, answers `initialize` with an error.
    let script = format!(
        "n=$(ls {0} | wc -l); touch {0}/$n; [ $n = 1 ] && exec \"$1\" faulty --plan \"$3\"; exec \"$1\" faulty --plan \"$2\"",
        folder.path().display()
    );
    let healthy = faults::options(&json!({})).launch_args_override.unwrap();
    let broken = json!({"faults": [
        {"on": "initialize", "answer": {"error": {"code": -32603, "message": "out of order"}}}
    ]});
    let mut options = restarting(faults::options(&json!({})));
    options.launch_args_override = Some(
        [
            "/bin/sh",
            "-c",
            &script,
            "engine",
            &healthy[0],
            "{}",
            &broken.to_string(),
        ]
        .map(str::to_owned)
        .to_vec(),
    );
    let codex = Codex::start(options).await.unwrap();
    kill(&codex);
    assert!(eventually(20, || codex.stats().restarts == 1).await);
    let (_thread, turn) = faults::turn(&codex).await;
    assert_eq!(
        faults::soon(turn.result()).await.unwrap().status,
        "completed"
    );
    let noted = codex.diagnostics();
    let noted = noted
        .iter()
        .filter(|one| one.kind == DiagnosticKind::Connection);
    assert!(
        noted
            .clone()
            .any(|one| one.message.contains("out of order")),
        "{:?}",
        noted.collect::<Vec<_>>()
    );
    faults::soon(codex.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_and_killing_need_not_wait_for_a_restart() {
    for kills in [true, false] {
        let mut options = restarting(faults::options(&json!({})));
        let policy = options.restart.as_mut().unwrap();
        (policy.initial_delay, policy.max_delay) =
            (Duration::from_secs(300), Duration::from_secs(300));
        let codex = Codex::start(options).await.unwrap();
        kill(&codex);
        assert!(eventually(10, || codex.pid().is_none()).await);
        let waiting = {
            let codex = codex.clone();
            tokio::spawn(async move { codex.thread_list(object(json!({}))).await })
        };
        if kills {
            codex.kill();
        }
        faults::soon(codex.close()).await.unwrap();
        let error = faults::soon(waiting).await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Closed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_thread_comes_back_with_other_permissions() {
    let thread = json!({"id": "t", "ephemeral": false, "turns": []});
    let plan = json!({"faults": [
        {"on": "thread/start", "answer": {"result": {
            "thread": thread, "approvalPolicy": "on-request", "sandbox": {"type": "readOnly"}}}},
        {"on": "thread/resume", "answer": {"result": {
            "thread": thread, "approvalPolicy": "never", "sandbox": {"type": "readOnly"}}}},
    ]});
    let codex = Codex::start(restarting(faults::options(&plan)))
        .await
        .unwrap();
    let thread = codex.thread_start(object(json!({}))).await.unwrap();
    kill(&codex);
    assert!(eventually(20, || codex.stats().restarts == 1).await);
    let error = faults::soon(thread.turn(prompt("go"), object(json!({}))))
        .await
        .err()
        .unwrap();
    let noted = codex.diagnostics();
    assert_eq!(error.kind(), ErrorKind::Closed, "{error} {noted:?}");
    assert!(error.to_string().contains("other permissions"), "{error}");
    assert!(
        noted.iter().any(|one| one
            .message
            .contains("approvalPolicy was \"on-request\" and is \"never\"")),
        "{noted:?}"
    );
    // Resumed on purpose, it can be used.
    let again = codex.thread_resume("t", object(json!({}))).await.unwrap();
    let asked = faults::soon(again.turn(prompt("go"), object(json!({})))).await;
    assert_eq!(
        asked.err().unwrap().kind(),
        ErrorKind::Rpc,
        "it is asked again"
    );
    faults::soon(codex.close()).await.unwrap();
}

#[test]
fn a_policy_that_makes_no_sense_is_refused() {
    for (policy, argument) in [
        (json!({"max_attempts": 0}), "restart.max_attempts"),
        (json!({"initial_delay_s": 0}), "restart.initial_delay"),
        (
            json!({"initial_delay_s": 2, "max_delay_s": 1}),
            "restart.max_delay",
        ),
    ] {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let refused = CodexOptions::from_json(&json!({"restart": policy}).to_string());
        let refused = match refused {
            Err(error) => error,
            Ok(options) => runtime.block_on(Codex::start(options)).err().unwrap(),
        };
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
        assert_eq!(refused.argument(), Some(argument));
    }
}
