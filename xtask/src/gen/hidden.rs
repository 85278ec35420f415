//! The types of messages that the engine leaves out of its JSON Schema but has in its TypeScript,
//! read from there, so that these messages are typed like all others.
//!
//! Reads the little that occurs in them: objects, unions, lists, strings, numbers, booleans, names.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::model::Schema;

/// Adds the definitions of `names`, and of all that they need, to the schema.
pub(crate) fn define(schema: &mut Schema, names: Vec<String>) {
    let files: BTreeMap<String, String> = schema
        .typescript_files()
        .map(|(path, text)| {
            let name = path.rsplit('/').next().unwrap_or(path);
            (name.trim_end_matches(".ts").to_owned(), text.to_owned())
        })
        .collect();
    let mut wanted = names;
    while let Some(name) = wanted.pop() {
        if schema.definition(&name).is_some() {
            continue;
        }
        let Some(body) = files.get(&name).and_then(|text| body(text)) else {
            continue;
        };
        let mut reader = Reader {
            rest: &body,
            names: Vec::new(),
        };
        let definition = reader.union();
        wanted.extend(reader.names);
        schema.experimental["definitions"][&name] = definition.clone();
        schema.stable["definitions"][&name] = definition;
    }
}

/// What stands behind `export type X =`, without comments.
fn body(text: &str) -> Option<String> {
    let (_, body) = text.split_once("export type ")?.1.split_once('=')?;
    let mut plain = String::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    Some(plain)
}

struct Reader<'a> {
    rest: &'a str,
    /// The names that were met.
    names: Vec<String>,
}

impl Reader<'_> {
    fn eat(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> String {
        self.rest = self.rest.trim_start().trim_start_matches('"');
        let end = self
            .rest
            .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start_matches('"');
        word.to_owned()
    }

    fn union(&mut self) -> Value {
        let mut arms = vec![self.one()];
        while self.eat("|") {
            arms.push(self.one());
        }
        match arms.len() {
            1 => arms.remove(0),
            _ if arms.iter().all(|arm| arm["properties"].is_object()) => either(&arms),
            _ => json!({"anyOf": arms}),
        }
    }

    fn one(&mut self) -> Value {
        if self.eat("{") {
            return self.object();
        }
        let quoted = self.rest.trim_start().starts_with('"');
        let word = self.word();
        match word.as_str() {
            value if quoted => json!({"type": "string", "enum": [value]}),
            "string" | "boolean" | "number" | "null" => json!({"type": word}),
            "bigint" => json!({"type": "integer"}),
            "Array" if self.eat("<") => {
                let items = self.union();
                self.eat(">");
                json!({"type": "array", "items": items})
            }
            "" | "unknown" | "any" => Value::Bool(true),
            name => {
                self.names.push(name.to_owned());
                json!({"$ref": format!("#/definitions/{name}")})
            }
        }
    }

    fn object(&mut self) -> Value {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        while !self.eat("}") {
            let name = self.word();
            let optional = self.eat("?");
            if name.is_empty() || !self.eat(":") {
                break;
            }
            let value = self.union();
            // What may be null may be missing: the engine reads both as nothing.
            let nullable = value["anyOf"]
                .as_array()
                .is_some_and(|arms| arms.contains(&json!({"type": "null"})));
            if !optional && !nullable {
                required.push(name.clone());
            }
            properties.insert(name, value);
            self.eat(",");
        }
        json!({"type": "object", "properties": properties, "required": required})
    }
}

/// One of several objects without a tag: any of their fields.
fn either(arms: &[Value]) -> Value {
    let mut properties = Map::new();
    for arm in arms {
        properties.extend(arm["properties"].as_object().cloned().unwrap_or_default());
    }
    json!({"type": "object", "properties": properties})
}
