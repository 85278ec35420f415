//! What one bundle of JSON Schema says that a request may hold: methods, parameters by their path, and
//! the words that a parameter takes.
//!
//! A path is written as in `input[].detail`: `[]` is any element of a list, `{}` any value of a map.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;

/// Raw model items that a thread may be resumed with: the model's protocol, not the engine's.
const NOT_FOLLOWED: [&str; 1] = ["history"];

/// The parameters of one request.
#[derive(Debug, Default)]
pub(crate) struct Request {
    /// Every parameter, by its path.
    pub(crate) params: BTreeSet<String>,
    /// The words that the parameter at a path takes.
    pub(crate) words: BTreeMap<String, BTreeSet<String>>,
    /// Paths where any text is taken, whatever words are named beside it.
    pub(crate) open: BTreeSet<String>,
}

/// All messages of one bundle.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// What a client may ask, by method.
    pub(crate) client: BTreeMap<String, Request>,
    /// The notifications' methods.
    pub(crate) notifications: BTreeSet<String>,
    /// The methods of the engine's own requests.
    pub(crate) server_requests: BTreeSet<String>,
}

impl Facts {
    /// Reads a bundle.
    pub(crate) fn of(bundle: &Value) -> Result<Self> {
        let mut client = BTreeMap::new();
        for (method, arm) in arms(bundle, "ClientRequest")? {
            let mut request = Request::default();
            let mut walk = Walk {
                bundle,
                request: &mut request,
                entered: Vec::new(),
            };
            walk.schema(&arm["properties"]["params"], "");
            client.insert(method, request);
        }
        let names = |union| -> Result<BTreeSet<String>> {
            Ok(arms(bundle, union)?.into_iter().map(|arm| arm.0).collect())
        };
        Ok(Self {
            client,
            notifications: names("ServerNotification")?,
            server_requests: names("ServerRequest")?,
        })
    }
}

fn arms<'a>(bundle: &'a Value, union: &str) -> Result<Vec<(String, &'a Value)>> {
    let arms = bundle["definitions"][union]["oneOf"]
        .as_array()
        .with_context(|| format!("no union {union}"))?;
    arms.iter()
        .map(|arm| {
            let method = method_of(arm).with_context(|| format!("an arm of {union} is unnamed"))?;
            Ok((method, arm))
        })
        .collect()
}

fn method_of(arm: &Value) -> Option<String> {
    Some(
        arm.pointer("/properties/method/enum/0")?
            .as_str()?
            .to_owned(),
    )
}

struct Walk<'a> {
    bundle: &'a Value,
    request: &'a mut Request,
    /// The references on the way here: some types hold themselves.
    entered: Vec<&'a str>,
}

impl<'a> Walk<'a> {
    fn schema(&mut self, schema: &'a Value, path: &str) {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self.bundle.pointer(reference.trim_start_matches('#'));
            if let Some(target) = target.filter(|_| !self.entered.contains(&reference)) {
                self.entered.push(reference);
                self.schema(target, path);
                self.entered.pop();
            }
            return;
        }
        self.words(schema, path);
        for union in ["oneOf", "anyOf", "allOf"] {
            for arm in schema[union].as_array().into_iter().flatten() {
                self.schema(arm, path);
            }
        }
        for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
            let inner_path = match path {
                "" => name.clone(),
                path => format!("{path}.{name}"),
            };
            self.request.params.insert(inner_path.clone());
            if !NOT_FOLLOWED.contains(&inner_path.as_str()) {
                self.schema(inner, &inner_path);
            }
        }
        if schema["items"].is_object() {
            self.schema(&schema["items"], &format!("{path}[]"));
        }
        if schema["additionalProperties"].is_object() {
            self.schema(&schema["additionalProperties"], &format!("{path}{{}}"));
        }
    }

    fn words(&mut self, schema: &Value, path: &str) {
        let one = schema.get("const").into_iter();
        let many = schema["enum"].as_array().into_iter().flatten();
        let words: Vec<&str> = one.chain(many).filter_map(Value::as_str).collect();
        let is_text = match &schema["type"] {
            Value::String(kind) => kind == "string",
            Value::Array(kinds) => kinds.iter().any(|kind| kind == "string"),
            _ => false,
        };
        if !words.is_empty() {
            let known = self.request.words.entry(path.to_owned()).or_default();
            known.extend(words.into_iter().map(str::to_owned));
        } else if is_text {
            self.request.open.insert(path.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_words_and_open_texts_are_found() {
        let arm = |method: &str, params: Value| json!({"properties": {"method": {"enum": [method]}, "params": params}});
        let bundle = json!({"definitions": {
            "ClientRequest": {"oneOf": [arm("a", json!({"$ref": "#/definitions/v2/P"}))]},
            "ServerNotification": {"oneOf": [arm("n", json!({}))]},
            "ServerRequest": {"oneOf": [arm("s", json!({}))]},
            "v2": {
                "P": {"properties": {
                    "mode": {"anyOf": [{"enum": ["x", "y"], "type": "string"}, {"type": "null"}]},
                    "list": {"items": {"$ref": "#/definitions/v2/Item"}, "type": "array"},
                    "map": {"additionalProperties": {"properties": {"k": {"type": "integer"}}}},
                    "history": {"items": {"properties": {"raw": {}}}},
                    "either": {"oneOf": [{"enum": ["x"], "type": "string"}, {"type": "string"}]}
                }},
                "Item": {"properties": {"kind": {"const": "i"}, "more": {"$ref": "#/definitions/v2/Item"}}}
            }
        }});
        let facts = Facts::of(&bundle).expect("a bundle");
        let request = &facts.client["a"];
        let params: Vec<&str> = request.params.iter().map(String::as_str).collect();
        assert_eq!(
            params,
            [
                "either",
                "history",
                "list",
                "list[].kind",
                "list[].more",
                "map",
                "map{}.k",
                "mode"
            ]
        );
        assert_eq!(request.words["mode"].len(), 2);
        assert!(request.words["list[].kind"].contains("i"));
        assert!(request.open.contains("either") && !request.open.contains("mode"));
        assert!(facts.notifications.contains("n") && facts.server_requests.contains("s"));
    }
}
