//! `schema/newer/`: what an engine newer than the pinned one adds to the protocol.
//!
//! `schema/` describes the pinned engine. A newer one may change types that programs use already, so
//! it does not replace that description; only what it adds without touching anything is taken: new
//! messages with their types, and new optional fields of requests' parameters. This module makes that
//! part (`additions`) and lays it over the pinned schema (`lay_over`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::canonical::method_of;
use super::model::Schema;

/// The unions that list the messages.
const UNIONS: [&str; 3] = ["ClientRequest", "ServerNotification", "ServerRequest"];

/// The engine's TypeScript files that list the messages.
const LISTS: [&str; 4] = [
    "ClientRequest.ts",
    "ServerNotification.ts",
    "ServerNotificationEnvelope.ts",
    "ServerRequest.ts",
];

/// What `schema/newer/` adds, for those who mark it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Newer {
    /// The newer engine's version; empty if nothing is recorded.
    pub(crate) version: String,
    /// The methods that only it has.
    pub(crate) methods: BTreeSet<String>,
    /// The fields of parameters that only it has: type -> fields.
    pub(crate) fields: BTreeMap<String, BTreeSet<String>>,
}

/// The part of `new` that `schema/newer/` keeps.
pub(crate) fn additions(pinned: &Schema, new: &Schema) -> Schema {
    let taken = taken(pinned, new);
    let bundle = |old: &Value, all: &Value| {
        let mut definitions = Map::new();
        let mut second = Map::new();
        for name in &taken {
            if let Some(value) = all["definitions"]["v2"].get(name) {
                second.insert(name.clone(), value.clone());
            } else if let Some(value) = all["definitions"].get(name) {
                definitions.insert(name.clone(), value.clone());
            }
        }
        for union in UNIONS {
            let known = arms(old, union);
            let more: Vec<Value> = arms(all, union)
                .into_iter()
                .filter(|(method, _)| !known.contains_key(method))
                .map(|(_, arm)| arm)
                .collect();
            definitions.insert(union.to_owned(), json!({"oneOf": more}));
        }
        definitions.insert("v2".to_owned(), Value::Object(second));
        json!({"definitions": definitions})
    };
    Schema {
        version: new.version.clone(),
        stable: bundle(&pinned.stable, &new.stable),
        experimental: bundle(&pinned.experimental, &new.experimental),
        typescript: typescript(pinned, new, &taken),
        newer: Newer::default(),
        since: BTreeMap::new(),
    }
}

/// Lays the part over the schema that it was made for.
pub(crate) fn lay_over(pinned: &mut Schema, part: &Schema) {
    pinned.newer = newer(pinned, part);
    for (bundle, more) in [
        (&mut pinned.stable, &part.stable),
        (&mut pinned.experimental, &part.experimental),
    ] {
        let Some(definitions) = more["definitions"].as_object() else {
            continue;
        };
        for (name, value) in definitions {
            let place = &mut bundle["definitions"];
            if UNIONS.contains(&name.as_str()) {
                let more = value["oneOf"].as_array().cloned().unwrap_or_default();
                if let Some(arms) = place[name]["oneOf"].as_array_mut() {
                    arms.extend(more);
                    arms.sort_by_key(|arm| method_of(arm).unwrap_or_default());
                }
            } else if name == "v2" {
                for (name, value) in value.as_object().into_iter().flatten() {
                    place["v2"][name] = value.clone();
                }
            } else {
                place[name] = value.clone();
            }
        }
    }
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (path, text) in pinned.typescript_files().chain(part.typescript_files()) {
        files.insert(path.to_owned(), text.to_owned());
    }
    pinned.typescript = joined(&files);
}

fn newer(pinned: &Schema, part: &Schema) -> Newer {
    let methods = UNIONS
        .iter()
        .flat_map(|union| arms(&part.experimental, union).into_keys())
        .collect();
    let mut fields = BTreeMap::new();
    for name in part.definition_names() {
        let (Some(old), Some(new)) = (pinned.definition(&name), part.definition(&name)) else {
            continue;
        };
        let more: BTreeSet<String> = properties(new)
            .difference(&properties(old))
            .cloned()
            .collect();
        if !more.is_empty() && !UNIONS.contains(&name.as_str()) {
            fields.insert(name, more);
        }
    }
    Newer {
        version: part.version.clone(),
        methods,
        fields,
    }
}

/// The names of the definitions that are taken: those of new messages, parameters that only have more
/// optional fields, and every new type that these need.
fn taken(pinned: &Schema, new: &Schema) -> BTreeSet<String> {
    let mut wanted: Vec<String> = Vec::new();
    for union in UNIONS {
        let known = arms(&pinned.experimental, union);
        for (method, arm) in arms(&new.experimental, union) {
            let params = references(&arm["properties"]["params"]);
            if known.contains_key(&method) {
                let grown = params.into_iter().filter(|name| {
                    union == "ClientRequest" && grows(pinned.definition(name), new.definition(name))
                });
                wanted.extend(grown);
            } else {
                wanted.extend(params);
            }
        }
    }
    let answers = new.definition_names().into_iter();
    wanted.extend(answers.filter(|name| name.ends_with("Response")));
    let mut taken = BTreeSet::new();
    while let Some(name) = wanted.pop() {
        let grown =
            grows(pinned.definition(&name), new.definition(&name)) && name.ends_with("Params");
        if (pinned.definition(&name).is_some() && !grown) || !taken.insert(name.clone()) {
            continue;
        }
        wanted.extend(new.definition(&name).map(references).unwrap_or_default());
    }
    taken
}

/// Whether an object only got more optional fields.
fn grows(old: Option<&Value>, new: Option<&Value>) -> bool {
    let (Some(old), Some(new)) = (old, new) else {
        return false;
    };
    let (Some(before), Some(after)) =
        (old["properties"].as_object(), new["properties"].as_object())
    else {
        return false;
    };
    let same = before.iter().all(|(name, value)| {
        after
            .get(name)
            .is_some_and(|other| plain(other) == plain(value))
    });
    same && after.len() > before.len() && old["required"] == new["required"]
}

/// A definition without its words.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .filter(|(key, _)| !["description", "title"].contains(&key.as_str()))
            .map(|(key, item)| (key.clone(), plain(item)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(plain).collect(),
        scalar => scalar.clone(),
    }
}

fn properties(definition: &Value) -> BTreeSet<String> {
    let fields = definition["properties"].as_object();
    fields
        .map(|fields| fields.keys().cloned().collect())
        .unwrap_or_default()
}

fn arms(bundle: &Value, union: &str) -> BTreeMap<String, Value> {
    let arms = bundle["definitions"][union]["oneOf"].as_array();
    arms.into_iter()
        .flatten()
        .filter_map(|arm| Some((method_of(arm)?, arm.clone())))
        .collect()
}

/// The names of the definitions that a value refers to.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(object) => object
            .iter()
            .flat_map(|(key, item)| match item.as_str() {
                Some(path) if key == "$ref" => path
                    .rsplit('/')
                    .next()
                    .map(str::to_owned)
                    .into_iter()
                    .collect(),
                _ => references(item),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// The files of the new types, and of the lists of messages.
fn typescript(pinned: &Schema, new: &Schema, taken: &BTreeSet<String>) -> String {
    let known: BTreeSet<&str> = pinned.typescript_files().map(|(path, _)| path).collect();
    let all: BTreeMap<&str, &str> = new.typescript_files().collect();
    let stem = |path: &str| {
        path.rsplit('/')
            .next()
            .unwrap_or(path)
            .trim_end_matches(".ts")
            .to_owned()
    };
    let mut wanted: Vec<String> = all
        .keys()
        .filter(|path| LISTS.contains(path) || taken.contains(&stem(path)))
        .map(|path| (*path).to_owned())
        .collect();
    let mut files = BTreeMap::new();
    while let Some(path) = wanted.pop() {
        let Some(text) = all.get(path.as_str()) else {
            continue;
        };
        let asked = LISTS.contains(&path.as_str()) || taken.contains(&stem(&path));
        if (known.contains(path.as_str()) && !asked) || files.contains_key(&path) {
            continue;
        }
        files.insert(path.clone(), (*text).to_owned());
        wanted.extend(super::typescript::imports(&path, text));
    }
    joined(&files)
}

/// Files in one text, each after a line with its path.
pub(crate) fn joined(files: &BTreeMap<String, String>) -> String {
    let mut text = String::from(
        "// The engine's own TypeScript, all files in one. Made by `cargo xtask schema-update`.\n",
    );
    for (path, body) in files {
        text.push_str(&format!("// file: {path}\n{body}"));
    }
    text
}
