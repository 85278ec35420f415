//! Picks a session up on a new connection, or in a new engine: introduces the client again, resumes the threads that
//! it had loaded, and finds out what the running turns missed.
//!
//! A thread that a remote engine has loaded no more is not resumed: the engine was restarted, and would run it
//! with other permissions than the application asked for. An engine of our own that was restarted is told what
//! each thread was opened with, and a thread that has other permissions afterwards is not used.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::protocol::lenient;
use crate::session::diagnostics::{Diagnostic, DiagnosticKind};
use crate::session::link::{Fate, Followed, Lane, setup_request};
use crate::session::memory::Memory;
use crate::session::recovery::{completed_turn, turns_read};
use crate::session::{REFUSAL_PAUSE, Session};
use crate::thread::event::Event;
use crate::thread::state::TurnState;

const ASK_TIMEOUT: Duration = Duration::from_secs(20);
/// How often a thread whose first turn has only just begun is asked for again.
const NOT_ON_DISK: u32 = 400;
/// So many threads are picked up at once.
const AT_ONCE: usize = 8;

/// Holds the answer of a new engine to `initialize` to what the client can work with.
pub(crate) type Greeting = dyn Fn(&Session, &RawValue) -> Result<()> + Send + Sync;

/// How a session comes back after a loss.
pub(crate) struct Return<'a> {
    attempt: u32,
    /// What was lost was the engine: its end, and what looks at the new one.
    engine: Option<(&'a Error, &'a Greeting)>,
}

impl<'a> Return<'a> {
    /// On a new connection to an engine that went on.
    pub(crate) fn connection(attempt: u32) -> Self {
        Self {
            attempt,
            engine: None,
        }
    }

    /// In a new engine; `ended` is how the last one did.
    pub(crate) fn engine(attempt: u32, ended: &'a Error, greeting: &'a Greeting) -> Self {
        Self {
            attempt,
            engine: Some((ended, greeting)),
        }
    }

    pub(super) fn is_restart(&self) -> bool {
        self.engine.is_some()
    }

    /// What is to be noted when it is done.
    pub(super) fn done(&self) -> String {
        let how = match self.engine {
            None => "the connection was re-established",
            Some(_) => "the engine was restarted",
        };
        format!("{how} at attempt {}", self.attempt)
    }

    /// The event that says that events may be missing before it.
    pub(super) fn event(&self, about: Value) -> Option<Event> {
        let mut params = about;
        params["attempt"] = self.attempt.into();
        let method = match self.engine {
            None => "codexkit/reconnected",
            Some((ended, _)) => {
                params["exitCode"] = ended.exit_code().into();
                params["signal"] = ended.signal().into();
                "codexkit/restarted"
            }
        };
        let line = json!({"method": method, "params": params}).to_string();
        Event::recovered(&line).ok()
    }
}

/// A turn as `thread/read` shows it.
struct Snapshot {
    whole: Box<RawValue>,
    id: String,
    ended: bool,
    items: Vec<Box<RawValue>>,
}

/// What is known of the turns of a thread.
enum Read {
    Turns(Vec<Snapshot>),
    /// The engine does not know the thread, or keeps no turns of it.
    Refused,
    /// It did not say.
    Unknown,
}

/// Picks the session up. An error means that the connection, or the engine, is of no use.
pub(crate) async fn restore(
    session: &Arc<Session>,
    how: &Return<'_>,
    hello: &RawValue,
    timeout: Duration,
) -> Result<()> {
    session.connected(how.attempt);
    let answer = session
        .request_on(Lane::Setup, "initialize", Some(hello), Some(timeout))
        .await?;
    if let Some((_, greeting)) = how.engine {
        greeting(session, &answer)?;
    }
    session.notify_on(Lane::Setup, "initialized", None).await?;
    if how.is_restart() {
        session.count_restart();
    }
    let mut running = session.open_gaps(how);
    let mut threads: HashMap<String, bool> = session.loaded_threads();
    for thread_id in running.keys() {
        threads.entry(thread_id.clone()).or_insert(false);
    }
    if !threads.is_empty() {
        let loaded = match how.engine {
            None => loaded(session).await?,
            Some(_) => HashSet::new(),
        };
        let work: Vec<_> = threads
            .into_iter()
            .map(|(thread_id, ephemeral)| {
                let turns = running.remove(&thread_id).unwrap_or_default();
                let loaded = loaded.contains(&thread_id);
                restore_thread(session, how, thread_id, (ephemeral, loaded), turns)
            })
            .collect();
        let mut work = stream::iter(work).buffer_unordered(AT_ONCE);
        while let Some(done) = work.next().await {
            done?;
        }
    }
    session.restored(how);
    Ok(())
}

async fn restore_thread(
    session: &Arc<Session>,
    how: &Return<'_>,
    thread_id: String,
    (ephemeral, loaded): (bool, bool),
    turns: Vec<Arc<TurnState>>,
) -> Result<()> {
    let fate = match (how.is_restart(), loaded) {
        (true, _) if ephemeral => Fate::Gone,
        (true, _) => reload(session, &thread_id, !turns.is_empty()).await?,
        (false, false) => Fate::Gone,
        (false, true) if ephemeral => Fate::Lost,
        (false, true) => resume(session, &thread_id, !turns.is_empty()).await?,
    };
    session.set_fate(how, &thread_id, ephemeral, fate);
    settle(session, how, &thread_id, &turns, fate).await
}

/// Loads a thread into a new engine, as it was in the last one.
async fn reload(session: &Arc<Session>, thread_id: &str, busy: bool) -> Result<Fate> {
    let Some(memory) = session.memory_of(thread_id) else {
        return Ok(Fate::Gone); // nobody here has opened it, and so nobody knows with what
    };
    let params = memory.resume(thread_id, busy);
    match setup_request(session, "thread/resume", &params, ASK_TIMEOUT).await {
        Ok(answer) => Ok(session.reloaded(thread_id, &answer)),
        Err(error) if error.kind() == ErrorKind::Closed => Err(error),
        Err(error) => {
            session.diagnostic(Diagnostic::new(
                DiagnosticKind::Connection,
                format!("thread {thread_id} could not be resumed in the new engine: {error}"),
            ));
            Ok(Fate::Gone)
        }
    }
}

/// A turn runs on a thread that could not be resumed before, because it had no turn.
pub(super) async fn follow(session: Arc<Session>, turn: Arc<TurnState>) {
    let thread_id = turn.thread_id().to_owned();
    let how = Return::connection(session.lock().link.attempt);
    session.open_gap(&turn, &how);
    let done = match resume(&session, &thread_id, true).await {
        Ok(fate) => {
            session.set_fate(&how, &thread_id, false, fate);
            settle(
                &session,
                &how,
                &thread_id,
                std::slice::from_ref(&turn),
                fate,
            )
            .await
        }
        Err(error) => Err(error),
    };
    // When the connection was lost again, the next one picks the turn up.
    if let Err(error) = done {
        session.diagnostic(Diagnostic::new(
            DiagnosticKind::Connection,
            format!("thread {thread_id} could not be followed: {error}"),
        ));
    }
}

/// Subscribes to a thread's events. With turns in the answer, the engine repeats the last usage, which
/// the result of a running turn may need.
async fn resume(session: &Arc<Session>, thread_id: &str, busy: bool) -> Result<Fate> {
    let params = json!({"threadId": thread_id, "excludeTurns": !busy});
    let mut refused = 0;
    loop {
        match setup_request(session, "thread/resume", &params, ASK_TIMEOUT).await {
            Ok(_) => return Ok(Fate::Followed),
            // A turn that has only just begun is not on disk yet.
            Err(error) if error.is_answer() && busy && refused < NOT_ON_DISK => {
                refused += 1;
                tokio::time::sleep(REFUSAL_PAUSE).await;
            }
            Err(error) if error.kind() == ErrorKind::Closed => return Err(error),
            Err(error) => {
                session.diagnostic(Diagnostic::new(
                    DiagnosticKind::Connection,
                    format!("thread {thread_id} cannot be followed yet: {error}"),
                ));
                return Ok(Fate::Unfollowed);
            }
        }
    }
}

/// Tells the running turns of a thread what they missed.
async fn settle(
    session: &Arc<Session>,
    how: &Return<'_>,
    thread_id: &str,
    turns: &[Arc<TurnState>],
    fate: Fate,
) -> Result<()> {
    if turns.is_empty() {
        return Ok(());
    }
    let read = read(session, thread_id).await?;
    for turn in turns {
        settle_turn(session, how, turn, &read, fate);
    }
    Ok(())
}

fn settle_turn(
    session: &Arc<Session>,
    how: &Return<'_>,
    turn: &Arc<TurnState>,
    read: &Read,
    fate: Fate,
) {
    // In a new engine nothing goes on by itself.
    let goes_on = fate == Fate::Followed && !how.is_restart();
    let snapshot = match read {
        Read::Turns(turns) => turns.iter().rev().find(|other| other.id == turn.id()),
        Read::Refused => None,
        Read::Unknown if goes_on => {
            session.diagnostic(Diagnostic::new(
                DiagnosticKind::Connection,
                format!("turn {}: items may be missing", turn.id()),
            ));
            session.close_gap(how, turn, Vec::new(), None);
            return;
        }
        Read::Unknown => None,
    };
    match snapshot {
        Some(found) if found.ended || goes_on => {
            let end = found
                .ended
                .then(|| completed_turn(turn, &found.whole))
                .flatten();
            session.close_gap(how, turn, completed_items(turn, &found.items), end);
        }
        _ => session.give_up(how, turn, fate),
    }
}

async fn read(session: &Arc<Session>, thread_id: &str) -> Result<Read> {
    let params = json!({"threadId": thread_id, "includeTurns": true});
    let answer = match setup_request(session, "thread/read", &params, ASK_TIMEOUT).await {
        Ok(answer) => answer,
        Err(error) if error.kind() == ErrorKind::Closed => return Err(error),
        Err(error) if error.is_answer() => return Ok(Read::Refused),
        Err(_) => return Ok(Read::Unknown),
    };
    Ok(match turns_read(&answer) {
        Some(turns) => Read::Turns(turns.into_iter().filter_map(Snapshot::of).collect()),
        None => Read::Unknown,
    })
}

impl Snapshot {
    fn of(whole: Box<RawValue>) -> Option<Self> {
        #[derive(Deserialize)]
        struct Head {
            id: String,
            status: String,
            #[serde(default)]
            items: Vec<Box<RawValue>>,
        }
        let head = lenient::from_str::<Head>(whole.get()).ok()?;
        Some(Self {
            id: head.id,
            ended: head.status != "inProgress",
            items: head.items,
            whole,
        })
    }
}

/// The items that are complete, as the events that would have said so.
fn completed_items(turn: &TurnState, items: &[Box<RawValue>]) -> Vec<Event> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(default)]
        status: Option<String>,
    }
    let done = |item: &&RawValue| {
        lenient::from_str::<Head>(item.get())
            .map_or(true, |head| head.status.as_deref() != Some("inProgress"))
    };
    let event = |item: &RawValue| {
        let (thread_id, turn_id) = (json!(turn.thread_id()), json!(turn.id()));
        Event::recovered(&format!(
            r#"{{"method":"item/completed","params":{{"item":{item},"threadId":{thread_id},"turnId":{turn_id}}}}}"#
        ))
        .ok()
    };
    let items = items.iter().map(|item| &**item);
    items.filter(done).filter_map(event).collect()
}

/// The threads that the engine has loaded.
async fn loaded(session: &Arc<Session>) -> Result<HashSet<String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Page {
        data: Vec<String>,
        #[serde(default)]
        next_cursor: Option<String>,
    }
    let mut all = HashSet::new();
    let mut cursor: Option<String> = None;
    loop {
        let params = json!({"cursor": cursor});
        let answer = setup_request(session, "thread/loaded/list", &params, ASK_TIMEOUT).await?;
        let page: Page = lenient::from_str(answer.get()).map_err(|error| {
            Error::new(
                ErrorKind::Protocol,
                format!("thread/loaded/list: the answer is not understood: {error}"),
            )
        })?;
        let more = page
            .data
            .into_iter()
            .filter(|id| all.insert(id.clone()))
            .count();
        cursor = page.next_cursor.filter(|_| more > 0);
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

impl Session {
    /// Marks every running turn: events are missing from here on. Gives the turns by thread.
    fn open_gaps(&self, how: &Return<'_>) -> HashMap<String, Vec<Arc<TurnState>>> {
        let running: Vec<Arc<TurnState>> = self.lock().shell.running().cloned().collect();
        let mut by_thread: HashMap<String, Vec<Arc<TurnState>>> = HashMap::new();
        for turn in running.into_iter().filter(|turn| !turn.id().is_empty()) {
            self.open_gap(&turn, how);
            let thread_id = turn.thread_id().to_owned();
            by_thread.entry(thread_id).or_default().push(turn);
        }
        by_thread
    }

    fn open_gap(&self, turn: &TurnState, how: &Return<'_>) {
        let mut about = json!({"threadId": turn.thread_id(), "turnId": turn.id()});
        if how.is_restart() {
            about["lastItemId"] = turn.last_item().into();
        }
        let Some(marker) = how.event(about) else {
            return;
        };
        let mut state = self.lock();
        let mut effects = state.shell.take_effects();
        turn.open_gap(marker, &mut effects.wakeups);
        drop(state);
        effects.wakeups.run();
    }

    fn close_gap(
        &self,
        how: &Return<'_>,
        turn: &Arc<TurnState>,
        completed: Vec<Event>,
        end: Option<Event>,
    ) {
        let mut state = self.lock();
        let mut effects = state.shell.take_effects();
        let recovered = turn.close_gap(completed, end, &mut effects.wakeups);
        if recovered {
            state.router.close_turn(turn.id());
            let when = match how.engine {
                None => "while there was no connection",
                Some(_) => "with the engine that was restarted, or before",
            };
            state.shell.diagnostics.push(Diagnostic::new(
                DiagnosticKind::Recovered,
                format!("turn {} had ended {when}", turn.id()),
            ));
        }
        drop(state);
        effects.wakeups.run();
    }

    /// Ends a turn that cannot be followed any more.
    fn give_up(self: &Arc<Self>, how: &Return<'_>, turn: &Arc<TurnState>, fate: Fate) {
        let error = match how.engine {
            None => untold(turn, fate),
            Some((ended, _)) => unknown(turn, ended),
        };
        let (id, thread_id) = (turn.id(), turn.thread_id());
        let mut state = self.lock();
        state.router.close_turn(id);
        let mut effects = state.shell.take_effects();
        turn.fail(&error, &mut effects.wakeups);
        drop(state);
        effects.wakeups.run();
        if fate != Fate::Gone && !how.is_restart() {
            self.interrupt_orphan(thread_id.to_owned(), id.to_owned());
        }
    }

    fn memory_of(&self, thread_id: &str) -> Option<Memory> {
        let state = self.lock();
        let thread = state.link.threads.get(thread_id)?;
        Some(thread.memory.clone())
    }

    /// A thread is in the new engine, which gave `answer`.
    fn reloaded(&self, thread_id: &str, answer: &RawValue) -> Fate {
        let mut state = self.lock();
        let Some(thread) = state.link.threads.get_mut(thread_id) else {
            return Fate::Gone; // it was let go meanwhile
        };
        let Err(changed) = thread.memory.resumed(answer) else {
            return Fate::Followed;
        };
        state.shell.diagnostics.push(Diagnostic::new(
            DiagnosticKind::Connection,
            format!("thread {thread_id} has other permissions in the new engine, and is not used: {changed}"),
        ));
        Fate::Changed
    }

    /// The threads that this client has loaded, and whether each is ephemeral.
    fn loaded_threads(&self) -> HashMap<String, bool> {
        let state = self.lock();
        let threads = state.link.threads.iter();
        threads
            .map(|(id, thread)| (id.clone(), thread.ephemeral))
            .collect()
    }

    fn set_fate(&self, how: &Return<'_>, thread_id: &str, ephemeral: bool, fate: Fate) {
        let mut state = self.lock();
        let threads = &mut state.link.threads;
        if fate == Fate::Gone && !how.is_restart() {
            if threads.remove(thread_id).is_some() {
                state.shell.diagnostics.push(Diagnostic::new(
                    DiagnosticKind::Connection,
                    format!("the engine has thread {thread_id} loaded no more; resume it to go on"),
                ));
            }
            return;
        }
        let thread = threads
            .entry(thread_id.to_owned())
            .or_insert_with(|| Followed {
                ephemeral,
                fate,
                memory: Memory::default(),
            });
        thread.ephemeral = ephemeral;
        thread.fate = fate;
    }
}

/// What is told of a turn that cannot be followed on another connection.
fn untold(turn: &TurnState, fate: Fate) -> Error {
    let (id, thread_id) = (turn.id(), turn.thread_id());
    let why = match fate {
        Fate::Gone => format!(
            "the engine does not know turn {id} any more; it was restarted, or has unloaded the thread"
        ),
        Fate::Lost => format!(
            "thread {thread_id} is ephemeral: what turn {id} does cannot be followed on another connection, and it is interrupted"
        ),
        Fate::Followed | Fate::Unfollowed | Fate::Changed => {
            format!("the engine gives no account of turn {id}")
        }
    };
    Error::new(
        ErrorKind::Closed,
        format!("the connection to the engine was lost, and {why}"),
    )
}

/// What is told of a turn that ran when the engine ended, and of which the new one knows nothing.
fn unknown(turn: &TurnState, ended: &Error) -> Error {
    let seen = match turn.last_item() {
        Some(item) => format!("the last item that was seen is {item}"),
        None => "no item of it was seen".to_owned(),
    };
    Error::new(
        ErrorKind::Closed,
        format!(
            "{}, was restarted, and does not know what became of turn {}: {seen}; look at what it did before running it again",
            ended.brief(),
            turn.id()
        ),
    )
    .with_exit(
        ended.exit_code(),
        ended.signal(),
        ended.stderr_tail().unwrap_or_default().to_owned(),
    )
    .caused_by(ended.clone())
}
