//! `cargo xtask record` and `cargo xtask parity`: every scenario through the official Python SDK and
//! through our four clients, with one engine, and the comparison of what they saw.
//!
//! The way of the data: a scenario (fixtures/scenarios) is prepared (scenario.rs), a runner drives one
//! client through it (runner.rs for the processes of tests/parity, rust/ in this process), the
//! transcript is normalised (normalise.rs) and compared (compare.rs) with the golden one
//! (golden.rs). This module decides who runs what, and reports. It knows no protocol.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::sync::{Semaphore, mpsc};

use crate::paths;
use crate::setup::{self, Profile};
use crate::sh::say;
use crate::suites::Outcome;

mod clients;
mod compare;
pub(crate) mod engine;
mod exec;
mod golden;
mod model_saw;
mod normalise;
mod replay;
mod runner;
mod rust;
mod scenario;
mod transport;

pub(crate) use clients::Client;
#[cfg(test)]
pub(crate) use compare::with_client as differences;
pub(crate) use compare::{Difference, covers};
pub(crate) use golden::read as golden_steps;
pub(crate) use normalise::Normaliser;
pub(crate) use replay::{Played, Replay};

use clients::Runner;
use compare::OnPurpose;
pub(crate) use scenario::Loose;
use scenario::{Place, Scenario};
use transport::Transport;

/// The engine and the official SDK that golden transcripts are recorded with.
pub(crate) const GOLDEN_VERSION: &str = "0.163.0";

/// How many scenarios run at once: most of one is waiting, and starting the engine.
const JOBS: usize = 4;

/// Arguments of `cargo xtask record`.
#[derive(clap::Args, Debug)]
pub(crate) struct RecordArgs {
    /// Only scenarios whose name contains this; several separated by commas, `=name` is exact.
    #[arg(long, short = 'k', value_name = "TEXT")]
    filter: Option<String>,
    /// How often each scenario runs; it is written only if every run gives the same transcript.
    #[arg(long, default_value_t = 2)]
    runs: usize,
    /// Record what the real `codex exec --json` tells of the cases that it can play, instead.
    #[arg(long)]
    exec: bool,
}

/// Arguments of `cargo xtask parity`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct ParityArgs {
    /// The engine: a path, or a version that set-up provides. Golden transcripts exist for 0.163.0;
    /// on another engine our clients are compared with one another.
    #[arg(long, value_name = "PATH|VERSION", default_value = GOLDEN_VERSION)]
    engine: String,
    /// Only scenarios whose name contains this; several separated by commas, `=name` is exact.
    #[arg(long, short = 'k', value_name = "TEXT")]
    filter: Option<String>,
    /// Only these clients (rust, python-sync, python-async, node).
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    clients: Vec<Client>,
    /// How our clients reach the engine. Over `ws` and `unix` they connect to one that listens, and the
    /// official SDK, which cannot, is not driven.
    #[arg(long, value_enum, default_value_t)]
    transport: Transport,
    /// Also drive the official SDK, so that a stale golden file shows (the default).
    #[arg(long, overrides_with = "no_live")]
    live: bool,
    /// Do not drive the official SDK.
    #[arg(long)]
    no_live: bool,
    /// How many scenarios run at once.
    #[arg(long, default_value_t = JOBS)]
    jobs: usize,
    /// Compare the simple view with what `codex exec --json` told of the same cases, instead.
    #[arg(long)]
    exec: bool,
    /// Keep every run's folder and transcript in .cache/work/parity.
    #[arg(long)]
    keep: bool,
    /// Leave out what the official SDK cannot play: the suite plays that on the golden engine alone.
    #[arg(skip)]
    no_own: bool,
}

/// What a whole run needs to know.
#[derive(Debug)]
struct Plan {
    scenarios: Vec<Scenario>,
    clients: Vec<Client>,
    engine: PathBuf,
    python: PathBuf,
    work: PathBuf,
    jobs: usize,
    keep: bool,
    transport: Transport,
}

/// What one client saw of one scenario.
type Seen = Result<Vec<Value>, String>;

/// Write the golden transcripts.
pub(crate) fn record(args: &RecordArgs) -> Result<ExitCode> {
    setup::python_tools()?;
    if args.exec {
        return exec::record(args.filter.as_deref(), args.runs);
    }
    let (own, official): (Vec<_>, Vec<_>) = every_scenario(args.filter.as_deref())?
        .into_iter()
        .partition(Scenario::is_own);
    let (mut written, mut failed) = (0, 0);
    for (client, recorder, scenarios) in [
        (Client::Official, "openai-codex", official),
        (Client::Rust, "codexkit in Rust, engine", own),
    ] {
        let plan = Plan {
            scenarios,
            clients: vec![client],
            engine: engine::find(GOLDEN_VERSION)?,
            python: paths::venv_bin("python"),
            work: work(),
            jobs: 2,
            keep: false,
            transport: Transport::Stdio,
        };
        let (more, bad) = record_plan(&plan, args.runs, recorder)?;
        written += more;
        failed += bad;
    }
    println!("record: {written} transcripts written, {failed} failed");
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Write what the plan's one client sees; how many transcripts were written, and how many were not the same each time.
fn record_plan(plan: &Plan, runs: usize, recorder: &str) -> Result<(usize, usize)> {
    let mut first: BTreeMap<String, Seen> = BTreeMap::new();
    let mut unstable: BTreeMap<String, String> = BTreeMap::new();
    for run in 0..runs.max(1) {
        run_plan(plan, |scenario, seen| {
            let Some(seen) = seen.into_values().next() else {
                return;
            };
            let name = scenario.golden();
            if run == 0 {
                first.insert(name, seen);
                return;
            }
            let problem = match (first.get(&name), &seen) {
                (Some(Ok(a)), Ok(b)) => {
                    compare::with_client(&Value::from(a.clone()), &Value::from(b.clone()))
                        .first()
                        .map(ToString::to_string)
                }
                (_, Err(error)) => Some(error.clone()),
                _ => None,
            };
            if let Some(problem) = problem {
                unstable.insert(name, problem);
            }
        })?;
    }
    let mut written = 0;
    for (name, seen) in first {
        match (seen, unstable.get(&name)) {
            (Ok(steps), None) => {
                golden::write(&name, recorder, &steps)?;
                written += 1;
            }
            (Ok(_), Some(problem)) => say(&format!("{name}: two runs differ: {problem}")),
            (Err(error), _) => {
                unstable.insert(name.clone(), error.clone());
                say(&format!("{name}: {error}"));
            }
        }
    }
    Ok((written, unstable.len()))
}

/// Compare the clients; the last line says how many differences there are.
pub(crate) fn parity(args: &ParityArgs) -> Result<ExitCode> {
    if args.exec && args.clients == [Client::Rust] {
        setup::python_tools()?; // brings the engine
    } else {
        setup::everything(Profile::Dev)?;
    }
    let outcome = if args.exec {
        exec::compare(args.filter.as_deref(), args.jobs, &args.clients)?
    } else {
        compare_clients(args)?
    };
    Ok(if outcome.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The exec suite of `cargo xtask test`: the simple view against the real `codex exec --json`.
pub(crate) fn exec_suite(filter: Option<&str>) -> Result<Outcome> {
    exec::compare(filter, JOBS, &[])
}

/// What the suite plays over the other transports, with one client each: the whole of it is `--transport`.
const REMOTE_SAMPLE: &str = "=text,=command,=approval_command_accept,=approval_default,=concurrent,\
    =dynamic_tool,=fork,=goal,=interrupt_command,=mcp_elicitation_accept,=resume,=steer_text,=unknown_thread";

/// The parity suite of `cargo xtask test`: the golden engine, then the second one, then a sample over the
/// other transports.
pub(crate) fn suite(filter: Option<&str>) -> Result<Outcome> {
    let runs = [GOLDEN_VERSION, paths::SECOND_ENGINE].map(|engine| ParityArgs {
        engine: engine.to_owned(),
        filter: filter.map(str::to_owned),
        clients: Vec::new(),
        transport: Transport::Stdio,
        live: true,
        no_live: false,
        jobs: JOBS,
        exec: false,
        keep: false,
        // Those are about the packages; half a minute for another engine would show no more of them.
        no_own: engine != GOLDEN_VERSION,
    });
    let remote = [
        (Transport::Ws, Client::PythonAsync),
        (Transport::Unix, Client::Node),
    ];
    let remote = remote.map(|(transport, client)| ParityArgs {
        engine: GOLDEN_VERSION.to_owned(),
        filter: Some(REMOTE_SAMPLE.to_owned()),
        clients: vec![client],
        transport,
        no_live: true,
        ..runs[0].clone()
    });
    let mut all = Outcome::default();
    // Who asks for a scenario asks for it as it is.
    let remote = remote.into_iter().filter(|_| filter.is_none());
    for args in runs.iter().cloned().chain(remote) {
        let one = compare_clients(&args)?;
        all.passed += one.passed;
        all.failed += one.failed;
        let how = match args.transport {
            Transport::Stdio => String::new(),
            other => format!(" over {}", other.name()),
        };
        all.notes.extend(
            one.notes
                .into_iter()
                .map(|note| format!("{note} (engine {}{how})", args.engine)),
        );
    }
    Ok(all)
}

fn compare_clients(args: &ParityArgs) -> Result<Outcome> {
    let with_golden = args.engine == GOLDEN_VERSION;
    let mut clients = if args.clients.is_empty() {
        Client::OURS.to_vec()
    } else {
        args.clients.clone()
    };
    let ours = clients.len();
    let over_stdio = args.transport == Transport::Stdio;
    if with_golden && over_stdio && !args.no_live {
        clients.push(Client::Official);
    }
    let mut all = every_scenario(args.filter.as_deref())?;
    all.retain(|scenario| !(args.no_own && scenario.is_own()));
    let mut plan = Plan {
        scenarios: all.clone(),
        clients,
        engine: engine::find(&args.engine)?,
        python: paths::venv_bin("python"),
        work: work(),
        jobs: args.jobs.max(1),
        keep: args.keep,
        transport: args.transport,
    };
    let mut on_purpose = OnPurpose::read(&fixtures().join("differences.json"))?;
    if !over_stdio {
        on_purpose.extend(OnPurpose::read(
            &fixtures().join("remote-differences.json"),
        )?);
    }
    say(&format!(
        "parity: {} scenarios, engine {}, {}",
        plan.scenarios.len(),
        args.engine,
        args.transport.name()
    ));
    let total = all.len();
    let mut tally = Tally::default();
    let mut doubtful = Vec::new();
    run_plan(&plan, |scenario, seen| {
        let one = Tally::of(scenario, with_golden, &seen, &on_purpose);
        // A client that crashed is no matter of timing: that counts as it is.
        let died = |seen: &Seen| {
            seen.as_ref()
                .is_err_and(|error| error.starts_with(runner::DIED))
        };
        if one.differences == 0 || seen.values().any(died) {
            tally.add(one);
        } else {
            doubtful.push(scenario.clone());
        }
    })?;
    // The engine's own timing shows on a busy machine. What differs is run again with nothing beside it,
    // and that one counts; a real difference is there again.
    let tries = doubtful.len();
    if tries > 0 {
        say(&format!(
            "parity: {tries} scenarios differ and are run again, one at a time"
        ));
        plan.scenarios = doubtful;
        plan.jobs = 1;
        run_plan(&plan, |scenario, seen| {
            tally.add(Tally::of(scenario, with_golden, &seen, &on_purpose));
        })?;
        println!("second tries: {tries}");
    }
    if with_golden && args.filter.is_none() && args.clients.is_empty() {
        for entry in on_purpose.iter().filter(|entry| !entry.is_used()) {
            tally.differences += 1;
            tally.outcome.fail(format!(
                "{entry}: on purpose, but there is no such difference"
            ));
            println!("{entry}: on purpose, but there is no such difference");
        }
        for (folder, own) in [("golden", false), ("golden/own", true)] {
            let of_folder = all.iter().filter(|scenario| scenario.is_own() == own);
            for name in golden::strangers(folder, of_folder)? {
                tally.differences += 1;
                tally
                    .outcome
                    .fail(format!("{name}: a golden transcript without a scenario"));
            }
        }
    }
    println!(
        "on purpose: {} (fixtures/differences.json)",
        tally.on_purpose
    );
    let alone = match all.iter().filter(|scenario| scenario.is_own()).count() {
        0 => String::new(),
        own => format!(" ({own} of them without the official SDK, which cannot play them)"),
    };
    println!(
        "parity: {total} scenarios x {ours} clients{alone}, {} differences",
        tally.differences
    );
    Ok(tally.outcome)
}

/// Counts and prints while scenarios come in.
#[derive(Debug, Default)]
struct Tally {
    differences: usize,
    on_purpose: usize,
    outcome: Outcome,
}

impl Tally {
    /// What one scenario comes to.
    fn of(
        scenario: &Scenario,
        with_golden: bool,
        seen: &BTreeMap<Client, Seen>,
        on_purpose: &[OnPurpose],
    ) -> Self {
        let golden = with_golden.then(|| golden::read(&scenario.golden()));
        let mut tally = Self::default();
        // What one of ours has recorded is what all must give, but for what is listed by the scenario's name.
        let all = on_purpose.iter();
        let allowed: Vec<&OnPurpose> = all
            .filter(|entry| !scenario.is_own() || entry.is_of(scenario.name()))
            .collect();
        tally.scenario(scenario.name(), golden, seen, &allowed);
        tally
    }

    fn add(&mut self, other: Self) {
        self.differences += other.differences;
        self.on_purpose += other.on_purpose;
        self.outcome.passed += other.outcome.passed;
        self.outcome.failed += other.outcome.failed;
        self.outcome.notes.extend(other.outcome.notes);
    }

    fn scenario(
        &mut self,
        name: &str,
        golden: Option<Result<Value>>,
        seen: &BTreeMap<Client, Seen>,
        allowed: &[&OnPurpose],
    ) {
        let golden = match golden {
            Some(Ok(golden)) => Some(golden),
            Some(Err(error)) => {
                self.differences += 1;
                self.outcome.fail(name);
                println!("{name}: {error:#}");
                return;
            }
            None => None,
        };
        // Without a golden transcript the first client that answered is what the others must equal.
        let first = seen.iter().find_map(|(client, seen)| {
            seen.as_ref()
                .ok()
                .map(|steps| (*client, Value::from(steps.clone())))
        });
        let mut line = Vec::new();
        let mut details = Vec::new();
        for (client, steps) in seen {
            let mut found: Vec<(String, Difference)> = Vec::new();
            let mut broken = None;
            let mut excused = 0;
            let on_purpose = |path: &str| {
                allowed
                    .iter()
                    .any(|entry| entry.covers(name, client.name(), path))
            };
            match steps {
                Err(error) => broken = Some(error.clone()),
                Ok(steps) => {
                    let steps = Value::from(steps.clone());
                    if let Some(golden) = &golden {
                        let (all, known) = compare::with_golden(golden, &steps, on_purpose);
                        found.extend(all.into_iter().map(|one| ("golden".to_owned(), one)));
                        excused = known;
                    }
                    // Among our own nothing is on purpose but what the client itself is listed for.
                    if let Some((other, first)) = &first
                        && *client != Client::Official
                        && *other != Client::Official
                        && other != client
                    {
                        let listed = |path: &str| {
                            allowed
                                .iter()
                                .any(|entry| entry.covers_one(name, client.name(), path))
                        };
                        let known: Vec<_> = found.iter().map(|(_, one)| one.path.clone()).collect();
                        for one in compare::with_client(first, &steps) {
                            if listed(&one.path) {
                                excused += 1;
                            } else if !known.contains(&one.path) {
                                found.push((other.name().to_owned(), one));
                            }
                        }
                    }
                }
            }
            self.on_purpose += excused;
            let count = found.len() + usize::from(broken.is_some());
            self.differences += count;
            if count == 0 {
                self.outcome.passed += 1;
            } else {
                self.outcome.fail(format!("{name} {}", client.name()));
            }
            let note = if excused > 0 {
                format!("({excused} on purpose)")
            } else {
                String::new()
            };
            line.push(match (&broken, count) {
                (Some(_), _) => format!("{} BROKEN", client.name()),
                (None, 0) => format!("{} ok{note}", client.name()),
                (None, count) => format!("{} {count} DIFFERENCES{note}", client.name()),
            });
            if let Some(error) = broken {
                details.push(format!("    {}: {error}", client.name()));
            }
            let more = found.len().saturating_sub(6);
            for (against, one) in found.into_iter().take(6) {
                details.push(format!("    {} against {against} {one}", client.name()));
            }
            if more > 0 {
                details.push(format!("    {} … and {more} more", client.name()));
            }
        }
        println!("{name:<32} {}", line.join("  "));
        for detail in details {
            println!("{detail}");
        }
    }
}

/// Run every scenario on every client, a few at once; `done` gets each scenario when all its clients
/// are through.
fn run_plan(plan: &Plan, mut done: impl FnMut(&Scenario, BTreeMap<Client, Seen>)) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (send, mut receive) = mpsc::channel(64);
        let permits = Arc::new(Semaphore::new(plan.jobs));
        let mut tasks = Vec::new();
        for client in plan.clients.clone() {
            let (scenarios, send) = (plan.scenarios.clone(), send.clone());
            let place = Place {
                repo: paths::root(),
                work: plan.work.join(client.name()),
                engine: plan.engine.clone(),
                python: plan.python.clone(),
            };
            std::fs::create_dir_all(&place.work)?;
            let runner = clients::runner(client, &plan.python, &plan.work);
            let (permits, keep, transport) = (Arc::clone(&permits), plan.keep, plan.transport);
            tasks.push(tokio::spawn(async move {
                let mut runner = runner;
                for (index, scenario) in scenarios.iter().enumerate() {
                    if !plays(client, scenario) {
                        continue;
                    }
                    let Ok(_permit) = permits.acquire().await else {
                        return;
                    };
                    let mut place = place.clone();
                    place.work = place.work.join(scenario.name());
                    let seen = one(&mut runner, scenario, &place, transport).await;
                    if keep {
                        let text = match &seen {
                            Ok(steps) => format!("{:#}", Value::from(steps.clone())),
                            Err(error) => format!("{error:#}"),
                        };
                        let _ = std::fs::write(place.work.join("transcript.json"), text);
                    } else {
                        let _ = std::fs::remove_dir_all(&place.work);
                    }
                    let seen = seen.map_err(|error| format!("{error:#}"));
                    if send.send((index, client, seen)).await.is_err() {
                        return;
                    }
                }
            }));
        }
        drop(send);
        let mut waiting: BTreeMap<usize, BTreeMap<Client, Seen>> = BTreeMap::new();
        while let Some((index, client, seen)) = receive.recv().await {
            let entry = waiting.entry(index).or_default();
            entry.insert(client, seen);
            let scenario = &plan.scenarios[index];
            let mut players = plan.clients.iter();
            let wanted = players.by_ref().filter(|client| plays(**client, scenario));
            if entry.len() == wanted.count()
                && let Some(seen) = waiting.remove(&index)
            {
                done(scenario, seen);
            }
        }
        for task in tasks {
            task.await.context("a client's task ended badly")?;
        }
        anyhow::Ok(())
    })?;
    if !plan.keep {
        let _ = std::fs::remove_dir_all(&plan.work);
    }
    Ok(())
}

/// Whether a client can play a scenario.
fn plays(client: Client, scenario: &Scenario) -> bool {
    client != Client::Official || !scenario.is_own()
}

/// One scenario on one client: its own folders, its own model server, the transcript normalised.
async fn one(
    runner: &mut Runner,
    scenario: &Scenario,
    place: &Place,
    transport: Transport,
) -> Result<Vec<Value>> {
    scenario.prepare(place)?;
    let model = codexkit_testkit::ScriptedModel::start(&scenario.model())
        .await
        .with_context(|| format!("the model script of {}", scenario.name()))?;
    let mut job = scenario.job(place, &model.base_url());
    let engine = transport.engine(&mut job, &place.work).await?;
    let steps = runner.run(&job).await;
    if let Some(mut engine) = engine {
        engine.kill().await;
    }
    let saw = scenario
        .model_saw()
        .map(|wanted| wanted.step(&model.requests()));
    model.shutdown();
    let mut steps = steps?;
    steps.extend(saw);
    normalise::Normaliser::new(place.names()).steps(&mut steps, scenario.loose());
    Ok(steps)
}

/// Those that the official SDK plays, too.
fn scenarios(filter: Option<&str>) -> Result<Vec<Scenario>> {
    let scenarios = Scenario::read_all(&fixtures().join("scenarios"), filter)?;
    if let Some(own) = scenarios.iter().find(|scenario| scenario.is_own()) {
        bail!(
            "{}: without the official SDK it belongs into fixtures/own",
            own.name()
        );
    }
    Ok(scenarios)
}

/// Those, and those that ours alone play.
fn every_scenario(filter: Option<&str>) -> Result<Vec<Scenario>> {
    let own = Scenario::read_some(&fixtures().join("own"), filter)?;
    if let Some(other) = own.iter().find(|scenario| !scenario.is_own()) {
        let name = other.name();
        bail!("{name}: say in `official` why the official SDK cannot play it");
    }
    let none = own.is_empty();
    let mut all = Scenario::read_some(&fixtures().join("scenarios"), filter)?;
    if all.is_empty() && none {
        bail!("no scenario matches {}", filter.unwrap_or("*"));
    }
    all.extend(own);
    Ok(all)
}

fn fixtures() -> PathBuf {
    paths::root().join("fixtures")
}

fn work() -> PathBuf {
    paths::work(&format!("parity-{}", std::process::id()))
}
