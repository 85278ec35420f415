//! What the tests share: the real engine with a scripted model, in a home of its own.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use codexkit::auto::AutoRun;
use codexkit::{Codex, CodexOptions, JsonObject, Thread, TurnResult, text};
use codexkit_testkit::ScriptedModel;
use serde_json::value::RawValue;
use serde_json::{Value, json};

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// The engine under test: `CODEXKIT_TEST_ENGINE`, else the one that the set-up installed.
pub(crate) fn engine() -> PathBuf {
    static ENGINE: OnceLock<PathBuf> = OnceLock::new();
    ENGINE
        .get_or_init(|| {
            if let Some(path) = std::env::var_os("CODEXKIT_TEST_ENGINE") {
                return path.into();
            }
            let lib = repository().join(".cache/venv/lib");
            std::fs::read_dir(&lib)
                .into_iter()
                .flatten()
                .filter_map(Result::ok)
                .map(|entry| entry.path().join("site-packages/codex_cli_bin/bin/codex"))
                .find(|path| path.is_file())
                .expect("no engine: run `cargo xtask test`, which installs it, or set CODEXKIT_TEST_ENGINE")
        })
        .clone()
}

/// A folder that goes away with the test. Not under the system's temporary folder: the engine refuses
/// helpers there.
pub(crate) fn folder() -> tempfile::TempDir {
    let parent = repository().join(".cache/work");
    std::fs::create_dir_all(&parent).unwrap();
    tempfile::tempdir_in(parent).unwrap()
}

pub(crate) struct Bench {
    pub(crate) model: ScriptedModel,
    pub(crate) folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) async fn new(script: Value) -> Self {
        let model = ScriptedModel::start(&script.to_string()).await.unwrap();
        let folder = folder();
        for name in ["home", "work"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { model, folder }
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    pub(crate) fn options(&self) -> CodexOptions {
        let mut options = CodexOptions {
            codex_bin: Some(engine()),
            config_overrides: self.model.config_overrides(),
            ..CodexOptions::default()
        };
        let home = self.folder.path().join("home").display().to_string();
        options
            .env
            .set
            .push(("CODEX_HOME".to_owned(), home.clone()));
        // The engine runs commands in login shells: the profile of whoever runs the tests must not matter.
        options.env.set.push(("HOME".to_owned(), home));
        options
    }

    pub(crate) async fn start(&self) -> Codex {
        Codex::start(self.options()).await.unwrap()
    }

    /// Parameters of a thread in the work folder, with full access.
    pub(crate) fn thread_params(&self) -> JsonObject {
        object(json!({
            "cwd": self.work().display().to_string(),
            "sandbox": "danger-full-access",
            "approvalPolicy": "never",
        }))
    }

    pub(crate) async fn thread(&self, codex: &Codex) -> Thread {
        codex.thread_start(self.thread_params()).await.unwrap()
    }
}

pub(crate) fn object(value: Value) -> JsonObject {
    value.as_object().cloned().unwrap()
}

pub(crate) fn prompt(prompt: &str) -> Vec<Value> {
    vec![text(prompt)]
}

/// Reads a turn's events to the end.
pub(crate) async fn methods(turn: &codexkit::Turn) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(event) = turn.events().next().await {
        found.push(event.unwrap().method().to_owned());
    }
    found
}

/// A call of the shell tool.
pub(crate) fn shell(command: &str) -> Value {
    json!({"items": [{"call": {"name": "exec_command", "arguments": {"cmd": command}}}]})
}

/// The processes whose command line holds `needle`.
pub(crate) fn processes(needle: &str) -> Vec<u32> {
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| *pid != std::process::id())
        .filter(|pid| {
            std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| {
                String::from_utf8_lossy(&line)
                    .replace('\0', " ")
                    .contains(needle)
            })
        })
        .collect()
}

/// Waits until `condition` holds; false after `seconds`.
pub(crate) async fn eventually(seconds: u64, mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < deadline {
        if condition() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    condition()
}

/// An auto-run's own events, by their names, to its end.
pub(crate) async fn own_events(run: &AutoRun) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    while let Some(event) = run.events().next().await {
        let event = event.unwrap();
        if let Some(name) = event.method().strip_prefix("codexkit/autoRun/") {
            let params = serde_json::from_str(event.params()).unwrap();
            found.push((name.to_owned(), params));
        }
    }
    found
}

/// The items of a result, each with what it says under `name`.
pub(crate) fn item_fields(result: &TurnResult, name: &str) -> Vec<String> {
    let field = |item: &RawValue| {
        let item: Value = serde_json::from_str(item.get()).unwrap();
        item[name].as_str().unwrap_or_default().to_owned()
    };
    result.items.iter().map(|item| field(item)).collect()
}
