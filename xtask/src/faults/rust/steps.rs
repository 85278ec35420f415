//! What a step does and what is told of it.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use codexkit::auto::{AutoOptions, Hooks};
use codexkit::{Codex, Error, Event, Result, TurnResult};
use serde_json::{Value, json, value::RawValue};

use super::handlers::{self, prompt};
use super::stage::Stage;
use super::{list, pressure};

/// Plays one step; an error is an outcome like any other.
pub(super) fn step<'a>(
    stage: &'a Stage,
    step: &'a Value,
) -> Pin<Box<dyn Future<Output = Value> + Send + 'a>> {
    Box::pin(async move {
        match carry_out(stage, step).await {
            Ok(told) => told,
            Err(error) => told_error(&error),
        }
    })
}

/// The facts of an error that are the same in every language.
pub(super) fn told_error(error: &Error) -> Value {
    let mut told = json!({"error": error.kind().as_str()});
    if let Some(code) = error.code() {
        told["code"] = code.into();
    }
    if let Some(code) = error.exit_code() {
        told["how"] = format!("exit {code}").into();
    }
    if let Some(signal) = error.signal() {
        told["how"] = format!("signal {signal}").into();
    }
    told
}

async fn carry_out(stage: &Stage, step: &Value) -> Result<Value> {
    let name = |key: &str, default: &str| step[key].as_str().unwrap_or(default).to_owned();
    let (on, turn) = (name("on", "a"), name("turn", "t"));
    let number = |key: &str, default: u64| step[key].as_u64().unwrap_or(default);
    Ok(match step["do"].as_str().unwrap_or_default() {
        "start" => {
            stage.start().await?;
            json!({"ok": "start"})
        }
        "thread" => {
            stage.open(&on).await?;
            json!({"ok": "thread"})
        }
        "run" => {
            let thread = stage.thread(&on).await?;
            told_result(&thread.run(prompt(), serde_json::Map::new()).await?)
        }
        "turn" => {
            let thread = stage.thread(&on).await?;
            stage.keep_turn(&turn, thread.turn(prompt(), serde_json::Map::new()).await?);
            json!({"ok": "turn"})
        }
        "read" => {
            let turn = stage.turn(&turn)?;
            let (mut read, mut last, mut text) = (0, String::new(), String::new());
            let until = step["until"].as_str();
            while read < number("events", u64::MAX) && until != Some(last.as_str()) {
                let Some(event) = turn.events().next().await else {
                    break;
                };
                let event = event?;
                read += 1;
                event.method().clone_into(&mut last);
                text += &delta(&event);
            }
            json!({"ok": "read", "last": last, "text": text})
        }
        "result" => told_result(&stage.turn(&turn)?.result().await?),
        "wait" => told_result(&stage.turn(&turn)?.result_or_interrupt().await?),
        "leave" => {
            stage.drop_turn(&turn);
            json!({"ok": "leave"})
        }
        "interrupt" => {
            stage.turn(&turn)?.interrupt().await?;
            json!({"ok": "interrupt"})
        }
        "steer" => {
            stage.turn(&turn)?.steer(prompt()).await?;
            json!({"ok": "steer"})
        }
        "request" => {
            let params = step.get("params").map(raw);
            let method = name("method", "model/list");
            stage.codex().await?.request(&method, params, None).await?;
            json!({"ok": "request"})
        }
        "big_request" => {
            let params = json!({"x": "y".repeat(usize::try_from(number("bytes", 1)).unwrap_or(1))});
            let codex = stage.codex().await?;
            codex
                .request("no/such/method", Some(raw(&params)), None)
                .await?;
            json!({"ok": "big_request"})
        }
        "cancel" => {
            cancel(stage, step).await;
            json!({"ok": "cancel"})
        }
        "together" => {
            let parts = list(&step["steps"])
                .iter()
                .map(|part| self::step(stage, part));
            join_all(parts).await.into()
        }
        "many" => many(stage, number("turns", 10)).await?,
        "auto" => auto(stage, step).await?,
        "close" => {
            stage.codex().await?.close().await?;
            json!({"ok": "close"})
        }
        "closed" => json!({"closed": stage.running().is_none_or(|codex| codex.is_closed())}),
        "kill" => {
            kill(&stage.codex().await?, &name("signal", "KILL")).await;
            json!({"ok": "kill"})
        }
        "sleep" => {
            tokio::time::sleep(Duration::from_millis(number("ms", 100))).await;
            json!({"ok": "sleep"})
        }
        "later" => {
            tokio::time::sleep(Duration::from_millis(number("ms", 100))).await;
            self::step(stage, &step["step"]).await
        }
        "quiet" => quiet(&stage.codex().await?).await,
        "restarted" => restarted(&stage.codex().await?, number("count", 1)).await,
        "stats" => {
            let stats = stage.codex().await?.stats();
            let some = |count: u64| if count > 0 { "some" } else { "none" };
            json!({"coalesced": some(stats.coalesced_deltas), "lagged": some(stats.lagged_events)})
        }
        "diagnostics" => {
            let kinds: BTreeSet<String> = stage
                .codex()
                .await?
                .diagnostics()
                .iter()
                .filter_map(|seen| serde_json::to_value(seen.kind).ok())
                .filter_map(|kind| kind.as_str().map(str::to_owned))
                .collect();
            json!({"kinds": kinds})
        }
        "tail" => {
            let tail = stage.codex().await?.stderr_tail();
            json!({"bounded": tail.len() < 1 << 20, "some": !tail.is_empty()})
        }
        "pressure" => pressure::play(stage, step).await?,
        "cycles" => cycles(stage, number("count", 50), number("at_once", 4)).await?,
        other => json!({"error": format!("no step is called {other:?}")}),
    })
}

/// The text of an event's delta; nothing for any other event.
pub(super) fn delta(event: &Event) -> String {
    if event.method() != "item/agentMessage/delta" {
        return String::new();
    }
    let params: Value = serde_json::from_str(event.params()).unwrap_or_default();
    params["delta"].as_str().unwrap_or_default().to_owned()
}

pub(super) fn told_result(result: &TurnResult) -> Value {
    json!({"status": result.status, "text": result.final_response})
}

fn raw(value: &Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap_or_default()
}

/// Several at once, in their order.
pub(super) async fn join_all<T>(parts: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut parts: Vec<_> = parts.map(|part| (Box::pin(part), None)).collect();
    std::future::poll_fn(|context| {
        let mut waiting = false;
        for (part, done) in &mut parts {
            if done.is_none() {
                match part.as_mut().poll(context) {
                    Poll::Ready(value) => *done = Some(value),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    parts.into_iter().filter_map(|(_, done)| done).collect()
}

/// Begins the step and drops its future: after `polls` polls, that is at each of its points of waiting in turn, or after `ms`.
async fn cancel(stage: &Stage, part: &Value) {
    let begun = step(stage, &part["step"]);
    match part["polls"].as_u64() {
        Some(polls) => Dropped { begun, left: polls }.await,
        None => {
            let time = Duration::from_millis(part["ms"].as_u64().unwrap_or(0));
            let _ = tokio::time::timeout(time, begun).await;
        }
    }
}

struct Dropped<'a> {
    begun: Pin<Box<dyn Future<Output = Value> + Send + 'a>>,
    left: u64,
}

impl Future for Dropped<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.left == 0 {
            return Poll::Ready(());
        }
        self.left -= 1;
        match self.begun.as_mut().poll(context) {
            Poll::Pending if self.left > 0 => Poll::Pending,
            _ => Poll::Ready(()),
        }
    }
}

/// So many turns on as many threads at once.
async fn many(stage: &Stage, turns: u64) -> Result<Value> {
    let codex = stage.codex().await?;
    let runs = (0..turns).map(|_| {
        let (codex, params) = (codex.clone(), stage.thread_params());
        async move {
            let thread = codex.thread_start(params).await?;
            thread.run(prompt(), serde_json::Map::new()).await
        }
    });
    let mut seen: HashMap<String, u64> = HashMap::new();
    for run in join_all(runs).await {
        let word = match run {
            Ok(result) => result.status,
            Err(error) => error.kind().as_str().to_owned(),
        };
        *seen.entry(word).or_default() += 1;
    }
    Ok(json!({"turns": seen}))
}

/// A run of one turn with a hook that behaves as the case says.
async fn auto(stage: &Stage, step: &Value) -> Result<Value> {
    let word = stage.case()["handlers"]["hook"]
        .as_str()
        .unwrap_or("accept");
    let options = AutoOptions {
        max_turns: Some(1),
        timeout: step["timeout_s"].as_f64().map(Duration::from_secs_f64),
        hooks: Hooks {
            before_turn: true,
            ..Hooks::default()
        },
        ..AutoOptions::default()
    };
    let thread = stage.thread("a").await?;
    let run = thread.auto_run(prompt(), &options)?;
    // What hangs is held until the run is over, as a hook that never returns would.
    let mut held = Vec::new();
    while let Some(request) = run.next_request().await {
        if word == "hang" {
            held.push(request);
            continue;
        }
        if word == "reenter" {
            let _ = stage
                .codex()
                .await?
                .thread_list(serde_json::Map::new())
                .await;
        }
        match handlers::hook(word) {
            Some(answer) => request.respond(answer),
            None => drop(request),
        }
    }
    Ok(match run.result().await {
        Ok(result) => json!({"auto": "ended", "why": result.stop_reason.as_str()}),
        // The kind of the error is the application's own in Python and Node.
        Err(_) => json!({"auto": "error"}),
    })
}

async fn kill(codex: &Codex, signal: &str) {
    let Some(pid) = codex.pid() else {
        return;
    };
    let _ = std::process::Command::new("kill")
        .args([format!("-{signal}"), pid.to_string()])
        .status();
    // The threads of a process stop one after the other: until then, it still answers.
    while signal == "STOP" && !is_stopped(pid) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Whether all threads of a process are stopped.
fn is_stopped(pid: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task"));
    threads.into_iter().flatten().flatten().all(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        stat.rsplit_once(") ")
            .is_none_or(|(_, rest)| rest.starts_with('T'))
    })
}

/// Waits until nothing is open any more.
async fn quiet(codex: &Codex) -> Value {
    loop {
        let stats = codex.stats();
        if (stats.open_turns == 0 && stats.pending_requests == 0) || codex.is_closed() {
            return json!({"ok": "quiet"});
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the client has so many restarts behind it.
async fn restarted(codex: &Codex, count: u64) -> Value {
    while codex.stats().restarts < count {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    json!({"ok": "restarted", "count": codex.stats().restarts})
}

/// Opens and closes clients, some at once.
async fn cycles(stage: &Stage, count: u64, at_once: u64) -> Result<Value> {
    let one = |number: u64| async move {
        for _ in (number..count).step_by(usize::try_from(at_once).unwrap_or(1)) {
            Codex::start(stage.options()?).await?.close().await?;
        }
        Ok(())
    };
    let done: Result<Vec<()>> = join_all((0..at_once).map(one)).await.into_iter().collect();
    done.map(|_| json!({"cycles": count}))
}
