//! Who answers what the engine asks of a person: policies and handlers, asked one after the other until one decides.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::ask::{Ask, AskHandler, Asked, Reply};
use super::decision::Verdict;
use super::policy::{self, Policy};
use super::questions::{Answers, ElicitationAnswer, ElicitationRequest, QuestionRequest};
use super::request::ApprovalRequest;
use crate::error::{Error, Result};
use crate::options::duration;

/// Who answers approvals and questions, for a client, a thread or a turn. Those of the turn are asked first, then those
/// of the thread, then those of the client; within each, in their order. Where nobody decides, the answer is no.
#[derive(Clone, Default)]
pub struct Responders {
    links: Vec<Link>,
    timeout: Option<Duration>,
}

/// One that is asked.
#[derive(Clone)]
pub(crate) enum Link {
    Policy(Policy),
    Handler {
        handler: Arc<dyn AskHandler>,
        index: usize,
        /// What it answers: an [`Asked::subject`].
        subject: Subject,
    },
}

/// What a handler answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Subject {
    Approval,
    Question,
    Elicitation,
}

impl Subject {
    pub(crate) fn is_of(self, asked: &Asked) -> bool {
        matches!(
            (self, asked),
            (Self::Approval, Asked::Approval(_))
                | (Self::Question, Asked::Question(_))
                | (Self::Elicitation, Asked::Elicitation(_))
        )
    }
}

impl std::fmt::Debug for Responders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.links.iter().map(|link| match link {
            Link::Policy(policy) => policy.name(),
            Link::Handler { .. } => "handler",
        });
        f.debug_list().entries(names).finish()
    }
}

impl Responders {
    /// Nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a policy.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.links.push(Link::Policy(policy));
        self
    }

    /// Adds a function that decides about approvals; it may take its time. One that panics declines, and
    /// its future is dropped when nobody waits for the answer any more.
    #[must_use]
    pub fn on_approval<F, W>(self, decide: F) -> Self
    where
        F: Fn(ApprovalRequest) -> W + Send + Sync + 'static,
        W: Future<Output: Into<Verdict>> + Send + 'static,
    {
        self.asking(Subject::Approval, decide, |asked| match asked {
            Asked::Approval(request) => Some(request.clone()),
            _ => None,
        })
    }

    /// Adds a function that answers the agent's questions; `None` declines to.
    #[must_use]
    pub fn on_question<F, W>(self, answer: F) -> Self
    where
        F: Fn(QuestionRequest) -> W + Send + Sync + 'static,
        W: Future<Output = Option<Answers>> + Send + 'static,
    {
        let reply = move |request| {
            let answers = answer(request);
            async move { Reply::Answers(answers.await) }
        };
        self.replying(Subject::Question, reply, |asked| match asked {
            Asked::Question(request) => Some(request.clone()),
            _ => None,
        })
    }

    /// Adds a function that answers what MCP servers ask.
    #[must_use]
    pub fn on_elicitation<F, W>(self, answer: F) -> Self
    where
        F: Fn(ElicitationRequest) -> W + Send + Sync + 'static,
        W: Future<Output = ElicitationAnswer> + Send + 'static,
    {
        let reply = move |request| {
            let answer = answer(request);
            async move { Reply::Elicitation(answer.await) }
        };
        self.replying(Subject::Elicitation, reply, |asked| match asked {
            Asked::Elicitation(request) => Some(request.clone()),
            _ => None,
        })
    }

    /// Adds a handler for everything that is asked.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "it is kept")]
    pub fn handler(mut self, handler: Arc<dyn AskHandler>) -> Self {
        for subject in [Subject::Approval, Subject::Question, Subject::Elicitation] {
            let handler = handler.clone();
            self.links.push(Link::Handler {
                handler,
                index: 0,
                subject,
            });
        }
        self
    }

    /// How long all of them together may take before it is declined; without it, the client's `approval_timeout`.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    fn asking<F, W, T>(self, subject: Subject, decide: F, view: fn(&Asked) -> Option<T>) -> Self
    where
        F: Fn(T) -> W + Send + Sync + 'static,
        W: Future<Output: Into<Verdict>> + Send + 'static,
        T: 'static,
    {
        let reply = move |request| {
            let verdict = decide(request);
            async move { Reply::Verdict(verdict.await.into()) }
        };
        self.replying(subject, reply, view)
    }

    fn replying<F, W, T>(
        mut self,
        subject: Subject,
        reply: F,
        view: fn(&Asked) -> Option<T>,
    ) -> Self
    where
        F: Fn(T) -> W + Send + Sync + 'static,
        W: Future<Output = Reply> + Send + 'static,
        T: 'static,
    {
        let handler = move |ask: Ask| {
            let Some(request) = view(ask.asked()) else {
                return;
            };
            let reply = reply(request);
            tokio::spawn(async move {
                // A function that nobody waits for any more is dropped: it might never end.
                tokio::select! {
                    // Refused answers were declined, and stand in the diagnostics.
                    reply = reply => drop(ask.answer(reply)),
                    () = ask.withdrawn() => {}
                }
            });
        };
        self.links.push(Link::Handler {
            handler: Arc::new(handler),
            index: 0,
            subject,
        });
        self
    }

    /// Reads them from JSON: `{"links": [{"type": "read_only_commands"}, {"type": "callback", "on": "approval", "index":
    /// 3}], "timeout_s": 60}`. A callback stands for `handler`, which gets its index ([`Ask::index`]).
    ///
    /// # Errors
    /// `invalid_argument` for what is no policy, or one that cannot be.
    #[expect(clippy::needless_pass_by_value, reason = "it is kept")]
    pub fn from_json(text: &str, handler: Option<Arc<dyn AskHandler>>) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            links: Vec<Value>,
            #[serde(default)]
            timeout_s: Option<f64>,
        }
        #[derive(Deserialize)]
        struct Callback {
            on: Subject,
            index: usize,
        }
        let wrong = |error: serde_json::Error| Error::invalid_argument("on_approval", error);
        let fields: Fields = serde_json::from_str(text).map_err(wrong)?;
        let timeout = fields
            .timeout_s
            .map(|seconds| duration("approval_timeout", seconds));
        let mut responders = Self {
            links: Vec::new(),
            timeout: timeout.transpose()?,
        };
        for value in fields.links {
            let link = if value["type"] == "callback" {
                let Callback { on: subject, index } =
                    serde_json::from_value(value).map_err(wrong)?;
                let none =
                    || Error::invalid_argument("on_approval", "there is a callback and no handler");
                let handler = handler.clone().ok_or_else(none)?;
                Link::Handler {
                    handler,
                    index,
                    subject,
                }
            } else {
                let fields: policy::Fields = serde_json::from_value(value).map_err(wrong)?;
                Link::Policy(Policy::try_from(fields)?)
            };
            responders.links.push(link);
        }
        Ok(responders)
    }

    /// Those who may answer this, in their order.
    pub(crate) fn for_asked<'a>(&'a self, asked: &'a Asked) -> impl Iterator<Item = &'a Link> {
        self.links.iter().filter(move |link| match link {
            Link::Policy(_) => matches!(asked, Asked::Approval(_)),
            Link::Handler { subject, .. } => subject.is_of(asked),
        })
    }

    pub(crate) fn own_timeout(&self) -> Option<Duration> {
        self.timeout
    }
}
