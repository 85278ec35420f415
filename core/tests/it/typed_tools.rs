//! Tools of Rust types, and the schemas that the same declarations have in every language (`fixtures/tools`).

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use codexkit::JsonObject;
use codexkit::Setup;
use codexkit::tools::{
    CallTool, DEFAULT_TIMEOUT, DeclareTool, Tool, ToolContext, ToolError, ToolRegistry, ToolResult,
    ToolSpec,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{Bench, prompt};

/// Adds two numbers.
#[derive(Deserialize, JsonSchema, Tool)]
#[tool(namespace = "sums", timeout = 2.5, max_concurrency = 3)]
struct AddNumbers {
    /// The first.
    a: i64,
    /// The second.
    b: i64,
}

impl CallTool for AddNumbers {
    type Output = Value;

    async fn call(self, context: ToolContext) -> Result<Value, ToolError> {
        let sum = self.a.checked_add(self.b);
        let sum = sum.ok_or_else(|| ToolError::new("the sum is too large"))?;
        Ok(json!({"sum": sum, "tool": context.tool}))
    }
}

#[test]
fn a_type_declares_its_tool() {
    let tool = Tool::of::<AddNumbers>().unwrap();
    let spec = tool.spec();
    assert_eq!(spec.key(), "sums.add_numbers");
    assert_eq!(spec.description, "Adds two numbers.");
    assert_eq!(spec.timeout, Some(Duration::from_millis(2500)));
    assert_eq!(spec.max_concurrency, Some(3));
    assert_eq!(
        spec.parameters,
        json!({
            "type": "object",
            "properties": {
                "a": {"type": "integer", "description": "The first."},
                "b": {"type": "integer", "description": "The second."},
            },
            "required": ["a", "b"],
            "additionalProperties": false,
        })
    );
}

#[test]
fn a_type_may_say_its_name_and_have_no_limits() {
    /// Waits.
    #[derive(Deserialize, JsonSchema, Tool)]
    #[tool(name = "wait-long", timeout = "none")]
    struct Wait {}
    /// Waits, too.
    #[derive(Deserialize, JsonSchema, Tool)]
    struct WaitShort {}

    let spec = Wait::spec();
    assert_eq!((spec.key(), spec.timeout), ("wait-long".to_owned(), None));
    let spec = WaitShort::spec();
    assert_eq!(spec.key(), "wait_short");
    assert_eq!(spec.timeout, Some(DEFAULT_TIMEOUT));
    assert_eq!((spec.namespace, spec.max_concurrency), (None, None));
}

#[tokio::test]
async fn the_model_calls_a_type_and_a_function_of_one() {
    /// Greets somebody.
    #[derive(Deserialize, JsonSchema, Tool)]
    struct Greet {
        /// Checked by the type alone.
        #[schemars(with = "String")]
        whom: std::net::Ipv4Addr,
    }
    let call = |name: &str, namespace: Option<&str>, arguments: Value| {
        let call = json!({"name": name, "namespace": namespace, "arguments": arguments});
        json!({"items": [{"call": call}]})
    };
    let calls = [
        call("add_numbers", Some("sums"), json!({"a": 1, "b": 2})),
        call("add_numbers", Some("sums"), json!({"a": i64::MAX, "b": 1})),
        call("greet", None, json!({"whom": "127.0.0.1"})),
        call("greet", None, json!({"whom": "home"})),
        json!("done"),
    ];
    let bench = Bench::new(json!({ "replies": calls })).await;
    let codex = bench.start().await;
    let hello = "hello".to_owned();
    let greet = Tool::typed(move |Greet { whom }, _| {
        let words = format!("{hello} {whom}");
        async move { Ok::<_, ToolError>(ToolResult::text(words)) }
    });
    let tools = ToolRegistry::of([Tool::of::<AddNumbers>().unwrap(), greet.unwrap()]).unwrap();
    let setup = Setup::new().tools(tools.clone());
    let thread = codex.thread_start_with(bench.thread_params(), setup);
    let thread = thread.await.unwrap();
    let result = thread.run(prompt("go"), JsonObject::new()).await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("done"));

    let requests = bench.model.requests();
    let input = requests.last().unwrap()["body"]["input"].clone();
    let read: Vec<&str> = input
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["type"] == "function_call_output")
        .filter_map(|item| item["output"].as_str())
        .collect();
    assert_eq!(read[0], r#"{"sum":3,"tool":"add_numbers"}"#);
    assert_eq!(read[1], "the sum is too large");
    assert_eq!(read[2], "hello 127.0.0.1");
    assert!(
        read[3].starts_with("the arguments are refused"),
        "{}",
        read[3]
    );
    let metrics = tools.metrics();
    assert_eq!(
        (metrics["greet"].successes, metrics["greet"].failures),
        (1, 1)
    );
    codex.close().await.unwrap();
}

/// The declarations of `fixtures/tools`, each as its `about` says.
#[expect(dead_code, reason = "their schemas alone are of interest")]
mod declared {
    use super::*;

    #[derive(Deserialize, JsonSchema)]
    pub(super) struct Primitives {
        /// what to look for
        pub query: String,
        pub count: i64,
        pub ratio: f64,
        pub exact: bool,
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub(super) enum Unit {
        Celsius,
        Fahrenheit,
    }

    #[derive(Deserialize, JsonSchema, serde::Serialize, Default)]
    #[serde(rename_all = "lowercase")]
    pub(super) enum Scale {
        #[default]
        Small,
        Large,
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub(super) enum Sort {
        Up,
        Down,
    }

    #[derive(Deserialize, JsonSchema)]
    pub(super) struct Choices {
        /// the unit of the answer
        pub unit: Unit,
        #[serde(default)]
        pub scale: Scale,
        pub sort: Option<Sort>,
    }

    fn ten() -> i64 {
        10
    }

    fn whole() -> f64 {
        1.0
    }

    fn fast() -> String {
        "fast".to_owned()
    }

    #[derive(Deserialize, JsonSchema)]
    pub(super) struct Optional {
        pub title: String,
        /// a remark
        pub note: Option<String>,
        pub rank: Option<i64>,
        #[serde(default = "ten")]
        pub limit: i64,
        #[serde(default = "whole")]
        pub factor: f64,
        #[serde(default)]
        pub verbose: bool,
        #[serde(default = "fast")]
        pub mode: String,
    }

    #[derive(Deserialize, JsonSchema)]
    pub(super) struct Lists {
        /// the words
        pub words: Vec<String>,
        pub rows: Vec<Vec<f64>>,
        pub counts: BTreeMap<String, i64>,
        pub extra: Option<Vec<String>>,
    }

    #[derive(Deserialize, JsonSchema)]
    pub(super) struct Place {
        /// with the number
        pub street: String,
        pub zip: Option<String>,
    }

    #[derive(Deserialize, JsonSchema)]
    pub(super) struct Nested {
        /// where to
        pub to: Place,
        pub stops: Vec<Place>,
        pub back: Option<Place>,
    }

    fn one() -> i64 {
        1
    }

    #[derive(Deserialize, JsonSchema)]
    pub(super) struct Limits {
        #[schemars(range(min = 1, max = 100))]
        pub count: i64,
        #[schemars(range(min = 0.0, max = 1.0))]
        pub share: f64,
        #[schemars(length(min = 2, max = 5))]
        pub code: String,
        #[schemars(regex(pattern = "^[a-z]+$"))]
        pub id: String,
        #[schemars(length(min = 1, max = 3))]
        pub picks: Vec<String>,
        #[serde(default = "one")]
        #[schemars(range(min = 1))]
        pub page: i64,
    }

    #[derive(Deserialize, JsonSchema)]
    pub(super) struct Nothing {}
}

#[test]
fn the_same_declaration_gives_the_same_schema_as_in_the_other_languages() {
    fn of<T: JsonSchema>(name: &str) -> (String, Value) {
        (
            name.to_owned(),
            ToolSpec::of_type::<T>(name, "Does something.").parameters,
        )
    }
    let made = [
        of::<declared::Primitives>("primitives"),
        of::<declared::Choices>("choices"),
        of::<declared::Optional>("optional"),
        of::<declared::Lists>("lists"),
        of::<declared::Nested>("nested"),
        of::<declared::Limits>("limits"),
        of::<declared::Nothing>("nothing"),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/tools");
    let there = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(there, made.len(), "each fixture has its type");
    for (name, parameters) in made {
        let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        let fixture: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(parameters, fixture["parameters"], "{name}");
    }
}
