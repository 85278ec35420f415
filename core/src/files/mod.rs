//! Files for turns: staged in a private folder, by content, and given to a turn as image, mention or text.
//!
//! `<root>/<sha256>/<name>` is a staged file; `<root>/.codexkit/` has what the store knows of it (`attachments/`),
//! what is on its way (`uploads/`) and the lock that processes on the same folder share. A file is written and
//! hashed in one pass to `uploads/`, locked meanwhile, and renamed into place when it is whole: what a crash leaves
//! is an unlocked upload, or a file that no record names, and [`FileStore::cleanup`] removes both.
//!
//! In the order of the data: `source` (what is staged), `upload` (bytes on their way to the disk), `folder` (the
//! disk) and `lock`, `name` and `media` (what a file is called and what it is), `attachment` (what a turn gets),
//! `data_url` and `web` (what stands in a URL or behind it). It knows nothing of engines.

mod attachment;
pub(crate) mod data_url;
mod folder;
pub(crate) mod lock;
mod media;
mod name;
mod options;
mod source;
#[cfg(test)]
mod tests;
mod upload;
mod web;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::clock::WallClock;
use crate::error::{Error, ErrorKind, Result};

pub use attachment::{Attachment, INLINE_LIMIT, TEXT_LIMIT};
pub use options::{StageOptions, StoreOptions};
pub use source::Source;
pub use upload::Upload;

use folder::Folder;
use upload::Draft;

/// How long a store goes without looking for what has expired.
const SWEEP_SECONDS: u64 = 3600;

/// A staging folder for files. Clones are the same store; several stores, in several processes, can share a folder.
#[derive(Clone)]
pub struct FileStore(Arc<Inner>);

struct Inner {
    folder: Folder,
    options: StoreOptions,
    clock: WallClock,
    counters: Counters,
    /// When it was last looked for what has expired; 0 for never.
    swept: Mutex<u64>,
}

#[derive(Default)]
struct Counters {
    staged: AtomicU64,
    deduplicated: AtomicU64,
    bytes: AtomicU64,
    expired: AtomicU64,
    leftovers: AtomicU64,
    removed: AtomicU64,
    failures: AtomicU64,
}

/// What a store has done since it was opened or reset; other processes' work is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Metrics {
    /// Files that were staged, those that were there already included.
    pub staged: u64,
    /// Of these, those whose content was there already.
    pub deduplicated: u64,
    /// Bytes that were staged.
    pub bytes: u64,
    /// Attachments that were removed because their time was over.
    pub expired: u64,
    /// Half-written files, and files without a record, that crashes had left and that were removed.
    pub leftovers: u64,
    /// Attachments that were removed by [`FileStore::remove`] and [`FileStore::reset`].
    pub removed: u64,
    /// Stagings that failed.
    pub failures: u64,
}

/// What [`FileStore::cleanup`] removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Cleanup {
    /// Attachments whose time was over.
    pub expired: u64,
    /// Half-written files and files without a record, as crashes leave them.
    pub leftovers: u64,
    /// Bytes that were freed.
    pub bytes: u64,
}

impl FileStore {
    /// Opens a staging folder, which is made if it is not there.
    ///
    /// # Errors
    /// `invalid_argument` for options that make no sense and for a folder that is none, cannot be written to, or is
    /// on a file system without locks.
    pub fn open(options: StoreOptions) -> Result<Self> {
        Self::with_clock(options, WallClock::default())
    }

    fn with_clock(options: StoreOptions, clock: WallClock) -> Result<Self> {
        options.check()?;
        let folder = Folder::open(options.root.as_deref())?;
        Ok(Self(Arc::new(Inner {
            folder,
            options,
            clock,
            counters: Counters::default(),
            swept: Mutex::new(0),
        })))
    }

    /// The staging folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.0.folder.root()
    }

    /// Stages a file: copies it into the folder and hashes it on the way, in constant memory.
    ///
    /// The same content is kept once; the same content under the same name is the same attachment, which then lasts
    /// as long as the longer-lived staging asks for. Dropping the future leaves nothing behind. It also removes, at
    /// most once an hour, what has expired.
    ///
    /// # Errors
    /// `invalid_argument` for a file that is missing, unreadable, no file or too large, for an unsafe name and for
    /// options that make no sense; `io` when reading a stream or writing to the disk fails.
    pub async fn stage(
        &self,
        source: impl Into<Source>,
        options: StageOptions,
    ) -> Result<Attachment> {
        let staged = source::stage(self, source.into(), options).await;
        self.counted(staged)
    }

    /// Stages what is in a `data:` URL, or fetches what is behind an `http:` or `https:` one: the engine fetches
    /// nothing itself.
    ///
    /// Whatever this machine can reach is fetched, through redirects, too; a URL that somebody else gave has to be
    /// looked at first.
    ///
    /// # Errors
    /// `invalid_argument` for another URL and for one that is malformed; `io` when it cannot be fetched; else as
    /// [`FileStore::stage`].
    pub async fn stage_url(&self, url: &str, options: StageOptions) -> Result<Attachment> {
        let staged = source::stage_url(self, url, options).await;
        self.counted(staged)
    }

    /// Begins to stage a file whose bytes come piece by piece; [`Upload::finish`] gives the attachment.
    ///
    /// # Errors
    /// As [`FileStore::stage`].
    pub async fn begin(&self, options: StageOptions) -> Result<Upload> {
        let begun = self.draft(options).await;
        Ok(Upload::new(self.clone(), self.counted(begun)?))
    }

    /// The attachments whose time is not over, the oldest first.
    ///
    /// # Errors
    /// `io` when the folder cannot be read.
    pub async fn list(&self) -> Result<Vec<Attachment>> {
        let store = self.clone();
        on_disk(move || {
            let now = store.0.clock.seconds();
            let mut found = store.0.folder.attachments()?;
            found.retain(|attachment| !attachment.has_expired(now));
            found.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
            Ok(found)
        })
        .await
    }

    /// An attachment by its id; `None` when there is none or its time is over.
    ///
    /// # Errors
    /// `io` when the folder cannot be read.
    pub async fn get(&self, id: &str) -> Result<Option<Attachment>> {
        let (store, id) = (self.clone(), id.to_owned());
        on_disk(move || {
            let now = store.0.clock.seconds();
            let found = store.0.folder.attachment(&id)?;
            Ok(found.filter(|attachment| !attachment.has_expired(now)))
        })
        .await
    }

    /// Removes an attachment, persistent or not. Content that another attachment has, too, stays.
    ///
    /// Returns whether it was there.
    ///
    /// # Errors
    /// `io` when the folder cannot be changed.
    pub async fn remove(&self, id: &str) -> Result<bool> {
        let (store, id) = (self.clone(), id.to_owned());
        on_disk(move || {
            let removed = store.0.folder.remove(&id)?;
            add(&store.0.counters.removed, removed.into());
            Ok(removed)
        })
        .await
    }

    /// Removes what has expired and what crashes have left. Uploads that are under way, here or in other
    /// processes, stay.
    ///
    /// # Errors
    /// `io` when the folder cannot be changed.
    pub async fn cleanup(&self) -> Result<Cleanup> {
        let store = self.clone();
        on_disk(move || store.sweep()).await
    }

    /// Removes every attachment, persistent ones included, and sets the metrics to zero.
    ///
    /// Returns how many there were.
    ///
    /// # Errors
    /// `io` when the folder cannot be changed.
    pub async fn reset(&self) -> Result<u64> {
        let store = self.clone();
        on_disk(move || {
            let removed = store.0.folder.clear()?;
            store.0.counters.reset();
            Ok(removed)
        })
        .await
    }

    /// Counts of what this store has done.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &self.0.counters;
        Metrics {
            staged: read(&counters.staged),
            deduplicated: read(&counters.deduplicated),
            bytes: read(&counters.bytes),
            expired: read(&counters.expired),
            leftovers: read(&counters.leftovers),
            removed: read(&counters.removed),
            failures: read(&counters.failures),
        }
    }

    /// Opens a file for what is to be staged, and removes what has expired if that was long ago.
    async fn draft(&self, options: StageOptions) -> Result<Draft> {
        let store = self.clone();
        on_disk(move || {
            let plan = options.plan(&store.0.options)?;
            store.sweep_if_due();
            Draft::begin(&store.0.folder, plan)
        })
        .await
    }

    /// Puts a whole file into its place.
    fn publish(&self, draft: Draft) -> Result<Attachment> {
        let size = draft.size();
        let (attachment, known) = draft.publish(&self.0.folder, self.0.clock.seconds())?;
        let counters = &self.0.counters;
        add(&counters.staged, 1);
        add(&counters.deduplicated, known.into());
        add(&counters.bytes, size);
        tracing::debug!(
            target: "codexkit::files",
            id = %attachment.id,
            size,
            deduplicated = known,
            "staged"
        );
        Ok(attachment)
    }

    fn sweep_if_due(&self) {
        let now = self.0.clock.seconds();
        let swept = *self.swept();
        if swept != 0 && now.saturating_sub(swept) < SWEEP_SECONDS {
            return;
        }
        // What cannot be removed now is no reason not to stage; the next one tries again.
        if let Err(error) = self.sweep() {
            tracing::debug!(target: "codexkit::files", %error, "not cleaned up");
        }
    }

    fn sweep(&self) -> Result<Cleanup> {
        let now = self.0.clock.seconds();
        *self.swept() = now;
        let cleaned = self.0.folder.sweep(now)?;
        add(&self.0.counters.expired, cleaned.expired);
        add(&self.0.counters.leftovers, cleaned.leftovers);
        tracing::debug!(
            target: "codexkit::files",
            expired = cleaned.expired,
            leftovers = cleaned.leftovers,
            bytes = cleaned.bytes,
            "cleaned up"
        );
        Ok(cleaned)
    }

    fn swept(&self) -> std::sync::MutexGuard<'_, u64> {
        self.0.swept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a staging that failed.
    fn counted<T>(&self, result: Result<T>) -> Result<T> {
        if result.is_err() {
            add(&self.0.counters.failures, 1);
        }
        result
    }
}

impl Counters {
    fn reset(&self) {
        for counter in [
            &self.staged,
            &self.deduplicated,
            &self.bytes,
            &self.expired,
            &self.leftovers,
            &self.removed,
            &self.failures,
        ] {
            counter.store(0, Ordering::Relaxed);
        }
    }
}

fn add(counter: &AtomicU64, number: u64) {
    counter.fetch_add(number, Ordering::Relaxed);
}

/// Runs what waits for the disk where it may wait.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        Err(Error::new(
            ErrorKind::Io,
            "the work on a file was given up: the runtime is ending",
        ))
    })
}

/// An [`ErrorKind::Io`] about a path.
fn io_error(path: &Path, what: &str, error: &std::io::Error) -> Error {
    Error::new(
        ErrorKind::Io,
        format!("{} cannot be {what}: {error}", path.display()),
    )
    .caused_by_io(error)
}

/// The name of a file, for the fuzz targets.
///
/// # Panics
/// When a name that was made safe is not.
#[cfg(feature = "fuzzing")]
pub(crate) fn fuzz_name(text: &str) {
    let safe = name::sanitise(text);
    assert_eq!(name::problem(&safe), None, "{text:?}");
    if name::problem(text).is_none() {
        assert_eq!(safe, text);
    }
}
