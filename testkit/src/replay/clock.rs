//! The clock that the engine and its client share.

/// Nanoseconds of the monotonic clock: the same in every process of the machine, and never set back while a benchmark
/// runs.
#[cfg(unix)]
pub(super) fn now_ns() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}

/// Elsewhere no clock of the standard library is shared between processes but the wall's.
#[cfg(not(unix))]
pub(super) fn now_ns() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0))
}
