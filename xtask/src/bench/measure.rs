//! Running consumers and making medians of what they report.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::layout::Layout;
use crate::paths;
use crate::sh::Cmd;

/// A consumer: a program of benches/ with its settings.
#[derive(Clone, Debug)]
pub(crate) struct Consumer {
    /// The name in the tables.
    pub(crate) name: &'static str,
    pub(crate) program: Program,
    pub(crate) settings: Value,
    /// The plan of the replaying engine; none with the real engine.
    pub(crate) replay: Option<Value>,
    /// Where the replaying engine writes what it has measured, as numbers by name.
    pub(crate) report: Option<PathBuf>,
    /// More environment variables.
    pub(crate) env: Vec<(&'static str, String)>,
    /// A program, with its arguments, that runs it; none when it is run by itself.
    pub(crate) under: Vec<String>,
    /// It is ended after this long.
    pub(crate) limit: Duration,
}

/// Longer than any consumer takes but those of a thousand agents.
const LIMIT: Duration = Duration::from_secs(120);

/// What runs a consumer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Program {
    /// A file of benches/python.
    Python(&'static str),
    /// A file of benches/node.
    Node(&'static str),
    /// The binary of the crate in benches/.
    Rust,
}

/// What one run of a consumer reported: numbers by name.
pub(crate) type Sample = BTreeMap<String, f64>;

/// What all runs of a consumer reported.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<Sample>);

/// A median, and how far apart the runs were.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// Has Python keep what it has compiled, as it does for its users; a machine may be set up otherwise.
pub(super) const KEEPS_BYTECODE: (&str, &str) = ("PYTHONDONTWRITEBYTECODE", "");

impl Consumer {
    /// One that runs by itself, with the real engine if no plan for the replaying one is given.
    pub(crate) fn new(name: &'static str, program: Program, settings: Value) -> Self {
        Self {
            name,
            program,
            settings,
            replay: None,
            report: None,
            env: Vec::new(),
            under: Vec::new(),
            limit: LIMIT,
        }
    }

    /// Runs it once.
    pub(crate) fn run(&self, layout: &Layout) -> Result<Sample> {
        let benches = paths::root().join("benches");
        let (program, file) = match self.program {
            Program::Python(file) => (
                paths::venv_bin("python"),
                Some(benches.join("python").join(file)),
            ),
            Program::Node(file) => ("node".into(), Some(benches.join("node").join(file))),
            Program::Rust => (layout.rust.clone(), None),
        };
        let mut command = match self.under.split_first() {
            Some((outer, arguments)) => Cmd::new(outer).args(arguments).arg(program),
            None => Cmd::new(program),
        };
        if let Program::Python(_) = self.program {
            command = command
                .env("PYTHONPATH", &layout.python_path)
                .env(KEEPS_BYTECODE.0, KEEPS_BYTECODE.1);
        }
        command = command
            .args(file)
            .arg(self.settings.to_string())
            .env_remove("CODEX_BINARY")
            .limit(self.limit);
        if let Some(plan) = &self.replay {
            command = command.env("CODEXKIT_REPLAY", plan.to_string());
        }
        for (name, value) in &self.env {
            command = command.env(name, value);
        }
        // As late as can be: what comes after is the start of the consumer's process.
        let started = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
        command = command.env("CODEXKIT_BENCH_STARTED", started.to_string());
        let out = command.quiet()?;
        let line = out
            .lines()
            .last()
            .with_context(|| format!("{} printed nothing", self.name))?;
        let mut sample: Sample = serde_json::from_str(line)
            .with_context(|| format!("{} printed something else: {line}", self.name))?;
        if let Some(path) = &self.report {
            let told = std::fs::read_to_string(path)
                .with_context(|| format!("{}: the engine has measured nothing", self.name))?;
            std::fs::remove_file(path)?;
            sample.extend(serde_json::from_str::<Sample>(&told)?);
        }
        Ok(sample)
    }
}

/// Runs all consumers once, then all once more, and so on: what disturbs the machine for a while then
/// disturbs all of them.
pub(crate) fn run_all(
    consumers: &[Consumer],
    layout: &Layout,
    runs: usize,
) -> Result<Vec<Samples>> {
    let mut all = vec![Samples::default(); consumers.len()];
    for _ in 0..runs {
        for (consumer, samples) in consumers.iter().zip(&mut all) {
            samples.0.push(consumer.run(layout)?);
        }
    }
    Ok(all)
}

impl Samples {
    pub(crate) fn push(&mut self, sample: Sample) {
        self.0.push(sample);
    }

    /// A derived figure: its median over the runs.
    pub(crate) fn of(&self, value: impl Fn(&Sample) -> f64) -> Figure {
        Figure::of(self.0.iter().map(value).collect())
    }

    /// Checks that each run of a consumer has reported this number.
    pub(crate) fn expect(&self, consumer: &str, name: &str, wanted: f64) -> Result<()> {
        for sample in &self.0 {
            let got = sample.get(name).copied().unwrap_or(f64::NAN);
            if got != wanted {
                bail!("{consumer}: {name} is {got} instead of {wanted}");
            }
        }
        Ok(())
    }

    /// The median of a reported number.
    pub(crate) fn get(&self, name: &str) -> Figure {
        self.of(|sample| sample.get(name).copied().unwrap_or(f64::NAN))
    }

    /// Events per second, first to last event.
    pub(crate) fn rate(&self) -> Figure {
        self.of(|sample| sample["events"] / sample["wall"])
    }

    /// CPU microseconds of the consumer per event.
    pub(crate) fn cpu_us(&self) -> Figure {
        self.of(|sample| sample["cpu"] / sample["events"] * 1e6)
    }

    /// Checks that a consumer has read what was sent, all of it.
    pub(crate) fn check(&self, name: &str, events: usize, chars: Option<usize>) -> Result<()> {
        for sample in &self.0 {
            let (got, text) = (sample["events"], sample["chars"]);
            // The frame of a turn adds a few events, which the one-shot mode does not have.
            if got < events as f64 {
                bail!("{name} read {got} events of {events}");
            }
            if let Some(chars) = chars
                && text != chars as f64
            {
                bail!("{name} read {text} characters of deltas, {chars} were sent");
            }
        }
        Ok(())
    }
}

impl Figure {
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let last = values.len().saturating_sub(1);
        let median = if values.len().is_multiple_of(2) && !values.is_empty() {
            f64::midpoint(values[last / 2], values[last / 2 + 1])
        } else {
            values.get(last / 2).copied().unwrap_or(f64::NAN)
        };
        Self {
            median,
            least: values.first().copied().unwrap_or(f64::NAN),
            most: values.last().copied().unwrap_or(f64::NAN),
        }
    }

    /// Half of what lies between the least and the most, as a part of the median.
    pub(crate) fn spread(self) -> f64 {
        (self.most - self.least) / 2.0 / self.median
    }

    pub(crate) fn json(self) -> Value {
        json!({"median": self.median, "min": self.least, "max": self.most})
    }
}

#[cfg(test)]
mod tests {
    use super::Figure;

    #[test]
    fn medians_of_odd_and_even_counts() {
        assert_eq!(Figure::of(vec![3.0, 1.0, 2.0]).median, 2.0);
        assert_eq!(Figure::of(vec![4.0, 1.0, 2.0, 3.0]).median, 2.5);
        assert_eq!(Figure::of(vec![7.0]).median, 7.0);
        assert!(Figure::of(Vec::new()).median.is_nan());
    }
}
