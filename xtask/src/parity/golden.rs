//! Golden transcripts on disk: one event a line, so that a change reads well in a diff.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use super::scenario::Scenario;
use super::{GOLDEN_VERSION, fixtures};

fn path(name: &str) -> PathBuf {
    fixtures().join("golden").join(format!("{name}.json"))
}

/// The golden steps of a scenario.
pub(crate) fn read(name: &str) -> Result<Value> {
    let text = fs::read_to_string(path(name)).with_context(|| {
        let scenario = name.rsplit('/').next().unwrap_or(name);
        format!("no golden transcript: run `cargo xtask record -k ={scenario}`")
    })?;
    let mut whole: Value = serde_json::from_str(&text)?;
    Ok(whole["steps"].take())
}

/// Write the golden steps of a scenario, as `recorder` saw them.
pub(crate) fn write(name: &str, recorder: &str, steps: &[Value]) -> Result<()> {
    let path = path(name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, text(name, recorder, steps)?)?;
    Ok(())
}

/// Golden files of a folder whose scenario is gone.
pub(crate) fn strangers<'a>(
    folder: &str,
    scenarios: impl Iterator<Item = &'a Scenario> + Clone,
) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(fixtures().join(folder))? {
        let path = entry?.path();
        let name = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let json = path.extension().is_some_and(|ext| ext == "json");
        if json && !scenarios.clone().any(|scenario| scenario.name() == name) {
            names.push(name);
        }
    }
    Ok(names)
}

fn text(name: &str, recorder: &str, steps: &[Value]) -> Result<String> {
    let mut out = String::new();
    writeln!(
        out,
        "{{\"scenario\": {}, \"recorded\": \"{recorder} {GOLDEN_VERSION}\", \"steps\": [",
        Value::from(name)
    )?;
    for (index, step) in steps.iter().enumerate() {
        let comma = if index + 1 < steps.len() { "," } else { "" };
        let mut parts = Vec::new();
        for (key, value) in step.as_object().into_iter().flatten() {
            let key = Value::from(key.as_str());
            parts.push(match value {
                // An element a line.
                Value::Array(values) if !values.is_empty() => {
                    let lines: Vec<_> = values.iter().map(|value| format!("  {value}")).collect();
                    format!("{key}: [\n{}]", lines.join(",\n"))
                }
                value => format!("{key}: {value}"),
            });
        }
        write!(out, "{{{}}}", parts.join(",\n "))?;
        writeln!(out, "{comma}")?;
    }
    out.push_str("]}\n");
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_reads_back() -> Result<()> {
        let steps = vec![
            json!({"do": "thread_start", "thread": "<id-1>"}),
            json!({"do": "stream", "events": [{"method": "a", "params": {}}], "result": {"x": {}}}),
            json!({"do": "read", "answer": {"thread": {}}}),
            json!({"do": "server_requests", "asked": []}),
        ];
        let text = text("a", "x", &steps)?;
        let mut whole: Value = serde_json::from_str(&text)?;
        assert_eq!(whole["steps"].take(), Value::from(steps));
        Ok(())
    }
}
