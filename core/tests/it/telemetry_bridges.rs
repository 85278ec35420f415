//! What `tracing` and the `metrics` facade get: the names and fields of docs/telemetry.md, and no content. All happens on
//! the test's own thread, so that its subscriber and recorder hear of no other test.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use codexkit::auto::{AutoOptions, RetryPolicy};
use codexkit::telemetry::TraceContext;
use codexkit::{Codex, JsonObject, Setup};
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata as Facts,
    Recorder, SharedString, Unit,
};
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_core::span::Current;

use crate::faults;
use crate::restart::{kill, restarting};
use crate::support::{Bench, eventually, prompt};
use crate::telemetry::{PARENT, play, secrets_in};

/// A span or event as a subscriber sees it.
#[derive(Clone, Debug, Default)]
struct Seen {
    name: &'static str,
    parent: Option<u64>,
    fields: BTreeMap<&'static str, String>,
    closed: bool,
    metadata: Option<&'static Metadata<'static>>,
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

/// Keeps what it is told with the target of the docs.
#[derive(Default)]
struct Kept {
    spans: Mutex<BTreeMap<u64, Seen>>,
    events: Mutex<Vec<Seen>>,
    entered: Mutex<Vec<u64>>,
}

#[derive(Clone, Default)]
struct Listener(Arc<Kept>);

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("codexkit")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let current = self.0.entered.lock().unwrap().last().copied();
        let mut seen = Seen {
            name: span.metadata().name(),
            parent: span
                .parent()
                .map(Id::into_u64)
                .or(current.filter(|_| span.is_contextual())),
            metadata: Some(span.metadata()),
            ..Seen::default()
        };
        span.record(&mut seen);
        let mut spans = self.0.spans.lock().unwrap();
        let id = spans.len() as u64 + 1;
        spans.insert(id, seen);
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut spans = self.0.spans.lock().unwrap();
        values.record(spans.get_mut(&span.into_u64()).unwrap());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut seen = Seen {
            name: event.metadata().name(),
            parent: event.parent().map(Id::into_u64),
            ..Seen::default()
        };
        event.record(&mut seen);
        self.0.events.lock().unwrap().push(seen);
    }

    fn current_span(&self) -> Current {
        let entered = self.0.entered.lock().unwrap().last().copied();
        let spans = self.0.spans.lock().unwrap();
        entered.map_or_else(Current::none, |id| {
            Current::new(Id::from_u64(id), spans[&id].metadata.unwrap())
        })
    }

    fn enter(&self, span: &Id) {
        self.0.entered.lock().unwrap().push(span.into_u64());
    }

    fn exit(&self, _: &Id) {
        self.0.entered.lock().unwrap().pop();
    }

    fn try_close(&self, span: Id) -> bool {
        let mut spans = self.0.spans.lock().unwrap();
        spans.get_mut(&span.into_u64()).unwrap().closed = true;
        true
    }
}

impl Listener {
    fn spans(&self, name: &str) -> Vec<(u64, Seen)> {
        let spans = self.0.spans.lock().unwrap();
        let named = spans.iter().filter(|(_, seen)| seen.name == name);
        named.map(|(id, seen)| (*id, seen.clone())).collect()
    }

    fn one(&self, name: &str) -> (u64, Seen) {
        self.spans(name)
            .pop()
            .unwrap_or_else(|| panic!("no {name}"))
    }

    fn events(&self) -> Vec<Seen> {
        self.0.events.lock().unwrap().clone()
    }

    /// Everything that was told, as text.
    fn text(&self) -> String {
        format!("{:?} {:?}", self.0.spans.lock().unwrap(), self.events())
    }
}

#[tokio::test]
async fn tracing_gets_spans_with_names_fields_and_parents() {
    let listener = Listener::default();
    let _guard = tracing::subscriber::set_default(listener.clone());
    play("tool", &Arc::default()).await;
    let fields = |seen: &Seen| seen.fields.keys().copied().collect::<BTreeSet<_>>();
    let (turn_id, turn) = listener.one("turn");
    assert_eq!(turn.fields["otel.name"], "invoke_agent spans");
    assert_eq!(turn.fields["otel.kind"], "client");
    assert_eq!(turn.fields["codexkit.turn.status"], "completed");
    assert!(fields(&turn).is_superset(&BTreeSet::from([
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.agent.name",
        "gen_ai.conversation.id",
        "gen_ai.request.model",
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.reasoning.output_tokens",
        "codexkit.turn.id",
        "codexkit.turn.time_to_first_event",
    ])));
    let (_, tool) = listener.one("tool");
    assert_eq!(tool.parent, Some(turn_id));
    assert_eq!(tool.fields["gen_ai.tool.name"], "add");
    assert_eq!(tool.fields["otel.kind"], "internal");
    let items = listener.spans("item");
    assert!(items.iter().all(|(_, item)| item.parent == Some(turn_id)));
    let calls = |kind: &str| {
        let of = items.iter();
        of.filter(|(_, item)| item.fields["codexkit.item.type"] == kind)
            .count()
    };
    assert_eq!((calls("dynamicToolCall"), calls("agentMessage")), (1, 1));
    let (_, client) = listener.one("client");
    assert!(client.fields.contains_key("codexkit.engine.version"));
    assert_eq!(
        listener.one("thread").1.fields["otel.name"],
        "create_agent spans"
    );
    let requests = listener.spans("request");
    let start = requests
        .iter()
        .find(|(_, request)| request.fields["codexkit.request.method"] == "turn/start");
    assert_eq!(start.unwrap().1.parent, Some(turn_id));
    assert!(
        listener
            .0
            .spans
            .lock()
            .unwrap()
            .values()
            .all(|seen| seen.closed),
        "what began has ended"
    );
}

#[tokio::test]
async fn tracing_tells_failures_approvals_and_steering_and_never_their_content() {
    for name in ["approvals", "failed", "broken", "interrupted", "tool"] {
        let listener = Listener::default();
        let guard = tracing::subscriber::set_default(listener.clone());
        play(name, &Arc::default()).await;
        drop(guard);
        let (turn_id, turn) = listener.one("turn");
        let told = listener.text();
        let found = secrets_in(&told);
        assert!(found.is_empty(), "{name}: {found:?} in {told}");
        match name {
            "approvals" => {
                let approvals = listener.spans("approval");
                let decided: BTreeSet<_> = approvals
                    .iter()
                    .map(|(_, seen)| seen.fields["codexkit.approval.decision"].as_str())
                    .collect();
                assert_eq!(decided, BTreeSet::from(["accept", "decline"]));
                assert!(
                    approvals
                        .iter()
                        .all(|(_, seen)| seen.parent == Some(turn_id))
                );
            }
            "failed" | "broken" => {
                assert_eq!(turn.fields["otel.status_code"], "ERROR");
                assert_eq!(turn.fields["codexkit.turn.status"], "failed");
                assert!(turn.fields.contains_key("error.type"));
            }
            "interrupted" => {
                let requests = listener.spans("request");
                for method in ["turn/steer", "turn/interrupt"] {
                    let of = |seen: &Seen| seen.fields["codexkit.request.method"] == method;
                    let mut made = requests.iter().filter(|(_, seen)| of(seen));
                    assert!(
                        made.all(|(_, seen)| seen.parent == Some(turn_id)),
                        "{method}"
                    );
                }
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_turn_is_part_of_the_applications_span_and_names_its_trace() {
    let listener = Listener::default();
    let _guard = tracing::subscriber::set_default(listener.clone());
    let bench = Bench::new(json!({"replies": ["one"]})).await;
    let codex = Codex::start(bench.options()).await.unwrap();
    let thread = bench.thread(&codex).await;
    let context = TraceContext::new(PARENT, None).unwrap();
    let setup = Setup::new().trace_context(context);
    let mine = tracing::info_span!(target: "codexkit", "mine");
    let run = thread.run_with(prompt("go"), JsonObject::new(), setup);
    tracing::Instrument::instrument(run, mine.clone())
        .await
        .unwrap();
    let (_, turn) = listener.one("turn");
    assert_eq!(turn.parent, mine.id().map(|id| id.into_u64()));
    assert_eq!(turn.fields["codexkit.traceparent"], PARENT);
    codex.close().await.unwrap();
}

#[tokio::test]
async fn tracing_and_metrics_get_retries() {
    let listener = Listener::default();
    let _guard = tracing::subscriber::set_default(listener.clone());
    let recorder = Meters::default();
    let _metrics = metrics::set_default_local_recorder(&recorder);
    let script = json!({"replies": [{"end": {"failed": {"code": "server_is_overloaded", "message": "busy"}}}, "done"]});
    let bench = Bench::new(script).await;
    let codex = Codex::start(bench.options()).await.unwrap();
    let thread = bench.thread(&codex).await;
    let options = AutoOptions {
        max_turns: Some(1),
        retry: Some(RetryPolicy {
            initial_delay: std::time::Duration::from_millis(1),
            ..RetryPolicy::default()
        }),
        ..AutoOptions::default()
    };
    let run = thread.auto_run(prompt("go"), &options).unwrap();
    let result = run.result().await.unwrap();
    assert_eq!(result.turns, 1);
    let of_thread = format!("gen_ai.conversation.id={}", thread.id());
    assert_eq!(facts(&listener, "codexkit.retry"), Some(of_thread));
    assert_eq!(recorder.count("codexkit.retries", None), 1);
    assert_eq!(codex.metrics().retries, 1);
    codex.close().await.unwrap();
}

/// The facts of an event, if it was told.
fn facts(listener: &Listener, name: &str) -> Option<String> {
    let events = listener.events();
    let mut found = events
        .iter()
        .filter(|event| event.fields.get("name").is_some_and(|told| told == name));
    found.next().map(|event| event.fields["facts"].clone())
}

#[tokio::test]
async fn deltas_that_are_joined_are_told_and_counted() {
    let listener = Listener::default();
    let _guard = tracing::subscriber::set_default(listener.clone());
    let recorder = Meters::default();
    let _metrics = metrics::set_default_local_recorder(&recorder);
    let deltas = json!({"repeat_delta": {"count": 300, "text": "word{i} ", "delay_ms": 0}});
    let bench = Bench::new(json!({"replies": [{"items": [deltas]}]})).await;
    let mut options = bench.options();
    options.queue.soft_events = 5;
    let codex = Codex::start(options).await.unwrap();
    let thread = bench.thread(&codex).await;
    let turn = thread.turn(prompt("go"), JsonObject::new()).await.unwrap();
    turn.result().await.unwrap();
    let now = codex.metrics();
    assert!(now.queue_depth > 0 && now.coalesced_events > 200, "{now:?}");
    let depth = recorder.last("codexkit.queue.depth").unwrap();
    assert_eq!(depth.to_string(), now.queue_depth.to_string());
    drop(turn);
    let expected = format!("codexkit.events={}", now.coalesced_events);
    assert_eq!(facts(&listener, "codexkit.coalesced"), Some(expected));
    let counted = recorder.count("codexkit.events.coalesced", None);
    assert_eq!(counted, now.coalesced_events);
    codex.close().await.unwrap();
}

#[tokio::test]
async fn events_that_are_given_up_are_told_and_counted() {
    let listener = Listener::default();
    let _guard = tracing::subscriber::set_default(listener.clone());
    let recorder = Meters::default();
    let _metrics = metrics::set_default_local_recorder(&recorder);
    let flood = json!({"flood": {"count": 3000, "method": "item/fromTheFuture", "params": {"threadId": "${thread}", "turnId": "${turn}"}}});
    let plan = json!({"faults": [{"on": "turn/started", "then": [flood]}]});
    let mut options = faults::options(&plan);
    options.queue.soft_events = 100;
    options.queue.hard_events = 1000;
    let codex = Codex::start(options).await.unwrap();
    let (_thread, turn) = faults::turn(&codex).await;
    turn.result().await.unwrap();
    drop(turn);
    let given_up = codex.metrics().lagged_events;
    assert!(given_up >= 2000, "{given_up}");
    let expected = format!("codexkit.events={given_up}");
    assert_eq!(facts(&listener, "codexkit.lagged"), Some(expected));
    assert_eq!(recorder.count("codexkit.events.lagged", None), given_up);
    codex.close().await.unwrap();
}

#[tokio::test]
async fn an_engine_that_is_started_again_is_told_and_counted() {
    let listener = Listener::default();
    let _guard = tracing::subscriber::set_default(listener.clone());
    let recorder = Meters::default();
    let _metrics = metrics::set_default_local_recorder(&recorder);
    let bench = Bench::new(json!({"replies": ["one"]})).await;
    let codex = Codex::start(restarting(bench.options())).await.unwrap();
    kill(&codex);
    let restarted = || codex.metrics().restarts == 1;
    assert!(eventually(60, restarted).await);
    assert_eq!(facts(&listener, "codexkit.restart").as_deref(), Some(""));
    assert_eq!(recorder.count("codexkit.restarts", None), 1);
    codex.close().await.unwrap();
}

/// What a recorder was told, by the metric's name and labels.
#[derive(Clone, Default)]
struct Meters(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    counts: HashMap<String, u64>,
    values: HashMap<String, Vec<f64>>,
}

struct Meter(Meters, String);

impl Meters {
    fn of(&self, key: &Key) -> Arc<Meter> {
        let labels: Vec<_> = key
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value()))
            .collect();
        Arc::new(Meter(self.clone(), told_as(key.name(), &labels)))
    }

    fn count(&self, name: &str, label: Option<&str>) -> u64 {
        let labels: Vec<_> = label.into_iter().map(str::to_owned).collect();
        let told = self.0.lock().unwrap();
        let count = told.counts.get(&told_as(name, &labels)).copied();
        count.unwrap_or_default()
    }

    /// The values of a histogram without labels.
    fn values(&self, name: &str) -> Vec<f64> {
        let found = self.0.lock().unwrap();
        let found = found.values.get(&told_as(name, &[])).cloned();
        found.unwrap_or_default()
    }

    /// The last value of a gauge, whatever its labels.
    fn last(&self, name: &str) -> Option<f64> {
        let told = self.0.lock().unwrap();
        let mut found = told.values.iter().filter(|(key, _)| key.starts_with(name));
        found.next().and_then(|(_, values)| values.last().copied())
    }
}

fn told_as(name: &str, labels: &[String]) -> String {
    format!("{name} {}", labels.join(" "))
}

impl Meter {
    fn tell(&self, value: f64) {
        let Self(meters, key) = self;
        let mut told = meters.0.lock().unwrap();
        told.values.entry(key.clone()).or_default().push(value);
    }
}

impl CounterFn for Meter {
    fn increment(&self, value: u64) {
        let Self(meters, key) = self;
        let mut told = meters.0.lock().unwrap();
        *told.counts.entry(key.clone()).or_default() += value;
    }

    fn absolute(&self, _: u64) {
        unreachable!("nothing is set");
    }
}

impl GaugeFn for Meter {
    fn increment(&self, value: f64) {
        self.tell(value);
    }

    fn decrement(&self, value: f64) {
        self.tell(-value);
    }

    fn set(&self, value: f64) {
        self.tell(value);
    }
}

impl HistogramFn for Meter {
    fn record(&self, value: f64) {
        self.tell(value);
    }
}

impl Recorder for Meters {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Facts<'_>) -> Counter {
        Counter::from_arc(self.of(key))
    }

    fn register_gauge(&self, key: &Key, _: &Facts<'_>) -> Gauge {
        Gauge::from_arc(self.of(key))
    }

    fn register_histogram(&self, key: &Key, _: &Facts<'_>) -> Histogram {
        Histogram::from_arc(self.of(key))
    }
}

#[tokio::test]
async fn the_metrics_facade_gets_what_metrics_counts() {
    let recorder = Meters::default();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let counted = play("tool", &Arc::default()).await.metrics();
    assert_eq!(
        recorder.count("codexkit.turns", Some("status=completed")),
        1
    );
    for (name, sum) in [
        ("codexkit.turn.duration", counted.turn_duration.sum),
        (
            "codexkit.turn.time_to_first_event",
            counted.time_to_first_event.sum,
        ),
        ("codexkit.tool.duration", counted.tool_duration.sum),
    ] {
        let told = recorder.values(name);
        assert!(told.len() == 1 && (told[0] - sum).abs() < 1e-9, "{name}");
    }
    for (kind, count) in [
        ("input", counted.tokens.input),
        ("output", counted.tokens.output),
    ] {
        let label = format!("gen_ai.token.type={kind}");
        let told = recorder.count("gen_ai.client.token.usage", Some(&label));
        assert!(count > 0 && told == count, "{kind}: {told}");
    }
    let tools = recorder.count("codexkit.tool.calls", Some("outcome=success"));
    let requests = recorder.count("codexkit.requests", Some("outcome=ok"));
    assert_eq!((tools, requests), (1, counted.requests["ok"]));
    play("approvals", &Arc::default()).await;
    for decision in ["decision=accept", "decision=decline"] {
        assert_eq!(recorder.count("codexkit.approvals", Some(decision)), 1);
    }
    let depth = recorder.last("codexkit.queue.depth").unwrap();
    assert_eq!(depth.to_string(), "0");
    let told = recorder.0.lock().unwrap();
    let names = format!("{:?} {:?}", told.counts.keys(), told.values.keys());
    assert!(secrets_in(&names).is_empty(), "{names}");
}
