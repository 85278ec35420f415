//! Approvals and questions: what the engine asks of a person, and who answers it.
//!
//! In the order of the data: `request` and `questions` (the views), `command` (a shell line taken apart), `policy` and
//! `responders` (who decides), `ask` (a question on its way to a handler), `decision` (what is decided, and how it goes
//! back), `fallback` (the refusal where nobody decides). Nothing here knows the session; it asks and sends.

mod ask;
pub(crate) mod command;
mod decision;
mod fallback;
mod policy;
mod questions;
mod request;
mod responders;

pub use ask::{Ask, AskHandler, Asked, Reply};
pub(crate) use ask::{Replied, read};
pub use decision::{Decision, Verdict};
pub(crate) use fallback::{Default, default_answer};
pub use policy::Policy;
pub use questions::{
    Answers, ElicitationAnswer, ElicitationRequest, Question, QuestionOption, QuestionRequest,
};
pub use request::{ApprovalKind, ApprovalRequest, ProposedChange};
pub(crate) use responders::Link;
pub use responders::Responders;
