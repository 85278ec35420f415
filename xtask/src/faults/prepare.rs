//! Makes a case ready for a client: the engine's command line, its environment, its folder, the scripted model.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use codexkit_testkit::ScriptedModel;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use super::Client;
use super::cases::Case;
use crate::parity::{GOLDEN_VERSION, engine};
use crate::paths;
use crate::sh::Cmd;

/// By this variable the processes of a case are told from all others.
pub(super) const MARK: &str = "CODEXKIT_FAULTS_CASE";

/// What all clients have in common: folders, the engine, a model for each case of the real engine.
pub(super) struct Bench {
    root: PathBuf,
    engine: PathBuf,
    testkit: PathBuf,
    // Before the runtime, so that they are dropped while it still runs.
    models: BTreeMap<String, ScriptedModel>,
    _runtime: Runtime,
}

impl Bench {
    pub(super) fn new(cases: &[Case]) -> Result<Self> {
        let root = paths::work("faults");
        if root.exists() {
            fs::remove_dir_all(&root).with_context(|| root.display().to_string())?;
        }
        fs::create_dir_all(&root)?;
        Cmd::cargo()
            .args(["build", "--quiet", "--package", "codexkit-testkit"])
            .run()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let mut models = BTreeMap::new();
        for case in cases {
            if let Some(script) = case.script() {
                let model = runtime
                    .block_on(ScriptedModel::start(&script.to_string()))
                    .with_context(|| case.name.clone())?;
                models.insert(case.name.clone(), model);
            }
        }
        Ok(Self {
            root,
            engine: engine::find(GOLDEN_VERSION)?,
            testkit: paths::target().join("debug/codexkit-testkit"),
            models,
            _runtime: runtime,
        })
    }

    /// Removes the folders.
    pub(super) fn end(self) -> Result<()> {
        drop(self.models);
        fs::remove_dir_all(&self.root).with_context(|| self.root.display().to_string())
    }

    /// The folder of a client's case.
    fn folder(&self, client: Client, name: &str) -> PathBuf {
        self.root.join(client.name()).join(name.replace('/', "-"))
    }

    /// Where the faulty engine notes what came in.
    pub(super) fn record(&self, client: Client, name: &str) -> PathBuf {
        self.folder(client, name).join("record")
    }

    /// Where the agent of a real engine works.
    pub(super) fn work(&self, client: Client, name: &str) -> PathBuf {
        self.folder(client, name).join("work")
    }

    /// A client's folder for temporary files: what is left in it is a leak.
    pub(super) fn temporary(&self, client: Client) -> Result<PathBuf> {
        let path = self.root.join(client.name()).join("tmp");
        fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// A file of a client's own.
    pub(super) fn file(&self, client: Client, name: &str) -> PathBuf {
        self.root.join(client.name()).join(name)
    }

    /// The job for a runner: the case with everything filled in.
    pub(super) fn job(&self, client: Client, case: &Case) -> Result<Value> {
        let folder = self.folder(client, &case.name);
        fs::create_dir_all(&folder)?;
        let mut job = case.body.clone();
        job["name"] = case.name.clone().into();
        job["group"] = case.group.clone().into();
        let mut options = json!({"close_timeout_s": 2.0, "request_timeout_s": 10.0});
        merge(&mut options, &case.body["options"]);
        let mark = mark(client, &case.name);
        let mut env = Map::from_iter([(MARK.to_owned(), Value::from(mark))]);
        if let Some(plan) = case.plan() {
            let mut plan = plan.clone();
            plan["record"] = text(&self.record(client, &case.name));
            options["launch_args_override"] =
                json!([text(&self.testkit), "faulty", "--plan", plan.to_string()]);
        } else if let Some(model) = self.models.get(&case.name) {
            let home = folder.join("home");
            let work = self.work(client, &case.name);
            fs::create_dir_all(&home)?;
            fs::create_dir_all(&work)?;
            options["codex_bin"] = text(&self.engine);
            options["config_overrides"] = model.config_overrides().into();
            env.insert("CODEX_HOME".to_owned(), text(&home));
            env.insert("HOME".to_owned(), text(&home));
            job["engine"]["thread"]["cwd"] = text(&work);
        }
        options["env"] = json!({"set": env});
        job["options"] = options;
        Ok(job)
    }
}

/// The mark of a client's case.
pub(super) fn mark(client: Client, name: &str) -> String {
    format!("{}:{name}", client.name())
}

fn merge(into: &mut Value, more: &Value) {
    for (key, value) in more.as_object().into_iter().flatten() {
        into[key.as_str()] = value.clone();
    }
}

fn text(path: &Path) -> Value {
    path.display().to_string().into()
}
