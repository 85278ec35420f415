//! Scenarios as data: reading them, preparing the folders of one run, and the job a runner gets.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::model_saw::Wanted;

/// Events whose order among themselves the engine does not fix.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unordered {
    /// The methods concerned: unbroken runs of them are sorted by item before comparing.
    pub(crate) methods: Vec<String>,
    /// Why the engine may send them in another order.
    #[expect(dead_code, reason = "written for the reader of the scenario")]
    pub(crate) reason: String,
}

/// Events that the engine sends or not, by chance.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeftOut {
    /// The method whose events are not compared.
    pub(crate) method: String,
    /// What it depends on.
    #[expect(dead_code, reason = "written for the reader of the scenario")]
    pub(crate) reason: String,
}

/// What of a scenario's transcript is not as fixed as the rest.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Loose<'a> {
    /// Events whose order is not fixed.
    pub(crate) unordered: &'a [Unordered],
    /// Values that depend on the machine.
    pub(crate) masked: &'a [Masked],
    /// Events that come or not.
    pub(crate) left_out: &'a [LeftOut],
}

/// A value the engine computes from something that differs from machine to machine.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Masked {
    /// A JSON pointer into the transcript.
    pub(crate) path: String,
    /// What it depends on.
    #[expect(dead_code, reason = "written for the reader of the scenario")]
    pub(crate) reason: String,
}

/// A file to seed: its text, or its bytes in base64.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Seed {
    Text(String),
    Bytes { base64: String },
}

/// One scenario file. The steps are interpreted by the runners.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    name: String,
    about: String,
    /// Why the official SDK cannot play it; ours alone play one that has a reason.
    #[serde(default)]
    official: Option<String>,
    #[serde(default)]
    model_saw: Option<Wanted>,
    #[serde(default)]
    #[expect(dead_code, reason = "read by the runners")]
    tools: Map<String, Value>,
    #[serde(default)]
    config: Map<String, Value>,
    model: Value,
    #[serde(default)]
    home_files: BTreeMap<String, Seed>,
    #[serde(default)]
    files: BTreeMap<String, Seed>,
    #[serde(default)]
    #[expect(dead_code, reason = "read by the runners")]
    approvals: Map<String, Value>,
    #[serde(default)]
    #[expect(dead_code, reason = "read by the runners")]
    no_handler: bool,
    #[serde(default)]
    #[expect(dead_code, reason = "read by the runners")]
    answer_delay_ms: u64,
    #[serde(default)]
    unordered: Vec<Unordered>,
    #[serde(default)]
    masked: Vec<Masked>,
    #[serde(default)]
    left_out: Vec<LeftOut>,
    #[expect(dead_code, reason = "read by the runners")]
    steps: Vec<Value>,
}

/// A scenario: what the driver reads of it, and the whole for the runners.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    fields: Fields,
    whole: Value,
}

/// The folders and programs of one run of one scenario.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The project's root.
    pub(crate) repo: PathBuf,
    /// The run's own folder, under the project's cache.
    pub(crate) work: PathBuf,
    /// The engine.
    pub(crate) engine: PathBuf,
    /// A Python interpreter, for the scenarios' MCP server.
    pub(crate) python: PathBuf,
}

impl Place {
    fn home(&self) -> PathBuf {
        self.work.join("home")
    }

    fn workspace(&self) -> PathBuf {
        self.work.join("workspace")
    }

    /// The paths that differ from run to run, with the names to show instead.
    pub(crate) fn names(&self) -> Vec<(String, String)> {
        let show = |path: &Path| path.display().to_string();
        vec![
            (show(&self.home()), "<home>".to_owned()),
            (show(&self.workspace()), "<workspace>".to_owned()),
            (show(&self.work), "<work>".to_owned()),
            (show(&self.python), "<python>".to_owned()),
            (show(&self.engine), "<engine>".to_owned()),
            (show(&self.repo), "<repo>".to_owned()),
        ]
    }
}

impl Scenario {
    /// Read every scenario of a folder, in the order of their names.
    pub(crate) fn read_all(folder: &Path, filter: Option<&str>) -> Result<Vec<Self>> {
        let scenarios = Self::read_some(folder, filter)?;
        if scenarios.is_empty() {
            bail!("no scenario matches {}", filter.unwrap_or("*"));
        }
        Ok(scenarios)
    }

    /// The same, where the folder need not have any that the filter selects.
    pub(crate) fn read_some(folder: &Path, filter: Option<&str>) -> Result<Vec<Self>> {
        let mut paths: Vec<PathBuf> = fs::read_dir(folder)
            .with_context(|| format!("no scenarios in {}", folder.display()))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        paths.retain(|path| path.extension().is_some_and(|ext| ext == "json"));
        paths.sort();
        let mut scenarios = Vec::new();
        for path in paths {
            let scenario = Self::read(&path).with_context(|| path.display().to_string())?;
            if filter.is_none_or(|filter| scenario.matches(filter)) {
                scenarios.push(scenario);
            }
        }
        Ok(scenarios)
    }

    fn read(path: &Path) -> Result<Self> {
        let whole: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
        let fields = Fields::deserialize(&whole)?;
        if path
            .file_stem()
            .is_none_or(|stem| stem != fields.name.as_str())
        {
            bail!("the scenario is called {:?}, its file is not", fields.name);
        }
        if fields.about.is_empty() {
            bail!("the scenario does not say what it is about");
        }
        if fields
            .official
            .as_ref()
            .is_some_and(|why| why.trim().is_empty())
        {
            bail!("official is empty: say why the official SDK cannot play it");
        }
        Ok(Self { fields, whole })
    }

    /// A name matches a filter that is a part of it; several filters are separated by commas.
    pub(crate) fn matches(&self, filter: &str) -> bool {
        filter.split(',').any(|part| match part.strip_prefix('=') {
            Some(exact) => self.name() == exact,
            None => self.name().contains(part),
        })
    }

    /// Its name, which is its file's name too.
    pub(crate) fn name(&self) -> &str {
        &self.fields.name
    }

    /// Whether the official SDK has no such thing, so that ours alone play it.
    pub(crate) fn is_own(&self) -> bool {
        self.fields.official.is_some()
    }

    /// The name of its golden transcript, below fixtures/golden.
    pub(crate) fn golden(&self) -> String {
        let folder = if self.is_own() { "own/" } else { "" };
        format!("{folder}{}", self.name())
    }

    /// What of the model's requests is in the transcript.
    pub(crate) fn model_saw(&self) -> Option<&Wanted> {
        self.fields.model_saw.as_ref()
    }

    /// The file as it is.
    pub(crate) fn whole(&self) -> &Value {
        &self.whole
    }

    /// The script for the model server.
    pub(crate) fn model(&self) -> String {
        self.fields.model.to_string()
    }

    /// What of its transcript is not as fixed as the rest.
    pub(crate) fn loose(&self) -> Loose<'_> {
        Loose {
            unordered: &self.fields.unordered,
            masked: &self.fields.masked,
            left_out: &self.fields.left_out,
        }
    }

    /// Make the run's folders and seed them.
    pub(crate) fn prepare(&self, place: &Place) -> Result<()> {
        if place.work.exists() {
            fs::remove_dir_all(&place.work)?;
        }
        fs::create_dir_all(place.home())?;
        // An empty repository of its own, made by hand: the engine must not find the one we live in.
        let git = place.workspace().join(".git");
        fs::create_dir_all(git.join("objects"))?;
        fs::create_dir_all(git.join("refs"))?;
        fs::write(git.join("HEAD"), "ref: refs/heads/main\n")?;
        fs::write(
            git.join("config"),
            "[core]\n\trepositoryformatversion = 0\n",
        )?;
        for (files, folder) in [
            (&self.fields.home_files, place.home()),
            (&self.fields.files, place.workspace()),
        ] {
            for (name, seed) in files {
                let path = folder.join(name);
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent)?;
                }
                match seed {
                    Seed::Text(text) => fs::write(path, text)?,
                    Seed::Bytes { base64 } => fs::write(path, decode_base64(base64)?)?,
                }
            }
        }
        Ok(())
    }

    /// The job a runner gets: the scenario with its fixed placeholders filled, and where to run it.
    pub(crate) fn job(&self, place: &Place, base_url: &str) -> Value {
        let mut config = json!({
            "model": "gpt-5.5",
            "model_provider": "scripted",
            "model_providers": {"scripted": {
                "name": "scripted",
                "base_url": base_url,
                "wire_api": "responses",
                "supports_websockets": false,
                // One retry shows the shape of all five, and saves twenty seconds.
                "request_max_retries": 1,
                "stream_max_retries": 1,
            }},
        });
        merge(&mut config, &Value::Object(self.fields.config.clone()));
        let mut job = json!({
            "scenario": self.whole,
            "codex_bin": place.engine,
            "cwd": place.workspace(),
            // One name for all: the engine shows it in threads, and it is no difference of clients.
            "client_name": "parity",
            "client_title": "Parity suite",
            "client_version": "1.0.0",
            "env": {"CODEX_HOME": place.home(), "HOME": place.work, "TZ": "UTC"},
            "config": config,
        });
        if let Some(scenario) = job["scenario"].as_object_mut() {
            for key in [
                "model",
                "files",
                "home_files",
                "config",
                "about",
                "official",
                "model_saw",
            ] {
                scenario.remove(key);
            }
        }
        fill(&mut job, place);
        let overrides: Vec<String> = job["config"]
            .as_object()
            .map(|config| {
                config
                    .iter()
                    .map(|(key, value)| format!("{key}={}", toml(value)))
                    .collect()
            })
            .unwrap_or_default();
        job["config_overrides"] = json!(overrides);
        job
    }
}

/// Tables are merged, so that a scenario can add to the model's provider; all else is replaced.
fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

/// Replace the placeholders of paths.
pub(crate) fn fill(value: &mut Value, place: &Place) {
    match value {
        Value::String(text) => {
            for (name, path) in [
                ("${home}", place.home()),
                ("${workspace}", place.workspace()),
                ("${repo}", place.repo.clone()),
                ("${python}", place.python.clone()),
            ] {
                if text.contains(name) {
                    *text = text.replace(name, &path.display().to_string());
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|inner| fill(inner, place)),
        Value::Object(fields) => fields.values_mut().for_each(|inner| fill(inner, place)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A value as inline TOML, for the official client, which takes `key=value` strings only. Written
/// apart from the core's own, so that the two check each other.
fn toml(value: &Value) -> String {
    match value {
        // A JSON string is a TOML basic string, for the characters scenarios use.
        Value::String(_) | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Null => "\"\"".to_owned(),
        Value::Array(values) => {
            format!(
                "[{}]",
                values.iter().map(toml).collect::<Vec<_>>().join(",")
            )
        }
        Value::Object(fields) => {
            let fields: Vec<_> = fields
                .iter()
                .map(|(key, inner)| format!("{}={}", Value::from(key.as_str()), toml(inner)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
    }
}

pub(crate) fn decode_base64(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => bail!("not base64: {text}"),
        };
        bits = (bits << 6) | u32::from(digit);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded() -> Result<()> {
        assert_eq!(decode_base64("aGVsbG8=")?, b"hello");
        assert_eq!(decode_base64("aGVsbG8h")?, b"hello!");
        assert!(decode_base64("a*").is_err());
        Ok(())
    }

    #[test]
    fn a_scenario_of_our_own_says_why_and_has_its_golden_transcript_apart() -> Result<()> {
        let folder = crate::paths::work("own-scenario");
        fs::create_dir_all(&folder)?;
        let path = folder.join("x.json");
        let mut scenario = json!({"name": "x", "about": "nothing", "model": {}, "steps": []});
        fs::write(&path, scenario.to_string())?;
        let read = Scenario::read(&path)?;
        assert_eq!((read.is_own(), read.golden().as_str()), (false, "x"));
        scenario["official"] = "it has no tools".into();
        fs::write(&path, scenario.to_string())?;
        let read = Scenario::read(&path)?;
        assert_eq!((read.is_own(), read.golden().as_str()), (true, "own/x"));
        scenario["official"] = " ".into();
        fs::write(&path, scenario.to_string())?;
        assert!(Scenario::read(&path).is_err());
        Ok(fs::remove_dir_all(&folder)?)
    }

    #[test]
    fn values_become_inline_toml() {
        let value = json!({"a": {"b c": [1, true, "x\"y"]}});
        assert_eq!(toml(&value), r#"{"a"={"b c"=[1,true,"x\"y"]}}"#);
    }
}
