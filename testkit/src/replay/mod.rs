//! The replay engine: an app-server that writes prepared lines as fast as the pipe takes them.
//!
//! It is the producer of the benchmarks, so all work is done before the first line of a turn is
//! written: the ids are put into a block of lines in memory, and the block is written again and
//! again. It answers just enough of the protocol for any client to start a thread and a turn, and
//! ignores its arguments, so that it can stand in wherever an engine is expected. Asked for
//! `exec`, it writes as many thread events for clients of the one-shot mode.

mod calls;
mod clock;
mod lines;
mod plan;
mod stored;

pub use plan::{Calls, ExecLines, Kind, ReplayPlan};

use crate::shapes::{self, ThreadShape, TurnShape};
use crate::{Error, Result};
use lines::{Block, Ids};
use serde_json::{Value, json};
use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::time::{Duration, Instant};

/// Runs the engine on this process's stdin and stdout; `arguments` are those after the program.
///
/// # Errors
/// When the file of recorded lines cannot be read. A client that is gone is no error.
pub fn run(plan: &ReplayPlan, arguments: &[String]) -> Result<()> {
    let templates = lines::templates(plan)?;
    let outcome = if arguments.first().is_some_and(|word| word == "exec") {
        exec(plan, &templates)
    } else {
        app_server(plan, &templates)
    };
    match outcome {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::io("replaying", error))
        }
        _ => Ok(()),
    }
}

struct Waiting {
    thread: String,
    turn: String,
    events: Option<usize>,
}

fn app_server(plan: &ReplayPlan, templates: &[String]) -> std::io::Result<()> {
    let mut threads = 0;
    let mut turns = 0;
    let mut called = 0;
    let history = stored::turns(plan.stored);
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut input = std::io::stdin().lock();
    let mut line = String::new();
    loop {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let Ok(message) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        let (Some(method), Some(id)) = (message["method"].as_str(), message.get("id")) else {
            continue;
        };
        let params = &message["params"];
        let thread = params["threadId"].as_str().unwrap_or_default();
        if method == "thread/read" && params["includeTurns"] == true {
            let result = stored::read(&thread_shape(thread), &history);
            write(format!("{{\"id\":{id},\"result\":{result}}}\n").as_bytes())?;
            continue;
        }
        let result = match method {
            "initialize" => {
                let client = params["clientInfo"]["name"].as_str().unwrap_or("unknown");
                shapes::initialize(client, shapes::VERSION)
            }
            "thread/start" | "thread/fork" => {
                threads += 1;
                shapes::thread_opened(&thread_shape(&shapes::thread_id(threads)))
            }
            "thread/resume" => shapes::thread_opened(&thread_shape(thread)),
            "thread/read" => json!({"thread": thread_shape(thread), "readState": null}),
            "turn/start" => {
                turns += 1;
                let turn = shapes::turn_id(turns);
                waiting.push(Waiting {
                    thread: thread.to_owned(),
                    turn: turn.clone(),
                    events: events_of(&params["input"].to_string()),
                });
                json!({"turn": shapes::turn_in_progress(&turn, None)})
            }
            "model/list" => json!({"data": [shapes::model()], "nextCursor": null}),
            _ => json!({}),
        };
        write(format!("{}\n", json!({"id": id, "result": result})).as_bytes())?;
        if method == "turn/start" && waiting.len() >= plan.turns {
            let waiting = std::mem::take(&mut waiting);
            replay_turns(plan, templates, &waiting, &mut |ids| match &plan.calls {
                Some(calls) => calls::make(calls, ids, &mut input, &mut called),
                None => Ok(()),
            })?;
        }
    }
}

fn thread_shape(id: &str) -> Value {
    shapes::thread(&ThreadShape {
        id,
        cwd: "/tmp",
        name: None,
        preview: "",
        forked_from: None,
        status: json!({"type": "idle"}),
        turns: Vec::new(),
    })
}

/// `events=N` in a prompt is for that turn alone, so that a benchmark can warm up with few.
fn events_of(prompt: &str) -> Option<usize> {
    let rest = prompt.split("events=").nth(1)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Streams all waiting turns at once, their lines in turn.
fn replay_turns(
    plan: &ReplayPlan,
    templates: &[String],
    waiting: &[Waiting],
    call: &mut dyn FnMut(&Ids<'_>) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let ids: Vec<Ids<'_>> = waiting
        .iter()
        .map(|waiting| Ids {
            thread: &waiting.thread,
            turn: &waiting.turn,
        })
        .collect();
    let events = waiting
        .iter()
        .find_map(|waiting| waiting.events)
        .unwrap_or(plan.events);
    let started = Instant::now();
    let mut frame = String::new();
    for ids in &ids {
        let active = json!({"type": "active", "activeFlags": []});
        let status = json!({"threadId": ids.thread, "status": active});
        let turn = shapes::turn_in_progress(ids.turn, Some(shapes::now_s()));
        let message = json!({
            "item": shapes::agent_message(lines::ITEM, ""),
            "threadId": ids.thread,
            "turnId": ids.turn,
            "startedAtMs": shapes::now_ms(),
        });
        frame.push_str(&lines::notification("thread/status/changed", &status));
        let params = json!({"threadId": ids.thread, "turn": turn});
        frame.push_str(&lines::notification("turn/started", &params));
        frame.push_str(&lines::notification("item/started", &message));
    }
    // The block is made before the frame is written: the time from a turn's first line to its last
    // is then the pipe's and the client's alone.
    let block = Block::new(templates, &ids);
    write(frame.as_bytes())?;
    match plan.rate {
        Some(rate) => paced(rate, events, &ids)?,
        None => stream(&block, events)?,
    }
    ids.iter().try_for_each(call)?;
    let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut frame = String::new();
    for ids in &ids {
        let item = shapes::agent_message(lines::ITEM, "replayed");
        let message = json!({
            "item": item,
            "threadId": ids.thread,
            "turnId": ids.turn,
            "completedAtMs": shapes::now_ms(),
        });
        let usage = shapes::token_usage(ids.thread, ids.turn);
        let idle = json!({"threadId": ids.thread, "status": {"type": "idle"}});
        let turn = shapes::turn(&TurnShape {
            id: ids.turn,
            items: vec![item],
            view: "summary",
            status: "completed",
            error: Value::Null,
            started_at: Some(shapes::now_s()),
            completed_at: Some(shapes::now_s()),
            duration_ms: Some(elapsed),
        });
        frame.push_str(&lines::notification("item/completed", &message));
        frame.push_str(&lines::notification("thread/tokenUsage/updated", &usage));
        frame.push_str(&lines::notification("thread/status/changed", &idle));
        let params = json!({"threadId": ids.thread, "turn": turn});
        frame.push_str(&lines::notification("turn/completed", &params));
    }
    write(frame.as_bytes())
}

/// Writes the block until so many lines are out.
fn stream(block: &Block, mut events: usize) -> std::io::Result<()> {
    while events > 0 {
        let (bytes, count) = block.first(events);
        write(bytes)?;
        events -= count;
    }
    Ok(())
}

/// Writes deltas at a steady rate, all turns together; the text of each is the time it was written at
/// ([`clock::now_ns`]), so that the reader can tell how long it took to arrive.
fn paced(rate: f64, events: usize, ids: &[Ids<'_>]) -> std::io::Result<()> {
    let start = Instant::now();
    for number in 0..events {
        #[expect(
            clippy::cast_precision_loss,
            reason = "counts of a benchmark are small"
        )]
        let due = Duration::from_secs_f64(number as f64 / rate);
        std::thread::sleep(due.saturating_sub(start.elapsed()));
        write(lines::delta(&ids[number % ids.len()], &clock::now_ns().to_string()).as_bytes())?;
    }
    Ok(())
}

/// The one-shot mode: thread events instead of notifications.
fn exec(plan: &ReplayPlan, templates: &[String]) -> std::io::Result<()> {
    let mut prompt = String::new();
    if !std::io::stdin().is_terminal() {
        std::io::stdin().lock().read_to_string(&mut prompt)?;
    }
    let events = events_of(&prompt).unwrap_or(plan.events);
    let thread = shapes::thread_id(1);
    let ids = [Ids {
        thread: &thread,
        turn: &shapes::turn_id(1),
    }];
    let block = match plan.exec {
        ExecLines::Engine => Block::new(templates, &ids),
        ExecLines::Events => Block::new(&lines::thread_events(templates), &ids),
    };
    let started = json!({"type": "thread.started", "thread_id": thread});
    write(format!("{started}\n{{\"type\":\"turn.started\"}}\n").as_bytes())?;
    match plan.rate {
        Some(rate) => paced_exec(rate, events)?,
        None => stream(&block, events)?,
    }
    let message = json!({"id": "item_0", "type": "agent_message", "text": "replayed"});
    let done = json!({"type": "item.completed", "item": message});
    let usage = json!({
        "input_tokens": 10,
        "cached_input_tokens": 2,
        "cache_write_input_tokens": 0,
        "output_tokens": 5,
        "reasoning_output_tokens": 1,
    });
    let end = json!({"type": "turn.completed", "usage": usage});
    write(format!("{done}\n{end}\n").as_bytes())
}

fn paced_exec(rate: f64, events: usize) -> std::io::Result<()> {
    let start = Instant::now();
    for number in 0..events {
        #[expect(
            clippy::cast_precision_loss,
            reason = "counts of a benchmark are small"
        )]
        let due = Duration::from_secs_f64(number as f64 / rate);
        std::thread::sleep(due.saturating_sub(start.elapsed()));
        let item =
            json!({"id": "item_0", "type": "agent_message", "text": clock::now_ns().to_string()});
        write(format!("{}\n", json!({"type": "item.updated", "item": item})).as_bytes())?;
    }
    Ok(())
}

fn write(bytes: &[u8]) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::events_of;

    #[test]
    fn a_prompt_may_say_how_many() {
        assert_eq!(events_of(r#"[{"text":"go events=250 please"}]"#), Some(250));
        assert_eq!(events_of("go"), None);
    }
}
