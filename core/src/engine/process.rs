//! The engine as a child process: started in its own group, watched, and ended by a ladder of ever
//! harder means, each with a deadline.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock;
use crate::engine::locate::{path_with, variables};
use crate::engine::stderr::{self, OutputTail};
use crate::engine::tree::{self, MARK};
use crate::engine::watchdog::Watchdog;
use crate::error::{Error, ErrorKind, Result};
use crate::redact;

/// After the pipe was closed and a polite signal sent, so long until the next step.
pub(crate) const TERM_TIMEOUT: Duration = Duration::from_secs(2);
/// So long may the engine go on after it closed a pipe.
const BROKEN_PIPE: Duration = Duration::from_secs(1);
/// So long is output read after the engine's end; something it left may hold the pipe open.
pub(crate) const LAST_OUTPUT: Duration = Duration::from_millis(500);

/// How to start the engine, or another program that is watched like it.
#[derive(Clone)]
pub(crate) struct Launch {
    /// What it is, for errors: `engine`.
    pub(crate) role: &'static str,
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<String>,
    pub(crate) cwd: Option<PathBuf>,
    pub(crate) env: EnvOptions,
    pub(crate) path_dir: Option<PathBuf>,
}

/// The environment of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvOptions {
    /// Begin with this process's environment; otherwise with nothing.
    pub inherit: bool,
    /// Variables to set.
    pub set: Vec<(String, String)>,
    /// Variables to take out.
    pub unset: Vec<String>,
}

impl Default for EnvOptions {
    fn default() -> Self {
        Self {
            inherit: true,
            set: Vec::new(),
            unset: Vec::new(),
        }
    }
}

impl EnvOptions {
    /// Has the values of those variables that are secrets by their names left out of errors and diagnostics.
    fn hide_secrets(&self) {
        redact::learn(self.set.iter().map(|(name, value)| (&**name, &**value)));
        if self.inherit {
            let own = variables().filter(|(name, _)| !self.unset.contains(name));
            let own: Vec<(String, String)> = own.collect();
            redact::learn(own.iter().map(|(name, value)| (&**name, &**value)));
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    No,
    Gracefully,
    Now,
}

/// A running engine's handle. It does not own the process; the supervising task does.
pub(crate) struct Engine {
    pid: u32,
    mark: String,
    stop: watch::Sender<Stop>,
    ended: watch::Receiver<bool>,
    pub(crate) stderr: OutputTail,
    /// Whether the process's number is still its own: until it was reaped.
    unreaped: Arc<AtomicBool>,
}

/// Hears of an engine's end.
pub(crate) trait Watcher: Send {
    /// The engine broke a pipe without ending, and is being ended.
    fn breaking(&self, error: &Error);

    /// It is gone, and with it everything that it started; all that it wrote was read. `wanted` says whether
    /// somebody had asked for it.
    fn ended(self: Box<Self>, wanted: bool, error: Error);
}

/// The descriptors of an engine's pipes, while they are open: a closed descriptor's number may belong to somebody
/// else soon. Without a lock, because a child process made by `fork` reads them.
#[derive(Clone, Default)]
pub(crate) struct Descriptors(Arc<[AtomicI32; 4]>);

impl Descriptors {
    /// No descriptor has this number.
    const NONE: i32 = -1;

    fn set(&self, open: &[i32]) {
        let open = open.iter().copied().chain(std::iter::repeat(Self::NONE));
        for (place, descriptor) in self.0.iter().zip(open) {
            place.store(descriptor, Ordering::SeqCst);
        }
    }

    fn clear(&self) {
        self.set(&[]);
    }

    pub(crate) fn open(&self) -> Vec<i32> {
        let all = self.0.iter().map(|place| place.load(Ordering::SeqCst));
        all.filter(|descriptor| *descriptor > 0).collect()
    }
}

/// A child that was just started, and its pipes.
pub(crate) struct Started {
    pub(crate) stdin: ChildStdin,
    pub(crate) stdout: ChildStdout,
    child: Child,
    stderr: ChildStderr,
    identity: Identity,
}

/// What tells one engine from all others in this process and its children.
pub(crate) struct Identity {
    pub(crate) pid: u32,
    pub(crate) mark: String,
    pub(crate) descriptors: Vec<i32>,
}

/// Starts the process.
pub(crate) fn start(launch: &Launch) -> Result<Started> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mark = format!(
        "{}-{}-{}",
        std::process::id(),
        clock::unix_nanos(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    launch.env.hide_secrets();
    let mut command = command(launch, &mark);
    let spawned = command.spawn().map_err(|error| {
        Error::new(
            ErrorKind::Spawn,
            format!(
                "the {} {} cannot be started: {error}",
                launch.role,
                launch.program.display()
            ),
        )
        .caused_by(error)
    });
    let mut child = spawned?;
    let pipes = (
        child.stdin.take(),
        child.stdout.take(),
        child.stderr.take(),
        child.id(),
    );
    let (Some(stdin), Some(stdout), Some(stderr), Some(pid)) = pipes else {
        return Err(Error::new(
            ErrorKind::Spawn,
            format!("the {} was started without its pipes", launch.role),
        ));
    };
    widen(&stdout);
    let identity = Identity {
        pid,
        mark,
        descriptors: [descriptor(&stdin), descriptor(&stdout), descriptor(&stderr)].concat(),
    };
    Ok(Started {
        stdin,
        stdout,
        child,
        stderr,
        identity,
    })
}

#[cfg(unix)]
pub(crate) fn descriptor(pipe: &impl std::os::fd::AsRawFd) -> Vec<i32> {
    vec![pipe.as_raw_fd()]
}

#[cfg(not(unix))]
pub(crate) fn descriptor<T>(_: &T) -> Vec<i32> {
    Vec::new()
}

fn command(launch: &Launch, mark: &str) -> Command {
    let mut command = Command::new(&launch.program);
    if !launch.env.inherit {
        command.env_clear();
    }
    for name in &launch.env.unset {
        command.env_remove(name);
    }
    command.envs(launch.env.set.iter().map(|(name, value)| (name, value)));
    if let Some(folder) = &launch.path_dir {
        let given = launch
            .env
            .set
            .iter()
            .find(|(name, _)| name == "PATH")
            .map(|(_, v)| v.as_str());
        let inherit = launch.env.inherit && !launch.env.unset.iter().any(|name| name == "PATH");
        if let Some(path) = path_with(folder, given, inherit) {
            command.env("PATH", path);
        }
    }
    if let Some(cwd) = &launch.cwd {
        command.current_dir(cwd);
    }
    command
        .env(MARK, mark)
        .args(&launch.args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // A Ctrl-C in the terminal is for the application, which decides what becomes of the turn.
    #[cfg(unix)]
    command.process_group(0);
    #[cfg(windows)]
    command.creation_flags(0x0800_0000); // CREATE_NO_WINDOW
    command
}

impl Engine {
    /// Watches over a started engine. `tasks` are the reader and the writer at its pipes.
    pub(crate) fn supervise(
        (child, stderr, identity): (Child, ChildStderr, Identity),
        tasks: (JoinHandle<()>, JoinHandle<()>),
        descriptors: Descriptors,
        runtime: &Handle,
        watcher: Box<dyn Watcher>,
        close_timeout: Duration,
    ) -> Self {
        let Identity {
            pid,
            mark,
            descriptors: mut open,
        } = identity;
        let watchdog = Watchdog::set(&mark, pid);
        if let Some(pipe) = watchdog.pipe() {
            open.extend(descriptor(pipe));
        }
        descriptors.set(&open);
        let unreaped = Arc::new(AtomicBool::new(true));
        let (stop, stop_wanted) = watch::channel(Stop::No);
        let (has_ended, ended) = watch::channel(false);
        let tail = OutputTail::default();
        let supervisor = Supervisor {
            child,
            leftovers: Leftovers {
                root: Some(pid),
                mark: mark.clone(),
            },
            watchdog,
            descriptors,
            unreaped: unreaped.clone(),
            stderr_task: runtime.spawn(stderr::drain(stderr, tail.clone())),
            stderr: tail.clone(),
            watcher,
            reader: tasks.0,
            writer: tasks.1,
            close_timeout,
        };
        runtime.spawn(supervisor.run(stop_wanted, has_ended));
        Self {
            pid,
            mark,
            stop,
            ended,
            stderr: tail,
            unreaped,
        }
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        (!*self.ended.borrow()).then_some(self.pid)
    }

    /// Closes the engine's input and, if it does not end by that, goes on by force.
    pub(crate) fn stop_gracefully(&self) {
        self.stop.send_if_modified(|stop| {
            let first = *stop == Stop::No;
            if first {
                *stop = Stop::Gracefully;
            }
            first
        });
    }

    /// Kills the tree, before this returns.
    pub(crate) fn kill(&self) {
        if !*self.ended.borrow() {
            let root = self.unreaped.load(Ordering::SeqCst).then_some(self.pid);
            tree::kill(root, &self.mark);
        }
        self.stop.send_replace(Stop::Now);
    }

    /// Waits until the engine and its tree are gone.
    pub(crate) async fn ended(&self) {
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }
}

impl Started {
    /// The parts that a supervisor takes over.
    pub(crate) fn into_parts(self) -> (ChildStdin, ChildStdout, Child, ChildStderr, Identity) {
        (
            self.stdin,
            self.stdout,
            self.child,
            self.stderr,
            self.identity,
        )
    }
}

/// Kills what is left of the tree when the supervising task goes away, however it does.
pub(crate) struct Leftovers {
    pub(crate) root: Option<u32>,
    pub(crate) mark: String,
}

impl Drop for Leftovers {
    fn drop(&mut self) {
        tree::kill(self.root, &self.mark);
    }
}

struct Supervisor {
    child: Child,
    leftovers: Leftovers,
    watchdog: Watchdog,
    descriptors: Descriptors,
    unreaped: Arc<AtomicBool>,
    stderr_task: JoinHandle<()>,
    stderr: OutputTail,
    watcher: Box<dyn Watcher>,
    reader: JoinHandle<()>,
    writer: JoinHandle<()>,
    close_timeout: Duration,
}

impl Supervisor {
    async fn run(mut self, mut stop: watch::Receiver<Stop>, has_ended: watch::Sender<bool>) {
        let mut broken = None;
        let mut status = tokio::select! {
            status = self.child.wait() => status.ok(),
            // An error means that the client is gone without a word: the same as a wish to stop.
            () = wish(&mut stop, |stop| stop != Stop::No) => None,
            how = broken_pipe(&mut self.reader, &mut self.writer) => {
                broken = Some(how);
                None
            }
        };
        let mut broke = None;
        if let Some(broken) = broken {
            // Usually the engine is ending, and has only closed its pipes first.
            let ended = tokio::time::timeout(BROKEN_PIPE, self.child.wait()).await;
            status = ended.ok().and_then(Result::ok);
            if status.is_none() {
                let error = Error::new(
                    ErrorKind::Closed,
                    format!("the engine {broken} without ending, and is being ended"),
                );
                self.watcher.breaking(&error);
                broke = Some(error);
            }
        }
        self.descriptors.clear();
        let wanted = status.is_none() && broke.is_none();
        if status.is_none() {
            self.writer.abort();
            let (mark, hurry) = (&self.leftovers.mark, hurry(&mut stop));
            status = bring_down(&mut self.child, mark, self.close_timeout, hurry).await;
        }
        // Reaped: the number may belong to somebody else soon.
        self.unreaped.store(false, Ordering::SeqCst);
        self.leftovers.root = None;
        let mark = self.leftovers.mark.clone();
        let _ = tokio::task::spawn_blocking(move || tree::kill(None, &mark)).await;
        if !self.reader.is_finished() {
            let _ = tokio::time::timeout(LAST_OUTPUT, &mut self.reader).await;
            self.reader.abort();
        }
        let _ = tokio::time::timeout(LAST_OUTPUT, &mut self.stderr_task).await;
        self.stderr_task.abort();
        self.writer.abort();
        self.watchdog.dismiss().await;
        let error = broke.unwrap_or_else(|| self.last_error(wanted, status));
        self.watcher.ended(wanted, error);
        has_ended.send_replace(true);
    }

    fn last_error(&self, wanted: bool, status: Option<ExitStatus>) -> Error {
        if wanted {
            return Error::new(ErrorKind::Closed, "the client is closed; create a new one");
        }
        let exit = status.map(Exit::from).unwrap_or_default();
        let how = exit.how().unwrap_or_else(|| "ended".to_owned());
        let words = self.stderr.last_words();
        Error::new(ErrorKind::Closed, format!("the engine {how}{words}")).with_exit(
            exit.code,
            exit.signal,
            self.stderr.excerpt(),
        )
    }
}

/// How a process ended.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Exit {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        Self {
            code: status.code(),
            signal: signal_of(status),
        }
    }
}

impl Exit {
    /// In words, if it is known.
    pub(crate) fn how(self) -> Option<String> {
        match (self.code, self.signal) {
            (_, Some(signal)) => Some(format!("was killed by signal {signal}")),
            (Some(code), None) => Some(format!("ended with exit code {code}")),
            (None, None) => None,
        }
    }
}

/// The ladder, once the input is closed: wait, terminate, kill; each with a deadline, and at once to the last when
/// `hurry` comes.
pub(crate) async fn bring_down(
    child: &mut Child,
    mark: &str,
    patience: Duration,
    hurry: impl Future<Output = ()>,
) -> Option<ExitStatus> {
    let gently = async {
        if let Ok(status) = tokio::time::timeout(patience, child.wait()).await {
            return Some(status);
        }
        if let Some(pid) = child.id() {
            tree::terminate(pid);
        }
        tokio::time::timeout(TERM_TIMEOUT, child.wait()).await.ok()
    };
    let ended = tokio::select! {
        biased;
        () = hurry => None,
        ended = gently => ended,
    };
    if let Some(status) = ended {
        return status.ok();
    }
    tree::kill(child.id(), mark);
    let _ = child.start_kill();
    let killed = tokio::time::timeout(TERM_TIMEOUT, child.wait()).await;
    killed.ok()?.ok()
}

/// Comes when the client is to be killed. A client that is gone cannot wish for it any more.
async fn hurry(stop: &mut watch::Receiver<Stop>) {
    wish(stop, |stop| stop == Stop::Now).await;
    if *stop.borrow() != Stop::Now {
        std::future::pending::<()>().await;
    }
}

/// Comes when what is wished for is `wanted`, or nobody is there to wish any more.
async fn wish(stop: &mut watch::Receiver<Stop>, wanted: impl Fn(Stop) -> bool) {
    let _ = stop.wait_for(|stop| wanted(*stop)).await;
}

/// Comes when one of the tasks at the pipes ends, which they do only at the end of their pipe.
async fn broken_pipe(reader: &mut JoinHandle<()>, writer: &mut JoinHandle<()>) -> &'static str {
    tokio::select! {
        _ = reader => "closed its output",
        _ = writer => "closed its input",
    }
}

#[cfg(unix)]
pub(crate) fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
pub(crate) fn signal_of(_: ExitStatus) -> Option<i32> {
    None
}

/// Lets the engine write a megabyte ahead: it blocks less, and lines are routed in larger batches. An
/// unprivileged user may only have so much of it; then the pipe stays as it is.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn widen(pipe: &ChildStdout) {
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, 1 << 20);
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn widen(_pipe: &ChildStdout) {}
