//! What the engine's words for a failure mean: which kind of error it is, and whether it may be repeated.
//!
//! Pure. The tables here are the only ones: errors of turns, errors of calls, `retry_on_overload` and auto-runs read them.

use std::time::Duration;

use serde_json::Value;

use self::Repeat::{Final, Refused, Retryable};
use super::ErrorKind;
use super::ErrorKind::{
    ApprovalDenied, Authentication, ContextWindow, Overloaded, RateLimited, TurnFailed, UsageLimit,
};

/// What is known of a failure from the engine's words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Meaning {
    pub(crate) kind: ErrorKind,
    pub(crate) repeat: Repeat,
    /// The status of the server's answer, if the engine tells it.
    pub(crate) http_status: Option<u16>,
    /// How long the server asks to wait.
    pub(crate) retry_after: Option<Duration>,
}

/// Whether the same may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// The same may succeed after a pause.
    Retryable,
    /// It would fail again.
    Final,
    /// The provider refuses the work itself.
    Refused,
}

/// The engine's words for why a turn failed (`CodexErrorInfo`), and what each means here.
const WORDS: [(&str, ErrorKind, Repeat); 20] = [
    // Somebody else's trouble, which passes.
    ("serverOverloaded", Overloaded, Retryable),
    ("flexUnavailable", Overloaded, Retryable),
    ("rateLimitExceeded", RateLimited, Retryable),
    ("internalServerError", TurnFailed, Retryable),
    // The way to the server; with an HTTP status, that decides.
    ("httpConnectionFailed", TurnFailed, Retryable),
    ("responseStreamConnectionFailed", TurnFailed, Retryable),
    ("responseStreamDisconnected", TurnFailed, Retryable),
    ("responseTooManyFailedAttempts", TurnFailed, Retryable),
    // The content.
    ("cyberPolicy", TurnFailed, Refused),
    ("misalignmentPolicyViolation", TurnFailed, Refused),
    // What a pause does not change: the thread is full, the account is used up or unknown, the request is bad.
    ("contextWindowExceeded", ContextWindow, Final),
    ("usageLimitExceeded", UsageLimit, Final),
    ("sessionBudgetExceeded", UsageLimit, Final),
    ("unauthorized", Authentication, Final),
    ("tooManyDenials", ApprovalDenied, Final),
    ("badRequest", TurnFailed, Final),
    ("threadRollbackFailed", TurnFailed, Final),
    ("sandboxError", TurnFailed, Final),
    ("activeTurnNotSteerable", TurnFailed, Final),
    ("other", TurnFailed, Final),
];

/// Client errors of HTTP that a pause may cure: timeout, conflict, too early, too many requests.
const PASSING_STATUS: [u16; 4] = [408, 409, 425, 429];

/// What an HTTP status says that the engine's word does not.
fn of_status(status: u16) -> ErrorKind {
    match status {
        401 | 403 => Authentication,
        429 => RateLimited,
        _ => TurnFailed,
    }
}

impl Meaning {
    /// Of the engine's turn error. What it does not explain, or calls `other`, is not repeated: nobody knows that it
    /// would help.
    pub(crate) fn of_turn(error: &Value) -> Self {
        let (word, http_status) = word_of(&error["codexErrorInfo"]);
        let found = WORDS.iter().find(|(known, ..)| *known == word);
        let (mut kind, mut repeat) =
            found.map_or((TurnFailed, Final), |(_, kind, repeat)| (*kind, *repeat));
        if let Some(status) = http_status {
            if kind == TurnFailed {
                kind = of_status(status);
            }
            if repeat == Retryable
                && (400..500).contains(&status)
                && !PASSING_STATUS.contains(&status)
            {
                repeat = Final;
            }
        }
        let text = |name: &str| hint(error[name].as_str().unwrap_or_default());
        Self {
            kind,
            repeat,
            http_status,
            retry_after: text("message").or_else(|| text("additionalDetails")),
        }
    }

    /// Of a JSON-RPC error: the server is overloaded, or it is not.
    pub(crate) fn of_rpc(code: i64, message: &str, data: &Value) -> Self {
        let of_server = (-32099..=-32000).contains(&code);
        let lowered = message.to_ascii_lowercase();
        // The engine says `Server overloaded; retry later.` without any data.
        let overloaded = of_server
            && (says_overloaded(data)
                || lowered.contains("server overloaded")
                || says_exhausted(code, message));
        Self {
            kind: if overloaded {
                Overloaded
            } else {
                ErrorKind::Rpc
            },
            // The word counts with any code, as in the official SDK.
            repeat: if overloaded || says_overloaded(data) {
                Retryable
            } else {
                Final
            },
            http_status: None,
            retry_after: hint_in_data(data).or_else(|| hint(message)),
        }
    }
}

/// Whether the engine's own repeats are used up.
pub(crate) fn says_exhausted(code: i64, message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    (-32099..=-32000).contains(&code)
        && (message.contains("retry limit") || message.contains("too many failed attempts"))
}

/// Whether an error's data carries the server's own word for being overloaded, at any depth.
fn says_overloaded(data: &Value) -> bool {
    match data {
        Value::String(word) => {
            let word = word.to_ascii_lowercase();
            word == "server_overloaded" || word == "serveroverloaded"
        }
        Value::Array(parts) => parts.iter().any(says_overloaded),
        Value::Object(fields) => fields.values().any(says_overloaded),
        _ => false,
    }
}

/// The word of a `CodexErrorInfo`, and the HTTP status in it.
pub(crate) fn word_of(info: &Value) -> (&str, Option<u16>) {
    match info {
        Value::String(word) => (word, None),
        Value::Object(variants) => variants.iter().next().map_or(("", None), |(word, fields)| {
            let status = fields["httpStatusCode"].as_u64();
            (word, status.and_then(|status| u16::try_from(status).ok()))
        }),
        _ => ("", None),
    }
}

/// When the account's limit is reset, in seconds since the Unix epoch: the last of the windows that are full
/// (`account/rateLimits/updated`).
pub(crate) fn resets_at(limits: &Value) -> Option<i64> {
    let windows = [&limits["primary"], &limits["secondary"]];
    let full = windows.iter().filter(|window| {
        window["usedPercent"]
            .as_f64()
            .is_some_and(|used| used >= 100.0)
    });
    full.filter_map(|window| window["resetsAt"].as_i64()).max()
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
        for word in &words {
            assert!(
                WORDS.iter().any(|(known, ..)| known == word),
                "{word} is in the schema and not in the table"
            );
        }
    }

    #[test]
    fn what_words_mean() {
        for (info, kind, repeat) in [
            (json!("serverOverloaded"), Overloaded, Retryable),
            (json!("rateLimitExceeded"), RateLimited, Retryable),
            (json!("internalServerError"), TurnFailed, Retryable),
            (json!("usageLimitExceeded"), UsageLimit, Final),
            (json!("contextWindowExceeded"), ContextWindow, Final),
            (json!("unauthorized"), Authentication, Final),
            (json!("tooManyDenials"), ApprovalDenied, Final),
            (json!("cyberPolicy"), TurnFailed, Refused),
            (json!("other"), TurnFailed, Final),
            (json!("aWordOfTomorrow"), TurnFailed, Final),
            (Value::Null, TurnFailed, Final),
            (json!({}), TurnFailed, Final),
            (
                json!({"responseStreamDisconnected": {"httpStatusCode": null}}),
                TurnFailed,
                Retryable,
            ),
            (
                json!({"httpConnectionFailed": {"httpStatusCode": 401}}),
                Authentication,
                Final,
            ),
            (
                json!({"responseTooManyFailedAttempts": {"httpStatusCode": 429}}),
                RateLimited,
                Retryable,
            ),
            (
                json!({"responseTooManyFailedAttempts": {"httpStatusCode": 503}}),
                TurnFailed,
                Retryable,
            ),
            (
                json!({"httpConnectionFailed": {"httpStatusCode": 413}}),
                TurnFailed,
                Final,
            ),
        ] {
            let meaning = Meaning::of_turn(&json!({"codexErrorInfo": info}));
            assert_eq!((meaning.kind, meaning.repeat), (kind, repeat), "{info}");
        }
    }

    #[test]
    fn the_word_for_overloaded_counts_with_any_code() {
        let meaning = Meaning::of_rpc(-32603, "m", &json!("server_overloaded"));
        assert_eq!((meaning.kind, meaning.repeat), (ErrorKind::Rpc, Retryable));
    }

    #[test]
    fn which_calls_met_an_overloaded_server() {
        for (code, message, data, overloaded) in [
            (-32001, "Server overloaded; retry later.", Value::Null, true),
            (
                -32001,
                "m",
                json!({"codexErrorInfo": "server_overloaded"}),
                true,
            ),
            (-32001, "m", json!([{"a": "serverOverloaded"}]), true),
            (-32001, "Retry limit reached", Value::Null, true),
            (-32001, "m", json!("it was not overloaded"), false),
            (-32001, "m", Value::Null, false),
            (7, "retry limit", Value::Null, false),
        ] {
            let meaning = Meaning::of_rpc(code, message, &data);
            let expected = if overloaded {
                (Overloaded, Retryable)
            } else {
                (ErrorKind::Rpc, Final)
            };
            assert_eq!(
                (meaning.kind, meaning.repeat),
                expected,
                "{code} {message} {data}"
            );
        }
    }

    #[test]
    fn only_a_full_window_says_when_it_is_reset() {
        let window = |used: i64, at: i64| json!({"usedPercent": used, "resetsAt": at});
        for (primary, secondary, expected) in [
            (window(100, 7), window(20, 9), Some(7)),
            (window(100, 7), window(100, 9), Some(9)),
            (window(99, 7), Value::Null, None),
            (
                json!({"usedPercent": 100, "resetsAt": null}),
                Value::Null,
                None,
            ),
        ] {
            let limits = json!({"primary": primary, "secondary": secondary});
            assert_eq!(resets_at(&limits), expected, "{limits}");
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
