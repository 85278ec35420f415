//! What is sent of a schema, and what becomes of an answer in that form.

use serde_json::{Value, json};

use crate::error::ErrorKind;
use crate::output::OutputSchema;

fn schema(schema: Value) -> OutputSchema {
    OutputSchema::new(schema).expect("a schema")
}

fn sent(given: Value) -> Value {
    let schema = schema(given);
    let strict = schema.strict();
    strict
        .unwrap_or_else(|| panic!("not strict: {:?}", schema.not_strict()))
        .clone()
}

fn object(properties: &Value, required: &Value) -> Value {
    json!({"type": "object", "properties": properties, "required": required})
}

fn strict_object(properties: &Value, required: &Value) -> Value {
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

#[test]
fn objects_are_closed_and_all_their_members_required() {
    let given = object(
        &json!({
            "a": {"type": "string", "default": "x", "minLength": 2},
            "b": {"type": "integer"},
            "c": {"enum": ["x", "y"]},
            "d": {"type": ["string", "null"]},
            "e": {"type": "array", "items": object(&json!({"x": {"type": "number"}}), &json!([]))},
            "f": {"anyOf": [{"type": "string"}, {"type": "integer"}], "description": "either"}
        }),
        &json!(["b"]),
    );
    let item = strict_object(&json!({"x": {"type": ["number", "null"]}}), &json!(["x"]));
    let expected = strict_object(
        &json!({
            "a": {"type": ["string", "null"]},
            "b": {"type": "integer"},
            "c": {"anyOf": [{"enum": ["x", "y"], "type": "string"}, {"type": "null"}]},
            "d": {"type": ["string", "null"]},
            "e": {"anyOf": [{"type": "array", "items": item}, {"type": "null"}]},
            "f": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}], "description": "either"}
        }),
        &json!(["a", "b", "c", "d", "e", "f"]),
    );
    assert_eq!(sent(given), expected);
}

#[test]
fn only_known_keywords_are_sent() {
    let given = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "T", "type": "object",
        "properties": {
            "a": {"type": "string", "format": "email", "pattern": "^a", "not": {"const": "b"}},
            "b": {"type": "string", "format": "path", "pattern": "(?=a)", "examples": ["c"]},
            "c": {"type": "array", "items": {"type": "integer", "minimum": 1}, "uniqueItems": true, "maxItems": 3},
            "d": {"oneOf": [{"const": 1}, {"const": "x"}]},
            "e": {"allOf": [{"type": "integer"}], "description": "one"}
        },
        "required": ["a", "b", "c", "d", "e"], "additionalProperties": true, "minProperties": 1
    });
    let mut expected = strict_object(
        &json!({
            "a": {"type": "string", "format": "email", "pattern": "^a"},
            "b": {"type": "string"},
            "c": {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 3},
            "d": {"anyOf": [{"const": 1, "type": "integer"}, {"const": "x", "type": "string"}]},
            "e": {"type": "integer", "description": "one"}
        }),
        &json!(["a", "b", "c", "d", "e"]),
    );
    expected["title"] = "T".into();
    assert_eq!(sent(given), expected);
}

#[test]
fn references_stay_alone_and_definitions_are_strict_too() {
    let given = json!({
        "$ref": "#/definitions/Node",
        "definitions": {
            "Node": object(&json!({
                "next": {"$ref": "#/definitions/Node"},
                "leaf": {"$ref": "#/definitions/Leaf", "description": "the leaf"}
            }), &json!(["leaf"])),
            "Leaf": object(&json!({"x": {"type": "integer"}}), &json!(["x"]))
        }
    });
    let leaf = strict_object(&json!({"x": {"type": "integer"}}), &json!(["x"]));
    let mut described = leaf.clone();
    described["description"] = "the leaf".into();
    let node = strict_object(
        &json!({
            "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
            "leaf": described
        }),
        &json!(["next", "leaf"]),
    );
    let mut expected = node.clone();
    expected["$defs"] = json!({"Node": node, "Leaf": leaf});
    let made = sent(given);
    assert_eq!(made["$defs"], expected["$defs"]);
    assert_eq!(made["properties"], expected["properties"]);
}

#[test]
fn a_root_may_refer_to_itself() {
    let given = object(
        &json!({"more": {"type": "array", "items": {"$ref": "#"}}}),
        &json!(["more"]),
    );
    assert_eq!(
        sent(given)["properties"]["more"]["items"],
        json!({"$ref": "#"})
    );
}

#[test]
fn a_root_that_is_no_object_is_wrapped() {
    let list = json!({"type": "array", "items": {"type": "string"}});
    let made = sent(list.clone());
    assert_eq!(
        made,
        strict_object(&json!({"value": list}), &json!(["value"]))
    );
    let schema = schema(list);
    assert_eq!(
        schema.parse(r#"{"value": ["a"]}"#).expect("wrapped"),
        json!(["a"])
    );
    assert_eq!(schema.parse(r#"["a"]"#).expect("plain"), json!(["a"]));
    let choice =
        json!({"anyOf": [object(&json!({"a": {"type": "string"}}), &json!([])), {"type": "null"}]});
    assert_eq!(sent(choice)["required"], json!(["value"]));
}

#[test]
fn places_of_a_tuple_become_a_choice() {
    let given = json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 2, "maxItems": 2});
    let made = sent(given.clone());
    let made = &made["properties"]["value"];
    assert_eq!(
        made["items"]["anyOf"],
        json!([{"type": "string"}, {"type": "integer"}])
    );
    assert!(
        made["description"]
            .as_str()
            .is_some_and(|said| said.contains("in this order"))
    );
    assert!(schema(given).parse(r#"{"value": [1, "a"]}"#).is_err());
    let same = json!({"type": "array", "items": [{"type": "string"}, {"type": "string"}], "$schema": "http://json-schema.org/draft-07/schema#"});
    assert_eq!(
        sent(same)["properties"]["value"]["items"],
        json!({"type": "string"})
    );
}

#[test]
fn what_has_no_strict_form_says_where() {
    let cases = [
        (json!({}), "$: any value is allowed"),
        (json!({"type": "object"}), "$: an object with any keys"),
        (
            object(
                &json!({"a": {"type": "object", "additionalProperties": {"type": "string"}}}),
                &json!([]),
            ),
            "$.a: an object with any keys",
        ),
        (
            object(&json!({"a": {"type": "array"}}), &json!([])),
            "$.a: an array of any values",
        ),
        (
            object(&json!({"a": {"type": "array", "items": true}}), &json!([])),
            "$.a[]: any value is allowed",
        ),
        (
            json!({"allOf": [{"type": "object", "properties": {}}, {"type": "object", "properties": {}}]}),
            "$: strict mode does not know `allOf`",
        ),
    ];
    for (given, why) in cases {
        assert_eq!(schema(given).not_strict(), Some(why));
    }
}

#[test]
fn nulls_of_optional_members_are_absent_again() {
    let inner = object(
        &json!({"x": {"type": "integer"}, "y": {"type": ["integer", "null"]}}),
        &json!([]),
    );
    let given = schema(json!({
        "type": "object",
        "properties": {
            "a": {"type": "string"}, "list": {"type": "array", "items": {"$ref": "#/$defs/Inner"}},
            "either": {"anyOf": [{"$ref": "#/$defs/Inner"}, object(&json!({"kind": {"const": "k"}, "z": {"type": "string"}}), &json!(["kind"]))]}
        },
        "required": ["list", "either"], "additionalProperties": false, "$defs": {"Inner": inner}
    }));
    let answer =
        json!({"a": null, "list": [{"x": null, "y": null}], "either": {"kind": "k", "z": null}});
    let parsed = given.parse(&answer.to_string()).expect("valid");
    assert_eq!(
        parsed,
        json!({"list": [{"y": null}], "either": {"kind": "k"}})
    );
    let required = schema(object(&json!({"a": {"type": "string"}}), &json!(["a"])));
    assert!(required.parse(r#"{"a": null}"#).is_err());
}

#[test]
fn a_fault_says_where_and_by_which_rule() {
    let given = schema(json!({
        "type": "object",
        "properties": {
            "steps": {"type": "array", "items": object(&json!({"title": {"type": "string", "minLength": 2}, "at": {"type": "string", "format": "date-time"}}), &json!(["title"]))},
            "maybe": {"anyOf": [object(&json!({"deep": {"type": "integer"}}), &json!(["deep"])), {"type": "null"}]}
        },
        "required": ["steps"]
    }));
    let cases = [
        (
            r#"{"steps": [{"title": 1}]}"#,
            "$.steps[0].title",
            "type",
            "/properties/steps/items/properties/title/type",
        ),
        (
            r#"{"steps": [{"title": "a"}]}"#,
            "$.steps[0].title",
            "minLength",
            "/properties/steps/items/properties/title/minLength",
        ),
        (
            r#"{"steps": [{}]}"#,
            "$.steps[0]",
            "required",
            "/properties/steps/items/required",
        ),
        (
            r#"{"steps": [{"title": "ab", "at": "now"}]}"#,
            "$.steps[0].at",
            "format",
            "/properties/steps/items/properties/at/format",
        ),
        (
            r#"{"steps": [], "maybe": {"deep": "x"}}"#,
            "$.maybe.deep",
            "type",
            "/properties/maybe/anyOf/0/properties/deep/type",
        ),
        ("I would rather not.", "$", "json", ""),
    ];
    for (text, path, rule, schema_path) in cases {
        let error = given.parse(text).expect_err("invalid");
        assert_eq!(error.kind(), ErrorKind::InvalidOutput);
        let facts = error.invalid_output().expect("its facts");
        let fault = &facts.faults[0];
        assert_eq!(
            (
                fault.path.as_str(),
                fault.rule.as_str(),
                fault.schema_path.as_str()
            ),
            (path, rule, schema_path)
        );
        assert_eq!((facts.raw_text.as_str(), facts.attempts), (text, 0));
        assert!(error.to_string().contains(path));
    }
}

#[test]
fn the_message_is_bounded_and_the_facts_are_whole() {
    let text = "x".repeat(100_000);
    let error = schema(json!({"type": "integer"}))
        .parse(&text)
        .expect_err("invalid");
    assert!(error.to_string().len() < 1000);
    assert_eq!(
        error.invalid_output().map(|facts| facts.raw_text.len()),
        Some(100_000)
    );
}

#[test]
fn what_is_no_schema_is_refused() {
    let cases = [
        json!([1]),
        json!(true),
        json!({"name": "string"}),
        json!({"type": "text"}),
        json!({"type": "object", "properties": {"a": 3}}),
        json!({"type": "string", "pattern": "("}),
        json!({"$ref": "#/$defs/Nowhere"}),
        json!({"$ref": "https://example.com/schema.json"}),
        json!({"$ref": "other.json"}),
    ];
    for given in cases {
        let error = OutputSchema::new(given.clone())
            .err()
            .unwrap_or_else(|| panic!("{given}"));
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(error.argument(), Some("output_type"));
    }
}

#[test]
fn a_recursive_schema_does_not_recurse_forever() {
    for given in [
        json!({"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}),
        json!({"anyOf": [{"$ref": "#"}, {"type": "integer"}]}),
        json!({"$ref": "#/$defs/A", "$defs": {"A": {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}}}),
    ] {
        if let Ok(schema) = OutputSchema::new(given) {
            let _ = (schema.strict(), schema.not_strict());
        }
    }
}
