//! A long-lived runner process: one job line in, one transcript line out.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// How long one scenario may take. The slowest one, with its retries, takes a few seconds.
const DEADLINE: Duration = Duration::from_secs(60);

/// How the error of a runner that died begins.
pub(crate) const DIED: &str = "the runner ended";

/// How to start a runner.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// The interpreter.
    pub(crate) program: PathBuf,
    /// The runner's file.
    pub(crate) script: PathBuf,
    /// Environment of the runner.
    pub(crate) env: Vec<(String, PathBuf)>,
    /// Where its standard error goes.
    pub(crate) log: PathBuf,
}

/// A runner that is started when first needed, and again after one that died or hung.
#[derive(Debug)]
pub(crate) struct ProcessRunner {
    program: Program,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    // Killed when dropped.
    child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl ProcessRunner {
    /// A runner that is not started yet.
    pub(crate) fn new(program: Program) -> Self {
        Self {
            program,
            running: None,
        }
    }

    /// Run one job and return the steps of its transcript.
    pub(crate) async fn run(&mut self, job: &Value) -> Result<Vec<Value>> {
        let answer = tokio::time::timeout(DEADLINE, self.exchange(job)).await;
        let answer = match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                self.running = None;
                return Err(error);
            }
            Err(_) => {
                self.running = None;
                bail!(
                    "no answer within {} s{}",
                    DEADLINE.as_secs(),
                    tail(&self.program.log)
                );
            }
        };
        steps(answer)
    }

    async fn exchange(&mut self, job: &Value) -> Result<Value> {
        let running = match &mut self.running {
            Some(running) => running,
            None => self.running.insert(start(&self.program)?),
        };
        running
            .stdin
            .write_all(format!("{job}\n").as_bytes())
            .await?;
        running.stdin.flush().await?;
        match running.stdout.next_line().await? {
            Some(line) => Ok(serde_json::from_str(&line)?),
            None => {
                let status = running.child.wait().await?;
                bail!("{DIED} ({status}){}", tail(&self.program.log))
            }
        }
    }
}

/// The steps of a runner's answer; a crash of the runner is an error.
fn steps(mut answer: Value) -> Result<Vec<Value>> {
    if let Some(crash) = answer.get("crash").and_then(Value::as_str) {
        bail!("{crash}");
    }
    match answer["steps"].take() {
        Value::Array(steps) => Ok(steps),
        _ => bail!("the runner's answer has no steps"),
    }
}

fn start(program: &Program) -> Result<Running> {
    let log = File::create(&program.log)?;
    let mut child = Command::new(&program.program)
        .arg(&program.script)
        .envs(program.env.iter().map(|(name, value)| (name, value)))
        // A scripted model needs no key, and a real one must not be used by chance.
        .env_remove("OPENAI_API_KEY")
        .env_remove("CODEX_API_KEY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {}", program.program.display()))?;
    let stdin = child.stdin.take().context("no stdin")?;
    let stdout = child.stdout.take().context("no stdout")?;
    Ok(Running {
        child,
        stdin,
        stdout: BufReader::new(stdout).lines(),
    })
}

fn tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let last: Vec<_> = text.lines().rev().take(8).collect();
    last.into_iter()
        .rev()
        .map(|line| format!("\n    {line}"))
        .collect()
}
