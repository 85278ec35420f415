//! Canonical forms of what the engine emits: its order of keys and arms differs between platforms.

use serde_json::{Map, Value};

/// Sorts what has no order of its own: object keys, `required`, `enum` of more than one type, and the
/// list of methods in the three big unions.
pub(crate) fn canonical(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<(String, Value)> = object.into_iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            let mut sorted = Map::new();
            for (key, item) in entries {
                let mut item = canonical(item);
                if let Value::Array(list) = &mut item {
                    match key.as_str() {
                        "required" => list.sort_by_key(ToString::to_string),
                        "oneOf" if list.iter().all(|arm| method_of(arm).is_some()) => {
                            list.sort_by_key(|arm| method_of(arm).unwrap_or_default());
                        }
                        _ => {}
                    }
                }
                sorted.insert(key, item);
            }
            Value::Object(sorted)
        }
        Value::Array(list) => Value::Array(list.into_iter().map(canonical).collect()),
        scalar => scalar,
    }
}

/// The method that one arm of `ClientRequest`, `ServerNotification` or `ServerRequest` stands for.
pub(crate) fn method_of(arm: &Value) -> Option<String> {
    let method = arm.pointer("/properties/method/enum/0")?.as_str()?;
    Some(method.to_owned())
}

/// JSON text with one blank of indentation: small, and still one line a value for `git diff`.
pub(crate) fn to_text(value: &Value) -> anyhow::Result<String> {
    let mut buffer = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut buffer, formatter);
    serde::Serialize::serialize(value, &mut serializer)?;
    buffer.push(b'\n');
    Ok(String::from_utf8(buffer)?)
}
