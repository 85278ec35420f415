//! Cases about the process that runs the client: it is started for the case, something is done to it, and its engine has to
//! be gone whatever that was.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::cases::Case;
use super::prepare::{Bench, mark};
use super::runners::{Seen, program};
use super::{Client, Findings, leftovers};

/// How long each step of such a process may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process of a case, ended with it whatever happens.
struct Host {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) fn play(
    bench: &Bench,
    cases: &[&Case],
    clients: &[Client],
    findings: &Findings,
) -> BTreeMap<Client, Seen> {
    std::thread::scope(|scope| {
        let playing: Vec<_> = clients
            .iter()
            .map(|client| {
                let play = || {
                    let mut seen = Seen::new();
                    for case in cases {
                        let outcome = one(bench, case, *client);
                        let outcome = outcome.unwrap_or_else(|error| {
                            findings.add(&case.name, *client, format!("{error:#}"));
                            json!({})
                        });
                        for process in leftovers::processes(&mark(*client, &case.name)) {
                            let what = format!("a process is left: {process}");
                            findings.add(&case.name, *client, what);
                        }
                        let line = json!({"steps": [outcome], "hang": false});
                        seen.insert(case.name.clone(), line);
                    }
                    seen
                };
                (*client, scope.spawn(play))
            })
            .collect();
        playing
            .into_iter()
            .map(|(client, thread)| (client, thread.join().unwrap_or_default()))
            .collect()
    })
}

/// What came of a case: `exit` and what the process told last.
fn one(bench: &Bench, case: &Case, client: Client) -> Result<Value> {
    let kind = case.host().unwrap_or_default();
    let job = bench.job(client, case)?;
    let file = bench.file(client, "host.json");
    std::fs::write(&file, job.to_string())?;
    let log = bench.file(client, "host.log");
    let mut child = program(bench, client)?
        .arg(&file)
        .prepared()?
        .stdout(Stdio::piped())
        .stderr(File::create(&log)?)
        .spawn()?;
    let lines = lines(child.stdout.take().context("no stdout")?);
    let mut host = Host { child, lines };
    let errors = || std::fs::read_to_string(&log).unwrap_or_default();
    let ready = host.line().with_context(errors)?;
    let engine = ready["ready"].as_u64().with_context(|| ready.to_string())?;
    // One that ends by itself may have taken its engine with it already.
    let stays = matches!(kind, "sigint" | "sigterm" | "sigkill" | "child");
    ensure!(
        !stays || leftovers::alive(engine),
        "the engine is not there"
    );
    let signal = match kind {
        "sigint" => Some("INT"),
        "sigterm" => Some("TERM"),
        "sigkill" | "child" => Some("KILL"),
        _ => None,
    };
    if let Some(signal) = signal {
        send(signal, u64::from(host.child.id()))?;
    }
    let outcome = match kind {
        "sigint" | "loop" => host.line().with_context(errors)?,
        _ => json!({}),
    };
    let code = host.end().with_context(errors)?;
    if let Some(inheritor) = ready["child"].as_u64() {
        let left = leftovers::processes(&mark(client, &case.name));
        let alive = leftovers::alive(inheritor);
        send("KILL", inheritor)?;
        ensure!(
            left.is_empty(),
            "the child keeps the engine alive: {left:?}"
        );
        ensure!(alive, "the child was ended, too");
    }
    let noise = errors();
    ensure!(
        !noise.contains("Traceback") && !noise.contains("panicked") && !noise.contains("FATAL"),
        "it complained: {noise}"
    );
    Ok(json!({"exit": code, "told": outcome}))
}

impl Host {
    fn line(&self) -> Result<Value> {
        let line = self
            .lines
            .recv_timeout(PATIENCE)
            .context("it told nothing")?;
        serde_json::from_str(&line).with_context(|| line.clone())
    }

    /// Its exit code, or the signal's number as a negative one.
    fn end(&mut self) -> Result<i32> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait()? {
                #[cfg(unix)]
                if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
                    return Ok(-signal);
                }
                return Ok(status.code().unwrap_or(-1));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("the process does not end")
    }
}

fn lines(stdout: ChildStdout) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

fn send(signal: &str, pid: u64) -> Result<()> {
    let status = std::process::Command::new("kill")
        .args([format!("-{signal}"), pid.to_string()])
        .status()?;
    ensure!(status.success(), "cannot send SIG{signal}");
    Ok(())
}
