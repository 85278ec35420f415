//! The check with data: what passes, and what each refusal says.

use serde_json::{Value, json};

use super::{check, method};
use crate::protocol::JsonObject;
use crate::protocol::generated::methods::CLIENT_METHODS;

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}

fn verdict(name: &str, params: Value, extra: Value) -> Result<(), (String, String)> {
    let info = method(name).expect("a known method");
    check(info, &object(params), &object(extra)).map_err(|error| {
        assert_eq!(error.method(), Some(name));
        let argument = error.argument().unwrap_or_default().to_owned();
        (argument, error.to_string())
    })
}

#[track_caller]
fn refused(name: &str, params: Value, argument: &str, says: &str) {
    let (named, message) = verdict(name, params, json!({})).expect_err("it must be refused");
    assert_eq!(named, argument, "{message}");
    assert!(message.contains(says), "{message}");
}

#[test]
fn what_fits_passes() {
    for (name, params) in [
        ("thread/start", json!({})),
        (
            "thread/start",
            json!({"cwd": null, "config": {"any": ["thing"]}}),
        ),
        (
            "thread/start",
            json!({"approvalPolicy": "never", "ephemeral": true}),
        ),
        (
            "thread/start",
            json!({"approvalPolicy": {"granular": {
                "mcp_elicitations": true, "rules": true, "sandbox_approval": true
            }}}),
        ),
        ("thread/list", json!({"cwd": "/a", "limit": 3})),
        ("thread/list", json!({"cwd": ["/a", "/b"]})),
        (
            "turn/start",
            json!({"threadId": "t", "input": [
                {"type": "text", "text": "x"},
                {"type": "image", "url": "u"},
                {"type": "image", "fileId": "f"},
            ]}),
        ),
        (
            "turn/start",
            json!({"threadId": "t", "input": [], "effort": "brand-new"}),
        ),
        (
            "command/exec",
            json!({"command": ["ls"], "env": {"A": "1", "B": null}}),
        ),
        ("account/login/start", json!({"type": "chatgptDeviceCode"})),
        ("account/logout", json!({})),
        ("getAuthStatus", json!({"includeToken": true})),
    ] {
        assert_eq!(
            verdict(name, params.clone(), json!({})),
            Ok(()),
            "{name} {params}"
        );
    }
}

#[test]
fn what_does_not_fit_is_named() {
    refused(
        "thread/goal/set",
        json!({}),
        "threadId",
        "thread/goal/set needs it: a string",
    );
    refused(
        "thread/goal/set",
        json!({"threadId": null}),
        "threadId",
        "needs it",
    );
    refused(
        "thread/goal/set",
        json!({"thread_id": "t"}),
        "thread_id",
        "it is called threadId",
    );
    refused(
        "thread/goal/set",
        json!({"threadId": "t", "x": 1}),
        "x",
        "it takes objective",
    );
    refused(
        "thread/goal/set",
        json!({"threadId": 3}),
        "threadId",
        "must be a string, not 3",
    );
    refused(
        "thread/list",
        json!({"limit": -1}),
        "limit",
        "a whole number of 0 or more, not -1",
    );
    refused("thread/list", json!({"limit": 1.5}), "limit", "not 1.5");
    refused(
        "thread/list",
        json!({"cwd": 3}),
        "cwd",
        "a string, or a list",
    );
    refused(
        "thread/list",
        json!({"cwd": [3]}),
        "cwd[0]",
        "must be a string",
    );
    refused(
        "thread/list",
        json!({"sortDirection": "up"}),
        "sortDirection",
        "asc, desc, not \"up\"",
    );
    refused(
        "thread/start",
        json!({"approvalPolicy": {"granular": {"rules": true}}}),
        "approvalPolicy.granular.mcp_elicitations",
        "needs it: true or false",
    );
    refused(
        "turn/start",
        json!({"threadId": "t", "input": [{"type": "image"}]}),
        "input[0].url",
        "needs it",
    );
    refused(
        "command/exec",
        json!({"command": ["ls"], "env": {"A": 1}}),
        "env.A",
        "must be a string, not 1",
    );
    refused(
        "account/login/start",
        json!({}),
        "type",
        "must be one of apiKey",
    );
    refused(
        "account/logout",
        json!({"now": true}),
        "now",
        "takes no parameters",
    );
}

#[test]
fn extra_is_not_looked_at() {
    let passes = |name: &str, params: Value, extra: Value| {
        assert_eq!(verdict(name, params, extra), Ok(()));
    };
    passes(
        "thread/goal/set",
        json!({}),
        json!({"threadId": 3, "new": true}),
    );
    passes(
        "thread/goal/set",
        json!({"threadId": 3}),
        json!({"threadId": "t"}),
    );
    passes(
        "account/login/start",
        json!({}),
        json!({"type": "brandNew"}),
    );
    assert!(verdict("thread/goal/set", json!({"x": 1}), json!({"threadId": "t"})).is_err());
}

#[test]
fn a_refusal_quotes_short_words_only() {
    let (_, message) = verdict(
        "thread/list",
        json!({"sortDirection": "sk-proj-abcdefghijklmnopqrstuvwxyz"}),
        json!({}),
    )
    .expect_err("it must be refused");
    assert!(!message.contains("sk-proj"), "{message}");
}

#[test]
fn every_method_can_be_checked() {
    for info in &CLIENT_METHODS {
        // Whatever a method needs, an empty object is either enough or refused; nothing else happens.
        let _ = check(info, &JsonObject::new(), &JsonObject::new());
        let wrong = object(json!({"noSuchField": 1}));
        assert!(
            check(info, &wrong, &JsonObject::new()).is_err(),
            "{}",
            info.name
        );
    }
    let unknown = method("thread/gaol").expect_err("there is none");
    assert_eq!(unknown.argument(), Some("method"));
}
