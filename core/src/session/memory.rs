//! What is remembered of a thread to load it into a new engine as it was: what it was opened with, and what its turns
//! have changed since. Pure: it sends nothing.
//!
//! A thread must never come back with more rights than it had. What the engine says it has afterwards is therefore
//! compared with what it had before.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::protocol::{JsonObject, lenient};

/// What a resumed thread can be opened with.
const OPENING: [&str; 13] = [
    "approvalPolicy",
    "approvalsReviewer",
    "baseInstructions",
    "config",
    "cwd",
    "developerInstructions",
    "model",
    "modelProvider",
    "permissions",
    "personality",
    "runtimeWorkspaceRoots",
    "sandbox",
    "serviceTier",
];

/// What a turn changes for those that follow, where a thread can be opened with it.
const LASTING: [&str; 8] = [
    "approvalPolicy",
    "approvalsReviewer",
    "cwd",
    "model",
    "permissions",
    "personality",
    "runtimeWorkspaceRoots",
    "serviceTier",
];
/// The same, where only a turn can be started with it.
const LASTING_OF_TURNS: [&str; 6] = [
    "collaborationMode",
    "disabledPluginIds",
    "effort",
    "multiAgentMode",
    "sandboxPolicy",
    "summary",
];

/// What is remembered of one thread.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    opening: JsonObject,
    /// What its turns and settings changed since.
    changed: JsonObject,
    rights: Rights,
    /// The thread is in a new engine, and the next turn has to say again what only turns can say.
    repeat: bool,
}

/// What the engine says that a thread may do.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
struct Rights {
    approval_policy: Value,
    approvals_reviewer: Value,
    sandbox: Value,
}

impl Memory {
    /// A thread was opened with `params`, and the engine gave `answer`.
    pub(super) fn opened(params: Option<&RawValue>, answer: &RawValue) -> Self {
        let mut opening = object(params);
        opening.retain(|name, _| OPENING.contains(&name.as_str()));
        Self {
            opening,
            rights: lenient::from_str(answer.get()).unwrap_or_default(),
            ..Self::default()
        }
    }

    /// A turn was started, or the settings were changed, with `params`.
    pub(super) fn changed(&mut self, params: &RawValue) {
        for (name, value) in object(Some(params)) {
            let lasts =
                LASTING.contains(&name.as_str()) || LASTING_OF_TURNS.contains(&name.as_str());
            if !lasts || value.is_null() {
                continue;
            }
            // Two ways to say the same: the last one counts.
            match name.as_str() {
                "permissions" => drop(self.changed.remove("sandboxPolicy")),
                "sandboxPolicy" => drop(self.changed.remove("permissions")),
                _ => {}
            }
            self.changed.insert(name, value);
        }
        self.repeat = false;
    }

    /// The parameters of `thread/resume` in a new engine.
    pub(super) fn resume(&self, thread_id: &str, with_turns: bool) -> Value {
        let mut params = self.opening.clone();
        for (name, value) in &self.changed {
            if LASTING.contains(&name.as_str()) {
                params.insert(name.clone(), value.clone());
            }
        }
        if self.changed.contains_key("permissions") {
            params.remove("sandbox");
        } else if let Some(mode) = self.changed.get("sandboxPolicy").and_then(mode) {
            params.remove("permissions");
            params.insert("sandbox".to_owned(), mode.into());
        }
        params.insert("threadId".to_owned(), thread_id.into());
        params.insert("excludeTurns".to_owned(), (!with_turns).into());
        params.into()
    }

    /// It was resumed in a new engine, which gave `answer`. An error says what it may do now that it could not
    /// before, or the other way round.
    pub(super) fn resumed(&mut self, answer: &RawValue) -> Result<(), String> {
        let now: Rights = lenient::from_str(answer.get()).unwrap_or_default();
        let expected = |name: &str, was: &Value| self.changed.get(name).unwrap_or(was).clone();
        let policy = expected("approvalPolicy", &self.rights.approval_policy);
        let reviewer = expected("approvalsReviewer", &self.rights.approvals_reviewer);
        // A policy of turns is said again with the next turn, a profile is the engine's to look up.
        let sandbox = match (
            self.changed.get("sandboxPolicy"),
            self.changed.get("permissions"),
        ) {
            (None, None) => self.rights.sandbox.clone(),
            _ => now.sandbox.clone(),
        };
        for (name, was, is) in [
            ("approvalPolicy", &policy, &now.approval_policy),
            ("approvalsReviewer", &reviewer, &now.approvals_reviewer),
            ("sandbox", &sandbox, &now.sandbox),
        ] {
            if was != is {
                return Err(format!("{name} was {was} and is {is}"));
            }
        }
        self.repeat = true;
        Ok(())
    }

    /// The parameters of the next turn, with what it does not say itself and an engine that was restarted cannot
    /// know; none when they stay as they are.
    pub(super) fn repeated(&self, params: &RawValue) -> Option<Box<RawValue>> {
        if !self.repeat {
            return None;
        }
        let mut params = object(Some(params));
        let before = params.len();
        let unsaid = |name: &str| params.get(name).is_none_or(Value::is_null);
        let own_profile = !unsaid("permissions");
        let missing: Vec<_> = LASTING_OF_TURNS
            .into_iter()
            .filter(|name| unsaid(name) && !(*name == "sandboxPolicy" && own_profile))
            .filter_map(|name| Some((name.to_owned(), self.changed.get(name)?.clone())))
            .collect();
        params.extend(missing);
        (params.len() > before).then(|| crate::protocol::raw(&params.into()))
    }
}

/// The sandbox of a thread that is nearest to a turn's; never one that allows more.
fn mode(policy: &Value) -> Option<&'static str> {
    match policy["type"].as_str()? {
        "dangerFullAccess" => Some("danger-full-access"),
        "workspaceWrite" => Some("workspace-write"),
        "readOnly" => Some("read-only"),
        _ => None,
    }
}

fn object(params: Option<&RawValue>) -> JsonObject {
    let params = params.map_or("null", RawValue::get);
    lenient::from_str(params).unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::raw;

    fn thread() -> Memory {
        let params = raw(&json!({
            "sandbox": "read-only",
            "approvalPolicy": "on-request",
            "ephemeral": false,
            "dynamicTools": [],
            "model": "m",
        }));
        let answer = json!({
            "thread": {"id": "t"},
            "approvalPolicy": "on-request",
            "approvalsReviewer": "user",
            "sandbox": {"type": "readOnly"},
        });
        Memory::opened(Some(&params), &raw(&answer))
    }

    fn answer(policy: &str, sandbox: &str) -> Box<RawValue> {
        raw(&json!({
            "approvalPolicy": policy,
            "approvalsReviewer": "user",
            "sandbox": {"type": sandbox},
        }))
    }

    #[test]
    fn it_comes_back_as_it_was_opened() {
        assert_eq!(
            thread().resume("t", false),
            json!({
                "threadId": "t",
                "excludeTurns": true,
                "sandbox": "read-only",
                "approvalPolicy": "on-request",
                "model": "m",
            })
        );
    }

    #[test]
    fn what_turns_changed_counts() {
        let mut memory = thread();
        memory.changed(&raw(&json!({
            "threadId": "t",
            "input": [],
            "approvalPolicy": "never",
            "sandboxPolicy": {"type": "dangerFullAccess"},
            "effort": "low",
            "model": null,
        })));
        let params = memory.resume("t", true);
        assert_eq!(params["approvalPolicy"], "never");
        assert_eq!(params["sandbox"], "danger-full-access");
        assert_eq!(params["model"], "m");
        assert_eq!(params["excludeTurns"], false);
        memory
            .resumed(&answer("never", "dangerFullAccess"))
            .unwrap();
        let next = memory
            .repeated(&raw(&json!({"input": [], "effort": "high"})))
            .unwrap();
        let next: Value = serde_json::from_str(next.get()).unwrap();
        assert_eq!(
            next,
            json!({"input": [], "effort": "high", "sandboxPolicy": {"type": "dangerFullAccess"}})
        );
        memory.changed(&raw(&next));
        assert!(memory.repeated(&raw(&json!({}))).is_none());
    }

    #[test]
    fn a_profile_replaces_a_sandbox_and_the_other_way_round() {
        let mut memory = thread();
        memory.changed(&raw(&json!({"sandboxPolicy": {"type": "readOnly"}})));
        memory.changed(&raw(&json!({"permissions": ":workspace"})));
        let params = memory.resume("t", false);
        assert_eq!(params["permissions"], ":workspace");
        assert!(params.get("sandbox").is_none());
        memory.changed(&raw(&json!({"sandboxPolicy": {"type": "readOnly"}})));
        let params = memory.resume("t", false);
        assert_eq!(params["sandbox"], "read-only");
        assert!(params.get("permissions").is_none());
    }

    #[test]
    fn other_rights_than_before_are_told() {
        let mut memory = thread();
        memory.resumed(&answer("on-request", "readOnly")).unwrap();
        let told = memory.resumed(&answer("never", "readOnly")).unwrap_err();
        assert!(told.contains("approvalPolicy"), "{told}");
        let told = memory
            .resumed(&answer("on-request", "dangerFullAccess"))
            .unwrap_err();
        assert!(told.contains("sandbox"), "{told}");
        // What cannot be read is no consent.
        assert!(memory.resumed(&raw(&json!([]))).is_err());
    }
}
