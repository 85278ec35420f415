//! Settings of the engine (`--config` and the like) that it does not take any more.
//!
//! Such a setting ends the engine at its start, or silently means something else, so it is refused before.

use serde_json::{Map, Value};
use toml_edit::Value as Toml;

use crate::error::{Error, Result};
use crate::protocol::generated::versions::{NEVER, Span};

/// The setting whose words have changed.
const POLICY: &str = "approval_policy";

const KEPT: Span = Span {
    since: 0,
    removed: NEVER,
    stable: 0,
};
const GONE: Span = Span {
    since: 0,
    removed: 0,
    stable: 0,
};

/// What the setting takes; the words that went are those that every supported engine refuses or changes.
pub(crate) const POLICIES: &[(&str, Span)] = &[
    ("never", KEPT),
    ("on-failure", GONE),
    ("on-request", KEPT),
    ("untrusted", GONE),
];

/// What to write instead of a word that went.
pub(crate) fn instead(word: &str) -> Option<&'static str> {
    let policies = "give on-request (the model decides when to ask) or never (nothing is asked)";
    matches!(word, "on-failure" | "untrusted").then_some(policies)
}

/// Checks settings given as native values.
///
/// # Errors
/// `invalid_argument`, naming the setting.
pub(crate) fn check(config: &Map<String, Value>) -> Result<()> {
    in_map(config, "config")
}

fn in_map(map: &Map<String, Value>, path: &str) -> Result<()> {
    for (key, value) in map {
        let path = format!("{path}.{key}");
        match value {
            Value::String(word) if is_policy(key) => check_word(word, &path)?,
            Value::Object(inner) => in_map(inner, &path)?,
            _ => {}
        }
    }
    Ok(())
}

/// Checks a setting given as `key=value`, the value in TOML.
///
/// # Errors
/// `invalid_argument` for `config_overrides`.
pub(crate) fn check_override(text: &str) -> Result<()> {
    let Some((key, value)) = text.split_once('=') else {
        return Ok(());
    };
    let value = value.trim();
    match value.parse::<Toml>() {
        Ok(toml) => in_toml(key.trim(), &toml),
        // The engine takes what is no TOML for plain text.
        Err(_) if is_policy(key.trim()) => check_word(value, "config_overrides"),
        Err(_) => Ok(()),
    }
}

fn in_toml(key: &str, value: &Toml) -> Result<()> {
    match value {
        Toml::String(word) if is_policy(key) => check_word(word.value(), "config_overrides"),
        Toml::InlineTable(table) => table
            .iter()
            .try_for_each(|(key, value)| in_toml(key, value)),
        _ => Ok(()),
    }
}

fn is_policy(key: &str) -> bool {
    key.rsplit('.').next() == Some(POLICY)
}

fn check_word(word: &str, argument: &str) -> Result<()> {
    match POLICIES.iter().find(|(known, _)| *known == word) {
        Some((_, span)) if span.removed == 0 => {
            let instead = instead(word).unwrap_or_default();
            Err(Error::invalid_argument(
                argument,
                format!("the engine has no {POLICY} {word:?} any more; {instead}"),
            ))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_removed_policy_is_refused_wherever_it_is_given() {
        for (config, argument) in [
            (
                json!({"approval_policy": "untrusted"}),
                "config.approval_policy",
            ),
            (
                json!({"model": "m", "approval_policy": "on-failure"}),
                "config.approval_policy",
            ),
            (
                json!({"profiles": {"work": {"approval_policy": "untrusted"}}}),
                "config.profiles.work.approval_policy",
            ),
        ] {
            let error = check(config.as_object().expect("an object")).expect_err("refused");
            assert_eq!(error.argument(), Some(argument));
            assert!(
                error.to_string().contains("on-request") && error.to_string().contains("never")
            );
        }
        for text in [
            r#"approval_policy="untrusted""#,
            "approval_policy = 'on-failure'",
            "approval_policy=untrusted",
            r#"profiles.work.approval_policy="untrusted""#,
            r#"profiles={work={approval_policy="untrusted"}}"#,
        ] {
            let error = check_override(text).expect_err(text);
            assert_eq!(error.argument(), Some("config_overrides"), "{text}");
        }
    }

    #[test]
    fn other_settings_pass() {
        for config in [
            json!({"approval_policy": "never"}),
            json!({"approval_policy": {"granular": {}}}),
            json!({"trust": "untrusted", "projects": {"/x": {"trust_level": "untrusted"}}}),
        ] {
            assert!(check(config.as_object().expect("an object")).is_ok());
        }
        for text in [
            r#"approval_policy="on-request""#,
            r#"projects={"/x"={trust_level="untrusted"}}"#,
            r#"model="untrusted""#,
            "no equals sign",
        ] {
            assert!(check_override(text).is_ok(), "{text}");
        }
    }
}
