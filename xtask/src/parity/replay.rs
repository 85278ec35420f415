//! One of our clients plays the scenarios on any engine, for those who compare engines: the transcripts
//! beside the golden ones. What the differences mean is not decided here.

use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use super::clients::Client;
use super::compare::{self, Difference, OnPurpose};
use super::transport::Transport;
use super::{Plan, Seen, fixtures, run_plan, scenarios, work};
use crate::paths;

/// Plays scenarios and compares them.
#[derive(Debug)]
pub(crate) struct Replay {
    client: Client,
    on_purpose: Vec<OnPurpose>,
    plan: Plan,
}

/// What came of one scenario, by its name: the client's steps, or why there are none.
pub(crate) type Played = (String, Seen);

impl Replay {
    /// Plays the scenarios that `filter` selects with `client` on `engine`.
    pub(crate) fn new(
        engine: &Path,
        client: Client,
        filter: Option<&str>,
        jobs: usize,
    ) -> Result<Self> {
        Ok(Self {
            client,
            on_purpose: OnPurpose::read(&fixtures().join("differences.json"))?,
            plan: Plan {
                scenarios: scenarios(filter)?,
                clients: vec![client],
                engine: engine.to_path_buf(),
                python: paths::venv_bin("python"),
                work: work(),
                jobs,
                keep: false,
                transport: Transport::Stdio,
            },
        })
    }

    /// The scenarios' names.
    pub(crate) fn names(&self) -> Vec<String> {
        let scenarios = self.plan.scenarios.iter();
        scenarios
            .map(|scenario| scenario.name().to_owned())
            .collect()
    }

    /// Plays all of them.
    pub(crate) fn all(&self) -> Result<Vec<Played>> {
        let mut played = Vec::new();
        run_plan(&self.plan, |scenario, seen| {
            if let Some(seen) = seen.into_values().next() {
                played.push((scenario.name().to_owned(), seen));
            }
        })?;
        Ok(played)
    }

    /// From now on only these scenarios, one at a time: a busy machine shows in the engine's timing.
    pub(crate) fn only(&mut self, names: &[String]) {
        let scenarios = &mut self.plan.scenarios;
        scenarios.retain(|scenario| names.iter().any(|name| name == scenario.name()));
        self.plan.jobs = 1;
    }

    /// The differences that are not on purpose.
    pub(crate) fn differences(
        &self,
        scenario: &str,
        golden: &Value,
        steps: &Value,
    ) -> Vec<Difference> {
        let on_purpose = |path: &str| {
            let mut entries = self.on_purpose.iter();
            entries.any(|entry| entry.covers(scenario, self.client.name(), path))
        };
        compare::with_golden(golden, steps, on_purpose).0
    }
}
