//! Where a file's bytes come from, and their way to the disk.

use std::fmt;
use std::fs::File;
use std::io::{ErrorKind as IoKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::error::{Error, ErrorKind, Result};

use super::upload::Draft;
use super::{Attachment, FileStore, StageOptions, data_url, on_disk, web};

/// How much is read and hashed at a time.
const CHUNK: usize = 256 << 10;

/// What is staged.
#[non_exhaustive]
pub enum Source {
    /// Bytes in memory.
    Bytes(Vec<u8>),
    /// A file, which is copied.
    Path(PathBuf),
    /// A stream that blocks; it is read on a thread of its own.
    Reader(Box<dyn Read + Send>),
    /// A stream that does not block.
    AsyncReader(Box<dyn AsyncRead + Send + Unpin>),
}

impl Source {
    /// A stream that blocks.
    pub fn reader(reader: impl Read + Send + 'static) -> Self {
        Self::Reader(Box::new(reader))
    }

    /// A stream that does not block.
    pub fn async_reader(reader: impl AsyncRead + Send + Unpin + 'static) -> Self {
        Self::AsyncReader(Box::new(reader))
    }
}

impl From<Vec<u8>> for Source {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&[u8]> for Source {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self::Path(path.to_owned())
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Path(path) => write!(f, "Path({})", path.display()),
            Self::Reader(_) => f.write_str("Reader"),
            Self::AsyncReader(_) => f.write_str("AsyncReader"),
        }
    }
}

pub(super) async fn stage(
    store: &FileStore,
    source: Source,
    mut options: StageOptions,
) -> Result<Attachment> {
    if let Source::Path(path) = &source {
        options.suggested_name = options.suggested_name.or_else(|| {
            path.file_name()
                .map(|name| name.to_string_lossy().into_owned())
        });
    }
    match source {
        Source::Bytes(bytes) => {
            let mut draft = store.draft(options).await?;
            let store = store.clone();
            on_disk(move || {
                draft.write(&bytes)?;
                store.publish(draft)
            })
            .await
        }
        Source::Path(path) => {
            let draft = store.draft(options).await?;
            blocking(store, draft, move |draft, given_up| {
                let file = open(&path, draft)?;
                copy(file, draft, given_up, &path.display().to_string())
            })
            .await
        }
        Source::Reader(reader) => {
            let draft = store.draft(options).await?;
            blocking(store, draft, move |draft, given_up| {
                copy(reader, draft, given_up, "the stream")
            })
            .await
        }
        Source::AsyncReader(mut reader) => {
            let upload = store.draft(options).await?;
            let upload = super::Upload::new(store.clone(), upload);
            loop {
                let mut chunk = Vec::with_capacity(CHUNK);
                let mut part = (&mut reader).take(CHUNK as u64);
                let count = part
                    .read_to_end(&mut chunk)
                    .await
                    .map_err(|error| unreadable("the stream", &error))?;
                if count == 0 {
                    return upload.end().await;
                }
                upload.push(chunk).await?;
            }
        }
    }
}

/// Stages what stands in a URL or behind it.
pub(super) async fn stage_url(
    store: &FileStore,
    url: &str,
    options: StageOptions,
) -> Result<Attachment> {
    let mut draft = store.draft(options).await?;
    if web::is_web(url) {
        let url = url.to_owned();
        return blocking(store, draft, move |draft, given_up| {
            let remote = web::get(&url)?;
            let what = web::shown(&url);
            draft.expect(remote.size, &what)?;
            draft.describe(remote.name.as_deref(), remote.media_type);
            copy(remote.body, draft, given_up, &what)
        })
        .await;
    }
    let (media_type, bytes) =
        data_url::decode(url).map_err(|why| Error::invalid_argument("url", why))?;
    draft.describe(None, media_type);
    let store = store.clone();
    on_disk(move || {
        draft.write(&bytes)?;
        store.publish(draft)
    })
    .await
}

/// Copies on a thread that may wait, and stops there soon after the future is dropped.
async fn blocking(
    store: &FileStore,
    mut draft: Draft,
    work: impl FnOnce(&mut Draft, &AtomicBool) -> Result<()> + Send + 'static,
) -> Result<Attachment> {
    struct GivesUp(Arc<AtomicBool>);
    impl Drop for GivesUp {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let flag = Arc::new(AtomicBool::new(false));
    let _dropped = GivesUp(Arc::clone(&flag));
    let store = store.clone();
    on_disk(move || {
        work(&mut draft, &flag)?;
        store.publish(draft)
    })
    .await
}

fn copy(mut reader: impl Read, draft: &mut Draft, given_up: &AtomicBool, what: &str) -> Result<()> {
    let mut chunk = vec![0; CHUNK];
    while !given_up.load(Ordering::Relaxed) {
        match reader.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(count) => draft.write(&chunk[..count])?,
            Err(error) if error.kind() == IoKind::Interrupted => {}
            Err(error) => return Err(unreadable(what, &error)),
        }
    }
    Err(Error::new(ErrorKind::Cancelled, "the staging was given up"))
}

/// Opens a file that is to be staged.
fn open(path: &Path, draft: &Draft) -> Result<File> {
    let refused =
        |why: String| Error::invalid_argument("source", format!("{} {why}", path.display()));
    // Looked at before it is opened: opening a named pipe would wait for its writer.
    let meta = path
        .metadata()
        .map_err(|error| refused(format!("cannot be read: {error}")))?;
    if !meta.is_file() {
        return Err(refused(
            "is not a file; give a stream for what is read from a device or a pipe".to_owned(),
        ));
    }
    draft.expect(Some(meta.len()), &path.display().to_string())?;
    File::open(path).map_err(|error| refused(format!("cannot be read: {error}")))
}

fn unreadable(what: &str, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("{what} cannot be read: {error}")).caused_by_io(error)
}
