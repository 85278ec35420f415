//! `cargo xtask matrix`: every scenario on every engine that codexkit supports, compared with the golden
//! transcripts, and one turn of Python and Node on each.
//!
//! An engine may differ from the one that the transcripts were recorded with; each such difference has
//! an entry with its reason in fixtures/engine-differences.json (rules.rs). Everything else is reported
//! and makes the command fail. The outcome is kept in fixtures/engine-matrix.json (results.rs), from which
//! the table in docs/engine-versions.md is made (page.rs).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::engines;
use crate::parity::{Client, Difference, Replay};
use crate::setup;
use crate::sh::say;
use crate::versions;

mod kept;
mod page;
mod results;
mod rules;
mod smoke;

pub(crate) use page::check as check_page;

use results::{Outcome, Results, Row};
use rules::Rules;

/// Arguments of `cargo xtask matrix`.
#[derive(clap::Args, Debug)]
pub(crate) struct MatrixArgs {
    /// Only these engines; otherwise every one that schema/history.json names.
    #[arg(long, value_delimiter = ',', value_name = "VERSIONS")]
    engines: Vec<String>,
    /// Only scenarios whose name contains this; several separated by commas, `=name` is exact. Nothing is written.
    #[arg(long, short = 'k', value_name = "TEXT")]
    filter: Option<String>,
    /// The client that plays the scenarios.
    #[arg(long, value_enum, default_value_t = Client::Rust)]
    client: Client,
    /// How many scenarios run at once.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Do not play again, one at a time, what differs.
    #[arg(long)]
    once: bool,
    /// Play nothing; judge the transcripts that were kept, with the reasons as they are now.
    #[arg(long)]
    judge_only: bool,
    /// Do not run the turn of Python and Node.
    #[arg(long)]
    no_smoke: bool,
}

/// Runs the command.
pub(crate) fn run(args: &MatrixArgs) -> Result<ExitCode> {
    if args.no_smoke && args.client == Client::Rust {
        setup::python_tools()?; // an MCP server of the scenarios is a Python program
    } else {
        setup::everything(setup::Profile::Dev)?;
    }
    let history = versions::history::History::read()?;
    let wanted = if args.engines.is_empty() {
        history.engines.clone()
    } else {
        args.engines.clone()
    };
    let rules = Rules::read()?;
    let mut results = Results::read()?;
    let mut unexplained = 0;
    for version in &wanted {
        let mut row = one_engine(args, version, &rules)?;
        if args.no_smoke
            && let Some(old) = results.rows.get(version)
        {
            row.smoke.clone_from(&old.smoke);
        }
        unexplained += row.unexplained();
        say(&format!("engine {version}: {}", row.summary()));
        if args.filter.is_none() && args.client == Client::Rust {
            results.rows.insert(version.clone(), row);
            results.write()?;
            page::write(&results, &rules, &history)?;
        }
    }
    for rule in rules.unused(&wanted).filter(|_| args.filter.is_none()) {
        say(&format!("no difference is left for the rule {rule}"));
        unexplained += 1;
    }
    println!(
        "matrix: {} engines, {unexplained} differences without a reason",
        wanted.len()
    );
    Ok(if unexplained == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn one_engine(args: &MatrixArgs, version: &str, rules: &Rules) -> Result<Row> {
    let engine = engines::bring(version)?;
    say(&format!(
        "engine {version}: the scenarios with {}",
        args.client.name()
    ));
    let mut replay = Replay::new(&engine, args.client, args.filter.as_deref(), args.jobs)?;
    let names = replay.names();
    let mut kept = kept::Kept::read(version, args.client)?;
    if !args.judge_only {
        kept.add(replay.all()?)?;
    }
    let mut judged = Judged::default();
    judged.add(kept.played(&names)?, &replay, version, rules);
    let doubtful = judged.doubtful();
    if !doubtful.is_empty() && !args.once && !args.judge_only {
        let count = doubtful.len();
        say(&format!(
            "engine {version}: {count} scenarios differ and are played again"
        ));
        replay.only(&doubtful);
        kept.add(replay.all()?)?;
        judged.add(kept.played(&names)?, &replay, version, rules);
    }
    judged.print(version);
    let mut row = judged.row();
    if !args.no_smoke {
        for language in smoke::LANGUAGES {
            let turn = smoke::one_turn(language, &engine, version);
            if let Err(problem) = &turn {
                say(&format!("engine {version}: {language}: {problem:#}"));
            }
            row.smoke.insert(language.to_owned(), turn.is_ok());
        }
    }
    Ok(row)
}

/// A scenario, its golden steps, and the client's or why there are none.
type Compared = (String, Value, Result<Vec<Value>, String>);

/// What the scenarios came to on one engine.
#[derive(Debug, Default)]
struct Judged {
    outcomes: BTreeMap<String, Option<Outcome>>,
    /// What nobody has explained.
    found: BTreeMap<String, Vec<Difference>>,
}

impl Judged {
    fn add(&mut self, played: Vec<Compared>, replay: &Replay, version: &str, rules: &Rules) {
        for (name, golden, seen) in played {
            let (outcome, found) = outcome(replay, version, &name, &golden, seen, rules);
            self.outcomes.insert(name.clone(), outcome);
            self.found.insert(name, found);
        }
    }

    fn doubtful(&self) -> Vec<String> {
        let differ = self.found.iter().filter(|(_, found)| !found.is_empty());
        differ.map(|(name, _)| name.clone()).collect()
    }

    fn row(self) -> Row {
        let same = self.outcomes.values().filter(|outcome| outcome.is_none());
        Row {
            same: same.count(),
            others: self
                .outcomes
                .into_iter()
                .filter_map(|(name, outcome)| Some((name, outcome?)))
                .collect(),
            ..Row::default()
        }
    }

    /// Prints what is not explained: a pattern of paths a line, with the scenarios where it is.
    fn print(&self, version: &str) {
        let mut grouped: BTreeMap<String, (BTreeSet<&str>, String)> = BTreeMap::new();
        for (name, found) in &self.found {
            for one in found {
                let entry = grouped.entry(pattern(&one.path)).or_default();
                entry.0.insert(name);
                if entry.1.is_empty() {
                    entry.1 = one.to_string();
                }
            }
        }
        for (path, (names, example)) in grouped {
            let list: Vec<&str> = names.iter().copied().collect();
            let list = shorten(&list.join(" "), 120);
            println!("  {version} {path} in {} ({list})", names.len());
            println!("      {}", shorten(&example, 700));
        }
    }
}

/// What one scenario came to (nothing: it is as recorded), and what of it nobody has explained.
fn outcome(
    replay: &Replay,
    version: &str,
    name: &str,
    golden: &Value,
    seen: Result<Vec<Value>, String>,
    rules: &Rules,
) -> (Option<Outcome>, Vec<Difference>) {
    let steps = match seen {
        Ok(steps) => Value::from(steps),
        Err(error) => {
            let broken = Difference {
                path: "/".to_owned(),
                want: None,
                got: Some(error.into()),
            };
            return (Some(Outcome::Differs), vec![broken]);
        }
    };
    if let Some(needed) = needs(&steps) {
        return (Some(Outcome::Needs(needed)), Vec::new());
    }
    let compare = |golden: &Value, steps: &Value| replay.differences(name, golden, steps);
    let (found, used) = rules.judge(version, name, (golden, &steps), compare);
    let outcome = match (found.is_empty(), used.is_empty()) {
        (false, _) => Some(Outcome::Differs),
        (true, true) => None,
        (true, false) => Some(Outcome::Known(used)),
    };
    (outcome, found)
}

/// The engine that a gate asked for.
fn needs(steps: &Value) -> Option<String> {
    let errors = steps.as_array()?.iter().map(|step| &step["error"]);
    let refused = errors.filter(|error| error["kind"] == "engine_version");
    let mut needed = refused.filter_map(|error| {
        let (_, rest) = error["message"].as_str()?.split_once("needs engine ")?;
        Some(rest.split_whitespace().next()?.to_owned())
    });
    needed.next()
}

/// The path with every index as `*`.
fn pattern(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.parse::<usize>() {
        Ok(_) => "*",
        Err(_) => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Where a file of the fixtures is.
fn fixture(name: &str) -> std::path::PathBuf {
    crate::paths::root().join("fixtures").join(name)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
