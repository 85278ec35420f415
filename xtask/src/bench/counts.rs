//! `cargo xtask bench counts`: how many instructions an event costs, held against the numbers in `benches/counts.json`.
//!
//! callgrind counts them. They do not depend on what else the machine does, so that a change that makes a hot path
//! slower is seen on any machine and in every run. Each consumer runs twice, with few and with many events; the
//! difference is what events cost, without the start of the process.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::layout::Layout;
use super::measure::Consumer;
use super::profile;
use super::stream::{self, Kind, Who};
use crate::sh::{Cmd, say};
use crate::suites::Outcome;
use crate::{paths, tools};

/// Events of the two runs.
const FEW: usize = 5_000;
const MANY: usize = 30_000;
/// callgrind makes everything some fifty times slower.
const LIMIT: Duration = Duration::from_secs(600);

/// A path of events that is counted.
struct Counted {
    name: &'static str,
    who: Who,
    kind: Kind,
    /// How many turns at once.
    turns: usize,
}

const fn counted(name: &'static str, who: Who, kind: Kind, turns: usize) -> Counted {
    Counted {
        name,
        who,
        kind,
        turns,
    }
}

const CORE: [Counted; 3] = [
    counted("core, delta", Who::KitRust, Kind::Delta, 1),
    counted("core, mix", Who::KitRust, Kind::Mix, 1),
    counted("core, delta, 50 turns", Who::KitRust, Kind::Delta, 50),
];

const PYTHON: [Counted; 4] = [
    counted("Python sync, delta", Who::KitSync, Kind::Delta, 1),
    counted("Python sync, mix", Who::KitSync, Kind::Mix, 1),
    counted("Python async, delta", Who::KitAsync, Kind::Delta, 1),
    counted("Python dict, delta", Who::KitDict, Kind::Delta, 1),
];

/// The file of kept numbers.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// The compiler and the processor that they were counted with; those of others are others.
    with: String,
    /// By how much a count may be larger, as a part of it.
    tolerance: f64,
    /// Instructions an event, by cargo's profile and by path.
    instructions: BTreeMap<String, BTreeMap<String, f64>>,
}

fn file() -> PathBuf {
    paths::root().join("benches/counts.json")
}

impl Kept {
    fn none() -> Self {
        Self {
            with: String::new(),
            tolerance: 0.05,
            instructions: BTreeMap::new(),
        }
    }

    /// None while there is no such file.
    fn read() -> Result<Option<Self>> {
        let path = file();
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read.with_context(|| format!("cannot read {}", path.display()))?,
        };
        let kept = serde_json::from_str(&text);
        Ok(Some(kept.with_context(|| {
            format!("{} is broken", path.display())
        })?))
    }

    fn write(&self) -> Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(file(), text)?;
        Ok(())
    }

    fn of(&self, profile: &str, name: &str) -> Option<f64> {
        self.instructions.get(profile)?.get(name).copied()
    }

    /// What is wrong with a count, if anything.
    fn complaint(&self, profile: &str, name: &str, got: f64) -> Option<String> {
        let Some(kept) = self.of(profile, name) else {
            return Some(format!("{name}: no number is kept; {RENEW}"));
        };
        let more = got / kept - 1.0;
        (more > self.tolerance).then(|| {
            format!(
                "{name}: {got:.0} instructions an event, {:.1} % more than the {kept:.0} in benches/counts.json \
                 (allowed are {:.0} %). If that is what the change is worth, {RENEW}",
                more * 100.0,
                self.tolerance * 100.0
            )
        })
    }
}

const RENEW: &str = "renew the numbers with `cargo xtask bench counts --renew`, once with and once without --dev, and \
                     say why in the commit";

/// The profile that tests are built with: what a change adds shows in it, too, and it needs no build of its own.
const TESTED: &str = "dev";

/// The group of the benchmark: core and Python, in one profile of cargo's.
pub(super) fn measure(cargo_profile: &str, renew: bool) -> Result<ExitCode> {
    if !has_valgrind() {
        bail!("valgrind is needed: apt-get install valgrind");
    }
    let layout = Layout::set_up(cargo_profile)?;
    let with = compiler()?;
    let mut kept = Kept::read()?.unwrap_or_else(Kept::none);
    let mut complaints = Vec::new();
    let mut counts = BTreeMap::new();
    for path in counted_paths() {
        let runs = Runs::of(path, &layout)?;
        let got = runs.each();
        say(&format!(
            "{:<24} {got:6.0} instructions an event (kept: {:.0})",
            path.name,
            kept.of(cargo_profile, path.name).unwrap_or(f64::NAN)
        ));
        for line in runs.profile()? {
            println!("         {line}");
        }
        complaints.extend(kept.complaint(cargo_profile, path.name, got));
        counts.insert(path.name.to_owned(), got.round());
    }
    if renew {
        kept.with = with;
        kept.instructions.insert(cargo_profile.to_owned(), counts);
        kept.write()?;
        println!("counts: renewed");
        return Ok(ExitCode::SUCCESS);
    }
    if with != kept.with {
        println!(
            "counts: the kept numbers are of {}, these of {with}: not compared",
            kept.with
        );
        return Ok(ExitCode::SUCCESS);
    }
    for complaint in &complaints {
        println!("counts: {complaint}");
    }
    println!("counts: {} above", complaints.len());
    Ok(if complaints.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The suite of the tests: the same on the builds that tests have anyway.
pub(crate) fn suite() -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let skip = |outcome: &mut Outcome, why: &str| {
        outcome.skipped = counted_paths().count();
        say(&format!("counts: skipped, {why}"));
    };
    if !has_valgrind() {
        skip(&mut outcome, "there is no valgrind on this machine");
        return Ok(outcome);
    }
    let kept = Kept::read()?.with_context(|| format!("there is no {}", file().display()))?;
    let with = compiler()?;
    if kept.with != with {
        let why = format!("the kept numbers are of {} and not of {with}", kept.with);
        skip(&mut outcome, &why);
        return Ok(outcome);
    }
    let layout = Layout::set_up(TESTED)?;
    for path in counted_paths() {
        let result = Runs::of(path, &layout).and_then(|runs| {
            match kept.complaint(TESTED, path.name, runs.each()) {
                Some(complaint) => bail!(complaint),
                None => Ok(()),
            }
        });
        outcome.record(path.name, &result);
    }
    Ok(outcome)
}

fn counted_paths() -> impl Iterator<Item = &'static Counted> {
    CORE.iter().chain(&PYTHON)
}

fn has_valgrind() -> bool {
    Cmd::new("valgrind").arg("--version").quiet().is_ok()
}

/// What counts depend on besides the code.
fn compiler() -> Result<String> {
    tools::rust()?;
    let text = Cmd::new("rustc").arg("-vV").quiet()?;
    let of = |name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        value.unwrap_or("?").to_owned()
    };
    let python = Cmd::new(paths::venv_bin("python"))
        .arg("--version")
        .quiet()?;
    Ok(format!(
        "rustc {}, {}, {}",
        of("release: "),
        of("host: "),
        python.trim()
    ))
}

/// The two runs of a path.
struct Runs {
    few: Run,
    many: Run,
}

/// What callgrind has counted in a run.
struct Run {
    total: f64,
    file: PathBuf,
}

impl Runs {
    /// By how many events they differ.
    const EVENTS: f64 = (MANY - FEW) as f64;

    fn of(path: &Counted, layout: &Layout) -> Result<Self> {
        Ok(Self {
            few: instructions(path, FEW, layout)?,
            many: instructions(path, MANY, layout)?,
        })
    }

    /// Instructions an event.
    fn each(&self) -> f64 {
        (self.many.total - self.few.total) / Self::EVENTS
    }

    /// Where they go, a line for a function.
    fn profile(&self) -> Result<Vec<String>> {
        let [few, many] = [&self.few, &self.many].map(|run| profile::read(&run.file));
        Ok(profile::most(&few?, &many?, Self::EVENTS, self.each()))
    }
}

fn instructions(path: &Counted, events: usize, layout: &Layout) -> Result<Run> {
    let folder = paths::work("counts");
    std::fs::create_dir_all(&folder)?;
    let name = path.name.replace(", ", "-").replace(' ', "-");
    let out = folder.join(format!("{name}-{events}.out"));
    let mut consumer: Consumer = stream::consumer(path.who, path.kind, path.turns, layout);
    consumer.settings["events"] = json!(events);
    consumer.settings["counting"] = json!(true);
    consumer.limit = LIMIT;
    consumer.under = vec![
        "valgrind".into(),
        "--tool=callgrind".into(),
        "--child-silent-after-fork=yes".into(),
        format!("--callgrind-out-file={}", out.display()),
    ];
    // Python's dictionaries of strings are then the same in every run.
    consumer.env.push(("PYTHONHASHSEED", "0".to_owned()));
    let sample = consumer.run(layout)?;
    if sample["events"] < events as f64 {
        bail!("{} read {} of {events} events", path.name, sample["events"]);
    }
    let text = std::fs::read_to_string(&out)?;
    let total = text.lines().find_map(|line| {
        let rest = line
            .strip_prefix("summary: ")
            .or_else(|| line.strip_prefix("totals: "))?;
        rest.split_whitespace().next()?.parse::<f64>().ok()
    });
    let total = total.with_context(|| format!("no sum in {}", out.display()))?;
    Ok(Run { total, file: out })
}

#[cfg(test)]
mod tests {
    use super::{BTreeMap, Kept};

    #[test]
    fn only_more_than_the_tolerance_is_told() {
        let kept = Kept {
            with: String::new(),
            tolerance: 0.03,
            instructions: BTreeMap::from([(
                "dev".to_owned(),
                BTreeMap::from([("a".to_owned(), 1000.0)]),
            )]),
        };
        let complaint = |name, got| kept.complaint("dev", name, got);
        assert_eq!(complaint("a", 1029.0), None);
        assert_eq!(complaint("a", 500.0), None);
        assert!(complaint("a", 1031.0).is_some_and(|text| text.contains("--renew")));
        assert!(complaint("b", 1.0).is_some());
        assert!(kept.complaint("release", "a", 1.0).is_some());
    }
}
