//! Clients that are started on the side.

use std::path::{Path, PathBuf};
use std::time::Duration;

use codexkit::{Codex, CodexOptions, ErrorKind, JsonObject};
use serde_json::json;

use crate::support::{Bench, engine, prompt};

/// Says its process id, then becomes the engine.
const TELLING: &str = r#"echo $$ > "$0.new"; mv "$0.new" "$0"; exec "$@""#;

/// Options with the real engine, and where its process id will be.
fn telling(bench: &Bench) -> (CodexOptions, PathBuf) {
    let told = bench.folder.path().join("pid");
    let mut options = bench.options();
    let overrides = std::mem::take(&mut options.config_overrides);
    let mut launch: Vec<String> = ["sh", "-c", TELLING].map(str::to_owned).into();
    launch.extend([told.display().to_string(), engine().display().to_string()]);
    launch.extend(
        overrides
            .into_iter()
            .flat_map(|entry| ["--config".to_owned(), entry]),
    );
    launch.extend(["app-server", "--listen", "stdio://"].map(str::to_owned));
    options.codex_bin = None;
    options.launch_args_override = Some(launch);
    (options, told)
}

async fn pid_in(told: &Path) -> u32 {
    loop {
        if let Ok(text) = std::fs::read_to_string(told) {
            return text.trim().parse().unwrap();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn alive(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}/exe")).exists()
}

async fn gone(pid: u32) -> bool {
    for _ in 0..250 {
        if !alive(pid) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_engine_runs_before_the_client_is_taken() {
    let bench = Bench::new(json!({"replies": ["Ready."]})).await;
    let (options, told) = telling(&bench);
    let starting = Codex::prewarm(options);
    let pid = pid_in(&told).await;
    let codex = starting.client().await.unwrap();
    assert_eq!(codex.pid(), Some(pid));
    // Everybody gets the same one.
    assert_eq!(starting.client().await.unwrap().pid(), Some(pid));
    let thread = bench.thread(&codex).await;
    let turn = thread.turn(prompt("go"), JsonObject::new()).await.unwrap();
    let result = turn.result().await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("Ready."));
    starting.close().await.unwrap();
    assert!(codex.is_closed());
    assert!(gone(pid).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_nobody_takes_leaves_no_process() {
    let bench = Bench::new(json!({"replies": ["Ready."]})).await;
    for drops in [false, true] {
        let (options, told) = telling(&bench);
        let starting = Codex::prewarm(options);
        let pid = pid_in(&told).await;
        if drops {
            drop(starting);
        } else {
            starting.close().await.unwrap();
            assert!(!alive(pid));
            let error = starting.client().await.err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Closed);
        }
        assert!(gone(pid).await, "dropped: {drops}");
        std::fs::remove_file(told).unwrap();
    }
}

#[tokio::test]
async fn what_the_start_fails_with_is_told_with_the_client() {
    for (options, kind) in [
        (
            CodexOptions {
                codex_bin: Some("/nowhere/codex".into()),
                ..CodexOptions::default()
            },
            ErrorKind::EngineNotFound,
        ),
        (
            CodexOptions {
                launch_args_override: Some(vec!["false".to_owned()]),
                ..CodexOptions::default()
            },
            ErrorKind::Spawn,
        ),
        (
            CodexOptions {
                client_name: String::new(),
                ..CodexOptions::default()
            },
            ErrorKind::InvalidArgument,
        ),
    ] {
        let starting = Codex::prewarm(options);
        for _ in 0..2 {
            assert_eq!(starting.client().await.err().unwrap().kind(), kind);
        }
        starting.kill();
        starting.close().await.unwrap();
    }
}
