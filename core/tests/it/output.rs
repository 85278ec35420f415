//! Structured output on the real engine.

use codexkit::output::{OutputPlan, OutputSchema, PartialOutputs};
use codexkit::{ErrorKind, JsonObject};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{Bench, prompt, repository};

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
struct Report {
    /// what it is about
    title: String,
    status: Status,
    score: f64,
    tags: Vec<String>,
    author: Author,
    note: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
enum Status {
    #[serde(rename = "fine")]
    Fine,
    #[serde(rename = "needs work")]
    NeedsWork,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
struct Author {
    name: String,
    email: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(try_from = "i64")]
struct Even(i64);

impl TryFrom<i64> for Even {
    type Error = &'static str;

    fn try_from(number: i64) -> Result<Self, Self::Error> {
        if number % 2 == 0 {
            Ok(Self(number))
        } else {
            Err("it is odd")
        }
    }
}

fn answer() -> Value {
    json!({"title": "t", "status": "needs work", "score": 1, "tags": ["a"], "author": {"name": "n", "email": null}, "note": null})
}

/// References put in place, titles left out, choices of plain types as lists of types.
fn normal(schema: &Value, root: &Value) -> Value {
    match schema {
        Value::Array(items) => items.iter().map(|item| normal(item, root)).collect(),
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                return normal(root.pointer(&reference[1..]).unwrap(), root);
            }
            if let Some(branches) = members.get("anyOf").and_then(Value::as_array)
                && branches
                    .iter()
                    .all(|branch| branch.as_object().unwrap().len() == 1)
            {
                let kinds: Vec<&Value> = branches.iter().map(|branch| &branch["type"]).collect();
                return json!({ "type": kinds });
            }
            let kept = members
                .iter()
                .filter(|(key, value)| *key != "$defs" && !(*key == "title" && value.is_string()));
            Value::Object(
                kept.map(|(key, value)| (key.clone(), normal(value, root)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

fn sent(bench: &Bench, index: usize) -> Value {
    bench.model.requests()[index]["body"]["text"]["format"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_answer_is_asked_for_in_strict_form() {
    let bench =
        Bench::new(json!({"replies": [{"items": [{"message": answer().to_string()}]}]})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let result = thread
        .run_typed::<Report>(prompt("report"), JsonObject::new(), 0)
        .await
        .unwrap();
    let report = result.parsed.unwrap();
    assert_eq!((report.status, report.note), (Status::NeedsWork, None));
    assert!(result.attempts.is_empty());
    let format = sent(&bench, 0);
    assert_eq!(
        (&format["type"], &format["strict"]),
        (&json!("json_schema"), &json!(true))
    );
    let fixture =
        std::fs::read_to_string(repository().join("fixtures/schemas/report.json")).unwrap();
    let schema = &format["schema"];
    assert_eq!(
        normal(schema, schema),
        serde_json::from_str::<Value>(&fixture).unwrap()
    );
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_answer_is_repaired() {
    let bench = Bench::new(json!({"replies": [
        {"items": [{"message": r#"{"value": "three"}"#}]},
        {"items": [{"message": "```json\n{\"value\": 3}\n```"}]},
        {"items": [{"message": r#"{"value": 4}"#}]}
    ]}))
    .await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let result = thread
        .run_typed::<Even>(prompt("an even number"), JsonObject::new(), 2)
        .await
        .unwrap();
    assert_eq!((result.parsed, result.attempts.len()), (Some(Even(4)), 2));
    let told = bench.model.requests()[1]["body"]["input"].to_string();
    assert!(told.contains("rule: type"), "{told}");
    let told = bench.model.requests()[2]["body"]["input"].to_string();
    assert!(told.contains("it is odd"), "{told}");
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_never_valid_is_an_error() {
    let bench = Bench::new(json!({"replies": ["I would rather not."], "repeat": "last"})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let schema =
        OutputSchema::new(json!({"type": "object", "properties": {"age": {"type": "integer"}}}))
            .unwrap();
    let mut plan = OutputPlan::new(&schema, prompt("how old?"), JsonObject::new(), 2).unwrap();
    let error = thread.run_output(&mut plan).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOutput);
    let facts = error.invalid_output().unwrap();
    assert_eq!(
        (facts.attempts, facts.raw_text.as_str()),
        (3, "I would rather not.")
    );
    assert_eq!(facts.result.as_ref().unwrap().attempts.len(), 2);
    assert_eq!(bench.model.requests().len(), 3);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_grows() {
    let bench = Bench::new(json!({"replies": [{"items": [
        {"message": "let me see", "phase": "commentary"},
        {"message": r#"{"steps": ["one", "two"], "n": 12}"#, "phase": "final_answer", "deltas": ["{\"ste", "ps\": [\"on", "e\", \"tw", "o\"], \"n\": 1", "2}"]}
    ]}]}))
    .await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let schema = OutputSchema::new(json!({
        "type": "object",
        "properties": {"steps": {"type": "array", "items": {"type": "string"}}, "n": {"type": "integer"}}
    }))
    .unwrap();
    let plan = OutputPlan::new(&schema, prompt("go"), JsonObject::new(), 0).unwrap();
    let (input, params) = plan.next_turn();
    let turn = thread.turn(input, params).await.unwrap();
    let mut outputs = PartialOutputs::new(&schema);
    let mut seen = Vec::new();
    while let Some(event) = turn.events().next().await {
        seen.extend(outputs.push(&event.unwrap()));
    }
    assert_eq!(
        seen,
        [
            json!({}),
            json!({"steps": ["on"]}),
            json!({"steps": ["one", "tw"]}),
            json!({"steps": ["one", "two"]}),
            json!({"steps": ["one", "two"], "n": 12}),
        ]
    );
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn properties_are_sent_in_their_order() {
    let bench = Bench::new(json!({"replies": ["{}"]})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let schema: Value = serde_json::from_str(r#"{"type": "object", "properties": {"why": {"type": "string"}, "answer": {"type": "string"}}}"#).unwrap();
    let schema = OutputSchema::new(schema).unwrap();
    assert!(
        schema
            .strict()
            .unwrap()
            .to_string()
            .contains(r#""required":["why","answer"]"#)
    );
    let mut plan = OutputPlan::new(&schema, prompt("go"), JsonObject::new(), 0).unwrap();
    thread.run_output(&mut plan).await.unwrap();
    let body = sent(&bench, 0)["schema"]["properties"].clone();
    assert_eq!(
        body.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["why", "answer"]
    );
    codex.close().await.unwrap();
}
