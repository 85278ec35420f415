//! Policies and decisions with requests as data.
#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use super::*;
use crate::approvals::Asked;
use crate::error::ErrorKind;
use crate::thread::event::Event;

fn request(method: &str, params: &Value, item: Option<&Value>) -> ApprovalRequest {
    let event = |method: &str, params: &Value| {
        Event::recovered(&json!({"method": method, "params": params}).to_string()).unwrap()
    };
    let item = item.map(|item| event("item/started", &json!({"item": item})));
    match Asked::of(&event(method, params), item.as_ref()) {
        Some(Asked::Approval(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn command(script: &str) -> ApprovalRequest {
    let line = format!("/bin/bash -lc {}", shlex::try_quote(script).unwrap());
    request(
        "item/commandExecution/requestApproval",
        &json!({"command": line}),
        None,
    )
}

fn edit(paths: &[&str]) -> ApprovalRequest {
    let changes: Vec<Value> = paths
        .iter()
        .map(|path| json!({"path": path, "kind": {"type": "add"}, "diff": "+x"}))
        .collect();
    let item = json!({"type": "fileChange", "id": "i", "changes": changes});
    request(
        "item/fileChange/requestApproval",
        &json!({"itemId": "i"}),
        Some(&item),
    )
}

fn word(policy: &Policy, request: &ApprovalRequest) -> Option<&'static str> {
    policy.decide(request).map(|decision| decision.as_str())
}

fn refused<T: std::fmt::Debug>(made: Result<T>) -> String {
    let error = made.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    error.argument().unwrap_or_default().to_owned()
}

#[test]
fn commands_match_word_for_word_and_as_a_whole() {
    let policy = Policy::commands(
        &["git add", "npm test"],
        &["cargo (build|test)( --release)?"],
    )
    .unwrap();
    for accepted in [
        "git add .",
        "git add",
        "npm test && git add -A",
        "cargo test",
        "cargo build --release",
    ] {
        assert_eq!(
            word(&policy, &command(accepted)),
            Some("accept"),
            "{accepted}"
        );
    }
    for other in [
        "git addx",
        "git",
        "git add . && rm x",
        "git add $(rm x)",
        "git add . > f",
        "cargo test; rm x",
        "xcargo test",
        "cargo test\nrm x",
        "env git add",
    ] {
        assert_eq!(word(&policy, &command(other)), None, "{other}");
    }
}

#[test]
fn a_rule_that_declines_finds_its_command_anywhere() {
    let policy = Policy::commands(&["rm", "git push"], &[".*secret.*"])
        .unwrap()
        .denying();
    for declined in [
        "rm x",
        "ls; rm x",
        "echo $(rm x)",
        "a && (git push -f)",
        "cat secret.txt",
        "sh -c 'rm x'",
    ] {
        assert_eq!(
            word(&policy, &command(declined)),
            Some("decline"),
            "{declined}"
        );
    }
    for other in ["ls", "git pull", "rmdir x", "echo harm"] {
        assert_eq!(word(&policy, &command(other)), None, "{other}");
    }
}

#[test]
fn a_command_that_asks_for_more_is_nothing_that_a_rule_for_commands_accepts() {
    for more in [
        json!({"additionalPermissions": {"network": {"enabled": true}}}),
        json!({"networkApprovalContext": {"host": "example.com", "protocol": "https"}}),
    ] {
        let mut params = json!({"command": "ls"});
        params
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let request = request("item/commandExecution/requestApproval", &params, None);
        assert_eq!(word(&Policy::read_only_commands(), &request), None);
        assert_eq!(
            word(&Policy::commands(&["ls"], &[""; 0]).unwrap(), &request),
            None
        );
        assert_eq!(
            word(&Policy::dangerously_accept_all(), &request),
            Some("accept")
        );
    }
}

#[test]
fn edits_stay_inside_their_folders() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let (inside, outside) = (root.join("in"), root.join("out"));
    for path in [&inside, &outside] {
        std::fs::create_dir(path).unwrap();
    }
    let policy = Policy::edits_inside(&[&inside]).unwrap();
    let path = |tail: &str| root.join(tail).display().to_string();
    assert_eq!(
        word(&policy, &edit(&[&path("in/a"), &path("in/new/b")])),
        Some("accept")
    );
    for paths in [
        vec![path("out/a")],
        vec![path("in/a"), path("out/b")],
        vec![path("in/../out/a")],
        vec![path("inside")],
        vec!["in/a".to_owned()],
        vec![],
    ] {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        assert_eq!(word(&policy, &edit(&paths)), None, "{paths:?}");
    }
    assert_eq!(word(&policy, &command("ls")), None);
    let no_item = request(
        "item/fileChange/requestApproval",
        &json!({"itemId": "i"}),
        None,
    );
    assert_eq!(word(&policy, &no_item), None);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_out_is_outside() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    std::fs::create_dir(root.join("in")).unwrap();
    std::os::unix::fs::symlink(&root, root.join("in/up")).unwrap();
    std::os::unix::fs::symlink(root.join("missing"), root.join("in/dangling")).unwrap();
    let policy = Policy::edits_inside(&[root.join("in")]).unwrap();
    for tail in ["in/up/a", "in/dangling"] {
        let path = root.join(tail).display().to_string();
        assert_eq!(word(&policy, &edit(&[&path])), None, "{tail}");
    }
}

#[test]
fn tools_are_named_alone_or_by_their_server() {
    let asked = |tool: &str| {
        request(
            "mcpServer/elicitation/request",
            &json!({
                "serverName": "docs", "mode": "form",
                "message": format!("Allow the docs MCP server to run tool \"{tool}\"?"),
                "_meta": {"codex_approval_kind": "mcp_tool_call"},
            }),
            None,
        )
    };
    let one = Policy::mcp_tools(&["docs/search"]).unwrap();
    assert_eq!(word(&one, &asked("search")), Some("accept"));
    assert_eq!(word(&one, &asked("delete")), None);
    let all = Policy::mcp_tools(&["docs"]).unwrap();
    assert_eq!(word(&all, &asked("delete")), Some("accept"));
    assert_eq!(word(&all.denying(), &asked("delete")), Some("decline"));
    assert_eq!(
        word(&Policy::mcp_tools(&["doc"]).unwrap(), &asked("search")),
        None
    );
}

#[test]
fn what_is_no_policy_is_refused_when_it_is_made() {
    let none: [&str; 0] = [];
    assert_eq!(refused(Policy::commands(&none, &none)), "prefixes");
    assert_eq!(refused(Policy::commands(&["a | b"], &none)), "prefixes");
    assert_eq!(refused(Policy::commands(&["a $x"], &none)), "prefixes");
    assert_eq!(refused(Policy::commands(&[""], &none)), "prefixes");
    assert_eq!(refused(Policy::commands(&none, &["("])), "patterns");
    assert_eq!(refused(Policy::commands(&none, &["a)|(b"])), "patterns");
    assert_eq!(refused(Policy::edits_inside(&none)), "folders");
    assert_eq!(refused(Policy::edits_inside(&["relative"])), "folders");
    assert_eq!(
        refused(Policy::edits_inside(&["/no/such/folder"])),
        "folders"
    );
    assert_eq!(refused(Policy::mcp_tools(&none)), "names");
    assert_eq!(refused(Policy::mcp_tools(&["/"])), "names");
}

#[test]
fn legacy_requests_look_like_the_others() {
    let command = request(
        "execCommandApproval",
        &json!({"command": ["bash", "-lc", "git status"], "cwd": "/w", "conversationId": "t", "callId": "c"}),
        None,
    );
    assert_eq!(command.script.as_deref(), Some("git status"));
    assert_eq!(
        (command.thread_id.as_deref(), command.item_id.as_deref()),
        (Some("t"), Some("c"))
    );
    assert_eq!(
        word(&Policy::read_only_commands(), &command),
        Some("accept")
    );
    let wire = |decision: Decision| decision.to_wire(&command).unwrap()["decision"].clone();
    assert_eq!(wire(Decision::Accept), "approved");
    assert_eq!(wire(Decision::Cancel), "abort");
    assert_eq!(
        wire(Decision::decline("no")),
        json!({"denied": {"rejection": "no"}})
    );
    let changes = json!({"/w/a": {"type": "update", "unified_diff": "@@", "move_path": "/w/b"}});
    let edit = request("applyPatchApproval", &json!({"fileChanges": changes}), None);
    assert_eq!(edit.changes[0].move_path.as_deref(), Some("/w/b"));
}

#[test]
fn decisions_have_each_methods_own_shape() {
    let of = |decision: &Decision, request: &ApprovalRequest| decision.to_wire(request).unwrap();
    let permissions = request(
        "item/permissions/requestApproval",
        &json!({"permissions": {"fileSystem": null, "network": {"enabled": true}}}),
        None,
    );
    let granted = json!({"network": {"enabled": true}});
    assert_eq!(
        of(&Decision::Accept, &permissions),
        json!({"permissions": granted, "scope": "turn"})
    );
    assert_eq!(
        of(&Decision::AcceptForSession, &permissions),
        json!({"permissions": granted, "scope": "session"})
    );
    assert_eq!(
        of(&Decision::Decline(None), &permissions),
        json!({"permissions": {}, "scope": "turn"})
    );
    assert_eq!(
        of(&Decision::Cancel, &permissions),
        json!({"permissions": {}, "scope": "turn"})
    );
    assert_eq!(
        refused(Decision::AcceptWithRule(None).to_wire(&permissions)),
        "rule"
    );
    let proposing = request(
        "item/commandExecution/requestApproval",
        &json!({"command": "touch x", "proposedExecpolicyAmendment": ["touch"]}),
        None,
    );
    let rule = |words: &[&str]| json!({"decision": {"acceptWithExecpolicyAmendment": {"execpolicy_amendment": words}}});
    assert_eq!(
        of(&Decision::AcceptWithRule(None), &proposing),
        rule(&["touch"])
    );
    let own = Decision::AcceptWithRule(Some(vec!["touch".to_owned(), "x".to_owned()]));
    assert_eq!(of(&own, &proposing), rule(&["touch", "x"]));
    assert_eq!(
        refused(Decision::AcceptWithRule(None).to_wire(&command("ls"))),
        "rule"
    );
    let host = json!({"action": "allow", "host": "example.com"});
    let network = request(
        "item/commandExecution/requestApproval",
        &json!({"proposedNetworkPolicyAmendments": [{"action": "deny", "host": "example.com"}, host]}),
        None,
    );
    assert_eq!(
        of(&Decision::AcceptWithRule(None), &network),
        json!({"decision": {"applyNetworkPolicyAmendment": {"network_policy_amendment": host}}})
    );
}
