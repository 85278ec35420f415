//! What `cargo xtask matrix` found, engine by engine: fixtures/engine-matrix.json. A run on some engines
//! replaces their rows and keeps the others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::versions::history::numbers;

/// What one scenario came to on one engine, if it was not the golden transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The golden transcript but for differences that have a reason, by their names.
    Known(BTreeSet<String>),
    /// It uses something that this engine has not: the engine that has it.
    Needs(String),
    /// Something else.
    Differs,
}

/// All scenarios on one engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    /// How many came out as recorded.
    pub(crate) same: usize,
    /// The others.
    pub(crate) others: BTreeMap<String, Outcome>,
    /// Whether a turn worked, by language.
    pub(crate) smoke: BTreeMap<String, bool>,
}

impl Row {
    /// How many of the others came to something like this.
    pub(crate) fn count(&self, test: impl Fn(&Outcome) -> bool) -> usize {
        self.others.values().filter(|outcome| test(outcome)).count()
    }

    /// How many scenarios came to the same but for what is known.
    pub(crate) fn known(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Known(_)))
    }

    /// How many use something that this engine has not.
    pub(crate) fn needs(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Needs(_)))
    }

    /// How much has no reason.
    pub(crate) fn unexplained(&self) -> usize {
        let failed = self.smoke.values().filter(|works| !**works).count();
        self.count(|outcome| *outcome == Outcome::Differs) + failed
    }

    /// In one line.
    pub(crate) fn summary(&self) -> String {
        let smoke = self.smoke.iter().map(|(language, works)| {
            let word = if *works { "ok" } else { "FAILED" };
            format!(", {language} {word}")
        });
        format!(
            "{} scenarios as recorded, {} with known differences, {} refused by a gate, {} DIFFER{}",
            self.same,
            self.known(),
            self.needs(),
            self.count(|outcome| *outcome == Outcome::Differs),
            smoke.collect::<String>()
        )
    }
}

/// Everything found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Results {
    /// By engine.
    pub(crate) rows: BTreeMap<String, Row>,
}

impl Results {
    /// What was found before, if anything.
    pub(crate) fn read() -> Result<Self> {
        match fs::read_to_string(super::fixture("engine-matrix.json")) {
            Ok(text) => Ok(Self {
                rows: serde_json::from_str(&text).context("engine-matrix.json")?,
            }),
            Err(_) => Ok(Self::default()),
        }
    }

    /// Keeps it: an engine a line.
    pub(crate) fn write(&self) -> Result<()> {
        let mut text = String::from("{\n");
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|(version, _)| numbers(version));
        for (at, (version, row)) in rows.iter().enumerate() {
            let comma = if at + 1 < rows.len() { "," } else { "" };
            writeln!(text, "{version:?}: {}{comma}", serde_json::to_string(row)?)?;
        }
        text.push_str("}\n");
        fs::write(super::fixture("engine-matrix.json"), text)?;
        Ok(())
    }
}
