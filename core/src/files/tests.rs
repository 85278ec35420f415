//! The store on a real disk, with a clock that stands still.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, mpsc};

use super::*;

const DAY: u64 = 24 * 3600;
const NOW: u64 = 1_800_000_000;

struct Bench {
    store: FileStore,
    clock: WallClock,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self::with(&StoreOptions::default())
    }

    fn with(options: &StoreOptions) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = WallClock::standing_at(NOW);
        let store = store(folder.path(), options, &clock);
        Self {
            store,
            clock,
            folder,
        }
    }

    /// A store on the same folder, as another process has it.
    fn another(&self) -> FileStore {
        store(self.folder.path(), &StoreOptions::default(), &self.clock)
    }

    async fn stage(&self, bytes: &[u8], name: &str) -> Attachment {
        self.store
            .stage(bytes, named(name))
            .await
            .expect("it can be staged")
    }

    fn uploads(&self) -> usize {
        let dir = self.store.root().join(".codexkit/uploads");
        fs::read_dir(dir).expect("the folder").count()
    }

    async fn names(&self) -> Vec<String> {
        let list = self.store.list().await.expect("a list");
        list.into_iter().map(|found| found.name).collect()
    }
}

fn store(folder: &Path, options: &StoreOptions, clock: &WallClock) -> FileStore {
    let root = Some(folder.join("staged"));
    FileStore::with_clock(
        StoreOptions {
            root,
            ..options.clone()
        },
        clock.clone(),
    )
    .expect("a store")
}

fn named(name: &str) -> StageOptions {
    StageOptions {
        name: Some(name.to_owned()),
        ..StageOptions::default()
    }
}

fn refusal<T>(result: Result<T>) -> (String, String) {
    let error = result.err().expect("refused");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    let argument = error.argument().unwrap_or_default().to_owned();
    (argument, error.to_string())
}

#[tokio::test]
async fn a_file_is_kept_by_its_content() {
    let bench = Bench::new();
    let staged = bench.stage(b"hello", "notes.txt").await;
    // The well-known digest of the word.
    let sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert_eq!(staged.sha256, sha256);
    assert_eq!(
        staged.path,
        bench.store.root().join(sha256).join("notes.txt")
    );
    assert_eq!(fs::read(&staged.path).expect("a file"), b"hello");
    assert_eq!((staged.size, &*staged.media_type), (5, "text/plain"));
    assert_eq!(
        (staged.persist, staged.created_at, staged.expires_at),
        (false, NOW, Some(NOW + DAY))
    );
    assert_eq!(bench.names().await, ["notes.txt"]);
    let found = bench.another().get(&staged.id).await.expect("an answer");
    assert_eq!(found, Some(staged));
    assert_eq!(bench.store.get("../x").await.expect("an answer"), None);
    assert_eq!(bench.uploads(), 0);
}

#[tokio::test]
async fn every_kind_of_source_gives_the_same() {
    let bench = Bench::new();
    let content = b"0123456789".repeat(100_000);
    let file = bench.folder.path().join("data.bin");
    fs::write(&file, &content).expect("a file");
    let sources = [
        Source::from(content.clone()),
        Source::from(&*file),
        Source::reader(io::Cursor::new(content.clone())),
        Source::async_reader(io::Cursor::new(content.clone())),
    ];
    let mut staged = Vec::new();
    for source in sources {
        staged.push(bench.store.stage(source, named("d")).await.expect("staged"));
    }
    let upload = bench.store.begin(named("d")).await.expect("an upload");
    for chunk in content.chunks(70_001) {
        upload.write(chunk.to_vec()).await.expect("written");
    }
    staged.push(upload.finish().await.expect("finished"));
    assert!(staged.iter().all(|other| *other == staged[0]), "{staged:?}");
    assert_eq!(fs::read(&staged[0].path).expect("a file"), content);
    let metrics = bench.store.metrics();
    assert_eq!((metrics.staged, metrics.deduplicated), (5, 4));
    assert_eq!(metrics.bytes, 5_000_000);
    assert!(
        upload
            .write(vec![1])
            .await
            .is_err_and(|error| error.kind() == ErrorKind::Closed)
    );
}

#[cfg(unix)]
#[tokio::test]
async fn two_names_share_one_copy_and_go_one_by_one() {
    use std::os::unix::fs::MetadataExt;
    let bench = Bench::new();
    let one = bench.stage(b"same", "a.txt").await;
    let two = bench.stage(b"same", "b.txt").await;
    assert_ne!(one.id, two.id);
    let inode = |path: &PathBuf| path.metadata().expect("a file").ino();
    assert_eq!(inode(&one.path), inode(&two.path));
    assert_eq!(one.path.metadata().expect("a file").mode() & 0o777, 0o400);
    let root = bench.store.root().metadata().expect("a folder");
    assert_eq!(root.mode() & 0o777, 0o700);
    assert!(bench.store.remove(&one.id).await.expect("removed"));
    assert!(!bench.store.remove(&one.id).await.expect("an answer"));
    assert!(!one.path.exists());
    assert_eq!(fs::read(&two.path).expect("still there"), b"same");
    assert!(bench.store.remove(&two.id).await.expect("removed"));
    assert!(!bench.store.root().join(&two.sha256).exists());
    assert_eq!(bench.store.metrics().removed, 2);
}

#[tokio::test]
async fn time_is_over_when_it_is_over() {
    let bench = Bench::new();
    let short = StageOptions {
        ttl: Some(std::time::Duration::from_millis(1500)),
        ..named("short")
    };
    let kept = StageOptions {
        persist: true,
        ..named("kept")
    };
    bench.stage(b"day", "day").await;
    let short = bench
        .store
        .stage(&b"short"[..], short)
        .await
        .expect("staged");
    assert_eq!(short.expires_at, Some(NOW + 2));
    let kept = bench.store.stage(&b"kept"[..], kept).await.expect("staged");
    assert_eq!((kept.persist, kept.expires_at), (true, None));
    bench.clock.advance(2);
    assert_eq!(bench.store.get(&short.id).await.expect("an answer"), None);
    assert!(short.path.exists(), "removed by a cleanup only");
    let cleaned = bench.store.cleanup().await.expect("cleaned");
    assert_eq!(
        (cleaned.expired, cleaned.leftovers, cleaned.bytes),
        (1, 0, 5)
    );
    assert!(!short.path.exists());
    bench.clock.advance(DAY);
    // Staging does it, too, when it was not done for an hour.
    bench.stage(b"new", "new").await;
    assert_eq!(bench.names().await, ["kept", "new"]);
    assert_eq!(bench.store.metrics().expired, 2);
    assert_eq!(bench.store.reset().await.expect("reset"), 2);
    assert!(!kept.path.exists() && bench.names().await.is_empty());
    assert_eq!(bench.store.metrics(), Metrics::default());
}

#[tokio::test]
async fn staging_again_never_shortens_a_life() {
    let bench = Bench::new();
    let first = bench.stage(b"x", "x").await;
    bench.clock.advance(100);
    let again = bench.stage(b"x", "x").await;
    assert_eq!((&again.id, again.created_at), (&first.id, NOW));
    assert_eq!(again.expires_at, Some(NOW + 100 + DAY));
    let brief = StageOptions {
        ttl: Some(std::time::Duration::from_secs(1)),
        ..named("x")
    };
    let brief = bench.store.stage(&b"x"[..], brief).await.expect("staged");
    assert_eq!(brief.expires_at, again.expires_at);
    let kept = StageOptions {
        persist: true,
        ..named("x")
    };
    let kept = bench.store.stage(&b"x"[..], kept).await.expect("staged");
    assert!(kept.persist);
    assert!(bench.stage(b"x", "x").await.persist);
    assert_eq!(bench.names().await.len(), 1);
}

#[tokio::test]
async fn what_a_crash_leaves_is_removed_and_nothing_else() {
    let bench = Bench::new();
    let whole = bench.stage(b"whole", "whole").await;
    let under_way = bench.another().begin(named("w")).await.expect("an upload");
    under_way.write(b"half".to_vec()).await.expect("written");
    let own = bench.store.root().join(".codexkit");
    let orphan = bench.store.root().join("0".repeat(64));
    fs::create_dir(&orphan).expect("a folder");
    for (file, text) in [
        (own.join("uploads/4711-1-1"), "half a file"),
        (orphan.join("no record"), "renamed, then the crash"),
        (own.join("attachments/half.new"), "{"),
        (
            own.join("attachments")
                .join(format!("{}.json", "0".repeat(32))),
            "{",
        ),
    ] {
        fs::write(file, text).expect("a file");
    }
    let strange = bench.store.root().join("not the store's");
    fs::write(&strange, "x").expect("a file");
    let cleaned = bench.store.cleanup().await.expect("cleaned");
    assert_eq!((cleaned.expired, cleaned.leftovers), (0, 4));
    assert_eq!(bench.uploads(), 1, "the one under way");
    assert!(strange.exists() && whole.path.exists() && !orphan.exists());
    let finished = under_way.finish().await.expect("finished");
    assert_eq!(fs::read(finished.path).expect("a file"), b"half");
    assert_eq!(bench.names().await.len(), 2);
}

#[tokio::test]
async fn a_forged_record_removes_nothing_elsewhere() {
    let bench = Bench::new();
    let victim = bench.folder.path().join("victim");
    fs::write(&victim, "x").expect("a file");
    let staged = bench.stage(b"x", "x").await;
    let record = |id: &str| {
        bench
            .store
            .root()
            .join(format!(".codexkit/attachments/{id}.json"))
    };
    let text = fs::read_to_string(record(&staged.id)).expect("a record");
    fs::write(
        record(&staged.id),
        text.replace("\"name\":\"x\"", "\"name\":\"../../victim\""),
    )
    .expect("a record");
    assert_eq!(bench.store.get(&staged.id).await.expect("an answer"), None);
    let cleaned = bench.store.cleanup().await.expect("cleaned");
    assert_eq!(cleaned.leftovers, 2, "the record, and the file without one");
    assert!(victim.exists());
}

#[tokio::test]
async fn bad_arguments_fail_at_the_call() {
    let bench = Bench::with(&StoreOptions {
        max_bytes: 10,
        ..StoreOptions::default()
    });
    let store = &bench.store;
    let file = bench.folder.path().join("large");
    fs::write(&file, [1; 11]).expect("a file");
    let options = StageOptions::default;
    let missing = store.stage(Path::new("/no/such"), options()).await;
    let folder = store.stage(bench.folder.path(), options()).await;
    let large = store.stage(&*file, options()).await;
    let stream = store.stage(Source::reader(io::repeat(1)), options()).await;
    for (result, says) in [
        (missing, "cannot be read"),
        (folder, "is not a file"),
        (large, "has 11 bytes, more than the limit of 10"),
        (stream, "more than 10 bytes"),
    ] {
        let (argument, message) = refusal(result);
        assert_eq!(argument, "source", "{message}");
        assert!(message.contains(says), "{message}");
    }
    let cases = [
        (named("../x"), "name"),
        (named(""), "name"),
        (
            StageOptions {
                ttl: Some(std::time::Duration::ZERO),
                ..options()
            },
            "ttl",
        ),
        (
            StageOptions {
                ttl: Some(std::time::Duration::from_secs(1)),
                persist: true,
                ..options()
            },
            "ttl",
        ),
        (
            StageOptions {
                max_bytes: Some(0),
                ..options()
            },
            "max_bytes",
        ),
        (
            StageOptions {
                media_type: Some("png".to_owned()),
                ..options()
            },
            "media_type",
        ),
    ];
    let count = cases.len() as u64;
    for (options, argument) in cases {
        let result = store.stage(&b"x"[..], options).await;
        assert_eq!(refusal(result).0, argument);
    }
    let url = store.stage_url("data:image/png;base64,@", options()).await;
    assert_eq!(refusal(url).0, "url");
    assert_eq!(store.metrics().failures, 4 + count + 1);
    assert_eq!(bench.uploads(), 0);
    let root = Some(file);
    let opened = FileStore::open(StoreOptions {
        root,
        ..StoreOptions::default()
    });
    assert_eq!(refusal(opened).0, "root");
    assert_eq!(
        refusal(StoreOptions::from_json(r#"{"colour": 1}"#)).0,
        "colour"
    );
    assert_eq!(
        refusal(StageOptions::from_json(r#"{"ttl_s": -1}"#)).0,
        "ttl"
    );
}

#[tokio::test]
async fn a_stream_that_breaks_leaves_nothing() {
    struct Breaks(usize);
    impl Read for Breaks {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            self.0 -= 1;
            if self.0 == 0 {
                return Err(io::Error::other("the cable"));
            }
            to.fill(1);
            Ok(to.len())
        }
    }
    let bench = Bench::new();
    let result = bench
        .store
        .stage(Source::reader(Breaks(5)), named("x"))
        .await;
    let error = result.expect_err("it broke");
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("the cable"), "{error}");
    assert_eq!((bench.uploads(), bench.names().await.len()), (0, 0));
}

#[tokio::test]
async fn giving_up_ends_the_copying_and_leaves_nothing() {
    /// Never ends; tells when it is read and when it is dropped.
    struct Endless(mpsc::Sender<&'static str>, Arc<AtomicBool>);
    impl Read for Endless {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            if !self.1.swap(true, Ordering::Relaxed) {
                let _ = self.0.send("read");
            }
            Ok(to.len().min(1))
        }
    }
    impl Drop for Endless {
        fn drop(&mut self) {
            let _ = self.0.send("dropped");
        }
    }
    let bench = Bench::new();
    let (sender, told) = mpsc::channel();
    let store = bench.store.clone();
    let source = Source::reader(Endless(sender, Arc::default()));
    let task = tokio::spawn(async move { store.stage(source, named("x")).await });
    let told = on_disk(move || {
        assert_eq!(told.recv(), Ok("read"));
        Ok(told)
    })
    .await
    .expect("it reads");
    task.abort();
    on_disk(move || {
        assert_eq!(told.recv(), Ok("dropped"));
        Ok(())
    })
    .await
    .expect("it ended");
    let upload = bench.store.begin(named("y")).await.expect("an upload");
    upload.write(vec![1; 10]).await.expect("written");
    upload.abort().await;
    assert_eq!(bench.store.list().await.expect("a list"), []);
    // The reader is dropped a moment before the draft is.
    while bench.uploads() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn holes_stay_holes() {
    let bench = Bench::new();
    let file = bench.folder.path().join("sparse");
    let size = 64 << 20;
    fs::File::create(&file)
        .and_then(|file| file.set_len(size))
        .expect("a sparse file");
    let staged = bench.store.stage(&*file, named("s")).await.expect("staged");
    let meta = staged.path.metadata().expect("a file");
    assert_eq!((staged.size, meta.len()), (size, size));
    // `head -c 67108864 /dev/zero | sha256sum`
    let zeros = "3b6a07d0d404fab4e23b6d34bc6696a6a312dd92821332385e5af7c01c421351";
    assert_eq!(staged.sha256, zeros);
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt;
        assert!(meta.blocks() * 512 < size / 16, "{} blocks", meta.blocks());
    }
}

#[tokio::test]
async fn many_at_once_agree() {
    let bench = Bench::new();
    let stores = [bench.store.clone(), bench.another()];
    let mut tasks = Vec::new();
    for number in 0..40_usize {
        let store = stores[number % 2].clone();
        let (content, name) = (vec![7; 1000 + number % 4], format!("n{}", number % 8));
        tasks.push(tokio::spawn(async move {
            let staged = store.stage(content, named(&name)).await;
            if number % 10 == 0 {
                store.cleanup().await.expect("cleaned");
            }
            staged
        }));
    }
    for task in tasks {
        let staged = task.await.expect("no panic").expect("staged");
        assert_eq!(
            fs::read(&staged.path).expect("a file").len() as u64,
            staged.size
        );
    }
    assert_eq!(bench.names().await.len(), 8);
    let new = |store: &FileStore| store.metrics().staged - store.metrics().deduplicated;
    assert_eq!(stores.iter().map(new).sum::<u64>(), 4);
    assert!(stores.iter().all(|store| store.metrics().leftovers == 0));
}

#[tokio::test]
async fn a_turn_gets_what_fits_it() {
    let bench = Bench::new();
    let png = b"\x89PNG\r\n\x1a\n and so on";
    let image = bench
        .store
        .stage(&png[..], StageOptions::default())
        .await
        .expect("staged");
    assert_eq!(
        (&*image.name, &*image.media_type),
        ("image.png", "image/png")
    );
    let path = image.path.display().to_string();
    assert_eq!(image.as_image().expect("an image")["path"], *path);
    assert_eq!(image.inputs().len(), 1);
    let inline = image.as_inline_image().await.expect("an image");
    let url = inline["url"].as_str().expect("a URL");
    let back = bench
        .store
        .stage_url(url, named("back"))
        .await
        .expect("staged");
    assert_eq!(
        (&back.sha256, &back.media_type),
        (&image.sha256, &image.media_type)
    );

    let text = bench.stage("grüß dich".as_bytes(), "notes.md").await;
    let given = text.as_text(None).await.expect("a text");
    assert_eq!(
        given["text"],
        "<attached_file name=\"notes.md\">\ngrüß dich\n</attached_file>"
    );
    assert_eq!(text.as_mention()["type"], "mention");
    let inputs = text.inputs();
    let said = inputs[0]["text"].as_str().expect("a text");
    assert!(said.contains("notes.md") && said.contains(&text.path.display().to_string()));
    assert_eq!(inputs[1], text.as_mention());
    let (_, message) = refusal(text.as_image());
    assert!(
        message.contains("text/markdown") && message.contains("image/webp"),
        "{message}"
    );
    assert!(
        refusal(text.as_text(Some(3)).await)
            .1
            .contains("more than the 3")
    );
    assert!(
        refusal(image.as_text(None).await)
            .1
            .contains("byte 0 is not UTF-8")
    );
    bench.store.remove(&text.id).await.expect("removed");
    assert!(
        refusal(text.as_text(None).await)
            .1
            .contains("stage it again")
    );
    let json = serde_json::to_string(&text).expect("JSON");
    assert_eq!(Attachment::from_json(&json).expect("an attachment"), text);
}

#[tokio::test]
async fn files_of_the_web_are_fetched() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let moved = base.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let count = stream.read(&mut request).await.unwrap_or_default();
            let request = String::from_utf8_lossy(&request[..count]).into_owned();
            let answer = match request.split(' ').nth(1).unwrap_or_default() {
                "/moved" => format!("302 Found\r\nLocation: {moved}/a/pic.dat?token=x\r\nContent-Length: 0\r\n\r\n"),
                "/a/pic.dat?token=x" => "200 OK\r\nContent-Type: text/html\r\nContent-Length: 8\r\n\r\n\u{47}IF89a..".to_owned(),
                "/page" => "200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 2\r\n\r\nhi".to_owned(),
                "/large" => "200 OK\r\nContent-Length: 99999999999999\r\n\r\n".to_owned(),
                "/cut" => "200 OK\r\nContent-Length: 10\r\n\r\nhi".to_owned(),
                _ => "404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
            };
            let answer = format!(
                "HTTP/1.1 {}",
                answer.replacen("\r\n", "\r\nConnection: close\r\n", 1)
            );
            drop(stream.write_all(answer.as_bytes()).await);
        }
    });
    let bench = Bench::new();
    let fetch = async |path: &str| {
        let url = format!("{base}{path}");
        bench.store.stage_url(&url, StageOptions::default()).await
    };
    let image = fetch("/a/pic.dat?token=x").await.expect("staged");
    assert_eq!((&*image.name, &*image.media_type), ("pic.dat", "image/gif"));
    assert_eq!(fetch("/moved").await.expect("staged").sha256, image.sha256);
    let page = fetch("/page").await.expect("staged");
    assert_eq!((&*page.name, &*page.media_type), ("page", "text/html"));
    for (path, says) in [
        ("/gone?token=x", "answered 404"),
        ("/cut", "cannot be read"),
    ] {
        let error = fetch(path).await.expect_err("it fails");
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        let message = error.to_string();
        assert!(
            message.contains(says) && !message.contains("token"),
            "{message}"
        );
    }
    assert!(
        refusal(fetch("/large").await)
            .1
            .contains("99999999999999 bytes")
    );
    for bad in ["ftp://x/y", "http://", "nonsense", "http://a b/"] {
        let result = bench.store.stage_url(bad, StageOptions::default()).await;
        assert_eq!(refusal(result).0, "url", "{bad}");
    }
    assert_eq!(bench.uploads(), 0);
}
