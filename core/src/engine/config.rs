//! `--config` overrides: native values become `key=value` with the value in TOML.

use serde_json::{Map, Value};
use toml_edit::{Array, InlineTable, Value as Toml};

use crate::error::{Error, Result};
use crate::redact::has_shape;

/// Turns nested native values into overrides, one for each leaf: `a.b=1`. A key of the outermost object may
/// be such a path itself.
///
/// The engine splits the key of an override at every dot and takes quotes for letters. So a table in which
/// a key needs quotes is given whole, as an inline table: there they mean what TOML says.
///
/// # Errors
/// `invalid_argument`, naming the path, for null, for what TOML cannot hold, for empty keys, for a first key
/// that needs quotes and for what looks like a secret.
pub fn overrides(config: &Map<String, Value>) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (key, value) in config {
        let mut path: Vec<&str> = key.split('.').collect();
        if !path.iter().all(|part| !part.is_empty() && is_bare(part)) {
            path = vec![key];
        }
        flatten(&path, value, &mut found)?;
    }
    Ok(found)
}

/// One override from a dotted path of keys and a value.
///
/// # Errors
/// As [`overrides`].
pub fn toml_override(path: &[&str], value: &Value) -> Result<String> {
    if path.iter().any(|key| key.is_empty()) {
        return Err(Error::invalid_argument(
            "config",
            "a key is empty; every key needs a name",
        ));
    }
    let bare = path.iter().take_while(|key| is_bare(key)).count();
    let (dotted, quoted) = path.split_at(bare);
    if dotted.is_empty() {
        return Err(Error::invalid_argument(
            "config",
            format!(
                "the engine takes no override whose first key is {:?}; use letters, digits, - and _, and nest objects instead of writing dots",
                path.first().copied().unwrap_or_default()
            ),
        ));
    }
    let dotted = dotted.join(".");
    let mut toml = to_toml(value, &format!("config.{}", path.join(".")))?;
    for key in quoted.iter().rev() {
        let mut table = InlineTable::new();
        table.insert(*key, toml);
        toml = table.into();
    }
    Ok(format!("{dotted}={toml}"))
}

fn flatten(path: &[&str], value: &Value, found: &mut Vec<String>) -> Result<()> {
    match value {
        Value::Object(map) if !map.is_empty() && map.keys().all(|key| is_bare(key)) => {
            for (key, value) in map {
                let mut path = path.to_vec();
                path.push(key);
                flatten(&path, value, found)?;
            }
            Ok(())
        }
        _ => {
            let entry = toml_override(path, value)?;
            refuse_secret(&format!("config.{}", path.join(".")), &entry)?;
            found.push(entry);
            Ok(())
        }
    }
}

/// Whether the engine reads the key as it stands.
fn is_bare(key: &str) -> bool {
    key.bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn to_toml(value: &Value, path: &str) -> Result<Toml> {
    Ok(match value {
        Value::Null => {
            return Err(Error::invalid_argument(
                path,
                "null is no TOML value; leave the key out to keep the engine's default",
            ));
        }
        Value::Bool(flag) => Toml::from(*flag),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Toml::from(integer),
            (None, Some(float)) if float.is_finite() && !number.is_u64() => Toml::from(float),
            _ => {
                return Err(Error::invalid_argument(
                    path,
                    format!("{number} does not fit a TOML number (64-bit signed integer or float)"),
                ));
            }
        },
        Value::String(text) => Toml::from(text.as_str()),
        Value::Array(values) => {
            let mut array = Array::new();
            for (index, value) in values.iter().enumerate() {
                array.push(to_toml(value, &format!("{path}[{index}]"))?);
            }
            Toml::from(array)
        }
        Value::Object(map) => {
            let mut table = InlineTable::new();
            for (key, value) in map {
                if key.is_empty() {
                    return Err(Error::invalid_argument(
                        path,
                        "a key is empty; every key needs a name",
                    ));
                }
                table.insert(key, to_toml(value, &format!("{path}.{key}"))?);
            }
            Toml::from(table)
        }
    })
}

/// Overrides are arguments of a process, which everybody on the machine can read.
fn refuse_secret(argument: &str, entry: &str) -> Result<()> {
    if !has_shape(entry) {
        return Ok(());
    }
    Err(Error::invalid_argument(
        argument,
        "the value looks like a secret, and settings become arguments of a process, which everybody on the machine can read; name an environment variable in its place (as env_key of a model provider does), or write it to config.toml in CODEX_HOME",
    ))
}

/// Checks a raw `key=value` override.
pub(crate) fn check_override(text: &str) -> Result<()> {
    match text.split_once('=') {
        Some((key, _)) if !key.trim().is_empty() => refuse_secret("config_overrides", text),
        _ => Err(Error::invalid_argument(
            "config_overrides",
            format!("{text:?} is not of the form key=value"),
        )),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    fn all(value: Value) -> Vec<String> {
        overrides(value.as_object().unwrap()).unwrap()
    }

    #[test]
    fn values_become_toml_and_keys_are_quoted_where_the_engine_can_read_it() {
        assert_eq!(
            all(
                json!({"model": "a\"b", "tools.web.on": {"x": true}, "features": {"n": 3, "f": 0.5}, "mcp_servers": {"x.y": {"k": 1}, "z": {}}, "list": [1, "two", {"k": "v"}], "none": {}})
            ),
            [
                r#"model='a"b'"#,
                "tools.web.on.x=true",
                "features.n=3",
                r"features.f=0.5",
                r#"mcp_servers={ "x.y" = { k = 1 }, z = {} }"#,
                r#"list=[1, "two", { k = "v" }]"#,
                "none={}",
            ]
        );
    }

    #[test]
    fn what_toml_cannot_hold_is_refused_by_its_path() {
        for (value, path) in [
            (json!({"a": {"b": null}}), "config.a.b"),
            (json!({"a": [1, null]}), "config.a[1]"),
            (json!({"a": u64::MAX}), "config.a"),
            (json!({"": 1}), "config"),
            (json!({"a b": 1}), "config"),
            (json!({"a.": 1}), "config"),
        ] {
            let error = overrides(value.as_object().unwrap()).unwrap_err();
            assert_eq!(error.argument(), Some(path), "{error}");
        }
        assert!(check_override("no equals sign").is_err());
    }

    #[test]
    fn a_secret_becomes_no_argument() {
        let headers = json!({"model_providers": {"x": {"http_headers": {"Authorization": "Bearer abcdefgh1234"}}}});
        let error = overrides(headers.as_object().unwrap()).unwrap_err();
        assert_eq!(
            error.argument(),
            Some("config.model_providers.x.http_headers.Authorization")
        );
        assert!(!error.to_string().contains("abcdefgh"), "{error}");
        let error = check_override("a.experimental_bearer_token=\"sk-0123456789ab\"").unwrap_err();
        assert!(
            error.to_string().contains("environment variable"),
            "{error}"
        );
        assert!(!error.to_string().contains("0123456789ab"), "{error}");
        assert!(check_override("model_providers.x.env_key=\"MY_KEY\"").is_ok());
    }
}
