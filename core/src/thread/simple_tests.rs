#![expect(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "tests")]

use serde_json::{Value, json};

use super::*;
use crate::protocol::scan::scan;

fn event(method: &str, mut params: Value) -> Event {
    params["threadId"] = json!("t");
    let line = json!({ "method": method, "params": params }).to_string();
    let spans = scan(&line).unwrap();
    Event::new(&line, &spans)
}

/// Folds `(method, params)` pairs; the answer leaves out `thread.started`.
fn fold(events: &[(&str, Value)]) -> Vec<Value> {
    let (mut fold, opening) = SimpleFold::begin("t");
    assert_eq!(
        opening.to_json(),
        r#"{"type":"thread.started","thread_id":"t"}"#
    );
    let mut out = Vec::new();
    for (method, params) in events {
        fold.push(&event(method, params.clone()), &mut out);
    }
    out.iter()
        .map(|event| serde_json::from_str(&event.to_json()).unwrap())
        .collect()
}

fn completed(status: &str, items: Value, error: Value) -> (&'static str, Value) {
    (
        "turn/completed",
        json!({ "turn": { "id": "u", "status": status, "items": items, "error": error } }),
    )
}

fn usage(total: i64, last: i64) -> (&'static str, Value) {
    let counters = |n: i64| json!({ "totalTokens": n, "inputTokens": n, "cachedInputTokens": 1, "cacheWriteInputTokens": 0, "outputTokens": n, "reasoningOutputTokens": 0 });
    (
        "thread/tokenUsage/updated",
        json!({ "turnId": "u", "tokenUsage": { "total": counters(total), "last": counters(last), "modelContextWindow": null } }),
    )
}

#[test]
fn items_are_numbered_as_the_official_stream_does() {
    let command = |status: &str, output: Value, code: Value| json!({ "turnId": "u", "item": { "type": "commandExecution", "id": "c", "command": "ls", "aggregatedOutput": output, "exitCode": code, "status": status } });
    let got = fold(&[
        ("turn/started", json!({ "turn": { "id": "u" } })),
        (
            "item/started",
            json!({ "turnId": "u", "item": { "type": "userMessage", "id": "m", "content": [] } }),
        ),
        (
            "item/completed",
            json!({ "turnId": "u", "item": { "type": "userMessage", "id": "m", "content": [] } }),
        ),
        (
            "item/started",
            json!({ "turnId": "u", "item": { "type": "reasoning", "id": "r", "summary": [], "content": [] } }),
        ),
        (
            "item/completed",
            json!({ "turnId": "u", "item": { "type": "reasoning", "id": "r", "summary": ["one", "two"], "content": [] } }),
        ),
        (
            "item/completed",
            json!({ "turnId": "u", "item": { "type": "reasoning", "id": "r2", "summary": [" "], "content": [] } }),
        ),
        (
            "item/started",
            command("inProgress", Value::Null, Value::Null),
        ),
        (
            "item/commandExecution/outputDelta",
            json!({ "turnId": "u", "itemId": "c", "delta": "o" }),
        ),
        (
            "item/completed",
            command("failed", json!("out\n"), json!(3)),
        ),
        (
            "item/started",
            json!({ "turnId": "u", "item": { "type": "agentMessage", "id": "a", "text": "" } }),
        ),
        (
            "item/agentMessage/delta",
            json!({ "turnId": "u", "itemId": "a", "delta": "hi" }),
        ),
        (
            "item/completed",
            json!({ "turnId": "u", "item": { "type": "agentMessage", "id": "a", "text": "hi" } }),
        ),
        usage(20, 15),
        usage(30, 10),
        completed("completed", json!([]), Value::Null),
    ]);
    assert_eq!(
        got,
        [
            json!({ "type": "turn.started", "turn_id": "u" }),
            json!({ "type": "item.completed", "item": { "id": "item_0", "type": "reasoning", "text": "one\ntwo" } }),
            json!({ "type": "item.started", "item": { "id": "item_1", "type": "command_execution", "command": "ls", "aggregated_output": "", "exit_code": null, "status": "in_progress" } }),
            json!({ "type": "item.completed", "item": { "id": "item_1", "type": "command_execution", "command": "ls", "aggregated_output": "out\n", "exit_code": 3, "status": "failed" } }),
            json!({ "type": "item.completed", "item": { "id": "item_2", "type": "agent_message", "text": "hi" } }),
            json!({ "type": "turn.completed", "turn_id": "u",
            "usage": { "input_tokens": 25, "cached_input_tokens": 1, "cache_write_input_tokens": 0, "output_tokens": 25, "reasoning_output_tokens": 0 },
            "thread_usage": { "input_tokens": 30, "cached_input_tokens": 1, "cache_write_input_tokens": 0, "output_tokens": 30, "reasoning_output_tokens": 0 } }),
        ]
    );
}

#[test]
fn a_plan_becomes_a_to_do_list_that_completes_before_the_turn() {
    let plan = |first: &str| {
        (
            "turn/plan/updated",
            json!({ "turnId": "u", "explanation": null, "plan": [{ "step": "a", "status": first }, { "step": "b", "status": "pending" }] }),
        )
    };
    let got = fold(&[
        plan("inProgress"),
        plan("completed"),
        completed("completed", json!([]), Value::Null),
    ]);
    let list = |done: bool| json!({ "id": "item_0", "type": "todo_list", "items": [{ "text": "a", "completed": done }, { "text": "b", "completed": false }] });
    assert_eq!(
        got[..3],
        [
            json!({ "type": "item.started", "item": list(false) }),
            json!({ "type": "item.updated", "item": list(true) }),
            json!({ "type": "item.completed", "item": list(true) }),
        ]
    );
    assert_eq!(got[3]["type"], "turn.completed");
}

#[test]
fn file_changes_tool_calls_searches_and_sub_agents_keep_their_fields() {
    let item = |item: Value| ("item/completed", json!({ "turnId": "u", "item": item }));
    let got = fold(&[
        item(
            json!({ "type": "fileChange", "id": "f", "changes": [{ "path": "/x", "kind": { "type": "update", "move_path": null }, "diff": "-" }], "status": "declined" }),
        ),
        item(
            json!({ "type": "mcpToolCall", "id": "m", "server": "s", "tool": "t", "arguments": { "a": 1 }, "result": { "content": [{ "type": "text", "text": "r" }], "structuredContent": null, "_meta": null }, "error": null, "status": "completed" }),
        ),
        item(
            json!({ "type": "mcpToolCall", "id": "n", "server": "s", "tool": "t", "arguments": null, "result": null, "error": { "message": "bad" }, "status": "failed" }),
        ),
        item(
            json!({ "type": "webSearch", "id": "ws_1", "query": "q", "action": { "type": "openPage", "url": null } }),
        ),
        item(
            json!({ "type": "collabAgentToolCall", "id": "k", "tool": "spawnAgent", "senderThreadId": "t", "receiverThreadIds": ["t2"], "prompt": "p", "agentsStates": { "t2": { "status": "pendingInit", "message": null } }, "status": "inProgress" }),
        ),
        item(json!({ "type": "imageView", "id": "v", "path": "/i" })),
        item(json!({ "type": "aKindOfTomorrow", "id": "z" })),
    ]);
    let items: Vec<&Value> = got.iter().map(|event| &event["item"]).collect();
    assert_eq!(
        items,
        [
            &json!({ "id": "item_0", "type": "file_change", "changes": [{ "path": "/x", "kind": "update" }], "status": "declined" }),
            &json!({ "id": "item_1", "type": "mcp_tool_call", "server": "s", "tool": "t", "arguments": { "a": 1 }, "result": { "content": [{ "type": "text", "text": "r" }], "structured_content": null }, "error": null, "status": "completed" }),
            &json!({ "id": "item_2", "type": "mcp_tool_call", "server": "s", "tool": "t", "arguments": null, "result": null, "error": { "message": "bad" }, "status": "failed" }),
            &json!({ "id": "ws_1", "type": "web_search", "query": "q", "action": { "type": "open_page" } }),
            &json!({ "id": "item_4", "type": "collab_tool_call", "tool": "spawn_agent", "sender_thread_id": "t", "receiver_thread_ids": ["t2"], "prompt": "p", "agents_states": { "t2": { "status": "pending_init", "message": null } }, "status": "in_progress" }),
        ]
    );
}

#[test]
fn failures_and_notices_are_told() {
    let error = |message: &str, retry: bool| {
        (
            "error",
            json!({ "turnId": "u", "willRetry": retry, "error": { "message": message, "additionalDetails": "d", "codexErrorInfo": null } }),
        )
    };
    let got = fold(&[
        ("warning", json!({ "message": "careful" })),
        ("configWarning", json!({ "summary": "s", "details": "why" })),
        (
            "model/rerouted",
            json!({ "turnId": "u", "fromModel": "a", "toModel": "b", "reason": "x" }),
        ),
        error("Reconnecting... 1/5", true),
        completed(
            "failed",
            json!([]),
            json!({ "message": "gone", "codexErrorInfo": null, "additionalDetails": null }),
        ),
    ]);
    assert_eq!(
        got,
        [
            json!({ "type": "item.completed", "item": { "id": "item_0", "type": "error", "message": "careful" } }),
            json!({ "type": "item.completed", "item": { "id": "item_1", "type": "error", "message": "s (why)" } }),
            json!({ "type": "item.completed", "item": { "id": "item_2", "type": "error", "message": "model rerouted: a -> b (X)" } }),
            json!({ "type": "error", "message": "Reconnecting... 1/5 (d)", "will_retry": true, "codex_error_info": null }),
            json!({ "type": "turn.failed", "turn_id": "u", "error": { "message": "gone", "codex_error_info": null } }),
        ]
    );
    let silent = fold(&[
        error("boom", false),
        completed("failed", json!([]), Value::Null),
    ]);
    assert_eq!(
        silent[1],
        json!({ "type": "turn.failed", "turn_id": "u", "error": { "message": "boom (d)", "codex_error_info": null } })
    );
    assert!(fold(&[completed("interrupted", json!([]), Value::Null)]).is_empty());
}

#[test]
fn an_item_that_the_end_of_the_turn_lists_is_completed() {
    let command = json!({ "type": "commandExecution", "id": "c", "command": "ls", "aggregatedOutput": "x", "exitCode": 0, "status": "completed" });
    let got = fold(&[
        ("item/started", json!({ "turnId": "u", "item": command })),
        completed("completed", json!([command]), Value::Null),
    ]);
    assert_eq!(
        (&got[1]["type"], &got[1]["item"]["id"]),
        (&json!("item.completed"), &json!("item_0"))
    );
}

#[test]
fn the_collected_result_is_the_official_one() {
    let (mut fold, _) = SimpleFold::begin("t");
    let mut result = SimpleResult::default();
    let mut out = Vec::new();
    fold.push(
        &event(
            "item/completed",
            json!({ "turnId": "u", "item": { "type": "agentMessage", "id": "a", "text": "hi" } }),
        ),
        &mut out,
    );
    fold.push(
        &event(
            "turn/completed",
            completed("completed", json!([]), Value::Null).1,
        ),
        &mut out,
    );
    for event in out {
        result.observe(event);
    }
    assert_eq!(result.final_response, "hi");
    assert_eq!(result.usage, Some(SimpleUsage::default()));
    assert!(result.to_json().starts_with(
        r#"{"items":[{"id":"item_0","type":"agent_message","text":"hi"}],"finalResponse":"hi""#
    ));
}
