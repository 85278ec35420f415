//! A JSON Schema in the form that strict structured outputs take, which is a part of JSON Schema.
//!
//! The engine always asks the provider for strict mode, and a provider refuses a schema that does not suit it. The
//! rules (OpenAI's guide of structured outputs): the root is an object and no `anyOf`; each object names its
//! properties, has `additionalProperties: false` and requires all of them; of the keywords only some are known.
//!
//! What is dropped here is only not *sent*: the application's own schema checks the answer. Every answer that
//! follows the strict form must be one that can follow the schema, after [`super::nulls`] has removed the nulls
//! that stand for absent members.

use serde_json::{Map, Value, json};

use crate::output::nulls::allows_null;

/// Keywords that are sent as they stand.
const KEPT: [&str; 13] = [
    "const",
    "description",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maximum",
    "minItems",
    "minimum",
    "multipleOf",
    "pattern",
    "title",
    "type",
];
const FORMATS: [&str; 9] = [
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "time",
    "uuid",
];
/// References that refer to references refer to something within so many steps, or to themselves.
const STEPS: usize = 32;
/// The property that a root which is no object is sent as.
pub(super) const WRAPPER: &str = "value";

/// A schema as it is sent.
#[derive(Debug)]
pub(super) struct Strict {
    pub(super) schema: Value,
    /// Whether the root is [`WRAPPER`]'s object around the application's value.
    pub(super) wrapped: bool,
}

/// The strict form, or why there is none.
pub(super) fn strict(schema: &Value) -> Result<Strict, String> {
    let mut maker = Maker {
        root: schema,
        open: Vec::new(),
        wrapped: false,
    };
    let target = root_target(schema)?;
    maker.wrapped = !is_object(target);
    let defs = maker.definitions()?;
    let made = if maker.wrapped {
        let inner = maker.part(schema, "$")?;
        let mut made = Map::new();
        made.insert("type".into(), "object".into());
        made.insert("properties".into(), json!({ WRAPPER: inner }));
        made.insert("required".into(), json!([WRAPPER]));
        made.insert("additionalProperties".into(), false.into());
        made
    } else {
        match maker.part(target, "$")? {
            Value::Object(made) => made,
            _ => Map::new(),
        }
    };
    Ok(Strict {
        schema: Value::Object(with_definitions(made, defs)),
        wrapped: maker.wrapped,
    })
}

fn with_definitions(mut made: Map<String, Value>, defs: Map<String, Value>) -> Map<String, Value> {
    if !defs.is_empty() {
        made.insert("$defs".into(), Value::Object(defs));
    }
    made
}

/// What a root that is a reference stands for.
fn root_target(schema: &Value) -> Result<&Value, String> {
    let mut target = schema;
    for _ in 0..STEPS {
        match target.get("$ref").and_then(Value::as_str) {
            None => return Ok(target),
            Some(reference) => target = resolve(schema, reference)?,
        }
    }
    Err("$: the reference refers to itself".to_owned())
}

/// Where a reference points to.
pub(super) fn resolve<'a>(root: &'a Value, reference: &str) -> Result<&'a Value, String> {
    let pointer = reference.strip_prefix('#');
    pointer
        .and_then(|pointer| root.pointer(pointer))
        .ok_or_else(|| format!("the reference {reference} points to no part of the schema"))
}

/// The name of a definition that a reference is to.
fn definition(reference: &str) -> Option<&str> {
    let name = reference
        .strip_prefix("#/$defs/")
        .or_else(|| reference.strip_prefix("#/definitions/"))?;
    (!name.contains('/')).then_some(name)
}

fn is_object(schema: &Value) -> bool {
    let typed = match schema.get("type") {
        Some(kind) => kind == "object",
        None => schema.get("properties").is_some(),
    };
    let chosen = ["anyOf", "oneOf", "allOf", "enum", "const"];
    typed && chosen.iter().all(|word| schema.get(word).is_none())
}

struct Maker<'a> {
    root: &'a Value,
    /// The references that are being put in place of themselves.
    open: Vec<String>,
    wrapped: bool,
}

impl<'a> Maker<'a> {
    fn definitions(&mut self) -> Result<Map<String, Value>, String> {
        let root = self.root;
        let mut made = Map::new();
        for place in ["$defs", "definitions"] {
            for (name, schema) in root
                .get(place)
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                made.insert(name.clone(), self.part(schema, name)?);
            }
        }
        Ok(made)
    }

    fn part(&mut self, schema: &'a Value, place: &str) -> Result<Value, String> {
        let Some(given) = schema.as_object() else {
            return Err(format!("{place}: any value is allowed"));
        };
        if let Some(reference) = given.get("$ref").and_then(Value::as_str) {
            return self.reference(given, reference, place);
        }
        let mut made = Map::new();
        for (key, value) in given {
            if KEPT.contains(&key.as_str()) && is_sendable(key, value) {
                made.insert(key.clone(), value.clone());
            }
        }
        if let Some(format) = given.get("format").filter(|format| is_known(format)) {
            made.insert("format".into(), format.clone());
        }
        if let Some(all) = given.get("allOf").and_then(Value::as_array) {
            return self.all_of(all, made, place);
        }
        for word in ["anyOf", "oneOf"] {
            if let Some(branches) = given.get(word).and_then(Value::as_array) {
                let parts = branches.iter().map(|branch| self.part(branch, place));
                made.insert("anyOf".into(), parts.collect::<Result<Vec<_>, _>>()?.into());
                made.shift_remove("type");
                return Ok(Value::Object(made));
            }
        }
        if !made.contains_key("type") {
            let kind =
                implied_type(given).ok_or_else(|| format!("{place}: any value is allowed"))?;
            made.insert("type".into(), kind);
        }
        if has_type(&made, "object") {
            self.object(given, &mut made, place)?;
        }
        if has_type(&made, "array") {
            self.array(given, &mut made, place)?;
        }
        Ok(Value::Object(made))
    }

    fn reference(
        &mut self,
        given: &'a Map<String, Value>,
        reference: &str,
        place: &str,
    ) -> Result<Value, String> {
        let said: Map<String, Value> = ["title", "description"]
            .into_iter()
            .filter_map(|key| Some((key.to_owned(), given.get(key)?.clone())))
            .collect();
        let recursive = self.open.iter().any(|open| open == reference);
        let named = definition(reference).map(|name| format!("#/$defs/{name}"));
        let to_root = (reference == "#" && !self.wrapped).then(|| "#".to_owned());
        match named.or(to_root) {
            // A reference may have nothing beside it; what is said of it is worth the repetition.
            Some(sent) if said.is_empty() || recursive => Ok(json!({ "$ref": sent })),
            None if recursive => Err(format!(
                "{place}: the schema is recursive in a way that strict mode has no form for"
            )),
            _ => {
                let target =
                    resolve(self.root, reference).map_err(|why| format!("{place}: {why}"))?;
                self.open.push(reference.to_owned());
                let made = self.part(target, place);
                self.open.pop();
                let mut made = made?;
                if let Value::Object(made) = &mut made {
                    made.extend(said);
                }
                Ok(made)
            }
        }
    }

    fn all_of(
        &mut self,
        all: &'a [Value],
        said: Map<String, Value>,
        place: &str,
    ) -> Result<Value, String> {
        let [only] = all else {
            return Err(format!("{place}: strict mode does not know `allOf`"));
        };
        let mut made = self.part(only, place)?;
        if let Value::Object(made) = &mut made {
            // A reference may have nothing beside it.
            if !made.contains_key("$ref") {
                made.extend(said);
            }
        }
        Ok(made)
    }

    fn object(
        &mut self,
        given: &'a Map<String, Value>,
        made: &mut Map<String, Value>,
        place: &str,
    ) -> Result<(), String> {
        let more = given.get("additionalProperties");
        if more.is_some_and(Value::is_object) || given.contains_key("patternProperties") {
            return Err(format!("{place}: an object with any keys"));
        }
        let properties = given.get("properties").and_then(Value::as_object);
        if properties.is_none() && more != Some(&Value::Bool(false)) {
            return Err(format!("{place}: an object with any keys"));
        }
        let required: Vec<&str> = given
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut parts = Map::new();
        for (name, schema) in properties.into_iter().flatten() {
            let mut part = self.part(schema, &format!("{place}.{name}"))?;
            if !required.contains(&name.as_str()) && !allows_null(self.root, schema) {
                part = nullable(part);
            }
            parts.insert(name.clone(), part);
        }
        made.insert(
            "required".into(),
            parts.keys().cloned().collect::<Vec<_>>().into(),
        );
        made.insert("properties".into(), Value::Object(parts));
        made.insert("additionalProperties".into(), false.into());
        Ok(())
    }

    fn array(
        &mut self,
        given: &'a Map<String, Value>,
        made: &mut Map<String, Value>,
        place: &str,
    ) -> Result<(), String> {
        let items = given.get("items");
        // Before 2020-12 a list of `items` was what `prefixItems` is.
        let places = given.get("prefixItems").or(items).and_then(Value::as_array);
        let Some(places) = places else {
            let items = items.ok_or_else(|| format!("{place}: an array of any values"))?;
            let part = self.part(items, &format!("{place}[]"))?;
            made.insert("items".into(), part);
            return Ok(());
        };
        let mut kinds = Vec::new();
        for (index, schema) in places.iter().enumerate() {
            let part = self.part(schema, &format!("{place}[{index}]"))?;
            if !kinds.contains(&part) {
                kinds.push(part);
            }
        }
        let several = kinds.len() > 1;
        let only = kinds
            .pop()
            .ok_or_else(|| format!("{place}: an array of any values"))?;
        if several {
            kinds.push(only);
            let order = Value::from(places.to_vec()).to_string();
            made.entry("description")
                .or_insert_with(|| format!("The items, in this order: {order}").into());
            made.insert("items".into(), json!({ "anyOf": kinds }));
        } else {
            made.insert("items".into(), only);
        }
        made.entry("minItems")
            .or_insert_with(|| places.len().into());
        made.entry("maxItems")
            .or_insert_with(|| places.len().into());
        Ok(())
    }
}

/// A schema that null follows, too.
fn nullable(schema: Value) -> Value {
    let Value::Object(mut made) = schema else {
        return schema;
    };
    let limited = made.contains_key("enum") || made.contains_key("const");
    match made.get_mut("type") {
        Some(kind @ Value::String(_)) if !limited && *kind != "object" && *kind != "array" => {
            *kind = json!([kind.take(), "null"]);
            return Value::Object(made);
        }
        _ => {}
    }
    if let Some(Value::Array(branches)) = made.get_mut("anyOf") {
        branches.push(json!({"type": "null"}));
        return Value::Object(made);
    }
    let description = made.shift_remove("description");
    let mut outer = Map::new();
    if let Some(description) = description {
        outer.insert("description".into(), description);
    }
    outer.insert("anyOf".into(), json!([made, {"type": "null"}]));
    Value::Object(outer)
}

/// The type of a schema that names none.
fn implied_type(given: &Map<String, Value>) -> Option<Value> {
    if given.contains_key("properties") {
        return Some("object".into());
    }
    if given.contains_key("items") || given.contains_key("prefixItems") {
        return Some("array".into());
    }
    let values = match (given.get("enum"), given.get("const")) {
        (Some(Value::Array(values)), _) => values.as_slice(),
        (_, Some(value)) => std::slice::from_ref(value),
        _ => return None,
    };
    let mut kinds: Vec<Value> = Vec::new();
    for value in values {
        let kind = kind(value)?.into();
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    match kinds.as_slice() {
        [] => None,
        [only] => Some(only.clone()),
        _ => Some(kinds.into()),
    }
}

/// The JSON Schema type of a value that strict mode takes in an `enum`.
fn kind(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => Some("null"),
        Value::Bool(_) => Some("boolean"),
        Value::Number(number) if number.is_f64() => Some("number"),
        Value::Number(_) => Some("integer"),
        Value::String(_) => Some("string"),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Providers' expressions know no look-around.
fn is_sendable(key: &str, value: &Value) -> bool {
    let look_around = ["(?=", "(?!", "(?<"];
    key != "pattern"
        || value
            .as_str()
            .is_some_and(|text| !look_around.iter().any(|part| text.contains(part)))
}

fn is_known(format: &Value) -> bool {
    format
        .as_str()
        .is_some_and(|format| FORMATS.contains(&format))
}

fn has_type(schema: &Map<String, Value>, word: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(kind)) => kind == word,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == word),
        _ => false,
    }
}
