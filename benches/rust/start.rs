//! The first event of the first turn of a fresh process: through the core, and by the engine's pipe alone.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use codexkit::{Codex, JsonObject, text};
use serde_json::{Map, Value, json};

use crate::turn::Pipe;
use crate::{Outcome, Settings, options, runtime};

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
    let runtime = runtime()?;
    let options = options(settings);
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
    let (mut engine, mut pipe) = Pipe::open(settings)?;
    steps.done("spawn");
    pipe.initialize()?;
    steps.done("client");
    let thread = pipe.thread(settings)?;
    steps.done("thread");
    pipe.turn(3, &thread)?;
    pipe.until("\"id\":3,")?;
    steps.done("turn");
    pipe.until("\"turn/started\"")?;
    steps.done("event");
    steps.report()?;
    pipe.until("\"turn/completed\"")?;
    drop(pipe);
    engine.wait()?;
    Ok(())
}
