//! Warm turns on the real engine: through the core, and by the engine's pipe alone.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use codexkit::{Codex, CodexOptions, Setup};
use serde_json::{Value, json};

use crate::{Outcome, Settings, Stamp, tools};

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
    let setup = if settings.tools {
        Setup::new().tools(tools::registry()?)
    } else {
        Setup::new()
    };
    let (times, calls) = runtime.block_on(async {
        let codex = Codex::start(options).await?;
        let params = json!({"cwd": settings.cwd});
        let params = params.as_object().cloned().unwrap_or_default();
        let thread = codex.thread_start_with(params, setup).await?;
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
        let calls = codex.stats().server_requests;
        codex.close().await?;
        Ok::<_, codexkit::Error>((times, calls))
    })?;
    report(&times[settings.warm_turns..], calls);
    Ok(())
}

/// The engine's pipe.
struct Pipe {
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// Calls of tools that were answered.
    calls: u64,
}

impl Pipe {
    fn send(&mut self, message: &Value) -> Outcome<()> {
        // In one piece: written as it is formatted, it would be a system call for every part of it.
        Ok(self.stdin.write_all(format!("{message}\n").as_bytes())?)
    }

    /// Reads on until a line has this in it; calls of tools are answered on the way.
    fn until(&mut self, what: &str) -> Outcome<String> {
        while let Some(line) = self.lines.next() {
            let line = line?;
            if line.contains(what) {
                return Ok(line);
            }
            if line.contains("\"item/tool/call\"") {
                self.answer(&line)?;
            }
        }
        Err(format!("the engine ended before {what}").into())
    }

    fn answer(&mut self, line: &str) -> Outcome<()> {
        let call: Value = serde_json::from_str(line)?;
        let text = tools::found(&call["params"]["arguments"]);
        let content = json!([{"type": "inputText", "text": text}]);
        let result = json!({"contentItems": content, "success": true});
        self.calls += 1;
        self.send(&json!({"id": call["id"], "result": result}))
    }
}

/// Turns as the engine has them: lines are looked at for their method and nothing else.
pub(crate) fn engine(settings: &Settings) -> Outcome<()> {
    let mut engine = Command::new(&settings.engine)
        .args(["app-server", "--listen", "stdio://"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut pipe = Pipe {
        stdin: engine.stdin.take().ok_or("no pipe")?,
        lines: BufReader::new(engine.stdout.take().ok_or("no pipe")?).lines(),
        calls: 0,
    };
    let client = json!({"name": "bench", "title": "bench", "version": "0"});
    let params = json!({"clientInfo": client, "capabilities": {"experimentalApi": true}});
    pipe.send(&json!({"id": 1, "method": "initialize", "params": params}))?;
    pipe.until("\"id\":1")?;
    pipe.send(&json!({"method": "initialized"}))?;
    let mut params = json!({"cwd": settings.cwd});
    if settings.tools {
        params["dynamicTools"] = json!([{
            "type": "function",
            "name": tools::NAME,
            "description": "Looks a word up.",
            "inputSchema": tools::parameters(),
        }]);
    }
    pipe.send(&json!({"id": 2, "method": "thread/start", "params": params}))?;
    let answer: Value = serde_json::from_str(&pipe.until("\"id\":2,")?)?;
    let thread = answer["result"]["thread"]["id"].clone();
    let mut times = Vec::new();
    for number in 0..settings.warm_turns + settings.measured_turns {
        let input = json!([{"type": "text", "text": "go"}]);
        let params = json!({"threadId": thread, "input": input});
        let start = Stamp::now();
        pipe.send(&json!({"id": 3 + number, "method": "turn/start", "params": params}))?;
        pipe.until("\"turn/started\"")?;
        let first = Stamp::now();
        pipe.until("\"turn/completed\"")?;
        times.push(Times {
            start,
            first,
            end: Stamp::now(),
        });
    }
    let calls = pipe.calls;
    drop(pipe);
    engine.wait()?;
    report(&times[settings.warm_turns..], calls);
    Ok(())
}

/// Prints the medians of turns, and the calls of tools in all of them.
fn report(times: &[Times], calls: u64) {
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
        "calls": calls,
    });
    println!("{report}");
}
