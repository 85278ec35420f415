//! The file that an output schema goes through, and that is removed when the turn is over.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::clock;
use crate::engine::locate;
use crate::error::{Error, ErrorKind, Result};

/// A folder of its own with the schema in it. Dropping it removes both.
pub(super) struct SchemaFile {
    folder: PathBuf,
    file: PathBuf,
}

impl SchemaFile {
    pub(super) fn path(&self) -> &Path {
        &self.file
    }
}

impl Drop for SchemaFile {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Writes the schema where only this user can read it.
pub(super) fn write(schema: &Value) -> Result<SchemaFile> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = format!(
        "codex-output-schema-{}-{}-{}",
        std::process::id(),
        clock::unix_nanos(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let folder = locate::temporary_folder().join(name);
    let file = folder.join("schema.json");
    let made = private(&folder).and_then(|()| {
        let made = SchemaFile { folder, file };
        fs::write(&made.file, schema.to_string()).map(|()| made)
    });
    made.map_err(|error| {
        let message = format!("the output schema cannot be written to a temporary file: {error}");
        Error::new(ErrorKind::Io, message).caused_by(error)
    })
}

/// Fails if there is such a folder already: it would be somebody else's.
fn private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
