//! The engine's process: found, refused, ended with everything it started.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use codexkit::{Codex, CodexOptions, ErrorKind};
use serde_json::json;

use crate::support::{
    Bench, engine, eventually, folder, methods, object, processes, prompt, shell,
};

pub(crate) fn script(body: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = folder();
    let path = folder.path().join("codex");
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    (folder, path)
}

async fn refusal(options: CodexOptions) -> codexkit::Error {
    Codex::start(options).await.err().expect("refused")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_cannot_be_is_refused_with_the_way_out() {
    let missing = CodexOptions {
        codex_bin: Some("/no/such/codex".into()),
        ..Default::default()
    };
    let error = refusal(missing).await;
    assert_eq!(error.kind(), ErrorKind::EngineNotFound);
    assert!(error.to_string().contains("codex_bin"), "{error}");

    let bad_cwd = CodexOptions {
        codex_bin: Some(engine()),
        cwd: Some("/no/such/folder".into()),
        ..Default::default()
    };
    assert_eq!(refusal(bad_cwd).await.argument(), Some("cwd"));

    let bad_config = CodexOptions {
        codex_bin: Some(engine()),
        config: object(json!({"model": null})),
        ..Default::default()
    };
    assert_eq!(refusal(bad_config).await.argument(), Some("config.model"));
}

#[tokio::test(flavor = "multi_thread")]
async fn declared_capabilities_reach_the_engine_and_wrong_ones_are_refused() {
    let bench = Bench::new(json!({"replies": ["one two three"]})).await;
    let mut options = bench.options();
    let muted = "item/agentMessage/delta";
    options.capabilities = object(json!({"optOutNotificationMethods": [muted]}));
    let codex = Codex::start(options).await.unwrap();
    let turn = bench.thread(&codex).await;
    let turn = turn.turn(prompt("go"), object(json!({}))).await.unwrap();
    let seen = methods(&turn).await;
    assert!(!seen.iter().any(|method| method == muted), "{seen:?}");
    assert!(seen.iter().any(|method| method == "item/completed"));
    let result = turn.result().await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("one two three"));
    codex.close().await.unwrap();

    for (capabilities, argument) in [
        (
            json!({"requestAttestion": true}),
            "capabilities.requestAttestion",
        ),
        (
            json!({"requestAttestation": 1}),
            "capabilities.requestAttestation",
        ),
        (
            json!({"experimentalApi": true}),
            "capabilities.experimentalApi",
        ),
        (
            json!({"optOutNotificationMethods": ["turn/completed"]}),
            "capabilities.optOutNotificationMethods",
        ),
    ] {
        let mut options = bench.options();
        options.capabilities = object(capabilities);
        let error = refusal(options).await;
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert_eq!(error.argument(), Some(argument), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_engine_is_named_as_such() {
    let (_folder, path) = script("echo codex-cli 0.42.0; exit 2");
    let error = refusal(CodexOptions {
        codex_bin: Some(path),
        ..Default::default()
    })
    .await;
    assert_eq!(error.kind(), ErrorKind::EngineVersion);
    assert!(error.to_string().contains("0.42.0"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_ends_at_once_tells_why() {
    let (_folder, path) = script("echo the reason >&2; exit 3");
    let error = refusal(CodexOptions {
        codex_bin: Some(path),
        ..Default::default()
    })
    .await;
    assert_eq!(
        (error.kind(), error.exit_code()),
        (ErrorKind::Spawn, Some(3)),
        "{error}"
    );
    assert!(error.to_string().contains("the reason"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_engine_meets_its_deadline_and_is_gone() {
    let (_folder, path) = script("exec sleep 4720");
    let options = CodexOptions {
        codex_bin: Some(path),
        initialize_timeout: Duration::from_millis(300),
        ..Default::default()
    };
    assert_eq!(refusal(options).await.kind(), ErrorKind::Timeout);
    assert!(eventually(3, || processes("sleep 4720").is_empty()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_ignores_everything_is_killed_with_its_children() {
    // It answers initialize, ignores the end of its input and SIGTERM, and has put a child out of its group.
    let (_folder, path) = script(
        r#"trap '' TERM
           setsid sleep 4721 & 
           read line; echo '{"id":1,"result":{"userAgent":"x/0.163.0"}}'
           while :; do sleep 0.2; done"#,
    );
    let options = CodexOptions {
        codex_bin: Some(path),
        close_timeout: Duration::from_millis(200),
        ..Default::default()
    };
    let codex = Codex::start(options).await.unwrap();
    let pid = codex.pid().unwrap();
    assert!(eventually(3, || !processes("sleep 4721").is_empty()).await);
    codex.close().await.unwrap();
    assert!(processes("sleep 4721").is_empty());
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    assert_eq!(codex.pid(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_client_leaves_nothing() {
    let bench = Bench::new(json!({"replies": [shell("sleep 4722")]})).await;
    let codex = bench.start().await;
    let pid = codex.pid().unwrap();
    let thread = bench.thread(&codex).await;
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    assert!(eventually(20, || !processes("sleep 4722").is_empty()).await);
    drop((codex, thread, turn));
    let gone = || {
        processes("sleep 4722").is_empty()
            && !std::path::Path::new(&format!("/proc/{pid}")).exists()
    };
    assert!(eventually(8, gone).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engines_death_fails_everybody_at_once() {
    let bench = Bench::new(json!({"replies": [shell("sleep 4723")]})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    assert!(eventually(20, || !processes("sleep 4723").is_empty()).await);
    let killed = Command::new("kill")
        .args(["-KILL", &codex.pid().unwrap().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let error = tokio::time::timeout(Duration::from_secs(5), turn.result())
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.signal()),
        (ErrorKind::Closed, Some(9)),
        "{error}"
    );
    assert_eq!(
        thread.read(false).await.unwrap_err().kind(),
        ErrorKind::Closed
    );
    assert!(
        eventually(5, || processes("sleep 4723").is_empty()).await,
        "its command died too"
    );
}

/// Not a test by itself: the host that [`a_killed_host_takes_the_engine_along`] kills.
#[tokio::test(flavor = "multi_thread")]
async fn host_that_waits_to_be_killed() {
    if std::env::var_os("CODEXKIT_TEST_HOST").is_none() {
        return;
    }
    let bench = Bench::new(json!({"replies": [shell("sleep 4724")]})).await;
    let codex = bench.start().await;
    let thread = bench.thread(&codex).await;
    let _turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_host_takes_the_engine_along() {
    let mut host = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "engine::host_that_waits_to_be_killed"])
        .env("CODEXKIT_TEST_HOST", "1")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let engines = || {
        processes("app-server")
            .into_iter()
            .filter(|pid| parent(*pid) == Some(host.id()))
            .collect::<Vec<_>>()
    };
    assert!(eventually(30, || !processes("sleep 4724").is_empty()).await);
    let engine = engines();
    assert_eq!(engine.len(), 1);
    host.kill().unwrap();
    host.wait().unwrap();
    let gone = || {
        processes("sleep 4724").is_empty()
            && !std::path::Path::new(&format!("/proc/{}", engine[0])).exists()
    };
    assert!(eventually(10, gone).await);
}

fn parent(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}
