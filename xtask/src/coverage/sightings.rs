//! Where notifications and the engine's requests are seen: in the golden transcripts of the scenarios, and
//! in the calls of this command that wait for one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::plan::Plan;
use crate::paths;

/// Message -> where it is seen; or why it is not.
pub(super) struct Sightings {
    pub(super) notifications: BTreeMap<String, BTreeSet<String>>,
    pub(super) requests: BTreeMap<String, BTreeSet<String>>,
    pub(super) unseen: BTreeMap<String, String>,
}

impl Sightings {
    /// Looks through the transcripts and the plan.
    pub(super) fn collect() -> Result<Self> {
        let root = paths::root();
        let unseen = fs::read_to_string(root.join("fixtures/protocol/unseen.json"))?;
        let mut found = Self {
            notifications: BTreeMap::new(),
            requests: BTreeMap::new(),
            unseen: serde_json::from_str(&unseen).context("fixtures/protocol/unseen.json")?,
        };
        for entry in fs::read_dir(root.join("fixtures/golden"))? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                let whole: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
                found.transcript(&name, &whole);
            }
        }
        for call in Plan::read()?.calls {
            for method in call.wait {
                let place = format!("the call {}", call.method);
                found.notifications.entry(method).or_default().insert(place);
            }
        }
        Ok(found)
    }

    fn transcript(&mut self, name: &str, whole: &Value) {
        let steps = whole["steps"].as_array().into_iter().flatten();
        for step in steps {
            for list in ["events", "notifications"] {
                for event in step[list].as_array().into_iter().flatten() {
                    see(&mut self.notifications, event, name);
                }
            }
            for request in step["asked"].as_array().into_iter().flatten() {
                see(&mut self.requests, request, name);
            }
        }
    }

    /// Fails if a message is neither seen nor explained, or both.
    pub(super) fn check(&self, messages: &BTreeSet<String>) -> Result<()> {
        let seen = |name: &String| {
            self.notifications.contains_key(name) || self.requests.contains_key(name)
        };
        for name in messages {
            match (seen(name), self.unseen.contains_key(name)) {
                (false, false) => bail!(
                    "{name} is seen nowhere: make a scenario for it, or say in \
                     fixtures/protocol/unseen.json why there is none"
                ),
                (true, true) => {
                    bail!("{name} is seen; take it out of fixtures/protocol/unseen.json")
                }
                _ => {}
            }
        }
        if let Some(name) = self.unseen.keys().find(|name| !messages.contains(*name)) {
            bail!("fixtures/protocol/unseen.json: there is no message {name}");
        }
        Ok(())
    }
}

fn see(found: &mut BTreeMap<String, BTreeSet<String>>, message: &Value, place: &str) {
    if let Some(method) = message["method"].as_str() {
        let places = found.entry(method.to_owned()).or_default();
        places.insert(place.to_owned());
    }
}
