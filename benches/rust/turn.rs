//! Warm turns on the real engine: through the core, and by the engine's pipe alone.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use codexkit::{Codex, CodexOptions};
use serde_json::{Value, json};

use crate::{Outcome, Settings, Stamp};

struct Times {
    start: Stamp,
    first: Stamp,
    end: Stamp,
}

/// Turns as an application of the core has them.
pub(crate) fn core(settings: &Settings) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let options = CodexOptions {
        codex_bin: Some(settings.engine.clone()),
        ..CodexOptions::default()
    };
    let times = runtime.block_on(async {
        let codex = Codex::start(options).await?;
        let params = json!({"cwd": settings.cwd});
        let params = params.as_object().cloned().unwrap_or_default();
        let thread = codex.thread_start(params).await?;
        let mut times = Vec::new();
        for _ in 0..settings.warm_turns + settings.measured_turns {
            let start = Stamp::now();
            let turn = thread.turn(vec![codexkit::text("go")], codexkit::JsonObject::new());
            let turn = turn.await?;
            let mut first = None;
            while let Some(event) = turn.events().next().await {
                event?;
                first.get_or_insert_with(Stamp::now);
            }
            let end = Stamp::now();
            times.push(Times {
                start,
                first: first.unwrap_or(end),
                end,
            });
        }
        codex.close().await?;
        Ok::<_, codexkit::Error>(times)
    })?;
    report(&times[settings.warm_turns..]);
    Ok(())
}

/// Turns as the engine has them: lines are looked at for their method and nothing else.
pub(crate) fn engine(settings: &Settings) -> Outcome<()> {
    let mut engine = Command::new(&settings.engine)
        .args(["app-server", "--listen", "stdio://"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut stdin = engine.stdin.take().ok_or("no pipe")?;
    let mut lines = BufReader::new(engine.stdout.take().ok_or("no pipe")?).lines();
    let mut send = |message: Value| writeln!(stdin, "{message}");
    let mut until = |what: &str| -> Outcome<String> {
        for line in &mut lines {
            let line = line?;
            if line.contains(what) {
                return Ok(line);
            }
        }
        Err(format!("the engine ended before {what}").into())
    };
    let client = json!({"name": "bench", "title": "bench", "version": "0"});
    let params = json!({"clientInfo": client, "capabilities": {"experimentalApi": true}});
    send(json!({"id": 1, "method": "initialize", "params": params}))?;
    until("\"id\":1")?;
    send(json!({"method": "initialized"}))?;
    send(json!({"id": 2, "method": "thread/start", "params": {"cwd": settings.cwd}}))?;
    let answer: Value = serde_json::from_str(&until("\"id\":2,")?)?;
    let thread = answer["result"]["thread"]["id"].clone();
    let mut times = Vec::new();
    for number in 0..settings.warm_turns + settings.measured_turns {
        let input = json!([{"type": "text", "text": "go"}]);
        let params = json!({"threadId": thread, "input": input});
        let start = Stamp::now();
        send(json!({"id": 3 + number, "method": "turn/start", "params": params}))?;
        until("\"turn/started\"")?;
        let first = Stamp::now();
        until("\"turn/completed\"")?;
        times.push(Times {
            start,
            first,
            end: Stamp::now(),
        });
    }
    drop(stdin);
    engine.wait()?;
    report(&times[settings.warm_turns..]);
    Ok(())
}

fn report(times: &[Times]) {
    let median = |value: &dyn Fn(&Times) -> Duration| {
        let mut values: Vec<Duration> = times.iter().map(value).collect();
        values.sort();
        values
            .get(values.len() / 2)
            .map_or(0.0, Duration::as_secs_f64)
    };
    let report = json!({
        "first": median(&|times| times.first.wall - times.start.wall),
        "whole": median(&|times| times.end.wall - times.start.wall),
        "cpu": median(&|times| times.end.cpu.saturating_sub(times.start.cpu)),
    });
    println!("{report}");
}
