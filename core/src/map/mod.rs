//! Map: many items, each on a fresh thread, some at a time; results as they complete.
//!
//! `options` (what a map is told, and its items), `journal` (the file that remembers what succeeded), `driver`
//! (runs the items). Items are taken from the application one by one, when there is room for them: a map holds
//! at most a few times `concurrency` items and results, however many there are.

mod driver;
mod journal;
mod options;

use serde::Serialize;
use serde_json::value::RawValue;

pub use self::driver::{MapRun, MapStep};
pub use self::options::{DEFAULT_CONCURRENCY, MapItem, MapOptions};

use crate::client::Codex;
use crate::error::{Error, Result};
use crate::thread::fold::TurnResult;

/// What one item came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MapResult {
    /// Which item it was, from 0.
    pub index: u64,
    /// The item's own name.
    pub id: Option<String>,
    /// The thread that it ran on, once there was one.
    pub thread_id: Option<String>,
    /// What its turn came to; with `status` `failed` or `interrupted` the item has failed.
    pub turn: Option<TurnResult>,
    /// Why there is no turn's result.
    pub error: Option<Error>,
    /// It succeeded in an earlier map with the same journal, and was not done again.
    pub from_journal: bool,
    /// Where the map was when this was given out.
    pub progress: MapProgress,
}

impl MapResult {
    /// Whether the item's turn completed.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.turn
            .as_ref()
            .is_some_and(|turn| turn.status == "completed")
    }

    /// `ok` or `failed`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        if self.is_ok() { "ok" } else { "failed" }
    }

    /// The result as one JSON object with camelCase keys.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct View<'a> {
            index: u64,
            id: Option<&'a str>,
            status: &'a str,
            thread_id: Option<&'a str>,
            turn: Option<&'a TurnResult>,
            error: Option<Box<RawValue>>,
            from_journal: bool,
            progress: MapProgress,
        }
        let view = View {
            index: self.index,
            id: self.id.as_deref(),
            status: self.status(),
            thread_id: self.thread_id.as_deref(),
            turn: self.turn.as_ref(),
            error: self.error.as_ref().and_then(error_json),
            from_journal: self.from_journal,
            progress: self.progress,
        };
        serde_json::to_string(&view).unwrap_or_else(|_| "null".to_owned())
    }
}

fn error_json(error: &Error) -> Option<Box<RawValue>> {
    RawValue::from_string(error.to_json()).ok()
}

/// Where a map is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MapProgress {
    /// Items that succeeded, those of the journal included.
    pub done: u64,
    /// Items that failed.
    pub failed: u64,
    /// Items that run now.
    pub running: u64,
    /// How many there are; unknown while the items of an iterator are not all taken.
    pub total: Option<u64>,
}

/// A map over an iterator: it runs while results are asked for. When it is dropped, what runs is interrupted.
pub struct Mapping<I> {
    run: MapRun,
    items: I,
}

impl<I> Mapping<I>
where
    I: Iterator,
    I::Item: Into<MapItem>,
{
    /// The next result, whichever item it is of; none at the end.
    ///
    /// # Errors
    /// What ends the map as a whole: `closed` when the engine or client is gone, `io` when the journal cannot be
    /// written, `invalid_argument` when it is of other items.
    pub async fn next(&mut self) -> Result<Option<MapResult>> {
        loop {
            match self.run.step().await? {
                MapStep::Result(result) => return Ok(Some(*result)),
                MapStep::End => return Ok(None),
                MapStep::Want => self.feed()?,
            }
        }
    }

    /// Waits for the end. The results that were not taken before, in the order of the items.
    ///
    /// # Errors
    /// As [`Mapping::next`].
    pub async fn collect(mut self) -> Result<Vec<MapResult>> {
        let mut results = Vec::new();
        while let Some(result) = self.next().await? {
            results.push(result);
        }
        results.sort_by_key(|result| result.index);
        Ok(results)
    }

    fn feed(&mut self) -> Result<()> {
        match self.items.next() {
            Some(item) => self.run.push(item.into()),
            None => self.run.finish(),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn progress(&self) -> MapProgress {
        self.run.progress()
    }

    /// Interrupts what runs, and begins nothing more.
    pub fn interrupt(&self) {
        self.run.interrupt();
    }
}

impl Codex {
    /// Runs each item on a fresh thread, some at a time, and gives the results as they complete.
    ///
    /// An item is taken from `items` when there is room for it, so that there may be very many. A failed item is a
    /// result like others. The threads stay in the engine's store, and are unloaded when their items are done.
    ///
    /// # Errors
    /// `invalid_argument` for options that cannot be, and for a journal that is of other items or options, of a newer
    /// version, or in use; `io` when it cannot be opened.
    pub async fn map<I>(&self, items: I, options: MapOptions) -> Result<Mapping<I::IntoIter>>
    where
        I: IntoIterator,
        I::Item: Into<MapItem>,
    {
        let items = items.into_iter();
        let mut options = options;
        if let (None, (least, Some(most))) = (options.total, items.size_hint())
            && least == most
        {
            options.total = u64::try_from(most).ok();
        }
        let run = self.map_run(options).await?;
        let mut mapping = Mapping { run, items };
        while mapping.run.must_check() {
            mapping.feed()?;
        }
        Ok(mapping)
    }

    /// The same for bindings, which bring the items one by one: push items while [`MapRun::must_check`] says so, then
    /// follow [`MapRun::step`].
    ///
    /// # Errors
    /// As [`Codex::map`].
    pub async fn map_run(&self, options: MapOptions) -> Result<MapRun> {
        options.check()?;
        MapRun::open(self.clone(), options).await
    }
}

/// A file in the place of a journal, for the fuzz targets.
#[cfg(feature = "fuzzing")]
pub(crate) fn fuzz_journal(content: &[u8]) {
    journal::fuzz(content);
}
