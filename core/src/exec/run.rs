//! One process of `codex exec`: what goes in and comes out, and its end, on every way out.

use std::collections::VecDeque;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::ExecResult;
use super::key;
use super::output::{self, ExecEvent, Milestone, text};
use super::schema::SchemaFile;
use crate::engine::process::{LAST_OUTPUT, Leftovers, Started, signal_of};
use crate::engine::stderr::{self, OutputTail};
use crate::engine::tree;
use crate::engine::watchdog::Watchdog;
use crate::error::{Error, ErrorKind, Result};
use crate::redact::redacted;
use crate::session::diagnostics::{Diagnostic, DiagnosticKind, Ring};
use crate::thread::queue::{EventStream, Keep, QueueLimits, StreamState, Wake, Wakeups};
use crate::transport::framing::Lines;

/// A killed process is reaped within this time, or never.
const REAPED: Duration = Duration::from_secs(2);
/// Once the turn has ended, the process may take so long to end, too.
const GOODBYE: Duration = Duration::from_secs(15);
/// Output is read no longer than this after the process's end, even if somebody goes on writing.
const LONGEST_REST: Duration = Duration::from_secs(10);

/// What a run is started with besides its process.
pub(super) struct Plan {
    pub(super) prompt: String,
    pub(super) schema: Option<SchemaFile>,
    pub(super) hide_key: bool,
    pub(super) timeout: Option<Duration>,
    pub(super) max_line_bytes: usize,
    pub(super) queue: QueueLimits,
}

/// How a turn and its process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecOutcome {
    /// `completed`, `failed`, or `unknown` where the process ended well without saying.
    pub status: String,
    /// Why the turn failed, without what looks like a secret.
    pub failure: Option<String>,
    /// The process's exit code.
    pub exit_code: Option<i32>,
    /// The end of what it wrote to its standard error, without secrets. Harmless warnings are there, too.
    pub stderr_tail: String,
}

/// A running turn. Clones are the same run with the same cursor over its events. When the last one is
/// dropped, the process and all that it started are killed.
#[derive(Clone)]
pub struct ExecRun(Arc<Owner>);

/// What the handles share and the supervising task does not hold.
struct Owner {
    state: Arc<State>,
    stop: watch::Sender<bool>,
    ended: watch::Receiver<bool>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// What the handles share with the tasks at the process.
struct State {
    pid: u32,
    mark: String,
    stream: EventStream,
    thread_id: OnceLock<String>,
    stderr: OutputTail,
    /// Bytes read so far: whether there still is progress.
    read: AtomicU64,
    cancelled: AtomicBool,
    unreaped: AtomicBool,
    inner: Mutex<Inner>,
    /// True once the turn's last event was read.
    turn_ended: watch::Sender<bool>,
}

#[derive(Default)]
struct Inner {
    status: Option<&'static str>,
    failure: Option<String>,
    diagnostics: Ring,
    outcome: Option<Result<ExecOutcome>>,
}

impl ExecRun {
    pub(super) fn supervise(started: Started, plan: Plan) -> Self {
        let (stdin, stdout, child, stderr, identity) = started.into_parts();
        let (stop, stop_wanted) = watch::channel(false);
        let (has_ended, ended) = watch::channel(false);
        let state = Arc::new(State {
            pid: identity.pid,
            mark: identity.mark,
            stream: EventStream::new(Keep::All, plan.queue),
            thread_id: OnceLock::new(),
            stderr: OutputTail::default(),
            read: AtomicU64::new(0),
            cancelled: AtomicBool::new(false),
            unreaped: AtomicBool::new(true),
            inner: Mutex::default(),
            turn_ended: watch::channel(false).0,
        });
        let runtime = Handle::current();
        let hide_key = plan.hide_key;
        let lines = Lines::new(plan.max_line_bytes);
        let supervisor = Supervisor {
            child,
            leftovers: Leftovers {
                root: Some(state.pid),
                mark: state.mark.clone(),
            },
            watchdog: Watchdog::set(&state.mark, state.pid),
            writer: runtime.spawn(write(stdin, plan.prompt)),
            reader: runtime.spawn(read(state.clone(), stdout, lines, hide_key)),
            stderr_task: runtime.spawn(stderr::drain(stderr, state.stderr.clone())),
            state: state.clone(),
            timeout: plan.timeout,
            schema: plan.schema,
        };
        runtime.spawn(supervisor.run(stop_wanted, has_ended));
        Self(Arc::new(Owner { state, stop, ended }))
    }

    /// The next event; `None` at the end of the turn, an error once if it did not come to a good end.
    ///
    /// A turn that failed ends like one that completed, after its `turn.failed`. Dropping the future loses
    /// nothing.
    ///
    /// # Errors
    /// `closed` when the process ended badly without `turn.failed` (with its exit code, signal and the end
    /// of its standard error), `spawn` when that was before the thread had started, `cancelled`, `timeout`,
    /// `lagged` when the reader fell too far behind.
    pub async fn next(&self) -> Option<Result<ExecEvent>> {
        let next = self.0.state.stream.next().await?;
        Some(next.map(|event| ExecEvent(Arc::from(event.line()))))
    }

    /// Moves up to `max` events that are ready into `out`, without waiting, and says what the stream is then.
    pub fn drain(&self, out: &mut Vec<ExecEvent>, max: usize) -> StreamState {
        let mut events = VecDeque::new();
        let state = self.0.state.stream.drain(&mut events, max);
        out.extend(
            events
                .iter()
                .map(|event| ExecEvent(Arc::from(event.line()))),
        );
        state
    }

    /// Sets what is called when there is something to drain after there was nothing, and at the end. It must
    /// be quick and must not block.
    pub fn set_wake(&self, wake: Option<Wake>) {
        self.0.state.stream.set_wake(wake);
    }

    /// Waits on this thread until there is something to drain or the run has ended; false on timeout.
    #[must_use]
    pub fn wait_blocking(&self, timeout: Duration) -> bool {
        self.0.state.stream.wait_blocking(timeout)
    }

    /// The thread's id, once the engine has told it.
    #[must_use]
    pub fn thread_id(&self) -> Option<String> {
        self.0.state.thread_id.get().cloned()
    }

    /// The process's id while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        (!*self.0.ended.borrow()).then_some(self.0.state.pid)
    }

    /// What was odd about the process's output.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.0.state.lock().diagnostics.entries()
    }

    /// Waits until the process and all that it started are gone, and says how that was.
    ///
    /// # Errors
    /// As [`ExecRun::next`], but for `lagged`.
    pub async fn outcome(&self) -> Result<ExecOutcome> {
        let _ = self.0.ended.clone().wait_for(|ended| *ended).await;
        let outcome = self.0.state.lock().outcome.clone();
        outcome.unwrap_or_else(|| Err(Error::new(ErrorKind::Closed, "the runtime is gone")))
    }

    /// Kills the process and all that it started, before this returns. What is awaited fails with `cancelled`.
    pub fn cancel(&self) {
        let state = &self.0.state;
        state.cancelled.store(true, Ordering::SeqCst);
        if !*self.0.ended.borrow() {
            let root = state.unreaped.load(Ordering::SeqCst).then_some(state.pid);
            tree::kill(root, &state.mark);
        }
        self.0.stop.send_replace(true);
    }

    /// Has the process and all that it started killed, without waiting.
    pub fn cancel_in_background(&self) {
        self.0.state.cancelled.store(true, Ordering::SeqCst);
        self.0.stop.send_replace(true);
    }

    /// Reads the run to its end and gives what it came to.
    ///
    /// # Errors
    /// As [`ExecRun::next`].
    pub async fn collect(self) -> Result<ExecResult> {
        let (mut items, mut final_response, mut usage) = (Vec::new(), String::new(), Value::Null);
        while let Some(event) = self.next().await {
            let mut event = event?.json();
            match event["type"].as_str() {
                Some("item.completed") => {
                    let item = event["item"].take();
                    if item["type"] == "agent_message" {
                        final_response = text(&item["text"]);
                    }
                    items.push(item);
                }
                Some("turn.completed") => usage = event["usage"].take(),
                _ => {}
            }
        }
        Ok(ExecResult {
            items,
            final_response,
            usage,
            outcome: self.outcome().await?,
        })
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in one line.
    fn line(&self, line: &[u8], hide_key: bool) {
        let (event, milestone) = match output::read(line) {
            Ok(None) => return,
            Ok(Some(read)) => read,
            Err(diagnostic) => {
                self.lock().diagnostics.push(diagnostic);
                return;
            }
        };
        match milestone {
            Milestone::Nothing => {}
            Milestone::ThreadStarted(id) => {
                // The engine has taken the key by now, and has not yet asked the model for anything.
                if hide_key && let Err(error) = key::overwrite(self.pid, &self.mark) {
                    let message =
                        format!("the API key is still in the engine's environment: {error}");
                    let diagnostic = Diagnostic::new(DiagnosticKind::Engine, message);
                    self.lock().diagnostics.push(diagnostic);
                }
                let _ = self.thread_id.set(id);
            }
            Milestone::Completed => self.ends_as("completed", None),
            Milestone::Failed(message) => self.ends_as("failed", Some(redacted(message))),
        }
        let mut wakeups = Wakeups::default();
        self.stream.push(event, &mut wakeups);
        wakeups.run();
    }

    fn ends_as(&self, status: &'static str, failure: Option<String>) {
        let mut inner = self.lock();
        inner.status = Some(status);
        inner.failure = failure;
        drop(inner);
        self.turn_ended.send_replace(true);
    }

    fn finish(&self, outcome: Result<ExecOutcome>) {
        let how = outcome.as_ref().map(drop).map_err(Clone::clone);
        self.lock().outcome = Some(outcome);
        let mut wakeups = Wakeups::default();
        self.stream.end(how, &mut wakeups);
        wakeups.run();
    }
}

/// Writes the prompt and closes the pipe. A process that does not want it says why in another way.
async fn write(mut stdin: ChildStdin, prompt: String) {
    let _ = stdin.write_all(prompt.as_bytes()).await;
    let _ = stdin.shutdown().await;
}

/// Reads to the end of the output.
async fn read(state: Arc<State>, mut stdout: ChildStdout, mut lines: Lines, hide_key: bool) {
    loop {
        let count = match read_some(&mut stdout, lines.space(64 << 10)).await {
            Some(count) if count > 0 => count,
            _ => break,
        };
        state.read.fetch_add(count as u64, Ordering::Relaxed);
        lines.filled(count);
        for line in lines.complete() {
            state.line(line, hide_key);
        }
        for length in lines.compact() {
            let message = format!("a line of {length} bytes or more is too long and was skipped");
            let diagnostic = Diagnostic::new(DiagnosticKind::LineTooLong, message);
            state.lock().diagnostics.push(diagnostic);
        }
    }
    if let Some(rest) = lines.rest() {
        state.line(rest, hide_key);
    }
}

async fn read_some(from: &mut (impl AsyncRead + Unpin), into: &mut [u8]) -> Option<usize> {
    loop {
        match from.read(into).await {
            Ok(count) => return Some(count),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

struct Supervisor {
    child: Child,
    leftovers: Leftovers,
    watchdog: Watchdog,
    writer: JoinHandle<()>,
    reader: JoinHandle<()>,
    stderr_task: JoinHandle<()>,
    state: Arc<State>,
    timeout: Option<Duration>,
    /// Removed when it is dropped.
    schema: Option<SchemaFile>,
}

/// Why a process is not running any more.
enum End {
    Exited(Option<ExitStatus>),
    Stopped,
    TimedOut(Duration),
    /// The turn had ended, the process had not.
    Lingered,
}

impl Supervisor {
    async fn run(mut self, mut stop: watch::Receiver<bool>, has_ended: watch::Sender<bool>) {
        let end = self.wait(&mut stop).await;
        if !matches!(end, End::Exited(_)) {
            let (root, mark) = (self.child.id(), self.state.mark.clone());
            let _ = tokio::task::spawn_blocking(move || tree::kill(root, &mark)).await;
            let _ = self.child.start_kill();
            let _ = tokio::time::timeout(REAPED, self.child.wait()).await;
        }
        // Reaped: the number may belong to somebody else soon.
        self.state.unreaped.store(false, Ordering::SeqCst);
        self.leftovers.root = None;
        self.rest().await;
        let mark = self.state.mark.clone();
        let _ = tokio::task::spawn_blocking(move || tree::kill(None, &mark)).await;
        self.writer.abort();
        self.watchdog.dismiss().await;
        self.schema = None;
        self.state.finish(self.outcome(&end));
        has_ended.send_replace(true);
    }

    async fn wait(&mut self, stop: &mut watch::Receiver<bool>) -> End {
        let mut turn_ended = self.state.turn_ended.subscribe();
        let lingering = async {
            // Its sender lives as long as the state does.
            let _ = turn_ended.wait_for(|ended| *ended).await;
            tokio::time::sleep(GOODBYE).await;
        };
        let timeout = self.timeout;
        let deadline = async {
            match timeout {
                Some(timeout) => tokio::time::sleep(timeout).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            status = self.child.wait() => End::Exited(status.ok()),
            _ = stop.wait_for(|stop| *stop) => End::Stopped,
            () = deadline => End::TimedOut(timeout.unwrap_or_default()),
            () = lingering => End::Lingered,
        }
    }

    /// Reads what the process left in its pipes. Something that it started may hold them open: then it is
    /// waited for only while more comes, and not at all once the turn's end was read.
    async fn rest(&mut self) {
        let all = async {
            let mut before = u64::MAX;
            while !self.reader.is_finished() {
                let now = self.state.read.load(Ordering::Relaxed);
                if now == before || *self.state.turn_ended.borrow() {
                    break;
                }
                before = now;
                let _ = tokio::time::timeout(LAST_OUTPUT, &mut self.reader).await;
            }
        };
        let _ = tokio::time::timeout(LONGEST_REST, all).await;
        self.reader.abort();
        let _ = tokio::time::timeout(LAST_OUTPUT, &mut self.stderr_task).await;
        self.stderr_task.abort();
    }

    fn outcome(&self, end: &End) -> Result<ExecOutcome> {
        let state = &self.state;
        if state.cancelled.load(Ordering::SeqCst) || matches!(end, End::Stopped) {
            return Err(Error::new(ErrorKind::Cancelled, "the turn was cancelled"));
        }
        if let End::TimedOut(timeout) = end {
            return Err(Error::timeout("codex exec", timeout.as_secs_f64()));
        }
        let status = match end {
            End::Exited(status) => *status,
            _ => None,
        };
        let (code, signal) =
            status.map_or((None, None), |status| (status.code(), signal_of(status)));
        let tail = state.stderr.excerpt();
        let inner = state.lock();
        let well = matches!(end, End::Lingered) || code == Some(0);
        match (inner.status, well) {
            // The exit code of a failed turn says nothing that `turn.failed` has not said.
            (Some("failed"), _) | (_, true) => Ok(ExecOutcome {
                status: inner.status.unwrap_or("unknown").to_owned(),
                failure: inner.failure.clone(),
                exit_code: code,
                stderr_tail: tail,
            }),
            _ => {
                let how = match (code, signal) {
                    (_, Some(signal)) => format!("signal {signal}"),
                    (Some(code), None) => format!("code {code}"),
                    (None, None) => "an unknown status".to_owned(),
                };
                let started = state.thread_id.get().is_some();
                let kind = if started {
                    ErrorKind::Closed
                } else {
                    ErrorKind::Spawn
                };
                let message = format!("codex exec exited with {how}: {tail}");
                Err(Error::new(kind, message).with_exit(code, signal, tail))
            }
        }
    }
}
