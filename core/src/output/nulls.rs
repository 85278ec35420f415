//! Strict mode has no optional members: what may be absent is sent as null. This takes those nulls out again.

use serde_json::{Map, Value};

use crate::output::strict::resolve;

/// Schemas within schemas are looked at so deep; a reference to itself would never end.
const DEPTH: usize = 64;

/// Removes the nulls of optional members that the schema does not allow to be null.
pub(super) fn remove(root: &Value, value: &mut Value) {
    walk(root, root, value, DEPTH);
}

/// Whether a value of null follows the schema, as far as its own words say.
pub(super) fn allows_null(root: &Value, schema: &Value) -> bool {
    null_fits(root, schema, DEPTH)
}

fn null_fits(root: &Value, schema: &Value, depth: usize) -> bool {
    let Some(schema) = schema.as_object() else {
        return schema == &Value::Bool(true);
    };
    if depth == 0 {
        return false;
    }
    if let Some(target) = target(root, schema) {
        return null_fits(root, target, depth - 1);
    }
    let by_type = match schema.get("type") {
        None => true,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "null"),
        Some(kind) => kind == "null",
    };
    let by_value = match (schema.get("enum"), schema.get("const")) {
        (Some(Value::Array(values)), _) => values.contains(&Value::Null),
        (_, Some(value)) => value.is_null(),
        _ => true,
    };
    let mut fits = |branch: &Value| null_fits(root, branch, depth - 1);
    by_type
        && by_value
        && branches(schema, "anyOf").is_none_or(|all| all.iter().any(&mut fits))
        && branches(schema, "oneOf").is_none_or(|all| all.iter().any(&mut fits))
        && branches(schema, "allOf").is_none_or(|all| all.iter().all(&mut fits))
}

fn walk(root: &Value, schema: &Value, value: &mut Value, depth: usize) {
    let Some(schema) = schema.as_object() else {
        return;
    };
    if depth == 0 {
        return;
    }
    if let Some(target) = target(root, schema) {
        walk(root, target, value, depth - 1);
    }
    for branch in branches(schema, "allOf").into_iter().flatten() {
        walk(root, branch, value, depth - 1);
    }
    for word in ["anyOf", "oneOf"] {
        let mut all = branches(schema, word).into_iter().flatten();
        if let Some(branch) = all.find(|branch| resembles(root, branch, value, depth - 1)) {
            walk(root, branch, value, depth - 1);
        }
    }
    match value {
        Value::Object(members) => object(root, schema, members, depth - 1),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                if let Some(part) = place(schema, index) {
                    walk(root, part, item, depth - 1);
                }
            }
        }
        _ => {}
    }
}

fn object(
    root: &Value,
    schema: &Map<String, Value>,
    members: &mut Map<String, Value>,
    depth: usize,
) {
    let required = branches(schema, "required");
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|n| n == name));
    for (name, part) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let Some(member) = members.get_mut(name) else {
            continue;
        };
        if member.is_null() && !is_required(name) && !allows_null(root, part) {
            members.shift_remove(name);
        } else {
            walk(root, part, member, depth);
        }
    }
}

/// The schema of an array's item.
fn place(schema: &Map<String, Value>, index: usize) -> Option<&Value> {
    let items = schema.get("items");
    let places = schema
        .get("prefixItems")
        .or(items)
        .and_then(Value::as_array);
    places.and_then(|places| places.get(index)).or(items)
}

/// Whether a value looks like what one branch of a choice describes: its type, its keys, its constants.
fn resembles(root: &Value, schema: &Value, value: &Value, depth: usize) -> bool {
    let Some(schema) = schema.as_object() else {
        return false;
    };
    if depth == 0 {
        return false;
    }
    if let Some(target) = target(root, schema) {
        return resembles(root, target, value, depth - 1);
    }
    if schema.get("const").is_some_and(|only| only != value)
        || branches(schema, "enum").is_some_and(|all| !all.contains(value))
    {
        return false;
    }
    let inner = |word| {
        branches(schema, word).is_none_or(|all| {
            all.iter()
                .any(|branch| resembles(root, branch, value, depth - 1))
        })
    };
    if !inner("anyOf") || !inner("oneOf") {
        return false;
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    match value {
        Value::Object(members) => properties.is_none_or(|properties| {
            let same = members.keys().all(|key| properties.contains_key(key));
            let fits = |(name, part): (&String, &Value)| {
                let value = members.get(name);
                value.is_none_or(|value| value.is_null() || resembles(root, part, value, depth - 1))
            };
            same && properties.iter().all(fits)
        }),
        Value::Array(_) => has_type(schema, "array"),
        Value::String(_) => has_type(schema, "string"),
        Value::Bool(_) => has_type(schema, "boolean"),
        Value::Number(_) => has_type(schema, "number") || has_type(schema, "integer"),
        Value::Null => has_type(schema, "null"),
    }
}

fn has_type(schema: &Map<String, Value>, word: &str) -> bool {
    match schema.get("type") {
        None => true,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == word),
        Some(kind) => kind == word,
    }
}

fn branches<'a>(schema: &'a Map<String, Value>, word: &str) -> Option<&'a Vec<Value>> {
    schema.get(word).and_then(Value::as_array)
}

fn target<'a>(root: &'a Value, schema: &Map<String, Value>) -> Option<&'a Value> {
    resolve(root, schema.get("$ref")?.as_str()?).ok()
}
