//! Refuses input that cannot work before anything is sent: the engine would accept some of it silently.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::files::data_url;

/// Input kinds of the protocol, with the field that each of them needs.
const KINDS: [(&str, &str); 7] = [
    ("text", "text"),
    ("image", "url"),
    ("localImage", "path"),
    ("audio", "url"),
    ("localAudio", "path"),
    ("skill", "name"),
    ("mention", "name"),
];

/// Where the paths are that an application names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Files<'a> {
    /// On this machine, relative to a folder.
    Here(Option<&'a Path>),
    /// Where a remote engine is: only it can tell whether they exist.
    Elsewhere,
}

/// Checks a turn's input. `params` may hold a tool's output, which goes without input.
pub(crate) fn check(input: &[Value], params: &Map<String, Value>, files: Files<'_>) -> Result<()> {
    if params
        .get("toolOutput")
        .is_some_and(|output| !output.is_null())
    {
        return Ok(());
    }
    if input.is_empty() {
        return Err(Error::invalid_argument(
            "input",
            "it is empty; give a prompt or other input",
        ));
    }
    for (index, item) in input.iter().enumerate() {
        check_item(item, &format!("input[{index}]"), files)?;
    }
    let blank = input.iter().all(|item| {
        item["type"] == "text"
            && item["text"]
                .as_str()
                .is_some_and(|text| text.trim().is_empty())
    });
    if blank {
        return Err(Error::invalid_argument(
            "input",
            "the prompt is empty; say what the turn is to do",
        ));
    }
    Ok(())
}

fn check_item(item: &Value, name: &str, files: Files<'_>) -> Result<()> {
    let Some(tag) = item["type"].as_str() else {
        return Err(Error::invalid_argument(
            name,
            format!("an input is an object with a `type`: one of {}", kinds()),
        ));
    };
    let Some((_, field)) = KINDS.iter().find(|(kind, _)| *kind == tag) else {
        return Err(Error::invalid_argument(
            name,
            format!("{tag:?} is no kind of input; use one of {}", kinds()),
        ));
    };
    let by_file_id = tag == "image" && item["fileId"].is_string();
    if !item[*field].is_string() && !by_file_id {
        return Err(Error::invalid_argument(
            name,
            format!("a {tag} input needs `{field}`, a string"),
        ));
    }
    if let ("image", Some(url)) = (tag, item["url"].as_str()) {
        data_url::check_image(url).map_err(|why| Error::invalid_argument(name, why))?;
    }
    if let ("localImage" | "localAudio", Files::Here(cwd)) = (tag, files) {
        check_file(item["path"].as_str().unwrap_or_default(), name, cwd)?;
    }
    Ok(())
}

fn kinds() -> String {
    KINDS
        .iter()
        .map(|(kind, _)| *kind)
        .collect::<Vec<_>>()
        .join(", ")
}

fn check_file(path: &str, name: &str, cwd: Option<&Path>) -> Result<()> {
    let full: PathBuf = cwd.map_or_else(|| PathBuf::from(path), |cwd| cwd.join(path));
    // Looked at before it is opened: opening a named pipe would wait for its writer.
    let problem = match full.metadata() {
        Ok(meta) if !meta.is_file() => "is not a file".to_owned(),
        other => match other.and_then(|_| std::fs::File::open(&full)) {
            Ok(_) => return Ok(()),
            Err(error) => format!("cannot be read: {error}"),
        },
    };
    Err(Error::invalid_argument(
        name,
        format!("{} {problem}", full.display()),
    ))
}

/// Checks `cwd` among a thread's or turn's parameters.
pub(crate) fn check_cwd(params: &Map<String, Value>, files: Files<'_>) -> Result<()> {
    match params.get("cwd") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(_)) if matches!(files, Files::Elsewhere) => Ok(()),
        Some(Value::String(cwd)) if Path::new(cwd).is_dir() => Ok(()),
        Some(other) => Err(Error::invalid_argument(
            "cwd",
            format!("{other} is not an existing directory"),
        )),
    }
}

pub(crate) fn check_id(name: &str, id: &str) -> Result<()> {
    if id.trim().is_empty() {
        return Err(Error::invalid_argument(
            name,
            "it is empty; give the id of a thread",
        ));
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    fn problem(input: Value) -> Option<(String, String)> {
        let input = input.as_array().cloned().unwrap_or_default();
        let error = check(&input, &Map::new(), Files::Here(None)).err()?;
        Some((
            error.argument().unwrap_or_default().to_owned(),
            error.to_string(),
        ))
    }

    #[test]
    fn bad_input_is_named() {
        for (input, argument, says) in [
            (json!([]), "input", "empty"),
            (json!([{"type": "text", "text": " \n"}]), "input", "empty"),
            (
                json!([{"type": "text", "text": "x"}, {"type": "smell"}]),
                "input[1]",
                "localImage",
            ),
            (json!([{"type": "text"}]), "input[0]", "needs `text`"),
            (json!(["x"]), "input[0]", "`type`"),
            (
                json!([{"type": "localImage", "path": "/no/such.png"}]),
                "input[0]",
                "cannot be read",
            ),
            (
                json!([{"type": "localImage", "path": "/"}]),
                "input[0]",
                "is not a file",
            ),
            (
                json!([{"type": "image", "url": "data:image/png;base64,@"}]),
                "input[0]",
                "not valid",
            ),
            (
                json!([{"type": "image", "url": "file:///x.png"}]),
                "input[0]",
                "no data URL",
            ),
        ] {
            let (found, message) = problem(input).expect("refused");
            assert_eq!(found, argument, "{message}");
            assert!(message.contains(says), "{message}");
        }
    }

    #[test]
    fn good_input_and_tool_output_pass() {
        assert_eq!(problem(json!([{"type": "text", "text": "hi"}])), None);
        assert_eq!(problem(json!([{"type": "image", "fileId": "f"}])), None);
        let params = json!({"toolOutput": {"name": "t"}});
        assert!(
            check(
                &[],
                params.as_object().expect("an object"),
                Files::Here(None)
            )
            .is_ok()
        );
    }
}
