//! Ends processes together with all they started.
//!
//! The engine puts its commands into groups and sessions of their own, and they are adopted by others
//! when it dies. So a tree is found in two ways: by parents, while they live, and by a mark in the
//! environment that every process of one engine inherits.

use std::collections::HashSet;

/// The environment variable that marks the processes of one engine.
pub(crate) const MARK: &str = "CODEXKIT_ENGINE_ID";

/// More rounds than any program needs that does not fork on purpose to escape.
const ROUNDS: usize = 20;

/// Kills what belongs to the engine. `root` is its process id while it has not been reaped.
pub(crate) fn kill(root: Option<u32>, mark: &str) {
    for _ in 0..ROUNDS {
        let mut found: HashSet<u32> = marked(mark).into_iter().collect();
        if let Some(root) = root {
            found.extend(descendants(root));
            signal_group(root, Signal::Kill);
        }
        found.remove(&std::process::id());
        if found.is_empty() {
            return;
        }
        for pid in found {
            signal_process(pid, Signal::Kill);
        }
        std::thread::yield_now();
    }
}

/// Asks the engine's own process group to end.
pub(crate) fn terminate(root: u32) {
    signal_group(root, Signal::Terminate);
}

#[derive(Clone, Copy)]
enum Signal {
    Terminate,
    Kill,
}

#[cfg(unix)]
mod unix {
    use rustix::process::{Pid, Signal as Raw, kill_process, kill_process_group};

    use super::Signal;

    fn raw(signal: Signal) -> Raw {
        match signal {
            Signal::Terminate => Raw::TERM,
            Signal::Kill => Raw::KILL,
        }
    }

    fn pid(pid: u32) -> Option<Pid> {
        Pid::from_raw(i32::try_from(pid).ok()?)
    }

    /// A process that is gone already is what was wanted.
    pub(super) fn signal_process(process: u32, signal: Signal) {
        if let Some(pid) = pid(process) {
            let _ = kill_process(pid, raw(signal));
        }
    }

    pub(super) fn signal_group(group: u32, signal: Signal) {
        if let Some(pid) = pid(group) {
            let _ = kill_process_group(pid, raw(signal));
        }
    }
}

#[cfg(unix)]
use unix::{signal_group, signal_process};

#[cfg(not(unix))]
fn signal_process(_: u32, _: Signal) {}

#[cfg(not(unix))]
fn signal_group(_: u32, _: Signal) {}

#[cfg(target_os = "linux")]
fn processes() -> impl Iterator<Item = u32> {
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// The processes whose environment holds the mark. Zombies have no environment and do not count.
#[cfg(target_os = "linux")]
pub(crate) fn marked(mark: &str) -> Vec<u32> {
    let needle = format!("{MARK}={mark}");
    processes()
        .filter(|pid| {
            std::fs::read(format!("/proc/{pid}/environ"))
                .is_ok_and(|environ| environ.split(|b| *b == 0).any(|v| v == needle.as_bytes()))
        })
        .collect()
}

#[cfg(target_os = "linux")]
fn descendants(root: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = processes()
        .filter_map(|pid| Some((pid, parent(pid)?)))
        .collect();
    let mut found = Vec::new();
    let mut frontier = vec![root];
    while let Some(current) = frontier.pop() {
        for (pid, _) in parents.iter().filter(|(_, parent)| *parent == current) {
            if !found.contains(pid) {
                found.push(*pid);
                frontier.push(*pid);
            }
        }
    }
    found
}

/// The parent from `/proc/PID/stat`, unless the process is a zombie.
#[cfg(target_os = "linux")]
fn parent(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    (state != "Z").then_some(parent)
}

// Elsewhere the process group is what can be reached without further libraries.
#[cfg(not(target_os = "linux"))]
pub(crate) fn marked(_: &str) -> Vec<u32> {
    Vec::new()
}

#[cfg(not(target_os = "linux"))]
fn descendants(_: u32) -> Vec<u32> {
    Vec::new()
}
