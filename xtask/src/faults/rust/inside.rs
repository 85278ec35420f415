//! What this process holds: nothing of it may grow over the cases.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long what ends by itself may take to do so.
const PATIENCE: Duration = Duration::from_secs(8);

/// Descriptors, tasks of the runtime, child processes.
fn measure() -> Value {
    let tasks = tokio::runtime::Handle::try_current()
        .map_or(0, |runtime| runtime.metrics().num_alive_tasks());
    json!({"descriptors": count("/proc/self/fd"), "tasks": tasks, "children": children()})
}

/// The same once it is not more than `before`, or in vain after a while. Without `before`: the least within a second.
pub(super) async fn settled(before: Option<&Value>) -> Value {
    let Some(before) = before else {
        let mut least = measure();
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = measure();
            for key in KEYS {
                if now[key].as_u64() < least[key].as_u64() {
                    least[key] = now[key].clone();
                }
            }
        }
        return least;
    };
    let end = Instant::now() + PATIENCE;
    loop {
        let now = measure();
        if !grown(before, &now) || Instant::now() > end {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

const KEYS: [&str; 3] = ["descriptors", "tasks", "children"];

fn grown(before: &Value, now: &Value) -> bool {
    KEYS.iter()
        .any(|key| now[key].as_u64() > before[key].as_u64())
}

fn count(dir: &str) -> usize {
    std::fs::read_dir(dir).map_or(0, Iterator::count)
}

fn children() -> usize {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else {
        return 0;
    };
    threads
        .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("children")).ok())
        .map(|list| list.split_whitespace().count())
        .sum()
}

/// The memory that is in use, in MiB.
pub(super) fn rss_mib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text
        .split_whitespace()
        .nth(1)
        .and_then(|n| n.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096 / (1 << 20)
}
