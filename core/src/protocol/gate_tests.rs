//! The gates as data: which request is refused on which engine, and with which words.
//!
//! The cases use parts of the protocol that are known to have come or gone.

use serde_json::json;

use super::*;
use crate::protocol::raw;

fn gate(version: &str) -> Gate {
    Gate::new(version, "/opt/codex, codex_bin", true)
}

#[expect(clippy::needless_pass_by_value, reason = "the cases read better so")]
fn refused(gate: &Gate, method: &str, params: serde_json::Value) -> Option<Error> {
    gate.check(method, Some(&raw(&params))).err()
}

#[test]
fn a_newer_method_names_the_engine_that_has_it() {
    let error = refused(&gate("0.154.0"), "memory/status", json!({})).expect("refused");
    assert_eq!(error.kind(), ErrorKind::EngineVersion);
    assert_eq!(error.method(), Some("memory/status"));
    assert_eq!(error.argument(), None);
    assert_eq!(error.needed_version(), Some("0.155.0"));
    assert_eq!(
        error.to_string(),
        "memory/status needs engine 0.155.0 or newer; this is 0.154.0 (/opt/codex, codex_bin)"
    );
    assert!(refused(&gate("0.155.0"), "memory/status", json!({})).is_none());
}

#[test]
fn a_newer_parameter_is_named_by_its_path() {
    for (params, argument) in [
        (
            json!({"threadId": "t", "disabledPluginIds": ["a"]}),
            "disabledPluginIds",
        ),
        (json!({"disabledPluginIds": []}), "disabledPluginIds"),
    ] {
        let error = refused(&gate("0.155.1"), "thread/settings/update", params).expect("refused");
        assert_eq!(error.kind(), ErrorKind::EngineVersion, "{error}");
        assert_eq!(error.argument(), Some(argument));
        assert_eq!(error.needed_version(), Some("0.156.0"));
        assert!(error.to_string().starts_with(
            "thread/settings/update: disabledPluginIds needs engine 0.156.0 or newer; this is 0.155.1"
        ));
    }
    let input = json!({"input": [{"type": "text", "text": "a"}, {"type": "image", "fileId": "f"}]});
    let error = refused(&gate("0.155.0"), "turn/start", input.clone()).expect("refused");
    assert_eq!(error.argument(), Some("input[1].fileId"));
    assert!(refused(&gate("0.156.0"), "turn/start", input).is_none());
}

#[test]
fn null_is_as_good_as_absent() {
    let params = json!({"daybreakEnabled": null});
    assert!(refused(&gate("0.154.0"), "thread/start", params).is_none());
    let params = json!({"daybreakEnabled": false});
    assert!(refused(&gate("0.154.0"), "thread/start", params).is_some());
}

#[test]
fn what_was_removed_is_refused_from_then_on() {
    for (version, gone) in [
        ("0.155.1", false),
        ("0.156.0", true),
        ("0.169.0", true),
        ("0.999.0", true),
        ("0.0.0", true),
    ] {
        let error = refused(&gate(version), "thread/rollback", json!({}));
        assert_eq!(error.is_some(), gone, "{version}");
        if let Some(error) = error {
            assert_eq!(error.kind(), ErrorKind::EngineVersion);
            assert!(
                error.to_string().contains("was removed in engine 0.156.0"),
                "{error}"
            );
            assert_eq!(error.needed_version(), None);
        }
    }
    let params = json!({"delivery": "detached"});
    let error = refused(&gate("0.166.0"), "review/start", params.clone()).expect("refused");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(error.argument(), Some("delivery"));
    assert!(
        error.to_string().contains("removed in engine 0.166.0")
            && error.to_string().ends_with("accepted: inline"),
        "{error}"
    );
    assert!(refused(&gate("0.165.0"), "review/start", params).is_none());
}

#[test]
fn a_removed_approval_policy_names_the_alternatives() {
    for version in ["0.154.0", "0.163.0", "0.169.0", "0.170.0"] {
        for method in ["thread/start", "thread/resume", "thread/fork", "turn/start"] {
            let error = refused(
                &gate(version),
                method,
                json!({"approvalPolicy": "on-failure"}),
            );
            let error = error.expect("refused");
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert_eq!(error.argument(), Some("approvalPolicy"));
            assert_eq!(error.method(), Some(method));
            let text = error.to_string();
            assert!(
                text.contains("on-request") && text.contains("never"),
                "{text}"
            );
        }
    }
}

#[test]
fn words_are_checked_against_what_this_engine_takes() {
    let error =
        refused(&gate("0.163.0"), "thread/start", json!({"sandbox": "full"})).expect("refused");
    assert_eq!(
        error.to_string(),
        "sandbox: \"full\" is not known to thread/start; accepted: danger-full-access, read-only, workspace-write"
    );
    let voice = json!({"threadId": "t", "voice": "aube"});
    let error = refused(&gate("0.162.1"), "thread/realtime/start", voice.clone()).expect("refused");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(error.needed_version(), Some("0.163.0"));
    assert!(
        error.to_string().contains("needs engine 0.163.0") && error.to_string().contains("alloy"),
        "{error}"
    );
    assert!(!error.to_string().contains("accepted: aube"));
    assert!(refused(&gate("0.163.0"), "thread/realtime/start", voice).is_none());
    // What is no text, and what may be any text, is the engine's to judge.
    let granular = json!({"approvalPolicy": {"granular": {}}, "effort": "colossal", "sandboxPolicy": {"networkAccess": true}});
    assert!(refused(&gate("0.163.0"), "turn/start", granular).is_none());
}

#[test]
fn nested_words_are_found_wherever_they_stand() {
    for (params, argument) in [
        (
            json!({"sandboxPolicy": {"type": "readonly"}}),
            "sandboxPolicy.type",
        ),
        (
            json!({"input": [{"type": "image", "detail": "huge"}]}),
            "input[0].detail",
        ),
        (
            json!({"additionalContext": {"k": {"kind": "x"}}}),
            "additionalContext.k.kind",
        ),
    ] {
        let error = refused(&gate("0.169.0"), "turn/start", params).expect("refused");
        assert_eq!(error.argument(), Some(argument), "{error}");
    }
}

#[test]
fn a_newer_engine_decides_by_itself() {
    for version in ["0.170.0", "1.0.0", "0.0.0", "", "unknown"] {
        let gate = gate(version);
        assert!(
            refused(&gate, "thread/start", json!({"sandbox": "new-word"})).is_none(),
            "{version}"
        );
        assert!(
            refused(&gate, "memory/status", json!({})).is_none(),
            "{version}"
        );
    }
}

#[test]
fn an_engine_between_two_known_ones_may_have_what_the_later_has() {
    for version in ["0.155.9", "0.156.0-alpha.3"] {
        let gate = gate(version);
        assert!(
            refused(&gate, "rollout/compress", json!({})).is_none(),
            "{version}"
        );
        assert!(
            refused(&gate, "thread/rollback", json!({})).is_none(),
            "{version}"
        );
        assert!(
            refused(&gate, "account/gatewayOAuth/read", json!({})).is_some(),
            "{version}"
        );
    }
}

#[test]
fn what_no_engine_has_passes() {
    let gate = gate("0.154.0");
    assert!(refused(&gate, "no/such/method", json!({"a": 1})).is_none());
    assert!(refused(&gate, "thread/start", json!({"noSuchParameter": 1})).is_none());
    assert!(gate.check("turn/start", None).is_ok());
    let broken = RawValue::from_string("[]".to_owned()).expect("JSON");
    assert!(gate.check("turn/start", Some(&broken)).is_ok());
}

#[test]
fn experimental_parts_need_the_experimental_api() {
    let off = Gate::new("0.163.0", "codex", false);
    for (method, params, what) in [
        (
            "thread/search",
            json!({"searchTerm": "x"}),
            "thread/search is part",
        ),
        (
            "thread/start",
            json!({"dynamicTools": []}),
            "thread/start: dynamicTools is part",
        ),
    ] {
        let error = refused(&off, method, params.clone()).expect("refused");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(error.argument(), Some("experimental_api"));
        assert!(error.to_string().contains(what), "{error}");
        assert!(refused(&gate("0.163.0"), method, params).is_none());
    }
    // Stable since 0.156.0.
    let params = json!({"disabledPluginIds": []});
    assert!(refused(&off, "turn/start", params.clone()).is_none());
    let before = Gate::new("0.155.1", "codex", false);
    assert!(refused(&before, "turn/start", params).is_some());
}

#[test]
fn the_tables_are_sorted_and_within_the_known_engines() {
    use crate::protocol::generated::versions::{METHODS, NEVER};
    assert!(METHODS.is_sorted_by(|a, b| a.name < b.name));
    assert!(ENGINES.is_sorted() && ENGINES.len() < usize::from(NEVER));
    let known = |index: u8| index == NEVER || usize::from(index) < ENGINES.len();
    for method in METHODS {
        let words = method.words.iter().flat_map(|(_, words)| *words);
        for (name, span) in method.params.iter().chain(words) {
            assert!(
                known(span.since) && known(span.removed) && known(span.stable),
                "{} {name}",
                method.name
            );
        }
    }
    let oldest = version::parse(version::OLDEST_ENGINE);
    assert_eq!(ENGINES.first().copied(), oldest);
}
