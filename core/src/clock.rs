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

/// A wall clock that tests can set, for what lasts longer than they do.
#[derive(Clone, Default)]
pub(crate) struct WallClock {
    #[cfg(test)]
    set: Option<std::sync::Arc<std::sync::atomic::AtomicU64>>,
}

impl WallClock {
    /// Seconds since the Unix epoch.
    pub(crate) fn seconds(&self) -> u64 {
        #[cfg(test)]
        if let Some(set) = &self.set {
            return set.load(std::sync::atomic::Ordering::Relaxed);
        }
        unix_seconds()
    }

    /// A clock that stands still at `seconds` until it is set.
    #[cfg(test)]
    pub(crate) fn standing_at(seconds: u64) -> Self {
        Self {
            set: Some(std::sync::Arc::new(seconds.into())),
        }
    }

    /// Moves a standing clock.
    #[cfg(test)]
    pub(crate) fn advance(&self, seconds: u64) {
        if let Some(set) = &self.set {
            set.fetch_add(seconds, std::sync::atomic::Ordering::Relaxed);
        }
    }
}
