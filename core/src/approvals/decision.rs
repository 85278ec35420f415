//! What is decided about an approval, and how that is said on the wire in each method's own shape.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::request::{ApprovalKind, ApprovalRequest};
use crate::error::{Error, Result};
use crate::options::duration;

/// A decision about an approval.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Decision {
    /// Yes, this once.
    Accept,
    /// Yes, and the same without asking until the session ends.
    AcceptForSession,
    /// Yes, and by a rule from now on: commands that begin so, or the tool of the MCP server for good. Without a rule of
    /// one's own it is the proposed one.
    AcceptWithRule(Option<Vec<String>>),
    /// No; the turn goes on. The agent reads the reason, if there is one.
    Decline(Option<String>),
    /// No, and the turn is interrupted.
    Cancel,
}

/// The words for decisions, in the order of [`Decision`].
pub(crate) const WORDS: [&str; 5] = [
    "accept",
    "acceptForSession",
    "acceptWithRule",
    "decline",
    "cancel",
];

impl Decision {
    /// A decline with a reason.
    #[must_use]
    pub fn decline(reason: impl Into<String>) -> Self {
        Self::Decline(Some(reason.into()))
    }

    /// Its word: `accept`, `acceptForSession`, `acceptWithRule`, `decline`, `cancel`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Accept => WORDS[0],
            Self::AcceptForSession => WORDS[1],
            Self::AcceptWithRule(_) => WORDS[2],
            Self::Decline(_) => WORDS[3],
            Self::Cancel => WORDS[4],
        }
    }

    /// Whether it says yes.
    #[must_use]
    pub fn accepts(&self) -> bool {
        !matches!(self, Self::Decline(_) | Self::Cancel)
    }

    /// The decision as JSON: its word, and the rule or the reason that it has.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut fields = json!({"decision": self.as_str()});
        match self {
            Self::AcceptWithRule(Some(rule)) => fields["rule"] = json!(rule),
            Self::Decline(Some(reason)) => fields["reason"] = json!(reason),
            _ => {}
        }
        fields
    }

    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Decline(reason) => reason.as_deref().filter(|reason| !reason.trim().is_empty()),
            _ => None,
        }
    }

    /// The answer to `request`, in the shape that its method asks for.
    ///
    /// # Errors
    /// `invalid_argument` when this request cannot be decided so.
    pub(crate) fn to_wire(&self, request: &ApprovalRequest) -> Result<Value> {
        if let Self::AcceptWithRule(rule) = self {
            check_rule(request, rule.as_deref())?;
        }
        Ok(match (request.kind, request.method.as_str()) {
            (_, "execCommandApproval" | "applyPatchApproval") => self.legacy(request),
            (ApprovalKind::Permissions, _) => self.permissions(request),
            (ApprovalKind::McpTool, _) => self.mcp_tool(),
            _ => json!({"decision": self.of_item(request)}),
        })
    }

    fn of_item(&self, request: &ApprovalRequest) -> Value {
        match self {
            Self::AcceptWithRule(given) => match rule(given.as_deref(), request) {
                Some(rule) => {
                    json!({"acceptWithExecpolicyAmendment": {"execpolicy_amendment": rule}})
                }
                None => json!({"applyNetworkPolicyAmendment": {
                    "network_policy_amendment": network_rule(request),
                }}),
            },
            other => other.as_str().into(),
        }
    }

    /// There is neither a decline nor a cancel here, but one can grant nothing.
    fn permissions(&self, request: &ApprovalRequest) -> Value {
        if !self.accepts() {
            return json!({"permissions": {}, "scope": "turn"});
        }
        let asked = request.permissions.as_ref().and_then(Value::as_object);
        let given = asked
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null());
        let given: serde_json::Map<String, Value> = given
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let scope = if *self == Self::Accept {
            "turn"
        } else {
            "session"
        };
        json!({"permissions": given, "scope": scope})
    }

    fn mcp_tool(&self) -> Value {
        match self {
            Self::Accept => json!({"action": "accept", "content": {}}),
            Self::AcceptForSession => {
                json!({"action": "accept", "content": {}, "_meta": {"persist": "session"}})
            }
            Self::AcceptWithRule(_) => {
                json!({"action": "accept", "content": {}, "_meta": {"persist": "always"}})
            }
            Self::Decline(_) => json!({"action": "decline", "content": null}),
            Self::Cancel => json!({"action": "cancel", "content": null}),
        }
    }

    fn legacy(&self, request: &ApprovalRequest) -> Value {
        let decision = match self {
            Self::Accept => json!("approved"),
            Self::AcceptForSession => json!("approved_for_session"),
            Self::AcceptWithRule(given) => json!({"approved_execpolicy_amendment": {
                "proposed_execpolicy_amendment": rule(given.as_deref(), request),
            }}),
            Self::Decline(_) => json!({"denied": {
                "rejection": self.reason().unwrap_or("the application declined it"),
            }}),
            Self::Cancel => json!("abort"),
        };
        json!({"decision": decision})
    }
}

fn rule(given: Option<&[String]>, request: &ApprovalRequest) -> Option<Vec<String>> {
    given
        .map(<[String]>::to_vec)
        .or_else(|| request.proposed_rule.clone())
}

/// The proposed rule for the host that lets it through.
fn network_rule(request: &ApprovalRequest) -> Option<Value> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Proposed {
        #[serde(default)]
        proposed_network_policy_amendments: Option<Vec<Value>>,
    }
    let proposed: Proposed = serde_json::from_str(request.params.get()).ok()?;
    let rules = proposed.proposed_network_policy_amendments?;
    rules.into_iter().find(|rule| rule["action"] == "allow")
}

fn check_rule(request: &ApprovalRequest, given: Option<&[String]>) -> Result<()> {
    let refused = |why: &str| Err(Error::invalid_argument("rule", why));
    match (request.kind, given) {
        (_, Some([])) => refused("it is empty; give the words that commands may begin with"),
        (_, Some(words)) if words.iter().any(String::is_empty) => refused("a word of it is empty"),
        (ApprovalKind::Command, Some(_)) | (ApprovalKind::McpTool, None) => Ok(()),
        (ApprovalKind::Command, None)
            if request.proposed_rule.is_some() || network_rule(request).is_some() =>
        {
            Ok(())
        }
        (ApprovalKind::Command, None) => {
            refused("the engine proposes none for this command; give one, or accept without")
        }
        (ApprovalKind::McpTool, Some(_)) => {
            refused("the engine makes the rule for a tool itself; give none")
        }
        _ => refused("only commands and tools can be accepted with a rule; accept without"),
    }
}

/// A decision as the bindings hand it over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fields {
    decision: Option<String>,
    #[serde(default)]
    rule: Option<Vec<String>>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    timeout_s: Option<f64>,
}

/// What a handler says to an approval.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing: whoever comes next is asked.
    Pass,
    /// A decision.
    Decided(Decision),
    /// The decision comes later, by [`crate::Codex::answer_approval`]; within this time, if one is given.
    Later(Option<Duration>),
}

impl From<Decision> for Verdict {
    fn from(decision: Decision) -> Self {
        Self::Decided(decision)
    }
}

impl TryFrom<Fields> for Verdict {
    type Error = Error;

    fn try_from(fields: Fields) -> Result<Self> {
        let Fields {
            decision,
            rule,
            reason,
            timeout_s,
        } = fields;
        let word = decision.as_deref();
        let misplaced = |name: &str, of: &str| {
            Err(Error::invalid_argument(
                name,
                format!("it goes with the decision {of} alone"),
            ))
        };
        if rule.is_some() && word != Some("acceptWithRule") {
            return misplaced("rule", "acceptWithRule");
        }
        if reason.is_some() && word != Some("decline") {
            return misplaced("reason", "decline");
        }
        if timeout_s.is_some() && word != Some("later") {
            return misplaced("timeout", "later");
        }
        Ok(Self::Decided(match word {
            None => return Ok(Self::Pass),
            Some("later") => {
                let timeout = timeout_s.map(|seconds| duration("timeout", seconds));
                return Ok(Self::Later(timeout.transpose()?));
            }
            Some("accept") => Decision::Accept,
            Some("acceptForSession") => Decision::AcceptForSession,
            Some("acceptWithRule") => Decision::AcceptWithRule(rule),
            Some("decline") => Decision::Decline(reason),
            Some("cancel") => Decision::Cancel,
            Some(other) => {
                let known = WORDS.join(", ");
                let message = format!("{other:?} is no decision; these are: {known}");
                return Err(Error::invalid_argument("decision", message));
            }
        }))
    }
}
