//! Spans, events and metrics on the real engine. What is recorded here is what Python and Node have to tell, too
//! (fixtures/spans; `CODEXKIT_RECORD=1` writes it again).

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use codexkit::approvals::{Decision, Responders};
use codexkit::auto::{AutoOptions, GoalCheck, Until};
use codexkit::map::MapOptions;
use codexkit::telemetry::{Observer, Span, SpanStatus, TelemetryEvent, TraceContext};
use codexkit::tools::{Tool, ToolError, ToolRegistry, ToolSpec};
use codexkit::{Codex, Error, ErrorKind, JsonObject, Setup, Thread, Turn};
use serde_json::{Value, json};

use crate::support::{Bench, object, prompt, repository};

pub(crate) const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Keeps what it hears.
#[derive(Default)]
pub(crate) struct Kept {
    captures: bool,
    started: Mutex<Vec<Span>>,
    ended: Mutex<Vec<Span>>,
    events: Mutex<Vec<TelemetryEvent>>,
}

impl Observer for Kept {
    fn captures_content(&self) -> bool {
        self.captures
    }

    fn span_started(&self, span: &Span) {
        self.started.lock().unwrap().push(span.clone());
    }

    fn span_ended(&self, span: &Span) {
        self.ended.lock().unwrap().push(span.clone());
    }

    fn event(&self, event: &TelemetryEvent) {
        self.events.lock().unwrap().push(event.clone());
    }
}

impl Kept {
    fn ended(&self) -> Vec<Span> {
        self.ended.lock().unwrap().clone()
    }

    /// Everything that was told, as text.
    fn text(&self) -> String {
        let (spans, events) = (self.ended(), self.events.lock().unwrap());
        let started = self.started.lock().unwrap();
        json!({"started": *started, "ended": spans, "events": *events}).to_string()
    }
}

/// The spans below one, without what differs from run to run: numbers, times, the order of siblings and how often an
/// equal one repeats. Requests that the engine refused are left out: it is asked again until it is ready.
fn tree(spans: &[Span], parent: Option<u64>) -> Value {
    let below = spans.iter().filter(|span| {
        let refused = span.kind.as_str() == "request" && span.status == SpanStatus::Error;
        span.parent == parent && !refused
    });
    let children: BTreeSet<String> = below
        .map(|span| {
            let names: BTreeSet<&str> = span.attributes.iter().map(|(name, _)| *name).collect();
            json!({
                "kind": span.kind, "name": span.name, "status": span.status,
                "attributes": names, "children": tree(spans, Some(span.id)),
            })
            .to_string()
        })
        .collect();
    let parsed = children
        .iter()
        .map(|child| serde_json::from_str(child).unwrap());
    Value::Array(parsed.collect())
}

fn fixture_path(name: &str) -> PathBuf {
    repository().join(format!("fixtures/spans/{name}.json"))
}

fn fixture(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(fixture_path(name)).unwrap()).unwrap()
}

fn scenario(name: &str) -> Value {
    fixture("scenarios")[name].clone()
}

/// What is in the prompts, answers, arguments and errors of the scenarios, and is to be in no record: what of it is.
pub(crate) fn secrets_in(text: &str) -> Vec<String> {
    let mut secrets: Vec<String> = serde_json::from_value(fixture("secrets")).unwrap();
    assert!(secrets.len() > 7);
    secrets.retain(|secret| text.contains(secret));
    secrets
}

fn add() -> ToolRegistry {
    let spec = ToolSpec::new("add", "Adds two numbers.", json!({"type": "object"}));
    let add = Tool::from_fn(spec, |arguments, _| async move {
        let sum = arguments["a"].as_i64().unwrap() + arguments["b"].as_i64().unwrap();
        Ok::<_, ToolError>(json!({ "sum": sum }))
    });
    ToolRegistry::of([add.unwrap()]).unwrap()
}

async fn start(bench: &Bench, observer: &Arc<Kept>) -> Codex {
    let mut options = bench.options();
    options.client_name = "spans".to_owned();
    options.observer = Some(observer.clone());
    Codex::start(options).await.unwrap()
}

async fn thread(bench: &Bench, codex: &Codex, scenario: &Value) -> Thread {
    let mut setup = Setup::new();
    let mut params = bench.thread_params();
    if scenario["tools"].is_array() {
        setup = setup.tools(add());
    }
    if let Some(accepted) = scenario["accept"].as_str().map(str::to_owned) {
        params.insert("sandbox".to_owned(), "read-only".into());
        params.insert("approvalPolicy".to_owned(), "on-request".into());
        params.insert("approvalsReviewer".to_owned(), "user".into());
        setup = setup.responders(Responders::new().on_approval(move |request| {
            let yes = request
                .script
                .is_some_and(|script| script.contains(&accepted));
            async move {
                if yes {
                    Decision::Accept
                } else {
                    Decision::Decline(None)
                }
            }
        }));
    }
    codex.thread_start_with(params, setup).await.unwrap()
}

/// Steers, if the scenario says with what, and interrupts.
async fn interrupt_at(turn: &Turn, item: &str, steer: Option<&str>) {
    while let Some(event) = turn.events().next().await {
        let event = event.unwrap();
        let params: Value = serde_json::from_str(event.params()).unwrap();
        if event.method() == "item/started" && params["item"]["type"] == item {
            if let Some(steer) = steer {
                turn.steer(prompt(steer)).await.unwrap();
            }
            turn.interrupt().await.unwrap();
        }
    }
}

/// Plays a scenario with an observer.
pub(crate) async fn play(name: &str, observer: &Arc<Kept>) -> Codex {
    let scenario = scenario(name);
    let bench = Bench::new(scenario["script"].clone()).await;
    let codex = start(&bench, observer).await;
    let thread = thread(&bench, &codex, &scenario).await;
    let turn = thread
        .turn(
            prompt("a-secret-prompt sk-abcdefghijklmnop"),
            JsonObject::new(),
        )
        .await
        .unwrap();
    if let Some(item) = scenario["interrupt_at"].as_str() {
        interrupt_at(&turn, item, scenario["steer"].as_str()).await;
    }
    turn.result().await.unwrap();
    codex.close().await.unwrap();
    codex
}

async fn holds_to_the_record(name: &str) {
    let kept = Arc::new(Kept::default());
    play(name, &kept).await;
    let mut ended = kept.ended();
    ended.sort_by_key(|span| span.id);
    let found = tree(&ended, None);
    if std::env::var_os("CODEXKIT_RECORD").is_some() {
        let text = serde_json::to_string_pretty(&found).unwrap();
        std::fs::write(fixture_path(name), text + "\n").unwrap();
    }
    assert_eq!(
        found,
        fixture(name),
        "{name}: {}",
        serde_json::to_string_pretty(&found).unwrap()
    );
    let started = kept.started.lock().unwrap().len();
    assert_eq!(started, ended.len(), "what began has ended");
    let text = kept.text();
    let found = secrets_in(&text);
    assert!(found.is_empty(), "{found:?} in {text}");
    for span in ended {
        assert!(span.end.is_some_and(|end| end >= span.start));
        assert_eq!(
            span.status == SpanStatus::Error,
            span.attribute("error.type").is_some()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_turn_has_the_spans_of_the_record() {
    holds_to_the_record("plain").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_call_has_the_spans_of_the_record() {
    holds_to_the_record("tool").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn approvals_have_the_spans_of_the_record() {
    holds_to_the_record("approvals").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_turn_has_the_spans_of_the_record() {
    holds_to_the_record("failed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_whose_error_quotes_a_key_has_the_spans_of_the_record() {
    holds_to_the_record("broken").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_error_of_a_turn_and_what_is_captured_of_it_have_no_secret() {
    let bench = Bench::new(scenario("broken")["script"].clone()).await;
    let kept = Arc::new(Kept {
        captures: true,
        ..Kept::default()
    });
    let codex = start(&bench, &kept).await;
    let thread = bench.thread(&codex).await;
    let result = thread.run(prompt("go"), JsonObject::new()).await.unwrap();
    codex.close().await.unwrap();
    let said = result.error.as_ref().unwrap().get();
    let error = result.error().unwrap();
    let turn = json!(of_kind(&kept.ended(), "turn"));
    let captured = turn["content"]["codexkit.error.message"].as_str().unwrap();
    for text in [said, error.message(), captured] {
        assert!(text.contains("the key [redacted] and"), "{text}");
        assert!(
            !text.contains("sk-abc") && !text.contains("hunter2"),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_turn_has_the_spans_of_the_record() {
    holds_to_the_record("interrupted").await;
}

fn of_kind(spans: &[Span], kind: &str) -> Span {
    let found = spans.iter().find(|span| span.kind.as_str() == kind);
    found.unwrap_or_else(|| panic!("no {kind}")).clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn content_is_told_to_those_who_ask_for_it_without_secrets() {
    let kept = Arc::new(Kept {
        captures: true,
        ..Kept::default()
    });
    play("tool", &kept).await;
    let spans = kept.ended();
    let turn = json!(of_kind(&spans, "turn"));
    let input = turn["content"]["gen_ai.input.messages"].as_str().unwrap();
    assert!(
        input.contains("a-secret-prompt") && input.contains("[redacted]"),
        "{input}"
    );
    let output = turn["content"]["gen_ai.output.messages"].as_str().unwrap();
    assert!(output.contains("Done."), "{output}");
    let tool = json!(of_kind(&spans, "tool"));
    assert_eq!(
        tool["content"]["gen_ai.tool.call.arguments"],
        r#"{"a":123454321,"b":2}"#
    );
    assert_eq!(
        tool["content"]["gen_ai.tool.call.result"],
        r#"{"sum":123454323}"#
    );
    assert!(!kept.text().contains("sk-abc"));
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_what_was_done() {
    let kept = Arc::new(Kept::default());
    let metrics = play("approvals", &kept).await.metrics();
    assert_eq!(metrics.turns, [("completed".to_owned(), 1)].into());
    assert_eq!(
        metrics.approvals,
        [("accept".to_owned(), 1), ("decline".to_owned(), 1)].into()
    );
    assert_eq!(
        (
            metrics.turn_duration.count,
            metrics.time_to_first_event.count
        ),
        (1, 1)
    );
    assert!(metrics.turn_duration.sum >= metrics.time_to_first_event.sum);
    assert!(
        metrics.tokens.input > 0 && metrics.tokens.output > 0,
        "{metrics:?}"
    );
    assert!(metrics.requests["ok"] >= 3, "{metrics:?}");
    assert_eq!(
        (metrics.open_turns, metrics.retries, metrics.restarts),
        (0, 0, 0)
    );
    let turn = of_kind(&kept.ended(), "turn");
    let used = turn
        .attribute("gen_ai.usage.input_tokens")
        .unwrap()
        .to_string();
    assert_eq!(used, metrics.tokens.input.to_string());
    let metrics = play("tool", &Arc::default()).await.metrics();
    assert_eq!(metrics.tool_calls, [("success".to_owned(), 1)].into());
    assert_eq!(metrics.tool_duration.count, 1);
    let metrics = play("interrupted", &Arc::default()).await.metrics();
    assert_eq!(metrics.turns, [("interrupted".to_owned(), 1)].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turns_trace_is_its_spans_and_the_engines() {
    let bench = Bench::new(json!({"replies": ["one", "two"]})).await;
    let kept = Arc::new(Kept::default());
    let codex = start(&bench, &kept).await;
    let thread = bench.thread(&codex).await;
    let context = TraceContext::new(PARENT, Some("congo=t61rcWkgMzE")).unwrap();
    let setup = Setup::new().trace_context(context.clone());
    thread
        .run_with(prompt("go"), JsonObject::new(), setup)
        .await
        .unwrap();
    thread.run(prompt("on"), JsonObject::new()).await.unwrap();
    codex.close().await.unwrap();
    let spans = kept.ended();
    let traces: Vec<_> = spans
        .iter()
        .filter(|span| span.kind.as_str() == "turn")
        .collect();
    assert_eq!(traces[0].trace.as_ref(), Some(&context));
    assert_eq!(traces[1].trace, None);
}

/// The traces of the turns, and whether their items are below them.
fn traces(kept: &Kept) -> Vec<Option<TraceContext>> {
    let spans = kept.ended();
    let turns = spans.iter().filter(|span| span.kind.as_str() == "turn");
    let has_items = |turn: &Span| {
        let items = spans.iter().filter(|span| span.kind.as_str() == "item");
        items.filter(|item| item.parent == Some(turn.id)).count() > 0
    };
    let traces = turns.inspect(|turn| assert!(has_items(turn), "{turn:?}"));
    traces.map(|turn| turn.trace.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_turns_of_runs_goals_and_maps_are_in_the_trace_that_is_given() {
    let done =
        json!({"items": [{"call": {"name": "update_goal", "arguments": {"status": "complete"}}}]});
    let bench = Bench::new(json!({
        "rules": [{"when": {"prompt_contains": "paint it"}, "replies": ["on it", done, "reached"]}],
        "replies": ["fine"], "repeat": "last"
    }))
    .await;
    let kept = Arc::new(Kept::default());
    let mut options = bench.options();
    options
        .config_overrides
        .push("features.goals=true".to_owned());
    options.observer = Some(kept.clone());
    let codex = Codex::start(options).await.unwrap();
    let context = TraceContext::new(PARENT, None).unwrap();
    let given = Some(context.clone());
    let told = format!(r#"{{"max_turns": 2, "trace_context": "{PARENT}"}}"#);
    let run = bench.thread(&codex).await;
    let run = run.auto_run(prompt("go"), &AutoOptions::from_json(&told).unwrap());
    let token = run.unwrap().result().await.unwrap().continuation.unwrap();
    assert_eq!(traces(&kept), [given.clone(), given.clone()]);
    kept.ended.lock().unwrap().clear();
    // A token carries no trace.
    let more = AutoOptions::from_json(r#"{"max_turns": 3}"#).unwrap();
    let run = codex.auto_resume(&token, &more, None).await.unwrap();
    run.result().await.unwrap();
    assert_eq!(traces(&kept), [None]);
    kept.ended.lock().unwrap().clear();
    let mut more = AutoOptions::from_json(r#"{"max_turns": 4}"#).unwrap();
    more.setup.trace_context.clone_from(&given);
    let run = codex.auto_resume(&token, &more, None).await.unwrap();
    run.result().await.unwrap();
    assert!(traces(&kept).iter().all(|trace| *trace == given));
    assert_eq!(of_kind(&kept.ended(), "thread").trace, given);
    kept.ended.lock().unwrap().clear();
    let mut goal = AutoOptions {
        until: Some(Until::Goal(GoalCheck::default())),
        ..AutoOptions::default()
    };
    goal.setup.trace_context = given.clone();
    let run = bench.thread(&codex).await;
    let run = run.auto_run(prompt("paint it"), &goal).unwrap();
    assert_eq!(run.result().await.unwrap().turns, 2);
    assert_eq!(traces(&kept), [given.clone(), given.clone()]);
    assert_eq!(codex.metrics().turns, [("completed".to_owned(), 6)].into());
    kept.ended.lock().unwrap().clear();
    let options = MapOptions {
        thread: bench.thread_params(),
        setup: Setup::new().trace_context(context),
        ..MapOptions::default()
    };
    let mapping = codex.map(["one", "two"], options).await.unwrap();
    assert_eq!(mapping.collect().await.unwrap().len(), 2);
    assert_eq!(traces(&kept), [given.clone(), given.clone()]);
    assert_eq!(of_kind(&kept.ended(), "thread").trace, given);
    codex.close().await.unwrap();
}

#[tokio::test]
async fn the_engine_is_told_the_trace_and_nothing_else() {
    // Two pipes in place of an engine: what is sent can be looked at.
    let folder = crate::support::folder();
    let log = folder.path().join("lines");
    let program = format!(
        r#"while IFS= read -r line; do printf '%s\n' "$line" >> {log}; case "$line" in
        *'"initialize"'*) printf '%s\n' '{{"id":1,"result":{{"userAgent":"spans/0.163.0 (x)"}}}}';;
        *'"turn/start"'*) printf '%s\n' '{{"id":2,"error":{{"code":-1,"message":"no"}}}}';;
        *'"thread/list"'*) printf '%s\n' '{{"id":3,"result":{{}}}}';; esac; done"#,
        log = log.display()
    );
    let options = codexkit::CodexOptions {
        launch_args_override: Some(vec!["sh".to_owned(), "-c".to_owned(), program]),
        ..codexkit::CodexOptions::default()
    };
    let codex = Codex::start(options).await.unwrap();
    let context = TraceContext::new(PARENT, Some("congo=t61rcWkgMzE")).unwrap();
    let setup = Setup::new().trace_context(context);
    let thread = codex.thread("t");
    let refused = thread.run_with(prompt("go"), JsonObject::new(), setup);
    let refused: Error = refused.await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Rpc);
    codex.thread_list(object(json!({}))).await.unwrap();
    assert_eq!(codex.metrics().turns, [("refused".to_owned(), 1)].into());
    codex.close().await.unwrap();
    let lines = std::fs::read_to_string(log).unwrap();
    let sent: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |method: &str| sent.iter().find(|line| line["method"] == method).unwrap();
    assert_eq!(
        of("turn/start")["trace"],
        json!({"traceparent": PARENT, "tracestate": "congo=t61rcWkgMzE"})
    );
    assert_eq!(of("thread/list").get("trace"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_start_has_a_span_that_failed() {
    let kept = Arc::new(Kept::default());
    let options = codexkit::CodexOptions {
        launch_args_override: Some(vec!["false".to_owned()]),
        observer: Some(kept.clone()),
        ..codexkit::CodexOptions::default()
    };
    assert!(Codex::start(options).await.is_err());
    let client = of_kind(&kept.ended(), "client");
    assert_eq!(client.status, SpanStatus::Error);
    assert_eq!(client.attribute("error.type").unwrap().to_string(), "spawn");
}

/// Looks, when it is told of a turn's end, at what the turn's handle says.
#[derive(Default)]
struct Peeking {
    turn: Mutex<Option<Turn>>,
    ready: Condvar,
    seen: Mutex<Vec<bool>>,
}

impl Observer for Peeking {
    fn span_ended(&self, span: &Span) {
        if span.kind.as_str() != "turn" {
            return;
        }
        let known = self.turn.lock().unwrap();
        let known = self.ready.wait_while(known, |turn| turn.is_none()).unwrap();
        let turn = known.as_ref().unwrap();
        let mut events = std::collections::VecDeque::new();
        let state = turn.events().drain(&mut events, usize::MAX);
        let ended = events
            .iter()
            .any(|event| event.method() == "turn/completed")
            || !matches!(state, codexkit::StreamState::Open);
        self.seen.lock().unwrap().extend([
            turn.is_running(),
            turn.try_result().is_none(),
            turn.result_blocking(Duration::ZERO).is_none(),
            !ended,
        ]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turns_span_is_told_before_anybody_sees_its_end() {
    let bench = Bench::new(json!({"replies": ["fine"]})).await;
    let peeking = Arc::new(Peeking::default());
    let mut options = bench.options();
    options.observer = Some(peeking.clone());
    let codex = Codex::start(options).await.unwrap();
    let thread = bench.thread(&codex).await;
    let turn = thread.turn(prompt("go"), JsonObject::new()).await.unwrap();
    *peeking.turn.lock().unwrap() = Some(turn.clone());
    peeking.ready.notify_all();
    let waiting = turn.clone();
    let blocking = move || waiting.result_blocking(Duration::from_secs(60));
    let result = tokio::task::spawn_blocking(blocking).await.unwrap();
    assert_eq!(result.unwrap().unwrap().status, "completed");
    assert_eq!(*peeking.seen.lock().unwrap(), [true; 4]);
    let counted = codex.metrics();
    assert_eq!(counted.turns, [("completed".to_owned(), 1)].into());
    let last = turn.events().next().await.unwrap().unwrap();
    assert_eq!(last.method(), "turn/completed");
    assert!(turn.events().next().await.is_none());
    *peeking.turn.lock().unwrap() = None;
    codex.close().await.unwrap();
}

/// Panics at everything, and is asked for nothing while it is off.
struct Bad(bool);

impl Observer for Bad {
    fn is_enabled(&self) -> bool {
        self.0
    }

    fn span_started(&self, _: &Span) {
        panic!("an observer of the application");
    }

    fn span_ended(&self, _: &Span) {
        panic!("an observer of the application");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panicking_observer_harms_no_turn_and_one_that_is_off_is_told_nothing() {
    for on in [true, false] {
        let bench = Bench::new(json!({"replies": ["fine"]})).await;
        let mut options = bench.options();
        options.observer = Some(Arc::new(Bad(on)));
        let codex = Codex::start(options).await.unwrap();
        let thread = bench.thread(&codex).await;
        let result = thread.run(prompt("go"), JsonObject::new()).await.unwrap();
        assert_eq!(result.final_response.as_deref(), Some("fine"));
        codex.close().await.unwrap();
    }
}
