//! Auto-run on the real engine.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use codexkit::auto::{
    AutoOptions, AutoResult, CommandCheck, GoalCheck, Hooks, Prices, RetryPolicy, StopReason,
    Until, VerdictCheck,
};
use codexkit::{ErrorKind, text};
use serde_json::{Value, json};

use crate::support::{Bench, eventually, own_events, processes, prompt, shell};

fn until(until: Until) -> AutoOptions {
    AutoOptions {
        until: Some(until),
        keep_events: true,
        ..AutoOptions::default()
    }
}

fn quick() -> RetryPolicy {
    RetryPolicy {
        initial_delay: Duration::from_millis(10),
        max_delay: Duration::from_millis(20),
        ..RetryPolicy::default()
    }
}

fn overloaded() -> Value {
    json!({"end": {"failed": {"code": "server_is_overloaded", "message": "try later"}}})
}

/// The run's own events, and their parameters.
fn names(events: &[(String, Value)]) -> Vec<&str> {
    events
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| *name != "continuation")
        .collect()
}

fn prompts(bench: &Bench) -> Vec<String> {
    let requests = bench.model.requests();
    let prompt = |request: &Value| request["prompt"].as_str().unwrap_or_default().to_owned();
    let requests = serde_json::to_value(&requests).unwrap();
    requests.as_array().unwrap().iter().map(prompt).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_the_judge() {
    let bench = Bench::new(json!({"replies": [
        "first", "second", shell("touch done.txt"), "third"
    ]}))
    .await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let check = CommandCheck::new("echo looked >> log.txt; ls; test -e done.txt");
    let run = thread
        .auto_run(prompt("make it"), &until(Until::Command(check)))
        .unwrap();
    let events = own_events(&run).await;
    let result = run.result().await.unwrap();
    assert_eq!(result.stop_reason, StopReason::Done);
    assert_eq!((result.turns, result.history.len()), (3, 3));
    assert_eq!(result.continuation, None, "there is nothing to go on with");
    assert_eq!(
        names(&events),
        [
            "turnStarted",
            "turnCompleted",
            "checked",
            "turnStarted",
            "turnCompleted",
            "checked",
            "turnStarted",
            "turnCompleted",
            "checked",
            "completed"
        ]
    );
    let prompts = prompts(&bench);
    assert_eq!(prompts[0], "make it");
    assert!(
        prompts[1].contains("exit code 1") && prompts[1].contains("log.txt"),
        "{prompts:?}"
    );
    // Each response of the script uses 15 tokens; the third turn had two.
    assert_eq!(result.tokens.total_tokens, 4 * 15);
    let each: Vec<u64> = result
        .history
        .iter()
        .map(|turn| turn.tokens.total_tokens)
        .collect();
    assert_eq!(each, [15, 15, 30]);
    let log = std::fs::read_to_string(bench.work().join("log.txt")).unwrap();
    assert_eq!(log.lines().count(), 3, "it ran where the thread works");
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_end_a_run_that_is_never_done() {
    let bench = Bench::new(json!({"replies": ["busy"], "repeat": "last"})).await;
    let codex = bench.start().await;
    let never = || until(Until::Command(CommandCheck::new("exit 1")));
    let prices = Prices {
        input: 1_000_000.0,
        cached_input: 0.0,
        output: 0.0,
    };
    let table = [
        (
            AutoOptions {
                max_turns: Some(2),
                ..never()
            },
            StopReason::MaxTurns,
            2,
        ),
        (
            AutoOptions {
                max_tokens: Some(31),
                ..never()
            },
            StopReason::MaxTokens,
            3,
        ),
        (
            AutoOptions {
                max_cost: Some(20.0),
                prices: Some(prices),
                ..never()
            },
            StopReason::MaxCost,
            3,
        ),
    ];
    for (options, reason, turns) in table {
        let thread = bench.thread(&codex).await;
        let result = thread
            .auto_run(prompt("go"), &options)
            .unwrap()
            .result()
            .await
            .unwrap();
        assert_eq!((result.stop_reason, result.turns), (reason, turns));
        assert!(result.continuation.is_some());
        assert_eq!(result.cost.is_some(), options.prices.is_some());
    }
    let thread = bench.thread(&codex).await;
    let plain = AutoOptions {
        max_turns: Some(3),
        ..AutoOptions::default()
    };
    let result = thread
        .auto_run(prompt("go"), &plain)
        .unwrap()
        .result()
        .await
        .unwrap();
    assert_eq!(
        (result.stop_reason, result.turns),
        (StopReason::MaxTurns, 3)
    );
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_is_up_in_the_middle_of_a_turn() {
    let bench = Bench::new(json!({"replies": [shell("sleep 4721"), "never said"]})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let options = AutoOptions {
        timeout: Some(Duration::from_secs(2)),
        ..AutoOptions::default()
    };
    let result = thread
        .auto_run(prompt("go"), &options)
        .unwrap()
        .result()
        .await
        .unwrap();
    assert_eq!(result.stop_reason, StopReason::Timeout);
    assert_eq!(result.last.unwrap().status, "interrupted");
    assert!(eventually(5, || processes("sleep 4721").is_empty()).await);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_was_cut_off_is_made_again() {
    let bench = Bench::new(json!({"replies": ["one", "never said"]})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let options = until(Until::Command(CommandCheck::new("sleep 4725")));
    let run = thread.auto_run(prompt("go"), &options).unwrap();
    assert!(eventually(20, || !processes("sleep 4725").is_empty()).await);
    run.interrupt();
    let result = run.result().await.unwrap();
    assert_eq!(
        (result.stop_reason, result.turns),
        (StopReason::Interrupted, 1)
    );
    let token = result.continuation.unwrap();
    let passes = until(Until::Command(CommandCheck::new("true")));
    let run = codex
        .auto_resume(&token, &passes, Some(thread.clone()))
        .await
        .unwrap();
    let result = run.result().await.unwrap();
    assert_eq!((result.stop_reason, result.turns), (StopReason::Done, 1));
    // The run's time ends a check, too.
    let timed = AutoOptions {
        timeout: Some(Duration::from_secs(3)),
        ..until(Until::Command(CommandCheck::new("sleep 4726")))
    };
    let thread = bench.thread(&codex).await;
    let run = thread.auto_run(prompt("go"), &timed).unwrap();
    let result = run.result().await.unwrap();
    assert_eq!((result.stop_reason, result.turns), (StopReason::Timeout, 1));
    assert!(eventually(5, || processes("sleep 4726").is_empty()).await);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_retryable_is_tried_again() {
    let bench = Bench::new(json!({"replies": [overloaded(), overloaded(), "at last"]})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let options = AutoOptions {
        max_turns: Some(1),
        retry: Some(quick()),
        keep_events: true,
        ..AutoOptions::default()
    };
    let run = thread.auto_run(prompt("go"), &options).unwrap();
    let events = own_events(&run).await;
    let result = run.result().await.unwrap();
    assert_eq!(
        (result.stop_reason, result.turns),
        (StopReason::MaxTurns, 1)
    );
    assert_eq!(result.error, None);
    assert_eq!(
        result.last.unwrap().final_response.as_deref(),
        Some("at last")
    );
    let tried: Vec<_> = result
        .history
        .iter()
        .map(|turn| (turn.turn, turn.attempt))
        .collect();
    assert_eq!(tried, [(1, 1), (1, 2), (1, 3)]);
    assert_eq!(
        names(&events)
            .iter()
            .filter(|name| **name == "retrying")
            .count(),
        2
    );

    let thread = bench.thread(&codex).await;
    let never = AutoOptions {
        retry: Some(RetryPolicy {
            attempts: 0,
            ..quick()
        }),
        ..options
    };
    codex.close().await.unwrap();
    // An engine that is gone is a result as well.
    let result = thread
        .auto_run(prompt("go"), &never)
        .unwrap()
        .result()
        .await
        .unwrap();
    assert_eq!(result.stop_reason, StopReason::Failed);
    assert_eq!(result.error.unwrap().kind, "closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_retryable_ends_the_run() {
    for (code, reason, word) in [
        (
            "context_length_exceeded",
            StopReason::Failed,
            "contextWindowExceeded",
        ),
        ("cyber_policy", StopReason::Refused, "cyberPolicy"),
    ] {
        let failed = json!({"end": {"failed": {"code": code, "message": "no"}}});
        let bench = Bench::new(json!({"replies": [failed, "never said"]})).await;
        let codex = bench.start().await;
        let thread = bench.thread(&codex).await;
        let run = thread
            .auto_run(prompt("go"), &AutoOptions::default())
            .unwrap();
        let result = run.result().await.unwrap();
        assert_eq!((result.stop_reason, result.history.len()), (reason, 1));
        let error = result.error.unwrap();
        assert_eq!(error.codex_error_info, Some(json!(word)));
        codex.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_judges_itself() {
    let bench = Bench::new(json!({"replies": [
        r#"{"done": false, "reason": "two tests fail"}"#,
        "I think I am done",
        r#"{"done": true, "reason": "all pass"}"#,
    ]}))
    .await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let check = VerdictCheck {
        criteria: Some("all tests pass".to_owned()),
    };
    let run = thread
        .auto_run(prompt("fix it"), &until(Until::Verdict(check)))
        .unwrap();
    let result = run.result().await.unwrap();
    assert_eq!((result.stop_reason, result.turns), (StopReason::Done, 3));
    let prompts = prompts(&bench);
    assert!(prompts[0].contains("all tests pass"), "{prompts:?}");
    assert!(prompts[1].contains("two tests fail"), "{prompts:?}");
    assert!(prompts[2].contains("not the JSON object"), "{prompts:?}");
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engines_goal_is_the_judge() {
    let done =
        json!({"items": [{"call": {"name": "update_goal", "arguments": {"status": "complete"}}}]});
    let bench = Bench::new(json!({"replies": ["on it", done, "reached"]})).await;
    let mut options = bench.options();
    options
        .config_overrides
        .push("features.goals=true".to_owned());
    let codex = codexkit::Codex::start(options).await.unwrap();
    let thread = bench.thread(&codex).await;
    let run = thread
        .auto_run(
            prompt("paint it"),
            &until(Until::Goal(GoalCheck::default())),
        )
        .unwrap();
    let events = own_events(&run).await;
    let result = run.result().await.unwrap();
    assert_eq!(result.stop_reason, StopReason::Done, "{events:?}");
    assert_eq!(result.turns, 2);
    assert_eq!(
        result.last.unwrap().final_response.as_deref(),
        Some("reached")
    );
    codex.close().await.unwrap();

    let bench = Bench::new(json!({"replies": ["on it"], "repeat": "last"})).await;
    let mut options = bench.options();
    options
        .config_overrides
        .push("features.goals=true".to_owned());
    let codex = codexkit::Codex::start(options).await.unwrap();
    let thread = bench.thread(&codex).await;
    let limited = AutoOptions {
        max_turns: Some(2),
        ..until(Until::Goal(GoalCheck::default()))
    };
    let result = thread
        .auto_run(prompt("paint it"), &limited)
        .unwrap()
        .result()
        .await
        .unwrap();
    assert_eq!(
        (result.stop_reason, result.turns),
        (StopReason::MaxTurns, 2)
    );
    let goal = codex
        .api()
        .thread()
        .goal()
        .get(json!({"threadId": thread.id()}))
        .await
        .unwrap();
    assert!(goal.get().contains(r#""status":"paused""#), "{goal}");
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_and_callbacks_change_skip_and_stop() {
    let bench = Bench::new(json!({"replies": ["busy"], "repeat": "last"})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let options = AutoOptions {
        hooks: Hooks {
            before_turn: true,
            after_turn: true,
            ..Hooks::default()
        },
        ..until(Until::Callback)
    };
    let run = thread.auto_run(prompt("go"), &options).unwrap();
    let asked = AtomicU32::new(0);
    let result = run
        .result_with(|request| {
            let params: Value = serde_json::from_str(request.params()).unwrap();
            let turn = params["turn"].as_u64().unwrap();
            assert!(params["continuation"].is_string());
            asked.fetch_add(1, Ordering::SeqCst);
            let answer = match (request.what(), turn) {
                ("before_turn", 1) => json!("changed"),
                ("before_turn", 2) => json!({"skip": true}),
                ("after_turn", 3) => json!({"prompt": "by the hook"}),
                ("after_turn", 4) => json!({"stop": "enough"}),
                ("check", 1) => {
                    assert_eq!(params["result"]["finalResponse"], "busy");
                    json!("try harder")
                }
                ("check", 2) => {
                    assert!(params["result"].is_null(), "it was left out");
                    json!(false)
                }
                ("check", _) => json!(false),
                _ => Value::Null,
            };
            async move { answer }
        })
        .await
        .unwrap();
    assert_eq!(result.stop_reason, StopReason::StoppedByHook);
    assert_eq!(result.detail.as_deref(), Some("enough"));
    assert_eq!((result.turns, result.history.len()), (4, 3));
    let prompts = prompts(&bench);
    assert_eq!(prompts.len(), 3);
    assert_eq!(
        (prompts[0].as_str(), prompts[2].as_str()),
        ("changed", "by the hook")
    );
    assert_eq!(asked.load(Ordering::SeqCst), 4 + 3 + 3);

    for (answer, argument) in [
        (json!(42), "until"),
        (json!({"stop": 1}), "until"),
        (json!(""), "until"),
    ] {
        let thread = bench.thread(&codex).await;
        let run = thread
            .auto_run(prompt("go"), &until(Until::Callback))
            .unwrap();
        let error = run
            .result_with(|_| {
                let answer = answer.clone();
                async move { answer }
            })
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.argument()),
            (ErrorKind::InvalidArgument, Some(argument))
        );
    }
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_steered_stopped_and_interrupted() {
    let bench = Bench::new(json!({
        "rules": [{"when": {"user_contains": "also this"}, "replies": ["both done"], "repeat": "last"}],
        "replies": [shell("sleep 4"), "never said"],
    }))
    .await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let run = thread.auto_run(prompt("go"), &until(Until::Turns)).unwrap();
    while let Some(event) = run.events().next().await {
        let event = event.unwrap();
        if event.method() == "item/started" && event.line().contains("sleep 4") {
            run.steer(vec![text("also this")]).await.unwrap();
            run.stop();
        }
    }
    let result = run.result().await.unwrap();
    assert_eq!(
        (result.stop_reason, result.turns),
        (StopReason::StoppedByCaller, 1)
    );
    assert_eq!(
        result.last.unwrap().final_response.as_deref(),
        Some("both done")
    );
    assert_eq!(
        run.steer(vec![text("too late")]).await.unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
    codex.close().await.unwrap();

    let bench = Bench::new(json!({"replies": [shell("sleep 4722"), "never said"]})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let run = thread.auto_run(prompt("go"), &until(Until::Turns)).unwrap();
    assert!(eventually(20, || !processes("sleep 4722").is_empty()).await);
    run.interrupt();
    let result = run.result().await.unwrap();
    assert_eq!(result.stop_reason, StopReason::Interrupted);
    assert!(eventually(5, || processes("sleep 4722").is_empty()).await);

    // A run that nobody holds any more is interrupted as well.
    let thread = bench.thread(&codex).await;
    let check = CommandCheck::new("sleep 4723");
    let run = thread
        .auto_run(prompt("go"), &until(Until::Command(check)))
        .unwrap();
    assert!(eventually(20, || !processes("sleep 4723").is_empty()).await);
    drop(run);
    assert!(eventually(10, || processes("sleep 4723").is_empty()).await);
    codex.close().await.unwrap();
}

/// Runs until the given event, and gives the newest token; the engine is killed then, as with its host.
async fn killed_at(bench: &Bench, options: &AutoOptions, method: &str, holds: &str) -> String {
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let run = thread.auto_run(prompt("go"), options).unwrap();
    while let Some(event) = run.events().next().await {
        let event = event.unwrap();
        if event.method() == method && event.line().contains(holds) {
            break;
        }
    }
    let token = run.continuation().unwrap();
    codex.kill();
    token
}

async fn resumed(
    bench: &Bench,
    token: &str,
    options: &AutoOptions,
) -> (AutoResult, Vec<(String, Value)>) {
    let codex = bench.start().await;
    let run = codex.auto_resume(token, options, None).await.unwrap();
    let events = own_events(&run).await;
    let result = run.result().await.unwrap();
    codex.close().await.unwrap();
    (result, events)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_survives_the_engines_death() {
    let three = AutoOptions {
        max_turns: Some(3),
        ..until(Until::Turns)
    };
    let keep = AutoOptions {
        keep_events: true,
        ..AutoOptions::default()
    };

    // In the middle of the second turn, which is done again and counted once.
    let bench = Bench::new(
        json!({"replies": ["one", shell("sleep 4724"), "two", "three"], "repeat": "last"}),
    )
    .await;
    let token = killed_at(&bench, &three, "item/started", "sleep 4724").await;
    let (result, events) = resumed(&bench, &token, &keep).await;
    assert_eq!(
        (result.stop_reason, result.turns),
        (StopReason::MaxTurns, 3)
    );
    let (name, params) = &events
        .iter()
        .find(|(name, _)| name == "turnStarted")
        .unwrap();
    assert_eq!(
        (name.as_str(), &params["turn"], &params["repeated"]),
        ("turnStarted", &json!(2), &json!(true))
    );
    assert_eq!(result.history.len(), 2);
    // Every token that the engine knows of is counted once, those of the turn that was cut off as well.
    let usage = result.last.unwrap().usage.unwrap();
    let usage: Value = serde_json::from_str(usage.get()).unwrap();
    assert_eq!(usage["total"]["totalTokens"], result.tokens.total_tokens);

    // After the second turn, which is not done again.
    let bench = Bench::new(json!({"replies": ["one", "two", "three"]})).await;
    let token = killed_at(
        &bench,
        &three,
        "codexkit/autoRun/turnCompleted",
        r#""turn":2"#,
    )
    .await;
    let (result, _) = resumed(&bench, &token, &keep).await;
    assert_eq!((result.turns, result.tokens.total_tokens), (3, 45));
    assert_eq!(
        result.last.unwrap().final_response.as_deref(),
        Some("three")
    );
    assert_eq!(prompts(&bench).len(), 3, "no turn was lost or done twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_token_finds_what_was_done_since() {
    let bench = Bench::new(json!({"replies": ["one", "two", "three", "four"]})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let three = AutoOptions {
        max_turns: Some(3),
        ..until(Until::Turns)
    };
    let run = thread.auto_run(prompt("go"), &three).unwrap();
    let events = own_events(&run).await;
    let tokens: Vec<&str> = events
        .iter()
        .filter(|(name, _)| name == "continuation")
        .filter_map(|(_, params)| params["token"].as_str())
        .collect();
    run.result().await.unwrap();
    codex.close().await.unwrap();
    for token in &tokens {
        let (result, events) = resumed(
            &bench,
            token,
            &AutoOptions {
                keep_events: true,
                ..AutoOptions::default()
            },
        )
        .await;
        assert_eq!(
            (result.stop_reason, result.turns),
            (StopReason::MaxTurns, 3),
            "{:?}",
            names(&events)
        );
        assert_eq!(result.tokens.total_tokens, 45);
    }
    assert_eq!(prompts(&bench).len(), 3, "nothing was done twice");
    // The last one goes on with another limit.
    let more = AutoOptions {
        max_turns: Some(4),
        ..AutoOptions::default()
    };
    let (result, _) = resumed(&bench, tokens.last().unwrap(), &more).await;
    assert_eq!(result.last.unwrap().final_response.as_deref(), Some("four"));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_tokens_and_options_are_refused_at_the_call() {
    let bench = Bench::new(json!({"replies": ["fine"], "repeat": "last"})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let options = AutoOptions {
        max_turns: Some(1),
        ..until(Until::Callback)
    };
    let run = thread.auto_run(prompt("go"), &options).unwrap();
    let result = run.result_with(|_| async { json!(false) }).await.unwrap();
    let token = result.continuation.unwrap();
    let plain = AutoOptions::default();
    let changed = token.replacen("ckc1.e", "ckc1.f", 1);
    let other = bench.thread(&codex).await;
    for (token, thread, argument) in [
        ("nonsense", None, "token"),
        (changed.as_str(), None, "token"),
        (token.as_str(), None, "until"),
    ] {
        let error = codex
            .auto_resume(token, &plain, thread)
            .await
            .err()
            .unwrap();
        assert_eq!(
            (error.kind(), error.argument()),
            (ErrorKind::InvalidArgument, Some(argument))
        );
    }
    let error = codex
        .auto_resume(&token, &options, Some(other))
        .await
        .err()
        .unwrap();
    assert_eq!(error.argument(), Some("thread"));
    let error = thread.auto_run(prompt(" "), &plain).err().unwrap();
    assert_eq!(error.argument(), Some("input"));
    codex.close().await.unwrap();
}
