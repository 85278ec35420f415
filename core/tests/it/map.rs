//! Maps on the real engine.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use codexkit::ErrorKind;
use codexkit::map::{MapItem, MapOptions, MapResult};
use serde_json::{Value, json};

use crate::support::{Bench, eventually};

/// Answers each prompt with itself; what contains `fail` fails at once.
fn echo() -> Value {
    json!({
        "rules": [
            {"when": {"prompt_contains": "fail"}, "repeat": "last",
             "replies": [{"status": 400, "body": {"error": {"message": "no"}}}]},
            {"when": {"prompt_contains": "hang"}, "repeat": "last", "replies": [{"hang": true}]},
            {"when": {"prompt_contains": "list"}, "repeat": "last", "replies": [
                {"items": [{"call": {"name": "exec_command", "arguments": {"cmd": "ls"}}}]},
                {"items": [{"message": "listed"}]}]}
        ],
        "replies": ["done in ${thread}"], "repeat": "last"
    })
}

fn options(bench: &Bench) -> MapOptions {
    MapOptions {
        thread: bench.thread_params(),
        ..MapOptions::default()
    }
}

fn with_journal(bench: &Bench) -> MapOptions {
    MapOptions {
        journal: Some(bench.folder.path().join("journal.jsonl")),
        ..options(bench)
    }
}

fn indexes(results: &[MapResult]) -> Vec<u64> {
    results.iter().map(|result| result.index).collect()
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_item_runs_on_a_thread_of_its_own() {
    let bench = Bench::new(echo()).await;
    let codex = bench.start().await;
    let items = ["one", "two", "please fail", "four", "five"];
    let mut mapping = codex.map(items, options(&bench)).await.unwrap();
    let mut results = Vec::new();
    while let Some(result) = mapping.next().await.unwrap() {
        assert_eq!(result.progress.total, Some(5));
        results.push(result);
    }
    let progress = mapping.progress();
    assert_eq!(
        (progress.done, progress.failed, progress.running),
        (4, 1, 0)
    );
    assert_eq!(results.last().unwrap().progress, progress);
    results.sort_by_key(|result| result.index);
    assert_eq!(indexes(&results), [0, 1, 2, 3, 4]);
    for result in &results {
        assert_eq!(result.is_ok(), result.index != 2, "{result:?}");
        let turn = result.turn.as_ref().unwrap();
        assert_eq!(Some(&turn.thread_id), result.thread_id.as_ref());
    }
    let mut threads: Vec<_> = results.iter().map(|result| &result.thread_id).collect();
    threads.sort();
    threads.dedup();
    assert_eq!(threads.len(), 5);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn items_are_folders_and_errors_are_theirs() {
    let bench = Bench::new(echo()).await;
    let codex = bench.start().await;
    let folder = bench.folder.path().join("other");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("only-here.txt"), "x").unwrap();
    let items = [
        MapItem::new("list it")
            .cwd(folder.display().to_string())
            .id("a"),
        MapItem::new("list it").cwd("/no/such/place").id("b"),
        MapItem::new(" ").id("c"),
    ];
    let results = codex.map(items, options(&bench)).await.unwrap();
    let results = results.collect().await.unwrap();
    let ids: Vec<_> = results.iter().map(|result| result.id.as_deref()).collect();
    assert_eq!(ids, [Some("a"), Some("b"), Some("c")]);
    let seen = serde_json::to_string(&bench.model.requests()).unwrap();
    assert!(seen.contains("only-here.txt"), "it ran in its folder");
    assert!(results[0].is_ok());
    for (result, argument) in results[1..].iter().zip(["cwd", "input"]) {
        let error = result.error.as_ref().unwrap();
        assert_eq!(result.status(), "failed");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(error.argument(), Some(argument), "{error}");
    }
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn items_are_taken_when_there_is_room() {
    let bench = Bench::new(echo()).await;
    let codex = bench.start().await;
    let taken = Cell::new(0);
    let items = (0..100_000).map(|number| {
        taken.set(taken.get() + 1);
        format!("number {number}")
    });
    let two = MapOptions {
        concurrency: 2,
        ..options(&bench)
    };
    let mut mapping = codex.map(items, two).await.unwrap();
    assert_eq!(taken.get(), 0);
    for _ in 0..5 {
        let result = mapping.next().await.unwrap().unwrap();
        assert!(result.progress.running <= 2, "{:?}", result.progress);
    }
    assert!(taken.get() <= 5 + 2 + 2, "{} were taken", taken.get());
    let begun = bench.model.requests().len();
    assert!(begun <= 5 + 2 + 2, "{begun} were begun");
    drop(mapping);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_interrupts_what_runs() {
    let bench = Bench::new(echo()).await;
    let codex = bench.start().await;
    let items = ["one", "hang a", "hang b", "hang c", "too late"];
    let mut mapping = codex.map(items, options(&bench)).await.unwrap();
    let first = mapping.next().await.unwrap().unwrap();
    assert_eq!(first.index, 0);
    assert!(eventually(10, || bench.model.requests().len() >= 4).await);
    drop(mapping);
    assert!(eventually(10, || codex.stats().open_turns == 0).await);
    let seen = serde_json::to_string(&bench.model.requests()).unwrap();
    assert!(!seen.contains("too late"));
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_map_has_an_end() {
    let bench = Bench::new(echo()).await;
    let codex = bench.start().await;
    let mapping = codex.map_run(options(&bench)).await.unwrap();
    mapping.push("hang".into()).unwrap();
    mapping.interrupt();
    let step = mapping.step().await.unwrap();
    assert!(matches!(step, codexkit::map::MapStep::End), "{step:?}");
    assert!(eventually(10, || mapping.progress().running == 0).await);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_error_may_end_it() {
    let bench = Bench::new(echo()).await;
    let codex = bench.start().await;
    let strict = MapOptions {
        stop_on_error: true,
        concurrency: 2,
        ..options(&bench)
    };
    let items = ["hang", "fail", "too late"];
    let results = codex.map(items, strict).await.unwrap().collect().await;
    let results = results.unwrap();
    assert_eq!(indexes(&results), [1]);
    assert!(!results[0].is_ok());
    assert!(eventually(10, || codex.stats().open_turns == 0).await);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_may_take_so_long() {
    let bench = Bench::new(echo()).await;
    let codex = bench.start().await;
    let limited = MapOptions {
        item_timeout: Some(Duration::from_millis(1500)),
        ..options(&bench)
    };
    let results = codex.map(["hang", "fine"], limited).await.unwrap();
    let results = results.collect().await.unwrap();
    let error = results[0].error.as_ref().unwrap();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("item 0"), "{error}");
    assert!(results[0].thread_id.is_some());
    assert!(eventually(10, || codex.stats().open_turns == 0).await);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_has_what_succeeded() {
    let bench = Bench::new(json!({"rules": [
        {"when": {"prompt_contains": "fail"}, "repeat": "next",
         "replies": [{"status": 400, "body": {"error": {"message": "no"}}}]}],
        "replies": ["done"], "repeat": "last"}))
    .await;
    let codex = bench.start().await;
    let journal = bench.folder.path().join("journal.jsonl");
    let items = ["one", "fail", "three"];
    let mut mapping = codex.map(items, with_journal(&bench)).await.unwrap();
    let first = mapping.next().await.unwrap().unwrap();
    let written = lines(&journal);
    assert!(
        written[1..].iter().any(|line| line["index"] == first.index),
        "it was written before it was given"
    );
    let in_use = codex.map(items, with_journal(&bench)).await.err().unwrap();
    assert_eq!(in_use.argument(), Some("journal"), "{in_use}");
    while mapping.next().await.unwrap().is_some() {}
    // The handle is still there: a map that is over leaves the file to others.
    assert!(mapping.next().await.unwrap().is_none());
    assert_eq!(lines(&journal).len(), 4);
    let begun = bench.model.requests().len();

    // Every thread of the model's script begins anew: what failed is tried again and fails again.
    let more = ["one", "fail", "three", "four"];
    let again = codex.map(more, with_journal(&bench)).await.unwrap();
    let again = again.collect().await.unwrap();
    let told: Vec<_> = again
        .iter()
        .map(|result| (result.status(), result.from_journal))
        .collect();
    let expected = [("ok", true), ("failed", false), ("ok", true), ("ok", false)];
    assert_eq!(told, expected);
    let stored = again[0].turn.as_ref().unwrap();
    assert_eq!(stored.final_response.as_deref(), Some("done"));
    assert!(!stored.items.is_empty());
    assert_eq!(bench.model.requests().len(), begun + 2);
    let last = again.iter().max_by_key(|result| result.progress.done);
    assert_eq!(last.unwrap().progress.done, 3);
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_of_something_else_is_refused_at_the_call() {
    let bench = Bench::new(echo()).await;
    let codex = bench.start().await;
    let first = codex.map(["one", "two"], with_journal(&bench)).await;
    first.unwrap().collect().await.unwrap();
    let begun = bench.model.requests().len();
    for items in [vec!["one", "other"], vec!["one"]] {
        let error = codex.map(items, with_journal(&bench)).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(error.argument(), Some("journal"), "{error}");
        assert!(error.to_string().contains("other items"), "{error}");
    }
    let mut other = with_journal(&bench);
    other.turn.insert("effort".into(), "high".into());
    let error = codex.map(["one", "two"], other).await.err().unwrap();
    assert!(error.to_string().contains("other options"), "{error}");
    let nowhere = MapOptions {
        journal: Some("/no/such/place/journal".into()),
        ..options(&bench)
    };
    let error = codex.map(["one"], nowhere).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Io);
    let none = MapOptions {
        concurrency: 0,
        ..options(&bench)
    };
    let error = codex.map(["one"], none).await.err().unwrap();
    assert_eq!(error.argument(), Some("concurrency"));
    assert_eq!(bench.model.requests().len(), begun, "nothing was begun");
    codex.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_goes_ends_the_map_and_no_item() {
    let bench = Bench::new(echo()).await;
    let codex = bench.start().await;
    let items = ["hang a", "hang b"];
    let mut mapping = codex.map(items, with_journal(&bench)).await.unwrap();
    let killer = async {
        assert!(eventually(10, || bench.model.requests().len() >= 2).await);
        codex.kill();
    };
    let (next, ()) = tokio::join!(mapping.next(), killer);
    assert_eq!(next.err().unwrap().kind(), ErrorKind::Closed);
    assert!(mapping.next().await.unwrap().is_none());
    let journal = bench.folder.path().join("journal.jsonl");
    assert_eq!(lines(&journal).len(), 1, "only the header");
}
