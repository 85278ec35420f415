//! Many turns at once on one client of the real engine: each calls a tool, asks for an approval and answers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use codexkit::approvals::{Decision, Responders};
use codexkit::tools::{Tool, ToolError, ToolRegistry, ToolSpec};
use codexkit::{Codex, CodexOptions, JsonObject, Thread};
use serde_json::json;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::{Outcome, Settings, Stamp, memory, options, runtime, tools};

/// What the turns have come to so far.
#[derive(Default)]
struct Seen {
    started: usize,
    open: usize,
    most_open: usize,
    completed: usize,
    events: usize,
}

struct Bench {
    at_once: usize,
    seen: Mutex<Seen>,
    tools: AtomicUsize,
    approvals: AtomicUsize,
    /// Open once as many turns have started as are to be open at the same time.
    gate: watch::Sender<bool>,
    places: Semaphore,
    starts: Semaphore,
}

impl Bench {
    fn see(&self, act: impl FnOnce(&mut Seen)) {
        act(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The tool: no turn ends before all that are to be open at the same time have started.
    fn tool(self: &Arc<Self>) -> codexkit::Result<Tool> {
        let bench = self.clone();
        let spec = ToolSpec::new(tools::NAME, "Looks a word up.", tools::parameters());
        Tool::from_fn(spec, move |arguments, _| {
            let bench = bench.clone();
            async move {
                let mut gate = bench.gate.subscribe();
                let open = gate.wait_for(|open| *open).await;
                open.map_err(|_| ToolError::new("the gate is gone"))?;
                bench.tools.fetch_add(1, Ordering::Relaxed);
                Ok(tools::found(&arguments))
            }
        })
    }

    fn responders(self: &Arc<Self>) -> Responders {
        let bench = self.clone();
        Responders::new().on_approval(move |_| {
            bench.approvals.fetch_add(1, Ordering::Relaxed);
            async { Decision::Accept }
        })
    }

    async fn turn(self: Arc<Self>, thread: Thread) -> Outcome<()> {
        let _place = self.places.acquire().await?;
        let starting = self.starts.acquire().await?;
        let input = vec![codexkit::text("go")];
        let turn = thread.turn(input, JsonObject::new()).await?;
        drop(starting);
        self.see(|seen| {
            seen.started += 1;
            seen.open += 1;
            seen.most_open = seen.most_open.max(seen.open);
            if seen.started >= self.at_once {
                self.gate.send_replace(true);
            }
        });
        let mut events = 0;
        while let Some(event) = turn.events().next().await {
            event?;
            events += 1;
        }
        let text = turn.result().await?.final_response;
        if text.as_deref() != Some(&format!("done {}", thread.id())) {
            return Err(format!("the turn ended with {text:?}").into());
        }
        self.see(|seen| {
            seen.open -= 1;
            seen.completed += 1;
            seen.events += events;
        });
        Ok(())
    }

    fn report(&self, codex: &Codex, opening: Stamp, start: Stamp, end: Stamp) {
        let stats = codex.stats();
        self.see(|seen| {
            let read = i64::try_from(seen.events).unwrap_or(i64::MAX);
            let handed = stats.turn_events - stats.coalesced_deltas;
            let report = json!({
                "opening": (start.wall - opening.wall).as_secs_f64(),
                "wall": (end.wall - start.wall).as_secs_f64(),
                "cpu": end.cpu.saturating_sub(start.cpu).as_secs_f64(),
                "at_once": seen.most_open,
                "completed": seen.completed,
                "tools": self.tools.load(Ordering::Relaxed),
                "approvals": self.approvals.load(Ordering::Relaxed),
                "events": seen.events,
                "unread": i64::try_from(handed).unwrap_or(i64::MAX) - read,
                "lost": stats.lagged_events + stats.dropped_notifications,
                "oddities": stats.diagnostics,
                "peak_mb": memory::peak_mb().ok(),
            });
            println!("{report}");
        });
    }
}

pub(crate) fn run(settings: &Settings) -> Outcome<()> {
    runtime()?.block_on(work(settings))
}

async fn work(settings: &Settings) -> Outcome<()> {
    let bench = Arc::new(Bench {
        at_once: settings.at_once,
        seen: Mutex::default(),
        tools: AtomicUsize::new(0),
        approvals: AtomicUsize::new(0),
        gate: watch::Sender::new(false),
        places: Semaphore::new(settings.at_once),
        starts: Semaphore::new(settings.starting),
    });
    let options = CodexOptions {
        tools: ToolRegistry::of([bench.tool()?])?,
        responders: Some(Arc::new(bench.responders())),
        ..options(settings)
    };
    let codex = Codex::start(options).await?;
    let notifications = codex.notifications();
    tokio::spawn(async move { while let Some(Ok(_)) = notifications.next().await {} });
    let params = json!({
        "cwd": settings.cwd, "sandbox": "read-only",
        "approvalPolicy": "on-request", "approvalsReviewer": "user",
    });
    let params = params.as_object().cloned().unwrap_or_default();
    let opening = Stamp::now();
    let mut threads = Vec::new();
    for _ in 0..settings.turns {
        threads.push(codex.thread_start(params.clone()).await?);
    }
    let start = Stamp::now();
    let mut turns = JoinSet::new();
    for thread in threads {
        turns.spawn(bench.clone().turn(thread));
    }
    while let Some(turn) = turns.join_next().await {
        turn??;
    }
    bench.report(&codex, opening, start, Stamp::now());
    codex.close().await?;
    Ok(())
}
