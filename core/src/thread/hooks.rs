//! Who is asked around approvals and calls of tools, before and after all others: the hooks of a run.

use std::fmt::Debug;
use std::pin::Pin;

use serde_json::Value;

use crate::approvals::{Asked, Decision};
use crate::tools::{Called, ToolResult};

/// What a hook says, when it has.
pub(crate) type Hooked<'a, T> = Pin<Box<dyn Future<Output = Said<T>> + Send + 'a>>;

/// What a hook says.
#[derive(Debug)]
pub(crate) enum Said<T> {
    /// Nothing: it goes on as without the hook.
    GoOn,
    /// This in place of what would have been.
    Instead(T),
    /// No, because nobody can say more.
    Refuse(String),
    /// No, and the turn is to end.
    Stop(String),
}

/// What a call of a tool becomes before it is made.
#[derive(Debug)]
pub(crate) enum Changed {
    /// It is made with these arguments.
    Arguments(Value),
    /// It is not made; this is its result.
    Result(ToolResult),
}

/// Is asked around what happens in the turns of a thread. Whoever asks sets a deadline.
pub(crate) trait TurnHooks: Debug + Send + Sync {
    /// Before anybody is asked to decide.
    fn before_approval<'a>(&'a self, asked: &'a Asked) -> Hooked<'a, Decision>;

    /// Before a decision is sent.
    fn after_approval<'a>(
        &'a self,
        asked: &'a Asked,
        decision: &'a Decision,
    ) -> Hooked<'a, Decision>;

    /// Before a tool of the application is called, with the arguments of the model.
    fn before_tool<'a>(&'a self, called: &'a Called, arguments: &'a Value) -> Hooked<'a, Changed>;

    /// Before the model gets the result of a call that was made.
    fn after_tool<'a>(
        &'a self,
        called: &'a Called,
        arguments: &'a Value,
        result: &'a ToolResult,
    ) -> Hooked<'a, ToolResult>;
}
