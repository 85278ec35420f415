//! The real engine as a server that several clients can connect to: started, awaited, and ended with its
//! handle.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::error::{Error, Result};
use crate::proxy::Target;

/// How long the engine may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where an engine is to listen.
#[derive(Clone, Debug)]
pub enum Listen {
    /// A free port of 127.0.0.1.
    WebSocket,
    /// A Unix socket.
    Unix(PathBuf),
}

/// How to start an engine that listens.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The engine's executable.
    pub program: PathBuf,
    /// Its `key=value` settings.
    pub config_overrides: Vec<String>,
    /// Further arguments of `app-server`, as `--ws-auth capability-token`.
    pub arguments: Vec<String>,
    /// Variables to set over the inherited environment; `CODEX_HOME` at least.
    pub env: Vec<(String, String)>,
    /// Its working directory.
    pub cwd: PathBuf,
    /// Where to listen.
    pub listen: Listen,
}

/// An engine that listens. It is killed when the handle is dropped.
#[derive(Debug)]
pub struct ListeningEngine {
    child: Child,
    url: String,
    target: Target,
}

impl ListeningEngine {
    /// Starts an engine and waits until it listens.
    ///
    /// # Errors
    /// When it cannot be started, ends, or does not listen within half a minute.
    pub async fn start(launch: &Launch) -> Result<Self> {
        let context = format!("starting {}", launch.program.display());
        let failed = |error| Error::io(context.clone(), error);
        let mut child = command(launch).spawn().map_err(failed)?;
        let waited = tokio::time::timeout(PATIENCE, listening(&mut child, &launch.listen)).await;
        let (url, target) = match waited {
            Ok(done) => done.map_err(failed)?,
            Err(_) => return Err(failed(std::io::ErrorKind::TimedOut.into())),
        };
        Ok(Self { child, url, target })
    }

    /// The URL to connect to.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where a [`crate::Proxy`] in front of it leads to.
    #[must_use]
    pub fn target(&self) -> Target {
        self.target.clone()
    }

    /// The process id while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Kills the engine and waits for its end.
    pub async fn kill(&mut self) {
        let _ = self.child.kill().await;
    }
}

fn command(launch: &Launch) -> Command {
    let mut command = Command::new(&launch.program);
    for entry in &launch.config_overrides {
        command.args(["--config", entry]);
    }
    let url = match &launch.listen {
        Listen::WebSocket => "ws://127.0.0.1:0".to_owned(),
        Listen::Unix(path) => format!("unix://{}", path.display()),
    };
    command
        .args(["app-server", "--listen", &url])
        .args(&launch.arguments)
        .envs(launch.env.iter().map(|(name, value)| (name, value)))
        // A scripted model needs no key, and a real one must not be used by chance.
        .env_remove("OPENAI_API_KEY")
        .env_remove("CODEX_API_KEY")
        .current_dir(&launch.cwd)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// The engine says its address on standard error; that it listens on a Unix socket shows when it can be
/// connected to.
async fn listening(child: &mut Child, listen: &Listen) -> std::io::Result<(String, Target)> {
    let stderr = child.stderr.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
    let mut lines = BufReader::new(stderr).lines();
    let found = match listen {
        Listen::WebSocket => loop {
            let Some(line) = lines.next_line().await? else {
                return Err(std::io::Error::other("it ended before it listened"));
            };
            if let Some((_, url)) = line.split_once("listening on: ") {
                let url = url.trim().to_owned();
                let address = url.trim_start_matches("ws://").to_owned();
                break (url, Target::Tcp(address));
            }
        },
        Listen::Unix(path) => {
            while !can_connect(path).await {
                if let Some(status) = child.try_wait()? {
                    return Err(std::io::Error::other(format!("it ended with {status}")));
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let url = format!("unix://{}", path.display());
            (url, Target::Unix(path.clone()))
        }
    };
    // Nobody may block it by not reading.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok(found)
}

#[cfg(unix)]
async fn can_connect(path: &Path) -> bool {
    tokio::net::UnixStream::connect(path).await.is_ok()
}

#[cfg(not(unix))]
async fn can_connect(_: &Path) -> bool {
    false
}
