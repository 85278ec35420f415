//! Looks from outside for what a case left behind. Linux only: elsewhere nothing is found.

use std::path::Path;
use std::time::{Duration, Instant};

use super::prepare::MARK;

/// How long an engine may take to end after its client: the watchdog gives it 3 s, then closes in.
const PATIENCE: Duration = Duration::from_secs(15);

/// The processes whose mark begins like this, as `mark: command`, once there are none or in vain after a while.
pub(super) fn processes(mark: &str) -> Vec<String> {
    let end = Instant::now() + PATIENCE;
    loop {
        let found = marked(mark);
        if found.is_empty() || Instant::now() > end {
            return found;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn marked(mark: &str) -> Vec<String> {
    let wanted = format!("{MARK}={mark}");
    let Ok(all) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    all.filter_map(|entry| {
        let path = entry.ok()?.path();
        let environment = std::fs::read(path.join("environ")).ok()?;
        let own = environment
            .split(|byte| *byte == 0)
            .map(String::from_utf8_lossy)
            .find(|variable| variable.starts_with(&wanted))?;
        let command = std::fs::read(path.join("cmdline")).ok()?;
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        let short: String = command.chars().take(120).collect();
        Some(format!("{own}: {short}"))
    })
    .collect()
}

/// Whether a process is there; one that is dead but not collected is not.
pub(super) fn alive(pid: u64) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap_or("")
            .trim_start()
            .starts_with('Z')
    })
}

/// The names in a folder.
pub(super) fn files(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten();
    entries
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .collect()
}
