//! Makes two transcripts of one scenario comparable.
//!
//! Only what differs from run to run by nature is replaced: ids, times, durations, absolute paths,
//! ports and process numbers, each by a name given in the order of first appearance. Beyond that one
//! rule joins what was split by chance (adjacent output deltas of one item, which the pipe cuts; adjacent
//! continuations of an auto-run, which tell a new time only), and a scenario may
//! list events whose order the engine itself does not fix. Nothing else is altered, so that every
//! other difference shows.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Map, Value};

use super::scenario::{Loose, Unordered};

/// Keys whose numbers are moments.
const TIMES: &[&str] = &[
    "startedAt",
    "completedAt",
    "createdAt",
    "updatedAt",
    "recencyAt",
    "startedAtMs",
    "completedAtMs",
    "occurredAtMs",
];
/// Keys whose numbers are lengths of time.
const DURATIONS: &[&str] = &["durationMs", "timeUsedSeconds", "elapsedMs", "delayMs"];
/// Keys whose value numbers a process or a session of the engine.
const PROCESSES: &[&str] = &["processId"];
/// Ids that scenarios make up begin so, and stay.
const MADE_UP: &str = "00000000-";
/// Deltas of one item that the pipe may split anywhere.
const SPLIT_BY_CHANCE: &[&str] = &["item/commandExecution/outputDelta"];

#[expect(clippy::unwrap_used, reason = "the pattern is a constant")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

static UUID: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"));
static NAMED: LazyLock<Regex> = LazyLock::new(|| pattern(r"<(id|process)-\d+>"));
/// The user's shell, which the engine puts before every command.
static SHELL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^/(usr/(local/)?|opt/homebrew/)?bin/(bash|zsh|sh) -l?c "));
static PORT: LazyLock<Regex> = LazyLock::new(|| pattern(r"127\.0\.0\.1:\d+"));
static ROLLOUT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\d{4}/\d{2}/\d{2}/rollout-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-"));
static ARCHIVED_ROLLOUT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"rollout-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-"));
/// A continuation token, which holds ids and times.
static CONTINUATION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"ckc1s?\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"));
/// What the engine tells the model of how long a call took.
static WALL_TIME: LazyLock<Regex> = LazyLock::new(|| pattern(r"Wall time: \d+\.\d+ seconds"));
static MOMENT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})"));

/// Replaces what changes from run to run. One value serves one transcript.
#[derive(Debug)]
pub(crate) struct Normaliser {
    paths: Vec<(String, String)>,
    names: HashMap<String, String>,
    counts: HashMap<&'static str, usize>,
}

impl Normaliser {
    /// A normaliser for a run whose folders are `paths` (absolute path, name to show).
    pub(crate) fn new(mut paths: Vec<(String, String)>) -> Self {
        // The longest first: one folder may lie in another.
        paths.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        Self {
            paths,
            names: HashMap::new(),
            counts: HashMap::new(),
        }
    }

    /// Normalise the steps of a transcript.
    pub(crate) fn steps(&mut self, steps: &mut [Value], loose: Loose<'_>) {
        for step in steps.iter_mut() {
            if let Some(Value::Array(events)) = step.get_mut("events") {
                events.retain(|event| {
                    let mut rules = loose.left_out.iter();
                    !rules.any(|rule| event["method"] == rule.method.as_str())
                });
                join_split_deltas(events);
                for rule in loose.unordered {
                    order_by_item(events, rule);
                }
            }
            if let Some(Value::Array(items)) = step.pointer_mut("/result/items") {
                for rule in loose.unordered {
                    order_items(items, rule);
                }
            }
            self.value(step);
        }
        for (index, path) in loose.masked.iter().filter_map(|rule| {
            let (step, path) = rule.path.strip_prefix('/')?.split_once('/')?;
            Some((step.parse::<usize>().ok()?, format!("/{path}")))
        }) {
            if let Some(value) = steps
                .get_mut(index)
                .and_then(|step| step.pointer_mut(&path))
            {
                *value = Value::from("<masked>");
            }
        }
    }

    fn value(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(values) => values.iter_mut().for_each(|inner| self.value(inner)),
            Value::Object(fields) => self.fields(fields),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn fields(&mut self, fields: &mut Map<String, Value>) {
        // In the order of the names, so that the numbering does not depend on the client's order.
        let mut entries: Vec<_> = std::mem::take(fields).into_iter().collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        for (key, mut inner) in entries {
            if TIMES.contains(&key.as_str()) && inner.is_number() {
                inner = Value::from("<time>");
            } else if DURATIONS.contains(&key.as_str()) && inner.is_number() {
                inner = Value::from("<duration>");
            } else if PROCESSES.contains(&key.as_str()) && !inner.is_null() {
                let number = inner
                    .as_str()
                    .map_or_else(|| inner.to_string(), str::to_owned);
                inner = Value::from(self.name("process", &number));
            } else {
                self.value(&mut inner);
            }
            fields.insert(self.text(&key), inner);
        }
    }

    fn text(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for (path, name) in &self.paths {
            text = text.replace(path.as_str(), name);
        }
        text = ROLLOUT
            .replace_all(&text, "<date>/rollout-<time>-")
            .into_owned();
        text = ARCHIVED_ROLLOUT
            .replace_all(&text, "rollout-<time>-")
            .into_owned();
        text = CONTINUATION
            .replace_all(&text, "<continuation>")
            .into_owned();
        text = WALL_TIME
            .replace_all(&text, "Wall time: <duration>")
            .into_owned();
        text = MOMENT.replace_all(&text, "<time>").into_owned();
        text = SHELL.replace(&text, "<shell> ").into_owned();
        text = PORT.replace_all(&text, "127.0.0.1:<port>").into_owned();
        UUID.replace_all(&text, |found: &Captures<'_>| match &found[0] {
            made_up if made_up.starts_with(MADE_UP) => made_up.to_owned(),
            id => self.name("id", id),
        })
        .into_owned()
    }

    fn name(&mut self, kind: &'static str, value: &str) -> String {
        let key = format!("{kind} {value}");
        if let Some(name) = self.names.get(&key) {
            return name.clone();
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let name = format!("<{kind}-{count}>");
        self.names.insert(key, name.clone());
        name
    }
}

/// Number the names of ids and processes anew, in the order of first appearance.
pub(crate) fn renumber(value: &mut Value) {
    walk(value, &mut HashMap::new(), &mut HashMap::new());
}

fn walk(
    value: &mut Value,
    names: &mut HashMap<String, String>,
    counts: &mut HashMap<String, usize>,
) {
    match value {
        Value::String(text) => *text = renamed(text, names, counts),
        Value::Array(values) => values
            .iter_mut()
            .for_each(|inner| walk(inner, names, counts)),
        Value::Object(fields) => {
            let mut entries: Vec<_> = std::mem::take(fields).into_iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            for (key, mut inner) in entries {
                let key = renamed(&key, names, counts);
                walk(&mut inner, names, counts);
                fields.insert(key, inner);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn renamed(
    text: &str,
    names: &mut HashMap<String, String>,
    counts: &mut HashMap<String, usize>,
) -> String {
    let new = NAMED.replace_all(text, |found: &Captures<'_>| {
        names
            .entry(found[0].to_owned())
            .or_insert_with(|| {
                let count = counts.entry(found[1].to_owned()).or_default();
                *count += 1;
                format!("<{}-{count}>", &found[1])
            })
            .clone()
    });
    new.into_owned()
}

/// A new continuation is told when anything of it has changed: between two steps maybe nothing but the time.
const CONTINUED: &str = "codexkit/autoRun/continuation";

/// Join neighbouring deltas of one item where the engine reads a pipe: the cuts are chance. So is how many
/// continuations are told one after the other.
fn join_split_deltas(events: &mut Vec<Value>) {
    let mut joined: Vec<Value> = Vec::with_capacity(events.len());
    for event in events.drain(..) {
        if let Some(last) = joined.last_mut() {
            let same = |name: &str| last.pointer(name) == event.pointer(name);
            let method = event
                .get("method")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if method == CONTINUED && same("/method") && same("/params/turn") {
                continue;
            }
            if SPLIT_BY_CHANCE.contains(&method) && same("/method") && same("/params/itemId") {
                let more = event.pointer("/params/delta").and_then(Value::as_str);
                if let (Some(Value::String(delta)), Some(more)) =
                    (last.pointer_mut("/params/delta"), more)
                {
                    delta.push_str(more);
                    continue;
                }
            }
        }
        joined.push(event);
    }
    *events = joined;
}

/// Sort every unbroken run of the rule's events by the item they belong to. The order within one
/// item stays.
fn order_by_item(events: &mut Vec<Value>, rule: &Unordered) {
    let listed = |event: &Value| {
        let method = event
            .get("method")
            .and_then(Value::as_str)
            .unwrap_or_default();
        rule.methods.iter().any(|listed| listed == method)
    };
    let mut start = 0;
    while start < events.len() {
        let len = events[start..]
            .iter()
            .take_while(|event| listed(event))
            .count();
        events[start..start + len].sort_by_key(item_of);
        start += len + 1;
    }
    // What lay apart may now be adjacent.
    join_split_deltas(events);
}

fn item_of(event: &Value) -> String {
    ["/params/itemId", "/params/item/id"]
        .iter()
        .find_map(|path| event.pointer(path))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// The folded result lists items as they completed: the same rule, for items of one type.
fn order_items(items: &mut [Value], rule: &Unordered) {
    if !rule.methods.iter().any(|method| method == "item/completed") {
        return;
    }
    for run in items.chunk_by_mut(|a, b| a.get("type") == b.get("type")) {
        run.sort_by_key(|item| {
            item.get("id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::scenario::{LeftOut, Masked};
    use super::*;
    use serde_json::json;

    fn run(steps: Value, unordered: &[Unordered]) -> Value {
        let Value::Array(mut steps) = steps else {
            unreachable!("a list of steps")
        };
        let paths = vec![
            ("/tmp/w".to_owned(), "<work>".to_owned()),
            ("/tmp/w/home".to_owned(), "<home>".to_owned()),
        ];
        Normaliser::new(paths).steps(
            &mut steps,
            Loose {
                unordered,
                ..Loose::default()
            },
        );
        Value::Array(steps)
    }

    #[test]
    fn ids_are_named_by_first_appearance() {
        let a = "0199aaaa-0000-7000-8000-00000000000a";
        let b = "0199aaaa-0000-7000-8000-00000000000b";
        let got = run(json!([{"x": b}, {"y": format!("exec-{a}"), "z": b}]), &[]);
        assert_eq!(
            got,
            json!([{"x": "<id-1>"}, {"y": "exec-<id-2>", "z": "<id-1>"}])
        );
    }

    #[test]
    fn times_durations_and_nulls() {
        let got = run(
            json!([{"startedAt": 17, "durationMs": 3, "completedAt": null}]),
            &[],
        );
        let want =
            json!([{"startedAt": "<time>", "durationMs": "<duration>", "completedAt": null}]);
        assert_eq!(got, want);
    }

    #[test]
    fn the_longest_path_wins() {
        let got = run(json!([{"a": "/tmp/w/home/x", "b": "/tmp/w/y"}]), &[]);
        assert_eq!(got, json!([{"a": "<home>/x", "b": "<work>/y"}]));
    }

    #[test]
    fn ports_and_rollouts() {
        let id = "0199aaaa-0000-7000-8000-00000000000a";
        let path =
            format!("/tmp/w/home/sessions/2026/01/02/rollout-2026-01-02T03-04-05-{id}.jsonl");
        let got = run(json!([{"a": path, "b": "http://127.0.0.1:4711/v1"}]), &[]);
        let want = json!([{
            "a": "<home>/sessions/<date>/rollout-<time>-<id-1>.jsonl",
            "b": "http://127.0.0.1:<port>/v1"
        }]);
        assert_eq!(got, want);
    }

    #[test]
    fn the_users_shell_has_no_name() {
        let got = run(
            json!([{"a": "/bin/zsh -lc 'ls'", "b": "run /bin/sh -c x"}]),
            &[],
        );
        assert_eq!(got, json!([{"a": "<shell> 'ls'", "b": "run /bin/sh -c x"}]));
    }

    #[test]
    fn names_are_numbered_anew() {
        let mut value = json!([{"a": "<id-7> <id-3>", "b": "<id-7>", "c": "<time>"}]);
        renumber(&mut value);
        assert_eq!(
            value,
            json!([{"a": "<id-1> <id-2>", "b": "<id-1>", "c": "<time>"}])
        );
    }

    #[test]
    fn masked_values_are_hidden() {
        let mut steps = vec![json!({"events": [{"n": 1}, {"n": 2}]})];
        let rule = Masked {
            path: "/0/events/1/n".to_owned(),
            reason: String::new(),
        };
        let loose = Loose {
            masked: &[rule],
            ..Loose::default()
        };
        Normaliser::new(vec![]).steps(&mut steps, loose);
        assert_eq!(steps, [json!({"events": [{"n": 1}, {"n": "<masked>"}]})]);
    }

    #[test]
    fn events_that_come_by_chance_are_left_out() {
        let mut steps = vec![json!({"events": [{"method": "a"}, {"method": "b"}]})];
        let rule = LeftOut {
            method: "a".to_owned(),
            reason: String::new(),
        };
        let loose = Loose {
            left_out: &[rule],
            ..Loose::default()
        };
        Normaliser::new(vec![]).steps(&mut steps, loose);
        assert_eq!(steps, [json!({"events": [{"method": "b"}]})]);
    }

    fn output(item: &str, delta: &str) -> Value {
        let params = json!({"itemId": item, "delta": delta});
        json!({"method": "item/commandExecution/outputDelta", "params": params})
    }

    #[test]
    fn adjacent_output_of_one_item_is_joined() {
        let got = run(
            json!([{"events": [output("a", "x"), output("a", "y"), output("b", "z")]}]),
            &[],
        );
        assert_eq!(
            got,
            json!([{"events": [output("a", "xy"), output("b", "z")]}])
        );
    }

    #[test]
    fn adjacent_continuations_of_one_turn_are_one() {
        let told = |turn: u32, token: &str| json!({"method": CONTINUED, "params": {"turn": turn, "token": token}});
        let steps = json!([{"events": [told(1, "ckc1.a-b.c_d"), told(1, "x"), told(2, "y")]}]);
        let want = json!([{"events": [told(1, "<continuation>"), told(2, "y")]}]);
        assert_eq!(run(steps, &[]), want);
    }

    #[test]
    fn text_deltas_are_not_joined() {
        let delta =
            json!({"method": "item/agentMessage/delta", "params": {"itemId": "a", "delta": "x"}});
        let steps = json!([{"events": [delta, delta]}]);
        assert_eq!(run(steps.clone(), &[]), steps);
    }

    #[test]
    fn unordered_runs_are_sorted_by_item_and_keep_the_order_within() {
        let rule = Unordered {
            methods: vec!["item/commandExecution/outputDelta".to_owned()],
            reason: String::new(),
        };
        let other = json!({"method": "item/started", "params": {}});
        let steps = json!([{"events": [
            output("b", "1"), output("a", "2"), output("b", "3"), other, output("a", "4")
        ]}]);
        let want =
            json!([{"events": [output("a", "2"), output("b", "13"), other, output("a", "4")]}]);
        assert_eq!(run(steps, &[rule]), want);
    }
}
