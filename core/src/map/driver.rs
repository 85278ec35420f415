//! Runs the items of a map: a task for each, as many as may run at a time.
//!
//! A task writes its line of the journal before its result can be seen. Whoever reads results also brings the items
//! (`step` says which is next), so that a reader that stops stops the map.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::journal::{Journal, Line, Place, item_digest};
use super::options::{MapItem, MapOptions};
use super::{MapProgress, MapResult, error_json};
use crate::client::Codex;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::raw;
use crate::thread::fold::TurnResult;
use crate::thread::setup::Setup;

/// A map whose items are brought one by one. Clones are the same map; when the last one is dropped, what runs is
/// interrupted.
#[derive(Clone)]
pub struct MapRun(Arc<Handle>);

struct Handle(Arc<Inner>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// What to do next.
#[derive(Debug)]
pub enum MapStep {
    /// There is room for an item: [`MapRun::push`] it, or [`MapRun::finish`].
    Want,
    /// A result.
    Result(Box<MapResult>),
    /// There is nothing more.
    End,
}

struct Inner {
    codex: Codex,
    options: MapOptions,
    /// None once the map is over, so that another one may have the file.
    journal: Mutex<Option<Arc<Journal>>>,
    /// How many of the first items the journal may know: nothing begins before they were looked at.
    known: u64,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    /// The number of the next item.
    next: u64,
    items_over: bool,
    stopped: bool,
    waiting: VecDeque<Numbered>,
    ready: VecDeque<Ready>,
    running: usize,
    done: u64,
    failed: u64,
    failure: Option<Error>,
    tasks: JoinSet<()>,
}

struct Numbered {
    index: u64,
    digest: Option<String>,
    item: MapItem,
}

enum Ready {
    Fresh(Box<MapResult>),
    Stored {
        index: u64,
        id: Option<String>,
        place: Place,
    },
}

enum Look {
    Want,
    Ready(Ready),
    Failure(Error),
    End,
}

/// The place of a running item, which is given back however its task ends.
struct Slot {
    inner: Arc<Inner>,
    /// What came of it; none when it was interrupted.
    outcome: Option<Result<MapResult>>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let inner = &self.inner;
        let mut state = inner.lock();
        state.running -= 1;
        if let Some(outcome) = self.outcome.take()
            && !state.stopped
        {
            state.give(outcome, inner.options.stop_on_error);
        }
        inner.pump(&mut state);
        drop(state);
        inner.tell();
    }
}

/// A result on its way to a reader, which may go away meanwhile.
struct Taken<'a> {
    inner: &'a Inner,
    ready: Option<Ready>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(ready) = self.ready.take() {
            self.inner.lock().ready.push_front(ready);
            self.inner.tell();
        }
    }
}

impl MapRun {
    pub(super) async fn open(codex: Codex, options: MapOptions) -> Result<Self> {
        let journal = match options.journal.clone() {
            None => None,
            Some(path) => {
                let options = options.clone();
                let open = move || Journal::open(&path, &options);
                let opened = tokio::task::spawn_blocking(open).await;
                Some(opened.map_err(|error| given_up(&error))??)
            }
        };
        let known = journal.as_ref().map_or(0, Journal::known);
        Ok(Self(Arc::new(Handle(Arc::new(Inner {
            codex,
            options,
            journal: Mutex::new(journal.map(Arc::new)),
            known,
            state: Mutex::default(),
            changed: watch::Sender::new(0),
        })))))
    }

    fn inner(&self) -> &Arc<Inner> {
        &self.0.0
    }

    /// Whether items have to be brought before anything can begin, because the journal may be of others.
    #[must_use]
    pub fn must_check(&self) -> bool {
        let inner = self.inner();
        let state = inner.lock();
        !state.items_over && state.next < inner.known
    }

    /// Brings an item.
    ///
    /// # Errors
    /// `invalid_argument` when the journal is of other items, or the items were said to be over.
    pub fn push(&self, item: MapItem) -> Result<()> {
        let inner = self.inner();
        let journal = inner.journal();
        let digest = journal.as_ref().map(|_| item_digest(&item));
        let mut state = inner.lock();
        if state.items_over {
            return Err(Error::invalid_argument("items", "they are over already"));
        }
        let index = state.next;
        let found = match (&journal, &digest) {
            (Some(journal), Some(digest)) => journal.look_up(index, digest),
            _ => Ok(None),
        };
        let place = match found {
            Ok(place) => place,
            Err(error) => {
                drop(state);
                inner.stop();
                return Err(error);
            }
        };
        state.next += 1;
        match place {
            Some(place) => {
                let id = item.id;
                state.ready.push_back(Ready::Stored { index, id, place });
            }
            None => state.waiting.push_back(Numbered {
                index,
                digest,
                item,
            }),
        }
        inner.pump(&mut state);
        drop(state);
        inner.tell();
        Ok(())
    }

    /// Says that there are no more items.
    ///
    /// # Errors
    /// `invalid_argument` when the journal knows of more.
    pub fn finish(&self) -> Result<()> {
        let inner = self.inner();
        let mut state = inner.lock();
        let items = state.next;
        if let Some(journal) = inner.journal()
            && items < inner.known
        {
            drop(state);
            inner.stop();
            return Err(journal.too_few(items));
        }
        state.items_over = true;
        drop(state);
        inner.tell();
        Ok(())
    }

    /// What to do next: take a result, bring an item, or nothing more. Waits for it.
    ///
    /// # Errors
    /// What ends the map as a whole, once.
    pub async fn step(&self) -> Result<MapStep> {
        let inner = self.inner();
        match inner.look().await {
            Look::Want => Ok(MapStep::Want),
            Look::End => {
                inner.stop();
                Ok(MapStep::End)
            }
            Look::Failure(error) => {
                inner.stop();
                Err(error)
            }
            Look::Ready(Ready::Fresh(mut result)) => {
                result.progress = self.progress();
                Ok(MapStep::Result(result))
            }
            Look::Ready(stored @ Ready::Stored { .. }) => {
                let read = inner.stored(stored).await;
                let result = read.inspect_err(|_| inner.stop())?;
                Ok(MapStep::Result(Box::new(result)))
            }
        }
    }

    /// Where it is.
    #[must_use]
    pub fn progress(&self) -> MapProgress {
        let inner = self.inner();
        let state = inner.lock();
        inner.progress(&state)
    }

    /// Interrupts what runs, and begins nothing more. There are no more results then.
    pub fn interrupt(&self) {
        self.inner().stop();
    }
}

impl State {
    fn give(&mut self, outcome: Result<MapResult>, stop_on_error: bool) {
        match outcome {
            Ok(result) => {
                let ok = result.is_ok();
                let count = if ok { &mut self.done } else { &mut self.failed };
                *count += 1;
                self.ready.push_back(Ready::Fresh(Box::new(result)));
                if !ok && stop_on_error {
                    self.stop();
                }
            }
            Err(error) => {
                self.failure = Some(error);
                self.stop();
            }
        }
    }

    fn stop(&mut self) {
        self.stopped = true;
        self.waiting.clear();
        self.tasks.abort_all();
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn tell(&self) {
        self.changed
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    fn stop(&self) {
        let mut state = self.lock();
        state.stop();
        state.ready.clear();
        drop(state);
        drop(lock(&self.journal).take());
        self.tell();
    }

    fn journal(&self) -> Option<Arc<Journal>> {
        lock(&self.journal).clone()
    }

    fn progress(&self, state: &State) -> MapProgress {
        MapProgress {
            done: state.done,
            failed: state.failed,
            running: state.running as u64,
            total: match self.options.total {
                _ if state.items_over => Some(state.next),
                total => total,
            },
        }
    }

    async fn look(&self) -> Look {
        let mut changed = self.changed.subscribe();
        loop {
            if let Some(found) = self.look_now() {
                return found;
            }
            // The sender lives as long as `self`.
            let _ = changed.changed().await;
        }
    }

    fn look_now(&self) -> Option<Look> {
        let mut state = self.lock();
        if let Some(ready) = state.ready.pop_front() {
            return Some(Look::Ready(ready));
        }
        if let Some(failure) = state.failure.take() {
            return Some(Look::Failure(failure));
        }
        if state.stopped {
            return Some(Look::End);
        }
        if state.items_over {
            let over = state.waiting.is_empty() && state.running == 0;
            return over.then_some(Look::End);
        }
        (state.waiting.len() < self.options.concurrency).then_some(Look::Want)
    }

    /// Begins what there is room for.
    fn pump(self: &Arc<Self>, state: &mut State) {
        while state.tasks.try_join_next().is_some() {}
        if state.stopped || state.next < self.known {
            return;
        }
        let runtime = self.codex.session().runtime().clone();
        while state.running < self.options.concurrency
            && let Some(item) = state.waiting.pop_front()
        {
            state.running += 1;
            let mut slot = Slot {
                inner: self.clone(),
                outcome: None,
            };
            state.tasks.spawn_on(
                async move {
                    slot.outcome = Some(slot.inner.run(item).await);
                    drop(slot);
                },
                &runtime,
            );
        }
    }

    /// Runs an item to its end. Fails only if the map as a whole has.
    async fn run(&self, numbered: Numbered) -> Result<MapResult> {
        let thread_id = OnceLock::new();
        let (turn, error) = match self.in_time(&numbered, &thread_id).await {
            // The engine is gone: this is no one item's failure.
            Err(error) if error.kind() == ErrorKind::Closed => return Err(error),
            Ok(turn) => (Some(turn), None),
            Err(error) => (None, Some(error)),
        };
        let result = MapResult {
            index: numbered.index,
            id: numbered.item.id,
            thread_id: thread_id.into_inner(),
            turn,
            error,
            from_journal: false,
            progress: MapProgress::default(),
        };
        self.remember(result, numbered.digest).await
    }

    async fn in_time(
        &self,
        numbered: &Numbered,
        thread_id: &OnceLock<String>,
    ) -> Result<TurnResult> {
        let work = self.work(&numbered.item, thread_id);
        let Some(limit) = self.options.item_timeout else {
            return work.await;
        };
        let outcome = tokio::time::timeout(limit, work).await;
        outcome.unwrap_or_else(|_| {
            let (index, seconds) = (numbered.index, limit.as_secs_f64());
            let message = format!(
                "item {index} was not done within {seconds} s and was interrupted; give a longer item_timeout"
            );
            Err(Error::new(ErrorKind::Timeout, message))
        })
    }

    async fn work(&self, item: &MapItem, thread_id: &OnceLock<String>) -> Result<TurnResult> {
        let MapOptions {
            thread,
            turn,
            setup,
            ..
        } = &self.options;
        let mut params = thread.clone();
        if let Some(cwd) = &item.cwd {
            params.insert("cwd".to_owned(), cwd.as_str().into());
        }
        let thread = self.codex.thread_start_with(params, setup.clone()).await?;
        let _ = thread_id.set(thread.id().to_owned());
        // An item's turn belongs where its thread does.
        let of_turn = Setup::of_trace(setup.trace_context.clone());
        let outcome = thread.run_with(item.input.clone(), turn.clone(), of_turn);
        let outcome = outcome.await;
        self.unload(thread.id());
        outcome
    }

    /// Lets the engine forget a thread that is done; it stays in the store. There may be very many.
    fn unload(&self, thread_id: &str) {
        let session = self.codex.session().clone();
        let params = raw(&json!({"threadId": thread_id}));
        session.runtime().clone().spawn(async move {
            // It costs memory only if this fails.
            let _ = session
                .request("thread/unsubscribe", Some(&params), None)
                .await;
        });
    }

    /// Writes a result to the journal, if there is one.
    async fn remember(&self, result: MapResult, digest: Option<String>) -> Result<MapResult> {
        let (Some(journal), Some(digest)) = (self.journal(), digest) else {
            return Ok(result);
        };
        let write = move || {
            let line = Line {
                index: result.index,
                id: result.id.as_deref(),
                item: &digest,
                status: result.status(),
                thread_id: result.thread_id.as_deref(),
                turn: result.turn.as_ref(),
                error: result.error.as_ref().and_then(error_json),
            };
            journal.append(&line).map(|()| result)
        };
        let written = tokio::task::spawn_blocking(write).await;
        written.map_err(|error| given_up(&error))?
    }

    /// The result of an item that has succeeded before.
    async fn stored(&self, ready: Ready) -> Result<MapResult> {
        let mut taken = Taken {
            inner: self,
            ready: Some(ready),
        };
        let (Some(Ready::Stored { place, .. }), Some(journal)) = (&taken.ready, self.journal())
        else {
            return Err(Error::new(ErrorKind::Cancelled, "the map was interrupted"));
        };
        let place = *place;
        let read = tokio::task::spawn_blocking(move || journal.read(place)).await;
        let Some(Ready::Stored { index, id, .. }) = taken.ready.take() else {
            return Err(Error::new(ErrorKind::Io, "the result was taken twice"));
        };
        let stored = read.map_err(|error| given_up(&error))??;
        let mut state = self.lock();
        state.done += 1;
        Ok(MapResult {
            index,
            id,
            thread_id: stored.thread_id,
            turn: Some(stored.turn),
            error: None,
            from_journal: true,
            progress: self.progress(&state),
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn given_up(error: &tokio::task::JoinError) -> Error {
    Error::new(
        ErrorKind::Cancelled,
        format!("the map's journal was given up: {error}"),
    )
}
