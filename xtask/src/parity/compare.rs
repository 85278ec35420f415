//! Finds the differences of two normalised transcripts, and which of them are on purpose.

use std::cell::Cell;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use super::normalise;

/// One place where two transcripts differ.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference {
    /// A JSON pointer into the transcript.
    pub(crate) path: String,
    /// What the reference has there, if anything.
    pub(crate) want: Option<Value>,
    /// What the client has there, if anything.
    pub(crate) got: Option<Value>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let show = |value: &Option<Value>| match value {
            None => "nothing".to_owned(),
            Some(value) => {
                let mut text = value.to_string();
                if let Some((end, _)) = text.char_indices().nth(300) {
                    text.truncate(end);
                    text.push('…');
                }
                text
            }
        };
        write!(
            f,
            "{}: wanted {}, got {}",
            self.path,
            show(&self.want),
            show(&self.got)
        )
    }
}

/// A difference that is on purpose: where it may be, and why.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OnPurpose {
    /// The scenario's name, or `*`.
    scenario: String,
    /// The client's name, or `*`.
    client: String,
    /// A JSON pointer in which `*` stands for one part and `**` for any number of them.
    path: String,
    /// Why it is so.
    reason: String,
    #[serde(skip)]
    used: Cell<bool>,
}

impl std::fmt::Display for OnPurpose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.scenario, self.client, self.path)
    }
}

impl OnPurpose {
    /// Read the list. Every entry must give a reason.
    pub(crate) fn read(path: &Path) -> Result<Vec<Self>> {
        let list: Vec<Self> = serde_json::from_str(&fs::read_to_string(path)?)
            .with_context(|| path.display().to_string())?;
        if let Some(entry) = list.iter().find(|entry| entry.reason.trim().is_empty()) {
            bail!(
                "{}: {} {} gives no reason",
                path.display(),
                entry.scenario,
                entry.path
            );
        }
        Ok(list)
    }

    /// Whether this entry covers a difference.
    pub(crate) fn covers(&self, scenario: &str, client: &str, path: &str) -> bool {
        let named = |pattern: &str, name: &str| pattern == "*" || pattern == name;
        let covered = named(&self.scenario, scenario)
            && named(&self.client, client)
            && covers(&self.path, path);
        self.used.set(self.used.get() || covered);
        covered
    }

    /// Whether it is about this scenario alone.
    pub(crate) fn is_of(&self, scenario: &str) -> bool {
        self.scenario == scenario
    }

    /// Whether it covered anything yet: one that never does is out of date.
    pub(crate) fn is_used(&self) -> bool {
        self.used.get()
    }

    /// The same, for entries that name the client.
    pub(crate) fn covers_one(&self, scenario: &str, client: &str, path: &str) -> bool {
        self.client != "*" && self.covers(scenario, client, path)
    }
}

/// Whether a pattern (a JSON pointer with `*` for one part and `**` for any number) covers a path.
pub(crate) fn covers(pattern: &str, path: &str) -> bool {
    fn parts(pattern: &[&str], path: &[&str]) -> bool {
        match (pattern, path) {
            ([], []) => true,
            (["**", rest @ ..], path) => (0..=path.len()).any(|skip| parts(rest, &path[skip..])),
            (["*", rest @ ..], [_, path @ ..]) => parts(rest, path),
            ([wanted, rest @ ..], [part, path @ ..]) => wanted == part && parts(rest, path),
            _ => false,
        }
    }
    parts(
        &pattern.split('/').collect::<Vec<_>>(),
        &path.split('/').collect::<Vec<_>>(),
    )
}

/// The differences of a client's steps from the golden ones, and the number of those that `allowed`
/// (a path) says are on purpose.
pub(crate) fn with_golden(
    golden: &Value,
    client: &Value,
    allowed: impl Fn(&str) -> bool,
) -> (Vec<Difference>, usize) {
    let (mut golden, mut client) = (golden.clone(), client.clone());
    reduce_failures(&golden, &mut client);
    let mut excused = drop_own_events(&mut client, &allowed);
    excused += drop_events_of_turns(&mut client, &allowed);
    excused += drop_more(&golden, &mut client, &mut String::new(), &allowed);
    // What was dropped may have been the first to name an id.
    normalise::renumber(&mut golden);
    normalise::renumber(&mut client);
    let mut found = with_client(&golden, &client);
    let before = found.len();
    found.retain(|one| !allowed(&one.path));
    excused += before - found.len();
    (found, excused)
}

/// Our streams also tell what is asked of a person and what was decided; the official client has no such events.
fn drop_own_events(client: &mut Value, allowed: &impl Fn(&str) -> bool) -> usize {
    let own = |event: &Value| {
        let method = event["method"].as_str();
        method.is_some_and(|method| method.starts_with("codexkit/approval/"))
    };
    let mut dropped = 0;
    for (index, step) in client.as_array_mut().into_iter().flatten().enumerate() {
        for name in ["events", "notifications"] {
            let Some(Value::Array(list)) = step.get_mut(name) else {
                continue;
            };
            if list.iter().any(own) && allowed(&format!("/{index}/{name}/of-our-own")) {
                let before = list.len();
                list.retain(|event| !own(event));
                dropped += before - list.len();
            }
        }
    }
    dropped
}

/// Our client-wide notifications also show the events of turns that nobody holds (a compaction's, a
/// goal's); the official client throws those away.
fn drop_events_of_turns(client: &mut Value, allowed: &impl Fn(&str) -> bool) -> usize {
    let mut dropped = 0;
    for (index, step) in client.as_array_mut().into_iter().flatten().enumerate() {
        let Some(Value::Array(list)) = step.get_mut("notifications") else {
            continue;
        };
        if !allowed(&format!("/{index}/notifications/of-a-turn")) {
            continue;
        }
        let before = list.len();
        list.retain(|event| {
            event.pointer("/params/turnId").is_none_or(Value::is_null)
                && event.pointer("/params/turn/id").is_none()
        });
        dropped += before - list.len();
    }
    dropped
}

/// Drop the fields that the golden transcript lacks, where that is on purpose.
fn drop_more(
    golden: &Value,
    client: &mut Value,
    path: &mut String,
    allowed: &impl Fn(&str) -> bool,
) -> usize {
    let mut dropped = 0;
    let len = path.len();
    match (golden, client) {
        (Value::Object(golden), Value::Object(client)) => {
            for key in client.keys().cloned().collect::<Vec<_>>() {
                path.push('/');
                path.push_str(&escaped(&key));
                match golden.get(&key) {
                    None if allowed(path) => {
                        client.remove(&key);
                        dropped += 1;
                    }
                    None => {}
                    Some(golden) => dropped += drop_more(golden, &mut client[&key], path, allowed),
                }
                path.truncate(len);
            }
        }
        (Value::Array(golden), Value::Array(client)) => {
            for (index, (golden, client)) in golden.iter().zip(client).enumerate() {
                path.push_str(&format!("/{index}"));
                dropped += drop_more(golden, client, path, allowed);
                path.truncate(len);
            }
        }
        _ => {}
    }
    dropped
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The differences of one client's steps from another's.
pub(crate) fn with_client(want: &Value, got: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    walk(want, got, &mut String::new(), &mut found);
    found
}

/// The official client raises for a failed turn and keeps only the message; ours keep the result.
/// Compare what both have.
fn reduce_failures(golden: &Value, client: &mut Value) {
    let (Some(golden), Some(client)) = (golden.as_array(), client.as_array_mut()) else {
        return;
    };
    for (golden, client) in golden.iter().zip(client) {
        if golden.pointer("/result/failed").is_none() {
            continue;
        }
        let failed = client.pointer("/result/status").and_then(Value::as_str) == Some("failed");
        if let (true, Some(message)) = (failed, client.pointer("/result/error/message").cloned()) {
            client["result"] = json!({ "failed": message });
        }
    }
}

fn walk(want: &Value, got: &Value, path: &mut String, found: &mut Vec<Difference>) {
    match (want, got) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<_> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                part(a.get(key), b.get(key), &escaped(key), path, found);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for index in 0..a.len().max(b.len()) {
                let before = found.len();
                part(a.get(index), b.get(index), &index.to_string(), path, found);
                // One event too many or too few shifts all that follow: say so once.
                let shifted = found.len() > before
                    && path.ends_with("/events")
                    && a.get(index).map(|v| &v["method"]) != b.get(index).map(|v| &v["method"]);
                if shifted {
                    found.truncate(before);
                    found.push(Difference {
                        path: format!("{path}/{index}"),
                        want: Some(
                            a[index.min(a.len())..]
                                .iter()
                                .map(|v| v["method"].clone())
                                .collect(),
                        ),
                        got: Some(
                            b[index.min(b.len())..]
                                .iter()
                                .map(|v| v["method"].clone())
                                .collect(),
                        ),
                    });
                    return;
                }
            }
        }
        _ if same(want, got) => {}
        _ => found.push(Difference {
            path: path.clone(),
            want: Some(want.clone()),
            got: Some(got.clone()),
        }),
    }
}

/// Equality, in which 1 and 1.0 are the same number: JSON does not tell them apart, and Node cannot.
fn same(want: &Value, got: &Value) -> bool {
    want == got || (want.is_number() && got.is_number() && want.as_f64() == got.as_f64())
}

fn part(
    want: Option<&Value>,
    got: Option<&Value>,
    name: &str,
    path: &mut String,
    found: &mut Vec<Difference>,
) {
    let len = path.len();
    path.push('/');
    path.push_str(name);
    match (want, got) {
        (Some(want), Some(got)) => walk(want, got, path, found),
        (want, got) => found.push(Difference {
            path: path.clone(),
            want: want.cloned(),
            got: got.cloned(),
        }),
    }
    path.truncate(len);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_is_equal_whatever_the_order_of_the_keys() {
        let a = json!([{"a": 1, "b": 2.0}]);
        let b = json!([{"b": 2, "a": 1}]);
        assert_eq!(with_client(&a, &b), []);
    }

    #[test]
    fn a_missing_field_has_a_path() {
        let found = with_client(&json!([{"a": {"b": null}}]), &json!([{"a": {}}]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "/0/a/b");
        assert_eq!(found[0].want, Some(Value::Null));
        assert_eq!(found[0].got, None);
    }

    #[test]
    fn an_event_too_many_is_one_difference() {
        let event = |method: &str| json!({"method": method, "params": {"m": method}});
        let want = json!([{"events": [event("a"), event("b"), event("c")]}]);
        let got = json!([{"events": [event("a"), event("x"), event("b"), event("c")]}]);
        let found = with_client(&want, &got);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "/0/events/1");
    }

    #[test]
    fn a_failed_result_is_compared_by_its_message() {
        let golden = json!([{"result": {"failed": "no"}}]);
        let ours =
            json!([{"result": {"status": "failed", "error": {"message": "no"}, "items": []}}]);
        assert_eq!(with_golden(&golden, &ours, |_| false), (vec![], 0));
        let ours = json!([{"result": {"status": "completed", "error": null}}]);
        assert!(!with_golden(&golden, &ours, |_| false).0.is_empty());
    }

    #[test]
    fn fields_that_are_more_on_purpose_are_dropped_and_counted() {
        let golden = json!([{"answer": {"id": "<id-1>"}}]);
        let ours = json!([{"answer": {"extra": "<id-1>", "id": "<id-2>"}}]);
        let (found, excused) = with_golden(&golden, &ours, |path| covers("/**/extra", path));
        assert_eq!((found, excused), (vec![], 1));
        assert_eq!(with_golden(&golden, &ours, |_| false).1, 0);
    }

    #[test]
    fn patterns_of_paths() {
        assert!(covers("/1/*/x", "/1/events/x"));
        assert!(!covers("/1/*/x", "/1/events/7/x"));
        assert!(covers("/1/**", "/1/events/7/x"));
        assert!(covers("/1/**", "/1"));
        assert!(!covers("/1", "/1/x"));
        assert!(covers("/**/x", "/1/events/7/x"));
        assert!(!covers("/**/x", "/1/events/7/y"));
    }
}
