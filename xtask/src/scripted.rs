//! A scripted model and a CODEX_HOME that points at it, for the programs that xtask runs (the
//! demo, the README's code, the packaging check): a program in any language that starts the
//! engine with this CODEX_HOME talks to the scripted model, without a line of its own about it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use codexkit_testkit::ScriptedModel;
use tokio::runtime::Runtime;

use crate::paths;

/// A running scripted model. It stops when dropped.
pub(crate) struct Scripted {
    // Before the runtime, so that it is dropped while the runtime still runs.
    model: ScriptedModel,
    _runtime: Runtime,
}

impl Scripted {
    /// Starts a model that answers by `script` (the test kit's JSON).
    pub(crate) fn start(script: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let model = runtime
            .block_on(ScriptedModel::start(script))
            .context("cannot start the scripted model")?;
        Ok(Self {
            model,
            _runtime: runtime,
        })
    }

    /// The folders that [`Scripted::place`] has made before, as they are now.
    pub(crate) fn place_again(name: &str) -> Place {
        let dir = paths::work(name);
        Place {
            home: dir.join("home"),
            cwd: dir.join("cwd"),
        }
    }

    /// Makes a fresh CODEX_HOME and working folder under `.cache/work/<name>`.
    pub(crate) fn place(&self, name: &str) -> Result<Place> {
        let dir = paths::work(name);
        if dir.exists() {
            fs::remove_dir_all(&dir).with_context(|| format!("cannot empty {}", dir.display()))?;
        }
        let Place { home, cwd } = Self::place_again(name);
        fs::create_dir_all(&home)?;
        fs::create_dir_all(&cwd)?;
        // Each override is `key=value` in TOML: together they are a configuration file.
        fs::write(
            home.join("config.toml"),
            self.model.config_overrides().join("\n") + "\n",
        )?;
        Ok(Place { home, cwd })
    }
}

/// Folders for one run of a program.
pub(crate) struct Place {
    /// The value for CODEX_HOME.
    pub(crate) home: PathBuf,
    /// An empty working folder.
    pub(crate) cwd: PathBuf,
}

/// A script that answers every request with one message.
pub(crate) fn one_message(text: &str) -> String {
    serde_json::json!({"rules": [{"replies": [{"items": [{"message": text}]}], "repeat": "last"}]})
        .to_string()
}
