//! `cargo xtask soak`: the three languages at full load at once, for half an hour. Each second turns are replayed as
//! fast as the pipe takes them, beside turns of the real engine with tools, approvals and interrupts; clients are opened
//! and closed. Memory, file descriptors and threads are looked at all the while: after the warm-up they must not grow.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::paths;
use crate::scripted::Scripted;
use crate::setup::{self, Profile};
use crate::sh::{Cmd, say};

/// How often is looked.
const EVERY: Duration = Duration::from_secs(5);
/// Lines of each round of replayed turns.
const EVENTS: usize = 20_000;
/// The first part of the run, in which caches and arenas fill.
const WARM_UP: f64 = 1.0 / 3.0;
/// Growth from the warm-up's end to the end that is noise: the larger of a part and of megabytes.
const NOISE: f64 = 0.10;
const NOISE_MB: f64 = 8.0;
/// A client more or less is open at any moment.
const NOISE_COUNT: f64 = 24.0;

/// Arguments of `cargo xtask soak`.
#[derive(clap::Args, Debug)]
pub(crate) struct SoakArgs {
    /// How long.
    #[arg(long, default_value_t = 30)]
    minutes: u64,
    /// Take what is built already, as it is.
    #[arg(long)]
    as_built: bool,
}

/// One look at a process.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at: f64,
    rss_mb: f64,
    descriptors: f64,
    threads: f64,
}

/// A program under load.
struct Load {
    name: &'static str,
    child: Child,
    /// The newest line that it has told.
    told: Arc<Mutex<Value>>,
    samples: Vec<Sample>,
}

/// Runs the load; ends with `soak: N minutes, T turns, E events, memory flat|growing`.
pub(crate) fn run(args: &SoakArgs) -> Result<ExitCode> {
    if !args.as_built {
        setup::everything(Profile::Dev)?;
        Cmd::cargo()
            .args([
                "build",
                "--quiet",
                "-p",
                "codexkit-testkit",
                "-p",
                "codexkit-bench",
            ])
            .run()?;
    }
    let model = Scripted::start(&script().to_string())?;
    let mut loads = Vec::new();
    for name in ["Rust", "Python", "Node"] {
        loads.push(Load::start(name, &model, args.minutes * 60)?);
    }
    let outcome = watch(&mut loads, args.minutes);
    for load in &mut loads {
        // Already ended, unless something went wrong.
        let _ = load.child.kill();
        let _ = load.child.wait();
    }
    outcome?;
    report(&loads, args.minutes)
}

/// `busy` calls the tool and asks for an approval; `slow` is there to be interrupted.
pub(super) fn script() -> Value {
    let escalated = json!({
        "cmd": "true",
        "sandbox_permissions": "require_escalated",
        "justification": "to be asked",
    });
    json!({"rules": [
        {"when": {"prompt_contains": "slow"}, "replies": [
            {"items": [{"repeat_delta": {"count": 400, "text": "w{i} ", "delay_ms": 25}}]},
        ], "repeat": "last"},
        {"when": {"prompt_contains": "busy"}, "replies": [
            {"items": [{"call": {"name": "look_up", "arguments": {"key": "pear"}}}]},
            {"items": [{"call": {"name": "exec_command", "arguments": escalated}}]},
            {"items": [{"message": "done"}]},
        ]},
    ]})
}

fn program(name: &str) -> Result<Command> {
    let benches = paths::root().join("benches");
    Ok(match name {
        "Rust" => Command::new(paths::target().join("debug/codexkit-bench")),
        "Python" => {
            let mut python = Command::new(paths::venv_bin("python"));
            python.arg(benches.join("python/soak.py"));
            python.env("PYTHONPATH", paths::root().join("python"));
            python
        }
        "Node" => {
            let mut node = Command::new("node");
            node.arg("--expose-gc").arg(benches.join("node/soak.mjs"));
            node
        }
        other => bail!("no program for {other}"),
    })
}

impl Load {
    fn start(name: &'static str, model: &Scripted, seconds: u64) -> Result<Self> {
        let place = model.place(&format!("soak-{name}"))?;
        let settings = json!({
            "mode": "soak",
            "seconds": seconds,
            "events": EVENTS,
            "engine": crate::bench::real_engine()?,
            "replay_engine": paths::target().join("debug/codexkit-testkit"),
            "replay": {"events": EVENTS, "turns": 3, "kind": "mix"},
            "package": paths::root().join("node/dist/index.mjs"),
            "cwd": place.cwd,
        });
        let mut child = program(name)?
            .arg(settings.to_string())
            .env("CODEX_HOME", &place.home)
            .env("HOME", &place.home)
            .env_remove("CODEX_BINARY")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("the {name} program"))?;
        let told = Arc::new(Mutex::new(Value::Null));
        let out = child.stdout.take().context("its output")?;
        let newest = told.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(out)
                .lines()
                .map_while(std::result::Result::ok)
            {
                match serde_json::from_str::<Value>(&line) {
                    Ok(value) => *newest.lock().unwrap_or_else(PoisonError::into_inner) = value,
                    Err(_) => println!("{line}"),
                }
            }
        });
        Ok(Self {
            name,
            child,
            told,
            samples: Vec::new(),
        })
    }

    fn told(&self) -> Value {
        self.told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn count(&self, what: &str) -> u64 {
        self.told()[what].as_u64().unwrap_or(0)
    }
}

/// Looks until all programs have ended; one that fails ends the soak.
fn watch(loads: &mut [Load], minutes: u64) -> Result<()> {
    let start = Instant::now();
    let late = Duration::from_secs(minutes * 60 + 180);
    loop {
        std::thread::sleep(EVERY);
        let at = start.elapsed().as_secs_f64();
        let mut running = 0;
        for load in loads.iter_mut() {
            match load.child.try_wait()? {
                None => running += 1,
                Some(status) if status.success() => continue,
                Some(status) => bail!("the {} program failed: {status}", load.name),
            }
            load.samples.extend(sample(load.child.id(), at));
        }
        if running == 0 {
            return Ok(());
        }
        if start.elapsed() > late {
            bail!("a program did not end three minutes after its time: something hangs");
        }
        // A line a minute.
        if at % 60.0 < EVERY.as_secs_f64() {
            let now = loads.iter().filter_map(|load| {
                let last = load.samples.last()?;
                Some(format!(
                    "{} {:.0} MB, {} turns",
                    load.name,
                    last.rss_mb,
                    load.count("turns")
                ))
            });
            say(&format!("soak: {}", now.collect::<Vec<_>>().join("; ")));
        }
    }
}

/// What the system tells of a process; nothing where it does not.
fn sample(pid: u32, at: f64) -> Option<Sample> {
    let folder = Path::new("/proc").join(pid.to_string());
    let status = std::fs::read_to_string(folder.join("status")).ok()?;
    let field = |name: &str| -> Option<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Some(Sample {
        at,
        rss_mb: field("VmRSS:")? / 1024.0,
        descriptors: std::fs::read_dir(folder.join("fd")).ok()?.count() as f64,
        threads: field("Threads:")?,
    })
}

/// How much a value grows from the first sample to the last one, along the line that fits best.
fn growth(samples: &[Sample], of: impl Fn(&Sample) -> f64) -> f64 {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return 0.0;
    };
    let count = samples.len() as f64;
    let mean = |of: &dyn Fn(&Sample) -> f64| samples.iter().map(of).sum::<f64>() / count;
    let (at, value) = (mean(&|sample| sample.at), mean(&|sample| of(sample)));
    let spread: f64 = samples.iter().map(|sample| (sample.at - at).powi(2)).sum();
    if spread == 0.0 {
        return 0.0;
    }
    let together: f64 = samples
        .iter()
        .map(|sample| (sample.at - at) * (of(sample) - value))
        .sum();
    together / spread * (last.at - first.at)
}

/// The samples after the warm-up.
fn warm(samples: &[Sample]) -> &[Sample] {
    let skipped = (samples.len() as f64 * WARM_UP) as usize;
    &samples[skipped..]
}

/// Whether anything grows.
fn grows(samples: &[Sample]) -> bool {
    let samples = warm(samples);
    let highest = samples
        .iter()
        .map(|sample| sample.rss_mb)
        .fold(0.0, f64::max);
    growth(samples, |sample| sample.rss_mb) > NOISE_MB.max(NOISE * highest)
        || growth(samples, |sample| sample.descriptors) > NOISE_COUNT
        || growth(samples, |sample| sample.threads) > NOISE_COUNT
}

fn report(loads: &[Load], minutes: u64) -> Result<ExitCode> {
    let mut text = String::from(
        "| | turns | events | clients opened | MB at warm-up's end | MB at the end | growth MB | growth descriptors | growth threads |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    let (mut turns, mut events, mut growing) = (0, 0, false);
    for load in loads {
        let samples = warm(&load.samples);
        let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
            bail!("the system tells nothing of the {} program", load.name);
        };
        turns += load.count("turns");
        events += load.count("events");
        growing |= grows(&load.samples);
        writeln!(
            text,
            "| {} | {} | {} | {} | {:.1} | {:.1} | {:+.1} | {:+.1} | {:+.1} |",
            load.name,
            load.count("turns"),
            load.count("events"),
            load.count("opened"),
            first.rss_mb,
            last.rss_mb,
            growth(samples, |sample| sample.rss_mb),
            growth(samples, |sample| sample.descriptors),
            growth(samples, |sample| sample.threads),
        )?;
        let told = load.told();
        for heap in ["heap", "objects"] {
            if let Some(value) = told[heap].as_u64() {
                say(&format!("{}: {heap} at the end {value}", load.name));
            }
        }
    }
    println!("{text}");
    let memory = if growing { "growing" } else { "flat" };
    println!("soak: {minutes} minutes, {turns} turns, {events} events, memory {memory}");
    Ok(if growing {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

#[cfg(test)]
mod tests {
    use super::{Sample, grows};

    fn samples(rss: impl Fn(f64) -> f64, descriptors: impl Fn(f64) -> f64) -> Vec<Sample> {
        (0..360)
            .map(|number| {
                let at = f64::from(number) * 5.0;
                Sample {
                    at,
                    rss_mb: rss(at),
                    descriptors: descriptors(at),
                    threads: 9.0,
                }
            })
            .collect()
    }

    #[test]
    fn a_leak_is_told_from_a_warm_up_and_from_noise() {
        let calm = |at: f64| 90.0 + (at * 7.0).sin() * 4.0;
        assert!(!grows(&samples(calm, |_| 20.0)));
        // It fills up in the first ten minutes.
        assert!(!grows(&samples(|at| 50.0 + at.min(590.0) / 10.0, |_| 20.0)));
        // 0.7 MB a minute.
        assert!(grows(&samples(|at| calm(at) + at * 0.7 / 60.0, |_| 20.0)));
        // Two descriptors a minute.
        assert!(grows(&samples(calm, |at| 20.0 + at / 30.0)));
    }
}
