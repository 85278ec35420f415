//! The first event of the first turn of a fresh process: through the core, and by the engine's pipe alone.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use codexkit::{Codex, CodexOptions, JsonObject, text};
use serde_json::{Map, Value, json};

use crate::{Outcome, Settings};

/// The steps in their order, the first of which is the process's own start.
const STEPS: [&str; 7] = [
    "process", "import", "spawn", "client", "thread", "turn", "event",
];

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// When each step was done; those that cannot be seen are left out.
struct Steps(Vec<(&'static str, Duration)>);

impl Steps {
    fn new() -> Self {
        // There is nothing to import.
        Self(vec![("process", now()), ("import", now())])
    }

    fn done(&mut self, step: &'static str) {
        self.0.push((step, now()));
    }

    fn report(&self) -> Outcome<()> {
        let began = std::env::var("CODEXKIT_BENCH_STARTED")?.parse()?;
        let began = Duration::from_nanos(began);
        let (mut last, mut report) = (began, Map::new());
        for (step, at) in &self.0 {
            debug_assert!(STEPS.contains(step), "{step}");
            report.insert((*step).to_owned(), json!((*at - last).as_secs_f64()));
            last = *at;
        }
        report.insert("whole".to_owned(), json!((last - began).as_secs_f64()));
        println!("{}", Value::from(report));
        Ok(())
    }
}

/// What a program has to do of its own before its first turn.
fn busy(settings: &Settings) {
    let (start, work) = (Instant::now(), Duration::from_millis(settings.work_ms));
    while start.elapsed() < work {
        std::hint::spin_loop();
    }
}

/// As an application of the core starts.
pub(crate) fn core(settings: &Settings) -> Outcome<()> {
    let mut steps = Steps::new();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let options = CodexOptions {
        codex_bin: Some(settings.engine.clone()),
        ..CodexOptions::default()
    };
    let codex = if settings.prewarm {
        let entered = runtime.enter();
        let starting = Codex::prewarm(options);
        drop(entered);
        busy(settings);
        runtime.block_on(starting.client())?
    } else {
        busy(settings);
        runtime.block_on(Codex::start(options))?
    };
    steps.done("client");
    runtime.block_on(async {
        let params = json!({"cwd": settings.cwd});
        let params = params.as_object().cloned().unwrap_or_default();
        let thread = codex.thread_start(params).await?;
        steps.done("thread");
        let turn = thread.turn(vec![text("go")], JsonObject::new()).await?;
        steps.done("turn");
        turn.events().next().await.ok_or("no event")??;
        steps.done("event");
        steps.report()?;
        turn.result().await?;
        codex.close().await?;
        Ok(())
    })
}

/// The engine alone.
pub(crate) fn engine(settings: &Settings) -> Outcome<()> {
    let mut steps = Steps::new();
    let mut engine = Command::new(&settings.engine)
        .args(["app-server", "--listen", "stdio://"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    steps.done("spawn");
    let mut stdin = engine.stdin.take().ok_or("no pipe")?;
    let mut lines = BufReader::new(engine.stdout.take().ok_or("no pipe")?).lines();
    let mut send = |message: Value| stdin.write_all(format!("{message}\n").as_bytes());
    let mut until = |what: &str| -> Outcome<String> {
        for line in lines.by_ref() {
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
    steps.done("client");
    send(json!({"method": "initialized"}))?;
    send(json!({"id": 2, "method": "thread/start", "params": {"cwd": settings.cwd}}))?;
    let answer: Value = serde_json::from_str(&until("\"id\":2,")?)?;
    steps.done("thread");
    let thread = &answer["result"]["thread"]["id"];
    let input = json!([{"type": "text", "text": "go"}]);
    let params = json!({"threadId": thread, "input": input});
    send(json!({"id": 3, "method": "turn/start", "params": params}))?;
    until("\"id\":3,")?;
    steps.done("turn");
    until("\"turn/started\"")?;
    steps.done("event");
    steps.report()?;
    until("\"turn/completed\"")?;
    drop(stdin);
    engine.wait()?;
    Ok(())
}
