//! The schema's definitions as plain types, named as the official Python SDK names them.
//!
//! The engine's JSON Schema has nested and anonymous objects; here everything that has a shape has a
//! name. The Python registry and the Python stub are both printed from this.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::model::Schema;

/// Definitions that describe the envelope rather than a payload.
const ENVELOPES: [&str; 9] = [
    "ClientNotification",
    "ClientRequest",
    "JSONRPCError",
    "JSONRPCErrorError",
    "JSONRPCMessage",
    "JSONRPCNotification",
    "JSONRPCRequest",
    "JSONRPCResponse",
    "ServerNotification",
];

/// Strings that the schema leaves open, with the values that this engine knows.
const KNOWN_VALUES: [(&str, &[&str]); 2] = [
    (
        "ReasoningEffort",
        &[
            "none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra",
        ],
    ),
    (
        "ThreadSource",
        &["user", "subagent", "memory_consolidation"],
    ),
];

/// Whether a type is a string that the schema leaves open.
pub(crate) fn is_open(name: &str) -> bool {
    KNOWN_VALUES.iter().any(|(known, _)| *known == name)
}

/// Words that Python keeps for itself and that occur in the protocol.
const KEYWORDS: [&str; 12] = [
    "and", "as", "async", "class", "continue", "else", "from", "global", "import", "in", "is",
    "not",
];

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expression {
    /// Any JSON value.
    Any,
    /// A scalar: `str`, `int`, `uint` (not negative), `float`, `bool`.
    Scalar(&'static str),
    /// One string.
    Literal(String),
    /// A definition.
    Named(String),
    /// A list.
    List(Box<Expression>),
    /// An object with any keys.
    Map(Box<Expression>),
    /// One of several.
    Union(Vec<Expression>),
}

/// One field of an object.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its name on the wire.
    pub(crate) wire: String,
    pub(crate) expression: Expression,
    /// Whether it may be missing or null.
    pub(crate) optional: bool,
    /// Whether it must be there, be it null.
    pub(crate) required: bool,
    /// What it is when it is missing, unless that is null.
    pub(crate) default: Option<Value>,
    pub(crate) description: Option<String>,
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// An object with known fields.
    Struct(Vec<Field>),
    /// One of several objects, told apart by the string in one field; where two share the string, by
    /// the fields that they require.
    Tagged {
        tag: String,
        arms: Vec<(String, String)>,
    },
    /// One of several things, told apart by their JSON kind or their keys.
    Choice(Vec<Expression>),
    /// One of several strings.
    Enum(Vec<String>),
    /// Another name for a type.
    Alias(Expression),
}

/// One named type.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) shape: Shape,
    pub(crate) description: Option<String>,
}

/// All named types, by name.
#[derive(Default)]
pub(crate) struct Types {
    pub(crate) definitions: BTreeMap<String, Definition>,
    reserved: BTreeSet<String>,
}

impl Types {
    /// Names everything in the schema.
    pub(crate) fn new(schema: &Schema) -> Self {
        let names: BTreeSet<String> = schema
            .definition_names()
            .into_iter()
            .filter(|name| !ENVELOPES.contains(&name.as_str()))
            .collect();
        let mut types = Self {
            reserved: names.clone(),
            ..Self::default()
        };
        for name in &names {
            if name == "ServerRequest" {
                continue;
            }
            if let Some(value) = schema.definition(name) {
                let shape = types.shape(name, value);
                types.insert(name, shape, value);
            }
        }
        types
    }

    /// The names of the structs that belong to a union, each with the union's name.
    pub(crate) fn parents(&self) -> BTreeMap<&str, &str> {
        let mut parents = BTreeMap::new();
        for (name, definition) in &self.definitions {
            match &definition.shape {
                Shape::Tagged { arms, .. } => {
                    parents.extend(arms.iter().map(|(_, arm)| (arm.as_str(), name.as_str())));
                }
                Shape::Choice(arms) => {
                    for arm in arms {
                        if let Expression::Named(arm) = arm
                            && arm.ends_with(name.as_str())
                        {
                            parents.insert(arm.as_str(), name.as_str());
                        }
                    }
                }
                _ => {}
            }
        }
        parents
    }

    fn insert(&mut self, name: &str, shape: Shape, value: &Value) {
        self.reserved.insert(name.to_owned());
        self.definitions.insert(
            name.to_owned(),
            Definition {
                shape,
                description: description(value),
            },
        );
    }

    /// A name that nothing else has: the wish, or the wish with the first free number.
    fn free(&self, wish: &str) -> String {
        if !self.reserved.contains(wish) {
            return wish.to_owned();
        }
        (1..)
            .map(|number| format!("{wish}{number}"))
            .find(|name| !self.reserved.contains(name))
            .unwrap_or_default()
    }

    fn shape(&mut self, name: &str, value: &Value) -> Shape {
        if let Some((_, values)) = KNOWN_VALUES.iter().find(|(known, _)| *known == name) {
            return Shape::Enum(values.iter().map(|value| (*value).to_owned()).collect());
        }
        if let Some(arms) = alternatives(value) {
            let arms: Vec<Value> = arms.iter().map(|arm| merged(value, arm)).collect();
            return self.union(name, &arms);
        }
        if let Some(values) = strings(value) {
            return match <[String; 1]>::try_from(values) {
                Ok([only]) => Shape::Alias(Expression::Literal(only)),
                Err(values) => Shape::Enum(values),
            };
        }
        if value["type"] == "object"
            && value
                .get("additionalProperties")
                .is_none_or(|more| !more.is_object())
        {
            return Shape::Struct(self.fields(value));
        }
        if value["type"] == "object" && value["properties"].is_object() {
            return Shape::Struct(self.fields(value));
        }
        Shape::Alias(self.expression(name, value))
    }

    fn union(&mut self, name: &str, arms: &[Value]) -> Shape {
        let all_strings: Option<Vec<Vec<String>>> = arms.iter().map(strings).collect();
        if let Some(lists) = all_strings
            && lists.iter().all(|list| list.len() == 1)
        {
            return Shape::Enum(lists.concat());
        }
        if let Some(tag) = tag_of(arms) {
            let mut named = Vec::new();
            for arm in arms {
                let value = arm["properties"][&tag]["enum"][0]
                    .as_str()
                    .unwrap_or_default();
                named.extend(
                    variants(arm)
                        .iter()
                        .map(|variant| (value.to_owned(), self.arm(name, variant))),
                );
            }
            return Shape::Tagged { tag, arms: named };
        }
        let literals: Vec<String> = arms
            .iter()
            .filter_map(strings)
            .filter(|values| values.len() == 1)
            .flatten()
            .collect();
        let together = literals.len() > 1;
        let mut members = Vec::new();
        if together {
            members.push(self.values(name, literals));
        }
        for arm in arms.iter().filter(|arm| arm["type"] != "null") {
            match strings(arm) {
                Some(values) if values.len() > 1 => members.push(self.values(name, values)),
                Some(_) if together => {}
                Some(values) => members.push(Expression::Literal(values.concat())),
                None if arm["properties"].is_object() => {
                    members.push(Expression::Named(self.arm(name, arm)));
                }
                None => members.push(self.expression(name, arm)),
            }
        }
        Shape::Choice(members)
    }

    /// Names the strings among the arms of a union.
    fn values(&mut self, union: &str, values: Vec<String>) -> Expression {
        let name = format!("{union}Value");
        self.insert(&name, Shape::Enum(values), &Value::Null);
        Expression::Named(name)
    }

    /// Gives one arm of a union a name of its own.
    fn arm(&mut self, union: &str, arm: &Value) -> String {
        if let Some(name) = reference(arm) {
            return name;
        }
        let title = arm["title"].as_str().map(|title| title.replace("v2::", ""));
        let name = self.free(title.as_deref().unwrap_or(union));
        let shape = Shape::Struct(self.fields(arm));
        self.insert(&name, shape, arm);
        name
    }

    fn fields(&mut self, object: &Value) -> Vec<Field> {
        let required: BTreeSet<&str> = object["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let Some(properties) = object["properties"].as_object() else {
            return Vec::new();
        };
        let mut fields: Vec<Field> = properties
            .iter()
            .map(|(wire, value)| Field {
                expression: self.expression(&pascal(wire), value),
                optional: !required.contains(wire.as_str()) || nullable(value),
                required: required.contains(wire.as_str()),
                default: value
                    .get("default")
                    .filter(|default| !default.is_null())
                    .cloned(),
                description: description(value),
                wire: wire.clone(),
            })
            .collect();
        // Those of a union and of its arm were put together.
        fields.sort_by(|a, b| a.wire.cmp(&b.wire));
        fields
    }

    /// The type of a value; `wish` names it if it is an object that has no name.
    fn expression(&mut self, wish: &str, value: &Value) -> Expression {
        if let Some(name) = reference(value) {
            return Expression::Named(name);
        }
        if let Some(arms) = alternatives(value) {
            let mut members: Vec<Expression> = arms
                .iter()
                .filter(|arm| arm["type"] != "null")
                .map(|arm| self.expression(wish, arm))
                .collect();
            return if members.len() == 1 {
                members.remove(0)
            } else {
                Expression::Union(members)
            };
        }
        if let Some(values) = strings(value) {
            return match values.as_slice() {
                [only] => Expression::Literal(only.clone()),
                _ => {
                    let name = self.free(wish);
                    self.insert(&name, Shape::Enum(values), value);
                    Expression::Named(name)
                }
            };
        }
        match kind(value) {
            "string" => Expression::Scalar("str"),
            "integer" if value["minimum"].as_f64() == Some(0.0) => Expression::Scalar("uint"),
            "integer" => Expression::Scalar("int"),
            "number" => Expression::Scalar("float"),
            "boolean" => Expression::Scalar("bool"),
            "array" => Expression::List(Box::new(match value.get("items") {
                Some(items) if items.is_object() => {
                    self.expression(wish.strip_suffix('s').unwrap_or(wish), items)
                }
                _ => Expression::Any,
            })),
            "object" if value["properties"].is_object() => {
                let name = self.free(wish);
                let shape = Shape::Struct(self.fields(value));
                self.insert(&name, shape, value);
                Expression::Named(name)
            }
            "object" => Expression::Map(Box::new(match value.get("additionalProperties") {
                Some(more) if more.is_object() => self.expression(wish, more),
                _ => Expression::Any,
            })),
            _ => Expression::Any,
        }
    }
}

/// The Python name of a field or of an enum's member: `inProgress` -> `in_progress`, `async` ->
/// `async_`, `_meta` -> `field_meta`.
pub(crate) fn python_name(wire: &str) -> String {
    let name = snake(wire);
    if KEYWORDS.contains(&name.as_str()) {
        return name + "_";
    }
    if name.starts_with('_') {
        format!("field{name}")
    } else {
        name
    }
}

/// The regular part of [`python_name`].
pub(crate) fn snake(wire: &str) -> String {
    let mut name = String::new();
    let mut previous = '_';
    for letter in wire.chars() {
        if letter.is_ascii_uppercase()
            && (previous.is_ascii_lowercase() || previous.is_ascii_digit())
        {
            name.push('_');
        }
        name.push(if letter.is_ascii_alphanumeric() {
            letter.to_ascii_lowercase()
        } else {
            '_'
        });
        previous = letter;
    }
    name
}

fn pascal(wire: &str) -> String {
    let mut name = String::new();
    let mut start = true;
    for letter in wire.chars() {
        if letter == '_' || letter == '-' {
            start = true;
        } else {
            name.push(if start {
                letter.to_ascii_uppercase()
            } else {
                letter
            });
            start = false;
        }
    }
    name
}

/// The arms of a union.
fn alternatives(value: &Value) -> Option<&Vec<Value>> {
    value["oneOf"]
        .as_array()
        .or_else(|| value["anyOf"].as_array())
}

/// An arm with the fields that its union has for all arms.
fn merged(outer: &Value, arm: &Value) -> Value {
    let mut arm = arm.clone();
    let (Some(shared), Some(_)) = (
        outer["properties"].as_object(),
        arm["properties"].as_object(),
    ) else {
        return arm;
    };
    for (name, field) in shared {
        arm["properties"][name] = field.clone();
    }
    let required = outer["required"].as_array().into_iter().flatten().cloned();
    let mut all: Vec<Value> = arm["required"]
        .as_array()
        .into_iter()
        .flatten()
        .cloned()
        .chain(required)
        .collect();
    all.sort_by_key(ToString::to_string);
    all.dedup();
    arm["required"] = Value::Array(all);
    arm
}

/// One object for each way in which an arm may be filled: an image has a `url` or a `fileId`. The
/// first keeps the arm's name.
fn variants(arm: &Value) -> Vec<Value> {
    let Some(choices) =
        alternatives(arm).filter(|choices| choices.iter().all(|one| one["properties"].is_object()))
    else {
        return vec![arm.clone()];
    };
    let mut variants: Vec<Value> = choices.iter().map(|choice| merged(arm, choice)).collect();
    if let Some(first) = variants.first_mut() {
        first["title"] = arm["title"].clone();
    }
    variants
}

/// The name that a value refers to.
fn reference(value: &Value) -> Option<String> {
    let path = value["$ref"].as_str().or_else(|| {
        let all = value["allOf"].as_array().filter(|all| all.len() == 1)?;
        all[0]["$ref"].as_str()
    })?;
    path.rsplit('/').next().map(str::to_owned)
}

/// The values of an enum of strings.
fn strings(value: &Value) -> Option<Vec<String>> {
    let values = value["enum"].as_array()?;
    values
        .iter()
        .filter(|item| !item.is_null())
        .map(|item| item.as_str().map(str::to_owned))
        .collect()
}

/// The one field that tells all arms apart: a required string of one value, different in each.
fn tag_of(arms: &[Value]) -> Option<String> {
    let candidates = arms.first()?["properties"].as_object()?.keys();
    let single = |arm: &Value, tag: &str| {
        let values = strings(&arm["properties"][tag])?;
        let required = arm["required"].as_array()?.iter().any(|name| name == tag);
        (required && values.len() == 1).then(|| values.concat())
    };
    let mut tags = candidates.filter(|tag| {
        let values: Option<BTreeSet<String>> = arms.iter().map(|arm| single(arm, tag)).collect();
        values.is_some_and(|values| values.len() == arms.len())
    });
    tags.next().cloned()
}

fn kind(value: &Value) -> &str {
    match &value["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => {
            let mut named = kinds
                .iter()
                .filter_map(Value::as_str)
                .filter(|kind| *kind != "null");
            match (named.next(), named.next()) {
                (Some(kind), None) => kind,
                _ => "",
            }
        }
        _ => "",
    }
}

fn nullable(value: &Value) -> bool {
    value["type"]
        .as_array()
        .is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"))
        || ["anyOf", "oneOf"].iter().any(|key| {
            value[*key]
                .as_array()
                .is_some_and(|arms| arms.iter().any(|arm| arm["type"] == "null"))
        })
}

fn description(value: &Value) -> Option<String> {
    value["description"].as_str().map(str::to_owned)
}
