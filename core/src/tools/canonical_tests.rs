//! The common form: equal for what equal declarations become in each language, and nothing lost.

use serde_json::{Value, json};

use super::canonical::canonical;

fn common(mut schema: Value) -> Value {
    canonical(&mut schema);
    schema
}

#[test]
fn what_three_generators_make_of_one_declaration_is_one_schema() {
    let schemars = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Order", "description": "Orders things.", "type": "object",
        "properties": {
            "count": {"type": "integer", "format": "uint32", "minimum": 0},
            "size": {"description": "how large", "$ref": "#/$defs/Size"},
            "note": {"type": ["string", "null"], "default": null},
            "to": {"$ref": "#/$defs/Place"},
        },
        "required": ["count", "size", "to"],
        "$defs": {
            "Size": {"type": "string", "enum": ["small", "large"]},
            "Place": {"type": "object", "properties": {"street": {"type": "string"}}, "required": ["street"]},
        },
    });
    let python = json!({
        "title": "order", "type": "object", "additionalProperties": false,
        "properties": {
            "count": {"type": "integer", "minimum": 0},
            "size": {"enum": ["small", "large"], "description": "how large"},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null},
            "to": {"$ref": "#/$defs/Place"},
        },
        "required": ["count", "size", "to"],
        "$defs": {
            "Place": {"title": "Place", "type": "object", "additionalProperties": false,
                "properties": {"street": {"type": "string"}}, "required": ["street"]},
        },
    });
    let zod = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "count": {"type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_i64},
            "size": {"description": "how large", "type": "string", "enum": ["small", "large"]},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "to": {"type": "object", "properties": {"street": {"type": "string"}}, "required": ["street"]},
        },
        "required": ["count", "size", "to"],
    });
    let expected = json!({
        "type": "object",
        "properties": {
            "count": {"type": "integer", "minimum": 0},
            "size": {"type": "string", "enum": ["small", "large"], "description": "how large"},
            "note": {"type": ["string", "null"]},
            "to": {"type": "object", "properties": {"street": {"type": "string"}}, "required": ["street"],
                "additionalProperties": false},
        },
        "required": ["count", "size", "to"],
        "additionalProperties": false,
    });
    for made in [schemars, python, zod] {
        assert_eq!(common(made), expected);
    }
}

#[test]
fn limits_and_names_stay() {
    let schema = json!({
        "type": "object",
        "properties": {
            "title": {"type": "string", "maxLength": 3},
            "format": {"type": "string", "format": "date"},
            "big": {"type": "integer", "maximum": 10},
            "part": {"type": "number", "multipleOf": 2.0, "default": 4.0},
            "half": {"type": "number", "minimum": 0.5, "default": 0.5},
            "const": {"type": "string", "const": "x"},
            "map": {"type": "object", "additionalProperties": {"type": "integer", "format": "int64"}},
        },
    });
    assert_eq!(
        common(schema)["properties"],
        json!({
            "title": {"type": "string", "maxLength": 3},
            "format": {"type": "string", "format": "date"},
            "big": {"type": "integer", "maximum": 10},
            "part": {"type": "number", "multipleOf": 2, "default": 4},
            "half": {"type": "number", "minimum": 0.5, "default": 0.5},
            "const": {"type": "string", "enum": ["x"]},
            "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        })
    );
}

#[test]
fn a_type_within_itself_keeps_its_name() {
    let schema = json!({
        "type": "object",
        "properties": {"tree": {"$ref": "#/$defs/Tree"}},
        "$defs": {"Tree": {"title": "Tree", "type": "object",
            "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}},
    });
    assert_eq!(
        common(schema),
        json!({
            "type": "object",
            "properties": {"tree": {"$ref": "#/$defs/Tree"}},
            "$defs": {"Tree": {"type": "object", "additionalProperties": false,
                "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}},
            "additionalProperties": false,
        })
    );
}
