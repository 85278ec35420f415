//! The Rust part of `cargo xtask soak`: full load until the time is over.
//!
//! One task reads replayed turns at full speed, one of them stalled; the other runs turns of the real engine with a
//! tool, an approval and an interrupt, and opens and closes its client. Every few seconds a line of JSON says how far it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use codexkit::approvals::{Decision, Responders};
use codexkit::{Codex, CodexOptions, EnvOptions, JsonObject, Turn};
use serde_json::json;

use crate::{Outcome, Settings, tools};

#[derive(Default)]
struct Counts {
    turns: AtomicUsize,
    events: AtomicUsize,
    approvals: AtomicUsize,
    interrupts: AtomicUsize,
    opened: AtomicUsize,
}

impl Counts {
    fn line(&self) -> String {
        let of = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        json!({
            "turns": of(&self.turns),
            "events": of(&self.events),
            "approvals": of(&self.approvals),
            "interrupts": of(&self.interrupts),
            "opened": of(&self.opened),
        })
        .to_string()
    }
}

fn add(count: &AtomicUsize, more: usize) {
    count.fetch_add(more, Ordering::Relaxed);
}

pub(crate) fn run(settings: &Settings) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let counts = Arc::new(Counts::default());
        let end = Instant::now() + Duration::from_secs(settings.seconds);
        let telling = tokio::spawn({
            let counts = counts.clone();
            async move {
                loop {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    println!("{}", counts.line());
                }
            }
        });
        tokio::try_join!(
            replayed(settings, &counts, end),
            real(settings, &counts, end)
        )?;
        telling.abort();
        println!("{}", counts.line());
        Ok(())
    })
}

async fn read(turn: &Turn, counts: &Counts) -> Outcome<()> {
    let mut events = 0;
    while let Some(event) = turn.events().next().await {
        event?;
        events += 1;
    }
    add(&counts.events, events);
    Ok(())
}

/// Turns of the replaying engine at full speed; of three at once one is never read.
async fn replayed(settings: &Settings, counts: &Counts, end: Instant) -> Outcome<()> {
    let env = EnvOptions {
        set: vec![("CODEXKIT_REPLAY".to_owned(), settings.replay.to_string())],
        ..EnvOptions::default()
    };
    while Instant::now() < end {
        let codex = Codex::start(CodexOptions {
            codex_bin: Some(settings.replay_engine.clone()),
            env: env.clone(),
            ..CodexOptions::default()
        })
        .await?;
        add(&counts.opened, 1);
        let mut threads = Vec::new();
        for _ in 0..3 {
            threads.push(codex.thread_start(JsonObject::new()).await?);
        }
        for _ in 0..10 {
            let mut turns = Vec::new();
            for thread in &threads {
                let input = vec![codexkit::text(format!("go events={}", settings.events))];
                turns.push(thread.turn(input, JsonObject::new()).await?);
            }
            tokio::try_join!(read(&turns[1], counts), read(&turns[2], counts))?;
            // The stalled one: its result comes all the same.
            turns[0].result().await?;
            add(&counts.turns, 3);
            if Instant::now() >= end {
                break;
            }
        }
        codex.close().await?;
    }
    Ok(())
}

/// Turns of the real engine with the scripted model.
async fn real(settings: &Settings, counts: &Arc<Counts>, end: Instant) -> Outcome<()> {
    let asked = counts.clone();
    let responders = Arc::new(Responders::new().on_approval(move |_| {
        add(&asked.approvals, 1);
        async { Decision::Accept }
    }));
    let params = json!({
        "cwd": settings.cwd, "sandbox": "read-only",
        "approvalPolicy": "on-request", "approvalsReviewer": "user",
    });
    let params = params.as_object().cloned().unwrap_or_default();
    while Instant::now() < end {
        let codex = Codex::start(CodexOptions {
            codex_bin: Some(settings.engine.clone()),
            tools: tools::registry()?,
            responders: Some(responders.clone()),
            ..CodexOptions::default()
        })
        .await?;
        add(&counts.opened, 1);
        for _ in 0..10 {
            let thread = codex.thread_start(params.clone()).await?;
            let done = thread
                .run(vec![codexkit::text("busy")], JsonObject::new())
                .await?;
            if done.final_response.as_deref() != Some("done") {
                return Err(format!("a turn ended with {:?}", done.final_response).into());
            }
            let slow = thread
                .turn(vec![codexkit::text("slow")], JsonObject::new())
                .await?;
            slow.events().next().await.transpose()?;
            slow.interrupt().await?;
            slow.result().await?;
            add(&counts.turns, 2);
            add(&counts.interrupts, 1);
            add(&counts.events, 1);
            if Instant::now() >= end {
                break;
            }
        }
        codex.close().await?;
    }
    Ok(())
}
