//! What engines do differently from the one that the golden transcripts were recorded with, and why: the
//! entries of fixtures/engine-differences.json. What an entry covers is left out of both transcripts
//! before they are compared, so that nothing else can hide behind it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::parity::{Difference, covers};
use crate::versions::history::numbers;

/// One entry.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// A short name, for results and the page.
    pub(crate) id: String,
    /// The first engine that it is about; from the oldest one if it is not given.
    #[serde(default)]
    from: Option<String>,
    /// The first engine that it is not about any more.
    #[serde(default)]
    before: Option<String>,
    /// The scenarios that it is about; all if none is given.
    #[serde(default)]
    scenarios: Vec<String>,
    /// Parts of a transcript: JSON pointers in which `*` stands for one part and `**` for any number.
    #[serde(default)]
    paths: Vec<String>,
    /// Events that are sent or not, by method.
    #[serde(default)]
    events: Vec<String>,
    /// What the engine does, in words for users.
    pub(crate) reason: String,
}

impl Rule {
    fn concerns(&self, version: &str, scenario: &str) -> bool {
        self.is_about(version)
            && (self.scenarios.is_empty() || self.scenarios.iter().any(|name| name == scenario))
    }

    /// Whether the engine is one of those it speaks of.
    pub(crate) fn is_about(&self, version: &str) -> bool {
        let at = numbers(version);
        self.from.as_deref().is_none_or(|from| at >= numbers(from))
            && self
                .before
                .as_deref()
                .is_none_or(|before| at < numbers(before))
    }

    /// The engines, in words.
    pub(crate) fn engines(&self) -> String {
        match (&self.from, &self.before) {
            (None, None) => "all".to_owned(),
            (None, Some(before)) => format!("before {before}"),
            (Some(from), None) => format!("from {from} on"),
            (Some(from), Some(before)) => format!("from {from} on, before {before}"),
        }
    }
}

/// All entries.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) rules: Vec<Rule>,
    used: RefCell<BTreeSet<String>>,
}

impl Rules {
    /// Reads the entries. Each must have a name of its own and a reason, and cover something.
    pub(crate) fn read() -> Result<Self> {
        let path = super::fixture("engine-differences.json");
        let rules =
            serde_json::from_str(&super::read(&path)?).context("engine-differences.json")?;
        Self::new(rules)
    }

    fn new(rules: Vec<Rule>) -> Result<Self> {
        let mut names = BTreeSet::new();
        for rule in &rules {
            let empty = rule.paths.is_empty() && rule.events.is_empty();
            if rule.reason.trim().is_empty() || empty || !names.insert(&rule.id) {
                bail!(
                    "the entry {} has no reason, covers nothing, or is there twice",
                    rule.id
                );
            }
        }
        Ok(Self {
            rules,
            used: RefCell::default(),
        })
    }

    /// The differences that nothing explains, and the names of the entries that explained some. `compare`
    /// finds the differences of two transcripts.
    pub(crate) fn judge(
        &self,
        version: &str,
        scenario: &str,
        (golden, steps): (&Value, &Value),
        compare: impl Fn(&Value, &Value) -> Vec<Difference>,
    ) -> (Vec<Difference>, BTreeSet<String>) {
        let (a, b, mut used) = self.without(version, scenario, (golden, steps), None);
        let found = compare(&a, &b);
        // What the two sides have there may be on purpose: an entry counts if it is missed.
        used.retain(|name| {
            let (a, b, _) = self.without(version, scenario, (golden, steps), Some(name));
            compare(&a, &b).len() > found.len()
        });
        self.used.borrow_mut().extend(used.iter().cloned());
        (found, used)
    }

    /// Both transcripts without what the entries cover, and the names of those that cover something in which
    /// the two are not alike. The entry `but` is passed over.
    fn without(
        &self,
        version: &str,
        scenario: &str,
        (golden, steps): (&Value, &Value),
        but: Option<&str>,
    ) -> (Value, Value, BTreeSet<String>) {
        let (mut golden, mut steps) = (golden.clone(), steps.clone());
        let mut used = BTreeSet::new();
        for rule in self
            .rules
            .iter()
            .filter(|rule| rule.concerns(version, scenario) && Some(rule.id.as_str()) != but)
        {
            let mut gone = [Gone::default(), Gone::default()];
            for (value, gone) in [&mut golden, &mut steps].into_iter().zip(&mut gone) {
                for method in &rule.events {
                    drop_events(value, method, gone);
                }
                for pattern in &rule.paths {
                    drop_parts(value, pattern, &mut String::new(), gone);
                }
            }
            if gone[0] != gone[1] {
                used.insert(rule.id.clone());
            }
        }
        (golden, steps, used)
    }

    /// Entries that are about one of these engines and explained nothing.
    pub(crate) fn unused(&self, versions: &[String]) -> impl Iterator<Item = String> {
        let used = self.used.borrow();
        let left = self.rules.iter().filter(|rule| {
            !used.contains(&rule.id) && versions.iter().any(|version| rule.is_about(version))
        });
        left.map(|rule| rule.id.clone())
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// What was left out, for knowing whether the two sides differ in it.
type Gone = BTreeMap<String, Vec<Value>>;

fn drop_events(value: &mut Value, method: &str, gone: &mut Gone) {
    for step in value.as_array_mut().into_iter().flatten() {
        for list in ["events", "notifications"] {
            let Some(Value::Array(events)) = step.get_mut(list) else {
                continue;
            };
            let (dropped, kept) = std::mem::take(events)
                .into_iter()
                .partition(|event| event["method"] == method);
            *events = kept;
            gone.entry(method.to_owned())
                .or_default()
                .extend::<Vec<Value>>(dropped);
        }
    }
}

fn drop_parts(value: &mut Value, pattern: &str, path: &mut String, gone: &mut Gone) {
    let len = path.len();
    match value {
        Value::Object(fields) => {
            for key in fields.keys().cloned().collect::<Vec<_>>() {
                path.push('/');
                path.push_str(&key.replace('~', "~0").replace('/', "~1"));
                if covers(pattern, path) {
                    let dropped = fields.remove(&key).unwrap_or_default();
                    gone.entry(path.clone()).or_default().push(dropped);
                } else if let Some(inner) = fields.get_mut(&key) {
                    drop_parts(inner, pattern, path, gone);
                }
                path.truncate(len);
            }
        }
        Value::Array(list) => {
            for (at, inner) in list.iter_mut().enumerate() {
                path.push_str(&format!("/{at}"));
                drop_parts(inner, pattern, path, gone);
                path.truncate(len);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rules(entries: Value) -> Rules {
        Rules::new(serde_json::from_value(entries).expect("entries")).expect("rules")
    }

    fn judge(
        rules: &Rules,
        version: &str,
        golden: &Value,
        steps: &Value,
    ) -> (Vec<Difference>, BTreeSet<String>) {
        rules.judge(version, "s", (golden, steps), crate::parity::differences)
    }

    #[test]
    fn an_entry_covers_its_engines_its_part_and_nothing_else() {
        let rules = rules(json!([
            {"id": "turn", "before": "0.162.0", "paths": ["/**/turn/rootTurnId"], "reason": "r"},
            {"id": "state", "from": "0.163.0", "events": ["thread/state"], "reason": "r"}
        ]));
        let golden = json!([{"events": [
            {"method": "a", "params": {"turn": {"id": "1", "rootTurnId": "1"}}},
            {"method": "thread/state"}
        ]}]);
        let older = json!([{"events": [
            {"method": "a", "params": {"turn": {"id": "1"}}},
            {"method": "thread/state"}
        ]}]);
        let (found, used) = judge(&rules, "0.161.0", &golden, &older);
        assert!(found.is_empty());
        assert_eq!(used.into_iter().collect::<Vec<_>>(), ["turn"]);
        let (found, used) = judge(&rules, "0.163.0", &golden, &older);
        assert!(
            !found.is_empty() && used.is_empty(),
            "other engines are not excused"
        );
        let unused: Vec<String> = rules.unused(&["0.163.0".to_owned()]).collect();
        assert_eq!(unused, ["state"]);
    }

    #[test]
    fn an_entry_that_explains_nothing_is_not_used() {
        let rules = rules(json!([{"id": "x", "paths": ["/**/x"], "reason": "r"}]));
        let same = json!([{"x": 1}]);
        let (found, used) = judge(&rules, "0.154.0", &same, &same);
        assert!(found.is_empty() && used.is_empty());
    }

    #[test]
    fn an_entry_without_a_reason_is_refused() {
        let entries = json!([{"id": "x", "paths": ["/a"], "reason": " "}]);
        assert!(Rules::new(serde_json::from_value(entries).expect("entries")).is_err());
    }
}
