//! A shell that outlives this process by moments: when the host dies in any way, SIGKILL included, it sees
//! its input close, gives the engine time to end by itself, and then kills what is left of its tree.
//!
//! It is a separate process because nothing inside a killed one can run.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};

use crate::engine::tree::MARK;

/// `$1` is the mark, `$2` the engine's process group. A line on the input means that all is well.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
# No `--` before the group: dash takes it for a bad number.
if read -r word && [ "$word" = done ]; then exit 0; fi
left() { grep -ls "$1" /proc/[0-9]*/environ; }
tries=0
while [ $tries -lt 15 ]; do
  [ -d /proc/self ] && [ -z "$(left "$1")" ] && exit 0
  sleep 0.2
  tries=$((tries + 1))
done
kill -KILL "-$2" 2>/dev/null
for environ in $(left "$1"); do
  pid=${environ#/proc/}
  kill -KILL "${pid%/environ}" 2>/dev/null
done
"#;

/// A dismissed watchdog has nothing left to do; nobody waits longer for it.
const DISMISSED: Duration = Duration::from_secs(2);

/// The watchdog of one engine. Dropping it without [`Watchdog::dismiss`] sets it off.
pub(crate) struct Watchdog(Option<Child>);

impl Watchdog {
    /// Sets a watchdog on an engine. Without a shell there is none, and the engine's own reaction to the
    /// closed pipe has to do.
    pub(crate) fn set(mark: &str, group: u32) -> Self {
        if !cfg!(unix) {
            return Self(None);
        }
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SCRIPT, "codexkit-watchdog"])
            .arg(format!("{MARK}={mark}"))
            .arg(group.to_string())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // Its own group: a Ctrl-C in the terminal must not reach it.
        #[cfg(unix)]
        command.process_group(0);
        Self(command.spawn().ok())
    }

    /// The pipe by which it learns of this process's end.
    pub(crate) fn pipe(&self) -> Option<&ChildStdin> {
        self.0.as_ref()?.stdin.as_ref()
    }

    /// The engine has ended in the ordinary way.
    pub(crate) async fn dismiss(&mut self) {
        let Some(mut child) = self.0.take() else {
            return;
        };
        if let Some(mut stdin) = child.stdin.take() {
            let _ = stdin.write_all(b"done\n").await;
        }
        let _ = tokio::time::timeout(DISMISSED, child.wait()).await;
    }
}

#[cfg(all(test, target_os = "linux"))]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use super::{MARK, SCRIPT};

    /// A process in a group of its own, marked, with a child in the group that has lost the mark.
    fn engine(mark: &str) -> std::process::Child {
        Command::new("/bin/sh")
            .args(["-c", "env -i /bin/sleep 4740 & exec sleep 4741"])
            .env(MARK, mark)
            .process_group(0)
            .spawn()
            .unwrap()
    }

    fn watchdog(mark: &str, group: u32) -> std::process::Child {
        Command::new("/bin/sh")
            .args(["-c", SCRIPT, "codexkit-watchdog", &format!("{MARK}={mark}")])
            .arg(group.to_string())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn members(group: u32) -> usize {
        let stats = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
            let stat = std::fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
            let fields: Vec<_> = stat.rsplit_once(") ")?.1.split(' ').collect();
            (fields[0] != "Z" && fields[2] == group.to_string()).then_some(())
        });
        stats.count()
    }

    #[test]
    fn it_kills_the_whole_group_when_its_input_closes() {
        let mark = format!("watchdog-test-{}", std::process::id());
        let mut engine = engine(&mark);
        let deadline = Instant::now() + Duration::from_secs(5);
        while members(engine.id()) < 2 && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut dog = watchdog(&mark, engine.id());
        drop(dog.stdin.take());
        assert!(dog.wait().unwrap().code().is_some());
        engine.wait().unwrap();
        std::thread::sleep(Duration::from_millis(100));
        assert_eq!(members(engine.id()), 0);
    }

    #[test]
    fn a_dismissed_one_kills_nobody() {
        let mark = format!("watchdog-dismissed-{}", std::process::id());
        let mut engine = engine(&mark);
        let mut dog = watchdog(&mark, engine.id());
        std::io::Write::write_all(&mut dog.stdin.take().unwrap(), b"done\n").unwrap();
        assert_eq!(dog.wait().unwrap().code(), Some(0));
        assert!(engine.try_wait().unwrap().is_none());
        Command::new("kill")
            .args(["-KILL", "--", &format!("-{}", engine.id())])
            .status()
            .unwrap();
        engine.wait().unwrap();
    }
}
