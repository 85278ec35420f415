//! Back-pressure: many turns at once, of which a third is read as it comes, a third only at the end, and a third left.

use codexkit::{Codex, Result, Thread, Turn};
use serde_json::{Value, json};

use super::handlers::prompt;
use super::inside::rss_mib;
use super::stage::Stage;
use super::steps::{delta, join_all};

/// What a reader saw: the text, and the methods with runs of deltas as one.
struct Seen {
    text: String,
    methods: Vec<String>,
}

pub(super) async fn play(stage: &Stage, step: &Value) -> Result<Value> {
    let codex = stage.codex().await?;
    let count = step["turns"].as_u64().unwrap_or(30);
    let before = rss_mib();
    let turns = join_all((0..count).map(|_| begin(&codex, stage))).await;
    let turns: Vec<(Thread, Turn)> = turns.into_iter().collect::<Result<_>>()?;
    let (mut read, mut stalled) = (Vec::new(), Vec::new());
    for (number, (_, turn)) in turns.into_iter().enumerate() {
        match number % 3 {
            0 => read.push(turn),
            1 => stalled.push(turn),
            _ => drop(turn),
        }
    }
    let read = join_all(read.iter().map(drain)).await;
    while codex.stats().open_turns > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let grown = rss_mib().saturating_sub(before);
    let stalled = join_all(stalled.iter().map(drain)).await;
    let read: Vec<Seen> = read.into_iter().collect::<Result<_>>()?;
    let stalled: Vec<Seen> = stalled.into_iter().collect::<Result<_>>()?;
    let text = expected(step);
    let exact = |seen: &[Seen]| {
        let good = |one: &&Seen| one.text == text && one.methods == read[0].methods;
        seen.iter().filter(good).count()
    };
    let stats = codex.stats();
    let limit = step["mib"].as_u64().unwrap_or(200);
    Ok(json!({
        "read": exact(&read), "stalled": exact(&stalled), "coalesced": stats.coalesced_deltas > 0,
        "given_up": stats.lagged_events, "memory": if grown < limit { json!("bounded") } else { json!(grown) },
    }))
}

async fn begin(codex: &Codex, stage: &Stage) -> Result<(Thread, Turn)> {
    let thread = codex.thread_start(stage.thread_params()).await?;
    let turn = thread.turn(prompt(), serde_json::Map::new()).await?;
    Ok((thread, turn))
}

async fn drain(turn: &Turn) -> Result<Seen> {
    let (mut text, mut methods) = (String::new(), Vec::<String>::new());
    while let Some(event) = turn.events().next().await {
        let event = event?;
        text += &delta(&event);
        if methods
            .last()
            .is_none_or(|last| last != event.method() || !last.ends_with("/delta"))
        {
            methods.push(event.method().to_owned());
        }
    }
    Ok(Seen { text, methods })
}

/// What the engine of the case says in each turn.
fn expected(step: &Value) -> String {
    let flood = step["flood"].as_u64().unwrap_or(0);
    let mut text: String = (0..flood).map(|number| format!("f{number} ")).collect();
    text += step["text"].as_str().unwrap_or_default();
    text
}
