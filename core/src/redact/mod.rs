//! Takes secrets out of text that goes into errors and diagnostics.
//!
//! A secret is told by its value, where it was in the engine's environment (`known`), by what it is given to, as in
//! `password=...` (`assigned`), and by its shape: the keys of this field and its neighbours, JSON Web Tokens, what follows
//! `Bearer` (`shapes`).

mod assigned;
mod known;
mod shapes;

use std::borrow::Cow;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::protocol::lenient;

pub(crate) use known::learn;

const HIDDEN: &str = "[redacted]";

/// `text` with every secret replaced that can be told: by its value, by what it is given to, by its shape.
pub(crate) fn redact(text: &str) -> Cow<'_, str> {
    let steps = [known::hide, assigned::hide, shapes::hide];
    let mut text = Cow::Borrowed(text);
    for hide in steps {
        if let Cow::Owned(clean) = hide(&text) {
            text = Cow::Owned(clean);
        }
    }
    text
}

/// Whether it has a secret by its shape. A setting is refused for no less: by its name alone it may be meant to be seen.
pub(crate) fn has_shape(text: &str) -> bool {
    matches!(shapes::hide(text), Cow::Owned(_))
}

/// [`redact`] of a text that is owned.
pub(crate) fn redacted(text: String) -> String {
    match redact(&text) {
        Cow::Owned(clean) => clean,
        Cow::Borrowed(_) => text,
    }
}

/// JSON with every string in it redacted, names of members too; as it came where there is nothing to hide.
pub(crate) fn redact_json(raw: Box<RawValue>) -> Box<RawValue> {
    let Ok(mut value) = lenient::from_str::<Value>(raw.get()) else {
        return RawValue::from_string(Value::from(HIDDEN).to_string()).unwrap_or(raw);
    };
    if !redact_value(&mut value) {
        return raw;
    }
    RawValue::from_string(value.to_string()).unwrap_or_default()
}

/// Whether there was anything to hide.
fn redact_value(value: &mut Value) -> bool {
    match value {
        Value::String(text) => {
            let Cow::Owned(clean) = redact(text) else {
                return false;
            };
            *text = clean;
            true
        }
        Value::Array(parts) => parts
            .iter_mut()
            .fold(false, |any, part| redact_value(part) | any),
        Value::Object(fields) => {
            let mut any = false;
            if fields
                .keys()
                .any(|key| matches!(redact(key), Cow::Owned(_)))
            {
                any = true;
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(key, value)| (redact(&key).into_owned(), value))
                    .collect();
            }
            let members = fields.iter_mut();
            members.fold(any, |any, (key, part)| redact_member(key, part) | any)
        }
        _ => false,
    }
}

/// What a member is called may say that it is a secret.
fn redact_member(name: &str, value: &mut Value) -> bool {
    match value {
        Value::String(text) if assigned::is_secret_member(name, text) => {
            HIDDEN.clone_into(text);
            true
        }
        other => redact_value(other),
    }
}

#[cfg(test)]
mod tests;
