//! Engines of other versions: what they lack is refused by name before anything is sent, everything else
//! works. The oldest supported engine is real; versions in between are said by the test kit's engine.

use std::path::PathBuf;

use codexkit::{Codex, CodexOptions, ErrorKind, OLDEST_ENGINE, config};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use crate::faults;
use crate::support::{Bench, methods, object, prompt, repository, shell};

/// The oldest engine that is supported; the test suites' set-up brings it.
fn oldest() -> PathBuf {
    let engines = repository().join(".cache/engines");
    let path = engines.join(OLDEST_ENGINE).join("bin/codex");
    assert!(
        path.is_file(),
        "no engine {OLDEST_ENGINE}: run `cargo xtask test`, which brings it"
    );
    path
}

fn on_oldest(bench: &Bench) -> CodexOptions {
    CodexOptions {
        codex_bin: Some(oldest()),
        ..bench.options()
    }
}

async fn refusal(codex: &Codex, method: &str, params: Value) -> codexkit::Error {
    let params = to_raw_value(&params).unwrap();
    codex.request(method, Some(params), None).await.unwrap_err()
}

#[tokio::test]
async fn the_oldest_engine_runs_turns_commands_and_approvals() {
    let bench =
        Bench::new(json!({"replies": [shell("echo from-the-oldest"), "done"], "repeat": "last"}))
            .await;
    let codex = Codex::start(on_oldest(&bench)).await.unwrap();
    assert_eq!(
        codex.metadata().server_version.as_deref(),
        Some(OLDEST_ENGINE)
    );
    let thread = bench.thread(&codex).await;
    let turn = thread.turn(prompt("go"), object(json!({}))).await.unwrap();
    let seen = methods(&turn).await;
    assert_eq!(seen.last().map(String::as_str), Some("turn/completed"));
    let result = turn.result().await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("done"));
    let items = serde_json::to_string(&result.items).unwrap();
    assert!(items.contains("from-the-oldest"), "{items}");
    let again = codex
        .thread_resume(thread.id(), object(json!({})))
        .await
        .unwrap();
    let result = again
        .run(prompt("once more"), object(json!({})))
        .await
        .unwrap();
    assert_eq!(result.final_response.as_deref(), Some("done"));
    codex.close().await.unwrap();
}

#[tokio::test]
async fn what_the_oldest_engine_lacks_is_refused_and_the_client_stays_usable() {
    let bench = Bench::new(json!({"replies": ["Hello!"], "repeat": "last"})).await;
    let codex = Codex::start(on_oldest(&bench)).await.unwrap();
    let error = refusal(&codex, "memory/status", json!({})).await;
    assert_eq!(error.kind(), ErrorKind::EngineVersion);
    assert_eq!(error.needed_version(), Some("0.155.0"));
    let text = error.to_string();
    assert!(
        text.starts_with("memory/status needs engine 0.155.0 or newer; this is 0.154.0 ("),
        "{text}"
    );
    assert!(
        text.contains(&oldest().display().to_string()) && text.contains("codex_bin"),
        "{text}"
    );

    // The parameters of thread_start and turn go through the same gate.
    let params = object(json!({"daybreakEnabled": true}));
    let error = codex.thread_start(params).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::EngineVersion);
    assert_eq!(
        (error.method(), error.argument()),
        (Some("thread/start"), Some("daybreakEnabled"))
    );

    let thread = bench.thread(&codex).await;
    let params = object(json!({"parentTurnId": "t"}));
    let error = thread.turn(prompt("go"), params).await.err().unwrap();
    assert_eq!(error.needed_version(), Some("0.162.0"));
    assert_eq!(error.argument(), Some("parentTurnId"));

    // What newer engines have no more is here.
    let error = refusal(
        &codex,
        "thread/rollback",
        json!({"threadId": thread.id(), "numTurns": 1}),
    )
    .await;
    assert_eq!(error.kind(), ErrorKind::Rpc, "{error}");
    assert_eq!(
        bench.model.requests().len(),
        0,
        "nothing was sent to the model"
    );
    let result = thread.run(prompt("go"), object(json!({}))).await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("Hello!"));
    codex.close().await.unwrap();
}

#[tokio::test]
async fn removed_words_are_refused_by_every_engine() {
    let bench = Bench::new(json!({"replies": ["Hello!"], "repeat": "last"})).await;
    for options in [on_oldest(&bench), bench.options()] {
        let codex = Codex::start(options).await.unwrap();
        for params in [
            json!({"approvalPolicy": "on-failure"}),
            json!({"config": {"approval_policy": "untrusted"}}),
        ] {
            let error = codex.thread_start(object(params)).await.err().unwrap();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
            let text = error.to_string();
            assert!(
                text.contains("on-request") && text.contains("never"),
                "{text}"
            );
        }
        // Still a word of the wire: it asks for every command.
        let params = object(json!({"approvalPolicy": "untrusted"}));
        assert!(codex.thread_start(params).await.is_ok());
        codex.close().await.unwrap();
    }
}

#[tokio::test]
async fn removed_settings_are_refused_before_the_engine_starts() {
    let nowhere = CodexOptions {
        // It would be an error of its own if it were looked at.
        codex_bin: Some("/no/such/engine".into()),
        ..CodexOptions::default()
    };
    for (options, argument) in [
        (
            CodexOptions {
                config: object(json!({"approval_policy": "untrusted"})),
                ..nowhere.clone()
            },
            "config.approval_policy",
        ),
        (
            CodexOptions {
                config_overrides: vec!["approval_policy=\"on-failure\"".to_owned()],
                ..nowhere
            },
            "config_overrides",
        ),
    ] {
        let error = Codex::start(options).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(error.argument(), Some(argument), "{error}");
    }
    assert!(config::overrides(&object(json!({"approval_policy": "never"}))).is_ok());
}

#[tokio::test]
async fn an_engine_is_held_against_its_own_version() {
    for (version, method, params, needed) in [
        (
            "0.158.0",
            "account/bedrock/checkGovCloudRequirements",
            json!({}),
            Some("0.161.0"),
        ),
        (
            "0.158.0",
            "thread/list",
            json!({"excludedThreadIds": []}),
            Some("0.163.0"),
        ),
        ("0.158.0", "thread/rollback", json!({}), None),
    ] {
        let codex = faults::start(json!({"version": version})).await;
        let error = refusal(&codex, method, params).await;
        assert_eq!(error.kind(), ErrorKind::EngineVersion, "{error}");
        assert_eq!(error.needed_version(), needed, "{error}");
        assert!(error.to_string().contains(version), "{error}");
        codex.close().await.unwrap();
    }
    // An engine newer than all known ones decides by itself; this one answers anything.
    let codex = faults::start(json!({"version": "0.999.0"})).await;
    let params = to_raw_value(&json!({"sandbox": "a-word-of-tomorrow"})).unwrap();
    assert!(
        codex
            .request("thread/start", Some(params), None)
            .await
            .is_ok()
    );
    codex.close().await.unwrap();
}

#[tokio::test]
async fn experimental_parts_name_the_option_when_it_is_off() {
    let bench = Bench::new(json!({"replies": ["Hello!"]})).await;
    let options = CodexOptions {
        experimental_api: false,
        ..bench.options()
    };
    let codex = Codex::start(options).await.unwrap();
    let error = refusal(&codex, "thread/search", json!({"searchTerm": "x"})).await;
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(error.argument(), Some("experimental_api"));
    let params = object(json!({"dynamicTools": []}));
    let error = codex.thread_start(params).await.err().unwrap();
    assert_eq!(error.argument(), Some("experimental_api"));
    assert!(error.to_string().contains("dynamicTools"), "{error}");
    assert!(codex.thread_start(object(json!({}))).await.is_ok());
    codex.close().await.unwrap();
}
