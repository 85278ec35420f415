//! The journal of a map: a file of JSON lines that remembers what each item came to.
//!
//! The first line says what the file is, of which version, and of which options; every further one is one finished
//! item, with a digest of what it was. A line is on the disk before its result is given out. What a crash leaves is
//! a last line without an end, which is taken away again. While a map runs, the file is locked.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use super::options::{MapItem, MapOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::files::lock;
use crate::thread::fold::TurnResult;

/// The form of the lines. A file of a later one is refused.
const VERSION: u64 = 1;
const NAME: &str = "map-journal";
/// A map that was interrupted a moment ago may still be writing its last line.
const ATTEMPTS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(50);

/// A digest of what an item is.
pub(super) fn item_digest(item: &MapItem) -> String {
    hex(&json!(item).to_string())
}

/// A digest of what decides how an item is done.
fn options_digest(options: &MapOptions) -> String {
    hex(&json!({"thread": options.thread, "turn": options.turn}).to_string())
}

fn hex(text: &str) -> String {
    HEXLOWER.encode(digest(&SHA256, text.as_bytes()).as_ref())
}

/// A finished item, as it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line<'a> {
    pub(super) index: u64,
    pub(super) id: Option<&'a str>,
    pub(super) item: &'a str,
    pub(super) status: &'a str,
    pub(super) thread_id: Option<&'a str>,
    pub(super) turn: Option<&'a TurnResult>,
    pub(super) error: Option<Box<RawValue>>,
}

/// What is looked at when a journal is opened.
#[derive(Deserialize)]
struct Glance {
    index: u64,
    item: String,
    status: String,
}

/// What is read of an item that had succeeded.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stored {
    pub(super) thread_id: Option<String>,
    pub(super) turn: TurnResult,
}

#[derive(Deserialize)]
struct Header {
    codexkit: String,
    version: u64,
    #[serde(default)]
    options: String,
}

/// Where a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    offset: u64,
    length: usize,
}

struct Known {
    item: String,
    succeeded: Option<Place>,
}

/// What is known of items is what was there when it was opened.
pub(super) struct Journal {
    path: PathBuf,
    known: HashMap<u64, Known>,
    file: Mutex<Lines>,
}

struct Lines {
    file: File,
    /// Where the next line goes.
    end: u64,
}

impl Journal {
    /// Opens a journal, or makes it.
    pub(super) fn open(path: &Path, options: &MapOptions) -> Result<Self> {
        let mut opened = None;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(PAUSE);
            }
            opened = lock::open_alone(path).map_err(|error| failed("opened", path, &error))?;
            if opened.is_some() {
                break;
            }
        }
        let Some(file) = opened else {
            let why = format!(
                "{} is in use by another map; wait for its end, or give another file",
                path.display()
            );
            return Err(Error::invalid_argument("journal", why));
        };
        let mut journal = Self {
            path: path.to_owned(),
            known: HashMap::new(),
            file: Mutex::new(Lines { file, end: 0 }),
        };
        journal.read_all(options)?;
        Ok(journal)
    }

    /// How many of the first items it may know something of.
    pub(super) fn known(&self) -> u64 {
        self.known.keys().max().map_or(0, |highest| highest + 1)
    }

    /// Where the result of an item is that has succeeded before.
    pub(super) fn look_up(&self, index: u64, item: &str) -> Result<Option<Place>> {
        match self.known.get(&index) {
            None => Ok(None),
            Some(known) if known.item == item => Ok(known.succeeded),
            Some(_) => Err(self.refused(&format!(
                "it is of other items: number {index} was another one; give the same items in the same order, or another file"
            ))),
        }
    }

    /// That there are fewer items than before.
    pub(super) fn too_few(&self, items: u64) -> Error {
        self.refused(&format!(
            "it is of other items: there were {} or more, and now there are {items}; give the same items, or another file",
            self.known()
        ))
    }

    /// The result of an item that has succeeded before.
    pub(super) fn read(&self, place: Place) -> Result<Stored> {
        let mut line = vec![0; place.length];
        self.lines()
            .read(place.offset, &mut line)
            .map_err(|error| failed("read", &self.path, &error))?;
        serde_json::from_slice(&line)
            .map_err(|error| self.refused(&format!("a line of it is damaged: {error}")))
    }

    /// Writes a line, to the disk.
    pub(super) fn append(&self, line: &Line<'_>) -> Result<()> {
        let written = serde_json::to_string(line)
            .map_err(io::Error::from)
            .and_then(|text| self.lines().append(&text));
        written.map_err(|error| failed("written", &self.path, &error))
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_all(&mut self, options: &MapOptions) -> Result<()> {
        let path = self.path.clone();
        let io = |error: io::Error| failed("read", &path, &error);
        let header =
            json!({"codexkit": NAME, "version": VERSION, "options": options_digest(options)})
                .to_string();
        let mut reader = BufReader::new(self.lines().file.try_clone().map_err(io)?);
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).map_err(io)?;
        if line.pop_if(|last| *last == b'\n').is_none() {
            // New, or its very first line was cut off.
            if !header.as_bytes().starts_with(&line) {
                return Err(self.refused("it is no journal of a map; give another file"));
            }
            self.lines().begin(&header).map_err(io)?;
            return self.sync_folder();
        }
        self.check_header(&line, options)?;
        let mut end = line.len() as u64 + 1;
        for number in 2.. {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(io)?;
            if line.pop_if(|last| *last == b'\n').is_none() {
                break;
            }
            self.take(number, &line, end)?;
            end += line.len() as u64 + 1;
        }
        // Whatever is behind the last whole line was never given out.
        let mut lines = self.lines();
        lines.end = end;
        lines.file.set_len(end).map_err(io)
    }

    fn check_header(&self, line: &[u8], options: &MapOptions) -> Result<()> {
        let header: Header = match serde_json::from_slice::<Header>(line) {
            Ok(header) if header.codexkit == NAME => header,
            _ => return Err(self.refused("it is no journal of a map; give another file")),
        };
        if header.version != VERSION {
            return Err(self.refused(&format!(
                "it has version {}, and this codexkit writes version {VERSION}; use the codexkit that made it, or give another file",
                header.version
            )));
        }
        if header.options != options_digest(options) {
            return Err(self.refused(
                "it was made with other options of the threads or turns; give the same ones, or another file",
            ));
        }
        Ok(())
    }

    fn take(&mut self, number: u64, line: &[u8], offset: u64) -> Result<()> {
        let glance: Glance = serde_json::from_slice(line).map_err(|error| {
            self.refused(&format!(
                "line {number} is damaged: {error}; give another file"
            ))
        })?;
        let place = Place {
            offset,
            length: line.len(),
        };
        let known = Known {
            item: glance.item,
            succeeded: (glance.status == "ok").then_some(place),
        };
        self.known.insert(glance.index, known);
        Ok(())
    }

    /// So that a file that is new is found again.
    fn sync_folder(&self) -> Result<()> {
        #[cfg(unix)]
        {
            let parent = self
                .path
                .parent()
                .filter(|path| !path.as_os_str().is_empty());
            File::open(parent.unwrap_or(Path::new(".")))
                .and_then(|folder| folder.sync_all())
                .map_err(|error| failed("written", &self.path, &error))?;
        }
        Ok(())
    }

    fn refused(&self, why: &str) -> Error {
        Error::invalid_argument("journal", format!("{}: {why}", self.path.display()))
    }
}

impl Lines {
    fn begin(&mut self, header: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.append(header)
    }

    fn append(&mut self, line: &str) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(format!("{line}\n").as_bytes())?;
        self.file.sync_data()?;
        self.end += line.len() as u64 + 1;
        Ok(())
    }

    fn read(&mut self, offset: u64, line: &mut [u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.read_exact(line)
    }
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Error {
    let message = format!("journal: {} cannot be {what}: {error}", path.display());
    Error::new(ErrorKind::Io, message)
        .of_argument(Some("journal"))
        .caused_by_io(error)
}

/// Opens a file with this content behind a valid first line. Whatever is in it is refused, or can be gone on with.
///
/// # Panics
/// When a line that is written afterwards is not found again.
#[cfg(feature = "fuzzing")]
pub(super) fn fuzz(content: &[u8]) {
    let options = MapOptions::default();
    let name = format!("codexkit-fuzz-{}.jsonl", std::process::id());
    let path = std::env::temp_dir().join(name);
    let header = json!({"codexkit": NAME, "version": VERSION, "options": options_digest(&options)});
    let mut whole = format!("{header}\n").into_bytes();
    whole.extend(content);
    let journal = std::fs::write(&path, &whole)
        .ok()
        .and_then(|()| Journal::open(&path, &options).ok());
    if let Some(journal) = journal {
        for (index, known) in &journal.known {
            if let Ok(Some(place)) = journal.look_up(*index, &known.item) {
                journal.read(place).ok();
            }
        }
        journal.known();
        drop(journal);
        assert!(
            Journal::open(&path, &options).is_ok(),
            "it was whole a moment ago"
        );
    }
    std::fs::remove_file(&path).ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<'a>(index: u64, item: &'a str, status: &'a str) -> Line<'a> {
        Line {
            index,
            id: None,
            item,
            status,
            thread_id: Some("t"),
            turn: None,
            error: None,
        }
    }

    fn refusal(path: &Path, options: &MapOptions) -> String {
        let error = Journal::open(path, options).err().expect("it is refused");
        assert_eq!(error.argument(), Some("journal"), "{error}");
        error.to_string()
    }

    #[test]
    fn what_succeeded_is_found_again_and_what_failed_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let options = MapOptions::default();
        let journal = Journal::open(&path, &options).expect("made");
        journal.append(&line(0, "a", "ok")).expect("written");
        journal.append(&line(2, "c", "failed")).expect("written");
        let message = refusal(&path, &options);
        assert!(message.contains("in use by another map"), "{message}");
        drop(journal);
        let journal = Journal::open(&path, &options).expect("opened");
        assert_eq!(journal.known(), 3);
        assert!(journal.look_up(0, "a").expect("the same").is_some());
        assert_eq!(journal.look_up(1, "b").expect("unknown"), None);
        assert_eq!(journal.look_up(2, "c").expect("it failed"), None);
        let error = journal.look_up(0, "b").expect_err("another item");
        assert!(error.to_string().contains("other items"), "{error}");
    }

    #[test]
    fn a_line_that_was_cut_off_is_taken_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let options = MapOptions::default();
        let journal = Journal::open(&path, &options).expect("made");
        journal.append(&line(0, "a", "ok")).expect("written");
        drop(journal);
        let whole = std::fs::read_to_string(&path).expect("text");
        for cut in 1..whole.len() {
            std::fs::write(&path, &whole[..cut]).expect("written");
            let journal = Journal::open(&path, &options).expect("opened");
            assert_eq!(journal.known(), 0, "{cut}");
            journal.append(&line(1, "b", "ok")).expect("written");
            drop(journal);
            let journal = Journal::open(&path, &options).expect("opened");
            assert!(
                journal.look_up(1, "b").expect("the same").is_some(),
                "{cut}"
            );
        }
    }

    #[test]
    fn other_files_are_refused_and_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let options = MapOptions::default();
        drop(Journal::open(&path, &options).expect("made"));
        let header = std::fs::read_to_string(&path).expect("text");
        let damaged = format!("{header}not JSON\n");
        for (content, says) in [
            ("notes", "no journal"),
            ("notes\n", "no journal"),
            ("{}\n", "no journal"),
            (
                "{\"codexkit\": \"map-journal\", \"version\": 2, \"more\": 1}\n",
                "has version 2",
            ),
            (&damaged, "line 2 is damaged"),
        ] {
            std::fs::write(&path, content).expect("written");
            let message = refusal(&path, &options);
            assert!(message.contains(says), "{content}: {message}");
            assert_eq!(std::fs::read_to_string(&path).expect("text"), content);
        }
        std::fs::write(&path, &header).expect("written");
        let mut other = MapOptions::default();
        other.turn.insert("model".to_owned(), "other".into());
        assert!(refusal(&path, &other).contains("other options"));
    }
}
