//! Requests that the engine sends: approvals, questions, tool calls. They go to the application's handler,
//! never on the read loop, and every one is answered: by the handler, or by the fail-closed default.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::approvals::{Asked, Default as DefaultAnswer, default_answer};
use crate::session::asked::Incoming;
use crate::session::asks;
use crate::session::diagnostics::{Diagnostic, DiagnosticKind};
use crate::session::link::Lasts;
use crate::session::router::IncomingRequest;
use crate::session::tools;
use crate::session::{Session, into_line};

/// Answers the engine's requests. Called on a task of its own, never on the read loop; it must not
/// block, but hand the request on and return. A request that is dropped unanswered is declined.
pub trait ServerRequestHandler: Send + Sync {
    /// Takes over one request.
    fn handle(&self, request: ServerRequest);
}

impl<F: Fn(ServerRequest) + Send + Sync> ServerRequestHandler for F {
    fn handle(&self, request: ServerRequest) {
        self(request);
    }
}

/// A request of the engine that wants an answer. Dropping it answers with the fail-closed default.
pub struct ServerRequest {
    session: Arc<Session>,
    request: IncomingRequest,
    ticket: Ticket,
    answered: Arc<Answered>,
    /// What it asks of a person, if it does.
    asked: Option<Arc<Asked>>,
}

/// Whether a request was answered, and who waits to hear so.
#[derive(Default)]
pub(super) struct Answered {
    done: AtomicBool,
    told: Notify,
}

impl Answered {
    /// True for the one who may answer.
    fn claim(&self) -> bool {
        let first = !self.done.swap(true, Ordering::SeqCst);
        if first {
            self.told.notify_one();
        }
        first
    }
}

impl ServerRequest {
    /// The protocol method, as in `item/commandExecution/requestApproval`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.request.event.method()
    }

    /// The request's params as JSON text.
    #[must_use]
    pub fn params(&self) -> &str {
        self.request.event.params()
    }

    /// The thread that it belongs to.
    #[must_use]
    pub fn thread_id(&self) -> Option<&str> {
        self.request.event.thread_id()
    }

    /// The turn that it belongs to.
    #[must_use]
    pub fn turn_id(&self) -> Option<&str> {
        self.request.event.turn_id()
    }

    /// The item that it is about.
    #[must_use]
    pub fn item_id(&self) -> Option<&str> {
        self.request.event.item_id()
    }

    /// Answers with `result`, in the shape that the method asks for. Too late (after the deadline) does nothing.
    pub fn respond(self, result: &RawValue) {
        let word = word_of(result);
        self.respond_as(result.get(), &word, "approval_handler", None);
    }

    /// Answers, and says what was decided and by whom.
    pub(super) fn respond_as(self, result: &str, word: &str, by: &str, reason: Option<&str>) {
        if self.answered.claim() {
            let message = message(&self.request.id, "result", result);
            // First told, then sent: what the engine makes of it comes after it.
            self.session
                .decided(self.asked.as_deref(), word, by, reason);
            self.session.answer(&self.request.id, self.ticket, message);
        }
    }

    /// Declines because the handler failed; `why` goes to the diagnostics, not to the engine.
    pub fn decline(self, why: &str) {
        self.session.diagnostic(Diagnostic::new(
            DiagnosticKind::Handler,
            format!("{}: {why}; it was declined", self.method()),
        ));
        self.refuse(why);
    }

    /// Answers with the fail-closed default, for this reason.
    pub(super) fn refuse(&self, why: &str) {
        if !self.answered.claim() {
            return;
        }
        let (session, method) = (&self.session, self.request.event.method());
        session.diagnostic(Diagnostic::new(
            DiagnosticKind::Declined,
            format!("{method}: {why}; answered with the fail-closed default"),
        ));
        let message = match default_answer(method) {
            DefaultAnswer::Result(result) => {
                message(&self.request.id, "result", &result.to_string())
            }
            DefaultAnswer::Error {
                code,
                message: text,
            } => message(
                &self.request.id,
                "error",
                &json!({"code": code, "message": text}).to_string(),
            ),
        };
        session.decided(self.asked.as_deref(), "decline", "default", Some(why));
        session.answer(&self.request.id, self.ticket, message);
    }

    /// The engine waits for an answer no more; none is sent.
    pub(super) fn withdraw(self) {
        if self.answered.claim() {
            self.session
                .decided(self.asked.as_deref(), "withdrawn", "engine", None);
        }
    }

    /// Whether it was answered already.
    pub(super) fn is_answered(&self) -> bool {
        self.answered.done.load(Ordering::SeqCst)
    }

    /// Tells it from all others, also from those with the same id on another connection.
    pub(super) fn mark(&self) -> Arc<Answered> {
        self.answered.clone()
    }

    pub(super) fn bears(&self, mark: &Arc<Answered>) -> bool {
        Arc::ptr_eq(&self.answered, mark)
    }

    /// The id of the message, as it came.
    pub(super) fn message_id(&self) -> &str {
        &self.request.id
    }

    pub(super) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// The same request, for whoever watches its deadline.
    fn twin(&self) -> Self {
        Self {
            session: self.session.clone(),
            request: self.request.clone(),
            ticket: self.ticket,
            answered: self.answered.clone(),
            asked: self.asked.clone(),
        }
    }
}

impl Drop for ServerRequest {
    fn drop(&mut self) {
        self.refuse("nobody answered");
    }
}

/// The word for what a raw answer decides.
fn word_of(result: &RawValue) -> String {
    let value: Value = serde_json::from_str(result.get()).unwrap_or_default();
    let decision = value.get("decision").or_else(|| value.get("action"));
    match decision {
        Some(Value::String(word)) => word.clone(),
        Some(Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        _ => "answered".to_owned(),
    }
}

/// Hands a request to whoever answers it, or declines it where there is nobody.
pub(super) fn serve(session: &Arc<Session>, request: IncomingRequest) {
    if !session.options.answer_requests {
        return; // another client of the engine answers
    }
    let Some(ticket) = session.ask(&request) else {
        return; // it was asked before the connection was lost
    };
    let asked = Asked::of(&request.event, session.item_of(&request.event).as_ref());
    let offered = ServerRequest {
        session: session.clone(),
        request,
        ticket,
        answered: Arc::new(Answered::default()),
        asked: asked.map(Arc::new),
    };
    match offered.asked.clone() {
        Some(asked) => {
            session.requested(&asked);
            session.runtime().spawn(asks::ask(offered, asked));
        }
        None if offered.method() == "item/tool/call" => {
            session.runtime().spawn(tools::serve(offered));
        }
        None => hand_over(offered),
    }
}

/// Gives a request to the handler of all requests, if the application has one.
pub(super) fn hand_over(request: ServerRequest) {
    let session = request.session.clone();
    let Some(handler) = session.options.handler.clone() else {
        request.refuse("there is no handler");
        return;
    };
    let (watched, answered) = (request.twin(), request.answered.clone());
    session
        .runtime()
        .spawn(async move { handler.handle(request) });
    let timeout = session.options.approval_timeout;
    session.runtime().spawn(async move {
        // An answered request leaves no timer behind.
        tokio::select! {
            () = tokio::time::sleep(timeout) => {}
            () = answered.told.notified() => {}
        }
        watched.refuse(&no_answer_within(timeout));
    });
}

pub(super) fn no_answer_within(timeout: Duration) -> String {
    format!("no answer within {} s", timeout.as_secs_f64())
}

/// Tells a request from all others, also from those that bear the same id on a later connection.
#[derive(Clone, Copy)]
struct Ticket {
    /// Its number among those that are remembered.
    serial: Option<u64>,
    /// The connection that it came on.
    connection: u64,
}

impl Session {
    /// Enters a request of the engine. None when it is one that was asked already: then it is being
    /// answered, or has its answer again.
    fn ask(self: &Arc<Self>, request: &IncomingRequest) -> Option<Ticket> {
        let mut state = self.lock();
        let link = &mut state.link;
        let connection = link.connection;
        // What belongs to no turn is not asked again by itself, and may rightly be the same twice.
        if self.options.lasts != Lasts::Connections || request.event.turn_id().is_none() {
            let serial = None;
            return Some(Ticket { serial, connection });
        }
        let what = format!("{} {}", request.event.method(), request.event.params());
        match link.asked.incoming(&request.id, what, connection) {
            Incoming::New(serial) => Some(Ticket {
                serial: Some(serial),
                connection,
            }),
            Incoming::Pending => None,
            Incoming::Answered(message) => {
                drop(state);
                self.answer_later(connection, message);
                None
            }
        }
    }

    /// Sends an answer, on the connection on which it was asked for last.
    fn answer(self: &Arc<Self>, id: &str, ticket: Ticket, message: Vec<u8>) {
        let connection = match ticket.serial {
            None => Some(ticket.connection),
            Some(serial) => self.lock().link.asked.answered(id, serial, &message),
        };
        if let Some(connection) = connection {
            self.answer_later(connection, message);
        }
    }
}

/// An answer as a line; `id` and `body` are JSON already.
fn message(id: &str, member: &str, body: &str) -> Vec<u8> {
    into_line(format!("{{\"id\":{id},\"{member}\":{body}}}").into_bytes())
}
