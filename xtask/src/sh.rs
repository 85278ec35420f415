//! Running other programs: progress lines with the elapsed time, output that streams through,
//! and errors that name the command. The one place of xtask that spawns processes.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

static START: OnceLock<Instant> = OnceLock::new();

/// Starts the clock of the progress lines; called once, first thing in `main`.
pub(crate) fn start_clock() {
    START.get_or_init(Instant::now);
}

/// Seconds since the command was started.
pub(crate) fn elapsed() -> f64 {
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// Prints a progress line: elapsed seconds, then what is going on.
pub(crate) fn say(text: &str) {
    println!("[{:6.1}s] {text}", elapsed());
}

/// A command to run. Its working directory is the repository's root unless set.
#[derive(Debug)]
pub(crate) struct Cmd {
    program: OsString,
    args: Vec<OsString>,
    env: Vec<(OsString, Option<OsString>)>,
    cwd: PathBuf,
    input: Option<PathBuf>,
    limit: Duration,
}

/// What a captured or watched command left behind.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// True when it was ended because its time was over.
    pub(crate) timed_out: bool,
}

impl Finished {
    /// True when the program ended by itself with exit code 0.
    pub(crate) fn success(&self) -> bool {
        self.status.success() && !self.timed_out
    }
}

impl Cmd {
    /// A command with no arguments yet.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        // What `cargo run` tells this program of itself. Build scripts ask for variables of these names (ring's does), and
        // would run again, with all that is built on them, whenever cargo is called from here (by pip and npm, too) after a
        // person, or the reverse.
        let told = std::env::vars_os().map(|(name, _)| name).filter(|name| {
            let name = name.to_string_lossy();
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        Self {
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            env: told.map(|name| (name, None)).collect(),
            cwd: crate::paths::root(),
            input: None,
            limit: Duration::from_secs(1800),
        }
    }

    /// The cargo that runs this xtask.
    pub(crate) fn cargo() -> Self {
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// npm, whose name is a script's on Windows. Never writes registry addresses to the lock file.
    pub(crate) fn npm() -> Self {
        Self::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
            .env("npm_config_omit_lockfile_registry_resolved", "true")
            .env("npm_config_audit", "false")
            .env("npm_config_fund", "false")
            .env("npm_config_update_notifier", "false")
    }

    /// Adds one argument.
    #[must_use]
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.env
            .push((name.into(), Some(value.as_ref().to_owned())));
        self
    }

    /// Removes an environment variable.
    #[must_use]
    pub(crate) fn env_remove(mut self, name: &str) -> Self {
        self.env.push((name.into(), None));
        self
    }

    /// Sets the working directory.
    #[must_use]
    pub(crate) fn cwd(mut self, dir: impl AsRef<Path>) -> Self {
        self.cwd = dir.as_ref().to_owned();
        self
    }

    /// Lets the program read its standard input from a file; otherwise it has none.
    #[must_use]
    pub(crate) fn input(mut self, file: impl AsRef<Path>) -> Self {
        self.input = Some(file.as_ref().to_owned());
        self
    }

    /// Sets the time after which the program is ended.
    #[must_use]
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The command as one would type it, for messages.
    pub(crate) fn display(&self) -> String {
        let root = crate::paths::root();
        let short = |text: &OsStr| {
            let text = text.to_string_lossy().into_owned();
            match text.strip_prefix(&*root.to_string_lossy()) {
                Some(rest) if rest.starts_with('/') => rest[1..].to_owned(),
                _ => text,
            }
        };
        let mut out = short(&self.program);
        for arg in &self.args {
            let arg = short(arg);
            out.push(' ');
            if arg.is_empty() || arg.contains([' ', '"', '\'', '\n']) {
                out.push_str(&format!("{arg:?}"));
            } else {
                out.push_str(&arg);
            }
        }
        out
    }

    /// The command for those who talk with it while it runs.
    pub(crate) fn prepared(&self) -> Result<Command> {
        self.command()
    }

    fn command(&self) -> Result<Command> {
        let mut command = Command::new(&self.program);
        let input = match &self.input {
            Some(file) => File::open(file)
                .with_context(|| file.display().to_string())?
                .into(),
            None => Stdio::null(),
        };
        command.args(&self.args).current_dir(&self.cwd).stdin(input);
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Ok(command)
    }

    /// Runs with the terminal's own output; an exit code other than 0 is an error.
    pub(crate) fn run(&self) -> Result<()> {
        let status = self.status()?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.display());
        }
        Ok(())
    }

    /// Runs with the terminal's own output and says how it ended.
    pub(crate) fn status(&self) -> Result<ExitStatus> {
        let mut child = self
            .command()?
            .spawn()
            .with_context(|| format!("cannot start `{}`", self.display()))?;
        let (status, _) = wait(&mut child, self.limit)?;
        Ok(status)
    }

    /// Runs silently and returns the output; an exit code other than 0 is an error that carries it.
    pub(crate) fn quiet(&self) -> Result<String> {
        self.quiet_but(|_| {})
    }

    /// Like [`Cmd::quiet`], and shows each line of the output to `progress` when it comes.
    pub(crate) fn quiet_but(&self, progress: impl Fn(&str) + Sync) -> Result<String> {
        let done = self.watch(|_, line| progress(line))?;
        if !done.success() {
            bail!(
                "`{}` failed ({}){}\n{}{}",
                self.display(),
                done.status,
                if done.timed_out {
                    ", ended after its time was over"
                } else {
                    ""
                },
                tail(&done.stdout),
                tail(&done.stderr)
            );
        }
        Ok(done.stdout)
    }

    /// Runs and prints its standard output while it comes; standard error goes to the terminal.
    pub(crate) fn tee(&self) -> Result<Finished> {
        self.spawn_and_read(Stdio::inherit(), |_, line| println!("{line}"))
    }

    /// Runs and hands each line to `seen` (true = standard error), from one thread at a time.
    pub(crate) fn watch(&self, seen: impl Fn(bool, &str) + Sync) -> Result<Finished> {
        self.spawn_and_read(Stdio::piped(), seen)
    }

    fn spawn_and_read(&self, stderr: Stdio, seen: impl Fn(bool, &str) + Sync) -> Result<Finished> {
        let mut child = self
            .command()?
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .with_context(|| format!("cannot start `{}`", self.display()))?;
        let out = child.stdout.take();
        let err = child.stderr.take();
        let seen = &seen;
        std::thread::scope(|scope| {
            let err = scope.spawn(move || {
                err.map_or_else(String::new, |pipe| read(pipe, |line| seen(true, line)))
            });
            let out = scope.spawn(move || {
                out.map_or_else(String::new, |pipe| read(pipe, |line| seen(false, line)))
            });
            let (status, timed_out) = wait(&mut child, self.limit)?;
            Ok(Finished {
                status,
                stdout: out.join().unwrap_or_default(),
                stderr: err.join().unwrap_or_default(),
                timed_out,
            })
        })
    }
}

/// Reads lines to the end, tolerant of any bytes.
fn read(pipe: impl Read, mut seen: impl FnMut(&str)) -> String {
    let mut reader = BufReader::new(pipe);
    let mut all = String::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        match reader.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return all,
            Ok(_) => {
                let text = String::from_utf8_lossy(&line);
                let text = text.trim_end_matches(['\n', '\r']);
                seen(text);
                all.push_str(text);
                all.push('\n');
            }
        }
    }
}

/// Waits for the end of a child and ends it when its time is over.
fn wait(child: &mut Child, limit: Duration) -> Result<(ExitStatus, bool)> {
    let start = Instant::now();
    let end = start + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status, false));
        }
        if Instant::now() >= end {
            say(&format!(
                "ending a program that ran for more than {} s",
                limit.as_secs()
            ));
            child.kill()?;
            return Ok((child.wait()?, true));
        }
        // Benchmarks time short programs with this: they must not be late by much of their time.
        let pause = start.elapsed() / 32;
        std::thread::sleep(pause.clamp(Duration::from_micros(250), Duration::from_millis(50)));
    }
}

/// The end of a long output.
pub(crate) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(60);
    let mut out = lines[from..].join("\n");
    if !out.is_empty() {
        out.push('\n');
    }
    out
}
