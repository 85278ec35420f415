//! Warm turns on the real engine: through the core, and by the engine's pipe alone.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use codexkit::{Codex, Setup};
use serde_json::{Value, json};

use crate::{Outcome, Settings, Stamp, options, runtime, tools};

struct Times {
    start: Stamp,
    first: Stamp,
    end: Stamp,
}

/// Turns as an application of the core has them.
pub(crate) fn core(settings: &Settings) -> Outcome<()> {
    let runtime = runtime()?;
    let setup = if settings.tools {
        Setup::new().tools(tools::registry()?)
    } else {
        Setup::new()
    };
    let (times, calls) = runtime.block_on(async {
        let codex = Codex::start(options(settings)).await?;
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
pub(crate) struct Pipe {
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// Calls of tools that were answered.
    calls: u64,
}

impl Pipe {
    /// Starts the engine.
    pub(crate) fn open(settings: &Settings) -> Outcome<(Child, Self)> {
        let mut engine = Command::new(&settings.engine)
            .args(["app-server", "--listen", "stdio://"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let pipe = Self {
            stdin: engine.stdin.take().ok_or("no pipe")?,
            lines: BufReader::new(engine.stdout.take().ok_or("no pipe")?).lines(),
            calls: 0,
        };
        Ok((engine, pipe))
    }

    pub(crate) fn initialize(&mut self) -> Outcome<()> {
        let client = json!({"name": "bench", "title": "bench", "version": "0"});
        let params = json!({"clientInfo": client, "capabilities": {"experimentalApi": true}});
        self.send(&json!({"id": 1, "method": "initialize", "params": params}))?;
        self.until("\"id\":1")?;
        Ok(())
    }

    /// Starts a thread; gives its id.
    pub(crate) fn thread(&mut self, settings: &Settings) -> Outcome<Value> {
        self.send(&json!({"method": "initialized"}))?;
        let mut params = json!({"cwd": settings.cwd});
        if settings.tools {
            params["dynamicTools"] = json!([{
                "type": "function",
                "name": tools::NAME,
                "description": "Looks a word up.",
                "inputSchema": tools::parameters(),
            }]);
        }
        self.send(&json!({"id": 2, "method": "thread/start", "params": params}))?;
        let answer: Value = serde_json::from_str(&self.until("\"id\":2,")?)?;
        Ok(answer["result"]["thread"]["id"].clone())
    }

    /// Sends what starts a turn, as the request `id`.
    pub(crate) fn turn(&mut self, id: usize, thread: &Value) -> Outcome<()> {
        let input = json!([{"type": "text", "text": "go"}]);
        let params = json!({"threadId": thread, "input": input});
        self.send(&json!({"id": id, "method": "turn/start", "params": params}))
    }

    fn send(&mut self, message: &Value) -> Outcome<()> {
        // In one piece: written as it is formatted, it would be a system call for every part of it.
        Ok(self.stdin.write_all(format!("{message}\n").as_bytes())?)
    }

    /// Reads on until a line has this in it; calls of tools are answered on the way.
    pub(crate) fn until(&mut self, what: &str) -> Outcome<String> {
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
    let (mut engine, mut pipe) = Pipe::open(settings)?;
    pipe.initialize()?;
    let thread = pipe.thread(settings)?;
    let mut times = Vec::new();
    for number in 0..settings.warm_turns + settings.measured_turns {
        let start = Stamp::now();
        pipe.turn(3 + number, &thread)?;
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
