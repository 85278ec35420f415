//! Staged files reach the model, and what a killed process leaves of one does not stay.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use codexkit::files::{Attachment, FileStore, Source, StageOptions, StoreOptions};
use codexkit::{ErrorKind, JsonObject, text};
use serde_json::{Value, json};

use crate::support::{Bench, folder};

const PNG: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// Where a child process of the test finds its folder.
const ROOT: &str = "CODEXKIT_TEST_STAGED";

fn store(root: &Path) -> FileStore {
    let options = StoreOptions {
        root: Some(root.to_owned()),
        ..StoreOptions::default()
    };
    FileStore::open(options).unwrap()
}

async fn notes(store: &FileStore) -> Attachment {
    let options = StageOptions {
        name: Some("notes.txt".to_owned()),
        ..StageOptions::default()
    };
    store.stage(&b"buy milk"[..], options).await.unwrap()
}

/// What the user said last, as the model got it.
fn said(bench: &Bench) -> Vec<Value> {
    let request = bench.model.requests().pop().unwrap();
    let message = request["body"]["input"].as_array().unwrap().last().cloned();
    message.unwrap()["content"].as_array().cloned().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_reach_the_model() {
    let bench = Bench::new(json!({"replies": ["seen"], "repeat": "last"})).await;
    let store = store(&bench.folder.path().join("staged"));
    let image = store.stage_url(PNG, StageOptions::default()).await.unwrap();
    let notes = notes(&store).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;

    let mut input = vec![text("look"), image.as_image().unwrap()];
    input.push(notes.as_text(None).await.unwrap());
    input.extend(notes.inputs());
    thread.run(input, JsonObject::new()).await.unwrap();
    let content = said(&bench);
    let holds = |field: &str, value: &str| content.iter().any(|part| part[field] == value);
    assert!(holds("image_url", PNG), "{content:?}");
    let inline = "<attached_file name=\"notes.txt\">\nbuy milk\n</attached_file>";
    assert!(holds("text", inline), "{content:?}");
    let path = notes.path.display();
    let mention = format!("Attached file notes.txt (text/plain, 8 bytes): {path}");
    assert!(holds("text", &mention), "{content:?}");

    let input = vec![text("again"), image.as_inline_image().await.unwrap()];
    thread.run(input, JsonObject::new()).await.unwrap();
    assert_eq!(said(&bench).last().unwrap()["image_url"], PNG);

    store.reset().await.unwrap();
    let error = thread
        .run(image.inputs(), JsonObject::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    codex.close().await.unwrap();
}

/// Starts a test of this file in a process of its own.
fn child(test: &str, root: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(ROOT, root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn root_of_child() -> PathBuf {
    std::env::var_os(ROOT).expect("for child processes").into()
}

/// Gives a million bytes, says so by making a file, and then nothing more.
struct Half(PathBuf, usize);

impl Read for Half {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.1 == 0 {
            std::fs::write(&self.0, "")?;
            return io::stdin().read(to);
        }
        let count = self.1.min(to.len());
        self.1 -= count;
        to[..count].fill(7);
        Ok(count)
    }
}

#[tokio::test]
#[ignore = "the child of a_killed_upload_is_cleaned_up"]
async fn half_way() {
    let root = root_of_child();
    let store = store(&root);
    notes(&store).await;
    let half = Half(root.join("half-way"), 1_000_000);
    let staged = store.stage(Source::reader(half), StageOptions::default());
    staged.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_upload_is_cleaned_up() {
    let folder = folder();
    let root = folder.path().join("staged");
    let mut child = child("files::half_way", &root);
    assert!(crate::support::eventually(60, || root.join("half-way").exists()).await);
    let store = store(&root);
    let cleaned = store.cleanup().await.unwrap();
    assert_eq!(cleaned.leftovers, 0, "the upload of another process stays");
    child.kill().unwrap();
    child.wait().unwrap();
    let cleaned = store.cleanup().await.unwrap();
    assert_eq!((cleaned.leftovers, cleaned.bytes), (1, 1_000_000));
    let uploads = root.join(".codexkit/uploads");
    assert_eq!(uploads.read_dir().unwrap().count(), 0);
    let [finished] = &store.list().await.unwrap()[..] else {
        panic!("one is finished");
    };
    assert_eq!(std::fs::read(&finished.path).unwrap(), b"buy milk");
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "the child of a_huge_file_needs_little_memory"]
async fn huge() {
    let peak = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let number = line.unwrap().split_whitespace().nth(1).unwrap();
        number.parse::<u64>().unwrap()
    };
    let root = root_of_child();
    let store = store(&root);
    let file = root.join("huge");
    let before = peak();
    let staged = store.stage(&*file, StageOptions::default()).await.unwrap();
    assert_eq!(staged.size, file.metadata().unwrap().len());
    let more = peak() - before;
    assert!(more < 16 << 10, "{more} KiB more");
}

#[cfg(target_os = "linux")]
#[test]
fn a_huge_file_needs_little_memory() {
    let folder = folder();
    let file = std::fs::File::create(folder.path().join("huge")).unwrap();
    file.set_len(512 << 20).unwrap();
    let done = child("files::huge", folder.path()).wait_with_output();
    let done = done.unwrap();
    assert!(done.status.success(), "{done:?}");
}
