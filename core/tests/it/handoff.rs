//! Agents that hand their conversation over to each other, on the real engine.

use std::sync::Arc;

use codexkit::approvals::{Responders, Verdict};
use codexkit::auto::{AutoOptions, AutoResult, Hooks, StopReason, Until};
use codexkit::tools::{Tool, ToolRegistry};
use codexkit::{Codex, Handoff, JsonObject, Setup, Thread};
use serde_json::{Value, json};

use crate::support::{Bench, eventually, own_events, prompt};

fn transfer(name: &str, message: &str) -> Value {
    let name = format!("transfer_to_{name}");
    json!({"items": [{"call": {"name": name, "arguments": {"message": message}}}]})
}

/// What a model says to a prompt that has this in it.
fn rule(prompt: &str, replies: Value) -> Value {
    json!({"when": {"prompt_contains": prompt}, "replies": replies})
}

async fn start<const N: usize>(bench: &Bench, codex: &Codex, tools: [&Handoff; N]) -> Thread {
    let tools = ToolRegistry::of(tools.map(Handoff::tool)).unwrap();
    let setup = Setup::new().tools(tools);
    let params = bench.thread_params();
    codex.thread_start_with(params, setup).await.unwrap()
}

fn until_answer() -> AutoOptions {
    AutoOptions {
        until: Some(Until::Answer),
        keep_events: true,
        ..AutoOptions::default()
    }
}

async fn run(thread: &Thread, input: &str) -> AutoResult {
    let run = thread.auto_run(prompt(input), &until_answer()).unwrap();
    run.result().await.unwrap()
}

fn answer(result: &AutoResult) -> &str {
    let last = result.last.as_ref().expect("a turn");
    last.final_response.as_deref().unwrap_or_default()
}

/// The texts that the model read, of the last request with this in its prompt.
fn read(bench: &Bench, prompt: &str) -> Vec<String> {
    let requests = bench.model.requests();
    let of_prompt = |request: &&Value| {
        request["prompt"]
            .as_str()
            .is_some_and(|it| it.contains(prompt))
    };
    let last = requests.iter().rfind(of_prompt).expect("a request");
    let input = last["body"]["input"].as_array().unwrap();
    let of_talk = input.iter().filter(|item| item["role"] != "developer");
    let texts = of_talk.filter_map(|item| {
        let text = item["content"][0]["text"].as_str();
        text.or_else(|| item["output"].as_str()).map(str::to_owned)
    });
    // The engine's own words about itself and the machine.
    texts.filter(|text| !text.starts_with('<')).collect()
}

#[tokio::test]
async fn a_conversation_goes_from_agent_to_agent_and_back() {
    let bench = Bench::new(json!({"rules": [
        rule("pay twice", json!(["I will check."])),
        rule("my invoice", json!([transfer("billing", "Invoice 7."), "Bye."])),
        rule("Invoice 7.", json!([transfer("refunds", "Refund it."), ""])),
        rule("Refund it.", json!([transfer("triage", "Refunded."), ""])),
        rule("Refunded.", json!(["All is well."])),
    ]}))
    .await;
    let codex = bench.start().await;
    let back = Handoff::new("triage", "Everything else.").unwrap();
    let refunds = start(&bench, &codex, [&back]).await;
    let to_refunds = refunds.as_handoff("refunds", "Gives money back.").unwrap();
    let billing = start(&bench, &codex, [&to_refunds]).await;
    let to_billing = billing
        .as_handoff("billing", "Knows the invoices.")
        .unwrap();
    let triage = start(&bench, &codex, [&to_billing]).await;
    back.bind(&triage);
    assert_eq!(back.thread_id().as_deref(), Some(triage.id()));

    // What was said before belongs to the conversation.
    let before = triage.run(prompt("Did I pay twice?"), JsonObject::new());
    assert_eq!(before.await.unwrap().status, "completed");
    let run = triage
        .auto_run(prompt("Look at my invoice."), &until_answer())
        .unwrap();
    let result = run.result().await.unwrap();
    assert_eq!(result.stop_reason, StopReason::Done, "{:?}", result.error);
    assert_eq!(answer(&result), "All is well.");
    let (a, b, c) = (triage.id(), billing.id(), refunds.id());
    let path: Vec<_> = result
        .handoffs
        .iter()
        .map(|made| {
            (
                made.turn,
                &*made.from_thread_id,
                &*made.to_thread_id,
                &*made.name,
                &*made.message,
            )
        })
        .collect();
    assert_eq!(
        path,
        [
            (1, a, b, "billing", "Invoice 7."),
            (2, b, c, "refunds", "Refund it."),
            (3, c, a, "triage", "Refunded."),
        ]
    );
    let turns: Vec<_> = result.history.iter().map(|turn| &*turn.thread_id).collect();
    assert_eq!(turns, [a, b, c, a]);
    assert_eq!((&*result.thread_id, &*run.thread_id()), (a, a));

    let of_billing = read(&bench, "Invoice 7.");
    assert_eq!(
        of_billing[..4],
        [
            "Did I pay twice?",
            "I will check.",
            "Look at my invoice.",
            "Bye."
        ]
    );
    let of_refunds = read(&bench, "Refund it.");
    assert_eq!(of_refunds[..4], of_billing[..4]);
    // Its own words it remembers itself, in their place.
    let of_triage = read(&bench, "Refunded.");
    assert_eq!(of_triage.iter().filter(|text| *text == "Bye.").count(), 1);
    assert!(
        of_triage.last().unwrap().contains("handed over to you"),
        "{of_triage:?}"
    );

    let told = own_events(&run).await;
    let names: Vec<_> = told
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| *name != "continuation")
        .collect();
    let turn = ["turnStarted", "turnCompleted", "handedOver"];
    let expected: Vec<_> = [turn, turn, turn]
        .concat()
        .into_iter()
        .chain(["turnStarted", "turnCompleted", "completed"])
        .collect();
    assert_eq!(names, expected);
    let (_, over) = told.iter().find(|(name, _)| name == "handedOver").unwrap();
    assert_eq!(
        (over["threadId"].as_str(), over["toThreadId"].as_str()),
        (Some(a), Some(b))
    );
    codex.close().await.unwrap();
}

#[tokio::test]
async fn a_second_run_hands_over_what_is_new() {
    let bench = Bench::new(json!({"rules": [
        rule("first", json!([transfer("b", "Message one."), ""])),
        rule("second", json!([transfer("b", "Message two."), ""])),
        rule("Message one.", json!(["Answer one."])),
        rule("Message two.", json!(["Answer two."])),
    ]}))
    .await;
    let codex = bench.start().await;
    let b = bench.thread(&codex).await;
    let a = start(&bench, &codex, [&b.as_handoff("b", "Is B.").unwrap()]).await;
    assert_eq!(answer(&run(&a, "first").await), "Answer one.");
    assert_eq!(answer(&run(&a, "second").await), "Answer two.");
    let texts = read(&bench, "Message two.");
    for (text, times) in [("first", 1), ("second", 1), ("Answer one.", 1)] {
        assert_eq!(
            texts.iter().filter(|it| *it == text).count(),
            times,
            "{text}: {texts:?}"
        );
    }
    codex.close().await.unwrap();
}

#[tokio::test]
async fn who_cannot_hand_over_goes_on_and_reads_why() {
    let twice = json!({"items": [
        {"call": {"name": "transfer_to_b", "arguments": {"message": "m1"}}},
        {"call": {"name": "transfer_to_c", "arguments": {"message": "m2"}}},
    ]});
    let bench = Bench::new(json!({"rules": [
        rule("plain", json!([transfer("b", "m"), "did it myself"])),
        rule("unbound", json!([transfer("nobody", "m"), "did it too"])),
        rule("self", json!([transfer("a", "m"), "myself again"])),
        rule("both", json!([twice, ""])),
        rule("m1", json!(["b did it"])),
    ]}))
    .await;
    let codex = bench.start().await;
    let b = bench.thread(&codex).await.as_handoff("b", "Is B.").unwrap();
    let c = bench.thread(&codex).await.as_handoff("c", "Is C.").unwrap();
    let own = Handoff::new("a", "Is A.").unwrap();
    let nobody = Handoff::new("nobody", "Is not there.").unwrap();
    assert_eq!(nobody.thread_id(), None);
    let a = start(&bench, &codex, [&b, &c, &own, &nobody]).await;
    own.bind(&a);
    let plain = a.run(prompt("plain"), JsonObject::new()).await.unwrap();
    assert_eq!(plain.final_response.as_deref(), Some("did it myself"));
    let refusal = |prompt| read(&bench, prompt).pop().unwrap();
    assert!(refusal("plain").contains("nobody follows handoffs"));
    for (input, said, why) in [
        ("unbound", "did it too", "is not there"),
        ("self", "myself again", "you are that agent"),
    ] {
        let result = run(&a, input).await;
        assert_eq!((answer(&result), result.handoffs.len()), (said, 0));
        assert!(refusal(input).contains(why), "{}", refusal(input));
    }
    let both = run(&a, "both").await;
    assert_eq!((answer(&both), both.handoffs.len()), ("b did it", 1));
    assert!(
        read(&bench, "both")
            .iter()
            .any(|text| text.contains("goes to \"b\" already"))
    );
    codex.close().await.unwrap();
}

#[tokio::test]
async fn agents_that_hand_over_for_ever_are_ended_by_the_limit() {
    let bench = Bench::new(json!({"rules": [
        rule("ping", json!([transfer("b", "pong"), "", transfer("b", "pong"), "", transfer("b", "pong"), ""])),
        rule("pong", json!([transfer("a", "ping"), "", transfer("a", "ping"), ""])),
    ]}))
    .await;
    let codex = bench.start().await;
    let to_a = Handoff::new("a", "Is A.").unwrap();
    let to_b = Handoff::new("b", "Is B.").unwrap();
    let tools = || async { start(&bench, &codex, [&to_a, &to_b]).await };
    let (a, b) = (tools().await, tools().await);
    to_a.bind(&a);
    to_b.bind(&b);
    let options = AutoOptions {
        max_turns: Some(2),
        ..until_answer()
    };
    let result = a
        .auto_run(prompt("ping"), &options)
        .unwrap()
        .result()
        .await
        .unwrap();
    assert_eq!(
        (result.stop_reason, result.turns),
        (StopReason::MaxTurns, 2)
    );
    assert!(result.continuation.is_some());
    codex.close().await.unwrap();
}

#[tokio::test]
async fn an_agent_that_takes_over_has_tools_hooks_and_pictures_and_as_much_history_as_it_is_to_have()
 {
    let bench = Bench::new(json!({"rules": [
        rule("go", json!([transfer("b", "Over to you."), "the last word"])),
        rule("By the hook.", json!([{"items": [{"call": {"name": "ring", "arguments": {}}}]}, "rang"])),
    ]}))
    .await;
    let codex = bench.start().await;
    let ring = Tool::from_fn(
        codexkit::tools::ToolSpec::new("ring", "Rings.", json!({})),
        |_, _| async { Ok::<_, codexkit::tools::ToolError>("ring ring") },
    );
    let setup = Setup::new().tools(ToolRegistry::of([ring.unwrap()]).unwrap());
    let b = codex
        .thread_start_with(bench.thread_params(), setup)
        .await
        .unwrap();
    let to_b = Handoff::with_history("b", "Is B.", Some(1)).unwrap();
    to_b.bind(&b);
    let a = start(&bench, &codex, [&to_b]).await;
    let picture = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";
    let mut input = prompt("go");
    input.push(json!({"type": "image", "url": picture}));
    let options = AutoOptions {
        hooks: Hooks {
            after_turn: true,
            before_tool: true,
            ..Hooks::default()
        },
        ..until_answer()
    };
    let run = a.auto_run(input, &options).unwrap();
    let mut asked = Vec::new();
    let result = run
        .result_with(|request| {
            let params: Value = serde_json::from_str(request.params()).unwrap();
            asked.push((
                request.what().to_owned(),
                params["threadId"].as_str().unwrap().to_owned(),
            ));
            let first = request.what() == "after_turn" && params["turn"] == 1;
            async move {
                if first {
                    json!("By the hook.")
                } else {
                    Value::Null
                }
            }
        })
        .await
        .unwrap();
    assert_eq!(answer(&result), "rang", "{:?}", result.error);
    let (a, b) = (a.id().to_owned(), b.id().to_owned());
    let hook = |what: &str, id: &String| (what.to_owned(), id.clone());
    assert_eq!(
        asked,
        [
            hook("before_tool", &a),
            hook("after_turn", &a),
            hook("before_tool", &b),
            hook("after_turn", &b)
        ]
    );
    let texts = read(&bench, "By the hook.");
    assert!(
        texts.contains(&"the last word".to_owned()) && !texts.contains(&"go".to_owned()),
        "{texts:?}"
    );
    let requests = bench.model.requests();
    assert!(
        requests.last().unwrap()["body"]["input"]
            .to_string()
            .contains("input_image")
    );
    codex.close().await.unwrap();
}

#[tokio::test]
async fn a_run_that_ends_at_a_handoff_goes_on_in_another_process_with_the_next_agent() {
    let bench = Bench::new(json!({"rules": [
        rule("go", json!([transfer("b", "Over to you."), ""])),
        rule("Over to you.", json!(["b is done"])),
    ]}))
    .await;
    let codex = bench.start().await;
    let b = bench.thread(&codex).await;
    let a = start(&bench, &codex, [&b.as_handoff("b", "Is B.").unwrap()]).await;
    let options = AutoOptions {
        hooks: Hooks {
            after_turn: true,
            ..Hooks::default()
        },
        ..until_answer()
    };
    let run = a.auto_run(prompt("go"), &options).unwrap();
    let result = run
        .result_with(|_| async { json!({"stop": "enough"}) })
        .await
        .unwrap();
    assert_eq!(
        (result.stop_reason, result.turns),
        (StopReason::StoppedByHook, 1)
    );
    assert_eq!(result.thread_id, b.id());
    codex.close().await.unwrap();

    let codex = bench.start().await;
    let token = result.continuation.unwrap();
    let run = codex
        .auto_resume(&token, &AutoOptions::default(), None)
        .await
        .unwrap();
    let result = run.result().await.unwrap();
    assert_eq!((answer(&result), result.turns), ("b is done", 2));
    assert!(read(&bench, "Over to you.").contains(&"go".to_owned()));
    codex.close().await.unwrap();
}

#[tokio::test]
async fn agents_that_hand_over_to_each_other_do_not_keep_each_other() {
    let bench = Bench::new(json!({"rules": [
        rule("go", json!([transfer("b", "Over to you."), ""])),
        rule("Over to you.", json!([transfer("a", "Back."), ""])),
        rule("Back.", json!(["a is back"])),
    ]}))
    .await;
    let codex = bench.start().await;
    let back = Handoff::new("a", "Is A.").unwrap();
    let held = Arc::new(());
    let seen = Arc::downgrade(&held);
    let responders = Responders::new().on_approval(move |_| {
        let _held = held.clone();
        async { Verdict::Pass }
    });
    let setup = Setup::new()
        .responders(responders)
        .tools(ToolRegistry::of([back.tool()]).unwrap());
    let params = bench.thread_params();
    let b = codex.thread_start_with(params, setup).await.unwrap();
    let to_b = b.as_handoff("b", "Is B.").unwrap();
    // A handoff made of a thread keeps what that has of its own.
    drop(b);
    let a = start(&bench, &codex, [&to_b]).await;
    back.bind(&a);
    let run = a.auto_run(prompt("go"), &until_answer()).unwrap();
    // The run keeps it where the handoff does not.
    drop((a, to_b));
    assert_eq!(answer(&run.result().await.unwrap()), "a is back");
    drop(run);
    assert!(eventually(10, || seen.upgrade().is_none()).await);
    codex.close().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_a_handoff_is_refused() {
    for (name, description, argument) in [("has space", "Is B.", "name"), ("b", " ", "description")]
    {
        let error = Handoff::new(name, description).unwrap_err();
        assert!(error.to_string().contains(argument), "{error}");
    }
}
