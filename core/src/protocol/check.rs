//! Are the parameters of a request what its method takes? Asked before they are sent, so that a wrong
//! one is an error at the call that names it, in every language alike.
//!
//! Pure: looks at values and the generated table, sends nothing. Only what an application gives is
//! looked at, never what the engine says.

use serde_json::Value;

use super::JsonObject;
use super::generated::inputs::INPUTS;
use super::generated::methods::{MethodInfo, client_method};
use crate::error::{Error, Result};
use crate::redact::redact;

/// A named type of the protocol that occurs in parameters.
pub(crate) enum Shape {
    /// An object with these fields and no others.
    Object(&'static [Field]),
    /// One of several objects: the field that tells, and its values with the objects' indices.
    Tagged {
        tag: &'static str,
        arms: &'static [(&'static str, u16)],
    },
    /// One of these strings.
    Enum(&'static [&'static str]),
    /// Another name for something.
    Alias(Kind),
}

/// A field of an object.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    /// Whether it must be there and not be null.
    pub(crate) needed: bool,
    pub(crate) kind: Kind,
}

/// What a value may be.
pub(crate) enum Kind {
    Any,
    Text,
    Flag,
    /// A whole number.
    Whole,
    /// A whole number of 0 or more.
    Count,
    #[allow(
        dead_code,
        reason = "no parameter of these engines is one; a newer engine's may be"
    )]
    Number,
    Literal(&'static str),
    List(&'static Kind),
    /// An object with any keys; its values may be null.
    Map(&'static Kind),
    /// An index in the table of types.
    Named(u16),
    Either(&'static [Kind]),
}

/// What is wrong, and where.
struct Fault {
    path: String,
    message: String,
}

type Verdict = std::result::Result<(), Fault>;

/// The method's entry in the table.
///
/// # Errors
/// `invalid_argument` if the protocol has no such method.
pub(crate) fn method(name: &str) -> Result<&'static MethodInfo> {
    client_method(name).ok_or_else(|| {
        Error::invalid_argument(
            "method",
            format!(
                "{name:?} is no method that this version knows; `request` sends any method as it is"
            ),
        )
    })
}

/// Checks the parameters of a known method, but for the fields that are in `extra`.
///
/// # Errors
/// `invalid_argument` that names the parameter, with the path to the part that is wrong, and says what is
/// accepted there.
pub(crate) fn check(method: &MethodInfo, params: &JsonObject, extra: &JsonObject) -> Result<()> {
    let Some(index) = index(method.params) else {
        return match params.keys().next() {
            Some(name) if method.params.is_empty() => {
                let message = format!("{} takes no parameters", method.name);
                Err(Error::invalid_argument(name, message).of_method(method.name))
            }
            _ => Ok(()),
        };
    };
    let verdict = match &INPUTS[index].1 {
        Shape::Object(fields) => object(method.name, fields, params, "", Some(extra)),
        Shape::Tagged { tag, .. } if extra.contains_key(*tag) => Ok(()),
        Shape::Tagged { tag, arms } => tagged(method.name, tag, arms, params, "", Some(extra)),
        Shape::Enum(_) | Shape::Alias(_) => Ok(()),
    };
    verdict
        .map_err(|fault| Error::invalid_argument(&fault.path, fault.message).of_method(method.name))
}

fn index(name: &str) -> Option<usize> {
    INPUTS
        .binary_search_by(|(known, _)| (*known).cmp(name))
        .ok()
}

fn fault<T>(path: &str, message: impl Into<String>) -> std::result::Result<T, Fault> {
    Err(Fault {
        path: path.to_owned(),
        message: message.into(),
    })
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// `owner` is what the fields belong to, for messages: the method, or the part's own path. Fields that
/// are in `extra` are not looked at.
fn object(
    owner: &str,
    fields: &'static [Field],
    value: &JsonObject,
    path: &str,
    extra: Option<&JsonObject>,
) -> Verdict {
    let unchecked = |name: &str| extra.is_some_and(|extra| extra.contains_key(name));
    let known = |name: &str| fields.iter().any(|field| field.name == name);
    if let Some(name) = value.keys().find(|name| !known(name) && !unchecked(name)) {
        return fault(&join(path, name), unknown(owner, fields, name));
    }
    for field in fields.iter().filter(|field| !unchecked(field.name)) {
        let here = join(path, field.name);
        match value.get(field.name) {
            None | Some(Value::Null) if field.needed => {
                let wanted = describe(&field.kind);
                return fault(&here, format!("{owner} needs it: {wanted}"));
            }
            None | Some(Value::Null) => {}
            Some(value) => one(&field.kind, value, &here)?,
        }
    }
    Ok(())
}

fn unknown(owner: &str, fields: &[Field], name: &str) -> String {
    if fields.is_empty() {
        return format!("{owner} takes nothing");
    }
    let plain = |text: &str| text.replace(['_', '-'], "").to_ascii_lowercase();
    if let Some(meant) = fields.iter().find(|field| plain(field.name) == plain(name)) {
        return format!("{owner} has no such field; it is called {}", meant.name);
    }
    let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
    format!(
        "{owner} has no such field; it takes {}. What this version does not know yet goes into `extra`",
        names.join(", ")
    )
}

fn tagged(
    owner: &str,
    tag: &str,
    arms: &'static [(&'static str, u16)],
    value: &JsonObject,
    path: &str,
    extra: Option<&JsonObject>,
) -> Verdict {
    let said = value.get(tag).and_then(Value::as_str);
    let mut first = None;
    for (_, arm) in arms.iter().filter(|(known, _)| Some(*known) == said) {
        let Shape::Object(fields) = &INPUTS[usize::from(*arm)].1 else {
            return Ok(());
        };
        match object(owner, fields, value, path, extra) {
            Ok(()) => return Ok(()),
            Err(fault) => first = first.or(Some(fault)),
        }
    }
    if let Some(fault) = first {
        return Err(fault);
    }
    let mut values: Vec<&str> = arms.iter().map(|(known, _)| *known).collect();
    values.dedup();
    let found = value.get(tag).map(found).unwrap_or_default();
    fault(&join(path, tag), one_of(&values, &found))
}

fn one(kind: &'static Kind, value: &Value, path: &str) -> Verdict {
    let fits = match kind {
        Kind::Any => true,
        Kind::Text => value.is_string(),
        Kind::Flag => value.is_boolean(),
        Kind::Whole => value.is_i64() || value.is_u64(),
        Kind::Count => value.is_u64(),
        Kind::Number => value.is_number(),
        Kind::Literal(wanted) => value == wanted,
        Kind::List(item) => match value.as_array() {
            Some(items) => {
                return items
                    .iter()
                    .enumerate()
                    .try_for_each(|(at, value)| one(item, value, &format!("{path}[{at}]")));
            }
            None => false,
        },
        Kind::Map(item) => match value.as_object() {
            Some(entries) => {
                return entries
                    .iter()
                    .filter(|(_, value)| !value.is_null())
                    .try_for_each(|(key, value)| one(item, value, &join(path, key)));
            }
            None => false,
        },
        Kind::Either(arms) => return either(kind, arms, value, path),
        Kind::Named(index) => return named(*index, value, path),
    };
    if fits {
        return Ok(());
    }
    fault(path, format!("must be {}{}", describe(kind), found(value)))
}

fn named(index: u16, value: &Value, path: &str) -> Verdict {
    match (&INPUTS[usize::from(index)].1, value) {
        (Shape::Object(fields), Value::Object(value)) => object(path, fields, value, path, None),
        (Shape::Tagged { tag, arms }, Value::Object(value)) => {
            tagged(path, tag, arms, value, path, None)
        }
        (Shape::Enum(values), Value::String(said)) if values.contains(&said.as_str()) => Ok(()),
        (Shape::Enum(values), _) => fault(path, one_of(values, &found(value))),
        (Shape::Alias(kind), _) => one(kind, value, path),
        (shape, _) => fault(
            path,
            format!("must be {}{}", described(shape), found(value)),
        ),
    }
}

/// One of several kinds. The fault of an arm is told if it is the only one that the value can have meant.
fn either(kind: &'static Kind, arms: &'static [Kind], value: &Value, path: &str) -> Verdict {
    let mut faults = Vec::new();
    for arm in arms {
        match one(arm, value, path) {
            Ok(()) => return Ok(()),
            Err(fault) => faults.push(fault),
        }
    }
    faults.retain(|fault| fault.path != path);
    match <[Fault; 1]>::try_from(faults) {
        Ok([only]) => Err(only),
        Err(_) => fault(path, format!("must be {}{}", describe(kind), found(value))),
    }
}

fn one_of(values: &[&str], found: &str) -> String {
    format!("must be one of {}{found}", values.join(", "))
}

/// `, not a string`; short words are told, because a misspelt one is seen at once.
fn found(value: &Value) -> String {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(number) => return format!(", not {number}"),
        Value::String(text) if is_word(text) => return format!(", not {:?}", redact(text)),
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    format!(", not {kind}")
}

fn is_word(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphabetic() || "-_ ".contains(letter);
    (1..=24).contains(&text.len()) && text.chars().all(plain)
}

fn describe(kind: &Kind) -> String {
    match kind {
        Kind::Any => "a value".to_owned(),
        Kind::Text => "a string".to_owned(),
        Kind::Flag => "true or false".to_owned(),
        Kind::Whole => "a whole number".to_owned(),
        Kind::Count => "a whole number of 0 or more".to_owned(),
        Kind::Number => "a number".to_owned(),
        Kind::Literal(value) => format!("{value:?}"),
        Kind::List(_) => "a list".to_owned(),
        Kind::Map(_) => "an object".to_owned(),
        Kind::Named(index) => described(&INPUTS[usize::from(*index)].1),
        Kind::Either(arms) => {
            let mut arms: Vec<String> = arms.iter().map(describe).collect();
            arms.dedup();
            arms.join(", or ")
        }
    }
}

fn described(shape: &Shape) -> String {
    match shape {
        Shape::Object(fields) => {
            let needed = fields.iter().filter(|field| field.needed);
            let names: Vec<&str> = needed.map(|field| field.name).collect();
            if names.is_empty() {
                "an object".to_owned()
            } else {
                format!("an object with {}", names.join(", "))
            }
        }
        Shape::Tagged { tag, arms } => {
            let mut values: Vec<&str> = arms.iter().map(|(value, _)| *value).collect();
            values.dedup();
            format!("an object whose {tag} is one of {}", values.join(", "))
        }
        Shape::Enum(values) => format!("one of {}", values.join(", ")),
        Shape::Alias(kind) => describe(kind),
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
