//! Questions to a person: policies and handlers are asked in turn, the decision is sent, and both are told as events.
//!
//! Whatever goes wrong on the way declines. Nothing here runs on the read loop.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::{Value, json};

use crate::approvals::{Ask, Asked, Decision, Link, Replied, Reply, Verdict, read};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::generated::methods::id;
use crate::protocol::raw;
use crate::session::diagnostics::{Diagnostic, DiagnosticKind};
use crate::session::hooks::Watched;
use crate::session::requests::{ServerRequest, hand_over, no_answer_within};
use crate::session::tools::Awaited;
use crate::session::{Session, State};
use crate::telemetry::within;
use crate::thread::event::Event;
use crate::thread::hooks::Said;
use crate::thread::setup::Setup;
use crate::tools;

/// How long the engine may take to take over a reason.
const REASON_TIMEOUT: Duration = Duration::from_secs(5);

/// Who decided, where a hook did.
const HOOK: &str = "hook";

/// Items of so many requests that may still come are kept.
const MOST_ITEMS: usize = 256;

/// What the session keeps for the questions of the engine.
#[derive(Default)]
pub(super) struct Desk {
    /// What threads have of their own, as long as somebody holds them.
    setups: HashMap<String, Weak<Setup>>,
    /// What runs have on the threads that they run on.
    pub(super) runs: HashMap<String, Weak<Setup>>,
    /// Requests that are to be answered later, by their id.
    later: HashMap<String, (ServerRequest, Arc<Asked>)>,
}

impl Desk {
    /// What a thread has of its own, and the run on it.
    fn of_thread(&self, thread_id: &str) -> impl Iterator<Item = Arc<Setup>> {
        let known = [self.runs.get(thread_id), self.setups.get(thread_id)];
        known.into_iter().flatten().filter_map(Weak::upgrade)
    }

    /// The engine waits for an answer no more.
    pub(super) fn resolved(&mut self, message_id: &str) -> Option<ServerRequest> {
        self.take(|request| request.message_id() == message_id)
    }

    fn take(&mut self, is_it: impl Fn(&ServerRequest) -> bool) -> Option<ServerRequest> {
        let found = self.later.iter().find(|(_, (request, _))| is_it(request));
        let name = found.map(|(name, _)| name.clone())?;
        self.later.remove(&name).map(|(request, _)| request)
    }

    /// Gives up what was to be answered later. To be dropped without the lock.
    pub(super) fn close(&mut self) -> Vec<(ServerRequest, Arc<Asked>)> {
        self.later.drain().map(|(_, waiting)| waiting).collect()
    }
}

/// File changes that were started and not completed: an approval does not repeat them.
#[derive(Default)]
pub(super) struct Items(HashMap<String, Event>);

impl Items {
    /// Looks at an event of the engine.
    pub(super) fn observe(&mut self, event: &Event) {
        let method = event.method_id();
        if method == id::ITEM_COMPLETED && !self.0.is_empty() {
            if let Some(item) = event.item_id() {
                self.0.remove(item);
            }
        } else if method == id::ITEM_STARTED
            && event.line().contains(r#""type":"fileChange""#)
            && let Some(item) = event.item_id()
        {
            if self.0.len() >= MOST_ITEMS {
                self.0.clear();
            }
            self.0.insert(item.to_owned(), event.detach());
        }
    }

    fn get(&self, item: &str) -> Option<Event> {
        self.0.get(item).cloned()
    }
}

impl State {
    /// What the turn and the thread of a question have of their own, the nearest first; then those of the agents above.
    pub(super) fn setups(&self, thread_id: Option<&str>, turn_id: Option<&str>) -> Vec<Arc<Setup>> {
        let readers = self.router.readers(thread_id, turn_id);
        let turns = readers.filter_map(|reader| self.shell.turns.get(&reader));
        let of_turns = turns.flat_map(|reader| reader.turn.setups()).cloned();
        // A turn that nobody here started has its thread's all the same.
        let of_thread = thread_id.into_iter().flat_map(|id| self.desk.of_thread(id));
        let above = thread_id
            .into_iter()
            .flat_map(|id| self.shell.family.above(id));
        let of_parents = above.flat_map(|parent| {
            let running = self.shell.running();
            let turns = running.filter(move |turn| turn.thread_id() == parent);
            let of_turns = turns.flat_map(|turn| turn.setups()).cloned();
            of_turns.chain(self.desk.of_thread(parent))
        });
        let mut found: Vec<Arc<Setup>> = Vec::new();
        for setup in of_turns.chain(of_thread).chain(of_parents) {
            if !found.iter().any(|other| Arc::ptr_eq(other, &setup)) {
                found.push(setup);
            }
        }
        found
    }

    /// Whether a question may be of a sub-agent that the engine has not told of.
    fn is_strange(&self, thread_id: &str, turn_id: Option<&str>) -> bool {
        !self.shell.family.knows(thread_id)
            && !self.desk.setups.contains_key(thread_id)
            && self
                .router
                .readers(Some(thread_id), turn_id)
                .next()
                .is_none()
    }
}

impl Session {
    /// From now on a thread has this of its own, as long as somebody holds it.
    pub(crate) fn set_up(&self, thread_id: &str, setup: &Arc<Setup>) {
        if setup.responders.is_none() && setup.tools.is_none() {
            return;
        }
        let mut state = self.lock();
        let setups = &mut state.desk.setups;
        if setups.len() >= setups.capacity() {
            setups.retain(|_, setup| setup.strong_count() > 0);
        }
        setups.insert(thread_id.to_owned(), Arc::downgrade(setup));
    }

    /// The item that an approval is about, if it is one whose content the approval does not repeat.
    pub(super) fn item_of(&self, request: &Event) -> Option<Event> {
        let item = request.item_id()?;
        self.lock().shell.items.get(item)
    }

    /// The turn of a request for approval is about to be ended by the answer. One that is ended by the handler of all
    /// requests is not: there it is an interrupted turn, as in the official clients.
    fn deny(&self, asked: &Asked) {
        let (Asked::Approval(_), (Some(thread_id), turn_id, _)) = (asked, asked.place()) else {
            return;
        };
        let state = self.lock();
        for reader in state.router.readers(Some(thread_id), turn_id) {
            if let Some(reader) = state.shell.turns.get(&reader) {
                reader.turn.deny(asked.kind());
            }
        }
    }

    /// Tells a request for a person as an event and in the log.
    pub(super) fn requested(self: &Arc<Self>, asked: &Asked) {
        let (name, kind) = (asked.id(), asked.kind());
        tracing::info!(target: "codexkit::approvals", id = name, kind, "requested");
        let (thread_id, turn_id, _) = asked.place();
        let turn = self.turn_span(thread_id, turn_id);
        self.options.telemetry.requested(asked, turn);
        self.announce("codexkit/approval/requested", asked, json!({}));
    }

    /// Tells what became of it.
    pub(super) fn decided(
        self: &Arc<Self>,
        asked: Option<&Asked>,
        decision: &str,
        by: &str,
        reason: Option<&str>,
    ) {
        let Some(asked) = asked else {
            return;
        };
        let (name, kind) = (asked.id(), asked.kind());
        tracing::info!(target: "codexkit::approvals", id = name, kind, decision, by, "decided");
        self.options.telemetry.decided(asked, decision, by);
        let more = json!({"decision": decision, "by": by, "reason": reason});
        self.announce("codexkit/approval/decided", asked, more);
    }

    /// An event of our own, in its place among those of the turn.
    fn announce(self: &Arc<Self>, method: &str, asked: &Asked, more: Value) {
        let (thread_id, turn_id, item_id) = asked.place();
        let mut params = json!({
            "threadId": thread_id, "turnId": turn_id, "itemId": item_id,
            "approvalId": asked.id(), "kind": asked.kind(),
        });
        if let (Some(params), Value::Object(more)) = (params.as_object_mut(), more) {
            params.extend(more);
        }
        self.tell(&json!({"method": method, "params": params}).to_string());
    }

    /// What waits for an answer that was put off, oldest thread first.
    pub(crate) fn pending_asks(&self) -> Vec<Arc<Asked>> {
        let state = self.lock();
        let mut pending: Vec<Arc<Asked>> = state
            .desk
            .later
            .values()
            .map(|(_, asked)| asked.clone())
            .collect();
        pending.sort_by(|one, other| one.id().cmp(other.id()));
        pending
    }

    /// Answers what was put off.
    pub(crate) async fn answer_ask(&self, name: &str, reply: &Reply) -> Result<()> {
        let (request, asked) = {
            let mut state = self.lock();
            let waiting = state.desk.later.remove(name);
            waiting.ok_or_else(|| nothing_waits(name))?
        };
        match asked.to_wire(reply) {
            Ok(Some(_)) => {
                let hooks = self.hooks_around(&asked);
                let found = Found::Decided(reply.clone(), "later".to_owned());
                finish(request, &asked, reviewed(hooks, &asked, found).await).await;
                Ok(())
            }
            // It waits on: nothing was decided.
            Ok(None) => {
                self.put_off(request, asked, None);
                let message = "it is put off already; decide, or leave it";
                Err(Error::invalid_argument("answer", message))
            }
            Err(error) => {
                self.put_off(request, asked, None);
                Err(error)
            }
        }
    }

    /// The same, with the reply as JSON.
    pub(crate) async fn answer_ask_json(&self, name: &str, reply: &str) -> Result<()> {
        let asked = {
            let state = self.lock();
            let waiting = state.desk.later.get(name).map(|(_, asked)| asked.clone());
            waiting.ok_or_else(|| nothing_waits(name))?
        };
        let reply = read(&asked, reply)?;
        self.answer_ask(name, &reply).await
    }

    fn put_off(&self, request: ServerRequest, asked: Arc<Asked>, timeout: Option<Duration>) {
        let (session, name) = (Arc::downgrade(request.session()), asked.id().to_owned());
        // Not the message's id: on a later connection another request may bear it.
        let mark = request.mark();
        let replaced = self.lock().desk.later.insert(name, (request, asked));
        drop(replaced);
        if let Some(timeout) = timeout {
            self.runtime().spawn(async move {
                tokio::time::sleep(timeout).await;
                let Some(session) = session.upgrade() else {
                    return;
                };
                let late = session.lock().desk.take(|request| request.bears(&mark));
                if let Some(request) = late {
                    request.refuse(&no_answer_within(timeout));
                }
            });
        }
    }
}

fn nothing_waits(name: &str) -> Error {
    let message = format!(
        "nothing waits for an answer under {name:?}: it was answered, withdrawn or never put off"
    );
    Error::invalid_argument("approval_id", message)
}

/// Has a question answered by whoever comes first of the turn's, the thread's and the client's; then by the handler of
/// all requests.
pub(super) async fn ask(request: ServerRequest, asked: Arc<Asked>) {
    let session = request.session().clone();
    let (thread_id, turn_id, _) = asked.place();
    if let Some(thread_id) = thread_id
        && session.lock().is_strange(thread_id, turn_id)
    {
        session.learn(thread_id).await;
    }
    let mut responders: Vec<_> = {
        let setups = session.lock().setups(thread_id, turn_id);
        setups
            .iter()
            .filter_map(|setup| setup.responders.clone())
            .collect()
    };
    responders.extend(session.options.responders.clone());
    let timeout = responders.iter().find_map(|one| one.own_timeout());
    let timeout = timeout.unwrap_or(session.options.approval_timeout);
    let links: Vec<Link> = responders
        .iter()
        .flat_map(|one| one.for_asked(&asked))
        .cloned()
        .collect();
    let hooks = session.hooks_around(&asked);
    let opinions = tokio::time::timeout(timeout, first_opinion(links, &asked));
    // Whoever is asked must not be waited for when the turn has ended, or the engine: nobody else would end that.
    let (_awaited, mut over) = Awaited::begin(&session, turn_id);
    let found = match said(hooks.as_ref(), &asked).await {
        Some(found) => found,
        None => tokio::select! {
            found = opinions => {
                found.unwrap_or_else(|_| Found::Refused(no_answer_within(timeout)))
            }
            () = tools::wait(&mut over) => Found::Refused("its turn is over".to_owned()),
        },
    };
    finish(request, &asked, reviewed(hooks, &asked, found).await).await;
}

/// What is to become of a question.
enum Found {
    /// A reply, and who gave it.
    Decided(Reply, String),
    /// It is declined: who was to answer did not.
    Failed(String),
    /// It is declined: nobody may answer any more.
    Refused(String),
    /// It is cancelled with the run: nobody is asked again.
    Stopped,
    /// Nobody had an opinion.
    Nobody,
}

/// What the hook says before anybody is asked.
async fn said(hooks: Option<&Watched>, asked: &Asked) -> Option<Found> {
    match hooks?.before_approval(asked).await {
        Said::GoOn => None,
        Said::Instead(decision) => Some(Found::Decided(decision.into(), HOOK.to_owned())),
        Said::Refuse(why) => Some(Found::Refused(why)),
        Said::Stop(_) => Some(Found::Stopped),
    }
}

/// What becomes of it once the hook has seen the decision.
async fn reviewed(hooks: Option<Watched>, asked: &Asked, found: Found) -> Found {
    let Some(hooks) = hooks else {
        return found;
    };
    let decision = match &found {
        Found::Decided(Reply::Verdict(Verdict::Decided(decision)), _) => decision.clone(),
        Found::Failed(why) | Found::Refused(why) => Decision::decline(why),
        // What is decided later, or by the handler of all requests.
        Found::Nobody if hooks.is_last() => Decision::Decline(None),
        Found::Decided(..) | Found::Nobody | Found::Stopped => return found,
    };
    match hooks.after_approval(asked, &decision).await {
        Said::GoOn => found,
        Said::Instead(decision) => Found::Decided(decision.into(), HOOK.to_owned()),
        Said::Refuse(why) => Found::Refused(why),
        Said::Stop(_) => Found::Stopped,
    }
}

async fn finish(request: ServerRequest, asked: &Arc<Asked>, found: Found) {
    match found {
        Found::Refused(why) => request.refuse(&why),
        Found::Failed(why) => request.decline(&why),
        Found::Nobody => hand_over(request),
        Found::Stopped => settle(request, asked, &Decision::Cancel.into(), HOOK).await,
        Found::Decided(Reply::Verdict(Verdict::Later(timeout)), _) => {
            let session = request.session().clone();
            session.put_off(request, asked.clone(), timeout);
        }
        Found::Decided(reply, by) => settle(request, asked, &reply, &by).await,
    }
}

/// The first reply that decides, and who gave it.
async fn first_opinion(links: Vec<Link>, asked: &Arc<Asked>) -> Found {
    for link in links {
        match link {
            Link::Policy(policy) => {
                if let Asked::Approval(request) = &**asked
                    && let Some(decision) = policy.decide(request)
                {
                    return Found::Decided(decision.into(), format!("policy {}", policy.name()));
                }
            }
            Link::Handler { handler, index, .. } => {
                let (ask, replied, _waiting): (Ask, Replied, _) = Ask::new(asked.clone(), index);
                handler.handle(ask);
                match replied.await {
                    Ok(Ok(Reply::Verdict(Verdict::Pass))) => {}
                    Ok(Ok(reply)) => return Found::Decided(reply, "handler".to_owned()),
                    Ok(Err(why)) => return Found::Failed(why),
                    Err(_) => return Found::Failed("the handler gave no answer".to_owned()),
                }
            }
        }
    }
    Found::Nobody
}

/// Sends a decision, with what belongs to it.
async fn settle(request: ServerRequest, asked: &Asked, reply: &Reply, by: &str) {
    let (wire, word) = match asked.to_wire(reply) {
        Ok(Some(answer)) => answer,
        Ok(None) => return request.decline("the answer decides nothing"),
        Err(error) => return request.decline(error.message()),
    };
    let decision = match reply {
        Reply::Verdict(Verdict::Decided(decision)) => Some(decision),
        _ => None,
    };
    let reason = decision.and_then(Decision::reason);
    let session = request.session().clone();
    if let (Some(reason), Asked::Approval(_)) = (reason, asked)
        && !request.is_answered()
    {
        explain(&session, asked, reason).await;
    }
    if decision == Some(&Decision::Cancel) {
        session.deny(asked);
    }
    request.respond_as(&wire.to_string(), word, by, reason);
    if decision == Some(&Decision::Cancel) && has_no_cancel(asked) {
        interrupt(&session, asked).await;
    }
}

/// The protocol's decline has no place for a reason: it is put into the turn before, where the agent reads it with the
/// decline.
async fn explain(session: &Arc<Session>, asked: &Asked, reason: &str) {
    let (Some(thread_id), Some(turn_id), _) = asked.place() else {
        return;
    };
    let text = format!(
        "The user declined this {}: {reason}",
        asked.kind().replace('_', " ")
    );
    let params = raw(&json!({
        "threadId": thread_id,
        "expectedTurnId": turn_id,
        "input": [{"type": "text", "text": text, "text_elements": []}],
    }));
    let scope = session.turn_scope(Some(thread_id), Some(turn_id));
    let told = session.request("turn/steer", Some(&params), Some(REASON_TIMEOUT));
    let told = within(scope, told).await;
    if let Err(error) = told
        && error.kind() != ErrorKind::Closed
    {
        session.diagnostic(Diagnostic::new(
            DiagnosticKind::Handler,
            format!("the reason of a decline did not reach the agent: {error}"),
        ));
    }
}

/// Whether a cancel of it says no more than a decline.
fn has_no_cancel(asked: &Asked) -> bool {
    matches!(asked, Asked::Approval(request) if request.method == "item/permissions/requestApproval")
}

async fn interrupt(session: &Arc<Session>, asked: &Asked) {
    if let (Some(thread_id), Some(turn_id), _) = asked.place() {
        let params = raw(&json!({"threadId": thread_id, "turnId": turn_id}));
        let scope = session.turn_scope(Some(thread_id), Some(turn_id));
        // The turn may have ended by itself.
        let _ = within(
            scope,
            session.request("turn/interrupt", Some(&params), None),
        )
        .await;
    }
}
