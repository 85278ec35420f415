//! A shell that outlives this process by moments: when the host dies in any way, SIGKILL included, it sees
//! its input close, gives the engine time to end by itself, and then kills what is left of its tree.
//!
//! It is a separate process because nothing inside a killed one can run.

use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};

use crate::engine::tree::MARK;

/// `$1` is the mark, `$2` the engine's process group. A line on the input means that all is well.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
if read -r word && [ "$word" = done ]; then exit 0; fi
left() { grep -ls "$1" /proc/[0-9]*/environ; }
tries=0
while [ $tries -lt 15 ]; do
  [ -d /proc/self ] && [ -z "$(left "$1")" ] && exit 0
  sleep 0.2
  tries=$((tries + 1))
done
kill -KILL -- "-$2" 2>/dev/null
for environ in $(left "$1"); do
  pid=${environ#/proc/}
  kill -KILL "${pid%/environ}" 2>/dev/null
done
"#;

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
        let _ = child.wait().await;
    }
}
