//! Which tools there are. A registry is shared by its clones and may change at any time: a call gets the tool that
//! bears the name when it comes.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jsonschema::Validator;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::call::{ToolCall, ToolContext, ToolHandler};
use super::metrics::{Meter, ToolMetrics};
use super::result::{ToolError, ToolResult};
use super::spec::{ToolSpec, key, refused};
use crate::error::{Error, Result};
use crate::output::{check_words, compile};

/// A tool: its declaration and who runs its calls. Clones are the same tool, with one limit of calls at a time.
#[derive(Clone)]
pub struct Tool(Arc<Inner>);

struct Inner {
    spec: ToolSpec,
    validator: Validator,
    handler: Arc<dyn ToolHandler>,
    places: Option<Semaphore>,
}

impl std::fmt::Debug for Tool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tool({})", self.0.spec.key())
    }
}

impl Tool {
    /// A tool whose calls go to `handler`.
    ///
    /// # Errors
    /// `invalid_argument` for a name that providers do not take, no description, a schema that is none or is not one of
    /// an object, a limit of zero.
    pub fn new(mut spec: ToolSpec, handler: Arc<dyn ToolHandler>) -> Result<Self> {
        spec.check()?;
        // As it was given: what is added below would make a schema of anything.
        check_words("parameters", &spec.parameters)
            .map_err(|error| refused(&spec.key(), "parameters", &error.to_string()))?;
        let parameters = &mut spec.parameters;
        if let Some(members) = parameters.as_object_mut() {
            if members.is_empty() {
                members.insert("properties".to_owned(), json!({}));
            }
            members.entry("type").or_insert_with(|| "object".into());
        }
        if parameters.get("type") != Some(&json!("object")) {
            let why = "the arguments of a tool are an object: give a JSON Schema whose `type` is \"object\"";
            return Err(refused(&spec.key(), "parameters", why));
        }
        let validator = compile("parameters", &spec.parameters)
            .map_err(|error| refused(&spec.key(), "parameters", &error.to_string()))?;
        let places = spec
            .max_concurrency
            .map(|calls| calls.min(Semaphore::MAX_PERMITS));
        Ok(Self(Arc::new(Inner {
            places: places.map(Semaphore::new),
            spec,
            validator,
            handler,
        })))
    }

    /// A tool that is a function of its arguments. Its future is dropped when nobody waits for the result any more; one
    /// that panics has failed.
    ///
    /// # Errors
    /// As [`Tool::new`].
    pub fn from_fn<F, W, R>(spec: ToolSpec, function: F) -> Result<Self>
    where
        F: Fn(Value, ToolContext) -> W + Send + Sync + 'static,
        W: Future<Output = std::result::Result<R, ToolError>> + Send + 'static,
        R: Into<ToolResult>,
    {
        let handler = move |call: ToolCall| {
            let context = call.context().clone();
            let work = function(call.arguments().clone(), context.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = context.cancelled() => {}
                    done = work => call.respond(match done {
                        Ok(result) => result.into(),
                        Err(error) => error.into(),
                    }),
                }
            });
        };
        Self::new(spec, Arc::new(handler))
    }

    /// Its declaration, the schema as the model gets it.
    #[must_use]
    pub fn spec(&self) -> &ToolSpec {
        &self.0.spec
    }

    pub(super) fn validator(&self) -> &Validator {
        &self.0.validator
    }

    pub(super) fn handler(&self) -> &Arc<dyn ToolHandler> {
        &self.0.handler
    }

    pub(super) fn places(&self) -> Option<&Semaphore> {
        self.0.places.as_ref()
    }
}

/// The tools of a client or of some threads. Clones are the same registry.
#[derive(Clone, Default)]
pub struct ToolRegistry(Arc<Mutex<Tools>>);

#[derive(Default)]
struct Tools {
    entries: Vec<Entry>,
    namespaces: BTreeMap<String, String>,
}

/// A tool and how it does.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) tool: Tool,
    pub(super) meter: Arc<Meter>,
}

impl std::fmt::Debug for ToolRegistry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys: Vec<String> = self
            .entries()
            .iter()
            .map(|it| it.tool.spec().key())
            .collect();
        f.debug_list().entries(keys).finish()
    }
}

impl ToolRegistry {
    /// Without tools.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With these.
    ///
    /// # Errors
    /// `invalid_argument` for two of one name.
    pub fn of(tools: impl IntoIterator<Item = Tool>) -> Result<Self> {
        let registry = Self::new();
        for tool in tools {
            registry.register(tool)?;
        }
        Ok(registry)
    }

    /// Adds a tool. Threads that are started, resumed or forked from now on have it.
    ///
    /// # Errors
    /// `invalid_argument` if there is one of this name.
    pub fn register(&self, tool: Tool) -> Result<()> {
        let mut tools = self.lock();
        let key = tool.spec().key();
        if tools.find(&key).is_some() {
            let why = "there is a tool of this name; replace it, or give this one another name or namespace";
            return Err(refused(&key, "name", why));
        }
        tools.entries.push(Entry {
            tool,
            meter: Arc::default(),
        });
        Ok(())
    }

    /// Puts a tool in the place of the one of its name, whose metrics go on, or adds it. Calls that run go on as they
    /// are; threads that have the tool already know its old description and schema, and their next call goes to the
    /// new one.
    ///
    /// # Returns
    /// The tool that was there.
    #[expect(
        clippy::must_use_candidate,
        reason = "the old tool is often of no interest"
    )]
    pub fn replace(&self, tool: Tool) -> Option<Tool> {
        let mut tools = self.lock();
        match tools.find(&tool.spec().key()) {
            Some(at) => Some(std::mem::replace(&mut tools.entries[at].tool, tool)),
            None => {
                tools.entries.push(Entry {
                    tool,
                    meter: Arc::default(),
                });
                None
            }
        }
    }

    /// Takes a tool out, by its name or `namespace.name`. Calls that run go on; later ones of threads that know it fail.
    ///
    /// # Returns
    /// The tool; `None` if there was none.
    #[expect(
        clippy::must_use_candidate,
        reason = "the old tool is often of no interest"
    )]
    pub fn remove(&self, key: &str) -> Option<Tool> {
        let mut tools = self.lock();
        let at = tools.find(key)?;
        Some(tools.entries.remove(at).tool)
    }

    /// A tool, by its name or `namespace.name`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Tool> {
        self.entry(key).map(|entry| entry.tool)
    }

    /// All tools, in the order in which they came.
    #[must_use]
    pub fn list(&self) -> Vec<Tool> {
        self.entries().into_iter().map(|entry| entry.tool).collect()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().entries.is_empty()
    }

    /// How the tools do, by name or `namespace.name`.
    #[must_use]
    pub fn metrics(&self) -> BTreeMap<String, ToolMetrics> {
        let entries = self.entries();
        entries
            .iter()
            .map(|entry| (entry.tool.spec().key(), entry.meter.now()))
            .collect()
    }

    /// Says what a group of tools is for; the model reads it.
    ///
    /// # Errors
    /// `invalid_argument` for an empty description.
    pub fn describe(&self, namespace: &str, description: &str) -> Result<()> {
        if description.trim().is_empty() {
            return Err(Error::invalid_argument("description", "it is empty"));
        }
        let mut tools = self.lock();
        tools
            .namespaces
            .insert(namespace.to_owned(), description.to_owned());
        Ok(())
    }

    pub(super) fn description_of(&self, namespace: &str) -> Option<String> {
        self.lock().namespaces.get(namespace).cloned()
    }

    pub(super) fn entry(&self, key: &str) -> Option<Entry> {
        let tools = self.lock();
        let at = tools.find(key)?;
        Some(tools.entries[at].clone())
    }

    pub(super) fn entry_of(&self, namespace: Option<&str>, name: &str) -> Option<Entry> {
        self.entry(&key(namespace, name))
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        self.lock().entries.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Tools> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tools {
    fn find(&self, key: &str) -> Option<usize> {
        self.entries
            .iter()
            .position(|entry| entry.tool.spec().key() == key)
    }
}
