//! A turn as a span, with its items below it, and what it adds to the counters.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde::Deserialize;
use serde_json::Value;

use crate::clock;
use crate::error::Error;
use crate::error::words::word_of;
use crate::protocol::generated::methods::id;
use crate::protocol::{JsonObject, lenient};
use crate::telemetry::content;
use crate::telemetry::context::TraceContext;
use crate::telemetry::record::SpanKind;
use crate::telemetry::recorder::{Open, Telemetry, lock};
use crate::telemetry::scope::Scope;
use crate::thread::event::Event;
use crate::thread::usage::{Meter, Tokens};

/// Of more items that run at once no spans are made.
const MOST_ITEMS: usize = 256;

/// A turn under observation. It is made with the turn and told what becomes of it.
pub(crate) struct TurnTrace {
    telemetry: Arc<Telemetry>,
    thread_id: String,
    began: Instant,
    scope: Scope,
    has_events: AtomicBool,
    inner: Mutex<Inner>,
}

struct Inner {
    open: Option<Open>,
    items: HashMap<String, Open>,
    over: bool,
}

/// How a turn ended, as far as its events say.
#[derive(Default)]
pub(crate) struct Ending {
    /// The engine's last event of the turn.
    pub(crate) completed: Option<Event>,
    /// The turn's first and last report of usage, and the thread's before the turn.
    pub(crate) first_usage: Option<Event>,
    pub(crate) usage: Option<Event>,
    pub(crate) used_before: Option<Event>,
    /// Why it has no last event.
    pub(crate) error: Option<Error>,
    /// The answer, where content is captured.
    pub(crate) answer: Option<String>,
}

#[derive(Default, Deserialize)]
struct CompletedParams {
    turn: EndedTurn,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EndedTurn {
    status: Value,
    error: Option<EndedError>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EndedError {
    codex_error_info: Value,
    message: Value,
}

#[derive(Deserialize)]
struct ItemParams {
    item: ItemFacts,
}

#[derive(Deserialize)]
struct ItemFacts {
    #[serde(rename = "type")]
    tag: String,
    #[serde(default)]
    status: Value,
}

impl TurnTrace {
    /// A turn is about to start.
    pub(crate) fn begin(
        telemetry: &Arc<Telemetry>,
        thread_id: &str,
        (input, params): (&[Value], &JsonObject),
        model: Option<String>,
        trace: Option<TraceContext>,
    ) -> Arc<Self> {
        let mut scope = Scope {
            parent: None,
            trace,
        };
        let mut open = telemetry.start(SpanKind::Turn, scope.clone(), || {
            let agent = &telemetry.agent;
            let mut attributes = vec![
                ("gen_ai.operation.name", "invoke_agent".into()),
                ("gen_ai.provider.name", "openai".into()),
                ("gen_ai.agent.name", agent.as_str().into()),
                ("gen_ai.conversation.id", thread_id.into()),
            ];
            let own = params.get("model").and_then(Value::as_str);
            if let Some(model) = own.map(str::to_owned).or(model) {
                attributes.push(("gen_ai.request.model", model.into()));
            }
            (format!("invoke_agent {agent}"), attributes)
        });
        if let Some(open) = &mut open {
            open.content("gen_ai.input.messages", || content::input(input));
        }
        scope.parent = open.as_ref().and_then(Open::id);
        Arc::new(Self {
            telemetry: telemetry.clone(),
            thread_id: thread_id.to_owned(),
            began: clock::now(),
            scope,
            has_events: AtomicBool::new(false),
            inner: Mutex::new(Inner {
                open,
                items: HashMap::new(),
                over: false,
            }),
        })
    }

    /// Where the requests of the turn belong.
    pub(crate) fn scope(&self) -> Scope {
        self.scope.clone()
    }

    /// Its span.
    pub(crate) fn id(&self) -> Option<u64> {
        self.scope.parent
    }

    /// Whether the answer is wanted at the end.
    pub(crate) fn captures(&self) -> bool {
        self.id().is_some() && self.telemetry.captures()
    }

    /// True for the turn's first event.
    pub(crate) fn is_first(&self) -> bool {
        !self.has_events.load(Ordering::Relaxed) && !self.has_events.swap(true, Ordering::Relaxed)
    }

    /// Whether a span is made of the event.
    pub(crate) fn wants(&self, event: &Event) -> bool {
        self.id().is_some() && matches!(event.method_id(), id::ITEM_STARTED | id::ITEM_COMPLETED)
    }

    /// The first event came, at this time.
    pub(crate) fn first_event(&self, at: Instant) {
        let after = at.duration_since(self.began);
        self.telemetry.counters.first_event(after);
        if let Some(open) = &mut lock(&self.inner).open {
            open.set("codexkit.turn.time_to_first_event", after.as_secs_f64());
        }
    }

    /// An item was started or completed.
    pub(crate) fn item(&self, event: &Event) {
        let Ok(ItemParams { item }) = lenient::from_str::<ItemParams>(event.params()) else {
            return; // what is no item has no span; the reader sees it as it is
        };
        let item_id = event.item_id().unwrap_or_default();
        let ends = event.method_id() == id::ITEM_COMPLETED;
        let known = {
            let mut inner = lock(&self.inner);
            if inner.over {
                return;
            }
            inner.items.remove(item_id)
        };
        let Some(mut open) = known.or_else(|| self.start_item(item_id, &item.tag)) else {
            return;
        };
        if ends {
            if let Some(status) = item.status.as_str() {
                open.set("codexkit.item.status", status);
                if status == "failed" {
                    open.fail("failed");
                }
            }
            open.content("codexkit.item", || {
                content::bounded(event.params()).to_owned()
            });
            open.end();
            return;
        }
        let mut inner = lock(&self.inner);
        if inner.items.len() < MOST_ITEMS {
            inner.items.insert(item_id.to_owned(), open);
        }
    }

    fn start_item(&self, item_id: &str, tag: &str) -> Option<Open> {
        let scope = Scope {
            parent: self.id(),
            trace: None,
        };
        self.telemetry.start(SpanKind::Item, scope, || {
            let attributes = vec![
                ("codexkit.item.type", tag.into()),
                ("codexkit.item.id", item_id.into()),
                ("gen_ai.conversation.id", self.thread_id.as_str().into()),
            ];
            (format!("codexkit.item {tag}"), attributes)
        })
    }

    /// The engine refused to start the turn, or could not be asked.
    pub(crate) fn refused(&self, error: &Error) {
        self.finish("refused", "", Tokens::default(), |open| {
            open.fail_as(error);
        });
    }

    /// The turn ended, or nobody will ever hear of its end.
    pub(crate) fn end(&self, turn_id: &str, ending: &Ending) {
        let used = used(ending);
        if let Some(error) = &ending.error {
            return self.finish("lost", turn_id, used, |open| open.fail_as(error));
        }
        let turn = ending
            .completed
            .as_ref()
            .map_or_else(EndedTurn::default, |event| {
                let params = lenient::from_str::<CompletedParams>(event.params());
                params.unwrap_or_default().turn
            });
        let word = turn.status.as_str().unwrap_or_default();
        let known = ["completed", "interrupted", "failed"].into_iter();
        let status = known.into_iter().find(|known| *known == word);
        self.finish(status.unwrap_or("other"), turn_id, used, |open| {
            if let Some(answer) = &ending.answer {
                open.content("gen_ai.output.messages", || content::output(answer, "stop"));
            }
            if word == "failed" {
                let error = turn.error.unwrap_or_default();
                let (word, _) = word_of(&error.codex_error_info);
                open.fail(if word.is_empty() { "failed" } else { word });
                if let Some(message) = error.message.as_str() {
                    open.content("codexkit.error.message", || message.to_owned());
                }
            }
        });
    }

    fn finish(
        &self,
        status: &'static str,
        turn_id: &str,
        used: Tokens,
        more: impl FnOnce(&mut Open),
    ) {
        let (open, items) = {
            let mut inner = lock(&self.inner);
            if std::mem::replace(&mut inner.over, true) {
                return;
            }
            (inner.open.take(), std::mem::take(&mut inner.items))
        };
        let took = clock::now().duration_since(self.began);
        let took = (status != "refused").then_some(took);
        self.telemetry.counters.turn(status, took, used);
        // The engine does not complete the items of an interrupted turn.
        for (_, mut item) in items {
            item.set("codexkit.item.status", "unfinished");
            item.end();
        }
        let Some(mut open) = open else {
            return;
        };
        if !turn_id.is_empty() {
            open.set("codexkit.turn.id", turn_id);
        }
        open.set("codexkit.turn.status", status);
        if took.is_some() {
            for (name, count) in [
                ("gen_ai.usage.input_tokens", used.input_tokens),
                ("gen_ai.usage.output_tokens", used.output_tokens),
                (
                    "gen_ai.usage.cache_read.input_tokens",
                    used.cached_input_tokens,
                ),
                (
                    "gen_ai.usage.reasoning.output_tokens",
                    used.reasoning_output_tokens,
                ),
            ] {
                open.set(name, count);
            }
        }
        more(&mut open);
        open.end();
    }
}

impl Drop for TurnTrace {
    fn drop(&mut self) {
        self.finish("abandoned", "", Tokens::default(), |_| {});
    }
}

/// What the turn used.
fn used(ending: &Ending) -> Tokens {
    let report = |event: &Event| -> Value {
        let params: Value = lenient::from_str(event.params()).unwrap_or_default();
        params["tokenUsage"].clone()
    };
    let before = ending.used_before.as_ref().map(report);
    let mut meter = Meter::of(before.map(|before| Tokens::from_wire(&before["total"])));
    meter.begin();
    for event in [&ending.first_usage, &ending.usage].into_iter().flatten() {
        meter.report(&report(event));
    }
    meter.used()
}
