//! The lines of a replay, prepared in memory.

use super::plan::{Kind, ReplayPlan};
use crate::shapes;
use crate::{Error, Result};
use serde_json::{Value, json};

/// The message item of every replayed turn.
pub(super) const ITEM: &str = "msg_1";

/// Stand for the ids of a turn in a template. As long as real ids, so that sizes are right.
const THREAD: &str = "@thread@-0000-0000-0000-000000000000";
const TURN: &str = "@turn@@@-0000-0000-0000-000000000000";

/// A block is made of about so many bytes, several times what a pipe holds.
const BLOCK_BYTES: usize = 512 * 1024;

pub(super) struct Ids<'a> {
    pub(super) thread: &'a str,
    pub(super) turn: &'a str,
}

/// A notification's line, written by hand because the real engine puts "method" first.
pub(super) fn notification(method: &str, params: &Value) -> String {
    notification_text(method, &params.to_string())
}

fn notification_text(method: &str, params: &str) -> String {
    let now = shapes::now_ms();
    format!("{{\"method\":\"{method}\",\"params\":{params},\"emittedAtMs\":{now}}}\n")
}

/// A delta's line, with the keys in the real engine's order.
pub(super) fn delta(ids: &Ids<'_>, text: &str) -> String {
    format!(
        "{{\"method\":\"item/agentMessage/delta\",\"params\":{{\"threadId\":\"{}\",\"turnId\":\"{}\",\
         \"itemId\":\"{ITEM}\",\"delta\":\"{text}\"}},\"emittedAtMs\":{}}}\n",
        ids.thread,
        ids.turn,
        shapes::now_ms()
    )
}

/// The lines that are repeated, with places for the ids.
pub(super) fn templates(plan: &ReplayPlan) -> Result<Vec<String>> {
    if let Some(path) = &plan.lines {
        let name = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::io(format!("reading the lines {name}"), error))?;
        let lines = recorded(&text);
        if lines.is_empty() {
            let problem = std::io::Error::other("no notification of a turn in it");
            return Err(Error::io(format!("reading the lines {name}"), problem));
        }
        return Ok(lines);
    }
    let ids = Ids {
        thread: THREAD,
        turn: TURN,
    };
    Ok(match plan.kind {
        Kind::Delta => (0..10)
            .map(|number| delta(&ids, &format!("word-{number} ")))
            .collect(),
        Kind::Mix => mix(&ids),
    })
}

/// Recorded lines of a turn; its frame is left out, the replay has its own.
fn recorded(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let params = &message["params"];
        let (Some(thread), Some(turn)) = (params["threadId"].as_str(), params["turnId"].as_str())
        else {
            continue;
        };
        // Requests of the engine wait for an answer, which a replay does not.
        if message.get("id").is_none() {
            lines.push(line.replace(thread, THREAD).replace(turn, TURN) + "\n");
        }
    }
    lines
}

/// What a turn with reasoning, a command, a plan and a message looks like on the wire.
fn mix(ids: &Ids<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    // The keys in the real engine's order, which a client may have been tuned for: an item before
    // the ids, anything else after them.
    let mut push = |method: &str, extra: Value| {
        let item = extra.get("item").map(|item| format!("\"item\":{item},"));
        let item_id = extra.get("itemId").map(|id| format!(",\"itemId\":{id}"));
        let rest: String = extra
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(key, _)| !["item", "itemId"].contains(&key.as_str()))
            .map(|(key, value)| format!(",\"{key}\":{value}"))
            .collect();
        let params = format!(
            "{{{}\"threadId\":\"{}\",\"turnId\":\"{}\"{}{rest}}}",
            item.unwrap_or_default(),
            ids.thread,
            ids.turn,
            item_id.unwrap_or_default()
        );
        lines.push(notification_text(method, &params));
    };
    let reasoning = |summary: Value| json!({"type": "reasoning", "id": "rs_1", "summary": summary, "content": []});
    push(
        "item/started",
        json!({"item": reasoning(json!([])), "startedAtMs": 1_795_241_879_023_u64}),
    );
    for word in ["**Looking** ", "at ", "the ", "files"] {
        let extra = json!({"itemId": "rs_1", "delta": word, "summaryIndex": 0});
        push("item/reasoning/summaryTextDelta", extra);
    }
    let whole = json!(["**Looking** at the files"]);
    push(
        "item/completed",
        json!({"item": reasoning(whole), "completedAtMs": 1_795_241_879_024_u64}),
    );
    let mut command =
        shapes::command_execution("call_1", "/bin/bash -lc 'ls -l src'", "inProgress");
    push(
        "item/started",
        json!({"item": command, "startedAtMs": 1_795_241_879_094_u64}),
    );
    for name in ["engine", "router", "thread", "turn"] {
        let text = format!("-rw-r--r-- 1 user user 12345 Nov 21 06:17 {name}.rs\n");
        let extra = json!({"itemId": "call_1", "delta": text});
        push("item/commandExecution/outputDelta", extra);
    }
    command["status"] = json!("completed");
    command["exitCode"] = json!(0);
    command["durationMs"] = json!(66);
    command["aggregatedOutput"] =
        Value::from("-rw-r--r-- 1 user user 12345 Nov 21 06:17 file.rs\n".repeat(4));
    push(
        "item/completed",
        json!({"item": command, "completedAtMs": 1_795_241_879_322_u64}),
    );
    let plan = json!([
        {"step": "look", "status": "completed"},
        {"step": "change", "status": "inProgress"},
        {"step": "test", "status": "pending"},
    ]);
    push(
        "turn/plan/updated",
        json!({"explanation": "the way to do it", "plan": plan}),
    );
    for word in [
        "There ",
        "are ",
        "four ",
        "files ",
        "with ",
        "\\\"quotes\\\" ",
        "and ",
        "ümlauts ",
    ] {
        let extra = json!({"itemId": ITEM, "delta": word.replace('\\', "")});
        push("item/agentMessage/delta", extra);
    }
    let usage = shapes::token_usage(ids.thread, ids.turn);
    push(
        "thread/tokenUsage/updated",
        json!({"tokenUsage": usage["tokenUsage"]}),
    );
    lines
}

/// For each line a thread event of as many bytes.
pub(super) fn thread_events(templates: &[String]) -> Vec<String> {
    let event = |text: &str| {
        format!(
            "{{\"type\":\"item.updated\",\"item\":{{\"id\":\"item_0\",\"type\":\"agent_message\",\
             \"text\":\"{text}\"}}}}\n"
        )
    };
    let empty = event("").len();
    templates
        .iter()
        .map(|line| {
            event(
                &"words "
                    .chars()
                    .cycle()
                    .take(line.len().saturating_sub(empty))
                    .collect::<String>(),
            )
        })
        .collect()
}

/// Lines with their ids filled in, and where each ends.
pub(super) struct Block {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Block {
    /// The templates for each turn in turn, repeated to a good size for a write.
    pub(super) fn new(templates: &[String], ids: &[Ids<'_>]) -> Self {
        let mut block = Self {
            bytes: Vec::new(),
            ends: Vec::new(),
        };
        // Whole rounds over the templates only: the block is repeated without a seam.
        while block.bytes.len() < BLOCK_BYTES {
            for template in templates {
                for ids in ids {
                    let line = template.replace(THREAD, ids.thread).replace(TURN, ids.turn);
                    block.bytes.extend_from_slice(line.as_bytes());
                    block.ends.push(block.bytes.len());
                }
            }
        }
        block
    }

    /// The first lines, at most `count`, and how many they are.
    pub(super) fn first(&self, count: usize) -> (&[u8], usize) {
        let count = count.min(self.ends.len());
        let end = count.checked_sub(1).map_or(0, |last| self.ends[last]);
        (&self.bytes[..end], count)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn lines(kind: Kind) -> Vec<String> {
        let plan = ReplayPlan {
            kind,
            ..ReplayPlan::default()
        };
        templates(&plan).unwrap()
    }

    #[test]
    fn every_line_is_a_message_with_its_ids() {
        let ids = Ids {
            thread: &shapes::thread_id(7),
            turn: &shapes::turn_id(8),
        };
        for kind in [Kind::Delta, Kind::Mix] {
            let block = Block::new(&lines(kind), std::slice::from_ref(&ids));
            let (bytes, count) = block.first(25);
            let text = std::str::from_utf8(bytes).unwrap();
            assert_eq!((count, text.lines().count()), (25, 25));
            for line in text.lines() {
                let message: Value = serde_json::from_str(line).unwrap();
                assert_eq!(message["params"]["threadId"], ids.thread);
                assert_eq!(message["params"]["turnId"], ids.turn);
            }
        }
    }

    #[test]
    fn deltas_have_the_size_of_real_ones_and_events_the_size_of_deltas() {
        let deltas = lines(Kind::Delta);
        assert_eq!(deltas[0].len(), 209, "208 and the line end");
        let events = thread_events(&deltas);
        assert_eq!(events[0].len(), deltas[0].len());
        serde_json::from_str::<Value>(&events[0]).unwrap();
    }

    #[test]
    fn recorded_lines_lose_their_frame_and_ids() {
        let text = "junk\n\
            {\"method\":\"turn/started\",\"params\":{\"threadId\":\"A\",\"turn\":{\"id\":\"B\"}}}\n\
            {\"method\":\"item/x\",\"id\":0,\"params\":{\"threadId\":\"AA1\",\"turnId\":\"BB1\"}}\n\
            {\"method\":\"item/y\",\"params\":{\"threadId\":\"AA1\",\"turnId\":\"BB1\"}}\n";
        let lines = recorded(text);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].contains(THREAD) && lines[0].contains(TURN));
    }
}
