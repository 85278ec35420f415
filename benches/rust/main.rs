//! The Rust consumers of `cargo xtask bench`: codexkit's core without a binding, and the limit under it.
//!
//! Like the consumers in the other languages it takes its settings as JSON in its one argument and
//! prints one JSON object. Time and CPU are taken at the first and at the last event.

use std::collections::{HashMap, VecDeque};
use std::error::Error;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use codexkit::{Codex, CodexOptions, Event, EventStream, QueueLimits, StreamState, Turn};
use memchr::memchr;
use memchr::memmem::Finder;
use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

mod agents;
mod calls;
mod late;
mod memory;
mod sizes;
mod soak;
mod start;
mod tools;
mod turn;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Deserialize)]
struct Settings {
    engine: PathBuf,
    /// `core`, `limit`; `turn`, `engine`, and with `tools` the same with a tool; `calls`, `raw_calls`; `memory`;
    /// `sizes`; `start`, `raw_start`; `agents`, `soak`.
    mode: String,
    /// What readers do with events: `delta`, or `late` for the time they took.
    #[serde(default)]
    read: String,
    #[serde(default = "one")]
    turns: usize,
    #[serde(default)]
    warm: usize,
    #[serde(default)]
    events: usize,
    #[serde(default)]
    cwd: PathBuf,
    #[serde(default)]
    warm_turns: usize,
    #[serde(default)]
    measured_turns: usize,
    /// How many calls are measured.
    #[serde(default)]
    calls: usize,
    /// What memory is measured of: `idle` turns, a `stalled` reader; what grows with a thread: `fold`, `read`.
    #[serde(default)]
    what: String,
    /// How large the thread is, and how often it is measured.
    #[serde(default)]
    size: usize,
    #[serde(default)]
    rounds: usize,
    /// Whether the client gets ready while the program works, and for how long it does.
    #[serde(default)]
    prewarm: bool,
    #[serde(default)]
    work_ms: u64,
    /// Turns call a tool.
    #[serde(default)]
    tools: bool,
    /// How many turns are open at the same time.
    #[serde(default)]
    at_once: usize,
    /// How many requests to start a turn wait for their answer at the same time.
    #[serde(default = "one")]
    starting: usize,
    /// The soak: how long, and the replaying engine with its plan.
    #[serde(default)]
    seconds: u64,
    #[serde(default)]
    replay_engine: PathBuf,
    #[serde(default)]
    replay: Value,
    /// Instructions are counted: under valgrind, where asking for the time of the processor ends the process.
    #[serde(default)]
    counting: bool,
}

fn one() -> usize {
    1
}

static COUNTING: AtomicBool = AtomicBool::new(false);

/// A point in time, and the CPU time this process (all of its threads) had used by then.
#[derive(Clone, Copy)]
struct Stamp {
    wall: Instant,
    cpu: Duration,
}

impl Stamp {
    fn now() -> Self {
        if COUNTING.load(Ordering::Relaxed) {
            return Self {
                wall: Instant::now(),
                cpu: Duration::ZERO,
            };
        }
        let used = clock_gettime(ClockId::ProcessCPUTime);
        let seconds = u64::try_from(used.tv_sec).unwrap_or(0);
        let nanos = u32::try_from(used.tv_nsec).unwrap_or(0);
        Self {
            wall: Instant::now(),
            cpu: Duration::new(seconds, nanos),
        }
    }
}

/// What one reader has seen.
struct Reading {
    events: usize,
    chars: usize,
    first: Stamp,
    last: Stamp,
    /// Nanoseconds from the engine's write of each event.
    late: Vec<u64>,
}

impl Reading {
    fn late(first: Stamp, late: Vec<u64>) -> Self {
        Self {
            events: late.len(),
            chars: 0,
            first,
            last: Stamp::now(),
            late,
        }
    }
}

fn main() -> Outcome<()> {
    let text = std::env::args().nth(1).ok_or("settings as JSON, please")?;
    let settings: Settings = serde_json::from_str(&text)?;
    COUNTING.store(settings.counting, Ordering::Relaxed);
    let readings = match settings.mode.as_str() {
        "core" => core(&settings)?,
        "limit" if settings.read == "late" => vec![late::limit(&settings)?],
        "limit" => vec![limit(&settings)?],
        "turn" => return turn::core(&settings),
        "engine" => return turn::engine(&settings),
        "calls" => return calls::core(&settings),
        "raw_calls" => return calls::engine(&settings),
        "memory" => return memory::run(&settings),
        "sizes" => return sizes::run(&settings),
        "start" => return start::core(&settings),
        "raw_start" => return start::engine(&settings),
        "agents" => return agents::run(&settings),
        "soak" => return soak::run(&settings),
        other => return Err(format!("no mode {other}").into()),
    };
    let first = readings.iter().map(|reading| reading.first);
    let last = readings.iter().map(|reading| reading.last);
    let (Some(first), Some(last)) = (
        first.min_by_key(|stamp| stamp.wall),
        last.max_by_key(|stamp| stamp.wall),
    ) else {
        return Err("nobody read".into());
    };
    let mut report = json!({
        "events": readings.iter().map(|reading| reading.events).sum::<usize>(),
        "least": readings.iter().map(|reading| reading.events).min(),
        "chars": readings.iter().map(|reading| reading.chars).sum::<usize>(),
        "wall": (last.wall - first.wall).as_secs_f64(),
        "cpu": last.cpu.saturating_sub(first.cpu).as_secs_f64(),
        // Where the system tells.
        "peak_mb": memory::peak_mb().unwrap_or_default(),
    });
    if let Some(report) = report.as_object_mut() {
        report.extend(late::report(&readings));
    }
    println!("{report}");
    Ok(())
}

/// The runtime of the consumers: one thread beside those that read.
fn runtime() -> Outcome<Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    Ok(builder.worker_threads(1).enable_all().build()?)
}

/// A client's options, with the engine of the settings.
fn options(settings: &Settings) -> CodexOptions {
    CodexOptions {
        codex_bin: Some(settings.engine.clone()),
        ..CodexOptions::default()
    }
}

/// A queue that takes everything.
fn unbounded() -> QueueLimits {
    QueueLimits {
        soft_events: usize::MAX,
        soft_bytes: usize::MAX,
        hard_events: usize::MAX,
        hard_bytes: usize::MAX,
    }
}

/// Reads K turns at once through the core, a thread a turn.
fn core(settings: &Settings) -> Outcome<Vec<Reading>> {
    let runtime = runtime()?;
    let options = CodexOptions {
        // Every event is to be delivered by itself: see the other consumers.
        queue: unbounded(),
        ..options(settings)
    };
    let timed = settings.read == "late";
    let round = |threads: &[codexkit::Thread], prompt: String| {
        let turns = runtime.block_on(async {
            let mut turns = Vec::new();
            for thread in threads {
                let input = vec![json!({"type": "text", "text": prompt})];
                turns.push(thread.turn(input, Map::new()).await?);
            }
            Ok::<Vec<Turn>, codexkit::Error>(turns)
        })?;
        let readers: Vec<_> = turns
            .into_iter()
            .map(|turn| {
                std::thread::spawn(move || match timed {
                    true => late::read(turn.events()),
                    false => read(turn.events()),
                })
            })
            .collect();
        readers
            .into_iter()
            .map(|reader| reader.join().map_err(|_| "a reader panicked")?)
            .collect::<Outcome<Vec<Reading>>>()
    };
    let codex = runtime.block_on(Codex::start(options))?;
    let mut threads = Vec::new();
    for _ in 0..settings.turns {
        threads.push(runtime.block_on(codex.thread_start(Map::new()))?);
    }
    round(&threads, format!("warm up events={}", settings.warm))?;
    let readings = round(&threads, format!("go events={}", settings.events))?;
    runtime.block_on(codex.close())?;
    Ok(readings)
}

/// Takes events in batches, as the bindings do, until the stream ends.
fn each(stream: &EventStream, mut see: impl FnMut(&Event) -> Outcome<()>) -> Outcome<()> {
    let mut batch = VecDeque::new();
    loop {
        let state = stream.drain_batch(&mut batch);
        for event in batch.drain(..) {
            see(&event)?;
        }
        match state {
            StreamState::Open => {
                if !stream.wait_blocking(Duration::from_secs(60)) {
                    return Err("nothing for a minute".into());
                }
            }
            StreamState::Ended => return Ok(()),
            StreamState::Failed(error) => return Err(error.into()),
        }
    }
}

/// Reads each event's method and the text of deltas.
fn read(stream: &EventStream) -> Outcome<Reading> {
    let mut reading: Option<Reading> = None;
    each(stream, |event| {
        let seen = reading.get_or_insert_with(|| {
            let now = Stamp::now();
            Reading {
                events: 0,
                chars: 0,
                first: now,
                last: now,
                late: Vec::new(),
            }
        });
        seen.events += 1;
        seen.chars += chars(event);
        Ok(())
    })?;
    let mut reading = reading.ok_or("no event")?;
    reading.last = Stamp::now();
    Ok(reading)
}

fn chars(event: &Event) -> usize {
    #[derive(Deserialize)]
    struct Delta {
        delta: String,
    }
    match event.method() {
        "item/agentMessage/delta"
        | "item/commandExecution/outputDelta"
        | "item/reasoning/summaryTextDelta" => match event.delta_text() {
            Some(range) => range.len(),
            None => serde_json::from_str::<Delta>(event.params())
                .map_or(0, |delta| delta.delta.chars().count()),
        },
        _ => 0,
    }
}

/// The limit: read the pipe, split, find the method and the turn's id, count by turn. Nothing is kept.
fn limit(settings: &Settings) -> Outcome<Reading> {
    let mut engine = Command::new(&settings.engine)
        .args(["exec", "--experimental-json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut pipe = engine.stdout.take().ok_or("no pipe")?;
    let method = Finder::new(b"\"method\":\"");
    let turn = Finder::new(b"\"turnId\":\"");
    let mut routes: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut buffer = vec![0; 1 << 20];
    let mut filled = pipe.read(&mut buffer)?;
    let first = Stamp::now();
    let (mut events, mut bytes_of_methods) = (0, 0);
    loop {
        let mut start = 0;
        while let Some(length) = memchr(b'\n', &buffer[start..filled]) {
            let line = &buffer[start..start + length];
            start += length + 1;
            events += 1;
            bytes_of_methods += text_after(&method, line).map_or(0, <[u8]>::len);
            let id = text_after(&turn, line).unwrap_or_default();
            match routes.get_mut(id) {
                Some(count) => *count += 1,
                None => drop(routes.insert(id.to_vec(), 1)),
            }
        }
        buffer.copy_within(start..filled, 0);
        filled -= start;
        match pipe.read(&mut buffer[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    std::hint::black_box((bytes_of_methods, &routes));
    let last = Stamp::now();
    engine.wait()?;
    Ok(Reading {
        events,
        chars: 0,
        first,
        last,
        late: Vec::new(),
    })
}

fn text_after<'line>(key: &Finder<'_>, line: &'line [u8]) -> Option<&'line [u8]> {
    let start = key.find(line)? + key.needle().len();
    let length = memchr(b'"', &line[start..])?;
    Some(&line[start..start + length])
}
