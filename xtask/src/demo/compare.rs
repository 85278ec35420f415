//! Makes the streams of the three languages comparable and counts what differs: ids, times and
//! folders are given stable names, nothing else is altered. Pure but for reading the transcript.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::parity::{Loose, Normaliser};

/// The normalised events of one language.
pub(crate) struct Stream {
    language: String,
    events: Vec<Value>,
}

impl Stream {
    /// Reads a transcript of one notification a line. `folders` are replaced by names.
    pub(crate) fn read(
        language: &str,
        transcript: &Path,
        folders: &[(&Path, &str)],
    ) -> Result<Self> {
        let text = fs::read_to_string(transcript)
            .with_context(|| format!("the {language} program wrote no transcript"))?;
        let events = text
            .lines()
            .map(serde_json::from_str)
            .collect::<Result<Vec<Value>, _>>()?;
        let folders: Vec<_> = folders
            .iter()
            .map(|(folder, name)| (folder.display().to_string(), (*name).to_owned()))
            .collect();
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

/// The parity suite's normalisation; only the notification itself is compared, whatever a client
/// keeps around it.
fn normalise(events: Vec<Value>, folders: &[(String, String)]) -> Vec<Value> {
    let events: Vec<Value> = events
        .into_iter()
        .map(|event| json!({"method": event["method"], "params": event["params"]}))
        .collect();
    let mut steps = [json!({ "events": events })];
    Normaliser::new(folders.to_vec()).steps(&mut steps, Loose::default());
    match steps[0]["events"].take() {
        Value::Array(events) => events,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Stream, normalise, report};
    use serde_json::json;

    #[test]
    fn only_the_notification_counts() {
        let event = |time: i64, folder: &str| json!({"method": "item/started", "emittedAtMs": time, "params": {"cwd": folder}});
        let name = |folder: &str| [(folder.to_owned(), "<cwd>".to_owned())];
        let (a, b) = (
            normalise(vec![event(1, "/a/x")], &name("/a")),
            normalise(vec![event(2, "/b/x")], &name("/b")),
        );
        assert_eq!(a, b);
        assert_eq!(a[0]["params"]["cwd"], "<cwd>/x");
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
