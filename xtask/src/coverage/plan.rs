//! The calls as data, and what came of one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::paths;
use crate::scripted::Place;

/// One call of a method.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    pub(crate) method: String,
    #[serde(default)]
    pub(crate) params: Map<String, Value>,
    /// Names for parts of the answer, as JSON pointers.
    #[serde(default)]
    pub(crate) keep: BTreeMap<String, String>,
    /// Notifications to wait for after it.
    #[serde(default)]
    pub(crate) wait: Vec<String>,
    /// A further call of the method, which only prepares others.
    #[serde(default)]
    pub(crate) again: bool,
    /// The words of its refusal depend on the machine; only the code is compared.
    #[serde(default)]
    pub(crate) loose: bool,
    /// The engine answers it after other calls.
    #[serde(default)]
    pub(crate) background: bool,
}

/// The file with the calls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    #[serde(rename = "about")]
    _about: String,
    /// The script of the model.
    pub(crate) model: Value,
    /// The engine's settings.
    pub(crate) config: Value,
    pub(crate) calls: Vec<Call>,
}

/// What a runner is given.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Job {
    pub(crate) codex_bin: String,
    pub(crate) config: Value,
    pub(crate) cwd: String,
    pub(crate) env: Value,
    /// What stands for `${name}` in parameters.
    pub(crate) values: BTreeMap<String, String>,
    pub(crate) calls: Vec<Call>,
}

/// What came of one call.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) method: String,
    /// `ok`, or the error's kind.
    pub(crate) outcome: String,
    /// The JSON-RPC error's code.
    #[serde(default)]
    pub(crate) code: Option<i64>,
    #[serde(default)]
    pub(crate) message: String,
}

impl Outcome {
    /// What must be the same in all languages.
    pub(crate) fn kind(&self) -> (&str, &str, Option<i64>) {
        (&self.method, &self.outcome, self.code)
    }

    /// It in one line.
    pub(crate) fn text(&self) -> String {
        match (self.outcome.as_str(), self.code) {
            ("ok", _) => "answered".to_owned(),
            (_, Some(code)) => format!("{code}: {}", self.message),
            (kind, None) => format!("{kind}: {}", self.message),
        }
    }
}

impl Plan {
    /// Reads fixtures/protocol/calls.json.
    pub(crate) fn read() -> Result<Self> {
        let path = paths::root().join("fixtures/protocol/calls.json");
        let text = fs::read_to_string(&path)?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    }

    /// Fails unless each method is called once.
    pub(crate) fn check_complete(&self, methods: &BTreeSet<String>) -> Result<()> {
        let mut called = BTreeSet::new();
        for call in self.calls.iter().filter(|call| !call.again) {
            if !called.insert(call.method.clone()) {
                bail!("{} is called twice; mark one with `again`", call.method);
            }
        }
        let missing: Vec<&String> = methods.difference(&called).collect();
        let unknown: Vec<&String> = called.difference(methods).collect();
        if !missing.is_empty() || !unknown.is_empty() {
            bail!("fixtures/protocol/calls.json: not called {missing:?}, no methods {unknown:?}");
        }
        Ok(())
    }

    /// The calls with everything that a run needs.
    pub(crate) fn job(&self, engine: &Path, place: &Place) -> Result<Job> {
        let show = |path: &Path| path.display().to_string();
        let (home, cwd) = (show(&place.home), show(&place.cwd));
        let server = paths::root().join("tests/parity/mcp_server.py");
        let cwd_parent = place.cwd.parent().map(show).unwrap_or_default();
        let values: BTreeMap<String, String> = [
            ("cwd", cwd.clone()),
            ("home", home.clone()),
            ("python", show(&paths::venv_bin("python"))),
            ("mcp_server", show(&server)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        Ok(Job {
            codex_bin: show(engine),
            config: filled(&self.config, &values),
            cwd,
            // A home of its own: the agent's shells read no profile, nothing of the user's is touched. And
            // whether this checkout has a remote must not matter: git looks no further up than the folder.
            env: json!({"CODEX_HOME": home, "HOME": home, "GIT_CEILING_DIRECTORIES": cwd_parent}),
            values,
            calls: self.calls.clone(),
        })
    }
}

/// A value with its `${names}` replaced.
pub(crate) fn filled(value: &Value, values: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => {
            let mut text = text.clone();
            for (name, value) in values {
                text = text.replace(&format!("${{{name}}}"), value);
            }
            text.into()
        }
        Value::Array(items) => items.iter().map(|item| filled(item, values)).collect(),
        Value::Object(object) => object
            .iter()
            .map(|(key, item)| (key.clone(), filled(item, values)))
            .collect::<Map<_, _>>()
            .into(),
        scalar => scalar.clone(),
    }
}
