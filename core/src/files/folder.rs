//! The staging folder on the disk: where everything is, what is known of it, and what may be removed.
//!
//! Whatever changes the layout holds the folder's lock, which processes share; uploads are written without it. A
//! file is renamed into place before its record is written, and a record is removed before its file: a crash in
//! between leaves a file without a record, never the opposite.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use ring::digest;

use crate::engine::locate;
use crate::error::{Error, Result};

use super::{Attachment, Cleanup, io_error, lock, name};

/// The store's own part of the folder.
const OWN: &str = ".codexkit";

/// A staging folder.
pub(super) struct Folder {
    root: PathBuf,
}

/// A whole file that waits to be put into its place.
pub(super) struct Whole<'a> {
    pub(super) upload: &'a Path,
    pub(super) file: &'a File,
    pub(super) sha256: String,
    pub(super) size: u64,
    pub(super) name: String,
    /// The media type that was asked for.
    pub(super) media_type: Option<String>,
    /// The one that it seems to have.
    pub(super) guess: String,
    pub(super) expires_at: Option<u64>,
}

impl Folder {
    pub(super) fn open(root: Option<&Path>) -> Result<Self> {
        let root = match root {
            Some(root) => std::path::absolute(root).map_err(|error| unusable(root, &error))?,
            None => default_root()?,
        };
        make_private(&root).map_err(|error| unusable(&root, &error))?;
        let folder = Self { root };
        for own in [folder.own(), folder.uploads(), folder.records()] {
            make_private(&own).map_err(|error| unusable(&own, &error))?;
        }
        // Whether files can be made and locked there is said now.
        match lock::wait(&folder.lock_file()) {
            Ok(_lock) => Ok(folder),
            Err(error) => Err(unusable(&folder.root, &error)),
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// A file of its own for what is to be staged, and its path. Locked as long as it is open.
    pub(super) fn new_upload(&self) -> Result<(File, PathBuf)> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let nanos = crate::clock::unix_nanos();
        let path = self
            .uploads()
            .join(format!("{}-{nanos}-{count}", std::process::id()));
        // A new file is not locked for a moment, in which nobody may clean up.
        let _lock = self.lock()?;
        let file =
            lock::create_locked(&path).map_err(|error| io_error(&path, "written", &error))?;
        Ok((file, path))
    }

    /// Puts a file into its place and writes its record; says whether its content was there already.
    pub(super) fn publish(&self, whole: Whole<'_>, now: u64) -> Result<(Attachment, bool)> {
        let id = id_of(&whole.sha256, &whole.name);
        let dir = self.root.join(&whole.sha256);
        let path = dir.join(&whole.name);
        let _lock = self.lock()?;
        make_private(&dir).map_err(|error| io_error(&dir, "made", &error))?;
        let twin = self.twin(&dir, &path, whole.size);
        let is_known = twin.is_some();
        put_in_place(&whole, twin.as_deref(), &path)
            .and_then(|()| sync_dir(&dir))
            .and_then(|()| sync_dir(&self.root))
            .map_err(|error| io_error(&path, "written", &error))?;
        let before = self
            .attachment(&id)?
            .filter(|before| !before.has_expired(now));
        let attachment = Attachment {
            id,
            name: whole.name,
            path,
            sha256: whole.sha256,
            size: whole.size,
            media_type: whole
                .media_type
                .or_else(|| Some(before.as_ref()?.media_type.clone()))
                .unwrap_or(whole.guess),
            created_at: before.as_ref().map_or(now, |before| before.created_at),
            // Whoever asked for the longer time gets it.
            expires_at: match before.map(|before| before.expires_at) {
                Some(end) => whole.expires_at.zip(end).map(|(new, old)| new.max(old)),
                None => whole.expires_at,
            },
            persist: false,
        };
        let attachment = Attachment {
            persist: attachment.expires_at.is_none(),
            ..attachment
        };
        self.write_record(&attachment)?;
        Ok((attachment, is_known))
    }

    /// A file that has the same content: this very one, or one under another name.
    fn twin(&self, dir: &Path, path: &Path, size: u64) -> Option<PathBuf> {
        let is_whole = |path: &Path| {
            path.symlink_metadata()
                .is_ok_and(|meta| meta.is_file() && meta.len() == size)
        };
        if is_whole(path) {
            return Some(path.to_owned());
        }
        let others = files_in(dir).unwrap_or_default();
        others.into_iter().find(|other| is_whole(other))
    }

    /// An attachment as its record has it, expired or not.
    pub(super) fn attachment(&self, id: &str) -> Result<Option<Attachment>> {
        if !is_hex(id, 32) {
            return Ok(None);
        }
        let record = self.record(id);
        match fs::read_to_string(&record) {
            Ok(text) => Ok(self.understand(id, &text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io_error(&record, "read", &error)),
        }
    }

    /// All attachments, expired or not, in any order.
    pub(super) fn attachments(&self) -> Result<Vec<Attachment>> {
        Ok(self.records_found()?.0)
    }

    /// All attachments, and the files among the records that are none.
    fn records_found(&self) -> Result<(Vec<Attachment>, Vec<PathBuf>)> {
        let records = self.records();
        let files = files_in(&records).map_err(|error| io_error(&records, "read", &error))?;
        let (mut found, mut damaged) = (Vec::new(), Vec::new());
        for file in files {
            let id = file.file_stem().unwrap_or_default().to_string_lossy();
            let is_record = file.extension().is_some_and(|kind| kind == "json");
            match self.attachment(&id)?.filter(|_| is_record) {
                Some(attachment) => found.push(attachment),
                None => damaged.push(file),
            }
        }
        Ok((found, damaged))
    }

    /// A record as an attachment. One that names another place than its own is not believed: what it says decides
    /// which files are removed.
    fn understand(&self, id: &str, text: &str) -> Option<Attachment> {
        let mut attachment: Attachment = serde_json::from_str(text).ok()?;
        let is_sound = is_hex(&attachment.sha256, 64)
            && name::problem(&attachment.name).is_none()
            && attachment.id == id
            && id == id_of(&attachment.sha256, &attachment.name);
        attachment.path = self.root.join(&attachment.sha256).join(&attachment.name);
        is_sound.then_some(attachment)
    }

    fn write_record(&self, attachment: &Attachment) -> Result<()> {
        let record = self.record(&attachment.id);
        // No name of a record: what a crash leaves of it is no attachment, and is cleaned up.
        let new = record.with_extension("new");
        let text = serde_json::to_string(attachment).map_err(|error| {
            Error::invalid_argument("source", format!("its record cannot be written: {error}"))
        })?;
        let write = || -> io::Result<()> {
            let mut file = lock::create_private(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, &record)?;
            sync_dir(&self.records())
        };
        write().map_err(|error| io_error(&record, "written", &error))
    }

    /// Removes an attachment and its name for the content; says whether it was there.
    pub(super) fn remove(&self, id: &str) -> Result<bool> {
        let _lock = self.lock()?;
        match self.attachment(id)? {
            Some(attachment) => self.discard(&attachment).map(|()| true),
            None => Ok(false),
        }
    }

    /// Removes all attachments; gives their number.
    pub(super) fn clear(&self) -> Result<u64> {
        let _lock = self.lock()?;
        let found = self.attachments()?;
        for attachment in &found {
            self.discard(attachment)?;
        }
        self.remove_orphans(&[], &mut Cleanup::default())?;
        Ok(found.len() as u64)
    }

    /// Removes what has expired, unlocked uploads, damaged records and files without a record.
    pub(super) fn sweep(&self, now: u64) -> Result<Cleanup> {
        let mut cleaned = Cleanup::default();
        let _lock = self.lock()?;
        let (found, damaged) = self.records_found()?;
        let (expired, kept): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|attachment| attachment.has_expired(now));
        let mut contents: HashSet<_> = kept.iter().map(|kept| kept.sha256.clone()).collect();
        for attachment in &expired {
            self.discard(attachment)?;
            cleaned.expired += 1;
            // Several names share the bytes: the last one frees them.
            if contents.insert(attachment.sha256.clone()) {
                cleaned.bytes += attachment.size;
            }
        }
        for record in damaged {
            self.leftover(&record, &mut cleaned)?;
        }
        for upload in files_in(&self.uploads()).map_err(|error| self.unread(&error))? {
            // Gone is as good as removed: its owner may just have finished it.
            if lock::is_free(&upload).unwrap_or(false) {
                self.leftover(&upload, &mut cleaned)?;
            }
        }
        self.remove_orphans(&kept, &mut cleaned)?;
        Ok(cleaned)
    }

    /// Removes files among the contents that no attachment has. Folders that are not the store's are not looked at.
    fn remove_orphans(&self, kept: &[Attachment], cleaned: &mut Cleanup) -> Result<()> {
        let mut names: HashMap<&str, HashSet<&str>> = HashMap::new();
        for attachment in kept {
            let of_content = names.entry(&attachment.sha256).or_default();
            of_content.insert(&attachment.name);
        }
        for dir in fs::read_dir(&self.root).map_err(|error| self.unread(&error))? {
            let dir = dir.map_err(|error| self.unread(&error))?;
            let sha256 = dir.file_name().to_string_lossy().into_owned();
            if !is_hex(&sha256, 64) {
                continue;
            }
            for file in files_in(&dir.path()).map_err(|error| self.unread(&error))? {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                let is_kept = names
                    .get(&*sha256)
                    .is_some_and(|names| names.contains(&*name));
                if !is_kept {
                    self.leftover(&file, cleaned)?;
                }
            }
            // Refused as long as something is in it.
            drop(fs::remove_dir(dir.path()));
        }
        Ok(())
    }

    fn leftover(&self, file: &Path, cleaned: &mut Cleanup) -> Result<()> {
        let size = file.symlink_metadata().map_or(0, |meta| meta.len());
        remove_file(file)?;
        cleaned.leftovers += 1;
        cleaned.bytes += size;
        Ok(())
    }

    fn discard(&self, attachment: &Attachment) -> Result<()> {
        remove_file(&self.record(&attachment.id))?;
        remove_file(&attachment.path)?;
        // Refused as long as another name is in it.
        drop(fs::remove_dir(self.root.join(&attachment.sha256)));
        Ok(())
    }

    fn lock(&self) -> Result<lock::Lock> {
        let path = self.lock_file();
        lock::wait(&path).map_err(|error| io_error(&path, "locked", &error))
    }

    fn lock_file(&self) -> PathBuf {
        self.own().join("lock")
    }

    fn unread(&self, error: &io::Error) -> Error {
        io_error(&self.root, "read", error)
    }

    fn own(&self) -> PathBuf {
        self.root.join(OWN)
    }

    fn uploads(&self) -> PathBuf {
        self.own().join("uploads")
    }

    fn records(&self) -> PathBuf {
        self.own().join("attachments")
    }

    fn record(&self, id: &str) -> PathBuf {
        self.records().join(format!("{id}.json"))
    }
}

/// The folder of those who name none. In the user's cache: temporary folders are often in memory, may be emptied
/// at any time, and are what the agent's sandbox can write to.
fn default_root() -> Result<PathBuf> {
    if let Some(cache) = locate::cache_folder() {
        let root = cache.join("codexkit").join("files");
        if fs::create_dir_all(&cache).is_ok() && make_private(&root).is_ok() {
            return Ok(root);
        }
    }
    // No home, or one that cannot be written to, as in many containers.
    let root = locate::temporary_folder().join(format!("codexkit-files-{}", user()));
    make_private(&root).map_err(|error| unusable(&root, &error))?;
    // Everybody can make folders there, and guess this name.
    if is_ours_alone(&root) {
        return Ok(root);
    }
    Err(Error::invalid_argument(
        "root",
        format!(
            "{} is not this user's alone; give a folder that is",
            root.display()
        ),
    ))
}

#[cfg(unix)]
fn user() -> String {
    rustix::process::getuid().as_raw().to_string()
}

#[cfg(not(unix))]
fn user() -> String {
    // The temporary folder is the user's own there.
    "own".to_owned()
}

#[cfg(unix)]
fn is_ours_alone(root: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    root.symlink_metadata().is_ok_and(|meta| {
        meta.is_dir()
            && meta.uid() == rustix::process::getuid().as_raw()
            && meta.mode() & 0o077 == 0
    })
}

#[cfg(not(unix))]
fn is_ours_alone(root: &Path) -> bool {
    root.is_dir()
}

/// Makes a folder, and what is above it, for the user alone. One that is there stays as it is.
fn make_private(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(dir)
}

fn unusable(path: &Path, error: &io::Error) -> Error {
    Error::invalid_argument(
        "root",
        format!(
            "{} cannot be used as a staging folder: {error}",
            path.display()
        ),
    )
}

/// Moves a whole upload to its place; where its content is already, that gets one more name instead.
fn put_in_place(whole: &Whole<'_>, twin: Option<&Path>, path: &Path) -> io::Result<()> {
    match twin {
        Some(twin) if twin == path => return Ok(()),
        // Where there are no hard links, the upload is the copy.
        Some(twin) if fs::hard_link(twin, path).is_ok() => return Ok(()),
        _ => {}
    }
    // Still open, and so still locked.
    let _open = whole.file;
    fs::rename(whole.upload, path)
}

fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_error(path, "removed", &error))
        }
        _ => Ok(()),
    }
}

/// Makes a rename last through a crash of the machine.
fn sync_dir(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        File::open(dir)?.sync_all()
    }
    #[cfg(not(unix))]
    {
        // Folders cannot be opened there.
        let _ = dir;
        Ok(())
    }
}

fn files_in(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// The id of a content under a name.
fn id_of(sha256: &str, name: &str) -> String {
    let digest = digest::digest(&digest::SHA256, format!("{sha256}/{name}").as_bytes());
    data_encoding::HEXLOWER.encode(&digest.as_ref()[..16])
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
