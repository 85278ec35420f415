//! The transcripts of a run, kept in .cache/matrix, so that a new reason can be tried without playing
//! everything again, and a few scenarios can be played again without the others.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use serde_json::Value;

use crate::parity::{Client, Played, golden_steps};
use crate::paths;

/// What one client saw on one engine, by scenario: the steps, or why there are none.
#[derive(Debug)]
pub(crate) struct Kept {
    path: PathBuf,
    seen: BTreeMap<String, Result<Vec<Value>, String>>,
}

impl Kept {
    /// What was kept last time.
    pub(crate) fn read(version: &str, client: Client) -> Result<Self> {
        let file = format!("{version}-{}.json", client.name());
        let path = paths::cache().join("matrix").join(file);
        let seen = match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text)?,
            Err(_) => BTreeMap::new(),
        };
        Ok(Self { path, seen })
    }

    /// Takes in what was played, in place of what was there.
    pub(crate) fn add(&mut self, played: Vec<Played>) -> Result<()> {
        self.seen.extend(played);
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.path, serde_json::to_string(&self.seen)?)?;
        Ok(())
    }

    /// Everything kept of these scenarios, with the golden steps.
    pub(crate) fn played(&self, names: &[String]) -> Result<Vec<super::Compared>> {
        let mut all = Vec::new();
        for (name, seen) in &self.seen {
            if names.contains(name) {
                all.push((name.clone(), golden_steps(name)?, seen.clone()));
            }
        }
        Ok(all)
    }
}
