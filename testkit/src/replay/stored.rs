//! A thread with a history: what `thread/read` answers when a plan says how many turns are stored.

use crate::shapes::{self, TurnShape};
use serde_json::{Value, json};

/// The turns of a thread as JSON, made once: the answer is then the pipe's and the client's time.
pub(super) fn turns(count: usize) -> String {
    let turns: Vec<Value> = (1..=count).map(turn).collect();
    Value::from(turns).to_string()
}

/// About two kilobytes: a question, a command with its output, an answer.
fn turn(number: usize) -> Value {
    let mut command = shapes::command_execution(
        &format!("call_{number}"),
        "/bin/bash -lc 'ls -l'",
        "completed",
    );
    command["exitCode"] = json!(0);
    command["durationMs"] = json!(66);
    command["aggregatedOutput"] =
        Value::from("-rw-r--r-- 1 user user 12345 Nov 21 06:17 file.rs\n".repeat(12));
    let asked = json!([{"type": "text", "text": "What is in this folder?", "text_elements": []}]);
    shapes::turn(&TurnShape {
        id: &shapes::turn_id(number),
        items: vec![
            shapes::user_message(&format!("user_{number}"), &asked),
            command,
            shapes::agent_message(
                &format!("msg_{number}"),
                &"There are files in it. ".repeat(12),
            ),
        ],
        view: "full",
        status: "completed",
        error: Value::Null,
        started_at: Some(shapes::now_s()),
        completed_at: Some(shapes::now_s()),
        duration_ms: Some(1000),
    })
}

/// The result of `thread/read`, with the turns of [`turns`] in the thread.
pub(super) fn read(thread: &Value, turns: &str) -> String {
    let thread = thread
        .to_string()
        .replace("\"turns\":[]", &format!("\"turns\":{turns}"));
    format!("{{\"thread\":{thread},\"readState\":null}}")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_turns_are_in_the_thread() {
        let text = read(&json!({"id": "t", "turns": []}), &turns(3));
        let result: Value = serde_json::from_str(&text).unwrap();
        let turns = result["thread"]["turns"].as_array().unwrap();
        assert_eq!(turns.len(), 3);
        assert_eq!(turns[2]["items"][1]["type"], "commandExecution");
    }
}
