//! Requests that the engine answers at once, one after the other: through the core, and by the engine's pipe alone.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use codexkit::Codex;
use serde_json::json;
use serde_json::value::RawValue;

use crate::{Outcome, Settings, Stamp, options, runtime};

/// The request of all consumers.
const METHOD: &str = "model/list";

/// As an application of the core makes them.
pub(crate) fn core(settings: &Settings) -> Outcome<()> {
    let runtime = runtime()?;
    let codex = runtime.block_on(Codex::start(options(settings)))?;
    let params = || RawValue::from_string("{}".to_owned());
    let call = || {
        let params = params()?;
        // Blocking each time, as a binding for blocking code does.
        runtime.block_on(codex.request(METHOD, Some(params), None))?;
        Ok(())
    };
    measure(settings, call)?;
    runtime.block_on(codex.close())?;
    Ok(())
}

/// The limit: write a line, read a line.
pub(crate) fn engine(settings: &Settings) -> Outcome<()> {
    let mut engine = Command::new(&settings.engine)
        .args(["app-server", "--listen", "stdio://"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdin = engine.stdin.take().ok_or("no pipe")?;
    let mut stdout = BufReader::new(engine.stdout.take().ok_or("no pipe")?);
    let request = format!("{}\n", json!({"id": 1, "method": METHOD, "params": {}}));
    let mut line = String::new();
    measure(settings, || {
        stdin.write_all(request.as_bytes())?;
        line.clear();
        stdout.read_line(&mut line)?;
        Ok(())
    })?;
    drop(stdin);
    engine.wait()?;
    Ok(())
}

fn measure(settings: &Settings, mut call: impl FnMut() -> Outcome<()>) -> Outcome<()> {
    for _ in 0..settings.warm {
        call()?;
    }
    let (start, mut times) = (Stamp::now(), Vec::with_capacity(settings.calls));
    for _ in 0..settings.calls {
        let before = Instant::now();
        call()?;
        times.push(before.elapsed());
    }
    let cpu = Stamp::now().cpu.saturating_sub(start.cpu);
    times.sort_unstable();
    let at = |part: usize| {
        let found = times.get(times.len() * part / 100);
        found.map_or(0.0, Duration::as_secs_f64)
    };
    let each = cpu.as_secs_f64() / f64::from(u32::try_from(times.len())?);
    println!(
        "{}",
        json!({"call_p50": at(50), "call_p99": at(99), "cpu": each, "calls": times.len()})
    );
    Ok(())
}
