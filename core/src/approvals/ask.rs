//! A question on its way to the application's handler, and its answer on the way back.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};

use super::decision::{self, Decision, Verdict};
use super::questions::{Answers, ElicitationAnswer, ElicitationRequest, QuestionRequest};
use super::request::{ApprovalKind, ApprovalRequest};
use crate::error::{Error, Result};
use crate::thread::event::Event;

/// What the engine asks of a person.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there are few at a time, and they are shared by reference"
)]
#[non_exhaustive]
pub enum Asked {
    /// Whether it may do something.
    Approval(ApprovalRequest),
    /// The agent's questions.
    Question(QuestionRequest),
    /// An MCP server's question.
    Elicitation(ElicitationRequest),
}

impl Asked {
    /// Reads a request of the engine; `None` if it asks nothing of a person.
    pub(crate) fn of(event: &Event, item: Option<&Event>) -> Option<Self> {
        ApprovalRequest::of(event, item)
            .map(Self::Approval)
            .or_else(|| QuestionRequest::of(event).map(Self::Question))
            .or_else(|| ElicitationRequest::of(event).map(Self::Elicitation))
    }

    /// `approval`, `question` or `elicitation`.
    #[must_use]
    pub fn subject(&self) -> &'static str {
        match self {
            Self::Approval(_) => "approval",
            Self::Question(_) => "question",
            Self::Elicitation(_) => "elicitation",
        }
    }

    /// Names the request.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Approval(request) => &request.id,
            Self::Question(request) => &request.id,
            Self::Elicitation(request) => &request.id,
        }
    }

    /// Thread, turn and item that it belongs to.
    pub(crate) fn place(&self) -> (Option<&str>, Option<&str>, Option<&str>) {
        let (thread, turn, item) = match self {
            Self::Approval(request) => (&request.thread_id, &request.turn_id, &request.item_id),
            Self::Question(request) => (&request.thread_id, &request.turn_id, &request.item_id),
            Self::Elicitation(request) => (&request.thread_id, &request.turn_id, &None),
        };
        (thread.as_deref(), turn.as_deref(), item.as_deref())
    }

    /// The view as JSON, keys in camelCase.
    #[must_use]
    pub fn to_json(&self) -> String {
        match self {
            Self::Approval(request) => request.to_json(),
            Self::Question(request) => request.to_json(),
            Self::Elicitation(request) => request.to_json(),
        }
    }

    /// Of an approval, what it is about; else its subject.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Approval(request) => match request.kind {
                ApprovalKind::Command => "command",
                ApprovalKind::FileChange => "file_change",
                ApprovalKind::Permissions => "permissions",
                ApprovalKind::McpTool => "mcp_tool",
            },
            other => other.subject(),
        }
    }

    /// The answer on the wire, and the word for it.
    pub(crate) fn to_wire(&self, reply: &Reply) -> Result<Option<(Value, &'static str)>> {
        Ok(Some(match (self, reply) {
            (Self::Approval(request), Reply::Verdict(Verdict::Decided(decision))) => {
                (decision.to_wire(request)?, decision.as_str())
            }
            (Self::Question(request), Reply::Answers(Some(answers))) => {
                (request.answered(answers)?, "answered")
            }
            (Self::Question(_), Reply::Answers(None)) => (json!({"answers": {}}), "decline"),
            (Self::Elicitation(request), Reply::Elicitation(answer)) => {
                let word = match answer {
                    ElicitationAnswer::Accept(_) => "accept",
                    ElicitationAnswer::Decline => "decline",
                    ElicitationAnswer::Cancel => "cancel",
                };
                (request.answered(answer)?, word)
            }
            (_, Reply::Verdict(Verdict::Pass | Verdict::Later(_))) => return Ok(None),
            _ => {
                let message = format!("this is no answer to a request for {}", self.subject());
                return Err(Error::invalid_argument("answer", message));
            }
        }))
    }
}

/// What a handler answers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reply {
    /// To an approval; [`Verdict::Pass`] and [`Verdict::Later`] also to the others.
    Verdict(Verdict),
    /// To the agent's questions; `None` declines to answer.
    Answers(Option<Answers>),
    /// To an MCP server.
    Elicitation(ElicitationAnswer),
}

impl<T: Into<Verdict>> From<T> for Reply {
    fn from(verdict: T) -> Self {
        Self::Verdict(verdict.into())
    }
}

/// Answers what the engine asks. Called on a task of its own, never on the read loop; it must not block, but hand the
/// question on and return. A question that is dropped is declined.
pub trait AskHandler: Send + Sync {
    /// Takes over one question.
    fn handle(&self, ask: Ask);
}

impl<F: Fn(Ask) + Send + Sync> AskHandler for F {
    fn handle(&self, ask: Ask) {
        self(ask);
    }
}

/// One question for one handler. Dropping it declines.
#[derive(Debug)]
pub struct Ask {
    asked: Arc<Asked>,
    index: usize,
    reply: oneshot::Sender<Result<Reply, String>>,
    withdrawn: watch::Receiver<()>,
}

/// Where an [`Ask`]'s reply comes: what was answered, or why there is no answer.
pub(crate) type Replied = oneshot::Receiver<Result<Reply, String>>;

impl Ask {
    /// The question, where its reply comes, and what is to be held as long as somebody waits for that.
    pub(crate) fn new(asked: Arc<Asked>, index: usize) -> (Self, Replied, watch::Sender<()>) {
        let (reply, replied) = oneshot::channel();
        let (waiting, withdrawn) = watch::channel(());
        let ask = Self {
            asked,
            index,
            reply,
            withdrawn,
        };
        (ask, replied, waiting)
    }

    /// Comes when nobody waits for the answer any more: it was given, the time or the turn is over, or the client closed.
    pub fn withdrawn(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut withdrawn = self.withdrawn.clone();
        async move {
            // Nothing is ever sent: the other end is gone with whoever waits.
            let _ = withdrawn.changed().await;
        }
    }

    /// What is asked.
    #[must_use]
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Which of several handlers behind one is meant; see [`super::Responders::from_json`].
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Answers. Too late does nothing.
    ///
    /// # Errors
    /// `invalid_argument` for an answer that does not fit what was asked; it was declined then.
    pub fn answer(self, reply: impl Into<Reply>) -> Result<()> {
        let reply = reply.into();
        match self.asked.to_wire(&reply) {
            Ok(_) => {
                let _ = self.reply.send(Ok(reply));
                Ok(())
            }
            Err(error) => {
                let _ = self.reply.send(Err(format!(
                    "the handler's answer was refused: {}",
                    error.message()
                )));
                Err(error)
            }
        }
    }

    /// The same, read from JSON: `{"decision": ...}`, `{"answers": ...}` or `{"action": ..., "content": ...}`; `{"values":
    /// {...}}` for answers by question or the values of a form; null for no opinion.
    ///
    /// # Errors
    /// As [`Ask::answer`].
    pub fn answer_json(self, text: &str) -> Result<()> {
        match read(&self.asked, text) {
            Ok(reply) => self.answer(reply),
            Err(error) => {
                let _ = self.reply.send(Err(format!(
                    "the handler's answer was refused: {}",
                    error.message()
                )));
                Err(error)
            }
        }
    }

    /// Declines because the handler failed; `why` goes to the diagnostics, not to the engine.
    pub fn fail(self, why: &str) {
        let _ = self.reply.send(Err(why.to_owned()));
    }
}

/// Reads a reply of JSON.
pub(crate) fn read(asked: &Asked, text: &str) -> Result<Reply> {
    let wrong = |error: serde_json::Error| Error::invalid_argument("answer", error);
    if text.trim() == "null" {
        return Ok(Reply::Verdict(Verdict::Pass));
    }
    let value: Value = serde_json::from_str(text).map_err(wrong)?;
    if value.get("decision").is_some() {
        let fields: decision::Fields = serde_json::from_value(value).map_err(wrong)?;
        let verdict = Verdict::try_from(fields)?;
        return Ok(match (asked, verdict) {
            // One word for no, whatever was asked.
            (Asked::Question(_), Verdict::Decided(no)) if !no.accepts() => Reply::Answers(None),
            (Asked::Elicitation(_), Verdict::Decided(decision)) => {
                Reply::Elicitation(match decision {
                    Decision::Accept => ElicitationAnswer::Accept(json!({})),
                    Decision::Cancel => ElicitationAnswer::Cancel,
                    _ => ElicitationAnswer::Decline,
                })
            }
            (_, verdict) => Reply::Verdict(verdict),
        });
    }
    if let Some(values) = value.get("values") {
        return values_of(asked, values);
    }
    match asked {
        Asked::Approval(_) => Err(Error::invalid_argument("answer", "it names no decision")),
        Asked::Question(_) => {
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Fields {
                answers: Option<Answers>,
            }
            let fields: Fields = serde_json::from_value(value).map_err(wrong)?;
            Ok(Reply::Answers(fields.answers))
        }
        Asked::Elicitation(_) => {
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Fields {
                action: String,
                #[serde(default)]
                content: Value,
            }
            let fields: Fields = serde_json::from_value(value).map_err(wrong)?;
            Ok(Reply::Elicitation(match fields.action.as_str() {
                "accept" => ElicitationAnswer::Accept(match fields.content {
                    Value::Null => json!({}),
                    content => content,
                }),
                "decline" => ElicitationAnswer::Decline,
                "cancel" => ElicitationAnswer::Cancel,
                other => {
                    let message = format!("{other:?} is none of: accept, decline, cancel");
                    return Err(Error::invalid_argument("action", message));
                }
            }))
        }
    }
}

/// Values by name: a person's answers, or those of a form.
fn values_of(asked: &Asked, values: &Value) -> Result<Reply> {
    match asked {
        Asked::Approval(_) => Err(Error::invalid_argument("answer", "it names no decision")),
        Asked::Elicitation(_) => Ok(Reply::Elicitation(ElicitationAnswer::Accept(
            values.clone(),
        ))),
        Asked::Question(_) => {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let answers = values.as_object().into_iter().flatten().map(|(id, value)| {
                let chosen = match value {
                    Value::Array(several) => several.iter().map(text).collect(),
                    one => text(one).map(|one| vec![one]),
                };
                let wrong = || {
                    let message =
                        format!("the answer to {id:?} is neither a string nor a list of them");
                    Error::invalid_argument("answers", message)
                };
                Ok((id.clone(), chosen.ok_or_else(wrong)?))
            });
            Ok(Reply::Answers(Some(answers.collect::<Result<_>>()?)))
        }
    }
}
