//! What the core keeps: for itself, for open turns that nothing happens in, and for a reader that never reads.

use codexkit::{Codex, JsonObject, Thread, Turn, text};
use serde_json::{Value, json};

use crate::{Outcome, Settings, options, runtime};

/// Resident memory of this process, in megabytes.
#[expect(clippy::cast_precision_loss, reason = "pages are few")]
pub(crate) fn rss_mb() -> Outcome<f64> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = statm.split(' ').nth(1).ok_or("no pages")?.parse()?;
    Ok(pages as f64 * rustix::param::page_size() as f64 / f64::from(1 << 20))
}

/// The most that it has had.
pub(crate) fn peak_mb() -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb: f64 = line
        .and_then(|line| line.split_whitespace().next())
        .ok_or("no peak")?
        .parse()?;
    Ok(kb / 1024.0)
}

pub(crate) fn run(settings: &Settings) -> Outcome<()> {
    let runtime = runtime()?;
    let report = runtime.block_on(async {
        let bare = rss_mb()?;
        let codex = Codex::start(options(settings)).await?;
        codex.thread_start(JsonObject::new()).await?;
        let started = rss_mb()?;
        let mut report = match settings.what.as_str() {
            "idle" => idle(&codex, settings.turns).await?,
            _ => stalled(&codex, settings.events).await?,
        };
        report["package_mb"] = json!(started - bare);
        report["import_mb"] = json!(0);
        codex.close().await?;
        Outcome::Ok(report)
    })?;
    println!("{report}");
    Ok(())
}

/// Opens threads, then a turn on each; the engine has been told to say nothing in them.
#[expect(clippy::cast_precision_loss, reason = "turns are few")]
async fn idle(codex: &Codex, turns: usize) -> Outcome<Value> {
    let warm = threads(codex, 50).await?;
    let warm_turns = open(&warm).await?;
    let before = rss_mb()?;
    let threads = threads(codex, turns).await?;
    let opened = rss_mb()?;
    let open = open(&threads).await?;
    let started = rss_mb()?;
    let each = |mb: f64| mb * 1024.0 / turns as f64;
    Ok(json!({
        "thread_kb": each(opened - before),
        "turn_kb": each(started - opened),
        "both_kb": each(started - before),
        "kept": warm_turns.len() + open.len(),
    }))
}

async fn threads(codex: &Codex, count: usize) -> Outcome<Vec<Thread>> {
    let mut threads = Vec::new();
    for _ in 0..count {
        threads.push(codex.thread_start(JsonObject::new()).await?);
    }
    Ok(threads)
}

async fn open(threads: &[Thread]) -> Outcome<Vec<Turn>> {
    let mut turns = Vec::new();
    for thread in threads {
        turns.push(thread.turn(vec![text("go")], JsonObject::new()).await?);
    }
    Ok(turns)
}

/// Takes one event of many. The answer that is awaited comes behind all of them.
async fn stalled(codex: &Codex, events: usize) -> Outcome<Value> {
    let thread = codex.thread_start(JsonObject::new()).await?;
    let before = rss_mb()?;
    let prompt = vec![text(format!("go events={events}"))];
    let turn = thread.turn(prompt, JsonObject::new()).await?;
    turn.events().next().await.ok_or("no event")??;
    codex.request("model/list", None, None).await?;
    Ok(json!({"stalled_mb": rss_mb()? - before}))
}
