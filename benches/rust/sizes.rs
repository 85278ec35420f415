//! What grows with the size of a thread: the result of a turn with many items, and reading a thread with many turns.

use std::time::{Duration, Instant};

use codexkit::{Codex, CodexOptions, JsonObject, Thread, text};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::{Outcome, Settings, options, runtime, unbounded};

pub(crate) fn run(settings: &Settings) -> Outcome<()> {
    let runtime = runtime()?;
    let took = runtime.block_on(async {
        let options = CodexOptions {
            queue: unbounded(),
            ..options(settings)
        };
        let codex = Codex::start(options).await?;
        let thread = codex.thread_start(JsonObject::new()).await?;
        let mut times = Vec::new();
        for _ in 0..=settings.rounds {
            times.push(match settings.what.as_str() {
                "fold" => fold(&thread, settings.size).await?,
                _ => read(&thread, settings.size).await?,
            });
        }
        codex.close().await?;
        // The first one warms up.
        times.remove(0);
        times.sort_unstable();
        Outcome::Ok(times[times.len() / 2])
    })?;
    println!("{}", json!({"took": took.as_secs_f64()}));
    Ok(())
}

/// From a turn's first event, before its items, to its result.
async fn fold(thread: &Thread, items: usize) -> Outcome<Duration> {
    let turn = thread.turn(vec![text("go")], JsonObject::new()).await?;
    turn.events().next().await.ok_or("no event")??;
    let start = Instant::now();
    let found = turn.result().await?.items.len();
    let took = start.elapsed();
    if found < items {
        return Err(format!("the result has {found} items instead of {items}").into());
    }
    Ok(took)
}

/// Reads the thread, and its turns as far as to count them.
async fn read(thread: &Thread, turns: usize) -> Outcome<Duration> {
    #[derive(Deserialize)]
    struct Answer {
        thread: Stored,
    }
    #[derive(Deserialize)]
    struct Stored {
        turns: Vec<Box<RawValue>>,
    }
    let start = Instant::now();
    let answer: Answer = serde_json::from_str(thread.read(true).await?.get())?;
    let took = start.elapsed();
    let found = answer.thread.turns.len();
    if found != turns {
        return Err(format!("the thread has {found} turns instead of {turns}").into());
    }
    Ok(took)
}
