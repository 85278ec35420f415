//! Questions to a person that are no approvals: the agent's own (`item/tool/requestUserInput`) and those of MCP servers
//! (`mcpServer/elicitation/request`). Answers are held to what was asked before they are sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::request::raw_params;
use crate::error::{Error, Result};
use crate::protocol::lenient;
use crate::thread::event::Event;

/// Questions that the agent asks (`item/tool/requestUserInput`).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct QuestionRequest {
    /// Names this request.
    pub id: String,
    /// The thread.
    pub thread_id: Option<String>,
    /// The turn.
    pub turn_id: Option<String>,
    /// The item that waits.
    pub item_id: Option<String>,
    /// What is asked, one answer wanted for each.
    pub questions: Vec<Question>,
    /// The request's params as they came.
    pub params: Box<RawValue>,
}

/// One question.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Question {
    /// By which its answer is named.
    pub id: String,
    /// A word or two for its head.
    pub header: String,
    /// The question.
    pub question: String,
    /// What can be chosen; empty for a free answer.
    #[serde(deserialize_with = "nullable")]
    pub options: Vec<QuestionOption>,
    /// Whether an answer that is no option is taken, too.
    pub is_other: bool,
    /// Whether the answer is not to be shown.
    pub is_secret: bool,
}

/// What can be chosen.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct QuestionOption {
    /// The answer.
    pub label: String,
    /// What it means.
    pub description: String,
}

fn nullable<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> std::result::Result<Vec<QuestionOption>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// What a person chose or said, by the question's id.
pub type Answers = BTreeMap<String, Vec<String>>;

impl QuestionRequest {
    pub(crate) fn of(event: &Event) -> Option<Self> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Params {
            questions: Vec<Question>,
        }
        if event.method() != "item/tool/requestUserInput" {
            return None;
        }
        let params: Params = lenient::from_str(event.params()).unwrap_or_default();
        Some(Self {
            id: id_of(event, event.item_id()),
            thread_id: event.thread_id().map(str::to_owned),
            turn_id: event.turn_id().map(str::to_owned),
            item_id: event.item_id().map(str::to_owned),
            questions: params.questions,
            params: raw_params(event),
        })
    }

    /// The view as JSON, keys in camelCase.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The answer on the wire.
    ///
    /// # Errors
    /// `invalid_argument` when a question has no answer, or one that cannot be.
    pub(crate) fn answered(&self, answers: &Answers) -> Result<Value> {
        let refused = |message: String| Err(Error::invalid_argument("answers", message));
        let known = || {
            let ids: Vec<&str> = self.questions.iter().map(|one| one.id.as_str()).collect();
            ids.join(", ")
        };
        if let Some(id) = answers
            .keys()
            .find(|id| self.questions.iter().all(|one| &one.id != *id))
        {
            return refused(format!(
                "there is no question {id:?}; these were asked: {}",
                known()
            ));
        }
        let mut wire = Map::new();
        for question in &self.questions {
            let Some(chosen) = answers
                .get(&question.id)
                .filter(|chosen| !chosen.is_empty())
            else {
                return refused(format!("the question {:?} has no answer", question.id));
            };
            let labels = || question.options.iter().map(|option| option.label.as_str());
            let closed = !question.is_other && !question.options.is_empty();
            if let Some(other) = chosen
                .iter()
                .find(|one| closed && labels().all(|label| label != one.as_str()))
            {
                let labels: Vec<&str> = labels().collect();
                let message = format!(
                    "{other:?} is no answer to {:?}; these are: {}",
                    question.id,
                    labels.join(", ")
                );
                return refused(message);
            }
            wire.insert(question.id.clone(), json!({"answers": chosen}));
        }
        Ok(json!({"answers": wire}))
    }
}

/// What an MCP server asks of the user (`mcpServer/elicitation/request`).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ElicitationRequest {
    /// Names this request.
    pub id: String,
    /// The thread.
    pub thread_id: Option<String>,
    /// The turn, if the engine knows which.
    pub turn_id: Option<String>,
    /// The MCP server.
    pub server: String,
    /// How it asks: `form` for values, `url` for a page to visit, or another word.
    pub mode: String,
    /// What it says.
    pub message: String,
    /// The JSON Schema of the values of a form.
    pub schema: Option<Value>,
    /// The page to visit.
    pub url: Option<String>,
    /// The request's params as they came.
    pub params: Box<RawValue>,
}

/// What a person answers to an MCP server.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ElicitationAnswer {
    /// Yes, with the values of a form.
    Accept(Value),
    /// No.
    Decline,
    /// Neither: the question was closed.
    Cancel,
}

impl ElicitationRequest {
    pub(crate) fn of(event: &Event) -> Option<Self> {
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        struct Params {
            elicitation_id: Option<String>,
            message: String,
            mode: String,
            requested_schema: Option<Value>,
            server_name: String,
            url: Option<String>,
            description: String,
        }
        if event.method() != "mcpServer/elicitation/request" {
            return None;
        }
        let params: Params = lenient::from_str(event.params()).unwrap_or_default();
        let message = if params.message.is_empty() {
            params.description
        } else {
            params.message
        };
        Some(Self {
            id: id_of(event, params.elicitation_id.as_deref().or(Some(&message))),
            thread_id: event.thread_id().map(str::to_owned),
            turn_id: event.turn_id().map(str::to_owned),
            server: params.server_name,
            mode: params.mode,
            message,
            schema: params.requested_schema,
            url: params.url,
            params: raw_params(event),
        })
    }

    /// The view as JSON, keys in camelCase.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The answer on the wire.
    ///
    /// # Errors
    /// `invalid_argument` when the values are not what the form asks for.
    pub(crate) fn answered(&self, answer: &ElicitationAnswer) -> Result<Value> {
        Ok(match answer {
            ElicitationAnswer::Accept(content) => {
                if let Some(schema) = &self.schema {
                    check_form(schema, content)?;
                }
                json!({"action": "accept", "content": content})
            }
            ElicitationAnswer::Decline => json!({"action": "decline", "content": null}),
            ElicitationAnswer::Cancel => json!({"action": "cancel", "content": null}),
        })
    }
}

/// A form whose schema is none itself takes any object.
fn check_form(schema: &Value, content: &Value) -> Result<()> {
    if !content.is_object() {
        return Err(Error::invalid_argument(
            "content",
            "it is to be an object with the form's fields",
        ));
    }
    let Ok(form) = jsonschema::validator_for(schema) else {
        return Ok(());
    };
    form.validate(content).map_err(|wrong| {
        let place = wrong.instance_path().to_string();
        Error::invalid_argument("content", format!("{wrong} (at {place:?} of the form)"))
    })
}

fn id_of(event: &Event, what: Option<&str>) -> String {
    let parts: Vec<&str> = [event.turn_id(), what].into_iter().flatten().collect();
    format!("{}:{}", event.method(), parts.join(":"))
}
