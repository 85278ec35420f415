//! The one-shot transport: the real `codex exec` against ScriptedModel, and small scripts in its place for
//! what it never does.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codexkit::exec::{CodexExec, ExecOptions, ExecTurn};
use codexkit::{ErrorKind, StreamState};
use serde_json::{Value, json};

use crate::support::{Bench, eventually, folder, object, processes, shell};

fn options(bench: &Bench) -> ExecOptions {
    let options = bench.options();
    ExecOptions {
        codex_bin: options.codex_bin,
        config_overrides: options.config_overrides,
        env: options.env,
        ..ExecOptions::default()
    }
}

fn full_access(bench: &Bench) -> ExecTurn {
    ExecTurn {
        sandbox_mode: Some("danger-full-access".to_owned()),
        working_directory: Some(bench.work()),
        skip_git_repo_check: true,
        ..ExecTurn::default()
    }
}

/// A program that stands in for the engine.
fn fake(folder: &Path, script: &str) -> ExecOptions {
    let program = folder.join("codex");
    std::fs::write(&program, format!("#!/bin/bash\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    ExecOptions {
        codex_bin: Some(program),
        ..ExecOptions::default()
    }
}

const STARTED: &str =
    r#"echo '{"type":"thread.started","thread_id":"t"}'; echo '{"type":"turn.started"}'"#;
const COMPLETED: &str = r#"echo '{"type":"turn.completed","usage":{"input_tokens":1}}'"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_and_the_next_on_the_same_thread() {
    let bench = Bench::new(json!({"replies": [shell("echo out"), "one", "two"]})).await;
    let codex = CodexExec::new(options(&bench)).unwrap();
    let run = codex.start("first", full_access(&bench)).unwrap();
    let mut kinds = Vec::new();
    while let Some(event) = run.next().await {
        kinds.push(event.unwrap().kind());
    }
    let expected =
        "thread.started turn.started item.started item.completed item.completed turn.completed";
    assert_eq!(kinds.join(" "), expected);
    let outcome = run.outcome().await.unwrap();
    assert_eq!(
        (outcome.status.as_str(), outcome.exit_code),
        ("completed", Some(0))
    );
    assert_eq!(run.pid(), None);

    let turn = ExecTurn {
        thread_id: run.thread_id(),
        ..full_access(&bench)
    };
    let next = codex.run("second", turn).await.unwrap();
    assert_eq!(next.final_response, "two");
    assert_eq!(next.items[0]["id"], "item_0");
    let requests = bench.model.requests();
    assert!(
        requests.last().unwrap()["body"]
            .to_string()
            .contains("first")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_turn_is_a_result_and_a_process_that_fails_is_an_error() {
    let bench =
        Bench::new(json!({"replies": [{"status": 400, "body": {"error": {"message": "no"}}}]}))
            .await;
    let codex = CodexExec::new(options(&bench)).unwrap();
    let failed = codex.run("go", full_access(&bench)).await.unwrap();
    assert_eq!(failed.outcome.status, "failed");
    assert!(failed.outcome.failure.unwrap().contains("no"));

    let mut bad = options(&bench);
    bad.config_overrides
        .push("sandbox_mode=\"no-such\"".to_owned());
    let turn = ExecTurn {
        sandbox_mode: None,
        ..full_access(&bench)
    };
    let error = CodexExec::new(bad)
        .unwrap()
        .run("go", turn)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.exit_code()),
        (ErrorKind::Spawn, Some(1)),
        "{error}"
    );
    assert!(error.to_string().contains("exited with code 1"), "{error}");
    assert!(error.stderr_tail().unwrap().contains("no-such"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_is_refused_before_anything_starts() {
    let folder = folder();
    let codex = CodexExec::new(fake(folder.path(), "touch \"$0.ran\"; exit 3")).unwrap();
    let cases: Vec<(&str, Value, &str)> = vec![
        ("", json!({}), "input"),
        (" \n", json!({}), "input"),
        ("go", json!({"images": ["/no/such.png"]}), "input"),
        ("go", json!({"sandbox_mode": "none"}), "sandbox_mode"),
        (
            "go",
            json!({"approval_policy": "untrusted"}),
            "approval_policy",
        ),
        ("go", json!({"web_search_mode": "on"}), "web_search_mode"),
        (
            "go",
            json!({"cyber_access_program": "x"}),
            "cyber_access_program",
        ),
        ("go", json!({"thread_id": "--last"}), "thread_id"),
        ("go", json!({"model": "-c"}), "model"),
        (
            "go",
            json!({"working_directory": "--help"}),
            "working_directory",
        ),
        ("go", json!({"output_schema": [1]}), "output_schema"),
    ];
    for (prompt, turn, argument) in cases {
        let turn = ExecTurn::from_json(&turn.to_string()).unwrap();
        let error = codex.start(prompt, turn).map(drop).unwrap_err();
        assert_eq!(error.argument(), Some(argument), "{error}");
    }
    for (turn, argument) in [
        (json!({"sandbox": "x"}), "sandbox"),
        (json!({"timeout_s": 0}), "options"),
        (json!({"model": 3}), "options"),
    ] {
        let error = ExecTurn::from_json(&turn.to_string()).unwrap_err();
        assert_eq!(error.argument(), Some(argument), "{error}");
    }
    let error = ExecOptions::from_json(r#"{"api_key": 5, "x": "sk-secret-secret"}"#)
        .map(drop)
        .unwrap_err();
    assert!(!error.to_string().contains("sk-secret"));
    let missing = ExecOptions {
        codex_bin: Some("/no/codex".into()),
        ..ExecOptions::default()
    };
    let error = CodexExec::new(missing).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EngineNotFound);
    assert!(!folder.path().join("codex.ran").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_output_is_survived_and_reported() {
    let folder = folder();
    let script = [
        r"printf '\xef\xbb\xbf'",
        STARTED,
        "echo; echo '   '; echo 'no json at all'; echo '[1,2]'",
        r#"echo '{"type":"item.started","item":{"id":"item_0","type":"web_search","id":"ws_1"}}'"#,
        r#"echo '{"type":"error","message":"Reconnecting... 1/5"}'"#,
        r#"echo '{"type":"thing.of.tomorrow","a":{"b":[null]}}'"#,
        r#"printf '{"type":"item.completed","item":{"id":"i","type":"agent_message","text":"a\xe2\x80\xa8b\xe2\x80\xa9c\xff"}}\r\n'"#,
        r"head -c 3000 /dev/zero | tr '\0' 'x'; echo",
        r#"printf '{"type":"turn.completed","usage":{}}'"#,
    ];
    let mut options = fake(folder.path(), &script.join("\n"));
    options.max_line_bytes = 2000;
    let run = CodexExec::new(options)
        .unwrap()
        .start("go", ExecTurn::default())
        .unwrap();
    let mut events = Vec::new();
    while let Some(event) = run.next().await {
        events.push(event.unwrap().json());
    }
    let kinds: Vec<_> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds.join(" "),
        "thread.started turn.started item.started error thing.of.tomorrow item.completed turn.completed"
    );
    assert_eq!(events[2]["item"]["id"], "ws_1");
    assert_eq!(events[4]["a"]["b"][0], Value::Null);
    assert_eq!(events[5]["item"]["text"], "a\u{2028}b\u{2029}c\u{fffd}");
    assert_eq!(run.thread_id().as_deref(), Some("t"));
    assert_eq!(run.diagnostics().len(), 3, "{:?}", run.diagnostics());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_that_nobody_reads_and_errors_without_secrets() {
    let folder = folder();
    let script =
        "for i in $(seq 1 20000); do echo \"noise $i sk-abcdefghijklmnop\" >&2; done; exit 7";
    let codex = CodexExec::new(fake(folder.path(), script)).unwrap();
    let prompt = "x".repeat(5 << 20);
    let error = codex.run(&prompt, ExecTurn::default()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.exit_code()),
        (ErrorKind::Spawn, Some(7))
    );
    let tail = error.stderr_tail().unwrap();
    assert!(
        tail.contains("noise 20000") && tail.len() < 8192,
        "{}",
        tail.len()
    );
    assert!(!error.to_json().contains("sk-abc"));

    let script = format!("{STARTED}; kill -KILL $$");
    let codex = CodexExec::new(fake(folder.path(), &script)).unwrap();
    let error = codex.run("go", ExecTurn::default()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.signal()),
        (ErrorKind::Closed, Some(9)),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grandchild_that_keeps_the_output_open_holds_nobody_up() {
    let folder = folder();
    for (script, sleep) in [
        (
            format!("sleep 4751 &\n{STARTED}\n{COMPLETED}"),
            "sleep 4751",
        ),
        // One that is out of reach: it has left the group and cleared its environment.
        (
            format!("env -i setsid sleep 4752 &\n{STARTED}\n{COMPLETED}"),
            "sleep 4752",
        ),
    ] {
        let codex = CodexExec::new(fake(folder.path(), &script)).unwrap();
        let result = codex.run("go", ExecTurn::default());
        let result = tokio::time::timeout(Duration::from_secs(20), result)
            .await
            .unwrap();
        assert_eq!(result.unwrap().outcome.status, "completed");
        for pid in processes(sleep) {
            assert_eq!(sleep, "sleep 4752", "the marked one must be gone");
            std::process::Command::new("kill")
                .arg(pid.to_string())
                .status()
                .unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_dropping_and_deadlines_kill_the_whole_tree() {
    let script = |sleep: &str| json!({"replies": [shell(&format!("bash -c '{sleep} & wait'"))]});
    for (way, sleep) in [
        ("cancel", "sleep 4761"),
        ("drop", "sleep 4762"),
        ("deadline", "sleep 4763"),
    ] {
        let bench = Bench::new(script(sleep)).await;
        let codex = CodexExec::new(options(&bench)).unwrap();
        let mut turn = full_access(&bench);
        turn.timeout = (way == "deadline").then_some(Duration::from_secs(6));
        let run = codex.start("go", turn).unwrap();
        let running = eventually(20, || !processes(sleep).is_empty()).await;
        assert!(running, "{way}: the command never ran");
        match way {
            "cancel" => {
                run.cancel();
                assert!(
                    processes(sleep).is_empty(),
                    "still there right after cancel()"
                );
                assert_eq!(
                    run.outcome().await.unwrap_err().kind(),
                    ErrorKind::Cancelled
                );
            }
            "deadline" => assert_eq!(run.outcome().await.unwrap_err().kind(), ErrorKind::Timeout),
            _ => drop(run),
        }
        assert!(
            eventually(10, || processes(sleep).is_empty()).await,
            "{way}: left over"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_goes_through_a_file_that_is_removed() {
    let bench = Bench::new(json!({"replies": [{"items": [{"message": "{}"}]}]})).await;
    let schema = json!({"type": "object", "properties": {}, "additionalProperties": false, "title": "only-here"});
    let turn = ExecTurn {
        output_schema: Some(schema),
        ..full_access(&bench)
    };
    let files = || {
        let name = format!("codex-output-schema-{}-", std::process::id());
        let entries = std::fs::read_dir(std::env::temp_dir()).unwrap().flatten();
        entries
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(&name))
            .count()
    };
    let codex = CodexExec::new(options(&bench)).unwrap();
    let run = codex.start("go", turn).unwrap();
    assert_eq!(files(), 1);
    assert_eq!(run.outcome().await.unwrap().status, "completed");
    assert_eq!(files(), 0);
    assert!(
        bench.model.requests()[0]["body"]
            .to_string()
            .contains("only-here")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_falls_behind_is_told() {
    let folder = folder();
    let flood = r#"for i in $(seq 1 500); do echo '{"type":"x"}'; done"#;
    let mut options = fake(folder.path(), &format!("{STARTED}\n{flood}\n{COMPLETED}"));
    options.queue.hard_events = 100;
    let run = CodexExec::new(options)
        .unwrap()
        .start("go", ExecTurn::default())
        .unwrap();
    assert_eq!(run.outcome().await.unwrap().status, "completed");
    let mut events = Vec::new();
    let state = run.drain(&mut events, 1000);
    assert_eq!(events.len(), 100);
    assert!(matches!(state, StreamState::Failed(error) if error.kind() == ErrorKind::Lagged));
}

/// Passes bytes on to the model and keeps what the engine sent.
fn eavesdrop(target: &str) -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, target) = (listener.local_addr().unwrap(), target.to_owned());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = heard.clone();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(&target) else {
                return;
            };
            let ear = ear.clone();
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = from.read(&mut buffer) {
                    ear.lock().unwrap().extend(&buffer[..count]);
                    if to.write_all(&buffer[..count]).is_err() {
                        break;
                    }
                }
            });
            let (mut from, mut to) = (server, client);
            std::thread::spawn(move || std::io::copy(&mut from, &mut to));
        }
    });
    (format!("http://{address}/v1"), heard)
}

/// Looks for the key in its own environment, in the engine's, and in all that is in the engine's home.
const SNOOP: &str = r#"echo "own=[$CODEX_API_KEY]"; env | grep -c 'sk-tell-nobody' ; tr '\0' '\n' < /proc/$PPID/environ | grep -c 'sk-tell-nobody'; grep -rlc 'sk-tell-nobody-[0-9]' "$CODEX_HOME" | grep -v /sessions/; echo end"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_api_key_works_and_no_command_can_read_it() {
    let bench = Bench::new(json!({"replies": [shell(SNOOP), "done"]})).await;
    let target = bench
        .model
        .base_url()
        .replace("http://", "")
        .replace("/v1", "");
    let (url, heard) = eavesdrop(&target);
    let mut options = options(&bench);
    // A provider that wants the engine's own login, as the built-in one does.
    let provider = json!({"name": "mine", "base_url": url, "wire_api": "responses",
        "requires_openai_auth": true, "supports_websockets": false});
    options.config_overrides.clear();
    options.config = object(
        json!({"model": "gpt-5.5", "model_provider": "mine", "model_providers": {"mine": provider},
        // What the caller says of commands' environment stays, and cannot bring the key back.
        "shell_environment_policy": {"set": {"MINE": "yes", "CODEX_API_KEY": "tell-nobody-2222"}}}),
    );
    options.api_key = Some("sk-tell-nobody-1111".to_owned());
    let run = CodexExec::new(options)
        .unwrap()
        .start("go", full_access(&bench))
        .unwrap();
    let mut output = String::new();
    while let Some(event) = run.next().await {
        let event = event.unwrap().json();
        if event["type"] == "item.completed" && event["item"]["type"] == "command_execution" {
            output = event["item"]["aggregated_output"]
                .as_str()
                .unwrap()
                .to_owned();
        }
    }
    assert_eq!(run.outcome().await.unwrap().status, "completed");
    let heard = String::from_utf8_lossy(&heard.lock().unwrap()).into_owned();
    assert!(
        heard.contains("Bearer sk-tell-nobody-1111"),
        "the engine did not use the key"
    );
    let lines: Vec<_> = output.lines().collect();
    assert_eq!(lines[0], "own=[]", "{output}");
    assert_eq!(
        lines[1], "0",
        "the key is in the command's environment: {output}"
    );
    if cfg!(target_os = "linux") {
        assert_eq!(
            lines[2], "0",
            "the key is in the engine's environment: {output}"
        );
    }
    assert_eq!(lines[3], "end", "the key is in a file: {output}");
    assert!(run.diagnostics().is_empty(), "{:?}", run.diagnostics());
}
