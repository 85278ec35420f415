//! A server's process: started in a group of its own, and ended together with all that it started, on every way
//! out. The means are the engine's (`engine/tree`, `engine/watchdog`).

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::task::JoinHandle;

use crate::engine::process::{self, Exit, LAST_OUTPUT, Launch, Leftovers, descriptor};
use crate::engine::stderr::{self, OutputTail};
use crate::engine::tree;
use crate::engine::watchdog::Watchdog;
use crate::error::Result;
use crate::mcp::config::StdioServer;
use crate::mcp::environment;
use crate::options::check_cwd;

/// A running process, for those who only look at it or kill it; none between two of them.
#[derive(Clone, Default)]
pub(crate) struct Alive(Arc<Mutex<Option<Facts>>>);

struct Facts {
    pid: u32,
    mark: String,
    descriptors: Vec<i32>,
}

impl Alive {
    pub(crate) fn pid(&self) -> Option<u32> {
        self.with(|facts| facts.pid)
    }

    /// The descriptors of its pipes, for a child made by `fork`. Waits for no lock.
    pub(crate) fn descriptors(&self) -> Vec<i32> {
        let facts = self.0.try_lock().ok();
        let facts = facts.as_ref().and_then(|facts| facts.as_ref());
        facts.map_or_else(Vec::new, |facts| facts.descriptors.clone())
    }

    /// Kills it and all that it started, before this returns.
    pub(crate) fn kill(&self) {
        if let Some((pid, mark)) = self.with(|facts| (facts.pid, facts.mark.clone())) {
            tree::kill(Some(pid), &mark);
        }
    }

    fn with<T>(&self, look: impl FnOnce(&Facts) -> T) -> Option<T> {
        let facts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        facts.as_ref().map(look)
    }

    fn set(&self, facts: Option<Facts>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = facts;
    }
}

/// The owner of a running process. Dropping it kills the process and all that it started.
pub(crate) struct ServerProcess {
    child: Child,
    leftovers: Leftovers,
    watchdog: Watchdog,
    stderr_task: JoinHandle<()>,
    alive: Alive,
}

/// Starts the process and gives its pipes.
///
/// # Errors
/// `invalid_argument` for a working directory that is none, `spawn` when the program cannot be started.
pub(crate) fn start(
    server: &StdioServer,
    stderr: &OutputTail,
    alive: &Alive,
) -> Result<(ServerProcess, ChildStdout, ChildStdin)> {
    check_cwd(server.cwd.as_deref())?;
    let launch = Launch {
        role: "MCP server",
        program: PathBuf::from(&server.command),
        args: server.args.clone(),
        cwd: server.cwd.clone(),
        env: environment::of(server),
        path_dir: None,
    };
    let started = process::start(&launch)?;
    let (stdin, stdout, child, errors, identity) = started.into_parts();
    let watchdog = Watchdog::set(&identity.mark, identity.pid);
    let mut descriptors = identity.descriptors;
    if let Some(pipe) = watchdog.pipe() {
        descriptors.extend(descriptor(pipe));
    }
    alive.set(Some(Facts {
        pid: identity.pid,
        mark: identity.mark.clone(),
        descriptors,
    }));
    let process = ServerProcess {
        child,
        leftovers: Leftovers {
            root: Some(identity.pid),
            mark: identity.mark,
        },
        watchdog,
        stderr_task: tokio::spawn(stderr::drain(errors, stderr.clone())),
        alive: alive.clone(),
    };
    Ok((process, stdout, stdin))
}

impl ServerProcess {
    /// Comes when the process has ended.
    pub(crate) async fn wait(&mut self) {
        let _ = self.child.wait().await;
    }

    /// Ends the process, whose input was closed, and what it started: waits, asks, kills.
    pub(crate) async fn end(mut self, patience: Duration) -> Exit {
        let (mark, never) = (&self.leftovers.mark, std::future::pending());
        let status = process::bring_down(&mut self.child, mark, patience, never).await;
        // Reaped: the number may belong to somebody else soon.
        self.leftovers.root = None;
        self.alive.set(None);
        let mark = self.leftovers.mark.clone();
        let _ = tokio::task::spawn_blocking(move || tree::kill(None, &mark)).await;
        let _ = tokio::time::timeout(LAST_OUTPUT, &mut self.stderr_task).await;
        self.stderr_task.abort();
        self.watchdog.dismiss().await;
        status.map(Exit::from).unwrap_or_default()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.alive.set(None);
        self.stderr_task.abort();
    }
}
