//! The real engine and its folders, for the tests that drive it.

#![expect(clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "each test binary uses its part")]

use codexkit_testkit::ScriptedModel;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// No step of a test takes longer, or something hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The engine under test: `CODEXKIT_TEST_ENGINE`, or the one that `cargo xtask` set up.
pub(crate) fn engine() -> PathBuf {
    if let Some(path) = std::env::var_os("CODEXKIT_TEST_ENGINE") {
        return path.into();
    }
    let library = repository().join(".cache/venv/lib");
    let found = std::fs::read_dir(&library)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("site-packages/codex_cli_bin/bin/codex"))
        .find(|path| path.is_file());
    found
        .expect("no engine: run `cargo xtask test`, which sets one up, or set CODEXKIT_TEST_ENGINE")
}

/// A fresh folder with an engine home and a workspace; removed with the value.
pub(crate) struct Workspace(pub(crate) PathBuf);

impl Workspace {
    pub(crate) fn new(name: &str) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = repository()
            .join(".cache/work")
            .join(format!("testkit-{name}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(path.join("home")).unwrap();
        std::fs::create_dir_all(path.join("files")).unwrap();
        Self(path)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.0.join("home")
    }

    pub(crate) fn files(&self) -> PathBuf {
        self.0.join("files")
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An app-server spoken to line by line.
pub(crate) struct AppServer {
    pub(crate) child: Child,
    pub(crate) stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    next_id: i64,
    /// Every message that was read so far.
    pub(crate) seen: Vec<Value>,
}

impl AppServer {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            stdin: child.stdin.take(),
            stdout: BufReader::new(child.stdout.take().unwrap()),
            child,
            next_id: 1,
            seen: Vec::new(),
        }
    }

    /// The real engine, talking to `model`, past the handshake.
    pub(crate) async fn real(model: &ScriptedModel, workspace: &Workspace) -> Self {
        let mut command = Command::new(engine());
        for value in model.config_overrides() {
            command.arg("--config").arg(value);
        }
        command
            .args(["app-server", "--listen", "stdio://"])
            .env("CODEX_HOME", workspace.home())
            // Commands run in login shells: whose profile that is must not matter.
            .env("HOME", workspace.home())
            .current_dir(workspace.files())
            .stderr(Stdio::null());
        let mut server = Self::start(command);
        server.initialize().await;
        server
    }

    pub(crate) async fn initialize(&mut self) -> Value {
        let info = json!({"name": "testkit", "title": "testkit", "version": "0"});
        let capabilities = json!({"experimentalApi": true});
        let answer = self
            .request(
                "initialize",
                json!({"clientInfo": info, "capabilities": capabilities}),
            )
            .await;
        self.send(&json!({"method": "initialized"})).await;
        answer
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        let line = format!("{message}\n");
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(line.as_bytes()).await.unwrap();
        stdin.flush().await.unwrap();
    }

    /// Sends a request without waiting; gives its id.
    pub(crate) async fn post(&mut self, method: &str, params: Value) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&json!({"id": id, "method": method, "params": params}))
            .await;
        id
    }

    /// Sends a request and gives its answer, the whole message.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.post(method, params).await;
        self.answer(id).await
    }

    pub(crate) async fn answer(&mut self, id: i64) -> Value {
        self.until(|message| message["id"] == id && message.get("method").is_none())
            .await
    }

    pub(crate) async fn notification(&mut self, method: &str) -> Value {
        self.until(|message| message["method"] == method).await
    }

    /// Reads on to the first message that fits.
    pub(crate) async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = self.line().await.expect("the engine closed its output");
            let message: Value = serde_json::from_str(&line).unwrap_or(Value::String(line));
            self.seen.push(message.clone());
            if fits(&message) {
                return message;
            }
        }
    }

    /// The next line, or `None` at the end of the output.
    pub(crate) async fn line(&mut self) -> Option<String> {
        let line = self.bytes().await?;
        Some(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    /// The bytes of the next line with its end, or `None` at the end of the output.
    pub(crate) async fn bytes(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        let read = self.stdout.read_until(b'\n', &mut line);
        let read = tokio::time::timeout(PATIENCE, read).await;
        (read.expect("the engine is silent").unwrap() > 0).then_some(line)
    }

    /// Reads what is left and gives how the process ended.
    pub(crate) async fn end(&mut self) -> ExitStatus {
        self.stdin = None;
        while self.line().await.is_some() {}
        tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .expect("the engine goes on")
            .unwrap()
    }

    pub(crate) async fn thread(&mut self, params: Value) -> String {
        let answer = self.request("thread/start", params).await;
        answer["result"]["thread"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Runs a turn to its end and gives the methods and items seen in it.
    pub(crate) async fn turn(&mut self, thread: &str, prompt: &str) -> Turn {
        let from = self.seen.len();
        let input = json!([{"type": "text", "text": prompt}]);
        let answer = self
            .request("turn/start", json!({"threadId": thread, "input": input}))
            .await;
        assert!(answer.get("error").is_none(), "{answer}");
        let end = self.notification("turn/completed").await;
        Turn {
            messages: self.seen[from..].to_vec(),
            end: end["params"]["turn"].clone(),
        }
    }
}

/// What was seen of a turn.
pub(crate) struct Turn {
    pub(crate) messages: Vec<Value>,
    pub(crate) end: Value,
}

impl Turn {
    pub(crate) fn methods(&self) -> Vec<&str> {
        self.messages
            .iter()
            .filter_map(|message| message["method"].as_str())
            .collect()
    }

    pub(crate) fn count(&self, method: &str) -> usize {
        self.methods()
            .iter()
            .filter(|seen| **seen == method)
            .count()
    }

    /// The completed items of this type.
    pub(crate) fn items(&self, kind: &str) -> Vec<&Value> {
        self.messages
            .iter()
            .filter(|message| message["method"] == "item/completed")
            .map(|message| &message["params"]["item"])
            .filter(|item| item["type"] == kind)
            .collect()
    }
}
