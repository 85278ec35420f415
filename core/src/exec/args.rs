//! The command line, in the order of the official TypeScript SDK.

use std::path::Path;

use serde_json::Value;

use super::key;
use super::options::{ExecOptions, ExecTurn};
use super::schema::SchemaFile;
use crate::engine::config;
use crate::error::Result;

/// The arguments of the process that runs `turn`.
pub(super) fn arguments(
    options: &ExecOptions,
    turn: &ExecTurn,
    schema: Option<&SchemaFile>,
    has_key: bool,
) -> Result<Vec<String>> {
    let mut line = Line(vec!["exec".to_owned(), "--experimental-json".to_owned()]);
    for entry in config::overrides(&options.config)? {
        line.flag("--config", entry);
    }
    for entry in &options.config_overrides {
        line.flag("--config", entry.clone());
    }
    if let Some(url) = options.base_url.as_deref().filter(|url| !url.is_empty()) {
        line.config(&["openai_base_url"], &url.into())?;
    }
    line.option("--model", turn.model.as_deref());
    if turn.thread_id.is_none() {
        line.option("--thread-source", turn.thread_source.as_deref());
    }
    line.option("--sandbox", turn.sandbox_mode.as_deref());
    line.path("--cd", turn.working_directory.as_deref());
    for folder in &turn.additional_directories {
        line.path("--add-dir", Some(folder));
    }
    if turn.skip_git_repo_check {
        line.0.push("--skip-git-repo-check".to_owned());
    }
    if turn.ephemeral {
        line.0.push("--ephemeral".to_owned());
    }
    line.path("--output-schema", schema.map(SchemaFile::path));
    line.option(
        "--cyber-access-program",
        turn.cyber_access_program.as_deref(),
    );
    if let Some(effort) = &turn.model_reasoning_effort {
        line.config(&["model_reasoning_effort"], &effort.as_str().into())?;
    }
    if let Some(enabled) = turn.network_access_enabled {
        line.config(
            &["sandbox_workspace_write", "network_access"],
            &enabled.into(),
        )?;
    }
    let by_flag = turn
        .web_search_enabled
        .map(|enabled| if enabled { "live" } else { "disabled" });
    if let Some(mode) = turn.web_search_mode.as_deref().or(by_flag) {
        line.config(&["web_search"], &mode.into())?;
    }
    if let Some(policy) = &turn.approval_policy {
        line.config(&["approval_policy"], &policy.as_str().into())?;
    }
    if has_key {
        // After everything of the caller's, so that nothing of it can undo this.
        line.config(key::HIDDEN_FROM_COMMANDS, &"".into())?;
    }
    if let Some(id) = &turn.thread_id {
        line.flag("resume", id.clone());
    }
    for image in &turn.images {
        line.path("--image", Some(image));
    }
    Ok(line.0)
}

struct Line(Vec<String>);

impl Line {
    fn flag(&mut self, name: &str, value: String) {
        self.0.extend([name.to_owned(), value]);
    }

    fn option(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.flag(name, value.to_owned());
        }
    }

    fn path(&mut self, name: &str, value: Option<&Path>) {
        self.option(name, value.map(Path::to_string_lossy).as_deref());
    }

    fn config(&mut self, path: &[&str], value: &Value) -> Result<()> {
        let entry = config::toml_override(path, value)?;
        self.flag("--config", entry);
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_is_the_official_one() {
        let options = ExecOptions {
            config: json!({"a": {"b.c": 1}, "z": "q"})
                .as_object()
                .cloned()
                .unwrap(),
            config_overrides: vec!["x=1".to_owned()],
            base_url: Some("http://h/v1".to_owned()),
            ..ExecOptions::default()
        };
        let turn = ExecTurn::from_json(
            &json!({
                "thread_id": "id", "model": "m", "thread_source": "s", "sandbox_mode": "read-only",
                "working_directory": "w", "additional_directories": ["d1", "d2"],
                "skip_git_repo_check": true, "cyber_access_program": "standard",
                "model_reasoning_effort": "low", "network_access_enabled": false,
                "web_search_enabled": true, "approval_policy": "never", "images": ["i.png"],
            })
            .to_string(),
        )
        .unwrap();
        let got = arguments(&options, &turn, None, true).unwrap().join(" ");
        assert_eq!(
            got,
            "exec --experimental-json --config a={ \"b.c\" = 1 } --config z=\"q\" --config x=1 \
             --config openai_base_url=\"http://h/v1\" --model m --sandbox read-only --cd w \
             --add-dir d1 --add-dir d2 --skip-git-repo-check --cyber-access-program standard \
             --config model_reasoning_effort=\"low\" \
             --config sandbox_workspace_write.network_access=false --config web_search=\"live\" \
             --config approval_policy=\"never\" \
             --config shell_environment_policy.set.CODEX_API_KEY=\"\" resume id --image i.png"
        );
        let new = ExecTurn {
            thread_source: Some("s".to_owned()),
            ..ExecTurn::default()
        };
        let got = arguments(&ExecOptions::default(), &new, None, false).unwrap();
        assert_eq!(got, ["exec", "--experimental-json", "--thread-source", "s"]);
    }
}
