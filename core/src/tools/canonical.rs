//! The common form of schemas that were made of types: the same declaration in Rust, Python and TypeScript gives the
//! same schema. What is left out says nothing to a model (titles, formats of machine numbers) or is the same in
//! other words; nothing that limits values is lost.

use serde_json::{Map, Value, json};

/// Members of a schema that are schemas by name.
const BY_NAME: [&str; 3] = ["properties", "patternProperties", "$defs"];
/// Members that are a schema.
const ONE: [&str; 5] = [
    "items",
    "additionalProperties",
    "not",
    "contains",
    "propertyNames",
];
/// Members that are lists of schemas.
const SEVERAL: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];
/// The formats by which generators name machine numbers. The limits that matter stand beside them.
const NUMBERS: [&str; 14] = [
    "int8", "int16", "int32", "int64", "int128", "int", "uint8", "uint16", "uint32", "uint64",
    "uint128", "uint", "float", "double",
];
/// The limits of JavaScript's integers, which say "an integer".
const SAFE: i64 = 9_007_199_254_740_991;
/// Deeper references than any type has; what goes deeper refers to itself.
const DEEPEST: usize = 64;

/// Brings a schema of an object of arguments into the common form.
pub(super) fn canonical(schema: &mut Value) {
    let definitions = schema
        .get("$defs")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    inline(schema, &definitions, &mut Vec::new());
    tidy(schema);
    if let Some(members) = schema.as_object_mut() {
        // The tool has a description of its own.
        members.shift_remove("description");
        let used = refers(
            members
                .iter()
                .filter(|(key, _)| *key != "$defs")
                .map(|(_, value)| value),
        );
        if !used {
            members.shift_remove("$defs");
        }
        if !members.contains_key("type") && !members.contains_key("anyOf") {
            members.insert("type".to_owned(), "object".into());
        }
        if members.get("type") == Some(&json!("object")) {
            members.entry("properties").or_insert_with(|| json!({}));
            members
                .entry("additionalProperties")
                .or_insert(Value::Bool(false));
        }
    }
}

fn refers<'a>(values: impl Iterator<Item = &'a Value>) -> bool {
    values.into_iter().any(|value| match value {
        Value::Object(members) => members.contains_key("$ref") || refers(members.values()),
        Value::Array(items) => refers(items.iter()),
        _ => false,
    })
}

/// Puts what a reference means in its place, unless it means itself.
fn inline(schema: &mut Value, definitions: &Map<String, Value>, open: &mut Vec<String>) {
    let Some(members) = schema.as_object_mut() else {
        return;
    };
    let target = members
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| reference.strip_prefix("#/$defs/"))
        .map(str::to_owned);
    if let Some(name) = target
        && let Some(definition) = definitions.get(&name)
        && !open.contains(&name)
        && open.len() < DEEPEST
        && !is_recursive(&name, definitions)
    {
        members.shift_remove("$ref");
        let beside = std::mem::take(members);
        let mut meant = definition.clone();
        if let Some(meant) = meant.as_object_mut() {
            // What stands beside the reference is nearer.
            meant.extend(beside);
        }
        open.push(name);
        inline(&mut meant, definitions, open);
        open.pop();
        *schema = meant;
        return;
    }
    each(members, &mut |inner| inline(inner, definitions, open));
}

fn is_recursive(name: &str, definitions: &Map<String, Value>) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    let mut open: Vec<&Value> = definitions.get(name).into_iter().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                if let Some(to) = members
                    .get("$ref")
                    .and_then(Value::as_str)
                    .and_then(|reference| reference.strip_prefix("#/$defs/"))
                {
                    if to == name {
                        return true;
                    }
                    if !seen.contains(&to) {
                        seen.push(to);
                        open.extend(definitions.get(to));
                    }
                }
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    false
}

/// Calls `act` with each schema directly inside one.
fn each(members: &mut Map<String, Value>, act: &mut dyn FnMut(&mut Value)) {
    for (key, value) in members {
        let key = key.as_str();
        match value {
            Value::Object(named) if BY_NAME.contains(&key) => {
                named.values_mut().for_each(&mut *act);
            }
            Value::Array(schemas) if SEVERAL.contains(&key) => {
                schemas.iter_mut().for_each(&mut *act);
            }
            value if ONE.contains(&key) => act(value),
            _ => {}
        }
    }
}

fn tidy(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else {
        return;
    };
    each(members, &mut tidy);
    for key in ["$schema", "$id", "title"] {
        members.shift_remove(key);
    }
    numbers(members);
    words(members);
    nullable(members);
    if members.get("default") == Some(&Value::Null) {
        members.shift_remove("default");
    }
    if members.get("type") == Some(&json!("object")) && members.contains_key("properties") {
        members
            .entry("additionalProperties")
            .or_insert(Value::Bool(false));
    }
    if members.get("required") == Some(&json!([])) {
        members.shift_remove("required");
    }
    if members.get("type") == Some(&json!("object"))
        && members.get("propertyNames") == Some(&json!({"type": "string"}))
    {
        members.shift_remove("propertyNames");
    }
}

fn numbers(members: &mut Map<String, Value>) {
    let is_number = members.get("format").and_then(Value::as_str);
    if is_number.is_some_and(|format| NUMBERS.contains(&format)) {
        members.shift_remove("format");
    }
    for (key, limit) in [("minimum", -SAFE), ("maximum", SAFE)] {
        if members.get(key).and_then(Value::as_i64) == Some(limit) {
            members.shift_remove(key);
        }
    }
    // `0.0` and `0` are one number.
    for key in [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "default",
    ] {
        if let Some(limit) = members.get(key).and_then(Value::as_f64)
            && limit.fract() == 0.0
            && limit.abs() < 9e15
        {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "it is a whole number of that size"
            )]
            members.insert(key.to_owned(), (limit as i64).into());
        }
    }
}

/// One of several words is an `enum`, with its type.
fn words(members: &mut Map<String, Value>) {
    if let Some(word) = members.shift_remove("const") {
        members.insert("enum".to_owned(), json!([word]));
    }
    for key in ["oneOf", "anyOf"] {
        let Some(Value::Array(choices)) = members.get(key) else {
            continue;
        };
        let single = choices.iter().map(|choice| {
            let choice = choice.as_object()?;
            let known = choice
                .keys()
                .all(|key| matches!(key.as_str(), "type" | "enum"));
            match choice.get("enum") {
                Some(Value::Array(words)) if known => Some(words.clone()),
                _ => None,
            }
        });
        if let Some(words) = single.collect::<Option<Vec<_>>>() {
            members.shift_remove(key);
            members.insert("enum".to_owned(), words.concat().into());
        }
    }
    let Some(Value::Array(words)) = members.get("enum") else {
        return;
    };
    if members.contains_key("type") || words.is_empty() {
        return;
    }
    let kind = |value: &Value| match value {
        Value::String(_) => Some("string"),
        Value::Number(number) if number.is_f64() => Some("number"),
        Value::Number(_) => Some("integer"),
        Value::Bool(_) => Some("boolean"),
        _ => None,
    };
    let first = words.first().and_then(kind);
    if let Some(word) = first
        && words.iter().all(|value| kind(value) == first)
    {
        members.insert("type".to_owned(), word.into());
    }
}

/// A plain type or null is a `type` of two words.
fn nullable(members: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = members.get("anyOf") else {
        return;
    };
    let [one, null] = &choices[..] else {
        return;
    };
    if *null != json!({"type": "null"}) {
        return;
    }
    let Some(one) = one.as_object() else {
        return;
    };
    let Some(word) = one.get("type").and_then(Value::as_str) else {
        return;
    };
    let (word, mut inner) = (word.to_owned(), one.clone());
    inner.insert("type".to_owned(), json!([word, "null"]));
    if let Some(Value::Array(words)) = inner.get_mut("enum")
        && !words.contains(&Value::Null)
    {
        words.push(Value::Null);
    }
    members.shift_remove("anyOf");
    let beside = std::mem::take(members);
    *members = inner;
    members.extend(beside);
}
