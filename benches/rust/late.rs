//! How long events take from the engine's write to a reader: the text of each delta is the time at which it was sent.

use std::io::Read;
use std::process::{Command, Stdio};

use codexkit::EventStream;
use memchr::memmem::Finder;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Map, Value, json};

use crate::{Outcome, Reading, Settings, Stamp, each, text_after};

/// Nanoseconds of the clock that the engine reads, too.
fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}

/// Takes the time at which each delta comes.
pub(crate) fn read(stream: &EventStream) -> Outcome<Reading> {
    let (first, mut late) = (Stamp::now(), Vec::new());
    each(stream, |event| {
        let sent = event.delta_text().and_then(|range| event.line().get(range));
        if let Some(sent) = sent {
            late.push(now_ns().saturating_sub(sent.parse()?));
        }
        Ok(())
    })?;
    Ok(Reading::late(first, late))
}

/// The limit: a blocking read of the pipe, and the place of the text found by its key.
pub(crate) fn limit(settings: &Settings) -> Outcome<Reading> {
    let mut engine = Command::new(&settings.engine)
        .args(["exec", "--experimental-json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut pipe = engine.stdout.take().ok_or("no pipe")?;
    let text = Finder::new(b"\"text\":\"");
    let (first, mut late, mut buffer) = (Stamp::now(), Vec::new(), vec![0; 1 << 16]);
    loop {
        // The engine writes a line at a time, and the next only milliseconds later.
        let count = pipe.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        for line in buffer[..count].split(|byte| *byte == b'\n') {
            let sent = text_after(&text, line).and_then(|sent| std::str::from_utf8(sent).ok());
            // The last message is no time.
            if let Some(sent) = sent.and_then(|sent| sent.parse::<u64>().ok()) {
                late.push(now_ns().saturating_sub(sent));
            }
        }
    }
    engine.wait()?;
    Ok(Reading::late(first, late))
}

/// What all readers have seen, in seconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "nanoseconds of a benchmark are far below 2^53"
)]
pub(crate) fn report(readings: &[Reading]) -> Map<String, Value> {
    let mut late: Vec<u64> = readings
        .iter()
        .flat_map(|reading| &reading.late)
        .copied()
        .collect();
    late.sort_unstable();
    let Some(last) = late.len().checked_sub(1) else {
        return Map::new();
    };
    let at = |part: usize| json!(late[(late.len() * part / 100).min(last)] as f64 / 1e9);
    let names = ["late_p50", "late_p99", "late_max"];
    names
        .into_iter()
        .zip([50, 99, 100])
        .map(|(name, part)| (name.to_owned(), at(part)))
        .collect()
}
