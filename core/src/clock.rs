//! The only place that reads the time, so that everything else can be tested with times as data.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Now, for measuring spans within this process.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The end of a wait that begins now; waits of many years end after one.
pub(crate) fn deadline(timeout: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    now() + timeout.min(YEAR)
}

/// Seconds since the Unix epoch.
pub(crate) fn unix_seconds() -> u64 {
    since_epoch().as_secs()
}

/// Nanoseconds since the Unix epoch, for telling apart what this process starts.
pub(crate) fn unix_nanos() -> u128 {
    since_epoch().as_nanos()
}

fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
