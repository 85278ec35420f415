//! A thread as the tool of other threads, on the real engine.

use codexkit::tools::{Tool, ToolRegistry, ToolSpec};
use codexkit::{Codex, ErrorKind, JsonObject, Setup, Thread};
use serde_json::{Value, json};

use crate::support::{Bench, eventually, prompt};

fn asks(tool: &str, inputs: &[&str]) -> Value {
    let call = |input| json!({"call": {"name": tool, "arguments": {"input": input}}});
    json!({"items": inputs.iter().map(call).collect::<Vec<_>>()})
}

/// What a model says to a prompt that has this in it.
fn rule(prompt: &str, replies: Value) -> Value {
    json!({"when": {"prompt_contains": prompt}, "replies": replies})
}

async fn with_tools(bench: &Bench, codex: &Codex, tools: impl IntoIterator<Item = Tool>) -> Thread {
    let setup = Setup::new().tools(ToolRegistry::of(tools).unwrap());
    let params = bench.thread_params();
    codex.thread_start_with(params, setup).await.unwrap()
}

async fn run(thread: &Thread, input: &str) -> String {
    let result = thread.run(prompt(input), JsonObject::new()).await.unwrap();
    assert_eq!(result.status, "completed", "{:?}", result.error);
    result.final_response.unwrap()
}

/// What the model read of the calls of a prompt.
fn read(bench: &Bench, prompt: &str) -> Vec<String> {
    let requests = bench.model.requests();
    let of_prompt = |request: &&Value| request["prompt"].as_str() == Some(prompt);
    let last = requests.iter().rfind(of_prompt).unwrap();
    let input = last["body"]["input"].as_array().unwrap();
    input
        .iter()
        .filter(|item| item["type"] == "function_call_output")
        .map(|item| item["output"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_agent_asks_another_one_which_remembers() {
    let bench = Bench::new(json!({"rules": [
        rule("first question", json!(["first answer"])),
        rule("second question", json!(["second answer"])),
        rule("go", json!([
            asks("expert", &["first question"]), asks("expert", &["second question"]), "done",
        ])),
    ]}))
    .await;
    let codex = bench.start().await;
    let expert = bench.thread(&codex).await;
    let tool = expert.as_tool("expert", "Knows a lot.").unwrap();
    assert_eq!(tool.spec().timeout, None);
    let thread = with_tools(&bench, &codex, [tool]).await;
    assert_eq!(run(&thread, "go").await, "done");
    assert_eq!(read(&bench, "go"), ["first answer", "second answer"]);
    let requests = bench.model.requests();
    let second = requests
        .iter()
        .find(|it| it["prompt"] == "second question")
        .unwrap();
    assert!(second["body"]["input"].to_string().contains("first answer"));
    codex.close().await.unwrap();
}

#[tokio::test]
async fn calls_come_one_after_the_other_and_after_a_turn_that_runs() {
    let slow = |text: &str| json!([{"delay_ms": 300, "items": [{"message": text}]}]);
    let bench = Bench::new(json!({"rules": [
        rule("own", slow("own answer")), rule("one", slow("answer 1")), rule("two", slow("answer 2")),
        rule("go", json!([asks("expert", &["one", "two"]), "done"])),
    ]}))
    .await;
    let codex = bench.start().await;
    let expert = bench.thread(&codex).await;
    let tool = expert.as_tool("expert", "Knows a lot.").unwrap();
    let thread = with_tools(&bench, &codex, [tool]).await;
    let own = expert.turn(prompt("own"), JsonObject::new()).await.unwrap();
    assert_eq!(run(&thread, "go").await, "done");
    assert_eq!(
        own.result().await.unwrap().final_response.as_deref(),
        Some("own answer")
    );
    assert_eq!(read(&bench, "go"), ["answer 1", "answer 2"]);
    let stored = expert.read(true).await.unwrap();
    let stored: Value = serde_json::from_str(stored.get()).unwrap();
    assert_eq!(stored["thread"]["turns"].as_array().unwrap().len(), 3);
    codex.close().await.unwrap();
}

#[tokio::test]
async fn an_agent_that_is_asked_by_way_of_itself_is_refused() {
    let bench = Bench::new(json!({"rules": [
        rule("to b", json!([asks("ask_a", &["back to a"]), "b is done"])),
        rule("go", json!([asks("ask_b", &["to b"]), "a is done"])),
        rule("back to a", json!(["never"])),
    ]}))
    .await;
    let codex = bench.start().await;
    // B knows a tool of A's name before there is A.
    let stand_in = bench
        .thread(&codex)
        .await
        .as_tool("ask_a", "Asks A.")
        .unwrap();
    let known = ToolRegistry::of([stand_in]).unwrap();
    let setup = Setup::new().tools(known.clone());
    let b = codex
        .thread_start_with(bench.thread_params(), setup)
        .await
        .unwrap();
    let a = with_tools(&bench, &codex, [b.as_tool("ask_b", "Asks B.").unwrap()]).await;
    known.replace(a.as_tool("ask_a", "Asks A.").unwrap());
    assert_eq!(run(&a, "go").await, "a is done");
    assert_eq!(read(&bench, "go"), ["b is done"]);
    let [refusal] = &read(&bench, "to b")[..] else {
        panic!("one call");
    };
    assert!(refusal.contains("waits for you"), "{refusal}");
    assert_eq!(known.metrics()["ask_a"].failures, 1);
    codex.close().await.unwrap();
}

#[tokio::test]
async fn what_goes_wrong_is_a_result_that_the_caller_reads() {
    let bench = Bench::new(json!({"rules": [
        rule("fail", json!([{"items": [], "end": {"failed": {"code": "insufficient_quota", "message": "no money"}}}])),
        rule("go", json!([asks("expert", &["fail"]), "done"])),
    ]}))
    .await;
    let codex = bench.start().await;
    let expert = bench.thread(&codex).await;
    let tool = expert.as_tool("expert", "Knows a lot.").unwrap();
    let thread = with_tools(&bench, &codex, [tool]).await;
    assert_eq!(run(&thread, "go").await, "done");
    let [failure] = &read(&bench, "go")[..] else {
        panic!("one call");
    };
    assert!(failure.starts_with("the agent failed: "), "{failure}");
    codex.close().await.unwrap();
}

#[tokio::test]
async fn an_interrupted_caller_interrupts_the_turn_of_its_call() {
    let bench = Bench::new(json!({"rules": [
        rule("wait", json!([{"hang": true}])),
        rule("go", json!([asks("expert", &["wait"]), "done"])),
    ]}))
    .await;
    let codex = bench.start().await;
    let expert = bench.thread(&codex).await;
    let tool = expert.as_tool("expert", "Knows a lot.").unwrap();
    let thread = with_tools(&bench, &codex, [tool]).await;
    let turn = thread.turn(prompt("go"), JsonObject::new()).await.unwrap();
    let asked = || {
        bench
            .model
            .requests()
            .iter()
            .any(|it| it["prompt"] == "wait")
    };
    assert!(eventually(20, asked).await);
    turn.interrupt().await.unwrap();
    let hung_up = || {
        let requests = bench.model.requests();
        let mut asked = requests.iter().filter(|it| it["prompt"] == "wait");
        asked.all(|it| it["outcome"] == "client_gone")
    };
    assert!(eventually(20, hung_up).await);
    assert!(eventually(20, || codex.stats().open_turns == 0).await);
    codex.close().await.unwrap();
}

#[tokio::test]
async fn a_tool_in_the_clients_own_registry_does_not_keep_the_client() {
    let bench = Bench::new(json!({"replies": []})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    codex
        .tools()
        .register(thread.as_tool("expert", "Knows a lot.").unwrap())
        .unwrap();
    let path = format!("/proc/{}", codex.pid().unwrap());
    drop((codex, thread));
    assert!(eventually(20, || !std::path::Path::new(&path).exists()).await);
}

#[tokio::test]
async fn declarations_that_cannot_work_are_refused() {
    let bench = Bench::new(json!({"replies": []})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let mut refused = vec![
        thread.as_tool("no spaces", "Knows a lot."),
        thread.as_tool("expert", " "),
    ];
    let own = json!({"type": "object", "properties": {"topic": {"type": "string"}}});
    refused.push(thread.as_tool_with(ToolSpec::new("expert", "Knows a lot.", own)));
    let one = ToolSpec::new("expert", "Knows a lot.", json!({})).max_concurrency(1);
    refused.push(thread.as_tool_with(one));
    for result in refused {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    codex.close().await.unwrap();
}
