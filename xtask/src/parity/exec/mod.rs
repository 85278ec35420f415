//! The simple view against the real `codex exec --json`: `cargo xtask record --exec` writes what that told
//! of each case (fixtures/golden/exec), `cargo xtask parity --exec` folds the same cases from the full
//! stream with our clients, runs them with our own one-shot transport, and compares all field by field.
//!
//! The way of the data is that of the module above: a case (case.rs), a player (official.rs, rust.rs, or a
//! process of tests/parity), the normalised steps, the comparison (rules.rs).

mod case;
mod official;
mod rules;
mod rust;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};

use self::case::Case;
use self::rules::Rules;
use super::clients::Client;
use super::runner::{ProcessRunner, Program};
use super::scenario::{Place, Scenario};
use super::{GOLDEN_VERSION, Loose, Normaliser, compare, engine, fixtures, golden};
use crate::paths;
use crate::sh::say;
use crate::suites::Outcome;

/// Who plays a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Player {
    /// `codex exec` itself.
    Official,
    /// core's fold, in this process.
    Rust,
    /// core's one-shot transport.
    RustExec,
    /// `codexkit.Thread.run_streamed`.
    Python,
    /// The Node package's `runStreamed`.
    Node,
    /// The same with `transport: "exec"`.
    NodeExec,
}

impl Player {
    const OURS: [Self; 5] = [
        Self::Rust,
        Self::RustExec,
        Self::Python,
        Self::Node,
        Self::NodeExec,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Official => "codex exec",
            Self::Rust => "rust",
            Self::RustExec => "rust-exec",
            Self::Python => "python",
            Self::Node => "node",
            Self::NodeExec => "node-exec",
        }
    }

    /// Whose player it is.
    fn client(self) -> Client {
        match self {
            Self::Official => Client::Official,
            Self::Rust | Self::RustExec => Client::Rust,
            Self::Python => Client::PythonSync,
            Self::Node | Self::NodeExec => Client::Node,
        }
    }

    /// Whether its events are those of a `codex exec` process, without anything of ours.
    fn is_exec(self) -> bool {
        matches!(self, Self::Official | Self::RustExec | Self::NodeExec)
    }

    /// Every player plays the cases that were written for this comparison; of the others, which differ
    /// less, the bindings play some, because what they add to the core is the same in each.
    fn plays(self, index: usize, case: &Case) -> bool {
        match self {
            Self::Official | Self::Rust => true,
            Self::Node | Self::Python => case.own || index.is_multiple_of(2),
            Self::RustExec | Self::NodeExec => case.own || index.is_multiple_of(4),
        }
    }
}

/// What one player saw of one case.
type Seen = Result<Vec<Value>, String>;

/// Every case whose name fits, in the order of the names.
fn cases(filter: Option<&str>) -> Result<Vec<Case>> {
    let mut cases: Vec<Case> = Scenario::read_all(&fixtures().join("scenarios"), None)?
        .iter()
        .filter_map(Case::of)
        .collect();
    for scenario in Scenario::read_all(&fixtures().join("exec"), None)? {
        cases.push(Case::must(&scenario).with_context(|| scenario.name().to_owned())?);
    }
    cases.retain(|case| filter.is_none_or(|filter| case.scenario.matches(filter)));
    Ok(cases)
}

/// Writes the transcripts of `codex exec`, each if `runs` runs gave the same.
pub(super) fn record(filter: Option<&str>, runs: usize) -> Result<ExitCode> {
    let cases = cases(filter)?;
    if cases.is_empty() {
        bail!("no case matches {}", filter.unwrap_or("*"));
    }
    let mut first: BTreeMap<String, Seen> = BTreeMap::new();
    let (mut written, mut failed) = (0, 0);
    for run in 0..runs.max(1) {
        let last = run + 1 == runs.max(1);
        play(&cases, &[Player::Official], 3, |case, seen| {
            let name = case.scenario.name();
            let seen = seen.into_values().next().unwrap_or_else(|| Ok(Vec::new()));
            let problem = match (first.get(name), &seen) {
                (_, Err(error)) => Some(error.clone()),
                (Some(Ok(a)), Ok(b)) => {
                    compare::with_client(&Value::from(a.clone()), &Value::from(b.clone()))
                        .first()
                        .map(|one| format!("two runs differ: {one}"))
                }
                _ => None,
            };
            let seen = problem.map_or(seen, Err);
            if last && let Ok(steps) = &seen {
                golden::write(&format!("exec/{name}"), "codex exec", steps)?;
                written += 1;
            } else if last && let Err(error) = &seen {
                say(&format!("{name}: {error}"));
                failed += 1;
            }
            first.insert(name.to_owned(), seen);
            Ok(())
        })?;
    }
    println!("record: {written} transcripts of codex exec written, {failed} failed");
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Plays every case with our clients and compares with the transcripts.
pub(super) fn compare(filter: Option<&str>, jobs: usize, clients: &[Client]) -> Result<Outcome> {
    let cases = cases(filter)?;
    let rules = Rules::read(&fixtures().join("differences-exec.json"))?;
    say(&format!("simple view: {} cases", cases.len()));
    let mut outcome = Outcome::default();
    let mut doubtful = Vec::new();
    let total = cases.len();
    let players: Vec<Player> = Player::OURS
        .into_iter()
        .filter(|player| clients.is_empty() || clients.contains(&player.client()))
        .collect();
    play(&cases, &players, jobs, |case, seen| {
        let one = judge(&case, &seen, &rules);
        if one.failed == 0 {
            add(&mut outcome, one);
        } else {
            doubtful.push(case);
        }
        Ok(())
    })?;
    // What differs on a busy machine is played again with nothing beside it, and that counts.
    if !doubtful.is_empty() {
        say(&format!(
            "simple view: {} cases differ and are played again",
            doubtful.len()
        ));
        play(&doubtful, &players, 1, |case, seen| {
            add(&mut outcome, judge(&case, &seen, &rules));
            Ok(())
        })?;
    }
    if filter.is_none() && clients.is_empty() {
        for unused in rules.unused() {
            println!("{unused}: on purpose, but there is no such difference");
            outcome.fail(unused);
        }
        for name in golden::strangers("golden/exec", cases.iter().map(|case| &case.scenario))? {
            outcome.fail(format!("{name}: a transcript of codex exec without a case"));
        }
    }
    println!(
        "simple view: {total} cases, {} plays equal, {} not",
        outcome.passed, outcome.failed
    );
    Ok(outcome)
}

fn add(all: &mut Outcome, one: Outcome) {
    all.passed += one.passed;
    all.failed += one.failed;
    all.notes.extend(one.notes);
}

/// What the players of one case saw, against the transcript.
fn judge(case: &Case, seen: &BTreeMap<Player, Seen>, rules: &Rules) -> Outcome {
    let name = case.scenario.name();
    let mut outcome = Outcome::default();
    let golden = match golden::read(&format!("exec/{name}")) {
        Ok(golden) => golden,
        Err(error) => {
            println!("{name}: {error:#} (with --exec)");
            outcome.fail(name);
            return outcome;
        }
    };
    let (mut line, mut details) = (Vec::new(), Vec::new());
    for (player, seen) in seen {
        let problems = match seen {
            Err(error) => vec![error.clone()],
            Ok(steps) => rules.differences(case, &golden, steps, player.is_exec()),
        };
        if problems.is_empty() {
            outcome.passed += 1;
            line.push(format!("{} ok", player.name()));
        } else {
            outcome.fail(format!("simple view {name} {}", player.name()));
            line.push(format!("{} {} DIFFERENCES", player.name(), problems.len()));
            let shown = problems.iter().take(6);
            details.extend(shown.map(|one| format!("    {}: {one}", player.name())));
        }
    }
    println!("{name:<32} {}", line.join("  "));
    for detail in details {
        println!("{detail}");
    }
    outcome
}

/// Plays the cases with the players, a few at once; `done` gets each case when all are through.
fn play(
    cases: &[Case],
    players: &[Player],
    jobs: usize,
    mut done: impl FnMut(Case, BTreeMap<Player, Seen>) -> Result<()>,
) -> Result<()> {
    let work = paths::work(&format!("exec-{}", std::process::id()));
    let engine = engine::find(GOLDEN_VERSION)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let result = runtime.block_on(async {
        let permits = Arc::new(Semaphore::new(jobs.max(1)));
        let (send, mut receive) = mpsc::channel(64);
        for player in players.iter().copied() {
            let place = Place {
                repo: paths::root(),
                work: work.join(player.name().replace(' ', "-")),
                engine: engine.clone(),
                python: paths::venv_bin("python"),
            };
            std::fs::create_dir_all(&place.work)?;
            let mine: Vec<(usize, Case)> = cases
                .iter()
                .cloned()
                .enumerate()
                .filter(|(index, case)| player.plays(*index, case))
                .collect();
            let (permits, send) = (Arc::clone(&permits), send.clone());
            tokio::spawn(async move {
                let mut runner = process(player, &place);
                for (index, case) in mine {
                    let Ok(_permit) = permits.acquire().await else {
                        return;
                    };
                    let mut place = place.clone();
                    place.work = place.work.join(case.scenario.name());
                    let seen = one(player, runner.as_mut(), &case, &place).await;
                    let _ = std::fs::remove_dir_all(&place.work);
                    let seen = seen.map_err(|error| format!("{error:#}"));
                    if send.send((index, player, seen)).await.is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut waiting: BTreeMap<usize, BTreeMap<Player, Seen>> = BTreeMap::new();
        while let Some((index, player, seen)) = receive.recv().await {
            let case = &cases[index];
            let expected = players
                .iter()
                .filter(|player| player.plays(index, case))
                .count();
            let entry = waiting.entry(index).or_default();
            entry.insert(player, seen);
            if entry.len() == expected
                && let Some(seen) = waiting.remove(&index)
            {
                done(case.clone(), seen)?;
            }
        }
        anyhow::Ok(())
    });
    let _ = std::fs::remove_dir_all(&work);
    result
}

/// The process that plays for a language package.
fn process(player: Player, place: &Place) -> Option<ProcessRunner> {
    let (program, script) = match player {
        Player::Python => (place.python.clone(), "simple.py"),
        Player::Node | Player::NodeExec => (PathBuf::from("node"), "simple.mjs"),
        Player::Official | Player::Rust | Player::RustExec => return None,
    };
    Some(ProcessRunner::new(Program {
        program,
        script: paths::root().join("tests/parity").join(script),
        env: vec![("PYTHONPATH".to_owned(), paths::root().join("python"))],
        log: place.work.join("runner.log"),
    }))
}

/// One case with one player: its own folders, its own model server, the steps normalised.
async fn one(
    player: Player,
    runner: Option<&mut ProcessRunner>,
    case: &Case,
    place: &Place,
) -> Result<Vec<Value>> {
    let scenario = &case.scenario;
    scenario.prepare(place)?;
    let model = codexkit_testkit::ScriptedModel::start(&scenario.model())
        .await
        .with_context(|| format!("the model script of {}", scenario.name()))?;
    let mut job = scenario.job(place, &model.base_url());
    job["turns"] = case.turns.iter().map(case::CaseTurn::json).collect();
    super::scenario::fill(&mut job["turns"], place);
    job["transport"] = json!(if player.is_exec() {
        "exec"
    } else {
        "app-server"
    });
    let steps = match (player, runner) {
        (Player::Official, _) => official::run(case, &job, &place.work).await,
        (_, Some(runner)) => runner.run(&job).await,
        (Player::RustExec, None) => rust::one_shot(&job).await,
        (_, None) => rust::folded(&job).await,
    };
    model.shutdown();
    let mut steps = steps?;
    rules::order(&mut steps, scenario.loose());
    Normaliser::new(place.names()).steps(&mut steps, Loose::default());
    Ok(steps)
}
