//! How a tool is declared, and what is refused in a declaration.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::canonical;
use crate::error::{Error, Result};
use crate::options::duration;

/// How long a call may take unless its tool says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(600);
/// What providers take as a name.
const LONGEST_NAME: usize = 64;
/// Beginnings that belong to the engine's own tools.
const RESERVED: [&str; 2] = ["mcp__", "codexkit__"];

/// What a tool is: its name, its words for the model, its arguments and its limits.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ToolSpec {
    /// The name: letters, digits, `_` and `-`.
    pub name: String,
    /// The group that it belongs to; two groups may have tools of one name.
    pub namespace: Option<String>,
    /// What it does, for the model.
    pub description: String,
    /// The JSON Schema of its arguments, which are an object.
    pub parameters: Value,
    /// How long a call may take, from the moment it has its place; `None` is without a limit.
    pub timeout: Option<Duration>,
    /// How many calls may run at the same time; further ones wait. `None` is without a limit.
    pub max_concurrency: Option<usize>,
}

/// The JSON form; `derived` says that the schema was made of a type, so that it may be brought into the common form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fields {
    name: String,
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    parameters: Option<Value>,
    #[serde(default)]
    derived: bool,
    #[serde(default, deserialize_with = "told")]
    timeout_s: Option<Option<f64>>,
    #[serde(default)]
    max_concurrency: Option<u64>,
}

/// Null is something else than nothing: no limit.
fn told<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> std::result::Result<Option<Option<f64>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl ToolSpec {
    /// A tool with this name, description and schema of arguments; a call may take [`DEFAULT_TIMEOUT`].
    #[must_use]
    pub fn new(name: impl Into<String>, description: impl Into<String>, parameters: Value) -> Self {
        Self {
            name: name.into(),
            namespace: None,
            description: description.into(),
            parameters,
            timeout: Some(DEFAULT_TIMEOUT),
            max_concurrency: None,
        }
    }

    /// The same for a schema that was made of a type: brought into the form that is the same in all languages.
    #[must_use]
    pub fn derived(
        name: impl Into<String>,
        description: impl Into<String>,
        mut parameters: Value,
    ) -> Self {
        canonical::canonical(&mut parameters);
        Self::new(name, description, parameters)
    }

    /// The same in a group.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// The same with another limit of time; `None` is without one.
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// The same with so many calls at a time.
    #[must_use]
    pub fn max_concurrency(mut self, calls: usize) -> Self {
        self.max_concurrency = Some(calls);
        self
    }

    /// Reads a declaration from JSON: `name`, `namespace`, `description`, `parameters`, `derived`, `timeoutS` (null: no
    /// limit), `maxConcurrency`.
    ///
    /// # Errors
    /// `invalid_argument`, naming the field.
    pub fn from_json(text: &str) -> Result<Self> {
        let fields: Fields =
            serde_json::from_str(text).map_err(|error| Error::invalid_argument("tool", error))?;
        let parameters = fields.parameters.unwrap_or_else(|| json!({}));
        let description = fields.description.unwrap_or_default();
        let mut spec = if fields.derived {
            Self::derived(fields.name, description, parameters)
        } else {
            Self::new(fields.name, description, parameters)
        };
        spec.namespace = fields.namespace;
        if let Some(timeout) = fields.timeout_s {
            let timeout = timeout.map(|seconds| duration("timeout", seconds));
            spec.timeout = timeout.transpose()?;
        }
        if let Some(calls) = fields.max_concurrency {
            spec.max_concurrency = Some(usize::try_from(calls).unwrap_or(usize::MAX));
        }
        Ok(spec)
    }

    /// The declaration as JSON, as [`Self::from_json`] reads it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "namespace": self.namespace,
            "description": self.description,
            "parameters": self.parameters,
            "timeoutS": self.timeout.map(|timeout| timeout.as_secs_f64()),
            "maxConcurrency": self.max_concurrency,
        })
    }

    /// What names the tool in a registry: the name, or `namespace.name`.
    #[must_use]
    pub fn key(&self) -> String {
        key(self.namespace.as_deref(), &self.name)
    }

    /// Refuses what cannot work.
    pub(super) fn check(&self) -> Result<()> {
        check_name("name", &self.name)?;
        if let Some(namespace) = &self.namespace {
            check_name("namespace", namespace)?;
        }
        if self.description.trim().is_empty() {
            return Err(refused(
                &self.key(),
                "description",
                "it is empty; the model chooses tools by their description",
            ));
        }
        if self.timeout == Some(Duration::ZERO) {
            let why = "a call that may take no time cannot work; give seconds, or no limit";
            return Err(refused(&self.key(), "timeout", why));
        }
        if self.max_concurrency == Some(0) {
            let why = "with 0 no call could ever run; give at least 1, or no limit";
            return Err(refused(&self.key(), "max_concurrency", why));
        }
        Ok(())
    }
}

/// What names a tool in a registry.
pub(super) fn key(namespace: Option<&str>, name: &str) -> String {
    match namespace {
        Some(namespace) => format!("{namespace}.{name}"),
        None => name.to_owned(),
    }
}

pub(super) fn refused(tool: &str, argument: &str, why: &str) -> Error {
    Error::invalid_argument(argument, format!("tool {tool:?}: {why}"))
}

fn check_name(argument: &str, name: &str) -> Result<()> {
    let fits = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-');
    let why = if name.is_empty() {
        "it is empty".to_owned()
    } else if let Some(odd) = name.chars().find(|char| !fits(*char)) {
        format!("it has a {odd:?}; letters, digits, _ and - are accepted")
    } else if name.len() > LONGEST_NAME {
        format!(
            "it has {} characters; {LONGEST_NAME} are accepted",
            name.len()
        )
    } else if let Some(taken) = RESERVED.iter().find(|taken| name.starts_with(**taken)) {
        format!("names that begin with {taken:?} are the engine's")
    } else {
        return Ok(());
    };
    Err(refused(name, argument, &why))
}
