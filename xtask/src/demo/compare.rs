//! Makes the streams of the three languages comparable and counts what differs: ids, times and
//! folders are given stable names, nothing else is altered. Pure but for reading the transcript.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// The normalised events of one language.
pub(crate) struct Stream {
    language: String,
    events: Vec<Value>,
}

impl Stream {
    /// Reads a transcript of one notification a line. `folders` are replaced by names.
    pub(crate) fn read(language: &str, transcript: &Path, folders: &[&Path]) -> Result<Self> {
        let text = fs::read_to_string(transcript)
            .with_context(|| format!("the {language} program wrote no transcript"))?;
        let events = text
            .lines()
            .map(serde_json::from_str)
            .collect::<Result<Vec<Value>, _>>()?;
        let folders = folders
            .iter()
            .map(|folder| folder.display().to_string())
            .collect::<Vec<_>>();
        Ok(Self {
            language: language.to_owned(),
            events: normalise(events, &folders),
        })
    }
}

/// Prints each difference to the first stream; gives the number of events and of differences.
pub(crate) fn report(streams: &[Stream]) -> (usize, usize) {
    let Some((first, others)) = streams.split_first() else {
        return (0, 0);
    };
    let mut differences = 0;
    for other in others {
        for index in 0..first.events.len().max(other.events.len()) {
            let (a, b) = (first.events.get(index), other.events.get(index));
            if a != b {
                differences += 1;
                let show =
                    |event: Option<&Value>| event.map_or("(no event)".to_owned(), Value::to_string);
                println!("event {}: {} {}", index + 1, first.language, show(a));
                println!("event {}: {} {}", index + 1, other.language, show(b));
            }
        }
    }
    (first.events.len(), differences)
}

fn normalise(events: Vec<Value>, folders: &[String]) -> Vec<Value> {
    let mut names = Names {
        folders,
        known: HashMap::new(),
    };
    let mut out: Vec<Value> = Vec::new();
    for mut event in events {
        // How a pipe cuts a command's output into pieces is chance.
        if let Some(last) = out.last_mut().filter(|last| continues(last, &event)) {
            let more = event["params"]["delta"].as_str().unwrap_or("").to_owned();
            let whole = last["params"]["delta"].as_str().unwrap_or("").to_owned() + &more;
            last["params"]["delta"] = Value::String(whole);
            continue;
        }
        if let Some(fields) = event.as_object_mut() {
            // A client may or may not keep the envelope's own time.
            fields.retain(|key, _| key == "method" || key == "params");
        }
        out.push(event);
    }
    for event in &mut out {
        names.apply("", event);
    }
    out
}

fn continues(last: &Value, next: &Value) -> bool {
    let same = |key: &str| last["params"][key] == next["params"][key];
    next["method"] == "item/commandExecution/outputDelta"
        && last["method"] == next["method"]
        && same("itemId")
}

struct Names<'a> {
    folders: &'a [String],
    known: HashMap<String, String>,
}

impl Names<'_> {
    fn apply(&mut self, key: &str, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.apply(key, value);
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.apply(key, value)),
            Value::Number(_) if is_time(key) => *value = Value::String("<time>".to_owned()),
            Value::String(text) if is_id(key) => {
                let next = format!("<id {}>", self.known.len() + 1);
                *text = self.known.entry(text.clone()).or_insert(next).clone();
            }
            Value::String(text) => {
                for (index, folder) in self.folders.iter().enumerate() {
                    *text = text.replace(folder, &format!("<folder {}>", index + 1));
                }
            }
            _ => {}
        }
    }
}

fn is_id(key: &str) -> bool {
    key == "id" || key.ends_with("Id") || key == "ids" || key.ends_with("Ids")
}

fn is_time(key: &str) -> bool {
    key.ends_with("At") || key.ends_with("AtMs") || key.ends_with("Ms")
}

#[cfg(test)]
mod tests {
    use super::{Stream, normalise, report};
    use serde_json::json;

    #[test]
    fn ids_times_and_folders_get_names() {
        let events = vec![
            json!({"method": "turn/started", "emittedAtMs": 5,
                "params": {"threadId": "t1", "turn": {"id": "u1", "startedAt": 17}}}),
            json!({"method": "item/started", "params": {"threadId": "t1", "item": {"id": "i", "cwd": "/a/b/c"}}}),
        ];
        let made = normalise(events, &["/a/b".to_owned()]);
        assert_eq!(made.len(), 2);
        assert_eq!(made[0]["params"]["turn"]["startedAt"], "<time>");
        assert_eq!(made[0]["params"]["threadId"], "<id 1>");
        assert_eq!(made[1]["params"]["threadId"], "<id 1>");
        assert_ne!(
            made[1]["params"]["item"]["id"],
            made[0]["params"]["turn"]["id"]
        );
        assert_eq!(made[1]["params"]["item"]["cwd"], "<folder 1>/c");
        assert!(made[0].get("emittedAtMs").is_none());
    }

    #[test]
    fn pieces_of_output_are_one_event() {
        let piece = |text: &str| json!({"method": "item/commandExecution/outputDelta", "params": {"itemId": "c", "delta": text}});
        let made = normalise(vec![piece("a"), piece("b")], &[]);
        assert_eq!(made.len(), 1);
        assert_eq!(made[0]["params"]["delta"], "ab");
    }

    #[test]
    fn counts_differences() {
        let stream = |language: &str, texts: &[&str]| Stream {
            language: language.to_owned(),
            events: texts.iter().map(|text| json!({"method": text})).collect(),
        };
        assert_eq!(
            report(&[stream("a", &["x", "y"]), stream("b", &["x", "y"])]),
            (2, 0)
        );
        assert_eq!(
            report(&[
                stream("a", &["x", "y"]),
                stream("b", &["x"]),
                stream("c", &["z", "y"])
            ]),
            (2, 2)
        );
    }
}
