//! Tools of the application on the real engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use codexkit::tools::{Tool, ToolContext, ToolError, ToolRegistry, ToolResult, ToolSpec};
use codexkit::{Codex, ErrorKind, JsonObject, Setup, Thread};
use serde_json::{Value, json};

use crate::support::{Bench, eventually, prompt};

fn call(name: &str, arguments: &Value) -> Value {
    json!({"call": {"name": name, "arguments": arguments}})
}

fn grouped(namespace: &str, name: &str, arguments: &Value) -> Value {
    json!({"call": {"namespace": namespace, "name": name, "arguments": arguments}})
}

fn says(items: &[Value]) -> Value {
    json!({"items": items})
}

fn done() -> Value {
    says(&[json!({"message": "done"})])
}

fn numbers() -> Value {
    json!({
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "required": ["a", "b"],
        "additionalProperties": false,
    })
}

fn add() -> Tool {
    let spec = ToolSpec::new("add", "Adds two numbers.", numbers());
    Tool::from_fn(spec, |arguments, _| async move {
        let sum = arguments["a"].as_i64().unwrap() + arguments["b"].as_i64().unwrap();
        Ok::<_, ToolError>(json!({ "sum": sum }))
    })
    .unwrap()
}

fn nothing(name: &str) -> ToolSpec {
    ToolSpec::new(name, "Does something.", json!({}))
}

fn with(tools: impl IntoIterator<Item = Tool>) -> (ToolRegistry, Setup) {
    let registry = ToolRegistry::of(tools).unwrap();
    (registry.clone(), Setup::new().tools(registry))
}

async fn start(bench: &Bench, codex: &Codex, setup: Setup) -> Thread {
    let params = bench.thread_params();
    codex.thread_start_with(params, setup).await.unwrap()
}

async fn run(thread: &Thread) -> String {
    let result = thread.run(prompt("go"), JsonObject::new()).await.unwrap();
    assert_eq!(result.status, "completed", "{:?}", result.error);
    result.final_response.unwrap()
}

/// What the model reads of the calls, as it was told in its last request.
fn outputs(bench: &Bench) -> Vec<String> {
    let requests = bench.model.requests();
    let input = requests.last().unwrap()["body"]["input"].clone();
    let outputs = input.as_array().unwrap().iter();
    outputs
        .filter(|item| item["type"] == "function_call_output")
        .map(|item| match &item["output"] {
            Value::String(text) => text.clone(),
            // An MCP tool's: the engine says first how long it took.
            parts => parts.as_array().unwrap().last().unwrap()["text"]
                .as_str()
                .map_or_else(|| parts.to_string(), str::to_owned),
        })
        .collect()
}

/// The names of the tools that the model was offered last.
fn offered(bench: &Bench) -> Vec<String> {
    let requests = bench.model.requests();
    let tools = requests.last().unwrap()["body"]["tools"].clone();
    let mut names = Vec::new();
    for tool in tools.as_array().unwrap() {
        let name = tool["name"].as_str().unwrap_or_default();
        match tool["tools"].as_array() {
            Some(tools) => names.extend(
                tools
                    .iter()
                    .map(|tool| format!("{name}.{}", tool["name"].as_str().unwrap())),
            ),
            None => names.push(name.to_owned()),
        }
    }
    names
}

#[tokio::test]
async fn the_model_calls_a_tool_and_reads_its_result() {
    let two = json!({"a": 1, "b": 2});
    let bench = Bench::new(json!({"replies": [says(&[call("add", &two)]), done()]})).await;
    let codex = bench.start().await;
    let (registry, setup) = with([add()]);
    let thread = start(&bench, &codex, setup).await;
    assert_eq!(run(&thread).await, "done");
    assert_eq!(outputs(&bench), [r#"{"sum":3}"#]);
    assert!(offered(&bench).contains(&"add".to_owned()));
    let metrics = registry.metrics();
    let metrics = &metrics["add"];
    assert_eq!(
        (metrics.calls, metrics.successes, metrics.running),
        (1, 1, 0)
    );
    assert!(metrics.last_latency_ms > 0.0);
    codex.close().await.unwrap();
}

#[tokio::test]
async fn a_tool_knows_where_it_is_called_from() {
    let script = json!({"replies": [says(&[grouped("desk", "where", &json!({}))]), done()]});
    let bench = Bench::new(script).await;
    let codex = bench.start().await;
    let spec = nothing("where").namespace("desk");
    let place = Tool::from_fn(spec, |_, context: ToolContext| async move {
        Ok::<_, ToolError>(context.to_json())
    })
    .unwrap();
    let (registry, setup) = with([place]);
    registry.describe("desk", "What is on the desk.").unwrap();
    let thread = start(&bench, &codex, setup).await;
    run(&thread).await;
    let told: Value = serde_json::from_str(&outputs(&bench)[0]).unwrap();
    assert_eq!(told["threadId"], thread.id());
    assert_eq!(
        (&told["tool"], &told["namespace"]),
        (&json!("where"), &json!("desk"))
    );
    assert!(!told["turnId"].as_str().unwrap().is_empty());
    let tools = bench.model.requests()[0]["body"]["tools"].to_string();
    assert!(tools.contains("What is on the desk."), "{tools}");
    codex.close().await.unwrap();
}

#[tokio::test]
async fn what_goes_wrong_is_a_result_that_the_model_reads() {
    let calls = [
        call("add", &json!({"a": "one", "c": 3})),
        call("fails", &json!({})),
        call("panics", &json!({})),
        call("slow", &json!({})),
    ];
    let replies: Vec<Value> = calls
        .iter()
        .map(|call| says(std::slice::from_ref(call)))
        .chain([done()])
        .collect();
    let bench = Bench::new(json!({ "replies": replies })).await;
    let codex = bench.start().await;
    let fails = Tool::from_fn(nothing("fails"), |_, _| async {
        Err::<String, _>(ToolError::new(
            "no paper; the key is sk-abcdefghijklmnopqrstuvwxyz123456",
        ))
    });
    let panics = Tool::from_fn(nothing("panics"), |_, _| async {
        assert!(std::env::var("CODEXKIT_NEVER").is_ok(), "it panics");
        Ok::<_, ToolError>("no")
    });
    let slow = nothing("slow").timeout(Some(Duration::from_millis(50)));
    let slow = Tool::from_fn(slow, |_, _| async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok::<_, ToolError>("no")
    });
    let (registry, setup) = with([add(), fails.unwrap(), panics.unwrap(), slow.unwrap()]);
    let thread = start(&bench, &codex, setup).await;
    assert_eq!(run(&thread).await, "done");
    let read = outputs(&bench);
    assert!(
        read[0].contains("at $.a") && read[0].contains("'c'"),
        "{}",
        read[0]
    );
    assert!(
        read[1].starts_with("no paper") && !read[1].contains("sk-abc"),
        "{}",
        read[1]
    );
    assert_eq!(read[2], "the tool gave no result");
    assert_eq!(read[3], "the tool gave no result within 0.05 s");
    let metrics = registry.metrics();
    assert_eq!((metrics["add"].invalid, metrics["add"].failures), (1, 1));
    assert_eq!(metrics["fails"].last_error.as_deref(), Some(&*read[1]));
    assert_eq!(
        (metrics["slow"].timeouts, metrics["panics"].failures),
        (1, 1)
    );
    codex.close().await.unwrap();
}

#[tokio::test]
async fn an_interrupted_turn_ends_its_calls() {
    let bench = Bench::new(json!({"replies": [says(&[call("waits", &json!({}))]), done()]})).await;
    let codex = bench.start().await;
    let (started, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counters = (started.clone(), ended.clone());
    let handler = move |call: codexkit::tools::ToolCall| {
        counters.0.fetch_add(1, Ordering::SeqCst);
        let ended = counters.1.clone();
        tokio::spawn(async move {
            call.context().cancelled().await;
            assert!(call.context().is_cancelled());
            ended.fetch_add(1, Ordering::SeqCst);
        });
    };
    let waits = Tool::new(nothing("waits").timeout(None), Arc::new(handler)).unwrap();
    let (registry, setup) = with([waits]);
    let thread = start(&bench, &codex, setup).await;
    let turn = thread.turn(prompt("go"), JsonObject::new()).await.unwrap();
    assert!(eventually(10, || started.load(Ordering::SeqCst) == 1).await);
    assert_eq!(registry.metrics()["waits"].running, 1);
    turn.interrupt().await.unwrap();
    assert_eq!(turn.result().await.unwrap().status, "interrupted");
    assert!(eventually(10, || ended.load(Ordering::SeqCst) == 1).await);
    assert!(eventually(10, || registry.metrics()["waits"].cancelled == 1).await);
    codex.close().await.unwrap();
}

#[tokio::test]
async fn so_many_calls_run_at_a_time() {
    let calls: Vec<Value> = (0..4).map(|_| call("busy", &json!({}))).collect();
    let bench = Bench::new(json!({"replies": [says(&calls), done()]})).await;
    let codex = bench.start().await;
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counters = (now, most.clone());
    let busy = Tool::from_fn(nothing("busy").max_concurrency(2), move |_, _| {
        let (now, most) = counters.clone();
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(100)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, ToolError>("free")
        }
    });
    let (registry, setup) = with([busy.unwrap()]);
    let thread = start(&bench, &codex, setup).await;
    run(&thread).await;
    assert_eq!(registry.metrics()["busy"].successes, 4);
    assert!(most.load(Ordering::SeqCst) <= 2);
    codex.close().await.unwrap();
}

/// A thread with `add` is picked up by another client with `add` and a new tool, and calls both.
async fn picked_up(how: &str) {
    let two = json!({"a": 1, "b": 2});
    let new = grouped("mcp__codexkit_tools", "desk__new", &json!({}));
    let script = json!({"rules": [
        {"when": {"prompt_contains": "first"}, "replies": [says(&[call("add", &two)]), done()]},
        {"when": {"prompt_contains": "go"}, "replies": [says(&[call("add", &two), new]), done()]},
    ]});
    let bench = Bench::new(script).await;
    let codex = bench.start().await;
    let (_, setup) = with([add()]);
    let thread = start(&bench, &codex, setup).await;
    let first = thread
        .run(prompt("first"), JsonObject::new())
        .await
        .unwrap();
    assert_eq!(first.status, "completed");
    let id = thread.id().to_owned();
    codex.close().await.unwrap();

    let codex = bench.start().await;
    let spec = nothing("new").namespace("desk");
    let new = Tool::from_fn(spec, |_, context: ToolContext| async move {
        Ok::<_, ToolError>(context.to_json())
    });
    let (registry, setup) = with([add(), new.unwrap()]);
    let params = bench.thread_params();
    let thread = match how {
        "resume" => codex.thread_resume_with(&id, params, setup).await,
        _ => codex.thread_fork_with(&id, params, setup).await,
    };
    let thread = thread.unwrap();
    assert_eq!(run(&thread).await, "done");
    let there = offered(&bench);
    let of_add = there.iter().filter(|name| name.ends_with("add")).count();
    assert_eq!(of_add, 1, "{there:?}");
    let read = outputs(&bench);
    let told = read.iter().find(|text| text.contains("desk")).unwrap();
    let told: Value = serde_json::from_str(told).unwrap();
    assert_eq!(told["namespace"], "desk");
    assert_eq!(told["threadId"], thread.id());
    for key in ["turnId", "callId"] {
        assert!(!told[key].as_str().unwrap().is_empty(), "{told}");
    }
    assert_eq!(registry.metrics()["desk.new"].successes, 1);
    assert_eq!(registry.metrics()["add"].successes, 1);
    codex.close().await.unwrap();
}

#[tokio::test]
async fn a_resumed_thread_has_its_tools_and_new_ones() {
    picked_up("resume").await;
}

#[tokio::test]
async fn a_forked_thread_has_its_tools_and_new_ones() {
    picked_up("fork").await;
}

#[tokio::test]
async fn an_engine_without_dynamic_tools_reaches_them_all_the_same() {
    let two = json!({"a": 1, "b": 2});
    let replies = [says(&[grouped("mcp__codexkit_tools", "add", &two)]), done()];
    let bench = Bench::new(json!({ "replies": replies })).await;
    let mut options = bench.options();
    options.experimental_api = false;
    options.tools.register(add()).unwrap();
    let codex = Codex::start(options).await.unwrap();
    let thread = bench.thread(&codex).await;
    assert_eq!(run(&thread).await, "done");
    assert!(
        outputs(&bench)[0].contains(r#"{"sum":3}"#),
        "{:?}",
        outputs(&bench)
    );
    assert_eq!(codex.tools().metrics()["add"].successes, 1);
    codex.close().await.unwrap();
}

#[tokio::test]
async fn a_registry_changes_under_the_threads_that_have_it() {
    let one = says(&[call("now", &json!({}))]);
    let replies = [one.clone(), done(), one.clone(), done(), one, done()];
    let bench = Bench::new(json!({ "replies": replies })).await;
    let codex = bench.start().await;
    let version = |text: &'static str| {
        Tool::from_fn(nothing("now"), move |_, _| async move {
            Ok::<_, ToolError>(text)
        })
        .unwrap()
    };
    codex.tools().register(version("one")).unwrap();
    let thread = bench.thread(&codex).await;
    run(&thread).await;
    assert_eq!(outputs(&bench).last().unwrap(), "one");
    assert!(codex.tools().replace(version("two")).is_some());
    run(&thread).await;
    assert_eq!(outputs(&bench).last().unwrap(), "two");
    assert_eq!(codex.tools().metrics()["now"].calls, 2);
    assert!(codex.tools().remove("now").is_some());
    assert!(codex.tools().remove("now").is_none());
    codex.tools().register(add()).unwrap();
    run(&thread).await;
    let told = outputs(&bench).last().unwrap().clone();
    assert_eq!(told, r#"there is no tool "now" any more; there are: add"#);
    codex.close().await.unwrap();
}

#[tokio::test]
async fn images_reach_the_model() {
    let bench = Bench::new(json!({"replies": [says(&[call("look", &json!({}))]), done()]})).await;
    let codex = bench.start().await;
    let pixel = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let look = Tool::from_fn(nothing("look"), move |_, _| async move {
        Ok::<_, ToolError>(ToolResult::image(pixel))
    });
    let (_, setup) = with([look.unwrap()]);
    let thread = start(&bench, &codex, setup).await;
    run(&thread).await;
    assert!(
        outputs(&bench)[0].contains("input_image"),
        "{:?}",
        outputs(&bench)
    );
    codex.close().await.unwrap();
}

#[test]
fn declarations_that_cannot_be_are_refused() {
    let make = |spec: ToolSpec| Tool::from_fn(spec, |_, _| async { Ok::<_, ToolError>("x") });
    let wrong = [
        (ToolSpec::new("", "d", json!({})), "name"),
        (ToolSpec::new("a b", "d", json!({})), "name"),
        (ToolSpec::new("x".repeat(65), "d", json!({})), "name"),
        (ToolSpec::new("mcp__x", "d", json!({})), "name"),
        (ToolSpec::new("x", " ", json!({})), "description"),
        (nothing("x").namespace("a.b"), "namespace"),
        (
            ToolSpec::new("x", "d", json!({"type": "string"})),
            "parameters",
        ),
        (
            ToolSpec::new("x", "d", json!({"typ": "object"})),
            "parameters",
        ),
        (ToolSpec::new("x", "d", json!(3)), "parameters"),
        (
            ToolSpec::new("x", "d", json!({"type": "object", "properties": 3})),
            "parameters",
        ),
        (nothing("x").timeout(Some(Duration::ZERO)), "timeout"),
        (nothing("x").max_concurrency(0), "max_concurrency"),
    ];
    for (spec, argument) in wrong {
        let error = make(spec.clone()).expect_err(&format!("{spec:?}"));
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(error.argument(), Some(argument), "{error}");
    }
    let error = ToolRegistry::of([add(), add()]).unwrap_err();
    assert_eq!(error.argument(), Some("name"));
    assert!(ToolSpec::from_json(r#"{"name": "x", "descripton": "d"}"#).is_err());
    let none = ToolSpec::from_json(r#"{"name": "x", "timeoutS": null}"#).unwrap();
    assert_eq!(none.timeout, None);
}
