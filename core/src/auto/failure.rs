//! What a failed turn means for the run: whether it may be repeated, and how long the engine asks to wait.
//!
//! Pure; the table is the one place that says what is retryable.

use std::time::Duration;

use serde_json::Value;

use crate::error::Error;

/// A turn that failed, or could not be started.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Failure {
    pub(super) kind: Kind,
    /// How long the engine asks to wait.
    pub(super) hint: Option<Duration>,
}

/// What may be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The same turn may succeed after a pause.
    Retryable,
    /// It would fail again.
    Final,
    /// The provider refuses the work itself.
    Refused,
}

/// The engine's words for why a turn failed (`CodexErrorInfo`), and what each means here.
const WORDS: [(&str, Kind); 19] = [
    // Somebody else's trouble, which passes.
    ("serverOverloaded", Kind::Retryable),
    ("rateLimitExceeded", Kind::Retryable),
    ("flexUnavailable", Kind::Retryable),
    ("internalServerError", Kind::Retryable),
    // The way to the server; with an HTTP status, that decides.
    ("httpConnectionFailed", Kind::Retryable),
    ("responseStreamConnectionFailed", Kind::Retryable),
    ("responseStreamDisconnected", Kind::Retryable),
    ("responseTooManyFailedAttempts", Kind::Retryable),
    // The content.
    ("cyberPolicy", Kind::Refused),
    ("misalignmentPolicyViolation", Kind::Refused),
    // What a pause does not change: the thread is full, the account is used up or unknown, the request is bad.
    ("contextWindowExceeded", Kind::Final),
    ("sessionBudgetExceeded", Kind::Final),
    ("usageLimitExceeded", Kind::Final),
    ("unauthorized", Kind::Final),
    ("badRequest", Kind::Final),
    ("threadRollbackFailed", Kind::Final),
    ("sandboxError", Kind::Final),
    ("tooManyDenials", Kind::Final),
    ("activeTurnNotSteerable", Kind::Final),
];

/// Client errors of HTTP that a pause may cure: timeout, conflict, too early, too many requests.
const PASSING_STATUS: [u64; 4] = [408, 409, 425, 429];

impl Failure {
    /// From the engine's turn error. What it does not explain, or calls `other`, is not repeated: nobody knows
    /// that it would help.
    pub(super) fn of_turn(error: &Value) -> Self {
        let message = error["message"].as_str().unwrap_or_default();
        let details = error["additionalDetails"].as_str().unwrap_or_default();
        Self {
            kind: kind(&error["codexErrorInfo"]),
            hint: hint(message).or_else(|| hint(details)),
        }
    }

    /// From an error of a call, as of `turn/start`: the engine is overloaded, or it is not.
    pub(super) fn of_call(error: &Error) -> Self {
        let data: Value = error
            .data()
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        let overloaded = error.code().is_some() && error.retryable();
        Self {
            kind: if overloaded {
                Kind::Retryable
            } else {
                Kind::Final
            },
            hint: hint_in_data(&data).or_else(|| hint(error.rpc_message().unwrap_or_default())),
        }
    }
}

fn kind(info: &Value) -> Kind {
    let (word, status) = match info {
        Value::String(word) => (word.as_str(), None),
        Value::Object(variants) => match variants.iter().next() {
            Some((word, fields)) => (word.as_str(), fields["httpStatusCode"].as_u64()),
            None => return Kind::Final,
        },
        _ => return Kind::Final,
    };
    let found = WORDS.iter().find(|(known, _)| *known == word);
    match (found, status) {
        (Some((_, Kind::Retryable)), Some(status @ 400..=499))
            if !PASSING_STATUS.contains(&status) =>
        {
            Kind::Final
        }
        (Some((_, kind)), _) => *kind,
        (None, _) => Kind::Final,
    }
}

/// Fields of an error's data that say how long to wait.
fn hint_in_data(data: &Value) -> Option<Duration> {
    let milliseconds = ["retryAfterMs", "retry_after_ms"];
    let seconds = ["retryAfter", "retry_after", "retryAfterSeconds"];
    let number = |names: &[&str]| names.iter().find_map(|name| data[*name].as_f64());
    let found = number(&milliseconds)
        .map(|value| value / 1e3)
        .or_else(|| number(&seconds));
    found.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}

/// Words before the time to wait, as the provider and the engine write it.
const PREFIXES: [&str; 4] = [
    "try again in ",
    "retry after ",
    "retry in ",
    "retry-after: ",
];

/// The time that a message asks to wait, as in `Please try again in 1.5s`.
fn hint(message: &str) -> Option<Duration> {
    let message = message.to_ascii_lowercase();
    let rest = PREFIXES
        .iter()
        .find_map(|prefix| message.split_once(prefix))?
        .1;
    let digits = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    let (number, unit) = rest.split_at(digits);
    let number: f64 = number.trim_end_matches('.').parse().ok()?;
    let unit = unit.trim_start();
    let factor = if unit.starts_with("ms") || unit.starts_with("milli") {
        1e-3
    } else if unit.starts_with('h') {
        3600.0
    } else if unit.starts_with('m') {
        60.0
    } else if unit.starts_with('d') {
        86_400.0
    } else {
        1.0
    };
    Duration::try_from_secs_f64(number * factor).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_word_of_the_schema_has_its_place() {
        let schema = include_str!("../../../schema/stable.json");
        let schema: Value = serde_json::from_str(schema).expect("JSON");
        let any = &schema["definitions"]["v2"]["CodexErrorInfo"]["anyOf"];
        let mut words: Vec<String> = Vec::new();
        for variant in any.as_array().expect("variants") {
            let plain = variant["enum"].as_array().into_iter().flatten();
            words.extend(plain.filter_map(Value::as_str).map(str::to_owned));
            let named = variant["required"].as_array().into_iter().flatten();
            words.extend(named.filter_map(Value::as_str).map(str::to_owned));
        }
        assert!(words.len() > 15, "{words:?}");
        for word in words.iter().filter(|word| *word != "other") {
            assert!(
                WORDS.iter().any(|(known, _)| known == word),
                "{word} is in the schema and not in the table"
            );
        }
    }

    #[test]
    fn what_may_be_repeated() {
        for (info, expected) in [
            (json!("serverOverloaded"), Kind::Retryable),
            (json!("rateLimitExceeded"), Kind::Retryable),
            (json!("internalServerError"), Kind::Retryable),
            (json!("usageLimitExceeded"), Kind::Final),
            (json!("contextWindowExceeded"), Kind::Final),
            (json!("cyberPolicy"), Kind::Refused),
            (json!("other"), Kind::Final),
            (json!("aWordOfTomorrow"), Kind::Final),
            (Value::Null, Kind::Final),
            (json!({}), Kind::Final),
            (
                json!({"responseStreamDisconnected": {"httpStatusCode": null}}),
                Kind::Retryable,
            ),
            (
                json!({"httpConnectionFailed": {"httpStatusCode": 401}}),
                Kind::Final,
            ),
            (
                json!({"responseTooManyFailedAttempts": {"httpStatusCode": 429}}),
                Kind::Retryable,
            ),
            (
                json!({"responseTooManyFailedAttempts": {"httpStatusCode": 503}}),
                Kind::Retryable,
            ),
        ] {
            assert_eq!(kind(&info), expected, "{info}");
        }
    }

    #[test]
    fn hints_are_read() {
        for (message, expected) in [
            ("Rate limit reached. Please try again in 1.5s.", Some(1500)),
            ("try again in 20ms", Some(20)),
            ("Retry after 2 minutes", Some(120_000)),
            ("try again in 30.", Some(30_000)),
            ("try again later", None),
            ("no hint", None),
        ] {
            assert_eq!(
                hint(message),
                expected.map(Duration::from_millis),
                "{message}"
            );
        }
        assert_eq!(
            hint_in_data(&json!({"retryAfterMs": 250})),
            Some(Duration::from_millis(250))
        );
        assert_eq!(
            hint_in_data(&json!({"retryAfter": 2})),
            Some(Duration::from_secs(2))
        );
    }
}
