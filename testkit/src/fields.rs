//! Reads hand-written JSON (scripts and plans) and names the bad key when it is wrong.
//!
//! Every value carries its path from the root, so that an error in the fortieth scenario of a
//! file is found without counting brackets. It knows nothing about scripts or plans themselves.

use crate::{Error, Result};
use serde_json::{Map, Value};

/// A JSON value together with its place in the document.
#[derive(Clone)]
pub(crate) struct Node<'a> {
    what: &'static str,
    path: String,
    pub(crate) value: &'a Value,
}

impl<'a> Node<'a> {
    pub(crate) fn root(what: &'static str, value: &'a Value) -> Self {
        Self {
            what,
            path: String::new(),
            value,
        }
    }

    pub(crate) fn error(&self, message: impl Into<String>) -> Error {
        Error::Format {
            what: self.what,
            path: if self.path.is_empty() {
                "(top level)".to_owned()
            } else {
                self.path.clone()
            },
            message: message.into(),
        }
    }

    pub(crate) fn expected(&self, expected: &str) -> Error {
        self.error(format!(
            "expected {expected}, found {}",
            describe(self.value)
        ))
    }

    pub(crate) fn child(&self, key: &str, value: &'a Value) -> Self {
        let path = if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        };
        Self {
            what: self.what,
            path,
            value,
        }
    }

    pub(crate) fn map(&self) -> Result<&'a Map<String, Value>> {
        self.value
            .as_object()
            .ok_or_else(|| self.expected("an object"))
    }

    /// The object's fields; any key that is not in `known` is an error.
    pub(crate) fn fields(&self, known: &[&str]) -> Result<Fields<'a>> {
        let map = self.map()?;
        if let Some(key) = map.keys().find(|key| !known.contains(&key.as_str())) {
            let value = &map[key];
            return Err(self
                .child(key, value)
                .error(format!("unknown key; known here: {}", known.join(", "))));
        }
        Ok(Fields {
            node: self.clone(),
            map,
        })
    }

    pub(crate) fn list(&self) -> Result<Vec<Self>> {
        let list = self
            .value
            .as_array()
            .ok_or_else(|| self.expected("a list"))?;
        Ok(list
            .iter()
            .enumerate()
            .map(|(index, value)| Self {
                what: self.what,
                path: format!("{}[{index}]", self.path),
                value,
            })
            .collect())
    }

    pub(crate) fn str(&self) -> Result<&'a str> {
        self.value.as_str().ok_or_else(|| self.expected("a string"))
    }

    pub(crate) fn string(&self) -> Result<String> {
        self.str().map(str::to_owned)
    }

    pub(crate) fn bool(&self) -> Result<bool> {
        self.value
            .as_bool()
            .ok_or_else(|| self.expected("true or false"))
    }

    pub(crate) fn u64(&self) -> Result<u64> {
        self.value
            .as_u64()
            .ok_or_else(|| self.expected("a whole number, 0 or more"))
    }

    pub(crate) fn i64(&self) -> Result<i64> {
        self.value
            .as_i64()
            .ok_or_else(|| self.expected("a whole number"))
    }

    pub(crate) fn usize(&self) -> Result<usize> {
        let number = self.u64()?;
        usize::try_from(number).map_err(|_| self.error("the number is too large"))
    }

    pub(crate) fn strings(&self) -> Result<Vec<String>> {
        self.list()?.iter().map(Self::string).collect()
    }
}

/// The fields of an object whose keys were checked.
pub(crate) struct Fields<'a> {
    node: Node<'a>,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The field, if it is there and not null.
    pub(crate) fn get(&self, key: &str) -> Option<Node<'a>> {
        self.map
            .get(key)
            .filter(|value| !value.is_null())
            .map(|value| self.node.child(key, value))
    }

    pub(crate) fn required(&self, key: &str) -> Result<Node<'a>> {
        self.get(key)
            .ok_or_else(|| self.node.error(format!("the key \"{key}\" is missing")))
    }

    /// The field through `read`, if it is there.
    pub(crate) fn read<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Node<'a>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.get(key).map(|node| read(&node)).transpose()
    }
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) if text.chars().count() <= 40 => format!("the string {text:?}"),
        Value::String(_) => "a long string".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
