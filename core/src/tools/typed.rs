//! Tools of Rust types: the arguments are a struct, whose schema is `schemars`' and whose values are `serde`'s.

use std::future::Future;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::call::ToolContext;
use super::registry::Tool;
use super::result::{ToolError, ToolResult};
use super::spec::ToolSpec;
use crate::error::Result;

/// A type whose values are the arguments of a tool, and that says which. `#[derive(Tool)]` (cargo feature `derive`)
/// makes it of the struct, its doc comment and `#[tool(...)]`.
pub trait DeclareTool: DeserializeOwned {
    /// The tool's declaration.
    fn spec() -> ToolSpec;
}

/// A tool that is a type: its fields are the arguments, and it calls itself.
pub trait CallTool: DeclareTool + Send + 'static {
    /// What a call gives: a text, a JSON value or a [`ToolResult`].
    type Output: Into<ToolResult>;

    /// Does what the tool does. The future is dropped when nobody waits for the result any more.
    ///
    /// # Errors
    /// Why it cannot; the model reads it.
    fn call(
        self,
        context: ToolContext,
    ) -> impl Future<Output = std::result::Result<Self::Output, ToolError>> + Send;
}

impl ToolSpec {
    /// A tool whose arguments are a `T`: its schema, as `schemars` derives it, in the form that is the same in all
    /// languages.
    #[must_use]
    pub fn of_type<T: JsonSchema>(name: &str, description: &str) -> Self {
        Self::derived(name, description, schemars::schema_for!(T).to_value())
    }
}

impl Tool {
    /// The tool that a type is.
    ///
    /// # Errors
    /// As [`Tool::new`].
    pub fn of<T: CallTool>() -> Result<Self> {
        Self::typed(T::call)
    }

    /// A tool that is a function of a type's values: for one that needs more than its arguments.
    ///
    /// # Errors
    /// As [`Tool::new`].
    pub fn typed<T, F, W, R>(function: F) -> Result<Self>
    where
        T: DeclareTool,
        F: Fn(T, ToolContext) -> W + Send + Sync + 'static,
        W: Future<Output = std::result::Result<R, ToolError>> + Send + 'static,
        R: Into<ToolResult>,
    {
        Self::from_fn(T::spec(), move |arguments, context| {
            let work =
                serde_json::from_value(arguments).map(|arguments| function(arguments, context));
            async move {
                match work {
                    Ok(work) => work.await,
                    Err(error) => Err(ToolError::new(format!(
                        "the arguments are refused; correct them and call again: {error}"
                    ))),
                }
            }
        })
    }
}
