//! The hooks within a turn: the application is asked around approvals and calls of tools. What it says is made sense of
//! here; whatever makes none says no, and ends the run.

use std::sync::Arc;

use serde_json::{Value, json};

use super::answers::{kind_of, stop_of};
use super::options::Hooks;
use super::shared::{Halt, Shared, Unanswered};
use crate::approvals::{Asked, Decision, Reply, Verdict, read};
use crate::error::{Error, ErrorKind, Result};
use crate::thread::hooks::{Changed, Hooked, Said, TurnHooks};
use crate::thread::setup::Setup;
use crate::tools::{Called, ToolResult};

/// A run's hooks, as the session asks them.
pub(super) struct Gate {
    shared: Arc<Shared>,
    hooks: Hooks,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gate({:?})", self.hooks)
    }
}

impl Gate {
    /// Has the hooks asked, as long as the answer is held; none where there are none.
    pub(super) fn open(shared: &Arc<Shared>, hooks: Hooks) -> Option<Arc<Setup>> {
        if !hooks.within_turns() {
            return None;
        }
        let gate = Self {
            shared: shared.clone(),
            hooks,
        };
        let mut setup = Setup::new();
        setup.hooks = Some(Arc::new(gate));
        let setup = Arc::new(setup);
        let thread = shared.thread();
        thread.codex().session().watch_run(thread.id(), &setup);
        Some(setup)
    }

    async fn ask<T>(
        &self,
        what: &'static str,
        params: &Value,
        read: impl FnOnce(Value) -> Result<Option<T>>,
    ) -> Said<T> {
        let answer = match self.shared.ask_within_turn(what, params).await {
            Ok(answer) => answer,
            Err(Unanswered::TooLate) => {
                return Said::Refuse(format!("the turn ended before {what} was answered"));
            }
            Err(Unanswered::Dropped) => return self.broken(dropped(what)),
        };
        if let Some(why) = stop_of(&answer) {
            let said = match why.as_str() {
                "" => "the run was stopped".to_owned(),
                why => format!("the run was stopped: {why}"),
            };
            self.shared.halt(Halt::Stop(why));
            return Said::Stop(said);
        }
        match read(answer) {
            Ok(None) => Said::GoOn,
            Ok(Some(other)) => Said::Instead(other),
            Err(error) => self.broken(error),
        }
    }

    fn broken<T>(&self, error: Error) -> Said<T> {
        self.shared.halt(Halt::Broken(error));
        Said::Stop("the run was ended".to_owned())
    }
}

pub(super) fn dropped(what: &str) -> Error {
    Error::new(
        ErrorKind::Cancelled,
        format!("the run asked the application ({what}) and the request was dropped unanswered"),
    )
}

/// What a hook may return is told with what it returned.
fn refused<T>(hook: &str, what: &str, accepted: &str) -> Result<T> {
    let message = format!(
        "it returned {what}; return nothing to go on, {accepted}, or {{\"stop\": \"why\"}}"
    );
    Err(Error::invalid_argument(hook, message))
}

/// A hook's decision about an approval, which has to fit it.
fn decision(hook: &str, asked: &Asked, answer: Value) -> Result<Option<Decision>> {
    let accepted = "a decision about the approval";
    let answer = match answer {
        Value::Null => return Ok(None),
        Value::String(word) => json!({ "decision": word }),
        fields @ Value::Object(_) => fields,
        other => return refused(hook, kind_of(&other), accepted),
    };
    let reply = match read(asked, &answer.to_string()) {
        Ok(reply) => reply,
        Err(error) => return refused(hook, &format!("no decision ({error})"), accepted),
    };
    if let Err(error) = asked.to_wire(&reply) {
        return refused(
            hook,
            &format!("what cannot be decided here ({error})"),
            accepted,
        );
    }
    match reply {
        Reply::Verdict(Verdict::Decided(decision)) => Ok(Some(decision)),
        Reply::Verdict(Verdict::Pass) => Ok(None),
        _ => refused(hook, "a decision that is put off", accepted),
    }
}

/// The one member of an object of one.
fn only(answer: Value) -> std::result::Result<(String, Value), &'static str> {
    let kind = kind_of(&answer);
    match answer {
        Value::Object(fields) if fields.len() == 1 => fields.into_iter().next().ok_or(kind),
        Value::Object(_) => Err("an object that says none of it, or several things"),
        Value::String(_) => Err("a text"),
        _ => Err(kind),
    }
}

fn result_of(value: Value) -> ToolResult {
    let is_whole = value.get("content").is_some();
    match ToolResult::from_json(&value.to_string()) {
        Ok(result) if is_whole => result,
        _ => ToolResult::json(value),
    }
}

fn before_call(answer: Value) -> Result<Option<Changed>> {
    let hook = "before_tool";
    let accepted = "{\"arguments\": {...}} or {\"result\": ...}";
    if answer.is_null() {
        return Ok(None);
    }
    match only(answer) {
        Ok((name, arguments @ Value::Object(_))) if name == "arguments" => {
            Ok(Some(Changed::Arguments(arguments)))
        }
        Ok((name, value)) if name == "result" => Ok(Some(Changed::Result(result_of(value)))),
        Ok((name, _)) => refused(hook, &format!("an object with {name:?}"), accepted),
        Err(what) => refused(hook, what, accepted),
    }
}

fn after_call(answer: Value) -> Result<Option<ToolResult>> {
    let (hook, accepted) = ("after_tool", "{\"result\": ...}");
    if answer.is_null() {
        return Ok(None);
    }
    match only(answer) {
        Ok((name, value)) if name == "result" => Ok(Some(result_of(value))),
        Ok((name, _)) => refused(hook, &format!("an object with {name:?}"), accepted),
        Err(what) => refused(hook, what, accepted),
    }
}

/// What a hook around an approval is told.
fn about(asked: &Asked) -> Value {
    let (thread_id, turn_id, _) = asked.place();
    let request: Value = serde_json::from_str(&asked.to_json()).unwrap_or_default();
    json!({"threadId": thread_id, "turnId": turn_id, "request": request})
}

/// What a hook around a call is told.
fn call(called: &Called) -> Value {
    json!({
        "threadId": called.thread_id, "turnId": called.turn_id,
        "call": {"callId": called.call_id, "namespace": called.namespace, "tool": called.tool},
    })
}

impl TurnHooks for Gate {
    fn before_approval<'a>(&'a self, asked: &'a Asked) -> Hooked<'a, Decision> {
        Box::pin(async move {
            if !self.hooks.before_approval {
                return Said::GoOn;
            }
            let hook = "before_approval";
            let read = |answer| decision(hook, asked, answer);
            self.ask(hook, &about(asked), read).await
        })
    }

    fn after_approval<'a>(
        &'a self,
        asked: &'a Asked,
        decided: &'a Decision,
    ) -> Hooked<'a, Decision> {
        Box::pin(async move {
            if !self.hooks.after_approval {
                return Said::GoOn;
            }
            let hook = "after_approval";
            let mut params = about(asked);
            params["decision"] = decided.to_json();
            let read = |answer| decision(hook, asked, answer);
            self.ask(hook, &params, read).await
        })
    }

    fn before_tool<'a>(&'a self, called: &'a Called, arguments: &'a Value) -> Hooked<'a, Changed> {
        Box::pin(async move {
            if !self.hooks.before_tool {
                return Said::GoOn;
            }
            let mut params = call(called);
            params["call"]["arguments"] = arguments.clone();
            self.ask("before_tool", &params, before_call).await
        })
    }

    fn after_tool<'a>(
        &'a self,
        called: &'a Called,
        arguments: &'a Value,
        result: &'a ToolResult,
    ) -> Hooked<'a, ToolResult> {
        Box::pin(async move {
            if !self.hooks.after_tool {
                return Said::GoOn;
            }
            let mut params = call(called);
            params["call"]["arguments"] = arguments.clone();
            params["result"] = result.to_json();
            params["text"] = result.to_text().into();
            self.ask("after_tool", &params, after_call).await
        })
    }
}
