//! Bytes on their way to the disk: written and hashed as they come, and in their place only when all are there.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use ring::digest;

use crate::error::{Error, ErrorKind, Result};

use super::folder::{Folder, Whole};
use super::options::Plan;
use super::{Attachment, FileStore, io_error, media, name, on_disk};

/// Runs of zeros of this length become holes, so that a sparse file stays one.
const HOLE: usize = 64 << 10;

/// A file that is being staged piece by piece. Dropping it unfinished leaves nothing behind.
pub struct Upload {
    store: FileStore,
    /// `None` once it has ended, well or not.
    draft: Arc<Mutex<Option<Draft>>>,
}

impl Upload {
    pub(super) fn new(store: FileStore, draft: Draft) -> Self {
        Self {
            store,
            draft: Arc::new(Mutex::new(Some(draft))),
        }
    }

    /// Adds bytes. It is done when they are written, so that waiting for it keeps the sender in step. One at a time.
    ///
    /// # Errors
    /// `invalid_argument` when the file becomes too large, `io` when it cannot be written, `closed` after the end.
    /// After an error the upload has ended.
    pub async fn write(&self, bytes: Vec<u8>) -> Result<()> {
        let written = self.push(bytes).await;
        self.store.counted(written)
    }

    /// Ends the file and gives its attachment.
    ///
    /// # Errors
    /// `io` when it cannot be put into its place, `closed` after the end.
    pub async fn finish(&self) -> Result<Attachment> {
        let finished = self.end().await;
        self.store.counted(finished)
    }

    /// Gives the upload up and removes what was written.
    pub async fn abort(&self) {
        let draft = Arc::clone(&self.draft);
        // What remains of a file that cannot be removed is for the next cleanup.
        let _ = on_disk(move || {
            take(&draft);
            Ok(())
        })
        .await;
    }

    pub(super) async fn push(&self, bytes: Vec<u8>) -> Result<()> {
        let draft = Arc::clone(&self.draft);
        on_disk(move || {
            let mut held = draft.lock().unwrap_or_else(PoisonError::into_inner);
            let written = held.as_mut().ok_or_else(ended)?.write(&bytes);
            if written.is_err() {
                *held = None;
            }
            written
        })
        .await
    }

    pub(super) async fn end(&self) -> Result<Attachment> {
        let (store, draft) = (self.store.clone(), Arc::clone(&self.draft));
        on_disk(move || store.publish(take(&draft).ok_or_else(ended)?)).await
    }
}

fn take(draft: &Mutex<Option<Draft>>) -> Option<Draft> {
    draft.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn ended() -> Error {
    Error::new(ErrorKind::Closed, "the upload has ended; begin a new one")
}

/// A file that is being written; it is removed when it is dropped.
pub(super) struct Draft {
    file: File,
    path: PathBuf,
    plan: Plan,
    /// What the source says that it is.
    hint: Option<String>,
    hasher: digest::Context,
    head: Vec<u8>,
    size: u64,
}

impl Draft {
    pub(super) fn begin(folder: &Folder, plan: Plan) -> Result<Self> {
        let (file, path) = folder.new_upload()?;
        Ok(Self {
            file,
            path,
            plan,
            hint: None,
            hasher: digest::Context::new(&digest::SHA256),
            head: Vec::with_capacity(media::HEAD),
            size: 0,
        })
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Refuses what says of itself that it is too large.
    pub(super) fn expect(&self, size: Option<u64>, what: &str) -> Result<()> {
        let limit = self.plan.max_bytes;
        match size.filter(|size| *size > limit) {
            Some(size) => Err(Error::invalid_argument(
                "source",
                format!("{what} has {size} bytes, more than the limit of {limit}; raise max_bytes"),
            )),
            None => Ok(()),
        }
    }

    /// Takes over what the source says of the file, for what nobody has said.
    pub(super) fn describe(&mut self, name: Option<&str>, media_type: Option<String>) {
        self.plan.name = self.plan.name.take().or_else(|| name.map(name::sanitise));
        self.hint = media_type;
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let size = self.size + bytes.len() as u64;
        if size > self.plan.max_bytes {
            return Err(Error::invalid_argument(
                "source",
                format!(
                    "it has more than {} bytes, the limit; raise max_bytes",
                    self.plan.max_bytes
                ),
            ));
        }
        let wanted = media::HEAD - self.head.len();
        self.head.extend(bytes.iter().take(wanted));
        self.hasher.update(bytes);
        self.size = size;
        self.put(bytes)
            .map_err(|error| io_error(&self.path, "written", &error))
    }

    fn put(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let is_hole = bytes.len() >= HOLE && bytes.iter().all(|byte| *byte == 0);
        if is_hole {
            let hole = i64::try_from(bytes.len()).map_err(std::io::Error::other)?;
            self.file.seek(SeekFrom::Current(hole)).map(drop)
        } else {
            self.file.write_all(bytes)
        }
    }

    /// Puts the whole file into its place; says whether its content was there already.
    pub(super) fn publish(mut self, folder: &Folder, now: u64) -> Result<(Attachment, bool)> {
        // A hole at the end is no part of the file until it is given its length.
        self.file
            .set_len(self.size)
            .and_then(|()| make_read_only(&self.file))
            .and_then(|()| self.file.sync_all())
            .map_err(|error| io_error(&self.path, "written", &error))?;
        let name = self
            .plan
            .name
            .take()
            .unwrap_or_else(|| media::default_name(&self.head));
        let media_type = self.plan.media_type.take();
        let whole = Whole {
            upload: &self.path,
            file: &self.file,
            sha256: data_encoding::HEXLOWER.encode(self.hasher.clone().finish().as_ref()),
            size: self.size,
            guess: media::guess(&self.head, self.hint.as_deref(), &name),
            name,
            media_type,
            expires_at: self.plan.ttl.map(|ttl| now.saturating_add(ttl)),
        };
        folder.publish(whole, now)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After it was published there is none any more; what cannot be removed is for the next cleanup.
        drop(std::fs::remove_file(&self.path));
    }
}

/// Several names may stand for the same bytes on the disk: whoever wrote to one would change the others.
fn make_read_only(file: &File) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(0o400))
    }
    #[cfg(not(unix))]
    {
        // Elsewhere it could not be removed again.
        let _ = file;
        Ok(())
    }
}
